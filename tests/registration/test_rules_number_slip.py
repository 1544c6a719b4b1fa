"""`correct_number`: a wrong number was typed; the deltagande moves alone, and nothing of the wrong number stays
(DOMAIN §3–4).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.encryption import keyed_hash
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import (
    Avidentifiering,
    Deltagande,
    Identitet,
    Inregistrering,
    Insats,
    Nummerhash,
    Person,
    Rattelseslag,
    Utregistrering,
)
from registration.personnummer import Nummer, parse
from registration.rules.change_number import change_number, in_uppgifter, number_mark
from registration.rules.correct_number import check_corrected_number, correct_number, known_as
from registration.rules.erase import withdraw_samtycke
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.register import register_in
from registration.rules.reveal import decrypt
from registration.rules.uppslag import Syfte, UppslagBorta, look_up, reopen
from registration.rules.version_rows import reason_given
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]

REASON = "skrev av fel från papperet"


def listed(index: int, **choice: Any) -> Nummer:
    return parse(numbers.pick(index, **choice), today=factories.START)


BO = listed(0, born=(1970, 1970), kon="M")
LISA = listed(0, born=(1985, 1985), kon="K")


def stored_number(deltagande: Deltagande) -> str:
    """The number in clear."""
    return decrypt(Identitet.unscoped.select_related("person").get(deltagande=deltagande)).personnummer


def person_of(deltagande: Deltagande) -> Any:
    return factories.identitet_of(deltagande).person_id


def hashes() -> dict[bytes, bool]:
    return {bytes(row.hash): row.aktuell for row in Nummerhash.unscoped.all()}


def versions(deltagande: Deltagande) -> list[Inregistrering]:
    return list(Inregistrering.unscoped.filter(deltagande=deltagande).order_by("nr"))


def kinds(caught: Any) -> list[str]:
    return [found.kind for found in caught.value.findings]


@pytest.fixture
def own() -> Insats:
    return factories.insats()


@pytest.fixture
def eva(own: Insats) -> User:
    return factories.user(Roll.DELTAGARANSVARIG, insats=own)


def test_a_number_that_nobody_else_has_leaves_no_trace(own: Insats, eva: User) -> None:
    """Who it belongs to has given no samtycke: neither number nor hash of it stays, and who registers it gets a person
    of its own."""
    lisa = factories.registered(nummer=BO, insats=own)
    with factories.acting(eva):
        person = correct_number([lisa.pk], LISA, orsak=REASON)
    assert stored_number(lisa) == LISA.digits and person_of(lisa) == person.pk
    assert hashes() == {keyed_hash(LISA.digits): True} and Person.unscoped.count() == 1
    with factories.as_system():
        bo = register_in([factories.nytt_deltagande(nummer=BO)])[0]
    assert person_of(bo) != person.pk and stored_number(bo) == BO.digits
    assert stored_number(lisa) == LISA.digits


def test_who_has_the_wrong_number_rightly_is_not_touched(own: Insats, eva: User) -> None:
    """Out of reach of whoever made the slip: number, versions and access log of the other stay as they were."""
    bo = factories.registered(nummer=BO)
    lisa = factories.registered(nummer=BO, insats=own)
    assert person_of(bo) == person_of(lisa)
    logged = Atkomst.objects.count()
    with factories.acting(eva):
        correct_number([lisa.pk], LISA, orsak=REASON)
    assert (stored_number(bo), stored_number(lisa)) == (BO.digits, LISA.digits)
    assert hashes() == {keyed_hash(BO.digits): True, keyed_hash(LISA.digits): True}
    assert len(versions(bo)) == 1
    rows = Atkomst.objects.order_by("pk")[logged:].values_list("handling", "objekt", "objekt_id", "syfte")
    assert list(rows) == [("andrat", "deltagande", str(lisa.pk), "personnumret rättat")]
    for row in Atkomst.objects.values():
        assert not any(one in str(value) for value in row.values() for one in (BO.digits, LISA.digits))


def test_to_who_has_the_right_number_already(own: Insats, eva: User) -> None:
    """The deltagande is theirs from now on, with kön and birth year of their number of today, also when a number that
    they had before is typed; what else is theirs stays."""
    lisa, wrong = factories.registered(nummer=LISA), factories.registered(nummer=BO, insats=own)
    with factories.as_system():
        change_number(lisa.pk, newest := listed(3, born=(1986, 1986), kon="M"), orsak="nytt")
    for right in (newest, LISA):
        with factories.acting(eva):
            correct_number([wrong.pk], right, orsak=REASON)
        assert person_of(wrong) == person_of(lisa) and stored_number(wrong) == newest.digits
        assert len(versions(lisa)) == 2
        assert hashes() == {keyed_hash(LISA.digits): False, keyed_hash(newest.digits): True}
        assert (versions(wrong)[-1].kon, versions(wrong)[-1].fodelsear) == (newest.kon, newest.birth_year)
        with factories.acting(eva):
            correct_number([wrong.pk], BO, orsak=REASON)
    assert stored_number(wrong) == BO.digits and stored_number(lisa) == newest.digits


def test_a_former_number_of_somebody_in_reach_is_asked_about(own: Insats, eva: User) -> None:
    """Of somebody out of reach nothing is told: it is found as a number that nobody has."""
    wrong, theirs = factories.registered(nummer=BO, insats=own), factories.insats(forbund=own.forbund)
    lisa = factories.registered(nummer=LISA, insats=theirs)
    newest = listed(3, born=(1986, 1986), kon="M")
    with factories.as_system():
        change_number(lisa.pk, newest, orsak="nytt")

    def found() -> tuple[list[tuple[str, bool]], Nummer]:
        with factories.acting(eva):
            findings = check_corrected_number(person_of(wrong), [wrong.pk], LISA, orsak=REASON)
            return [(one.kind, one.warning) for one in findings], known_as(person_of(wrong), LISA)

    assert found() == ([], LISA)
    factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=theirs)
    assert found() == ([("tidigare_nummer", True)], newest)


def test_the_version_says_what_is_right_from_now_on(own: Insats, eva: User) -> None:
    """What was known before stays known so, and nothing of what was answered changes; a way out stays as it is."""
    lisa = factories.registered_out(factories.registered(nummer=BO, insats=own))
    with factories.acting(eva):
        correct_number([lisa.pk], LISA, orsak=REASON)
    old, new = versions(lisa)
    assert (old.kon, old.fodelsear) == (BO.kon, BO.birth_year)
    assert (new.kon, new.fodelsear) == (LISA.kon, LISA.birth_year)
    assert in_uppgifter(old) == in_uppgifter(new) and new.registrerad > old.registrerad
    assert (new.slag, reason_given(new)) == (Rattelseslag.NUMMERRATTELSE, REASON)
    assert Deltagande.unscoped.get(pk=lisa.pk).aktuell_in == new
    assert Utregistrering.unscoped.filter(deltagande=lisa).count() == 1


def test_only_what_is_named_moves(own: Insats, eva: User) -> None:
    """The person's others are corrected each on their own, or together where they are named; the last takes the wrong
    number with it."""
    one, two, three = (factories.registered(nummer=BO, insats=insats) for insats in (own, None, None))
    with factories.acting(eva):
        correct_number([one.pk], LISA, orsak=REASON)
    assert stored_number(two) == stored_number(three) == BO.digits and len(versions(two)) == 1
    with factories.as_system():
        correct_number([two.pk, three.pk], LISA, orsak=REASON)
    assert person_of(one) == person_of(two) == person_of(three)
    assert hashes() == {keyed_hash(LISA.digits): True} and Person.unscoped.count() == 1


def test_deltaganden_of_two_persons_are_not_corrected_together() -> None:
    one, two = factories.registered(1), factories.registered(2)
    with factories.as_system(), pytest.raises(ChangedMeanwhile):
        correct_number([one.pk, two.pk], LISA, orsak=REASON)
    assert hashes() == dict.fromkeys((keyed_hash(factories.nummer(n).digits) for n in (1, 2)), True)


def test_two_that_were_made_one_are_parted_again(own: Insats, eva: User) -> None:
    """A new number was given where a wrong one had been typed: each is corrected back to the own number."""
    olle = factories.registered(nummer=LISA)
    bo = factories.registered(nummer=BO, insats=own)
    with factories.acting(eva):
        change_number(bo.pk, LISA, orsak="trodde att det var samma")
    assert person_of(olle) == person_of(bo)
    with factories.acting(eva):
        found = check_corrected_number(person_of(bo), [bo.pk], BO, orsak=REASON)
        assert [(one.kind, one.warning) for one in found] == [("tidigare_nummer", True)]
        correct_number([bo.pk], BO, orsak=REASON)
    assert person_of(olle) != person_of(bo)
    assert (stored_number(olle), stored_number(bo)) == (LISA.digits, BO.digits)
    assert hashes() == {keyed_hash(BO.digits): True, keyed_hash(LISA.digits): True}


def test_the_wrong_of_the_two_ways_was_taken(own: Insats, eva: User) -> None:
    """A slip that was called a new number: back to the wrong number, and then to the right one, as a slip."""
    lisa, also = factories.registered(nummer=BO, insats=own), factories.registered(nummer=BO)
    with factories.acting(eva):
        change_number(lisa.pk, LISA, orsak="fel val")
        assert hashes() == {keyed_hash(BO.digits): False, keyed_hash(LISA.digits): True}
        correct_number([lisa.pk], BO, orsak=REASON)
        correct_number([lisa.pk], LISA, orsak=REASON)
    assert hashes() == {keyed_hash(LISA.digits): True}
    assert person_of(lisa) == person_of(also) and Person.unscoped.count() == 1


def test_of_a_change_by_mistake_nothing_stays() -> None:
    """Of the only deltagande of a person: the number that was right before is the only one again."""
    one = factories.registered(nummer=LISA)
    with factories.as_system():
        change_number(one.pk, BO, orsak="fel")
        correct_number([one.pk], LISA, orsak=REASON)
    assert hashes() == {keyed_hash(LISA.digits): True} and stored_number(one) == LISA.digits


def test_two_at_the_same_time_in_one_insats_are_not_one_person(own: Insats, eva: User) -> None:
    """As when they are registered; one after the other they may be."""
    theirs = factories.registered(nummer=LISA, insats=own)
    wrong = factories.registered(nummer=BO, insats=own)
    with factories.acting(eva), pytest.raises(RuleError) as caught:
        correct_number([wrong.pk], LISA, orsak=REASON)
    assert kinds(caught) == ["overlapp"] and own.namn in caught.value.findings[0].message
    assert stored_number(wrong) == BO.digits and Person.unscoped.count() == 2
    with factories.as_system():
        factories.registered_out(theirs, slutdatum=None, avslutsanledning="felregistrering")
    with factories.acting(eva):
        correct_number([wrong.pk], LISA, orsak=REASON)
    assert person_of(wrong) == person_of(theirs)


def test_a_felregistrering_is_corrected_too(own: Insats, eva: User) -> None:
    """It is in nobody's way."""
    factories.registered(nummer=LISA, insats=own)
    wrong = factories.registered(nummer=BO, insats=own)
    factories.registered_out(wrong, slutdatum=None, avslutsanledning="felregistrering")
    with factories.acting(eva):
        correct_number([wrong.pk], LISA, orsak=REASON)
    assert hashes() == {keyed_hash(LISA.digits): True}


def test_somebody_out_of_reach_is_nothing_to_tell_of(own: Insats, eva: User) -> None:
    """The same findings for a number that nobody has, that somebody elsewhere has, and that somebody had who withdrew
    and is locked."""
    wrong = factories.registered(nummer=BO, insats=own)
    factories.registered(nummer=LISA)
    gone = factories.registered(nummer=listed(7), insats=own)
    Identitet.unscoped.filter(deltagande=gone).update(
        begransad=factories.REGISTRERAD, begransad_orsak=Avidentifiering.ATERKALLAT
    )
    for right in (LISA, listed(7), listed(8)):
        with factories.acting(eva):
            assert check_corrected_number(person_of(wrong), [wrong.pk], right, orsak=REASON) == []


def test_only_within_scope_and_of_who_is_there(own: Insats, eva: User) -> None:
    """Neither another's deltagande nor one that is locked."""
    theirs, locked = factories.registered(nummer=BO), factories.registered(nummer=BO, insats=own)
    Identitet.unscoped.filter(deltagande=locked).update(
        begransad=factories.REGISTRERAD, begransad_orsak=Avidentifiering.SKYDDAD
    )
    for one in (theirs, locked):
        with pytest.raises(AccessRefused), factories.acting(eva):
            correct_number([one.pk], LISA, orsak=REASON)
    assert hashes() == {keyed_hash(BO.digits): True}


def test_what_is_wrong_with_it_is_told(settings: Any) -> None:
    one = factories.registered(nummer=BO)
    with factories.as_system(), pytest.raises(RuleError) as caught:
        correct_number([one.pk], BO, orsak=" ")
    assert set(kinds(caught)) == {"samma_nummer", "orsak_saknas"}
    settings.FINSAM_MODE = "production"
    with factories.as_system(), pytest.raises(RuleError) as caught:
        correct_number([one.pk], LISA, orsak=REASON)
    assert kinds(caught) == ["testnummer"]


def test_somebody_else_was_first() -> None:
    one = factories.registered(nummer=BO)
    with factories.as_system():
        seen = number_mark(person_of(one))
        correct_number([one.pk], LISA, orsak=REASON, seen=seen)
        with pytest.raises(ChangedMeanwhile):
            correct_number([one.pk], listed(4), orsak=REASON, seen=seen)
    assert stored_number(one) == LISA.digits


def test_a_search_goes_on_without_what_was_not_the_persons(own: Insats, eva: User) -> None:
    """Who searched Bo, and has the search open, has only what is Bo's."""
    bo, lisa = factories.registered(nummer=BO), factories.registered(nummer=BO, insats=own)
    johan = factories.user(Roll.DATASKYDDSGRANSKARE)
    given = factories.uppdrag(johan, Roll.DATASKYDDSGRANSKARE)
    with acting_as(johan, given):
        found = look_up(BO, Syfte.RATTA)
    assert found is not None and set(found.deltaganden) == {bo.pk, lisa.pk}
    with factories.acting(eva):
        correct_number([lisa.pk], LISA, orsak=REASON)
    with acting_as(johan, given):
        assert reopen(found.id).deltaganden == (bo.pk,)
        correct_number([bo.pk], listed(4), orsak=REASON)
    with acting_as(johan, given), pytest.raises(UppslagBorta):
        reopen(found.id)


def test_withdrawal_afterwards_takes_the_last_of_it(own: Insats, eva: User) -> None:
    lisa = factories.registered(nummer=BO, insats=own)
    with factories.acting(eva):
        correct_number([lisa.pk], LISA, orsak=REASON)
    factories.as_if_committed()
    with factories.acting(eva):
        withdraw_samtycke([lisa.pk])
    assert not Nummerhash.unscoped.exists() and not Person.unscoped.exists()
    assert [one.slag for one in versions(lisa)] == [None, None]


def test_a_day_later_is_known_a_day_later(own: Insats, eva: User) -> None:
    """The version is known from the correction on, never before."""
    lisa = factories.registered(nummer=BO, insats=own)
    before = dt.datetime.now(dt.UTC)
    with factories.acting(eva):
        correct_number([lisa.pk], LISA, orsak=REASON)
    assert versions(lisa)[-1].registrerad >= before
