"""The people of `test_acknowledged`: `python -m tests.drill.acknowledged FOLDER PEOPLE AT_LEAST`.

Fills the migrated database of DATABASE_URL, starts the web server as in production and lets people register through
it. It makes FOLDER/ready when they begin, and goes on until at least so many registrations are confirmed and
FOLDER/over is there. Whoever gets no answer sends the same again, as people do. What was confirmed is then looked for;
the last line is JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

PHASE_SECONDS = 2.0
AGAIN_SECONDS = 60.0
LONGEST = 1_500.0
"""A drill that is not over by then has failed."""


def main() -> None:
    """The command."""
    django.setup()
    folder, people, at_least = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(register(folder, people, at_least)), flush=True)


def register(folder: Path, people: int, at_least: int) -> dict[str, Any]:
    """How many registrations were confirmed, what people could not finish, and what is wrong in the database."""
    from django.core.management import call_command
    from django.db import connection

    from registration.models import Deltagande
    from tests.bench.pages import the_people, web_server
    from tests.bench.pages_fill import check, fill

    begun = fill(folder / "register", 300, people)
    before = Deltagande.unscoped.count()
    connection.close()
    call_command("collectstatic", interactive=False, verbosity=0)
    registered: list[tuple[str, str, int]] = []
    out: list[str] = []
    errors: list[str] = []
    with web_server(folder) as (_, port), the_people(port, begun) as tell:
        tell(None)
        (folder / "ready").touch()
        longest = time.monotonic() + LONGEST
        while (len(registered) < at_least or not (folder / "over").exists()) and time.monotonic() < longest:
            phase = {"people": people, "seconds": PHASE_SECONDS, "pause": (0, 0), "again": AGAIN_SECONDS}
            done = tell(phase)
            registered += [tuple(one) for one in done["registered"]]
            out += done["out"]
            errors += done["errors"]
    return {
        "registered": len(registered),
        "out": len(out),
        "errors": errors,
        "wrong": check(registered, out, before),
    }


if __name__ == "__main__":
    main()
