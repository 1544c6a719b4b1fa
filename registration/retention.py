"""What is kept for a time and then removed: findings of register imports, rows of ended jobs, marks of sent forms,
messages about accessibility that are dealt with, what users had for some minutes, sessions that have ended.

The access log and uttag are not touched, nor anything that is registered: that has rules of its own (`rules.erase`,
which `remove_due` calls, and `rules.drafts`). An uploaded register goes when its job has ended (`uploads.sweep`).
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import NamedTuple

from django.conf import settings

from finsam_site.access import kept, once, sessions
from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.accessibility import letters
from finsam_site.jobs.sweep import remove_ended

from . import import_reports
from .rules.erase import erase_locked, remove_felregistrerade

logger = logging.getLogger(__name__)


class Removed(NamedTuple):
    """How many of each were removed."""

    reports: int
    jobs: int
    forms: int
    letters: int
    kept: int


def remove_due() -> tuple[int, int]:
    """Remove the identities that are due; returns how many: (felregistreringar, those that waited for a decision).

    A transaction for each: who has locked the rows of one may not come back for more (`rules.erase`).
    """
    with acting_as(User.objects.system()):
        felregistrerade = remove_felregistrerade()
    with acting_as(User.objects.system()):
        return felregistrerade, erase_locked()


def remove_old() -> Removed:
    """Remove what has been kept for its days (IMPORT_REPORT_DAYS, JOB_DAYS, MESSAGE_DAYS; sent forms a day; what
    users had, its own minutes; sessions SESSION_HOURS).
    """
    sessions.remove_expired()
    removed = Removed(
        reports=import_reports.remove_old(dt.timedelta(days=settings.IMPORT_REPORT_DAYS)),
        jobs=remove_ended(dt.timedelta(days=settings.JOB_DAYS)),
        forms=once.forget_old(),
        letters=letters.remove_old(dt.timedelta(days=settings.MESSAGE_DAYS)),
        kept=kept.remove_old(),
    )
    if any(removed):
        logger.info(
            "removed as old: %d import reports, %d jobs, %d sent forms, %d messages, %d kept for minutes",
            *removed,
        )
    return removed
