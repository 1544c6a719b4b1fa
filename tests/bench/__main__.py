"""The bench: `make bench`, or on a PostgreSQL in DATABASE_URL whose user may make databases:

    python -m tests.bench [--deltaganden N] [--years N] [--only import,uttag,compare,pages] [--write FILE]

It makes databases of its own beside the one in DATABASE_URL and drops them afterwards. Every part runs in a process of
its own. The exit code is 0 when every figure holds, 1 when one misses what QUALITY §5 holds it to, 2 when nothing could
be measured. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from . import keyboard_report, pages_report
from .measure import load_average, machine
from .pages_environment import like_production
from .report import WEAK, Report, as_markdown, as_text
from .shape import section_of, with_section

PARTS = ("import", "uttag", "compare", "pages")
SETTINGS = "finsam_site.settings"
PREFIX = "finsam_bench"
PAGES_DELTAGANDEN = 8_000


class BenchFailed(Exception):
    """A part ended with an error; it has said which on stderr."""


def main() -> int:
    """The command line; gives the exit code."""
    arguments = read_arguments()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print(
            "tests.bench: DATABASE_URL names no PostgreSQL. Run `make bench`, which starts one, or set it.",
            file=sys.stderr,
        )
        return 2
    server = Server(url)
    report = Report(
        started=dt.datetime.now(dt.UTC), machine=machine() | {"PostgreSQL": server.describe()}, load=[load_average()],
        deltaganden=arguments.deltaganden, years=arguments.years,
    )  # fmt: skip
    try:
        with server.migrated() as template:
            if "import" in arguments.only:
                measure_import(server, template, report, arguments)
            if {"uttag", "compare"} & set(arguments.only):
                measure_register(server, template, report, arguments)
            if "pages" in arguments.only:
                measure_people(server, report, arguments)
    except BenchFailed as failure:
        print(f"tests.bench: {failure}", file=sys.stderr)
        return 2
    report.load.append(load_average())
    print(as_text(report))
    if arguments.write:
        arguments.write.parent.mkdir(parents=True, exist_ok=True)
        if arguments.only == ["pages"] and arguments.write.exists():
            document = arguments.write.read_text(encoding="utf-8")
            text = with_section(document, pages_report.TITLE, pages_report.lines(report.pages), before=WEAK)
        else:
            text = _with_keys(as_markdown(report), arguments.write)
        arguments.write.write_text(text, encoding="utf-8")
        print(f"Written: {arguments.write}")
    return 0 if all(figure.holds for figure in report.held) else 1


def _with_keys(document: str, path: Path) -> str:
    """The whole report with what the file says of the keyboard, which a test counts and not the bench."""
    kept = section_of(path.read_text(encoding="utf-8"), keyboard_report.TITLE) if path.exists() else None
    return with_section(document, keyboard_report.TITLE, kept, before=WEAK) if kept else document


def read_arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--deltaganden", type=int, default=1_000_000, help="in the register (1,000,000)")
    parser.add_argument("--years", type=int, default=20, help="years of the register, up to 2024 (20)")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to run, of {','.join(PARTS)}")
    parser.add_argument(
        "--imported", type=int, default=20_000, help="deltaganden in the register to import (20,000)"
    )
    parser.add_argument("--register", type=Path, help="import this register folder instead of a made one")
    parser.add_argument("--runs", type=int, default=3, help="runs of an import and of an uttag (3)")
    parser.add_argument(
        "--register-every", type=int, default=4,
        help="query the register itself, which is slow, only for every so manieth year (4) and the last",
    )  # fmt: skip
    parser.add_argument("--people", type=int, default=50, help="at work at the same time on the pages (50)")
    parser.add_argument("--seconds", type=float, default=120, help="that they work (120)")
    parser.add_argument(
        "--pause",
        type=pause,
        default=(2.0, 4.0),
        metavar="FROM-TO",
        help="their seconds before each page (2-4)",
    )
    parser.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="write the figures as Markdown, too (pages alone: their section)",
    )
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    if unknown := set(arguments.only) - set(PARTS):
        parser.error(f"--only knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    if not 2 <= arguments.years <= 20:
        parser.error("--years is 2 to 20")
    return arguments


def pause(text: str) -> tuple[float, float]:
    """The shortest and the longest pause of `2-4`. Raises ValueError, which argparse turns into words."""
    low, high = map(float, text.split("-"))
    return low, high


def measure_import(server: Server, template: str, report: Report, arguments: argparse.Namespace) -> None:
    """The register import, each run on an empty database of its own."""
    with tempfile.TemporaryDirectory(prefix="finsam-bench-") as name:
        folder = arguments.register or Path(name) / "register"
        if not arguments.register:
            server.run(template, "folder", folder, arguments.imported)
        for number in range(arguments.runs):
            announce(report, f"register import, run {number + 1}")
            with server.copy(template, f"{PREFIX}_import") as database:
                report.imports.append(server.run(database, "import", folder))


def measure_register(server: Server, template: str, report: Report, arguments: argparse.Namespace) -> None:
    """The uttag and the comparison, on one generated register."""
    with server.copy(template, f"{PREFIX}_register") as database:
        announce(report, f"a register of {arguments.deltaganden:,} deltaganden over {arguments.years} years")
        made = report.register = server.run(database, "generate", arguments.deltaganden, arguments.years)
        if "uttag" in arguments.only:
            for year in (made["last"], made["first"] + arguments.years // 2 - 1):
                for number in range(arguments.runs):
                    announce(report, f"uttag of {year}, run {number + 1}")
                    report.uttag.setdefault(year, []).append(server.run(database, "uttag", year))
        if "compare" in arguments.only:
            announce(report, "all years' tables in four ways")
            report.compare = server.run(
                database, "compare", made["first"], made["last"], arguments.register_every
            )


def measure_people(server: Server, report: Report, arguments: argparse.Namespace) -> None:
    """The pages where people register, on a web server as in production and with keys of its own."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environment = like_production(Path(folder))
        database = stack.enter_context(server.migrated(f"{PREFIX}_pages", environment))
        announce(report, f"pages with {arguments.people} people at work")
        report.pages = server.run(
            database, "pages", PAGES_DELTAGANDEN, arguments.people, arguments.seconds, *arguments.pause,
            environment=environment,
        )  # fmt: skip
        report.pages |= {
            "measured": f"Measured {report.started:%Y-%m-%d %H:%M} UTC on {report.machine['CPU']}",
            "load": (report.load[-1], load_average()),
        }


class Server:
    """The PostgreSQL to measure on."""

    def __init__(self, url: str) -> None:
        self.info = conninfo_to_dict(url)

    def url(self, database: str) -> str:
        """As DATABASE_URL, for another database of the server."""
        found = {name: str(value) for name, value in self.info.items()}
        login = found["user"] + (f":{found['password']}" if "password" in found else "")
        return f"postgres://{login}@{found.get('host', 'localhost')}:{found.get('port', '5432')}/{database}"

    def execute(self, statement: str, *names: str) -> Any:
        """Run a statement outside any transaction, `{}` for each name; gives its first row if it has one."""
        query = sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type, unused-ignore]
        with psycopg.connect(make_conninfo(**self.info), autocommit=True) as connection:  # type: ignore[arg-type, unused-ignore]
            cursor = connection.execute(query)
            return cursor.fetchone() if cursor.description else None

    def describe(self) -> str:
        """Version, and the settings that matter here."""
        names = ("shared_buffers", "work_mem", "fsync", "synchronous_commit")
        values = [f"{name} {self.execute(f'SHOW {name}')[0]}" for name in names]
        return f"{self.execute('SHOW server_version')[0]} ({', '.join(values)})"

    @contextmanager
    def copy(self, template: str, name: str) -> Iterator[str]:
        """A database like another one, dropped afterwards."""
        self.execute("DROP DATABASE IF EXISTS {}", name)
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield name
        finally:
            self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def migrated(
        self, name: str = f"{PREFIX}_template", environment: dict[str, str] | None = None
    ) -> Iterator[str]:
        """A migrated, empty database to copy, dropped afterwards. environment: as in `run`, with the keys."""
        with self.copy("template0", name):
            self.run(name, "migrate", environment=environment)
            yield name

    def run(
        self, database: str, part: str, *arguments: object, environment: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Run a part of `tests.bench.child` in a process of its own and give what it measured.

        environment: what differs from ours.
        """
        names = {"DATABASE_URL": self.url(database), "DJANGO_SETTINGS_MODULE": SETTINGS} | (environment or {})
        command = [sys.executable, "-m", "tests.bench.child", part, *map(str, arguments)]
        ended = subprocess.run(
            command, env=os.environ | names, stdout=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode:
            raise BenchFailed(f"the part `{part}` failed, see above")
        found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return found


def announce(report: Report, text: str) -> None:
    """Progress, and how busy the machine is as the next part begins."""
    report.load.append(load_average())
    print(f"==> {text} (load {report.load[-1]:.1f})", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
