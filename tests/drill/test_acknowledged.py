"""What was confirmed is there, once, however often the database is killed under those who register (QUALITY §3)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.bench.pages_environment import like_production
from tests.drill import Drill, size
from tests.services import SERVER_SETTINGS, PostgresServer
from tests.waiting import ROOT, until

DURABLE = SERVER_SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As in production: what is committed is on the disk."""

PEOPLE = 6
KILLS = size(20, 5)
REGISTRATIONS = size(1_000, 30)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="promised for PostgreSQL, which is killed here"
    ),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's: started by root, the server runs as another user, who must reach its data."""
    with tempfile.TemporaryDirectory(prefix="finsam-drill-") as name:
        yield Path(name)


def test_every_confirmed_registration_is_there_once(folder: Path, drill: Drill) -> None:
    """Killed as by a power cut and started again while people register in and out through the pages."""
    drill.what = f"registrations confirmed while the database is killed {KILLS} times"
    server = PostgresServer(folder, DURABLE)
    server.start()
    environment = os.environ | like_production(folder) | {"DATABASE_URL": server.url}
    try:
        subprocess.run(
            [sys.executable, "-m", "tests.bench.child", "migrate"],
            env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        log = folder / "people.log"
        command = [
            sys.executable,
            "-m",
            "tests.drill.acknowledged",
            str(folder),
            str(PEOPLE),
            str(REGISTRATIONS),
        ]
        with (
            log.open("wb") as said,
            subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=said
            ) as people,
        ):
            assert people.stdout
            until(lambda: (folder / "ready").exists() or people.poll() is not None, 120)
            seed = drill.seed = random.randrange(10**6)
            kill_now_and_then(server, people, random.Random(seed))
            (folder / "over").touch()
            lines = people.stdout.read().decode().splitlines()
        assert people.returncode == 0, log.read_text(errors="replace")[-4000:]
        found = json.loads(lines[-1])
        drill.tried = found["registered"]
    finally:
        server.stop()
    assert found["wrong"] == [] and found["errors"] == [], f"seed {seed}: {found}"
    assert found["registered"] >= REGISTRATIONS and found["out"] >= PEOPLE


def kill_now_and_then(server: PostgresServer, people: subprocess.Popen[bytes], luck: random.Random) -> None:
    """At any moment of the work, and spread over all of it."""
    pace = 0.4 * REGISTRATIONS / KILLS  # seconds, about what so many registrations take on two cores
    for _ in range(KILLS):
        time.sleep(luck.uniform(0.2, 2 * pace))
        assert people.poll() is None, "those who register have stopped"
        server.kill()
        time.sleep(luck.uniform(0, 0.5))
        server.start()
