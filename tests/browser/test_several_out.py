"""Several registered out at once in a browser: twelve of an insats that has ended, with and without script."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, Utkast, Utregistrering
from registration.rules.register import register_in
from tests import factories
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import draft_is_saved, onward

pytestmark = pytest.mark.slow

NAMES = ("Anna", "Bo", "Cilla", "Dag", "Elsa", "Frans", "Greta", "Hans", "Irma", "Jon", "Karin", "Leif")


@dataclass(frozen=True)
class Case:
    """anna works in steget, which has ended with twelve people still there."""

    anna: User
    steget: Insats
    twelve: list[Deltagande]


@pytest.fixture
def case(live_server: object) -> Case:
    with factories.as_system():
        factories.formular()
        kust = factories.forbund(namn="Älv och kust")
        steget = factories.insats(forbund=kust, namn="Steget vidare")
        anna = factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Anna Prov", password=PASSWORD)
        twelve = register_in([
            factories.nytt_deltagande(n, insats=steget, fornamn=name, efternamn=f"{name}sprov")
            for n, name in enumerate(NAMES)
        ])  # fmt: skip
    factories.end(steget, dt.date(2024, 6, 30))
    return Case(anna, steget, twelve)


def register_out(look: Look, case: Case, *, check: bool) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"flera-{name}")

    look.go("/")
    see("start")
    page.get_by_role("link", name="Registrera ut 12 deltagare ur Steget vidare").click()
    assert page.locator("input[name=deltagare]:checked").count() == 12
    see("1")
    onward(page)
    see("1-fel")
    page.get_by_label("Annasprov, Anna").uncheck()
    onward(page, "Kryssa för alla på sidan")
    assert page.locator("input[name=deltagare]:checked").count() == 12
    page.get_by_label("Varför slutar de?").select_option(label="Insatsen upphör")
    onward(page)
    assert "0 av 12 är klara." in page.locator("main").inner_text()
    see("2")
    onward(page, "Samma som före för Bo Bosprov")
    onward(page, "Samma som före för de 11 som inte är besvarade")
    assert "12 av 12 är klara." in page.locator("main").inner_text()
    see("2-klara")
    page.get_by_role("link", name="Ändra för Cilla Cillasprov").click()
    see("3")
    page.get_by_role("group", name="Arbetar personen?").get_by_label("Ja").check()
    onward(page)
    see("3-fel")
    page.get_by_label("Hur mycket?").first.fill("50")
    page.get_by_label("Ordinarie arbete").check()
    page.get_by_label("Studiestöd", exact=True).check()
    page.get_by_role("group", name="Studiestöd, hel eller del?").get_by_label("Hel").check()
    onward(page)
    # Left in the middle, and gone on with from the start page.
    look.go("/")
    page.get_by_role("link", name="Fortsätt: registrera ut 12 deltagare ur Steget vidare").click()
    onward(page, "Ta bort ur listan Dag Dagsprov")
    page.get_by_role("link", name="Granska utregistreringen").click()
    see("4-ovanligt")
    onward(page, "Registrera ut 11 deltagare")
    see("4-fel")
    page.get_by_label("Jag har kontrollerat").check()
    assert "Annasprov" not in page.title() + page.url
    onward(page, "Registrera ut 11 deltagare")
    assert "11 deltagare är utregistrerade" in page.locator("main").inner_text()
    see("klar")
    # Who was taken out of the list is still there, with what was answered.
    dag = case.twelve[3].pk
    assert Utregistrering.unscoped.count() == 11 and Utkast.unscoped.get().deltagande_id == dag
    assert Deltagande.unscoped.get(aktuell_ut__isnull=True).pk == dag


def test_several_out(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    register_out(look, case, check=True)


def test_several_out_without_script(look_plain: Look, case: Case) -> None:
    look_plain.log_in(case.anna)
    register_out(look_plain, case, check=False)


def test_a_colleague_was_first(look: Look, case: Case) -> None:
    """Said by name, nobody registered by that press, and what is typed of one is kept while it is typed."""
    page = look.page
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-ut/")
    page.get_by_label("Varför slutar de?").select_option(label="Insatsen upphör")
    onward(page)
    onward(page, "Samma som före för de 12 som inte är besvarade")
    page.get_by_role("link", name="Ändra för Cilla Cillasprov").click()
    with page.expect_response(
        lambda answer: answer.request.method == "POST"
    ):  # an earlier save is told of already
        page.get_by_label("Vilken är den sista dagen").fill("2024-06-29")
        page.get_by_label("Vilken är den sista dagen").press("Tab")
    draft_is_saved(page)
    look.go(f"/insatser/{case.steget.pk}/registrera-ut/granska/")
    assert "29 juni 2024" in page.locator("main").inner_text().replace("\u00a0", " ")
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=case.steget, namn="Karin Kollega")):
        factories.registered_out(Deltagande.unscoped.get(pk=case.twelve[0].pk))
    onward(page, "Registrera ut 12 deltagare")
    look.expect(409)
    assert "Karin Kollega registrerade ut Anna Annasprov" in page.locator("main").inner_text()
    look.check("flera-hann-fore")
    look.go(f"/insatser/{case.steget.pk}/registrera-ut/svar/")
    look.check("flera-hann-fore-lista")
    look.go(f"/insatser/{case.steget.pk}/registrera-ut/granska/")
    onward(page, "Registrera ut 11 deltagare")
    assert Utregistrering.unscoped.count() == 12
    look.check("flera-klar-alla")
