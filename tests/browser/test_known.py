"""What makes registering in quick, in a browser: the number that tells, what is offered, what excludes and what opens;
and the one act that mends a wrong insats. Each with and without script.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from finsam_site.access.roles import Roll
from registration.models import Anonyma, Deltagande, Insats, Stadsdel
from tests import factories
from tests.browser.conftest import Look
from tests.browser.steps import NUMBER, before, identity, onward, situation, start
from tests.browser.test_registering import Case, case

__all__ = ["case"]

LISA = factories.nummer(0).digits
"""She takes part in steget, and anna is to register her in nya too."""


@pytest.fixture
def two(case: Case) -> Case:
    """anna works in both insatser."""
    with factories.as_system():
        factories.uppdrag(case.anna, Roll.DELTAGARANSVARIG, insats=case.nya)
        Stadsdel.objects.create(kommun_id="0180", namn="Farsta", giltig_fran=factories.INSATS_START)
    return case


TYPED = """number => {
  const field = document.getElementById("id_personnummer");
  field.value = number;
  field.dispatchEvent(new Event("change"));
}"""


def to_identity(look: Look, insats: Insats) -> Page:
    look.go(f"/insatser/{insats.pk}/registrera-in/")
    before(look.page)
    onward(look.page)
    return look.page


def test_the_number_tells_by_itself(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    page = to_identity(look, two.nya)
    told = page.locator("[data-tells]")
    number = page.get_by_label("Personnummer eller samordningsnummer")
    expect(number).to_be_focused()
    number.press_sequentially(NUMBER)
    expect(told).to_contain_text(f"född {NUMBER[:4]}.")
    assert "dina insatser" not in told.inner_text() and NUMBER not in page.url
    look.check("nummer-okant")
    number.press("Backspace")
    expect(told).to_be_empty()
    number.fill(LISA[:11] + str((int(LISA[11]) + 1) % 10))
    expect(told).to_contain_text("kontrollsiffran stämmer inte")
    look.check("nummer-fel")
    number.fill(LISA)
    expect(told).to_contain_text("Lisa Lindprov finns i dina insatser")
    look.check("nummer-kant")
    onward(page, "Fyll i och fortsätt")
    expect(page.get_by_role("heading", level=1)).to_have_text("Starten och bakgrunden")
    expect(page.get_by_label("Grundskola", exact=True)).to_be_checked()
    look.check("nummer-ifyllt")
    page.get_by_role("button", name="Tillbaka").click()
    expect(page.get_by_label("Efternamn")).to_have_value("Lindprov")
    look.check("nummer-ifyllt-2")


def test_a_number_with_another_name_is_read_back_so(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    page = to_identity(look, two.nya)
    identity(page, LISA)
    onward(page)
    start(page)
    page.get_by_label("År", exact=True).fill("71")
    onward(page)
    page.get_by_role("group", name="Arbetade personen?").get_by_label("Ja").check()
    page.get_by_role("group", name="Studerade personen?").get_by_label("Ja").check()
    onward(page)
    look.check("fore-hur-mycket")
    situation(page)
    onward(page)
    expect(page.locator("main")).to_contain_text("med namnet Lisa Lindprov, men du har skrivit Siv Sivprov.")
    expect(page.locator("main")).to_contain_text("längre än tiden sedan personen fyllde 16 år")
    look.check("annat-namn")


def test_a_samtycke_of_another_age(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    look.go(f"/insatser/{two.nya.pk}/registrera-in/")
    before(look.page, "1899-01-01")
    onward(look.page)
    expect(look.page.get_by_role("alert")).to_contain_text("gällde inte 1899-01-01. Rätta datumet.")
    look.check("samtycke-ogiltigt-datum")


def test_an_insats_that_has_just_ended_can_be_chosen(look: Look, two: Case) -> None:
    factories.end(two.nya, timezone.localdate() - dt.timedelta(days=90))
    look.log_in(two.anna)
    look.check("start-nyss-avslutad")
    look.page.get_by_role("navigation").get_by_role("link", name="Registrera deltagare").first.click()
    expect(look.page.locator("main")).to_contain_text("Insatser som är avslutade")
    look.check("valj-insats-nyss-avslutad")


def test_a_button_does_not_move_while_it_is_pressed(look: Look, two: Case) -> None:
    """What is told of the number comes above the buttons: not between the press and the release of one."""
    look.log_in(two.anna)
    page = to_identity(look, two.nya)
    told, button = page.locator("[data-tells]"), page.get_by_role("button", name="Fortsätt", exact=True)
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.mouse.down()
    with page.expect_response(lambda answer: "x-finsam-part" in answer.request.headers):
        page.evaluate(TYPED, NUMBER)
    page.wait_for_timeout(300)
    assert not told.inner_text() and button.bounding_box() == place
    page.mouse.move(2, 2)  # let go elsewhere: it was not pressed after all
    page.mouse.up()
    expect(told).to_contain_text(f"född {NUMBER[:4]}.")


def test_who_is_here_already(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    page = to_identity(look, two.steget)
    identity(page, LISA)
    expect(page.locator("[data-tells]")).to_contain_text("Lisa Lindprov deltar redan i insatsen")
    look.check("nummer-redan")
    onward(page)
    expect(page.locator(".error-summary")).to_contain_text("Personen deltar redan i insatsen")
    look.check("nummer-redan-fel")
    page.get_by_role("link", name="Öppna deltagandet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lisa Lindprov")


def test_the_number_without_javascript(look_plain: Look, two: Case) -> None:
    look_plain.log_in(two.anna)
    page = to_identity(look_plain, two.nya)
    page.get_by_label("Personnummer eller samordningsnummer").fill(LISA)
    onward(page, "Kontrollera numret")
    assert "Lisa Lindprov finns i dina insatser" in page.locator("main").inner_text()
    expect(
        page.get_by_label("Personnummer eller samordningsnummer")
    ).to_be_focused()  # Tab comes to the offer
    look_plain.shot("nummer-kant-utan-skript")
    onward(page, "Fyll i och fortsätt")
    page.get_by_label("Vilken dag började").fill("2024-03-01")
    page.get_by_role("group", name="Vem tog initiativ").get_by_label("Försäkringskassan").check()
    page.get_by_label("Ingen av dem").check()
    onward(page)
    situation(page)
    onward(page)
    onward(page, "Registrera deltagaren")
    assert page.locator("h1").inner_text() == "Lisa Lindprov"
    assert Deltagande.unscoped.filter(insats=two.nya).count() == 1
    # Enter after a number alone asks the same.
    page = to_identity(look_plain, two.steget)
    number = page.get_by_label("Personnummer eller samordningsnummer")
    number.fill(NUMBER)
    with page.expect_navigation():
        number.press("Enter")
    assert f"född {NUMBER[:4]}." in page.locator("main").inner_text()
    assert not page.locator(".error-summary").count()


def test_answers_exclude_and_open(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    page = to_identity(look, two.nya)
    expect(page.get_by_label("Stadsdel")).to_be_hidden()
    identity(page, NUMBER, kommun="Stockholm")
    page.get_by_label("Stadsdel").select_option("Farsta")
    look.check("stadsdel")
    onward(page)
    start(page)
    onward(page)
    first, none = (
        page.get_by_label("Sjukpenning", exact=True),
        page.get_by_label("Ingen offentlig försörjning"),
    )
    expect(first).to_be_focused()
    whole = page.get_by_role("group", name="Sjukpenning, hel eller del?")
    expect(whole).to_be_hidden()
    first.press("Space")
    expect(whole).to_be_visible()
    first.press("End")
    expect(page.get_by_label("Uppgift saknas").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(none).to_be_focused()
    none.press("Space")
    expect(first).not_to_be_checked()
    expect(whole).to_be_hidden()
    look.check("forsorjning-ingen")
    first.check()
    expect(none).not_to_be_checked()
    none.check()
    page.get_by_role("group", name="Arbetade personen?").get_by_label("Nej").check()
    for question in ("Studerade personen?", "Sökte personen aktivt arbete?", "Var personen inskriven"):
        page.get_by_role("group", name=question).get_by_label("Nej").check()
    onward(page)
    words = page.locator("main").inner_text()
    assert "Ingen offentlig försörjning" in words and "Stockholm, Farsta" in words


def test_what_comes_after_saving(look: Look, two: Case) -> None:
    look.log_in(two.anna)
    page = to_identity(look, two.nya)
    identity(page)
    onward(page)
    start(page)
    onward(page)
    situation(page)
    onward(page)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    onward(page, "Registrera deltagaren")
    look.check("efter-sparat")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Registrera nästa person")).to_be_focused()
    page.get_by_role("link", name="Skriv ut samtycket").first.click()
    page.go_back()
    page.get_by_role("link", name="Registrera nästa person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Innan du börjar")
    assert not page.get_by_label("Nej", exact=True).first.is_checked()


def wrong_insats(look: Look, two: Case, *, check: bool = True) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"fel-insats-{name}")

    with factories.as_system():
        tredje = factories.insats(namn="Tredje vägen", forbund=two.steget.forbund)
        factories.uppdrag(two.anna, Roll.DELTAGARANSVARIG, insats=tredje)
    look.log_in(two.anna)
    look.go(f"/deltaganden/{two.lisa.pk}/")
    page.get_by_role("link", name="Personen är registrerad i fel insats").click()
    see("1")
    onward(page)
    assert page.locator(".error-summary").count()
    see("1-fel")
    page.get_by_label("Nya vägen").check()
    onward(page)
    assert "Det här händer" in page.locator("main").inner_text()
    see("2")
    # The first press's page may never come: the second's takes its place.
    page.get_by_role("button", name="Avsluta och registrera i rätt insats").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Innan du börjar")
    page.wait_for_load_state()
    assert "nytt samtycke" in page.locator("main").inner_text()
    assert not re.search(r"\bLisa\b", page.content())  # as a word: four letters may stand in a token
    see("3")
    before(page)
    onward(page)
    assert (
        "Lisa Lindprov" in page.locator("main").inner_text()
        and page.locator("h1").inner_text() == "Stämmer uppgifterna?"
    )
    see("4")
    if page.get_by_label("Jag har kontrollerat").count():
        page.get_by_label("Jag har kontrollerat").check()
    onward(page, "Registrera deltagaren")
    assert "Deltagaren är registrerad" in page.locator("main").inner_text()
    new = Deltagande.unscoped.get(insats=two.nya)
    assert factories.samtycke_of(new).undertecknat == factories.UNDERTECKNAT
    look.go(f"/deltaganden/{two.lisa.pk}/")
    assert "Felregistrering" in page.locator("main").inner_text()
    see("efter")


@pytest.mark.both
def test_the_wrong_insats(look: Look, two: Case) -> None:
    wrong_insats(look, two)


def test_the_wrong_insats_without_javascript(look_plain: Look, two: Case) -> None:
    wrong_insats(look_plain, two, check=False)


def test_nowhere_to_move(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    look.go(f"/deltaganden/{case.lisa.pk}/fel-insats/")
    look.check("fel-insats-tom")


def anonymous_path(look: Look, two: Case, *, check: bool) -> None:
    look.log_in(two.anna)
    look.go(f"/insatser/{two.nya.pk}/registrera-in/")
    page = look.page
    page.get_by_label("Vet inte").check()
    onward(page)
    if check:
        look.check("utan-personuppgifter")
    onward(page, "Lägg till en kvinna")
    assert "En kvinna är tillagd." in page.locator("main").inner_text()
    if check:
        look.check("utan-personuppgifter-klar")
    assert Anonyma.unscoped.get(insats=two.nya).kvinnor == 1
    assert not Deltagande.unscoped.filter(insats=two.nya).exists()


def test_the_anonymous_path_is_shorter(look: Look, two: Case) -> None:
    """Two presses of a button from the first question, and the next person is a link away."""
    anonymous_path(look, two, check=True)


def test_the_anonymous_path_without_javascript(look_plain: Look, two: Case) -> None:
    anonymous_path(look_plain, two, check=False)
