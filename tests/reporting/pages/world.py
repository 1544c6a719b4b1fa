"""A small register with an uttag, and people who may and may not look at it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html.parser import HTMLParser

from django.test import Client

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.rules.antal import AnonymaRad, record_anonyma
from reporting.uttag.take import TakenUttag, take_uttag
from tests import factories

PASSWORD = "prov-losenord-7"
YEAR = 2024
FEBRUARY = dt.datetime.fromisoformat("2025-02-01T12:00:00+01:00")
COUNTED_PARTS = (
    "Hämtar årets registreringar", "Läser årets registreringar", "Ordnar årets registreringar", "Ordnar året före",
    "Räknar tabellerna", "Fryser underlaget", "Sparar uttaget",
)  # fmt: skip
"""The parts of an uttag that tell how far they are, in their order."""
KNOWN = dt.datetime(2024, 2, 1, 9, tzinfo=dt.UTC)


@dataclass(frozen=True)
class People:
    """Somebody in each role that meets the pages of uttag. farid reads reports of one förbund."""

    greta: User
    farid: User
    anna: User
    elsa: User


def people() -> People:
    """greta takes uttag, farid reads them, anna and elsa do neither."""
    with factories.as_system():
        forbund = factories.forbund(namn="Älv och kust")
        insats = factories.insats(forbund=forbund, namn="Steget vidare")
        return People(
            greta=factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Greta Prov", password=PASSWORD),
            farid=factories.user(Roll.RAPPORTLASARE, forbund=forbund, namn="Farid Prov", password=PASSWORD),
            anna=factories.user(Roll.DELTAGARANSVARIG, insats=insats, namn="Anna Prov", password=PASSWORD),
            elsa=factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=forbund, namn="Elsa Prov", password=PASSWORD),
        )  # fmt: skip


def small_register() -> None:
    """Seven people, two of whom have left, one known a year before too, and some anonyma."""
    insats = factories.insats(namn="Vägvalet")
    for n in range(4):
        factories.registered(n, insats=insats)
    out = dt.datetime(2024, 7, 2, 9, tzinfo=dt.UTC)
    factories.registered_out(factories.registered(4, insats=insats), registrerad=out)
    home = {"arbetar": 0, "typ_av_arbete": None, "forsorjning": "sjukpenning:hel"}
    factories.registered_out(factories.registered(5, insats=insats), registrerad=out, **home)
    day = dt.date(2023, 3, 1)
    factories.registered(
        6, startdatum=day, undertecknat=day, registrerad=dt.datetime(2023, 3, 2, 9, tzinfo=dt.UTC)
    )
    with factories.as_system():
        record_anonyma(AnonymaRad(insats.pk, YEAR, 7, 5, registrerad=KNOWN), seen_nr=0)


def taken(user: User | None = None, as_of: dt.datetime = FEBRUARY) -> TakenUttag:
    """An uttag of the small register."""
    return take_uttag(user or User.objects.system(), YEAR, as_of)


def logged_in(user: User) -> Client:
    """A browser in which that user works in the only uppdrag."""
    client = Client()
    answer = client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    assert answer.status_code == 302
    return client


class Cells(HTMLParser):
    """The text of every data cell of the tables with this class that are not inside a diagram."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.heads: list[str] = []
        self._inside: list[str] = []
        self._figure = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "figure":
            self._figure += 1
        if tag in ("td", "th", "thead") and not self._figure:
            self._inside.append(tag)
            if tag == "td" and "thead" not in self._inside:
                self.cells.append("")
            if tag == "th" and "thead" not in self._inside:
                self.heads.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._figure -= 1
        if tag in ("td", "th", "thead") and not self._figure:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if self._inside and "thead" not in self._inside:
            (self.cells if self._inside[-1] == "td" else self.heads)[-1] += data.strip()
