"""Runs the declared tables on the datasets of an uttag and gives tidy rows.

The same for every table: each code × kön is there, also when it is 0; figures that do not apply are null with
status `ej_tillamplig`; the year before stands beside the year, in rows that carry `ar`; changes between the
years are computed from the two.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import duckdb

from reporting.tables import shared
from reporting.tables.base import KON, Block, Change, Measure, Table, Unit
from reporting.tables.registry import all_tables

Value = int | float | None
Row = dict[str, str | int | float | None]
Key = tuple[tuple[str, str], ...]
Cells = dict[Key, dict[str, Value]]

EJ_TILLAMPLIG = "ej_tillamplig"
MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
          "november", "december")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class YearBefore:
    """Where the year before comes from (REPORTS §2): `schema` is None when there is no dataset of it at all.

    `faststalld`: that year's fastställd uttag; `ett_ar_tidigare`: the register as known exactly one year
    before this uttag's as-of time. `as_of` is the as-of time of that dataset.
    """

    schema: str | None = None
    source: Literal["faststalld", "ett_ar_tidigare"] = "ett_ar_tidigare"
    as_of: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TableResult:
    """A computed table. `rows` are tidy and shaped as in FORMATS §3; `labels` say dimension -> code ->
    label."""

    table: Table
    year: int
    rows: list[Row]
    notes: list[str]
    labels: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Side:
    """One year's computed cells of one table, in order, and the labels of its codes."""

    cells: Cells
    labels: dict[str, dict[str, str]]


def compute_tables(
    con: duckdb.DuckDBPyConnection,
    *,
    year: int,
    schema: str = "nu",
    before: YearBefore | None = None,
    tables: Iterable[Table] | None = None,
) -> list[TableResult]:
    """Every table (or `tables`) of `year` from the dataset in `schema`, beside the year before.

    Nothing registered of the year before means that no deltagande, avidentifierad, anonym or volym of that year
    is known. Then every cell of it and every change is null: förbund, insatser and money carry no time of
    registration and cannot tell whether the year was followed up at all.
    """
    before = before or YearBefore()
    wanted = tuple(tables) if tables is not None else all_tables()
    now, _, notes = _run_schema(con, schema, wanted)
    then: dict[str, _Side] = {}
    followed_up = False
    if before.schema is not None:
        then, followed_up, _ = _run_schema(con, before.schema, wanted)
    results = []
    for table in wanted:
        side, past = now[table.id], then.get(table.id)
        rows = _rows(table, side, past if followed_up else None, year)
        older = past.labels if past else {}
        labels = {name: codes | (older.get(name, {}) | codes) for name, codes in side.labels.items()}
        texts = [*table.notes, *notes[table.id], _note_of_year_before(before, year - 1, followed_up, table)]
        results.append(TableResult(table=table, year=year, rows=rows, notes=texts, labels=labels))
    return results


def _run_schema(
    con: duckdb.DuckDBPyConnection, schema: str, tables: tuple[Table, ...]
) -> tuple[dict[str, _Side], bool, dict[str, list[str]]]:
    """All tables on one dataset: cells, what was registered at all, and the notes that name figures."""
    con.execute(f"SET schema = '{schema}'")
    try:
        shared.prepare(con)
        lists: dict[str, dict[str, str]] = {}
        sides = {table.id: _run_table(con, table, lists) for table in tables}
        notes = {table.id: table.live_notes(con) if table.live_notes else [] for table in tables}
        return sides, _registered(con), notes
    finally:
        con.execute("RESET schema")


def _registered(con: duckdb.DuckDBPyConnection) -> bool:
    row = con.execute(
        "SELECT EXISTS (FROM deltaganden) OR EXISTS (FROM avidentifierade) OR EXISTS (FROM anonyma) "
        "OR EXISTS (FROM volym)"
    ).fetchone()
    return bool(row and row[0])


def _run_table(con: duckdb.DuckDBPyConnection, table: Table, lists: dict[str, dict[str, str]]) -> _Side:
    cells: Cells = {}
    labels: dict[str, dict[str, str]] = {}
    for dimension in table.dimensions:
        if dimension.codes not in lists:
            found = shared.rows_of(con, f"SELECT kod, etikett FROM ({dimension.codes}) ORDER BY ordning, kod")
            lists[dimension.codes] = {str(code): str(label) for code, label in found}
        labels[dimension.id] = lists[dimension.codes]
    for block in table.blocks:
        cells |= _run_block(con, block, table.measures, labels)
    return _Side(cells=cells, labels=labels)


def _run_block(
    con: duckdb.DuckDBPyConnection,
    block: Block,
    measures: tuple[Measure, ...],
    labels: dict[str, dict[str, str]],
) -> Cells:
    cursor = con.execute(f"WITH ram AS ({block.frame or _frame(block)}) SELECT * FROM ({block.sql})")
    columns = [column[0] for column in cursor.description or ()]
    keys = [dimension.id for dimension in block.dimensions] + (["kon"] if block.by_kon else [])
    direct = [measure for measure in measures if measure.change is None]
    places = {name: columns.index(name) for name in [*keys, *(measure.id for measure in direct)]}
    order = {
        name: {code: at for at, code in enumerate(KON if name == "kon" else labels[name])} for name in keys
    }
    found = sorted(cursor.fetchall(), key=lambda row: [order[name][row[places[name]]] for name in keys])
    return {
        tuple((name, str(row[places[name]])) for name in keys): {
            measure.id: _number(row[places[measure.id]], measure.unit) for measure in direct
        }
        for row in found
    }


def _frame(block: Block) -> str:
    parts = [(dimension.id, f"(SELECT kod FROM ({dimension.codes}))") for dimension in block.dimensions]
    if block.by_kon:
        parts.append(("kon", "(SELECT unnest(['K', 'M', 'totalt']) AS kod)"))
    if not parts:
        return "SELECT 1 AS en"
    chosen = ", ".join(f"d{number}.kod AS {name}" for number, (name, _) in enumerate(parts))
    return f"SELECT {chosen} FROM " + ", ".join(f"{sql} d{number}" for number, (_, sql) in enumerate(parts))


def _rows(table: Table, now: _Side, then: _Side | None, year: int) -> list[Row]:
    """The rows of the year, then those of the year before; the latter have no changes of their own."""
    rows: list[Row] = []
    past = then.cells if then else {}
    for key, values in now.cells.items():
        for measure in table.measures:
            value: Value = None
            if measure.change is None:
                value = values[measure.id]
            elif then:
                of = measure.change.of
                value = _change(measure.change, values[of], past.get(key, {}).get(of, 0))
            rows.append(_row(key, None, measure.id, value))
    for key in past if then else now.cells:
        for measure in table.measures:
            if measure.change is None:
                rows.append(_row(key, year - 1, measure.id, past[key][measure.id] if then else None))
    return rows


def _row(key: Key, year: int | None, measure: str, value: Value) -> Row:
    row: Row = dict(key)
    if year is not None:
        row["ar"] = year
    return row | {"matt": measure, "varde": value, "status": EJ_TILLAMPLIG if value is None else None}


def _change(change: Change, now: Value, then: Value) -> Value:
    """Percent of the value of the year before (null when that is 0), or the plain difference."""
    if now is None or then is None:
        return None
    if change.kind == "skillnad":
        return now - then
    return 100 * (now - then) / then if then else None


def _number(value: object, unit: Unit) -> Value:
    """Counts are integers, amounts integers when whole, all else floats; never a Decimal, never minus
    zero."""
    if value is None:
        return None
    if not isinstance(value, int | float | Decimal):
        raise TypeError(f"a measure in {unit} gave {type(value).__name__}")
    if unit == "antal" or (unit == "kronor" and value == int(value)):
        return int(value)
    return float(value) + 0.0


def _note_of_year_before(before: YearBefore, year: int, known: bool, table: Table) -> str:
    if not known:
        change = " och förändringen" if any(measure.change for measure in table.measures) else ""
        return f"För {year} fanns inget registrerat. Uppgifterna för {year}{change} är ej tillämpliga."
    if before.source == "faststalld":
        return (
            f"Uppgifterna för {year} är hämtade ur det fastställda uttaget för {year}{_known(before.as_of)}."
        )
    return (
        f"Fastställt uttag för {year} saknas. Uppgifterna för {year} är beräknade ur registret som det var känt"
        f" exakt ett år före detta uttags kunskapstidpunkt{_known(before.as_of)}."
    )


def _known(time: dt.datetime | None) -> str:
    if time is None:
        return ""
    local = time.astimezone(ZoneInfo("Europe/Stockholm"))
    return f", den {local.day} {MONTHS[local.month - 1]} {local.year} kl. {local:%H.%M}"
