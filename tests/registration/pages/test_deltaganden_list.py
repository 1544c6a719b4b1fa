"""Everybody in all insatser of a deltagaransvarig, and the way to registering from anywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from finsam_site.access.models import Atkomst, User
from registration.models import Deltagande, Insats, Uppdrag
from tests import factories
from tests.registration.pages.conftest import Cast, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]
AsUser = Callable[[User], Client]


def test_everybody_in_all_insatser(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """One list, newest first; each look is logged with the uppdrag that covers the insats."""
    with factories.as_system():
        factories.registered(1, insats=cast.sista, efternamn="Borgprov")
        factories.registered(2, insats=cast.granne, efternamn="Grannprov")
    before = Atkomst.objects.count()
    words = text_of(eva.get("/deltagare/"))
    assert "Andersprov" in words and "Borgprov" in words and "Grannprov" not in words
    assert "Steget vidare" in words and "Sista biten" in words
    looks = Atkomst.objects.order_by("pk")[before:]
    uppdrag = dict(Uppdrag.objects.filter(user=cast.eva).values_list("insats", "pk"))
    assert {(one.insats, one.uppdrag) for one in looks} == {
        (one.pk, uppdrag[one.pk]) for one in (cast.steget, cast.sista)
    }
    assert "Borgprov" not in text_of(eva.get("/deltagare/?status=avslutade"))


def test_with_a_single_insats_the_lists_are_skipped(cast: Cast, as_user: AsUser) -> None:
    olle = as_user(cast.olle)
    there = f"/insatser/{cast.granne.pk}/"
    assert olle.get("/deltagare/").headers["Location"] == f"{there}deltaganden/"
    assert olle.get("/registrera-in/").headers["Location"] == f"{there}registrera-in/"


def test_the_insats_to_register_in_is_chosen(eva: Client, cast: Cast) -> None:
    page = eva.get("/registrera-in/").content.decode()
    for one in (cast.steget, cast.sista):
        assert f'href="/insatser/{one.pk}/registrera-in/"' in page
    for one in (cast.volym, cast.granne):
        assert f"/insatser/{one.pk}/registrera-in/" not in page


def test_of_one_that_goes_on_and_one_that_has_ended_the_first_is_taken(eva: Client, cast: Cast) -> None:
    Insats.unscoped.filter(pk=cast.sista.pk).update(slutdatum=factories.SLUT)
    assert eva.get("/registrera-in/").headers["Location"] == f"/insatser/{cast.steget.pk}/registrera-in/"
    Insats.unscoped.filter(pk=cast.steget.pk).update(slutdatum=factories.SLUT)
    assert "Insatser som är avslutade" in text_of(eva.get("/registrera-in/"))


def test_where_nobody_is_registered(cast: Cast, as_user: AsUser) -> None:
    Uppdrag.objects.filter(user=cast.olle).update(insats=cast.volym)
    olle = as_user(cast.olle)
    for path in ("/deltagare/", "/registrera-in/"):
        assert "Inga insatser med deltagare" in text_of(olle.get(path))


def test_from_every_page_of_an_insats_to_the_others(eva: Client, cast: Cast, as_user: AsUser) -> None:
    """No dead ends: the insats leads to what can be done there, and that leads back."""
    there = f"/insatser/{cast.steget.pk}/"
    pages = {one: eva.get(there + one).content.decode() for one in ("", "deltaganden/", "anonyma/")}
    for path in ("deltaganden/", "anonyma/", "registrera-in/"):
        assert f'href="{there}{path}"' in pages[""]
    for path in ("deltaganden/", "anonyma/"):
        assert f'href="{there}"' in pages[path] and 'href="/"' in pages[path]
    ina, volym = as_user(cast.ina), f"/insatser/{cast.volym.pk}/"
    assert f'href="{volym}volym/"' in ina.get(volym).content.decode()
    back = ina.get(f"{volym}volym/").content.decode()
    assert f'href="{volym}"' in back and 'href="/volym/"' in back
