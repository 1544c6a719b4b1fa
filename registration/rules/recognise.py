"""What the own insatser know of a number that has just been typed: told and offered at once, never asked twice.

Only deltaganden in the actor's scope are looked at. A number that nobody has, that somebody elsewhere has, and that
belonged to somebody with skyddade personuppgifter all give nothing, by the same queries (docs/decisions/0008).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from finsam_site.access.acting import refuse, require_actor
from finsam_site.access.roles import Roll

from ..models import Identitet
from ..personnummer import Nummer
from .checks import find_overlaps
from .find import fold, of_number
from .reveal import reveal_names

PURPOSE = "känna igen vid inregistrering"


@dataclass(frozen=True, slots=True)
class Tidigare:
    """A deltagande of the same person: its insats and days, and what is likely to be the same again.

    Its repr says nothing, so that it cannot end up in a log.
    """

    deltagande: uuid.UUID
    insats: str
    startdatum: dt.date
    slutdatum: dt.date | None
    fornamn: str
    efternamn: str
    kommunkod: str | None
    stadsdel: str | None
    utbildning: str | None

    def __repr__(self) -> str:
        return "<Tidigare>"

    __str__ = __repr__

    @property
    def namn(self) -> str:
        return f"{self.fornamn} {self.efternamn}"


@dataclass(frozen=True, slots=True)
class Igenkand:
    """hinder: a deltagande in this insats that a new one would overlap. tidigare: the one to fill in from; not both."""

    hinder: Tidigare | None = None
    tidigare: Tidigare | None = None


def recognise(nummer: Nummer, insats: int, *, start: dt.date | None = None, offer: bool = True) -> Igenkand:
    """What the actor's insatser know of who has, or once had, the number, before a deltagande in `insats` (its key).

    start: the day it begins, when that has been said; without it only what stands open is in the way. offer: whether
    an earlier deltagande is to be offered; of several it is the newest, felregistreringar left out. Who is given is
    one look in the access log, also when it is given twice. Raises AccessRefused (logged) for who is not
    deltagaransvarig.
    """
    _only_who_registers()
    found = list(
        of_number(nummer.digits)
        .filter(felregistrerad=False)
        .select_related("insats", "deltagande__aktuell_in")
    )
    hinder = _in_the_way([one for one in found if one.insats_id == insats], start)
    if hinder is not None:
        return Igenkand(hinder=_shown(hinder))
    return Igenkand(tidigare=_shown(found[0])) if found and offer else Igenkand()


def called_otherwise(nummer: Nummer, fornamn: str, efternamn: str) -> uuid.UUID | None:
    """The newest identitet that the actor's insatser have of the number, when it has another name than these.

    Case, accents, spaces and hyphens make no other name. Nothing is told of it here, and nothing is logged: whoever
    shows the name asks `name_of`. None for a number that nobody in scope has, whether or not somebody elsewhere has it.
    Raises AccessRefused (logged) for who is not deltagaransvarig.
    """
    _only_who_registers()
    newest = of_number(nummer.digits).filter(felregistrerad=False).first()
    if newest is None or _plain(*newest.decrypt_names()) == _plain(fornamn, efternamn):
        return None
    pk: uuid.UUID = newest.pk
    return pk


def name_of(identitet: uuid.UUID) -> str:
    """The whole name, to be shown where a number is typed in: one look in the access log. Empty for who is gone."""
    name = reveal_names([identitet], PURPOSE).get(identitet)
    return f"{name.fornamn} {name.efternamn}" if name else ""


def _plain(fornamn: str, efternamn: str) -> str:
    """What names are compared by."""
    return "".join(fold(f"{fornamn} {efternamn}"))


def _only_who_registers() -> None:
    if require_actor().roll != Roll.DELTAGARANSVARIG:
        raise refuse(
            "person", "igenkänning", syfte=PURPOSE,
            message="Bara deltagaransvariga registrerar deltagare. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip


def _in_the_way(here: Sequence[Identitet], start: dt.date | None) -> Identitet | None:
    """Of a person's deltaganden in the insats the first that an open one from `start` would overlap."""
    begins = start or dt.date.max
    return next(
        (
            one
            for one in here
            if any(find_overlaps([("new", begins, None), ("old", one.startdatum, one.slutdatum)]))
        ),
        None,
    )


def _shown(identitet: Identitet) -> Tidigare | None:
    """None for who has been withdrawn since the row was read: nothing is known of that one any more."""
    name = reveal_names([identitet.pk], PURPOSE).get(identitet.pk)
    if name is None:
        return None
    version = identitet.deltagande.aktuell_in
    return Tidigare(
        deltagande=identitet.deltagande_id,
        insats=identitet.insats.namn,
        startdatum=identitet.startdatum,
        slutdatum=identitet.slutdatum,
        fornamn=name.fornamn,
        efternamn=name.efternamn,
        kommunkod=version.kommun_id,
        stadsdel=version.stadsdel,
        utbildning=version.utbildning,
    )
