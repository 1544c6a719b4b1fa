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
from ..tables.national.forbund import CHANGED_FORBUND
from ..tables.registry import get_table
from ..uttag.dataset import absorbed, fold_absorbed
from ..uttag.frozen import BEFORE, NOW, FrozenFileChanged, FrozenMeta, read_frozen
from ..uttag.output import same_figures
from ..uttag.take import workplace
from .store import keep, kept, stored_tables

TABLES = ("forbund", "forbund_resultat", "kvalitet")
"""The tables that have förbund as rows."""

OTHER_RULES = "uttaget är taget med en annan version av programmet, som räknade på annat sätt"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Folded:
    """The other view of an uttag. moved: (absorbed förbund, its successor) by name, of those that the tables have rows
    of. tables: by id; empty where nothing moved. why_not: in words why there is no other view although something moved;
    kept: whether that lasts as long as this program.
    """

    moved: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, TableResult] = field(default_factory=dict)
    why_not: str = ""
    kept: bool = True


def folded(uttag: Uttag) -> Folded:
    """The tables of the uttag with a row for each förbund, absorbed ones in their successor's."""
    what = (
        f"uppgangna:{DEFINITIONS_VERSION}:{settings.SOFTWARE_VERSION}"  # not frozen: computed by this program
    )
    if found := kept(uttag, what):
        return _from_cache(uttag, found)
    made = _compute(uttag)
    if made.kept:
        keep(uttag, what, _for_cache(made))
    return made


def _compute(uttag: Uttag) -> Folded:
    try:
        with workplace() as (con, folder):
            return _fold(con, uttag, read_frozen(con, folder, uttag))
    except (FrozenFileChanged, DecryptionFailed) as error:
        logger.warning("uttag %s: absorbed förbund cannot be folded (%s)", uttag.pk, type(error).__name__)
        return Folded(why_not="uttagets underlag kan inte läsas", kept=False)
    except duckdb.Error as error:  # its own text could show values of a row
        logger.warning("uttag %s: its dataset is of other rules (%s)", uttag.pk, type(error).__name__)
        return Folded(why_not=OTHER_RULES)


def _fold(con: duckdb.DuckDBPyConnection, uttag: Uttag, meta: FrozenMeta) -> Folded:
    """From the datasets of both years. Who went up in whom is what the uttag itself knows, for the year before too."""
    stored = [result for result in stored_tables(uttag) if result.id in TABLES]
    successors = absorbed(con, NOW)
    names = dict(con.execute(f"SELECT forbund, coalesce(namn, forbund) FROM {NOW}.forbund").fetchall())
    rows = {str(row["forbund"]) for result in stored for row in result.rows}
    moved = [(names[one], names.get(new, new)) for one, new in successors.items() if one in rows]
    if not moved:
        return Folded()
    anew = {result.id: result for result in _tables(con, meta)}
    if not all(same_figures(anew[result.id], result) for result in stored):
        return Folded(why_not=OTHER_RULES)  # the two views would differ by the rules too
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
    notes = [one for one in result.notes if one != CHANGED_FORBUND]  # here it counts once
    return replace(result, labels=result.labels | {"forbund": labels}, notes=notes)


def _for_cache(made: Folded) -> dict[str, Any]:
    tables = {
        id_: {"rows": result.rows, "notes": result.notes, "labels": result.labels}
        for id_, result in made.tables.items()
    }
    return {"moved": made.moved, "tables": tables, "why_not": made.why_not}


def _from_cache(uttag: Uttag, found: dict[str, Any]) -> Folded:
    return Folded(
        [(old, new) for old, new in found["moved"]],
        {
            id_: TableResult(table=get_table(id_), year=uttag.ar, **values)
            for id_, values in found["tables"].items()
        },
        found["why_not"],
    )
