"""The jobs of registration: `registerinlasning` checks an uploaded register and reads it in if that is asked for.

By the clock: drafts that nobody has touched for long are removed, and identities, lists and jobs whose time is over.
"""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from celery.signals import task_postrun

from finsam_site.access.acting import acting_as, refuse, require_actor
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.celery import app
from finsam_site.jobs.broker import DRAFTS_TASK, RETENTION_TASK, SWEEP_TASK, WEEKLY_TASK
from finsam_site.jobs.registry import Result, RunningJob, job

from . import digest, import_reports, retention, uploads
from .importing.register_import import ImportAborted, import_register
from .importing.reports import ImportResult
from .rules.drafts import remove_old_drafts
from .upload_check import UploadRefused


@job(
    kind=uploads.KIND,
    title="Inläsning av register",
    expected=(ImportAborted, UploadRefused, uploads.UploadGone),
    seen_by=(Roll.NATIONELL_ADMINISTRATOR,),
)
def registerinlasning(job: RunningJob, upload: str, vad: str) -> None:
    """Check the register in `upload`, and read it in when `vad` is uploads.READ_IN and nothing is wrong (FORMATS §1).

    Progress counts rows of deltaganden: every row once when it is checked, and once more when it is read in.
    """
    check_only = vad != uploads.READ_IN
    wanted = uuid.UUID(upload)
    with uploads.opened(wanted, job.user.pk) as register, job.acting():
        _only_national()
        told = _Progress(job, register.rows, 1 if check_only else 2)
        result = import_register(register.path, check_only=check_only, progress=told)
        if not result.ok:
            import_reports.write_report(job.id, result.findings)
        told.finish()
        job.publish(summary(result, vad))
    uploads.remove(wanted)


class _Progress:
    """From the importer's rows to the job's: done of all that is to be gone through, `times` times."""

    def __init__(self, job: RunningJob, rows: int | None, times: int) -> None:
        self._job = job
        self._rows = rows
        self._times = times
        self._of: int | None = None
        if rows is not None:
            self(0, 0)

    def __call__(self, done: int, of: int, text: str = "") -> None:
        """`import_register` calls it; `of` is 0 until the rows have been counted."""
        known = of // 2 if of else self._rows
        self._of = max(known * self._times, done) if known else None
        self._job.progress(done, self._of, text)

    def finish(self) -> None:
        """All is gone through."""
        if self._of:
            self._job.progress(self._of, self._of)


def _only_national() -> None:
    actor = require_actor()
    if not actor.system and actor.roll != Roll.NATIONELL_ADMINISTRATOR:
        raise refuse(
            "register", "inläsning", syfte="läs in register",
            message="Bara en nationell administratör kan läsa in ett register.",
        )  # fmt: skip


def summary(result: ImportResult, vad: str) -> Result:
    """What stands in the job's row: numbers, and which uttag were taken too early. What was wrong lies in the report
    (import_reports.py).
    """
    by_file = Counter(import_reports.without_names(one).file for one in result.findings)
    return {
        "vad": vad,
        "fel": len(result.findings),
        "fel_per_fil": sorted(by_file.items()),
        "filer": [[name, *count] for name, count in result.counts.items()],
        "sent": result.late,
        "varningar": sorted(result.warning_counts.items()),
    }


@app.task(name=DRAFTS_TASK)
def remove_drafts() -> None:
    """Remove drafts whose days are over."""
    with acting_as(User.objects.system()):
        remove_old_drafts()


@app.task(name=RETENTION_TASK)
def remove_old() -> None:
    """Remove what has been kept for its days, and the identities that are due (DOMAIN §3–4)."""
    retention.remove_due()
    retention.remove_old()


@app.task(name=WEEKLY_TASK)
def send_weekly() -> None:
    """Tell by mail how much waits, once a week."""
    digest.send_weekly()


@task_postrun.connect(dispatch_uid="finsam.sweep_uploads")
def sweep_uploads(task: Any = None, **_: Any) -> None:
    """After each beat sweep: uploads that nobody needs any more are deleted."""
    if task is not None and task.name == SWEEP_TASK:
        uploads.sweep()
