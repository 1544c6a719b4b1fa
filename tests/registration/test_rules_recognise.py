"""`recognise`: what is told and offered for a number in the own insatser; nothing for all others, in the same way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finsam_site.access.acting import AccessRefused, require_actor
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats
from registration.rules.change_number import change_number
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.recognise import PURPOSE, Igenkand, called_otherwise, name_of, recognise
from registration.scope import own_insats_ids
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]
DAY = dt.timedelta(days=1)
RULES: tuple[tuple[int, Any], ...] = ((10, withdraw_samtycke), (11, protect_identity))


@dataclass
class World:
    """eva works in steget and sista; granne is another insats of the förbund."""

    eva: User
    steget: Insats
    sista: Insats
    granne: Insats

    def recognise(self, n: int, insats: Insats | None = None, **more: Any) -> Igenkand:
        with factories.acting(self.eva):
            return recognise(factories.nummer(n), (insats or self.steget).pk, **more)


@pytest.fixture
def world() -> World:
    with factories.as_system():
        steget = factories.insats(namn="Steget vidare")
        sista = factories.insats(namn="Sista biten", forbund=steget.forbund)
        granne = factories.insats(forbund=steget.forbund)
        eva = factories.user(Roll.DELTAGARANSVARIG, insats=steget)
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=sista)
    return World(eva, steget, sista, granne)


def looks() -> list[tuple[str, str, str]]:
    """(object, purpose, result) of what the access log has but registrations and corrections."""
    rows = Atkomst.objects.filter(handling="last").order_by("pk")
    return list(rows.values_list("objekt_id", "syfte", "resultat"))


def siv(insats: Insats, **more: Any) -> Deltagande:
    named = {"fornamn": "Siv", "efternamn": "Sivprov", "utbildning": "grundskola"}
    return factories.registered(0, insats=insats, **named | more)


def test_who_stands_open_here_is_in_the_way(world: World) -> None:
    one = siv(world.steget)
    found = world.recognise(0)
    assert found.hinder is not None and found.tidigare is None
    assert (found.hinder.deltagande, found.hinder.namn) == (one.pk, "Siv Sivprov")
    assert found.hinder.startdatum == factories.START and found.hinder.slutdatum is None
    assert looks() == [(str(one.pk), PURPOSE, "utfort")]
    # In another insats it is no hindrance, and can be filled in from.
    assert world.recognise(0, world.sista).hinder is None


@pytest.mark.parametrize(("days", "is_in_the_way"), [(-30, True), (0, True), (1, False), (30, False)])
def test_who_has_left_is_in_the_way_of_an_earlier_start(world: World, days: int, is_in_the_way: bool) -> None:
    factories.registered_out(siv(world.steget))
    found = world.recognise(0, start=factories.SLUT + days * DAY)
    assert (found.hinder is not None) == is_in_the_way == (found.tidigare is None)
    assert world.recognise(0).hinder is None  # before a start is said


def test_an_open_one_is_in_the_way_of_every_start(world: World) -> None:
    siv(world.steget)
    for start in (factories.START - 900 * DAY, factories.START, factories.START + 900 * DAY):
        assert world.recognise(0, start=start).hinder is not None


def test_the_newest_is_offered(world: World) -> None:
    factories.registered_out(siv(world.steget, startdatum=dt.date(2023, 1, 1)), slutdatum=dt.date(2023, 5, 1))
    newest = siv(world.sista, efternamn="Nyprov", kommunkod="0180", stadsdel=None)
    found = world.recognise(0).tidigare
    assert found is not None and found.deltagande == newest.pk
    assert (found.namn, found.kommunkod, found.stadsdel, found.utbildning, found.insats) == (
        "Siv Nyprov", "0180", None, "grundskola", "Sista biten",
    )  # fmt: skip
    assert looks() == [(str(newest.pk), PURPOSE, "utfort")]
    assert "Nyprov" not in repr(found) and "Nyprov" not in str(world.recognise(0))


def test_nothing_is_read_that_is_not_asked_for(world: World) -> None:
    siv(world.sista)
    assert world.recognise(0, offer=False) == Igenkand() and not looks()


def test_a_felregistrering_tells_nothing(world: World) -> None:
    factories.registered_out(siv(world.steget), avslutsanledning="felregistrering", slutdatum=None)
    assert world.recognise(0) == Igenkand() and not looks()


def test_a_number_that_the_person_had_before(world: World) -> None:
    one = siv(world.sista)
    with factories.as_system():
        change_number(one.pk, factories.nummer(5), orsak="Fick personnummer.")
    for n in (0, 5):
        found = world.recognise(n).tidigare
        assert found is not None and found.deltagande == one.pk


@pytest.mark.parametrize("decision", ["demo", ""])
def test_numbers_that_are_not_in_scope_look_the_same(world: World, decision: str, settings: Any) -> None:
    """Unknown, elsewhere, withdrawn and protected, erased or locked: nothing, by the same statements, and no look."""
    settings.ERASURE_DECISION = decision
    with factories.as_system():
        factories.registered(2, insats=world.granne)
        gone = [(factories.registered(n, insats=world.steget), rule) for n, rule in RULES]
    factories.as_if_committed()
    with factories.as_system():
        for one, rule in gone:
            rule([one.pk])
    before, seen = looks(), []
    with factories.acting(world.eva):
        own_insats_ids(require_actor())  # as in a request, where the page of the insats has asked already
        for n in (20, 2, *dict(RULES)):
            with CaptureQueriesContext(connection) as captured:
                assert recognise(factories.nummer(n), world.steget.pk) == Igenkand()
                assert called_otherwise(factories.nummer(n), "Någon", "Annan") is None
            assert factories.nummer(n).digits[2:] not in str(captured.captured_queries)
            seen.append([one["sql"].split("WHERE")[0] for one in captured.captured_queries])
    assert seen[1:] == seen[:1] * 3 and looks() == before


@pytest.mark.parametrize(
    ("fornamn", "efternamn", "is_other"),
    [
        ("Siv", "Sivprov", False),
        (" SIV ", "siv prov", False),
        ("Sív", "Siv-Prov", False),
        ("Siv", "Nyprov", True),
        ("Yasmin", "Sivprov", True),
        ("Sivprov", "Siv", True),
    ],
)
def test_another_name(world: World, fornamn: str, efternamn: str, is_other: bool) -> None:
    """That it is another is no look; to be told which is one."""
    one = siv(world.sista)
    with factories.acting(world.eva):
        found = called_otherwise(factories.nummer(0), fornamn, efternamn)
        assert (found is not None) == is_other and not looks()
        if found is not None:
            assert name_of(found) == "Siv Sivprov" and looks() == [(str(one.pk), PURPOSE, "utfort")]


def test_the_newest_name_is_what_the_person_is_called(world: World) -> None:
    factories.registered_out(siv(world.steget, startdatum=dt.date(2023, 1, 1)), slutdatum=dt.date(2023, 5, 1))
    siv(world.sista, efternamn="Nyprov")
    with factories.acting(world.eva):
        assert called_otherwise(factories.nummer(0), "Siv", "Nyprov") is None
        assert called_otherwise(factories.nummer(0), "Siv", "Sivprov") is not None


def test_what_was_wrong_once_has_no_name(world: World) -> None:
    factories.registered_out(siv(world.steget), avslutsanledning="felregistrering", slutdatum=None)
    with factories.acting(world.eva):
        assert called_otherwise(factories.nummer(0), "Någon", "Annan") is None


@pytest.mark.parametrize("roll", [Roll.DATASKYDDSGRANSKARE, Roll.FORBUNDSADMINISTRATOR, Roll.INSATSANSVARIG])
def test_nobody_else_recognises(world: World, roll: Roll) -> None:
    siv(world.steget)
    account = factories.user(roll, forbund=world.steget.forbund)
    with pytest.raises(AccessRefused), factories.acting(account):
        recognise(factories.nummer(0), world.steget.pk)
    with pytest.raises(AccessRefused), factories.acting(account):
        called_otherwise(factories.nummer(0), "Siv", "Sivprov")
    last = Atkomst.objects.order_by("-pk")[0]
    assert (last.user, last.resultat) == (account, "nekat")
