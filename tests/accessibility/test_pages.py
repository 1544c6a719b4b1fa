"""The statement with its required parts, the message form for everybody, and the list of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory

from finsam_site.access import throttle
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.accessibility import statement, views
from finsam_site.accessibility.forms import HAS_NUMBER
from finsam_site.accessibility.letters import Letter, leave_letter
from finsam_site.accessibility.models import Meddelande
from tests import factories, numbers
from tests.registration.pages.conftest import errors_of, hidden_of, led_to, send, text_of

pytestmark = [pytest.mark.both, pytest.mark.django_db]

PASSWORD = "prov-losenord-7"
FORM = "/tillganglighet/meddelande/"
LIST = "/tillganglighet/meddelanden/"
TEXT = "Knappen syns inte."


@pytest.fixture(autouse=True)
def _counts() -> Iterator[None]:
    yield
    views.FROM_ONE.forget(throttle.address_of(RequestFactory().get("/")))
    views.FROM_ALL.forget("")


@pytest.fixture
def greta(client: Client) -> User:
    one = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Greta Prov", password=PASSWORD)
    client.post("/logga-in/", {"username": one.anvandarnamn, "password": PASSWORD})
    return one


def words(answer: Any) -> str:
    return text_of(answer).replace("\u00a0", " ")


def kept() -> list[Meddelande]:
    return list(Meddelande.objects.all())


# The statement


def test_the_statement_has_what_the_law_asks_for(client: Client, settings: Any) -> None:
    settings.OPERATOR, settings.ACCESSIBILITY_CONTACT = "Provverket", "Provverket, 010-123 45 67"
    answer = client.get("/tillganglighet/")
    said = words(answer)
    for part in (
        "Provverket svarar för webbplatsen", "Finsam på testserver", "delvis förenlig", "2018:1937", "EN 301 549",
        "WCAG 2.1", "WCAG 2.2", "Det här är inte tillgängligt", "oskäligt betungande", "självskattning",
        "senaste bedömningen gjordes 28 november 2026", "ändrades senast 28 november 2026", "010-123 45 67",
        "Myndigheten för digital förvaltning (Digg)",
    ):  # fmt: skip
        assert part in said, part
    for one in statement.SHORTCOMINGS:
        assert one.what in said and one.why in said and one.criterion in said
    page = answer.content.decode()
    assert f'href="{FORM}"' in page and 'href="https://www.digg.se/tdosanmalan"' in page


def test_what_the_operator_has_not_said_is_said_to_be_missing(client: Client, settings: Any) -> None:
    settings.OPERATOR = settings.ACCESSIBILITY_CONTACT = ""
    said = words(client.get("/tillganglighet/"))
    assert (
        "Vem som svarar för webbplatsen är inte angivet." in said
        and "Ingen annan kontakt är angiven." in said
    )


def test_every_page_leads_there(client: Client, greta: User) -> None:
    for page in ("/", "/insatser/", "/finns-inte/", FORM):
        for browser in (client, Client()):
            foot = browser.get(page, follow=True).content.decode().split("<footer")[1]
            assert 'href="/tillganglighet/"' in foot, page


# The form


def test_anybody_can_write(client: Client) -> None:
    page = client.get(FORM)
    answer = send(client, page, {"text": TEXT, "sida": "Start", "epost": "siri@example.se"})
    assert led_to(answer) == "/tillganglighet/meddelande/tack/" and "Meddelandet är skickat" in words(answer)
    assert len(kept()) == 1


def test_twice_sent_is_one_message(client: Client, greta: User) -> None:
    """Without a log-in and with one."""
    for browser in (Client(), client):
        Meddelande.objects.all().delete()
        page = browser.get(FORM)
        for _ in range(3):
            assert led_to(browser.post(FORM, hidden_of(page) | {"text": TEXT})).endswith("/tack/")
        assert len(kept()) == 1
        send(browser, browser.get(FORM), {"text": TEXT})
        assert len(kept()) == 2  # written once more, on a new page


def test_errors_keep_what_was_written(client: Client) -> None:
    page = client.get(FORM)
    assert errors_of(send(client, page, {"text": " "})) == ["Svara på frågan ”Vad fungerar inte?”"]
    wrong = send(client, page, {"text": TEXT, "epost": "siri"})
    assert errors_of(wrong) == [
        "Skriv en e-postadress, till exempel namn@kommun.se, eller lämna fältet tomt."
    ]
    assert TEXT in words(wrong)
    assert "högst 4000 tecken" in errors_of(send(client, page, {"text": "x" * 4001}))[0]
    assert not kept()
    assert hidden_of(wrong)["blankett"] == hidden_of(page)["blankett"]


@pytest.mark.parametrize("field", ["text", "sida", "epost"])
def test_a_person_number_is_not_taken(client: Client, field: str) -> None:
    number = numbers.pick(0)
    said = f"{number}@example.se" if field == "epost" else f"Det gäller {number[2:8]}-{number[8:]}."
    answer = send(client, client.get(FORM), {"text": TEXT} | {field: said})
    assert HAS_NUMBER in errors_of(answer) and not kept()


def test_a_hidden_field_of_somebody_else_loses_nothing(client: Client) -> None:
    for value in ("", "falsk:signatur"):
        client.post(FORM, {"text": TEXT, "blankett": value})
    assert len(kept()) == 2


@pytest.mark.usefixtures("one_quarter")
def test_not_without_end(client: Client, greta: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one address, by one user, and from everywhere together; what is not sent is told and still there."""
    monkeypatch.setattr(views, "FROM_ONE", throttle.Limit("meddelanden", 2))
    views.FROM_ONE.forget(f"konto {greta.pk}")
    outside = Client()
    for browser in (outside, client):
        for n in range(2):
            assert send(browser, browser.get(FORM), {"text": f"{TEXT} {n}"}, follow=False).status_code == 302
        late = send(browser, browser.get(FORM), {"text": "En till."})
        assert late.status_code == 429 and errors_of(late) == [views.TOO_MANY] and "En till." in words(late)
    assert len(kept()) == 4
    monkeypatch.setattr(views, "FROM_ONE", throttle.Limit("meddelanden", 100))
    monkeypatch.setattr(views, "FROM_ALL", throttle.Limit("meddelanden-alla", 4))
    assert send(outside, outside.get(FORM), {"text": TEXT}).status_code == 429


# The list


def test_the_list(client: Client, greta: User) -> None:
    assert "Inga meddelanden" in words(client.get(LIST))
    assert "Meddelanden om tillgänglighet" not in words(client.get("/"))
    leave_letter(Letter("Rad ett.\n\n<b>Rad två.</b>", "Start", "siri@example.se"), "a")
    assert "Meddelanden om tillgänglighet Läs och svara" in words(client.get("/"))
    page = client.get(LIST)
    said = words(page)
    for part in ("Rad ett.", "<b>Rad två.</b>", "Gäller sidan Start", "Svar till siri@example.se", "Väntar"):
        assert part in said, part
    url = re.search(r'action="(/tillganglighet/meddelanden/[^"]+)"', page.content.decode())
    assert url is not None
    done = client.post(url[1], {"hanterat": "ja"}, follow=True)
    assert "Meddelandet är markerat som hanterat." in words(done) and "Rad ett." not in words(done)
    shown = words(client.get(f"{LIST}?visa=alla"))
    assert "Rad ett." in shown and "av Greta Prov" in shown
    client.post(url[1], {"hanterat": "nej"})
    assert "Rad ett." in words(client.get(LIST))
    assert client.get(url[1]).status_code == 405


def test_what_those_without_tasks_are_told(client: Client) -> None:
    for roll, said in (
        (Roll.BEHORIGHETSADMINISTRATOR, "Sidor för konton finns inte i den här versionen"),
        (Roll.BESTALLARE, "Sidor för beställningar finns inte i den här versionen"),
    ):
        one = factories.user(roll, forbund=factories.forbund(), password=PASSWORD)
        browser = Client()
        browser.post("/logga-in/", {"username": one.anvandarnamn, "password": PASSWORD})
        assert said in words(browser.get("/"))
