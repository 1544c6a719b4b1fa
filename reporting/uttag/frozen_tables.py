"""The tables of an uttag as they were computed when it was taken, kept in its frozen file.

They are what is shown for ever. Computing them anew (`verify_uttag`) shows that they follow from the dataset beside
them, but no look at them depends on it: a program with one table more, or with a rule mended, still shows an uttag as
it was taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..tables.compute import Row, TableResult
from ..tables.registry import all_tables

NAME = "tabeller.json"


@dataclass(frozen=True, kw_only=True)
class FrozenTable:
    """What one table said: rows as in FORMATS §3, the notes under them, and dimension -> code -> label."""

    id: str
    rows: list[Row]
    notes: list[str]
    labels: dict[str, dict[str, str]]


def dump_tables(results: Iterable[TableResult]) -> bytes:
    """Computed tables as the bytes that lie in a frozen file. Numbers come back as exactly the same numbers."""
    kept = [{"id": one.id, "rows": one.rows, "notes": one.notes, "labels": one.labels} for one in results]
    return json.dumps(kept, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def load_tables(content: bytes) -> list[FrozenTable]:
    """The reverse of `dump_tables`."""
    kept: list[dict[str, Any]] = json.loads(content)
    return [FrozenTable(**one) for one in kept]


def as_results(year: int, tables: Sequence[FrozenTable]) -> list[TableResult]:
    """Frozen tables with their declarations, in the catalogue's order. One that is declared no longer cannot be laid
    out and is left out; `verify_uttag` names it.
    """
    of = {one.id: one for one in tables}
    return [
        TableResult(table=table, year=year, rows=one.rows, notes=one.notes, labels=one.labels)
        for table in all_tables()
        if (one := of.get(table.id))
    ]
