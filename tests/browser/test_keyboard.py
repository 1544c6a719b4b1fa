"""The whole in-registration by keyboard: presses and pages are counted, held to a ceiling, written down (QUALITY §6).

After a change that is meant, write docs/performance.md anew:

    python -m tests.services -- pytest tests/browser/test_keyboard.py --write-key-presses
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from finsam_site.access.roles import Roll
from registration.models import Deltagande
from registration.rules.change_number import in_uppgifter
from tests import factories, numbers
from tests.bench import keyboard_report
from tests.bench.keyboard_report import Counted
from tests.bench.report import WEAK
from tests.bench.shape import with_section
from tests.browser.conftest import open_look
from tests.browser.keyboard import Keys, without_helps
from tests.browser.test_registering import Case, case
from tests.conftest import REWRITE_KEYS

__all__ = ["case"]

FILE = Path(__file__).parents[2] / "docs" / "performance.md"
CEILING = {"unknown": (37, 6), "known": (33, 6)}
"""Key presses to move and choose, and pages. Characters typed are the user's own matter."""
LISA = factories.nummer(0).digits


def register(keys: Keys, number: str, *, known: bool) -> None:
    """From the first question to the page that says that it is done. known: what is offered is taken."""
    page = keys.page
    keys.choose(page.get_by_label("Nej", exact=True).first)
    keys.choose(page.get_by_label("Ja, det är underskrivet"))
    keys.write(page.get_by_label("Vilken dag skrevs det under?"), "2024-01-10")
    keys.enter()
    keys.write(page.get_by_label("Personnummer eller samordningsnummer"), number)
    if known:
        offered = page.get_by_role("button", name="Fyll i och fortsätt")
        offered.wait_for()
        keys.to(offered)
    else:
        keys.write(page.get_by_label("Förnamn"), "Lisa")
        keys.write(page.get_by_label("Efternamn"), "Lindprov")
        keys.write(page.get_by_label("Folkbokföringskommun"), "Uppl")
        keys.to(page.get_by_role("button", name="Fortsätt", exact=True))  # Enter would open the list
    keys.enter()
    keys.write(page.get_by_label("Vilken dag började"), "2024-03-01")
    if not known:
        keys.choose(page.get_by_label("Grundskola", exact=True))
    keys.write(page.get_by_label("År", exact=True), "2")
    keys.write(page.get_by_label("Månader"), "3")
    keys.choose(page.get_by_role("group", name="Vem tog initiativ").get_by_label("Försäkringskassan"))
    keys.enter()
    keys.tick(page.get_by_label("Sjukpenning", exact=True))
    keys.choose(page.get_by_role("group", name="Sjukpenning, hel eller del?").get_by_label("Hel"))
    for question in (
        "Arbetade personen?",
        "Studerade personen?",
        "Sökte personen aktivt arbete?",
        "Var personen inskriven",
    ):
        keys.choose(page.get_by_role("group", name=question).get_by_label("Nej"))
    keys.enter()
    keys.to(page.get_by_role("button", name="Registrera deltagaren"))
    keys.enter()
    assert page.locator("h1").inner_text() == "Lisa Lindprov"
    assert "Deltagaren är registrerad" in page.locator("main").inner_text()


def test_by_keyboard(browser: Browser, live_server: Any, case: Case, request: pytest.FixtureRequest) -> None:
    """The same answers three times: by the form of before, of somebody unknown, and known from another insats."""
    with factories.as_system():
        factories.uppdrag(case.anna, Roll.DELTAGARANSVARIG, insats=case.nya)
    counted, said = {}, []
    for name, number in (("plain", numbers.pick(40)), ("unknown", numbers.pick(41)), ("known", LISA)):
        look, context = open_look(browser, live_server.url, 1280)
        look.log_in(case.anna)
        keys = Keys(look.page, helped=name != "plain")
        with nullcontext() if keys.helped else without_helps(look.page):
            look.go(f"/insatser/{case.nya.pk}/registrera-in/")
            register(keys, number, known=name == "known")
        look.quiet()
        context.close()
        counted[name] = Counted(*keys.counts)
        new = (
            Deltagande.unscoped.filter(insats=case.nya)
            .select_related("aktuell_in")
            .latest("aktuell_in__mottagen")
        )
        said.append(in_uppgifter(new.aktuell_in))
    assert said[0] == said[1] == said[2]
    assert counted["plain"].navigation > 2 * counted["unknown"].navigation, counted
    for name, (navigation, pages) in CEILING.items():
        assert counted[name].navigation <= navigation and counted[name].pages <= pages, counted
    document = FILE.read_text(encoding="utf-8")
    new_text = with_section(document, keyboard_report.TITLE, keyboard_report.lines(counted), before=WEAK)
    if request.config.getoption(REWRITE_KEYS):
        FILE.write_text(new_text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == new_text, f"{FILE.name} says something else: {REWRITE_KEYS}"


def test_the_anonymous_path_by_keyboard(browser: Browser, live_server: Any, case: Case) -> None:
    """As short: fewer presses and fewer pages than with a name, and nothing to type."""
    look, context = open_look(browser, live_server.url, 1280)
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    keys = Keys(look.page)
    keys.choose(look.page.get_by_label("Vet inte"))
    keys.enter()
    keys.to(look.page.get_by_role("button", name="Lägg till en kvinna"))
    keys.enter()
    assert "En kvinna är tillagd." in look.page.locator("main").inner_text()
    context.close()
    assert keys.typed == 0 and keys.pages == 3 and keys.navigation <= ANONYMOUS, keys.counts


ANONYMOUS = 5
