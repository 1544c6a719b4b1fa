"""The plain values that rules work on: what is registered at the start, at the end, and the samtycke behind it.

They are frozen dataclasses without a database behind them; two registrations say the same exactly when they are equal.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from ..personnummer import Nummer

HEL, DEL = "hel", "del"
INGEN = "ingen"


@dataclass(frozen=True, slots=True)
class Sysselsattning:
    """Försörjning and sysselsättning, "before" (within the week before start) or "after" (at the end). None: no answer.

    forsorjning: canonical text of `forsorjning_text`; arbetar, studerar: whole percent 0–100, 100 % = 40 hours a week.
    """

    forsorjning: str | None = None
    arbetar: int | None = None
    typ_av_arbete: str | None = None
    studerar: int | None = None
    arbetssokande: bool | None = None
    inskriven_af: bool | None = None


@dataclass(frozen=True, slots=True)
class InUppgifter:
    """What an in-registration says (DOMAIN §3, "at in"), apart from who and which samtycke."""

    kommunkod: str
    startdatum: dt.date
    utbildning: str | None = None
    tid_i_forsorjning_manader: int | None = None
    initierad_av: str | None = None
    behovsgrupp: str | None = None
    stadsdel: str | None = None
    fore: Sysselsattning = Sysselsattning()


@dataclass(frozen=True, slots=True)
class UtUppgifter:
    """What an out-registration says. Only a felregistrering may lack slutdatum."""

    slutdatum: dt.date | None
    avslutsanledning: str | None = None
    efter: Sysselsattning = Sysselsattning()


@dataclass(frozen=True, slots=True)
class Samtyckesuppgifter:
    """A signed samtycke. `inlast`: it came from a system that did not say where the original is."""

    undertecknat: dt.date
    formular: str
    sprak: str = "sv"
    referenskod: str | None = None
    original_skickat: dt.date | None = None
    original_mottaget: dt.date | None = None
    inlast: bool = False


@dataclass(frozen=True, slots=True)
class NyttDeltagande:
    """Somebody to be registered in.

    registrerad: when it became known; None is now, a time is what an import says. kon, fodelsear: only when they are to
    differ from what the number says (a version from before a change of number). pk: the id of the draft it was, so
    that what is saved twice is saved once. ut: what is said of somebody who has left already, so that a period before a
    later one can be registered; ut_registrerad: when that became known, None when the rest did.
    """

    insats_id: str
    nummer: Nummer
    fornamn: str
    efternamn: str
    samtycke: Samtyckesuppgifter
    uppgifter: InUppgifter
    registrerad: dt.datetime | None = None
    deltagande_id: str | None = None
    kon: str | None = None
    fodelsear: int | None = None
    pk: uuid.UUID | None = None
    ut: UtUppgifter | None = None
    ut_registrerad: dt.datetime | None = None

    @property
    def left_known(self) -> dt.datetime | None:
        """When it became known that the person has left; None is now."""
        return self.ut_registrerad or self.registrerad


class ForsorjningFel(ValueError):
    """A text that does not say which sources of support. The message is Swedish and says what to write."""


def read_forsorjning(text: str) -> str | None:
    """Read `sjukpenning:hel|forsorjningsstod:del` (FORMATS §1) and return it in canonical order; None when empty.

    Raises ForsorjningFel for a wrong form, a source said twice, or `ingen` with others. Codes are not looked up here.
    """
    if not text.strip():
        return None
    found: dict[str, str] = {}
    for part in text.split("|"):
        kod, _, omfattning = part.strip().partition(":")
        if kod == INGEN and not omfattning:
            omfattning = INGEN
        elif not kod or omfattning not in (HEL, DEL) or kod == INGEN:
            raise ForsorjningFel(
                "Försörjning skrivs som kod:hel eller kod:del, flera med | emellan, eller bara ingen. Rätta texten."
            )
        if kod in found:
            raise ForsorjningFel(f"Försörjningen {kod} anges två gånger. Ta bort den ena.")
        found[kod] = omfattning
    if INGEN in found and len(found) > 1:
        raise ForsorjningFel(
            "Ingen försörjning kan inte anges tillsammans med andra. Ta bort ingen eller de andra."
        )
    return forsorjning_text(found)


def forsorjning_text(sources: dict[str, str]) -> str:
    """Canonical text of sources (kod → hel or del): sorted by kod, so that equal answers are equal texts."""
    return "|".join(kod if kod == INGEN else f"{kod}:{sources[kod]}" for kod in sorted(sources))


def forsorjning_sources(text: str | None) -> dict[str, str]:
    """The sources in a canonical text: kod → hel or del (`ingen` → ingen)."""
    pairs = (part.partition(":") for part in (text or "").split("|") if part)
    return {kod: omfattning or INGEN for kod, _, omfattning in pairs}
