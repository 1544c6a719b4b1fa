"""`Answered`: what a draft says of a registration, read without a page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from registration.forms.register_in import BeforeStep, ConfirmStep, IdentityStep, SituationStep, StartStep
from registration.forms.register_in_answered import Answered
from registration.forms.register_in_basis import Basis
from registration.models import Kod, Kodlista
from registration.rules.wrong_insats import FROM, reference
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]

KEY = uuid.UUID(int=7)
STEPS: dict[str, dict[str, list[str]]] = {
    BeforeStep.name: {"skydd": ["nej"], "samtycke": ["ja"], "undertecknat": ["2024-01-10"]},
    IdentityStep.name: {
        "personnummer": [numbers.pick(3)],
        "fornamn": ["Siv"],
        "efternamn": ["Sivprov"],
        "kommun": ["0114"],
    },
    StartStep.name: {"startdatum": ["2024-01-15"], "utbildning": ["gymnasium"], "initierad_av": ["fk"]},
    SituationStep.name: {
        "forsorjning": ["sjukpenning"],
        "omfattning_sjukpenning": ["hel"],
        "arbetar": ["nej"],
        "studerar": ["nej"],
        "arbetssokande": ["ja"],
        "inskriven_af": ["vet_ej"],
    },
}


@pytest.fixture
def basis() -> Basis:
    factories.formular()
    with factories.as_system():
        return Basis(factories.insats())


def before(**answers: str) -> dict[str, Any]:
    """The first step, answered otherwise."""
    return {**STEPS, BeforeStep.name: STEPS[BeforeStep.name] | {name: [one] for name, one in answers.items()}}


def test_the_next_step_is_the_first_that_is_not_answered_rightly(basis: Basis) -> None:
    assert Answered(basis, {}).next is BeforeStep
    assert Answered(basis, STEPS).next is ConfirmStep
    for step in (BeforeStep, IdentityStep, StartStep, SituationStep):
        assert Answered(basis, {name: said for name, said in STEPS.items() if name != step.name}).next is step
        assert Answered(basis, STEPS | {step.name: {}}).next is step


def test_the_codes_offered_are_those_of_the_first_day(basis: Basis) -> None:
    """One that has ended since may be answered, and one that came since may not; its own page has both."""
    Kod.objects.filter(kod__in=("gymnasium", "sjukpenning")).update(giltig_till=dt.date(2024, 6, 30))
    Kod.objects.create(
        lista=Kodlista.FORSORJNING, kod="nyare", etikett="nyare", giltig_fran=dt.date(2024, 7, 1), ordning=99
    )
    assert Answered(basis, STEPS).next is ConfirmStep
    situation: Any = Answered(basis, STEPS).form(SituationStep).fields["forsorjning"]
    assert "sjukpenning" in dict(situation.choices) and "nyare" not in dict(situation.choices)
    unanswered: Any = Answered(basis, {}).form(SituationStep).fields["forsorjning"]
    assert "nyare" in dict(unanswered.choices) and "sjukpenning" not in dict(unanswered.choices)


@pytest.mark.parametrize("answers", [{"skydd": "ja"}, {"skydd": "vet_ej"}, {"samtycke": "nej"}], ids=str)
def test_identity_only_with_a_samtycke_and_without_protection(basis: Basis, answers: dict[str, str]) -> None:
    assert Answered(basis, STEPS).consented
    assert not Answered(basis, before(**answers)).consented
    assert not Answered(basis, {}).consented


def test_what_waits_for_another_deltagande_begins_with_the_samtycke(basis: Basis) -> None:
    which = uuid.UUID(int=8)
    waiting = Answered(basis, STEPS | {FROM: reference(which)})
    assert waiting.waits and waiting.next is BeforeStep
    filled = Answered(basis, STEPS | {FROM: reference(which, filled=True)})
    assert not filled.waits and filled.next is ConfirmStep


def test_the_signed_version_decides_what_is_asked(basis: Basis) -> None:
    factories.formular("ny-2", namner_behovsgrupp=True)
    assert "behovsgrupp" in Answered(basis, before(formular="ny-2")).form(StartStep).fields
    assert "behovsgrupp" not in Answered(basis, before(formular=factories.FORMULAR)).form(StartStep).fields
    assert "behovsgrupp" not in Answered(basis, {}).form(StartStep).fields


def test_all_answers_become_one_registration(basis: Basis) -> None:
    ny = Answered(basis, STEPS).nytt(KEY)
    assert (ny.pk, ny.insats_id, ny.nummer.digits) == (KEY, basis.insats.insats_id, numbers.pick(3))
    assert (ny.uppgifter.kommunkod, ny.uppgifter.utbildning) == ("0114", "gymnasium")
    with pytest.raises(ValueError, match="left to answer"):
        Answered(basis, STEPS | {StartStep.name: {}}).nytt(KEY)
