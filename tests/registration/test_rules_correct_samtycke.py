"""`correct_samtycke`: what was registered of the paper becomes what stands on it, and what it was is kept beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Handling, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Samtycke, Samtyckesandring
from registration.rules.change_number import in_uppgifter
from registration.rules.correct import Rattelse
from registration.rules.correct import correct as rule_correct
from registration.rules.correct_samtycke import (
    LOGGED,
    Samtyckesrattelse,
    Skal,
    correct_samtycke,
    corrections_since,
    samtycke_changes,
    samtycke_mark,
)
from registration.rules.erase import erase_locked, protect_identity, withdraw_samtycke
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
    version = samtycke.formular.version
    [change] = changes
    assert (change.nr, change.fore, change.efter) == (1, (signed, version, "sv"), (LATER, version, "en"))
    assert (change.registrerad_av, change.skal, change.insats_id) == (eva, Skal.SKREV_FEL, one.insats_id)


def test_the_log_has_one_row_and_nothing_of_what(one: Deltagande, eva: User) -> None:
    """However much is corrected at once."""
    factories.formular("NY")
    with factories.acting(eva):
        correct(one, sprak="en", formular="NY")
    row = Atkomst.objects.get(objekt="samtycke", handling=Handling.ANDRAT)
    assert (row.syfte, row.insats, row.objekt_id) == (
        LOGGED, one.insats_id, str(factories.samtycke_of(one).pk),
    )  # fmt: skip


def test_who_was_first_does_not_lean_on_words(
    one: Deltagande, eva: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a language and a reason are called may change at any time."""
    seen = samtycke_mark(factories.samtycke_of(one))
    with factories.acting(eva):
        correct(one, sprak="en")
        monkeypatch.setattr(
            "registration.rules.samtycke.LANGUAGES", {"en": "brittiska", "sv": "svenska (ny)"}
        )
        correct(one, sprak="so")
        samtycke = Samtycke.objects.select_related("formular").get()
        assert [change.nr for change in corrections_since(samtycke, seen)] == [1, 2]
        assert [change.nr for change in corrections_since(samtycke, f"{LATER} {samtycke.formular} en")] == [2]
        assert corrections_since(samtycke, f"{LATER} {samtycke.formular} ar") == []
        assert corrections_since(samtycke, "inget märke") == []


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_it_goes_with_the_identity(one: Deltagande, eva: User, rule: Any) -> None:
    """That somebody corrected something stays, as in the log; of a colleague's nothing is touched."""
    other = factories.registered(1, insats=one.insats)
    with factories.acting(eva):
        correct(one, sprak="en")
        correct(other, sprak="en")
        gone, kept = factories.samtycke_of(one).pk, factories.samtycke_of(other).pk
        rule([one.pk])
        assert samtycke_changes(gone) == [] and len(samtycke_changes(kept)) == 1
    row = Samtyckesandring.unscoped.get(samtycke=gone)
    assert (row.skal, row.fore, row.efter) == (None, (None,) * 3, (None,) * 3)
    assert Samtyckesandring.unscoped.get(samtycke=kept).efter[2] == "en"


def test_without_a_decision_it_is_locked_with_the_identity(one: Deltagande, eva: User, settings: Any) -> None:
    settings.ERASURE_DECISION = ""
    with factories.acting(eva):
        correct(one, sprak="en")
        withdraw_samtycke([one.pk])
        assert samtycke_changes(factories.samtycke_of(one).pk) == []
    assert Samtyckesandring.unscoped.get().sprak == "en"
    settings.ERASURE_DECISION = "beslut 1"
    with factories.as_system():
        assert erase_locked() == 1
    assert Samtyckesandring.unscoped.get().sprak is None


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
        last = samtycke_changes(samtycke.pk)[-1]
    assert (last.fore[1:], last.efter[1:]) == ((old, "sv"), (new, "so"))


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
