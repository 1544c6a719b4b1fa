"""What is left to do: what is in it and what is not, at the turn of the year and of the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import Roll
from finsam_site.clock import STOCKHOLM
from registration.models import Deltagande, Insats, Samtycke
from registration.rules.aggregates import FEWEST, lags
from registration.rules.antal import AnonymaRad, record_anonyma
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import withdraw_samtycke
from registration.rules.register import register_in
from registration.rules.uppdrag import give_uppdrag
from registration.rules.values import NyttDeltagande
from registration.rules.worklist import (
    anonyma_anew,
    freshness,
    open_too_long,
    unstaffed,
    work_list,
)
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Let it be a time of day in Stockholm."""

    def set_clock(text: str) -> None:
        now = dt.datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(dt.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    return set_clock


@pytest.fixture
def insats() -> Insats:
    factories.formular()
    return factories.insats(namn="Steget")


@pytest.fixture
def eva(insats: Insats) -> User:
    return factories.user(Roll.DELTAGARANSVARIG, insats=insats)


def open_of(eva: User) -> tuple[list[int], list[int]]:
    """How many are open in each insats that (has ended, goes on)."""
    with factories.acting(eva):
        ended, long_open = open_too_long()
    return [one.antal for one in ended], [one.antal for one in long_open]


def test_nothing_to_do(eva: User) -> None:
    with factories.acting(eva):
        assert not work_list()
        assert freshness() is None


# Open


def test_an_insats_has_ended_the_day_after_its_last(eva: User, insats: Insats, at: At) -> None:
    factories.registered(0, insats=insats)
    factories.end(insats, dt.date(2024, 10, 27))  # the day has 25 hours in Stockholm
    at("2024-10-27T23:59:59")
    assert open_of(eva) == ([], [])
    at("2024-10-28T00:00:00")
    assert open_of(eva) == ([1], [])


def test_long_is_more_than_the_report_calls_over_two_years(eva: User, insats: Insats, at: At) -> None:
    """From the start to today, both included: 730 days are not over two years, 731 are (REPORTS §1)."""
    start = dt.date(2024, 1, 15)
    factories.registered(0, insats=insats, startdatum=start)
    day_730 = start + dt.timedelta(days=729)
    at(f"{day_730}T23:30")
    assert open_of(eva) == ([], [])
    at(f"{day_730 + dt.timedelta(days=1)}T00:10")
    assert open_of(eva) == ([], [1])


def test_who_is_out_withdrawn_or_elsewhere_is_not_waited_for(eva: User, insats: Insats, at: At) -> None:
    stays = factories.registered(0, insats=insats)
    factories.registered_out(factories.registered(1, insats=insats))
    gone = factories.registered(2, insats=insats)
    other = factories.insats(namn="Granne", slutdatum=dt.date(2024, 12, 31))
    factories.registered(3, insats=other)
    with factories.as_system():
        withdraw_samtycke([gone.pk])
    factories.end(insats)
    at("2025-02-01T12:00")
    with factories.acting(eva):
        (found,), _ = open_too_long()
    assert (found.insats, found.antal, found.only) == (insats.pk, 1, stays.pk)


def test_of_several_there_is_no_single_one_to_lead_to(eva: User, insats: Insats) -> None:
    for n in range(3):
        factories.registered(n, insats=insats)
    factories.end(insats)
    with factories.acting(eva):
        (found,), _ = open_too_long()
    assert (found.antal, found.only) == (3, None)


# Samtycken


def papers() -> tuple[int, int]:
    found = work_list()
    return found.to_send.antal, found.to_look_for.antal


def test_originals_to_send_and_to_look_for(eva: User, insats: Insats, at: At, settings: Any) -> None:
    one = factories.registered(0, insats=insats, undertecknat=dt.date(2024, 1, 10))
    factories.registered(
        1, insats=insats, undertecknat=dt.date(2024, 1, 10), original_skickat=dt.date(2024, 1, 20)
    )
    factories.registered(
        2,
        insats=insats,
        undertecknat=dt.date(2024, 1, 10),
        original_skickat=dt.date(2024, 1, 12),
        original_mottaget=dt.date(2024, 1, 15),
    )
    last = dt.date(2024, 1, 20) + dt.timedelta(
        days=settings.SAMTYCKE_REMINDER_DAYS
    )  # from the day it was sent
    at(f"{last}T12:00")
    with factories.acting(eva):
        assert papers() == (1, 0)
    at(f"{last + dt.timedelta(days=1)}T00:10")
    with factories.acting(eva):
        assert papers() == (1, 1)
    with factories.as_system():
        withdraw_samtycke([one.pk])
    with factories.acting(eva):
        assert papers() == (0, 1)


# Anonyma


def give_anonyma(insats: Insats, ar: int, kvinnor: int, man: int, seen_nr: int = 0) -> None:
    known = dt.datetime(ar, 6, 1, seen_nr, tzinfo=dt.UTC)
    with factories.as_system():
        record_anonyma(AnonymaRad(insats.pk, ar, kvinnor, man, known), seen_nr=seen_nr)


def test_anonyma_are_asked_for_anew_from_new_year_in_stockholm(eva: User, insats: Insats, at: At) -> None:
    give_anonyma(insats, 2024, 1, 0)
    give_anonyma(insats, 2024, 7, 4, seen_nr=1)
    at("2024-12-31T23:59:59")
    with factories.acting(eva):
        assert anonyma_anew() == []
    at("2025-01-01T00:00:00")  # an hour before it is 2025 in UTC
    with factories.acting(eva):
        (found,) = anonyma_anew()
    assert (found.insats, found.ar, found.before) == (insats, 2025, 11)


def test_anonyma_are_not_asked_for_when_given_none_or_over(eva: User, insats: Insats, at: At) -> None:
    at("2025-03-01T12:00")
    give_anonyma(insats, 2024, 2, 0)
    give_anonyma(insats, 2024, 0, 0, seen_nr=1)
    with factories.acting(eva):
        assert anonyma_anew() == []  # the version that holds says none
    give_anonyma(insats, 2024, 3, 0, seen_nr=2)
    with factories.acting(eva):
        assert [one.before for one in anonyma_anew()] == [3]
    factories.end(insats)
    with factories.acting(eva):
        assert anonyma_anew() == []
    factories.end(insats, dt.date(2025, 1, 1))
    with factories.acting(eva):
        assert len(anonyma_anew()) == 1
    at("2025-07-01T12:00")
    give_anonyma(insats, 2025, 0, 0)
    with factories.acting(eva):
        assert anonyma_anew() == []  # zero is an answer


# How soon


def late(n: int, insats: Insats, days: int, hour: str = "12:00") -> Deltagande:
    """Started 15 January 2024, registered so many days after."""
    day = dt.date(2024, 1, 15) + dt.timedelta(days=days)
    known = dt.datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=STOCKHOLM)
    return factories.registered(n, insats=insats, startdatum=dt.date(2024, 1, 15), registrerad=known)


YEAR = (dt.date(2024, 1, 1), dt.date(2024, 12, 31))


def test_the_median_is_of_days_in_stockholm_to_the_first_registration(insats: Insats) -> None:
    for n, days in enumerate((1, 2, 4, 9)):
        late(n, insats, days)
    assert lags(*YEAR).start.days is None  # too few to tell
    five = late(4, insats, 300, hour="00:30")  # still the day before in UTC
    found = lags(*YEAR)
    assert (found.start.days, found.start.base) == (4, 5)
    late(5, insats, 6)
    assert lags(*YEAR).start.days == 5
    # A correction of something else does not lengthen it, one of the date itself does.
    said = factories.nytt_deltagande(4, insats=insats, arbetar=10).uppgifter
    with factories.as_system():
        correct(Rattelse(five.pk, "Räknade fel.", in_=said))
    assert lags(*YEAR).start.days == 5
    with factories.as_system():
        for n, one in enumerate(Deltagande.unscoped.exclude(pk=five.pk)):
            moved = factories.nytt_deltagande(n, insats=insats, startdatum=dt.date(2024, 1, 16)).uppgifter
            correct(Rattelse(one.pk, "Började en dag senare.", in_=moved))
    moved_lag = lags(*YEAR).start.days
    assert moved_lag is not None and moved_lag > 300


def test_slut_has_a_figure_of_its_own_and_felregistreringar_none(insats: Insats) -> None:
    for n in range(FEWEST):
        known = dt.datetime(2024, 7, 1 + n, 12, tzinfo=STOCKHOLM)
        factories.registered_out(late(n, insats, 3), registrerad=known, slutdatum=dt.date(2024, 6, 30))
    found = lags(*YEAR)
    assert (found.start.days, found.slut.days, found.slut.base) == (3, 3, FEWEST)
    wrong = late(FEWEST, insats, 100)
    assert lags(*YEAR).start.base == FEWEST + 1
    factories.registered_out(wrong, avslutsanledning="felregistrering")
    found = lags(*YEAR)
    assert (found.start.base, found.slut.base) == (FEWEST, FEWEST)


def test_mine_the_forbund_and_the_nation(eva: User, insats: Insats) -> None:
    cache.clear()
    neighbour = factories.insats(namn="Granne", forbund=insats.forbund)
    elsewhere = factories.insats(namn="Borta")
    today = timezone.localdate()

    def started(first: int, count: int, place: Insats, days: int) -> list[NyttDeltagande]:
        start = today - dt.timedelta(days=days)
        return [
            factories.nytt_deltagande(n, insats=place, startdatum=start, undertecknat=start, registrerad=None)
            for n in range(first, first + count)
        ]

    with factories.acting(eva):
        register_in(started(0, FEWEST - 1, insats, 2))
        assert freshness() is None  # so few would tell of single ones
        register_in(started(4, 1, insats, 2))
    with factories.as_system():
        register_in(started(10, 6, neighbour, 10))
        register_in(started(20, 12, elsewhere, 40))
        register_in(started(40, 20, insats, 400))  # longer ago than a year
    with factories.acting(eva):
        found = freshness()
    assert found is not None
    assert [(each.start.days, each.start.base) for each in (found.mine, found.forbund, found.riket)] == [
        (2, 5), (10, 11), (40, 23),
    ]  # fmt: skip
    assert found.riket.slut.days is None


def test_without_a_cache_it_is_counted(eva: User, insats: Insats, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("registration.rules.worklist.cache.get", broken)
    today = timezone.localdate()
    with factories.acting(eva):
        register_in([
            factories.nytt_deltagande(n, insats=insats, startdatum=today, undertecknat=today, registrerad=None)
            for n in range(FEWEST)
        ])  # fmt: skip
        found = freshness()
    assert found is not None and found.riket.start.days == 0


def test_the_number_of_queries_does_not_grow(eva: User, insats: Insats) -> None:
    def queries() -> int:
        with factories.acting(eva), CaptureQueriesContext(connection) as found:
            assert work_list()
        return len(found)

    def more(first: int, last: int) -> None:
        for n in range(first, last):
            place = factories.insats(slutdatum=dt.date(2024, 12, 31), forbund=insats.forbund)
            factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=place)
            factories.registered(n, insats=place)

    more(0, 2)
    few = queries()
    more(2, 12)
    assert queries() == few


# Nobody answers for it


def test_deltaganden_without_deltagaransvarig_until_somebody_gets_an_uppdrag(insats: Insats) -> None:
    for n in range(3):
        factories.registered(n, insats=insats)
    factories.registered_out(factories.registered(3, insats=insats))
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    elsewhere = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund())
    new = factories.user(Roll.DELTAGARANSVARIG)
    with factories.acting(ada):
        assert [(one.insats, one.antal) for one in unstaffed()] == [(insats, 3)]
    with factories.acting(elsewhere):
        assert unstaffed() == []
    with factories.acting(ada):
        row = give_uppdrag(new, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=insats.pk)
        assert unstaffed() == []
    with acting_as(new, row):
        assert Deltagande.objects.count() == 4


def test_originals_that_nobody_sends_until_somebody_gets_an_uppdrag(insats: Insats, settings: Any) -> None:
    """Also where everybody is out: the paper is still to be sent, or to be looked for."""
    settings.SAMTYCKE_REMINDER_DAYS = 90
    long_ago = factories.START - dt.timedelta(days=1)
    for n, sent in enumerate((None, long_ago, timezone.localdate())):
        one = factories.registered_out(factories.registered(n, insats=insats, registrerad=None))
        Samtycke.unscoped.filter(identitet__deltagande=one).update(
            original_skickat=sent and max(sent, factories.samtycke_of(one).undertecknat)
        )
    withdrawn = factories.registered_out(factories.registered(3, insats=insats))
    with factories.as_system():
        withdraw_samtycke([withdrawn.pk])
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    with factories.acting(ada):
        assert [(one.insats, one.antal, one.original) for one in unstaffed()] == [(insats, 0, 2)]
        new = factories.user(Roll.DELTAGARANSVARIG)
        give_uppdrag(new, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=insats.pk)
        assert unstaffed() == []


@pytest.mark.parametrize(
    "why",
    ["ended", "not yet", "closed", "without the role", "another role"],
)
def test_who_cannot_work_does_not_count(insats: Insats, why: str) -> None:
    factories.registered(0, insats=insats)
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    today = dt.datetime.now(tz=STOCKHOLM).date()
    dates: dict[str, Any] = {
        "ended": {"till": today - dt.timedelta(days=1)},
        "not yet": {"fran": today + dt.timedelta(days=1)},
    }.get(why, {})
    one = factories.user(Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG)
    roll = Roll.INSATSANSVARIG if why == "another role" else Roll.DELTAGARANSVARIG
    factories.uppdrag(one, roll, insats=insats, **dates)
    changes: dict[str, Any] = {
        "closed": {"is_active": False},
        "without the role": {"deltagaransvarig": False},
    }.get(why, {})
    User.objects.filter(pk=one.pk).update(**changes or {"namn": "Prov"})
    with factories.acting(ada):
        assert len(unstaffed()) == 1


def test_a_forbund_employee_counts_only_where_the_setting_lets_them(insats: Insats, settings: Any) -> None:
    factories.registered(0, insats=insats)
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    factories.user(Roll.DELTAGARANSVARIG, insats=insats, arbetsgivare=Arbetsgivare.FORBUND)
    for may, missing in ((True, 0), (False, 1)):
        settings.FORBUND_EMPLOYEE_REGISTERS = may
        with factories.acting(ada):
            assert len(unstaffed()) == missing
