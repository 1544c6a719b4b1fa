"""Get the database ready, fill a new one with demo data, and run web server, worker and beat until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import SystemCheckError

from .supervisor import Failed, Service, Stopped, Supervisor, stop_on_signals

TRY_PORTS = 50
WEB_PROCESSES = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2
ROOT_WORKER = "ignore:You're running the worker with superuser privileges:UserWarning"
"""Many try a demo as root in a container; only JSON is accepted, which is what that warning is about."""


def main() -> int:
    """The command; gives the exit code."""
    began = time.monotonic()
    stop_on_signals()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam_site.settings")
    try:
        import django

        django.setup()
        from django.conf import settings

        with only_one(settings.FINSAM_VAR / "run.lock"):
            prepare()
            return serve(began)
    except Stopped:
        return 0
    except (Failed, ImproperlyConfigured, SystemCheckError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock of the data folder. Raises Failed where another run has it."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(
                f"Finsam kör redan med datamappen {path.parent}. Stoppa det först, eller sätt FINSAM_VAR till en "
                "annan mapp."
            ) from None
        yield


def prepare() -> None:
    """Migrate; collect static files where they are served so; demo data into an empty demo database."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command, get_commands

    call_command("migrate", interactive=False, verbosity=0)
    if settings.STATIC_ROOT:
        call_command("collectstatic", interactive=False, verbosity=0)
    forbund = apps.get_model("registration", "Forbund")
    demo = settings.FINSAM_MODE == "demo" and "demo_data" in get_commands()
    if demo and not forbund.unscoped.exists():
        say("Fyller en ny databas med påhittade uppgifter. Det görs bara första gången.")
        call_command("demo_data")


def serve(began: float) -> int:
    """Start everything, say where it is, and wait for the end."""
    from django.conf import settings
    from django.core.management import call_command, get_commands
    from django.db import connections

    from finsam_site.jobs import pulse

    port = free_port(settings.FINSAM_PORT)
    if port != settings.FINSAM_PORT:
        say(f"Port {settings.FINSAM_PORT} är upptagen. Finsam använder {port}.")
    before = time.time()

    def worker_ready() -> bool:
        silent = pulse.worker_silent_for()
        return silent is not None and time.time() - silent > before

    python, celery = (
        sys.executable,
        [sys.executable, "-m", "celery", "--quiet", "--app", "finsam_site.celery"],
    )
    supervisor = Supervisor(
        [
            Service("webb", web_command(python, port), vital=True, ready=lambda: answers(port)),
            Service(
                "jobb",
                [*celery, "worker", "--concurrency", str(WORKER_PROCESSES), "--loglevel", "WARNING",
                 "--without-gossip", "--without-mingle", "--without-heartbeat"],
                ready=worker_ready,
            ),
            Service("klocka", [*celery, "beat", "--pidfile=", "--loglevel", "WARNING"]),
        ],
        {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ROOT_WORKER},
    )  # fmt: skip
    connections.close_all()
    try:
        supervisor.start()
        print(
            f"\n  Finsam är igång på http://127.0.0.1:{port}/  ({time.monotonic() - began:.0f} s)", flush=True
        )
        if settings.FINSAM_MODE == "demo":
            print(f"  Uppgifterna är påhittade och ligger i {settings.FINSAM_VAR}", flush=True)
        if "demo_users" in get_commands():
            call_command("demo_users")
            connections.close_all()
        print("  Stoppa med Ctrl-C.\n", flush=True)
        supervisor.watch()
    except Stopped:
        print("\nFinsam stoppas …", flush=True)
    finally:
        supervisor.stop()
    print("Finsam är stoppat. Allt är sparat.", flush=True)
    return 0


def web_command(python: str, port: int) -> list[str]:
    """What serves the pages on `port`."""
    return [
        python, "-m", "gunicorn", "finsam_site.wsgi:application",
        "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS),
        "--graceful-timeout", "3", "--timeout", "60", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip


def answers(port: int) -> bool:
    """True when the web server answers, whatever it says short of a fault."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def free_port(wanted: int) -> int:
    """`wanted`, or the next port of 127.0.0.1 that is free. Raises Failed when there is none near."""
    for port in range(wanted, min(wanted + TRY_PORTS, 65536)):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port
    raise Failed(f"Ingen ledig port från {wanted} och uppåt. Sätt FINSAM_PORT till en annan.")


def say(sentence: str) -> None:
    """A sentence to whoever started it."""
    print(f"Finsam: {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
