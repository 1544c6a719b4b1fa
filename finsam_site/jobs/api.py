"""What pages and commands use: start a job, look at it, list jobs, cancel.

with acting_as(user, uppdrag):
    jobb = start_job("uttag", year=2024)      # the row now, the work after commit
...
status = job_status(get_job(id, user, roll))  # in a view that polls; writes nothing
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from finsam_site.access.acting import require_actor
from finsam_site.access.models import User

from . import pulse
from .lease import alive
from .models import OPEN, Jobb, Tillstand
from .registry import kind_of, kinds_seen_by
from .sweep import broker_answers, nudge

_ID = re.compile(r"[0-9A-Za-z_.:+\-]{1,64}")
_PERSON_NUMBER = re.compile(r"(\d{2})?\d{6}[-+]?[\dTRSUWXJKLMN]\d{3}")


@dataclass(frozen=True)
class JobStatus:
    """How a job stands, as a page shows it. `of` None: how much there is to do is not known (yet)."""

    id: uuid.UUID
    title: str
    state: str
    label: str
    ended: bool
    done: int
    of: int | None
    text: str
    attempt: int
    waiting: str
    error: str
    result: dict[str, Any]
    can_cancel: bool
    cancel_asked: bool

    @property
    def percent(self) -> int | None:
        """0–100 rounded down, None when it cannot be said."""
        if self.state == Tillstand.KLAR:
            return 100
        return None if not self.of else self.done * 100 // self.of


def start_job(kind: str, **ids: Any) -> Jobb:
    """Create a job of `kind` for the actor and nudge the broker when the transaction commits.

    `ids`: numbers, uuids, times and short codes without blanks, given to the function as they are stored (uuids and
    times as text). Returns the row. Raises UnknownKind, NoActor outside `acting_as`, ValueError for an argument that
    is no id. A broker that does not answer is no error: the job waits, and the sweep starts it.
    """
    kind_of(kind)
    actor = require_actor()
    row = Jobb.objects.create(
        slag=kind,
        argument={name: _checked(name, value) for name, value in ids.items()},
        skapad_av=actor.user,
        uppdrag=actor.uppdrag_id,
    )
    transaction.on_commit(lambda: _nudge(row.id), robust=True)
    return row


def my_jobs(user: User) -> QuerySet[Jobb]:
    """The user's own jobs, newest first."""
    return Jobb.objects.filter(skapad_av=user)


def visible_jobs(user: User, roll: str | None = None) -> QuerySet[Jobb]:
    """Own jobs, and all of the kinds that somebody acting in `roll` may see, newest first."""
    return Jobb.objects.filter(Q(skapad_av=user) | Q(slag__in=kinds_seen_by(roll))).select_related(
        "skapad_av"
    )


def get_job(job_id: uuid.UUID | str, user: User, roll: str | None = None) -> Jobb:
    """One of `visible_jobs`. Raises Jobb.DoesNotExist (a 404) for any other, and for what is no uuid."""
    try:
        wanted = job_id if isinstance(job_id, uuid.UUID) else uuid.UUID(job_id)
    except ValueError:
        raise Jobb.DoesNotExist from None
    return visible_jobs(user, roll).get(pk=wanted)


def job_status(jobb: Jobb) -> JobStatus:
    """How the job stands now: its row as given, its progress from the cache. Writes nothing, needs no transaction."""
    done, of, text = jobb.gjort, jobb.av, jobb.steg
    if jobb.tillstand == Tillstand.PAGAR:
        told = pulse.read_progress(jobb.id)
        if told.get("forsok") == jobb.forsok:
            done, of, text = told.get("gjort", 0), told.get("av"), told.get("steg", "")
    asked = jobb.avbryt_begard is not None
    return JobStatus(
        id=jobb.id,
        title=jobb.titel,
        state=jobb.tillstand,
        label=jobb.get_tillstand_display(),
        ended=jobb.ended,
        done=done,
        of=of,
        text=text,
        attempt=jobb.forsok,
        waiting=why_waiting(jobb),
        error=jobb.fel,
        result=jobb.result_ids,
        can_cancel=not jobb.ended and not asked,
        cancel_asked=asked and not jobb.ended,
    )


def why_waiting(jobb: Jobb) -> str:
    """In Swedish, why nothing is happening to the job just now; an empty text when something is, or it has ended."""
    if jobb.ended:
        return ""
    if jobb.tillstand == Tillstand.PAGAR:
        if pulse.alive_in_cache(jobb.id, jobb.token) or Jobb.objects.filter(alive(), pk=jobb.pk).exists():
            return ""
        return "Den som körde jobbet svarar inte längre. Jobbet börjar om av sig självt."
    if not broker_answers():
        return "Kön för jobb svarar inte just nu. Jobbet är sparat och startar av sig självt när kön är tillbaka."
    silent = pulse.worker_silent_for()
    if silent is None or silent > pulse.SILENT_SECONDS:
        return "Inget program som kör jobb är igång just nu. Jobbet är sparat och startar av sig självt."
    before = Jobb.objects.filter(tillstand__in=OPEN, skapad__lt=jobb.skapad).count()
    return f"Väntar på sin tur efter {before} andra jobb." if before else "Väntar på sin tur."


def request_cancel(jobb: Jobb) -> bool:
    """Ask for the job to stop: one that waits ends at once, one under way within seconds, where nothing is kept.

    The caller has fetched the job by `get_job`. False when it had ended already.
    """
    if Jobb.objects.filter(pk=jobb.pk, tillstand=Tillstand.VANTAR).update(
        tillstand=Tillstand.AVBRUTEN, avbryt_begard=Now(), avslutad=Now()
    ):
        return True
    if not Jobb.objects.filter(pk=jobb.pk, tillstand=Tillstand.PAGAR).update(avbryt_begard=Now()):
        return False
    transaction.on_commit(lambda: pulse.ask_cancel(jobb.pk), robust=True)
    return True


def _nudge(job_id: uuid.UUID) -> None:
    nudge(job_id)


def _checked(name: str, value: Any) -> Any:
    """The argument as it is stored. Raises ValueError for what is no id, or looks like a person's number."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, uuid.UUID | dt.date):  # A datetime is a date too.
        return value.isoformat() if isinstance(value, dt.date) else str(value)
    if (
        isinstance(value, int | str)
        and _ID.fullmatch(str(value))
        and not _PERSON_NUMBER.fullmatch(str(value))
    ):
        return value
    # Without the value.
    raise ValueError(f"the argument {name!r} of a job must be an id: a number, uuid, time or short code")
