"""The accessibility statement and its message, from the foot of a page to the list where it is dealt with."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.accessibility.models import Meddelande
from tests import factories, numbers
from tests.browser.conftest import PASSWORD, Look, open_look
from tests.browser.steps import onward


@pytest.fixture
def hugo(live_server: object) -> User:
    return factories.user(
        Roll.BEHORIGHETSADMINISTRATOR, national=True, namn="Hugo Prov", password=PASSWORD
    )  # fmt: skip


def write(look: Look) -> None:
    """By somebody who is not logged in: an error, a number that is not taken, then sent."""
    page = look.page
    look.go("/logga-in/")
    page.locator("footer").get_by_role("link", name="Tillgänglighet").click()
    assert page.locator("h1").inner_text() == "Tillgänglighetsredogörelse för Finsam"
    page.get_by_role("link", name="Berätta om en brist").click()
    onward(page, "Skicka meddelandet")
    assert page.locator(".error-summary a").get_attribute("href") == "#id_text"
    page.get_by_label("Vad fungerar inte?").fill(f"Jag ser inte {numbers.pick(0)} i listan.")
    page.get_by_label("E-postadress för svar").fill("siri@example.se")
    onward(page, "Skicka meddelandet")
    assert "Det ser ut att stå ett personnummer här." in page.locator(".error-summary").inner_text()
    page.get_by_label("Vad fungerar inte?").fill(
        "Listan går inte att läsa när jag förstorar.\n\nDen är avklippt."
    )
    onward(page, "Skicka meddelandet")
    assert page.locator("h1").inner_text() == "Meddelandet är skickat"


def test_from_the_foot_to_the_list(look: Look, hugo: User, browser: Browser) -> None:
    write(look)
    look.check("meddelande-tack")
    theirs, context = open_look(browser, look.server, *look.widths)
    theirs.log_in(hugo)
    assert "Sidor för konton finns inte" in theirs.page.locator("main").inner_text()
    theirs.check("start-behorighetsadministrator")
    theirs.page.get_by_role("link", name="Läs och svara").click()
    theirs.check("meddelanden")
    assert "Den är avklippt." in theirs.page.locator("main").inner_text()
    onward(theirs.page, "Markera som hanterat")
    assert "Meddelandet är markerat som hanterat." in theirs.page.locator("main").inner_text()
    theirs.check("meddelanden-tom")
    theirs.page.get_by_role("link", name="Visa också hanterade").click()
    assert "av Hugo Prov" in theirs.page.locator("main").inner_text()
    theirs.check("meddelanden-hanterade")
    theirs.quiet()
    context.close()


def test_without_javascript(look_plain: Look) -> None:
    write(look_plain)
    assert Meddelande.objects.count() == 1
