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
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django

from .measure import Stopwatch, peak_mb

STOCKHOLM = ZoneInfo("Europe/Stockholm")


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
    """Take one uttag, its parts timed."""
    from finsam_site.access.models import User
    from reporting.uttag import extraction, take

    watch = Stopwatch()
    inside = {"now": True}

    def time_(module: Any, name: str, part: Callable[[], str]) -> None:
        original = getattr(module, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with watch(part()):
                return original(*args, **kwargs)

        setattr(module, name, timed)

    def of_year(part: str) -> Callable[[], str]:
        return lambda: part if inside["now"] else f"before: {part}"

    def year_before(*args: Any, **kwargs: Any) -> Any:
        inside["now"] = False
        return original_before(*args, **kwargs)

    original_before = take._year_before
    setattr(take, "_year_before", year_before)  # noqa: B010
    time_(extraction, "wait_for_writers", lambda: "waiting")
    time_(extraction, "extract", of_year("extraction"))
    time_(take, "build_dataset", of_year("dataset"))
    time_(extraction, "count_erased_since", lambda: "late and erased")
    time_(extraction, "count_arrived_late", lambda: "late and erased")
    time_(take, "tables_of", lambda: "tables")
    time_(take, "content_hash", lambda: "hash")
    time_(take, "write_frozen", lambda: "freezing")
    time_(take, "insert_many", lambda: "rows")
    user = User.objects.system()
    time_of_it = as_of(int(year))
    before = peak_mb()
    begun, worked = time.perf_counter(), time.process_time()
    taken = take.take_uttag(user, int(year), time_of_it)
    total = time.perf_counter() - begun
    return {
        "total": total,
        "parts": watch.seconds | {"the rest and the commit": total - sum(watch.seconds.values())},
        "cpu": time.process_time() - worked,
        "rows": taken.uttag.rader.count(),
        "file_bytes": taken.uttag.fil.size,
        "content_hash": taken.uttag.content_hash,
        "peak_mb": peak_mb(),
        "start_mb": before,
    }


def compare(first: str, last: str, register_every: str) -> dict[str, Any]:
    """All years' tables in three ways."""
    from .compare import compare_years

    return compare_years(int(first), int(last), say, register_every=int(register_every))


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "migrate": migrate,
    "generate": generate,
    "folder": folder,
    "import": importing,
    "uttag": uttag,
    "compare": compare,
}


def main() -> None:
    """Run the part named first with the arguments after it."""
    django.setup()
    tempfile.gettempdir()  # fails now rather than in the middle
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])), flush=True)


if __name__ == "__main__":
    main()
