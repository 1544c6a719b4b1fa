"""The tables of a stored uttag, kept in the cache between two looks at it.

An uttag never changes, so neither do its tables: a look reads them from the frozen file, where they lie as they were
computed when it was taken and are held against the stored hash, and after that they come from the cache. Without a
cache every look reads the file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache

from ..models import Uttag
from ..tables.compute import TableResult
from ..tables.registry import all_tables, get_table
from ..uttag.frozen import read_tables
from ..uttag.frozen_tables import as_results
from ..uttag.take import verify_uttag

WEEK = 7 * 24 * 3600

CONTENTS = "tabeller"
"""What the list of an uttag's tables is kept as; no table is called so."""

logger = logging.getLogger(__name__)


def stored_tables(uttag: Uttag) -> list[TableResult]:
    """Every table that the uttag has, in the catalogue's order. A table that came into the program later is not among
    them. Raises FrozenFileChanged as `read_tables` does.
    """
    wanted = _kept_ids(uttag)
    found = _get([_key(uttag, table_id) for table_id in wanted or ()])
    if wanted is None or len(found) < len(wanted):
        return _read(uttag)
    return [_from_cache(uttag, table_id, found[_key(uttag, table_id)]) for table_id in wanted]


def stored_table(uttag: Uttag, table_id: str) -> TableResult:
    """One table of the uttag. Raises KeyError for one that it does not have, FrozenFileChanged as `read_tables`."""
    if table_id not in {table.id for table in all_tables()}:
        raise KeyError(table_id)
    key = _key(uttag, table_id)
    found = _get([key])
    if key in found:
        return _from_cache(uttag, table_id, found[key])
    return {result.id: result for result in _read(uttag)}[table_id]


def table_ids(uttag: Uttag) -> list[str]:
    """The ids of the tables that the uttag has, in the catalogue's order. Raises FrozenFileChanged as `read_tables`."""
    kept = _kept_ids(uttag)
    return [result.id for result in _read(uttag)] if kept is None else kept


def keep_tables(uttag: Uttag, tables: Sequence[TableResult]) -> None:
    """Put the tables of an uttag into the cache, so that the first look at a new uttag is as quick as the second."""
    values: dict[str, Any] = {
        _key(uttag, result.id): {"rows": result.rows, "notes": result.notes, "labels": result.labels}
        for result in tables
    }
    values[_key(uttag, CONTENTS)] = [result.id for result in tables]
    _set(values)


def kept(uttag: Uttag, what: str) -> Any:
    """What `keep` kept of the uttag under that name, None when it is there no longer."""
    key = _key(uttag, what)
    return _get([key]).get(key)


def keep(uttag: Uttag, what: str, value: Any) -> None:
    """Put something else that follows from the uttag into the cache. what: no id of a table."""
    _set({_key(uttag, what): value})


def _kept_ids(uttag: Uttag) -> list[str] | None:
    """The ids of its tables as the cache has them, without those that are declared no longer; None when it has none."""
    found: list[str] | None = kept(uttag, CONTENTS)
    return None if found is None else [table.id for table in all_tables() if table.id in found]


def _read(uttag: Uttag) -> list[TableResult]:
    frozen = read_tables(uttag)
    # A file from before the tables were kept in it: they are what is computed from it, if the hash is theirs.
    tables = verify_uttag(uttag) if frozen is None else as_results(uttag.ar, frozen)
    keep_tables(uttag, tables)
    return tables


def _set(values: dict[str, Any]) -> None:
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


def _key(uttag: Uttag, what: str) -> str:
    return f"uttag:{uttag.pk}:{uttag.content_hash}:{what}"


def _from_cache(uttag: Uttag, table_id: str, kept: dict[str, Any]) -> TableResult:
    return TableResult(
        table=get_table(table_id),
        year=uttag.ar,
        rows=kept["rows"],
        notes=kept["notes"],
        labels=kept["labels"],
    )
