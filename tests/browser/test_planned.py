"""Planning an uttag in a browser: planned, told to all, changed by two at once, removed; with and without script."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import PlaneratUttag
from registration.rules.planned import set_plan
from tests import factories
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import onward

pytestmark = pytest.mark.slow


@pytest.fixture
def nat(live_server: object) -> User:
    return factories.user(
        Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nat Nationellprov", password=PASSWORD
    )


def plan_and_change(look: Look, nat: User, *, check: bool) -> None:
    page, today = look.page, timezone.localdate()
    first, second = (today + dt.timedelta(days=n) for n in (20, 30))
    colleague = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Karin Kollega")

    def see(name: str) -> None:
        if check:
            look.check(f"planera-{name}")

    look.log_in(nat)
    page.locator("main").get_by_role("link", name="Planera ett uttag").click()
    onward(page, "Planera uttaget")
    assert page.locator(".error-summary").count() == 1
    page.get_by_label("Vilket år gäller uttaget?").fill(str(first.year))
    page.get_by_label("Vilken dag tas det?").fill(first.isoformat())
    page.get_by_label("Meddelande till alla").fill("Preliminärt.")
    onward(page, "Planera uttaget")
    assert f"Uttaget av {first.year} är planerat till" in page.locator("main").inner_text()
    see("planerat")
    page.get_by_role("link", name="Start", exact=True).first.click()
    assert "Preliminärt." in page.locator("main").inner_text()
    see("startsidan")
    page.get_by_role("link", name="Planerade uttag").click()
    page.locator("main table a").click()
    page.get_by_label("Meddelande till alla").fill("Slutligt.")
    with factories.acting(colleague):
        set_plan(first.year, second, "Flyttat.", plan=PlaneratUttag.objects.get())
    onward(page, "Spara ändringen")
    look.expect(409)
    words = page.locator("main").inner_text()
    assert "Karin Kollega ändrade det planerade uttaget" in words and "medan du fyllde i" in words
    assert "Flyttat." in words and page.get_by_label("Meddelande till alla").input_value() == "Slutligt."
    see("hann-fore")
    onward(page, "Spara ändringen")
    assert PlaneratUttag.objects.get().anteckning == "Slutligt."
    page.locator("main table a").click()
    with factories.acting(colleague):
        set_plan(first.year, second, "Igen.", plan=PlaneratUttag.objects.get())
    onward(page, "Ta bort det planerade uttaget")
    look.expect(409)
    assert "Det är inte borttaget." in page.locator("main").inner_text()
    see("inte-borttaget")
    onward(page, "Ta bort det planerade uttaget")
    assert "är inte längre planerat" in page.locator("main").inner_text()
    assert not PlaneratUttag.objects.exists()


def test_planning(look: Look, nat: User) -> None:
    plan_and_change(look, nat, check=True)


def test_planning_without_javascript(look_plain: Look, nat: User) -> None:
    plan_and_change(look_plain, nat, check=False)
