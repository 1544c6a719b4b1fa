"""Runs the declared tables on the datasets of an uttag and gives tidy rows.

The same for every table: each code × kön is there, also when it is 0; figures that do not apply are null with
status `ej_tillamplig`; the year before stands beside the year, in rows that carry `ar`; changes between the
years are computed from the two.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any, Literal, TypeVar

import duckdb

from finsam_site.ui import formats
from reporting.tables import shared
from reporting.tables.base import Block, Change, Measure, Share, Table, Unit
from reporting.tables.registry import all_tables

Value = int | float | None
Row = dict[str, str | int | float | None]
Key = tuple[tuple[str, str], ...]
Place = tuple[str, ...]
Cells = dict[Key, dict[str, Value]]

EJ_TILLAMPLIG = "ej_tillamplig"
KON_OF_ALL = ("K", "M", "totalt")
LANES = 2

T = TypeVar("T")


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

    @property
    def id(self) -> str:
        """The id of its table."""
        return self.table.id


@dataclass(kw_only=True)
class _Side:
    """One year's computed cells of one table, in order, the labels of its codes, and the notes that name figures."""

    cells: Cells
    labels: dict[str, dict[str, str]]
    notes: list[str]


def compute_tables(
    con: duckdb.DuckDBPyConnection,
    *,
    year: int,
    schema: str = "nu",
    before: YearBefore | None = None,
    tables: Iterable[Table] | None = None,
    reach: Callable[[int, int], None] = lambda done, of: None,
) -> list[TableResult]:
    """Every table (or `tables`) of `year` from the dataset in `schema`, beside the year before.

    Nothing registered of the year before means that no deltagande, avidentifierad, anonym or volym of that year
    is known. Then every cell of it and every change is null: förbund, insatser and money carry no time of
    registration and cannot tell whether the year was followed up at all.

    `reach` is told, in the caller's thread, how many of how many are done: the tables of each year and what they share.
    """
    before = before or YearBefore()
    wanted = tuple(tables) if tables is not None else all_tables()
    schemas = [schema] if before.schema is None else [schema, before.schema]
    sides = _run_schemas(con, schemas, wanted, reach)
    now = sides[0]
    then: dict[str, _Side] = sides[-1] if before.schema is not None else {}
    followed_up = before.schema is not None and _in_schema(con, before.schema, _registered)
    results = []
    for table in wanted:
        side, past = now[table.id], then.get(table.id)
        rows = _rows(table, side, past if followed_up else None, year)
        older = past.labels if past else {}
        labels = {name: codes | (older.get(name, {}) | codes) for name, codes in side.labels.items()}
        texts = [*table.notes, *side.notes, _note_of_year_before(before, year - 1, followed_up, table)]
        results.append(TableResult(table=table, year=year, rows=rows, notes=texts, labels=labels))
    return results


def _run_schemas(
    con: duckdb.DuckDBPyConnection,
    schemas: list[str],
    tables: tuple[Table, ...],
    reach: Callable[[int, int], None],
) -> list[dict[str, _Side]]:
    """All tables on each dataset. `LANES` queries run at a time."""
    of = len(schemas) * (len(shared.PREPARED) + 1 + len(tables))
    done = 0
    pool = ThreadPoolExecutor(LANES)

    def start(schema: str, work: Callable[[duckdb.DuckDBPyConnection], T]) -> Future[T]:
        return pool.submit(_in_schema, con, schema, work)

    def wait(started: Iterable[Future[Any]]) -> None:
        nonlocal done
        for one in as_completed(started):
            one.result()
            done += 1
            reach(done, of)

    try:
        wait([start(schema, partial(_execute, sql=sql)) for schema in schemas for sql in shared.PREPARED])
        codes = [start(schema, partial(_read_codes, tables=tables)) for schema in schemas]
        wait(codes)
        sides = [
            {
                table.id: start(schema, partial(_run_table, table=table, codes=lists.result()))
                for table in tables
            }
            for schema, lists in zip(schemas, codes, strict=True)
        ]
        wait([one for of_schema in sides for one in of_schema.values()])
    finally:
        pool.shutdown(cancel_futures=True)
    return [{name: one.result() for name, one in of_schema.items()} for of_schema in sides]


def _in_schema(
    con: duckdb.DuckDBPyConnection, schema: str, work: Callable[[duckdb.DuckDBPyConnection], T]
) -> T:
    """What `work` gives on a connection of its own to the same database, with `schema` as the current one."""
    with con.cursor() as own:
        own.execute(f"SET schema = '{schema}'")
        shared.make_macros(own)
        return work(own)


def _execute(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    con.execute(sql)


def _registered(con: duckdb.DuckDBPyConnection) -> bool:
    row = con.execute(
        "SELECT EXISTS (FROM deltaganden) OR EXISTS (FROM avidentifierade) OR EXISTS (FROM anonyma) "
        "OR EXISTS (FROM volym)"
    ).fetchone()
    return bool(row and row[0])


def _read_codes(con: duckdb.DuckDBPyConnection, tables: tuple[Table, ...]) -> dict[str, dict[str, str]]:
    """The SQL of each list of codes -> code -> label, in order. All in one query: planning twenty takes longer."""
    wanted = list(dict.fromkeys(dimension.codes for table in tables for dimension in table.dimensions))
    if not wanted:
        return {}
    union = " UNION ALL ".join(
        f"SELECT {number} AS lista, kod, etikett, ordning FROM ({sql})" for number, sql in enumerate(wanted)
    )
    found: dict[str, dict[str, str]] = {sql: {} for sql in wanted}
    for number, code, label in con.execute(
        f"SELECT lista, kod, etikett FROM ({union}) ORDER BY lista, ordning, kod"
    ).fetchall():
        found[wanted[number]][str(code)] = str(label)
    return found


def _run_table(con: duckdb.DuckDBPyConnection, table: Table, codes: dict[str, dict[str, str]]) -> _Side:
    cells: Cells = {}
    bases: dict[str, dict[Place, int]] = {}
    labels = {dimension.id: codes[dimension.codes] for dimension in table.dimensions}
    for share in (measure.share for measure in table.measures if measure.share):
        if share.base not in bases:
            bases[share.base] = {row[:-1]: int(row[-1]) for row in con.execute(share.base).fetchall()}
    for block in table.blocks:
        cells |= _run_block(con, block, table.measures, labels, bases)
    return _Side(cells=cells, labels=labels, notes=table.live_notes(con) if table.live_notes else [])


def _run_block(
    con: duckdb.DuckDBPyConnection,
    block: Block,
    measures: tuple[Measure, ...],
    labels: dict[str, dict[str, str]],
    bases: dict[str, dict[Place, int]],
) -> Cells:
    cursor = con.execute(block.sql)
    columns = [column[0] for column in cursor.description or ()]
    keys = [dimension.id for dimension in block.dimensions] + (["kon"] if block.by_kon else [])
    key_places = [columns.index(name) for name in keys]
    counted = [
        (measure.id, columns.index(measure.id), measure.unit)
        for measure in measures
        if measure.change is None and measure.share is None
    ]
    empty: dict[str, Value] = {name: 0 if unit in ("antal", "kronor") else None for name, _, unit in counted}
    found = {
        tuple([row[at] for at in key_places]): {name: _number(row[at], unit) for name, at, unit in counted}
        for row in cursor.fetchall()
    }
    cells: Cells = {}
    for place in block.frame or product(*(KON_OF_ALL if name == "kon" else labels[name] for name in keys)):
        values = found.get(place) or dict(empty)
        for measure in measures:
            if measure.share:
                base = bases[measure.share.base].get(place[-1:] if block.by_kon else ())
                values[measure.id] = _percent(measure.share, values, base)
        cells[tuple(zip(keys, place, strict=True))] = values
    return cells


def _percent(share: Share, values: dict[str, Value], base: int | None) -> Value:
    """Percent of the base; null when that is 0."""
    part = values[share.of]
    less = values[share.less] if share.less else 0
    return 100 * (part - less) / base if base and part is not None and less is not None else None


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
    return "" if time is None else f", den {formats.moment(time)}"
