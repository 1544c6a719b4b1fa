"""Deltaganden that nobody answers for, from the work list to somebody who takes them over; and an uppdrag that ends."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Insats, Uppdrag
from tests import factories
from tests.browser.conftest import PASSWORD, Look, open_look
from tests.browser.steps import onward

OPEN = 7


@dataclass(frozen=True)
class Case:
    """ada gives, bilal has the role and no uppdrag, karin's in Ung framåt has ended."""

    ada: User
    bilal: User
    framat: Insats


@pytest.fixture
def case(live_server: object) -> Case:
    with factories.as_system():
        factories.formular()
        kust = factories.forbund(namn="Samordningsförbundet Älv och kust")
        framat = factories.insats(forbund=kust, namn="Ung framåt")
        vidare = factories.insats(forbund=kust, namn="Steget vidare")
        for n in range(OPEN):
            factories.registered(n, insats=framat)
        factories.user(
            Roll.DELTAGARANSVARIG, insats=vidare, namn="Karin Prov", organisation="Region Värmland"
        )
        return Case(
            ada=factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust, namn="Ada Prov", password=PASSWORD),
            bilal=factories.user(
                Roll.DELTAGARANSVARIG, namn="Bilal Prov", organisation="Ånge kommun", epost="bilal@example.se",
                password=PASSWORD,
            ),
            framat=framat,
        )  # fmt: skip


def take_over(look: Look, case: Case) -> None:
    """Ada finds the row, gives Bilal the uppdrag, and the row is gone; Bilal has the deltaganden on his start page."""
    page = look.page
    look.log_in(case.ada)
    assert f"{OPEN} deltaganden utan deltagaransvarig" in page.locator("main").inner_text().replace(
        "\u00a0", " "
    )
    look.check("uppdrag-att-gora")
    page.get_by_role("link", name="Ge uppdrag i Ung framåt").click()
    assert page.locator("h1").inner_text() == "Ge uppdrag"
    onward(page)
    assert page.locator(".error-summary").count() == 1
    look.check("uppdrag-ge-fel")
    page.get_by_label("Deltagaransvarig: registrerar").check()
    page.get_by_label("Någon annan").check()
    page.get_by_label("Användarnamn eller e-postadress").fill("bilal.prov@example.se")
    onward(page)
    assert "Det finns inget sådant konto" in page.locator(".error-summary").inner_text()
    look.check("uppdrag-ge-okand")
    page.get_by_label("Användarnamn eller e-postadress").fill("bilal@example.se")
    onward(page)
    assert page.locator("h1").inner_text() == "Stämmer uppdraget?"
    said = page.locator("main").inner_text().replace("\u00a0", " ")
    assert f"Bilal Prov ser från i dag de {OPEN} deltagare som deltar i Ung framåt nu." in said
    look.check("uppdrag-ge-las-igenom")
    onward(page, "Ge uppdraget")
    assert "Uppdraget är givet." in page.locator("main").inner_text()
    look.check("uppdrag-i-insats")
    look.go("/")
    assert "utan deltagaransvarig" not in page.locator("main").inner_text()
    onward(page, "Logga ut")

    look.log_in(case.bilal)
    assert page.locator("h1").inner_text() == "Hej, Bilal Prov"
    row = page.locator("#insatser tbody tr", has_text="Ung framåt")
    assert row.locator("td.right").inner_text() == str(OPEN)
    look.check("uppdrag-den-nya")
    row.get_by_role("link", name="Ung framåt").click()
    page.get_by_role("link", name="Deltaganden").click()
    assert "Förnamn6" in page.locator("main").inner_text()


def end(look: Look, case: Case, browser: Browser) -> None:
    """Ada ends it while Bilal is at work: his next page is gone, and the deltaganden stand on her list again."""
    theirs, context = open_look(browser, look.server, *look.widths)
    page = theirs.page
    theirs.log_in(case.ada)
    page.get_by_role("link", name="Uppdrag", exact=True).click()
    theirs.check("uppdragen")
    page.locator("#uppdrag tr", has_text="Bilal Prov").get_by_role("link", name="Avsluta").click()
    assert "Ingen annan är deltagaransvarig i insatsen." in page.locator("main").inner_text()
    theirs.check("uppdrag-avsluta")
    page.get_by_label("Efter en viss dag").check()
    page.get_by_label("Sista dagen").fill("2020-01-01")
    onward(page, "Avsluta uppdraget")
    assert "Dagen har redan varit." in page.locator(".error-summary").inner_text()
    theirs.check("uppdrag-avsluta-fel")
    page.get_by_label("Direkt").check()
    onward(page, "Avsluta uppdraget")
    assert "Uppdraget är avslutat." in page.locator("main").inner_text()
    theirs.go("/")
    assert f"{OPEN} deltaganden utan" in page.locator("main").inner_text().replace("\u00a0", " ")
    theirs.quiet()
    context.close()

    look.page.reload()
    assert look.page.locator("h1").inner_text() == "Du har inget uppdrag"
    assert "Förnamn" not in look.page.locator("body").inner_text()


def test_a_new_uppdrag_takes_the_deltaganden_over_and_ends(look: Look, case: Case, browser: Browser) -> None:
    take_over(look, case)
    end(look, case, browser)
    assert not Uppdrag.objects.filter(user=case.bilal).exists()


def test_without_javascript(look_plain: Look, case: Case) -> None:
    """What opens below "Någon annan" and "Efter en viss dag" does so without a script."""
    page = look_plain.page
    look_plain.log_in(case.ada)
    page.get_by_role("link", name="Ge uppdrag i Ung framåt").click()
    account = page.get_by_label("Användarnamn eller e-postadress")
    assert not account.is_visible()
    page.get_by_label("Deltagaransvarig: registrerar").check()
    page.get_by_label("Någon annan").check()
    account.fill(case.bilal.anvandarnamn)
    onward(page)
    onward(page, "Ändra")
    page.get_by_label("Sista dagen").fill("2999-12-31")
    onward(page)
    assert "2999" in page.locator(".read-back").inner_text()
    onward(page, "Ge uppdraget")
    page.locator("#uppdrag tr", has_text="Bilal Prov").get_by_role("link", name="Avsluta").click()
    assert not page.get_by_label("Sista dagen").is_visible()
    page.get_by_label("Direkt").check()
    onward(page, "Avsluta uppdraget")
    assert not Uppdrag.objects.filter(user=case.bilal).exists()
