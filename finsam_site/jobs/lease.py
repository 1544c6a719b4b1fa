"""Who has a job: every change of a job's state after its start, each one conditional UPDATE.

A worker takes a job by writing its token into the row, and ends it only WHERE the token is still its own. Times are the
database's, as the workers' clocks may differ.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from . import pulse
from .models import OPEN, Jobb, JobbPuls, Tillstand
from .registry import LeaseLost, Result

GAVE_UP = (
    "Jobbet avbröts {times} gånger av driftstörningar och startas inte om. Starta ett nytt jobb. Händer det igen, "
    "kontakta supporten och uppge jobbets nummer {id}."
)
SERIALIZATION_FAILURE = "40001"


@dataclass(frozen=True)
class Progress:
    """How far a job has come: `done` of `of` (None: not known), and what is being done."""

    done: int = 0
    of: int | None = None
    text: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """As columns of the row."""
        return {"gjort": self.done, "av": self.of, "steg": self.text}


def alive() -> Exists:
    """Whether somebody who has the job was heard of within the lease, for filters on Jobb."""
    return Exists(JobbPuls.objects.filter(jobb=OuterRef("pk"), token=OuterRef("token"), lever_till__gt=Now()))


def claim(job_id: uuid.UUID) -> Jobb | None:
    """Take the job: one that waits, or one whose holder is no longer heard of. None when it is not to be had.

    A job that has been tried too often, or that somebody asked to cancel, is ended here instead.
    """
    with transaction.atomic():
        seen = Jobb.objects.filter(pk=job_id, tillstand__in=OPEN).first()
        if seen is None or pulse.alive_in_cache(job_id, seen.token):
            return None
        # The token is part of the condition: of two that saw the same row only the first still finds it so.
        same = Jobb.objects.filter(pk=job_id, tillstand=seen.tillstand, token=seen.token)
        free = same.filter(Q(tillstand=Tillstand.VANTAR) | ~alive())
        if seen.token is None:
            free = Jobb.objects.filter(pk=job_id, tillstand=Tillstand.VANTAR, token__isnull=True)
        if seen.avbryt_begard:
            _end(free, Tillstand.AVBRUTEN)
            return None
        if seen.forsok >= settings.JOB_MAX_ATTEMPTS:
            _end(
                free, Tillstand.MISSLYCKAD, fel=GAVE_UP.format(times=seen.forsok, id=job_id),
                paborjad=Coalesce("paborjad", Now()),
            )  # fmt: skip
            return None
        token = uuid.uuid4()
        if not free.update(
            tillstand=Tillstand.PAGAR,
            token=token,
            forsok=F("forsok") + 1,
            paborjad=Coalesce("paborjad", Now()),
        ):
            return None
        JobbPuls.objects.update_or_create(
            jobb_id=job_id, defaults={"token": token, "lever_till": _lease_end(), "slag": Now()}
        )
    pulse.beat_in_cache(job_id, token)
    return Jobb.objects.get(pk=job_id)


def renew(job_id: uuid.UUID, token: uuid.UUID) -> bool:
    """A sign of life: the lease runs anew from now. False when the job is no longer ours."""
    pulse.beat_in_cache(job_id, token)
    return bool(
        JobbPuls.objects.filter(jobb=job_id, token=token).update(lever_till=_lease_end(), slag=Now())
        and _ours(job_id, token).exists()
    )


def cancel_in_row(job_id: uuid.UUID) -> bool:
    """True when the row says that the user asked for the job to stop."""
    return Jobb.objects.filter(pk=job_id, avbryt_begard__isnull=False).exists()


def publish(job_id: uuid.UUID, token: uuid.UUID, result: Result, progress: Progress) -> None:
    """End the job as klar, in the caller's transaction. Raises LeaseLost when it is no longer ours."""
    try:
        done = _end(_ours(job_id, token), Tillstand.KLAR, resultat=result, **progress.fields)
    except OperationalError as error:
        # In a transaction with one snapshot PostgreSQL refuses to write a row that has changed since.
        if getattr(error.__cause__, "sqlstate", None) == SERIALIZATION_FAILURE:
            raise LeaseLost(str(job_id)) from None
        raise
    if not done:
        raise LeaseLost(str(job_id))


def fail(job_id: uuid.UUID, token: uuid.UUID, words: str, progress: Progress) -> bool:
    """End the job as misslyckad with `words`. False when it is no longer ours."""
    return _end(_ours(job_id, token), Tillstand.MISSLYCKAD, fel=words, **progress.fields)


def cancelled(job_id: uuid.UUID, token: uuid.UUID, progress: Progress) -> bool:
    """End the job as avbruten. False when it is no longer ours."""
    return _end(_ours(job_id, token), Tillstand.AVBRUTEN, **progress.fields)


def release(job_id: uuid.UUID, token: uuid.UUID) -> bool:
    """Put the job back among those that wait: this try failed by no fault of its own. False when not ours."""
    return bool(_ours(job_id, token).update(tillstand=Tillstand.VANTAR, token=None, knuffad=None))


def is_ours(job_id: uuid.UUID, token: uuid.UUID) -> bool:
    """True while the job is under way and has our token."""
    return _ours(job_id, token).exists()


def _ours(job_id: uuid.UUID, token: uuid.UUID) -> QuerySet[Jobb]:
    return Jobb.objects.filter(pk=job_id, tillstand=Tillstand.PAGAR, token=token)


def _end(jobs: QuerySet[Jobb], tillstand: Tillstand, **fields: Any) -> bool:
    return bool(jobs.update(tillstand=tillstand, token=None, avslutad=Now(), **fields))


def _lease_end() -> Any:
    return Now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)
