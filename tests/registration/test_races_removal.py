"""What the system removes by itself meets those who save at the same moment: no deadlock, and nothing that was saved
meanwhile is removed.

PostgreSQL only (ARCHITECTURE §3). On SQLite there is one writer at a time.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access import kept
from finsam_site.access.acting import acting_as
from finsam_site.access.models import Undanlagt, User
from finsam_site.access.roles import Roll
from registration.models import Avidentifiering, Deltagande, Identitet, Person
from registration.retention import remove_due
from registration.rules import erase
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.doors import deltaganden_to_change
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.uppslag import KIND, Syfte, look_up
from tests import factories
from tests.registration.races import TWO_WRITERS, Ahead, race

pytestmark = TWO_WRITERS

HELD = 0.9  # seconds that the first of two holds what it has, before it goes on
AN_HOUR = dt.timedelta(hours=1)


LOW, HIGH, OTHER = (uuid.UUID(int=n) for n in (1, 2, 3))
"""Deltaganden by key: everybody locks LOW before HIGH."""


def lock_identities(settings: Any, *, high: int) -> None:
    """LOW of person 0 is protected and HIGH of person `high` withdrawn, both locked for want of the gallringsbeslut
    that there is now. The first orsak in the order of the alphabet is that of HIGH."""
    with factories.as_system():
        factories.registered(0, pk=LOW)
        factories.registered(high, pk=HIGH)
    decision, settings.ERASURE_DECISION = settings.ERASURE_DECISION, ""
    with factories.as_system():
        protect_identity([LOW])
        withdraw_samtycke([HIGH])
    settings.ERASURE_DECISION = decision


@pytest.fixture
def ahead() -> Ahead:
    return Ahead(HELD)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch, ahead: Ahead) -> None:
    """The removal takes a while after it has locked what users have kept."""
    forget = erase.forget

    def and_wait(gone: Any) -> None:
        forget(gone)
        ahead.hold()

    monkeypatch.setattr(erase, "forget", and_wait)


def granskare() -> tuple[User, Any]:
    account = factories.user(Roll.DATASKYDDSGRANSKARE)
    return account, factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE)


def meet(ahead: Ahead, first: Callable[[], object], second: Callable[[], object]) -> None:
    """`second` comes when `first`, which is `ahead`, holds what it takes. Both end well."""

    def later(number: int) -> None:
        ahead.wait()
        second()

    for outcome in race([lambda n: first(), later], 1)[0]:
        assert outcome.won, outcome


def test_a_removal_for_several_orsaker_and_a_sixth_search(settings: Any, slowly: None, ahead: Ahead) -> None:
    """The search holds the person and removes the oldest that is kept; the removal wants both too."""
    lock_identities(settings, high=1)
    account, given = granskare()

    def search() -> None:
        with acting_as(account, given):
            look_up(factories.nummer(0), Syfte.INSYN)

    for _ in range(kept.MOST):
        search()
    meet(ahead, remove_due, search)
    assert not Identitet.unscoped.exists()
    assert not Undanlagt.objects.exists()


def test_a_removal_for_several_orsaker_and_a_new_number(settings: Any, slowly: None, ahead: Ahead) -> None:
    """Who changes the number locks all deltaganden of the person, those whose identity is locked too."""
    lock_identities(settings, high=0)
    with factories.as_system():
        factories.registered(0, pk=OTHER)

    def change() -> None:
        with acting_as(factories.system()):
            change_number(OTHER, factories.nummer(1), orsak="nytt nummer")

    meet(ahead, remove_due, change)
    assert [one.deltagande_id for one in Identitet.unscoped.all()] == [OTHER]


@pytest.mark.parametrize("act", ["a sixth search", "log out", "the daily removal"])
def test_what_is_kept_goes_in_the_order_in_which_it_is_taken_out_of(act: str, ahead: Ahead) -> None:
    """A removal of an identity has locked the older row and comes to the younger."""
    account = factories.user()
    old = timezone.now() - AN_HOUR
    for _ in range(kept.MOST + 1):
        Undanlagt.objects.create(user=account, slag=KIND, innehall_krypterat=b"-", till=old)
    first, second = Undanlagt.objects.order_by("pk")[:2]
    # So that the older lies after the younger in the table and its indexes.
    Undanlagt.objects.filter(pk=first.pk).update(till=old + dt.timedelta(seconds=1))

    def change() -> None:
        rows = Undanlagt.objects.select_for_update()
        rows.get(pk=first.pk)
        ahead.hold()
        rows.get(pk=second.pk)

    def remove() -> None:
        if act == "the daily removal":
            kept.remove_old()
            return
        with acting_as(account):
            if act == "log out":
                kept.forget_mine()
            else:
                kept.put(KIND, {}, lasts=AN_HOUR)

    meet(ahead, change, remove)
    assert Undanlagt.objects.count() == (kept.MOST if act == "a sixth search" else 0)


# --- What was saved meanwhile ----------------------------------------------------------------------------------------


@pytest.fixture
def felregistrerat(monkeypatch: pytest.MonkeyPatch) -> Deltagande:
    """A felregistrering that is due."""
    when = timezone.now() - dt.timedelta(days=31)
    with monkeypatch.context() as patch:
        patch.setattr("registration.rules.register.writing_since", lambda: when)
        one = factories.registered(0)
        factories.registered_out(one, slutdatum=None, avslutsanledning="felregistrering")
    return one


def saves(ahead: Ahead, one: uuid.UUID, act: Callable[[], object]) -> Callable[[], None]:
    """Who has locked the deltagande, and then does it."""

    def save() -> None:
        with acting_as(factories.system()):
            deltaganden_to_change([one])
            ahead.hold()
            act()

    return save


def test_a_felregistrering_that_is_undone_meanwhile_stays(felregistrerat: Deltagande, ahead: Ahead) -> None:
    pk = felregistrerat.pk
    undone = Rattelse(pk, "var rätt", ut=factories.ut_uppgifter())
    meet(ahead, saves(ahead, pk, lambda: correct(undone)), remove_due)
    assert Identitet.unscoped.filter(deltagande=pk, felregistrerad=False).exists()
    assert Deltagande.unscoped.get(pk=pk).avidentifierad is None


def test_a_felregistrering_that_is_withdrawn_meanwhile_was_withdrawn(
    felregistrerat: Deltagande, ahead: Ahead
) -> None:
    """When and why an identity went never changes."""
    pk = felregistrerat.pk
    at: list[dt.datetime] = []
    meet(ahead, saves(ahead, pk, lambda: at.append(withdraw_samtycke([pk]))), remove_due)
    left = Deltagande.unscoped.get(pk=pk)
    assert (left.avidentifierad, left.avidentifierad_orsak) == (at[0], Avidentifiering.ATERKALLAT)


def test_two_daily_removals_at_once(settings: Any, slowly: None, ahead: Ahead) -> None:
    """What was locked has been gone since it was locked, also for who comes second."""
    lock_identities(settings, high=1)
    since = dict(Identitet.unscoped.values_list("deltagande", "begransad"))
    meet(ahead, remove_due, remove_due)
    assert dict(Deltagande.unscoped.values_list("pk", "avidentifierad")) == since


def test_the_daily_removal_and_a_withdrawal_of_the_same_person(
    settings: Any, slowly: None, ahead: Ahead
) -> None:
    """One has some of the person's deltaganden, the other the rest; nobody is left of whom there is nothing."""
    lock_identities(settings, high=0)
    with factories.as_system():
        factories.registered(0, pk=OTHER)
    meet(ahead, remove_due, saves(ahead, OTHER, lambda: withdraw_samtycke([OTHER])))
    assert not Identitet.unscoped.exists() and not Person.unscoped.exists()
