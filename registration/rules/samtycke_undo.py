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

from finsam_site.access.acting import log_access, log_by_insats, refuse, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.roles import Roll

from ..models import Identitet, Samtycke
from .samtycke import locked

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
    was seen, and left so.
    """

    tillbaka: Sequence[str] = field(default_factory=list)
    redan: Sequence[str] = field(default_factory=list)
    andrade: Sequence[str] = field(default_factory=list)


def sent_mark(one: Any) -> dt.date | None:
    """The day of a mark as sent that can be taken back: none of what has come, or is withdrawn."""
    day: dt.date | None = one.original_skickat
    return None if one.original_mottaget or one.aterkallat else day


def received_mark(one: Any) -> dt.date | None:
    """The day of a mark as received, which can be taken back."""
    day: dt.date | None = one.original_mottaget
    return day


def take_back_sent(seen: Seen, why: Why = Why.FEL) -> TakenBack:
    """The originals are not sent after all, or are to be sent anew: they stand among those to send again.

    Of one that was lost the day of the first signing stands: from then on there was a samtycke (DOMAIN §4). Raises
    AccessRefused (logged) unless each is of an insats of the actor as deltagaransvarig.
    """
    _demand(Roll.DELTAGARANSVARIG, seen, "markering som skickat borttagen")
    answer, changed = _take_back(seen, sent_mark, lambda one: one.original_skickat)
    Samtycke.unscoped.filter(pk__in=changed).update(original_skickat=None)
    persons = Identitet.objects.filter(samtycke__in=changed).values_list("deltagande", "insats")
    said = {
        Why.FEL: "samtyckets original inte skickat: markeringen borttagen",
        Why.BORT: "samtyckets original kom bort: ett nytt är underskrivet",
    }
    log_by_insats(Handling.ANDRAT, "deltagande", persons, syfte=said[why])
    return answer


def take_back_received(seen: Seen) -> TakenBack:
    """The originals have not come after all. Raises AccessRefused (logged) unless a samtyckesmottagare acts."""
    _demand(Roll.SAMTYCKESMOTTAGARE, seen, "markering som mottaget borttagen")
    answer, changed = _take_back(seen, received_mark, received_mark)
    Samtycke.unscoped.filter(pk__in=changed).update(original_mottaget=None)
    log_access(
        Handling.ANDRAT, "samtycke", changed, syfte="samtyckets original inte mottaget: markeringen borttagen"
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
) -> tuple[TakenBack, list[uuid.UUID]]:
    """(the answer, the samtycken to change). mark: what can be taken back; stands: the day in the register."""
    back, before, other, changed = list[str](), list[str](), list[str](), list[uuid.UUID]()
    for one in locked(Samtycke.objects.filter(pk__in=seen)):
        if mark(one) is not None and mark(one) == seen[one.pk]:
            back.append(one.referenskod)
            changed.append(one.pk)
        else:
            (before if stands(one) is None else other).append(one.referenskod)
    return TakenBack(back, before, other), changed
