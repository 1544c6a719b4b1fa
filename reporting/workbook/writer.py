"""The workbook of an uttag (FORMATS §4): all tables, their diagrams, what they mean, and the tidy data."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from finsam_site.clock import STOCKHOLM
from finsam_site.files import written_whole
from reporting.charts import ChartData, charts_of, swedish_time
from reporting.tables.compute import TableResult
from reporting.tables.definitions import definition
from reporting.workbook import front, tidy
from reporting.workbook.archive import save
from reporting.workbook.cells import Content, Figure, Link, Mark, add_styles, printable
from reporting.workbook.diagram import native_chart
from reporting.workbook.grid import NOT_THERE, grid, unique
from reporting.workbook.sheet import INTERN, Line, Sheet, columns_of, first_row, write_sheet

Progress = Callable[[int, int], None]

_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-ZÅÄÖ])")


def workbook_name(uttag_meta: Mapping[str, object], *, publishable: bool = False) -> str:
    """The name that the file should have: year, as-of time and the beginning of the content hash."""
    known = dt.datetime.fromisoformat(str(uttag_meta["as_of"])).astimezone(STOCKHOLM)
    short = str(uttag_meta["content_hash"])[:8]
    name = f"Finsam {uttag_meta['year']}, känt {known:%Y-%m-%d kl %H.%M}, {short}.xlsx"
    return name if publishable else f"{INTERN} \u2013 {name}"


def write_workbook(
    path: Path,
    uttag_meta: Mapping[str, object],
    tables: Sequence[TableResult],
    *,
    publishable: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write the workbook of an uttag to `path`, all at once: nobody ever reads half a file. Gives the path.

    `uttag_meta` is what the JSON says of the uttag. `publishable` takes away the marks of an internal workbook; it
    hides nothing, so only tables whose small cells are hidden already may be given with it. `progress` is told how many
    rows of how many are written. The same uttag gives the same bytes with the same versions of the software.
    """
    internal = not publishable
    charts = charts_of(tables, uttag_meta)
    sheets = _sheets(uttag_meta, tables, charts, internal=internal)
    workbook = Workbook(write_only=True)
    _describe(workbook, uttag_meta, internal=internal)
    add_styles(workbook)
    # Every tidy row is written twice: laid out on its table's sheet, and as it is on Data.
    rows_in_all = 2 * sum(len(result.rows) for result in tables)
    done = 0

    def tick(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(min(done, rows_in_all), rows_in_all)

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with written_whole(path) as part:
            for sheet, rows in sheets:
                write_sheet(
                    workbook, sheet, internal=internal, tick=tick if sheet.name == front.DATA else None
                )
                tick(rows)
            taken = dt.datetime.fromisoformat(str(uttag_meta["taken_at"]))
            save(
                workbook,
                part,
                taken.astimezone(dt.UTC).replace(tzinfo=None),
                [(front.chart_sheet_name(data.number), printable(data.description)) for data in charts],
            )
    finally:
        _forget(workbook)
    return path


def _sheets(
    meta: Mapping[str, object], tables: Sequence[TableResult], charts: Sequence[ChartData], *, internal: bool
) -> list[tuple[Sheet, int]]:
    """Every sheet in order, with how many tidy rows it shows."""
    drawn = {data.table: data for data in charts}
    definition_sheet, ids = front.definitions(tables, int(str(meta["year"])))
    found: list[tuple[Sheet, int]] = [
        (front.cover(meta, tables, charts, internal=internal), 0),
        (front.contents(tables, charts), 0),
        (definition_sheet, 0),
        (front.quality(tables, meta), 0),
        (front.signs(), 0),
    ]
    first = first_row(definition_sheet, internal=internal)
    places = {id_: f"A{row}" for row, id_ in enumerate(ids, start=first)}
    for result in tables:
        found.append((_table_sheet(result, meta, places, drawn.get(result.table.id)), len(result.rows)))
        if data := drawn.get(result.table.id):
            found.append((_chart_sheet(data), 0))
    return [*found, (tidy.data(tables), 0), (tidy.variables(tables), 0)]


def _table_sheet(
    result: TableResult, meta: Mapping[str, object], places: Mapping[str, str], chart: ChartData | None
) -> Sheet:
    table, laid_out = result.table, grid(result)
    used = [id_ for id_ in table.definitions if id_ in places]
    lines = [
        Line(
            text=f"{table.population}. Enhet: {table.unit}."
            f" Uppgifter kända per {swedish_time(str(meta['as_of']))}."
        ),
        *(Line(text=sentence) for note in result.notes for sentence in _SENTENCE.split(note)),
    ]
    if used:
        terms = ", ".join(definition(id_, result.year).term for id_ in used)
        link = Link(f"Definitioner: {terms}", front.DEFINITION_SHEET, places[used[0]])
        lines.append(Line(text=link, style="Finsam länk"))
    if chart:
        name = front.chart_sheet_name(chart.number)
        lines.append(Line(text=Link(f"{name}: {chart.title}", name), style="Finsam länk"))
    return Sheet(
        name=front.table_sheet_name(table),
        title=f"Tabell {table.number}. {table.title} {result.year}",
        lines=lines,
        table=f"tabell_{table.id}",
        columns=columns_of(laid_out.headers, laid_out.stubs, laid_out.rows),
        rows=laid_out.rows,
        totals=laid_out.totals,
        frozen=max(1, laid_out.stubs - 1),
        filtered=laid_out.stubs > 3,
    )


def _chart_sheet(data: ChartData) -> Sheet:
    """The numbers that the diagram shows as a table, and the diagram beside it."""
    rows: list[list[Content]] = []
    for at, category in enumerate(data.categories):
        row: list[Content] = [category]
        for series in data.series:
            value, status = series.values[at], series.statuses[at]
            if value is None:
                row.append(Mark("[skyddat]") if status == "skyddat" else NOT_THERE)
            else:
                row.append(Figure(value, "procent" if data.unit in ("procent", "dagar") else "antal"))
        rows.append(row)
    headers = unique([data.category_title or "Grupp", *(series.name for series in data.series)])
    name = f"Tabell {data.number}"
    return Sheet(
        name=front.chart_sheet_name(data.number),
        title=f"Diagram {data.number}. {data.title}",
        lines=[
            Line(text=f"{data.subtitle}. {data.axis_title}."),
            *(Line(text=note) for note in data.notes),
            Line(text=data.source),
            Line(text=Link(f"Hela tabellen: {name}", name), style="Finsam länk"),
        ],
        table=f"diagram_{data.id}",
        columns=columns_of(headers, 1, rows),
        rows=rows,
        chart=native_chart(data),
    )


def _describe(workbook: Workbook, meta: Mapping[str, object], *, internal: bool) -> None:
    """Title, language and the rest of the document's properties."""
    properties = workbook.properties
    title = front.DOCUMENT_TITLE.format(year=meta["year"])
    properties.title = f"{title} ({INTERN})" if internal else title
    properties.language = "sv-SE"
    properties.creator = properties.lastModifiedBy = "Finsam"
    properties.subject = f"Uppgifter kända per {swedish_time(str(meta['as_of']))}"
    properties.identifier = str(meta["content_hash"])
    properties.category = INTERN if internal else "Får publiceras"


def _forget(workbook: Workbook) -> None:
    """Remove the temporary files of sheets that were never saved."""
    for sheet in workbook.worksheets:
        writer = getattr(sheet, "_writer", None)
        if writer is not None and Path(writer.out).exists():
            writer.cleanup()
