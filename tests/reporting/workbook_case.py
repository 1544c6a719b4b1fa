"""Tables of a small register with labels that a spreadsheet would love to calculate, and the workbook read back."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook

from reporting.tables.compute import Row, TableResult
from tests.reporting.raw_folders import CODES, Raw, run

META: dict[str, object] = {
    "id": "0b6f3c1e-7d6e-4a57-9a0e-6c5b1c8f2a11",
    "year": 2018,
    "as_of": "2019-01-16T23:59:59+01:00",
    "taken_at": "2019-01-17T08:12:03+01:00",
    "content_hash": "a1b2c3d4" * 8,
    "software": "0.1.0",
    "definitions": "2026-1",
}
HOSTILE = {
    "gymnasium": "=1+1",
    "grundskola": "+46 8 123",
    "eftergymnasial": "-19",
    "okand": "@SUM(A1)",
    "ej_grundskola": "#N/A",
    "sjukpenning": "\t=cmd|' /C calc'!A0",
    "forsorjningsstod": "sträng_x0041_\x07 med tecken",
}
FORBUND_A = '=HYPERLINK("http://example.test";"klicka")'


def as_read(text: str) -> str:
    """How openpyxl reads a label back: no control characters, and what looks like an escape is escaped."""
    return text.replace("\x07", " ").replace("_x0041_", "_x005F_x0041_")


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def small_register(shift: int = 0) -> Raw:
    """Nine people of whom six leave; `shift` years earlier."""
    raw = Raw()
    raw.files["forbund"][0]["namn"] = FORBUND_A
    for row in raw.files["koder"]:
        row["etikett"] = HOSTILE.get(str(row["kod"]), row["etikett"])
    sources, schools = CODES["forsorjning"].split(), CODES["utbildning"].split()
    year = 2018 - shift
    for number in range(9 - shift):
        out = number % 3 != 2
        raw.deltagande(
            f"d{number}", f"p{number}", f"{year}-0{number % 6 + 1}-05", f"{year}-11-2{number}" if out else None,
            efter={"arbetar": 50 * (number % 2), "studerar": 0, "arbetssokande": number % 2,
                   "forsorjning": sources[(number + 1) % 5]} if out else None,
            fore={"arbetar": 0, "studerar": 0, "arbetssokande": 1, "forsorjning": f"{sources[number % 5]}:hel"},
            insats="I1" if number % 4 else "I2", kon="KM"[number % 2], fodelsear=1950 + 7 * number,
            utbildning=schools[number % 5] if number else None,
        )  # fmt: skip
    raw.add(
        "anonyma", ar=year, insats="I1", nr=1, registrerad=f"{year}-12-01 10:00:00", kvinnor=4, man=3 + shift
    )
    raw.add(
        "volym", ar=year, insats="I2", nr=1, registrerad=f"{year}-12-01 10:00:00", antal=10, kvinnor=4, man=5
    )
    raw.add("forbund_ar", ar=year, forbund="A", post="stat", budget="1234567.50", utfall=2000000)
    return raw


def small_tables(folder: Path, *, before: bool = True) -> list[TableResult]:
    """The tables of the small register, beside the year before when there is one."""
    return run(folder, small_register(), small_register(1) if before else None).results


def with_hidden(tables: Sequence[TableResult]) -> list[TableResult]:
    """The same tables with every count of 1 to 4 hidden, and the shares beside them."""

    def hidden(row: Row) -> Row:
        small = isinstance(row["varde"], int) and 1 <= row["varde"] <= 4
        return row | {"varde": None, "status": "skyddat"} if small else row

    return [replace(result, rows=[hidden(row) for row in result.rows]) for result in tables]


class Book:
    """A written workbook, both as openpyxl reads it and as the XML that it is."""

    def __init__(self, path: Path) -> None:
        self.workbook: Any = load_workbook(path)
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            self.parts = {name: archive.read(name) for name in archive.namelist()}

    def xml(self, prefix: str) -> dict[str, Any]:
        """The parsed parts whose names begin so."""
        return {
            name: fromstring(content, forbid_dtd=True)
            for name, content in self.parts.items()
            if name.startswith(prefix) and name.endswith(".xml")
        }

    def head(self, sheet: str) -> int:
        """The row number of the header of the sheet's only table."""
        [table] = self.workbook[sheet].tables.values()
        return int("".join(letter for letter in table.ref.split(":")[0] if letter.isdigit()))

    def table(self, sheet: str) -> tuple[list[str], list[list[Any]]]:
        """The header texts and the rows of the sheet's only table."""
        ws = self.workbook[sheet]
        [table] = ws.tables.values()
        header, *rows = [[cell.value for cell in row] for row in ws[table.ref]]
        return header, rows

    def above(self, sheet: str) -> list[str]:
        """The lines of text above the table."""
        ws = self.workbook[sheet]
        return [str(ws.cell(row, 1).value) for row in range(1, self.head(sheet))]
