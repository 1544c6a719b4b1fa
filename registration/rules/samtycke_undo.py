"""Taking back that the original of a samtycke was sent or received: a mark made by mistake, or a paper that was lost.

Whoever could set a mark may take it back. What was seen of it comes along, so that what somebody else did in the
meantime is left as it is and told (DOMAIN §4, decisions/0012).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from finsam_site.access.acting import log_access, refuse, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.roles import Roll

from ..models import Samtycke
from .samtycke import locked, log_marks

Seen = Mapping[uuid.UUID, dt.date]
"""Samtycke → the day that it was marked with when it was looked at."""


class Why(StrEnum):
    """Why the mark that an original was sent is taken back."""

    FEL = "fel"
    """It was set by mistake."""
    BORT = "bort"
    """The paper was lost, and the person has signed another."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """tillbaka: codes whose mark is gone now. redan: those that had none. andrade: those that are marked otherwise than
    was seen, and left so. bestaende: those that stay marked, since the samtycke is withdrawn or the person gone.
    """

    tillbaka: Sequence[str] = field(default_factory=list)
    redan: Sequence[str] = field(default_factory=list)
    andrade: Sequence[str] = field(default_factory=list)
    bestaende: Sequence[str] = field(default_factory=list)


def is_proof(one: Any) -> bool:
    """Whether the receipt stands as it is: the samtycke is withdrawn, or the person removed, protected or locked. It is
    what is left to show that there was a samtycke (GDPR 7.1), and a mark taken from it could never be set again.

    one: read `with_status`.
    """
    return one.aterkallat is not None or one.person_borta


def sent_mark(one: Any) -> dt.date | None:
    """The day of a mark as sent that can be taken back: none of what has come, or is proof (`is_proof`)."""
    return None if is_proof(one) else sent_and_not_come(one)


def sent_and_not_come(one: Any) -> dt.date | None:
    """The same of a samtycke whose person is known to be there."""
    day: dt.date | None = one.original_skickat
    return None if one.original_mottaget else day


def received_mark(one: Any) -> dt.date | None:
    """The day of a mark as received, which can be taken back unless it is proof (`is_proof`)."""
    day: dt.date | None = one.original_mottaget
    return None if is_proof(one) else day


def take_back_sent(seen: Seen, why: Why = Why.FEL) -> TakenBack:
    """The originals are not sent after all, or are to be sent anew: they stand among those to send again.

    Of one that was lost the day of the first signing stands: from then on there was a samtycke (DOMAIN §4). Raises
    AccessRefused (logged) unless each is of an insats of the actor as deltagaransvarig.
    """
    _demand(Roll.DELTAGARANSVARIG, seen, "markering som skickat borttagen")
    answer, changed = _take_back(seen, sent_mark, lambda one: one.original_skickat)
    Samtycke.unscoped.filter(pk__in=[one.pk for one in changed]).update(original_skickat=None)
    said = {
        Why.FEL: "samtyckets original inte skickat: markeringen borttagen",
        Why.BORT: "samtyckets original kom bort: ett nytt är underskrivet",
    }
    log_marks(changed, said[why])
    return answer


def take_back_received(seen: Seen) -> TakenBack:
    """The originals have not come after all. Raises AccessRefused (logged) unless a samtyckesmottagare acts."""
    _demand(Roll.SAMTYCKESMOTTAGARE, seen, "markering som mottaget borttagen")
    answer, changed = _take_back(seen, received_mark, lambda one: one.original_mottaget)
    pks = [one.pk for one in changed]
    Samtycke.unscoped.filter(pk__in=pks).update(original_mottaget=None)
    log_access(
        Handling.ANDRAT, "samtycke", pks, syfte="samtyckets original inte mottaget: markeringen borttagen"
    )
    return answer


def _demand(roll: Roll, seen: Seen, syfte: str) -> None:
    known = set(Samtycke.objects.filter(pk__in=seen).values_list("pk", flat=True))
    if require_actor().roll != roll or not known >= seen.keys():
        wanted = next((pk for pk in seen if pk not in known), next(iter(seen), ""))
        raise refuse(
            "samtycke", wanted, syfte=syfte,
            message="Du kan inte ändra den markeringen. Den som markerade kan, eller en kollega i samma roll.",
        )  # fmt: skip


def _take_back(
    seen: Seen, mark: Callable[[Any], dt.date | None], stands: Callable[[Any], dt.date | None]
) -> tuple[TakenBack, list[Samtycke]]:
    """(the answer, the samtycken to change). mark: what can be taken back; stands: the day in the register."""
    back, before, other, proof, changed = list[str](), list[str](), list[str](), list[str](), list[Samtycke]()
    for one in locked(Samtycke.objects.filter(pk__in=seen)):
        if mark(one) is not None and mark(one) == seen[one.pk]:
            back.append(one.referenskod)
            changed.append(one)
        elif stands(one) is None:
            before.append(one.referenskod)
        else:
            (proof if is_proof(one) else other).append(one.referenskod)
    return TakenBack(back, before, other, proof), changed
