"""Uttag as a job: taken in a worker, told row by row, published in the transaction that stores it."""

from __future__ import annotations

import datetime as dt

from finsam_site.access.roles import Roll
from finsam_site.jobs.registry import RunningJob, job

from .models import Uttag
from .report.store import keep_tables
from .uttag.extraction import WritersStillAtWork
from .uttag.take import UttagRefused, take_uttag
from .workbook.kept import make_workbook

KIND = "uttag"


@job(
    kind=KIND,
    title="Uttag för {year}",
    expected=(UttagRefused, WritersStillAtWork),
    seen_by=(Roll.NATIONELL_ADMINISTRATOR,),
)
def uttag(job: RunningJob, year: int, as_of: str | None = None) -> None:
    """Take the uttag of `year` as known at `as_of` (ISO; None: when the job begins). The result is its id."""
    moment = dt.datetime.fromisoformat(as_of) if as_of else None

    def publish(stored: Uttag) -> None:
        job.publish({"uttag": str(stored.pk)})

    taken = take_uttag(job.user, year, moment, uppdrag=job.uppdrag, progress=job.progress, publish=publish)
    keep_tables(taken.uttag, taken.tables)
    make_workbook(taken.meta, taken.tables)  # so that nobody has to wait for it
