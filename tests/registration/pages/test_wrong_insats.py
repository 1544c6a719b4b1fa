"""Registered in the wrong insats, by the pages: choose, read back, press once; the samtycke is asked for anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from registration.models import Deltagande, Utkast
from registration.rules.wrong_insats import PURPOSE
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, led_to, looks, send, text_of
from tests.registration.pages.test_register_in import BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def url(one: Deltagande) -> str:
    return f"/deltaganden/{one.pk}/fel-insats/"


def move(client: Client, one: Deltagande) -> Any:
    """The page that the act leads to."""
    return send(client, client.get(url(one)))


def test_one_act(eva: Client, cast: Cast, anders: Deltagande) -> None:
    assert "Personen är registrerad i fel insats" in text_of(eva.get(f"/deltaganden/{anders.pk}/"))
    before = len(looks(anders))
    page = eva.get(url(anders))  # there is one other insats: nothing to choose
    words = text_of(page)
    assert "Anders Andersprov" in words and "Sista biten" in words and "nytt samtycke" in words
    assert looks(anders)[before:] == [("last", PURPOSE, "utfort")]
    page = send(eva, page)
    assert led_to(page).startswith(f"/insatser/{cast.sista.pk}/registrera-in/?utkast=")
    assert looks(anders)[before + 1 :] == [("andrat", "utregistrering", "utfort")]
    words = text_of(page)
    assert "Innan du börjar" in words and "nytt samtycke" in words and "Anders" not in words
    assert Deltagande.unscoped.get(pk=anders.pk).aktuell_ut.felregistrering
    assert Utkast.unscoped.get().nummerhash is None
    # The samtycke answered, everything else is filled in: straight to the read back.
    page = send(eva, page, BEFORE)
    words = text_of(page)
    assert "Stämmer uppgifterna?" in words and "Anders Andersprov" in words and "Upplands Väsby" in words
    assert looks(anders)[-1] == ("last", PURPOSE, "utfort")
    saved = send(eva, page)
    assert "Deltagaren är registrerad" in text_of(saved)
    new = Deltagande.unscoped.get(insats=cast.sista)
    assert factories.samtycke_of(new) != factories.samtycke_of(anders)
    assert (new.aktuell_in.forsorjning, new.aktuell_in.utbildning) == ("sjukpenning:hel", "gymnasium")
    assert not Utkast.unscoped.exists()


def test_which_insats(eva: Client, cast: Cast, anders: Deltagande) -> None:
    tredje = factories.insats(forbund=cast.kust, namn="Tredje vägen")
    factories.uppdrag(cast.eva, Roll.DELTAGARANSVARIG, insats=tredje)
    page = eva.get(url(anders))
    words = text_of(page)
    assert "Vilken är den rätta insatsen?" in words and "Tredje vägen" in words and "Grannen" not in words
    assert errors_of(send(eva, page)) == ["Svara på frågan ”Vilken är den rätta insatsen?”"]
    assert errors_of(send(eva, page, {"till": str(cast.granne.pk)}))
    page = send(eva, page, {"till": str(tredje.pk)})
    assert led_to(page) == f"{url(anders)}?till={tredje.pk}" and "Tredje vägen" in text_of(page)
    assert led_to(send(eva, page)).startswith(f"/insatser/{tredje.pk}/registrera-in/")


def test_twice(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The same press, another window's, and one after the deltagande is a felregistrering: one draft."""
    page, other = eva.get(url(anders)), eva.get(url(anders))
    first = led_to(send(eva, page))
    assert led_to(send(eva, page)) == led_to(send(eva, other)) == led_to(move(eva, anders)) == first
    assert Utkast.unscoped.count() == 1
    assert "Registrera i rätt insats" in text_of(eva.get(f"/deltaganden/{anders.pk}/"))


def test_a_colleague_was_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = eva.get(url(anders))
    factories.registered_out(anders)
    factories.as_if_committed()
    page = send(eva, page)
    assert errors_of(page) == ["En kollega har ändrat deltagandet sedan du såg det. Titta på det igen."]
    assert not Utkast.unscoped.exists()
    send(eva, page)
    assert Deltagande.unscoped.get(pk=anders.pk).aktuell_ut.felregistrering


def test_the_right_insats_closed_at_that_moment(
    eva: Client, cast: Cast, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = eva.get(url(anders))
    monkeypatch.setattr("registration.rules.wrong_insats.right_insatser", lambda wrong: [])
    page = send(eva, page)
    assert errors_of(page) == ["Det går inte att registrera deltagare i insatsen. Välj en annan insats."]
    assert Deltagande.unscoped.get(pk=anders.pk).aktuell_ut_id is None and not Utkast.unscoped.exists()


def test_nowhere_to_go(cast: Cast, as_user: Any) -> None:
    with factories.as_system():
        one = factories.registered(5, insats=cast.granne)
    client = as_user(cast.olle)
    assert "Du har ingen annan insats att välja" in text_of(client.get(url(one)))
    client.post(url(one), {"till": str(cast.steget.pk), "seen_ut": "0"})
    assert Deltagande.unscoped.get(pk=one.pk).aktuell_ut_id is None


def test_the_draft_asks_for_the_samtycke_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Whichever step the address names, and also when its answers were kept by themselves."""
    page = move(eva, anders)
    here = led_to(page)
    for step in ("identitet", "start", "kontroll"):
        answer = eva.get(f"{here}&steg={step}")
        assert "Innan du börjar" in text_of(answer) and "Andersprov" not in answer.content.decode()
    send(eva, page, BEFORE | {"_skriver": "fonster"}, follow=False)
    again = eva.get(f"{here}&steg=identitet")
    assert "Innan du börjar" in text_of(again) and "nytt samtycke" in text_of(again)
    assert "Stämmer uppgifterna?" in text_of(send(eva, again, BEFORE))


def test_no_samtycke_is_the_anonymous_path(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = send(eva, move(eva, anders), {"skydd": "nej", "samtycke": "nej"})
    assert led_to(page).endswith(f"/insatser/{cast.sista.pk}/registrera-in/utan-personuppgifter/")
    assert not Utkast.unscoped.exists()


def test_who_is_there_already(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(0, insats=cast.sista)
    page = send(eva, move(eva, anders), BEFORE)
    assert "deltar redan i insatsen" in errors_of(page)[0]
