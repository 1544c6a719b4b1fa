"""What a drill says before it begins."""

from __future__ import annotations

from . import SEED


def pytest_report_header() -> str:
    """The seed of what is drawn anew."""
    return f"drawn from FINSAM_TEST_SEED={SEED}"
