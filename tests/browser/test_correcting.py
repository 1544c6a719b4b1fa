"""Correcting what was registered, in a browser: filled in, old beside new, saved; with and without script."""

from __future__ import annotations

import pytest

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Inregistrering, Utregistrering
from tests import factories
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import onward

pytestmark = pytest.mark.slow


@pytest.fixture
def anna(live_server: object) -> User:
    with factories.as_system():
        factories.formular()
        steget = factories.insats(namn="Steget vidare", forbund=factories.forbund(namn="Älv och kust"))
        return factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Anna Prov", password=PASSWORD)


@pytest.fixture
def omar(anna: User) -> Deltagande:
    """Somebody who has left."""
    with factories.as_system():
        insats = anna.uppdrag.get().insats
        one = factories.registered(0, insats=insats, fornamn="Omar", efternamn="Olsprov")
        factories.registered_out(one)
    return one


def correct_both(look: Look, one: Deltagande, *, check: bool) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"ratta-{name}")

    look.go(f"/deltaganden/{one.pk}/")
    page.get_by_role("link", name="Rätta inregistreringen").click()
    see("in")
    onward(page, "Granska rättelsen")
    see("in-fel")
    page.get_by_label("Varför rättar du?").fill("Fel datum på anmälan")
    page.get_by_label("Vilken dag började").fill("2024-01-16")
    page.get_by_role("radio", name="Grundskola", exact=True).check()
    onward(page, "Granska rättelsen")
    assert page.locator(".comparison tbody tr").count() == 2  # only what differs
    see("in-kontroll")
    onward(page, "Spara rättelsen")
    see("in-klar")
    page.get_by_role("link", name="Rätta utregistreringen").click()
    see("ut")
    page.get_by_label("Vilken är den sista dagen").fill("2024-06-29")
    page.get_by_label("Varför rättar du?").fill("Slutade på lördagen")
    onward(page, "Granska rättelsen")
    see("ut-kontroll")
    onward(page, "Spara rättelsen")
    assert "Rättelsen är sparad" in page.locator("main").inner_text()
    assert Inregistrering.unscoped.filter(deltagande=one).count() == 2
    assert Utregistrering.unscoped.filter(deltagande=one).count() == 2


def test_correct(look: Look, anna: User, omar: Deltagande) -> None:
    look.log_in(anna)
    correct_both(look, omar, check=True)


def test_correct_without_script(look_plain: Look, anna: User, omar: Deltagande) -> None:
    look_plain.log_in(anna)
    correct_both(look_plain, omar, check=False)
