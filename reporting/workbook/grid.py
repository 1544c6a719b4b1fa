"""A computed table laid out as a statistician expects it: the dimension down the side, everything else across.

Down: the codes of every dimension that all rows have. Across, for each measure: the year, then the year before, each
with women, men and total side by side, or with the codes of a dimension that only some rows have. A table without
dimensions stands on its side: a row for each measure, a column for each year. Each cell of the tidy rows stands in
exactly one place. The year before is left out where nothing of it applies; the note of the table says so.
"""

from dataclasses import dataclass

from finsam_site.ui.formats import sentence
from reporting.tables.base import KON, Dimension, Measure
from reporting.tables.compute import EJ_TILLAMPLIG, Row, TableResult
from reporting.uttag.output import STATUS_MARKS
from reporting.workbook.cells import Content, Figure, Mark

NOT_THERE = Mark(STATUS_MARKS[EJ_TILLAMPLIG])
TOTALS = ("totalt", "avslutade")
MAX_HEADER = 250  # an Excel table takes 255 characters
_NAMES = frozenset(("forbund", "kommun", "lan"))  # their labels are names, written as they are
_UNITS = {
    "antal": "",
    "kronor": " (kronor)",
    "procent": " (procent)",
    "procentenheter": " (procentenheter)",
    "dagar": " (dagar)",
}

ColumnKey = tuple[str, bool, tuple[str, ...], str]


@dataclass(frozen=True)
class Grid:
    """Header texts (unique whatever the case), of which the first `stubs` are text, and the rows below them."""

    headers: list[str]
    stubs: int
    rows: list[list[Content]]
    totals: frozenset[int]


def grid(result: TableResult) -> Grid:
    """The table laid out."""
    return _crossed(result) if result.table.dimensions else _on_its_side(result)


def header(measure: Measure, year: int, *parts: str) -> str:
    """`Andel 2018, kvinnor (procent)`; a change names both years."""
    years = f"{year - 1}\u2013{year}" if measure.change else str(year)
    return ", ".join([f"{measure.label} {years}", *parts]) + _UNITS[measure.unit]


def content(row: Row, measure: Measure) -> Content:
    """A tidy cell as it stands in a table."""
    value, status = row["varde"], row["status"]
    if status is not None:
        return Mark(STATUS_MARKS[str(status)])
    if not isinstance(value, int | float):
        raise TypeError(f"{measure.id}: a cell without a status must hold a number")
    return Figure(value, measure.unit, measure.change is not None)


def row_label(dimension: str, label: str) -> str:
    """How the label of a code stands in a table."""
    return label if dimension in _NAMES else sentence(label)


def _crossed(result: TableResult) -> Grid:
    table = result.table
    down, across = _directions(result)
    measures = {measure.id: measure for measure in table.measures}
    keep_before = _has_year_before(result)
    cells: dict[tuple[str, ...], dict[ColumnKey, Content]] = {}
    seen: dict[tuple[str, ...], int] = {}
    columns: dict[ColumnKey, None] = {}
    for row in result.rows:
        if "ar" in row and not keep_before:
            continue
        # A name and its code for each dimension across that the row has.
        rest = tuple(part for each in across if each.id in row for part in (each.id, str(row[each.id])))
        key: ColumnKey = (str(row["matt"]), "ar" in row, rest, str(row.get("kon", "")))
        seen.setdefault(rest, len(seen))
        columns[key] = None
        side = tuple(str(row[each.id]) for each in down)
        cells.setdefault(side, {})[key] = content(row, measures[key[0]])
    ordered = sorted(columns, key=lambda key: _place(key, list(measures), seen))
    headers = [text for each in down for text in (each.label, f"{each.label}, kod")]
    named = {each.id: each.label for each in across}
    for matt, before, rest, kon in ordered:
        parts = [
            f"{named[name].lower()}: {result.labels[name].get(code, code)}"
            for name, code in zip(rest[::2], rest[1::2], strict=True)
        ]
        parts += [KON[kon].lower()] if kon else []
        headers.append(header(measures[matt], result.year - before, *parts))
    rows: list[list[Content]] = []
    for side, found in cells.items():
        stubs: list[Content] = []
        for each, code in zip(down, side, strict=True):
            stubs += [row_label(each.id, result.labels[each.id].get(code, code)), code]
        rows.append([*stubs, *(found.get(key, NOT_THERE) for key in ordered)])
    return Grid(
        headers=unique(headers),
        stubs=2 * len(down),
        rows=rows,
        totals=frozenset(at for at, (code, *_) in enumerate(cells) if code in TOTALS),
    )


def _directions(result: TableResult) -> tuple[list[Dimension], list[Dimension]]:
    """Which dimensions go down, those that every row has, and which across."""
    blocks = result.table.blocks
    down = [
        each
        for each in result.table.dimensions
        if all(each.id in {dimension.id for dimension in block.dimensions} for block in blocks)
    ]
    return down, [each for each in result.table.dimensions if each not in down]


def _on_its_side(result: TableResult) -> Grid:
    years = [result.year, result.year - 1] if _has_year_before(result) else [result.year]
    found = {(row["matt"], row.get("ar", result.year)): row for row in result.rows}
    rows: list[list[Content]] = []
    for measure in result.table.measures:
        unit = result.table.unit if measure.unit == "antal" else measure.unit
        cells = [found.get((measure.id, year)) for year in years]
        rows.append(
            [
                measure.label,
                measure.id,
                unit,
                *(content(cell, measure) if cell else NOT_THERE for cell in cells),
            ]
        )
    return Grid(
        headers=["Mått", "Mått, kod", "Enhet", *map(str, years)], stubs=3, rows=rows, totals=frozenset()
    )


def _has_year_before(result: TableResult) -> bool:
    return any("ar" in row and row["status"] != EJ_TILLAMPLIG for row in result.rows)


def _place(
    key: ColumnKey, measures: list[str], seen: dict[tuple[str, ...], int]
) -> tuple[int, bool, int, int]:
    matt, before, rest, kon = key
    return measures.index(matt), before, seen[rest], list(KON).index(kon) if kon else -1


def unique(headers: list[str]) -> list[str]:
    """Headers that an Excel table takes: one line, not too long, none twice whatever the case."""
    taken: set[str] = set()
    out = []
    for text in headers:
        short = " ".join(text.split())[:MAX_HEADER] or "Kolumn"
        name, number = short, 1
        while name.lower() in taken:
            number += 1
            name = f"{short} ({number})"
        taken.add(name.lower())
        out.append(name)
    return out
