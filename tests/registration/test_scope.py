"""Scope: a fixed cast of users, and exactly what each of them sees of each registered model (QUALITY §2, no HTTP).

The world: förbund F with the insatser `own`, `sibling` and `antal` (volym); förbund G with `other`; förbund H, absorbed
by F on 30 June 2024, with `closed` (ended before that) and `passed` (open, F's since). Every insats that registers
persons has one person of its own with all that can be said of one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import FieldError, ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.encryption import encrypt
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import seal_text
from registration.models import (
    Deltagande,
    Forbund,
    Fraga,
    Identitet,
    Insats,
    InsatsAgande,
    Nummerhash,
    Person,
    Samtycke,
    Samtyckesandring,
    Samtyckesblankett,
    Samtyckesskanning,
    Svar,
    Uppdrag,
    Utkast,
)
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.codes import new_reference
from registration.rules.findings import RuleError
from registration.rules.ownership import sync_ownership
from registration.rules.uppdrag import give_uppdrag
from registration.scope import (
    ABOUT_PERSONS,
    SCOPES,
    ScopedManager,
    UnscopedManager,
    own_forbund_ids,
    own_insats_ids,
)
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

MERGED = dt.date(2024, 6, 30)
F, G, H = "F", "G", "H"
OWN, SIBLING, ANTAL, OTHER, CLOSED, PASSED = "own", "sibling", "antal", "other", "closed", "passed"
OWNED_BY_F = {OWN, SIBLING, ANTAL, CLOSED, PASSED}
WITH_PERSONS = {OWN, SIBLING, OTHER, CLOSED, PASSED}
EVERY_INSATS = WITH_PERSONS | {ANTAL}

PERSONAL = (
    "deltagande",
    "inregistrering",
    "utregistrering",
    "identitet",
    "person",
    "samtyckesskanning",
    "samtyckesandring",
    "svar",
)
COUNTS = ("anonyma", "volym")


@dataclass
class World:
    """What there is, and which label each row goes by."""

    forbund: dict[str, Forbund] = field(default_factory=dict)
    insatser: dict[str, Insats] = field(default_factory=dict)
    labels: dict[tuple[str, Any], str] = field(default_factory=dict)

    def label(self, row: models.Model) -> str:
        """The förbund or insats that a row belongs to."""
        return self.labels[str(row._meta.model_name), row.pk]

    def visible(self, model: type[models.Model]) -> set[str]:
        """The labels of the rows that the present actor sees, each row once."""
        rows = list(model._default_manager.all())
        assert len(rows) == len({row.pk for row in rows}), f"{model.__name__} gives a row twice"
        return {self.label(row) for row in rows}


@pytest.fixture
def world() -> World:
    """Made through the rules, by the system account."""
    made = World()
    made.forbund[F], made.forbund[G] = factories.forbund(), factories.forbund()
    made.forbund[H] = factories.forbund(slutdatum=MERGED, uppgatt_i=made.forbund[F])
    made.insatser = {
        OWN: factories.insats(forbund=made.forbund[F]),
        SIBLING: factories.insats(forbund=made.forbund[F]),
        ANTAL: factories.volyminsats(forbund=made.forbund[F]),
        OTHER: factories.insats(forbund=made.forbund[G]),
        CLOSED: factories.insats(forbund=made.forbund[H], slutdatum=dt.date(2024, 5, 31)),
        PASSED: factories.insats(forbund=made.forbund[H]),
    }
    sync_ownership()
    with factories.as_system():
        for n, (label, insats) in enumerate(made.insatser.items()):
            if label == ANTAL:
                record_volym(VolymRad(insats.pk, 2024, 5), seen_nr=0)
            else:
                record_anonyma(AnonymaRad(insats.pk, 2024, 1, 1), seen_nr=0)
                _person(n, insats)
                draft(made, factories.system(), insats)
        for name, one in made.forbund.items():
            made.labels["forbund", one.pk] = name
        for label, insats in made.insatser.items():
            made.labels["insats", insats.pk] = label
        for name in (*PERSONAL, *COUNTS, "samtycke", "samtyckesblankett"):
            for row in apps.get_model("registration", name).unscoped.all():
                at = row.identiteter.get().insats if name == "person" else row.insats
                made.labels[name, row.pk] = made.label(at)
    return made


def _person(n: int, insats: Insats) -> None:
    one = factories.registered_out(factories.registered(n, insats=insats), slutdatum=dt.date(2024, 5, 1))
    samtycke = Samtycke.unscoped.get(identitet__deltagande=one)
    now = timezone.now()
    fraga = Fraga.objects.create(
        forbund=insats.forbund, text="?", tillfalle="in", svarstyp="text", giltig_fran=factories.INSATS_START
    )
    Samtyckesblankett.unscoped.create(
        referenskod=new_reference(), insats=insats, formular=factories.formular(), omgang=uuid.uuid4(),
        skapad_av=factories.system(), skapad=now,
    )  # fmt: skip
    Samtyckesskanning.unscoped.create(
        samtycke=samtycke,
        insats=insats,
        innehall_krypterat=encrypt(b"scan", context="scan"),
        mediatyp="image/png",
        inlagd=now,
    )
    Samtyckesandring.unscoped.create(
        samtycke=samtycke, nr=1, insats=insats, registrerad=now, registrerad_av=factories.system(), skal="skrev_fel",
        tidigare_undertecknat=samtycke.undertecknat, tidigare_formular=samtycke.formular, tidigare_sprak="sv",
        undertecknat=samtycke.undertecknat, formular=samtycke.formular, sprak="en",
    )  # fmt: skip
    Svar.unscoped.create(
        fraga=fraga,
        deltagande=one,
        insats=insats,
        svar_krypterat=encrypt(b"svar", context="svar"),
        besvarad=now,
    )


def draft(world: World, account: User, insats: Insats) -> None:
    """A draft of the account in the insats, past every rule."""
    now = timezone.now()
    row = Utkast(user=account, slag="register_in", insats=insats, steg="innan", skapad=now, andrad=now)
    seal_text(row, "innehall_krypterat", "{}")
    row.save(force_insert=True)
    label = next(label for label, one in world.insatser.items() if one == insats)
    world.labels["utkast", row.pk] = label


# --- The cast --------------------------------------------------------------------------------------------------------

Sees = dict[str, set[str]]


@dataclass(frozen=True)
class Member:
    """Somebody with uppdrag for insatser or förbund (by label; empty: the nation), acting with the first of them.

    ended, coming: labels of insatser with uppdrag that do not hold today. sees: model → labels; a model that is not
    there is not seen at all.
    """

    roll: Roll
    uppdrag: tuple[str, ...]
    sees: Sees
    ended: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()


def works_with(insatser: set[str], forbund: set[str]) -> Sees:
    """What a deltagaransvarig sees of these insatser."""
    people = dict.fromkeys((*PERSONAL, "samtycke", "samtyckesblankett", "anonyma", "utkast"), insatser)
    return {"forbund": forbund, "insats": insatser, "volym": insatser & {ANTAL}, **people}


def describes(insatser: set[str], forbund: set[str]) -> Sees:
    """What somebody sees who works with insatser and never with persons."""
    return {
        "forbund": forbund,
        "insats": insatser,
        "anonyma": insatser - {ANTAL},
        "volym": insatser & {ANTAL},
    }


CAST = {
    "deltagaransvarig": Member(Roll.DELTAGARANSVARIG, (OWN,), works_with({OWN}, {F})),
    "deltagaransvarig_of_two": Member(Roll.DELTAGARANSVARIG, (OWN, SIBLING), works_with({OWN, SIBLING}, {F})),
    "deltagaransvarig_in_two_forbund": Member(Roll.DELTAGARANSVARIG, (OWN, OTHER), works_with({OWN}, {F})),
    "deltagaransvarig_in_the_other": Member(Roll.DELTAGARANSVARIG, (OTHER, OWN), works_with({OTHER}, {G})),
    "deltagaransvarig_of_a_passed_insats": Member(
        Roll.DELTAGARANSVARIG, (OWN, PASSED), works_with({OWN, PASSED}, {F, H})
    ),
    "deltagaransvarig_of_a_closed_insats": Member(
        Roll.DELTAGARANSVARIG, (CLOSED, OWN), works_with({CLOSED}, {H})
    ),
    "deltagaransvarig_with_old_and_coming_uppdrag": Member(
        Roll.DELTAGARANSVARIG, (OWN,), works_with({OWN}, {F}), ended=(SIBLING,), coming=(PASSED,)
    ),
    "deltagaransvarig_of_a_volyminsats": Member(
        Roll.DELTAGARANSVARIG,
        (ANTAL,),
        {"forbund": {F}, "insats": {ANTAL}, "volym": {ANTAL}},
    ),
    "insatsansvarig": Member(Roll.INSATSANSVARIG, (OWN,), describes({OWN}, {F})),
    "insatsansvarig_of_a_forbund": Member(Roll.INSATSANSVARIG, (F,), describes(OWNED_BY_F, {F, H})),
    "insatsansvarig_of_the_absorbed": Member(Roll.INSATSANSVARIG, (H,), describes({CLOSED, PASSED}, {H})),
    "forbundsadministrator": Member(Roll.FORBUNDSADMINISTRATOR, (F,), describes(OWNED_BY_F, {F, H})),
    "forbundsadministrator_of_the_other": Member(
        Roll.FORBUNDSADMINISTRATOR, (G,), describes({OTHER}, {G})
    ),
    "rapportlasare": Member(Roll.RAPPORTLASARE, (), {"forbund": {F, G, H}, "insats": EVERY_INSATS}),
    "rapportlasare_of_a_forbund": Member(
        Roll.RAPPORTLASARE, (F,), {"forbund": {F, H}, "insats": OWNED_BY_F}
    ),
    "rapportlasare_of_an_insats": Member(Roll.RAPPORTLASARE, (OWN,), {"forbund": {F}, "insats": {OWN}}),
    "nationell_administrator": Member(
        Roll.NATIONELL_ADMINISTRATOR, (), describes(EVERY_INSATS, {F, G, H})
    ),
    "behorighetsadministrator": Member(
        Roll.BEHORIGHETSADMINISTRATOR, (), {"forbund": {F, G, H}, "insats": EVERY_INSATS}
    ),
    "samtyckesmottagare": Member(Roll.SAMTYCKESMOTTAGARE, (), {"samtycke": WITH_PERSONS}),
    "dataskyddsgranskare": Member(Roll.DATASKYDDSGRANSKARE, (), {"forbund": {F, G, H}}),
    "dataskyddsgranskare_of_a_forbund": Member(Roll.DATASKYDDSGRANSKARE, (F,), {"forbund": {F, H}}),
    "bestallare": Member(Roll.BESTALLARE, (F,), {"forbund": {F, H}}),
}  # fmt: skip
NEVER_PERSONS = {
    name: member
    for name, member in CAST.items()
    if member.roll not in (Roll.DELTAGARANSVARIG, Roll.DATASKYDDSGRANSKARE)
}


def hire(world: World, member: Member) -> tuple[User, Uppdrag]:
    """An account with the member's uppdrag; the first of them."""
    account = factories.user(member.roll)
    day = timezone.localdate()
    rows = [_uppdrag(world, account, member.roll, label) for label in member.uppdrag or ("",)]
    for label in member.ended:
        _uppdrag(world, account, member.roll, label, till=day - dt.timedelta(days=1))
    for label in member.coming:
        _uppdrag(world, account, member.roll, label, fran=day + dt.timedelta(days=1))
    for label in sorted(
        WITH_PERSONS
    ):  # what somebody has begun is seen while the uppdrag lasts, by nobody else
        draft(world, account, world.insatser[label])
    return account, rows[0]


def _uppdrag(world: World, account: User, roll: Roll, label: str, **dates: Any) -> Uppdrag:
    return factories.uppdrag(
        account, roll, forbund=world.forbund.get(label), insats=world.insatser.get(label), **dates
    )


@contextmanager
def acting(world: World, name: str) -> Iterator[None]:
    """Act as one of the cast."""
    account, row = hire(world, CAST[name])
    with acting_as(account, row):
        yield


def scoped_models() -> list[type[models.Model]]:
    """Every model whose default manager is scoped."""
    return [one for one in apps.get_models() if isinstance(one._default_manager, ScopedManager)]


# --- What is seen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CAST)
def test_exactly_what_is_open_is_seen(world: World, name: str) -> None:
    """Of every registered model, neither more nor less, and no row twice."""
    with acting(world, name):
        seen = {str(model._meta.model_name): world.visible(model) for model in scoped_models()}
    assert {model: labels for model, labels in seen.items() if labels} == {
        model: labels for model, labels in CAST[name].sees.items() if labels
    }


def test_the_cast_covers_every_role_and_every_model(world: World) -> None:
    """A new role or a new scoped model fails here until the cast says what it sees."""
    assert {member.roll for member in CAST.values()} == set(Roll)
    named = {model for member in CAST.values() for model in member.sees}
    assert named == SCOPES.keys()
    # The look-up hashes are for the rules alone: no role has an entry, so nobody sees one.
    assert named | {"nummerhash"} == {str(model._meta.model_name) for model in scoped_models()}
    with factories.as_system():
        assert all(model._default_manager.exists() for model in scoped_models())
    for model, scopes in SCOPES.items():
        assert None not in scopes, f"{model} is open to somebody without a role"


def test_who_works_for_an_absorbed_forbund_reads_on_and_writes_no_more(world: World) -> None:
    """History stays with the absorbed; what passed on is the successor's to count and to give (DOMAIN §3)."""
    passed, closed = world.insatser[PASSED].pk, world.insatser[CLOSED].pk
    registrar = factories.user(Roll.DELTAGARANSVARIG)
    with acting(world, "insatsansvarig_of_the_absorbed"):
        assert Insats.objects.filter(pk=passed).exists()
        with pytest.raises(AccessRefused):
            record_volym(VolymRad(passed, 2024, 5), seen_nr=0)
        with pytest.raises(AccessRefused):
            give_uppdrag(registrar, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=passed)
        with pytest.raises(RuleError):  # its own still; only that it registers persons
            record_volym(VolymRad(closed, 2024, 5), seen_nr=0)
    with acting(world, "insatsansvarig_of_a_forbund"):
        give_uppdrag(registrar, Roll.DELTAGARANSVARIG, fran=timezone.localdate(), insats=passed)


def test_an_actor_within_another_has_a_reach_of_its_own(world: World) -> None:
    """What was read for the one answers nothing for the other, on the way in or out."""
    outer, row = hire(world, CAST["forbundsadministrator"])
    inner, other = hire(world, CAST["forbundsadministrator_of_the_other"])
    with acting_as(outer, row):
        assert world.visible(Insats) == OWNED_BY_F
        with acting_as(inner, other):
            assert world.visible(Insats) == {OTHER} and world.visible(Forbund) == {G}
        assert world.visible(Insats) == OWNED_BY_F and world.visible(Forbund) == {F, H}


def test_what_changes_is_read_anew_by_the_next_transaction(world: World) -> None:
    """How far an actor reaches is settled once: a page is not half within one reach and half within another."""
    account, row = hire(world, CAST["forbundsadministrator"])
    with acting_as(account, row) as actor:
        assert own_forbund_ids(actor) == [world.forbund[F].pk, world.forbund[H].pk]
        assert world.visible(Insats) == OWNED_BY_F
        InsatsAgande.objects.filter(insats=world.insatser[OTHER]).update(forbund=world.forbund[F])
        assert world.visible(Insats) == OWNED_BY_F
    with acting_as(account, row):
        assert world.visible(Insats) == OWNED_BY_F | {OTHER}
    InsatsAgande.objects.filter(insats=world.insatser[OTHER]).update(forbund=world.forbund[G])
    with acting_as(account, row) as actor:
        assert world.visible(Insats) == OWNED_BY_F
        assert set(own_insats_ids(actor)) == {world.insatser[one].pk for one in OWNED_BY_F}


def test_without_an_actor_nothing_is_seen(world: World) -> None:
    """Deny by default: outside `acting_as` every scoped query is empty; only the door past it is not."""
    for model in scoped_models():
        assert not model._default_manager.exists()
        assert model._default_manager.count() == 0
        assert list(model._default_manager.values_list("pk")) == []
        assert model.unscoped.exists()  # type: ignore[attr-defined]


def test_without_an_uppdrag_nothing_is_seen(world: World) -> None:
    """A role alone opens nothing (DOMAIN §2), however many of them."""
    account = factories.user(*(roll for roll in Roll if roll != Roll.DELTAGARANSVARIG))
    with acting_as(account):
        assert not any(model._default_manager.exists() for model in scoped_models())


def test_the_system_sees_everything(world: World) -> None:
    """Commands and scheduled jobs."""
    with factories.as_system():
        for model in scoped_models():
            assert set(model._default_manager.all()) == set(model.unscoped.all())  # type: ignore[attr-defined]


def test_a_model_and_role_without_an_entry_see_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the entry away and nothing is left; the same for a model that nobody has thought of."""
    monkeypatch.delitem(SCOPES["insats"], Roll.DELTAGARANSVARIG)
    monkeypatch.delitem(SCOPES, "forbund")
    with acting(world, "deltagaransvarig"):
        assert not Insats.objects.exists()
        assert not Forbund.objects.exists()


@pytest.mark.parametrize("name", CAST)
def test_nobody_works_without_a_right_that_holds_today(world: World, name: str) -> None:
    """An uppdrag that has ended or has yet to begin, a closed account, a role taken away: refused at the door."""
    day, one_day = timezone.localdate(), dt.timedelta(days=1)
    for how in ("ended", "coming", "closed", "role taken away"):
        account, row = hire(world, CAST[name])
        if how == "ended":
            Uppdrag.objects.filter(pk=row.pk).update(till=day - one_day)
        elif how == "coming":
            Uppdrag.objects.filter(pk=row.pk).update(fran=day + one_day)
        elif how == "closed":
            User.objects.filter(pk=account.pk).update(is_active=False)
        else:
            User.objects.filter(pk=account.pk).update(**{CAST[name].roll.value: False})
        with pytest.raises(AccessRefused), acting_as(account, row):
            raise AssertionError(f"nobody should get here: {how}")
        assert not Forbund.objects.exists()


def test_an_uppdrag_in_another_role_opens_nothing_here(world: World) -> None:
    """Somebody who also is insatsansvarig of the sibling registers nobody there."""
    account = factories.user(Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG)
    row = _uppdrag(world, account, Roll.DELTAGARANSVARIG, OWN)
    other = _uppdrag(world, account, Roll.INSATSANSVARIG, SIBLING)
    with acting_as(account, row):
        assert world.visible(Insats) == {OWN} == world.visible(Deltagande)
    with acting_as(account, other):
        assert world.visible(Insats) == {SIBLING}
        assert not Deltagande.objects.exists()


def test_filters_and_aggregates_stay_within(world: World) -> None:
    """Asking for a row by its key, counting and chaining find no more than listing does."""
    theirs = Deltagande.unscoped.get(insats=world.insatser[OTHER])
    with acting(world, "deltagaransvarig"):
        assert not Deltagande.objects.filter(pk=theirs.pk).exists()
        assert Deltagande.objects.exclude(pk=theirs.pk).count() == Deltagande.objects.count() == 1
        with pytest.raises(Deltagande.DoesNotExist):
            Deltagande.objects.get(pk=theirs.pk)
        assert Deltagande.objects.filter(pk=theirs.pk).update(avidentifierad_orsak="") == 0
        assert Deltagande.objects.none().union(Deltagande.objects.all()).count() == 1


# --- Ways around -----------------------------------------------------------------------------------------------------


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
