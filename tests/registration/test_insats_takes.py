"""What an insats takes and when it runs: the answer of one that is read is the answer of a query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import Q

from registration.models import Insats
from registration.models.insats_takes import (
    COUNTS_ANONYMA,
    COUNTS_VOLYM,
    TAKES_PERSONS,
    running_in,
    running_on,
)
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]

YEAR = 2024
FIRST, LAST = dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31)
ONE_DAY = dt.timedelta(days=1)


def agree(query: Q, answer: Callable[[Insats], bool]) -> set[str]:
    """The names of those that the query finds, which are those that answer so."""
    found = set(Insats.unscoped.filter(query))
    assert found == {one for one in Insats.unscoped.all() if answer(one)}
    return {one.namn for one in found}


def test_what_it_takes() -> None:
    factories.insats(namn="personer", inriktning="individ", registreringssatt="person")
    factories.insats(namn="antal", inriktning="individ", registreringssatt="volym")
    factories.insats(namn="struktur", inriktning="struktur", registreringssatt="volym")
    assert agree(TAKES_PERSONS, lambda one: one.takes_persons) == {"personer"}
    assert agree(COUNTS_ANONYMA, lambda one: one.counts_anonyma) == {"personer"}
    assert agree(COUNTS_VOLYM, lambda one: one.counts_volym) == {"antal", "struktur"}


def test_when_it_runs() -> None:
    for namn, start, slut in (
        ("slut dagen före", FIRST - 9 * ONE_DAY, FIRST - ONE_DAY),
        ("slut första dagen", FIRST - ONE_DAY, FIRST),
        ("en dag", FIRST, FIRST),
        ("öppen sedan förr", FIRST - ONE_DAY, None),
        ("start sista dagen", LAST, LAST + ONE_DAY),
        ("öppen från sista dagen", LAST, None),
        ("start dagen efter", LAST + ONE_DAY, None),
    ):
        factories.insats(namn=namn, startdatum=start, slutdatum=slut)
    in_year = agree(running_in(YEAR), lambda one: one.runs_in(YEAR))
    assert in_year == {
        "slut första dagen", "en dag", "öppen sedan förr", "start sista dagen", "öppen från sista dagen",
    }  # fmt: skip
    on_first = agree(running_on(FIRST), lambda one: one.runs_on(FIRST))
    assert on_first == {"slut första dagen", "en dag", "öppen sedan förr"}
    on_last = agree(running_on(LAST), lambda one: one.runs_on(LAST))
    assert on_last == {"öppen sedan förr", "start sista dagen", "öppen från sista dagen"}
