"""What somebody does in the pages of registering in and out, step by step, for every test that registers somebody."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests import numbers

NUMBER = numbers.pick(40)


def onward(page: Page, label: str = "Fortsätt") -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).click()


def draft_is_saved(page: Page) -> None:
    """It says when; another status beside it may tell of the number meanwhile."""
    expect(
        page.get_by_role("status").filter(has_text=re.compile(r"^Utkast sparat \d\d\.\d\d$"))
    ).to_be_visible()


def before(page: Page, signed: str = "2024-01-10") -> None:
    """No protected identity, and a samtycke signed that day."""
    page.get_by_label("Nej", exact=True).first.check()
    page.get_by_label("Ja, det är underskrivet").check()
    page.get_by_label("Vilken dag skrevs det under?").fill(signed)


def identity(page: Page, number: str = NUMBER, kommun: str = "Vallentuna") -> None:
    """Siv Sivprov."""
    page.get_by_label("Personnummer eller samordningsnummer").fill(number)
    page.get_by_label("Förnamn").fill("Siv")
    page.get_by_label("Efternamn").fill("Sivprov")
    page.get_by_label("Folkbokföringskommun").select_option(label=kommun)


def start(page: Page, day: str = "2024-01-15") -> None:
    """When it began, and the background."""
    page.get_by_label("Vilken dag började").fill(day)
    page.get_by_label("Gymnasieskola").check()
    page.get_by_label("År", exact=True).fill("2")
    page.get_by_label("Månader").fill("3")
    page.get_by_role("group", name="Vem tog initiativ").get_by_label("Försäkringskassan").check()
    asked = page.get_by_label("Ingen av dem")  # only where the samtycke names behovsgrupp
    if asked.count():
        asked.check()


def situation(page: Page, *, both_whole: bool = False) -> None:
    """Before the insats: sjukpenning and a quarter's work. both_whole: försörjningsstöd as well, which is odd."""
    page.get_by_label("Sjukpenning", exact=True).check()
    page.get_by_role("group", name="Sjukpenning, hel eller del?").get_by_label("Hel").check()
    if both_whole:
        page.get_by_label("Försörjningsstöd", exact=True).check()
        page.get_by_role("group", name="Försörjningsstöd, hel eller del?").get_by_label("Hel").check()
    page.get_by_role("group", name="Arbetade personen?").get_by_label("Ja").check()
    page.get_by_label("Hur mycket?").first.fill("25")
    page.get_by_label("Ordinarie arbete").check()
    for question in ("Studerade personen?", "Sökte personen aktivt arbete?", "Var personen inskriven"):
        page.get_by_role("group", name=question).get_by_label("Nej").check()


def leaving(page: Page, day: str = "2024-06-30") -> None:
    """Out according to plan, to full-time work."""
    page.get_by_label("Varför slutar personen?").select_option(label="Avslut enligt plan")
    page.get_by_label("Vilken är den sista dagen").fill(day)
    page.get_by_label("Ingen offentlig försörjning").check()
    page.get_by_role("group", name="Arbetar personen?").get_by_label("Ja").check()
    page.get_by_label("Hur mycket?").first.fill("100")
    page.get_by_label("Ordinarie arbete").check()
    for question in ("Studerar personen?", "Söker personen aktivt arbete?", "Är personen inskriven"):
        page.get_by_role("group", name=question).get_by_label("Nej").check()


def pages_of(pdf: bytes) -> int:
    """How many sheets a printed page is."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
