"""`move_to_right_insats`: ends the wrong deltagande and begins the right one, at once; no identity in the draft."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, Utkast, Utregistrering
from registration.rules import wrong_insats
from registration.rules.drafts import Place, TooEarly, open_draft, save_draft
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.wrong_insats import (
    FROM,
    PURPOSE,
    Flytt,
    carry_over,
    filled_in,
    move_to_right_insats,
    reference,
    right_insatser,
    waits,
)
from tests import factories
from tests.registration.sweep import number_marks, sweep, tables_of

pytestmark = [pytest.mark.both, pytest.mark.django_db]

BEFORE = {
    "skydd": ["nej"],
    "samtycke": ["ja"],
    "undertecknat": ["2024-01-10"],
    "formular": [""],
    "sprak": [""],
}


@dataclass
class World:
    """siv was registered in fel, and should have been in ratt. eva works in both."""

    eva: User
    fel: Insats
    ratt: Insats
    siv: Deltagande

    def move(self, seen_ut: int = 0, till: int | None = None) -> Place:
        return move_to_right_insats(Flytt(self.siv.pk, till or self.ratt.pk, seen_ut))

    def steps(self, place: Place) -> dict[str, object]:
        draft = open_draft(place)
        assert draft is not None
        return dict(draft.steps)


@pytest.fixture
def world() -> World:
    with factories.as_system():
        factories.formular()
        fel = factories.insats(namn="Fel väg")
        ratt = factories.insats(namn="Rätt väg", forbund=fel.forbund)
        eva = factories.user(Roll.DELTAGARANSVARIG, insats=fel)
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=ratt)
        siv = factories.registered(0, insats=fel, fornamn="Marigold", efternamn="Tigerstedt")
    factories.as_if_committed()
    return World(eva, fel, ratt, siv)


@pytest.fixture
def acting(world: World) -> Iterator[None]:
    with factories.acting(world.eva):
        yield


def versions(world: World) -> list[tuple[int, bool]]:
    return list(
        Utregistrering.unscoped.filter(deltagande=world.siv)
        .order_by("nr")
        .values_list("nr", "felregistrering")
    )


def test_it_is_ended_and_begun_anew(world: World, acting: None) -> None:
    place = world.move()
    assert versions(world) == [(1, True)] and (place.insats, place.slag) == (world.ratt.pk, "register_in")
    assert world.steps(place) == {FROM: {"deltagande": [str(world.siv.pk)]}}
    draft = open_draft(place)
    assert draft is not None and waits(draft.steps)
    assert ("andrat", str(world.siv.pk)) in Atkomst.objects.values_list("handling", "objekt_id")


def test_the_draft_holds_no_identity_before_the_samtycke(world: World, acting: None) -> None:
    """Neither by the act itself nor by a door that would put it where the reference stands."""
    marks = {"name": "Marigold", **number_marks(factories.nummer(0).digits)}
    before = sweep(marks)
    place = world.move()
    assert sweep(marks) == before and not Utkast.unscoped.exclude(nummerhash=None).exists()
    for smuggled in ({"deltagande": ["Marigold"]}, {"personnummer": [factories.nummer(0).digits]}, {},
                     reference(world.siv.pk) | {"fornamn": ["Marigold"]}):  # fmt: skip
        with pytest.raises(TooEarly):
            save_draft(place, FROM, smuggled)
    with pytest.raises(TooEarly):
        save_draft(place, "identitet", {"fornamn": ["Marigold"]})
    assert sweep(marks) == before


def test_what_it_said_is_carried_over_when_the_samtycke_is_answered(world: World, acting: None) -> None:
    place = world.move()
    draft = save_draft(place, "innan", BEFORE)
    assert draft is not None
    last = Atkomst.objects.latest("pk").pk
    found = carry_over(draft.steps)
    assert found is not None and (found.fornamn, found.efternamn) == ("Marigold", "Tigerstedt")
    assert found.personnummer == factories.nummer(0).digits and "Marigold" not in repr(found)
    assert found.uppgifter == factories.nytt_deltagande(0, insats=world.fel).uppgifter
    rows = Atkomst.objects.filter(pk__gt=last).values_list("objekt_id", "syfte", "resultat")
    assert list(rows) == [(str(world.siv.pk), PURPOSE, "utfort")]
    save_draft(place, FROM, filled_in(draft.steps))
    assert not waits(open_draft(place).steps)  # type: ignore[union-attr]


def test_no_samtycke_leaves_the_reference_alone(world: World, acting: None) -> None:
    """ "Nej" takes what was filled in; a "ja" after it fills in anew. "Ja" to skydd takes all."""
    place = world.move()
    draft = save_draft(place, "innan", BEFORE)
    assert draft is not None
    save_draft(place, FROM, filled_in(draft.steps))
    save_draft(place, "identitet", {"fornamn": ["Marigold"]})
    no = BEFORE | {"samtycke": ["nej"]}
    save_draft(place, "innan", no)
    assert world.steps(place) == {FROM: reference(world.siv.pk), "innan": no}
    assert save_draft(place, "innan", BEFORE | {"skydd": ["vet_ej"]}) is None and open_draft(place) is None


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
@pytest.mark.parametrize("decision", ["demo", ""])
def test_nothing_is_carried_over_of_who_is_gone(world: World, rule, decision: str, settings) -> None:  # type: ignore[no-untyped-def]
    settings.ERASURE_DECISION = decision
    with factories.acting(world.eva):
        place = world.move()
    factories.as_if_committed()
    with factories.acting(world.eva):
        rule([world.siv.pk])
        draft = save_draft(place, "innan", BEFORE)
        assert draft is not None and carry_over(draft.steps) is None
    assert tables_of(sweep({"name": "Marigold"})["name"]) <= {"registration_identitet.fornamn_krypterat"}


def test_a_second_press_leads_to_the_same_draft(world: World, acting: None) -> None:
    place = world.move()
    assert world.move() == place == world.move(seen_ut=1)
    assert versions(world) == [(1, True)] and Utkast.unscoped.count() == 1
    # Also when it has been filled in; when it was thrown away it is begun anew.
    draft = save_draft(place, "innan", BEFORE)
    assert draft is not None
    save_draft(place, FROM, filled_in(draft.steps))
    assert world.move() == place
    Utkast.unscoped.all().delete()
    assert world.move() != place and Utkast.unscoped.count() == 1 and versions(world) == [(1, True)]


def test_who_has_left_is_corrected(world: World) -> None:
    factories.registered_out(world.siv)
    factories.as_if_committed()
    with factories.acting(world.eva):
        with pytest.raises(ChangedMeanwhile):  # registered out since it was on the screen
            world.move()
        assert not Utkast.unscoped.exists() and versions(world) == [(1, False)]
        world.move(seen_ut=1)
        assert versions(world) == [(1, False), (2, True)]


def test_all_or_nothing(world: World) -> None:
    with (
        patch.object(wrong_insats, "save_draft", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
        factories.acting(world.eva),
    ):
        world.move()
    assert versions(world) == [] and not Utkast.unscoped.exists()


def test_which_insatser_are_right(world: World) -> None:
    """The actor's own, others than the wrong one, that register persons; those that have ended last."""
    today = timezone.localdate()
    day = dt.timedelta(days=1)
    makes = {
        "slutar i dag": {"slutdatum": today}, "slutade i fjol": {"slutdatum": today - 400 * day},
        "slutade i går": {"slutdatum": today - day},
        "börjar i dag": {"startdatum": today}, "börjar i morgon": {"startdatum": today + day},
    }  # fmt: skip
    others = [
        factories.insats(namn=name, forbund=world.fel.forbund, **dates) for name, dates in makes.items()
    ]
    others.append(factories.volyminsats(namn="räknar", forbund=world.fel.forbund))
    not_mine = factories.insats(namn="inte min", forbund=world.fel.forbund)
    for one in others:
        factories.uppdrag(world.eva, Roll.DELTAGARANSVARIG, insats=one)
    with factories.acting(world.eva):
        found = [one.namn for one in right_insatser(world.fel.pk)]
        assert sorted(found[:4]) == ["Rätt väg", "börjar i dag", "börjar i morgon", "slutar i dag"]
        assert found[4:] == ["slutade i går", "slutade i fjol"]
        for wrong in (others[-1], not_mine, world.fel):
            with pytest.raises(RuleError) as refused:
                world.move(till=wrong.pk)
            assert [one.kind for one in refused.value.findings] == ["insats_tar_inte_emot"]
    assert versions(world) == [] and not Utkast.unscoped.exists()
    with factories.acting(world.eva):
        assert world.move(till=others[1].pk).insats == others[1].pk


def test_only_of_ones_own(world: World) -> None:
    """Somebody who works in the right insats alone, and other roles, reach nothing."""
    for account in (
        factories.user(Roll.DELTAGARANSVARIG, insats=world.ratt),
        factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=world.fel.forbund),
    ):
        with pytest.raises(AccessRefused), factories.acting(account):
            world.move()
    with factories.acting(world.eva), pytest.raises(AccessRefused):
        move_to_right_insats(Flytt(uuid.uuid4(), world.ratt.pk))
    assert versions(world) == []
