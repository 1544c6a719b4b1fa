"""The planned uttag (`set_plan`, `remove_plan`), and what is still missing for the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, Actor, require_actor
from finsam_site.access.roles import Roll
from finsam_site.marks import shown_mark

from ..models import Anonyma, Insats, PlaneratUttag, Utkast, Volym
from ..models.insats_takes import COUNTS_ANONYMA, COUNTS_VOLYM, running_in
from .aggregates import open_in
from .findings import ChangedMeanwhile, Finding, RuleError, raise_errors
from .staffing import insatser_unstaffed

FIRST_YEAR = 2004
"""The law that the förbund rest on is from this year."""

FURTHEST = dt.timedelta(days=3 * 366)
"""A plan is for at most so long ahead; a day beyond is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What an uttag still lacks in the insatser that the actor may see. Of persons only a number.

    utregistreringar: open deltaganden in insatser that ended by the end of the year. anonyma: insatser that had some
    the year before, ran in the year, and have given none for it. volym: volyminsatser of the year without a number.
    begun: the actor's own drafts of registering in and out. unstaffed: open deltaganden that nobody answers for, in the
    insatser where a förbundsadministratör gives uppdrag.
    """

    utregistreringar: int = 0
    anonyma: Sequence[Insats] = ()
    volym: int = 0
    begun: int = 0
    unstaffed: int = 0

    def __bool__(self) -> bool:
        return bool(self.utregistreringar or self.anonyma or self.volym or self.begun or self.unstaffed)


def plans_ahead() -> list[PlaneratUttag]:
    """The plans from today on, the next one first."""
    return list(PlaneratUttag.objects.filter(dag__gte=timezone.localdate()).order_by("dag", "ar"))


def next_plan() -> PlaneratUttag | None:
    """The uttag that is taken next, today's included."""
    return next(
        iter(PlaneratUttag.objects.filter(dag__gte=timezone.localdate()).order_by("dag", "ar")[:1]), None
    )


def missing_for(plan: PlaneratUttag) -> Missing:
    """What is missing for it among the actor's insatser. As many queries however many there are."""
    mine = Insats.objects.all()
    decides = require_actor().roll == Roll.FORBUNDSADMINISTRATOR
    volym = mine.filter(running_in(plan.ar), COUNTS_VOLYM).filter(
        ~Exists(Volym.unscoped.filter(insats=OuterRef("pk"), ar=plan.ar))
    )
    return Missing(
        utregistreringar=open_in(ended(mine, by=last_end(plan))),
        anonyma=list(without_anonyma(plan.ar, mine)),
        volym=volym.count(),
        begun=Utkast.objects.filter(slag__in=(Utkast.Slag.REGISTER_IN, Utkast.Slag.REGISTER_OUT)).count(),
        unstaffed=open_in(insatser_unstaffed()) if decides else 0,
    )


def last_end(plan: PlaneratUttag) -> dt.date:
    """The last day that an insats can have ended on for its utregistreringar to be missed in the uttag."""
    return dt.date(plan.ar, 12, 31)


def ended(insatser: QuerySet[Insats], *, by: dt.date | None = None) -> QuerySet[Insats]:
    """Those whose last day has passed, and not after `by`."""
    last = timezone.localdate() - dt.timedelta(days=1)
    return insatser.filter(slutdatum__lte=last if by is None else min(by, last))


def without_anonyma(ar: int, insatser: QuerySet[Insats]) -> QuerySet[Insats]:
    """Those of the insatser that had anonyma the year before, ran in `ar`, and have given none for it (DOMAIN §3).

    Of the versions of a year the one with the latest `registrerad` holds; one that says none is as good as none.
    """
    before = Anonyma.unscoped.filter(insats=OuterRef("insats"), ar=ar - 1)
    had = Anonyma.unscoped.filter(
        ~Exists(before.filter(registrerad__gt=OuterRef("registrerad"))),
        Q(kvinnor__gt=0) | Q(man__gt=0),
        insats=OuterRef("pk"),
        ar=ar - 1,
    )
    given = Anonyma.unscoped.filter(insats=OuterRef("pk"), ar=ar)
    return insatser.filter(running_in(ar), COUNTS_ANONYMA).filter(Exists(had), ~Exists(given))


def plan_mark(plan: PlaneratUttag) -> str:
    """Says what is planned: two marks are the same exactly when that is."""
    return shown_mark("registration.plan", plan.pk, plan.ar, plan.dag, plan.anteckning)


def set_plan(
    ar: int,
    dag: dt.date,
    anteckning: str = "",
    *,
    plan: PlaneratUttag | None = None,
    seen: str | None = None,
) -> PlaneratUttag:
    """Plan the uttag of `ar` as known at the end of `dag`, or move `plan` there.

    seen: `plan_mark` of what was on the screen; None skips the look. Raises AccessRefused for everybody but the
    nationell administratör, ChangedMeanwhile when a colleague has changed or removed it since it was seen, RuleError
    for days and years that make no sense and for one that is planned already.
    """
    actor = _may_plan()
    try:
        with transaction.atomic():
            row = PlaneratUttag() if plan is None else _locked(plan, seen)
            raise_errors(_check(ar, dag))
            row.ar, row.dag, row.anteckning = ar, dag, anteckning.strip()
            row.satt_av, row.andrat = actor.user, timezone.now()
            row.save()
    except IntegrityError as error:
        taken = Finding(
            "dag", "redan_planerat", f"Ett uttag av {ar} är redan planerat den dagen. Välj en annan."
        )
        raise RuleError([taken]) from error
    return row


def remove_plan(plan: PlaneratUttag, *, seen: str | None = None) -> None:
    """Take the plan away. Raises AccessRefused for everybody but the nationell administratör, ChangedMeanwhile as
    `set_plan` does."""
    _may_plan()
    with transaction.atomic():
        _locked(plan, seen).delete()


def _locked(plan: PlaneratUttag, seen: str | None) -> PlaneratUttag:
    """The plan as it stands, locked, when it is what was seen."""
    row: PlaneratUttag | None = PlaneratUttag.objects.select_for_update().filter(pk=plan.pk).first()
    if row is None:
        told = "En kollega har tagit bort det planerade uttaget sedan du såg det."
        raise ChangedMeanwhile([Finding("", "andrat_av_annan", told)])
    if seen is not None and seen != plan_mark(row):
        told = "En kollega har ändrat det planerade uttaget sedan du såg det. Titta på det nya."
        raise ChangedMeanwhile([Finding("", "andrat_av_annan", told)])
    return row


def _check(ar: int, dag: dt.date) -> list[Finding]:
    today = timezone.localdate()
    found = []
    if dag < today:
        found.append(Finding("dag", "har_varit", "Dagen har redan varit. Ange i dag eller en senare dag."))
    elif dag > today + FURTHEST:
        found.append(Finding("dag", "for_langt_fram", "Dagen ligger mer än tre år fram. Kontrollera året."))
    last_year = max(dag, today).year  # of a day that has been, only that is told
    if not FIRST_YEAR <= ar <= last_year:
        found.append(
            Finding(
                "ar",
                "fel_ar",
                f"Året kan vara från {FIRST_YEAR} till {last_year}, då uttaget tas. Rätta året.",
            )
        )
    return found


def _may_plan() -> Actor:
    actor = require_actor()
    if not actor.system and actor.roll != Roll.NATIONELL_ADMINISTRATOR:
        raise AccessRefused("Bara en nationell administratör planerar uttag.")
    return actor
