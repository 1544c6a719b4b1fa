"""Taking back that originals were sent or received: right after ("Ångra"), or later from their row (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Crumb, Link, PostButton, Tone
from finsam_site.ui.formats import iso_day, number, plural
from finsam_site.ui.tables import Column, Row, Table

from ..forms.samtycke import UndoReceivedForm, UndoSentForm
from ..models import Samtycke
from ..rules.codes import reference_shown
from ..rules.samtycke import with_status
from ..rules.samtycke_undo import (
    Seen,
    TakenBack,
    Why,
    is_proof,
    received_mark,
    sent_mark,
    take_back_received,
    take_back_sent,
)

SEEN = "sett"
"""The field that says what was marked, and with which day, on the page that is answered."""
ONE = "samtycke"
"""In the address: the samtycke whose mark is looked at."""
SHOWN = 5
"""So many codes are named in a sentence."""
SENT, RECEIVED = ("skickat", "skickade"), ("mottaget", "mottagna")


@dataclass(frozen=True)
class _Kind:
    """form: the read back. mark: the day that can be taken back. said: what it is marked as.
    marked: the same of one and of many, in a sentence. lead_to: which list."""

    form: type[UndoReceivedForm]
    mark: Callable[[Any], dt.date | None]
    said: str
    marked: tuple[str, str]
    lead_to: str


_SENT = _Kind(UndoSentForm, sent_mark, "Skickat", SENT, "att-skicka")
_RECEIVED = _Kind(UndoReceivedForm, received_mark, "Mottaget", RECEIVED, "")


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def sent_undo(request: HttpRequest) -> HttpResponse:
    """Originals are not sent after all, or a new one is signed in place of one that was lost."""
    return _undo(request, _SENT, lambda said: take_back_sent(said[SEEN], Why(said["hande"])))


@requires(Roll.SAMTYCKESMOTTAGARE)
@require_http_methods(["GET", "POST"])
def received_undo(request: HttpRequest) -> HttpResponse:
    """Originals have not come after all."""
    return _undo(request, _RECEIVED, lambda said: take_back_received(said[SEEN]))


def undo_button(url: str, seen: Seen) -> PostButton:
    """ "Ångra" of what has just been marked. url: of a page that takes SEEN."""
    return PostButton("Ångra markeringen", url, hidden={SEEN: seen_text(seen), "hande": str(Why.FEL)})


def undo_link(url: str, samtycke: uuid.UUID, label: str = "Ta bort markeringen") -> Link:
    """To the page that shows how one samtycke is marked and takes that back. url: its name."""
    return Link(label, f"{reverse(url)}?{urlencode({ONE: str(samtycke)})}")


def seen_text(seen: Seen) -> str:
    """What was seen, for a hidden field; `seen_in` reads it."""
    return ",".join(f"{pk}:{day.isoformat()}" for pk, day in seen.items())


def seen_in(text: str) -> dict[uuid.UUID, dt.date]:
    """Raises BadRequest for what is not of a form of ours."""
    try:
        pairs = [one.split(":") for one in text.split(",")]
        return {uuid.UUID(pk): dt.date.fromisoformat(day) for pk, day in pairs}
    except ValueError:
        raise BadRequest("not a post of our form") from None


def _undo(request: HttpRequest, kind: _Kind, act: Callable[[Mapping[str, Any]], TakenBack]) -> HttpResponse:
    if SEEN in request.POST:
        return _answer(request, kind, act)
    if ONE in request.GET:
        return _read_back(request, kind, _one(request.GET[ONE]))
    return redirect("registration:samtycken")  # the marks are reached from there, and from the codes


def _one(text: str) -> Samtycke:
    try:
        found: Samtycke | None = with_status(Samtycke.objects.filter(pk=uuid.UUID(text))).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _answer(request: HttpRequest, kind: _Kind, act: Callable[[Mapping[str, Any]], TakenBack]) -> HttpResponse:
    seen = seen_in(request.POST[SEEN])
    form = kind.form(request.POST)
    if not form.is_valid():
        return _page(request, kind, form, with_status(Samtycke.objects.filter(pk__in=seen)))
    answer = act({**form.cleaned_data, SEEN: seen})
    _tell(request, kind, answer)
    url = reverse("registration:samtycken")
    return redirect(f"{url}?{urlencode({'status': kind.lead_to})}" if kind.lead_to else url)


def taken_back_in_words(answer: TakenBack, marked: tuple[str, str]) -> list[tuple[str, Tone]]:
    """What became of it, a sentence for each outcome. marked: as what, of one and of many."""
    said = []
    if back := len(answer.tillbaka):
        said.append((f"{number(back)} original står inte längre som {plural(back, *marked)}.", Tone.GOOD))
    if before := len(answer.redan):
        said.append((f"{number(before)} hade redan ingen markering.", Tone.PLAIN))
    if answer.andrade:
        said.append((
            f"En kollega hann före: markeringen av {_named(answer.andrade)} har ändrats sedan du såg den, och är kvar "
            "som kollegan lämnade den.", Tone.WAIT,
        ))  # fmt: skip
    if answer.bestaende:
        said.append((
            f"Markeringen av {_named(answer.bestaende)} är kvar: samtycket är återkallat eller personen borttagen, och "
            "då ändras inget.", Tone.WAIT,
        ))  # fmt: skip
    return said


def _named(codes: Sequence[str]) -> str:
    more = f" och {number(len(codes) - SHOWN)} till" if len(codes) > SHOWN else ""
    return ", ".join(map(reference_shown, codes[:SHOWN])) + more


def _tell(request: HttpRequest, kind: _Kind, answer: TakenBack) -> None:
    levels = {Tone.GOOD: messages.SUCCESS, Tone.PLAIN: messages.INFO, Tone.WAIT: messages.WARNING}
    for text, tone in taken_back_in_words(answer, kind.marked):
        messages.add_message(request, levels[tone], text)


def _read_back(request: HttpRequest, kind: _Kind, one: Samtycke) -> HttpResponse:
    """How it is marked, and the press that takes it back; where there is nothing to take back the page says why."""
    if (day := kind.mark(one)) is not None:
        return _page(request, kind, kind.form(initial={SEEN: seen_text({one.pk: day})}), [one])
    context = {
        "title": kind.form.title,
        "parts": [_marks([one], kind)],
        "links": [Link("Till samtyckena", reverse("registration:samtycken"))],
        "crumbs": _crumbs(kind),
    }
    return render(request, "registration/page.html", context)


def _marks(found: Iterable[Samtycke], kind: _Kind) -> Table:
    return Table(
        id="markeringar",
        caption="Så står det nu",
        columns=[Column("kod", "Referenskod"), Column("hur", "Markering")],
        rows=[Row({"kod": reference_shown(one.referenskod), "hur": _how(one, kind)}) for one in found],
    )


def _how(one: Any, kind: _Kind) -> str:
    if (day := kind.mark(one)) is not None:
        return f"{kind.said} {iso_day(day)}."
    if is_proof(one):
        return (
            "Samtycket är återkallat. Inget ändras."
            if one.aterkallat
            else "Personen är borttagen. Inget ändras."
        )
    if one.original_mottaget:
        return f"Mottaget {iso_day(one.original_mottaget)}. Bara Försäkringskassan kan ändra det."
    return f"Inte {kind.said.lower()}."


def _page(
    request: HttpRequest, kind: _Kind, form: UndoReceivedForm, marked: Iterable[Samtycke]
) -> HttpResponse:
    form.cancel = Link("Avbryt", reverse("registration:samtycken"))
    context = {
        "form": form,
        "answers": _marks(marked, kind),
        "form_action": request.path,
        "crumbs": _crumbs(kind),
    }
    return render(request, "registration/samtycke/received.html", context)


def _crumbs(kind: _Kind) -> list[Crumb]:
    return [Crumb("Samtycken", reverse("registration:samtycken")), Crumb(kind.form.title)]
