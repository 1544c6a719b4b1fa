"""The dataskyddsgranskare of the nation and of a förbund, who search for a person by the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.models import Undanlagt, User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from registration.models import Deltagande
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, led_to, looks, send, text_of

AsUser = Callable[[User], Client]
NUMBER = factories.nummer(0).digits


@pytest.fixture
def johan(cast: Cast, as_user: AsUser) -> Client:
    """The dataskyddsgranskare of the nation."""
    account = factories.user(Roll.DATASKYDDSGRANSKARE, namn="Johan Prov", password=PASSWORD)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE)
    return as_user(account)


@pytest.fixture
def kajsa(cast: Cast, as_user: AsUser) -> Client:
    """That of the förbund Älv och kust."""
    account = factories.user(Roll.DATASKYDDSGRANSKARE, namn="Kajsa Prov", password=PASSWORD)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE, forbund=cast.kust)
    return as_user(account)


@pytest.fixture
def elsewhere(cast: Cast, anders: Deltagande) -> Deltagande:
    """Anders in another förbund."""
    with factories.as_system():
        one = factories.registered(0, insats=cast.framtid, fornamn="Anders", efternamn="Andersprov")
    factories.as_if_committed()
    return one


def search(client: Client, number: str = NUMBER, syfte: str = "aterkalla") -> Any:
    """The page that a search leads to."""
    return send(client, client.get("/person/"), {"personnummer": number, "syfte": syfte})


def here(page: Any) -> str:
    return str(page.request["PATH_INFO"])


def laid_aside(slag: str) -> list[str]:
    """What every user has of a kind for some minutes, opened with all keys."""
    found = Undanlagt.objects.filter(slag=slag).order_by("pk")
    return [open_text(row, "innehall_krypterat") for row in found]


def words(page: Any) -> str:
    return text_of(page).replace("\u00a0", " ")


def last_looks(since: int) -> list[tuple[str, str, str]]:
    return looks()[since:]


def is_closed(client: Client, path: str) -> None:
    before = len(looks())
    answer = client.get(path, follow=True)
    assert led_to(answer) == "/person/" and "Sökningen är inte öppen längre" in text_of(answer)
    assert "Andersprov" not in answer.content.decode()
    assert last_looks(before) == [("last", "öppna en sökning", "nekat")]


def correction(client: Client, one: Deltagande, part: str) -> Any:
    """The page that corrects one part, from the person's page."""
    page = search(client, syfte="ratta")
    url = f"{here(page)}{one.pk}/{part}/"
    assert f'href="{url}"' in page.content.decode()
    return client.get(url)
