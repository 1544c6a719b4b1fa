"""Waiting for a lock: who works in a page waits seconds, not until a register is read in (0006).

PostgreSQL only. On SQLite a writer waits for the one other writer, for as long as its connection says.
"""

from __future__ import annotations

from django.conf import settings
from django.db import OperationalError, connections

_NOT_AVAILABLE = "55P03"


def limit_lock_waits() -> None:
    """From now on no connection that this process opens waits for a lock longer than LOCK_SECONDS.

    For the web server alone. As an option of the connection it costs no request a round trip.
    """
    database = connections.settings["default"]
    if database["ENGINE"].endswith("postgresql"):
        options = database["OPTIONS"].get("options", "")
        limit = f"-c lock_timeout={round(settings.LOCK_SECONDS * 1000)}"
        database["OPTIONS"]["options"] = f"{options} {limit}".strip()


def waited_too_long(error: BaseException | None) -> bool:
    """Whether the error says that somebody else had a lock for as long as this connection waits for one."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return getattr(cause, "sqlstate", None) == _NOT_AVAILABLE
