"""`python -m finsam_site.run`: everything starts, works and is gone afterwards."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from registration.demo.users import PASSWORD, USERS
from tests.demo import demo
from tests.waiting import until

pytestmark = pytest.mark.slow

SECOND_START_SECONDS = 90
"""It takes six to fifteen; on a machine so slow that it takes longer, less than half of the first."""


def processes_of(var: Path) -> dict[int, str]:
    """Every process that has this data folder in its environment, with its command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"FINSAM_VAR={var}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def answer(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as error:
        return error.code


def users_in(log: str) -> list[str]:
    """Whom the start says one can log in as, each with the password."""
    rows = [re.split(r" {2,}", line.strip()) for line in log.splitlines() if PASSWORD in line]
    return [user for _, user, password, *_ in rows if password == PASSWORD]


def registered(var: Path) -> int:
    """How many deltaganden stand in the data folder."""
    with closing(sqlite3.connect(var / "finsam.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM registration_deltagande").fetchone()[0])


def test_one_command_starts_everything_and_leaves_nothing(tmp_path: Path) -> None:
    """On a new data folder: address and users printed, page answered, a killed worker comes back; Ctrl-C ends it all.

    A second start finds the data as they were left, and need not make them.
    """
    began = time.monotonic()
    with demo(tmp_path) as one:
        first = time.monotonic() - began
        assert answer(one.address) < 500
        until(lambda: "Stoppa med Ctrl-C" in one.log)
        assert users_in(one.log) == [user.anvandarnamn for user in USERS]
        assert "Demodata finns nu" in one.log
        running = processes_of(one.var)
        assert {"worker", "beat", "gunicorn"} <= set(" ".join(running.values()).split())

        # The first of the worker's processes is the parent of the others.
        os.kill(min(pid for pid, command in running.items() if " worker " in command), signal.SIGKILL)
        until(lambda: "jobb slutade" in one.log)
        time.sleep(0.5)
        assert one.process.poll() is None
        code = one.stop()
    assert code == 0 and "Finsam är stoppat" in one.log
    until(lambda: not processes_of(one.var))
    kept = registered(one.var)
    assert kept > 0

    began = time.monotonic()
    with demo(tmp_path) as again:
        second = time.monotonic() - began
        assert second < max(first / 2, SECOND_START_SECONDS), (first, second)
        assert "Demodata finns nu" not in again.log  # found, and not made anew
        assert answer(again.address) < 500
        until(lambda: "Stoppa med Ctrl-C" in again.log)
        assert users_in(again.log) == [user.anvandarnamn for user in USERS]
        assert again.stop() == 0 and "Finsam är stoppat" in again.log
    assert registered(again.var) == kept
    until(lambda: not processes_of(again.var))
