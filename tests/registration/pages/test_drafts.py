"""Drafts by the pages: kept as typed, taken up again, left or thrown away, also when the session has just ended."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from finsam_site.access import sessions
from registration.models import Deltagande, Uppdrag, Utkast
from registration.personnummer import parse
from registration.rules.erase import withdraw_samtycke
from tests import factories
from tests.registration.pages.conftest import (
    PASSWORD,
    Cast,
    errors_of,
    hidden_of,
    led_to,
    send,
    text_of,
    title_of,
)
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, NUMBER, START, STEPS, go, url

pytestmark = [pytest.mark.django_db, pytest.mark.both]

CANARY = {"personnummer": NUMBER, "fornamn": "Kanariefågeln", "efternamn": "Sivprov"}


def typed(client: Client, page: Any, answers: dict[str, Any], window: str = "fonster", nr: str = "") -> Any:
    """What the page's script posts while somebody types."""
    more = {"_skriver": window} | ({"_nr": nr} if nr else {})
    return send(client, page, answers | more, follow=False)


def test_what_is_typed_is_kept_and_nothing_complains(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, BEFORE)
    answer = typed(eva, page, {"personnummer": "1985", "fornamn": "Si"})
    assert (answer.status_code, answer.content) == (204, b"")
    again = eva.get(led_to(page))
    assert 'value="1985"' in again.content.decode() and 'value="Si"' in again.content.decode()
    assert not errors_of(again) and "Utkast sparat" in text_of(again)
    # Without the page's address: taken up from the list, at the first step that is not answered.
    assert "Fortsätt på utkastet från" in text_of(eva.get(url(cast)))
    (draft,) = re.findall(r'href="([^"]*\?utkast=[^"]*)"', eva.get(url(cast)).content.decode())
    assert "Vem är personen?" in text_of(eva.get(draft, follow=True))


def test_several_drafts_are_told_apart_by_page_and_lead_on_from_one_list(eva: Client, cast: Cast) -> None:
    """One notice however many they are; the start page shows the newest, and all stand on a page of their own."""
    assert "Inga utkast" in text_of(eva.get("/utkast/"))
    for _ in range(6):
        go(eva, cast, BEFORE)
    typed(eva, go(eva, cast, BEFORE, IDENTITY), {"startdatum": "2024-"})
    begin = eva.get(url(cast)).content.decode()
    assert re.findall(r'href="([^"]*/?utkast[^"]*)"', begin) == ["/utkast/"]
    assert "Du har 7 påbörjade registreringar i insatsen." in text_of(eva.get(url(cast)))
    start = text_of(eva.get("/"))
    assert "Senast sparat: Starten och bakgrunden, " in start and "Senast sparat: Innan du börjar, " in start
    assert start.count("Fortsätt:") == 5 and "2 utkast till" in start
    assert 'href="/utkast/"' in eva.get("/").content.decode()
    everything = eva.get("/utkast/")
    for page in (everything, eva.get("/")):  # and by the words of the link alone
        words = re.findall(r">(Fortsätt: [^<]*)</a>", page.content.decode())
        assert len(set(words)) == len(words) > 1 and all(
            ", påbörjat " in one and "kl." in one for one in words
        )
        assert IDENTITY["efternamn"] not in str(words)
    links = re.findall(r'href="([^"]*\?utkast=[^"]*)"', everything.content.decode())
    assert len(set(links)) == 7 and "Starten och bakgrunden" in text_of(eva.get(links[0], follow=True))
    assert IDENTITY["efternamn"] not in everything.content.decode()


def test_typing_identity_first_is_not_kept(eva: Client, cast: Cast) -> None:
    page = eva.get(url(cast))
    answer = typed(eva, page, {"_steg": "identitet", **IDENTITY})
    assert answer.status_code == 200 and answer.content == b""
    assert not Utkast.unscoped.exists()


def test_protection_typed_takes_everything_away(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, BEFORE, IDENTITY)
    first = send(eva, page, START | {"_till": "innan"})
    assert (
        typed(eva, first, {"skydd": "vet_ej"}).status_code == 200
    )  # and the page does not say that it is kept
    assert not Utkast.unscoped.exists()


@pytest.mark.parametrize("answers", [{"skydd": "vet_ej"}, {"_steg": "identitet", **IDENTITY}])
def test_what_was_not_kept_is_not_said_to_be(eva: Client, cast: Cast, answers: dict[str, str]) -> None:
    """A post after the session's end that may not become a draft: the log-in page promises nothing."""
    page = eva.get(url(cast))
    end_session(eva)
    answer = send(eva, page, answers, follow=False)
    assert "sparat som utkast" not in text_of(eva.get(answer.headers["Location"]))
    assert not Utkast.unscoped.exists()


def test_an_older_window_gives_way(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, BEFORE)
    new = typed(eva, page, {"fornamn": "Nytt"}, window="a")
    assert new.headers["X-Finsam-Nr"] == "2"
    old = typed(eva, page, {"fornamn": "Gammalt"}, window="b")
    assert old.status_code == 200 and old.headers["X-Finsam-Nr"] == "2"
    assert 'value="Nytt"' in eva.get(led_to(page)).content.decode()


def test_nothing_answered_is_no_draft(eva: Client, cast: Cast) -> None:
    """Pressed on, typed and taken away, left: the form's own answers are nobody's."""
    factories.formular("ny-2", giltig_fran=dt.date(2024, 1, 1), sprak="sv, en")
    own = {"referenskod": " ", "undertecknat": "", "formular": "ny-2", "sprak": "sv"}
    page = eva.get(url(cast))
    for _ in range(3):
        page = send(eva, page, own)
        assert "Innan du börjar" in text_of(page) and errors_of(page)
        assert "Utkastet finns inte längre" not in text_of(page)
    answer = typed(eva, page, own)
    assert (answer.status_code, answer.headers["X-Finsam-Nr"]) == (200, "0")
    assert led_to(send(eva, page, own | {"_lamna": "1"})) == f"/insatser/{cast.steget.pk}/"
    assert not Utkast.unscoped.exists()
    assert "Fortsätt på utkastet" not in text_of(eva.get(url(cast)))
    assert typed(eva, page, own | {"sprak": "en"}).status_code == 204  # chosen by somebody
    assert Utkast.unscoped.count() == 1


def test_leaving(eva: Client, cast: Cast) -> None:
    empty = send(eva, eva.get(url(cast)), {"_steg": "kontroll", "_lamna": "1"})
    assert led_to(empty) == f"/insatser/{cast.steget.pk}/"  # nothing to ask about
    question = send(eva, go(eva, cast, BEFORE), IDENTITY | {"_lamna": "1"})
    assert "Vill du behålla utkastet?" in text_of(question)
    assert led_to(send(eva, question, {"gor": "behall"})) == f"/insatser/{cast.steget.pk}/"
    assert Utkast.unscoped.count() == 1
    again = eva.get(f"{url(cast)}?utkast={Utkast.unscoped.get().pk}", follow=True)
    assert "Starten och bakgrunden" in text_of(again)
    send(eva, question, {"gor": "kasta"})
    assert not Utkast.unscoped.exists()


@pytest.mark.parametrize("how", ["post", "typing"])
def test_a_post_after_the_session_ended(eva: Client, cast: Cast, how: str) -> None:
    """What was typed is kept, nothing is shown or saved, and after a new log-in it is there."""
    page = go(eva, cast, BEFORE)
    end_session(eva)
    answer = send(eva, page, IDENTITY | ({"_skriver": "f"} if how == "typing" else {}), follow=False)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/logga-in/?next=/insatser/")
    log_in = eva.get(answer.headers["Location"])
    assert "Det du skrev är sparat som utkast." in text_of(log_in)
    assert "Det du höll på att fylla i finns kvar som utkast." in text_of(log_in)
    assert "Sivprov" not in log_in.content.decode()
    following = hidden_of(log_in)["next"]
    # Logged out for good: the next post keeps nothing.
    assert send(eva, page, IDENTITY | {"fornamn": "Annan"}, follow=False).status_code == 302
    uppdrag = eva.post(
        answer.headers["Location"],
        {"username": cast.eva.anvandarnamn, "password": PASSWORD, "next": following}, follow=True,
    )  # fmt: skip
    if "Välj" in title_of(uppdrag):
        assert hidden_of(uppdrag)["next"] == following
        eva.post("/uppdrag/", {"uppdrag": Uppdrag.objects.filter(user=cast.eva).order_by("pk")[0].pk})
    assert 'value="Sivprov"' in eva.get(f"{following.partition('&')[0]}&steg=identitet").content.decode()


def test_after_the_session_nothing_else_is_done(eva: Client, cast: Cast) -> None:
    """The last press of all is not done for somebody who is no longer logged in."""
    page = go(eva, cast, *STEPS)
    end_session(eva)
    answer = send(eva, page, follow=False)
    assert answer.headers["Location"].startswith("/logga-in/")
    assert not Deltagande.unscoped.exists() and Utkast.unscoped.count() == 1


def test_the_token_of_another_log_in(cast: Cast, eva: Client, as_user: Any) -> None:
    """Logged in anew in another tab: the page that says so leads back to the draft."""
    page = go(eva, cast, BEFORE)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = eva.cookies
    answer = send(strict, page, IDENTITY | {"csrfmiddlewaretoken": "gammal"}, follow=False)
    assert answer.status_code == 403 and "men ditt utkast finns kvar" in text_of(answer)
    (back,) = re.findall(r'class="button button-primary" href="([^"]*)"', answer.content.decode())
    assert "Vem är personen?" in text_of(eva.get(back, follow=True))


def test_how_long_is_left(eva: Client, cast: Cast) -> None:
    """The page's script asks; asking by itself is not working, pressing is."""
    address = reverse("access:session")
    session = eva.session
    session[sessions.SEEN] -= 25 * 60
    session.save()
    background = eva.get(address, headers={"X-Finsam-Background": "1"}).json()
    assert 290 <= background["left"] <= 300 and background["longer"] is True
    assert background["user"] == str(cast.eva.pk) and background["token"]
    assert eva.post(address).json()["left"] > 1790
    session = eva.session
    session[sessions.STARTED] -= 10 * 3600 - 60
    session.save()
    assert eva.get(address).json()["longer"] is False
    assert Client().get(address).json()["left"] == 0


def test_the_canary(eva: Client, cast: Cast, caplog: Any) -> None:
    """Nothing of a draft stands in an address, a title, a hidden field, the log or the access log."""
    caplog.set_level(logging.DEBUG)
    page = go(eva, cast, BEFORE)
    typed(eva, page, CANARY)
    seen = [page, send(eva, page, CANARY | {"kommun": "0114"}), eva.get(url(cast))]
    seen.append(send(eva, seen[1], START | {"_lamna": "1"}))
    seen += [eva.get(led_to(seen[1])), eva.get(f"/utkast/{uuid.uuid4()}/")]
    texts = [caplog.text]
    for answer in seen:
        chain = [one for one, _ in getattr(answer, "redirect_chain", [])]
        texts += [str(chain), title_of(answer), str(hidden_of(answer)), str(answer.headers)]
    for secret in (*CANARY.values(), NUMBER[2:]):
        assert not any(secret in text for text in texts), secret


def test_the_person_withdraws_meanwhile(eva: Client, cast: Cast) -> None:
    """A page left open cannot bring the draft back."""
    page = go(eva, cast, BEFORE, IDENTITY)
    with factories.as_system():
        one = factories.registered(0, insats=cast.granne, nummer=parse(NUMBER, today=factories.START))
    factories.as_if_committed()
    with factories.as_system():
        withdraw_samtycke([one.pk])
    assert not Utkast.unscoped.exists()
    assert typed(eva, page, START).status_code == 200
    assert "Utkastet finns inte längre" in text_of(send(eva, page, START))
    assert not Utkast.unscoped.exists()


def end_session(client: Client) -> None:
    """Half an hour and a minute without a word."""
    session = client.session
    session[sessions.SEEN] = int(time.time()) - 31 * 60
    session.save()
