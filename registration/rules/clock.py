"""The time at which something becomes known.

An uttag as of T must not change afterwards because a transaction that read the clock before T committed after the
extraction had looked. So a writer first becomes visible as a writer (on PostgreSQL: takes its transaction id) and only
then reads the clock, and the extraction waits for every writer that was visible when it started (reporting/uttag). On
SQLite the write lock does the same (`transaction_mode` IMMEDIATE).
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone


def database_now() -> dt.datetime:
    """The time by the clock that all machines share: the database's on PostgreSQL, ours on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
    return timezone.now()


def writing_since() -> dt.datetime:
    """Announce this transaction as a writer and return the time from which its registrations are known.

    The database's clock is used where there is one for all machines. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("writing_since() must run inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
    return database_now()
