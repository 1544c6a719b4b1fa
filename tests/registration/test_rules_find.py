"""`find_in_scope`: by name, number and reference code, among one's own and nobody else's; the search is logged."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Insats, Samtycke
from registration.personnummer import NummerFel
from registration.rules import find
from registration.rules.change_number import change_number
from registration.rules.codes import reference_shown
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.find import ForKort, Traffar, find_in_scope, fold, in_name_order, in_order
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]
TODAY = dt.date(2024, 12, 1)


@dataclass
class World:
    """asa and anna: in the own insats; ake: in another of the förbund."""

    eva: User
    insats: Insats
    asa: Deltagande
    anna: Deltagande
    ake: Deltagande

    def find(self, text: str) -> Traffar:
        with factories.acting(self.eva):
            return find_in_scope(text, today=TODAY)

    def found(self, text: str) -> list[uuid.UUID]:
        """The deltaganden found, in their order."""
        return [Identitet.unscoped.get(pk=one).deltagande_id for one in self.find(text).identiteter]


@pytest.fixture
def world() -> World:
    with factories.as_system():
        insats = factories.insats()
        other = factories.insats(forbund=insats.forbund)
        return World(
            eva=factories.user(Roll.DELTAGARANSVARIG, insats=insats),
            insats=insats,
            asa=factories.registered(0, insats=insats, fornamn="Åsa-Lena", efternamn="Müllerprov"),
            anna=factories.registered(
                1, insats=insats, fornamn="Anna", efternamn="Öbergprov", startdatum=dt.date(2024, 2, 1)
            ),
            ake=factories.registered(2, insats=other, fornamn="Åke", efternamn="Öbergprov"),
        )


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("åsa", ["asa"]), ("ASA lena", ["asa"]), ("Müllerprov, Åsa", ["asa"]), ("muller", ["asa"]),
        ("sa-le", ["asa"]), ("berg", ["anna"]), ("OBERG  an", ["anna"]), ("prov", ["anna", "asa"]), ("ake", []),
        ("finnsinte", []),
    ],
)  # fmt: skip
def test_by_name(world: World, text: str, who: list[str]) -> None:
    """Parts of each word, in any order, without case and accents; the newest start first."""
    expected = [getattr(world, one).pk for one in who]
    assert world.found(text) == expected


def test_words_are_folded() -> None:
    assert fold("Åsa-Lena d’Ørsted ŁUKASZ Straße") == ["asa", "lena", "d", "orsted", "lukasz", "strasse"]


@pytest.mark.parametrize("text", ["a", "-", ", .", "Å"])
def test_a_letter_is_too_little(world: World, text: str) -> None:
    with pytest.raises(ForKort):
        world.find(text)


def test_by_number(world: World) -> None:
    """Ten or twelve digits; all deltaganden of the person that are in scope; a number that the person had before."""
    digits = factories.nummer(0).digits
    for text in (digits, f"{digits[2:8]}-{digits[8:]}", f" {digits[:8]}-{digits[8:]} "):
        assert world.found(text) == [world.asa.pk]
    with factories.as_system():
        change_number(world.asa.pk, factories.nummer(5), orsak="Fick personnummer.")
    assert world.found(digits) == [world.asa.pk] == world.found(factories.nummer(5).digits)


def test_a_wrong_number_is_told(world: World) -> None:
    with pytest.raises(NummerFel):
        world.find(numbers.pick(0)[:-1])


def test_numbers_that_are_not_in_scope_look_the_same(world: World) -> None:
    """Unknown, elsewhere, withdrawn and protected: nobody, by the same statements, with the same log row."""
    with factories.as_system():
        for n, rule in ((10, withdraw_samtycke), (11, protect_identity)):
            rule([factories.registered(n, insats=world.insats).pk])
    seen = []
    for n in (20, 2, 10, 11):
        last = Atkomst.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with CaptureQueriesContext(connection) as captured:
            assert world.find(factories.nummer(n).digits) == Traffar([])
        rows = Atkomst.objects.filter(pk__gt=last)
        seen.append((
            len(captured.captured_queries),
            list(rows.values_list("handling", "objekt", "objekt_id", "syfte", "resultat")),
        ))  # fmt: skip
    assert seen[1:] == seen[:1] * 3
    assert seen[0][1] == [("sokt", "person", "egna insatser", "sök på nummer", "utfort")]


def test_by_reference_code(world: World) -> None:
    codes = dict(Samtycke.unscoped.values_list("identitet__deltagande", "referenskod"))
    assert world.found(codes[world.asa.pk].lower()) == [world.asa.pk]
    assert world.found(f" {codes[world.anna.pk][:5]} {codes[world.anna.pk][5:]}") == [world.anna.pk]
    assert world.found(reference_shown(codes[world.anna.pk])) == [world.anna.pk]  # as it stands on the paper
    assert world.found(codes[world.ake.pk]) == []


def test_codes_of_digits_or_letters_alone(world: World) -> None:
    """Codes that came by import may look like numbers or names."""
    for code in ("2018000111", "KVITTO"):
        Samtycke.unscoped.filter(identitet__deltagande=world.asa).update(referenskod=code)
        assert world.found(code) == [world.asa.pk]


def test_what_was_typed_stands_in_no_statement(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        for text in ("Müllerprov", factories.nummer(0).digits, "Müllerprov 19990101"):
            world.find(text)
    for said in ("llerprov", factories.nummer(0).digits[2:], "19990101"):
        assert not any(said in one["sql"] for one in captured.captured_queries)


def test_the_bound_is_told(world: World) -> None:
    """The newest are compared; a number finds the others too."""
    with patch.object(find, "BOUND", 1):
        assert world.find("prov") == Traffar([factories.identitet_of(world.anna).pk], all_compared=False)
        assert world.found(factories.nummer(0).digits) == [world.asa.pk]
    with patch.object(find, "BOUND", 2):
        assert world.find("prov").all_compared


@pytest.mark.parametrize("roll", [Roll.DATASKYDDSGRANSKARE, Roll.FORBUNDSADMINISTRATOR, Roll.INSATSANSVARIG])
def test_nobody_else_searches(world: World, roll: Roll) -> None:
    account = factories.user(roll, forbund=world.insats.forbund)
    with pytest.raises(AccessRefused), factories.acting(account):
        find_in_scope("prov", today=TODAY)
    last = Atkomst.objects.order_by("-pk")[0]
    assert (last.user, last.resultat) == (account, "nekat")


def test_names_sort_as_in_swedish() -> None:
    """å, ä, ö last in that order; é is e; of one surname by first name."""
    insats = factories.insats()
    named = [
        ("B", "Ödman"),
        ("B", "Ärlig"),
        ("B", "Åberg"),
        ("B", "Zorn"),
        ("B", "Ek"),
        ("A", "Ek"),
        ("C", "Él"),
    ]
    for n, (fornamn, efternamn) in enumerate(named):
        factories.registered(n, insats=insats, fornamn=fornamn, efternamn=efternamn)
    order = in_name_order(Identitet.unscoped.all())
    assert [Identitet.unscoped.get(pk=one).decrypt_names()[::-1] for one in order] == [
        ("Ek", "A"), ("Ek", "B"), ("Él", "C"), ("Zorn", "B"), ("Åberg", "B"), ("Ärlig", "B"), ("Ödman", "B"),
    ]  # fmt: skip


def test_in_order_leaves_out_who_is_gone(world: World) -> None:
    pks = list(Identitet.unscoped.order_by("-pk").values_list("pk", flat=True))
    assert len(pks) > 1
    assert [one.pk for one in in_order(Identitet.unscoped.all(), [pks[0], uuid.uuid4(), *pks[1:]])] == pks
