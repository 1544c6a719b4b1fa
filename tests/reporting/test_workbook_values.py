"""Every figure of the workbook is the figure of the tables."""

import csv
from pathlib import Path
from typing import Any

import pytest

from reporting.tables.base import KON, Measure
from reporting.tables.compute import TableResult
from reporting.uttag.output import write_csv
from reporting.workbook import write_workbook
from tests.reporting.workbook_case import META, Book, small_tables, with_hidden

UNITS = {"kronor": " (kronor)", "procent": " (procent)", "procentenheter": " (procentenheter)",
         "dagar": " (dagar)", "antal": ""}  # fmt: skip
SIGNS = {"ej_tillamplig": ".", "skyddat": "[skyddat]"}


@pytest.fixture(scope="module", params=["year before", "no year before", "hidden"])
def case(request: Any, tmp_path_factory: Any) -> tuple[list[TableResult], Book, Path]:
    folder = tmp_path_factory.mktemp("values")
    tables = small_tables(folder, before=request.param != "no year before")
    if request.param == "hidden":
        tables = with_hidden(tables)
    return tables, Book(write_workbook(folder / "bok.xlsx", META, tables)), folder


def expected_header(result: TableResult, row: dict[str, Any], measure: Measure, down: set[str]) -> str:
    """The heading of the column in which a tidy row belongs, in the words of the layout's own promise."""
    year = row.get("ar", result.year)
    text = f"{measure.label} " + (f"{year - 1}\u2013{year}" if measure.change else str(year))
    for dimension in result.table.dimensions:
        if dimension.id in row and dimension.id not in down:
            text += f", {dimension.label.lower()}: {result.labels[dimension.id][row[dimension.id]]}"
    if "kon" in row:
        text += f", {KON[row['kon']].lower()}"
    return " ".join((text + UNITS[measure.unit]).replace("\x07", " ").split())


def test_every_cell_of_every_table(case: tuple[list[TableResult], Book, Path]) -> None:
    tables, book, _ = case
    for result in tables:
        if not result.table.dimensions:
            continue
        header, rows = book.table(f"Tabell {result.table.number}")
        codes = [at for at, text in enumerate(header) if text.endswith(", kod")]
        down = {each.id for each in result.table.dimensions if f"{each.label}, kod" in header}
        names = [each.id for each in result.table.dimensions if each.id in down]
        cells = {
            (tuple(row[at] for at in codes), text): row[place]
            for row in rows
            for place, text in enumerate(header)
            if place > max(codes)
        }
        measures = {measure.id: measure for measure in result.table.measures}
        left_out = not any("ar" in row and row["status"] != "ej_tillamplig" for row in result.rows)
        for tidy in result.rows:
            if left_out and "ar" in tidy:
                continue
            key = (
                tuple(tidy[name] for name in names),
                expected_header(result, tidy, measures[str(tidy["matt"])], down),
            )
            found = cells.pop(key)
            if tidy["status"] is None:
                assert found == tidy["varde"], (result.table.id, key)
                assert type(found) is not str
            else:
                assert found == SIGNS[str(tidy["status"])], (result.table.id, key)
        assert set(cells.values()) <= {"."}, result.table.id


def test_a_table_without_dimensions_stands_on_its_side(case: tuple[list[TableResult], Book, Path]) -> None:
    tables, book, _ = case
    seen = 0
    for result in tables:
        if result.table.dimensions:
            continue
        header, rows = book.table(f"Tabell {result.table.number}")
        assert header[:4] == ["Mått", "Mått, kod", "Enhet", str(result.year)]
        for tidy in result.rows:
            year = str(tidy.get("ar", result.year))
            if year not in header:
                assert tidy["status"] == "ej_tillamplig"
                continue
            [row] = [row for row in rows if row[1] == tidy["matt"]]
            wanted = tidy["varde"] if tidy["status"] is None else SIGNS[str(tidy["status"])]
            assert row[header.index(year)] == wanted
            seen += 1
    assert seen


def test_data_is_the_same_as_data_csv(case: tuple[list[TableResult], Book, Path]) -> None:
    tables, book, folder = case
    path = write_csv(folder / "csv", tables)[-1]
    assert path.name == "data.csv"
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file, delimiter=";"))
    header, rows = book.table("Data")
    assert header == expected[0] and len(rows) == len(expected) - 1
    value, year = header.index("varde"), header.index("ar")
    for row, wanted in zip(rows, expected[1:], strict=True):
        assert isinstance(row[year], int)
        number = row.pop(value)
        assert number is None or isinstance(number, int | float)
        assert number == (float(written) if (written := wanted.pop(value)) else None)
        assert ["" if each is None else str(each) for each in row] == wanted


def test_every_code_of_data_is_explained(case: tuple[list[TableResult], Book, Path]) -> None:
    _, book, _ = case
    header, rows = book.table("Data")
    _, meanings = book.table("Variabler")
    explained = {(row[0], row[1]) for row in meanings}
    assert [row[0] for row in meanings if row[1] == "."] == header
    for at, name in enumerate(header):
        if name not in ("ar", "varde"):
            assert {(name, row[at]) for row in rows if row[at] is not None} <= explained
    assert all(value is not None for row in meanings for value in row)


def test_the_year_before_stands_beside_the_year_where_there_is_one(tmp_path: Path) -> None:
    book = Book(write_workbook(tmp_path / "bok.xlsx", META, small_tables(tmp_path)))
    header, _ = book.table("Tabell 7")
    assert header == [
        "Ålder", "Ålder, kod", "Antal 2018, kvinnor", "Antal 2018, män", "Antal 2018, totalt", "Antal 2017, kvinnor",
        "Antal 2017, män", "Antal 2017, totalt", "Andel 2018, kvinnor (procent)", "Andel 2018, män (procent)",
        "Andel 2018, totalt (procent)", "Andel 2017, kvinnor (procent)", "Andel 2017, män (procent)",
        "Andel 2017, totalt (procent)",
    ]  # fmt: skip
    header, _ = book.table("Tabell 6")
    assert "Förändring 2017\u20132018, kvinnor (procent)" in header
    lonely = Book(write_workbook(tmp_path / "ensam.xlsx", META, small_tables(tmp_path / "e", before=False)))
    header, _ = lonely.table("Tabell 7")
    assert not [text for text in header if "2017" in text]
    assert "För 2017 fanns inget registrerat." in lonely.above("Tabell 7")


def test_kvalitet_shows_the_whole_country(case: tuple[list[TableResult], Book, Path]) -> None:
    tables, book, _ = case
    result = next(each for each in tables if each.table.id == "kvalitet")
    header, rows = book.table("Kvalitet")
    assert header == ["Nyckeltal", "Enhet", "2018", "2017"]
    for measure, row in zip(result.table.measures, rows, strict=True):
        [cell] = [
            each for each in result.rows
            if each["forbund"] == "totalt" and each["matt"] == measure.id and "ar" not in each
        ]  # fmt: skip
        wanted = cell["varde"] if cell["status"] is None else SIGNS[str(cell["status"])]
        assert (row[0], row[2]) == (measure.label, wanted)


def test_what_came_late_or_went_stands_on_kvalitet(tmp_path: Path) -> None:
    tables = small_tables(tmp_path)
    deltagare = next(result for result in tables if result.table.id == "deltagare")
    deltagare.notes.append("3 registreringar är inkomna sent.")
    book = Book(write_workbook(tmp_path / "bok.xlsx", META, tables))
    assert "3 registreringar är inkomna sent." in book.above("Kvalitet")
    assert any("Fastställt uttag för 2017 saknas" in line for line in book.above("Kvalitet"))
