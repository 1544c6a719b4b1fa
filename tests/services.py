"""Run a command with a real PostgreSQL and Redis of its own: `python -m tests.services -- COMMAND…`.

The servers listen on free ports of 127.0.0.1, keep their data in a temporary folder and are gone afterwards, also after
Ctrl-C, SIGTERM or a failure. COMMAND finds them in DATABASE_URL (database `finsam`, a superuser with a random password)
and REDIS_URL, the distribution's Chromium in FINSAM_TEST_CHROMIUM, and gets a temporary FINSAM_VAR unless one is set.
The exit code is that of COMMAND; 2 when a program is missing. As root on Debian and Ubuntu, missing ones are installed.

Started by root, the server runs as the OS user `postgres`, because PostgreSQL refuses to run as root. Nothing is made
durable (fsync is off): never use this for data that matters.
"""

import argparse
import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

from tests.programs import fail, require_binaries, require_chromium, require_redis, server_user

USER = "finsam"
DATABASE = "finsam"
START_SECONDS = 60
STOP_SECONDS = 30
TRIES = 5

SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
}
STILL = {"autovacuum": "off"}
"""With `--still`: no statistics gathered in the middle of a test, where nothing is committed and tables seem empty."""


class Stopped(Exception):
    """A signal asked us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class PostgresServer:
    """A PostgreSQL with an empty database of its own that can be killed and started again. Data under `folder`."""

    def __init__(self, folder: Path, settings: dict[str, str] = SERVER_SETTINGS) -> None:
        self._binaries = require_binaries()
        self._home = folder / "postgresql"
        self._home.mkdir(mode=0o700)
        self._password = secrets.token_hex(16)
        self._as_user: dict[str, Any] = {
            "cwd": self._home, "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        }  # fmt: skip
        self._port: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._initialise(folder)
        with (self._home / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    @property
    def url(self) -> str:
        """Of the database, with the superuser and its password."""
        return f"postgres://{USER}:{self._password}@127.0.0.1:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Start it and wait until it answers; make the database the first time.

        The first time another port is tried when somebody was quicker to take it. Raises RuntimeError with its log.
        """
        log = self._home / "log"
        known = self._port
        for _ in range(TRIES):
            self._port = known or free_port()
            with log.open("wb") as output:
                # A session of its own: Ctrl-C in the terminal reaches COMMAND, and the server outlives it.
                self._process = subprocess.Popen(
                    [self._binaries / "postgres", "-D", self._home / "data", "-p", str(self._port)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **self._as_user,
                )
            try:
                if self._wait_until_ready(self._process, create=known is None):
                    return
            except BaseException:
                self.stop()
                raise
            if not re.search(r"could not (bind|create any TCP)", log.read_text(errors="replace")):
                break
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")

    def kill(self) -> None:
        """As a power cut: SIGKILL of the server and of every process that it has started."""
        if self._process is None:
            return
        # Held still first, so that it starts no more of them meanwhile.
        self._process.send_signal(signal.SIGSTOP)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in [*map(int, children), self._process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Stop it: quickly but in order, and if that takes too long at once."""
        if self._process is None or self._process.poll() is not None:
            return
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return

    def _initialise(self, folder: Path) -> None:
        password_file = self._home / "password"
        password_file.write_text(self._password)
        user = server_user()
        if user:
            folder.chmod(0o711)  # The server's user must pass through, not look.
            for path in (self._home, password_file):
                os.chown(path, user.pw_uid, user.pw_gid)
            self._as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        initdb = subprocess.run(
            [
                self._binaries / "initdb",
                *("--pgdata", self._home / "data", "--username", USER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self._as_user,
        )
        if initdb.returncode:
            raise RuntimeError(f"initdb failed:\n{initdb.stdout}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes], *, create: bool) -> bool:
        """True as soon as it answers; False when it has ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None:
            try:
                with psycopg.connect(
                    host="127.0.0.1", port=self._port, user=USER, password=self._password, dbname="postgres",
                    autocommit=True,
                ) as connection:  # fmt: skip
                    if create:
                        connection.execute(f"CREATE DATABASE {DATABASE}")  # type: ignore[arg-type, unused-ignore]
                    return True
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        return False


@contextlib.contextmanager
def postgresql(folder: Path, settings: dict[str, str] = SERVER_SETTINGS) -> Iterator[str]:
    """A running server with its data under `folder`; gives the URL of the empty database."""
    server = PostgresServer(folder, settings)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class RedisServer:
    """A Redis on a port of its own that can be killed and started again. Keeps every write, as production does."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError with its log."""
        binary = require_redis()
        log = self.folder / "redis.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    binary,
                    *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", ""),
                    *("--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no"),
                    *("--databases", "128"),  # one for each worker of pytest-xdist
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.sendall(b"PING\r\n")
                if link.recv(16).startswith(b"+PONG"):
                    return
            time.sleep(0.02)
        raise RuntimeError(f"Redis did not start:\n{log.read_text(errors='replace')}")

    def kill(self) -> None:
        """As a power cut: SIGKILL."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def wipe(self) -> None:
        """Remove what it kept; only while it is not running."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A running Redis; gives its URL. Another port is tried when somebody was quicker to take it."""
    for last in (False, False, True):
        server = RedisServer(folder / f"redis-{free_port()}")
        try:
            server.start()
            break
        except RuntimeError:
            server.kill()
            if last:
                raise
    try:
        yield server.url
    finally:
        server.kill()


def run_command(command: list[str], environment: dict[str, str]) -> int:
    """Run `command` to its end and give its exit code, 128 + n when signal n ended it."""
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        print(
            f"tests.services: {command[0]} cannot be started: {error.strerror}", file=sys.stderr, flush=True
        )
        return 127
    try:
        code = process.wait()
    except Stopped as stopped:
        # From a terminal the command has had the SIGINT too; otherwise it is told now.
        if stopped.number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(stopped.number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 128 + stopped.number
    return code if code >= 0 else 128 - code


def stop_on_signals() -> None:
    """Turn the first SIGINT, SIGTERM or SIGHUP into `Stopped`; later ones wait for the tidying up."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


def remove(folder: Path) -> None:
    """Remove `folder`, also while a process that was just told to end still writes there."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    print(f"tests.services: {folder} could not be removed.", file=sys.stderr, flush=True)


def main() -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.services", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="what to run; put -- before it")
    parser.add_argument("--still", action="store_true", help="PostgreSQL gathers no statistics by itself")
    arguments = parser.parse_args()
    command: list[str] = arguments.command
    settings = SERVER_SETTINGS | (STILL if arguments.still else {})
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="finsam-services-"))
    try:
        chromium = require_chromium()
        with postgresql(folder, settings) as url, redis(folder) as redis_url:
            environment = {
                "FINSAM_VAR": str(folder / "var"),
                "FINSAM_TEST_CHROMIUM": str(chromium),
                **os.environ,
                "DATABASE_URL": url,
                "REDIS_URL": redis_url,
            }
            environment.pop("CELERY_BROKER_URL", None)
            return run_command(command, environment)
    except Stopped as stopped:
        return 128 + stopped.number
    except RuntimeError as error:
        fail(str(error))
    finally:
        remove(folder)


if __name__ == "__main__":
    sys.exit(main())
