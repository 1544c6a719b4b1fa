"""The nudge to the broker, and the sweep that finds what no nudge reached."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from kombu import Connection
from kombu.exceptions import KombuError

from finsam_site.celery import app

from . import lease, pulse
from .broker import CONNECT_SECONDS, RUN_TASK, impatient
from .models import ENDED, Jobb, Tillstand

logger = logging.getLogger(__name__)

MOST_PER_SWEEP = 100
_LOOK_AGAIN_SECONDS = 5.0
_last_look: tuple[float, bool] = (0.0, True)


def nudge(job_id: uuid.UUID) -> bool:
    """Tell the broker of the job. False, and a line in the log, when it does not answer within a second or so."""
    try:
        # A connection of its own and one try: no pooled one that went stale, and nobody's click waits for a second try.
        with _impatient_connection() as connection:
            app.send_task(RUN_TASK, args=[str(job_id)], connection=connection, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("job %s waits: the broker does not answer (%s)", job_id, type(error).__name__)
        return False
    Jobb.objects.filter(pk=job_id).update(knuffad=Now())
    return True


def sweep() -> int:
    """Tell the broker of the jobs that wait untold, and of those whose holder is gone. Returns how many."""
    untold = Q(knuffad__isnull=True) | Q(knuffad__lt=Now() - dt.timedelta(seconds=settings.JOB_LEASE_SECONDS))
    found = (
        Jobb.objects.filter(untold)
        .filter(Q(tillstand=Tillstand.VANTAR) | (Q(tillstand=Tillstand.PAGAR) & ~lease.alive()))
        .order_by("skapad")
        .values_list("pk", "token")[:MOST_PER_SWEEP]
    )
    told = 0
    for job_id, token in found:
        if pulse.alive_in_cache(job_id, token):
            continue
        if not nudge(job_id):
            break
        told += 1
    if told:
        logger.info("the sweep told the queue of %d jobs", told)
    return told


def remove_ended(kept: dt.timedelta) -> int:
    """Remove the rows of jobs that ended longer ago than `kept`; returns how many. What they made stays."""
    old = Jobb.objects.filter(tillstand__in=ENDED, avslutad__lt=Now() - kept)
    return old.delete()[1].get(Jobb._meta.label, 0)


def broker_answers() -> bool:
    """True when the broker can be reached. Looked at each five seconds at most."""
    global _last_look
    at, answer = _last_look
    if time.monotonic() - at < _LOOK_AGAIN_SECONDS and at:
        return answer
    try:
        with _impatient_connection() as connection:
            connection.ensure_connection(max_retries=0, interval_start=0)
        answer = True
    except (KombuError, OSError):
        answer = False
    _last_look = (time.monotonic(), answer)
    return answer


def _impatient_connection() -> Connection:
    return app.connection_for_write(
        connect_timeout=CONNECT_SECONDS, transport_options=impatient(app.conf.broker_url)
    )
