"""The demo as its users start it: `python -m finsam_site.run` with a data folder of its own, apart from the tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import ROOT, until

START_SECONDS = 240.0
"""A new data folder is filled with demo data first, which on a slow machine takes a minute."""

STOP_SECONDS = 30


@dataclass
class Demo:
    """A running demo. process: its supervisor; var: its data folder."""

    process: subprocess.Popen[bytes]
    var: Path
    _log: Path

    @property
    def log(self) -> str:
        """What it has written to the terminal."""
        return self._log.read_text(errors="replace")

    @property
    def address(self) -> str:
        """Where it says that it is, without a slash at the end. Fails the test when it does not run."""
        found = re.search(r"http://127\.0\.0\.1:\d+(?=/)", self.log)
        assert found, self.log
        return found[0]

    def stop(self) -> int:
        """End it as Ctrl-C does, which the terminal sends to the whole group; gives its exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def demo(folder: Path, port: int = 18000) -> Iterator[Demo]:
    """Start it in `folder` and wait for its address; it takes the next free port when that one is taken."""
    log = folder / "log"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FINSAM_") and name not in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            # As its child, so that it ends when the test run is killed and cannot end it.
            [
                sys.executable,
                "-m",
                "finsam_site.run.child",
                str(os.getpid()),
                sys.executable,
                "-m",
                "finsam_site.run",
            ],
            cwd=ROOT,
            env=environment | {"FINSAM_VAR": str(folder / "var"), "FINSAM_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    one = Demo(process, folder / "var", log)
    try:
        until(lambda: "är igång på" in one.log or process.poll() is not None, START_SECONDS)
        yield one
    finally:
        if process.poll() is None:
            one.stop()
