"""Sessions as files, for SQLite: while a job holds the only write lock, people can still log in and work.

The folder is made when the first session is, open to nobody else.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends import file


class SessionStore(file.SessionStore):
    """Django's file sessions in a folder that need not be there before."""

    @classmethod
    def _get_storage_path(cls) -> str:
        Path(settings.SESSION_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        return super()._get_storage_path()  # type: ignore[misc]
