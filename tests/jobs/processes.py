"""A real worker and beat on the test database, to be started, killed and stopped by a test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from finsam_site.celery import app
from finsam_site.jobs.broker import celery_settings
from finsam_site.jobs.models import Jobb
from tests.waiting import ROOT, until

LEASE = 3
"""Seconds of a lease in most tests; the product has more (one test runs with those)."""


def ended(job: Jobb, seconds: float = 60) -> Jobb:
    """The job, when it has come to an end."""

    def look() -> bool:
        job.refresh_from_db()
        return job.ended

    try:
        until(look, seconds)
    except AssertionError:
        raise AssertionError(f"after {seconds} s: {job.tillstand}, try {job.forsok}, {job.steg!r}") from None
    return job


def database_url() -> str:
    """The URL of the test database, for other processes."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    name, password = quote(str(at["USER"]), safe=""), quote(str(at["PASSWORD"]), safe="")
    return f"postgres://{name}:{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@contextlib.contextmanager
def broker_of_this_process(url: str, var: Path) -> Iterator[None]:
    """Let the tests' own process use the broker at `url`."""
    names = ("broker_url", "broker_transport_options")
    before = {name: getattr(app.conf, name) for name in names}
    new = celery_settings(url, var=var, sweep_seconds=1, max_seconds=60)

    def use(values: dict[str, Any]) -> None:
        for name in names:
            setattr(app.conf, name, values[name])
        vars(app)["_pool"] = None
        vars(app.amqp)["_producer_pool"] = None

    use(new)
    try:
        yield
    finally:
        use(before)


def alive(pid: int) -> bool:
    """True while the process is there and not merely waits to be buried."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def _kill_group(leader: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)


class Processes:
    """Worker and beat, each in a process group of its own, with their log in `folder`."""

    def __init__(self, folder: Path, broker_url: str, **environment: str | None) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._left: list[subprocess.Popen[bytes]] = []
        wanted: dict[str, str | None] = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "FINSAM_VAR": str(settings.FINSAM_VAR),
            "CELERY_BROKER_URL": broker_url,
            "FINSAM_JOB_LEASE_SECONDS": str(LEASE),
            "FINSAM_JOB_SWEEP_SECONDS": "1",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self._environment = {name: value for name, value in wanted.items() if value is not None}

    @property
    def log(self) -> str:
        """What they have written."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def set(self, name: str, value: str) -> None:
        """Give a variable to what is started from now on."""
        self._environment[name] = value

    def unset(self, name: str) -> None:
        """Take a variable from what is started from now on."""
        self._environment.pop(name, None)

    def start(self) -> None:
        """Start both and wait for the worker."""
        self.start_worker(wait=False)
        self.start_beat()
        self.wait_for_worker()

    def start_worker(self, *, wait: bool = True, concurrency: int = 2) -> None:
        """A worker with prefork children."""
        self._start(
            "worker",
            *("worker", "--include", "tests.jobs.kinds", "--concurrency", str(concurrency)),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )
        if wait:
            self.wait_for_worker()

    def start_beat(self) -> None:
        """A beat with a schedule file of its own."""
        self._start("beat", "beat", "--schedule", str(self.folder / "schedule"), "--loglevel", "INFO")

    def wait_for_worker(self) -> None:
        """Until the worker says that it is ready."""
        process = self._running["worker"]
        until(
            lambda: b" ready." in self._log_of("worker", process).read_bytes() or process.poll() is not None,
            60,
        )
        assert process.poll() is None, self.log

    def kill(self, name: str = "worker") -> None:
        """kill -9 of the whole process group."""
        process = self._running.pop(name)
        _kill_group(process)
        process.wait()

    def kill_parent(self, name: str = "worker") -> None:
        """kill -9 of the parent alone: nobody tells its children."""
        process = self._running.pop(name)
        self._left.append(process)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End what still runs, at once."""
        for name in list(self._running):
            self.kill(name)
        for process in self._left:
            _kill_group(process)

    def _start(self, name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "celery", "--app", "finsam_site.celery", *arguments]
        temporary = self.folder / f"{name}.new"
        with temporary.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        temporary.rename(self._log_of(name, process))
        self._running[name] = process

    def _log_of(self, name: str, process: subprocess.Popen[bytes]) -> Path:
        return self.folder / f"{name}-{process.pid}.log"
