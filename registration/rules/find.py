"""`find_in_scope`: find a deltagare by name, number or reference code among one's own; lists in the order of names.

Names are encrypted, so they are compared in memory, never in the database: what was typed stands in no statement. The
number of names is bounded (`BOUND`), newest start first; whoever shows the answer says when the bound was reached.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from finsam_site.access.acting import log_access, refuse, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.roles import Roll

from ..models import Identitet
from ..personnummer import NummerFel, parse
from .codes import read_reference
from .register import person_of

BOUND = 5000
"""So many people are compared: several times what the insatser of one user have, and some tenths of a second."""
NEWEST = ("-startdatum", "-registrerad_dag", "pk")
SHORTEST = 2
"""A single letter is part of nearly every name."""

_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


class ForKort(ValueError):
    """Too little was typed to look for anybody."""


@dataclass(frozen=True, slots=True)
class Traffar:
    """Who was found: identiteter, newest start first. all_compared: False when there were more people than `BOUND`."""

    identiteter: list[uuid.UUID]
    all_compared: bool = True


def find_in_scope(text: str, *, today: dt.date) -> Traffar:
    """The deltagare in the actor's insatser that `text` names: part of a name, a whole number, or a reference code.

    Case, accents and the order of first name and surname do not matter. A number that nobody has, that somebody
    elsewhere has, and that belonged to somebody with skyddade personuppgifter all give nobody, by the same queries. The
    search is one row of the access log, without what was looked for. Raises ForKort for less than `SHORTEST` letters,
    NummerFel for digits that are no number, AccessRefused (logged) for who is not deltagaransvarig.
    """
    if require_actor().roll != Roll.DELTAGARANSVARIG:
        raise refuse(
            "person", "sökning", syfte="sök",
            message="Bara deltagaransvariga söker bland sina deltagare. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip
    by_number = any(map(str.isdigit, text)) and not any(map(str.isalpha, text))
    found = _by_number(text, today) if by_number else _by_name_or_code(text)
    how = "nummer" if by_number else "namn eller referenskod"
    log_access(Handling.SOKT, "person", ["egna insatser"], syfte=f"sök på {how}")
    return found


def of_number(digits: str) -> QuerySet[Identitet]:
    """The actor's identiteter of who has, or once had, the twelve digits, newest start first.

    The same queries whether there is nobody, nobody in scope, or somebody.
    """
    return _newest().filter(person=person_of(digits))


def in_name_order(found: QuerySet[Identitet]) -> list[uuid.UUID]:
    """The identiteter by surname and first name as in Swedish. The caller sees to it that they are at most `BOUND`."""
    rows = found.select_related(None).only("fornamn_krypterat", "efternamn_krypterat")
    names = {one.pk: tuple(map(_alphabetical, reversed(one.decrypt_names()))) for one in rows}
    return sorted(names, key=names.__getitem__)


def in_order(found: QuerySet[Identitet], ids: Iterable[uuid.UUID]) -> list[Identitet]:
    """The rows of these ids, in the order given; those that are gone since the ids were read are left out."""
    wanted = list(ids)
    rows = found.in_bulk(wanted)
    return [rows[pk] for pk in wanted if pk in rows]


def fold(text: str) -> list[str]:
    """The words of a text without case, accents and hyphens: what names are compared by."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    letters = (one for one in plain if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in letters).split()


def _by_number(text: str, today: dt.date) -> Traffar:
    try:
        digits = parse(text, today=today).digits
    except NummerFel:
        # Codes that came by import may be digits alone.
        found = _by_code(text)
        if not found.identiteter:
            raise
        return found
    return Traffar(list(of_number(digits).values_list("pk", flat=True)))


def _by_code(text: str) -> Traffar:
    code = _as_code(text)
    rows = list(_newest().values_list("pk", "samtycke__referenskod")[: BOUND + 1])
    found = [pk for pk, one in rows[:BOUND] if _as_code(one) == code]
    return Traffar(found, all_compared=len(rows) <= BOUND)


def _by_name_or_code(text: str) -> Traffar:
    wanted, code = fold(text), _as_code(text)
    if sum(map(len, wanted)) < SHORTEST:
        raise ForKort
    rows = list(_newest().select_related("samtycke")[: BOUND + 1])
    found = [
        one.pk
        for one in rows[:BOUND]
        if _as_code(one.samtycke.referenskod) == code or _has_all(" ".join(one.decrypt_names()), wanted)
    ]
    return Traffar(found, all_compared=len(rows) <= BOUND)


def _as_code(text: str) -> str:
    """To compare by: as it is stored or as it stands on paper, in groups, in any case."""
    return read_reference(text).casefold()


def _has_all(name: str, wanted: list[str]) -> bool:
    words = fold(name)
    return all(any(part in word for word in words) for part in wanted)


def _newest() -> QuerySet[Identitet]:
    found: QuerySet[Identitet] = Identitet.objects.order_by(*NEWEST)
    return found


def _alphabetical(name: str) -> str:
    """Sorts å, ä and ö after z, and other letters without their accents."""
    last = unicodedata.normalize("NFC", name).casefold().translate(_LAST_LETTERS).translate(_PLAIN)
    return "".join(one for one in unicodedata.normalize("NFKD", last) if not unicodedata.combining(one))
