"""Small valid objects for tests. Each function takes keyword overrides and saves what it gives, unless it says not.

    with factories.as_system():
        one = factories.registered(0, startdatum=date(2024, 2, 1))

Persons have numbers of the shipped list only (tests/numbers.py), by index: the same index is the same person.
Everything happens in 2024 unless overridden; the insats runs from 2020 and has no end.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from django.db import connection

from finsam_site.access.acting import Actor, acting_as, current_actor
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import FORBUND_ROLES, INSATS_ROLES, NATIONAL_ROLES, Roll
from registration.models import (
    Deltagande,
    Forbund,
    ForbundKommun,
    Identitet,
    Insats,
    InsatsAgande,
    Samtycke,
    Samtyckesformular,
    Uppdrag,
)
from registration.personnummer import Nummer, parse
from registration.rules.decisions import erasure_decision
from registration.rules.register import Utskrivning, register_in, register_out
from registration.rules.samtyckestexter import add_texts, shipped
from registration.rules.values import (
    InUppgifter,
    NyttDeltagande,
    Samtyckesuppgifter,
    Sysselsattning,
    UtUppgifter,
)
from tests import numbers

KOMMUN = "0114"
FORMULAR = "prov-1"
INSATS_START = dt.date(2020, 1, 1)
UNDERTECKNAT = dt.date(2024, 1, 10)
START = dt.date(2024, 1, 15)
SLUT = dt.date(2024, 6, 30)
REGISTRERAD = dt.datetime(2024, 1, 20, 9, 0, tzinfo=dt.UTC)
"""When `nytt_deltagande` says it became known, so that nothing depends on the day of the run."""

_counter = itertools.count(1)


# --- Who acts --------------------------------------------------------------------------------------------------------


def system() -> User:
    """The account of commands and scheduled jobs, which a migration makes."""
    return User.objects.system()


@contextmanager
def as_system() -> Iterator[Actor]:
    """Act as the system account; does nothing more where somebody acts already."""
    actor = current_actor()
    if actor is not None:
        yield actor
        return
    with acting_as(system()) as actor:
        yield actor


def user(
    *roller: Roll,
    forbund: Forbund | None = None,
    insats: Insats | None = None,
    national: bool = False,
    **overrides: Any,
) -> User:
    """An account with these roles. With `forbund`, `insats` or `national` it gets an uppdrag in each role for that."""
    number = next(_counter)
    account = User.objects.create_user(
        **{
            "anvandarnamn": f"prov-{number}",
            "namn": f"Prov {number}",
            "arbetsgivare": Arbetsgivare.KOMMUN,
        }
        | {str(roll.value): True for roll in roller}
        | overrides
    )
    if forbund or insats or national:
        for roll in roller:
            uppdrag(account, roll, forbund=forbund, insats=insats)
    return account


def uppdrag(
    account: User,
    roll: Roll,
    *,
    forbund: Forbund | None = None,
    insats: Insats | None = None,
    **overrides: Any,
) -> Uppdrag:
    """An uppdrag from 2020 on for what the role allows: of förbund and insats both given, the narrower that fits."""
    if roll in NATIONAL_ROLES:
        forbund = insats = None
    elif roll in INSATS_ROLES or (insats and roll not in FORBUND_ROLES | {Roll.DATASKYDDSGRANSKARE}):
        forbund = None
    else:
        insats = None
    values: dict[str, Any] = {
        "user": account,
        "roll": roll,
        "forbund": forbund,
        "insats": insats,
        "fran": INSATS_START,
    }
    return Uppdrag.objects.create(**values | overrides)


def choice(row: Uppdrag) -> str:
    """What the page "Välj var du ska arbeta" posts for the förbund and role of an uppdrag."""
    forbund = row.insats.forbund_id if row.insats else row.forbund_id
    return f"{forbund or 'riket'}-{row.roll}"


@contextmanager
def acting(account: User, roll: Roll | None = None) -> Iterator[Actor]:
    """Act as the account with its first uppdrag (in `roll`, when given). Raises Uppdrag.DoesNotExist without one."""
    rows = Uppdrag.objects.filter(user=account).order_by("pk")
    chosen = (rows.filter(roll=roll) if roll else rows)[:1].get()
    with acting_as(account, chosen) as actor:
        yield actor


@contextmanager
def acting_in(account: User, insats: Insats) -> Iterator[Actor]:
    """Act as the account with its uppdrag in that insats."""
    with acting_as(account, Uppdrag.objects.get(user=account, insats=insats)) as actor:
        yield actor


# --- What is registered on -------------------------------------------------------------------------------------------


def forbund(*, kommuner: tuple[str, ...] = (KOMMUN,), **overrides: Any) -> Forbund:
    """A förbund with members since it began."""
    number = next(_counter)
    values: dict[str, Any] = {
        "forbund_id": f"PF{number}",
        "namn": f"Provförbund {number}",
        "startdatum": INSATS_START,
    }
    one: Forbund = Forbund.unscoped.create(**values | overrides)
    ForbundKommun.objects.bulk_create(
        ForbundKommun(forbund=one, kommun_id=kommun, fran=one.startdatum) for kommun in kommuner
    )
    return one


def insats(**overrides: Any) -> Insats:
    """An individinriktad insats that registers persons, owned by its förbund (one of its own unless given)."""
    number = next(_counter)
    values: dict[str, Any] = {
        "insats_id": f"PI{number}",
        "namn": f"Provinsats {number}",
        "inriktning": "individ",
        "preciserad_inriktning": "rehab_arbete",
        "registreringssatt": "person",
        "startdatum": INSATS_START,
    } | overrides
    if "forbund" not in values and "forbund_id" not in values:
        values["forbund"] = forbund()
    one: Insats = Insats.unscoped.create(**values)
    InsatsAgande.objects.create(insats=one, forbund_id=one.forbund_id, fran=one.startdatum)
    return one


new_insats = insats
"""The same, for functions that have an argument of that name."""


def end(insats: Insats, day: dt.date = dt.date(2024, 12, 31)) -> None:
    """Let that be the last day of the insats."""
    Insats.unscoped.filter(pk=insats.pk).update(slutdatum=day)


def volyminsats(**overrides: Any) -> Insats:
    """A strukturövergripande insats, which registers numbers only."""
    struktur = {"inriktning": "struktur", "preciserad_inriktning": "dialog", "registreringssatt": "volym"}
    return insats(**struktur | overrides)


def formular(version: str = FORMULAR, **overrides: Any) -> Samtyckesformular:
    """The consent form of that version, made at the first call. It does not name behovsgrupp."""
    values: dict[str, Any] = {"giltig_fran": INSATS_START, "namner_behovsgrupp": False} | overrides
    return Samtyckesformular.objects.get_or_create(version=version, defaults=values)[0]


def formular_to_print(version: str = FORMULAR, **overrides: Any) -> Samtyckesformular:
    """The same with the shipped texts, in Swedish and English."""
    one = formular(version, **overrides)
    if not one.texter.exists():
        one.lovar_gallring = bool(erasure_decision())
        one.save(update_fields=["lovar_gallring"])
        with as_system():
            add_texts(one, shipped())
    return one


# --- Deltaganden -----------------------------------------------------------------------------------------------------


def nummer(n: int = 0) -> Nummer:
    """The number of person `n`: of the shipped list, born in 1960–2005."""
    return parse(numbers.pick(n), today=START)


_PARTS: tuple[type, ...] = (Sysselsattning, InUppgifter, Samtyckesuppgifter, NyttDeltagande)


def _split(overrides: dict[str, Any], *parts: type) -> list[dict[str, Any]]:
    """The overrides that are fields of each part. Raises TypeError for one that is a field of none."""
    names = [{field.name for field in fields(part)} for part in parts]
    for unknown in set(overrides) - set().union(*names):
        raise TypeError(f"{unknown} is a field of none of {', '.join(part.__name__ for part in parts)}")
    return [{key: value for key, value in overrides.items() if key in own} for own in names]


def nytt_deltagande(n: int = 0, *, insats: Insats | None = None, **overrides: Any) -> NyttDeltagande:
    """Person `n` to be registered in; not written. No check finds anything wrong or odd with it.

    overrides: fields of NyttDeltagande, its samtycke, its uppgifter or their `fore`, all by their plain names
    (`undertecknat=…`, `startdatum=…`, `arbetar=…`); their names are distinct.
    """
    fore, uppgifter, samtycke, own = _split(overrides, *_PARTS)
    if insats is None and "insats_id" not in own:
        insats = new_insats()
    if insats is not None:
        own["insats_id"] = insats.insats_id
    signed: dict[str, Any] = {"undertecknat": UNDERTECKNAT} | samtycke
    if "formular" not in signed:
        signed["formular"] = formular().version
    said: dict[str, Any] = {
        "kommunkod": KOMMUN,
        "startdatum": START,
        "utbildning": "gymnasium",
        "tid_i_forsorjning_manader": 24,
        "initierad_av": "fk",
        "fore": sysselsattning(**fore),
    } | uppgifter
    values: dict[str, Any] = {
        "nummer": nummer(n),
        "fornamn": f"Förnamn{n}",
        "efternamn": f"Efternamn{n}",
        "registrerad": REGISTRERAD,
        "samtycke": Samtyckesuppgifter(**signed),
        "uppgifter": InUppgifter(**said),
    } | own
    return NyttDeltagande(**values)


def sysselsattning(**overrides: Any) -> Sysselsattning:
    """Answers before or after: on whole sjukpenning, neither working nor studying."""
    values: dict[str, Any] = {
        "forsorjning": "sjukpenning:hel",
        "arbetar": 0,
        "studerar": 0,
        "arbetssokande": False,
        "inskriven_af": False,
    }
    return Sysselsattning(**values | overrides)


def registered(n: int = 0, *, insats: Insats | None = None, **overrides: Any) -> Deltagande:
    """Person `n` registered in through the rule; overrides as `nytt_deltagande`."""
    with as_system():
        return register_in([nytt_deltagande(n, insats=insats, **overrides)])[0]


def ut_uppgifter(**overrides: Any) -> UtUppgifter:
    """What is said at the end, by default according to plan in half work; not written. Overrides as elsewhere."""
    efter, uppgifter = _split(overrides, Sysselsattning, UtUppgifter)
    efter = {"forsorjning": "ingen", "arbetar": 50, "typ_av_arbete": "ordinarie"} | efter
    values: dict[str, Any] = {
        "slutdatum": SLUT,
        "avslutsanledning": "enligt_plan",
        "efter": sysselsattning(**efter),
    }
    return UtUppgifter(**values | uppgifter)


def registered_out(
    deltagande: Deltagande, *, registrerad: dt.datetime | None = None, **overrides: Any
) -> Deltagande:
    """The deltagande registered out through the rule; overrides as `ut_uppgifter`."""
    with as_system():
        return register_out([Utskrivning(deltagande.pk, ut_uppgifter(**overrides), registrerad=registrerad)])[
            0
        ]


def identitet_of(deltagande: Deltagande) -> Identitet:
    """The identitet of a deltagande, past every scope. Raises Identitet.DoesNotExist when it is gone."""
    one: Identitet = Identitet.unscoped.get(deltagande=deltagande)
    return one


def samtycke_of(deltagande: Deltagande) -> Samtycke:
    """The samtycke of a deltagande that has its identity, past every scope."""
    one: Samtycke = Samtycke.unscoped.get(identitet__deltagande=deltagande)
    return one


def as_if_committed() -> None:
    """Let the database check now what it would check at a commit, as between two requests of a real day."""
    connection.check_constraints()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # Django leaves everything deferred that can be.
            cursor.execute("SET CONSTRAINTS identitet_overlappar_inte IMMEDIATE")
