"""The register of samtycken: where each original is, and marking many at once (DOMAIN §4).

The deltagaransvarig sees the own insatser with names; the samtyckesmottagare sees all reference codes and no person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from finsam_site.access import kept
from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import (
    Button,
    Component,
    EmptyState,
    ErrorSummary,
    Link,
    Pagination,
    PostButton,
    SummaryError,
)
from finsam_site.ui.formats import number, plural
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..models import Identitet, Samtycke
from ..rules.codes import reference_shown
from ..rules.reveal import reveal_names
from ..rules.samtycke import (
    AWAITED,
    Status,
    Utfall,
    Vantan,
    awaited,
    mark_sent,
    waiting,
    with_status,
)
from ..rules.samtycke import WORDS as STATUS_WORDS
from ..rules.samtycke_undo import Seen, received_mark, sent_mark
from .samtycke_words import AWAITED_KEYS, samtycke_tag, samtycken_url
from .samtycken_undo import SEEN, seen_in, seen_text, undo_button, undo_link

PER_PAGE = 50
TITLE = "Samtycken"
LOOK = "lista samtycken"
TICKED = "kryss"
"""In the address: all that can be ticked on the page is, or nothing was and should have been."""

FILTERS = {
    AWAITED_KEYS[Vantan.ALLA]: "Inte mottagna",
    AWAITED_KEYS[Vantan.ATT_SKICKA]: "Att skicka",
    str(Status.SKICKAT): STATUS_WORDS[Status.SKICKAT],
    AWAITED_KEYS[Vantan.FORSENADE]: STATUS_WORDS[Status.SAKNAS],
    AWAITED_KEYS[Vantan.LETA_EFTER]: "Skickade men inte framme",
    str(Status.MOTTAGET): STATUS_WORDS[Status.MOTTAGET],
    str(Status.ATERKALLAT): STATUS_WORDS[Status.ATERKALLAT],
    "alla": "Alla",
}
"""What can be chosen. A status is called in the choice what it is called in the rows."""

AWAITED_BY = {key: vantan for vantan, key in AWAITED_KEYS.items()}

UNDO = "angra"
"""In the address: the key under which it is kept for an hour what was marked just now."""
AN_HOUR = dt.timedelta(hours=1)

NONE_TICKED = "inga"
"""The value of TICKED after the button was pressed with nothing ticked."""


@dataclass(frozen=True)
class Tick(Component):
    """A check box in a row of a table. label: what is heard; the row says the rest. on: ticked from the beginning."""

    template_name: ClassVar[str] = "registration/samtycke/tick.html"
    value: str
    label: str
    on: bool = False

    @property
    def id(self) -> str:
        return f"valj-{self.value}"


@requires(Roll.DELTAGARANSVARIG, Roll.SAMTYCKESMOTTAGARE)
@require_safe
def samtycken(request: HttpRequest) -> HttpResponse:
    """The register, filtered by status, the longest waiting first."""
    receiver = require_actor().roll == Roll.SAMTYCKESMOTTAGARE
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in FILTERS else ""
    newest = request.GET.get("ordning") == "nyast"
    order = ("-undertecknat", "-pk") if newest else ("undertecknat", "pk")
    found = _filtered(chosen).select_related("insats").order_by(*order)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("sida"))
    keep = {"status": chosen} if chosen else {}
    names = {} if receiver else _names([one.pk for one in page])
    to_tick = [one for one in page if one.status in AWAITED and one.original_skickat is None]
    tick = bool(to_tick) and not receiver
    change = not tick and any(_change(one, receiver) for one in page)
    ticked = request.GET.get(TICKED) == "alla"
    here = keep | ({"ordning": "nyast"} if newest else {})
    table = Table(
        id="samtycken",
        caption=f"Samtycken: {FILTERS[chosen].lower()}",
        hide_caption=True,
        columns=_columns(receiver, tick, keep, newest, change),
        rows=[
            _row(one, names.get(one.pk), one in to_tick and tick, ticked, _change(one, receiver))
            for one in page
        ],
        pagination=Pagination(page, "samtycken", here),
        empty=_empty(chosen, receiver),
    )
    context = {
        "title": TITLE,
        "error_summary": _none_ticked(to_tick) if tick and request.GET.get(TICKED) == NONE_TICKED else None,
        "lead": "Du ser referenskoder, inga personer."
        if receiver
        else "Originalet skickas till Försäkringskassan.",
        "filters": [
            Link(label, samtycken_url({"status": key} if key else {}), current=key == chosen)
            for key, label in FILTERS.items()
        ],
        "undo": _undo(request.GET.get(UNDO, "")),
        "table": table,
        "tick": tick,
        "tick_all": _tick_all(here | ({"sida": str(page.number)} if page.number > 1 else {}), ticked)
        if len(to_tick) > 1
        else None,
        "codes": Button("Ta emot samtycken", url=reverse("registration:samtycken_received"))
        if receiver
        else Button(
            "Markera skickade med koder", url=reverse("registration:samtycken_sent_codes"), kind="secondary"
        ),
    }
    return render(request, "registration/samtycke/samtycken.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_POST
def sent(request: HttpRequest) -> HttpResponse:
    """The originals that are ticked were sent today."""
    try:
        chosen = [uuid.UUID(one) for one in request.POST.getlist("samtycke")]
    except ValueError:
        raise BadRequest("not a post of our form") from None
    if not chosen:
        return redirect(samtycken_url({"status": AWAITED_KEYS[Vantan.ATT_SKICKA], TICKED: NONE_TICKED}))
    answers = mark_sent(chosen)
    count = Counter(one.utfall for one in answers)
    marked, before = count[Utfall.MARKERAT], count[Utfall.REDAN]
    if marked:
        words = plural(marked, "är markerat som skickat", "är markerade som skickade")
        messages.success(request, f"{number(marked)} original {words} i dag.")
    if before:
        messages.info(request, f"{number(before)} var redan {plural(before, 'markerat', 'markerade')}.")
    if rest := count.total() - marked - before:
        messages.info(
            request,
            f"{number(rest)} kunde inte markeras, eftersom samtycket är återkallat eller personen borttagen.",
        )
    now = {
        one.samtycke: one.dag
        for one in answers
        if one.utfall == Utfall.MARKERAT and one.samtycke is not None and one.dag is not None
    }
    return redirect(
        samtycken_url({"status": AWAITED_KEYS[Vantan.ATT_SKICKA]} | ({UNDO: _keep(now)} if now else {}))
    )


def _keep(marked: Seen) -> str:
    """What was marked just now, so that the page that follows can take it back; gives its key."""
    return str(kept.put(UNDO, {SEEN: seen_text(marked)}, lasts=AN_HOUR))


def _undo(key: str) -> PostButton | None:
    try:
        said = kept.get(UNDO, uuid.UUID(key)) if key else None
    except ValueError:
        said = None
    return undo_button(reverse("registration:samtycken_sent_undo"), seen_in(said[SEEN])) if said else None


def _none_ticked(to_tick: Sequence[Any]) -> ErrorSummary:
    first = Tick(str(to_tick[0].pk), "").id
    return ErrorSummary(
        [SummaryError("Kryssa för de samtycken som du har skickat.", first)], title="Inget är markerat än"
    )


def _filtered(chosen: str) -> Any:
    rows = Samtycke.objects.all()
    if chosen in AWAITED_BY:
        return waiting(rows, AWAITED_BY[chosen])
    if chosen == "alla":
        return with_status(rows)
    if chosen == Status.SKICKAT:  # by the index of those that are waited for
        return awaited(rows).filter(status=chosen)
    return with_status(rows).filter(status=chosen)


def _names(samtycken: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, uuid.UUID]]:
    """Samtycke → (name, deltagande) of those on the page; each look is logged."""
    rows = list(Identitet.objects.filter(samtycke__in=samtycken).values_list("pk", "samtycke", "deltagande"))
    names = reveal_names([pk for pk, *_ in rows], LOOK)
    return {
        samtycke: (f"{names[pk].efternamn}, {names[pk].fornamn}", deltagande)
        for pk, samtycke, deltagande in rows
        if pk in names
    }


def _columns(receiver: bool, tick: bool, keep: dict[str, str], newest: bool, change: bool) -> list[Column]:
    turn = samtycken_url(keep if newest else keep | {"ordning": "nyast"})
    return [
        Column("kod", "Referenskod"),
        *([Column("valj", "Skickat i dag")] if tick else []),
        *([] if receiver else [Column("namn", "Namn")]),
        Column("insats", "Insats"),
        Column(
            "undertecknat", "Undertecknat", Kind.DAY, sort_url=turn, sorted="descending" if newest else "ascending"
        ),
        Column("status", "Status"),
        Column("skickat", "Skickat", Kind.DAY),
        Column("mottaget", "Mottaget", Kind.DAY),
        *([Column("andra", "Ändra")] if change else []),
    ]  # fmt: skip


def _tick_all(here: dict[str, str], ticked: bool) -> Link:
    """A link and no script: the same page, with every box of it ticked or none."""
    if ticked:
        return Link("Ta bort alla kryss", samtycken_url(here))
    return Link("Kryssa för alla på sidan", samtycken_url(here | {TICKED: "alla"}))


def _change(one: Any, receiver: bool) -> Link | None:
    """To where a mark is taken back that the reader may take back."""
    mark, url = (received_mark, "received") if receiver else (sent_mark, "sent")
    return undo_link(f"registration:samtycken_{url}_undo", one.pk) if mark(one) else None


def _row(one: Any, who: tuple[str, uuid.UUID] | None, tick: bool, ticked: bool, change: Link | None) -> Row:
    code = reference_shown(one.referenskod)
    cells: dict[str, Any] = {
        "kod": code,
        "valj": Tick(str(one.pk), f"Skickat i dag: {code}", on=ticked) if tick else "",
        "insats": one.insats.namn,
        "undertecknat": one.undertecknat,
        "status": samtycke_tag(one.status),
        "skickat": one.original_skickat,
        "mottaget": one.original_mottaget,
        "andra": change or "",
    }
    if who:
        cells["namn"] = Link(who[0], reverse("registration:deltagande", args=[who[1]]))
    return Row(cells)


def _empty(chosen: str, receiver: bool) -> EmptyState:
    if chosen == "":
        text = (
            "Här står samtycken som är undertecknade men inte mottagna."
            if receiver
            else "Här står samtycken vars original ännu inte har kommit till Försäkringskassan."
        )
        return EmptyState("Inget att vänta på", text, Link("Visa alla", samtycken_url({"status": "alla"})))
    every = None if chosen == "alla" else Link("Visa alla", samtycken_url({"status": "alla"}))
    return EmptyState("Inga sådana samtycken", "Inget samtycke passar in på det du har valt.", every)
