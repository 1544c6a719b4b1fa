"""The search page: by POST, in scope, each person shown logged, what was typed nowhere but in its field."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from finsam_site.access.models import Atkomst, User
from registration.models import Deltagande
from registration.rules import find as rule
from registration.rules.erase import protect_identity
from registration.views import find
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, send, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def search(client: Client, text: str) -> str:
    """The words of the page with the answer."""
    return text_of(send(client, client.get("/sok/"), {"sok": text})).split("Resultat")[-1].split("Finsam")[0]


def test_from_the_navigation_to_a_person(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(1, insats=cast.granne, efternamn="Andersprovare")
    assert 'href="/sok/"' in eva.get("/").content.decode()
    before = Atkomst.objects.count()
    page = send(eva, eva.get("/sok/"), {"sok": "ANDERS prov"})
    words = text_of(page)
    for said in (
        "1 träff ",
        "Andersprov, Anders",
        str(factories.nummer(0).birth_year),
        "Steget vidare",
        "Pågår",
    ):
        assert said in words
    assert "Andersprovare" not in words and f'href="/deltaganden/{anders.pk}/"' in page.content.decode()
    assert list(Atkomst.objects.order_by("pk").values_list("handling", "objekt_id", "syfte")[before:]) == [
        ("sokt", "egna insatser", "sök på namn eller referenskod"), ("last", str(anders.pk), "sökning"),
    ]  # fmt: skip
    assert title_of(page) == "Sök deltagare – Finsam" and "?" not in page.request["PATH_INFO"]
    assert not any("nders" in str(one.get_decoded()) for one in Session.objects.all())


def test_unknown_protected_and_elsewhere_get_the_same_answer(eva: Client, cast: Cast) -> None:
    with factories.as_system():
        protect_identity([factories.registered(1, insats=cast.steget).pk])
        factories.registered(2, insats=cast.granne)
        factories.registered(3, insats=cast.framtid)
    answers = {search(eva, factories.nummer(n).digits) for n in (1, 2, 3, 4)}
    assert len(answers) == 1 and "Ingen träff i dina insatser" in answers.pop()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Skriv ett namn, ett personnummer eller en referenskod."),
        ("a", "Skriv minst 2 bokstäver av namnet."),
        ("123", "Numret går inte att läsa"),
        ("a" * 101, "Skriv högst 100 tecken"),
    ],
)
def test_what_cannot_be_searched_for(eva: Client, text: str, error: str) -> None:
    page = send(eva, eva.get("/sok/"), {"sok": text})
    assert error in errors_of(page)[0]
    assert "Resultat" not in text_of(page)


def test_many_and_more_than_can_be_compared(eva: Client, cast: Cast) -> None:
    """Only those shown are looks in the log; the page says what it left out."""
    with factories.as_system():
        for n in range(4):
            factories.registered(n, insats=cast.steget)
    before = Atkomst.objects.count()
    with patch.object(find, "SHOWN", 2):
        assert "de 2 som började senast" in search(eva, "efternamn")
    assert Atkomst.objects.count() == before + 1 + 2
    with patch.object(rule, "BOUND", 3), patch.object(find, "BOUND", 3):
        assert "de 3 deltaganden som började senast" in search(eva, "efternamn")


def test_a_search_in_the_address_is_no_search(eva: Client, anders: Deltagande) -> None:
    assert "Andersprov" not in text_of(eva.get("/sok/?sok=Anders"))


def test_with_nothing_registered(cast: Cast, as_user: Callable[[User], Client]) -> None:
    assert "Ingen träff i dina insatser" in search(as_user(cast.olle), "prov")
