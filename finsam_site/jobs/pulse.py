"""What is told through the cache: progress, signs of life, a wish to cancel. None of it is the record.

The cache may be gone at any moment; then a page shows less and a cancel takes a few seconds more, and nothing else.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)

DAY = 24 * 3600
SILENT_SECONDS = 30.0
_WORKER = "jobb:arbetare"


def write_progress(job_id: uuid.UUID, done: int, of: int | None, text: str, attempt: int) -> None:
    """Progress of a running job."""
    _set(f"jobb:{job_id}:framsteg", {"gjort": done, "av": of, "steg": text, "forsok": attempt}, DAY)


def read_progress(job_id: uuid.UUID) -> dict[str, Any]:
    """What `write_progress` wrote last, or an empty dict."""
    found = _get(f"jobb:{job_id}:framsteg")
    return found if isinstance(found, dict) else {}


def beat_in_cache(job_id: uuid.UUID, token: uuid.UUID) -> None:
    """A sign of life beside the one in the database.

    On SQLite the job's own transaction holds the only write lock, and the pulse row cannot be renewed meanwhile.
    """
    _set(f"jobb:{job_id}:puls", str(token), settings.JOB_LEASE_SECONDS)


def alive_in_cache(job_id: uuid.UUID, token: uuid.UUID | None) -> bool:
    """True when the holder of `token` was heard of within the lease."""
    return token is not None and _get(f"jobb:{job_id}:puls") == str(token)


def ask_cancel(job_id: uuid.UUID) -> None:
    """Wish that the job stops; quicker than the row."""
    _set(f"jobb:{job_id}:avbryt", 1, DAY)


def cancel_asked(job_id: uuid.UUID) -> bool:
    """True when the cache knows of such a wish."""
    return _get(f"jobb:{job_id}:avbryt") is not None


def worker_seen() -> None:
    """A worker is at work (told at its start and at each sweep)."""
    _set(_WORKER, time.time(), DAY)


def worker_silent_for() -> float | None:
    """Seconds since a worker was heard of; None when none has been for a day."""
    found = _get(_WORKER)
    return max(0.0, time.time() - found) if isinstance(found, int | float) else None


def _set(key: str, value: Any, seconds: int) -> None:
    try:
        cache.set(key, value, seconds)
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises; a job never fails by its progress bar
        logger.warning("the cache cannot be written (%s)", type(error).__name__)


def _get(key: str) -> Any:
    try:
        return cache.get(key)
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("the cache cannot be read (%s)", type(error).__name__)
        return None
