"""Giving and ending uppdrag (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, Actor, require_actor
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import Roll

from ..models import Forbund, Insats, Uppdrag
from ..scope import insatser_held_now
from .findings import Finding, RuleError

GIVERS: dict[Roll, frozenset[Roll]] = {
    Roll.INSATSANSVARIG: frozenset({Roll.DELTAGARANSVARIG}),
    Roll.FORBUNDSADMINISTRATOR: frozenset({Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, Roll.RAPPORTLASARE}),
    Roll.NATIONELL_ADMINISTRATOR: frozenset(Roll) - {Roll.DELTAGARANSVARIG, Roll.BEHORIGHETSADMINISTRATOR},
    Roll.BEHORIGHETSADMINISTRATOR: frozenset(Roll) - {Roll.DELTAGARANSVARIG},
}
"""Who may give which uppdrag. An uppdrag for an insats or a förbund can only be given within the giver's own scope."""


def give_uppdrag(
    user: User, roll: Roll, *, fran: dt.date, till: dt.date | None = None, forbund: int | None = None,
    insats: int | None = None,
) -> Uppdrag:  # fmt: skip
    """Give `user` an uppdrag in `roll` for one förbund or one insats (primary keys), or for the nation.

    Raises AccessRefused when the actor may not give it, RuleError when the account lacks the role, the role
    does not fit what it is for, or a förbund's employee would be deltagaransvarig against the setting (DOMAIN §2).
    """
    actor = require_actor()
    if not _may_give(actor, roll, forbund, insats):
        raise AccessRefused(
            "Du kan inte ge det uppdraget. Kontakta förbundsadministratören eller Försäkringskassan."
        )
    if not user.has_role(roll):
        raise RuleError(
            [
                Finding(
                    "roll",
                    "roll_saknas",
                    f"Kontot har inte rollen {roll.label}. Be behörighetsadministratören om den.",
                )
            ]
        )
    if (
        roll == Roll.DELTAGARANSVARIG
        and user.arbetsgivare == Arbetsgivare.FORBUND
        and not settings.FORBUND_EMPLOYEE_REGISTERS
    ):
        raise RuleError(
            [
                Finding(
                    "user", "forbundsanstalld",
                    "Den som är anställd av ett förbund får inte vara deltagaransvarig (beslut "
                    f"{settings.FORBUND_EMPLOYEE_DECISION}). Välj någon annan.",
                )
            ]
        )  # fmt: skip
    try:
        with transaction.atomic():
            return Uppdrag.objects.create(
                user=user,
                roll=roll,
                forbund_id=forbund,
                insats_id=insats,
                fran=fran,
                till=till,
                givet_av=actor.user,
            )
    except IntegrityError as error:
        raise RuleError(
            [
                Finding(
                    "roll",
                    "uppdrag_passar_inte",
                    f"Ett uppdrag som {roll.label} ges för något annat. Ändra valet.",
                )
            ]
        ) from error


def end_uppdrag(uppdrag: Uppdrag) -> None:
    """End an uppdrag so that it bites at the next request: yesterday is its last day, and one from today is removed.

    One that has ended already stays as it is. Raises AccessRefused when the actor could not have given it.
    """
    if not _may_give(require_actor(), Roll(uppdrag.roll), uppdrag.forbund_id, uppdrag.insats_id):
        raise AccessRefused(
            "Du kan inte avsluta det uppdraget. Kontakta förbundsadministratören eller Försäkringskassan."
        )
    today = timezone.localdate()
    if uppdrag.till is not None and uppdrag.till < today:
        return
    if uppdrag.fran >= today:
        uppdrag.delete()
        return
    uppdrag.till = today - dt.timedelta(days=1)
    uppdrag.save(update_fields=["till"])


def _may_give(actor: Actor, roll: Roll, forbund: int | None, insats: int | None) -> bool:
    """True if the actor may give, and so end, such an uppdrag: the right role, and what it is for in scope."""
    if actor.system:
        return True
    if actor.roll is None or roll not in GIVERS.get(actor.roll, frozenset()):
        return False
    if forbund is None and insats is None:
        return actor.forbund_id is None and actor.insats_id is None
    return (forbund is None or Forbund.objects.filter(pk=forbund).exists()) and (
        insats is None or _may_give_in(actor, insats)
    )


def _may_give_in(actor: Actor, insats: int) -> bool:
    if actor.forbund_id is None and actor.insats_id is None:
        return Insats.objects.filter(pk=insats).exists()
    return insatser_held_now(actor).filter(pk=insats).exists()
