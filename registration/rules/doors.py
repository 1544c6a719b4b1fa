"""Which deltaganden the actor may change and where the actor may register: the one place where a rule asks for it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Exists, OuterRef

from finsam_site.access.acting import refuse, require_actor
from finsam_site.access.roles import Roll

from ..models import Deltagande, Identitet, Insats

_moving_in: ContextVar[bool] = ContextVar("registration_moving_in", default=False)


def insatser_to_register_in(ids: Collection[str]) -> None:
    """Raise AccessRefused (logged) unless the actor may register people in each insats (by insats_id).

    Only a deltagaransvarig does, in the insatser of the own uppdrag (DOMAIN §2). An insats that does not exist looks
    the same as one out of scope; for the system account it is left to the checks.
    """
    actor = require_actor()
    if actor.system:
        return
    own: set[str] = set()
    if actor.roll == Roll.DELTAGARANSVARIG:
        own.update(Insats.objects.filter(insats_id__in=ids).values_list("insats_id", flat=True))
    for wanted in sorted(set(ids) - own):
        raise refuse(
            "insats", wanted, syfte="registrera in",
            message="Du kan inte registrera deltagare i insatsen. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip


def require_national(what: str) -> None:
    """Raise AccessRefused (logged) unless the system account or a nationell administratör acts. what: for the log."""
    actor = require_actor()
    if not (actor.system or actor.roll == Roll.NATIONELL_ADMINISTRATOR):
        raise refuse(
            "register", what, syfte=what,
            message="Bara en nationell administratör gör det här. Kontakta Försäkringskassan.",
        )  # fmt: skip


def times_to_give(given: Iterable[dt.datetime | None]) -> None:
    """Raise AccessRefused (logged) if a time of registration is given by somebody who may not give one.

    None is now, which is all that anybody may say. An earlier time would put what was registered too late into an uttag
    where it was not known (DOMAIN §5): only who moves a register in gives one.
    """
    if any(moment is not None for moment in given) and not _moving_in.get():
        require_national("ange registreringstid")


def moves_in() -> bool:
    """True where a register is moved in: by the system account, or within `moving_in`."""
    return require_actor().system or _moving_in.get()


@contextmanager
def moving_in() -> Iterator[None]:
    """Let those who act within say when they registered, as the demo data does in the names of its people.

    Raises AccessRefused (logged) unless the system account opens it.
    """
    actor = require_actor()
    if not actor.system:
        raise refuse(
            "register", "flytta in", syfte="flytta in",
            message="Bara systemkontot flyttar in i andras namn. Kontakta Försäkringskassan.",
        )  # fmt: skip
    token = _moving_in.set(True)
    try:
        yield
    finally:
        _moving_in.reset(token)


def deltaganden_to_change(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Deltagande]:
    """The deltaganden, locked for this transaction, with `aktuell_in`, `aktuell_ut` and `insats` at hand.

    Raises AccessRefused (logged) when one is out of the actor's scope, does not exist, or has lost its identity, or
    when that is locked for want of a gallringsbeslut: from outside they look the same.
    """
    mine = {
        one.pk: one
        for one in Deltagande.objects.filter(pk__in=ids, avidentifierad__isnull=True)
        .select_related("insats")
        .order_by(
            "pk"
        )  # the same order for all, so that two who change some of the same do not wait for each other
        .select_for_update(of=("self",))
    }
    # Asked when the lock holds: who locked the identity may have been waited for.
    alive = Exists(Identitet.unscoped.filter(deltagande=OuterRef("pk"), begransad__isnull=True))
    versions = Deltagande.unscoped.filter(alive, pk__in=mine).select_related("aktuell_in", "aktuell_ut")
    found = {one.pk: mine[one.pk] for one in versions}
    for wanted in ids:
        if wanted not in found:
            raise refuse(
                "deltagande", wanted, syfte="ändra",
                message="Deltagandet finns inte i dina insatser. Kontakta den som ger uppdrag i förbundet.",
            )  # fmt: skip
    for one in versions:
        found[one.pk].aktuell_in = one.aktuell_in
        found[one.pk].aktuell_ut = one.aktuell_ut
    return found
