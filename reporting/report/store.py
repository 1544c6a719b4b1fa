"""The tables of a stored uttag, kept in the cache between two looks at it.

An uttag never changes, so neither do its tables: at the first look they are computed from the frozen file and held
against the stored hash (`verify_uttag`), after that they come from the cache. Without a cache every look computes them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.cache import cache

from ..models import Uttag
from ..tables.compute import TableResult
from ..tables.definitions import DEFINITIONS_VERSION
from ..tables.registry import all_tables
from ..uttag.take import verify_uttag

WEEK = 7 * 24 * 3600

logger = logging.getLogger(__name__)


def stored_tables(uttag: Uttag) -> list[TableResult]:
    """Every table of the uttag, in the catalogue's order. Raises FrozenFileChanged as `verify_uttag` does."""
    wanted = [table.id for table in all_tables()]
    found = _get([_key(uttag, table_id) for table_id in wanted])
    if len(found) == len(wanted):
        return [_from_cache(uttag, table_id, found[_key(uttag, table_id)]) for table_id in wanted]
    tables = verify_uttag(uttag)
    keep_tables(uttag, tables)
    return tables


def stored_table(uttag: Uttag, table_id: str) -> TableResult:
    """One table of the uttag. Raises KeyError for an unknown id, FrozenFileChanged as `verify_uttag` does."""
    if table_id not in {table.id for table in all_tables()}:
        raise KeyError(table_id)
    key = _key(uttag, table_id)
    found = _get([key])
    if key in found:
        return _from_cache(uttag, table_id, found[key])
    return next(result for result in stored_tables(uttag) if result.table.id == table_id)


def keep_tables(uttag: Uttag, tables: Sequence[TableResult]) -> None:
    """Put computed tables into the cache, so that the first look at a new uttag is as quick as the second."""
    values = {
        _key(uttag, result.table.id): {"rows": result.rows, "notes": result.notes, "labels": result.labels}
        for result in tables
    }
    try:
        cache.set_many(values, WEEK)
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises: a look never fails by it
        logger.warning("the tables of an uttag cannot be kept (%s)", type(error).__name__)


def _get(keys: list[str]) -> dict[str, Any]:
    try:
        return dict(cache.get_many(keys))
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("the tables of an uttag cannot be fetched (%s)", type(error).__name__)
        return {}


def _key(uttag: Uttag, table_id: str) -> str:
    """Another hash, other definitions or another program: another key."""
    version = f"{DEFINITIONS_VERSION}:{settings.SOFTWARE_VERSION}"
    return f"uttag:{uttag.pk}:{uttag.content_hash}:{version}:{table_id}"


def _from_cache(uttag: Uttag, table_id: str, kept: dict[str, Any]) -> TableResult:
    table = next(one for one in all_tables() if one.id == table_id)
    return TableResult(
        table=table, year=uttag.ar, rows=kept["rows"], notes=kept["notes"], labels=kept["labels"]
    )
