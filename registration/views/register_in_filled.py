"""A draft that is filled in from what is registered already, in the user's place."""

from __future__ import annotations

from ..forms.register_in import IdentityStep
from ..forms.register_in_values import steps_of_earlier, steps_of_wrong
from ..rules.recognise import Tidigare
from ..rules.wrong_insats import FROM, carry_over, filled_in, waits
from .drafts import Drafting


def fill_in(drafting: Drafting, found: Tidigare) -> None:
    """Answer by an earlier deltagande what it can answer, and nothing that is answered already but who it is."""
    for step, given in steps_of_earlier(found).items():
        before = drafting.answers(step)
        drafting.put(step, {**before, **given} if step == IdentityStep.name else {**given, **before})


def fill_in_from_wrong(drafting: Drafting) -> None:
    """Fill in a draft that was begun from a deltagande in the wrong insats, now that its samtycke is answered."""
    draft = drafting.draft
    if draft is None or not waits(draft.steps):
        return
    found = carry_over(draft.steps)
    for step, given in (steps_of_wrong(found) if found else {}).items():
        drafting.put(step, given)
    drafting.put(FROM, filled_in(draft.steps))
