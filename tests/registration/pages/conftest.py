"""The fixed cast of the page tests: who works where, and somebody who must always get 404 or 403."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Forbund, Insats, Uppdrag
from tests import factories

PASSWORD = "prov-losenord-7"


@dataclass(frozen=True)
class Cast:
    """eva: deltagaransvarig in steget and in sista (same förbund). olle: in another insats of the förbund. berit: in
    another förbund. ada, ina, nils, rita: the roles without persons.
    """

    kust: Forbund
    steget: Insats
    sista: Insats
    granne: Insats
    framtid: Insats
    volym: Insats
    eva: User
    olle: User
    berit: User
    ada: User
    ina: User
    nils: User
    rita: User


@pytest.fixture
def cast(db: None) -> Cast:
    with factories.as_system():
        factories.formular()
        kust = factories.forbund(namn="Älv och kust")
        skog = factories.forbund(namn="Norra skogen", kommuner=("0180",))
        steget = factories.insats(forbund=kust, namn="Steget vidare")
        sista = factories.insats(forbund=kust, namn="Sista biten")
        granne = factories.insats(forbund=kust, namn="Grannen")
        framtid = factories.insats(forbund=skog, namn="Ung framtid")
        volym = factories.volyminsats(forbund=kust, namn="Samtalet")
        eva = factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Eva Prov", password=PASSWORD)
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=sista)
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=volym)
        return Cast(
            kust=kust, steget=steget, sista=sista, granne=granne, framtid=framtid, volym=volym, eva=eva,
            olle=factories.user(Roll.DELTAGARANSVARIG, insats=granne, namn="Olle Prov", password=PASSWORD),
            berit=factories.user(Roll.DELTAGARANSVARIG, insats=framtid, namn="Berit Prov", password=PASSWORD),
            ada=factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust, namn="Ada Prov", password=PASSWORD),
            ina=factories.user(Roll.INSATSANSVARIG, forbund=kust, namn="Ina Prov", password=PASSWORD),
            nils=factories.user(
                Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nils Prov", password=PASSWORD
            ),
            rita=factories.user(Roll.RAPPORTLASARE, forbund=kust, namn="Rita Prov", password=PASSWORD),
        )  # fmt: skip


@pytest.fixture
def as_user(cast: Cast) -> Callable[[User], Client]:
    """A client that works as the user, where the first uppdrag is."""

    def log_in(user: User) -> Client:
        client = Client()
        client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
        first = Uppdrag.objects.filter(user=user).order_by("pk").first()
        assert first is not None
        client.post("/uppdrag/", {"uppdrag": factories.choice(first)})
        return client

    return log_in


@pytest.fixture
def eva(cast: Cast, as_user: Callable[[User], Client]) -> Client:
    return as_user(cast.eva)


@pytest.fixture
def anders(cast: Cast) -> Deltagande:
    """Somebody in steget, still there."""
    with factories.as_system():
        one = factories.registered(0, insats=cast.steget, fornamn="Anders", efternamn="Andersprov")
    factories.as_if_committed()
    return one


def text_of(answer: Any) -> str:
    """The words of a page."""
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def title_of(answer: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.S)
    return html.unescape(found[1]) if found else ""


def hidden_of(answer: Any) -> dict[str, Any]:
    """The hidden fields of the last form on the page; a list where a name stands several times."""
    form = answer.content.decode().split("<form")[-1]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return {name: said if len(said) > 1 else said[0] for name, said in found.items()}


def action_of(page: Any) -> str:
    """Where the last form of the page leads."""
    form = page.content.decode().split("<form")[-1]
    action = re.match(r'[^>]*\baction="([^"]*)"', form)
    return html.unescape(action[1]) if action else str(page.request["PATH_INFO"])


def send(client: Client, page: Any, answers: Mapping[str, Any] | None = None, *, follow: bool = True) -> Any:
    """Post the last form of the page with these answers, to where it leads; gives the page that this led to."""
    return client.post(action_of(page), hidden_of(page) | dict(answers or {}), follow=follow)


def led_to(answer: Any) -> str:
    """Where a post, followed or not, led."""
    chain = getattr(answer, "redirect_chain", None)
    return str(chain[-1][0] if chain else answer.headers["Location"])


def errors_of(answer: Any) -> list[str]:
    """The lines of the error summary."""
    found = re.search(r'class="error-summary".*?</div>', answer.content.decode(), re.S)
    lines = re.findall(r"<li>(.*?)</li>", found[0], re.S) if found else []
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


def looks(deltagande: Any = None) -> list[tuple[str, str, str]]:
    """(handling, purpose, result) of the access-log rows, of one deltagande when given, in their order."""
    rows = Atkomst.objects.order_by("pk")
    if deltagande is not None:
        rows = rows.filter(objekt_id=str(deltagande.pk))
    return list(rows.values_list("handling", "syfte", "resultat"))
