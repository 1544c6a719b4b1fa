"""GET cannot write. Only the access log and the session may change when a page is looked at (ARCHITECTURE §4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from .models import Atkomst

_WRITES = re.compile(
    r"\s*(?:/\*.*?\*/\s*)*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|COPY|CREATE|ALTER|DROP|WITH)\b",
    re.I | re.S,
)
_WRITES_INSIDE = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\"|DELETE\s+FROM)\b", re.I)
_TABLE = re.compile(r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?([A-Za-z0-9_]+)", re.I)


class WriteInGet(RuntimeError):
    """A page that is only looked at tried to change something: a fault in the program."""


def _refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    match = _WRITES.match(sql)
    if match and (match[1].upper() != "WITH" or _WRITES_INSIDE.search(sql)):
        table = _TABLE.search(sql)
        if table is None or table[1] not in (Atkomst._meta.db_table, "django_session"):
            # Never the statement itself: it may hold values.
            raise WriteInGet(f"a GET request writes to {table[1] if table else 'the database'}")
    return execute(sql, params, many, context)


@contextmanager
def only_reading() -> Iterator[None]:
    """Inside, statements that write raise WriteInGet, but for the access log and the session."""
    with connection.execute_wrapper(_refuse):
        yield
