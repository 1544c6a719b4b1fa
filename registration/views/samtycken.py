"""The register of samtycken: where each original is, and marking many at once (DOMAIN §4).

The deltagaransvarig sees the own insatser with names; the samtyckesmottagare sees all reference codes and no person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import (
    Button,
    Component,
    Crumb,
    EmptyState,
    ErrorSummary,
    Link,
    Notice,
    Pagination,
    SummaryError,
    Tag,
    Tone,
)
from finsam_site.ui.formats import iso_day, number, plural
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.samtycke import ReceivedForm, SentForm
from ..models import Identitet, Samtycke
from ..rules.codes import REFERENCE_LENGTH, foreign_characters, read_reference, reference_shown
from ..rules.findings import RuleError
from ..rules.reveal import reveal_names
from ..rules.samtycke import (
    AWAITED,
    TO_CORRECT,
    Besked,
    Status,
    Utfall,
    awaited,
    mark_codes_sent,
    mark_received,
    mark_sent,
    to_look_for,
    with_status,
)
from ..rules.samtycke import WORDS as STATUS_WORDS
from .samtycke_words import samtycke_tag

PER_PAGE = 50
TITLE = "Samtycken"
LOOK = "lista samtycken"
TICKED = "kryss"
"""In the address: all that can be ticked on the page is, or nothing was and should have been."""

FILTERS = {
    "": "Inte mottagna",
    "att-skicka": "Att skicka",
    str(Status.SKICKAT): STATUS_WORDS[Status.SKICKAT],
    str(Status.SAKNAS): STATUS_WORDS[Status.SAKNAS],
    "leta-efter": "Skickade men inte framme",
    str(Status.MOTTAGET): STATUS_WORDS[Status.MOTTAGET],
    str(Status.ATERKALLAT): STATUS_WORDS[Status.ATERKALLAT],
    "alla": "Alla",
}
"""What can be chosen. A status is called in the choice what it is called in the rows."""

WORDS = {
    Utfall.MARKERAT: ("Markerat", Tone.GOOD, ""),
    Utfall.REDAN: ("Redan markerat", Tone.PLAIN, "Sedan {dag}. Inget är ändrat."),
    Utfall.FEL_LANGD: (
        "Fel i koden", Tone.BAD, "Koden har {langd} tecken men ska ha {ratt_langd}. Läs av den igen."),
    Utfall.FRAMMANDE_TECKEN: (
        "Fel i koden", Tone.BAD, "{tecken} finns aldrig i en kod. Läs av den igen."),
    Utfall.FEL_TECKEN: (
        "Fel i koden", Tone.BAD, "Något tecken stämmer inte. Läs koden på papperet en gång till."),
    Utfall.OKAND: (
        "Okänd kod", Tone.BAD,
        "Det finns inget samtycke med koden. Är den rätt avläst är samtycket kanske inte registrerat än. "
        "Spara papperet och försök igen."),
    Utfall.ATERKALLAT: (
        "Återkallat", Tone.BAD, "Samtycket återkallades {dag}. Ta hand om papperet enligt er rutin."),
    Utfall.BORTTAGET: (
        "Personen borttagen", Tone.BAD, "Uppgifterna om personen är borttagna. Ta hand om papperet enligt er rutin."),
    Utfall.FORE_UNDERSKRIFT: (
        "Fel dag", Tone.BAD, "Samtycket undertecknades {dag}, efter den dag som du angav. Ändra dagen."),
}  # fmt: skip
"""What became of a code, in a tag and a sentence."""


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


@dataclass(frozen=True)
class Told(Component):
    """What became of a code and what to do about it, in one cell, so that a narrow window shows both."""

    template_name: ClassVar[str] = "registration/samtycke/told.html"
    tag: Tag
    text: str


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
    ticked = request.GET.get(TICKED) == "alla"
    here = keep | ({"ordning": "nyast"} if newest else {})
    table = Table(
        id="samtycken",
        caption=f"Samtycken: {FILTERS[chosen].lower()}",
        hide_caption=True,
        columns=_columns(receiver, tick, keep, newest),
        rows=[_row(one, names.get(one.pk), one in to_tick and tick, ticked) for one in page],
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
            Link(label, _here({"status": key} if key else {}), current=key == chosen)
            for key, label in FILTERS.items()
        ],
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
        return redirect(_here({"status": "att-skicka", TICKED: NONE_TICKED}))
    count = Counter(one.utfall for one in mark_sent(chosen))
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
    return redirect(_here({"status": "att-skicka"}))


@requires(Roll.SAMTYCKESMOTTAGARE)
@require_http_methods(["GET", "POST"])
def received(request: HttpRequest) -> HttpResponse:
    """Codes are typed or scanned; each of them is answered."""
    return _codes(request, ReceivedForm, mark_received, _RECEIVED)


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def sent_codes(request: HttpRequest) -> HttpResponse:
    """The same for the originals that are sent, of the own insatser."""
    return _codes(request, SentForm, mark_codes_sent, _SENT)


def _none_ticked(to_tick: Sequence[Any]) -> ErrorSummary:
    first = Tick(str(to_tick[0].pk), "").id
    return ErrorSummary(
        [SummaryError("Kryssa för de samtycken som du har skickat.", first)], title="Inget är markerat än"
    )


@dataclass(frozen=True)
class _Said:
    """How the answers are told. marked: in the summary. done: of a code that was marked. words: as WORDS."""

    marked: str
    done: str
    words: Mapping[Utfall, tuple[str, Tone, str]]


_RECEIVED = _Said("mottagna", "Mottaget {dag}.", WORDS)
_SENT = _Said(
    "skickade",
    "Skickat {dag}.",
    {
        **WORDS,
        Utfall.OKAND: (
            "Okänd kod", Tone.BAD,
            "Det finns inget samtycke med koden i dina insatser. Är den rätt avläst är samtycket kanske inte "
            "registrerat än. Registrera först och skicka sedan."),
    },
)  # fmt: skip


def _codes(
    request: HttpRequest,
    asked: type[ReceivedForm],
    mark: Callable[[list[str], dt.date], list[Besked]],
    said: _Said,
) -> HttpResponse:
    form, answers = asked(), list[Besked]()
    if request.method == "POST":
        form = asked(request.POST)
        if form.is_valid():
            day = form.cleaned_data["dag"]
            try:
                answers = mark(form.cleaned_data["koder"].splitlines(), day)
            except RuleError as error:
                form.add_findings(error.findings)
            else:
                form = _form_after(asked, day, answers)
    form.cancel = Link("Till samtyckena", reverse("registration:samtycken"))
    context = {
        "form": form,
        "notice": _notice(form, answers, said),
        "answers": _answers(answers, said) if answers else None,
        "crumbs": [Crumb(TITLE, reverse("registration:samtycken")), Crumb(form.title)],
    }
    return render(request, "registration/samtycke/received.html", context)


def _form_after(asked: type[ReceivedForm], day: dt.date, answers: Sequence[Besked]) -> ReceivedForm:
    """The form for the next codes, with those that are still to be put right. When none was marked that is an error."""
    left = [one.skrivet for one in answers if one.utfall in TO_CORRECT]
    given = {"koder": "\n".join(left), "dag": day}
    if not left or _marked(answers):
        return asked(initial=given)
    form = asked(given)
    what = plural(len(left), "den och tryck", "dem som står kvar i fältet och tryck")
    form.add_error(
        "koder", f"Ingen kod är markerad. Tabellen visar varför. Rätta {what} på {asked.submit} igen."
    )
    return form


def _marked(answers: Sequence[Besked]) -> int:
    return sum(one.utfall == Utfall.MARKERAT for one in answers)


def _notice(form: ReceivedForm, answers: Sequence[Besked], said: _Said) -> Notice | None:
    """How it went, as good only when nothing is left to do; None where the form says it as an error."""
    marked, left = _marked(answers), sum(one.utfall in TO_CORRECT for one in answers)
    if not answers or form.errors:
        return None
    if not marked:
        return Notice("Ingen kod behövde markeras. Tabellen visar varför.")
    text = f"{number(marked)} av {number(len(answers))} koder markerades som {said.marked}."
    if left:
        them = plural(left, "kod står kvar i fältet. Rätta den", "koder står kvar i fältet. Rätta dem")
        return Notice(f"{text} {number(left)} {them} och tryck på {form.submit} igen.", tone=Tone.WAIT)
    return Notice(text, tone=Tone.GOOD)


def _filtered(chosen: str) -> Any:
    rows = Samtycke.objects.all()
    if chosen == "":
        return awaited(rows)
    if chosen == "att-skicka":
        return awaited(rows.filter(original_skickat__isnull=True))
    if chosen == "leta-efter":
        return to_look_for(rows)
    if chosen == "alla":
        return with_status(rows)
    if chosen in (Status.SKICKAT, Status.SAKNAS):  # by the index of those that are waited for
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


def _columns(receiver: bool, tick: bool, keep: dict[str, str], newest: bool) -> list[Column]:
    turn = _here(keep if newest else keep | {"ordning": "nyast"})
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
    ]  # fmt: skip


def _tick_all(here: dict[str, str], ticked: bool) -> Link:
    """A link and no script: the same page, with every box of it ticked or none."""
    if ticked:
        return Link("Ta bort alla kryss", _here(here))
    return Link("Kryssa för alla på sidan", _here(here | {TICKED: "alla"}))


def _row(one: Any, who: tuple[str, uuid.UUID] | None, tick: bool, ticked: bool) -> Row:
    code = reference_shown(one.referenskod)
    cells: dict[str, Any] = {
        "kod": code,
        "valj": Tick(str(one.pk), f"Skickat i dag: {code}", on=ticked) if tick else "",
        "insats": one.insats.namn,
        "undertecknat": one.undertecknat,
        "status": samtycke_tag(one.status),
        "skickat": one.original_skickat,
        "mottaget": one.original_mottaget,
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
        return EmptyState("Inget att vänta på", text, Link("Visa alla", _here({"status": "alla"})))
    every = None if chosen == "alla" else Link("Visa alla", _here({"status": "alla"}))
    return EmptyState("Inga sådana samtycken", "Inget samtycke passar in på det du har valt.", every)


def _answers(answers: Sequence[Besked], said: _Said) -> Table:
    """What needs a hand first."""
    bad = [one for one in answers if WORDS[one.utfall][1] == Tone.BAD]
    rest = [one for one in answers if WORDS[one.utfall][1] != Tone.BAD]
    return Table(
        id="besked",
        caption="Det här blev av koderna",
        columns=[
            Column("kod", "Referenskod"),
            Column("utfall", "Besked"),
        ],
        rows=[_answer(one, said) for one in [*bad, *rest]],
    )


def _answer(one: Besked, said: _Said) -> Row:
    label, tone, more = said.words[one.utfall]
    typed = read_reference(one.skrivet)
    text = (more or said.done).format(
        dag=iso_day(one.dag),
        langd=number(len(typed)),
        ratt_langd=REFERENCE_LENGTH,
        tecken=_characters(foreign_characters(typed)),
    )
    return Row({"kod": reference_shown(one.kod), "utfall": Told(Tag(label, tone), text)})


def _characters(foreign: Sequence[str]) -> str:
    *others, last = [f"”{one}”" for one in foreign] or [""]
    return f"Tecknen {', '.join(others)} och {last}" if others else f"Tecknet {last}"


def _here(query: dict[str, str]) -> str:
    return reverse("registration:samtycken") + (f"?{urlencode(query)}" if query else "")
