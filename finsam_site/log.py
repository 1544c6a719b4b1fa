"""The log's formatter: where a fault arose and of what kind, never what its text says.

The text of an exception may quote what somebody typed or what a row held (`int("19…")`, a key that exists already), and
personal data never stands in a log (QUALITY §1).
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any


class WithoutValues(logging.Formatter):
    """Formats as `logging.Formatter`, but for exceptions: their types and the lines they came through."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the traceback below. What another handler has put there, text and all, is not used."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The exception, and before it those that led to it."""
        parts, error, seen = [], ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            parts.append(_one(error, error.__traceback__))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\nwhich led to:\n\n".join(reversed(parts))


def _one(error: BaseException, tb: TracebackType | None) -> str:
    lines = "".join(traceback.format_tb(tb))
    return f"Traceback (most recent call last):\n{lines}{type(error).__module__}.{type(error).__qualname__}"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "finsam_site.log.WithoutValues",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers give way to the one above; nothing is mailed, as a traceback may hold personal data.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
"""The setting: plain lines on stderr, for whatever runs the process to keep."""
