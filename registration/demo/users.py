"""Who logs in to the demo: one account per role and case, and the colleagues who have registered the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import INSATS_ROLES, Roll

from ..models import Forbund, Insats, Uppdrag
from ..rules.uppdrag import give_uppdrag
from .world import PERSON_INSATSER, Period

PASSWORD = "demo-finsam"
"""Of every demo user. Demo mode only: the data is invented and the server listens on this machine."""

ENDED_AGO = dt.timedelta(days=30)


@dataclass(frozen=True)
class DemoUser:
    """An account. vad: what the user sees, in the words of the table. omfattning: ids of the förbund and insatser of
    its uppdrag, none for the nation. ended: its uppdrag is over. logs_in: False for colleagues without a password.
    """

    anvandarnamn: str
    namn: str
    roll: Roll
    arbetsgivare: Arbetsgivare
    organisation: str
    vad: str = ""
    omfattning: tuple[str, ...] = ()
    ended: bool = False
    logs_in: bool = True


USERS = (
    DemoUser(
        "anna", "Anna Demoberg", Roll.DELTAGARANSVARIG, Arbetsgivare.FORBUND, "Samordningsförbundet Älvkransen",
        "deltagare i Stegvis och i Vägvalet, som har avslutats", ("DI01", "DI02"),
    ),
    DemoUser(
        "bilal", "Bilal Demogren", Roll.DELTAGARANSVARIG, Arbetsgivare.KOMMUN, "Kristinehamns kommun",
        "deltagare i Ung framåt; är anställd av en kommun", ("DI03",),
    ),
    DemoUser(
        "cecilia", "Cecilia Demohed", Roll.DELTAGARANSVARIG, Arbetsgivare.AF, "Arbetsförmedlingen",
        "väljer förbund: Havslinjen eller Åsbygden, en insats i varje", ("DI11", "DI20"),
    ),
    DemoUser(
        "david", "David Demoholm", Roll.INSATSANSVARIG, Arbetsgivare.FORBUND, "Samordningsförbundet Älvkransen",
        "insatserna i Älvkransen, inga personer; ger uppdrag", ("DF01",),
    ),
    DemoUser(
        "elsa", "Elsa Demokvist", Roll.FORBUNDSADMINISTRATOR, Arbetsgivare.FORBUND, "Samordningsförbundet Havslinjen",
        "väljer förbund: Havslinjen eller Åsbygden, inga personer; ger uppdrag", ("DF02", "DF03"),
    ),
    DemoUser(
        "farid", "Farid Demolund", Roll.RAPPORTLASARE, Arbetsgivare.REGION, "Västra Götalandsregionen",
        "uttag och rapporter, bara antal", ("DF03",),
    ),
    DemoUser(
        "greta", "Greta Demomark", Roll.NATIONELL_ADMINISTRATOR, Arbetsgivare.FK, "Försäkringskassan",
        "alla förbund och insatser, uttag; inga personer",
    ),
    DemoUser(
        "hugo", "Hugo Demosjö", Roll.BEHORIGHETSADMINISTRATOR, Arbetsgivare.FK, "Försäkringskassan",
        "meddelanden om tillgänglighet; sidorna för konton kommer senare",
    ),
    DemoUser(
        "ines", "Ines Demosten", Roll.SAMTYCKESMOTTAGARE, Arbetsgivare.FK, "Försäkringskassan",
        "samtycken efter referenskod, inga namn",
    ),
    DemoUser(
        "johan", "Johan Demoström", Roll.DATASKYDDSGRANSKARE, Arbetsgivare.FK, "Försäkringskassan",
        "söker en person som frågar: ser vem som har tittat, återkallar, rättar",
    ),
    DemoUser(
        "karin", "Karin Demovall", Roll.DELTAGARANSVARIG, Arbetsgivare.REGION, "Region Värmland",
        "ingenting: uppdraget i Ung framåt har upphört", ("DI03",), ended=True,
    ),
    DemoUser(
        "mona", "Mona Demokvist", Roll.DELTAGARANSVARIG, Arbetsgivare.KOMMUN, "Örebro kommun",
        "deltagare i tre insatser: kan flytta den som är i fel insats", ("DI01", "DI03", "DI04"),
    ),
    DemoUser(
        "lars", "Lars Demodal", Roll.BESTALLARE, Arbetsgivare.KOMMUN, "Karlskoga kommun",
        "beställer konton för Älvkransen; sidorna kommer senare", ("DF01",),
    ),
)  # fmt: skip

COLLEAGUES = tuple(
    DemoUser(name, namn, roll, arbetsgivare, organisation, "", omfattning, logs_in=False)
    for name, namn, roll, arbetsgivare, organisation, omfattning in (
        ("kollega.alvkransen", "Maria Demodal", Roll.DELTAGARANSVARIG, Arbetsgivare.REGION, "Region Örebro län", ()),
        ("kollega.havslinjen", "Nils Demogren", Roll.DELTAGARANSVARIG, Arbetsgivare.KOMMUN, "Gävle kommun", ()),
        ("kollega.asbygden", "Olga Demoholm", Roll.DELTAGARANSVARIG, Arbetsgivare.KOMMUN, "Falköpings kommun", ()),
        ("kollega.strand", "Per Demolund", Roll.DELTAGARANSVARIG, Arbetsgivare.AF, "Arbetsförmedlingen", ()),
        (
            "ansvarig.havslinjen", "Rosa Demosten", Roll.INSATSANSVARIG, Arbetsgivare.FORBUND,
            "Samordningsförbundet Havslinjen", ("DF02",),
        ),
        (
            "ansvarig.asbygden", "Stefan Demovall", Roll.INSATSANSVARIG, Arbetsgivare.FORBUND,
            "Samordningsförbundet Åsbygden", ("DF03",),
        ),
    )
)  # fmt: skip

INSATSANSVARIGA = {
    "DF01": "david",
    "DF02": "ansvarig.havslinjen",
    "DF03": "ansvarig.asbygden",
}
"""Förbund → who gives the volym of its insatser."""

LEFT = ("kollega.havslinjen", "DI13")
"""A colleague who is no longer deltagaransvarig of an insats: those who are still there wait for somebody new."""

Uppdragen = dict[tuple[str, str], Uppdrag]


def make_users(period: Period) -> Uppdragen:
    """Make every account and its uppdrag, as the system account. Returns (user name, förbund or insats id) → uppdrag;
    the id is empty for the nation.
    """
    password = make_password(
        PASSWORD
    )  # the same salt for all: hashing is slow, and the password is no secret
    forbund = dict(Forbund.objects.values_list("forbund_id", "pk"))
    insatser = dict(Insats.objects.values_list("insats_id", "pk"))
    made: Uppdragen = {}
    for one in (*USERS, *COLLEAGUES):
        account = _account(one, password)
        own = tuple(insats.id for insats in PERSON_INSATSER if insats.ansvarig == one.anvandarnamn)
        for what in one.omfattning or own or ("",):
            made[one.anvandarnamn, what] = give_uppdrag(
                account, one.roll, fran=period.beginning, till=period.today - ENDED_AGO if one.ended else None,
                forbund=forbund.get(what), insats=insatser[what] if one.roll in INSATS_ROLES else None,
            )  # fmt: skip
    return made


def demo_accounts() -> list[User]:
    """The accounts of `USERS` that are here, in that order; none where the demo data was never made."""
    found = {
        one.anvandarnamn: one for one in User.objects.filter(anvandarnamn__in=[u.anvandarnamn for u in USERS])
    }
    return [found[one.anvandarnamn] for one in USERS if one.anvandarnamn in found]


def _account(one: DemoUser, password: str) -> User:
    employer = one.arbetsgivare
    if (
        one.roll == Roll.DELTAGARANSVARIG
        and employer == Arbetsgivare.FORBUND
        and not settings.FORBUND_EMPLOYEE_REGISTERS
    ):
        employer = Arbetsgivare.KOMMUN
    account = User(
        anvandarnamn=one.anvandarnamn, namn=one.namn, arbetsgivare=employer, organisation=one.organisation,
        epost=f"{one.anvandarnamn}@demo.example", **{str(one.roll.value): True},
    )  # fmt: skip
    if one.logs_in:
        account.password = password
    else:
        account.set_unusable_password()
    account.save(force_insert=True)
    return account
