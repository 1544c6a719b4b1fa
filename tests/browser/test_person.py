"""At the person's own request, in a browser: the dataskyddsgranskare's pages, and withdrawing beside giving."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Insats
from registration.rules.codes import reference_shown
from registration.rules.erase import withdraw_samtycke
from tests import factories
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import before, identity, onward, pages_of, situation, start

NUMBER = factories.nummer(0).digits
COUNT_CLICKS = """addEventListener("click", (event) => {
  if (event.target.closest?.("a, button")) sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0);
}, true);"""


@dataclass(frozen=True)
class Case:
    """lisa: in Steget vidare, and in Vägvalet, which has ended. anna works in Steget vidare."""

    johan: User
    anna: User
    steget: Insats
    lisa: Deltagande
    before: Deltagande


@pytest.fixture
def case(live_server: object) -> Case:
    with factories.as_system():
        factories.formular()
        kust = factories.forbund(namn="Samordningsförbundet Älv och kust", kommuner=("0114", "0115"))
        skog = factories.forbund(namn="Samordningsförbundet Norra skogen", kommuner=("0180",))
        steget = factories.insats(forbund=kust, namn="Steget vidare")
        valet = factories.insats(forbund=skog, namn="Vägvalet", slutdatum=dt.date(2024, 12, 31))
        names = {"fornamn": "Lisa", "efternamn": "Lundprov"}
        johan = factories.user(
            Roll.DATASKYDDSGRANSKARE, namn="Johan Prov", password=PASSWORD, organisation="Försäkringskassan"
        )
        factories.uppdrag(johan, Roll.DATASKYDDSGRANSKARE)
        return Case(
            johan=johan,
            anna=factories.user(
                Roll.DELTAGARANSVARIG, insats=steget, namn="Anna Prov", password=PASSWORD, organisation="Täby kommun"
            ),
            steget=steget,
            lisa=factories.registered(0, insats=steget, **names),
            before=factories.registered_out(factories.registered(0, insats=valet, **names)),
        )  # fmt: skip


def search(look: Look, number: str = NUMBER, syfte: str = "Personen vill återkalla sitt samtycke") -> None:
    """From the start page to the person."""
    look.go("/")
    look.page.locator("main").get_by_role("link", name="Sök person").click()
    look.page.get_by_label("Personnummer eller samordningsnummer").fill(number)
    look.page.get_by_label(syfte).check()
    onward(look.page, "Sök personen")


def on_request(look: Look, case: Case, see: Callable[[str], None]) -> None:
    """Somebody asks who has looked, has a name put right, withdraws one samtycke and then has all removed."""
    page = look.page
    look.log_in(case.anna)
    look.go(f"/deltaganden/{case.lisa.pk}/")
    onward(page, "Logga ut")
    look.log_in(case.johan)
    see("start")
    search(look, factories.nummer(9).digits)
    assert "Ingen träff" in page.locator("main").inner_text()
    see("ingen-traff")
    search(look)
    assert NUMBER not in page.url and "Lisa Lundprov" in page.locator("h1").inner_text()
    see("personen")
    page.get_by_role("link", name="Visa vem som har tittat").click()
    assert "Anna Prov, deltagaransvarig, Täby kommun" in page.locator("main").inner_text()
    see("vem-har-tittat")
    page.get_by_role("link", name="Till personen").click()
    page.get_by_role("link", name="Rätta namnet").click()
    page.get_by_label("Förnamn").fill("Lis")
    onward(page, "Granska rättelsen")
    see("namn-kontroll")
    onward(page, "Rätta namnet")
    assert "Lis Lundprov" in page.locator("h1").inner_text()
    see("rattad")
    page.get_by_role("link", name="Ändra personnumret").click()
    page.get_by_label("Det rätta numret").fill(factories.nummer(9).digits)
    page.get_by_label("Fel nummer skrevs in").check()
    see("nummer")
    onward(page, "Granska ändringen")
    assert "Kryssa för minst ett deltagande." in page.locator(".error-summary").inner_text()
    see("nummer-fel")
    page.get_by_label("Vägvalet").check()
    onward(page, "Granska ändringen")
    see("nummer-kontroll")
    onward(page, "Tillbaka")
    assert page.get_by_label("Det rätta numret").input_value() == factories.nummer(9).digits
    page.get_by_role("link", name="Avbryt").click()
    page.get_by_role("link", name="Återkalla samtycke").click()
    onward(page, "Återkalla de valda samtyckena")
    assert "Kryssa för minst ett samtycke." in page.locator(".error-summary").inner_text()
    see("aterkalla-fel")
    page.get_by_label("Vägvalet").check()
    code = factories.samtycke_of(case.before).referenskod
    onward(page, "Återkalla de valda samtyckena")
    said = page.locator("main").inner_text()
    assert (
        "Samtycket är återkallat" in said
        and reference_shown(code) in said
        and "Lundprov" not in page.content()
    )
    see("kvitto")
    page.get_by_role("link", name="Till det som är kvar om personen").click()
    page.get_by_role("link", name="Personen har fått skyddade personuppgifter").click()
    see("skydda")
    onward(page, "Ta bort personuppgifterna")
    assert "Personen har fått skyddade personuppgifter" in page.locator("main").inner_text()
    see("kvitto-skydd")
    assert not Identitet.unscoped.exists()
    page.get_by_role("link", name="Sök en annan person").click()
    assert page.url.endswith("/person/")


@pytest.mark.both
def test_on_request(look: Look, case: Case) -> None:
    on_request(look, case, lambda name: look.check(f"person-{name}"))


def test_on_request_without_javascript(look_plain: Look, case: Case) -> None:
    on_request(look_plain, case, lambda _: None)


def answers_on_request(look: Look, case: Case, see: Callable[[str], None]) -> None:
    """Somebody has a day of the start, one of the end and that of the samtycke put right."""
    page = look.page
    look.log_in(case.johan)
    search(look, syfte="Personen vill få en uppgift rättad")

    def saved(name: str) -> None:
        assert "Rättelsen är sparad" in page.locator("main").inner_text()
        assert "Lisa Lundprov" in page.locator("h1").inner_text() and NUMBER not in page.url
        see(name)

    for link, label, wrong, right, name in (
        ("Rätta inregistreringen i Steget vidare", "Vilken dag började", "2090-01-01", "2024-01-16", "in"),
        ("Rätta utregistreringen ur Vägvalet", "Vilken är den sista dagen", "2023-01-01", "2024-06-28", "ut"),
    ):
        page.get_by_role("link", name=link).click()
        see(f"ratta-{name}")
        page.get_by_label(label).fill(wrong)
        onward(page, "Granska rättelsen")
        assert page.locator(".error-summary").count() == 1
        see(f"ratta-{name}-fel")
        page.get_by_label(label).fill(right)
        page.get_by_label("Varför rättar du?").fill("Fel dag på anmälan")
        onward(page, "Granska rättelsen")
        assert "Stämmer rättelsen?" in page.locator("h1").inner_text()
        see(f"ratta-{name}-kontroll")
        onward(page, "Tillbaka")
        assert page.get_by_label(label).input_value() == right
        onward(page, "Granska rättelsen")
        onward(page, "Spara rättelsen")
        saved(f"ratta-{name}-klar")
    page.get_by_role("link", name="Rätta samtycket för Steget vidare").click()
    assert not page.get_by_text("Varför rättar du?").count()  # the person's request is why
    see("ratta-samtycket")
    page.get_by_label("Vilken dag skrevs det under?").fill("2024-01-12")
    onward(page, "Granska rättelsen")
    see("ratta-samtycket-kontroll")
    onward(page, "Spara rättelsen")
    saved("ratta-samtycket-klar")
    one = Deltagande.unscoped.select_related("aktuell_in").get(pk=case.lisa.pk)
    other = Deltagande.unscoped.select_related("aktuell_ut").get(pk=case.before.pk)
    assert one.aktuell_in and one.aktuell_in.startdatum == dt.date(2024, 1, 16)
    assert other.aktuell_ut and other.aktuell_ut.slutdatum == dt.date(2024, 6, 28)
    assert factories.samtycke_of(one).undertecknat == dt.date(2024, 1, 12)


def test_answers_on_request(look: Look, case: Case) -> None:
    answers_on_request(look, case, lambda name: look.check(f"person-{name}"))


def test_answers_on_request_without_javascript(look_plain: Look, case: Case) -> None:
    answers_on_request(look_plain, case, lambda _: None)


def test_a_search_that_is_not_open_any_more(look: Look, case: Case) -> None:
    look.log_in(case.johan)
    search(look)
    address = look.page.url
    with factories.as_system():
        withdraw_samtycke([case.lisa.pk, case.before.pk])
    look.page.goto(address)
    assert "Sökningen är inte öppen längre" in look.page.locator("main").inner_text()
    look.check("person-stangd")


def clicks(look: Look) -> int:
    """How many links and buttons have been clicked since it was asked last."""
    found = look.page.evaluate("Number(sessionStorage.clicks ?? 0)")
    look.page.evaluate("sessionStorage.removeItem('clicks')")
    return int(found)


def test_withdrawing_takes_two_clicks_and_giving_no_fewer(look: Look, case: Case) -> None:
    """From the deltagande's page to the receipt (QUALITY §1), beside the whole of giving a samtycke."""
    page = look.page
    page.add_init_script(COUNT_CLICKS)
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    clicks(look)
    for step in (before, identity, start, situation):
        step(page)
        onward(page)
    onward(page, "Registrera deltagaren")
    giving = clicks(look)
    siv = Identitet.unscoped.exclude(deltagande__in=[case.lisa.pk, case.before.pk]).get()
    for one, what, button, count in (
        (siv.deltagande_id, "Återkalla samtycket", "Återkalla samtycket", 2),
        (case.lisa.pk, "Personen har fått skyddade personuppgifter", "Ta bort personuppgifterna", 2),
    ):
        look.go(f"/deltaganden/{one}/")
        clicks(look)
        page.get_by_role("link", name=what).click()
        onward(page, button)
        assert page.locator("h1").inner_text() == "Kvitto"
        assert clicks(look) == count <= giving
        look.check(f"kvitto-{button}")
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [case.before.pk]


def test_the_receipt_on_paper(look: Look, case: Case, tmp_path: Path) -> None:
    """One sheet, with the matter alone; the button prints."""
    page = look.page
    look.log_in(case.anna)
    look.go(f"/deltaganden/{case.lisa.pk}/aterkalla/")
    onward(page, "Återkalla samtycket")
    page.evaluate("window.print = () => { document.body.dataset.printed = 'ja' }")
    page.get_by_role("button", name="Skriv ut").click()
    assert page.locator("body").get_attribute("data-printed") == "ja"
    page.emulate_media(media="print")
    assert not page.locator(".actions, .nav, .foot").locator("visible=true").count()
    folder = Path(os.environ.get("FINSAM_TEST_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    look.shot("kvitto-pa-papper")
    raw = page.pdf(path=folder / f"kvitto-{look.width}.pdf", prefer_css_page_size=True)
    assert pages_of(raw) == 1
    look.complaints.clear()  # what is printed is drawn with inline styles
