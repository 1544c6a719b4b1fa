"""One sheet of the workbook: lines of text, then one named table, written row by row."""

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.chart._chart import ChartBase
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from reporting.workbook.cells import (
    Content,
    Figure,
    Link,
    Mark,
    clean,
    link_cell,
    number_cell,
    table_cell,
    text_cell,
    width_of,
)

INTERN = "INTERN \u2013 får inte publiceras"
CONTENTS = "Innehåll"
A4 = 9
WIDE = 210  # characters; a wider table is printed on several sheets of paper side by side
BOLD = 0.86  # bold text needs more room
LINE_HEIGHT = 15.5  # points of one line of text; LibreOffice does not find the height by itself
TITLE_HEIGHT, SUBTITLE_HEIGHT = 24.0, 26.0

_LINE_HEIGHTS = {"Finsam rubrik": TITLE_HEIGHT, "Finsam mellanrubrik": SUBTITLE_HEIGHT}

# The stubs of openpyxl do not know what a write-only sheet borrows from the ordinary one.
WriteOnlySheet = Any

Tick = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text above the table: a title, a note, a link."""

    text: str | Link
    style: str = "Finsam text"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the table. `wrap` breaks long text; `number` sets the header to the right."""

    header: str
    width: float
    number: bool = False
    wrap: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a sheet says. `rows` may be made as they are written; `frozen` is how many columns stay when
    scrolling, with the header row; 0 where so much text stands above the table that little would be left to scroll.

    `chart` is drawn to the right of the table; it is given the row number of the header and the name of the sheet.
    """

    name: str
    title: str
    lines: Sequence[Line]
    table: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Content]]
    totals: frozenset[int] = frozenset()
    frozen: int = 1
    filtered: bool = False
    plain: bool = False
    chart: Callable[[str, int], ChartBase] | None = None


def write_sheet(workbook: Workbook, sheet: Sheet, *, internal: bool, tick: Tick | None = None) -> None:
    """Append the sheet to a write-only workbook."""
    ws: WriteOnlySheet = workbook.create_sheet(sheet.name)
    lines = _lines(sheet, internal)
    head = len(lines) + 1
    _set_up(ws, sheet, head, internal)
    for at, line in enumerate(lines, start=1):
        ws.row_dimensions[at].height = _LINE_HEIGHTS.get(line.style, LINE_HEIGHT)
        if isinstance(line.text, Link):
            ws.append([link_cell(ws, line.text, line.style)])
        else:
            ws.append([text_cell(ws, line.text, line.style)])
    ws.row_dimensions[head].height = _height(
        [(column.header, column.width * BOLD) for column in sheet.columns], more=5
    )
    ws.append(
        [
            text_cell(ws, column.header, "Finsam huvud tal" if column.number else "Finsam huvud")
            for column in sheet.columns
        ]
    )
    last = head
    wrapped = [(at, column.width) for at, column in enumerate(sheet.columns) if column.wrap]
    for at, row in enumerate(sheet.rows):
        if wrapped:
            ws.row_dimensions[last + 1].height = _height(
                [(str(row[place]), width) for place, width in wrapped]
            )
        if sheet.plain:
            ws.append([None if value is None else _plain(ws, value) for value in row])
        else:
            total = at in sheet.totals
            ws.append(
                [
                    table_cell(ws, value, total=total, wrap=column.wrap)
                    for value, column in zip(row, sheet.columns, strict=True)
                ]
            )
        last += 1
        if tick and at % 1000 == 999:
            tick(1000)
    if tick:
        tick((last - head) % 1000)
    if last > head:
        _add_table(ws, sheet, head, last)
    if sheet.chart:
        corner = f"{get_column_letter(len(sheet.columns) + 2)}{head}"
        ws.add_chart(sheet.chart(sheet.name, head), corner)
    ws.close()


def first_row(sheet: Sheet, *, internal: bool) -> int:
    """The number of the first row under the header of the sheet's table."""
    return len(_lines(sheet, internal)) + 2


def columns_of(headers: Sequence[str], stubs: int, rows: Iterable[Sequence[Content]]) -> list[Column]:
    """Columns wide enough for what they hold; the first `stubs` are text, the others numbers."""
    rows = list(rows)
    columns = []
    for at, header in enumerate(headers):
        words = header.split()
        if at < stubs:
            width = width_of([*words, *(str(row[at]) for row in rows)])
        else:
            width = width_of([*words, *(_written(row[at]) for row in rows)], least=13)
        columns.append(Column(header=header, width=width, number=at >= stubs))
    return columns


def _lines(sheet: Sheet, internal: bool) -> list[Line]:
    """Everything above the table."""
    back = Line(text=Link("Till innehållet", CONTENTS), style="Finsam länk")
    return [
        *([Line(text=INTERN, style="Finsam intern")] if internal else []),
        Line(text=sheet.title, style="Finsam rubrik"),
        *sheet.lines,
        *([back] if sheet.name != CONTENTS else []),
    ]


def _height(texts: Iterable[tuple[str, float]], more: float = 0) -> float:
    """The height of a row in which the texts are broken at these widths."""
    lines = max(len(textwrap.wrap(text, max(4, int(width * 1.06)))) or 1 for text, width in texts)
    return lines * LINE_HEIGHT + more


def _written(value: Content) -> str:
    """About as long as the cell shows."""
    match value:
        case Figure():
            return f"{value.value:,.1f}" if isinstance(value.value, float) else f"{value.value:,}"
        case Mark() | Link():
            return value.text
        case _:
            return str(value)


def _plain(ws: WriteOnlySheet, value: Content) -> object:
    """A cell for programs: text or a bare number, no formats."""
    if isinstance(value, str):
        return text_cell(ws, value, "Finsam data")
    return number_cell(ws, value, "Finsam data tal") if isinstance(value, int | float) else value


def _set_up(ws: WriteOnlySheet, sheet: Sheet, head: int, internal: bool) -> None:
    """Everything that must be said before the first row, and how the sheet is printed."""
    for at, column in enumerate(sheet.columns, start=1):
        ws.column_dimensions[get_column_letter(at)].width = column.width
    if sheet.frozen:
        ws.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}{head + 1}"
    ws.sheet_view.showGridLines = False
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = A4
    beside = (
        1 if sheet.chart or sheet.plain else math.ceil(sum(column.width for column in sheet.columns) / WIDE)
    )
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = beside, 1 if sheet.chart else 0
    if beside > 1:
        ws.print_title_cols = f"A:{get_column_letter(sheet.frozen)}"
    ws.page_margins.left = ws.page_margins.right = 0.5
    ws.page_margins.top, ws.page_margins.bottom = 0.6, 0.7
    ws.print_title_rows = f"{head}:{head}"
    ws.oddFooter.left.text = INTERN if internal else ""
    ws.oddFooter.center.text = sheet.name
    ws.oddFooter.right.text = "Sida &P av &N"


def _add_table(ws: WriteOnlySheet, sheet: Sheet, head: int, last: int) -> None:
    """The rows just written as a named Excel table. Its columns must be named by hand in write-only mode."""
    table = Table(
        displayName=sheet.table,
        name=sheet.table,
        ref=f"A{head}:{get_column_letter(len(sheet.columns))}{last}",
        tableStyleInfo=TableStyleInfo(name="TableStyleLight1", showRowStripes=False, showColumnStripes=False),
    )
    for at, column in enumerate(sheet.columns, start=1):
        table.tableColumns.append(TableColumn(id=at, name=clean(column.header)))
    table.autoFilter = AutoFilter(ref=table.ref) if sheet.filtered else None
    # Not add_table: that warns in write-only mode that the columns must be named by hand, which they are.
    ws.tables.add(table)
