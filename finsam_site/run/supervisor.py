"""Starts the processes, passes their lines on, starts them anew when they die, and ends them all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import IO

STOP_SECONDS = 10.0
"""From being told to end to being ended. A job that is cut off is run again at the next start."""

FAST_DEATH_SECONDS = 10.0
MOST_FAST_DEATHS = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Ctrl-C, or a signal to end."""


class Failed(Exception):
    """Something cannot run. The text says what, in Swedish."""


@dataclass
class Service:
    """One process. `vital`: all ends when it does; another is started anew."""

    name: str
    command: list[str]
    vital: bool = False
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    fast_deaths: int = 0


class Supervisor:
    """Runs services in process groups of their own, so that a Ctrl-C in the terminal reaches only us."""

    def __init__(self, services: list[Service], environment: dict[str, str]) -> None:
        self._services = services
        self._environment = environment
        self._print_lock = threading.Lock()
        self._ending = False

    def start(self, seconds: float = 60) -> None:
        """Start all and wait until each says it is ready. Raises Failed."""
        for service in self._services:
            self._start(service)
        deadline = time.monotonic() + seconds
        for service in self._services:
            while not service.ready():
                self._look_after(service)
                if time.monotonic() > deadline:
                    raise Failed(f"{service.name} kom inte igång på {seconds:.0f} sekunder, se raderna ovan.")
                time.sleep(0.1)

    def watch(self) -> None:
        """Look after all until a signal raises Stopped. Raises Failed when it cannot go on."""
        while True:
            for service in self._services:
                self._look_after(service)
            time.sleep(0.3)

    def stop(self) -> None:
        """End all: in order, then by force, children and grandchildren."""
        self._ending = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        running = [service for service in self._services if service.process is not None]
        for service in running:
            self._tell(service, signal.SIGTERM, whole_group=False)
        deadline = time.monotonic() + STOP_SECONDS
        for service in running:
            assert service.process is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.process.wait(max(0.1, deadline - time.monotonic()))
            self._tell(service, signal.SIGKILL, whole_group=True)
            service.process.wait()

    def _start(self, service: Service) -> None:
        service.started = time.monotonic()
        service.process = subprocess.Popen(
            [sys.executable, "-m", "finsam_site.run.child", str(os.getpid()), *service.command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert service.process.stdout is not None
        threading.Thread(
            target=self._pass_on, args=(service.name, service.process.stdout), daemon=True
        ).start()

    def _look_after(self, service: Service) -> None:
        if service.process is None or service.process.poll() is None:
            return
        code = service.process.returncode
        self._tell(service, signal.SIGKILL, whole_group=True)  # What it left behind.
        if service.vital:
            raise Failed(f"{service.name} har slutat (kod {code}), se raderna ovan.")
        fast = time.monotonic() - service.started < FAST_DEATH_SECONDS
        service.fast_deaths = service.fast_deaths + 1 if fast else 0
        if service.fast_deaths >= MOST_FAST_DEATHS:
            raise Failed(f"{service.name} slutar genast varje gång det startas, se raderna ovan.")
        self.say("finsam", f"{service.name} slutade (kod {code}) och startas om.")
        time.sleep(min(2.0, 0.2 * service.fast_deaths))
        self._start(service)

    def _tell(self, service: Service, number: signal.Signals, *, whole_group: bool) -> None:
        assert service.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if whole_group:
                os.killpg(service.process.pid, number)
            elif service.process.poll() is None:
                service.process.send_signal(number)

    def _pass_on(self, name: str, output: IO[str]) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in output:
                self.say(name, line.rstrip("\n"))

    def say(self, name: str, line: str) -> None:
        """One line on the terminal, with who says it."""
        with self._print_lock, contextlib.suppress(BrokenPipeError, OSError):
            print(f"{name:<7}│ {line}", flush=True)


def stop_on_signals() -> None:
    """Turn the first signal to end into Stopped."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for each in SIGNALS:
        signal.signal(each, stop)
