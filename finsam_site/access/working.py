"""Which uppdrag a user works in now: chosen once, kept by id in the session, read from the database at each request.

The model of uppdrag lives in `registration`, which this app may not import: it is found by the setting UPPDRAG_MODEL.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from finsam_site.ui.formats import sort_key

from .models import User
from .roles import Roll

SESSION_KEY = "uppdrag"
NATION = "Hela landet"


@dataclass(frozen=True)
class Working:
    """An uppdrag in the words of the page. uppdrag: the model's row, as `acting_as` takes it.

    where: the förbund that it is in now, or "Hela landet". what: the insats, when it is for one.
    """

    uppdrag: Any
    roll: Roll
    where: str
    what: str
    others: int = 0
    """How many other uppdrag the user can switch to."""

    @property
    def id(self) -> int:
        return int(self.uppdrag.pk)

    @property
    def role(self) -> str:
        return str(self.roll.label)


def valid_uppdrag(user: User) -> list[Working]:
    """What the user may work in today, by förbund, role and insats. One query."""
    model = apps.get_model(settings.UPPDRAG_MODEL)
    rows = (
        model.objects.valid_on(timezone.localdate())
        .filter(user=user)
        .select_related("forbund__uppgatt_i", "insats__forbund")
        .prefetch_related("insats__agande__forbund")
    )
    found = [_in_words(row) for row in rows if user.has_role(row.roll)]
    return sorted(found, key=_order)


def _order(one: Working) -> tuple[bool, str, int, str]:
    return one.where == NATION, sort_key(one.where), list(Roll).index(one.roll), sort_key(one.what)


def grouped(uppdrag: list[Working]) -> list[tuple[str, list[tuple[str, list[Working]]]]]:
    """[(förbund, [(role, [uppdrag])])] of a sorted list, for the page where one is chosen."""
    return [
        (where, [(role, list(few)) for role, few in groupby(some, key=lambda one: one.role)])
        for where, some in groupby(uppdrag, key=lambda one: one.where)
    ]


def chosen(request: HttpRequest, uppdrag: list[Working]) -> tuple[Working | None, bool]:
    """(what the user works in, whether an earlier choice has ended).

    A user with one uppdrag gets it without asking. When the chosen one has ended nothing else is chosen in its place:
    what was meant for one förbund must not land in another.
    """
    kept = request.session.get(SESSION_KEY)
    found = next((one for one in uppdrag if one.id == kept), None)
    ended = kept is not None and found is None
    if kept is None and len(uppdrag) == 1:
        found = uppdrag[0]
        request.session[SESSION_KEY] = found.id
    return found, ended


def choose(request: HttpRequest, uppdrag_id: int | None) -> None:
    """Keep the choice; None forgets it."""
    if uppdrag_id is None:
        request.session.pop(SESSION_KEY, None)
    else:
        request.session[SESSION_KEY] = uppdrag_id


def _in_words(row: Any) -> Working:
    """An uppdrag for an insats is shown under the förbund that owns the insats now."""
    forbund, insats = row.forbund, row.insats
    if insats is not None:
        forbund = next((one.forbund for one in insats.agande.all() if one.till is None), insats.forbund)
    return Working(
        uppdrag=row,
        roll=Roll(row.roll),
        where=forbund.namn if forbund else NATION,
        what=insats.namn if insats else "",
    )
