"""`reveal` and `find_person`: the only ways to a person, one access-log row each, never the value (QUALITY §2)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, NoActor, acting_as, current_actor
from finsam_site.access.models import Atkomst, Handling, Resultat, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Forbund, Identitet, Inregistrering, Insats, Person, Uppdrag
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.ownership import sync_ownership
from registration.rules.reveal import Avslojad, find_person, reveal
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

WHY = "personen ringde"


class Interrupted(Exception):
    """The work around a look fails."""


@pytest.fixture
def insats() -> Insats:
    """An insats with person 0 in it."""
    one = factories.insats()
    factories.registered(0, insats=one)
    return one


def identitet(insats: Insats) -> Identitet:
    """The one identitet of the insats."""
    one: Identitet = Identitet.unscoped.get(insats=insats)
    return one


def new_rows() -> list[Atkomst]:
    """The access log without the rows that the arrangement wrote (those of the system account)."""
    return list(Atkomst.objects.exclude(user=factories.system()).order_by("pk"))


def assert_no_value(insats: Insats) -> None:
    """No column of the log holds number or name."""
    number = factories.nummer(0)
    for row in Atkomst.objects.values():
        for value in map(str, row.values()):
            assert not any(
                secret in value
                for secret in (number.digits, number.digits[2:], number.formatted, "Förnamn0", "Efternamn0")
            )


# --- Looking ---------------------------------------------------------------------------------------------------------


def test_a_look_gives_the_person_and_writes_one_row(insats: Insats) -> None:
    """Exactly one, with purpose and insats, and without the value."""
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    with factories.acting(account):
        said = reveal(identitet(insats).pk, WHY)
    assert (said.fornamn, said.efternamn, said.personnummer) == (
        "Förnamn0",
        "Efternamn0",
        factories.nummer(0).digits,
    )
    (row,) = new_rows()
    assert (row.handling, row.objekt, row.objekt_id) == (
        Handling.LAST,
        "deltagande",
        str(identitet(insats).deltagande_id),
    )
    assert (row.user, row.syfte, row.insats, row.resultat) == (account, WHY, insats.pk, Resultat.UTFORT)
    assert_no_value(insats)


def test_two_looks_are_two_rows(insats: Insats) -> None:
    """Nobody's second look is free."""
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=insats)):
        for _ in range(2):
            reveal(identitet(insats).pk, WHY)
    assert len(new_rows()) == 2


def test_what_was_revealed_does_not_tell_itself() -> None:
    """Neither `repr` nor `str` can carry a person into a log or an error page."""
    said = Avslojad("Förnamn0", "Efternamn0", factories.nummer(0).digits)
    for text in (repr(said), str(said), f"{said}", f"{[said]}"):
        assert not any(secret in text for secret in ("Förnamn0", "Efternamn0", factories.nummer(0).digits))


@pytest.mark.parametrize("purpose", ["", "   "])
def test_a_look_has_a_purpose(insats: Insats, purpose: str) -> None:
    """Without one there is no look, and no search."""
    with factories.as_system():
        with pytest.raises(ValueError, match="purpose"):
            reveal(identitet(insats).pk, purpose)
        with pytest.raises(ValueError, match="purpose"):
            find_person(factories.nummer(0), purpose)


def test_without_an_actor_there_is_no_look(insats: Insats) -> None:
    """Not even a refusal: it is a fault of the program."""
    with pytest.raises(NoActor):
        reveal(identitet(insats).pk, WHY)
    with pytest.raises(NoActor):
        find_person(factories.nummer(0), WHY)
    assert new_rows() == []


def test_a_refused_look_is_one_row_that_survives(insats: Insats) -> None:
    """Out of scope, gone and never there are refused alike, each with its row."""
    other = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=other)
    texts = set()
    for pk in (identitet(insats).pk, uuid.uuid4()):
        with pytest.raises(AccessRefused) as caught, factories.acting(account):
            factories.forbund(namn="ska inte finnas")
            reveal(pk, WHY)
        texts.add(str(caught.value))
    assert len(texts) == 1
    assert [(row.objekt_id, row.resultat, row.syfte) for row in new_rows()][:1] == [
        (str(identitet(insats).pk), Resultat.NEKAT, WHY)
    ]
    assert len(new_rows()) == 2
    assert not Forbund.unscoped.filter(namn="ska inte finnas").exists()


def test_an_exception_after_a_look_leaves_it_as_undone(insats: Insats) -> None:
    """The row says `avbrutet`: seen, but the work came to nothing."""
    with pytest.raises(Interrupted), factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=insats)):
        reveal(identitet(insats).pk, WHY)
        raise Interrupted
    assert [row.resultat for row in new_rows()] == [Resultat.AVBRUTET]


@pytest.mark.parametrize("roll", [roll for roll in Roll if roll != Roll.DELTAGARANSVARIG])
def test_no_other_role_looks_at_a_person(insats: Insats, roll: Roll) -> None:
    """With every uppdrag that the role can have around the insats."""
    account = factories.user(roll, forbund=insats.forbund, insats=insats)
    with pytest.raises(AccessRefused), factories.acting(account):
        reveal(identitet(insats).pk, WHY)
    assert [row.resultat for row in new_rows()] == [Resultat.NEKAT]


# --- Finding by number, at the person's own request ------------------------------------------------------------------


def granskare(forbund: Forbund | None = None) -> User:
    """A dataskyddsgranskare, of the nation or of a förbund."""
    account = factories.user(Roll.DATASKYDDSGRANSKARE)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE, forbund=forbund)
    return account


def test_the_national_granskare_finds_all_of_a_person(insats: Insats) -> None:
    """One row per deltagande found; then identity, versions and nothing else are open to this transaction."""
    one = Deltagande.unscoped.get()
    two = factories.registered(0)
    factories.registered(1)
    account = granskare()
    with factories.acting(account):
        assert not Deltagande.objects.exists()
        found = find_person(factories.nummer(0), WHY)
        assert set(found) == {one.pk, two.pk}
        assert set(Deltagande.objects.values_list("pk", flat=True)) == set(found)
        assert Person.objects.distinct().count() == 1
        assert Inregistrering.objects.count() == 2
        reveal(identitet(insats).pk, WHY)
    rows = new_rows()
    assert [(row.handling, row.resultat) for row in rows] == [
        (Handling.SOKT, Resultat.UTFORT),
        (Handling.SOKT, Resultat.UTFORT),
        (Handling.LAST, Resultat.UTFORT),
    ]
    assert {row.objekt_id for row in rows[:2]} == {str(pk) for pk in found}
    assert_no_value(insats)


def test_what_was_found_is_closed_again_afterwards(insats: Insats) -> None:
    """The next request of the same granskare has to search, and so be logged, anew."""
    account = granskare()
    with factories.acting(account):
        find_person(factories.nummer(0), WHY)
    with factories.acting(account):
        assert not Deltagande.objects.exists() and not Identitet.objects.exists()
    with pytest.raises(AccessRefused), factories.acting(account):
        withdraw_samtycke([identitet(insats).deltagande_id])


def test_a_search_without_a_hit_is_one_row(insats: Insats) -> None:
    """Who asked for somebody that is not there stands in the log too."""
    with factories.acting(granskare()):
        assert find_person(factories.nummer(7), WHY) == []
    (row,) = new_rows()
    assert (row.handling, row.objekt, row.syfte) == (Handling.SOKT, "person", WHY)


def test_a_forbunds_granskare_finds_only_what_the_forbund_owns_or_owned(insats: Insats) -> None:
    """The same person elsewhere is not told of: another förbund's granskare gets nothing at all."""
    elsewhere = factories.registered(0)
    with factories.acting(granskare(insats.forbund)):
        found = find_person(factories.nummer(0), WHY)
        assert elsewhere.pk not in found and len(found) == 1
    with factories.acting(granskare(factories.forbund())):
        assert find_person(factories.nummer(0), WHY) == []
        assert not Identitet.objects.exists()


def test_after_a_merger_both_forbunds_granskare_find_it() -> None:
    """The successor reads the history of the absorbed; the absorbed what it owned."""
    successor = factories.forbund()
    absorbed = factories.forbund(slutdatum=dt.date(2024, 6, 30), uppgatt_i=successor)
    closed = factories.insats(forbund=absorbed, slutdatum=dt.date(2024, 5, 31))
    still_open = factories.insats(forbund=absorbed)
    sync_ownership()
    expected = {factories.registered(0, insats=one).pk for one in (closed, still_open)}
    for forbund in (successor, absorbed):
        with factories.acting(granskare(forbund)):
            assert set(find_person(factories.nummer(0), WHY)) == expected


@pytest.mark.parametrize("roll", [roll for roll in Roll if roll != Roll.DATASKYDDSGRANSKARE])
def test_no_other_role_searches_by_number(insats: Insats, roll: Roll) -> None:
    """Refused before anything is looked up, the same for a number that is there and one that is not."""
    account = factories.user(roll, forbund=insats.forbund, insats=insats)
    for n in (0, 7):
        with pytest.raises(AccessRefused), factories.acting(account):
            find_person(factories.nummer(n), WHY)
    assert [row.resultat for row in new_rows()] == [Resultat.NEKAT] * 2
    assert len({(row.objekt, row.objekt_id) for row in new_rows()}) == 1


def test_not_even_the_system_searches_by_number(insats: Insats) -> None:
    """A command is not a person's own request."""
    with pytest.raises(AccessRefused), factories.as_system():
        find_person(factories.nummer(0), WHY)


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_withdrawal_long_after_insats_and_uppdrag_have_ended(rule: Any) -> None:
    """Nobody works with the insats any more; the person still can, through the granskare (DOMAIN §2)."""
    insats = factories.insats(slutdatum=dt.date(2024, 12, 31))
    one = factories.registered_out(factories.registered(0, insats=insats))
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    Uppdrag.objects.filter(user=account).update(till=dt.date(2024, 12, 31))
    assert timezone.localdate() > dt.date(2024, 12, 31)
    with pytest.raises(AccessRefused), factories.acting(account):
        pass
    with factories.acting(granskare()):
        rule(find_person(factories.nummer(0), WHY))
        assert not Identitet.objects.exists()
    assert not Person.unscoped.exists()
    assert Deltagande.unscoped.get(pk=one.pk).avidentifierad is not None
    assert [row.handling for row in new_rows()] == [Handling.SOKT, Handling.AVIDENTIFIERAT]


def test_correction_at_the_persons_own_request(insats: Insats) -> None:
    """What was found can be corrected, and only that."""
    other = factories.registered(1)
    uppgifter = factories.nytt_deltagande(0, insats_id="-", kommunkod="0180").uppgifter
    with factories.acting(granskare()):
        (found,) = find_person(factories.nummer(0), WHY)
        correct(Rattelse(found, "rättelse enligt artikel 16", in_=uppgifter))
    assert Inregistrering.unscoped.get(deltagande=found, nr=2).kommun_id == "0180"
    with pytest.raises(AccessRefused), factories.acting(granskare()):
        find_person(factories.nummer(0), WHY)
        correct(Rattelse(other.pk, "rättelse", in_=uppgifter))


def test_a_search_does_not_open_anything_to_an_inner_actor(insats: Insats) -> None:
    """What one has found, another who acts within has not."""
    account = granskare()
    with factories.acting(account):
        find_person(factories.nummer(0), WHY)
        with factories.acting(granskare()):
            assert not Deltagande.objects.exists()
        with acting_as(account):
            assert not Deltagande.objects.exists()
        assert Deltagande.objects.count() == 1
    assert current_actor() is None


def test_somebody_found_by_an_old_number() -> None:
    """The person may only remember the number that was on the letter."""
    one = factories.registered(0)
    with factories.as_system():
        change_number(one.pk, factories.nummer(1), orsak="nytt nummer")
    with factories.acting(granskare()):
        assert find_person(factories.nummer(0), WHY) == [one.pk]
