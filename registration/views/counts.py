"""Anonyma and volym of an insats: this year's and last year's totals, add one, set them, and who wrote what when.

Two colleagues never overwrite each other: what is posted says which version was on the screen, the rule refuses when
there is a newer one, and the page shows both and asks again (DOMAIN §3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Button,
    Component,
    Crumb,
    Detail,
    Details,
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

from ..forms.counts import AddOneForm, AnonymaForm, VolymForm, in_words
from ..models import Anonyma, Insats, Volym
from ..rules.antal import AnonymaRad, holding, record_anonyma, record_volym
from ..rules.facts import InsatsFacts
from ..rules.findings import RuleError

CHANGED = "andrat_av_annan"


@dataclass(frozen=True)
class Sort:
    """What differs between anonyma and volym."""

    name: str
    title: str
    registreringssatt: str
    model: Any
    form: Any
    record: Callable[..., Any]
    other: str


ANONYMA = Sort(
    "anonyma", "Anonyma deltagare", "person", Anonyma, AnonymaForm, record_anonyma,
    "Insatsen registrerar bara antal, så det finns inga anonyma deltagare att räkna. Den insatsansvariga anger hur "
    "många som deltog.",
)  # fmt: skip
VOLYM = Sort(
    "volym", "Volym", "volym", Volym, VolymForm, record_volym,
    "I insatsen registreras personer, så ingen volym ska anges. De deltagaransvariga registrerar deltagarna.",
)  # fmt: skip


@dataclass(frozen=True)
class Year:
    """The versions of an insats and year. now: the one that holds. seen_nr: the number of the last one written."""

    ar: int
    versions: Sequence[Any]

    @property
    def now(self) -> Any | None:
        return holding(self.versions)

    @property
    def seen_nr(self) -> int:
        return max((one.nr for one in self.versions), default=0)

    def version(self, nr: int) -> Any | None:
        """The version of that number, which a user had on the screen."""
        return next((one for one in self.versions if one.nr == nr), None)


def years_shown() -> tuple[int, int]:
    """This year and the last."""
    this = timezone.localdate().year
    return this, this - 1


def years_of(sort: Sort, insats: Insats, *wanted: int) -> list[Year]:
    """The versions of each wanted year. One query."""
    rows = list(
        sort.model.objects.filter(insats=insats, ar__in=wanted)
        .select_related("registrerad_av")
        .order_by("-nr")
    )
    return [Year(ar, [row for row in rows if row.ar == ar]) for ar in wanted]


def _insats(pk: int) -> Insats:
    """An insats in the actor's scope. Raises Http404 for any other."""
    found: Insats | None = Insats.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _insats_and_year(sort: Sort, pk: int, ar: int) -> tuple[Insats, Year]:
    insats = _insats(pk)
    if ar not in years_shown() or insats.registreringssatt != sort.registreringssatt:
        raise Http404
    return insats, years_of(sort, insats, ar)[0]


def _ran(insats: Insats, ar: int) -> bool:
    return InsatsFacts(
        insats.insats_id, insats.startdatum, insats.slutdatum, insats.inriktning, insats.registreringssatt, ""
    ).runs_in(ar)


def _crumbs(insats: Insats, *more: Crumb) -> list[Crumb]:
    return [
        Crumb("Insatser", reverse("registration:insatser")),
        Crumb(insats.namn, reverse("registration:insats", args=[insats.pk])),
        *more,
    ]


# The page


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
    insats = _insats(pk)
    fits = insats.registreringssatt == sort.registreringssatt
    years = years_of(sort, insats, *years_shown()) if fits else []
    context = {
        "insats": insats,
        "title": sort.title,
        "crumbs": _crumbs(insats, Crumb(sort.title)),
        "years": [(one.ar, *_parts(sort, insats, one)) for one in years],
        "history": _history(years),
        "not_here": "" if fits else EmptyState("Här räknas ingenting", sort.other),
    }
    return render(request, f"registration/counts/{sort.name}.html", context)


def _parts(sort: Sort, insats: Insats, year: Year) -> tuple[list[Component], list[Component]]:
    """What stands under a year's heading, and what can be done there."""
    if not _ran(insats, year.ar):
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


def _history(years: Sequence[Year]) -> TimeLine | None:
    steps = [
        Step(
            one.registrerad,
            f"{year.ar}: {in_words(one)}",
            f"Klockan {formats.clock(one.registrerad)}.",
            str(one.registrerad_av),
            known=one.mottagen if one.mottagen.date() != one.registrerad.date() else None,
            tone=Tone.GOOD if one is year.now else Tone.PLAIN,
        )
        for year in years
        for one in year.versions
    ]
    steps.sort(key=lambda step: timezone.localtime(step.when), reverse=True)  # type: ignore[arg-type]
    return TimeLine(steps) if steps else None


# Add one


@requires(Roll.DELTAGARANSVARIG)
@require_POST
def anonyma_add(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """One woman or man more. When somebody has written since, both totals are shown and nothing is written."""
    insats, year = _insats_and_year(ANONYMA, pk, ar)
    form = AddOneForm(request.POST)
    if not form.is_valid():
        raise BadRequest("not a post of our buttons")
    rad = form.rad(insats, ar, year.now)
    try:
        record_anonyma(rad, seen_nr=form.cleaned_data["seen_nr"])
    except RuleError as error:
        if not _is_conflict(error):
            messages.error(request, " ".join(one.message for one in error.findings))
            return redirect("registration:anonyma", pk=pk)
        year = years_of(ANONYMA, insats, ar)[0]
        return _ask_again(request, insats, year, form)
    messages.success(request, f"{formats.sentence(form.who)} är tillagd. {ar} är det nu {in_words(rad)}.")
    return redirect("registration:anonyma", pk=pk)


def _ask_again(request: HttpRequest, insats: Insats, year: Year, form: AddOneForm) -> HttpResponse:
    title = f"Antalet för {year.ar} har ändrats"
    then: AnonymaRad = form.rad(insats, year.ar, year.now)
    rows = [
        *_both(year, form.cleaned_data["seen_nr"]),
        Detail(f"Om du lägger till {form.who} nu", in_words(then)),
    ]
    context = {
        "title": title,
        "crumbs": _crumbs(
            insats,
            Crumb(ANONYMA.title, reverse("registration:anonyma", args=[insats.pk])),
            Crumb(title),
        ),
        "why": _why(year),
        "both": Details(rows),
        "again": PostButton(
            f"Lägg till {form.who}",
            reverse("registration:anonyma_add", args=[insats.pk, year.ar]),
            kind="primary",
            hidden={"kon": form.cleaned_data["kon"], "seen_nr": str(year.seen_nr)},
        ),
        "leave": Link("Låt det vara som det är", reverse("registration:anonyma", args=[insats.pk])),
    }
    return render(request, "registration/counts/changed.html", context, status=409)


def _is_conflict(error: RuleError) -> bool:
    return any(one.kind == CHANGED for one in error.findings)


def _why(year: Year) -> str:
    """Who was first. After a double press that is the user."""
    last = year.version(year.seen_nr)
    if last is not None and last.registrerad_av_id == require_actor().user.pk:
        return (
            "Du har redan ändrat antalet sedan den sida du kom från visades. Kanske tryckte du två gånger. "
            "Ingenting mer har sparats."
        )
    return "En kollega har ändrat antalet sedan du såg det. Ingenting av ditt har sparats än."


def _both(year: Year, seen_nr: int) -> list[Detail]:
    """What the user saw and what holds now."""
    now = year.now
    by = f"av {now.registrerad_av} {formats.moment(now.registrerad)}" if now else ""
    return [
        Detail("När du såg sidan", in_words(year.version(seen_nr)), missing="Inget angivet"),
        Detail("Nu", in_words(now), note=by, missing="Inget angivet"),
    ]


# Set the totals


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def anonyma_set(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """Give both totals of a year."""
    return _set(request, ANONYMA, pk, ar)


@requires(Roll.INSATSANSVARIG)
@require_http_methods(["GET", "POST"])
def volym_set(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """Give the volym of a year."""
    return _set(request, VOLYM, pk, ar)


def _set(request: HttpRequest, sort: Sort, pk: int, ar: int) -> HttpResponse:
    insats, year = _insats_and_year(sort, pk, ar)
    back = reverse(f"registration:{sort.name}", args=[pk])
    cancel = Link("Avbryt", back)
    initial = {"seen_nr": year.seen_nr}
    if year.now:
        initial |= {
            name: getattr(year.now, name) for name in ("antal", "kvinnor", "man") if hasattr(year.now, name)
        }
    form = sort.form(request.POST if request.method == "POST" else None, initial=initial, cancel=cancel)
    status, both, why = 200, None, ""
    if request.method == "POST" and form.is_valid():
        try:
            row = sort.record(form.rad(insats, ar), seen_nr=form.cleaned_data["seen_nr"])
        except RuleError as error:
            if _is_conflict(error):
                status = 409
                form, both, why = _form_again(request, sort, insats, ar, form, cancel)
            else:
                form.add_findings(error.findings)
        else:
            messages.success(request, f"Sparat. {ar} är det nu {in_words(row)}.")
            return redirect(back)
    context = {
        "form": form,
        "insats": insats,
        "ar": ar,
        "crumbs": _crumbs(insats, Crumb(sort.title, back), Crumb(f"{form.title} {ar}")),
        "both": both,
        "why": why,
    }
    return render(request, "registration/counts/set.html", context, status=status)


def _form_again(
    request: HttpRequest, sort: Sort, insats: Insats, ar: int, form: Any, cancel: Link
) -> tuple[Any, Details, str]:
    """The form with what the user wrote, made from the version that holds now; both versions; why."""
    year = years_of(sort, insats, ar)[0]
    data = request.POST.copy()
    data["seen_nr"] = str(year.seen_nr)
    again = sort.form(data, cancel=cancel)
    again.is_valid()
    why = _why(year)
    again.add_error(None, f"{why} Läs igenom talen och spara igen om dina ska gälla.")
    rows = [*_both(year, form.cleaned_data["seen_nr"]), Detail("Du skrev", in_words(form.rad(insats, ar)))]
    return again, Details(rows), why


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
    return render(request, "registration/counts/volymer.html", {"table": table})


def volym_given(*years: int) -> list[tuple[Insats, dict[int, Any]]]:
    """Each volyminsats in scope, with the number of each year, a tag where it is missing, None where it did not run."""
    insatser = list(Insats.objects.filter(registreringssatt="volym").order_by("namn"))
    versions: dict[tuple[int, int], list[Volym]] = defaultdict(list)
    for one in Volym.objects.filter(insats__in=insatser, ar__in=years):
        versions[one.insats_id, one.ar].append(one)
    now = {key: found.antal for key, few in versions.items() if (found := holding(few))}
    missing = Tag("Saknas", Tone.WAIT)
    return [
        (one, {ar: now.get((one.pk, ar), missing if _ran(one, ar) else None) for ar in years})
        for one in insatser
    ]
