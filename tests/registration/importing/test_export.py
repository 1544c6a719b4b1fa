"""The round trip: export, import into an empty register, and every version is there again (FORMATS §1)."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.models import Atkomst, Handling, User
from registration.importing.register_export import export_register
from registration.models import Deltagande, Identitet, Samtycke, Samtyckesformular
from registration.personnummer import parse
from registration.rules.change_number import change_number
from registration.rules.erase import protect_identity, withdraw_samtycke
from tests import numbers

from . import folders
from .folders import OPEN, deltagande

pytestmark = [pytest.mark.both, pytest.mark.django_db]

FEB, MAR = "2018-02-20T10:00:00+01:00", "2018-03-20T10:00:00+01:00"


def full_register(folder: Path) -> None:
    """Corrections, a return, twice the same insats, a changed number, a withdrawal, a protection, a lock, a receipt."""
    Samtyckesformular.objects.create(version="F-1", giltig_fran=dt.date(2017, 1, 1), namner_behovsgrupp=True)
    register = folders.register()
    receipt = {
        "samtyckesversion": "F-1",
        "referenskod": "ABC",
        "original_mottaget": "2018-03-01",
        "samtycke_sprak": "ar",
    }
    register["deltaganden"] += [
        deltagande("D1", 0, utbildning="grundskola", registrerad_in=FEB),
        deltagande(
            "D1", 0, registrerad_in=MAR, slutdatum="2018-06-29", registrerad_ut="2018-07-05T10:00:00+02:00"
        ),
        deltagande("D2", 0, startdatum="2018-07-01", **OPEN),
        deltagande("D3", 3, **receipt),
        deltagande("D4", 4, efternamn='Svår;"namn"', **OPEN),
        deltagande("D5", 5, utbildning="okand", registrerad_in=FEB),
        deltagande("D5", 5),
        deltagande("D6", 6, avslutsanledning="felregistrering", slutdatum=""),
        deltagande("D7", 7),
    ]
    assert folders.run(folders.write(folder, register)).ok
    pk = dict(Deltagande.unscoped.values_list("deltagande_id", "pk"))
    with acting_as(User.objects.system()):
        withdraw_samtycke([pk["D4"]])
        protect_identity([pk["D5"]])
        new = parse(numbers.pick(0, born=(1960, 1969), kon="M"), today=dt.date(2024, 1, 1))
        change_number(pk["D1"], new, orsak="nytt nummer")
        Identitet.unscoped.filter(deltagande=pk["D7"]).update(
            begransad=timezone.now(), begransad_orsak="skyddad"
        )


def export(folder: Path) -> Path:
    with acting_as(User.objects.system()):
        export_register(folder)
    return folder


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


class Emptied(Exception):
    """Ends the look into an empty register."""


def test_an_export_imported_into_an_empty_register_says_the_same(tmp_path: Path) -> None:
    """Every version with its time, and the export of the copy is the same, byte for byte."""
    try:
        with transaction.atomic():
            full_register(tmp_path / "in")
            before = folders.contents()
            files_before = files(export(tmp_path / "a"))
            raise Emptied
    except Emptied:
        pass
    assert set(folders.row_counts().values()) == {0}
    Samtyckesformular.objects.create(version="F-1", giltig_fran=dt.date(2017, 1, 1), namner_behovsgrupp=True)
    result = folders.run(tmp_path / "a")
    assert result.ok, result.failure_lines()
    assert files(export(tmp_path / "b")) == files_before
    after = folders.contents()
    for name in ("Anonyma", "Volym"):
        assert after[name] == before[name]
    # Of the locked one, D7, the copy has only what is left of an erased one.
    same = {key: [row for row in rows if row[0] != "D7"] for key, rows in before.items()}  # type: ignore[index]
    assert {key: [row for row in rows if row[0] != "D7"] for key, rows in after.items()} == same  # type: ignore[index]
    receipt = Samtycke.unscoped.get(referenskod="ABC")
    assert (receipt.sprak, receipt.original_mottaget, receipt.inlast) == ("ar", dt.date(2018, 3, 1), False)
    again = folders.run(tmp_path / "a")
    assert again.ok and {count[:2] for count in again.counts.values()} == {(0, 0)}


def test_start_and_slut_that_were_corrected_by_turns_come_back(tmp_path: Path) -> None:
    """Each import said what is possible, but the second version of the one does not go with the second of the other:
    the start was known to be wrong only by the import, the slut long before."""
    late = {"startdatum": "2018-06-30", "registrerad_in": "2018-07-01T10:00:00+02:00"}
    steps = [
        late,
        late | {"utbildning": "okand", "registrerad_in": FEB},
        {"startdatum": "2018-02-01", "utbildning": "okand", "registrerad_in": MAR},
        {
            "startdatum": "2018-02-01", "utbildning": "okand", "registrerad_in": MAR, "slutdatum": "2018-03-01",
            "registrerad_ut": "2018-08-01T10:00:00+02:00",
        },
    ]  # fmt: skip
    try:
        with transaction.atomic():
            for n, step in enumerate(steps):
                register = folders.register() | {"deltaganden": [deltagande("D1", 0, **step)]}
                result = folders.run(folders.write(tmp_path / f"in{n}", register))
                assert result.ok, result.failure_lines()
            before = folders.contents()
            files_before = files(export(tmp_path / "a"))
            raise Emptied
    except Emptied:
        pass
    result = folders.run(tmp_path / "a")
    assert result.ok, result.failure_lines()
    assert folders.contents() == before
    assert files(export(tmp_path / "b")) == files_before


def test_an_export_is_logged_and_for_the_owner_only(tmp_path: Path) -> None:
    """One row per deltagande whose identity is written, and numbers and names in one file only."""
    full_register(tmp_path / "in")
    folder = export(tmp_path / "out" / "a")
    logged = Atkomst.objects.filter(handling=Handling.EXPORTERAT).values_list("objekt_id", flat=True)
    live = Deltagande.unscoped.exclude(deltagande_id__in=["D4", "D5", "D7"]).values_list("pk", flat=True)
    assert sorted(logged) == sorted(map(str, live))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
    with (folder / "avidentifierade.csv").open(encoding="utf-8", newline="") as file:
        erased = {row["deltagande_id"]: row["orsak"] for row in csv.DictReader(file, delimiter=";")}
    assert erased == {"D4": "aterkallat", "D5": "skyddad", "D7": "skyddad"}
    told = "".join(text for name, text in files(folder).items() if name != "deltaganden.csv")
    assert folders.number(4) not in told and "Testdotter" not in told


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """And stays as it was."""
    (tmp_path / "kept").write_text("x")
    with pytest.raises(CommandError, match="inte tom"):
        call_command("export_register", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    with pytest.raises(CommandError, match="är en fil"):
        call_command("export_register", tmp_path / "kept")


def test_what_is_erased_cannot_overwrite_what_is_live(tmp_path: Path) -> None:
    """avidentifierade.csv about a live deltagande is an error; about an erased one nothing, if it says the same."""
    full_register(tmp_path / "in")
    kon = "M" if int(folders.number(5)[10]) % 2 else "K"
    row = {
        "deltagande_id": "D3", "insats_id": "I1", "kon": kon, "start_ar": "2018", "registrerad_in": FEB,
        "avidentifierad": MAR, "orsak": "skyddad",
    }  # fmt: skip
    rows = [
        row,
        row | {"deltagande_id": "D5"},
        row | {"deltagande_id": "D9", "orsak": "lust", "start_ar": "x"},
        row
        | {"deltagande_id": "D5", "registrerad_in": folders.register()["deltaganden"][0]["registrerad_in"]},
        row | {"deltagande_id": "D4", "insats_id": "I3"},
    ]
    result = folders.run(folders.write(tmp_path / "b", {"avidentifierade": rows}))
    assert folders.found(result) == {
        ("avidentifierade.csv", 2, "deltagande_id", "ej_avidentifierad"),
        ("avidentifierade.csv", 4, "orsak", "kod_okand"),
        ("avidentifierade.csv", 4, "start_ar", "ar"),
        ("avidentifierade.csv", 6, "insats_id", "annat_an_registrerat"),
        ("avidentifierade.csv", 6, "orsak", "annat_an_registrerat"),
        ("avidentifierade.csv", 6, "registrerad_in", "annat_an_registrerat"),
    }
