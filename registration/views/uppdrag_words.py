"""What an uppdrag means, in words: what somebody sees from when, and who answers for what is open when it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.working import NATION
from finsam_site.ui import formats
from finsam_site.ui.components import Tag, Tone
from finsam_site.ui.formats import number, plural

from ..models import Insats, Uppdrag
from ..rules.staffing import Handover

WHOLE = "Hela förbundet"


def where(uppdrag: Uppdrag) -> str:
    """What an uppdrag is for."""
    if uppdrag.insats is not None:
        return uppdrag.insats.namn
    return WHOLE if uppdrag.forbund_id else NATION


def roll_label(uppdrag: Uppdrag) -> str:
    return formats.sentence(str(Roll(uppdrag.roll).label))


def state(uppdrag: Uppdrag, day: dt.date) -> Tag:
    """How an uppdrag stands on a day."""
    if uppdrag.till is not None and uppdrag.till < day:
        return Tag("Avslutat")
    if not uppdrag.user.has_role(uppdrag.roll):
        return Tag("Kontot saknar rollen" if uppdrag.user.is_active else "Kontot är avslutat", Tone.BAD)
    return Tag("Börjar senare", Tone.WAIT) if uppdrag.fran > day else Tag("Gäller", Tone.GOOD)


def since(day: dt.date) -> str:
    """ "från i dag" or "från 1 december 2026"."""
    return "från i dag" if day <= timezone.localdate() else f"från {formats.day(day)}"


def open_people(antal: int, insats: Insats) -> str:
    """The deltaganden that stand open, as a part of a sentence."""
    return f"{plural(antal, 'den', f'de {number(antal)}')} deltagare som deltar i {insats.namn} nu"


def meaning(
    user: User, roll: Roll, fran: dt.date, insats: Insats | None, opened: Handover | None
) -> Sequence[str]:
    """What the user sees and does by a new uppdrag."""
    who, when = str(user), since(fran)
    place = insats.namn if insats else "förbundets alla insatser"
    if roll == Roll.DELTAGARANSVARIG and insats is not None and opened is not None:
        there = (
            f"{who} ser {when} {open_people(opened.antal, insats)}"
            if opened.antal
            else f"{who} ser {when} alla som deltar i {insats.namn}. Ingen deltar där just nu"
        )
        return [
            f"{there}. Det gäller också dem som andra har registrerat.",
            f"{who} kan registrera nya deltagare där, rätta och registrera ut. Varje läsning noteras i åtkomstloggen.",
        ]
    if roll == Roll.INSATSANSVARIG:
        return [
            f"{who} ser {when} {place} med antal och pengar, och kan ge uppdrag som deltagaransvarig där. "
            "Inga deltagare syns.",
        ]
    return [f"{who} läser {when} uttag och rapporter. De har bara antal, och inga deltagare syns."]


def after_end(uppdrag: Uppdrag, opened: Handover | None) -> Sequence[str]:
    """What becomes of what is open when an uppdrag ends."""
    who = str(uppdrag.user)
    if uppdrag.insats is None or opened is None:
        return [
            f"{who} kan sedan inte arbeta som {Roll(uppdrag.roll).label} här. Ingenting som är registrerat ändras."
        ]
    name = uppdrag.insats.namn
    if not opened.antal:
        return [f"Ingen deltar i {name} just nu. {who} ser sedan inte heller dem som har deltagit."]
    seen = (
        f"{who} ser sedan inte {open_people(opened.antal, uppdrag.insats)}, och inte dem som har slutat. Ingenting som "
        "är registrerat ändras."
    )
    kept = (
        f"{number(opened.others)} {plural(opened.others, 'annan är', 'andra är')} deltagaransvarig"
        f"{'' if opened.others == 1 else 'a'} i insatsen och har dem kvar."
        if opened.others
        else "Ingen annan är deltagaransvarig i insatsen. Deltagandena står sedan som antal på "
        "förbundsadministratörens startsida, tills någon får ett nytt uppdrag och tar över dem."
    )
    drafts = f"Det som {who} har påbörjat men inte registrerat går inte över till någon annan."
    return [seen, kept, drafts]
