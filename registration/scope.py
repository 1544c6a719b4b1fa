"""Which rows an actor may reach: one scoped manager, deny by default (ARCHITECTURE §2, QUALITY §2).

`Model.objects` gives only what the current actor's role and uppdrag open, and nothing outside `acting_as` or
for a model and role without an entry below. That holds for prefetches and form choices too, because they go
through the same manager. `Model.unscoped` is for the rules, the importer and the extraction, which are
reached only through a checked door.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.sql import Query
from django.utils import timezone

from finsam_site.access.acting import Actor, current_actor
from finsam_site.access.roles import Roll

if TYPE_CHECKING:
    from .models import Forbund, Insats


Scopes = dict[Roll | None, Callable[[Actor], Q]]

ABOUT_PERSONS = (
    "deltagande", "inregistrering", "utregistrering", "svar", "identitet", "person", "nummerhash", "samtyckesskanning",
    "samtyckesandring", "utkast",
)  # fmt: skip
"""Models whose rows are about one person each."""


class ScopedQuery(Query):
    """A query that does not join a table about persons for an actor who may see none of its rows.

    A join goes past the managers: `Insats.objects.filter(deltaganden__identitet__person=…)` or
    `Samtycke.objects.select_related("identitet")` would reach what the actor has no query for (ARCHITECTURE §2).
    """

    def join(self, join: Any, reuse: Any = None) -> str:
        actor = current_actor()
        # The first table is the manager's business, and a query that is empty anyway reaches nothing.
        if join.parent_alias is not None and not self.is_empty() and not (actor and actor.system):
            name = _about_persons().get(join.table_name)
            roll = actor.roll if actor else None
            if name is not None and roll not in SCOPES.get(name, {}):
                raise FieldError(f"a query as {roll or 'nobody'} may not reach {name}")
        return super().join(join, reuse)


class ScopedManager(models.Manager[Any]):
    """The default manager of everything registered: what the current actor may reach, else nothing."""

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        rows.query = ScopedQuery(self.model)
        return restrict(rows, current_actor())


@cache
def _about_persons() -> dict[str, str]:
    """Table → model of the rows that are about one person each."""
    return {apps.get_model("registration", name)._meta.db_table: name for name in ABOUT_PERSONS}


class OpenManager(models.Manager[Any]):
    """Every row of a model that says nothing of persons; but no way from it to one (`ScopedQuery`)."""

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        rows.query = ScopedQuery(self.model)
        return rows


class UnscopedManager(models.Manager[Any]):
    """Every row. Not for views: the caller must have checked what the actor may reach."""


def restrict(queryset: QuerySet[Any], actor: Actor | None) -> QuerySet[Any]:
    """Narrow `queryset` to what `actor` may reach: all for the system account, nothing without an entry in `SCOPES`."""
    if actor is None:
        return queryset.none()
    if actor.system:
        return queryset
    scope = SCOPES.get(queryset.model._meta.model_name or "", {}).get(actor.roll)
    return queryset.none() if scope is None else queryset.filter(scope(actor))


def _valid_today(prefix: str = "") -> Q:
    today = timezone.localdate()
    return Q(**{f"{prefix}fran__lte": today}) & (
        Q(**{f"{prefix}till__isnull": True}) | Q(**{f"{prefix}till__gte": today})
    )


def forbund_and_absorbed(forbund_id: int | None) -> list[int]:
    """The förbund and, in any number of steps, those that went up in it: their history is read as the successor's."""
    if forbund_id is None:
        return []
    forbund: type[Forbund] = apps.get_model("registration", "Forbund")
    found, frontier = [forbund_id], [forbund_id]
    while frontier:
        frontier = list(
            forbund.unscoped.filter(uppgatt_i__in=frontier).exclude(pk__in=found).values_list("pk", flat=True)
        )
        found += frontier
    return found


def own_insatser(actor: Actor) -> QuerySet[Insats]:
    """Insatser of the actor's valid uppdrag in the chosen role, within the förbund that is chosen to work in."""
    insats: type[Insats] = apps.get_model("registration", "Insats")
    return insats.unscoped.filter(pk__in=own_insats_ids(actor))


def own_insats_ids(actor: Actor) -> list[int]:
    """The ids of `own_insatser`, read once for each actor: nearly every query of a page asks for them."""
    return _once(
        actor, "insatser", lambda: _of_insats(actor) if actor.insats_id is not None else _of_forbund(actor)
    )


def own_forbund_ids(actor: Actor) -> list[int]:
    """The förbund of an actor who has one, with those that went up in it; read once for each actor."""
    return _once(actor, "forbund", lambda: forbund_and_absorbed(actor.forbund_id))


def _once(actor: Actor, what: str, read: Callable[[], list[int]]) -> list[int]:
    if what not in actor.reach:
        actor.reach[what] = read()
    return actor.reach[what]


def _of_insats(actor: Actor) -> list[int]:
    """Those with a valid uppdrag that the owner of the chosen insats has."""
    agande = _held()
    chosen = agande.filter(insats=actor.insats_id).values("forbund")
    return list(
        agande.filter(insats__in=list(actor.by_insats), forbund__in=chosen)
        .values_list("insats", flat=True)
        .distinct()
    )


def _of_forbund(actor: Actor) -> list[int]:
    """Those that the actor's förbund, or one that went up in it, has had at any time."""
    agande = apps.get_model("registration", "InsatsAgande").objects
    return list(agande.filter(forbund__in=own_forbund_ids(actor)).values_list("insats", flat=True).distinct())


def _held() -> QuerySet[Any]:
    """Ownership that holds today. An insats that has yet to begin belongs to the förbund that made it."""
    return apps.get_model("registration", "InsatsAgande").objects.filter(
        _valid_today() | Q(fran__gt=timezone.localdate(), fran=F("insats__startdatum"))
    )


def insatser_held_now(actor: Actor) -> QuerySet[Insats]:
    """Of the actor's insatser those that its förbund holds today, or one that has gone up in it.

    Who works for a förbund that has gone up in another goes on reading what it was (DOMAIN §3), and writes no more.
    """
    found = own_insatser(actor)
    if actor.forbund_id is None:
        return found
    held = _held().filter(forbund__in=own_forbund_ids(actor))
    return found.filter(pk__in=held.values("insats"))


def _insatser(path: str) -> Callable[[Actor], Q]:
    """Rows whose insats (by `path`) is one of the actor's own."""
    return lambda actor: Q(**{f"{path}__in": own_insats_ids(actor)})


def _live(deltagande: str = "") -> Callable[[Actor], Q]:
    """Own deltaganden whose identity is neither removed nor, for want of a gallringsbeslut, locked (DOMAIN §4)."""
    path = f"{deltagande}__" if deltagande else ""
    alive = Q(**{f"{path}avidentifierad__isnull": True, f"{path}identitet__begransad__isnull": True})
    return lambda actor: _insatser("insats")(actor) & alive


def _not_locked(actor: Actor) -> Q:
    return _insatser("insats")(actor) & Q(begransad__isnull=True)


def _own_draft(actor: Actor) -> Q:
    """Own drafts, in own insatser, of deltaganden that are still there."""
    there = Q(deltagande__avidentifierad__isnull=True, deltagande__identitet__begransad__isnull=True)
    return Q(user=actor.user) & _insatser("insats")(actor) & (Q(deltagande__isnull=True) | there)


def _opened(path: str) -> Callable[[Actor], Q]:
    """What a dataskyddsgranskare has found by number in this transaction (`find_person`)."""
    return lambda actor: Q(**{f"{path}__in": actor.opened})


def _everything(_: Actor) -> Q:
    return Q()


def _forbund(actor: Actor) -> Q:
    if actor.insats_id is not None:
        return Q(pk__in=own_insatser(actor).values("agande__forbund"))
    return Q(pk__in=own_forbund_ids(actor))


def _forbund_or_everything(actor: Actor) -> Q:
    return Q() if actor.forbund_id is None and actor.insats_id is None else _forbund(actor)


def _insats_or_everything(actor: Actor) -> Q:
    return Q() if actor.forbund_id is None and actor.insats_id is None else _insatser("pk")(actor)


def _on_a_live_samtycke(actor: Actor) -> Q:
    live = Q(samtycke__identitet__isnull=False, samtycke__identitet__begransad__isnull=True)
    return _insatser("insats")(actor) & live


_COUNTS: Scopes = {
    Roll.DELTAGARANSVARIG: _insatser("insats"),
    Roll.INSATSANSVARIG: _insatser("insats"),
    Roll.FORBUNDSADMINISTRATOR: _insatser("insats"),
    Roll.NATIONELL_ADMINISTRATOR: _everything,
}

SCOPES: dict[str, Scopes] = {
    "forbund": {
        Roll.DELTAGARANSVARIG: _forbund,
        Roll.INSATSANSVARIG: _forbund,
        Roll.FORBUNDSADMINISTRATOR: _forbund,
        Roll.BESTALLARE: _forbund,
        Roll.RAPPORTLASARE: _forbund_or_everything,
        Roll.DATASKYDDSGRANSKARE: _forbund_or_everything,
        Roll.NATIONELL_ADMINISTRATOR: _everything,
        Roll.BEHORIGHETSADMINISTRATOR: _everything,
    },
    "insats": {
        Roll.DELTAGARANSVARIG: _insatser("pk"),
        Roll.INSATSANSVARIG: _insatser("pk"),
        Roll.FORBUNDSADMINISTRATOR: _insatser("pk"),
        Roll.RAPPORTLASARE: _insats_or_everything,
        Roll.NATIONELL_ADMINISTRATOR: _everything,
        Roll.BEHORIGHETSADMINISTRATOR: _everything,
    },
    "anonyma": _COUNTS,
    "volym": _COUNTS,
    # Rows about one person each. Nobody else has a query that reaches them. A dataskyddsgranskare reaches
    # what was found by number in the same transaction.
    "deltagande": {Roll.DELTAGARANSVARIG: _live(), Roll.DATASKYDDSGRANSKARE: _opened("pk")},
    "inregistrering": {
        Roll.DELTAGARANSVARIG: _live("deltagande"),
        Roll.DATASKYDDSGRANSKARE: _opened("deltagande"),
    },
    "utregistrering": {
        Roll.DELTAGARANSVARIG: _live("deltagande"),
        Roll.DATASKYDDSGRANSKARE: _opened("deltagande"),
    },
    "svar": {Roll.DELTAGARANSVARIG: _live("deltagande")},
    "identitet": {Roll.DELTAGARANSVARIG: _not_locked, Roll.DATASKYDDSGRANSKARE: _opened("deltagande")},
    "person": {
        Roll.DELTAGARANSVARIG: lambda actor: Q(
            pk__in=apps.get_model("registration", "Identitet")
            .unscoped.filter(_not_locked(actor))
            .values("person")
        ),
        Roll.DATASKYDDSGRANSKARE: _opened("identiteter__deltagande"),
    },
    "samtycke": {
        Roll.DELTAGARANSVARIG: _insatser("insats"),
        Roll.SAMTYCKESMOTTAGARE: _everything,
        Roll.DATASKYDDSGRANSKARE: _opened("identitet__deltagande"),
    },
    "samtyckesblankett": {Roll.DELTAGARANSVARIG: _insatser("insats")},
    "samtyckesskanning": {Roll.DELTAGARANSVARIG: _on_a_live_samtycke},
    "samtyckesandring": {
        Roll.DELTAGARANSVARIG: _on_a_live_samtycke,
        Roll.DATASKYDDSGRANSKARE: _opened("samtycke__identitet__deltagande"),
    },
    "utkast": {Roll.DELTAGARANSVARIG: _own_draft},
}
"""Model → role → which rows. A pair that is not here sees nothing."""
