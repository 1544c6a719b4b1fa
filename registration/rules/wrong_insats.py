"""`move_to_right_insats`: somebody was registered in the wrong insats (DOMAIN §3–4).

One act ends the deltagande as felregistrering and begins its registration in another insats. The draft that is begun
holds no identity: only which deltagande it is to be filled in from. When the new samtycke is answered, `carry_over`
gives what the old one says, if it still has its identity then, and the draft may hold it (`draft_kinds`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from ..models import FELREGISTRERING, Deltagande, Identitet, Insats, Utkast
from ..models.insats_takes import TAKES_PERSONS
from .change_number import in_uppgifter
from .correct import Rattelse, correct
from .doors import deltaganden_to_change
from .drafts import Answers, Place, Steps, my_drafts, open_draft, save_draft
from .findings import ChangedMeanwhile, Finding, RuleError
from .register import Utskrivning, register_out
from .reveal import reveal
from .values import InUppgifter, UtUppgifter

PURPOSE = "fel insats"
FROM = "fran"
"""The step of a draft that says which deltagande it is to be filled in from, and whether it has been."""
_WHICH, _FILLED = "deltagande", "ifylld"


@dataclass(frozen=True, slots=True)
class Flytt:
    """deltagande: the wrong one. till: the key of the right insats. seen_ut: the number of its out-version on the
    screen, 0 for none.
    """

    deltagande: uuid.UUID
    till: int
    seen_ut: int = 0


@dataclass(frozen=True, slots=True)
class Overtaget:
    """What the wrong deltagande said. Its repr says nothing, so that it cannot end up in a log."""

    personnummer: str
    fornamn: str
    efternamn: str
    uppgifter: InUppgifter

    def __repr__(self) -> str:
        return "<Overtaget>"

    __str__ = __repr__


def right_insatser(wrong: int) -> list[Insats]:
    """The actor's other insatser where persons are registered, as registering in takes them: also those that have
    ended, since what was wrong may be found late. Those that go on first, then the last ended. wrong: the key of the
    one they are in.
    """
    found = Insats.objects.filter(TAKES_PERSONS).exclude(pk=wrong)
    return sorted(found, key=lambda one: _days_since(one.slutdatum))


def _days_since(slutdatum: dt.date | None) -> int:
    """0 for what goes on today."""
    return max((timezone.localdate() - slutdatum).days, 0) if slutdatum else 0


def move_to_right_insats(flytt: Flytt) -> Place:
    """End the deltagande as felregistrering and begin its registration in the right insats; returns where the draft is.

    All or nothing, and once: what is a felregistrering already is not ended again, and a draft that the actor has
    begun so is taken up. Raises AccessRefused out of scope, ChangedMeanwhile when somebody has registered the person
    out since, RuleError for an insats that takes nobody.
    """
    wrong = deltaganden_to_change([flytt.deltagande])[flytt.deltagande]  # locked: a second press waits here
    if flytt.till not in {one.pk for one in right_insatser(wrong.insats_id)}:
        raise RuleError([
            Finding(
                "till", "insats_tar_inte_emot",
                "Det går inte att registrera deltagare i insatsen. Välj en annan insats.",
            )
        ])  # fmt: skip
    _end(wrong, flytt.seen_ut)
    begun = _begun(flytt)
    if begun is not None:
        return begun
    place = Place(Utkast.Slag.REGISTER_IN, flytt.till, pk=uuid.uuid4())
    save_draft(place, FROM, reference(flytt.deltagande))
    return place


def _end(wrong: Deltagande, seen_ut: int) -> None:
    ut = wrong.aktuell_ut
    if ut is not None and ut.felregistrering:
        return
    if (ut.nr if ut else 0) != seen_ut:
        raise ChangedMeanwhile([
            Finding("", "andrat_av_annan", "En kollega har ändrat deltagandet sedan du såg det. Titta på det igen.")
        ])  # fmt: skip
    as_wrong = UtUppgifter(slutdatum=None, avslutsanledning=FELREGISTRERING)
    if ut is None:
        register_out([Utskrivning(wrong.pk, as_wrong)])
    else:
        correct(Rattelse(wrong.pk, "Fel insats.", ut=as_wrong, seen_ut=seen_ut))


def _begun(flytt: Flytt) -> Place | None:
    """The actor's own draft in the right insats that was begun from the same deltagande."""
    for row in my_drafts(flytt.till):
        place = Place(Utkast.Slag.REGISTER_IN, flytt.till, pk=row.pk)
        draft = open_draft(place) if row.slag == Utkast.Slag.REGISTER_IN else None
        if draft is not None and _which(draft.steps) == flytt.deltagande:
            return place
    return None


# --- The reference in the draft --------------------------------------------------------------------------------------


def reference(deltagande: uuid.UUID, *, filled: bool = False) -> dict[str, list[str]]:
    """The answers of the step `FROM`."""
    return {_WHICH: [str(deltagande)]} | ({_FILLED: ["ja"]} if filled else {})


def is_reference(answers: Answers) -> bool:
    """Whether they name a deltagande and nothing else: nothing that says who a person is."""
    which = _uuid(answers)
    return which is not None and answers in (reference(which), reference(which, filled=True))


def waits(steps: Steps) -> bool:
    """Whether a draft is still to be filled in from the deltagande that it names."""
    return _which(steps) is not None and _FILLED not in steps[FROM]


def waiting_again(steps: Steps) -> Steps:
    """Of a draft only the reference, to be filled in anew."""
    which = _which(steps)
    return {} if which is None else {FROM: reference(which)}


def filled_in(steps: Steps) -> Mapping[str, list[str]]:
    """The reference once what it names has been carried over."""
    which = _which(steps)
    if which is None:
        raise ValueError("the draft was not begun from a deltagande")
    return reference(which, filled=True)


def carry_over(steps: Steps) -> Overtaget | None:
    """What the deltagande says that a draft waits to be filled in from; None when it has lost its identity since.

    To be asked when the samtycke of the draft is answered, not before. One look in the access log.
    """
    identitet = (
        Identitet.objects.filter(deltagande=_which(steps)).select_related("deltagande__aktuell_in").first()
    )
    if identitet is None:
        return None
    who = reveal(identitet.pk, PURPOSE)
    return Overtaget(
        personnummer=who.personnummer,
        fornamn=who.fornamn,
        efternamn=who.efternamn,
        uppgifter=in_uppgifter(identitet.deltagande.aktuell_in),
    )


def _which(steps: Steps) -> uuid.UUID | None:
    return _uuid(steps.get(FROM, {}))


def _uuid(answers: Answers) -> uuid.UUID | None:
    try:
        return uuid.UUID(answers[_WHICH][0])
    except (KeyError, IndexError, ValueError):
        return None
