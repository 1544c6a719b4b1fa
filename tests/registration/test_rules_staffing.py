"""Who has which uppdrag in the actor's scope, who can be found, and who answers for what is open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Forbund, Insats, Uppdrag
from registration.rules.staffing import (
    Handover,
    find_account,
    handover,
    insatser_to_staff,
    known_accounts,
    staff_counts,
    uppdrag_seen,
)
from registration.rules.worklist import unstaffed
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

DAY = dt.timedelta(days=1)


@pytest.fixture
def kust() -> Forbund:
    return factories.forbund()


@pytest.fixture
def steget(kust: Forbund) -> Insats:
    return factories.insats(forbund=kust)


def in_insats(insats: Insats, roll: Roll = Roll.DELTAGARANSVARIG, **dates: Any) -> Uppdrag:
    return factories.uppdrag(factories.user(roll), roll, insats=insats, **dates)


def test_who_sees_which_uppdrag(kust: Forbund, steget: Insats) -> None:
    """A förbundsadministratör those of the förbund and its insatser, an insatsansvarig those of the own insatser."""
    granne, framtid = factories.insats(forbund=kust), factories.insats()
    mine, next_door, _ = (in_insats(one) for one in (steget, granne, framtid))
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust)
    ina = factories.user(Roll.INSATSANSVARIG, forbund=kust)
    ivar = factories.user(Roll.INSATSANSVARIG, insats=steget)
    own_of_ivar = Uppdrag.objects.get(user=ivar)
    of_forbund = set(Uppdrag.objects.filter(user__in=[ada, ina]))
    in_kust = {mine, next_door, own_of_ivar}
    for account, seen in ((ada, in_kust | of_forbund), (ina, in_kust), (ivar, {mine, own_of_ivar})):
        with factories.acting(account):
            assert set(uppdrag_seen()) == seen
    for account in (
        mine.user,
        factories.user(Roll.RAPPORTLASARE, forbund=kust),
        factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True),
    ):
        with factories.acting(account):
            assert not uppdrag_seen().exists() and not insatser_to_staff().exists()


def test_who_answers_for_what_is_open(steget: Insats) -> None:
    """Others that can work on that day; how many stand open, without a word of whom."""
    for n in range(3):
        factories.registered(n, insats=steget)
    today = timezone.localdate()
    one = in_insats(steget)
    in_insats(steget, fran=today + 5 * DAY)
    in_insats(steget, till=today - DAY)
    in_insats(steget, Roll.INSATSANSVARIG)
    closed = in_insats(steget).user
    User.objects.filter(pk=closed.pk).update(is_active=False)
    with factories.as_system():
        assert handover(steget.pk, today, without=one.user) == Handover(3, 0)
        assert handover(steget.pk, today + 5 * DAY, without=one.user) == Handover(3, 1)
        assert staff_counts([steget.pk], today) == {steget.pk: 1}
        assert staff_counts([factories.insats().pk], today) == {}


def test_a_forbund_that_handed_an_insats_on_does_not_staff_it(steget: Insats, kust: Forbund) -> None:
    """It is not on its list, and its administrator is not led to a page that is refused."""
    factories.registered(0, insats=steget)
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust)
    with factories.acting(ada):
        assert [one.insats for one in unstaffed()] == [steget]
    yesterday = timezone.localdate() - DAY
    steget.agande.update(till=yesterday)
    steget.agande.create(forbund=factories.forbund(), fran=timezone.localdate())
    with factories.acting(ada):
        assert unstaffed() == [] and not insatser_to_staff().exists()


def test_whom_the_forbund_knows(steget: Insats, kust: Forbund) -> None:
    """Who holds or has held an uppdrag there, with the role and an open account; nobody of another förbund."""
    today = timezone.localdate()
    one = in_insats(steget).user
    gone = in_insats(steget, till=today - DAY).user
    reader = factories.user(Roll.RAPPORTLASARE, forbund=kust)
    closed = in_insats(steget).user
    User.objects.filter(pk=closed.pk).update(is_active=False)
    in_insats(factories.insats())
    with factories.acting(factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust)):
        assert set(known_accounts([Roll.DELTAGARANSVARIG])) == {one, gone}
        assert set(known_accounts([Roll.DELTAGARANSVARIG, Roll.RAPPORTLASARE])) == {one, gone, reader}


def test_an_account_is_found_by_all_of_its_name_only() -> None:
    """Or by its e-mail; not by a part, not when two share it, not a closed one, and never that of the system."""
    one = factories.user(anvandarnamn="siri.prov", epost="Siri@example.se")
    factories.user(anvandarnamn="stangd", is_active=False)
    for text in ("siri.prov", "siri@example.se", "SIRI@EXAMPLE.SE"):
        assert find_account(text) == one
    for text in ("siri", "Siri Prov", "siri.prov%", "@example.se", "stangd", "system", ""):
        assert find_account(text) is None
    factories.user(epost="siri@example.se")
    assert find_account("siri@example.se") is None
