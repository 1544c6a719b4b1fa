"""Running one job in a worker: claim, heartbeat, the function, the end."""

from __future__ import annotations

import logging
import threading
import time
import traceback
import uuid
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.functional import cached_property

from finsam_site.access.acting import AccessRefused, Actor, UppdragLike, acting_as
from finsam_site.access.models import User

from . import lease, pulse
from .lease import Progress
from .models import Jobb
from .registry import JobCancelled, Kind, LeaseLost, Result, UnknownKind, kind_of

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "Något gick fel i programmet och jobbet kunde inte slutföras. Försök igen. Händer det igen, kontakta supporten och "
    "uppge jobbets nummer {id}."
)
TOO_LONG = "Jobbet tog längre tid än {minutes} minuter och stoppades. Kontakta supporten och uppge jobbets nummer {id}."
UNKNOWN = (
    "Programmet känner inte till den här sortens jobb. Kontakta supporten och uppge jobbets nummer {id}."
)
PROGRESS_EVERY = 0.1
"""Seconds between two writes of the progress."""


class LiveJob:
    """What the function is given: `registry.RunningJob`."""

    def __init__(self, row: Jobb, token: uuid.UUID) -> None:
        self.id = row.id
        self.attempt = row.forsok
        self.token = token
        self.stop = threading.Event()
        self.lost = threading.Event()
        self.reached = Progress()
        self.offered: Result | None = None
        self._row = row
        self._told_at = 0.0

    @property
    def user(self) -> User:
        """Who started the job."""
        return self._row.skapad_av

    @cached_property
    def uppdrag(self) -> UppdragLike | None:
        """The uppdrag in which it was started. Raises AccessRefused when it is no longer there."""
        if self._row.uppdrag is None:
            return None
        # The relation is `registration`'s, by its name: this app does not know that one.
        found: UppdragLike | None = getattr(self.user, "uppdrag").filter(pk=self._row.uppdrag).first()  # noqa: B009
        if found is None:
            raise AccessRefused("Uppdraget finns inte längre. Kontakta den som ger uppdrag i förbundet.")
        return found

    def acting(self, *, one_snapshot: bool = False) -> AbstractContextManager[Actor]:
        """`acting_as` of who started the job: one transaction."""
        return acting_as(self.user, self.uppdrag, one_snapshot=one_snapshot)

    def progress(self, done: int, of: int | None = None, text: str = "") -> None:
        """Tell how far it is; written at most ten times a second, and always at a new text and at the end."""
        done = max(0, done if of is None else min(done, of))
        new_text = text[:200] or self.reached.text
        now = time.monotonic()
        due = now - self._told_at >= PROGRESS_EVERY or new_text != self.reached.text or done == of
        self.reached = Progress(done, of, new_text)
        if due:
            self._told_at = now
            pulse.write_progress(self.id, done, of, new_text, self.attempt)
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raises JobCancelled or LeaseLost as the heartbeat has found."""
        if self.lost.is_set():
            raise LeaseLost(str(self.id))
        if self.stop.is_set():
            raise JobCancelled(str(self.id))

    def publish(self, result: Result) -> None:
        """End the job as klar in the open transaction; the result stands when that commits."""
        self.offered = result
        with transaction.atomic():
            lease.publish(self.id, self.token, result, self.reached)


class Heartbeat:
    """Renews the lease and looks for a wish to cancel, in a thread with a database connection of its own."""

    def __init__(self, job: LiveJob) -> None:
        self._job = job
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.id}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        pace = settings.JOB_LEASE_SECONDS / 5
        renew_at = time.monotonic() + pace
        try:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    # The job itself may hold the write lock for long; then the sign of life in the cache has to do.
                    cursor.execute("PRAGMA busy_timeout = 200")
            while not self._over.wait(min(1.0, pace)):
                try:
                    if pulse.cancel_asked(self._job.id) or lease.cancel_in_row(self._job.id):
                        self._job.stop.set()
                    if time.monotonic() >= renew_at:
                        renew_at = time.monotonic() + pace
                        if not lease.renew(self._job.id, self._job.token) and not self._over.is_set():
                            self._lost_or_ended()
                except DatabaseError as error:
                    if connection.vendor != "sqlite":
                        logger.warning("heartbeat of job %s failed (%s)", self._job.id, type(error).__name__)
                        connection.close()
        finally:
            connection.close()

    def _lost_or_ended(self) -> None:
        """No lease to renew: either the function has published and is tidying up, or somebody else has the job."""
        if self._job.offered is None:
            self._job.lost.set()


def run(job_id: uuid.UUID) -> None:
    """Run the job if it is to be had. Whatever happens ends in its row, and nothing is raised."""
    row = lease.claim(job_id)
    if row is None or row.token is None:
        return
    job = LiveJob(row, row.token)
    logger.info("job %s (%s) begins, try %d", job.id, row.slag, job.attempt)
    try:
        kind = kind_of(row.slag)
    except UnknownKind:
        logger.error("job %s is of the unknown kind %s", job.id, row.slag)
        lease.fail(job.id, job.token, UNKNOWN.format(id=job.id), job.reached)
        return
    with Heartbeat(job):
        try:
            _call(job, kind, row.argument)
        except Exception as error:  # noqa: BLE001 - nothing may escape: Celery would log its text
            _end_badly(job, kind, error)
    logger.info("job %s ends", job.id)


def _call(job: LiveJob, kind: Kind, arguments: dict[str, Any]) -> None:
    pulse.write_progress(job.id, 0, None, "", job.attempt)
    returned = kind.function(job, **arguments)
    # What the function published is in the row, unless it undid its own transaction and went on.
    if lease.is_ours(job.id, job.token):
        job.publish(returned if returned is not None else (job.offered or {}))
    elif job.offered is None:
        raise LeaseLost(str(job.id))


def _end_badly(job: LiveJob, kind: Kind, error: Exception) -> None:
    """Write the end of a try that raised. A database that does not answer leaves it to the sweep."""
    try:
        if isinstance(error, JobCancelled):
            lease.cancelled(job.id, job.token, job.reached)
        elif isinstance(error, LeaseLost):
            _after_lost(job)
        elif isinstance(error, kind.expected):
            lease.fail(job.id, job.token, str(error), job.reached)
        elif isinstance(error, SoftTimeLimitExceeded):
            words = TOO_LONG.format(minutes=settings.JOB_MAX_SECONDS // 60, id=job.id)
            lease.fail(job.id, job.token, words, job.reached)
        elif isinstance(error, OperationalError | InterfaceError):
            logger.error("job %s: the database failed: %s", job.id, _where(error))
            connection.close()
            lease.release(job.id, job.token)
        else:
            logger.error("job %s failed: %s", job.id, _where(error))
            lease.fail(job.id, job.token, UNEXPECTED.format(id=job.id), job.reached)
    except DatabaseError as second:
        logger.error("the end of job %s cannot be written (%s)", job.id, type(second).__name__)
        connection.close()


def _after_lost(job: LiveJob) -> None:
    """The result was refused: somebody else has the job, or the row was touched by a wish to cancel."""
    logger.warning("job %s: the lease was lost, the result is not published", job.id)
    if not lease.is_ours(job.id, job.token):
        return
    if lease.cancel_in_row(job.id):
        lease.cancelled(job.id, job.token, job.reached)
    else:
        lease.release(job.id, job.token)


def _where(error: BaseException) -> str:
    """Type and place of an exception and its causes, without their texts, which may hold values."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        places = " < ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in reversed(frames[-8:])
        )
        parts.append(f"{type(seen).__module__}.{type(seen).__qualname__} at {places}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "; caused by ".join(parts)
