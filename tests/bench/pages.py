"""The pages where people register, measured as they are in production: gunicorn, PostgreSQL, many people at work.

The web server is started as the product starts it (finsam_site/run) with production's settings; the people are a
process of their own (`tests.bench.people`) that stands where the proxy would. Three phases on one register: one person
alone, everybody at work with pauses, and everybody without any pause, which shows where the ceiling is.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command

from finsam_site.run.__main__ import WEB_PROCESSES, WEB_THREADS, web_command
from tests.services import free_port

from . import people as client
from .pages_environment import HOST
from .pages_fill import check, days, described, fill
from .processes import cpu_of_tree, postmaster

ALONE, AT_WORK, NO_PAUSE = "alone", "at work", "no pause"
START_SECONDS = 60
FORM_PAGES = (client.FORM_PAGE, client.OUT_PAGE)
POSTS = (*client.STEPS, client.SAVE, client.OUT_ANSWERS, client.OUT_SAVE)
BY_THEMSELVES = (client.KEEP, client.LOOK_UP, client.ALIVE)


def measure_pages(
    deltaganden: int, people: int, seconds: float, pause: tuple[float, float], say: Callable[[str], None]
) -> dict[str, Any]:
    """Fill the empty, migrated database and measure: `seconds` at work, half of it without pause, a quarter alone.

    pause: the shortest and the longest time before a page, in seconds, for those at work.
    """
    with tempfile.TemporaryDirectory(prefix="finsam-bench-pages-") as name:
        begun = fill(Path(name) / "register", deltaganden, people)
        found: dict[str, Any] = described() | {"people": people, "pause": pause, "seconds": seconds}
        found |= {"workers": WEB_PROCESSES, "threads": WEB_THREADS}
        call_command("collectstatic", interactive=False, verbosity=0)
        with web_server(Path(name)) as (server, port), the_people(port, begun) as tell:
            found["log_in"] = tell(None)["log_in"]
            database, before = postmaster(), found["deltaganden"]
            registered, out = [], []
            for phase, few, lasts, waits in (
                (ALONE, 1, seconds / 4, (0, 0)),
                (AT_WORK, people, seconds, pause),
                (NO_PAUSE, people, seconds / 2, (0, 0)),
            ):
                say(f"{phase}: {few} for {lasts:.0f} s")
                worked = cpu_of_tree(server), cpu_of_tree(database)
                measured = tell({"people": few, "seconds": lasts, "pause": waits})
                registered += measured.pop("registered")
                out += measured.pop("out")
                measured["server_cpu"] = cpu_of_tree(server) - worked[0]
                measured["database_cpu"] = cpu_of_tree(database) - worked[1]
                measured["kinds"] = by_kind(measured.pop("samples"))
                found[phase] = measured
    found["registered"], found["out"] = len(registered), len(out)
    found["errors"] = [error for phase in (ALONE, AT_WORK, NO_PAUSE) for error in found[phase]["errors"]]
    found["wrong"] = check([tuple(one) for one in registered], out, before)
    for text in [*found["errors"][:10], *found["wrong"][:10]]:
        say(text)
    return found


def by_kind(samples: Iterable[tuple[str, float]]) -> dict[str, dict[str, float]]:
    """Milliseconds by kind of request; of all form pages, all posts and all that pages send by themselves together."""
    found: dict[str, list[float]] = defaultdict(list)
    groups = {"all form pages": FORM_PAGES, "all posts": POSTS, "all by themselves": BY_THEMSELVES}
    for kind, took in samples:
        together = next((name for name, kinds in groups.items() if kind in kinds), None)
        for name in (kind, together):
            if name:
                found[name].append(took * 1000)
    return {kind: spread(values) for kind, values in found.items()}


def spread(values: list[float]) -> dict[str, float]:
    """Median, p95, p99 and the most. A percentile is a value that was measured: at least that share took no longer."""
    ordered = sorted(values)

    def percentile(share: int) -> float:
        return ordered[-(-len(ordered) * share // 100) - 1]

    return {
        "requests": len(ordered), "p50": statistics.median(ordered), "p95": percentile(95), "p99": percentile(99),
        "most": ordered[-1],
    }  # fmt: skip


@contextmanager
def web_server(folder: Path) -> Iterator[tuple[int, int]]:
    """gunicorn as `finsam_site.run` starts it; gives its process id and port. Raises RuntimeError with its log."""
    port, log = free_port(), folder / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(web_command(sys.executable, port), stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the web server did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()
        print(log.read_text(errors="replace")[-2000:], end="", file=sys.stderr)


def answers(port: int) -> bool:
    """True when the page to log in is there."""
    headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{port}/logga-in/", headers=headers),
            timeout=START_SECONDS,
        ) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def the_people(port: int, people: list[dict[str, Any]]) -> Iterator[Callable[[dict[str, Any] | None], Any]]:
    """The people in a process of their own; gives what tells them the next phase (None: log in) and waits for it."""
    command = [sys.executable, "-m", "tests.bench.people"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        said = {"port": port, "host": HOST, "people": people, "days": days()}
        process.stdin.write(json.dumps(said) + "\n")

        def tell(phase: dict[str, Any] | None) -> Any:
            assert process.stdin and process.stdout
            if phase is not None:
                process.stdin.write(json.dumps(phase) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the people of the bench stopped, see above")
            return json.loads(line)

        yield tell
        process.stdin.close()
