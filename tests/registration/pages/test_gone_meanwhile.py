"""A colleague withdraws a samtycke while a page is made, on another connection, between the reading of the rows and
that of the names: a list leaves the person out, and a page about that person alone is not found.

PostgreSQL only: SQLite lets nobody write beside a reader of the same moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from registration.models import Deltagande, Identitet
from registration.rules import reveal
from registration.rules.erase import withdraw_samtycke
from registration.rules.recognise import Igenkand, recognise
from tests import factories
from tests.registration.pages.conftest import Cast, looks, text_of
from tests.registration.pages.test_register_out_several import act, chosen, people
from tests.registration.races import ONE_WRITER_ON_SQLITE

pytestmark = [ONE_WRITER_ON_SQLITE, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

Withdrawing = Callable[[Deltagande], None]


class _Between:
    """Stands in for `Identitet` where names are read: before it is asked the first time something else happens."""

    def __init__(self, first: Callable[[], object]) -> None:
        self.first: Callable[[], object] | None = first

    @property
    def objects(self) -> Any:
        first, self.first = self.first, None
        if first is not None:
            thread = threading.Thread(target=first, daemon=True)
            thread.start()
            thread.join(30)
            assert not thread.is_alive(), "it waits for the page"
        return Identitet.objects


@pytest.fixture
def withdrawing(monkeypatch: pytest.MonkeyPatch) -> Withdrawing:
    """Lets somebody be withdrawn as soon as names are read the next time."""

    def next_time(one: Deltagande) -> None:
        def withdraw() -> None:
            try:
                with factories.as_system():
                    withdraw_samtycke([one.pk])
            finally:
                connection.close()

        monkeypatch.setattr(reveal, "Identitet", _Between(withdraw))

    return next_time


LISTS = [
    "/insatser/{}/deltaganden/", "/insatser/{}/deltaganden/?ordning=namn", "/deltagare/", "/insatser/{}/registrera-ut/",
]  # fmt: skip


@pytest.mark.parametrize("decision", ["beslut-1", ""], ids=["removed", "locked"])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_leaves_out_who_went(
    eva: Client, cast: Cast, withdrawing: Withdrawing, settings: Any, address: str, decision: str
) -> None:
    settings.ERASURE_DECISION = decision
    gone, other = people(cast.steget, 2)
    before = len(looks(gone))
    withdrawing(gone)
    page = eva.get(address.format(cast.steget.pk))
    assert page.status_code == 200
    assert (
        "Prov01" in text_of(page) and "Prov00" not in text_of(page) and str(gone.pk) not in str(page.content)
    )
    assert "last" not in [handling for handling, *_ in looks(gone)[before:]] and looks(other)


@pytest.mark.parametrize("step", ["svar/", "granska/"])
def test_the_round_leaves_out_who_went(eva: Client, cast: Cast, withdrawing: Withdrawing, step: str) -> None:
    gone, other = people(cast.steget, 2)
    chosen(eva, cast.steget, [gone, other])
    act(eva, cast.steget, _samma="alla")
    withdrawing(gone)
    page = eva.get(f"/insatser/{cast.steget.pk}/registrera-ut/{step}")
    assert page.status_code == 200 and "Prov01" in text_of(page) and str(gone.pk) not in str(page.content)
    withdrawing(other)
    last = eva.get(f"/insatser/{cast.steget.pk}/registrera-ut/{step}", follow=True)
    assert last.status_code == 200 and "Prov01" not in text_of(last)


def test_who_starts_too_late_and_went(eva: Client, cast: Cast, withdrawing: Withdrawing) -> None:
    """The answer to a post names those whom an error is about."""
    gone, other = people(cast.steget, 2)
    page = eva.get(f"/insatser/{cast.steget.pk}/registrera-ut/")
    withdrawing(gone)
    told = eva.post(page.request["PATH_INFO"], {
        "_steg": "valj", "slutdatum": "2024-01-01", "avslutsanledning": "insats_upphor",
        "deltagare": [str(gone.pk), str(other.pk)],
    })  # fmt: skip
    assert told.status_code == 200 and "Prov00" not in text_of(told)
    assert "Den sista dagen ligger före starten för: Berit Prov01" in text_of(told)


@pytest.mark.parametrize("step", ["registrera-ut/", "ratta-inregistreringen/", "fel-insats/"])
def test_a_page_about_the_one_who_went_is_not_found(
    eva: Client, cast: Cast, anders: Deltagande, withdrawing: Withdrawing, step: str
) -> None:
    withdrawing(anders)
    assert eva.get(f"/deltaganden/{anders.pk}/{step}").status_code == 404
    assert looks(anders)[-1][2] == "nekat"


def test_a_number_tells_nothing_of_who_went(cast: Cast, anders: Deltagande, withdrawing: Withdrawing) -> None:
    for insats in (cast.steget, cast.sista):  # in the way there, and offered here
        with factories.as_system():
            one = factories.registered(3, insats=cast.steget)
        withdrawing(one)
        with factories.acting(cast.eva):
            assert recognise(factories.nummer(3), insats.pk) == Igenkand()
