"""`withdraw_samtycke`, `protect_identity`, `remove_felregistrerade`: what is left is what DOMAIN §4 says, no more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.encryption import encrypt
from finsam_site.access.guards import guard_of
from finsam_site.access.models import Atkomst, Handling, Resultat
from finsam_site.access.roles import Roll
from registration.models import (
    Anonyma,
    Beslut,
    Deltagande,
    Fraga,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Samtycke,
    Samtyckesskanning,
    Svar,
    Utregistrering,
)
from registration.rules import decisions, erase
from registration.rules.clock import writing_since
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import protect_identity, remove_felregistrerade, withdraw_samtycke
from registration.rules.findings import RuleError
from registration.rules.register import register_in
from registration.rules.reveal import reveal
from reporting.uttag.extraction import count_erased_since
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LEFT_IN = {
    "id", "deltagande_id", "nr", "insats_id", "registrerad", "mottagen", "registrerad_av_id", "kon", "start_ar",
}  # fmt: skip
LEFT_OUT = LEFT_IN - {"start_ar"} | {"slut_ar", "felregistrering"}


def today() -> dt.date:
    return timezone.localdate()


def with_everything(n: int = 0, **overrides: Any) -> Deltagande:
    """A deltagande with two in-versions, a scan and an answer."""
    one = factories.registered(n, **overrides)
    ny = factories.nytt_deltagande(n, insats_id="-", kommunkod="0180", forsorjning="forsorjningsstod:del")
    with factories.as_system():
        correct(Rattelse(one.pk, "flyttade", in_=ny.uppgifter))
    samtycke = Samtycke.unscoped.get(identitet__deltagande=one)
    now = timezone.now()
    Samtyckesskanning.unscoped.create(
        samtycke=samtycke,
        insats_id=one.insats_id,
        innehall_krypterat=encrypt(b"scan", context=f"samtycke.skanning:{samtycke.pk}"),
        mediatyp="application/pdf",
        inlagd=now,
    )
    fraga = Fraga.objects.create(
        forbund=one.insats.forbund,
        text="Hur?",
        tillfalle="in",
        svarstyp="text",
        giltig_fran=factories.INSATS_START,
    )
    Svar.unscoped.create(
        fraga=fraga,
        deltagande=one,
        insats_id=one.insats_id,
        svar_krypterat=encrypt(b"svar", context=f"svar:{one.pk}"),
        besvarad=now,
    )
    return one


def withdraw(*deltaganden: Deltagande) -> None:
    """Withdraw as the system account, in a later transaction than the registration."""
    factories.as_if_committed()
    with factories.as_system():
        withdraw_samtycke([one.pk for one in deltaganden])


def without_decision(settings: Any) -> None:
    """No gallringsbeslut anywhere."""
    settings.ERASURE_DECISION = ""
    Beslut.objects.filter(slag=Beslut.Slag.GALLRING).delete()


# --- What is left ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_every_version_is_left_with_insats_kon_and_years_only(rule: Any) -> None:
    """Every other column of every version is empty, old versions and new alike, in and out."""
    one = factories.registered_out(with_everything())
    before = list(
        Inregistrering.unscoped.order_by("nr").values("insats_id", "kon", "start_ar", "registrerad")
    )
    with factories.as_system():
        rule([one.pk])
    ins = list(Inregistrering.unscoped.order_by("nr").values())
    uts = list(Utregistrering.unscoped.values())
    assert (len(ins), len(uts)) == (2, 1)
    for row, left in [(row, LEFT_IN) for row in ins] + [(row, LEFT_OUT) for row in uts]:
        assert {name for name, value in row.items() if value is not None} == left
    assert [
        {name: row[name] for name in ("insats_id", "kon", "start_ar", "registrerad")} for row in ins
    ] == before
    assert (uts[0]["slut_ar"], uts[0]["felregistrering"]) == (2024, False)
    blanked = {f"{name}_id" if name == "kommun" else name for name in guard_of(Inregistrering).erasable}
    assert blanked == ins[0].keys() - LEFT_IN


def test_the_identity_and_all_that_hangs_on_it_are_gone() -> None:
    """Name, number, look-up hash, scan and answers; the deltagande says since when and why."""
    one = with_everything()
    withdraw(one)
    for model in (Identitet, Person, Samtyckesskanning, Svar):
        assert model.unscoped.count() == 0
    assert Nummerhash.unscoped.count() == 0
    row = Deltagande.unscoped.get(pk=one.pk)
    assert row.avidentifierad is not None
    assert row.avidentifierad_orsak == "aterkallat"


def test_the_receipt_stays_and_is_tied_to_nothing() -> None:
    """Reference code, dates and form version are proof (GDPR 7.1); nothing points from them to anybody, and neither who
    took the paper nor its language is left to guess by."""
    one = with_everything()
    before = Samtycke.unscoped.values().get()
    withdraw(one)
    after = Samtycke.unscoped.values().get()
    assert before["sprak"] and before["mottaget_av_id"]
    assert after == before | {"aterkallat": today(), "sprak": "", "mottaget_av_id": None}
    receipt = Samtycke.unscoped.get()
    tied = [relation for relation in Samtycke._meta.related_objects if relation.related_model is not None]
    # Of a correction nothing is left but that there was one (test_rules_correct_samtycke).
    assert {relation.name for relation in tied} == {"identitet", "skanning", "andringar"}
    for relation in tied:
        model: Any = relation.related_model
        assert not model.unscoped.filter(samtycke=receipt).exists()
    assert str(one.pk) not in {str(value) for value in after.values()}


def test_an_open_deltagande_ends_that_day() -> None:
    """With the year of that day; protection ends it too, so that it is not counted in the years to come."""
    one, two = factories.registered(0), factories.registered(1)
    with factories.as_system():
        when = withdraw_samtycke([one.pk])
        protect_identity([two.pk])
    for deltagande in (one, two):
        row = Deltagande.unscoped.select_related("aktuell_ut").get(pk=deltagande.pk)
        assert row.aktuell_ut is not None
        assert (row.aktuell_ut.slut_ar, row.senaste_slut_ar) == (today().year, today().year)
        assert row.aktuell_ut.registrerad == row.forst_ut
    assert Deltagande.unscoped.get(pk=one.pk).forst_ut == when
    assert {row.avidentifierad_orsak for row in Deltagande.unscoped.all()} == {"aterkallat", "skyddad"}


def test_an_open_deltagande_ends_with_aterkallat_samtycke(settings: Any) -> None:
    """Seen where nothing may be erased: day and reason stand until the identity goes."""
    without_decision(settings)
    one = factories.registered(0)
    withdraw(one)
    version = Utregistrering.unscoped.get()
    assert (version.slutdatum, version.avslutsanledning) == (today(), "aterkallat_samtycke")
    assert (version.forsorjning, version.arbetar) == (None, None)


def test_a_finished_deltagande_keeps_its_slut() -> None:
    """No new end is written: the year it ended is the year it ended."""
    one = factories.registered_out(factories.registered(0))
    withdraw(one)
    version = Utregistrering.unscoped.get()
    assert (version.nr, version.slut_ar, version.slutdatum) == (1, 2024, None)


LATER = dt.timedelta(days=400)


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_one_that_was_to_end_later_ends_that_day_too(rule: Any) -> None:
    """Registered out with a day that has not come: it would be counted as avidentifierad in the years to come."""
    one = factories.registered_out(factories.registered(0), slutdatum=today() + LATER)
    first = one.forst_ut
    with factories.as_system():
        when = rule([one.pk])
    old, new = Utregistrering.unscoped.order_by("nr")
    assert (old.nr, old.slut_ar) == (1, (today() + LATER).year)
    assert (new.nr, new.slut_ar, new.registrerad, new.mottagen) == (2, today().year, when, when)
    assert (new.kon, new.felregistrering) == (old.kon, False)
    row = Deltagande.unscoped.get()
    assert (row.aktuell_ut_id, row.forst_ut) == (new.pk, first)
    # As of a time before, it was still to end then: the years that narrow down what an uttag reads span every version.
    assert row.senaste_slut_ar == old.slut_ar


@pytest.mark.parametrize(
    ("rule", "anledning"), [(withdraw_samtycke, "aterkallat_samtycke"), (protect_identity, None)]
)
def test_one_that_was_to_end_later_gets_what_an_open_one_gets(
    settings: Any, rule: Any, anledning: str | None
) -> None:
    """Seen where nothing may be erased; the period of the identitet ends there too."""
    without_decision(settings)
    one = factories.registered_out(factories.registered(0), slutdatum=today() + LATER)
    factories.as_if_committed()
    with factories.as_system():
        rule([one.pk])
    new = Utregistrering.unscoped.get(nr=2)
    assert (new.slutdatum, new.avslutsanledning) == (today(), anledning)
    assert (new.forsorjning, new.arbetar) == (None, None)
    assert factories.identitet_of(one).slutdatum == today()


@pytest.mark.parametrize("days", [0, -1])
def test_one_that_has_ended_keeps_its_last_day(days: int) -> None:
    """Today is not later."""
    one = factories.registered_out(factories.registered(0), slutdatum=today() + dt.timedelta(days=days))
    withdraw(one)
    assert Utregistrering.unscoped.get().nr == 1


def test_a_felregistrering_with_a_later_day_stays_as_it_is() -> None:
    """It is in no count, and nothing brings it back into one."""
    one = factories.registered_out(
        factories.registered(0), slutdatum=today() + LATER, avslutsanledning="felregistrering",
        forsorjning=None, arbetar=None, typ_av_arbete=None,
    )  # fmt: skip
    withdraw(one)
    version = Utregistrering.unscoped.get()
    assert (version.nr, version.felregistrering) == (1, True)


def test_one_that_was_to_begin_and_end_later_ends_as_it_begins() -> None:
    start = today() + LATER
    one = factories.registered_out(
        factories.registered(0, startdatum=start), slutdatum=start + dt.timedelta(days=800)
    )
    withdraw(one)
    assert Utregistrering.unscoped.get(nr=2).slut_ar == start.year


def test_several_are_ended_each_in_its_own_way() -> None:
    """Open, to end later and ended, withdrawn in one go."""
    insats = factories.insats()
    some = [factories.registered(n, insats=insats) for n in range(3)]
    factories.registered_out(some[1], slutdatum=today() + LATER)
    factories.registered_out(some[2])
    withdraw(*some)
    found = Utregistrering.unscoped.order_by("nr").values_list("deltagande", "nr", "slut_ar")
    assert set(found) == {
        (some[0].pk, 1, today().year),
        (some[1].pk, 1, (today() + LATER).year), (some[1].pk, 2, today().year),
        (some[2].pk, 1, factories.SLUT.year),
    }  # fmt: skip


def test_one_that_was_to_end_later_does_not_bar_a_new_samtycke(settings: Any) -> None:
    """Locked, its last day is today also where the overlap rule looks."""
    without_decision(settings)
    insats = factories.insats()
    one = factories.registered_out(factories.registered(0, insats=insats), slutdatum=today() + LATER)
    withdraw(one)
    tomorrow = today() + dt.timedelta(days=1)
    factories.registered(0, insats=insats, startdatum=tomorrow, undertecknat=today(), registrerad=None)
    assert Deltagande.unscoped.count() == 2


def test_one_that_was_to_begin_later_ends_as_it_begins() -> None:
    """Slut is never before start, also when the samtycke is withdrawn before the first day."""
    start = today() + dt.timedelta(days=400)
    one = factories.registered(0, startdatum=start)
    withdraw(one)
    assert Utregistrering.unscoped.get().slut_ar == start.year


def test_the_person_goes_with_the_last_identitet() -> None:
    """Withdrawal concerns one samtycke: what was said under another stays, and so does the person."""
    one, two = factories.registered(0), factories.registered(0)
    factories.registered(1)
    withdraw(one)
    assert Person.unscoped.count() == 2
    assert Identitet.unscoped.filter(deltagande=two).exists()
    assert Inregistrering.unscoped.get(deltagande=two).startdatum == factories.START
    withdraw(two)
    assert Person.unscoped.count() == Nummerhash.unscoped.count() == 1


def test_the_person_is_not_entered_again_as_anonym() -> None:
    """Neither withdrawal nor protection touches the counts without persons."""
    one, two = factories.registered(0), factories.registered(1)
    withdraw(one)
    with factories.as_system():
        protect_identity([two.pk])
    assert Anonyma.unscoped.count() == 0


def test_withdrawal_needs_no_reason_and_is_logged_once() -> None:
    """One row per deltagande, by the one who did it; the rule takes nothing but which."""
    own = factories.insats()
    one = with_everything(insats=own)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    logged = Atkomst.objects.count()
    with factories.acting(account):
        withdraw_samtycke([one.pk])
    (row,) = Atkomst.objects.order_by("pk")[logged:]
    assert row.syfte == "samtycket återkallades, enligt gallringsbeslut demo"
    assert (row.handling, row.objekt_id, row.user, row.resultat) == (
        Handling.AVIDENTIFIERAT,
        str(one.pk),
        account,
        Resultat.UTFORT,
    )


def test_nothing_is_left_in_another_sessions_scope() -> None:
    """The next request of any colleague sees neither the deltagande nor its parts, and cannot bring them back."""
    own = factories.insats()
    one = with_everything(insats=own)
    identitet = factories.identitet_of(one)
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    models = (Deltagande, Inregistrering, Identitet, Person, Samtyckesskanning, Svar)
    with factories.acting(colleague):
        assert all(model.objects.exists() for model in models)
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=own)):
        withdraw_samtycke([one.pk])
    with factories.acting(colleague):
        assert not any(model.objects.exists() for model in (*models, Utregistrering))
    for again in (withdraw_samtycke, protect_identity):
        with pytest.raises(AccessRefused), factories.acting(colleague):
            again([one.pk])
    with pytest.raises(AccessRefused), factories.acting(colleague):
        reveal(identitet.pk, "läsa")


def test_out_of_scope_nothing_is_withdrawn() -> None:
    """One of two out of scope: neither is touched, and the try is logged."""
    own = factories.insats()
    mine, theirs = factories.registered(0, insats=own), factories.registered(1)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    for rule in (withdraw_samtycke, protect_identity):
        with pytest.raises(AccessRefused), factories.acting(account):
            rule([mine.pk, theirs.pk])
    assert Identitet.unscoped.count() == 2
    assert Atkomst.objects.filter(objekt_id=str(theirs.pk), resultat=Resultat.NEKAT).count() == 2
    assert not Atkomst.objects.filter(handling=Handling.AVIDENTIFIERAT).exists()


def test_after_withdrawal_a_new_samtycke_can_be_given_the_same_day() -> None:
    """Nothing of the old deltagande stands in the way: it no longer has a person."""
    insats = factories.insats()
    one = factories.registered(0, insats=insats)
    withdraw(one)
    factories.registered(0, insats=insats, startdatum=today(), undertecknat=today(), registrerad=None)
    assert Deltagande.unscoped.count() == 2


# --- Without a gallringsbeslut ---------------------------------------------------------------------------------------


def test_without_a_decision_it_is_locked_instead(settings: Any) -> None:
    """Nothing is erased, and nothing is in anybody's scope (DOMAIN §4)."""
    without_decision(settings)
    own = factories.insats()
    one = with_everything(insats=own)
    identitet = factories.identitet_of(one)
    withdraw(one)
    stored = Identitet.unscoped.get(pk=identitet.pk)
    assert stored.begransad is not None
    assert Samtycke.unscoped.get().aterkallat == today()
    assert Deltagande.unscoped.get().avidentifierad is None
    assert Samtyckesskanning.unscoped.exists() and Svar.unscoped.exists()
    accounts = [factories.user(roll, forbund=own.forbund, insats=own) for roll in Roll]
    for account, roll in zip(accounts, Roll, strict=True):
        with factories.acting(account, roll):
            for model in (
                Deltagande, Inregistrering, Utregistrering, Identitet, Person, Samtyckesskanning, Svar,
            ):  # fmt: skip
                assert not model.objects.exists(), (roll, model)
        with pytest.raises(AccessRefused), factories.acting(account, roll):
            reveal(identitet.pk, "läsa")


def test_a_locked_deltagande_does_not_bar_the_person_for_ever(settings: Any) -> None:
    """It ended that day also where the overlap rule looks: from the day after a new samtycke is as good as any."""
    without_decision(settings)
    insats = factories.insats()
    one = factories.registered(0, insats=insats)
    withdraw(one)
    assert factories.identitet_of(one).slutdatum == today()
    tomorrow = today() + dt.timedelta(days=1)
    factories.registered(0, insats=insats, startdatum=tomorrow, undertecknat=today(), registrerad=None)
    assert Deltagande.unscoped.count() == 2


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_a_locked_number_is_registered_as_one_that_nobody_has(settings: Any, rule: Any) -> None:
    """On the same days in the same insats, and with the same answer: that somebody was there is told to nobody."""
    without_decision(settings)
    own = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    one = factories.registered(0, insats=own)
    factories.as_if_committed()
    with factories.acting(account):
        rule([one.pk])
    with factories.acting(account):
        found = register_in([factories.nytt_deltagande(n, insats=own, registrerad=None) for n in (0, 1)])
    assert set(Identitet.objects.all()) == set()  # outside `acting_as`
    with factories.acting(account):
        assert set(Identitet.objects.values_list("deltagande", flat=True)) == {row.pk for row in found}
        with pytest.raises(RuleError) as caught:  # who is there is still in the way
            register_in([factories.nytt_deltagande(0, insats=own, registrerad=None)])
    assert {finding.kind for finding in caught.value.findings} == {"overlapp"}
    factories.as_if_committed()
    settings.ERASURE_DECISION = "dnr 5"
    with factories.as_system():
        assert erase.erase_locked() == 1
    assert Person.unscoped.count() == 2
    assert factories.identitet_of(found[0]).person_id in set(Person.unscoped.values_list("pk", flat=True))


def test_a_locked_deltagande_is_not_in_the_way_of_a_correction(settings: Any) -> None:
    """As an erased one is not: the days of the new deltagande are corrected into its own."""
    without_decision(settings)
    insats = factories.insats()
    one = factories.registered(0, insats=insats)
    withdraw(one)
    later = today() + LATER
    two = factories.registered(0, insats=insats, startdatum=later, undertecknat=today(), registrerad=None)
    ny = factories.nytt_deltagande(0, insats=insats)
    with factories.as_system():
        correct(Rattelse(two.pk, "fel dag", in_=ny.uppgifter))
    assert factories.identitet_of(two).startdatum == factories.START


def test_the_decision_that_holds_is_the_newest_valid_one(settings: Any) -> None:
    """A recorded decision is enough, from its day on; the setting is what holds without one."""
    settings.ERASURE_DECISION = "dnr 0"
    assert decisions.erasure_decision() == "dnr 0"
    without_decision(settings)
    assert decisions.erasure_decision() == ""
    gallring = Beslut.Slag.GALLRING
    Beslut.objects.create(
        slag=gallring, version=1, referens="dnr 1", giltig_fran=today() + dt.timedelta(days=1)
    )
    Beslut.objects.create(slag=Beslut.Slag.SAMTYCKETS_INNEBORD, version=9, referens="-", giltig_fran=today())
    assert decisions.erasure_decision() == ""
    Beslut.objects.create(slag=gallring, version=2, referens="dnr 2", giltig_fran=today())
    assert decisions.erasure_decision() == "dnr 2"
    one = factories.registered(0)
    withdraw(one)
    assert not Identitet.unscoped.exists()


# --- Felregistrering -------------------------------------------------------------------------------------------------


def felregistrerat(monkeypatch: pytest.MonkeyPatch, days_ago: int, n: int = 0) -> Deltagande:
    """A felregistrering that we received that many days ago, to the second."""
    one = factories.registered(n)
    when = timezone.now() - dt.timedelta(days=days_ago)
    with monkeypatch.context() as patch:
        patch.setattr("registration.rules.register.writing_since", lambda: when)
        factories.registered_out(one, slutdatum=None, avslutsanledning="felregistrering")
    return one


def sweep_away() -> int:
    """The daily job."""
    with factories.as_system():
        return remove_felregistrerade()


def test_the_identity_of_a_felregistrering_goes_after_30_days_and_not_before(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Thirty days and no day less; the setting decides; others are left alone (DOMAIN §3)."""
    old = felregistrerat(monkeypatch, 30, 0)
    young = felregistrerat(monkeypatch, 29, 1)
    other = factories.registered_out(factories.registered(2))
    assert sweep_away() == 1
    assert set(Identitet.unscoped.values_list("deltagande", flat=True)) == {young.pk, other.pk}
    assert Deltagande.unscoped.get(pk=old.pk).avidentifierad_orsak == "felregistrering"
    assert Utregistrering.unscoped.get(deltagande=old).felregistrering is True
    assert sweep_away() == 0
    settings.FELREGISTRERING_DAYS = 29
    assert sweep_away() == 1


def test_correcting_a_felregistrering_does_not_begin_the_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Still a felregistrering, it goes on its day; taken back in between, it counts from when it was said again."""
    again, taken_back = felregistrerat(monkeypatch, 31, 0), felregistrerat(monkeypatch, 31, 1)
    fel = factories.ut_uppgifter(slutdatum=None, avslutsanledning="felregistrering")
    with factories.as_system():
        correct(Rattelse(again.pk, "samma", ut=fel))
        correct(Rattelse(taken_back.pk, "rätt ändå", ut=factories.ut_uppgifter()))
        correct(Rattelse(taken_back.pk, "fel ändå", ut=fel))
    assert sweep_away() == 1
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [taken_back.pk]


def test_a_felregistrering_is_locked_without_a_decision_and_goes_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """It is locked once, not every day anew."""
    without_decision(settings)
    felregistrerat(monkeypatch, 31)
    assert (sweep_away(), sweep_away()) == (1, 0)
    assert Identitet.unscoped.get().begransad is not None
    settings.ERASURE_DECISION = "dnr 3"
    assert sweep_away() == 1
    assert not Identitet.unscoped.exists()


def test_what_was_locked_is_avidentifierad_since_then(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The decision that comes later changes no uttag as of between: nobody was erased since."""
    without_decision(settings)
    one = factories.registered(0)
    withdraw(one)
    felregistrerat(monkeypatch, 31, 1)
    sweep_away()
    locked = dict(Identitet.unscoped.values_list("deltagande", "begransad"))
    year, between = Deltagande.unscoped.values_list("tidigaste_start_ar", flat=True)[0], max(locked.values())
    assert count_erased_since(year, between) == 0
    settings.ERASURE_DECISION = "dnr 4"
    with factories.as_system():
        assert remove_felregistrerade() + erase.erase_locked() == 2
    assert not Identitet.unscoped.exists()
    assert dict(Deltagande.unscoped.values_list("pk", "avidentifierad")) == locked
    assert count_erased_since(year, between) == 0
    assert count_erased_since(year, min(locked.values()) - dt.timedelta(microseconds=1)) == 1


def test_only_the_system_removes_felregistreringar() -> None:
    """A scheduled job: nobody else runs it, and nobody's scope makes it do half."""
    account = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)
    with pytest.raises(AccessRefused), factories.acting(account):
        remove_felregistrerade()


def test_a_felregistrering_can_be_withdrawn_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait thirty days; it is no more of an end than it was."""
    one = felregistrerat(monkeypatch, 1)
    withdraw(one)
    assert Utregistrering.unscoped.get().felregistrering is True
    assert not Identitet.unscoped.exists()


def test_a_withdrawn_deltagande_cannot_be_registered_out_or_corrected() -> None:
    """Also the system account finds nothing left to change."""
    one = factories.registered(0)
    withdraw(one)
    with pytest.raises((AccessRefused, RuleError)):
        factories.registered_out(one)


def test_the_time_of_withdrawal_is_when_it_becomes_known() -> None:
    """An uttag as of before has the deltagande open, one from after has it ended."""
    one = factories.registered(0)
    with factories.as_system():
        before = writing_since()
        when = withdraw_samtycke([one.pk])
    assert before < when <= timezone.now() + dt.timedelta(seconds=5)
    assert Utregistrering.unscoped.get().registrerad == when
