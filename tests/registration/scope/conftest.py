"""The world that scope is tried in, and the fixed cast that works there.

The world: förbund F with the insatser `own`, `sibling` and `antal` (volym); förbund G with `other`; förbund H, absorbed
by F on 30 June 2024, with `closed` (ended before that) and `passed` (open, F's since). Every insats that registers
persons has one person of its own with all that can be said of one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.encryption import encrypt
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import seal_text
from registration.models import (
    Forbund,
    Fraga,
    Insats,
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
from registration.rules.ownership import sync_ownership
from registration.scope import ScopedManager
from tests import factories

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
    rows = [uppdrag_of(world, account, member.roll, label) for label in member.uppdrag or ("",)]
    for label in member.ended:
        uppdrag_of(world, account, member.roll, label, till=day - dt.timedelta(days=1))
    for label in member.coming:
        uppdrag_of(world, account, member.roll, label, fran=day + dt.timedelta(days=1))
    for label in sorted(
        WITH_PERSONS
    ):  # what somebody has begun is seen while the uppdrag lasts, by nobody else
        draft(world, account, world.insatser[label])
    return account, rows[0]


def uppdrag_of(world: World, account: User, roll: Roll, label: str, **dates: Any) -> Uppdrag:
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
