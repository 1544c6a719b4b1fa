"""Scope: exactly what each of a fixed cast sees of each registered model (QUALITY §2, no HTTP)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Forbund, Insats, InsatsAgande, Uppdrag
from registration.rules.antal import VolymRad, record_volym
from registration.rules.findings import RuleError
from registration.rules.uppdrag import give_uppdrag
from registration.scope import SCOPES, own_forbund_ids, own_insats_ids
from tests import factories
from tests.registration.scope.conftest import (
    CAST,
    CLOSED,
    OTHER,
    OWN,
    OWNED_BY_F,
    PASSED,
    SIBLING,
    F,
    G,
    H,
    World,
    acting,
    hire,
    scoped_models,
    uppdrag_of,
)

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.mark.parametrize("name", CAST)
def test_exactly_what_is_open_is_seen(world: World, name: str) -> None:
    """Of every registered model, neither more nor less, and no row twice."""
    with acting(world, name):
        seen = {str(model._meta.model_name): world.visible(model) for model in scoped_models()}
    assert {model: labels for model, labels in seen.items() if labels} == {
        model: labels for model, labels in CAST[name].sees.items() if labels
    }


def test_the_cast_covers_every_role_and_every_model(world: World) -> None:
    """A new role or a new scoped model fails here until the cast says what it sees."""
    assert {member.roll for member in CAST.values()} == set(Roll)
    named = {model for member in CAST.values() for model in member.sees}
    assert named == SCOPES.keys()
    # The look-up hashes are for the rules alone: no role has an entry, so nobody sees one.
    assert named | {"nummerhash"} == {str(model._meta.model_name) for model in scoped_models()}
    with factories.as_system():
        assert all(model._default_manager.exists() for model in scoped_models())
    for model, scopes in SCOPES.items():
        assert None not in scopes, f"{model} is open to somebody without a role"


def test_who_works_for_an_absorbed_forbund_reads_on_and_writes_no_more(world: World) -> None:
    """History stays with the absorbed; what passed on is the successor's to count and to give (DOMAIN §3)."""
    passed, closed = world.insatser[PASSED].pk, world.insatser[CLOSED].pk
    registrar = factories.user(Roll.DELTAGARANSVARIG)
    with acting(world, "insatsansvarig_of_the_absorbed"):
        assert Insats.objects.filter(pk=passed).exists()
        with pytest.raises(AccessRefused):
            record_volym(VolymRad(passed, 2024, 5), seen_nr=0)
        with pytest.raises(AccessRefused):
            give_uppdrag(registrar, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=passed)
        with pytest.raises(RuleError):  # its own still; only that it registers persons
            record_volym(VolymRad(closed, 2024, 5), seen_nr=0)
    with acting(world, "insatsansvarig_of_a_forbund"):
        give_uppdrag(registrar, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=passed)


def test_an_actor_within_another_has_a_reach_of_its_own(world: World) -> None:
    """What was read for the one answers nothing for the other, on the way in or out."""
    outer, row = hire(world, CAST["forbundsadministrator"])
    inner, other = hire(world, CAST["forbundsadministrator_of_the_other"])
    with acting_as(outer, row):
        assert world.visible(Insats) == OWNED_BY_F
        with acting_as(inner, other):
            assert world.visible(Insats) == {OTHER} and world.visible(Forbund) == {G}
        assert world.visible(Insats) == OWNED_BY_F and world.visible(Forbund) == {F, H}


def test_what_changes_is_read_anew_by_the_next_transaction(world: World) -> None:
    """How far an actor reaches is settled once: a page is not half within one reach and half within another."""
    account, row = hire(world, CAST["forbundsadministrator"])
    with acting_as(account, row) as actor:
        assert own_forbund_ids(actor) == [world.forbund[F].pk, world.forbund[H].pk]
        assert world.visible(Insats) == OWNED_BY_F
        InsatsAgande.objects.filter(insats=world.insatser[OTHER]).update(forbund=world.forbund[F])
        assert world.visible(Insats) == OWNED_BY_F
    with acting_as(account, row):
        assert world.visible(Insats) == OWNED_BY_F | {OTHER}
    InsatsAgande.objects.filter(insats=world.insatser[OTHER]).update(forbund=world.forbund[G])
    with acting_as(account, row) as actor:
        assert world.visible(Insats) == OWNED_BY_F
        assert set(own_insats_ids(actor)) == {world.insatser[one].pk for one in OWNED_BY_F}


def test_without_an_actor_nothing_is_seen(world: World) -> None:
    """Deny by default: outside `acting_as` every scoped query is empty; only the door past it is not."""
    for model in scoped_models():
        assert not model._default_manager.exists()
        assert model._default_manager.count() == 0
        assert list(model._default_manager.values_list("pk")) == []
        assert model.unscoped.exists()  # type: ignore[attr-defined]


def test_without_an_uppdrag_nothing_is_seen(world: World) -> None:
    """A role alone opens nothing (DOMAIN §2), however many of them."""
    account = factories.user(*(roll for roll in Roll if roll != Roll.DELTAGARANSVARIG))
    with acting_as(account):
        assert not any(model._default_manager.exists() for model in scoped_models())


def test_the_system_sees_everything(world: World) -> None:
    """Commands and scheduled jobs."""
    with factories.as_system():
        for model in scoped_models():
            assert set(model._default_manager.all()) == set(model.unscoped.all())  # type: ignore[attr-defined]


def test_a_model_and_role_without_an_entry_see_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the entry away and nothing is left; the same for a model that nobody has thought of."""
    monkeypatch.delitem(SCOPES["insats"], Roll.DELTAGARANSVARIG)
    monkeypatch.delitem(SCOPES, "forbund")
    with acting(world, "deltagaransvarig"):
        assert not Insats.objects.exists()
        assert not Forbund.objects.exists()


@pytest.mark.parametrize("name", CAST)
def test_nobody_works_without_a_right_that_holds_today(world: World, name: str) -> None:
    """An uppdrag that has ended or has yet to begin, a closed account, a role taken away: refused at the door."""
    day, one_day = timezone.localdate(), dt.timedelta(days=1)
    for how in ("ended", "coming", "closed", "role taken away"):
        account, row = hire(world, CAST[name])
        if how == "ended":
            Uppdrag.objects.filter(pk=row.pk).update(till=day - one_day)
        elif how == "coming":
            Uppdrag.objects.filter(pk=row.pk).update(fran=day + one_day)
        elif how == "closed":
            User.objects.filter(pk=account.pk).update(is_active=False)
        else:
            User.objects.filter(pk=account.pk).update(**{CAST[name].roll.value: False})
        with pytest.raises(AccessRefused), acting_as(account, row):
            raise AssertionError(f"nobody should get here: {how}")
        assert not Forbund.objects.exists()


def test_an_uppdrag_in_another_role_opens_nothing_here(world: World) -> None:
    """Somebody who also is insatsansvarig of the sibling registers nobody there."""
    account = factories.user(Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG)
    row = uppdrag_of(world, account, Roll.DELTAGARANSVARIG, OWN)
    other = uppdrag_of(world, account, Roll.INSATSANSVARIG, SIBLING)
    with acting_as(account, row):
        assert world.visible(Insats) == {OWN} == world.visible(Deltagande)
    with acting_as(account, other):
        assert world.visible(Insats) == {SIBLING}
        assert not Deltagande.objects.exists()


def test_filters_and_aggregates_stay_within(world: World) -> None:
    """Asking for a row by its key, counting and chaining find no more than listing does."""
    theirs = Deltagande.unscoped.get(insats=world.insatser[OTHER])
    with acting(world, "deltagaransvarig"):
        assert not Deltagande.objects.filter(pk=theirs.pk).exists()
        assert Deltagande.objects.exclude(pk=theirs.pk).count() == Deltagande.objects.count() == 1
        with pytest.raises(Deltagande.DoesNotExist):
            Deltagande.objects.get(pk=theirs.pk)
        assert Deltagande.objects.filter(pk=theirs.pk).update(avidentifierad_orsak="") == 0
        assert Deltagande.objects.none().union(Deltagande.objects.all()).count() == 1
