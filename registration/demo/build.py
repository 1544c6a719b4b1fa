"""Writes the demo through the rules, in one transaction of the caller's.

Förbund, insatser, money, questions and the consent form have no rule yet and are written as they are; everything said
of a person or counted in a year goes through its rule, as the one who would have done it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User

from ..models import (
    Deltagande,
    Forbund,
    ForbundAr,
    ForbundKommun,
    ForbundRegion,
    Fraga,
    Insats,
    InsatsAr,
    InsatsBehovsgrupp,
    InsatsPart,
)
from ..rules.antal import AnonymaRad, VolymRad, check_anonyma, check_volym, write_anonyma, write_volym
from ..rules.clock import writing_since
from ..rules.correct import Rattelse, correct
from ..rules.doors import moving_in
from ..rules.erase import protect_identity, withdraw_samtycke
from ..rules.facts import Facts, load_facts
from ..rules.findings import raise_errors
from ..rules.ownership import sync_ownership
from ..rules.register import Utskrivning, register_in, register_out
from ..rules.reveal import find_person
from ..rules.samtyckestexter import new_formular
from ..rules.uppdrag import end_uppdrag
from . import counts
from .plan import FORMULAR, Plan, Planned, make_plan
from .users import INSATSANSVARIGA, LEFT, Uppdragen, make_users
from .world import FORBUND, FRAGOR, INSATSER, MERGER, PERSON_INSATSER, Period

ONE_DAY = dt.timedelta(days=1)
FORMULAR_FROM = dt.date(2024, 1, 1)
GRANSKARE = "johan"


@dataclass
class DemoRegister:
    """What was written, for the uttag and the removal of identities that follow."""

    plan: Plan
    uppdrag: Uppdragen
    keys: dict[str, uuid.UUID]

    @property
    def period(self) -> Period:
        return self.plan.period


def register_is_empty() -> bool:
    """True when nobody has put a förbund or an account here. For the system account."""
    return not Forbund.unscoped.exists() and not User.objects.exclude(pk=User.objects.system().pk).exists()


def make_register(now: dt.datetime) -> DemoRegister:
    """Write everything but the uttag and the removal of identities. Runs inside `acting_as(system)`.

    `now`: nothing is known after it. Raises RuleError if the plan breaks a rule, which would be a fault of the plan.
    """
    plan = make_plan(now)
    _make_world(plan.period)
    uppdrag = make_users(plan.period)
    _make_money(plan.period)
    register = DemoRegister(plan, uppdrag, {})
    facts = load_facts()
    by_insats: dict[str, list[Planned]] = defaultdict(list)
    for one in plan.deltaganden:
        by_insats[one.insats.id].append(one)
    with moving_in():
        for insats in PERSON_INSATSER:
            with _acting(register, insats.ansvarig, insats.id):
                _register(register, by_insats[insats.id], facts)
        _record_counts(register, facts, now)
    return register


def remove_identities(register: DemoRegister) -> None:
    """Withdrawals, one of them at the dataskyddsgranskare's, and protection. A rule of now: they happen today."""
    *others, last = register.plan.withdrawn
    for one in others:
        with _acting(register, one.insats.ansvarig, one.insats.id):
            withdraw_samtycke([register.keys[one.id]])
    with _acting(register, GRANSKARE, ""):
        withdraw_samtycke(find_person(last.ny.nummer, "personen har återkallat sitt samtycke per brev"))
    for one in register.plan.protected:
        with _acting(register, one.insats.ansvarig, one.insats.id):
            protect_identity([register.keys[one.id]])


def somebody_leaves(register: DemoRegister) -> None:
    """End the one uppdrag of an insats with open deltaganden, so that there is something to give."""
    end_uppdrag(register.uppdrag[LEFT])


@contextmanager
def _acting(register: DemoRegister, anvandarnamn: str, what: str) -> Iterator[None]:
    uppdrag = register.uppdrag[anvandarnamn, what]
    with acting_as(uppdrag.user, uppdrag):
        yield


def _register(register: DemoRegister, planned: list[Planned], facts: Facts) -> None:
    """Everybody of one insats, first those who come for the first time."""
    for omgang in (1, 2):
        those = [one for one in planned if one.omgang == omgang]
        made = register_in([one.ny for one in those], facts=facts) if those else []
        register.keys.update((one.id, made_one.pk) for one, made_one in zip(those, made, strict=True))
        ut = [
            Utskrivning(register.keys[one.id], one.ut, registrerad=one.registrerad_ut)
            for one in those
            if one.ut
        ]
        if ut:
            register_out(ut, facts=facts)
    for one in planned:
        for new in one.rattelser:
            correct(
                Rattelse(
                    register.keys[one.id], new.orsak, in_=new.in_, ut=new.ut,
                    registrerad_in=new.registrerad if new.in_ else None,
                    registrerad_ut=new.registrerad if new.ut else None,
                ),
                facts=facts,
            )  # fmt: skip


def _record_counts(register: DemoRegister, facts: Facts, now: dt.datetime) -> None:
    """Anonyma by those who register persons, volym by the insatsansvariga: all checked, then written together."""
    spec = {insats.id: insats for insats in INSATSER}
    for insats, anonyma in _grouped(counts.anonyma(register.plan, now)):
        with _acting(register, spec[insats].ansvarig, insats):
            known = facts.insatser[insats]
            rows = [
                AnonymaRad(known.pk, one.ar, one.kvinnor or 0, one.man or 0, one.registrerad)
                for one in anonyma
            ]
            raise_errors(
                found
                for rad in rows
                for found in check_anonyma(rad, known, registrerad=rad.registrerad or now, now=now)
            )
            write_anonyma(rows, now=writing_since())
    for insats, volym in _grouped(counts.volym(register.plan, now)):
        owner = next(one.uppgatt_i or one.id for one in FORBUND if one.id == spec[insats].forbund)
        with _acting(register, INSATSANSVARIGA[owner], owner):
            known = facts.insatser[insats]
            rader = [
                VolymRad(known.pk, one.ar, one.antal, one.kvinnor, one.man, one.registrerad) for one in volym
            ]
            raise_errors(
                found
                for rad in rader
                for found in check_volym(rad, known, registrerad=rad.registrerad or now, now=now)
            )
            write_volym(rader, now=writing_since())


def _grouped(totals: Iterable[counts.Total]) -> Iterator[tuple[str, list[counts.Total]]]:
    """insats → its totals, in the order they became known of each year."""
    found: dict[str, list[counts.Total]] = defaultdict(list)
    for one in totals:
        found[one.insats].append(one)
    yield from found.items()


def _make_world(period: Period) -> None:
    new_formular(FORMULAR, min(FORMULAR_FROM, period.beginning), namner_behovsgrupp=True)
    forbund = _make_forbund(period)
    for spec in INSATSER:
        insats = Insats.unscoped.create(
            insats_id=spec.id, forbund=forbund[spec.forbund], namn=spec.namn, beskrivning=spec.beskrivning,
            inriktning="individ" if spec.individ else "struktur", preciserad_inriktning=spec.preciserad,
            registreringssatt="person" if spec.person else "volym", startdatum=spec.starts(period),
            slutdatum=spec.ends(period), esf=spec.esf,
        )  # fmt: skip
        InsatsBehovsgrupp.objects.bulk_create(
            InsatsBehovsgrupp(insats=insats, kod=kod) for kod in spec.behovsgrupper.split()
        )
        InsatsPart.objects.bulk_create(InsatsPart(insats=insats, kod=kod) for kod in spec.parter.split())
    Fraga.objects.bulk_create(
        Fraga(
            forbund=forbund[one.forbund], text=one.text, tillfalle=one.tillfalle, svarstyp=one.slag,
            svarsalternativ=one.alternativ, ordning=nr, giltig_fran=period.beginning,
        )
        for nr, one in enumerate(FRAGOR, start=1)
    )  # fmt: skip
    sync_ownership()


def _make_forbund(period: Period) -> dict[str, Forbund]:
    """The förbund with members, and the one that has gone up in another: its kommuner go along."""
    made: dict[str, Forbund] = {}
    for nr, spec in enumerate(FORBUND):
        ends = period.day(MERGER) if spec.uppgatt_i else None
        start = period.day((-10 + 2 * nr, 1, 1))
        made[spec.id] = one = Forbund.unscoped.create(
            forbund_id=spec.id, namn=spec.namn, beskrivning=spec.beskrivning, startdatum=start, slutdatum=ends,
            kontakt=f"Kansliet, kansli@{spec.id.lower()}.example", uppgatt_i=made.get(spec.uppgatt_i),
        )  # fmt: skip
        members = [(one, kommun, start, ends) for kommun in spec.kommuner]
        if ends:
            members += [(made[spec.uppgatt_i], kommun, ends + ONE_DAY, None) for kommun in spec.kommuner]
        ForbundKommun.objects.bulk_create(
            ForbundKommun(forbund=owner, kommun_id=kommun, fran=fran, till=till)
            for owner, kommun, fran, till in members
        )
        ForbundRegion.objects.bulk_create(
            ForbundRegion(forbund=one, lan_id=lan, fran=start, till=ends) for lan in spec.lan
        )
    return made


def _make_money(period: Period) -> None:
    insatser = dict(Insats.unscoped.values_list("insats_id", "pk"))
    forbund = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    InsatsAr.objects.bulk_create(
        InsatsAr(
            insats_id=insatser[one.insats], ar=one.ar, planerat_antal=one.planerat, budget=one.budget,
            utfall=one.utfall, budget_esf=one.budget_esf, utfall_esf=one.utfall_esf,
        )
        for one in counts.insats_money(period)
    )  # fmt: skip
    ForbundAr.objects.bulk_create(
        ForbundAr(forbund_id=forbund[spec], ar=year, post=post, budget=budget, utfall=utfall)
        for spec, year, post, budget, utfall in counts.forbund_money(period)
    )


def made_counts() -> dict[str, int]:
    """How many there are of what the user is told of. For the system account."""
    return {
        "förbund": Forbund.unscoped.count(),
        "insatser": Insats.unscoped.count(),
        "deltaganden": Deltagande.unscoped.count(),
    }
