"""Names and receipts of known deltaganden: what has no versions, as a file brings it (FORMATS §1)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from finsam_site.access.models import Atkomst
from registration.models import Deltagande, Identitet, Inregistrering, Samtycke, Samtyckesformular

from . import folders
from .folders import deltagande
from .test_export import export, files

pytestmark = [pytest.mark.both, pytest.mark.django_db]

FEB, MAR = "2018-02-20T10:00:00+01:00", "2018-03-20T10:00:00+01:00"
LATE = "2018-09-01T10:00:00+02:00"
RECEIPT = {"samtyckesversion": "F-1", "referenskod": "ABC", "samtycke_sprak": "ar"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The small register, read in: D1 is Provia Testdotter0, with a samtycke whose receipt is unknown."""
    Samtyckesformular.objects.create(version="F-1", giltig_fran=dt.date(2017, 1, 1))
    assert folders.run(folders.write(tmp_path / "base", folders.register())).ok
    return tmp_path


def bring(folder: Path, *rows: folders.Row) -> tuple[int, int, int]:
    """Import these rows twice: the second time nothing changes and nothing is logged. Gives the first counts."""
    folders.write(folder / "more", folders.only_deltaganden(*rows))
    result = folders.run(folder / "more")
    assert result.ok, result.failure_lines()
    logged, there = Atkomst.objects.count(), people()
    again = folders.run(folder / "more")
    assert again.ok and again.counts["deltaganden.csv"] == (0, 0, len(rows))
    assert (Atkomst.objects.count(), people()) == (logged, there)
    return result.counts["deltaganden.csv"]


def faults(folder: Path, *rows: folders.Row) -> set[tuple[str, int, str, str]]:
    """What an import of these rows finds wrong."""
    return folders.found(folders.run(folders.write(folder / "wrong", folders.only_deltaganden(*rows))))


def people() -> dict[str, tuple[str, str]]:
    found = Identitet.unscoped.select_related("deltagande")
    return {one.deltagande.deltagande_id: one.decrypt_names() for one in found}


def receipt() -> tuple[object, ...]:
    one = Samtycke.unscoped.get(identitet__deltagande__deltagande_id="D1")
    return one.referenskod, one.sprak, one.inlast, one.original_skickat, one.original_mottaget


def test_another_name_is_taken_and_makes_no_version(base: Path) -> None:
    """Counted as a correction; a cell that is empty leaves the name. Known newer, or with a receipt, is new enough."""
    assert bring(base, deltagande("D1", 0, fornamn="Prova", efternamn="", registrerad_ut=LATE)) == (0, 1, 0)
    assert people() == {"D1": ("Prova", "Testdotter0")}
    assert Inregistrering.unscoped.count() == 1
    (row,) = Atkomst.objects.filter(syfte="rättat namn")
    assert row.objekt_id == str(Deltagande.unscoped.get().pk)


def test_of_several_rows_the_newest_names(base: Path) -> None:
    """Of a known deltagande and of a new one, in whatever order they stand."""
    newer = {"registrerad_in": FEB, "utbildning": "grundskola"}
    rows = [
        deltagande("D1", 0, fornamn="Ny", **newer),
        deltagande("D1", 0, fornamn="Gammal"),
        deltagande("D2", 2, fornamn="Ny", **newer),
        deltagande("D2", 2, fornamn="Gammal"),
    ]
    assert bring(base, *rows)[:2] == (1, 2)
    assert people() == {"D1": ("Ny", "Testdotter0"), "D2": ("Ny", "Testdotter2")}


def test_an_older_row_does_not_bring_the_old_name_back(base: Path) -> None:
    """It is a warning: the file says another name than the register."""
    newer = deltagande("D1", 0, fornamn="Ny", registrerad_in=LATE, utbildning="grundskola")
    assert bring(base, newer) == (0, 1, 0)
    assert bring(base, deltagande("D1", 0)) == (0, 0, 1)
    assert people()["D1"][0] == "Ny"
    result = folders.run(base / "base", keep_warnings=True)
    assert result.ok and [(one.row, one.column, one.value, one.kind) for one in result.warnings] == [
        (2, "fornamn", "", "namn_aldre")
    ]


def test_at_equal_times_a_name_alone_is_not_taken(base: Path) -> None:
    """Nobody can tell which of two is the older; with something else that is new, the row is the newer."""
    folders.write(base / "more", folders.only_deltaganden(deltagande("D1", 0, fornamn="Gammal")))
    result = folders.run(base / "more", keep_warnings=True)
    assert result.ok and result.counts["deltaganden.csv"] == (0, 0, 1)
    assert [(one.row, one.column, one.kind) for one in result.warnings] == [(2, "fornamn", "namn_aldre")]
    assert people()["D1"][0] == "Provia"
    assert bring(base, deltagande("D1", 0, fornamn="Ny", **RECEIPT)) == (0, 1, 0)
    assert people()["D1"][0] == "Ny"


def test_no_behovsgrupp_comes_under_a_form_that_does_not_name_it(base: Path) -> None:
    """Not in a row without the code, when the register or another row knows which form was signed."""
    bring(base, deltagande("D1", 0, **RECEIPT))
    grupp = {"behovsgrupp": "langtidssjukskrivna", "registrerad_in": FEB}
    rows = [deltagande("D1", 0, **grupp), deltagande("D2", 2, **RECEIPT | {"referenskod": "D2"})]
    rows.append(deltagande("D2", 2, **grupp))
    kind = "behovsgrupp_ej_i_formular"
    assert faults(base, *rows) == {
        ("deltaganden.csv", 2, "behovsgrupp", kind), ("deltaganden.csv", 4, "behovsgrupp", kind),
    }  # fmt: skip
    Samtyckesformular.objects.create(version="F-2", giltig_fran=dt.date(2017, 1, 1), namner_behovsgrupp=True)
    named = RECEIPT | {"samtyckesversion": "F-2", "referenskod": "D3"}
    assert bring(base, deltagande("D3", 3, **named), deltagande("D3", 3, **grupp))[0] == 1


def test_no_receipt_comes_whose_form_does_not_name_a_stored_behovsgrupp(base: Path) -> None:
    """Whichever version has it: an export could not be read in again."""
    grupp = {"behovsgrupp": "langtidssjukskrivna"}
    bring(base, deltagande("D2", 2, **grupp), deltagande("D2", 2, registrerad_in=FEB))
    assert faults(base, deltagande("D2", 2, registrerad_in=FEB, **RECEIPT)) == {
        ("deltaganden.csv", 2, "samtyckesversion", "behovsgrupp_ej_i_formular")
    }


def test_another_form_for_the_same_samtycke_is_an_error(base: Path) -> None:
    """As another code is; in one file too."""
    Samtyckesformular.objects.create(version="F-2", giltig_fran=dt.date(2017, 1, 1))
    bring(base, deltagande("D1", 0, **RECEIPT))
    other = {"samtyckesversion": "F-2"}
    rows = [
        deltagande("D1", 0, **RECEIPT | other),
        deltagande("D2", 2, **RECEIPT | {"referenskod": "D2"}),
        deltagande(
            "D2", 2, registrerad_in=FEB, utbildning="okand", **RECEIPT | other | {"referenskod": "D2"}
        ),
    ]
    assert faults(base, *rows) == {
        ("deltaganden.csv", 2, "samtyckesversion", "annan_samtyckesversion"),
        ("deltaganden.csv", 4, "samtyckesversion", "annan_samtyckesversion"),
    }


def test_receipts_become_fuller_and_never_emptier(base: Path) -> None:
    """The code and the form where they were unknown, then days that are set, then later ones."""
    assert bring(base, deltagande("D1", 0, **RECEIPT)) == (0, 1, 0)
    assert receipt() == ("ABC", "ar", False, None, None)
    sent, received = dt.date(2018, 2, 1), dt.date(2018, 3, 1)
    days = RECEIPT | {"original_skickat": str(sent), "original_mottaget": str(received)}
    assert bring(base, deltagande("D1", 0, **days)) == (0, 1, 0)
    for earlier in (RECEIPT, RECEIPT | {"original_skickat": "2018-01-20"}, {}):
        assert bring(base, deltagande("D1", 0, **earlier)) == (0, 0, 1)
    assert receipt() == ("ABC", "ar", False, sent, received)
    rows = [
        deltagande("D1", 0, **days | {"original_mottaget": "2018-03-02"}),
        deltagande(
            "D1", 0, registrerad_in=FEB, utbildning="okand", **days | {"original_skickat": "2018-02-02"}
        ),
    ]
    assert bring(base, *rows) == (0, 2, 0)
    assert receipt()[3:] == (dt.date(2018, 2, 2), dt.date(2018, 3, 2))


def test_a_new_deltagande_has_the_receipt_of_all_its_rows(base: Path) -> None:
    """Also when the first row does not have it."""
    rows = [
        deltagande("D2", 2),
        deltagande("D2", 2, registrerad_in=FEB, utbildning="okand", **RECEIPT),
        deltagande("D2", 2, registrerad_in=MAR, **RECEIPT, original_mottaget="2018-03-01"),
    ]
    assert bring(base, *rows)[0] == 1
    one = Samtycke.unscoped.get(referenskod="ABC")
    assert (one.inlast, one.original_mottaget) == (False, dt.date(2018, 3, 1))


def test_another_code_for_the_same_samtycke_is_an_error(base: Path) -> None:
    """Nothing would keep the old one. In one file too."""
    bring(base, deltagande("D1", 0, **RECEIPT))
    other = RECEIPT | {"referenskod": "XYZ"}
    rows = [
        deltagande("D1", 0, **other),
        deltagande("D2", 2, **RECEIPT | {"referenskod": "D2A"}),
        deltagande("D2", 2, registrerad_in=FEB, utbildning="okand", **RECEIPT | {"referenskod": "D2B"}),
    ]
    found = folders.found(folders.run(folders.write(base / "b", folders.only_deltaganden(*rows))))
    assert found == {
        ("deltaganden.csv", 2, "referenskod", "annan_referenskod"),
        ("deltaganden.csv", 4, "referenskod", "annan_referenskod"),
    }


def test_an_export_has_the_corrected_name_in_every_row(base: Path) -> None:
    """So that reading it in again changes nothing, here and elsewhere."""
    bring(base, deltagande("D1", 0, fornamn="Ny", registrerad_in=LATE, utbildning="okand", **RECEIPT))
    text = files(export(base / "a"))["deltaganden.csv"]
    assert text.count(";Ny;") == 2 and "Provia" not in text
    logged = Atkomst.objects.count()
    result = folders.run(base / "a")
    assert result.counts["deltaganden.csv"] == (0, 0, 2) and Atkomst.objects.count() == logged


def test_kon_that_is_not_the_numbers_is_odd_in_the_newest_version_only(base: Path) -> None:
    """In older ones it is history, from before a change of number."""
    kon = "M" if int(folders.number(2)[10]) % 2 == 0 else "K"
    old, new = deltagande("D2", 2, kon=kon), deltagande("D2", 2, registrerad_in=FEB, fodelsear="1950")
    folder = folders.write(base / "b", folders.only_deltaganden(old, deltagande("D3", 3, kon="X")))
    assert folders.found(folders.run(folder)) == {("deltaganden.csv", 3, "kon", "kon")}
    folder = folders.write(base / "b", folders.only_deltaganden(old, new))
    result = folders.run(folder, check_only=True, keep_warnings=True)
    assert [(one.row, one.column, one.kind) for one in result.warnings] == [(3, "kon", "annat_an_numret")]
    bring(base, old, deltagande("D2", 2, registrerad_in=FEB))
