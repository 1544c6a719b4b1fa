"""Two connections that write at once, and a database role that owns nothing (PostgreSQL)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

TIMEOUT = 30  # seconds; a race that takes longer hangs

ONE_WRITER_ON_SQLITE = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="two writers at once: SQLite has one"
)

TWO_WRITERS = [
    ONE_WRITER_ON_SQLITE,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("committed_role"),
]
"""What a file of races is marked with (ARCHITECTURE §3)."""

# --- A role that owns nothing ----------------------------------------------------------------------------------------


def app_role() -> str:
    """The name of the role: one per database, since roles belong to the whole server and workers share it."""
    return f"finsam_app_{connection.settings_dict['NAME']}"


def create_app_role() -> None:
    """Make the role as production does: it may read and write every row, and owns nothing."""
    role = connection.ops.quote_name(app_role())
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT"
        )
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def drop_app_role() -> None:
    """Remove the role and its grants; nothing happens when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [app_role()])
        if cursor.fetchone():
            role = connection.ops.quote_name(app_role())
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")


def set_app_role(*, local: bool) -> None:
    """Be the role from now on: to the end of the transaction (`local`) or of the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {'LOCAL' if local else 'SESSION'} ROLE {connection.ops.quote_name(app_role())}")


@contextmanager
def as_app_role() -> Iterator[None]:
    """Do the block as the role, within the transaction of a test that rolls everything back."""
    create_app_role()
    set_app_role(local=True)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@contextmanager
def committed_app_role() -> Iterator[None]:
    """The role exists in the block for every connection, with rights on the tables as they stand."""
    drop_app_role()
    create_app_role()
    try:
        yield
    finally:
        drop_app_role()


# --- Races -----------------------------------------------------------------------------------------------------------

Runner = Callable[[int], Any]
"""What one connection does in race number n; in a transaction of its own that is committed when it returns."""


@dataclass(frozen=True)
class Outcome:
    """How it went for one connection in one race."""

    value: Any = None
    error: Exception | None = None

    @property
    def won(self) -> bool:
        """True if the work was done and committed."""
        return self.error is None


class Ahead:
    """Who of two comes first. The other waits for that, however busy the machine is, and comes in the middle."""

    def __init__(self, held: float) -> None:
        self._held = held
        self._begun = threading.Event()

    def hold(self) -> None:
        """The first has what it takes, lets the other come, and does not go on for so many seconds."""
        self._begun.set()
        time.sleep(self._held)

    def wait(self) -> None:
        """The other: until the first holds what it takes."""
        assert self._begun.wait(TIMEOUT / 2), "the first never came so far"


def race(runners: Sequence[Runner], times: int) -> list[tuple[Outcome, ...]]:
    """Let every runner go at once, `times` times over, each on a connection of its own as the role that owns nothing.

    Each transaction has begun when the runners meet, so that what they do first is the write that matters. Gives for
    each race the outcome of each runner. Raises whatever broke the machinery itself.
    """
    barrier = threading.Barrier(len(runners))
    outcomes: list[list[Outcome]] = [[] for _ in runners]
    broken: list[BaseException] = []

    def work(place: int) -> None:
        try:
            set_app_role(local=False)
            for number in range(times):
                outcomes[place].append(_once(runners[place], number, barrier))
        except BaseException as error:
            broken.append(error)
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[place], daemon=True) for place in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT + times)
    if broken:
        raise broken[0]
    assert not any(thread.is_alive() for thread in threads), "a race hangs"
    return list(zip(*outcomes, strict=True))


def _once(runner: Runner, number: int, barrier: threading.Barrier) -> Outcome:
    try:
        with transaction.atomic():
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            barrier.wait(TIMEOUT)
            value = runner(number)
    except threading.BrokenBarrierError:
        raise
    except Exception as error:
        return Outcome(error=error)
    return Outcome(value)
