"""What a row means beside the stored versions (FORMATS §1): nothing, a correction, a true return, or a fault."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.importing import deltaganden as deltagande_import
from registration.importing import writing
from registration.importing.register_import import import_register
from registration.models import (
    Anonyma,
    Deltagande,
    Identitet,
    Inregistrering,
    Insats,
    InsatsAgande,
    Utregistrering,
)
from registration.personnummer import parse
from registration.rules.change_number import change_number
from registration.rules.erase import withdraw_samtycke
from tests import factories, numbers

from . import folders
from .folders import OPEN, deltagande, forbund, insats

pytestmark = [pytest.mark.both, pytest.mark.django_db]

FEB, MAR, APR = (f"2018-{month}-20T10:00:00+01:00" for month in ("02", "03", "04"))
IN_A = "2018-01-20T10:00:00+01:00"
LEFT = "2018-07-02T10:00:00+02:00"
LATER = "2018-07-05T10:00:00+02:00"
AUTUMN = "2018-09-20T10:00:00+02:00"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The small register, read in."""
    folder = folders.write(tmp_path / "base", folders.register())
    assert folders.run(folder).ok
    return folder


def bring(tmp_path: Path, *rows: folders.Row) -> set[tuple[str, int, str, str]]:
    """Import nothing but these deltaganden; returns the findings."""
    folder = folders.write(tmp_path / "more", folders.only_deltaganden(*rows))
    return folders.found(folders.run(folder))


def ins(deltagande_id: str = "D1") -> list[tuple[str | None, dt.datetime]]:
    """(utbildning, known from) of the in-versions."""
    rows = Inregistrering.unscoped.filter(deltagande__deltagande_id=deltagande_id).order_by("nr")
    return list(rows.values_list("utbildning", "registrerad"))


def time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_the_same_again_changes_nothing(base: Path) -> None:
    """Row for row, in every table."""
    before, rows = folders.contents(), folders.row_counts()
    result = folders.run(base)
    assert result.ok and {count[:2] for count in result.counts.values()} == {(0, 0)}
    assert (folders.contents(), folders.row_counts()) == (before, rows)


def test_check_writes_nothing(tmp_path: Path) -> None:
    """`--check` of a sound register says so, and counts in every file what would be written."""
    folder = folders.write(tmp_path / "in", folders.register())
    result = folders.run(folder, check_only=True)
    assert result.ok and set(folders.row_counts().values()) == {0}
    said, *lines = result.success_lines()
    assert "Ingenting har lästs in." in said
    assert lines[:3] == [
        "forbund.csv: 2 nya, 0 ändrade, 0 oförändrade",
        "forbund_kommun.csv: 1 nya, 0 ändrade, 0 oförändrade",
        "insatser.csv: 4 nya, 0 ändrade, 0 oförändrade",
    ]


def member(**changes: str) -> folders.Row:
    return {"forbund_id": "F1", "kommunkod": "0114", "fran": "2010-01-01"} | changes


def year(ar: str, **changes: str) -> folders.Row:
    return {"insats_id": "I1", "ar": ar, "planerat_antal": "10", "budget": "1000"} | changes


def money(ar: str, **changes: str) -> folders.Row:
    return {"forbund_id": "F1", "ar": ar, "post": "stat", "budget": "1000"} | changes


def test_a_check_counts_what_the_import_then_does(tmp_path: Path) -> None:
    """One row new, one changed, one as before, in each descriptive file."""
    form = {"version": "V1", "giltig_fran": "2010-01-01"}
    first = folders.register()
    first |= {
        "samtyckesformular": [form, form | {"version": "V2"}],
        "forbund_kommun": [member(), member(kommunkod="0180")],
        "insatser": [insats("I1", behovsgrupper="missbruk|langtidssjukskrivna"), insats("I2", struktur=True)],
        "insats_ar": [year("2018"), year("2019")],
        "forbund_ar": [money("2018"), money("2019")],
    }
    assert not folders.found(folders.run(folders.write(tmp_path / "first", first)))
    second = {
        "samtyckesformular": [
            form,
            form | {"version": "V2", "giltig_till": "2030-01-01"},
            form | {"version": "V3"},
        ],
        "forbund": [forbund("F1"), forbund("F2", namn="Ett nytt namn"), forbund("F3")],
        "forbund_kommun": [member(), member(kommunkod="0180", till="2030-01-01"), member(kommunkod="0136")],
        "insatser": [
            insats("I1", behovsgrupper="langtidssjukskrivna|missbruk"),
            insats("I2", struktur=True, behovsgrupper="missbruk"),
            insats("I9"),
        ],
        "insats_ar": [year("2018"), year("2019", utfall="7"), year("2020")],
        "forbund_ar": [money("2018"), money("2019", utfall="7"), money("2020")],
    }
    folder = folders.write(tmp_path / "second", second)
    checked, done = folders.run(folder, check_only=True), folders.run(folder)
    assert not folders.found(checked) and checked.counts == done.counts
    assert set(done.counts.values()) == {(1, 1, 1)} and len(done.counts) == 6
    assert set(folders.run(folder, check_only=True).counts.values()) == {(0, 0, 3)}


def test_a_newer_time_is_when_a_correction_is_known_from(base: Path, tmp_path: Path) -> None:
    """In-part and out-part apart; the old versions stay."""
    late = "2018-08-01T10:00:00+02:00"
    assert not bring(tmp_path, deltagande("D1", 0, utbildning="grundskola", registrerad_in=FEB))
    assert ins() == [("gymnasium", time(IN_A)), ("grundskola", time(FEB))]
    assert Utregistrering.unscoped.count() == 1
    row = deltagande(
        "D1", 0, utbildning="grundskola", registrerad_in=FEB, slutdatum="2018-06-15", registrerad_ut=late
    )
    assert not bring(tmp_path, row)
    assert len(ins()) == 2
    assert list(Utregistrering.unscoped.order_by("nr").values_list("slutdatum", "registrerad")) == [
        (dt.date(2018, 6, 30), time("2018-07-02T10:00:00+02:00")),
        (dt.date(2018, 6, 15), time(late)),
    ]
    one = Deltagande.unscoped.select_related("aktuell_in", "aktuell_ut").get()
    assert one.aktuell_ut is not None
    assert (one.aktuell_in.utbildning, one.aktuell_ut.slutdatum) == ("grundskola", dt.date(2018, 6, 15))
    assert Identitet.unscoped.get().slutdatum == dt.date(2018, 6, 15)


def test_an_older_time_is_known_from_the_import(base: Path, tmp_path: Path) -> None:
    """Two in one file follow each other; reading them again changes nothing."""
    start = timezone.now()
    rows = [
        deltagande("D1", 0, utbildning="grundskola", registrerad_in="2018-01-18T10:00:00+01:00"),
        deltagande("D1", 0, utbildning="okand", registrerad_in="2018-01-19T10:00:00+01:00"),
    ]
    assert not bring(tmp_path, *rows)
    (_, first), (one, second), (other, third) = ins()
    assert (one, other) == ("grundskola", "okand")
    assert first < start < second < third <= timezone.now()
    assert not bring(tmp_path, *rows)
    assert len(ins()) == 3


def test_an_older_row_does_not_make_a_newer_one_late(base: Path, tmp_path: Path) -> None:
    """The newer is known from its own time and holds in the end; the older is known by the import, for a moment."""
    start = timezone.now()
    rows = [
        deltagande("D1", 0, utbildning="okand", registrerad_in=FEB),
        deltagande("D1", 0),
        deltagande("D1", 0, utbildning="grundskola", registrerad_in="2018-01-18T10:00:00+01:00"),
    ]
    assert not bring(tmp_path, *rows)
    assert [one for one, _ in ins()] == ["gymnasium", "okand", "grundskola", "okand"]
    times = [known for _, known in ins()]
    assert times[:2] == [time(IN_A), time(FEB)] and start < times[2] < times[3] <= timezone.now()
    before = folders.contents()
    assert not bring(tmp_path, *rows)
    assert folders.contents() == before


def test_a_full_history_after_its_last_version_ends_with_it(base: Path, tmp_path: Path) -> None:
    """First came only what held last, then how it came to that, with a return: in-part and out-part."""
    days = [("2018-06-01", "05"), ("2018-06-02", "06"), ("2018-06-01", "07")]
    outs = [
        {"slutdatum": day, "registrerad_ut": f"2018-06-{number}T10:00:00+02:00", "utbildning": utbildning,
         "registrerad_in": f"2018-01-{number}T10:00:00+01:00", "samtyckesdatum": "2018-01-02"}
        for (day, number), utbildning in zip(days, ("grundskola", "okand", "grundskola"), strict=True)
    ]  # fmt: skip
    last = deltagande("D2", 2, samtyckesdatum="2018-01-02")
    assert not bring(tmp_path, last)
    history = [deltagande("D2", 2, **one) for one in outs] + [last]
    assert not bring(tmp_path, *history)
    assert [one for one, _ in ins("D2")] == ["gymnasium", "grundskola", "okand", "grundskola", "gymnasium"]
    one = Deltagande.unscoped.select_related("aktuell_in", "aktuell_ut").get(deltagande_id="D2")
    assert one.aktuell_ut is not None
    assert (one.aktuell_in.utbildning, one.aktuell_ut.slutdatum) == ("gymnasium", dt.date(2018, 6, 30))
    assert Utregistrering.unscoped.filter(deltagande=one).count() == 5
    assert Identitet.unscoped.get(deltagande=one).slutdatum == dt.date(2018, 6, 30)
    before = folders.contents()
    assert not bring(tmp_path, *history)
    assert folders.contents() == before


def test_what_holds_is_judged_after_an_older_row(base: Path, tmp_path: Path) -> None:
    """Dates of an older row that the file goes on from are history and may lie outside the insats."""
    old = deltagande(
        "D1",
        0,
        startdatum="2014-12-01",
        samtyckesdatum="2018-01-10",
        registrerad_in="2018-01-18T10:00:00+01:00",
    )
    assert not bring(tmp_path, old, deltagande("D1", 0))
    assert Identitet.unscoped.get().startdatum == dt.date(2018, 1, 15)
    other = old | {"startdatum": "2014-11-01", "registrerad_in": "2018-01-17T10:00:00+01:00"}
    assert bring(tmp_path, other) == {("deltaganden.csv", 2, "startdatum", "utanfor_insatsen")}


def test_content_that_is_stored_with_another_time_changes_nothing(base: Path, tmp_path: Path) -> None:
    """Also that of an old version, as long as the row is not newer than everything stored."""
    bring(tmp_path, deltagande("D1", 0, utbildning="grundskola", registrerad_in=MAR))
    assert not bring(tmp_path, deltagande("D1", 0, registrerad_in=FEB))
    assert not bring(tmp_path, deltagande("D1", 0, utbildning="grundskola", registrerad_in=APR))
    assert len(ins()) == 2


def test_a_true_return_to_old_content_is_a_version(base: Path, tmp_path: Path) -> None:
    """A, B, and newer than both A again; from one file the same."""
    bring(tmp_path, deltagande("D1", 0, utbildning="grundskola", registrerad_in=FEB))
    assert not bring(tmp_path, deltagande("D1", 0, registrerad_in=MAR))
    expected = [("gymnasium", time(IN_A)), ("grundskola", time(FEB)), ("gymnasium", time(MAR))]
    assert ins() == expected
    rows = [
        deltagande("D2", 2, registrerad_in=MAR),
        deltagande("D2", 2),
        deltagande("D2", 2, utbildning="grundskola", registrerad_in=FEB),
    ]
    assert not bring(tmp_path, *rows)
    assert ins("D2") == expected
    assert not bring(tmp_path, *rows)
    assert ins("D2") == expected and Utregistrering.unscoped.count() == 2


def test_other_content_with_the_same_time_is_an_error(base: Path, tmp_path: Path) -> None:
    """In either part."""
    wrong = deltagande("D1", 0, utbildning="grundskola", slutdatum="2018-06-29")
    kind = "annat_innehall_samma_tid"
    assert bring(tmp_path, wrong) == {
        ("deltaganden.csv", 2, "registrerad_in", kind),
        ("deltaganden.csv", 2, "registrerad_ut", kind),
    }


def test_person_insats_and_samtyckesdatum_of_a_deltagande_stay(base: Path, tmp_path: Path) -> None:
    """Another of any is an error."""
    changes = {"personnummer": folders.number(3), "insats_id": "I3", "samtyckesdatum": "2018-01-11"}
    assert bring(tmp_path, deltagande("D1", 0, **changes)) == {
        ("deltaganden.csv", 2, "personnummer", "annat_personnummer"),
        ("deltaganden.csv", 2, "insats_id", "annan_insats"),
        ("deltaganden.csv", 2, "samtyckesdatum", "annat_samtyckesdatum"),
    }
    two = [deltagande("D2", 2), deltagande("D2", 3, registrerad_in=FEB)]
    assert bring(tmp_path, *two) == {("deltaganden.csv", 3, "personnummer", "annat_personnummer")}


def test_an_old_number_of_the_person_is_the_same_person(base: Path, tmp_path: Path) -> None:
    """It says nothing about the kön of a later version."""
    new = parse(numbers.pick(0, born=(1960, 1969), kon="M"), today=dt.date(2024, 1, 1))
    with acting_as(User.objects.system()):
        change_number(Deltagande.unscoped.get().pk, new, orsak="nytt nummer")
    assert not bring(tmp_path, deltagande("D1", 0))
    before = Inregistrering.unscoped.count()
    row = deltagande("D1", 0, utbildning="grundskola")
    row["registrerad_in"] = "2018-01-19T10:00:00+01:00"
    assert not bring(tmp_path, row)
    newest = Inregistrering.unscoped.order_by("nr").last()
    assert newest is not None and (newest.kon, newest.fodelsear) == ("M", new.birth_year)
    assert not bring(tmp_path, row)
    assert Inregistrering.unscoped.count() == before + 1


def test_no_import_brings_an_identity_back(base: Path, tmp_path: Path) -> None:
    """A row whose identity was removed is refused."""
    with acting_as(User.objects.system()):
        withdraw_samtycke([Deltagande.unscoped.get().pk])
    assert bring(tmp_path, deltagande("D1", 0)) == {("deltaganden.csv", 2, "deltagande_id", "avidentifierad")}
    assert not Identitet.unscoped.exists()


def test_somebody_new_who_has_left_is_written_once(tmp_path: Path) -> None:
    """Not first as somebody who is there still, to be changed at once: half of the rows of a register have left."""
    folder = folders.write(tmp_path / "in", folders.register())
    with CaptureQueriesContext(connection) as queries:
        assert folders.run(folder).ok
    assert Deltagande.unscoped.filter(aktuell_ut__isnull=False).exists()
    tables = ('UPDATE "registration_deltagande"', 'UPDATE "registration_identitet"')
    assert not [one["sql"] for one in queries if any(table in one["sql"] for table in tables)]


def test_out_comes_later_in_a_file_of_its_own(tmp_path: Path) -> None:
    """With references to what is stored. Out is compared with the first registration, not with a correction of it."""
    register = folders.register()
    register["deltaganden"] = [deltagande("D1", 0, **OPEN)]
    assert folders.run(folders.write(tmp_path / "in", register)).ok
    bring(tmp_path, deltagande("D1", 0, utbildning="grundskola", registrerad_in=APR, **OPEN))
    out = deltagande("D1", 0, slutdatum="2018-02-01", registrerad_ut=FEB)
    assert not bring(tmp_path, out)
    assert Deltagande.unscoped.get().forst_ut == time(FEB)


def test_overlap_is_judged_by_the_newest_versions(base: Path, tmp_path: Path) -> None:
    """Within the file and with what is stored; felregistreringar do not count; twice in one insats is allowed."""
    later = {
        "startdatum": "2018-07-01",
        "slutdatum": "2018-08-31",
        "registrerad_ut": "2018-09-01T10:00:00+02:00",
    }
    open_again = deltagande("D3", 0, startdatum="2018-09-01", **OPEN)
    assert bring(tmp_path, deltagande("D2", 0, **later | {"startdatum": "2018-06-30"})) == {
        ("deltaganden.csv", 2, "startdatum", "overlapp")
    }
    assert not bring(tmp_path, open_again, deltagande("D2", 0, **later))
    felaktig = deltagande("D4", 0, avslutsanledning="felregistrering", slutdatum="", registrerad_ut=MAR)
    assert not bring(tmp_path, felaktig)
    # Two periods that change places: in between they would overlap.
    moved = [
        deltagande("D1", 0, slutdatum="2018-03-31", registrerad_ut="2018-10-01T10:00:00+02:00"),
        deltagande(
            "D2", 0, **later | {"startdatum": "2018-04-01", "registrerad_in": "2018-10-01T10:00:00+02:00"}
        ),
    ]
    assert not bring(tmp_path, *reversed(moved))
    assert sorted(
        Identitet.unscoped.values_list("deltagande__deltagande_id", "startdatum", "felregistrerad")
    ) == [
        ("D1", dt.date(2018, 1, 15), False),
        ("D2", dt.date(2018, 4, 1), False),
        ("D3", dt.date(2018, 9, 1), False),
        ("D4", dt.date(2018, 1, 15), True),
    ]


def test_a_locked_deltagande_is_in_nobodys_way(base: Path, tmp_path: Path, settings: Any) -> None:
    """As one that is erased: a new deltagande of the person on the same days is read in."""
    settings.ERASURE_DECISION = ""
    factories.as_if_committed()
    with factories.as_system():
        withdraw_samtycke([Deltagande.unscoped.get(deltagande_id="D1").pk])
    assert bring(tmp_path, deltagande("D2", 0)) == set()
    assert Deltagande.unscoped.count() == 2


def test_totals_are_versions_by_insats_year_and_time(base: Path, tmp_path: Path) -> None:
    """An older time is fine; other counts with the same time are an error."""
    row = folders.register()["anonyma"][0]
    older = row | {"kvinnor": "7", "registrerad": "2018-11-01T12:00:00+01:00"}
    assert folders.run(folders.write(tmp_path / "b", {"anonyma": [row, older]})).ok
    assert Anonyma.unscoped.count() == 2
    wrong = folders.write(tmp_path / "c", {"anonyma": [row | {"kvinnor": "8"}]})
    assert folders.found(folders.run(wrong)) == {
        ("anonyma.csv", 2, "registrerad", "annat_innehall_samma_tid")
    }


def test_descriptions_are_updated_where_they_differ(base: Path, tmp_path: Path) -> None:
    """A merger passes the insats on; what is locked is refused, and a missing column leaves what was."""
    register: folders.Register = {
        "forbund": [forbund("F1", slutdatum="2018-12-31", uppgatt_i="F2"), forbund("F2", namn="Nytt namn")],
        "insatser": [
            insats("I1", namn="Omdöpt", behovsgrupper="missbruk"),
            insats("I3", forbund_id="F2", namn="Insats I1"),
        ],
    }
    result = folders.run(folders.write(tmp_path / "b", register))
    assert result.ok
    owners = InsatsAgande.objects.filter(insats__insats_id="I1").order_by("fran")
    assert list(owners.values_list("forbund__forbund_id", flat=True)) == ["F1", "F2"]
    assert {one.insats_id: one.namn for one in Insats.unscoped.all()}["I1"] == "Omdöpt"
    locked = {"insatser": [insats("I1", namn="Omdöpt", registreringssatt="volym", esf="1")]}
    assert folders.found(folders.run(folders.write(tmp_path / "c", locked))) == {
        ("insatser.csv", 2, "registreringssatt", "last_uppgift"),
        ("insatser.csv", 2, "esf", "last_uppgift"),
    }
    cut = {"insatser": [insats("I1", namn="Omdöpt", slutdatum="2018-06-29")]}
    assert folders.found(folders.run(folders.write(tmp_path / "d", cut))) == {
        ("insatser.csv", 2, "slutdatum", "deltaganden_utanfor")
    }


def test_a_failure_in_the_second_pass_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing, also when the writing itself breaks; the next try brings everything."""
    register = folders.register()
    register["deltaganden"] += [deltagande(f"D{person}", person) for person in range(2, 8)]
    folder = folders.write(tmp_path / "in", register)
    calls = []
    real = writing.write_new

    def fail_the_second_time(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(writing, "CHUNK", 3)
        patched.setattr(writing, "write_new", fail_the_second_time)
        with pytest.raises(RuntimeError, match="killed"):
            folders.run(folder)
    assert set(folders.row_counts().values()) == {0}
    call_command("import_register", folder, verbosity=0)
    assert folders.row_counts()["Deltagande"] == 7


def test_a_cancelled_second_pass_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told of progress cancels by an exception: no thread still writes on the connection while it is undone."""
    many = 60  # so many that they are copied
    register = folders.register()
    register["deltaganden"] = [deltagande(f"D{person}", person) for person in range(many)]
    folder = folders.write(tmp_path / "in", register)

    def cancel(done: int, of: int, text: str) -> None:
        if of and done > many + many // 2:
            raise RuntimeError("cancelled")

    monkeypatch.setattr(writing, "CHUNK", 20)
    monkeypatch.setattr(deltagande_import, "PROGRESS_EVERY", 1)
    with pytest.raises(RuntimeError) as raised, acting_as(User.objects.system()):
        import_register(folder, progress=cancel)
    assert str(raised.value) == "cancelled"  # whoever catches it holds the frames that it passed through
    assert not connection.execute_wrappers
    assert set(folders.row_counts().values()) == {0}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # What the row itself says, corrected the day after.
        ({"slutdatum": "2018-01-14"}, {"registrerad_ut": LATER}),
        # The start was another when the slut became known.
        (
            {"startdatum": "2018-06-01", "slutdatum": "2018-03-01"},
            {"startdatum": "2018-02-01", "registrerad_in": LATER, "slutdatum": "2018-03-01"},
        ),
    ],
)
def test_each_version_must_have_been_possible_when_it_was_known(
    tmp_path: Path, first: folders.Row, second: folders.Row
) -> None:
    """slut ≥ start holds of every row that was ever what was known, not only of the newest dates (decisions/0007)."""
    register = folders.register()
    register["deltaganden"] = [deltagande("D1", 0, **first), deltagande("D1", 0, **second)]
    result = folders.run(folders.write(tmp_path / "in", register), check_only=True)
    assert folders.found(result) == {("deltaganden.csv", 2, "slutdatum", "slut_fore_start")}


def test_a_stored_version_and_a_told_one_must_go_together_too(base: Path, tmp_path: Path) -> None:
    """The start of a told version passes the stored slut, which was corrected long after."""
    moved = deltagande("D1", 0, startdatum="2018-07-20", registrerad_in=LATER)
    longer = moved | {"slutdatum": "2018-08-31", "registrerad_ut": AUTUMN}
    assert bring(tmp_path, moved, longer) == {("deltaganden.csv", 2, "startdatum", "slut_fore_start")}
    together = longer | {"registrerad_in": AUTUMN}
    assert not bring(tmp_path, together)
    one = Identitet.unscoped.get()
    assert (one.startdatum, one.slutdatum) == (dt.date(2018, 7, 20), dt.date(2018, 8, 31))


@pytest.mark.parametrize(
    ("stored", "told", "column"),
    [
        # Open since January; a start before that comes late, with a slut that was known in July already.
        (OPEN, {"startdatum": "2017-01-15", "slutdatum": "2017-06-30", "registrerad_in": FEB}, "slutdatum"),
        # Out since July; a later slut comes late, with a start after the old slut that was known in the autumn already.
        (
            {"registrerad_ut": LATER},
            {"startdatum": "2018-07-10", "registrerad_in": AUTUMN, "slutdatum": "2018-08-31"},
            "startdatum",
        ),
    ],
)
def test_what_comes_late_was_not_known_beside_the_rest(
    tmp_path: Path, stored: folders.Row, told: folders.Row, column: str
) -> None:
    """Each row says what is possible, but a part of it becomes known only by the import. Until then a start after its
    slut would have been known, and the export of that could not be read in anywhere."""
    register = folders.register()
    register["deltaganden"] = [deltagande("D1", 0, **{"registrerad_in": MAR} | stored)]
    assert folders.run(folders.write(tmp_path / "in", register)).ok
    assert bring(tmp_path, deltagande("D1", 0, **told)) == {("deltaganden.csv", 2, column, "slut_fore_start")}


@pytest.mark.parametrize(
    "older", [[], [{"utbildning": "okand", "registrerad_in": "2018-01-18T10:00:00+01:00"}]]
)
def test_a_period_that_moves_may_come_with_an_older_row(
    base: Path, tmp_path: Path, older: list[folders.Row]
) -> None:
    """Its start was known before its slut, and the row is stated again after what comes late: it was known all the
    same at its own times."""
    moved = deltagande(
        "D1", 0, startdatum="2018-07-10", registrerad_in=LATER, slutdatum="2018-08-01", registrerad_ut=AUTUMN
    )
    assert bring(tmp_path, *(deltagande("D1", 0, **one) for one in older), moved) == set()
    one = Identitet.unscoped.get()
    assert (one.startdatum, one.slutdatum) == (dt.date(2018, 7, 10), dt.date(2018, 8, 1))


def test_a_felregistrering_that_is_undone_lies_within_its_insats(tmp_path: Path) -> None:
    """Nobody asks where a felregistrering lies; once it counts again, its start is held against the insats too."""
    register = folders.register()
    wrong = {"startdatum": "2014-01-15", "slutdatum": "", "avslutsanledning": "felregistrering"}
    register["deltaganden"] = [deltagande("D1", 0, **wrong)]
    assert folders.run(folders.write(tmp_path / "in", register)).ok
    undone = deltagande("D1", 0, startdatum="2014-01-15", registrerad_ut=LATER)
    outside = ("deltaganden.csv", 2, "startdatum", "utanfor_insatsen")
    assert bring(tmp_path, undone) == {outside}
    assert bring(tmp_path, undone | {"startdatum": "2014-02-15", "registrerad_in": LATER}) == {outside}
    assert not bring(tmp_path, undone | {"startdatum": "2018-01-15", "registrerad_in": LATER})


def test_start_and_slut_corrected_by_turns_can_be_read_in(tmp_path: Path) -> None:
    """Each row was possible, though dates of different times would not go together: the first slut lies before the last
    start; a start is corrected in the moment of the first slut; a whole period moves, its start known first."""
    register = folders.register()
    left = deltagande("D1", 0, slutdatum="2018-03-01")
    longer = left | {"slutdatum": "2018-07-01", "registrerad_ut": LATER}
    wrong = deltagande("D2", 1, **OPEN | {"startdatum": "2018-06-01"})
    period = {"startdatum": "2018-07-10", "slutdatum": "2018-08-01"}
    register["deltaganden"] = [
        deltagande("D1", 0, **OPEN),
        left,
        longer,
        longer | {"startdatum": "2018-06-01", "registrerad_in": AUTUMN},
        wrong,
        deltagande("D2", 1, startdatum="2018-02-01", slutdatum="2018-03-01", registrerad_in=LEFT),
        deltagande("D3", 2),
        deltagande("D3", 2, **period, registrerad_in=LATER, registrerad_ut=AUTUMN),
    ]
    assert folders.found(folders.run(folders.write(tmp_path / "in", register))) == set()
    periods = Identitet.unscoped.order_by("deltagande__deltagande_id").values_list("startdatum", "slutdatum")
    assert list(periods) == [
        (dt.date(2018, 6, 1), dt.date(2018, 7, 1)),
        (dt.date(2018, 2, 1), dt.date(2018, 3, 1)),
        (dt.date(2018, 7, 10), dt.date(2018, 8, 1)),
    ]


def test_the_last_moment_of_a_day_is_that_day(tmp_path: Path) -> None:
    """Half a thousandth of a second before midnight in Sweden, in summer and in winter."""
    register = folders.register()
    times = ("2018-01-20T23:59:59.999999+01:00", "2018-06-20T23:59:59.9995+02:00")
    register["deltaganden"] = [
        deltagande(f"D{n}", n, registrerad_in=time) for n, time in enumerate(times, start=1)
    ]
    assert folders.run(folders.write(tmp_path / "in", register)).ok
    days = Identitet.unscoped.order_by("registrerad_dag").values_list("registrerad_dag", flat=True)
    assert list(days) == [dt.date(2018, 1, 20), dt.date(2018, 6, 20)]
