"""Letting the exclusion constraint wait while many rows are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def overlaps_checked_at_the_end() -> Iterator[None]:
    """Let deltaganden of one person overlap for a moment: the writers first insert an open period and then close it.

    What still overlaps when the block ends is refused there (PostgreSQL's exclusion constraint, IntegrityError).
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS identitet_overlappar_inte DEFERRED")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS identitet_overlappar_inte IMMEDIATE")
