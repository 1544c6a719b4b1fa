"""The kinds of drafts (`registration.rules.drafts`): where each is taken up again, and what it may hold."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from .forms.correct import CorrectIn, CorrectOut
from .forms.correct_person import NamesStep, NumberStep
from .forms.correct_samtycke import SamtyckeStep
from .forms.register_in import ASKING, STEPS, BeforeStep, IdentityStep
from .forms.register_in_answered import Answered
from .forms.register_in_basis import Basis
from .forms.register_out import OutStep
from .forms.register_out_several import TOGETHER
from .models import Insats, Utkast
from .personnummer import NummerFel, parse
from .rules.drafts import Answers, Kind, Place, Steps, TooEarly, register_kind
from .rules.wrong_insats import FROM, is_reference, waiting_again

WITH_NUMBER = (IdentityStep.name, NumberStep.name)
"""Steps in which a number is typed."""


def register_in_url(place: Place) -> str:
    """The flow with this draft in it. The id says nothing of anybody."""
    return f"{reverse('registration:register_in', args=[place.insats])}?utkast={place.pk}"


def register_out_url(place: Place) -> str:
    return reverse("registration:register_out", args=[place.deltagande])


def register_out_several_url(place: Place, steps: Steps) -> str:
    """The list that it belongs to, if somebody is registered out with others."""
    return reverse("registration:register_out_answers", args=[place.insats]) if TOGETHER in steps else ""


def correct_url(place: Place) -> str:
    """The part that was typed in last is found by the page itself."""
    return reverse("registration:correct_in", args=[place.deltagande]) + "?fortsatt"


def _with_others(place: Place, kept: Steps, step: str, new: Answers) -> Steps | None:
    """What is said for several at once goes among the answers of each, beside what is answered there already.

    No answers: not one of them any more; of who has nothing else answered nothing is kept.
    """
    if step != TOGETHER:
        return {**kept, step: new}
    said = kept.get(OutStep.name, {})
    if not new:
        rest = {name: few for name, few in kept.items() if name != TOGETHER}
        return rest if said.keys() - set(OutStep.first) else None
    common = {name: few for name, few in new.items() if name in OutStep.first}
    return {**kept, OutStep.name: {**said, **common}, TOGETHER: {"med": ["ja"]}}


def _one_part_gone(place: Place, kept: Steps, step: str, new: Answers) -> Steps | None:
    """The parts that can be corrected stand in one draft; one saved for good is kept as no answers, and goes alone."""
    return {name: few for name, few in {**kept, step: new}.items() if few} or None


def _consent_first(place: Place, kept: Steps, step: str, new: Answers) -> Steps | None:
    """No identity before samtycke: the first step must be answered rightly before any other is kept.

    Protected or perhaps protected: nothing is kept at all. No samtycke: nothing but that. A date half changed takes
    nothing away that was typed while it was whole, but lets nothing more in. Which deltagande the draft is to be filled
    in from (`rules/wrong_insats.py`) says nothing of who it is, and may stand there from the beginning.
    """
    if step == FROM:
        if not is_reference(new):
            raise TooEarly
        return {**kept, step: new}
    if step == BeforeStep.name:
        if {"ja", "vet_ej"} & set(new.get("skydd", ())):
            return None
        if "nej" in new.get("samtycke", ()):
            return {**waiting_again(kept), step: new}
        return {**kept, step: new}
    basis = Basis(Insats.objects.get(pk=place.insats))
    if not Answered(basis, kept).consented:
        raise TooEarly
    return {**kept, step: new}


def _number(steps: Steps) -> str | None:
    """The whole number of a step that asks for one; empty where it is not whole, None without such a step."""
    for text in (one for name in WITH_NUMBER for one in steps.get(name, {}).get("personnummer", ())):
        try:
            return parse(text, today=timezone.localdate()).digits
        except NummerFel:
            continue
    return "" if steps.keys() & set(WITH_NUMBER) else None


def register_kinds() -> None:
    """Called when the app is ready."""
    asking = {name: STEPS[name].title for name in ASKING}
    correcting = {one.name: one.title for one in (CorrectIn, CorrectOut, NamesStep, NumberStep, SamtyckeStep)}
    register_kind(Kind(Utkast.Slag.REGISTER_IN, register_in_url, _consent_first, _number, pages=asking))
    register_kind(
        Kind(Utkast.Slag.REGISTER_OUT, register_out_url, _with_others, together=register_out_several_url)
    )
    register_kind(Kind(Utkast.Slag.CORRECT, correct_url, _one_part_gone, _number, pages=correcting))
