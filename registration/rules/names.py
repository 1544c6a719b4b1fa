"""`correct_names`: what somebody is called. A name has no versions, since no figure rests on it.

A corrected name leaves nothing of the old one behind; that it was corrected stands in the access log, and a reason that
is chosen, so that there are no words about anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import models

from finsam_site.access.acting import log_by_insats
from finsam_site.access.models import Handling
from finsam_site.bulk import update_many
from finsam_site.marks import shown_mark

from ..models import Identitet
from .doors import deltaganden_to_change
from .findings import Finding, raise_errors
from .logged import LoggedChange, logged_changes

LONGEST_NAME = 200
PURPOSE = "rättat namn"
"""What the access log calls it, and the time line finds it by; a reason follows after `_WHY`."""
_WHY = ": "
_CHUNK = 5000


class Skal(models.TextChoices):
    """Why."""

    SKREV_FEL = "skrev_fel", "Jag skrev fel"
    LASTE_FEL = "laste_fel", "Jag läste fel på papperet"
    NYTT_NAMN = "nytt_namn", "Personen har bytt namn"


@dataclass(frozen=True, slots=True)
class NyttNamn:
    """What somebody is called. None keeps the name that there is.

    seen: `names_mark` of the names that were on the screen; None skips the look (an import). skal: None where nobody is
    asked (an import, or the person's own request, which is why).
    """

    deltagande: uuid.UUID
    fornamn: str | None = None
    efternamn: str | None = None
    seen: str | None = None
    skal: Skal | None = None

    def __repr__(self) -> str:
        return f"<NyttNamn {self.deltagande}>"


def correct_names(namn: Sequence[NyttNamn]) -> list[uuid.UUID]:
    """Correct names; gives the deltaganden whose names were others before. Raises AccessRefused out of scope, RuleError
    for a name that is empty or cannot be kept, or that somebody else has corrected since it was seen."""
    deltaganden_to_change([one.deltagande for one in namn])
    findings = [finding for one in namn for finding in check_names(one)]
    findings += check_unchanged(namn)
    raise_errors(findings)
    return write_names(namn)


def names_mark(deltagande: uuid.UUID, fornamn: str, efternamn: str) -> str:
    """Says which names somebody has, without telling them: two marks are the same exactly when the names are."""
    return shown_mark("registration.names", deltagande, fornamn, efternamn)


def name_changes(deltagande: uuid.UUID) -> list[LoggedChange]:
    """When the names of a deltagande were corrected. What they were before is kept nowhere."""
    return logged_changes("deltagande", deltagande, PURPOSE)


def reason_of(change: LoggedChange) -> str:
    """Why, of one of `name_changes`; empty where nobody was asked, as of old."""
    return change.told.removeprefix(_WHY).removesuffix(".")


def check_unchanged(namn: Sequence[NyttNamn]) -> Iterator[Finding]:
    """Nobody else has corrected the names since they were seen."""
    seen = {one.deltagande: one.seen for one in namn if one.seen is not None}
    for pk, *names in stored_names(seen):
        if seen[pk] != names_mark(pk, *names):
            told = "En kollega har rättat namnet sedan du såg det. Titta på det nya."
            yield Finding("", "andrat_av_annan", told)


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
    why: dict[Skal | None, list[tuple[uuid.UUID, int]]] = {}
    for identitet in changed:
        skal = said[identitet.deltagande_id].skal
        why.setdefault(skal, []).append((identitet.deltagande_id, identitet.insats_id))
    for skal, whose in why.items():
        syfte = f"{PURPOSE}{_WHY}{skal.label}." if skal else PURPOSE
        log_by_insats(Handling.ANDRAT, "deltagande", whose, syfte=syfte)
    return [identitet.deltagande_id for identitet in changed]


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
