"""Scope: no relation, join, prefetch, carried object, form or model leads around it (QUALITY §2, no HTTP)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import FieldError, ObjectDoesNotExist
from django.db import models

from finsam_site.access.roles import Roll
from registration.models import (
    Deltagande,
    Forbund,
    Identitet,
    Insats,
    Nummerhash,
    Person,
    Samtycke,
    Samtyckesskanning,
)
from registration.scope import ABOUT_PERSONS, ScopedManager, UnscopedManager
from tests import factories
from tests.registration.scope.conftest import (
    CAST,
    NEVER_PERSONS,
    OTHER,
    OWN,
    OWNED_BY_F,
    SIBLING,
    World,
    acting,
    scoped_models,
)

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def walk(roots: list[models.Model], depth: int = 4) -> Iterator[models.Model]:
    """Every object that can be reached from the roots by attributes: forward, backward, one or many."""
    seen: set[tuple[str, Any]] = set()
    layer = roots
    for _ in range(depth):
        following: list[models.Model] = []
        for one in layer:
            key = (one._meta.label, one.pk)
            if key not in seen:
                seen.add(key)
                yield one
                following += neighbours(one)
        layer = following


def neighbours(one: models.Model) -> Iterator[models.Model]:
    """What hangs on an object: its foreign keys, and what points at it."""
    for relation in one._meta.get_fields():
        if not relation.is_relation or relation.related_model is None:
            continue
        name = relation.get_accessor_name() if relation.auto_created else relation.name  # type: ignore[union-attr]
        if not name or name.endswith("+"):
            continue
        try:
            there = getattr(one, name)
        except ObjectDoesNotExist:
            continue
        if isinstance(there, models.Manager):
            yield from there.all()
        elif there is not None:
            yield there


def about_persons() -> dict[str, type[models.Model]]:
    """The models whose rows are about one person each."""
    return {name: apps.get_model("registration", name) for name in ABOUT_PERSONS}


def reached(world: World, name: str) -> list[models.Model]:
    """All that one of the cast reaches from all that one sees."""
    with acting(world, name):
        return list(walk([row for model in scoped_models() for row in model._default_manager.all()]))


@pytest.mark.parametrize("name", NEVER_PERSONS)
def test_who_never_sees_persons_reaches_none_by_any_relation(world: World, name: str) -> None:
    """From all that is seen, along every relation: no deltagande, no identitet, no answer, no scan."""
    found = {
        type(one).__name__ for one in reached(world, name) if isinstance(one, tuple(about_persons().values()))
    }
    assert found == set()


@pytest.mark.parametrize(
    "name", [name for name, member in CAST.items() if member.roll == Roll.DELTAGARANSVARIG]
)
def test_who_sees_persons_reaches_only_the_own_by_any_relation(world: World, name: str) -> None:
    """Also for a person who takes part in an insats of somebody else too."""
    with factories.as_system():
        for label in (OWN, OTHER):
            shared = factories.registered(40, insats=world.insatser[label])
    assert shared
    own = {world.insatser[label].pk for label in CAST[name].sees["insats"]}
    for one in reached(world, name):
        if isinstance(one, tuple(about_persons().values())) and not isinstance(one, (Person, Nummerhash)):
            assert one.insats_id in own, one  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NEVER_PERSONS)
def test_who_never_sees_persons_has_no_query_that_joins_them(world: World, name: str) -> None:
    """Filters, values, orderings, joins to select, aggregates: what lies behind a relation is refused, not given."""
    number = Person.unscoped.all()[0].nummer_krypterat
    with acting(world, name):
        for root, path in (
            (Insats, "deltaganden"),
            (Forbund, "insatser__deltaganden"),
            (Samtycke, "identitet"),
        ):
            if not root.objects.exists():
                continue
            person = f"{path}__person" if root is Samtycke else f"{path}__identitet__person"
            tries: list[Any] = [
                lambda root=root, person=person: root.objects.filter(
                    **{f"{person}__nummer_krypterat": number}
                ),
                lambda root=root, person=person: root.objects.exclude(
                    **{f"{person}__nummer_krypterat": number}
                ),
                lambda root=root, person=person: root.objects.values_list(f"{person}__nummer_krypterat"),
                lambda root=root, person=person: root.objects.order_by(f"{person}__nummer_krypterat"),
                lambda root=root, path=path: root.objects.annotate(n=models.Count(path)),
                lambda root=root, path=path: root.objects.aggregate(n=models.Count(path)),
                lambda root=root, person=person: root.objects.alias(
                    p=models.F(f"{person}__nummer_krypterat")
                ).filter(p=number),
            ]
            if root is Samtycke:
                tries.append(lambda: Samtycke.objects.select_related("identitet__person"))
                tries.append(lambda: Samtycke.objects.select_related("skanning"))
            for attempt in tries:
                with pytest.raises(FieldError, match="may not reach"):
                    list(attempt())


def test_prefetches_are_scoped_like_everything_else(world: World) -> None:
    """Along a prefetch only what is open comes with it, to whatever depth."""
    with factories.as_system():
        for label in (OWN, OTHER):
            factories.registered(40, insats=world.insatser[label])
    with acting(world, "insatsansvarig_of_a_forbund"):
        rows = Insats.objects.prefetch_related("deltaganden__identitet__person", "samtycken", "anonyma")
        assert {world.label(row) for row in rows} == OWNED_BY_F
        assert not any([*row.deltaganden.all(), *row.samtycken.all()] for row in rows)
        assert any(row.anonyma.all() for row in rows)
    with acting(world, "deltagaransvarig"):
        for person in Person.objects.prefetch_related("identiteter__deltagande__inregistreringar"):
            assert {one.insats_id for one in person.identiteter.all()} == {world.insatser[OWN].pk}
        (insats,) = Insats.objects.prefetch_related("deltaganden")
        assert {one.insats_id for one in insats.deltaganden.all()} == {insats.pk}


def test_an_object_carried_in_from_elsewhere_opens_nothing(world: World) -> None:
    """Another insats's row in one's hands: its relations are still scoped."""
    theirs = world.insatser[OTHER]
    foreign = Deltagande.unscoped.get(insats=theirs)
    with acting(world, "deltagaransvarig"):
        assert (
            not theirs.deltaganden.exists() and not theirs.samtycken.exists() and not theirs.anonyma.exists()
        )
        with pytest.raises(Identitet.DoesNotExist):
            _ = foreign.identitet
        assert not foreign.inregistreringar.exists() and not foreign.svar.exists()


def test_form_choices_offer_only_what_is_open(world: World) -> None:
    """A posted key from elsewhere is no choice; a form made outside `acting_as` offers nothing."""

    def insats_form() -> type[forms.Form]:
        choice = forms.ModelChoiceField(queryset=Insats.objects.all())
        return type("InsatsForm", (forms.Form,), {"insats": choice})

    outside = insats_form()
    with acting(world, "deltagaransvarig_of_two"):
        form = insats_form()
        offered = form().fields["insats"].queryset  # type: ignore[attr-defined]
        assert {world.label(row) for row in offered} == {OWN, SIBLING}
        assert form({"insats": world.insatser[OWN].pk}).is_valid()
        assert not form({"insats": world.insatser[OTHER].pk}).is_valid()
        assert not outside({"insats": world.insatser[OWN].pk}).is_valid()
        made = forms.modelform_factory(Samtyckesskanning, fields=["insats", "samtycke"])
        assert {world.label(row) for row in made().fields["insats"].queryset} == {OWN, SIBLING}  # type: ignore[attr-defined]
        assert {world.label(row) for row in made().fields["samtycke"].queryset} == {OWN, SIBLING}  # type: ignore[attr-defined]


# --- Every model -----------------------------------------------------------------------------------------------------

UNSCOPED_ON_PURPOSE = {
    "registration.Uppdrag": "who works with what; scope itself is computed from it",
    "registration.InsatsAgande": "who owns what; scope itself is computed from it",
    "registration.InsatsAr": "money and plans of an insats, no person",
    "registration.InsatsBehovsgrupp": "what an insats is meant for, no person",
    "registration.InsatsPart": "who takes part in an insats, no person",
    "reporting.UttagRad": "row numbers of a frozen file; its identitet is scoped",
}
"""Models that hold an insats or a person and are not scoped, with the reason. A new one fails the test below."""


def test_every_model_that_holds_an_insats_or_a_person_is_scoped() -> None:
    """By its default manager, with one door past it that has another name."""
    holds = {Insats, Deltagande, Identitet, Person, Samtycke}
    found = {
        model
        for model in apps.get_models()
        if model in holds or any(column.related_model in holds for column in model._meta.concrete_fields)
    }
    unscoped = {model._meta.label for model in found if not isinstance(model._default_manager, ScopedManager)}
    assert unscoped == UNSCOPED_ON_PURPOSE.keys()
    for model in scoped_models():
        assert isinstance(model.objects, ScopedManager)  # type: ignore[attr-defined]
        assert isinstance(model.unscoped, UnscopedManager)  # type: ignore[attr-defined]


def test_what_is_not_scoped_leads_to_no_person(world: World) -> None:
    """From a look-up hash nobody gets to the person, outside `acting_as` and without the right."""
    with ExitStack() as stack:
        for name in (None, "nationell_administrator", "samtyckesmottagare"):
            if name:
                stack.enter_context(acting(world, name))
            for row in Nummerhash.unscoped.all():
                with pytest.raises(Person.DoesNotExist):
                    _ = row.person


def test_identity_is_scoped_by_every_manager_django_uses() -> None:
    """Attribute access from another row uses the base manager: of person and identitet that is scoped too."""
    for model in (Person, Identitet, Samtycke):
        assert isinstance(model._base_manager, ScopedManager)
