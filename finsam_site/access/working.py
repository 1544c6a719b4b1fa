"""Where a user works now: one förbund in one role, chosen once and kept in the session.

All uppdrag of that role in that förbund are worked in together; they are read from the database at each request, so
that one that has ended is gone. The model of uppdrag lives in `registration`, which this app may not import: it is
found by the setting UPPDRAG_MODEL.
"""

from __future__ import annotations

import datetime as dt
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

SESSION_KEY = "working"
NATION = "Hela landet"
NAMED = 6
"""So many insatser are named where the choice is made; of more the rest is a number."""


@dataclass(frozen=True)
class Working:
    """A förbund and a role in the words of the page.

    uppdrag: the row that stands for all of them in `acting_as`. where: the name of the förbund, or "Hela landet".
    insatser: the names of those that the uppdrag are for; none when one is for the whole förbund or the nation.
    """

    roll: Roll
    forbund_id: int | None
    where: str
    uppdrag: Any
    insatser: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Names the choice in the session and in forms."""
        return f"{self.forbund_id or 'riket'}-{self.roll.value}"

    @property
    def role(self) -> str:
        return str(self.roll.label)

    @property
    def what(self) -> str:
        """The insats, for who has a single one."""
        return self.insatser[0] if len(self.insatser) == 1 else ""

    @property
    def covers(self) -> str:
        """What the choice opens, named."""
        if not self.insatser:
            return "Hela förbundet" if self.forbund_id else NATION
        more = len(self.insatser) - NAMED
        named = list(self.insatser[:NAMED]) + ([f"{more} till"] if more > 0 else [])
        return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} och {named[-1]}"


def valid_uppdrag(user: User) -> list[Working]:
    """What the user may work in today, by förbund and role, the nation last. Two queries."""
    model = apps.get_model(settings.UPPDRAG_MODEL)
    today = timezone.localdate()
    rows = (
        model.objects.valid_on(today)
        .filter(user=user)
        .select_related("forbund", "insats__forbund")
        .prefetch_related("insats__agande__forbund")
    )
    found = [(*_forbund(row, today), Roll(row.roll), row) for row in rows if user.has_role(row.roll)]
    found.sort(key=lambda one: _order(*one))
    return [
        _in_words(forbund, roll, [row for *_, row in same])
        for (forbund, roll), same in groupby(found, key=lambda one: (one[0], one[2]))
    ]


def _forbund(row: Any, today: dt.date) -> tuple[Any, bool]:
    """(the förbund that an uppdrag is in today, whether it opens anything there).

    Of an insats it is the owner, as for the scope (registration/scope.py, `own_insatser`).
    """
    if row.insats is None:
        return row.forbund, True
    owners = [
        one.forbund
        for one in row.insats.agande.all()
        if (one.fran <= today and (one.till is None or one.till >= today))
        or (one.fran > today and one.fran == row.insats.startdatum)
    ]
    return (owners[0], True) if owners else (row.insats.forbund, False)


def _order(forbund: Any, opens: bool, roll: Roll, row: Any) -> tuple[Any, ...]:
    """What is for a whole förbund comes before the insatser in it, and so stands for them in `acting_as`."""
    return (
        forbund is None,
        sort_key(forbund.namn) if forbund else "",
        forbund.pk if forbund else 0,
        list(Roll).index(roll),
        row.insats is not None,
        not opens,
        sort_key(row.insats.namn) if row.insats else "",
        row.pk,
    )


def _in_words(forbund: Any, roll: Roll, rows: list[Any]) -> Working:
    whole = rows[0].insats is None
    return Working(
        roll=roll,
        forbund_id=forbund.pk if forbund else None,
        where=forbund.namn if forbund else NATION,
        uppdrag=rows[0],
        insatser=() if whole else tuple(dict.fromkeys(row.insats.namn for row in rows)),
    )


def grouped(choices: list[Working]) -> list[tuple[str, list[Working]]]:
    """[(förbund, [its choices])] of a sorted list, for the page where one is chosen."""
    by_forbund = (list(some) for _, some in groupby(choices, key=lambda one: one.forbund_id))
    return [(some[0].where, some) for some in by_forbund]


def chosen(request: HttpRequest, choices: list[Working]) -> tuple[Working | None, bool]:
    """(where the user works, whether an earlier choice has ended).

    A user with one choice gets it without asking. When the chosen one has ended nothing else is chosen in its place:
    what was meant for one förbund must not land in another.
    """
    kept = request.session.get(SESSION_KEY)
    found = next((one for one in choices if one.id == kept), None)
    ended = kept is not None and found is None
    if kept is None and len(choices) == 1:
        found = choices[0]
        request.session[SESSION_KEY] = found.id
    return found, ended


def choose(request: HttpRequest, choice: str | None) -> None:
    """Keep the choice (`Working.id`); None forgets it."""
    if choice is None:
        request.session.pop(SESSION_KEY, None)
    else:
        request.session[SESSION_KEY] = choice
