"""Waiting for what other processes do, without Django."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def until(condition: Callable[[], Any], seconds: float = 90, every: float = 0.05) -> Any:
    """Wait for `condition` to give something true, and give it back. Fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(every)
