"""`reveal`: the only way to read who a deltagande is about; and finding a person by number (ARCHITECTURE §2).

Each look writes exactly one access-log row in the actor's transaction, refusals too, never the value.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from finsam_site.access.acting import log_access, log_by_insats, refuse, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text

from ..models import Deltagande, Identitet
from ..personnummer import Nummer
from ..scope import own_insats_ids
from .register import person_of


@dataclass(frozen=True, slots=True)
class Avslojad:
    """A decrypted identity. Its repr says nothing, so that it cannot end up in a log."""

    fornamn: str
    efternamn: str
    personnummer: str

    def __repr__(self) -> str:
        return "<Avslojad>"

    __str__ = __repr__


def reveal(identitet: uuid.UUID, purpose: str) -> Avslojad:
    """Decrypt one identity for the current actor. purpose: why, in a few words, kept in the access log.

    Raises AccessRefused (logged) when the identity is out of scope, gone or locked; NoActor outside `acting_as`;
    ValueError without a purpose.
    """
    if not purpose.strip():
        raise ValueError("a look at a person needs a purpose")
    found = Identitet.objects.select_related("person").filter(pk=identitet).first()
    if found is None:
        raise refuse(
            "identitet", identitet, syfte=purpose,
            message="Personen finns inte i dina insatser. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip
    log_access(Handling.LAST, "deltagande", [found.deltagande_id], syfte=purpose, insats_id=found.insats_id)
    return decrypt(found)


@dataclass(frozen=True, slots=True)
class Namn:
    """A decrypted name without the number, for a list. Its repr says nothing."""

    fornamn: str
    efternamn: str

    def __repr__(self) -> str:
        return "<Namn>"

    __str__ = __repr__


def reveal_names(identiteter: Collection[uuid.UUID], purpose: str) -> dict[uuid.UUID, Namn]:
    """Decrypt the names of the identiteter on one page of a list: identitet → name. The numbers stay closed.

    One access-log row per person shown, written together. What is out of scope, gone or locked is left out: a list
    shows only what it found in scope. ValueError without a purpose.
    """
    if not purpose.strip():
        raise ValueError("a look at persons needs a purpose")
    rows = list(
        Identitet.objects.filter(pk__in=identiteter).only(
            "deltagande_id", "insats_id", "fornamn_krypterat", "efternamn_krypterat"
        )
    )
    log_by_insats(
        Handling.LAST, "deltagande", ((one.deltagande_id, one.insats_id) for one in rows), syfte=purpose
    )
    return {one.pk: Namn(*one.decrypt_names()) for one in rows}


def still_named(rows: Iterable[Identitet], purpose: str) -> dict[Identitet, Namn]:
    """`reveal_names` for a list whose rows are read already: those of them that are still there, in their order.

    A colleague may have withdrawn somebody since the rows were read. Who has no name then has no row either.
    """
    read = list(rows)
    names = reveal_names([one.pk for one in read], purpose)
    return {one: names[one.pk] for one in read if one.pk in names}


def decrypt(identitet: Identitet) -> Avslojad:
    """The identity in clear, without a look at scope and without a log row: for `reveal` and the logged export only."""
    fornamn, efternamn = identitet.decrypt_names()
    return Avslojad(
        fornamn=fornamn,
        efternamn=efternamn,
        personnummer=open_text(identitet.person, "nummer_krypterat"),
    )


def find_person(nummer: Nummer, purpose: str) -> list[uuid.UUID]:
    """Find a person's deltaganden by number at the person's own request, for the dataskyddsgranskare (DOMAIN §2).

    Opens them to this actor for the rest of the transaction, so that withdrawal, protection and correction can follow,
    also long after insats and uppdrag have ended. A förbund's granskare finds only what its förbund owns or owned. One
    log row per deltagande, or one for an empty search. Raises AccessRefused for every other role, ValueError without a
    purpose.
    """
    if not purpose.strip():
        raise ValueError("a look at a person needs a purpose")
    actor = require_actor()
    if actor.roll != Roll.DATASKYDDSGRANSKARE:
        raise refuse(
            "person", "sökning", syfte=purpose,
            message="Bara dataskyddsgranskaren söker på personnummer i hela registret. Kontakta dataskyddsombudet.",
        )  # fmt: skip
    found = within_reach(Deltagande.unscoped.filter(identitet__person=person_of(nummer.digits)))
    ids = list(found.values_list("pk", flat=True))
    log_access(Handling.SOKT, "deltagande" if ids else "person", ids or ["ingen träff"], syfte=purpose)
    actor.opened.update(ids)
    return ids


def within_reach(deltaganden: QuerySet[Deltagande]) -> QuerySet[Deltagande]:
    """Of these, what the dataskyddsgranskare who acts may find: of a förbund what it (or one that has gone up in it)
    owns or owned, of the nation all."""
    actor = require_actor()
    return deltaganden if actor.forbund_id is None else deltaganden.filter(insats__in=own_insats_ids(actor))
