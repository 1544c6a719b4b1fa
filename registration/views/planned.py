"""Planned uttag: set, changed and removed by the nationell administratör, shown to everybody on the start page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui import formats
from finsam_site.ui.components import Button, Crumb, EmptyState, Link, PostButton
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.planned import ChangePlanForm, PlanForm
from ..models import PlaneratUttag
from ..rules.findings import RuleError
from ..rules.planned import plans_ahead, remove_plan, set_plan

TITLE = "Planerade uttag"


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
    form = PlanForm(request.POST or None, initial={"ar": timezone.localdate().year}, cancel=_cancel())
    return _form(request, form, None)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def planned_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another year, day or message; or take it away."""
    plan = _get(pk)
    initial = {"ar": plan.ar, "dag": plan.dag, "anteckning": plan.anteckning}
    return _form(request, ChangePlanForm(request.POST or None, initial=initial, cancel=_cancel()), plan)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_POST
def planned_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan away. It can be made again."""
    plan = _get(pk)
    remove_plan(plan)
    messages.success(request, f"Uttaget {formats.day(plan.dag)} är inte längre planerat.")
    return redirect("registration:planned")


def _form(request: HttpRequest, form: PlanForm, plan: PlaneratUttag | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            row = set_plan(**form.cleaned_data, plan=plan)
        except RuleError as error:
            form.add_findings(error.findings)
        else:
            messages.success(request, f"Uttaget av {row.ar} är planerat till {formats.day(row.dag)}.")
            return redirect("registration:planned")
    remove = (
        PostButton(
            "Ta bort det planerade uttaget",
            reverse("registration:planned_remove", args=[plan.pk]),
            kind="quiet",
        )
        if plan
        else None
    )
    context = {
        "form": form,
        "remove": remove,
        "crumbs": [Crumb(TITLE, reverse("registration:planned")), Crumb(form.title)],
    }
    return render(request, "registration/planned_form.html", context)


def _cancel() -> Link:
    return Link("Avbryt", reverse("registration:planned"))


def _get(pk: int) -> PlaneratUttag:
    plan: PlaneratUttag | None = PlaneratUttag.objects.filter(pk=pk).first()
    if plan is None:
        raise Http404
    return plan
