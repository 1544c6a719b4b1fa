"""Who has which uppdrag in the actor's förbund, who can be given one, and who answers for open deltaganden.

Numbers and the names of account holders, no deltagare: whoever gives uppdrag may see no person (DOMAIN §2).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from finsam_site.access.acting import require_actor
from finsam_site.access.models import SYSTEM_USERNAME, Arbetsgivare, User
from finsam_site.access.roles import Roll
from finsam_site.swedish import by_name

from ..models import Insats, Uppdrag
from ..scope import insatser_held_now, own_forbund_ids
from .aggregates import open_counts

GIVES = (Roll.FORBUNDSADMINISTRATOR, Roll.INSATSANSVARIG)
"""Who gives uppdrag in a förbund."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Open deltaganden of an insats, and how many (others) are deltagaransvariga there on a day."""

    antal: int
    others: int


def deltagaransvariga(day: dt.date) -> Any:
    """The uppdrag by which somebody can work as deltagaransvarig on `day`: one counts only while its account is open,
    has the role and may use it (DOMAIN §2).
    """
    holds = Uppdrag.objects.valid_on(day).filter(
        roll=Roll.DELTAGARANSVARIG, user__is_active=True, user__deltagaransvarig=True
    )
    if not settings.FORBUND_EMPLOYEE_REGISTERS:
        holds = holds.exclude(user__arbetsgivare=Arbetsgivare.FORBUND)
    return holds


def insatser_to_staff() -> QuerySet[Insats]:
    """The insatser in which the actor gives uppdrag: the own ones that the förbund holds today."""
    actor = require_actor()
    if actor.roll not in GIVES:
        return Insats.unscoped.none()
    return Insats.unscoped.filter(pk__in=insatser_held_now(actor).values("pk"))


def insatser_unstaffed() -> QuerySet[Insats]:
    """Those of them in which nobody is deltagaransvarig today."""
    holds = deltagaransvariga(timezone.localdate()).filter(insats=OuterRef("pk"))
    return insatser_to_staff().filter(~Exists(holds))


def uppdrag_seen() -> QuerySet[Uppdrag]:
    """The uppdrag that the actor has to do with: in those insatser, and for a förbundsadministratör also those for the
    förbund and for what has gone up in it.
    """
    actor = require_actor()
    mine = Q(insats__in=insatser_to_staff().values("pk"))
    if actor.roll == Roll.FORBUNDSADMINISTRATOR:
        mine |= Q(forbund__in=own_forbund_ids(actor))
    return Uppdrag.objects.filter(mine) if actor.roll in GIVES else Uppdrag.objects.none()


def handover(insats: int, day: dt.date, *, without: User) -> Handover:
    """How many deltaganden stand open in the insats, and how many besides `without` answer for them on `day`."""
    others = deltagaransvariga(day).filter(insats=insats).exclude(user=without)
    return Handover(open_counts([insats]).get(insats, 0), others.values("user").distinct().count())


def staff_counts(insatser: Collection[int], day: dt.date) -> dict[int, int]:
    """Insats → how many are deltagaransvariga in it on `day`; none for an insats without anybody."""
    pairs = deltagaransvariga(day).filter(insats__in=insatser).values_list("insats", "user").distinct()
    return dict(Counter(insats for insats, _ in pairs))


def known_accounts(roller: Collection[Roll]) -> list[User]:
    """Open accounts with one of the roles that hold or have held an uppdrag which the actor may see, by name."""
    with_role = Q()
    for roll in roller:
        with_role |= Q(**{str(roll.value): True})
    held = uppdrag_seen().order_by().values("user")
    return list(User.objects.filter(with_role, is_active=True, pk__in=held).order_by(by_name(), "pk"))


def find_account(text: str) -> User | None:
    """The open account with exactly that user name or e-mail; None for no such account and where several share it."""
    accounts = User.objects.filter(is_active=True).exclude(anvandarnamn=SYSTEM_USERNAME)
    named = accounts.filter(anvandarnamn=text).first()
    if named is not None:
        return named
    by_mail = list(accounts.filter(epost__iexact=text)[:2]) if "@" in text else []
    return by_mail[0] if len(by_mail) == 1 else None
