"""Marking samtycken as sent or received by codes that are typed or scanned: what became of each (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Component, Crumb, Link, Notice, Tag, Tone
from finsam_site.ui.formats import iso_day, number, plural
from finsam_site.ui.tables import Column, Row, Table

from ..forms.samtycke import ReceivedForm, SentForm
from ..rules.codes import REFERENCE_LENGTH, foreign_characters, read_reference, reference_shown
from ..rules.findings import RuleError
from ..rules.samtycke import TO_CORRECT, Besked, Utfall, mark_codes_sent, mark_received
from .samtycken import TITLE

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
