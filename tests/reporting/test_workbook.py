"""The promises of FORMATS §4, read in the XML of the file."""

import datetime as dt
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from finsam_site.ui.tokens import color
from reporting.charts import charts_of
from reporting.tables.compute import TableResult
from reporting.tables.definitions import definition
from reporting.workbook import INTERN, workbook_name, write_workbook
from tests.reporting.workbook_case import FORBUND_A, HOSTILE, MAIN, META, Book, as_read, small_tables

FIRST = ["Omslag", "Innehåll", "Definitioner", "Kvalitet", "Teckenförklaring"]
LAST = ["Data", "Variabler"]
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: Any) -> list[TableResult]:
    return small_tables(tmp_path_factory.mktemp("register"))


@pytest.fixture(scope="module")
def path(tables: list[TableResult], tmp_path_factory: Any) -> Path:
    return write_workbook(tmp_path_factory.mktemp("bok") / workbook_name(META), META, tables)


@pytest.fixture(scope="module")
def book(path: Path) -> Book:
    return Book(path)


def test_the_sheets_stand_in_their_order(book: Book, tables: list[TableResult]) -> None:
    drawn = {data.table for data in charts_of(tables, META)}
    expected = list(FIRST)
    for result in tables:
        expected.append(f"Tabell {result.table.number}")
        if result.table.id in drawn:
            expected.append(f"Diagram {result.table.number}")
    assert book.workbook.sheetnames == [*expected, *LAST]
    assert len(drawn) == 10


def test_internal_says_so_everywhere(book: Book, path: Path) -> None:
    assert path.name == f"{INTERN} \u2013 Finsam 2018, känt 2019-01-16 kl 23.59, a1b2c3d4.xlsx"
    for sheet in book.workbook:
        assert sheet["A1"].value == INTERN
        assert sheet.oddFooter.left.text == INTERN
    assert any(INTERN in str(row[1]) for row in book.table("Omslag")[1])
    assert INTERN in book.workbook.properties.title


def test_numbers_of_the_cover_are_numbers(book: Book, tables: list[TableResult]) -> None:
    facts = dict(book.table("Omslag")[1])
    assert (facts["Statistikår"], facts["Antal tabeller"]) == (2018, len(tables))
    assert {row[1].number_format for row in book.workbook["Omslag"].iter_rows() if row[1].value == 2018} == {
        "0"
    }


def test_colours_are_those_of_the_pages(book: Book) -> None:
    """Women are solid and men striped, in the tokens' tones; before is another tone or stripe than after."""
    drawn = {
        colour.get("val")
        for chart in book.xml("xl/charts/").values()
        for colour in chart.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}srgbClr")
    }
    named = {name: color(name) for name in ("women", "men", "men-ground", "total", "ink", "hair")}
    assert set(named.values()) <= drawn
    assert len(drawn - set(named.values()) - {"FFFFFF"}) <= 2  # the pale ones of women and of all
    styles = book.parts["xl/styles.xml"].decode()
    assert color("accent") in styles and color("ink") in styles and "0B4F6C" not in styles


def test_publishable_says_it_nowhere(tables: list[TableResult], tmp_path: Path) -> None:
    name = workbook_name(META, publishable=True)
    written = Book(write_workbook(tmp_path / name, META, tables, publishable=True))
    assert "INTERN" not in name
    for part, content in written.parts.items():
        assert b"INTERN" not in content, part
    for sheet in written.workbook:
        assert sheet["A1"].value


def test_nothing_is_a_formula_whatever_the_labels_are(book: Book) -> None:
    sheets = book.xml("xl/worksheets/")
    assert len(sheets) == len(book.workbook.sheetnames)
    for name, root in sheets.items():
        assert root.find(f".//{MAIN}f") is None, name
        kinds = {cell.get("t", "n") for cell in root.iter(f"{MAIN}c")}
        assert kinds <= {"n", "inlineStr", "s"}, name
    assert not [name for name in book.parts if "externalLink" in name or "vba" in name.lower()]
    links = [part for name, part in book.parts.items() if name.startswith("xl/worksheets/_rels")]
    assert not any(b"External" in part for part in links)


def test_hostile_labels_stand_as_they_are(book: Book) -> None:
    shown = {row[0] for row in book.table("Tabell 8")[1]} | {row[0] for row in book.table("Tabell 10")[1]}
    for code, label in HOSTILE.items():
        if code not in ("forsorjningsstod", "unga"):
            assert label in shown, code
    assert "Sträng_x005F_x0041_  med tecken" in shown  # read by a spreadsheet as sträng_x0041_
    assert FORBUND_A in {row[0] for row in book.table("Tabell 21")[1]}
    for sheet in book.workbook:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    assert cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@", "\t"))


def test_ages_and_other_codes_are_text(book: Book) -> None:
    header, rows = book.table("Tabell 7")
    assert [row[header.index("Ålder, kod")] for row in rows] == [
        "-19", "20-24", "25-29", "30-39", "40-49", "50-59", "60-"
    ]  # fmt: skip
    assert "0180" in {row[1] for row in book.table("Tabell 23")[1]}


def test_one_named_table_a_sheet_with_one_header_row(book: Book) -> None:
    names = []
    for sheet in book.workbook:
        [table] = sheet.tables.values()
        names.append(table.displayName.lower())
        assert re.fullmatch(r"[a-zåäö][a-zåäö0-9_]{4,}|data", table.displayName)
        assert not re.fullmatch(r"[a-z]{1,3}\d+", table.displayName)
        columns = [column.name for column in table.tableColumns]
        header, rows = book.table(sheet.title)
        assert header == columns
        assert len({text.lower() for text in columns}) == len(columns)
        assert all(0 < len(text) <= 255 for text in columns)
        assert table.headerRowCount in (1, None) and not table.totalsRowCount
        assert rows
        assert table.ref.startswith("A") and sheet.max_row == book.head(sheet.title) + len(rows)
        assert (table.autoFilter is not None) == (sheet.title in (*LAST, "Tabell 16"))
    assert len(set(names)) == len(names)
    assert {"tabell_deltagare", "diagram_deltagare", "data", "variabler", "omslag"} <= set(names)
    ids = [root.get("id") for root in book.xml("xl/tables/").values()]
    assert len(set(ids)) == len(names)


def test_no_cell_of_a_table_is_empty(book: Book) -> None:
    for sheet in book.workbook.sheetnames:
        if sheet != "Data":
            _, rows = book.table(sheet)
            assert all(value not in (None, "") for row in rows for value in row), sheet


def test_nothing_merged_nothing_hidden(book: Book) -> None:
    for name, root in book.xml("xl/worksheets/").items():
        assert root.find(f"{MAIN}mergeCells") is None, name
        assert not [each for each in root.iter() if each.get("hidden") in ("1", "true")], name
        assert root.find(f".//{MAIN}c[@r='A1']") is not None, name
    assert all(sheet.sheet_state == "visible" for sheet in book.workbook)
    assert not list(book.workbook.defined_names)


def test_title_population_unit_notes_and_definitions_stand_above(
    book: Book, tables: list[TableResult]
) -> None:
    _, meanings = book.table("Definitioner")
    first = book.head("Definitioner") + 1
    at = {row[0]: first + number for number, row in enumerate(meanings)}
    assert {row[0]: row[2] for row in meanings}["andel"] == definition("andel", 2018).text
    assert {row[0]: row[4] for row in meanings}["huvudmatt"] == "till och med 2020"
    for result in tables:
        sheet = f"Tabell {result.table.number}"
        lines = book.above(sheet)
        assert lines[1] == f"Tabell {result.table.number}. {result.table.title} 2018"
        assert result.table.population in lines[2] and f"Enhet: {result.table.unit}." in lines[2]
        assert " ".join(result.notes) in " ".join(lines)
        [used] = [line for line in lines if line.startswith("Definitioner: ")]
        terms = ", ".join(definition(id_, 2018).term for id_ in result.table.definitions)
        assert used == f"Definitioner: {terms}"
        link = next(
            cell.hyperlink
            for (cell,) in book.workbook[sheet]["A1:A20"]
            if str(cell.value).startswith("Definitioner: ")
        )
        assert link.location == f"'Definitioner'!A{at[result.table.definitions[0]]}"


def test_links_lead_to_every_sheet_and_back(book: Book) -> None:
    ways = {
        sheet.title: {
            cell.hyperlink.location for (cell,) in sheet.iter_rows(max_col=1) if cell.hyperlink is not None
        }
        for sheet in book.workbook
    }
    names = set(book.workbook.sheetnames)
    for locations in ways.values():
        for location in locations:
            sheet, cell = location.rsplit("!", 1)
            assert sheet.strip("'") in names
            assert re.fullmatch(r"A\d+", cell)
    assert ways["Innehåll"] == {f"'{name}'!A1" for name in names - {"Innehåll"}}
    for name in names - {"Innehåll"}:
        assert "'Innehåll'!A1" in ways[name], name


def test_frozen_panes_print_and_widths(book: Book) -> None:
    for sheet in book.workbook:
        head = book.head(sheet.title)
        if sheet.title not in ("Omslag", "Kvalitet"):
            assert re.fullmatch(rf"[B-D]{head + 1}", sheet.freeze_panes)
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToWidth >= 1
        assert sheet.print_title_rows == f"${head}:${head}"
        for column, letter in enumerate("ABCDEFGH", start=1):
            if column <= len(book.table(sheet.title)[0]):
                assert 8 <= sheet.column_dimensions[letter].width <= 110


def test_formats_show_and_values_are_unrounded(book: Book) -> None:
    sheet = book.workbook["Tabell 8"]
    header, rows = book.table("Tabell 8")
    column = header.index("Andel 2018, totalt (procent)")
    cell = sheet.cell(book.head("Tabell 8") + 1, column + 1)
    assert cell.number_format == "[$-41D]#,##0.0"
    assert 100 / 9 in [row[column] for row in rows]
    assert sheet.cell(book.head("Tabell 8") + 1, 3).number_format == "[$-41D]#,##0"
    header, rows = book.table("Tabell 20")
    assert [row[2] for row in rows if row[1] == "stat"] == [1234567.5]


def test_the_document_has_title_language_and_creator(book: Book) -> None:
    properties = book.workbook.properties
    assert properties.title.startswith("Samordningsförbund, insatser och deltagare 2018")
    assert (properties.language, properties.creator) == ("sv-SE", "Finsam")
    assert properties.created == dt.datetime(2019, 1, 17, 7, 12, 3)
    assert properties.identifier == META["content_hash"]


def test_native_charts_draw_the_numbers_beside_them(book: Book, tables: list[TableResult]) -> None:
    charts = list(book.xml("xl/charts/").values())
    drawings = list(book.xml("xl/drawings/").values())
    declared = charts_of(tables, META)
    assert len(charts) == len(drawings) == len(declared) == 10
    for data, chart, drawing in zip(declared, charts, drawings, strict=True):
        sheet = f"Diagram {data.number}"
        titles = ["".join(each.itertext()) for each in chart.iter(f"{CHART}title")]
        assert titles[0] == data.title and data.axis_title in titles
        assert data.category_title in titles
        [frame] = list(drawing.iter(f"{DRAWING}cNvPr"))
        assert (frame.get("name"), frame.get("descr")) == (sheet, data.description.replace("\x07", " "))
        header, rows = book.table(sheet)
        assert [row[0] for row in rows] == [as_read(text) for text in data.categories]
        found = list(chart.iter(f"{CHART}ser"))
        assert len(found) == len(data.series)
        for at, (series, element) in enumerate(zip(data.series, found, strict=True), start=1):
            refs = [each.text for each in element.iter(f"{CHART}f")]
            cells = [book.workbook[sheet][ref.split("!")[1].replace("$", "")] for ref in refs]
            assert all(ref.startswith(f"'{sheet}'!") for ref in refs)
            assert cells[0].value == series.name == header[at]
            assert tuple(cell.value for (cell,) in cells[1]) == tuple(map(as_read, data.categories))
            values = [cell.value for (cell,) in cells[2]]
            assert values == ["." if value is None else value for value in series.values]
            cached = {
                int(point.get("idx")): float(point.find(f"{CHART}v").text)
                for point in element.find(f"{CHART}val").iter(f"{CHART}pt")
            }
            assert cached == {n: value for n, value in enumerate(series.values) if value is not None}
        assert data.title in book.above(sheet)[1] and data.source in book.above(sheet)


def test_the_same_uttag_gives_the_same_bytes(path: Path, tables: list[TableResult], tmp_path: Path) -> None:
    assert write_workbook(tmp_path / "igen.xlsx", META, tables).read_bytes() == path.read_bytes()


def test_nobody_reads_half_a_file(tables: list[TableResult], tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    target = tmp_path / "out" / "bok.xlsx"
    target.parent.mkdir()
    target.write_text("den gamla")
    last = tables[-1]
    broken = replace(last, rows=[*last.rows, last.rows[0] | {"varde": "text", "status": None}])
    with pytest.raises(TypeError, match="must hold a number"):
        write_workbook(target, META, [*tables[:-1], broken])
    assert target.read_text() == "den gamla"
    assert [each.name for each in target.parent.iterdir()] == ["bok.xlsx"]
    write_workbook(target, META, tables)
    assert load_workbook(target, read_only=True).sheetnames[0] == "Omslag"
    assert not list((tmp_path / "tmp").iterdir())


def test_progress_rises_to_the_end(tables: list[TableResult], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_workbook(tmp_path / "bok.xlsx", META, tables, progress=lambda done, of: told.append((done, of)))
    rows = sum(len(result.rows) for result in tables)
    assert told == sorted(told) and told[-1] == (2 * rows, 2 * rows)
    assert len({done for done, _ in told}) >= 5


@pytest.mark.both
@pytest.mark.django_db
def test_the_command_writes_the_workbook(tmp_path: Path, capsys: Any) -> None:
    target = tmp_path / "ny mapp" / "bok.xlsx"
    target.parent.mkdir()
    call_command("take_uttag", "2018", "--as-of", "2019-01-16T23:59:59+01:00", "--xlsx", str(target))
    assert Book(target).workbook["Omslag"]["A1"].value == INTERN
    assert f"{INTERN}: {target}" in capsys.readouterr().out
    call_command("take_uttag", "2018", "--as-of", "2019-01-16T23:59:59+01:00", "--xlsx", str(tmp_path))
    [named] = tmp_path.glob("*.xlsx")
    assert named.name.startswith(f"{INTERN} \u2013 Finsam 2018, känt 2019-01-16 kl 23.59, ")


@pytest.mark.audit
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_keeps_it(path: Path, tmp_path: Path) -> None:
    """Shows it as PDF, and saves it anew with every sheet, table value and chart."""
    source = shutil.copy(path, tmp_path / "bok.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for kind, folder in (("pdf", tmp_path), ("xlsx", tmp_path / "igen")):
        done = subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)],
            capture_output=True, text=True, timeout=180, check=True,
        )  # fmt: skip
        assert "error" not in (done.stdout + done.stderr).lower()
    assert (tmp_path / "bok.pdf").read_bytes().startswith(b"%PDF")
    before: Any = load_workbook(path)
    after: Any = load_workbook(tmp_path / "igen" / "bok.xlsx")
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        again = after[sheet.title]
        assert len(again._charts) == len(sheet._charts)
        for row in sheet.iter_rows():
            for cell in row:
                found = again[cell.coordinate].value
                if isinstance(cell.value, int | float):
                    assert found == pytest.approx(cell.value), (sheet.title, cell.coordinate)
                elif cell.value is not None and "_x005F_" not in cell.value:
                    assert found == cell.value, (sheet.title, cell.coordinate)
