"""Uppdrag in a förbund and in an insats: who has which, give a new one, end one (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.acting import AccessRefused, require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.swedish import by_name
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Answer,
    Button,
    Component,
    Crumb,
    Detail,
    Details,
    EmptyState,
    Link,
    Pagination,
    ReadBack,
    Task,
    TaskList,
    Text,
)
from finsam_site.ui.formats import number, plural
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.uppdrag import CHANGE, CONFIRM, ConfirmForm, EndForm, GiveForm
from ..models import Insats, Uppdrag
from ..rules.aggregates import open_counts
from ..rules.findings import RuleError
from ..rules.staffing import GIVES, handover, insatser_to_staff, known_accounts, staff_counts, uppdrag_seen
from ..rules.uppdrag import GIVERS, check_uppdrag, end_uppdrag, give_uppdrag, may_end, roles_to_give
from ..rules.worklist import Unstaffed, unstaffed
from .insatser_common import crumbs, insats_crumb
from .uppdrag_words import WHOLE, after_end, meaning, roll_label, state, where

TITLE = "Uppdrag"
LISTED = "Vem har vilket"
PER_PAGE = 50
ALL = "alla"


# Who has which


@requires(*GIVES)
@require_safe
def uppdragen(request: HttpRequest) -> HttpResponse:
    """All that the actor has to do with, and first the insatser where nobody answers for the deltaganden."""
    missing = unstaffed()
    by_place = by_name("insats__namn", nulls_first=True)
    found = uppdrag_seen().order_by(by_place, by_name("user__namn"), "fran", "pk")
    sections = [{"title": LISTED, "parts": _listed(request, found, with_place=True)}]
    if missing:
        section = {
            "title": "Utan deltagaransvarig",
            "parts": [TaskList([unstaffed_task(one) for one in missing])],
        }
        sections.insert(0, section)
    context = {
        "title": TITLE,
        "lead": "Ett uppdrag ger någon rätt att arbeta i en insats eller i hela förbundet, så länge det gäller.",
        "actions": [Button("Ge uppdrag", url=reverse("registration:uppdrag_new"))],
        "sections": sections,
        "crumbs": [Crumb(TITLE)],
    }
    return render(request, "registration/page.html", context)


@requires(*GIVES)
@require_safe
def insats_uppdrag(request: HttpRequest, pk: int) -> HttpResponse:
    """Those for one insats."""
    insats = _get_insats(pk)
    found = uppdrag_seen().filter(insats=insats).order_by(by_name("user__namn"), "fran", "pk")
    give = Button("Ge uppdrag", url=give_url(insats)) if roles_to_give(insats) else None
    context = {
        "title": TITLE,
        "over": insats.namn,
        "actions": [give] if give else [],
        "sections": [{"title": LISTED, "parts": _listed(request, found, with_place=False)}],
        "crumbs": crumbs(insats_crumb(insats), (TITLE, "")),
    }
    return render(request, "registration/page.html", context)


@requires(*GIVES)
@require_safe
def uppdrag_new(request: HttpRequest) -> HttpResponse:
    """Choose what a new uppdrag is for."""
    insatser = [one for one in insatser_to_staff() if roles_to_give(one)]
    pks = [one.pk for one in insatser]
    staff, opened = staff_counts(pks, timezone.localdate()), open_counts(pks)
    tasks = [
        Task(one.namn, give_url(one), hint=_staffed(staff.get(one.pk, 0), opened.get(one.pk, 0)))
        for one in insatser
    ]
    if roles_to_give():
        whole = Task(
            WHOLE, reverse("registration:uppdrag_give_forbund"), hint="Alla insatser, men inga deltagare"
        )
        tasks.insert(0, whole)
    context = {
        "title": "Vad ska uppdraget gälla?",
        "parts": [TaskList(tasks, empty="Det finns ingen insats att ge uppdrag i.")],
        "crumbs": [_crumb(), Crumb("Ge uppdrag")],
    }
    return render(request, "registration/page.html", context)


# Give


@requires(*GIVES)
@require_http_methods(["GET", "POST"])
def uppdrag_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one for an insats."""
    return _give(request, _get_insats(pk))


@requires(Roll.FORBUNDSADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def uppdrag_give_forbund(request: HttpRequest) -> HttpResponse:
    """Give one for the whole förbund."""
    return _give(request, None)


def _give(request: HttpRequest, insats: Insats | None) -> HttpResponse:
    """Questions, read back in words, give."""
    roller = roles_to_give(insats)
    if not roller:
        raise AccessRefused("Du ger inte uppdrag där. Förbundsadministratören i ditt förbund kan hjälpa dig.")
    cancel = Link("Avbryt", _list_url(insats))
    form = GiveForm(
        request.POST if request.method == "POST" else None, roller=roller, known=known_accounts(roller),
        initial={"fran": timezone.localdate()}, cancel=cancel,
    )  # fmt: skip
    shown: dict[str, Any] = {"form": form, "over": insats.namn if insats else WHOLE, "crumbs": _way(insats)}
    if request.method != "POST" or not form.is_valid() or form.account is None or CHANGE in request.POST:
        return render(request, "registration/uppdrag/form.html", shown)
    target = {"insats": insats.pk} if insats else {"forbund": require_actor().forbund_id}
    said = {"user": form.account, "roll": form.chosen_roll, **form.values(), **target}
    findings = check_uppdrag(**said)
    if findings:
        form.add(findings)
        return render(request, "registration/uppdrag/form.html", shown)
    if CONFIRM not in request.POST:
        shown |= {"form": _confirm(request, form, cancel), "parts": _read_back(form, insats)}
        return render(request, "registration/uppdrag/form.html", shown)
    try:
        give_uppdrag(**said)
    except RuleError as error:  # a colleague was quicker
        form.add(error.findings)
        return render(request, "registration/uppdrag/form.html", shown)
    begins = (
        "Det gäller från i dag." if form.values()["fran"] <= timezone.localdate() else "Det börjar senare."
    )
    messages.success(request, f"Uppdraget är givet. {begins}")
    return redirect(_list_url(insats))


def _confirm(request: HttpRequest, form: GiveForm, cancel: Link) -> ConfirmForm:
    """The same answers, hidden."""
    return ConfirmForm({name: request.POST.get(name, "") for name in form.fields}, cancel=cancel)


def _read_back(form: GiveForm, insats: Insats | None) -> list[Component]:
    """What will be, in a table and in sentences."""
    account, roll, days = form.account, form.chosen_roll, form.values()
    assert account is not None  # noqa: S101 - narrows the type
    opened = handover(insats.pk, days["fran"], without=account) if insats else None
    till = formats.day(days["till"]) if days["till"] else ""
    rows = [
        Answer("Vem", str(account), note=account.organisation),
        Answer("Uppdrag", formats.sentence(str(roll.label))),
        Answer("Gäller", insats.namn if insats else WHOLE),
        Answer("Första dagen", formats.day(days["fran"])),
        Answer("Sista dagen", till, missing="Tills vidare"),
    ]
    words = meaning(account, roll, days["fran"], insats, opened)
    return [ReadBack("Uppdraget", rows), *[Text(one) for one in words]]


# End


@requires(*GIVES)
@require_http_methods(["GET", "POST"])
def uppdrag_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one, at once or after a day; the page says who answers for what is open then."""
    one: Uppdrag | None = uppdrag_seen().select_related("user", "insats", "forbund").filter(pk=pk).first()
    if one is None:
        raise Http404
    may_end(one)
    back = _list_url(one.insats)
    today = timezone.localdate()
    if one.till is not None and one.till < today:
        messages.info(request, "Uppdraget är redan avslutat.")
        return redirect(back)
    form = EndForm(request.POST if request.method == "POST" else None, cancel=Link("Avbryt", back))
    if request.method == "POST" and form.is_valid():
        try:
            end_uppdrag(one, form.last())
        except RuleError as error:
            form.add_findings(error.findings)
        else:
            messages.success(request, _ended(form.last()))
            return redirect(back)
    opened = None
    if one.insats is not None and one.roll == Roll.DELTAGARANSVARIG:
        opened = handover(one.insats.pk, today, without=one.user)
    facts = Details(
        [
            Detail("Vem", str(one.user), note=one.user.organisation),
            Detail("Uppdrag", roll_label(one)),
            Detail("Gäller", where(one)),
            Detail("Första dagen", formats.day(one.fran)),
            Detail("Sista dagen", formats.day(one.till) if one.till else "", missing="Tills vidare"),
        ]
    )
    context = {
        "form": form,
        "over": where(one),
        "parts": [facts, *[Text(text) for text in after_end(one, opened)]],
        "crumbs": [*_way(one.insats)[:-1], Crumb(form.title)],
    }
    return render(request, "registration/uppdrag/form.html", context)


def _ended(last: dt.date | None) -> str:
    return "Uppdraget är avslutat." if last is None else f"Uppdraget slutar gälla efter {formats.day(last)}."


# Parts


def unstaffed_task(one: Unstaffed) -> Task:
    """An insats without deltagaransvarig; leads to giving an uppdrag in it."""
    people = f"{number(one.antal)} {plural(one.antal, 'deltagande', 'deltaganden')} utan deltagaransvarig"
    papers = f"{number(one.original)} original av samtycken att skicka eller leta efter"
    hint = ", ".join([people] * bool(one.antal) + [papers] * bool(one.original))
    return Task(f"Ge uppdrag i {one.insats.namn}", give_url(one.insats), hint=hint)


def give_url(insats: Insats) -> str:
    return reverse("registration:uppdrag_give", args=[insats.pk])


def _listed(request: HttpRequest, found: QuerySet[Uppdrag], *, with_place: bool) -> list[Component]:
    """The table, and above it the choice of whether those that have ended stand there too."""
    today = timezone.localdate()
    whole = request.GET.get("visa") == ALL
    if not whole:
        found = found.filter(Q(till__isnull=True) | Q(till__gte=today))
    page = Paginator(found.select_related("user", "insats", "forbund"), PER_PAGE).get_page(
        request.GET.get("sida")
    )
    columns = [
        Column("vem", "Vem"),
        Column("roll", "Uppdrag"),
        *([Column("galler", "Gäller")] if with_place else []),
        Column("fran", "Från", Kind.DAY),
        Column("till", "Till", Kind.DAY),
        Column("lage", "Läge"),
        Column("gor", "Ändra"),
    ]
    empty = EmptyState(
        "Inga uppdrag",
        "Här står de som har uppdrag, när någon har fått ett."
        if whole
        else "Ingen har ett uppdrag som gäller nu.",
    )
    table = Table(
        id="uppdrag", caption=TITLE, hide_caption=True, columns=columns, rows=[_row(one, today) for one in page],
        empty=empty, pagination=Pagination(page, "uppdrag", {"visa": ALL} if whole else {}),
    )  # fmt: skip
    other = Link("Visa bara dem som inte är avslutade", request.path) if whole else None
    return [table, other or Link("Visa också avslutade", f"{request.path}?visa={ALL}")]


def _row(one: Uppdrag, today: dt.date) -> Row:
    ended = one.till is not None and one.till < today
    actor = require_actor()
    ends = not ended and actor.roll is not None and one.roll in GIVERS[actor.roll]
    end = Link("Avsluta", reverse("registration:uppdrag_end", args=[one.pk])) if ends else ""
    cells = {
        "vem": f"{one.user}, {one.user.organisation}" if one.user.organisation else str(one.user),
        "roll": roll_label(one),
        "galler": where(one),
        "fran": one.fran,
        "till": one.till,
        "lage": state(one, today),
        "gor": end,
    }
    return Row(cells)


def _staffed(staff: int, antal: int) -> str:
    who = number(staff) if staff else "Ingen"
    return f"{who} {'deltagaransvarig' if staff < 2 else 'deltagaransvariga'}, {number(antal)} deltar nu"


def _get_insats(pk: int) -> Insats:
    """One that the actor can staff, or 404."""
    found: Insats | None = insatser_to_staff().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _list_url(insats: Insats | None) -> str:
    return (
        reverse("registration:insats_uppdrag", args=[insats.pk])
        if insats
        else reverse("registration:uppdragen")
    )


def _crumb() -> Crumb:
    return Crumb(TITLE, reverse("registration:uppdragen"))


def _way(insats: Insats | None) -> Sequence[Crumb]:
    if insats is None:
        return [_crumb(), Crumb("Ge uppdrag")]
    return crumbs(insats_crumb(insats), (TITLE, _list_url(insats)), ("Ge uppdrag", ""))
