"""Correcting who somebody is, and the paper, at the person's own request: the questions, rules and pages of
`correct_person` and `correct_samtycke`. What was registered in or out is in `person_correct`, by the same flow.

Without drafts, which are the deltagaransvariga's: what was typed is carried along by the page that reads it back.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared
from finsam_site.ui.components import Component, Link, Notice, Text, Tone
from finsam_site.ui.formats import iso_day, plural

from ..forms.correct import ConfirmCorrection
from ..forms.correct_person import (
    MeanwhileNoReason,
    NamesOnRequest,
    NamesStep,
    NumberOfSeveral,
    NumberOnRequest,
    NumberStep,
)
from ..forms.correct_samtycke import SamtyckeOnRequest, SamtyckeStep
from ..forms.steps import GO_TO, STEP_FIELD, ChangeStep, Step
from ..models import Identitet
from ..rules.change_number import number_mark
from ..rules.correct_number import are_corrected
from ..rules.findings import Finding
from ..rules.reveal import find_person
from ..rules.uppslag import Uppslag, keep, live, look
from .changing import PURPOSE, SAVED, Changing
from .correct_person import ChangingNumber, CorrectingNames
from .correct_samtycke import CorrectingSamtycke
from .deltaganden import get_identitet
from .drafts import as_initial
from .person import name_of, opens, person_url, trail, where_words

FormT = TypeVar("FormT", bound=ChangeStep)


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_names(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """What the person is called, in every deltagande that was found."""
    alive = live(uppslag)
    return _Names(request, uppslag, alive).respond() if alive else redirect(person_url(uppslag))


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_number(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """A new number for the person, who stays one (`change_number`), or the right one for what was registered under a
    wrong number (`correct_number`)."""
    alive = live(uppslag)
    return _Number(request, uppslag, alive).respond() if alive else redirect(person_url(uppslag))


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_samtycke(request: HttpRequest, uppslag: Uppslag, deltagande: uuid.UUID) -> HttpResponse:
    """What was registered of the paper behind one of the deltaganden."""
    identitet = get_identitet(deltagande, PURPOSE)
    if identitet.begransad:
        return redirect(person_url(uppslag))
    return _Samtycke(request, uppslag.only(deltagande), [identitet]).respond()


class OnRequest(Changing[FormT]):
    """The questions, the same read back, saved; nothing is kept between the requests."""

    def __init__(self, request: HttpRequest, uppslag: Uppslag, alive: Sequence[Identitet]) -> None:
        """alive: what can be changed of what was found, newest first; at least one."""
        self.request = request
        self.uppslag = uppslag
        self.alive = alive
        self.identitet = alive[0]
        self.deltagande = self.identitet.deltagande
        self.deltagande.insats = self.identitet.insats

    def respond(self) -> HttpResponse:
        if self.request.method == "GET":
            return self._show(self.form())
        post = self.request.POST
        form = self.form(post)
        filled = self.filled(form)
        if filled is not None:
            return filled
        if post.get(GO_TO) == self.step:
            return self._show(form)
        if self._saved_alike(form):
            return self._compare(form)
        if not self._says_something(form) or getattr(form, "asks_stadsdel", False):
            return self._show(form)
        if post.get(STEP_FIELD) == self.choice.name:
            return self._choose(form)
        return self._save(form) if post.get(STEP_FIELD) == ConfirmCorrection.name else self._read_back(form)

    def cancel(self) -> Link:
        return Link("Avbryt", person_url(self.uppslag))

    def keeping(self, form: Step) -> Mapping[str, Any]:
        return {}

    def carried(self, form: Step) -> dict[str, Sequence[str]]:
        """All answers that the page does not ask itself. What was not asked is left out: it would look answered."""
        post = self.request.POST
        asked = [name for name in self.form().fields if name in post and name not in form.fields]
        return {name: post.getlist(name) for name in asked}

    def seen_now(self, said: Mapping[str, str]) -> None:
        """The page that reads back carries it along."""

    def reach(self) -> str:
        """How far it goes; empty where the heading says it."""
        return where_words(self.uppslag, len(self.alive))

    def _done(self, news: str = SAVED) -> HttpResponse:
        return redirect(f"{person_url(self.uppslag)}?{news}")

    def _show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        if isinstance(form, ChangeStep) and (reach := self.reach()):
            notices = [*notices, Text(reach)]
        return super()._show(form, notices=notices, answers=answers)

    def where(self) -> str:
        """After the person's name in the heading: in which insats, where it is about one."""
        return ""

    def _context(self) -> dict[str, Any]:
        seen = look(self.uppslag, self.purpose)
        return {
            "over": f"{name_of(seen)}{self.where()}, på personens begäran",
            "crumbs": trail(("Person", person_url(self.uppslag)), (self.title, "")),
        }


class _Names(OnRequest[NamesStep], CorrectingNames):
    """The name, in all that was found; what it is in each is compared where they differ."""

    purpose = "rätta namnet"
    asks = NamesOnRequest

    def deltaganden(self) -> list[uuid.UUID]:
        return [one.deltagande_id for one in self.alive]

    def shown(self, form: NamesStep) -> Sequence[Component]:
        return [*super().shown(form), Text(self.reach())]

    def rows(self, form: NamesStep) -> list[Compared]:
        stored = self.stored()
        if len(set(stored.values())) == 1:
            return super().rows(form)
        new = " ".join(form.names)
        there = [one for one in self.alive if one.deltagande_id in stored]
        return [Compared(f"I {one.insats.namn}", " ".join(stored[one.deltagande_id]), new) for one in there]


class _Number(OnRequest[NumberStep], ChangingNumber):
    """The number, wherever the person takes part."""

    choice = MeanwhileNoReason
    purpose = "rätta personnumret"
    known = ""
    looked_for = ""
    moved: frozenset[uuid.UUID] = frozenset()
    """The deltaganden that have been corrected as another's."""

    def respond(self) -> HttpResponse:
        """What was chosen may not be here any more: corrected as another's, which this press may itself have done, or
        withdrawn, protected or locked meanwhile."""
        chosen = self.request.POST.getlist("galler")
        gone = set(chosen) - {str(one.deltagande_id) for one in self.alive}
        if not gone:
            return super().respond()
        if len(gone) == len(set(chosen)) and self._are_corrected(gone):
            messages.info(self.request, f"{ALREADY} {NO_LONGER_HERE}")
            return redirect(person_url(self.uppslag))
        return self._choose_again(gone)

    def _are_corrected(self, gone: Collection[str]) -> bool:
        """Whether what was sent says of all of them what has been done with them."""
        form = NumberOfSeveral(self.request.POST, deltaganden=[(one, one) for one in gone])
        if not form.is_valid() or not form.slip or form.nummer is None:
            return False
        try:
            return are_corrected([uuid.UUID(one) for one in gone], form.nummer)
        except ValueError:
            return False

    def _choose_again(self, gone: Collection[str]) -> HttpResponse:
        """The questions as they were answered, with what is left to choose."""
        post = self.request.POST.copy()
        post.setlist("galler", [one for one in post.getlist("galler") if one not in gone])
        form = NumberOfSeveral(deltaganden=self._there(), cancel=self.cancel())
        as_initial(form, post)
        told = f"{plural(len(gone), 'Ett', 'Flera')} {CHOOSE_AGAIN}"
        return self._show(form, notices=[Notice(told, tone=Tone.WAIT)])

    def form(self, data: Any = None) -> NumberOnRequest:
        """Which are meant is asked unless there is one alone, or after one that was chosen is gone."""
        there = self._there()
        ask = len(there) > 1 or (data is not None and not data.getlist("galler"))
        first = {"sedd": number_mark(self.identitet.person_id), "galler": [] if ask else [there[0][0]]}
        asks = NumberOfSeveral if ask else NumberOnRequest
        return asks(data, initial=first, deltaganden=there, cancel=self.cancel())

    def _there(self) -> list[tuple[str, str]]:
        return [(str(one.deltagande_id), _where(one)) for one in self.alive]

    def found(self, form: NumberStep) -> list[Finding]:
        """Who has the number already is looked for first, as by a search, so that it is told who the two are."""
        if form.nummer and form.nummer.digits != self.looked_for:
            self.looked_for = form.nummer.digits
            find_person(form.nummer, f"{self.purpose}: {self.uppslag.syfte.in_log}")
        return super().found(form)

    def write(self, form: NumberStep, orsak: str, seen: Any) -> None:
        super().write(form, form.reason, seen)
        if not form.slip:
            return
        self.moved = frozenset(self.wrong(form))
        if self.moved.issuperset(self.uppslag.deltaganden):
            # All that was found is still one person's, whose request it is: the granskare goes on with it.
            keep(self.uppslag)

    def wrong(self, form: NumberStep) -> list[uuid.UUID]:
        return [uuid.UUID(one) for one in form.cleaned_data["galler"]]

    def reach(self) -> str:
        return ""  # it depends on the answers, and is told where they are read back

    def changes_where(self) -> str:
        elsewhere = (
            "" if require_actor().forbund_id is None else ", också i andra förbund om det finns några där"
        )
        return f"Bytet gäller alla personens deltaganden{elsewhere}."

    def moves(self, form: NumberStep) -> list[str]:
        wrong = self.wrong(form)
        there = ", ".join(_where(one) for one in self.alive if one.deltagande_id in wrong)
        them = plural(len(wrong), "Det", "De")
        return [f"Rättelsen gäller bara {there}. {them} hör sedan till den som har det rätta numret."]

    def _done(self, news: str = SAVED) -> HttpResponse:
        if self.moved and not self.moved.issuperset(self.uppslag.deltaganden):
            messages.success(self.request, f"Personnumret är rättat. {NO_LONGER_HERE}")
            return redirect(person_url(self.uppslag))
        return super()._done(f"{news}=deltagande" if self.moved else news)


ALREADY = "Personnumret är redan rättat."
CHOOSE_AGAIN = "av deltagandena finns inte här längre. Inget är ändrat. Kontrollera valet."
NO_LONGER_HERE = (
    "Det som hör till en annan person visas inte här längre. Sök på det rätta numret för att se det."
)


def _where(one: Identitet) -> str:
    """Which deltagande it is: insats and days."""
    until = f" till {iso_day(one.slutdatum)}" if one.slutdatum else ""
    return f"{one.insats.namn}, från {iso_day(one.startdatum)}{until}"


class _Samtycke(OnRequest[SamtyckeStep], CorrectingSamtycke):
    """The paper of one deltagande."""

    purpose = PURPOSE

    def form(self, data: Any = None) -> SamtyckeOnRequest:
        stored = self.identitet.samtycke
        return SamtyckeOnRequest(data, stored=stored, basis=self.basis, cancel=self.cancel())

    def reach(self) -> str:
        """How far it goes."""
        return f"Gäller samtycket för {self.identitet.insats.namn}."

    def _done(self, news: str = SAVED) -> HttpResponse:
        return super()._done(f"{news}=deltagande")
