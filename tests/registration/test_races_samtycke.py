"""Somebody marks a samtycke and somebody else corrects it at the same moment: neither is lost, and both stay true.

PostgreSQL only (ARCHITECTURE §3). On SQLite there is one writer at a time.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from finsam_site.access.acting import acting_as
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Samtycke
from registration.rules import correct_samtycke as rule
from registration.rules.correct_samtycke import LOGGED, Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.erase import withdraw_samtycke
from registration.rules.facts import load_facts
from registration.rules.findings import Finding, RuleError
from registration.rules.register import register_in
from registration.rules.samtycke import Besked, Utfall, mark_received, mark_sent
from tests import factories
from tests.registration.races import TWO_WRITERS, Ahead, race

pytestmark = TWO_WRITERS

TIMES = 20
EARLIER, LATER = dt.date(2024, 1, 11), dt.date(2024, 1, 12)


@pytest.fixture
def rows() -> list[Deltagande]:
    """As many as there are races, in one insats, signed before EARLIER."""
    insats = factories.insats()
    with factories.as_system():
        found = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(TIMES)])
    assert all(factories.samtycke_of(one).undertecknat < EARLIER for one in found)
    return found


@pytest.fixture
def mottagare() -> User:
    return factories.user(Roll.SAMTYCKESMOTTAGARE, national=True)


def correct(one: Deltagande, day: dt.date, sprak: str) -> None:
    """As the system account."""
    with acting_as(factories.system()):
        formular = Samtycke.unscoped.values_list("formular__version", flat=True).get(
            identitet__deltagande=one
        )
        rattelse = Samtyckesrattelse(one.pk, day, formular, sprak, Skal.SKREV_FEL)
        correct_samtycke(rattelse, load_facts({one.insats.insats_id}))


def receive(account: User, one: Deltagande, day: dt.date) -> Besked:
    """What the samtyckesmottagare is told."""
    with factories.acting(account):
        return mark_received([Samtycke.unscoped.get(identitet__deltagande=one).referenskod], day)[0]


def stored(one: Deltagande) -> Samtycke:
    return factories.samtycke_of(one)


def test_received_and_corrected_at_once(rows: list[Deltagande], mottagare: User) -> None:
    """Both stand, also in the copy that the identitet has, and the log tells of both."""
    found = race(
        [lambda n: correct(rows[n], LATER, "en"), lambda n: receive(mottagare, rows[n], LATER)], TIMES
    )
    for one, (corrected, received) in zip(rows, found, strict=True):
        assert corrected.won and received.won, (corrected, received)
        assert received.value.utfall == Utfall.MARKERAT
        samtycke = stored(one)
        assert (samtycke.undertecknat, samtycke.sprak, samtycke.original_mottaget) == (LATER, "en", LATER)
        assert factories.identitet_of(one).undertecknat == LATER
    assert Atkomst.objects.filter(objekt="samtycke", syfte=LOGGED).count() == TIMES
    assert Atkomst.objects.filter(syfte="samtyckets original mottaget").count() == TIMES


def test_sent_and_corrected_at_once(rows: list[Deltagande]) -> None:
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=rows[0].insats)

    def send(number: int) -> Besked:
        with factories.acting(eva):
            return mark_sent([factories.samtycke_of(rows[number]).pk], LATER)[0]

    for one, (corrected, sent) in zip(
        rows, race([lambda n: correct(rows[n], EARLIER, "en"), send], TIMES), strict=True
    ):
        assert corrected.won and sent.won, (corrected, sent)
        samtycke = stored(one)
        assert (samtycke.undertecknat, samtycke.sprak, samtycke.original_skickat) == (EARLIER, "en", LATER)


def test_never_received_before_it_was_signed(rows: list[Deltagande], mottagare: User) -> None:
    """Received on a day, and corrected to be signed the day after: who comes second is told in words."""
    before = stored(rows[0]).undertecknat
    found = race(
        [lambda n: correct(rows[n], LATER, "sv"), lambda n: receive(mottagare, rows[n], EARLIER)], TIMES
    )
    for one, (corrected, received) in zip(rows, found, strict=True):
        assert received.won, received
        samtycke = stored(one)
        if corrected.won:
            assert received.value.utfall == Utfall.FORE_UNDERSKRIFT
            assert (samtycke.undertecknat, samtycke.original_mottaget) == (LATER, None)
        else:
            assert isinstance(corrected.error, RuleError), corrected
            assert [one.kind for one in corrected.error.findings] == ["fore_samtycket"]
            assert (samtycke.undertecknat, samtycke.original_mottaget) == (before, EARLIER)


@pytest.mark.parametrize("day", [EARLIER, LATER], ids=["before it was signed", "the day it was signed"])
def test_received_between_the_look_and_the_correction(
    rows: list[Deltagande], mottagare: User, monkeypatch: pytest.MonkeyPatch, day: dt.date
) -> None:
    """What the correction was checked against still stands when it is written: who marks waits for that."""
    check, ahead = rule.check_samtycke_correction, Ahead(0.6)

    def and_wait(*given: Any) -> list[Finding]:
        found = check(*given)
        ahead.hold()
        return found

    def receive_later(number: int) -> Besked:
        ahead.wait()
        return receive(mottagare, rows[0], day)

    monkeypatch.setattr(rule, "check_samtycke_correction", and_wait)
    ((corrected, received),) = race([lambda n: correct(rows[0], LATER, "sv"), receive_later], 1)
    assert corrected.won and received.won, (corrected, received)
    assert received.value.utfall == (Utfall.MARKERAT if day == LATER else Utfall.FORE_UNDERSKRIFT)
    samtycke = stored(rows[0])
    assert (samtycke.undertecknat, samtycke.original_mottaget) == (LATER, day if day == LATER else None)


def test_several_are_withdrawn_while_somebody_marks_them(rows: list[Deltagande]) -> None:
    """By key, as whoever marks several locks them: else each could have one that the other waits for."""
    both = sorted((factories.samtycke_of(one) for one in rows[:2]), key=lambda one: one.pk)
    (first, second), ahead = both, Ahead(0.6)
    # So that the first by key lies after the second in the table.
    Samtycke.unscoped.filter(pk=first.pk).update(sprak="en")

    def mark(number: int) -> None:
        samtycken = Samtycke.unscoped.select_for_update()
        samtycken.get(pk=first.pk)
        ahead.hold()
        samtycken.get(pk=second.pk)

    def withdraw(number: int) -> None:
        ahead.wait()
        with acting_as(factories.system()):
            # As it lies in the table, which is what a larger table and newer statistics may lead to by themselves.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
            withdraw_samtycke([one.pk for one in rows[:2]])

    ((marked, withdrawn),) = race([mark, withdraw], 1)
    assert marked.won and withdrawn.won, (marked, withdrawn)
    assert not Samtycke.unscoped.filter(pk__in=[one.pk for one in both], aterkallat=None).exists()
