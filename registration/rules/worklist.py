"""What is left to do for whoever acts: the rows of the start page and the counts of the weekly mail.

Pure queries in scope, a fixed number of them however much there is to do. Nothing here names a person.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, Count, Min, Q
from django.db.models.functions import Cast
from django.utils import timezone

from finsam_site.access.acting import require_actor
from finsam_site.swedish import by_name

from ..models import Anonyma, Deltagande, Insats, InsatsAgande
from .aggregates import Lag, Lags, lags, open_counts, paper_counts
from .antal import holding
from .drafts import DraftRow, my_drafts
from .planned import without_anonyma
from .samtycke import Vantan, Vantande, samtycken_awaited
from .staffing import insatser_unstaffed

ONE_YEAR = dt.timedelta(days=365)
AN_HOUR = 3600

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenIn:
    """Open deltaganden of an insats. only: the one, where there is a single one."""

    insats: int
    namn: str
    slutdatum: dt.date | None
    antal: int
    only: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class AnonymaAnew:
    """An insats whose anonyma are to be given for `ar`; before: how many they were the year before."""

    insats: Insats
    ar: int
    before: int


@dataclass(frozen=True, slots=True)
class Unstaffed:
    """An insats in which nobody is deltagaransvarig now, how many deltaganden stand open there, and how many originals
    of samtycken are to be sent or looked for.
    """

    insats: Insats
    antal: int
    original: int


@dataclass(frozen=True)
class WorkList:
    """All that waits for a deltagaransvarig. ended: their insats is over. long_open: open for unusually long."""

    drafts: Sequence[DraftRow]
    ended: Sequence[OpenIn]
    long_open: Sequence[OpenIn]
    to_send: Vantande
    to_look_for: Vantande
    anonyma: Sequence[AnonymaAnew]

    def __bool__(self) -> bool:
        return bool(
            self.drafts
            or self.ended
            or self.long_open
            or self.to_send.antal
            or self.to_look_for.antal
            or self.anonyma
        )


@dataclass(frozen=True)
class Freshness:
    """How soon starts and slut of the last twelve months were registered: by the actor, in the förbund, everywhere."""

    mine: Lags
    forbund: Lags
    riket: Lags


def work_list() -> WorkList:
    """What waits for the actor as deltagaransvarig, in the insatser of the uppdrag that hold today."""
    ended, long_open = open_too_long()
    papers = samtycken_awaited(Vantan.ATT_SKICKA), samtycken_awaited(Vantan.LETA_EFTER)
    return WorkList(my_drafts(), ended, long_open, *papers, anonyma_anew())


def open_too_long() -> tuple[list[OpenIn], list[OpenIn]]:
    """(open though the insats has ended, open for longer than FINSAM_OPEN_LONG_DAYS), by insats. One query.

    Days are counted from the start to today, both included, as `tid_i_insats` counts them (REPORTS §1). Whoever is in
    an insats that has ended is only among the first.
    """
    today = timezone.localdate()
    over = Q(insats__slutdatum__lt=today)
    long_ago = Q(aktuell_in__startdatum__lte=long_ago_from(today))
    rows = (
        Deltagande.objects.filter(over | long_ago, aktuell_ut__isnull=True)
        .order_by(by_name("insats__namn"), "insats_id")
        .values("insats", "insats__namn", "insats__slutdatum")
        .annotate(antal=Count("pk"), en=Min(Cast("pk", CharField())))
    )
    found = [
        OpenIn(
            row["insats"],
            row["insats__namn"],
            row["insats__slutdatum"],
            row["antal"],
            uuid.UUID(row["en"]) if row["antal"] == 1 else None,
        )
        for row in rows
    ]
    has_ended = [one for one in found if one.slutdatum is not None and one.slutdatum < today]
    return has_ended, [one for one in found if one not in has_ended]


def long_ago_from(day: dt.date) -> dt.date:
    """The last day on which whoever is open for unusually long on `day` can have begun."""
    return day - dt.timedelta(days=settings.OPEN_LONG_DAYS)


def anonyma_anew(ar: int | None = None) -> list[AnonymaAnew]:
    """The actor's insatser whose anonyma are to be given anew for `ar` (this year, from its first day). Two queries."""
    year = timezone.localdate().year if ar is None else ar
    insatser = list(without_anonyma(year, Insats.objects.all()))
    before: dict[int, list[Anonyma]] = {}
    for row in Anonyma.objects.filter(insats__in=insatser, ar=year - 1):
        before.setdefault(row.insats_id, []).append(row)
    last = {pk: holding(rows) for pk, rows in before.items()}
    return [
        AnonymaAnew(one, year, held.kvinnor + held.man)
        for one in insatser
        if (held := last.get(one.pk)) is not None
    ]


def unstaffed() -> list[Unstaffed]:
    """Insatser that the actor gives uppdrag in, where something is left to do and nobody is deltagaransvarig today:
    deltaganden stand open, or originals are to be sent or looked for.

    A new uppdrag takes them over by itself, since what is in scope follows from the uppdrag. For who may see no person
    it is a number.
    """
    empty = insatser_unstaffed()
    keys = [one.pk for one in empty]
    counts, papers = open_counts(keys), paper_counts(keys)
    return [
        Unstaffed(one, counts.get(one.pk, 0), papers.get(one.pk, 0))
        for one in empty
        if one.pk in counts or one.pk in papers
    ]


def freshness() -> Freshness | None:
    """How soon the actor's registrations come in, beside those of the förbund and the nation; None for who has none.

    Those of many are kept for an hour: they do not change while somebody works, and all ask for the same.
    """
    actor = require_actor()
    until = timezone.localdate()
    since = until - ONE_YEAR
    mine = lags(since, until, insatser=Insats.objects.all(), by=actor.user.pk)
    if mine.start.days is None and mine.slut.days is None:
        return None
    owner = InsatsAgande.objects.filter(insats=actor.insats_id, till__isnull=True).values_list(
        "forbund", flat=True
    )
    forbund = owner.first()
    owned = Insats.unscoped.filter(agande__forbund=forbund, agande__till__isnull=True)
    return Freshness(
        mine,
        _kept(f"forbund-{forbund}", lambda: lags(since, until, insatser=owned), until),
        _kept("riket", lambda: lags(since, until), until),
    )


def _kept(name: str, count: Callable[[], Lags], day: dt.date) -> Lags:
    key = f"finsam-lags-{name}-{day}"
    try:
        found = cache.get(key)
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises: the start page never fails by it
        logger.warning("the figures of freshness cannot be fetched (%s)", type(error).__name__)
        return count()
    if found is None:
        made = count()
        found = [[made.start.days, made.start.base], [made.slut.days, made.slut.base]]
        with suppress(Exception):  # it was there a moment ago; without it the next look counts anew
            cache.set(key, found, AN_HOUR)
    return Lags(Lag(*found[0]), Lag(*found[1]))
