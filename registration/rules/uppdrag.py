"""Giving and ending uppdrag (DOMAIN §2). Who has which, and what it means for open deltaganden: `staffing`."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, Actor, require_actor
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import (
    ANY_ROLES,
    FORBIDDEN_PAIRS,
    FORBUND_OR_INSATS_ROLES,
    FORBUND_ROLES,
    INSATS_ROLES,
    Roll,
)
from finsam_site.ui import formats

from ..models import Forbund, Insats, Uppdrag
from ..scope import insatser_held_now
from .findings import Finding, RuleError, raise_errors

GIVERS: dict[Roll, frozenset[Roll]] = {
    Roll.INSATSANSVARIG: frozenset({Roll.DELTAGARANSVARIG}),
    Roll.FORBUNDSADMINISTRATOR: frozenset({Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, Roll.RAPPORTLASARE}),
    Roll.NATIONELL_ADMINISTRATOR: frozenset(Roll) - {Roll.DELTAGARANSVARIG, Roll.BEHORIGHETSADMINISTRATOR},
    Roll.BEHORIGHETSADMINISTRATOR: frozenset(Roll) - {Roll.DELTAGARANSVARIG},
}
"""Who may give which uppdrag. An uppdrag for an insats or a förbund can only be given within the giver's own scope."""

FOR_INSATS = INSATS_ROLES | FORBUND_OR_INSATS_ROLES | {Roll.RAPPORTLASARE}
FOR_FORBUND = FORBUND_ROLES | FORBUND_OR_INSATS_ROLES | ANY_ROLES
"""Roles whose uppdrag can be for an insats, and for a förbund."""


def roles_to_give(insats: Insats | None = None) -> list[Roll]:
    """The roles in which the actor can give an uppdrag for the insats (None: for the förbund worked in), in the order
    of DOMAIN §2. Nobody is deltagaransvarig where only numbers are registered.
    """
    actor = require_actor()
    given = GIVERS.get(actor.roll, frozenset()) if actor.roll else frozenset()
    fits = FOR_FORBUND if insats is None else FOR_INSATS
    if insats is not None and not insats.takes_persons:
        fits -= {Roll.DELTAGARANSVARIG}
    return [roll for roll in Roll if roll in given & fits]


def give_uppdrag(
    user: User, roll: Roll, *, fran: dt.date, till: dt.date | None = None, forbund: int | None = None,
    insats: int | None = None,
) -> Uppdrag:  # fmt: skip
    """Give `user` an uppdrag in `roll` for one förbund or one insats (primary keys), or for the nation.

    Raises AccessRefused when the actor may not give it, RuleError as `check_uppdrag` says, and when the role does not
    fit what it is for.
    """
    # Two who give the same at once: the second waits here, and then sees the first one's.
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    raise_errors(check_uppdrag(account, roll, fran=fran, till=till, forbund=forbund, insats=insats))
    try:
        with transaction.atomic():
            return Uppdrag.objects.create(
                user=account,
                roll=roll,
                forbund_id=forbund,
                insats_id=insats,
                fran=fran,
                till=till,
                givet_av=require_actor().user,
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


def check_uppdrag(
    user: User, roll: Roll, *, fran: dt.date, till: dt.date | None = None, forbund: int | None = None,
    insats: int | None = None,
) -> list[Finding]:  # fmt: skip
    """What stands against giving it: the account lacks the role or has one that does not go with it, a förbund's
    employee would be deltagaransvarig against the setting (DOMAIN §2), somebody would give the own account sight of
    persons, days that make no sense, or an uppdrag of the same kind that holds on some of them.

    Raises AccessRefused when the actor may not give such an uppdrag at all.
    """
    actor = require_actor()
    if not _may_give(actor, roll, forbund, insats):
        raise AccessRefused(
            "Du kan inte ge det uppdraget. Kontakta förbundsadministratören eller Försäkringskassan."
        )
    found = [*_check_account(user, roll, actor), *_check_days(fran, till, actor)]
    return found or _check_same(user, roll, fran, till, forbund, insats)


def _check_account(user: User, roll: Roll, actor: Actor) -> list[Finding]:
    if not user.has_role(roll):
        return [_missing_role(user, roll)]
    if roll != Roll.DELTAGARANSVARIG:
        return []
    if user.arbetsgivare == Arbetsgivare.FORBUND and not settings.FORBUND_EMPLOYEE_REGISTERS:
        return [
            Finding(
                "user", "forbundsanstalld",
                "Den som är anställd av ett förbund får inte vara deltagaransvarig (beslut "
                f"{settings.FORBUND_EMPLOYEE_DECISION}). Välj någon annan.",
            )
        ]  # fmt: skip
    if user == actor.user and not actor.system:
        return [
            Finding(
                "user", "eget_konto",
                "Du kan inte ge dig själv rätt att se deltagare. Be förbundsadministratören eller en annan "
                "insatsansvarig.",
            )
        ]  # fmt: skip
    return []


def _missing_role(user: User, roll: Roll) -> Finding:
    """An account without the role, which may have one that can never stand beside it."""
    excluding = [other for pair in FORBIDDEN_PAIRS if roll in pair for other in pair if other != roll]
    clash = next((other for other in excluding if user.has_role(other)), None)
    if clash is not None:
        return Finding(
            "roll", "roller_utesluter_varandra",
            f"Den som är {clash.label} kan inte också vara {roll.label}. Välj någon annan.",
        )  # fmt: skip
    return Finding(
        "roll", "roll_saknas", f"Kontot har inte rollen {roll.label}. Be behörighetsadministratören om den."
    )


def _check_days(fran: dt.date, till: dt.date | None, actor: Actor) -> list[Finding]:
    found = []
    if fran < timezone.localdate() and not actor.system:
        found.append(
            Finding(
                "fran", "har_varit", "Första dagen har redan varit. Ange i dag eller en senare dag."
            )
        )  # fmt: skip
    if till is not None and till < fran:
        found.append(
            Finding(
                "till", "till_fore_fran",
                f"Sista dagen ligger före den första ({formats.iso_day(fran)}). Ändra någon av dem.",
            )
        )  # fmt: skip
    return found


def _check_same(
    user: User, roll: Roll, fran: dt.date, till: dt.date | None, forbund: int | None, insats: int | None
) -> list[Finding]:
    same = Uppdrag.objects.filter(user=user, roll=roll, forbund=forbund, insats=insats)
    same = same.filter(Q(till__isnull=True) | Q(till__gte=fran))
    if till is not None:
        same = same.filter(fran__lte=till)
    found = same.order_by("fran").first()
    if found is None:
        return []
    until = f"till {formats.iso_day(found.till)}" if found.till else "och tills vidare"
    return [
        Finding(
            "fran", "overlappar",
            f"Personen har redan det uppdraget från {formats.iso_day(found.fran)} {until}. Avsluta det först, eller "
            "välj dagar utanför det.",
        )
    ]  # fmt: skip


def end_uppdrag(uppdrag: Uppdrag, last: dt.date | None = None) -> None:
    """End an uppdrag after `last`; None: so that it bites at the next request: yesterday is its last day, and one from
    today or later is removed.

    One that has ended already, or is gone, stays so. Raises AccessRefused when the actor could not have given it,
    RuleError for a day that has been, that lies before its first one, or that would lengthen it.
    """
    may_end(uppdrag)
    today = timezone.localdate()
    # Two who end it at once: the second waits here, and then sees what the first one left.
    now = Uppdrag.objects.select_for_update().filter(pk=uppdrag.pk).first()
    if now is None or (now.till is not None and now.till < today):
        return
    if last is None:
        if now.fran >= today:
            now.delete()
            return
        last = today - dt.timedelta(days=1)
    else:
        raise_errors(_check_last(now, last, today))
    now.till = last
    now.save(update_fields=["till"])


def may_end(uppdrag: Uppdrag) -> None:
    """Raises AccessRefused when the actor could not have given it."""
    if not _may_give(require_actor(), Roll(uppdrag.roll), uppdrag.forbund_id, uppdrag.insats_id):
        raise AccessRefused(
            "Du kan inte avsluta det uppdraget. Kontakta förbundsadministratören eller Försäkringskassan."
        )


def _check_last(uppdrag: Uppdrag, last: dt.date, today: dt.date) -> list[Finding]:
    if last < today:
        return [
            Finding(
                "till", "har_varit",
                "Dagen har redan varit. Ange i dag eller en senare dag, eller avsluta uppdraget direkt.",
            )
        ]  # fmt: skip
    if last < uppdrag.fran:
        return [
            Finding(
                "till", "till_fore_fran",
                f"Uppdraget börjar först {formats.iso_day(uppdrag.fran)}. Ange en senare dag, eller avsluta det direkt "
                "så att det aldrig börjar.",
            )
        ]  # fmt: skip
    if uppdrag.till is not None and last > uppdrag.till:
        return [
            Finding(
                "till", "langre",
                f"Uppdraget slutar redan {formats.iso_day(uppdrag.till)}. Ange den dagen eller en tidigare. Ska det "
                "gälla längre ger du ett nytt.",
            )
        ]  # fmt: skip
    return []


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
