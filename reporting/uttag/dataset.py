"""The frozen dataset of an uttag: made from raw extraction files, written as Parquet, read back.

A dataset is one schema in a DuckDB connection and holds one year as it was known at one time: days counted
from 1 January, bands and codes, ordinals instead of database ids (ARCHITECTURE §2, *Uttag*). An uttag has two
of them, the year and the year before. The tables are listed in `DATASET_TABLES`; `dataset_sql` says what is
in each.
"""

import csv
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import duckdb

from reporting.uttag import dataset_sql

DATASET_VERSION = 2
"""A program that raises it must go on reading what is older: the next year is held against a fastställt uttag."""

DATASET_TABLES: tuple[str, ...] = (
    "meta", "forbund", "forbund_kommun", "kommuner", "koder", "insatser", "insats_forbund", "ekonomi", "deltaganden",
    "forsorjning", "avidentifierade", "anonyma", "volym",
)  # fmt: skip

RAW = "ra"
_SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

_SUCCESSORS = """
WITH RECURSIVE led AS (
    SELECT forbund, uppgatt_i AS efter, 1 AS steg FROM {ds}.forbund WHERE uppgatt_i IS NOT NULL
    UNION ALL SELECT led.forbund, f.uppgatt_i, steg + 1
    FROM led JOIN {ds}.forbund f ON f.forbund = led.efter WHERE f.uppgatt_i IS NOT NULL AND steg < 1000)
SELECT forbund, arg_max(efter, steg) AS efter FROM led GROUP BY forbund ORDER BY forbund"""


class DatasetError(Exception):
    """Raw files or a frozen file that cannot be what they say they are. The text names file and fault, no
    values."""


def open_duckdb(threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that never fetches anything from the net.

    One thread for each query: ours are many and small, and dividing them costs more than it gains. The tables run
    several at a time instead (`compute_tables`).
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": str(threads),
    }
    return duckdb.connect(":memory:", config=config)


def build_dataset(
    con: duckdb.DuckDBPyConnection, schema: str, raw_dir: Path, year: int, as_of: dt.datetime
) -> list[str]:
    """Reads the raw files in `raw_dir` and makes the dataset of one year from them: see `make_dataset`."""
    _check_names(schema, as_of)
    read_raw(con, raw_dir)
    try:
        return make_dataset(con, schema, year, as_of)
    finally:
        drop_raw(con)


def read_raw(
    con: duckdb.DuckDBPyConnection, raw_dir: Path, tick: Callable[[int], None] = lambda rows: None
) -> None:
    """Reads the CSV files in `raw_dir`, each column with its type, for `make_dataset` of one year or more.
    `tick` is told of the rows of each.

    Raises `DatasetError` when a file or a column is missing or a value is of the wrong kind.
    """
    con.execute(f"DROP SCHEMA IF EXISTS {RAW} CASCADE; CREATE SCHEMA {RAW}")
    paths = {raw_dir / f"{name}.csv": columns for name, columns in dataset_sql.RAW_COLUMNS.items()}
    headers = {path: _header(path, columns) for path, columns in paths.items()}
    for path, columns in paths.items():
        _read_raw_file(con, path, headers[path], columns)
        tick(_scalar(con, f"SELECT count(*) FROM {RAW}.{path.stem}"))


def drop_raw(con: duckdb.DuckDBPyConnection) -> None:
    """Takes away what `read_raw` read."""
    con.execute(f"DROP SCHEMA IF EXISTS {RAW} CASCADE")


def make_dataset(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    year: int,
    as_of: dt.datetime,
    reach: Callable[[int, int], None] = lambda done, of: None,
) -> list[str]:
    """Makes the tables of `year` as known at `as_of` in `schema`, from the raw files that `read_raw` has read.
    `reach` is told how many statements of how many are done.

    Gives the deltagande ids in the order of `rad`: the first belongs to rad 1. That list is never in the
    dataset; the caller keeps it as `UttagRad`. Versions registered after `as_of`, and what does not touch the year, are
    left out should there be any. `as_of` must know its time zone. Raises `DatasetError` when a reference is missing.
    """
    _check_names(schema, as_of)
    scratch = f"{schema}_ra"
    names = {
        "raw": RAW, "ra": scratch, "ds": schema, "ar": int(year), "version": DATASET_VERSION,
        "tid_band": dataset_sql.tid_band("i.tid_manader"),
        "coded_deltaganden": dataset_sql.coded_deltaganden(schema, f"{scratch}.rader", f"{RAW}.forbund"),
    }  # fmt: skip
    time = as_of.astimezone(dt.UTC).replace(tzinfo=None)
    for one in (scratch, schema):
        con.execute(f"DROP SCHEMA IF EXISTS {one} CASCADE; CREATE SCHEMA {one}")
    con.execute(dataset_sql.MACROS)
    try:
        parts = (dataset_sql.VERSIONS, dataset_sql.CHOSEN, dataset_sql.OWNERS, dataset_sql.TABLES)
        pieces = [piece for part in parts for piece in part.format(**names).split(";") if piece.strip()]
        of = len(pieces) + len(dataset_sql.CHECKS)
        for done, statement in enumerate(pieces, start=1):
            con.execute(statement, {"t": time} if "$t" in statement else None)
            reach(done, of)
        for done, (query, sentence) in enumerate(dataset_sql.CHECKS, start=len(pieces) + 1):
            if number := _scalar(con, query.format(**names)):
                raise DatasetError(sentence.format(n=abs(number)))
            reach(done, of)
        return [
            str(row[0])
            for row in con.execute(f"SELECT deltagande FROM {scratch}.vald ORDER BY rad").fetchall()
        ]
    finally:
        con.execute(f"DROP SCHEMA IF EXISTS {scratch} CASCADE")


def count_dataset(con: duckdb.DuckDBPyConnection, schema: str) -> int:
    """How many rows the tables of `schema` have."""
    return sum(_scalar(con, f"SELECT count(*) FROM {_checked(schema)}.{table}") for table in DATASET_TABLES)


def write_dataset(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    folder: Path,
    tick: Callable[[int], None] = lambda rows: None,
) -> None:
    """Writes each table of `schema` as `<table>.parquet` in `folder` (made if absent), rows in one fixed order.
    `tick` is told of the rows of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for table in DATASET_TABLES:
        order = "rad" if table == "deltaganden" else "ALL"
        written = _scalar(
            con,
            f"COPY (SELECT * FROM {_checked(schema)}.{table} ORDER BY {order}) "
            f"TO {_quoted(folder / f'{table}.parquet')} (FORMAT parquet, COMPRESSION zstd)",
        )
        tick(written)


def read_dataset(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    folder: Path,
    tick: Callable[[int], None] = lambda rows: None,
) -> None:
    """Reads a folder that `write_dataset` made into `schema`, which is made anew. `tick` is told of the rows of each
    table.
    """
    con.execute(f"DROP SCHEMA IF EXISTS {_checked(schema)} CASCADE; CREATE SCHEMA {schema}")
    for table in DATASET_TABLES:
        path = folder / f"{table}.parquet"
        if not path.is_file():
            raise DatasetError(f"{path.name} is missing in the dataset")
        try:
            _read_table(con, schema, table, path)
        except duckdb.Error:  # its own text could show values of a row
            raise DatasetError(f"{path.name} is not as this software reads it") from None
        tick(_scalar(con, f"SELECT count(*) FROM {schema}.{table}"))


def _read_table(con: duckdb.DuckDBPyConnection, schema: str, table: str, path: Path) -> None:
    source = f"read_parquet({_quoted(path)})"
    if table == "deltaganden":
        con.execute(dataset_sql.coded_deltaganden(schema, source, f"{schema}.forbund"))
    else:
        con.execute(f"CREATE TABLE {schema}.{table} AS FROM {source}")
    if table == "meta":  # the first of them: nothing of another version is looked at
        version = _scalar(con, f"SELECT version FROM {schema}.meta")
        if version != DATASET_VERSION:
            raise DatasetError(
                f"the dataset has version {version}, this software reads version {DATASET_VERSION}"
            )


def absorbed(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, str]:
    """forbund_id of every förbund that went up in another, and that of the one where it is now, through any number
    of mergers."""
    return dict(con.execute(_SUCCESSORS.format(ds=_checked(schema))).fetchall())


def fold_absorbed(con: duckdb.DuckDBPyConnection, schema: str, successors: dict[str, str]) -> None:
    """Lets every absorbed förbund count as its successor (REPORTS §2, last rule). successors: as `absorbed` gives them.

    Changes the schema in the connection, never the frozen file: read the dataset anew for the other view.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE efterfoljare (forbund VARCHAR, efter VARCHAR)")
    if successors:
        con.executemany("INSERT INTO efterfoljare VALUES (?, ?)", list(successors.items()))
    # Its list of codes need not have a successor that the dataset of an earlier year has never heard of.
    con.execute(f"ALTER TABLE {_checked(schema)}.deltaganden ALTER forbund TYPE VARCHAR")
    for table in ("insatser", "insats_forbund", "deltaganden", "avidentifierade", "anonyma", "volym"):
        con.execute(
            f"UPDATE {schema}.{table} AS t SET forbund = e.efter FROM efterfoljare e WHERE e.forbund = t.forbund"
        )
    con.execute(
        f"CREATE OR REPLACE TABLE {schema}.insats_forbund AS SELECT DISTINCT * FROM {schema}.insats_forbund"
    )


def _header(path: Path, expected: tuple[str, ...]) -> bytes:
    """The first line. It is read here, so that nothing is guessed from values."""
    if not path.is_file():
        raise DatasetError(f"{path.name} is missing")
    with path.open("rb") as file:
        first = file.readline()
    if missing := [column for column in expected if column not in _columns(first)]:
        raise DatasetError(f"{path.name} lacks the column {', '.join(missing)}")
    return first


def _columns(first: bytes) -> list[str]:
    return next(csv.reader([first.decode("utf-8-sig").rstrip("\r\n")]), [])


def _read_raw_file(
    con: duckdb.DuckDBPyConnection, path: Path, first: bytes, expected: tuple[str, ...]
) -> None:
    as_text = ", ".join(f"{_quoted(column)}: 'VARCHAR'" for column in _columns(first))
    typed = ", ".join(
        f"{column}::{dataset_sql.RAW_TYPES.get(column, 'VARCHAR')} AS {column}" for column in expected
    )
    new_line = r"\r\n" if first.endswith(b"\r\n") else r"\n"
    try:
        con.execute(
            f"CREATE TABLE {RAW}.{path.stem} AS SELECT {typed} FROM read_csv({_quoted(path)}, header = true, "
            f"auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', new_line = '{new_line}', "
            f"columns = {{{as_text}}})"
        )
    except duckdb.ConversionException:
        # DuckDB's own text would show values of a row; it goes no further.
        raise DatasetError(f"{path.name} holds a value of the wrong kind") from None
    except duckdb.InvalidInputException:
        raise DatasetError(f"{path.name} cannot be read as CSV") from None


def _scalar(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _check_names(schema: str, as_of: dt.datetime) -> None:
    if as_of.tzinfo is None:
        raise ValueError("as_of must know its time zone")
    _checked(schema)


def _checked(schema: str) -> str:
    if not _SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"not a name for a schema: {schema!r}")
    return schema


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
