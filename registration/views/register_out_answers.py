"""Registering out several at once: everybody who is chosen, and the questions about one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts, only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Component, Crumb, Detail, Details, Link, Tag, Tone
from finsam_site.ui.formats import day, number, plural

from ..forms.register_out import SAME
from ..forms.register_out_several import TOGETHER
from ..forms.steps import STEP_FIELD
from ..forms.sysselsattning_codes import Codes
from ..models import FELREGISTRERING, Kodlista, Utkast
from ..rules.drafts import drop_drafts_about, save_draft
from ..rules.reveal import Namn
from .deltaganden import get_identitet
from .drafts import LEAVE, as_initial
from .insatser_common import crumbs, get_insats, insats_crumb
from .register_out import PURPOSE, RegisteringOut
from .register_out_round import (
    TITLE,
    Leaver,
    Round,
    after_in_words,
    full_name,
    ids_in,
    in_a_line,
    leaver_url,
    page_url,
    round_crumbs,
    told,
)

REMOVE = "_ta_bort"
EVERYBODY = "alla"
THOSE_WHO_ARE_OUT = "ute"


@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who is chosen, with what was said before and what is said now. A post answers as before, or takes
    somebody out of the list."""
    insats = get_insats(pk)
    found = Round(insats, Codes())
    if not found.drafts:
        return redirect(page_url("register_out_several", insats))
    if request.method == "POST":
        return _act(request, found)
    return _answers_page(request, found)


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def one_of_several(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The questions about one of them; the answers lead on to the next who is not answered."""
    return Among(request, get_identitet(pk, PURPOSE)).respond()


@dataclass(frozen=True)
class LeaverPart(Component):
    """Somebody in the list, with what can be done. key: names the place on the page. todo: still to be answered."""

    template_name: ClassVar[str] = "registration/several/leaver.html"
    key: str
    name: str
    status: Tag
    details: Details
    errors: Sequence[str]
    url: str
    label: str
    todo: bool


def _act(request: HttpRequest, found: Round) -> HttpResponse:
    """Answer as before, for one or for all who are not answered; or take one out of the list."""
    here = page_url("register_out_answers", found.insats)
    same, remove = request.POST.get(SAME, ""), request.POST.get(REMOVE, "")
    if remove == THOSE_WHO_ARE_OUT:
        drop_drafts_about(Utkast.Slag.REGISTER_OUT, [one.deltagande_id for one in found.gone])
    elif ids_in([remove]):
        found.take_out(ids_in([remove])[0])
    elif same == EVERYBODY:
        found.as_before(filter(_untouched, found.left))
    else:
        found.as_before(one for one in found.left if str(one.pk) == same and _untouched(one))
        return redirect(f"{here}#p-{same}" if ids_in([same]) else here)
    return redirect(here)


def _answers_page(request: HttpRequest, found: Round) -> HttpResponse:
    """The list, which names everybody in it: a look each in the access log."""
    names = found.names(PURPOSE)
    ready = len(found.ready)
    context = {
        "title": TITLE,
        "over": found.insats.namn,
        "lead": f"{number(ready)} av {number(len(found.people))} är klara." if found.people else "",
        "notices": told(found, names),
        "about_gone": _about_gone(found),
        "for_all": _for_all(found),
        "people": [_part(one, names[one.identitet], found.codes) for one in found.people],
        "actions": _actions(found),
        "crumbs": round_crumbs(found.insats, "Svar"),
    }
    return render(request, "registration/several/answers.html", context)


def _untouched(one: Leaver) -> bool:
    """Nothing is answered of that person alone, so that nothing is lost when it is answered as before."""
    return one.said is None and not one.begun


def _about_gone(found: Round) -> Button | None:
    """What is done about those in the list whom somebody else registered out; beside the notice that tells of them."""
    if not found.gone:
        return None
    return Button("Låt det som är sparat gälla", kind="secondary", name=REMOVE, value=THOSE_WHO_ARE_OUT)


def _for_all(found: Round) -> Button | None:
    """Answers for several at once. Stands after them: it is pressed by who has seen whom it is about."""
    untouched = len([*filter(_untouched, found.left)])
    if untouched < 2:
        return None
    what = f"Samma som före för de {number(untouched)} som inte är besvarade"
    return Button(what, kind="secondary", name=SAME, value=EVERYBODY)


def _actions(found: Round) -> list[Button | Link]:
    """The one primary: on with the next, or read through when all is answered."""
    ready, left = found.ready, found.left
    more = Link("Lägg till fler", page_url("register_out_several", found.insats))
    review = page_url("register_out_confirm", found.insats)
    if left:
        first = Button("Svara för nästa", url=leaver_url(left[0]))
        some = Button(f"Granska {_the_ready(len(ready))}", url=review, kind="secondary")
        return [first, *([some] if ready else []), more]
    return [*([Button("Granska utregistreringen", url=review)] if ready else []), more]


def _the_ready(count: int) -> str:
    return plural(count, "den som är klar", f"de {number(count)} som är klara")


def _part(one: Leaver, name: Namn, codes: Codes) -> LeaverPart:
    said = one.form.cleaned_data
    reason = codes.label(Kodlista.AVSLUTSANLEDNING, said.get("avslutsanledning"))
    last = said.get("slutdatum")
    rows = [
        Detail("Slutar", ", ".join(filter(None, (day(last) if last else "", reason)))),
        Detail("Före insatsen", in_a_line(one.before)),
        Detail("Vid slutet", _what_differs(one, codes), missing="Inte besvarat"),
    ]
    status = (
        Tag("Klar", Tone.GOOD)
        if one.said
        else Tag("Rätta", Tone.BAD)
        if one.errors
        else Tag("Påbörjad" if one.begun else "Inte besvarad", Tone.WAIT)
    )
    return LeaverPart(
        str(one.pk), full_name(name), status, Details(rows), one.errors, leaver_url(one),
        "Ändra" if one.said or one.begun else "Svara", todo=_untouched(one),
    )  # fmt: skip


def _what_differs(one: Leaver, codes: Codes) -> str:
    """Only what is otherwise at the end than at the start."""
    if one.said is None:
        return "Påbörjat, men inte klart" if one.begun else ""
    if one.said.avslutsanledning == FELREGISTRERING:
        return "Felregistrering. Räknas inte, och personuppgifterna tas bort efter en tid."
    after = after_in_words(one, codes)
    changed = {term: words for term, words in after.items() if words != one.before[term]}
    if not changed:
        return "Samma som före"
    rest = " I övrigt som före." if len(changed) < len(after) else ""
    return f"{in_a_line(changed)}{rest}"


class Among(RegisteringOut):
    """The questions about one of several: what is answered leads on to the next, and is registered with the others."""

    def cancel(self) -> Button:
        return Button("Till listan", kind="quiet", name=LEAVE, value="1")

    def respond(self) -> HttpResponse:
        """The questions with what was typed; they are read back with the others'."""
        if self.request.POST.get(STEP_FIELD) == self.step:
            return self._questions(self.request.POST)
        if only_keeping(self.request):
            return self.drafting.kept()
        if self.is_out:
            return self._alone()
        form = self.form()
        as_initial(form, self.drafting.data(self.step))
        return self._show(form)

    def elsewhere(self) -> HttpResponse | None:
        if super().elsewhere() is not None:
            return self._to_the_list()
        return self._alone() if self.is_out else None

    def answered(self) -> HttpResponse:
        save_draft(self.drafting.place, TOGETHER, {"med": ["ja"]})
        following = Round(self.identitet.insats, self.basis.codes).next_after(self.deltagande.pk)
        return redirect(leaver_url(following)) if following else self._to_the_list()

    def crumbs(self) -> list[Crumb]:
        return crumbs(
            insats_crumb(self.identitet.insats),
            (TITLE, page_url("register_out_answers", self.identitet.insats)),
            ("Svar för en deltagare", ""),
        )

    def _alone(self) -> HttpResponse:
        """Somebody was first: the page for the person alone shows both."""
        return redirect("registration:register_out", self.deltagande.pk)

    def _to_the_list(self) -> HttpResponse:
        return redirect(f"{page_url('register_out_answers', self.identitet.insats)}#p-{self.deltagande.pk}")
