"""Delimiters, encodings and workbooks, as Excel stores things."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from registration.importing.register_import import ImportAborted
from registration.models import Deltagande, Inregistrering

from . import folders

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def as_excel(name: str, value: str) -> Any:
    """The value as Excel would keep it: dates and numbers as such, leading zeros lost."""
    if name in ("kommunkod", "personnummer", "arbetar_fore", "ar", "kvinnor"):
        return float(value) if value else None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(value), dt.time())
    except ValueError:
        return value or None


def workbook(path: Path, register: folders.Register, suffix: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in register.items():
        sheet = book.create_sheet(name + suffix)
        sheet.append(folders.COLUMNS[name])
        for row in rows:
            sheet.append([as_excel(column, row.get(column, "")) for column in folders.COLUMNS[name]])
    book.save(path)
    return path


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_a_workbook_says_the_same_as_a_folder(tmp_path: Path, suffix: str) -> None:
    """Read after the folder it changes nothing at all."""
    assert folders.run(folders.write(tmp_path / "in", folders.register())).ok
    before = folders.contents()
    result = folders.run(workbook(tmp_path / "register.xlsx", folders.register(), suffix))
    assert result.ok and {count[:2] for count in result.counts.values()} == {(0, 0)}
    assert folders.contents() == before
    assert Inregistrering.unscoped.get().kommun_id == "0114"


def test_faults_in_a_workbook_have_the_row_of_the_sheet(tmp_path: Path) -> None:
    """And its name. Also an unknown sheet, and a time without offset, which Excel's own times are."""
    register = folders.register()
    register["deltaganden"][0]["arbetar_fore"] = "12.5"
    register["deltaganden"][0]["registrerad_in"] = "2018-01-20"
    path = workbook(tmp_path / "register.xlsx", register)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Blad1")
    book.save(path)
    assert folders.found(folders.run(path)) == {
        ("Blad1", 0, "", "okant_blad"),
        ("deltaganden", 2, "arbetar_fore", "heltal"),
        ("deltaganden", 2, "registrerad_in", "tid_utan_tidszon"),
    }


def test_comma_and_byte_order_mark(tmp_path: Path) -> None:
    """The delimiter is found by itself."""
    folder = folders.write(tmp_path / "in", folders.register(), delimiter=",", encoding="utf-8-sig")
    assert folders.run(folder).ok
    assert Deltagande.unscoped.count() == 1


def test_what_is_no_register_is_refused_in_plain_words(tmp_path: Path) -> None:
    """A missing path, an empty folder, a file that only says it is a workbook, entities, and too many parts."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "not.xlsx").write_bytes(b"PK\x03\x04nonsense")
    hostile = workbook(tmp_path / "hostile.xlsx", folders.register())
    with zipfile.ZipFile(hostile, "a") as archive:
        archive.writestr("xl/extra.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    many = workbook(tmp_path / "many.xlsx", folders.register())
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(250):
            archive.writestr(f"xl/part{number}.xml", "<x/>")
    for name in ("missing", "empty", "not.xlsx", "hostile.xlsx", "many.xlsx"):
        with pytest.raises(ImportAborted):
            folders.run(tmp_path / name)
    with pytest.raises(CommandError, match="finns inte"):
        call_command("import_register", tmp_path / "missing")


def test_utf16_is_one_finding(tmp_path: Path) -> None:
    """It hides no other file's."""
    folder = folders.write(tmp_path / "in", folders.register())
    (folder / "forbund.csv").write_text((folder / "forbund.csv").read_text("utf-8"), "utf-16")
    text = (folder / "insatser.csv").read_text("utf-8")
    (folder / "insatser.csv").write_text(text.replace("2015-01-01", "fel", 1), "utf-8")
    assert folders.found(folders.run(folder)) == {
        ("forbund.csv", 0, "", "olasbar"),
        ("insatser.csv", 2, "startdatum", "datum"),
    }
