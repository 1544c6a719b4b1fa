"""Registering out by the page: before beside after, read back, saved once, nobody's answers lost in silence."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from registration.forms import register_in_sealed
from registration.models import Deltagande, Utregistrering
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, hidden_of, looks, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

ANSWERS: dict[str, Any] = {
    "avslutsanledning": "enligt_plan", "slutdatum": "2024-06-30", "forsorjning": ["ingen"], "arbetar": "ja",
    "arbetar_procent": "100", "typ_av_arbete": "ordinarie", "studerar": "nej", "arbetssokande": "nej",
    "inskriven_af": "vet_ej",
}  # fmt: skip


def url(one: Deltagande) -> str:
    return f"/deltaganden/{one.pk}/registrera-ut/"


def read_back(client: Client, one: Deltagande, answers: dict[str, Any] = ANSWERS) -> Any:
    return client.post(url(one), hidden_of(client.get(url(one))) | answers)


def test_out(eva: Client, cast: Cast, anders: Deltagande) -> None:
    form = eva.get(url(anders))
    words = text_of(form)
    assert "Före insatsen: sjukpenning, hel." in words and "Anders Andersprov i Steget vidare" in words
    assert (
        "återkallat samtycke" not in form.content.decode().split("<select")[1].split("</select>")[0].lower()
    )
    page = eva.post(url(anders), hidden_of(form) | ANSWERS)
    words = text_of(page).replace("\u00a0", " ")
    assert "100 %, ordinarie arbete Före insatsen: Nej" in words and "30 juni 2024" in words
    for secret in ("Andersprov", "ordinarie", factories.nummer(0).digits):
        assert secret not in str(hidden_of(page)) and secret not in title_of(page)
    assert not Utregistrering.unscoped.exists()
    answer = eva.post(url(anders), hidden_of(page))
    assert answer.headers["Location"] == f"/deltaganden/{anders.pk}/?utregistrerad"
    version = Utregistrering.unscoped.get()
    assert (version.slutdatum, version.avslutsanledning) == (dt.date(2024, 6, 30), "enligt_plan")
    assert (version.forsorjning, version.arbetar, version.inskriven_af) == ("ingen", 100, None)
    assert "Deltagaren är utregistrerad" in text_of(eva.get(answer.headers["Location"]))


def test_each_page_is_one_look(eva: Client, cast: Cast, anders: Deltagande) -> None:
    before = len(looks(anders))
    page = read_back(eva, anders)
    assert looks(anders)[before:] == [("last", "registrera ut", "utfort")] * 2
    eva.post(url(anders), hidden_of(page))
    assert looks(anders)[before + 2 :] == [("andrat", "utregistrering", "utfort")]


def test_errors(eva: Client, cast: Cast, anders: Deltagande) -> None:
    everything = errors_of(read_back(eva, anders, {}))
    assert len(everything) == 7
    assert ["Varför slutar" in everything[0], "sista dagen" in everything[1]] == [
        True,
        True,
    ]  # as on the page
    early = read_back(eva, anders, ANSWERS | {"slutdatum": "2024-01-14"})
    assert errors_of(early) == ["Slutdatum ligger före startdatum (2024-01-15). Ändra något av dem."]
    assert 'href="#id_slutdatum"' in early.content.decode()
    assert "Fel: " in title_of(early)
    withdrawn = read_back(eva, anders, ANSWERS | {"avslutsanledning": "aterkallat_samtycke"})
    assert errors_of(withdrawn)
    assert not Utregistrering.unscoped.exists()


def test_a_felregistrering_asks_nothing_more(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders, {"avslutsanledning": "felregistrering"})
    assert "räknas inte någonstans" in text_of(page)
    eva.post(url(anders), hidden_of(page))
    version = Utregistrering.unscoped.get()
    assert version.felregistrering and version.slutdatum is None and version.forsorjning is None


def test_change_and_back(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders)
    page = eva.post(url(anders), hidden_of(page) | {"_till": "fragor"})
    assert 'value="2024-06-30"' in page.content.decode() and not errors_of(page)
    page = eva.post(url(anders), hidden_of(page) | ANSWERS | {"slutdatum": "2024-07-01"})
    eva.post(url(anders), hidden_of(page))
    assert Utregistrering.unscoped.get().slutdatum == dt.date(2024, 7, 1)


def test_what_is_odd_is_confirmed(eva: Client, cast: Cast, anders: Deltagande) -> None:
    two = {
        "forsorjning": ["sjukpenning", "studiestod"],
        "omfattning_sjukpenning": "hel",
        "omfattning_studiestod": "hel",
    }
    page = read_back(eva, anders, ANSWERS | two)
    page = eva.post(url(anders), hidden_of(page))
    assert errors_of(page) and not Utregistrering.unscoped.exists()
    eva.post(url(anders), hidden_of(page) | {"bekraftat": "on"})
    assert Utregistrering.unscoped.exists()


def test_the_second_press_and_another_colleague(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders)
    other = read_back(eva, anders, ANSWERS | {"slutdatum": "2024-07-01"})
    places = {eva.post(url(anders), hidden_of(page)).headers["Location"] for _ in range(3)}
    assert places == {f"/deltaganden/{anders.pk}/?utregistrerad"} and Utregistrering.unscoped.count() == 1
    answer = eva.post(url(anders), hidden_of(other), follow=True)
    assert "redan utregistrerad. Svaren skiljer sig från dina, som inte är sparade." in text_of(answer)
    assert Utregistrering.unscoped.get().slutdatum == dt.date(2024, 6, 30)
    again = eva.get(url(anders), follow=True)
    assert "Deltagaren är redan utregistrerad." in text_of(again)


def test_tampering_and_age(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        bo = factories.registered(1, insats=cast.steget)
    fields = hidden_of(read_back(eva, anders))
    sealed = fields["_svar"]
    other = "A" if sealed[60] != "A" else "B"
    for wrong in ("x", "", sealed[:-4], sealed[:60] + other + sealed[61:]):
        answer = eva.post(url(anders), fields | {"_svar": wrong})
        assert answer.status_code == 200 and "ingenting är registrerat" in text_of(answer)
    assert "ingenting är registrerat" in text_of(eva.post(url(bo), fields))
    with patch.object(register_in_sealed, "MAX_AGE", dt.timedelta(seconds=-1)):
        assert "har tagits bort" in text_of(eva.post(url(anders), fields))
    assert not Utregistrering.unscoped.exists()


def test_queries(eva: Client, cast: Cast, anders: Deltagande, django_assert_max_num_queries: Any) -> None:
    form = eva.get(url(anders))
    with django_assert_max_num_queries(13):
        eva.get(url(anders))
    with django_assert_max_num_queries(22):
        page = eva.post(url(anders), hidden_of(form) | ANSWERS)
    with django_assert_max_num_queries(36):
        eva.post(url(anders), hidden_of(page))
