"""The planned uttag: who sets it, what makes sense, and what is missing for it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.clock import STOCKHOLM
from registration.models import Insats, PlaneratUttag, Utkast
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.drafts import Place, save_draft
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.planned import (
    missing_for,
    next_plan,
    plan_mark,
    plans_ahead,
    remove_plan,
    set_plan,
)
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

DAY = dt.date(2026, 1, 16)


@pytest.fixture(autouse=True)
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, "2025-12-01T12:00")


def clock(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    now = dt.datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def greta() -> User:
    return factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)


def test_set_move_and_remove(greta: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with factories.acting(greta):
        plan = set_plan(2025, DAY, " Preliminärt. ")
        later = set_plan(2025, dt.date(2026, 2, 26))
        assert next_plan() == plan and plans_ahead() == [plan, later]
        assert plan.anteckning == "Preliminärt." and plan.satt_av == greta
        set_plan(2025, dt.date(2026, 3, 2), plan=plan)
        assert next_plan() == later
        remove_plan(later)
        assert plans_ahead() == [plan]
    clock(monkeypatch, "2026-03-02T23:59")
    assert next_plan() == plan  # its own day is not over
    clock(monkeypatch, "2026-03-03T00:01")
    assert next_plan() is None


@pytest.mark.parametrize(
    ("ar", "dag", "kind"),
    [
        (2025, dt.date(2025, 11, 30), "har_varit"),
        (2025, dt.date(1999, 1, 16), "har_varit"),
        (2025, dt.date(2029, 1, 16), "for_langt_fram"),
        (2027, DAY, "fel_ar"),
        (2003, DAY, "fel_ar"),
    ],
)
def test_what_makes_no_sense_is_refused(greta: User, ar: int, dag: dt.date, kind: str) -> None:
    with factories.acting(greta), pytest.raises(RuleError) as caught:
        set_plan(ar, dag)
    assert [one.kind for one in caught.value.findings] == [kind]
    assert not PlaneratUttag.objects.exists()


def test_the_same_twice_is_refused(greta: User) -> None:
    with factories.acting(greta):
        set_plan(2025, DAY)
        with pytest.raises(RuleError) as caught:
            set_plan(2025, DAY)
        assert [one.kind for one in caught.value.findings] == ["redan_planerat"]
        set_plan(2024, DAY)


def test_what_a_colleague_has_changed_is_not_overwritten(greta: User) -> None:
    with factories.acting(greta):
        plan = set_plan(2025, DAY)
        seen = plan_mark(plan)
        set_plan(2025, DAY, "Preliminärt.", plan=plan, seen=seen)
        for late in (
            lambda: set_plan(2024, DAY, plan=plan, seen=seen),
            lambda: set_plan(2025, dt.date(2019, 1, 16), plan=plan, seen=seen),  # before what is wrong in it
            lambda: remove_plan(plan, seen=seen),
        ):
            with pytest.raises(ChangedMeanwhile):
                late()
        now = PlaneratUttag.objects.get()
        assert (now.ar, now.dag, now.anteckning) == (2025, DAY, "Preliminärt.")
        remove_plan(now, seen=plan_mark(now))
        with pytest.raises(ChangedMeanwhile):
            set_plan(2025, DAY, plan=now, seen=plan_mark(plan))
    assert not PlaneratUttag.objects.exists()


def test_only_the_nation_plans() -> None:
    plan = PlaneratUttag.objects.create(
        ar=2025, dag=DAY, satt_av=factories.system(), andrat=dt.datetime(2025, 11, 1, tzinfo=dt.UTC)
    )
    for roll in set(Roll) - {Roll.NATIONELL_ADMINISTRATOR}:
        place = factories.insats()
        one = factories.user(roll, forbund=place.forbund, insats=place)
        with factories.acting(one):
            with pytest.raises(AccessRefused):
                set_plan(2025, dt.date(2026, 2, 26))
            with pytest.raises(AccessRefused):
                remove_plan(plan)


def test_what_is_missing(greta: User) -> None:
    factories.formular()
    kust = factories.forbund()

    def place(**values: object) -> Insats:
        return factories.insats(forbund=kust, **values)

    ended = place(slutdatum=dt.date(2025, 6, 30))
    on_the_last_day = place(slutdatum=dt.date(2025, 12, 31))
    goes_on = place()
    volym = factories.volyminsats(forbund=kust)
    factories.volyminsats(forbund=kust, startdatum=dt.date(2026, 1, 1))
    elsewhere = factories.insats(slutdatum=dt.date(2025, 6, 30))
    for n, one in enumerate((ended, ended, on_the_last_day, goes_on, elsewhere)):
        factories.registered(n, insats=one)
    factories.registered_out(factories.registered(9, insats=ended))
    with factories.as_system():
        record_anonyma(AnonymaRad(goes_on.pk, 2024, 3, 2), seen_nr=0)
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=ended)
    factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=goes_on)
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust)
    with factories.acting(greta):
        plan = set_plan(2025, DAY)
        national = missing_for(plan)
    assert (national.utregistreringar, list(national.anonyma), national.volym) == (3, [goes_on], 1)
    with factories.acting(ada):
        assert missing_for(plan).utregistreringar == 2
    with factories.acting(eva):
        own = missing_for(plan)
    assert (own.utregistreringar, list(own.anonyma), own.volym) == (2, [goes_on], 0)
    with factories.as_system():
        record_anonyma(AnonymaRad(goes_on.pk, 2025, 0, 0), seen_nr=0)
        record_volym(VolymRad(volym.pk, 2025, 12), seen_nr=0)
        for one in ended.deltaganden.model.unscoped.filter(insats__in=[ended, elsewhere], aktuell_ut=None):
            factories.registered_out(one)
    with factories.acting(greta):
        assert not missing_for(plan)


def test_what_is_begun_and_what_nobody_answers_for_is_missing(greta: User) -> None:
    """Drafts are the user's own; the deltaganden are counted for whoever gives uppdrag in the whole förbund."""
    factories.formular()
    kust = factories.forbund()
    goes_on, empty = factories.insats(forbund=kust), factories.insats(forbund=kust)
    one = factories.registered(0, insats=goes_on)
    factories.registered(1, insats=empty)
    factories.registered_out(factories.registered(2, insats=empty))
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=goes_on)
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust)
    with factories.acting(greta):
        plan = set_plan(2025, DAY)
    with factories.acting(eva):
        assert not missing_for(plan)
        save_draft(Place(Utkast.Slag.REGISTER_IN, goes_on.pk, pk=uuid.uuid4()), "innan", {"skydd": ["nej"]})
        out, correcting = (
            Place(slag, goes_on.pk, deltagande=one.pk)
            for slag in (Utkast.Slag.REGISTER_OUT, Utkast.Slag.CORRECT)
        )
        save_draft(out, "fragor", {"slutdatum": ["2025-0"]})
        save_draft(correcting, "in", {"startdatum": ["2025-0"]})
        assert (missing_for(plan).begun, missing_for(plan).unstaffed) == (2, 0)
    with factories.acting(ada):
        found = missing_for(plan)
    assert (found.begun, found.unstaffed, bool(found)) == (0, 1, True)


def test_an_insats_that_ends_with_the_year_is_missing_from_new_year(
    greta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.formular()
    factories.registered(0, insats=factories.insats(slutdatum=dt.date(2025, 12, 31)))
    factories.registered(1, insats=factories.insats(slutdatum=dt.date(2026, 1, 1)))
    with factories.acting(greta):
        plan = set_plan(2025, DAY)
        clock(monkeypatch, "2025-12-31T23:59")
        assert not missing_for(plan)
        clock(monkeypatch, "2026-01-10T12:00")
        assert missing_for(plan).utregistreringar == 1
