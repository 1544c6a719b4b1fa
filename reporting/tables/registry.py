"""Finds every table declared under `reporting.tables.national`: a new table is one new file there."""

import importlib
import pkgutil
from functools import cache

from reporting.tables import national
from reporting.tables.base import Table


@cache
def all_tables() -> tuple[Table, ...]:
    """Every table, in the order of its number. A module there without a `TABLE` is an error."""
    names = [f"{national.__name__}.{module.name}" for module in pkgutil.iter_modules(national.__path__)]
    found: list[Table] = [importlib.import_module(name).TABLE for name in names]
    return tuple(sorted(found, key=lambda table: table.number))


def get_table(table_id: str) -> Table:
    """The table with this id; `KeyError` when there is none."""
    return {table.id: table for table in all_tables()}[table_id]
