"""Every cell of every table against the naive computation, on registers that nobody has seen before.

`tests/reporting/test_against_naive.py` walks the same way with the same examples each time, which is right for a test
that must not fail for somebody who changed nothing, and finds nothing new. This one draws anew.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.drill import FULL, SEED, Drill
from tests.reporting import registers
from tests.reporting.test_against_naive import FIXED, WITHDRAWN, Fixed, walk

EXAMPLES, PARTS = int(os.environ.get("FINSAM_TEST_EXAMPLES", "500")), 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(not FULL, reason="draws anew each time: only in a drill"),
]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_cell_of_registers_drawn_anew(part: int, drill: Drill) -> None:
    """In parts, so that two workers share them. Fails with the first register that gives another figure; it is not
    made smaller, since each costs a whole import: FINSAM_TEST_SEED draws it again."""

    drill.what, drill.seed = (
        "registers drawn anew, every cell of every table against the naive computation",
        SEED,
    )

    @settings(
        max_examples=EXAMPLES // PARTS,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @seed(SEED + part)
    @given(rows=registers.registers(), withdrawn=WITHDRAWN, fixed=FIXED)
    def draw(rows: registers.RegisterRows, withdrawn: set[int], fixed: Fixed | None) -> None:
        assert walk(rows, withdrawn, fixed) == [], f"FINSAM_TEST_SEED={SEED}, part {part}"
        drill.tried += 1

    draw()
