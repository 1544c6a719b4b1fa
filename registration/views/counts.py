"""Anonyma and volym of an insats: this year's and last year's totals, and who wrote what when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Button,
    Component,
    Crumb,
    EmptyState,
    KeyFigure,
    KeyFigures,
    Link,
    PostButton,
    Step,
    Tag,
    TimeLine,
    Tone,
)
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.counts import AddOneForm, in_words
from ..models import Insats, Volym
from ..models.insats_takes import COUNTS_VOLYM
from ..rules.antal import holding
from ..rules.checks import local_day
from .counts_common import ANONYMA, VOLYM, Sort, Year, years_of, years_shown
from .insatser_common import crumbs, get_insats, insats_crumb, insats_url


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def anonyma(request: HttpRequest, pk: int) -> HttpResponse:
    """This year's and last year's anonyma of an insats, with "add one"."""
    return _page(request, ANONYMA, pk)


@requires(Roll.INSATSANSVARIG)
@require_safe
def volym(request: HttpRequest, pk: int) -> HttpResponse:
    """This year's and last year's volym of an insats."""
    return _page(request, VOLYM, pk)


def _page(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    insats = get_insats(pk)
    fits = sort.counted_in(insats)
    years = years_of(sort, insats, *years_shown()) if fits else []
    context = {
        "insats": insats,
        "title": sort.title,
        "crumbs": crumbs(insats_crumb(insats), (sort.title, "")),
        "links": _onward(sort, insats),
        "years": [(one.ar, *_parts(sort, insats, one)) for one in years],
        "history": history(years),
        "not_here": "" if fits else EmptyState("Här räknas ingenting", sort.other),
    }
    return render(request, f"registration/counts/{sort.name}.html", context)


def _parts(sort: Sort, insats: Insats, year: Year) -> tuple[list[Component], list[Component]]:
    """What stands under a year's heading, and what can be done there."""
    if not insats.runs_in(year.ar):
        return [EmptyState(f"Insatsen pågick inte {year.ar}", "Då finns det inga deltagare att räkna.")], []
    url = reverse(f"registration:{sort.name}_set", args=[insats.pk, year.ar])
    actions: list[Component] = []
    if sort is ANONYMA:
        add = reverse("registration:anonyma_add", args=[insats.pk, year.ar])
        actions += [
            PostButton(f"Lägg till {who} {year.ar}", add, hidden={"kon": kon, "seen_nr": str(year.seen_nr)})
            for kon, who in AddOneForm.KON.items()
        ]
    kind = "quiet" if sort is ANONYMA else "secondary"
    actions.append(Button(f"{sort.form.title} för {year.ar}", url=url, kind=kind))
    return [KeyFigures(_figures(sort, year.now), short=True)], actions


def _figures(sort: Sort, now: Any | None) -> list[KeyFigure]:
    missing = "Inte angivet"
    women = KeyFigure("Kvinnor", now.kvinnor if now else None, missing=missing)
    men = KeyFigure("Män", now.man if now else None, missing=missing)
    if sort is VOLYM:
        return [KeyFigure("Deltagare", now.antal if now else None, missing=missing), women, men]
    return [women, men, KeyFigure("Tillsammans", now.kvinnor + now.man if now else None, missing=missing)]


def history(years: Sequence[Year]) -> TimeLine | None:
    """Every total that was said of the years, newest first; None where there is none."""
    steps = [
        Step(
            one.registrerad,
            f"{year.ar}: {in_words(one)}",
            f"Klockan {formats.clock(one.registrerad)}.",
            str(one.registrerad_av),
            known=one.mottagen if local_day(one.mottagen) != local_day(one.registrerad) else None,
            tone=Tone.GOOD if one is year.now else Tone.PLAIN,
        )
        for year in years
        for one in year.versions
    ]
    steps.sort(key=lambda step: timezone.localtime(step.when), reverse=True)  # type: ignore[arg-type]
    return TimeLine(steps) if steps else None


def _onward(sort: Sort, insats: Insats) -> list[Link]:
    """Where to go when the counting is done."""
    back = Link("Till insatsen", insats_url(insats))
    if sort is VOLYM:
        return [back, Link("Volymen i alla dina insatser", reverse("registration:volymer"))]
    if not insats.takes_persons:
        return [back]
    return [
        back,
        Link("Deltaganden i insatsen", reverse("registration:deltaganden", args=[insats.pk])),
        Link(
            "Registrera någon som har skrivit under samtycket",
            reverse("registration:register_in", args=[insats.pk]),
        ),
    ]


# Every volyminsats of an insatsansvarig


@requires(Roll.INSATSANSVARIG)
@require_safe
def volymer(request: HttpRequest) -> HttpResponse:
    """The insatser that register by number only, with what is given and what is missing."""
    this, last = years_shown()
    table = Table(
        id="volymer",
        caption=f"Volym {last} och {this}",
        columns=[
            Column("namn", "Insats"),
            Column("last", str(last), Kind.NUMBER, unit="deltagare"),
            Column("this", str(this), Kind.NUMBER, unit="deltagare"),
        ],
        rows=[
            Row(
                {"namn": insats.namn, "last": given[last], "this": given[this]},
                url=reverse("registration:volym", args=[insats.pk]),
            )
            for insats, given in volym_given(this, last)
        ],
        note="Ett streck betyder att insatsen inte pågick det året.",
        empty=EmptyState(
            "Inga insatser som bara räknar antal",
            "Här står insatser där bara antalet deltagare anges. Dina insatser registrerar personer.",
            Link("Till dina insatser", reverse("registration:insatser")),
        ),
        hide_caption=True,
    )
    return render(request, "registration/counts/volymer.html", {"table": table, "crumbs": [Crumb("Volym")]})


def volym_given(*years: int) -> list[tuple[Insats, dict[int, Any]]]:
    """Each volyminsats in scope, with the number of each year, a tag where it is missing, None where it did not run."""
    insatser = list(Insats.objects.filter(COUNTS_VOLYM))
    versions: dict[tuple[int, int], list[Volym]] = defaultdict(list)
    for one in Volym.objects.filter(insats__in=insatser, ar__in=years):
        versions[one.insats_id, one.ar].append(one)
    now = {key: found.antal for key, few in versions.items() if (found := holding(few))}
    missing = Tag("Saknas", Tone.WAIT)
    return [
        (one, {ar: now.get((one.pk, ar), missing if one.runs_in(ar) else None) for ar in years})
        for one in insatser
    ]
