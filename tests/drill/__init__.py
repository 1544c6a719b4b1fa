"""Drills: what must hold however things happen to fall, tried often (QUALITY §3). `make drill` tries at full size, and
keeps what came of it in docs/drills.md.

In `make test` each runs at its smallest: 5 kills, 50 interleavings of two savers; `test_naive`, which draws anew, only
in a drill. A drill says its seed when it fails; that of what is drawn anew each time stands at the head of the run
(FINSAM_TEST_SEED draws the same again).
"""

import os
import random
from dataclasses import dataclass

SEED = int(os.environ.setdefault("FINSAM_TEST_SEED", str(random.SystemRandom().randrange(2**32))))
"""In the environment, so that the workers of a run draw from the seed that its head names."""

FULL = os.environ.get("FINSAM_TEST_DRILL") == "full"


def size(full: int, smallest: int) -> int:
    """How often: `full` in `make drill`, else `smallest`."""
    return full if FULL else smallest


@dataclass
class Drill:
    """What a drill tells of itself for docs/drills.md, where those with the same words are one line.

    tried: counted as it goes, so that it says how far one came that failed. seed: of what is drawn. note: what was
    found besides.
    """

    what: str = ""
    tried: int = 0
    seed: int | None = None
    note: str = ""
