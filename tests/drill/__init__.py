"""Drills: what must hold however things happen to fall, tried often (QUALITY §3). `make drill` tries at full size.

In `make test` each runs at its smallest: 5 kills, 50 interleavings of two savers. A drill says its seed when it fails.
"""

import os

FULL = os.environ.get("FINSAM_TEST_DRILL") == "full"


def size(full: int, smallest: int) -> int:
    """How often: `full` in `make drill`, else `smallest`."""
    return full if FULL else smallest
