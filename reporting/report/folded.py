"""The tables with a row for each förbund, read with absorbed förbund in their successor's row (REPORTS §2).

The other view of the same frozen file: nothing of it is stored, hashed or given out as data, and no figure of the
nation differs. It is computed at the first look and then kept in the cache, as the tables themselves are (`store`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
from django.conf import settings

from finsam_site.access.encryption import DecryptionFailed
from finsam_site.ui.formats import sort_key

from ..models import Uttag
from ..tables.compute import TableResult, YearBefore, compute_tables
from ..tables.definitions import DEFINITIONS_VERSION
from ..tables.registry import get_table
from ..uttag.dataset import absorbed, fold_absorbed
from ..uttag.frozen import BEFORE, NOW, FrozenFileChanged, FrozenMeta, read_frozen
from ..uttag.take import workplace
from .store import keep, kept, stored_table

TABLES = ("forbund", "forbund_resultat", "kvalitet")
"""The tables that have förbund as rows."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Folded:
    """The other view of an uttag. moved: (absorbed förbund, its successor) by name, of those that the tables have rows
    of. tables: by id; empty where nothing moved. unreadable: this program cannot compute the tables anew as they were
    taken, so that there is no other view.
    """

    moved: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, TableResult] = field(default_factory=dict)
    unreadable: bool = False


def folded(uttag: Uttag) -> Folded:
    """The tables of the uttag with a row for each förbund, absorbed ones in their successor's."""
    what = (
        f"uppgangna:{DEFINITIONS_VERSION}:{settings.SOFTWARE_VERSION}"  # not frozen: computed by this program
    )
    if found := kept(uttag, what):
        return _from_cache(uttag, found)
    made = _compute(uttag)
    if not made.unreadable:
        keep(uttag, what, _for_cache(made))
    return made


def _compute(uttag: Uttag) -> Folded:
    try:
        with workplace() as (con, folder):
            return _fold(con, uttag, read_frozen(con, folder, uttag))
    except (FrozenFileChanged, DecryptionFailed, KeyError) as error:
        logger.warning("uttag %s: absorbed förbund cannot be folded (%s)", uttag.pk, type(error).__name__)
        return Folded(unreadable=True)


def _fold(con: duckdb.DuckDBPyConnection, uttag: Uttag, meta: FrozenMeta) -> Folded:
    """From the datasets of both years. Who went up in whom is what the uttag itself knows, for the year before too."""
    successors = absorbed(con, NOW)
    own = _tables(con, meta)
    if any(result.rows != stored_table(uttag, result.id).rows for result in own):
        return Folded(unreadable=True)  # the rules have changed since: the two views would differ by them too
    names = dict(con.execute(f"SELECT forbund, coalesce(namn, forbund) FROM {NOW}.forbund").fetchall())
    rows = {str(row["forbund"]) for result in own for row in result.rows}
    moved = [(names[one], names.get(new, new)) for one, new in successors.items() if one in rows]
    if not moved:
        return Folded()
    for schema in (NOW, BEFORE):
        fold_absorbed(con, schema, successors)
    tables = [_named(result, names) for result in _tables(con, meta)]
    return Folded(
        sorted(moved, key=lambda pair: sort_key(pair[0])), {result.table.id: result for result in tables}
    )


def _tables(con: duckdb.DuckDBPyConnection, meta: FrozenMeta) -> list[TableResult]:
    before = YearBefore(schema=BEFORE, source=meta.before_source, as_of=meta.before_as_of)
    return compute_tables(
        con, year=meta.year, schema=NOW, before=before, tables=[get_table(id_) for id_ in TABLES]
    )


def _named(result: TableResult, names: dict[str, str]) -> TableResult:
    """With the name of a successor that the year before did not know yet."""
    labels = {code: names.get(code, label) for code, label in result.labels["forbund"].items()}
    return replace(result, labels=result.labels | {"forbund": labels})


def _for_cache(made: Folded) -> dict[str, Any]:
    tables = {
        id_: {"rows": result.rows, "notes": result.notes, "labels": result.labels}
        for id_, result in made.tables.items()
    }
    return {"moved": made.moved, "tables": tables}


def _from_cache(uttag: Uttag, found: dict[str, Any]) -> Folded:
    return Folded(
        [(old, new) for old, new in found["moved"]],
        {
            id_: TableResult(table=get_table(id_), year=uttag.ar, **values)
            for id_, values in found["tables"].items()
        },
    )
