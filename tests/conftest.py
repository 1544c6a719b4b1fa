"""Fixtures for all tests. The environment of the run is set earlier, in tests/isolation.py."""

import datetime as dt
import os
import time
from collections.abc import Callable, Generator, Iterator
from types import SimpleNamespace

import hypothesis
import pytest
from django.db import connection
from django.test import override_settings
from pytest_django.plugin import blocking_manager_key

from tests.drill import Drill

# The same examples on every run, so that `make test` does not depend on luck. FINSAM_TEST_EXAMPLES=1000 searches anew.
# Nor on the machine: one that has other work to do takes its time over an example, and over making it.
hypothesis.settings.register_profile(
    "repeatable",
    derandomize="FINSAM_TEST_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")

REWRITE = "--write-query-counts"
REWRITE_KEYS = "--write-key-presses"
TRANSACTIONAL = {"transactional_db", "live_server", "django_db_serialized_rollback"}


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Generator[None, None, None]:
    """The real hash takes half a second on purpose, and each test makes accounts anew."""
    quick = ["MD5PasswordHasher", "PBKDF2PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{one}" for one in quick]):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(REWRITE, action="store_true", help="write tests/matrix/query_counts.txt anew")
    parser.addoption(
        REWRITE_KEYS, action="store_true", help="write docs/performance.md anew where it tells of keys"
    )


NIGHT_SECONDS = 120
"""About as long as the longest test that asks what day it is before and after."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """No test begins just before midnight: what is "today" when it writes is to be so when it looks."""
    from finsam_site.clock import STOCKHOLM

    now = dt.datetime.now(STOCKHOLM)
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), STOCKHOLM)
    left = midnight.timestamp() - now.timestamp()
    if left < NIGHT_SECONDS:
        time.sleep(left + 1)


@pytest.fixture
def one_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted by the quarter of the clock (access/throttle.py) does not begin anew in the middle of a test."""
    from finsam_site.access import throttle

    now = time.time()
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: now, monotonic=time.monotonic))


@pytest.fixture
def drill(record_property: Callable[[str, object], None]) -> Iterator[Drill]:
    """What is told of the test in docs/drills.md, whether it fails or not."""
    told = Drill()
    yield told
    for name, value in vars(told).items():
        record_property(name, "" if value is None else value)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Function) -> Generator[None, None, None]:
    """Let a transactional test be emptied on SQLite, where there is no TRUNCATE that passes the append-only guards.

    The guards are lifted before the tables are emptied and put back before the next test.
    """
    marker = item.get_closest_marker("django_db")
    transactional = (marker and marker.kwargs.get("transaction")) or TRANSACTIONAL & set(item.fixturenames)
    if not transactional or connection.vendor != "sqlite":
        yield
        return
    from finsam_site.access.guards import PREFIX, install_guards
    from registration.guards import install_ties

    blocker = item.config.stash[blocking_manager_key]
    with blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            if name.startswith(PREFIX):
                cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    with blocker.unblock():
        install_guards()
        install_ties()
