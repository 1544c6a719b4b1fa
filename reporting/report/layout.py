"""A computed table laid out for reading: codes down the side; women, men and total, and the two years, across.

A table that carries kön in every row has a header "Antal 2018" over women, men and total, then "Antal 2017", and so on.
One without kön has a header for each measure over its two years. One that is crossed with a second dimension has that
dimension's codes in place of measures; two dimensions in every row make a matrix for each year. A table that would be
wider than a page is cut between measures into parts a, b, c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from finsam_site.ui import formats
from finsam_site.ui.tables import Column, Hidden, Kind, Row, Table

from ..tables import base
from ..tables.base import Dimension, Measure
from ..tables.compute import EJ_TILLAMPLIG, TableResult
from ..tables.compute import Row as TidyRow
from ..uttag.output import STATUS_MARKS

WIDEST = 14
"""Columns of figures that fit a page of 72 rem beside their row labels."""

KON = base.KON | {"okand": "Okänt"}
"""The heads of columns of figures, which do not wrap: "Uppgift om kön saknas" would make its columns as wide as two."""
UNITS = {
    "antal": "",
    "kronor": "kronor",
    "procent": "procent",
    "procentenheter": "procentenheter",
    "dagar": "dagar",
}
TOTALS = ("totalt", "avslutade")
NAMES = {"forbund", "kommun", "lan"}
"""Dimensions whose labels are names, written as they are."""

STUB = "rad"


@dataclass(frozen=True)
class _Place:
    """Which column a tidy cell stands in. across: (dimension, code) of what is crossed with the rows."""

    matt: str
    across: tuple[tuple[str, str], ...]
    kon: str
    before: bool


@dataclass
class _Laid:
    """The cells by row and column, in the order in which they come."""

    rows: dict[tuple[str, ...], dict[_Place, TidyRow]] = field(default_factory=dict)
    places: dict[_Place, None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """A run of columns that stands as a table of its own."""

    words: str
    columns: list[tuple[_Place, Column]]


def tables_of(result: TableResult, *, source: str = "") -> list[Table]:
    """The table as one or more components. Their captions name number, title and year."""
    table = result.table
    caption = f"Tabell {table.number}. {table.title}, {result.year}"
    if not table.dimensions:
        return [_on_its_side(result, caption, source)]
    down, across = _directions(result)
    laid = _lay(result, down, across)
    rows = _in_order(laid.rows, down, result)
    parts = _parts(result, list(laid.places), down, across)
    made = []
    for number, part in enumerate(parts):
        letter = f"{table.number} {chr(ord('a') + number)}"
        made.append(
            Table(
                id=f"tabell-{table.id}" + (f"-{number + 1}" if number else ""),
                caption=caption if len(parts) == 1 else f"Tabell {letter}. {part.words}",
                columns=[Column(STUB, _stub(down)), *(column for _, column in part.columns)],
                rows=[_row(codes, laid.rows[codes], part, down, result) for codes in rows],
                source=source if number == len(parts) - 1 else "",
                hide_caption=len(parts) == 1,
            )
        )
    return made


def row_count(result: TableResult) -> int:
    """How many rows the table has when it is laid out."""
    down, _ = _directions(result)
    return (
        len({tuple(row[each.id] for each in down) for row in result.rows})
        if down
        else len(result.table.measures)
    )


def shown(row: TidyRow | None, measure: Measure) -> object:
    """A tidy cell as it stands in a table: a number, a number with its sign, or the mark of what is not there."""
    if row is None or row["status"] == EJ_TILLAMPLIG:
        return STATUS_MARKS[EJ_TILLAMPLIG]
    if row["status"] is not None:
        return Hidden(STATUS_MARKS[str(row["status"])])
    value = row["varde"]
    assert isinstance(value, int | float)  # noqa: S101 - a cell without a status holds a number
    return formats.change(value, decimals_of(measure)) if is_change(measure) else value


def is_change(measure: Measure) -> bool:
    """Whether the figures carry a sign."""
    return measure.change is not None or measure.unit == "procentenheter"


def decimals_of(measure: Measure) -> int:
    """One decimal for shares, and for days, which may lie between two; none for counts and kronor."""
    return 1 if measure.unit in ("procent", "procentenheter", "dagar") else 0


def has_year_before(result: TableResult) -> bool:
    """Whether anything of the year before applies; where nothing does, its columns are left out."""
    return any("ar" in row and row["status"] != EJ_TILLAMPLIG for row in result.rows)


def label_of(dimension: str, code: str, result: TableResult) -> str:
    """How a code stands in a table."""
    label = result.labels.get(dimension, {}).get(code, code)
    if dimension in ("kommun", "lan"):
        return label if label == code else f"{code} {label}"
    return label if dimension in NAMES else formats.sentence(label)


def _directions(result: TableResult) -> tuple[list[Dimension], list[Dimension]]:
    """Which dimensions go down and which across: those that only some rows have, and the second of two."""
    blocks = result.table.blocks
    everywhere = [
        each
        for each in result.table.dimensions
        if all(each.id in {one.id for one in block.dimensions} for block in blocks)
    ]
    down = everywhere[:1]
    return down, [each for each in result.table.dimensions if each not in down]


def _lay(result: TableResult, down: list[Dimension], across: list[Dimension]) -> _Laid:
    keep_before, laid = has_year_before(result), _Laid()
    for row in result.rows:
        before = "ar" in row
        if before and not keep_before:
            continue
        crossed = tuple((each.id, str(row[each.id])) for each in across if each.id in row)
        place = _Place(str(row["matt"]), crossed, str(row.get("kon", "")), before)
        laid.places[place] = None
        laid.rows.setdefault(tuple(str(row[each.id]) for each in down), {})[place] = row
    return laid


def _in_order(
    rows: Iterable[tuple[str, ...]], down: list[Dimension], result: TableResult
) -> list[tuple[str, ...]]:
    """Förbund by name with the total last; everything else as its code list has it."""
    if [each.id for each in down] != ["forbund"]:
        return list(rows)
    return sorted(
        rows, key=lambda codes: (codes[0] in TOTALS, formats.sort_key(label_of("forbund", codes[0], result)))
    )


def _parts(
    result: TableResult, places: list[_Place], down: list[Dimension], across: list[Dimension]
) -> list[_Part]:
    measures = {measure.id: measure for measure in result.table.measures}
    order = list(measures)
    crossed = {place.across: None for place in places}
    seen = {across_key: number for number, across_key in enumerate(crossed)}
    if across:
        # The two years of a code stand together; kön comes after what is crossed.
        places.sort(
            key=lambda one: (order.index(one.matt), one.across == (), seen[one.across], _kon(one), one.before)
        )
        if _is_matrix(result):
            return [
                _Part(
                    f"{down[0].label} på raderna, {across[0].label.lower()} i kolumnerna, {year}",
                    _columns(few, measures, result, across),
                )
                for year, few in _by_year(places, result)
            ]
        return [_Part(result.table.title, _columns(places, measures, result, across))]
    if all(place.kon for place in places):
        places.sort(key=lambda one: (order.index(one.matt), one.before, _kon(one)))
    else:
        places.sort(key=lambda one: (order.index(one.matt), _kon(one), one.before))
    return [
        _Part(_named([measures[matt] for matt in group]), _columns(
            [one for one in places if one.matt in group], measures, result, across))
        for group in _packed(order, lambda matt: sum(one.matt == matt for one in places))
    ]  # fmt: skip


def _is_matrix(result: TableResult) -> bool:
    """Whether two dimensions stand in every row."""
    return all(len(block.dimensions) > 1 for block in result.table.blocks)


def _by_year(places: list[_Place], result: TableResult) -> list[tuple[int, list[_Place]]]:
    years = [(result.year, [one for one in places if not one.before])]
    before = [one for one in places if one.before]
    return [*years, (result.year - 1, before)] if before else years


def _kon(place: _Place) -> int:
    return list(KON).index(place.kon) if place.kon else -1


def _packed(order: list[str], width: Callable[[str], int]) -> list[list[str]]:
    """The measures in runs that are not wider than a page, and about as wide as each other."""
    total = sum(width(matt) for matt in order)
    wanted = -(-total // -(-total // WIDEST)) if total else WIDEST
    groups: list[list[str]] = [[]]
    for matt in order:
        taken = sum(width(one) for one in groups[-1])
        if groups[-1] and (taken >= wanted or taken + width(matt) > WIDEST):
            groups.append([])
        groups[-1].append(matt)
    return groups


def _named(measures: list[Measure]) -> str:
    """What a part shows, in the words of its measures."""
    first, *rest = [measure.label for measure in measures]
    lower = [first, *(label[:1].lower() + label[1:] for label in rest)]
    return f"{', '.join(lower[:-1])} och {lower[-1]}" if rest else first


def _columns(
    places: list[_Place], measures: dict[str, Measure], result: TableResult, across: list[Dimension]
) -> list[tuple[_Place, Column]]:
    by_kon = all(place.kon for place in places)
    made = []
    for place in places:
        measure = measures[place.matt]
        years = f"{result.year - 1}\u2013{result.year}" if measure.change else str(result.year - place.before)
        if across:
            words = [label_of(name, code, result) for name, code in place.across]
            group = ", ".join([*words, *([KON[place.kon]] if place.kon else [])])
            label = years
        elif by_kon:
            group, label = f"{measure.label} {years}", KON[place.kon]
        else:
            group, label = measure.label, years
        if UNITS[measure.unit]:
            group = f"{group}, {UNITS[measure.unit]}"
        made.append(
            (
                place,
                Column(_column_key(place), label, Kind.NUMBER, decimals=decimals_of(measure), group=group),
            )
        )
    return made


def _column_key(place: _Place) -> str:
    parts = [
        place.matt,
        *(f"{name}={code}" for name, code in place.across),
        place.kon,
        "fore" if place.before else "",
    ]
    return "|".join(parts)


def _row(
    codes: tuple[str, ...],
    cells: dict[_Place, TidyRow],
    part: _Part,
    down: list[Dimension],
    result: TableResult,
) -> Row:
    measures = {measure.id: measure for measure in result.table.measures}
    label = ", ".join(label_of(each.id, code, result) for each, code in zip(down, codes, strict=True))
    values: dict[str, object] = {STUB: label}
    values |= {column.key: shown(cells.get(place), measures[place.matt]) for place, column in part.columns}
    return Row(values, total=codes[-1] in TOTALS)


def _stub(down: list[Dimension]) -> str:
    return ", ".join(each.label for each in down)


def _on_its_side(result: TableResult, caption: str, source: str) -> Table:
    """A table without dimensions: a row for each measure, a column for each year."""
    years = [result.year, result.year - 1] if has_year_before(result) else [result.year]
    cells = {(row["matt"], row.get("ar", result.year)): row for row in result.rows}
    rows = []
    for measure in result.table.measures:
        unit = UNITS[measure.unit] if measure.unit != "antal" else ""
        values: dict[str, object] = {STUB: f"{measure.label}, {unit}" if unit else measure.label}
        for year in years:
            value = shown(cells.get((measure.id, year)), measure)
            values[str(year)] = (
                formats.number(value, decimals_of(measure)) if isinstance(value, int | float) else value
            )
        rows.append(Row(values))
    columns = [Column(STUB, "Mått"), *(Column(str(year), str(year), Kind.NUMBER) for year in years)]
    return Table(
        id=f"tabell-{result.table.id}",
        caption=caption,
        columns=columns,
        rows=rows,
        source=source,
        hide_caption=True,
    )
