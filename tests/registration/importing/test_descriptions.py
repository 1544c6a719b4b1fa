"""Förbund, kommuner, insatser and money as they come in and go out again (FORMATS §1)."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from django.db import transaction

from registration.models import Forbund, ForbundAr, ForbundKommun, Insats, InsatsAgande, Stadsdel
from registration.personnummer import check_digit

from . import folders
from .folders import deltagande, forbund, insats
from .test_export import Emptied, export, files

pytestmark = [pytest.mark.both, pytest.mark.django_db]

NINE = "222000123"
DIGITS = f"{NINE}{check_digit(NINE)}"


def member(**changes: str) -> folders.Row:
    return {"forbund_id": "F1", "kommunkod": "0180", "fran": "2010-01-01"} | changes


def bring(folder: Path, register: folders.Register) -> set[tuple[str, int, str, str]]:
    """Import these files; returns the findings."""
    return folders.found(folders.run(folders.write(folder, register)))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The small register, read in; Södermalm is in the list of stadsdelar."""
    Stadsdel.objects.create(kommun_id="0180", namn="Södermalm", giltig_fran=dt.date(2007, 1, 1))
    assert not bring(tmp_path / "base", folders.register())
    return tmp_path


@pytest.mark.parametrize(
    ("till", "kinds"), [("2018-01-14", ["kommun_utanfor"]), ("2018-01-15", []), ("2018-13-01", None)]
)
def test_a_kommun_is_outside_by_what_the_files_say_of_the_first_day(
    tmp_path: Path, till: str, kinds: list[str] | None
) -> None:
    """D1 started on 15 January. The file holds over what is stored; a day that cannot be read is told alone."""
    one = folders.register()
    assert not bring(tmp_path / "first", one | {"deltaganden": []})
    folder = folders.write(
        tmp_path / "then",
        {"forbund_kommun": [member(kommunkod="0114", till=till)], "deltaganden": one["deltaganden"]},
    )
    result = folders.run(folder, check_only=True, keep_warnings=True)
    told = [found.kind for found in result.warnings if found.kind == "kommun_utanfor"]
    assert told == (kinds or []) and result.ok == (kinds is not None)


def test_a_stadsdel_may_be_the_member(base: Path) -> None:
    """Beside the whole kommun, and twice in another time; an export brings all of them back, byte for byte."""
    rows = [
        member(),
        member(stadsdel="Södermalm", till="2014-12-31"),
        member(stadsdel="Södermalm", fran="2016-01-01"),
    ]
    assert not bring(base / "in", {"forbund_kommun": rows})
    before = list(
        ForbundKommun.objects.order_by("pk").values_list("kommun", "stadsdel__namn", "fran", "till")
    )
    assert len(before) == 4
    result = folders.run(base / "in")
    assert result.counts["forbund_kommun.csv"] == (0, 0, 3)
    try:
        with transaction.atomic():
            exported = files(export(base / "a"))
            ForbundKommun.objects.all().delete()
            assert folders.run(base / "a").ok
            after = ForbundKommun.objects.values_list("kommun", "stadsdel__namn", "fran", "till")
            assert sorted(after, key=str) == sorted(before, key=str)
            assert files(export(base / "b")) == exported
            raise Emptied
    except Emptied:
        pass
    with (base / "a" / "forbund_kommun.csv").open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file, delimiter=";")
        assert read.fieldnames and read.fieldnames[-1] == "stadsdel"
        assert [row["stadsdel"] for row in read] == ["", "", "Södermalm", "Södermalm"]


def test_faults_of_memberships(base: Path) -> None:
    """A stadsdel of another kommun; an overlap, in the file and with what is stored; a changed till is none."""
    rows = [
        member(kommunkod="0114", stadsdel="Södermalm"),
        member(till="2012-12-31"),
        member(fran="2012-12-31"),
        member(kommunkod="0114", fran="2015-01-01"),
        member(kommunkod="0114", fran="2015-01-01"),
        member(forbund_id="F2", kommunkod="0114", fran="2015-01-01"),
    ]
    assert bring(base / "in", {"forbund_kommun": rows}) == {
        ("forbund_kommun.csv", 2, "stadsdel", "stadsdel_okand"),
        ("forbund_kommun.csv", 4, "fran", "medlemskap_overlappar"),
        ("forbund_kommun.csv", 5, "fran", "medlemskap_overlappar"),
        ("forbund_kommun.csv", 6, "forbund_id", "dubblett"),
    }
    ended = [member(kommunkod="0114", till="2014-12-31"), member(kommunkod="0114", fran="2015-01-01")]
    assert not bring(base / "ended", {"forbund_kommun": ended})
    assert ForbundKommun.objects.count() == 2


def test_an_organisationsnummer_is_checked_and_kept_in_one_form(base: Path) -> None:
    """With or without hyphen it is the same, and a missing column leaves it."""
    written = f"{DIGITS[:6]}-{DIGITS[6:]}"
    for text in (DIGITS, written):
        assert not bring(base / "in", {"forbund": [forbund("F1", organisationsnummer=text)]})
        assert Forbund.unscoped.get(forbund_id="F1").organisationsnummer == written
    (base / "in" / "forbund.csv").write_text(
        "forbund_id;namn;startdatum\nF1;Förbund F1;2010-01-01\n", "utf-8"
    )
    assert folders.run(base / "in").counts["forbund.csv"] == (0, 0, 1)
    wrong = [forbund("F1", organisationsnummer=f"{NINE}{(check_digit(NINE) + 1) % 10}")]
    assert bring(base / "in", {"forbund": wrong}) == {
        ("forbund.csv", 2, "organisationsnummer", "organisationsnummer")
    }


def test_money_is_not_negative(base: Path) -> None:
    """Nor is what was spent."""
    register: folders.Register = {
        "forbund_ar": [{"forbund_id": "F1", "ar": "2018", "post": "stat", "budget": "-1", "utfall": "0"}],
        "insats_ar": [{"insats_id": "I1", "ar": "2018", "utfall_esf": "-5"}],
    }
    assert bring(base / "in", register) == {
        ("forbund_ar.csv", 2, "budget", "negativt"), ("insats_ar.csv", 2, "utfall_esf", "negativt"),
    }  # fmt: skip
    assert ForbundAr.objects.get().budget == 1000


def test_dates_that_were_corrected_since_may_lie_outside_the_insats(base: Path) -> None:
    """The insats begins later now; the old start is history, in the file and in an export."""
    late = deltagande("D1", 0, startdatum="2018-03-01", registrerad_in="2018-09-01T10:00:00+02:00")
    register: folders.Register = {
        "insatser": [insats("I1", startdatum="2018-03-01", slutdatum="2018-06-30")],
        "deltaganden": [deltagande("D1", 0), late],
    }
    assert not bring(base / "in", register)
    assert Insats.unscoped.get(insats_id="I1").startdatum == dt.date(2018, 3, 1)
    assert folders.run(base / "in").counts["deltaganden.csv"] == (0, 0, 2)
    try:
        with transaction.atomic():
            exported, contents = files(export(base / "a")), folders.contents()
            raise Emptied
    except Emptied:
        pass
    assert folders.run(base / "a").ok
    assert folders.contents() == contents and files(export(base / "b")) == exported


def test_newest_dates_bind_however_they_came(base: Path) -> None:
    """Stored ones, whether the file names the deltagande or not, and those that the file brings."""
    cut = [insats("I1", startdatum="2018-02-01", slutdatum="2018-06-29")]
    outside = {
        ("insatser.csv", 2, "startdatum", "deltaganden_utanfor"),
        ("insatser.csv", 2, "slutdatum", "deltaganden_utanfor"),
    }
    assert bring(base / "a", {"insatser": cut}) == outside
    assert bring(base / "b", {"insatser": cut, "deltaganden": [deltagande("D1", 0)]}) == outside
    later = deltagande("D1", 0, slutdatum="2018-06-01", registrerad_ut="2018-09-01T10:00:00+02:00")
    assert bring(base / "c", {"insatser": cut, "deltaganden": [later, deltagande("D2", 2)]}) == {
        ("insatser.csv", 2, "startdatum", "deltaganden_utanfor"),
        ("deltaganden.csv", 3, "startdatum", "utanfor_insatsen"),
        ("deltaganden.csv", 3, "slutdatum", "utanfor_insatsen"),
    }
    wrong = deltagande("D1", 0, startdatum="2014-01-01", utbildning="doktor", registrerad_in="x")
    assert bring(base / "d", folders.only_deltaganden(wrong)) == {
        ("deltaganden.csv", 2, "startdatum", "utanfor_insatsen"),
        ("deltaganden.csv", 2, "utbildning", "kod_okand"),
        ("deltaganden.csv", 2, "registrerad_in", "tid"),
    }


def test_years_with_numbers_stay_within_the_insats(base: Path) -> None:
    """Anonyma and volym too, in whatever version: an export could not be read in again."""
    cut = [
        insats("I4", struktur=True, slutdatum="2017-12-31"),
        insats("I2", struktur=True, startdatum="2019-01-01"),
        insats("I1", slutdatum="2018-07-01"),
    ]
    assert bring(base / "a", {"insatser": cut}) == {("insatser.csv", 3, "startdatum", "antal_utanfor")}
    early = [insats("I2", struktur=True, slutdatum="2017-12-31"), insats("I1", slutdatum="2018-12-01")]
    assert bring(base / "b", {"insatser": early}) == {("insatser.csv", 2, "slutdatum", "antal_utanfor")}
    anonyma = {
        "insats_id": "I1",
        "ar": "2020",
        "kvinnor": "1",
        "man": "0",
        "registrerad": "2021-01-10T12:00:00+01:00",
    }
    assert not bring(base / "c", {"anonyma": [anonyma]})
    assert bring(base / "d", {"insatser": early[1:]}) == {("insatser.csv", 2, "slutdatum", "antal_utanfor")}


def test_an_insats_stays_within_every_forbund_that_takes_it_over(base: Path) -> None:
    """F1 went up in F2, F2 in F3. The förbund whose row changes is to blame, and nobody when it does not matter."""
    chain = [forbund("F1", slutdatum="2018-12-31", uppgatt_i="F2"), forbund("F3", slutdatum="2030-12-31")]
    assert bring(base / "a", {"forbund": chain}) == set()
    assert InsatsAgande.objects.filter(insats__insats_id="I1").count() == 2
    ended = forbund("F2", slutdatum="2020-12-31")
    outside = ("slutdatum", "insats_utanfor")
    assert bring(base / "b", {"forbund": [ended]}) == {("forbund.csv", 2, *outside)}
    rows = [ended | {"uppgatt_i": "F3"}, chain[1] | {"namn": "Nytt namn"}]
    assert bring(base / "c", {"forbund": rows}) == {("forbund.csv", 2, *outside)}
    rows[1]["slutdatum"] = ""
    assert not bring(base / "d", {"forbund": rows})
    assert bring(base / "e", {"forbund": [forbund("F3", slutdatum="2025-12-31")]}) == {
        ("forbund.csv", 2, *outside)
    }
    closed = [insats(f"I{n}", struktur=n in (2, 4), slutdatum="2019-12-31") for n in (1, 2, 4)]
    assert not bring(
        base / "f", {"insatser": [*closed, insats("I3", forbund_id="F2", slutdatum="2019-12-31")]}
    )
    assert not bring(base / "g", {"forbund": [forbund("F3", slutdatum="2025-12-31")]})
