"""Planned uttag: set, changed and removed by the nationell administratör, shown to everybody on the start page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui import formats
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Button, Component, Crumb, EmptyState, Link, PostButton
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.planned import ChangePlanForm, PlanForm
from ..models import PlaneratUttag
from ..rules.findings import ChangedMeanwhile, RuleError
from ..rules.planned import plan_mark, plans_ahead, remove_plan, set_plan

TITLE = "Planerade uttag"
_ASKED = ("ar", "dag", "anteckning")
SEEN = "sedd"
"""The field that says what was on the screen."""


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_safe
def planned(request: HttpRequest) -> HttpResponse:
    """Those from today on, the next one first."""
    rows = [
        Row(
            {"dag": formats.day(one.dag), "ar": str(one.ar), "anteckning": one.anteckning},
            url=reverse("registration:planned_change", args=[one.pk]),
        )
        for one in plans_ahead()
    ]
    new = Button("Planera ett uttag", url=reverse("registration:planned_new"))
    table = Table(
        "planerade",
        TITLE,
        [Column("dag", "Dag"), Column("ar", "År"), Column("anteckning", "Meddelande", Kind.LONG)],
        rows,
        hide_caption=True,
        empty=EmptyState(
            "Inget uttag är planerat",
            "Här står de uttag som ska tas, och alla ser det nästa på sin startsida.",
            new,
        ),
    )
    context = {
        "title": TITLE,
        "lead": "Alla ser nästa uttag på sin startsida, med det som saknas i deras insatser.",
        "parts": [table],
        "actions": [new] if rows else [],
        "crumbs": [Crumb(TITLE)],
    }
    return render(request, "registration/page.html", context)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def planned_new(request: HttpRequest) -> HttpResponse:
    """Plan one more. What is asked for most often stands there already: the year that has ended or is ending."""
    initial = {"ar": timezone.localdate().year}
    form = PlanForm(_posted(request), initial=initial, cancel=_cancel())
    return _form(request, form, None)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def planned_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another year, day or message; or take it away."""
    plan = _find(pk)
    if plan is None:
        return _gone(request)
    initial = {"ar": plan.ar, "dag": plan.dag, "anteckning": plan.anteckning, SEEN: plan_mark(plan)}
    return _form(request, ChangePlanForm(_posted(request), initial=initial, cancel=_cancel()), plan)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_POST
def planned_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan away. It can be made again."""
    plan = _find(pk)
    if plan is None and not request.POST.get(SEEN):
        raise Http404
    try:
        if plan is not None:
            remove_plan(plan, seen=request.POST.get(SEEN, ""))
    except ChangedMeanwhile:
        return _changed(request, None, pk)
    when = f" {formats.day(plan.dag)}" if plan else ""
    messages.success(request, f"Uttaget{when} är inte längre planerat.")
    return redirect("registration:planned")


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form(request: HttpRequest, form: PlanForm, plan: PlaneratUttag | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            row = set_plan(said["ar"], said["dag"], said["anteckning"], plan=plan, seen=said.get(SEEN))
        except ChangedMeanwhile:
            return _changed(request, form, plan.pk if plan else 0)
        except RuleError as error:
            form.add_findings(error.findings)
        else:
            return _planned(request, row)
    return _page(request, form, plan)


def _planned(request: HttpRequest, plan: PlaneratUttag) -> HttpResponse:
    messages.success(request, f"Uttaget av {plan.ar} är planerat till {formats.day(plan.dag)}.")
    return redirect("registration:planned")


def _page(
    request: HttpRequest,
    form: PlanForm,
    plan: PlaneratUttag | None,
    *,
    both: Component | None = None,
    status: int = 200,
) -> HttpResponse:
    """both: what stands beside what was typed, when somebody was first."""
    remove = (
        PostButton(
            "Ta bort det planerade uttaget",
            reverse("registration:planned_remove", args=[plan.pk]),
            kind="quiet",
            hidden={SEEN: form[SEEN].value() or ""},
        )
        if plan
        else None
    )
    context = {
        "form": form,
        "form_action": (
            reverse("registration:planned_change", args=[plan.pk])
            if plan
            else reverse("registration:planned_new")
        ),
        "both": both,
        "remove": remove,
        "crumbs": [Crumb(TITLE, reverse("registration:planned")), Crumb(form.title)],
    }
    return render(request, "registration/planned_form.html", context, status=status)


def _changed(request: HttpRequest, form: PlanForm | None, pk: int) -> HttpResponse:
    """What stands now beside what was typed (None: it was to be removed), to be sent once more; nothing is written."""
    plan = _find(pk)
    if plan is None:
        return _gone(request)
    own = plan.satt_av_id == require_actor().user.pk
    if form is None:
        why = f"{_who(plan, own)} efter att du såg det. Det är inte borttaget. Läs det som står nu."
        form, both = _again(plan, _said(plan)), None
    else:
        said = form.cleaned_data
        if (plan.ar, plan.dag, plan.anteckning) == (said["ar"], said["dag"], said["anteckning"]):
            return _planned(request, plan)
        why = (
            f"{_who(plan, own)}, medan du fyllde i. Läs igenom det och spara igen om det du skrev ska gälla."
        )
        rows = [
            Compared("År", str(plan.ar), str(said["ar"])),
            Compared("Dag", formats.day(plan.dag), formats.day(said["dag"])),
            Compared("Meddelande", plan.anteckning, said["anteckning"]),
        ]
        whose = "Sparat av dig" if own else f"Sparat av {plan.satt_av.namn}"
        both = Comparison("Det som är sparat bredvid det du skrev", whose, "Du skrev", rows, missing="Inget")
        form = _again(plan, request.POST)
    form.somebody_was_first(own=own)
    form.is_valid()
    form.add_error(None, why)
    return _page(request, form, plan, both=both, status=409)


def _gone(request: HttpRequest) -> HttpResponse:
    """A colleague removed it: what was typed can be planned anew. 404 for one that was not on the screen."""
    if not request.POST.get(SEEN):
        raise Http404
    form = PlanForm({name: request.POST.get(name, "") for name in _ASKED}, cancel=_cancel())
    form.somebody_was_first(own=False)
    form.is_valid()
    told = "En kollega har tagit bort det planerade uttaget. Spara om det du skrev ska planeras på nytt."
    form.add_error(None, told)
    return _page(request, form, None, status=409)


def _who(plan: PlaneratUttag, own: bool) -> str:
    """Who was first, as the beginning of a sentence."""
    who = "Du" if own else plan.satt_av.namn
    when = f"{formats.day(plan.andrat)} klockan {formats.clock(plan.andrat)}"
    return f"{who} ändrade det planerade uttaget {when}"


def _said(plan: PlaneratUttag) -> dict[str, str]:
    return {"ar": str(plan.ar), "dag": formats.iso_day(plan.dag), "anteckning": plan.anteckning}


def _again(plan: PlaneratUttag, data: Any) -> ChangePlanForm:
    """The answers as a change of what stands now."""
    said = {name: data.get(name, "") for name in _ASKED}
    return ChangePlanForm(said | {SEEN: plan_mark(plan)}, cancel=_cancel())


def _cancel() -> Link:
    return Link("Avbryt", reverse("registration:planned"))


def _find(pk: int) -> PlaneratUttag | None:
    plan: PlaneratUttag | None = PlaneratUttag.objects.filter(pk=pk).first()
    return plan
