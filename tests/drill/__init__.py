"""Drills: what must hold however things happen to fall, tried often (QUALITY §3). `make drill` tries at full size.

In `make test` each runs at its smallest: 5 kills, 50 interleavings of two savers; `test_naive`, which draws anew, only
in a drill. A drill says its seed when it fails; that of what is drawn anew each time stands at the head of the run
(FINSAM_TEST_SEED draws the same again).
"""

import os
import random

SEED = int(os.environ.setdefault("FINSAM_TEST_SEED", str(random.SystemRandom().randrange(2**32))))
"""In the environment, so that the workers of a run draw from the seed that its head names."""

FULL = os.environ.get("FINSAM_TEST_DRILL") == "full"


def size(full: int, smallest: int) -> int:
    """How often: `full` in `make drill`, else `smallest`."""
    return full if FULL else smallest
