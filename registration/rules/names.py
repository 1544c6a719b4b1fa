"""`correct_names`: what somebody is called. A name has no versions, since no figure rests on it.

A corrected name leaves nothing of the old one behind; that it was corrected stands in the access log.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from finsam_site.access.acting import log_by_insats
from finsam_site.access.models import Handling
from finsam_site.bulk import update_many

from ..models import Identitet
from .doors import deltaganden_to_change
from .findings import Finding, raise_errors

LONGEST_NAME = 200
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class NyttNamn:
    """What somebody is called. None keeps the name that there is."""

    deltagande: uuid.UUID
    fornamn: str | None = None
    efternamn: str | None = None

    def __repr__(self) -> str:
        return f"<NyttNamn {self.deltagande}>"


def correct_names(namn: Sequence[NyttNamn]) -> list[uuid.UUID]:
    """Correct names; gives the deltaganden whose names were others before. Raises AccessRefused out of scope, RuleError
    for a name that is empty or cannot be kept."""
    deltaganden_to_change([one.deltagande for one in namn])
    raise_errors(finding for one in namn for finding in check_names(one))
    return write_names(namn)


def check_names(one: NyttNamn) -> Iterator[Finding]:
    """A name is given and can be kept."""
    for field, text in (("fornamn", one.fornamn), ("efternamn", one.efternamn)):
        if text is None:
            continue
        if not text.strip():
            yield Finding(field, "namn_saknas", "Namnet saknas. Skriv det.")
        elif len(text) > LONGEST_NAME or not text.isprintable():
            yield Finding(
                field, "namn_kan_inte_sparas",
                f"Namnet är längre än {LONGEST_NAME} tecken eller innehåller tecken som inte kan sparas. Rätta det.",
            )  # fmt: skip


def write_names(namn: Sequence[NyttNamn]) -> list[uuid.UUID]:
    """Write checked names, one per deltagande; gives the deltaganden whose names were others before."""
    said = {one.deltagande: one for one in namn}
    changed = []
    for identitet in _identiteter(said):
        one, (fornamn, efternamn) = said[identitet.deltagande_id], identitet.decrypt_names()
        new = (
            fornamn if one.fornamn is None else one.fornamn,
            efternamn if one.efternamn is None else one.efternamn,
        )
        if new != (fornamn, efternamn):
            identitet.encrypt_names(*new)
            changed.append(identitet)
    update_many(
        Identitet,
        ["fornamn_krypterat", "efternamn_krypterat"],
        ([one.fornamn_krypterat, one.efternamn_krypterat, one.pk] for one in changed),
    )
    whose = [(one.deltagande_id, one.insats_id) for one in changed]
    log_by_insats(Handling.ANDRAT, "deltagande", whose, syfte="rättat namn")
    return [deltagande for deltagande, _ in whose]


def stored_names(deltaganden: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str, str]]:
    """(deltagande, förnamn, efternamn), to compare many with what a file says. Whoever shows one calls `reveal`."""
    for one in _identiteter(deltaganden):
        yield one.deltagande_id, *one.decrypt_names()


def _identiteter(deltaganden: Collection[uuid.UUID]) -> Iterator[Identitet]:
    ids = list(deltaganden)
    for at in range(0, len(ids), _CHUNK):
        yield from Identitet.unscoped.filter(deltagande__in=ids[at : at + _CHUNK]).only(
            "deltagande_id", "insats_id", "fornamn_krypterat", "efternamn_krypterat"
        )
