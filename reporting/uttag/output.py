"""What leaves an uttag as data: the content hash, the JSON document and the CSV files (FORMATS §3)."""

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from finsam_site.files import written_whole
from finsam_site.formulas import FORMULA_STARTS
from reporting.tables.base import KON
from reporting.tables.compute import Row, TableResult

NOT_APPLICABLE = "."
STATUS_MARKS = {"ej_tillamplig": NOT_APPLICABLE, "skyddat": "[skyddat]"}


class RowsOfTable(Protocol):
    """A table as the content hash sees it, computed now or frozen before."""

    @property
    def id(self) -> str: ...

    @property
    def rows(self) -> list[Row]: ...


def canonical_lines(year: int, as_of: dt.datetime, tables: Iterable[RowsOfTable]) -> list[bytes]:
    """The canonical form that `content_hash` is taken over, line by line, without line ends.

    The first line is `{"as_of":"2019-01-16T22:59:59.000000Z","year":2018}`: UTC, always six decimals. Then
    every row of every table, year-before rows too, as one JSON object of its own with the id of its table as
    `tabell`: keys sorted, no blanks, ASCII with `\\u` escapes; keys that do not apply to the row are left
    out, `varde` and `status` are always there. Counts are JSON integers. Every other number is rounded to ten
    significant digits, half to even on its exact binary value, and written as the shortest decimal that reads
    back the same, `50.0` for a whole one; there is no minus zero. The row lines are sorted by their bytes.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of must know its time zone")
    time = as_of.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    rows = [line for one in tables for line in _lines(one)]
    return [_line({"as_of": time, "year": year}), *sorted(rows)]


def same_figures(one: RowsOfTable, other: RowsOfTable) -> bool:
    """Whether two tables say the same as `content_hash` sees them: rows in any order, shares to ten digits."""
    return sorted(_lines(one)) == sorted(_lines(other))


def content_hash(year: int, as_of: dt.datetime, tables: Iterable[RowsOfTable]) -> str:
    """SHA-256 (hex) over `canonical_lines`, each followed by a line feed. No notes, labels, ids or time of
    taking."""
    digest = hashlib.sha256()
    for line in canonical_lines(year, as_of, tables):
        digest.update(line + b"\n")
    return digest.hexdigest()


def json_document(uttag_meta: Mapping[str, object], tables: Iterable[TableResult]) -> dict[str, object]:
    """The document of FORMATS §3, ready for `json.dump`; `uttag_meta` becomes its `uttag`. Shares are
    unrounded."""
    return {
        "uttag": dict(uttag_meta),
        "tables": [
            {
                "id": result.table.id,
                "title": result.table.title,
                "population": result.table.population,
                "unit": result.table.unit,
                "notes": list(result.notes),
                "rows": result.rows,
            }
            for result in tables
        ],
    }


def write_csv(folder: Path, tables: Sequence[TableResult]) -> list[Path]:
    """One file a table, for people, and `data.csv`, every cell of all tables, for programs. Gives the paths.

    UTF-8, `;` between columns, decimal point, line feed at the end of a row. In a table's file each dimension
    has its code and its label, each measure a column; a figure that does not apply reads `.` and a hidden one
    `[skyddat]`. Labels that a spreadsheet could take for a formula begin with an apostrophe: they are names that
    somebody wrote, for people to read. Codes are written as they are, for programs to match; those of förbund cannot
    be taken for one, since the import refuses such ids. Each file appears whole; one of the same name is replaced,
    others in the folder are left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / f"{result.table.id}.csv", *_wide(result)) for result in tables]
    return [*written, _write(folder / "data.csv", *_tidy(tables))]


def _lines(one: RowsOfTable) -> list[bytes]:
    return [_line({**row, "tabell": one.id}) for row in one.rows]


def _line(content: Mapping[str, object]) -> bytes:
    rounded = {key: _rounded(value) for key, value in content.items()}
    return json.dumps(
        rounded, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def _rounded(value: object) -> object:
    return float(f"{value:.9e}") + 0.0 if isinstance(value, float) else value


def _wide(result: TableResult) -> tuple[list[str], list[list[object]]]:
    table = result.table
    names = [dimension.id for dimension in table.dimensions]
    header = [column for name in names for column in (name, f"{name}_etikett")]
    header += (["kon", "kon_etikett"] if table.by_kon else []) + [
        "ar",
        *(measure.id for measure in table.measures),
    ]
    groups: dict[tuple[object, ...], dict[object, object]] = {}
    for row in result.rows:
        key = tuple(row.get(name) for name in (*names, "kon", "ar"))
        groups.setdefault(key, {})[row["matt"]] = _shown(row)
    rows = []
    for (*codes, kon, year), values in groups.items():
        line: list[object] = []
        for name, code in zip(names, codes, strict=True):
            line += [code, _guarded(result.labels[name].get(str(code), ""))]
        line += [kon, KON.get(str(kon), "")] if table.by_kon else []
        rows.append(
            [
                *line,
                year or result.year,
                *(values.get(measure.id, NOT_APPLICABLE) for measure in table.measures),
            ]
        )
    return header, rows


def _tidy(tables: Sequence[TableResult]) -> tuple[list[str], list[list[object]]]:
    names = list(dict.fromkeys(dimension.id for result in tables for dimension in result.table.dimensions))
    rows: list[list[object]] = [
        [result.table.id, *(row.get(name) for name in names), row.get("kon"), row.get("ar", result.year), row["matt"],
         row["varde"], row["status"]]
        for result in tables
        for row in result.rows
    ]  # fmt: skip
    return ["tabell", *names, "kon", "ar", "matt", "varde", "status"], rows


def _shown(row: Row) -> object:
    status = row["status"]
    return row["varde"] if status is None else STATUS_MARKS[str(status)]


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    with written_whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
