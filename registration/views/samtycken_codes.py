"""Marking samtycken as sent or received by codes that are typed or scanned: what became of each (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Component, Crumb, Link, Notice, PostButton, Tag, Tone
from finsam_site.ui.formats import iso_day, number, plural
from finsam_site.ui.tables import Column, Row, Table

from ..forms.samtycke import ReceivedForm, SentForm
from ..rules.codes import REFERENCE_LENGTH, foreign_characters, read_reference, reference_shown
from ..rules.findings import RuleError
from ..rules.samtycke import TO_CORRECT, Besked, Utfall, mark_codes_sent, mark_received
from ..rules.samtycke_undo import Seen, TakenBack, take_back_received, take_back_sent
from .samtycken import TITLE
from .samtycken_undo import RECEIVED, SEEN, SENT, seen_in, taken_back_in_words, undo_button, undo_link

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


@dataclass(frozen=True)
class Told(Component):
    """What became of a code and what to do about it, in one cell, so that a narrow window shows both."""

    template_name: ClassVar[str] = "registration/samtycke/told.html"
    tag: Tag
    text: str
    link: Link | None = None


@requires(Roll.SAMTYCKESMOTTAGARE)
@require_http_methods(["GET", "POST"])
def received(request: HttpRequest) -> HttpResponse:
    """Codes are typed or scanned; each of them is answered."""
    return _codes(request, ReceivedForm, _RECEIVED)


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def sent_codes(request: HttpRequest) -> HttpResponse:
    """The same for the originals that are sent, of the own insatser."""
    return _codes(request, SentForm, _SENT)


@dataclass(frozen=True)
class _Said:
    """What is done with the codes, what takes it back, and how the answers are told.

    marked: of one and of many, in the summary. undo: the url of the page that takes back a mark of another day. done:
    of a code that was marked. words: as WORDS.
    """

    mark: Callable[[list[str], dt.date], list[Besked]]
    take_back: Callable[[Seen], TakenBack]
    marked: tuple[str, str]
    undo: str
    done: str
    words: Mapping[Utfall, tuple[str, Tone, str]]


_RECEIVED = _Said(
    mark_received,
    take_back_received,
    RECEIVED,
    "registration:samtycken_received_undo",
    "Mottaget {dag}.",
    WORDS,
)
_SENT = _Said(
    mark_codes_sent, take_back_sent, SENT, "registration:samtycken_sent_undo",
    "Skickat {dag}.",
    {
        **WORDS,
        Utfall.OKAND: (
            "Okänd kod", Tone.BAD,
            "Det finns inget samtycke med koden i dina insatser. Är den rätt avläst är samtycket kanske inte "
            "registrerat än. Registrera först och skicka sedan."),
    },
)  # fmt: skip


def _codes(request: HttpRequest, asked: type[ReceivedForm], said: _Said) -> HttpResponse:
    if SEEN in request.POST:
        form, notices = _taken_back(request.POST[SEEN], asked, said)
        return _page(request, form, notices)
    form, answers = asked(), list[Besked]()
    if request.method == "POST":
        form = asked(request.POST)
        if form.is_valid():
            day = form.cleaned_data["dag"]
            try:
                answers = said.mark(form.cleaned_data["koder"].splitlines(), day)
            except RuleError as error:
                form.add_findings(error.findings)
            else:
                form = _form_after(asked, day, answers)
    notice = _notice(form, answers, said)
    return _page(
        request, form, [notice] if notice else [],
        answers=_answers(answers, said) if answers else None, undo=_undo(request, answers),
    )  # fmt: skip


def _page(
    request: HttpRequest, form: ReceivedForm, notices: Sequence[Notice], **more: object
) -> HttpResponse:
    form.cancel = Link("Till samtyckena", reverse("registration:samtycken"))
    context = {
        "form": form,
        "notices": notices,
        "crumbs": [Crumb(TITLE, reverse("registration:samtycken")), Crumb(form.title)],
    }
    return render(request, "registration/samtycke/received.html", context | more)


def _taken_back(text: str, asked: type[ReceivedForm], said: _Said) -> tuple[ReceivedForm, list[Notice]]:
    """What was just marked is so no longer, and its codes stand in the field to be put right and sent anew."""
    seen = seen_in(text)
    answer = said.take_back(seen)
    again = [reference_shown(one) for one in (*answer.tillbaka, *answer.redan)]
    form = asked(initial={"koder": "\n".join(again), "dag": min(seen.values())})
    told = [Notice(words, tone=tone) for words, tone in taken_back_in_words(answer, said.marked)]
    if again:
        told.append(Notice("Koderna står kvar i fältet, om du vill ändra dag eller koder och markera igen."))
    return form, told


def _undo(request: HttpRequest, answers: Sequence[Besked]) -> PostButton | None:
    """ "Ångra" of the codes that were marked by this press."""
    marked: dict[uuid.UUID, dt.date] = {
        one.samtycke: one.dag
        for one in answers
        if one.utfall == Utfall.MARKERAT and one.samtycke is not None and one.dag is not None
    }
    return undo_button(request.path, marked) if marked else None


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
    text = f"{number(marked)} av {number(len(answers))} koder markerades som {said.marked[1]}."
    if left:
        them = plural(left, "kod står kvar i fältet. Rätta den", "koder står kvar i fältet. Rätta dem")
        return Notice(f"{text} {number(left)} {them} och tryck på {form.submit} igen.", tone=Tone.WAIT)
    return Notice(text, tone=Tone.GOOD)


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
    undo = undo_link(said.undo, one.samtycke) if one.utfall == Utfall.REDAN and one.samtycke else None
    return Row({"kod": reference_shown(one.kod), "utfall": Told(Tag(label, tone), text, undo)})


def _characters(foreign: Sequence[str]) -> str:
    *others, last = [f"”{one}”" for one in foreign] or [""]
    return f"Tecknen {', '.join(others)} och {last}" if others else f"Tecknet {last}"
