"""Numbers about more than the asker may see: the only reads past the scope that a start page makes (0008-scope).

Each function gives a number and nothing else, whoever asks; what it counts over (insatser, or the nation) is the
caller's to choose. No row, id or day of anybody leaves this file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet
from django.db.models.fields import DurationField
from django.db.models.functions import TruncDate

from finsam_site.clock import STOCKHOLM

from ..models import Deltagande, Inregistrering, Insats, Samtycke, Utregistrering
from .samtycke import awaited, overdue

FEWEST = 5
"""No median is given of fewer registrations: it would tell of single ones."""

_OPEN = Q(aktuell_ut__isnull=True, avidentifierad__isnull=True)
_THERE = Q(deltagande__avidentifierad__isnull=True, deltagande__identitet__begransad__isnull=True)


@dataclass(frozen=True, slots=True)
class Lag:
    """The median eftersläpning in days of so many starts or slut. days: None when they are fewer than FEWEST."""

    days: float | None
    base: int


@dataclass(frozen=True, slots=True)
class Lags:
    """Of starts and of slut."""

    start: Lag
    slut: Lag


def lags(
    since: dt.date, until: dt.date, *, insatser: QuerySet[Insats] | None = None, by: int | None = None
) -> Lags:
    """How late starts and slut from `since` to `until` (both included) were registered (REPORTS §1, eftersläpning).

    insatser: only those (None: the nation). by: only what that user (primary key) registered first.
    """
    start = _of(Inregistrering, "startdatum", "aktuell_in", since, until, insatser, by)
    slut = _of(Utregistrering, "slutdatum", "aktuell_ut", since, until, insatser, by)
    return Lags(start, slut)


def open_in(insatser: QuerySet[Insats]) -> int:
    """How many deltaganden stand open in the insatser."""
    return Deltagande.unscoped.filter(_OPEN, insats__in=insatser.values("pk")).count()


def open_counts(insatser: Iterable[int]) -> dict[int, int]:
    """Insats → how many take part now; none for an insats without anybody."""
    rows = Deltagande.unscoped.filter(_OPEN, insats__in=list(insatser)).order_by().values_list("insats")
    return dict(rows.annotate(antal=Count("pk")))


def paper_counts(insatser: Iterable[int]) -> dict[int, int]:
    """Insats → how many originals are still to be sent or should have come by now; none for an insats without any."""
    unsent_or_late = Q(original_skickat__isnull=True) | overdue()
    rows = awaited(Samtycke.unscoped.filter(unsent_or_late, insats__in=list(insatser))).order_by()
    return dict(rows.values_list("insats").annotate(antal=Count("pk")))


def _of(
    model: Any,
    date: str,
    current: str,
    since: dt.date,
    until: dt.date,
    insatser: QuerySet[Insats] | None,
    by: int | None,
) -> Lag:
    # The first version that said the date that now holds: a later correction of something else does not lengthen it.
    earlier: QuerySet[Model] = model.unscoped.filter(
        **{
            "deltagande": OuterRef("deltagande"),
            date: OuterRef(date),
            "registrerad__lt": OuterRef("registrerad"),
        }
    )
    rows = model.unscoped.filter(
        _THERE,
        ~Exists(earlier),
        ~Q(deltagande__aktuell_ut__felregistrering=True) | Q(deltagande__aktuell_ut__isnull=True),
        **{f"{date}__range": (since, until), date: F(f"deltagande__{current}__{date}")},
    )
    if insatser is not None:
        rows = rows.filter(insats__in=insatser.values("pk"))
    if by is not None:
        rows = rows.filter(registrerad_av=by)
    known = TruncDate("registrerad", tzinfo=STOCKHOLM)
    days = ExpressionWrapper(known - F(date), output_field=DurationField())
    counted = rows.order_by().annotate(days=days).values_list("days").annotate(antal=Count("pk"))
    return _median((lag.days, antal) for lag, antal in counted)


def _median(counted: Iterable[tuple[int, int]]) -> Lag:
    """Of (value, how often)."""
    rows = sorted(counted)
    base = sum(antal for _, antal in rows)
    if base < FEWEST:
        return Lag(None, base)
    return Lag((_at(rows, (base - 1) // 2) + _at(rows, base // 2)) / 2, base)


def _at(rows: list[tuple[int, int]], place: int) -> int:
    for value, antal in rows:
        place -= antal
        if place < 0:
            return value
    raise IndexError(place)
