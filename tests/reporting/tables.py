"""The tables of an uttag by their ids, for tests and the bench: the product goes through all of them."""

from __future__ import annotations

from reporting.tables.base import Table
from reporting.tables.registry import all_tables


def get_table(table_id: str) -> Table:
    """The table with this id; `KeyError` when there is none."""
    return {table.id: table for table in all_tables()}[table_id]
