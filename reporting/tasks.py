"""Uttag as a job: taken in a worker, told step by step, published in the transaction that stores it."""

from __future__ import annotations

import datetime as dt

from finsam_site.access.roles import Roll
from finsam_site.jobs.registry import RunningJob, job

from .models import Uttag
from .report.store import keep_tables
from .uttag.extraction import WritersStillAtWork
from .uttag.take import STEPS, UttagRefused, take_uttag

KIND = "uttag"


class Steps:
    """Tells the job which of the known steps of `take_uttag` has begun, and in words what it is."""

    def __init__(self, job: RunningJob) -> None:
        self.job = job
        self.done = 0

    def __call__(self, text: str) -> None:
        """A text that is no known step leaves the bar where it is."""
        if text in STEPS:
            self.done = STEPS.index(text)
        self.job.progress(self.done, len(STEPS), text)


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
        job.progress(len(STEPS), len(STEPS), "Uttaget är klart")
        job.publish({"uttag": str(stored.pk)})

    taken = take_uttag(job.user, year, moment, uppdrag=job.uppdrag, progress=Steps(job), publish=publish)
    keep_tables(taken.uttag, taken.tables)
