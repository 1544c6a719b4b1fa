"""Drafts: kept for the user alone, encrypted, no identity before samtycke, gone when they should be (QUALITY §1)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import context_of
from registration.forms.register_out_several import TOGETHER
from registration.models import Deltagande, Insats, Uppdrag, Utkast
from registration.personnummer import parse
from registration.rules.drafts import (
    LONGEST,
    NoSuchDraft,
    NotKept,
    Place,
    TooEarly,
    drafts_about,
    drop_draft,
    drop_drafts_about,
    find_draft,
    my_drafts,
    open_draft,
    remove_old_drafts,
    save_draft,
)
from registration.rules.erase import protect_identity, remove_felregistrerade, withdraw_samtycke
from registration.rules.register import register_in
from registration.tasks import remove_drafts
from tests import factories, numbers
from tests.registration.sweep import number_marks, sweep, tables_of

pytestmark = [pytest.mark.both, pytest.mark.django_db]

BEFORE = {
    "skydd": ["nej"],
    "samtycke": ["ja"],
    "undertecknat": ["2024-01-10"],
    "formular": [""],
    "sprak": [""],
}
NUMBER = numbers.pick(700)
IDENTITY = {
    "personnummer": [NUMBER],
    "fornamn": ["Marigold"],
    "efternamn": ["Tigerstedt"],
    "kommun": ["0114"],
}
OUT = Utkast.Slag.REGISTER_OUT


@pytest.fixture
def insats() -> Insats:
    factories.formular()
    return factories.insats()


@pytest.fixture
def eva(insats: Insats) -> User:
    return factories.user(Roll.DELTAGARANSVARIG, insats=insats)


@pytest.fixture
def acting(eva: User) -> Iterator[None]:
    with factories.acting(eva):
        yield


def place(insats: Insats, pk: uuid.UUID | None = None) -> Place:
    return Place(Utkast.Slag.REGISTER_IN, insats.pk, pk=pk or uuid.uuid4())


def begun(insats: Insats) -> Place:
    """A draft with consent and identity."""
    one = place(insats)
    save_draft(one, "innan", BEFORE)
    save_draft(one, "identitet", IDENTITY)
    return one


# --- Kept ------------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_as_typed(insats: Insats, acting: None) -> None:
    one = begun(insats)
    save_draft(one, "start", {"startdatum": ["2024-02-3"], "tid_ar": ["två"]})
    found = open_draft(one)
    assert found is not None and found.step == "start" and set(found.steps) == {"innan", "identitet", "start"}
    data = found.data("start")
    assert data is not None and data["startdatum"] == "2024-02-3" and data["tid_ar"] == "två"
    assert found.data("fore") is None and "Marigold" not in repr(found)
    drop_draft(one)
    drop_draft(one)
    assert open_draft(one) is None and not Utkast.unscoped.exists()


def test_one_that_is_begun_between_two_looks_is_the_own(
    insats: Insats, acting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page saves by itself in the moment in which its form is posted: the form finds what that save began."""
    one = place(insats)

    def begun_meanwhile(**wanted: Any) -> Any:
        monkeypatch.undo()
        save_draft(one, "innan", BEFORE, typing=True, window="w")
        return Utkast.unscoped.filter(**wanted)

    monkeypatch.setattr(Utkast.unscoped, "filter", begun_meanwhile)
    found = save_draft(one, "identitet", IDENTITY)
    assert found is not None and set(found.steps) == {"innan", "identitet"}


def test_nothing_is_readable_in_the_row(insats: Insats, acting: None) -> None:
    begun(insats)
    row = Utkast.unscoped.get()
    assert b"Marigold" not in bytes(row.innehall_krypterat) and NUMBER.encode() not in bytes(
        row.innehall_krypterat
    )
    other = Utkast(id=row.pk, user=factories.user(Roll.DELTAGARANSVARIG))
    field = "innehall_krypterat"
    assert context_of(other, field) != context_of(row, field)  # moved to another user it cannot be opened


def test_the_list_of_own_drafts(insats: Insats, eva: User) -> None:
    with factories.acting(eva):
        one = begun(insats)
        anna = factories.registered(1, insats=insats, registrerad=None)
        save_draft(Place(OUT, insats.pk, deltagande=anna.pk), "fragor", {"slutdatum": ["2024"]})
        first, second = my_drafts(insats.pk)
        assert (first.slag, first.deltagande, first.step) == ("register_out", anna.pk, "fragor")
        assert first.url == f"/deltaganden/{anna.pk}/registrera-ut/"
        assert (second.pk, second.title, second.insats) == (one.pk, "Registrera in", insats)
        assert second.url == f"/insatser/{insats.pk}/registrera-in/?utkast={one.pk}"
        assert my_drafts(0) == []


def test_those_who_leave_together_are_one(insats: Insats, eva: User) -> None:
    """Marked by what is alike for all, which is kept among the answers of each; unmarked, only what is own stays."""
    two = [factories.registered(n, insats=insats, registrerad=None) for n in (1, 2)]
    first, second = (Place(OUT, insats.pk, deltagande=one.pk) for one in two)
    with factories.acting(eva):
        save_draft(first, "fragor", {"arbetar": ["ja"], "slutdatum": ["2024-05-01"]})
        for one in (first, second):
            save_draft(one, "flera", {"slutdatum": ["2024-06-30"], "annat": ["x"]})
        together = f"/insatser/{insats.pk}/registrera-ut/svar/"
        assert [row.together for row in my_drafts()] == [together] * 2
        begun = {one.place.deltagande: one for one in drafts_about(OUT, insats.pk)}
        assert begun[two[0].pk].steps["fragor"] == {"arbetar": ["ja"], "slutdatum": ["2024-06-30"]}
        assert begun[two[1].pk].steps["fragor"] == {"slutdatum": ["2024-06-30"]}
        for one in (first, second):
            save_draft(one, "flera", {})
        assert [(row.deltagande, row.together) for row in my_drafts()] == [(two[0].pk, "")]
        save_draft(second, "flera", {"slutdatum": ["2024-06-30"]})
        drop_drafts_about(OUT, [two[0].pk])
        assert [one.place.deltagande for one in drafts_about(OUT, insats.pk)] == [two[1].pk]
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=insats)):
        assert drafts_about(OUT, insats.pk) == []
        drop_drafts_about(OUT, [two[1].pk])
    assert Utkast.unscoped.count() == 1


def test_too_much_is_not_kept(insats: Insats, acting: None) -> None:
    one = begun(insats)
    with pytest.raises(NotKept):
        save_draft(one, "start", {"startdatum": ["x" * LONGEST]})
    found = open_draft(one)
    assert found is not None and "start" not in found.steps


def test_typing_in_one_window_gives_way_to_another(insats: Insats, acting: None) -> None:
    one = begun(insats)
    seen = open_draft(one)
    assert seen is not None
    save_draft(one, "start", {"tid_ar": ["1"]}, typing=True, seen_nr=seen.nr, window="a")
    # The answer to the first save was lost on the way: the same window goes on all the same.
    save_draft(one, "start", {"tid_ar": ["2"]}, typing=True, seen_nr=seen.nr, window="a")
    with pytest.raises(NotKept):
        save_draft(one, "start", {"tid_ar": ["9"]}, typing=True, seen_nr=seen.nr, window="b")
    now = open_draft(one)
    assert now is not None and now.steps["start"] == {"tid_ar": ["2"]}
    save_draft(one, "start", {"tid_ar": ["9"]})  # pressed: what the user says now


# --- No identity before samtycke -------------------------------------------------------------------------------------


def test_identity_first_is_refused(insats: Insats, acting: None) -> None:
    one = place(insats)
    for step, answers in (
        ("identitet", IDENTITY),
        ("start", {"tid_ar": ["1"]}),
        ("fore", {}),
        ("annat", IDENTITY),
    ):
        for typing in (False, True):
            with pytest.raises(TooEarly):
                save_draft(one, step, answers, typing=typing)
    assert open_draft(one) is None and not Utkast.unscoped.exists()
    assert sweep({"name": "Marigold", **number_marks(NUMBER)})["name"] == set()


@pytest.mark.parametrize(
    "answers",
    [{}, {"skydd": ["nej"]}, BEFORE | {"samtycke": ["nej"]}, BEFORE | {"undertecknat": [""]},
     BEFORE | {"undertecknat": ["2024-02-30"]}, BEFORE | {"undertecknat": ["2999-01-01"]},
     BEFORE | {"formular": ["finns inte"]}],
    ids=str,
)  # fmt: skip
def test_identity_waits_for_a_valid_first_step(insats: Insats, acting: None, answers: dict[str, Any]) -> None:
    factories.formular("annat")  # two versions: the form is asked for
    one = place(insats)
    save_draft(one, "innan", answers)
    with pytest.raises(TooEarly):
        save_draft(one, "identitet", IDENTITY)
    save_draft(one, "innan", BEFORE | {"formular": ["annat"]})
    assert save_draft(one, "identitet", IDENTITY) is not None


@pytest.mark.parametrize("answer", ["ja", "vet_ej"])
def test_a_protected_person_has_no_draft(insats: Insats, acting: None, answer: str) -> None:
    one = begun(insats)
    assert save_draft(one, "innan", BEFORE | {"skydd": [answer]}, typing=True, seen_nr=99) is None
    assert not Utkast.unscoped.exists()
    assert save_draft(place(insats), "innan", {"skydd": [answer]}) is None
    assert not Utkast.unscoped.exists()


def test_without_samtycke_nothing_of_the_person_is_kept(insats: Insats, acting: None) -> None:
    one = begun(insats)
    half = save_draft(one, "innan", BEFORE | {"undertecknat": ["2024-0"]})
    assert half is not None and "identitet" in half.steps  # somebody is writing a date
    no = save_draft(one, "innan", BEFORE | {"samtycke": ["nej"]})
    assert no is not None and set(no.steps) == {"innan"}
    assert Utkast.unscoped.get().nummerhash is None


# --- Whose -----------------------------------------------------------------------------------------------------------


def test_nobody_else_reaches_it(insats: Insats, eva: User) -> None:
    with factories.acting(eva):
        one = begun(insats)
    for who in (factories.user(Roll.DELTAGARANSVARIG, insats=insats),
                factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)):  # fmt: skip
        with factories.acting(who):
            assert my_drafts() == []
            for act in (lambda: open_draft(one), lambda: drop_draft(one), lambda: save_draft(one, "innan", BEFORE),
                        lambda: find_draft(one.pk or uuid.uuid4())):  # fmt: skip
                with pytest.raises(NoSuchDraft):
                    act()
    with factories.acting(eva):
        assert open_draft(one) is not None
        with pytest.raises(NoSuchDraft):  # the id of one matter opens nothing in another
            open_draft(Place(one.slag, factories.insats().pk, pk=one.pk))


def test_it_is_gone_with_the_uppdrag(insats: Insats, eva: User) -> None:
    other = factories.insats(forbund=insats.forbund)
    factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=other)
    with factories.acting(eva):
        one = begun(insats)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Uppdrag.objects.filter(user=eva, insats=insats).update(till=yesterday)
    with factories.acting_in(eva, other):
        assert my_drafts() == []
        with pytest.raises(NoSuchDraft):
            open_draft(one)
        with pytest.raises(AccessRefused):
            save_draft(place(insats), "innan", BEFORE)


def test_only_a_deltagaransvarig_begins_one(insats: Insats) -> None:
    with factories.acting(factories.user(Roll.INSATSANSVARIG, insats=insats)), pytest.raises(AccessRefused):
        save_draft(place(insats), "innan", BEFORE)


def test_no_answer_begins_none_and_takes_none_away(insats: Insats, eva: User) -> None:
    preset = {"sprak": ["sv"]}
    deltagande = factories.registered(insats=insats)
    with factories.acting(eva):
        one = place(insats)
        for answers in ({}, {"undertecknat": [" "]}, {"sprak": ["sv"], "undertecknat": [""]}):
            assert save_draft(one, "innan", answers, preset=preset) is None
        assert not Utkast.unscoped.exists()
        anna = Place(OUT, insats.pk, deltagande=deltagande.pk)
        chosen = save_draft(anna, TOGETHER, {"slutdatum": [""]})  # that somebody was chosen is an answer
        assert chosen is not None and my_drafts()[0].together
        assert save_draft(one, "innan", {"sprak": ["en"]}, preset=preset) is not None
        emptied = save_draft(one, "innan", {"sprak": ["sv"]}, preset=preset)
    assert emptied is not None and emptied.nr == 2


def test_old_ones_are_removed(insats: Insats, eva: User, settings: Any) -> None:
    with factories.acting(eva):
        old, fresh = begun(insats), begun(insats)
        with pytest.raises(AccessRefused):
            remove_old_drafts()
    limit = dt.timedelta(days=settings.DRAFT_DAYS)
    Utkast.unscoped.filter(pk=old.pk).update(andrad=timezone.now() - limit - dt.timedelta(minutes=1))
    Utkast.unscoped.filter(pk=fresh.pk).update(andrad=timezone.now() - limit + dt.timedelta(minutes=1))
    assert {entry["task"] for entry in settings.CELERY["beat_schedule"].values()} >= {remove_drafts.name}
    remove_drafts()
    assert Utkast.unscoped.get().pk == fresh.pk


# --- Saved, withdrawn ------------------------------------------------------------------------------------------------


def test_no_draft_is_begun_of_what_is_saved(insats: Insats, eva: User) -> None:
    """A save by itself that comes after the registration finds nothing to add to."""
    one = place(insats)
    with factories.as_system():
        register_in([factories.nytt_deltagande(1, insats=insats, pk=one.pk)])
    with factories.acting(eva):
        with pytest.raises(NotKept):
            save_draft(one, "innan", BEFORE, typing=True)
        out = Place(OUT, insats.pk, deltagande=one.pk)
        save_draft(out, "fragor", {"slutdatum": ["2024"]})
        drop_draft(out)
        factories.registered_out(Deltagande.unscoped.get(pk=one.pk))
        with pytest.raises(NotKept):
            save_draft(out, "fragor", {"slutdatum": ["2024"]}, typing=True)
    assert not Utkast.unscoped.exists()


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
@pytest.mark.parametrize("decision", ["demo", ""])
def test_withdrawal_removes_drafts_of_the_person(
    insats: Insats, eva: User, rule: Any, decision: str, settings: Any
) -> None:
    """Of the deltagande, and those that somebody has begun anywhere with the number; nobody else's."""
    settings.ERASURE_DECISION = decision
    elsewhere = factories.insats()
    nummer = parse(NUMBER, today=factories.START)
    anna = factories.registered(nummer=nummer, insats=insats)
    with factories.acting(eva):
        save_draft(Place(OUT, insats.pk, deltagande=anna.pk), "fragor", {"orsak": ["Kaprifol ringde"]})
        kept = place(insats)
        save_draft(kept, "innan", BEFORE)
        save_draft(
            kept, "identitet", IDENTITY | {"personnummer": [numbers.pick(701)], "fornamn": ["Stenskvätta"]}
        )
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=elsewhere)):
        begun(elsewhere)
    marks = {"name": "Marigold", "note": "Kaprifol", "other": "Stenskvätta"}
    before = sweep(marks)
    assert all(tables_of(at) == {"registration_utkast.innehall_krypterat"} for at in before.values())
    factories.as_if_committed()
    with factories.acting(eva):
        rule([anna.pk])
    after = sweep(marks | {f"number: {name}": mark for name, mark in number_marks(NUMBER).items()})
    assert after["name"] == after["note"] == set() and after["other"] == before["other"]
    if decision:
        assert not any(at for name, at in after.items() if name.startswith("number"))


def test_a_felregistrering_that_is_removed_takes_its_own_drafts_alone(
    insats: Insats, eva: User, settings: Any
) -> None:
    """Somebody may be registering the same person rightly meanwhile."""
    settings.FELREGISTRERING_DAYS = 0
    anna = factories.registered(nummer=parse(NUMBER, today=factories.START), insats=insats)
    with factories.acting(eva):
        save_draft(Place(OUT, insats.pk, deltagande=anna.pk), "fragor", {"slutdatum": ["2024"]})
        right = begun(insats)
    factories.registered_out(anna, avslutsanledning="felregistrering", slutdatum=None)
    factories.as_if_committed()
    with factories.as_system():
        assert remove_felregistrerade() == 1
    assert [one.pk for one in Utkast.unscoped.all()] == [right.pk]
