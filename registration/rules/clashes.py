"""What somebody is told who wrote at the same moment as a colleague, where only the database could see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from .findings import Finding, RuleError

_TAKEN = {"23505", "23P01", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
"""Unique or exclusion constraint: SQLSTATE of PostgreSQL, error name of SQLite. Any other is a fault in the program."""


@contextmanager
def clashes_told() -> Iterator[None]:
    """Write in the block. A row that is in the way, though no check saw it, is told as RuleError; the block is undone.

    The checks of a rule look first and so tell nearly always. Between look and write a colleague may commit.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = error.__cause__
        if not {getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None)} & _TAKEN:
            raise
        raise RuleError(
            [
                Finding(
                    "",
                    "andrat_av_annan",
                    "En kollega sparade något om samma sak i samma ögonblick, och ditt är inte sparat. "
                    "Titta på de nya uppgifterna och försök igen om det behövs.",
                )
            ]
        ) from error
