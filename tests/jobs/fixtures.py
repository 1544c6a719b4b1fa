"""Fixtures for everything that needs a worker: `from tests.jobs.fixtures import *` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finsam_site.jobs import sweep
from tests.jobs.processes import Processes, broker_of_this_process
from tests.services import RedisServer

__all__ = ["broker", "processes", "redis_server", "worker"]


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, running."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def broker(redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of that Redis, which the test's own process uses as broker."""
    monkeypatch.setattr(sweep, "_last_look", (0.0, True))
    with broker_of_this_process(redis_server.url, tmp_path):
        yield redis_server.url


@pytest.fixture
def processes(broker: str, tmp_path: Path, transactional_db: None) -> Iterator[Processes]:
    """Worker and beat of the test's own, not started.

    The test is marked `django_db(transaction=True, serialized_rollback=True)`.
    """
    folder = tmp_path / "processes"
    folder.mkdir()
    both = Processes(folder, broker)
    yield both
    both.stop()


@pytest.fixture
def worker(processes: Processes) -> Processes:
    """Worker and beat, started."""
    processes.start()
    return processes
