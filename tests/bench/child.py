"""One part of the bench in a process of its own: `python -m tests.bench.child PART …`.

The database is the one in DATABASE_URL. What was measured goes to stdout as one line of JSON, progress to stderr. A
process of its own, so that its peak memory is its own too.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django

from finsam_site.clock import STOCKHOLM

from .measure import Stopwatch, peak_mb


def say(text: str) -> None:
    """Progress."""
    print(f"  {text}", file=sys.stderr, flush=True)


def as_of(year: int) -> dt.datetime:
    """When the uttag of a year is taken: 16 January after it, at midnight."""
    return dt.datetime(year + 1, 1, 16, 23, 59, 59, tzinfo=STOCKHOLM)


def migrate() -> dict[str, Any]:
    """Make the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return {}


def generate(deltaganden: str, years: str) -> dict[str, Any]:
    """Fill the register."""
    from django.db import connection

    from .generate import analyze, fill_register
    from .world import Size

    begun = time.perf_counter()
    size = Size(deltaganden=int(deltaganden), years=int(years))
    world = fill_register(size, say)
    analyze()
    seconds = time.perf_counter() - begun
    counts: dict[str, Any] = {"insatser": len(world.insatser), "forbund": len(world.forbund)}
    with connection.cursor() as cursor:
        for name in (
            "deltagande",
            "person",
            "identitet",
            "inregistrering",
            "utregistrering",
            "anonyma",
            "volym",
        ):
            cursor.execute(f"SELECT count(*) FROM registration_{name}")
            counts[name] = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM registration_deltagande WHERE avidentifierad IS NOT NULL")
        counts["avidentifierade"] = cursor.fetchone()[0]
        cursor.execute("SELECT pg_database_size(current_database())")
        counts["bytes"] = cursor.fetchone()[0]
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "first": size.first_year,
        "last": size.last_year,
    } | counts


def folder(path: str, deltaganden: str) -> dict[str, Any]:
    """Write a register folder to import."""
    from .folder import register_size, write_folder

    return {"deltaganden": write_folder(Path(path), register_size(int(deltaganden)))}


def importing(path: str) -> dict[str, Any]:
    """Import a register folder: checked and written, by the management command that people use."""
    from django.core.management import call_command

    from registration.models import Deltagande

    before = peak_mb()
    begun, worked = time.perf_counter(), time.process_time()
    call_command("import_register", path, stdout=sys.stderr)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    written = Deltagande.unscoped.count()
    if not written:
        raise RuntimeError("the import wrote nothing")
    return {"seconds": seconds, "cpu": cpu, "deltaganden": written, "peak_mb": peak_mb(), "start_mb": before}


def uttag(year: str) -> dict[str, Any]:
    """Take one uttag, its parts timed (the functions that `take_uttag` calls are wrapped), and write its workbook."""
    from finsam_site.access.models import User
    from reporting.uttag import extraction, take
    from reporting.workbook import write_workbook

    watch = Stopwatch()

    def timed(module: Any, name: str, part: str) -> Any:
        original = getattr(module, name)

        def work(*args: Any, **kwargs: Any) -> Any:
            with watch(part):
                return original(*args, **kwargs)

        return patch.object(module, name, work)

    user, time_of_it = User.objects.system(), as_of(int(year))
    with ExitStack() as wrapped:
        for one in (
            timed(extraction, "wait_for_writers", "waiting"),
            timed(extraction, "count_rows", "counting"),
            timed(extraction, "extract", "extraction"),
            timed(take, "read_raw", "reading"),
            timed(take, "make_dataset", "datasets"),
            timed(extraction, "count_erased_since", "late and erased"),
            timed(extraction, "count_arrived_late", "late and erased"),
            timed(take, "tables_of", "tables"),
            timed(take, "content_hash", "hash"),
            timed(take, "write_frozen", "freezing"),
            timed(take, "insert_values", "rows"),
        ):
            wrapped.enter_context(one)
        before = peak_mb()
        begun, worked = time.perf_counter(), time.process_time()
        taken = take.take_uttag(user, int(year), time_of_it)
        total, cpu = time.perf_counter() - begun, time.process_time() - worked
    peak = peak_mb()
    book = Stopwatch()
    with tempfile.TemporaryDirectory() as folder, book("workbook"):
        write_workbook(Path(folder) / "uttag.xlsx", taken.meta, taken.tables)
    return {
        "total": total,
        "workbook": book.seconds["workbook"],
        "workbook_cpu": book.cpu["workbook"],
        "parts": watch.seconds | {"the rest and the commit": total - sum(watch.seconds.values())},
        "cpu": cpu,
        "rows": taken.uttag.rader.count(),
        "file_bytes": taken.uttag.fil.size,
        "content_hash": taken.uttag.content_hash,
        "peak_mb": peak,
        "start_mb": before,
    }


def compare(first: str, last: str, register_every: str) -> dict[str, Any]:
    """All years' tables in four ways."""
    from .compare import compare_years

    return compare_years(int(first), int(last), say, register_every=int(register_every))


def pages(deltaganden: str, people: str, seconds: str, pause_from: str, pause_to: str) -> dict[str, Any]:
    """The pages where people register, with many at work."""
    from .pages import measure_pages

    return measure_pages(
        int(deltaganden), int(people), float(seconds), (float(pause_from), float(pause_to)), say
    )


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "migrate": migrate,
    "generate": generate,
    "folder": folder,
    "import": importing,
    "uttag": uttag,
    "compare": compare,
    "pages": pages,
}


def main() -> None:
    """Run the part named first with the arguments after it."""
    django.setup()
    tempfile.gettempdir()  # fails now rather than in the middle
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])), flush=True)


if __name__ == "__main__":
    main()
