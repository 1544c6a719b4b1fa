"""`python -m finsam_site.run`: everything starts, works and is gone afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.jobs.processes import ROOT, until

pytestmark = [pytest.mark.both, pytest.mark.slow]


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


def test_one_command_starts_everything_and_leaves_nothing(tmp_path: Path) -> None:
    """On a new data folder: address printed, page answered, a killed worker comes back; SIGTERM ends it all."""
    var, log = tmp_path / "var", tmp_path / "log"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FINSAM_") and name not in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    }
    with log.open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "finsam_site.run"],
            cwd=ROOT,
            env=environment | {"FINSAM_VAR": str(var), "FINSAM_PORT": "18000"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: "är igång på" in log.read_text() or run.poll() is not None, 180)
        found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
        assert found, log.read_text()
        assert answer(found[0]) < 500
        running = processes_of(var)
        assert {"worker", "beat", "gunicorn"} <= set(" ".join(running.values()).split())

        # The first of the worker's processes is the parent of the others.
        os.kill(min(pid for pid, command in running.items() if " worker " in command), signal.SIGKILL)
        until(lambda: "jobb slutade" in log.read_text(), 10)
        time.sleep(0.5)
        assert run.poll() is None
    finally:
        run.terminate()
        code = run.wait(30)
    assert code == 0 and "Finsam är stoppat" in log.read_text()
    until(lambda: not processes_of(var), 5)
