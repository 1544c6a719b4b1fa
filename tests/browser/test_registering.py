"""Registering in and out in a browser: the whole flow, each step normal and with errors, with and without script."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, Utkast
from registration.rules.correct import Rattelse, correct
from tests import factories, numbers
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import NUMBER, before, identity, leaving, onward, situation, start

ODD = numbers.pick(0, born=(2012, 2015))


@dataclass(frozen=True)
class Case:
    """anna works in steget, which has people; tom works where nobody is registered yet. fb leads the förbund."""

    anna: User
    tom: User
    fb: User
    steget: Insats
    nya: Insats
    lisa: Deltagande
    ute: Deltagande


@pytest.fixture
def case(live_server: object) -> Case:
    with factories.as_system():
        factories.formular(
            "2024-1", namner_behovsgrupp=True, sprak="sv, ar, en, so", giltig_fran=dt.date(2024, 1, 1)
        )
        kust = factories.forbund(namn="Älv och kust", kommuner=("0114", "0115", "0117"))
        steget = factories.insats(
            forbund=kust, namn="Steget vidare",
            beskrivning="Förrehabilitering för den som länge har varit sjukskriven.",
        )  # fmt: skip
        nya = factories.insats(forbund=kust, namn="Nya vägen", slutdatum=dt.date(2031, 12, 31))
        anna = factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Anna Prov", password=PASSWORD)
        tom = factories.user(Roll.DELTAGARANSVARIG, insats=nya, namn="Tom Prov", password=PASSWORD)
        fb = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust, namn="Ada Prov", password=PASSWORD)
        lisa = factories.registered(0, insats=steget, fornamn="Lisa", efternamn="Lindprov", behovsgrupp=None)
        ute = factories.registered(1, insats=steget, fornamn="Omar", efternamn="Olsprov")
        factories.registered_out(ute)
        for n in range(2, 6):
            factories.registered(n, insats=steget)
    with factories.acting(anna):
        version = factories.nytt_deltagande(0, insats=steget, utbildning="grundskola", arbetar=0).uppgifter
        correct(Rattelse(lisa.pk, "Fel utbildning.", in_=version))
    return Case(anna, tom, fb, steget, nya, lisa, ute)


def register_in(look: Look, case: Case, *, check: bool = True) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"in-{name}")

    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    see("1")
    onward(page)
    see("1-fel")
    before(page)
    see("1-ifylld")
    onward(page)
    see("2")
    onward(page)
    see("2-fel")
    identity(page, ODD)
    onward(page)
    see("3")
    onward(page)
    see("3-fel")
    start(page)
    onward(page)
    see("4")
    onward(page)
    see("4-fel")
    situation(page, both_whole=True)
    see("4-ifylld")
    onward(page)
    assert "Ovanligt, men möjligt" in page.locator("main").inner_text()
    see("5-ovanligt")
    onward(page, "Registrera deltagaren")
    see("5-fel")
    page.get_by_role("button", name="Ändra Personen").click()
    identity(page)
    onward(page)
    page.get_by_role("button", name="Ändra Före insatsen").click()
    page.get_by_label("Försörjningsstöd", exact=True).uncheck()
    onward(page)
    assert "Ovanligt, men möjligt" not in page.locator("main").inner_text()
    see("5")
    assert NUMBER not in page.url and "Siv" not in page.title()
    onward(page, "Registrera deltagaren")
    assert page.locator("h1").inner_text() == "Siv Sivprov"
    assert "Deltagaren är registrerad" in page.locator("main").inner_text()
    see("klar")


def register_out(look: Look, *, check: bool = True) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"ut-{name}")

    page.get_by_role("link", name="Registrera ut").click()
    see("1")
    onward(page)
    see("1-fel")
    leaving(page)
    onward(page)
    see("2")
    onward(page, "Registrera ut deltagaren")
    assert "Deltagaren är utregistrerad" in page.locator("main").inner_text()
    see("klar")


@pytest.mark.both
def test_in_and_out(look_each: Look, case: Case) -> None:
    look_each.log_in(case.anna)
    register_in(look_each, case)
    register_out(look_each)
    assert Deltagande.unscoped.filter(insats=case.steget, aktuell_ut__isnull=False).count() == 2


def test_in_and_out_without_javascript(look_plain: Look, case: Case) -> None:
    look_plain.log_in(case.anna)
    register_in(look_plain, case, check=False)
    register_out(look_plain, check=False)
    assert Deltagande.unscoped.filter(insats=case.steget, aktuell_ut__isnull=False).count() == 2


def test_the_anonymous_path(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    look.page.get_by_label("Vet inte").check()
    onward(look.page)
    assert look.page.locator("h1").inner_text() == "Registrera utan personuppgifter"
    look.check("in-utan-personuppgifter")


def test_a_draft_that_is_gone(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    before(look.page)
    onward(look.page)
    identity(look.page)
    look.page.evaluate("document.querySelector('form[data-draft]').removeAttribute('data-draft')")
    Utkast.unscoped.all().delete()
    onward(look.page)
    assert "Utkastet finns inte längre" in look.page.locator("main").inner_text()
    look.check("in-borja-om")


EMPTY_ABOVE_INSATSER = """() => {
  const panels = [...document.querySelectorAll(".panel")];
  const above = panels.filter((one) => !one.classList.contains("panel-wide"));
  const ends = above.map((one) => one.lastElementChild.getBoundingClientRect().bottom);
  return document.querySelector(".panel-wide").getBoundingClientRect().top - Math.max(...ends);
}"""
"""Pixels between the last line of the panels of the start page and the wide one under them."""

SIZES = """() => Object.fromEntries(["h1", "main h2", "main h3"].map((one) =>
  [one.slice(-2), parseFloat(getComputedStyle(document.querySelector(one)).fontSize)]))"""


def test_a_deltagande(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    look.check("start-deltagaransvarig")
    assert look.page.evaluate(EMPTY_ABOVE_INSATSER) <= 44
    look.page.get_by_role("link", name="Steget vidare", exact=True).click()
    look.check("insats")
    look.page.get_by_role("link", name="Deltaganden").click()
    look.check("deltaganden")
    look.page.get_by_role("link", name="Olsprov, Omar").click()
    look.check("deltagande-avslutat")
    sizes = look.page.evaluate(SIZES)
    assert sizes["h1"] > sizes["h2"] > sizes["h3"]
    over = "one => getComputedStyle(one).borderTopWidth"
    assert look.page.locator(".panel:has(h3)").first.evaluate(over) == "0px"
    look.go(f"/deltaganden/{case.lisa.pk}/")
    look.page.get_by_role("button", name="Visa hela personnumret").click()
    look.check("deltagande-pagar")
    look.page.get_by_role("link", name="skyddade personuppgifter").click()
    look.check("skydda")
    look.page.get_by_role("link", name="Avbryt").click()
    look.page.get_by_role("link", name="Återkalla samtycket").click()
    look.check("aterkalla")
    look.page.get_by_role("button", name="Återkalla samtycket").click()
    assert "Samtycket är återkallat" in look.page.locator("main").inner_text()
    look.check("aterkallat")


def test_empty(look: Look, case: Case) -> None:
    look.log_in(case.tom)
    look.go(f"/insatser/{case.nya.pk}/deltaganden/")
    look.check("deltaganden-tomt")
    look.go("/insatser/")
    look.check("insatser")


def test_those_who_see_no_persons(look: Look, case: Case) -> None:
    look.log_in(case.fb)
    look.check("start-forbund")
    look.go("/insatser/")
    look.check("insatser-forbund")
    look.page.get_by_role("link", name="Nya vägen").click()
    look.check("insats-forbund")
    look.page.get_by_role("link", name="Älv och kust").click()
    look.check("forbund")


def test_the_same_as_before(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    out_as_before(look, case, check=True)


def test_the_same_as_before_without_javascript(look_plain: Look, case: Case) -> None:
    """The button answers by the server, and what was typed elsewhere on the page stays."""
    look_plain.log_in(case.anna)
    out_as_before(look_plain, case, check=False)


def out_as_before(look: Look, case: Case, *, check: bool) -> None:
    page = look.page
    look.go(f"/deltaganden/{case.lisa.pk}/registrera-ut/")
    page.get_by_label("Varför slutar personen?").select_option(label="Avslut enligt plan")
    page.get_by_label("Vilken är den sista dagen").fill("2024-06-30")
    asked = page.get_by_role("group", name="Arbetar personen?").get_by_label("Nej")
    assert not asked.is_checked()
    onward(page, "Samma som före")
    assert asked.is_checked() and page.get_by_label("Sjukpenning", exact=True).is_checked()
    assert page.get_by_label("Vilken är den sista dagen").input_value() == "2024-06-30"
    assert not Deltagande.unscoped.get(pk=case.lisa.pk).aktuell_ut_id
    if check:
        look.check("ut-samma-som-fore")
    onward(page)
    onward(page, "Registrera ut deltagaren")
    assert "Deltagaren är utregistrerad" in page.locator("main").inner_text()
    one = Deltagande.unscoped.select_related("aktuell_in", "aktuell_ut").get(pk=case.lisa.pk)
    assert one.aktuell_ut and one.aktuell_ut.arbetar == one.aktuell_in.arbetar == 0


def test_a_felregistrering_closes_the_other_questions(look: Look, case: Case) -> None:
    """And another reason opens them again, with what was answered in them."""
    look.log_in(case.anna)
    page = look.page
    look.go(f"/deltaganden/{case.lisa.pk}/registrera-ut/")
    reason, day = page.get_by_label("Varför slutar personen?"), page.get_by_label("Vilken är den sista dagen")
    asked = [
        day,
        page.get_by_role("button", name="Samma som före"),
        page.get_by_label("Sjukpenning", exact=True),
    ]
    day.fill("2024-06-30")
    assert all(one.is_visible() for one in asked)
    look.check("ut-fragor")
    reason.select_option("felregistrering")
    assert not any(one.is_visible() for one in asked)
    look.check("ut-felregistrering")
    reason.select_option("enligt_plan")
    assert all(one.is_visible() for one in asked) and day.input_value() == "2024-06-30"
    reason.select_option("felregistrering")
    onward(page)
    assert "räknas inte någonstans" in page.locator("main").inner_text()
