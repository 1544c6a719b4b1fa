"""What the page of identity tells and offers of a number: in scope, and the same for every number outside it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration.models import Deltagande, Stadsdel, Utkast
from registration.rules.erase import protect_identity
from registration.rules.recognise import PURPOSE
from tests import factories, numbers
from tests.registration.pages.conftest import Cast, action_of, errors_of, led_to, looks, send, text_of
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, NUMBER, SITUATION, START, go, url

pytestmark = [pytest.mark.django_db, pytest.mark.both]

PART = {"X-Finsam-Part": "1"}
NAMELESS = {"personnummer": NUMBER, "fornamn": "", "efternamn": "", "kommun": ""}


def ask(client: Client, page: Any, number: str = NUMBER, **answers: str) -> Any:
    """What the page's script asks as soon as a number is whole."""
    fields = {"_steg": "identitet", "_kontrollera": "1"} | NAMELESS | {"personnummer": number} | answers
    return client.post(action_of(page), fields, headers=PART)


def press(client: Client, page: Any, number: str) -> Any:
    """The same by the button of the page."""
    return send(client, page, NAMELESS | {"personnummer": number, "_kontrollera": "1"})


def earlier(cast: Cast, **more: Any) -> Deltagande:
    """Siv Sivprov has left sista, where eva works too."""
    named = {"fornamn": "Siv", "efternamn": "Sivprov", "utbildning": "grundskola"}
    with factories.as_system():
        one = factories.registered(3, insats=cast.sista, **named | more)
        factories.registered_out(one)
    factories.as_if_committed()
    return one


def test_kon_and_birth_year_follow_from_the_number(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, BEFORE)
    answer = ask(eva, page)
    kon = "Man" if int(NUMBER[-2]) % 2 else "Kvinna"
    assert text_of(answer) == f"{kon}, född {NUMBER[:4]}." and answer.status_code == 200
    coordination = numbers.pick(0, kind="samordningsnummer")
    assert text_of(ask(eva, page, coordination)).startswith("Samordningsnummer. ")
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert "kontrollsiffran stämmer inte" in text_of(ask(eva, page, wrong))
    assert not looks()
    # Nothing is kept by the question, and its answer is a part of a page.
    assert Utkast.unscoped.get().steg == "innan" and "<html" not in answer.content.decode()


def test_no_number_is_looked_at_before_the_samtycke(eva: Client, cast: Cast) -> None:
    earlier(cast)
    before = looks()
    with CaptureQueriesContext(connection) as captured:
        answer = ask(eva, go(eva, cast, BEFORE | {"undertecknat": ""}))
        assert answer.content == b""
        answer = eva.post(url(cast), {"_steg": "identitet", "_kontrollera": "1"} | NAMELESS, headers=PART)
        assert answer.content == b""
    assert "registration_nummerhash" not in str(captured.captured_queries) and looks() == before


def test_an_earlier_deltagande_is_offered_and_filled_in_by_one_press(eva: Client, cast: Cast) -> None:
    one = earlier(cast, kommunkod="0180")
    page = go(eva, cast, BEFORE)
    words = text_of(ask(eva, page))
    assert (
        "Siv Sivprov finns i dina insatser" in words and "namn, folkbokföringskommun och utbildning" in words
    )
    assert looks(one)[-1] == ("last", PURPOSE, "utfort")
    before = len(looks(one))
    page = send(eva, page, NAMELESS | {"_fyll_i": "1"})
    assert "Starten och bakgrunden" in text_of(page)
    assert re.search(r'value="grundskola"[^>]*checked', page.content.decode())
    assert len(looks(one)) == before + 1
    read_back = text_of(send(eva, send(eva, page, START | {"utbildning": "grundskola"}), SITUATION))
    assert "Siv Sivprov" in read_back and "Stockholm" in read_back and "Grundskola" in read_back


def test_what_is_typed_already_is_kept(eva: Client, cast: Cast) -> None:
    """Education that was answered stays; a name that was typed is not offered another in its place."""
    one = earlier(cast)
    page = go(eva, cast, BEFORE, IDENTITY | {"fornamn": "Eget"}, START)
    page = send(eva, page, {"_till": "identitet"})
    before = len(looks(one))
    assert "finns i dina insatser" not in text_of(page) and len(looks(one)) == before
    assert "finns i dina insatser" not in text_of(ask(eva, page, fornamn="Eget"))
    send(eva, page, NAMELESS | {"_fyll_i": "1"})
    page = eva.get(led_to(page).replace("identitet", "start"))
    assert re.search(r'value="gymnasium"[^>]*checked', page.content.decode())


def test_without_javascript_by_the_button_and_by_the_next_press(eva: Client, cast: Cast) -> None:
    earlier(cast)
    page = go(eva, cast, BEFORE)
    asked = send(eva, page, NAMELESS | {"_kontrollera": "1"})
    assert "finns i dina insatser" in text_of(asked) and not errors_of(asked)
    # A number alone, and Enter: the same, and only the second time what is missing.
    other = go(eva, cast, BEFORE)
    told = send(eva, other, NAMELESS)
    assert "finns i dina insatser" in text_of(told) and not errors_of(told)
    again = send(eva, told, NAMELESS)
    assert len(errors_of(again)) == 3 and "finns i dina insatser" in text_of(again)
    wrong = send(eva, other, NAMELESS | {"personnummer": NUMBER[:-1], "_kontrollera": "1"})
    assert len(errors_of(wrong)) == 1


def test_who_is_here_already_is_told_at_the_number(eva: Client, cast: Cast) -> None:
    with factories.as_system():
        one = factories.registered(3, insats=cast.steget, fornamn="Siv", efternamn="Sivprov")
    page = go(eva, cast, BEFORE)
    answer = ask(eva, page)
    assert "Siv Sivprov deltar redan i insatsen" in text_of(answer)
    assert (
        f'href="/deltaganden/{one.pk}/"' in answer.content.decode()
        and "_fyll_i" not in answer.content.decode()
    )
    before = len(looks(one))
    page = send(eva, page, IDENTITY)
    assert "Personen deltar redan i insatsen, från" in errors_of(page)[0]
    assert len(looks(one)) == before + 1
    # Another number, and it goes on.
    assert not errors_of(send(eva, page, IDENTITY | {"personnummer": numbers.pick(4)}))


def test_an_ended_one_is_told_at_the_start(eva: Client, cast: Cast) -> None:
    with factories.as_system():
        factories.registered_out(factories.registered(3, insats=cast.steget))
    factories.as_if_committed()
    page = go(eva, cast, BEFORE, IDENTITY, START | {"startdatum": "2024-06-30"})
    assert "Personen deltog i insatsen till och med" in errors_of(page)[0]
    assert not errors_of(send(eva, page, START | {"startdatum": "2024-07-01"}))


@pytest.mark.parametrize(("days", "told"), [(-1, "deltog"), (0, "deltar"), (1, "deltar")])
def test_a_last_day_to_come_is_told_as_one(eva: Client, cast: Cast, days: int, told: str) -> None:
    last = timezone.localdate() + dt.timedelta(days=days)
    with factories.as_system():
        factories.registered_out(factories.registered(3, insats=cast.steget), slutdatum=last)
    factories.as_if_committed()
    page = go(eva, cast, BEFORE, IDENTITY, START | {"startdatum": "2024-06-30"})
    assert f"Personen {told} i insatsen till och med" in errors_of(page)[0]


def test_who_came_meanwhile_is_told_at_the_read_back(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, BEFORE, IDENTITY, START)
    with factories.as_system():
        factories.registered(3, insats=cast.steget)
    page = send(eva, page, SITUATION)
    assert "deltar redan i insatsen" in errors_of(page)[0] and "Vem är personen?" in text_of(page)


def test_numbers_outside_the_scope_look_the_same(eva: Client, cast: Cast) -> None:
    """Unknown, elsewhere and protected: the same words by the same statements, as a part and as a page; no look."""
    born = NUMBER[:4]
    kon = "K" if int(NUMBER[-2]) % 2 == 0 else "M"
    few = [numbers.pick(n, born=(int(born), int(born)), kon=kon) for n in range(3)]  # type: ignore[arg-type]
    nummer = [factories.parse(one, today=factories.START) for one in few]
    with factories.as_system():
        factories.registered(nummer=nummer[1], insats=cast.granne)
        protect_identity([factories.registered(nummer=nummer[2], insats=cast.steget).pk])
    before, seen = looks(), []
    page = go(eva, cast, BEFORE)
    for one in few:
        for ask_for in (ask, press):
            with CaptureQueriesContext(connection) as captured:
                answer = ask_for(eva, page, one)
            words = text_of(answer).partition("Utkast sparat")[0]
            plain = [
                re.sub(r"'[^']*'|x?'[0-9a-f]+'|\d+", "?", sql["sql"]) for sql in captured.captured_queries
            ]
            seen.append((words, [sql for sql in plain if "utkast" not in sql], answer.status_code))
    assert "född" in seen[0][0]
    for at in range(2):
        assert seen[at::2] == [seen[at]] * 3
    assert looks() == before


def test_a_session_that_is_over_tells_nothing(eva: Client, cast: Cast, as_user: Any) -> None:
    earlier(cast)
    page = go(eva, cast, BEFORE)
    eva.post("/logga-ut/")
    answer = ask(eva, page)
    assert "Sivprov" not in answer.content.decode() and answer.status_code in (302, 403)


def test_stadsdel_opens_with_the_kommun(eva: Client, cast: Cast) -> None:
    Stadsdel.objects.create(kommun_id="1480", namn="Hisingen", giltig_fran=factories.INSATS_START)
    Stadsdel.objects.create(kommun_id="0180", namn="Farsta", giltig_fran=factories.INSATS_START)
    page = go(eva, cast, BEFORE)
    text = page.content.decode()
    assert re.findall(r'<option value="(\d+)" data-opens', text) == ["1480", "0180"]
    assert 'class="by-choice"' in text
    wrong = send(eva, page, IDENTITY | {"kommun": "1480", "stadsdel": "Farsta"})
    assert errors_of(wrong) == ["Stadsdelen hör inte till kommunen. Välj en ur listan."]
    # What is closed is not kept, and a kommun that has some need not have been answered with one.
    page = send(eva, page, IDENTITY | {"kommun": "0114", "stadsdel": "Farsta"})
    read_back = send(eva, send(eva, page, START), SITUATION)
    assert "Farsta" not in text_of(read_back)
    page = send(
        eva, send(eva, read_back, {"_till": "identitet"}), IDENTITY | {"kommun": "1480", "stadsdel": ""}
    )
    assert "Stämmer uppgifterna?" in text_of(page)


def confirmed(client: Client, page: Any) -> Any:
    return send(client, page, {"bekraftat": "on"})


def test_a_number_that_has_another_name_is_odd(eva: Client, cast: Cast) -> None:
    """Both names are said where it is read back, and it is confirmed; each time it is said is one look."""
    one = earlier(cast)
    before = len(looks(one))
    page = go(
        eva, cast, BEFORE, IDENTITY | {"fornamn": "Yasmin", "efternamn": "Låtsassten"}, START, SITUATION
    )
    said = "Numret finns i dina insatser med namnet Siv Sivprov, men du har skrivit Yasmin Låtsassten."
    assert "Ovanligt, men möjligt" in text_of(page) and said in text_of(page)
    assert len(looks(one)) == before + 1 and looks(one)[-1] == ("last", PURPOSE, "utfort")
    page = send(eva, page)
    assert errors_of(page) == ["Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."]
    assert said in text_of(page) and len(looks(one)) == before + 2
    confirmed(eva, page)
    assert Deltagande.unscoped.filter(insats=cast.steget).count() == 1 and len(looks(one)) == before + 2


@pytest.mark.parametrize("name", [("Siv", "Sivprov"), ("SIV", " Siv prov")], ids=str)
def test_the_same_name_is_not_odd(eva: Client, cast: Cast, name: tuple[str, str]) -> None:
    one = earlier(cast)
    before = len(looks(one))
    page = go(
        eva, cast, BEFORE, IDENTITY | dict(zip(("fornamn", "efternamn"), name, strict=True)), START, SITUATION
    )
    assert "Ovanligt" not in text_of(page) and len(looks(one)) == before
    send(eva, page)
    assert Deltagande.unscoped.filter(insats=cast.steget).count() == 1


def test_another_name_outside_the_scope_tells_nothing(eva: Client, cast: Cast) -> None:
    """What nobody has, somebody elsewhere has, and somebody protected had: the same page by the same statements."""
    with factories.as_system():
        factories.registered(5, insats=cast.framtid)
        gone = factories.registered(6, insats=cast.steget)
    factories.as_if_committed()
    with factories.as_system():
        protect_identity([gone.pk])
    before, seen = looks(), []
    for n in (4, 5, 6):
        page = go(eva, cast, BEFORE, IDENTITY | {"personnummer": numbers.pick(n)}, START)
        with CaptureQueriesContext(connection) as captured:
            page = send(eva, page, SITUATION)
        seen.append((len(captured), text_of(page).replace(factories.nummer(n).formatted, "")))
        assert "Stämmer uppgifterna?" in text_of(page) and "Ovanligt" not in text_of(page)
    assert len(set(seen)) == 1 and looks() == before
