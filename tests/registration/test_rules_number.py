"""`change_number`: the person stays one, the old number only a look-up hash, kön of before as it was (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.encryption import keyed_hash
from finsam_site.access.models import Atkomst
from finsam_site.access.roles import Roll
from registration.models import (
    Avidentifiering,
    Deltagande,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Rattelseslag,
)
from registration.personnummer import Nummer, parse
from registration.rules.change_number import (
    change_number,
    changed_elsewhere,
    changed_number,
    in_uppgifter,
    last_change,
    number_mark,
)
from registration.rules.correct import Rattelse, correct
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.register import register_in
from registration.rules.reveal import decrypt
from registration.rules.version_rows import reason_given
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]

REASON = "nytt nummer från Skatteverket"


def listed(index: int, **choice: Any) -> Nummer:
    """A number of the list."""
    return parse(numbers.pick(index, **choice), today=factories.START)


def samordning_and_person() -> tuple[Nummer, Nummer]:
    """A samordningsnummer and a personnummer of another kön and birth year."""
    before = listed(0, kind="samordningsnummer", kon="M")
    return before, listed(5, kon="K")


def stored_number(deltagande: Deltagande) -> str:
    """The number in clear."""
    return decrypt(Identitet.unscoped.select_related("person").get(deltagande=deltagande)).personnummer


def test_the_person_stays_one_and_the_old_number_only_finds() -> None:
    """Every deltagande of the person has the new number; the old one is nowhere but as a keyed hash."""
    before, after = samordning_and_person()
    one, two = factories.registered(nummer=before), factories.registered(nummer=before)
    with factories.as_system():
        person = change_number(one.pk, after, orsak=REASON)
    assert Person.unscoped.count() == 1
    assert stored_number(one) == stored_number(two) == after.digits
    hashes = {bytes(row.hash): row.aktuell for row in Nummerhash.unscoped.all()}
    assert hashes == {keyed_hash(before.digits): False, keyed_hash(after.digits): True}
    assert before.digits.encode() not in bytes(Person.unscoped.get().nummer_krypterat)
    with factories.as_system():
        again = register_in([factories.nytt_deltagande(nummer=before)])[0]
    assert factories.identitet_of(again).person_id == person.pk


def test_kon_of_earlier_versions_is_as_it_was() -> None:
    """Each deltagande of the person gets a new version from now on; what was known before stays known so."""
    before, after = samordning_and_person()
    one, two = factories.registered(nummer=before), factories.registered(nummer=before)
    factories.registered(3)
    with factories.as_system():
        change_number(one.pk, after, orsak=REASON)
    for deltagande in (one, two):
        old, new = Inregistrering.unscoped.filter(deltagande=deltagande)
        assert (old.kon, old.fodelsear) == (before.kon, before.birth_year)
        assert (new.kon, new.fodelsear) == (after.kon, after.birth_year)
        assert (new.kommun_id, new.startdatum, new.forsorjning) == (
            old.kommun_id,
            old.startdatum,
            old.forsorjning,
        )
        assert new.registrerad > old.registrerad
        assert Deltagande.unscoped.get(pk=deltagande.pk).aktuell_in == new
    assert Inregistrering.unscoped.count() == 5


def test_a_version_says_why_also_where_kon_and_birth_year_stay() -> None:
    """What was answered stays; why and when it was changed is not lost."""
    before = listed(0, born=(1990, 1990), kon="K")
    after = listed(1, born=(1990, 1990), kon="K")
    one = factories.registered(nummer=before)
    with factories.as_system():
        change_number(one.pk, after, orsak=REASON)
    old, new = Inregistrering.unscoped.order_by("nr")
    assert in_uppgifter(old) == in_uppgifter(new) and (old.kon, old.fodelsear) == (new.kon, new.fodelsear)
    assert reason_given(new) == REASON
    assert changed_number(new) and not changed_number(old)


def test_a_correction_whose_reason_has_those_words_is_a_correction() -> None:
    """What a version was made by is no part of what somebody wrote."""
    one = factories.registered(0)
    with factories.as_system():
        change_number(one.pk, factories.nummer(1), orsak=REASON)
        answers = in_uppgifter(Inregistrering.unscoped.get(deltagande=one, nr=2))
        for reason in ("Nytt personnummer: se ärende", "Nytt personnummer: "):
            correct(Rattelse(one.pk, reason, in_=replace(answers, utbildning=None)))
        last = last_change(one.pk)
    first, number, *corrected = Inregistrering.unscoped.filter(deltagande=one).order_by("nr")
    assert [version.slag for version in (first, number, *corrected)] == [
        None, Rattelseslag.NUMMERBYTE, Rattelseslag.RATTELSE, Rattelseslag.RATTELSE,
    ]  # fmt: skip
    assert not any(changed_number(version) or changed_elsewhere(version) for version in corrected)
    assert reason_given(corrected[0]) == "Nytt personnummer: se ärende"
    assert last == number


def test_back_to_an_earlier_number() -> None:
    """A number that the person had is the person's again, and both find the person. A mistake is another rule's:
    `correct_number` leaves nothing of it."""
    before, after = samordning_and_person()
    one = factories.registered(nummer=before)
    with factories.as_system():
        change_number(one.pk, after, orsak=REASON)
        change_number(one.pk, before, orsak=REASON)
    assert stored_number(one) == before.digits
    assert bytes(Nummerhash.unscoped.get(aktuell=True).hash) == keyed_hash(before.digits)
    assert Nummerhash.unscoped.count() == 2


def test_two_that_turn_out_to_be_one_are_joined() -> None:
    """The new number is already somebody's: one person, with the deltaganden and every hash of both."""
    before, after = samordning_and_person()
    one, two = factories.registered(nummer=before), factories.registered(nummer=after)
    with factories.as_system():
        person = change_number(one.pk, after, orsak=REASON)
    assert list(Person.unscoped.all()) == [person]
    assert set(Identitet.unscoped.values_list("deltagande", "person")) == {
        (one.pk, person.pk),
        (two.pk, person.pk),
    }
    assert {bytes(row.hash) for row in Nummerhash.unscoped.filter(person=person, aktuell=True)} == {
        keyed_hash(after.digits)
    }
    assert Nummerhash.unscoped.filter(person=person).count() == 2
    assert stored_number(one) == after.digits


def test_joining_is_refused_where_two_deltaganden_would_overlap() -> None:
    """In one insats at one time there can only have been one of them; nothing is changed then."""
    before, after = samordning_and_person()
    insats = factories.insats()
    one = factories.registered(nummer=before, insats=insats)
    factories.registered(nummer=after, insats=insats)
    with factories.as_system(), pytest.raises(RuleError) as caught:
        change_number(one.pk, after, orsak=REASON)
    assert [found.kind for found in caught.value.findings] == ["overlapp"]
    assert Person.unscoped.count() == 2
    assert stored_number(one) == before.digits


def test_joining_looks_past_felregistreringar_and_periods_that_only_follow() -> None:
    """One after the other in the same insats is no overlap, nor is one that was never meant."""
    before, after = samordning_and_person()
    insats = factories.insats()
    one = factories.registered_out(factories.registered(nummer=before, insats=insats))
    again = factories.SLUT + dt.timedelta(days=1)
    later = dt.datetime(2024, 8, 1, tzinfo=dt.UTC)
    two = factories.registered(nummer=after, insats=insats)
    factories.registered_out(two, slutdatum=None, avslutsanledning="felregistrering")
    factories.registered(nummer=after, insats=insats, startdatum=again, undertecknat=again, registrerad=later)
    with factories.as_system():
        change_number(one.pk, after, orsak=REASON)
    assert Person.unscoped.count() == 1


def test_only_within_scope_and_logged() -> None:
    """A deltagaransvarig changes the number of the own; who looked and changed stands in the log, no number."""
    before, after = samordning_and_person()
    own = factories.insats()
    mine, theirs = factories.registered(nummer=before, insats=own), factories.registered(1)
    elsewhere = factories.registered(nummer=before)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with pytest.raises(AccessRefused), factories.acting(account):
        change_number(theirs.pk, after, orsak=REASON)
    logged = Atkomst.objects.count()
    with factories.acting(account):
        person = change_number(mine.pk, after, orsak=REASON)
    rows = Atkomst.objects.order_by("pk")[logged:]
    assert sorted((row.objekt, row.objekt_id) for row in rows) == sorted(
        [("deltagande", str(mine.pk)), ("deltagande", str(elsewhere.pk)), ("person", str(person.pk))]
    )
    for row in Atkomst.objects.values():
        assert not any(
            secret in str(value) for value in row.values() for secret in (before.digits, after.digits)
        )


def test_the_reason_stays_where_it_was_written() -> None:
    """A deltagande out of the actor's scope says that the number changed, and nothing that somebody wrote elsewhere.
    Who it was stands in the row, for the audit."""
    before, after = samordning_and_person()
    own = factories.insats()
    mine, elsewhere = factories.registered(nummer=before, insats=own), factories.registered(nummer=before)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=(also := factories.insats(forbund=own.forbund)))
    second = factories.registered(nummer=before, insats=also)
    with factories.acting_in(account, own):
        change_number(mine.pk, after, orsak=REASON)
    newest = {one.pk: one.aktuell_in for one in Deltagande.unscoped.select_related("aktuell_in")}
    told = {
        pk: (reason_given(one), changed_elsewhere(one)) for pk, one in newest.items() if changed_number(one)
    }
    assert told == {
        mine.pk: (REASON, False),
        second.pk: (REASON, False),
        elsewhere.pk: ("", True),
    }
    assert {newest[pk].registrerad_av_id for pk in told} == {account.pk}


def test_a_joined_person_can_be_saved_by_who_had_only_one_of_the_two() -> None:
    """The other's deltaganden may be far out of scope: the two are one all the same."""
    before, after = samordning_and_person()
    own = factories.insats()
    mine = factories.registered(nummer=before, insats=own)
    theirs = factories.registered(nummer=after)
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=own)):
        change_number(mine.pk, after, orsak=REASON)
    assert factories.identitet_of(mine).person_id == factories.identitet_of(theirs).person_id


def test_a_test_number_is_refused_in_production(settings: Any) -> None:
    """Also when it comes as a change."""
    one = factories.registered(0)
    settings.FINSAM_MODE = "production"
    with factories.as_system(), pytest.raises(RuleError) as caught:
        change_number(one.pk, factories.nummer(1), orsak=REASON)
    assert [found.kind for found in caught.value.findings] == ["testnummer"]


def test_the_same_number_and_no_reason_are_refused() -> None:
    one = factories.registered(0)
    with factories.as_system(), pytest.raises(RuleError) as caught:
        change_number(one.pk, factories.nummer(0), orsak=" ")
    assert {found.kind for found in caught.value.findings} == {"samma_nummer", "orsak_saknas"}


def test_somebody_else_was_first() -> None:
    """The number that was on nobody's screen: a mark says which it was, and tells nothing of it."""
    one = factories.registered(0)
    person = factories.identitet_of(one).person_id
    with factories.as_system():
        seen = number_mark(person)
        change_number(one.pk, factories.nummer(1), orsak=REASON, seen=seen)
        with pytest.raises(ChangedMeanwhile):
            change_number(one.pk, factories.nummer(2), orsak=REASON, seen=seen)
        assert stored_number(one) == factories.nummer(1).digits
        change_number(one.pk, factories.nummer(2), orsak=REASON, seen=number_mark(person))


def test_of_a_clash_only_what_is_in_scope_is_told() -> None:
    """Out of scope, or locked for having withdrawn: that it cannot be done, and nothing more."""
    before, after = samordning_and_person()
    own, other = factories.insats(namn="Den egna"), factories.insats(namn="Den andra")
    one = factories.registered(nummer=before, insats=own)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)

    def told() -> list[tuple[str, bool]]:
        with factories.acting(account), pytest.raises(RuleError) as caught:
            change_number(one.pk, after, orsak=REASON)
        return [(found.kind, "Den egna" in found.message) for found in caught.value.findings]

    for person in (before, after):
        factories.registered(nummer=person, insats=other)
    assert told() == [("kan_inte_bytas", False)]
    two = factories.registered(nummer=after, insats=own)
    assert told() == [("overlapp", True), ("kan_inte_bytas", False)]
    Identitet.unscoped.filter(deltagande=two).update(
        begransad=factories.REGISTRERAD, begransad_orsak=Avidentifiering.ATERKALLAT
    )
    assert told() == [("kan_inte_bytas", False)]


def test_to_a_number_whose_identity_is_locked() -> None:
    """As to one that nobody has: nothing is in the way, though the two were in one insats at once. What is locked keeps
    the versions that it had, as what is erased does."""
    before, after = samordning_and_person()
    insats = factories.insats()
    one, gone = (factories.registered(nummer=each, insats=insats) for each in (before, after))
    lock = {"begransad": factories.REGISTRERAD, "begransad_orsak": Avidentifiering.ATERKALLAT}
    Identitet.unscoped.filter(deltagande=gone).update(**lock)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    with factories.acting(account):
        change_number(one.pk, after, orsak=REASON)
    factories.as_if_committed()
    assert stored_number(one) == after.digits
    assert Person.unscoped.count() == 1
    assert Inregistrering.unscoped.filter(deltagande=one).count() == 2
    assert Inregistrering.unscoped.filter(deltagande=gone).count() == 1


def test_what_is_locked_of_a_person_gets_no_version_by_a_new_number() -> None:
    before, after = samordning_and_person()
    one, gone = (factories.registered(nummer=before) for _ in range(2))
    lock = {"begransad": factories.REGISTRERAD, "begransad_orsak": Avidentifiering.SKYDDAD}
    Identitet.unscoped.filter(deltagande=gone).update(**lock)
    with factories.as_system():
        change_number(one.pk, after, orsak=REASON)
    assert [row.deltagande_id for row in Inregistrering.unscoped.filter(nr=2)] == [one.pk]
