"""`correct_samtycke`: what was registered of the paper becomes what stands on it, and the log says what it was."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Handling, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Samtycke
from registration.rules.change_number import in_uppgifter
from registration.rules.correct import Rattelse
from registration.rules.correct import correct as rule_correct
from registration.rules.correct_samtycke import (
    PURPOSE,
    Samtyckesrattelse,
    Skal,
    correct_samtycke,
    samtycke_changes,
    samtycke_mark,
)
from registration.rules.facts import load_facts
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.samtycke import Status, mark_received, mark_sent, with_status
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LATER = dt.date(2024, 1, 12)


@pytest.fixture
def one() -> Deltagande:
    with factories.as_system():
        return factories.registered(0)


@pytest.fixture
def eva(one: Deltagande) -> User:
    return factories.user(Roll.DELTAGARANSVARIG, insats=one.insats, namn="Eva Prov")


def correct(one: Deltagande, day: dt.date = LATER, sprak: str = "sv", **more: str) -> None:
    formular = factories.samtycke_of(one).formular.version
    rattelse = Samtyckesrattelse(one.pk, day, more.pop("formular", formular), sprak, Skal.SKREV_FEL, **more)
    correct_samtycke(rattelse, load_facts({one.insats.insats_id}))


def test_it_is_as_on_the_paper_and_the_copy_follows(one: Deltagande, eva: User) -> None:
    signed = factories.samtycke_of(one).undertecknat
    assert signed != LATER
    with factories.acting(eva):
        correct(one, sprak="en")
        correct(one, sprak="en")  # the same again is no correction
        changes = samtycke_changes(factories.samtycke_of(one).pk)
    samtycke = factories.samtycke_of(one)
    assert (samtycke.undertecknat, samtycke.sprak) == (LATER, "en")
    connection.check_constraints()
    assert factories.identitet_of(one).undertecknat == LATER
    assert [change.told.replace("\u00a0", " ") for change in changes] == [
        f"underskrivet {signed.day} januari 2024 blev 12 januari 2024. Jag skrev fel.",
        "språk svenska blev engelska. Jag skrev fel.",
    ]
    assert {change.who for change in changes} == {"Eva Prov"}
    rows = Atkomst.objects.filter(syfte__startswith=PURPOSE)
    assert {(row.handling, row.objekt, row.insats) for row in rows} == {
        (Handling.ANDRAT, "samtycke", one.insats_id)
    }


def test_what_registering_in_refuses_is_refused(one: Deltagande, eva: User) -> None:
    """After the registration, of a version that is not there, after the original was sent."""
    registered = factories.identitet_of(one).registrerad_dag
    with factories.acting(eva):
        for day, version, kind in (
            (registered + dt.timedelta(days=1), "", "samtycke_efter_registrering"),
            (LATER, "finns-inte", "formular_okant"),
        ):
            with pytest.raises(RuleError) as caught:
                correct(one, day, **({"formular": version} if version else {}))
            assert kind in [found.kind for found in caught.value.findings]
        signed = factories.samtycke_of(one).undertecknat
        mark_sent([factories.samtycke_of(one).pk], signed)
        with pytest.raises(RuleError) as caught:
            correct(one, signed + dt.timedelta(days=1))
        assert "fore_samtycket" in [found.kind for found in caught.value.findings]
    assert factories.samtycke_of(one).undertecknat == signed


def test_in_the_own_insatser_only(one: Deltagande) -> None:
    stranger = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats())
    with factories.acting(stranger), pytest.raises(AccessRefused):
        correct(one)
    assert factories.samtycke_of(one).undertecknat != LATER


def test_a_colleague_was_first(one: Deltagande, eva: User) -> None:
    seen = samtycke_mark(factories.samtycke_of(one))
    with factories.acting(eva):
        correct(one, seen=seen)
        with pytest.raises(ChangedMeanwhile):
            correct(one, sprak="en", seen=seen)
        correct(one, sprak="en", seen=samtycke_mark(factories.samtycke_of(one)))


def test_what_it_was_is_never_cut_off(one: Deltagande, eva: User) -> None:
    """Nothing else keeps it: versions with the longest names too, and all that can change at once."""
    old, new = "a" * 40, "b" * 40
    for version in (old, new):
        factories.formular(version)
    samtycke = factories.samtycke_of(one)
    with factories.acting(eva):
        correct(one, formular=old)
        correct(one, samtycke.undertecknat, sprak="so", formular=new)
        told = " ".join(change.told for change in samtycke_changes(samtycke.pk))
    assert f"version {old} blev {new}. Jag skrev fel." in told and "svenska blev somaliska" in told


def kinds_of(one: Deltagande, **said: Any) -> list[str]:
    with pytest.raises(RuleError) as caught:
        correct(one, **said)
    return [found.kind for found in caught.value.findings]


def test_a_form_that_does_not_name_behovsgrupp(eva: User, one: Deltagande) -> None:
    """With an answer it is refused and all stands as it did: the answer is taken away first, by a correction that is
    kept (DOMAIN §3). Without one any form will do; and then none can be given."""
    factories.formular("MED", namner_behovsgrupp=True)
    factories.formular("UTAN", namner_behovsgrupp=False)
    answered = replace(in_uppgifter(one.aktuell_in), behovsgrupp="langtidssjukskrivna")
    with factories.acting(eva):
        correct(one, formular="MED")
        samtycke = factories.samtycke_of(one)
        before = samtycke_changes(samtycke.pk)
        given = rule_correct(Rattelse(one.pk, "personen berättade", in_=answered))
        assert kinds_of(one, formular="UTAN") == ["behovsgrupp_ej_i_formular"]
        assert samtycke_mark(factories.samtycke_of(one)) == samtycke_mark(samtycke)
        assert samtycke_changes(samtycke.pk) == before
        assert given.aktuell_in.behovsgrupp == "langtidssjukskrivna"
        rule_correct(Rattelse(one.pk, "inte med på papperet", in_=replace(answered, behovsgrupp=None)))
        correct(one, formular="UTAN")
        assert factories.samtycke_of(one).formular.version == "UTAN"
        with pytest.raises(RuleError) as caught:
            rule_correct(Rattelse(one.pk, "personen berättade", in_=answered))
    assert [found.kind for found in caught.value.findings] == ["behovsgrupp_ej_i_formular"]


def test_where_the_original_is_stays_as_it_was(eva: User, one: Deltagande) -> None:
    """Sent and received on their days: only what the paper says is corrected, and never to a day after it came."""
    factories.formular("NY")
    samtycke = factories.samtycke_of(one)
    with factories.acting(eva):
        mark_sent([samtycke.pk], LATER)
    with factories.acting(factories.user(Roll.SAMTYCKESMOTTAGARE, national=True)):
        mark_received([samtycke.referenskod], LATER)
    before = factories.samtycke_of(one)
    with factories.acting(eva):
        correct(one, LATER, "en", formular="NY")
        # Both days: when it was sent and when it came.
        assert kinds_of(one, day=LATER + dt.timedelta(days=1)) == ["fore_samtycket"] * 2
    after = factories.samtycke_of(one)
    assert samtycke_mark(after) == f"{LATER} NY en"
    changed = {"undertecknat", "formular_id", "sprak"}
    names = {field.attname for field in type(after)._meta.concrete_fields} - changed
    assert {name: getattr(after, name) for name in names} == {name: getattr(before, name) for name in names}
    assert (after.original_skickat, after.original_mottaget) == (LATER, LATER)
    assert with_status(Samtycke.unscoped.all()).get().status == Status.MOTTAGET
