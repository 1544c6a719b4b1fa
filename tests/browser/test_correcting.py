"""Correcting what was registered, in a browser: filled in, old beside new, saved; with and without script."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Inregistrering, Utregistrering
from registration.rules.change_number import change_number
from registration.rules.names import NyttNamn, correct_names
from registration.rules.reveal import decrypt
from tests import factories, numbers
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


def correct_person(look: Look, one: Deltagande, *, check: bool) -> None:
    page, number = look.page, numbers.pick(0, born=(1971, 1971))

    def see(name: str) -> None:
        if check:
            look.check(f"ratta-{name}")

    look.go(f"/deltaganden/{one.pk}/")
    page.get_by_role("link", name="Rätta namnet").click()
    see("namn")
    page.get_by_label("Förnamn").fill("")
    onward(page, "Granska rättelsen")
    see("namn-fel")
    page.get_by_label("Förnamn").fill("Omaima")
    page.get_by_label("Personen har bytt namn").check()
    onward(page, "Granska rättelsen")
    see("namn-kontroll")
    onward(page, "Rätta namnet")
    assert page.locator("h1").inner_text() == "Omaima Olsprov"
    page.get_by_role("link", name="Ändra personnumret").click()
    see("nummer")
    page.get_by_label("Det rätta numret").fill(number[:-1] + str((int(number[-1]) + 1) % 10))
    onward(page, "Granska ändringen")
    assert "Har personen fått ett nytt nummer" in page.locator(".error-summary").inner_text()
    see("nummer-fel")
    page.get_by_label("Personen har fått ett nytt nummer").check()
    page.get_by_label("Det rätta numret").fill(number)
    page.get_by_label("Varför ändrar du numret?").fill("Har fått personnummer")
    onward(page, "Granska ändringen")
    assert f"{number[:8]}-{number[8:]}" in page.locator("main").inner_text()
    assert number not in page.url + page.title()
    see("nummer-kontroll")
    onward(page, "Byt personnummer")
    told = page.locator(".timeline").inner_text()
    assert "Namnet rättat" in told and "Varför: Personen har bytt namn" in told
    assert "Nytt personnummer" in told and "Har fått personnummer" in told
    see("person-klar")
    identitet = Identitet.unscoped.select_related("person").get(deltagande=one)
    assert decrypt(identitet).personnummer == number and identitet.decrypt_names()[0] == "Omaima"


def correct_slip(look: Look, one: Deltagande, *, check: bool) -> None:
    page, number = look.page, numbers.pick(0, born=(1971, 1971))
    look.go(f"/deltaganden/{one.pk}/nytt-personnummer/")
    page.get_by_label("Fel nummer skrevs in").check()
    page.get_by_label("Det rätta numret").fill(number)
    page.get_by_label("Varför ändrar du numret?").fill("Skrev av fel")
    onward(page, "Granska ändringen")
    said = page.locator("main").inner_text()
    assert "Rättelsen gäller bara det här deltagandet." in said and "Det felaktiga numret glöms" in said
    if check:
        look.check("ratta-nummer-fel-nummer-kontroll")
    onward(page, "Rätta personnumret")
    told = page.locator(".timeline").inner_text()
    assert "Personnumret rättat" in told and "Skrev av fel" in told and number not in page.content()
    if check:
        look.check("ratta-nummer-fel-nummer-klar")
    assert decrypt(Identitet.unscoped.select_related("person").get(deltagande=one)).personnummer == number


def test_a_wrong_number(look: Look, anna: User, omar: Deltagande) -> None:
    look.log_in(anna)
    correct_slip(look, omar, check=True)


def test_a_wrong_number_without_script(look_plain: Look, anna: User, omar: Deltagande) -> None:
    look_plain.log_in(anna)
    correct_slip(look_plain, omar, check=False)


def correct_paper(look: Look, one: Deltagande, *, check: bool) -> None:
    page = look.page

    def see(name: str) -> None:
        if check:
            look.check(f"ratta-{name}")

    look.go(f"/deltaganden/{one.pk}/")
    page.get_by_role("link", name="Rätta samtycket").click()
    see("samtycket")
    page.get_by_label("Vilken dag skrevs det under?").fill("2024-01-12")
    onward(page, "Granska rättelsen")
    assert "Varför rättar du?" in page.locator(".error-summary").inner_text()
    see("samtycket-fel")
    page.get_by_label("Jag läste fel på papperet").check()
    onward(page, "Granska rättelsen")
    assert page.locator(".comparison tbody tr").count() == 1  # only what differs
    see("samtycket-kontroll")
    onward(page, "Tillbaka")
    assert page.get_by_label("Vilken dag skrevs det under?").input_value() == "2024-01-12"
    onward(page, "Granska rättelsen")
    onward(page, "Spara rättelsen")
    assert "Rättelsen är sparad" in page.locator("main").inner_text()
    told = page.locator(".timeline").inner_text().replace("\u00a0", " ")
    assert "Samtycket rättat" in told and "12 januari 2024" in told
    assert "Varför: Jag läste fel på papperet" in told
    assert factories.samtycke_of(one).undertecknat == dt.date(2024, 1, 12)
    see("samtycket-klar")


def test_the_samtycke(look: Look, anna: User, omar: Deltagande) -> None:
    look.log_in(anna)
    correct_paper(look, omar, check=True)


def test_the_samtycke_without_script(look_plain: Look, anna: User, omar: Deltagande) -> None:
    look_plain.log_in(anna)
    correct_paper(look_plain, omar, check=False)


def test_the_person(look: Look, anna: User, omar: Deltagande) -> None:
    look.log_in(anna)
    correct_person(look, omar, check=True)


def test_the_person_without_script(look_plain: Look, anna: User, omar: Deltagande) -> None:
    look_plain.log_in(anna)
    correct_person(look_plain, omar, check=False)


def test_a_colleague_changed_the_same(look: Look, anna: User, omar: Deltagande) -> None:
    """Both names, and both numbers, beside each other."""
    page = look.page
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=anna.uppdrag.get().insats, namn="Karin Kollega")
    look.log_in(anna)
    look.go(f"/deltaganden/{omar.pk}/ratta-namn/")
    page.get_by_label("Förnamn").fill("Omaima")
    page.get_by_label("Jag skrev fel").check()
    onward(page, "Granska rättelsen")
    with factories.acting(colleague):
        correct_names([NyttNamn(omar.pk, "Omara")])
    onward(page, "Rätta namnet")
    look.expect(409)
    look.check("ratta-namn-hann-fore")
    page.get_by_label("Mina svar").check()
    onward(page)
    assert page.locator("h1").inner_text() == "Omaima Olsprov"
    look.go(f"/deltaganden/{omar.pk}/nytt-personnummer/")
    page.get_by_label("Personen har fått ett nytt nummer").check()
    page.get_by_label("Det rätta numret").fill(numbers.pick(9))
    page.get_by_label("Varför ändrar du numret?").fill("Har fått personnummer")
    onward(page, "Granska ändringen")
    with factories.acting(colleague):
        change_number(omar.pk, factories.nummer(8), orsak="Nytt.")
    onward(page, "Byt personnummer")
    look.expect(409)
    look.check("ratta-nummer-hann-fore")
    page.get_by_label("De som redan är sparade").check()
    onward(page)
    assert "Det som redan var sparat gäller" in page.locator("main").inner_text()
    look.check("ratta-deras")
    look.go(f"/deltaganden/{omar.pk}/ratta-namn/")
    page.get_by_label("Förnamn").fill("Omera")
    page.get_by_label("Jag skrev fel").check()
    onward(page, "Granska rättelsen")
    with factories.acting(colleague):
        correct_names([NyttNamn(omar.pk, "Omera")])
    onward(page, "Rätta namnet")
    assert "Någon annan har redan sparat samma sak" in page.locator("main").inner_text()
    look.check("ratta-samma")


def test_who_stops_later(look: Look, anna: User) -> None:
    """Registered out ahead of time: there is a day, and it has not come."""
    with factories.as_system():
        one = factories.registered(1, insats=anna.uppdrag.get().insats, fornamn="Siv", efternamn="Sivprov")
        factories.registered_out(one, slutdatum=timezone.localdate() + dt.timedelta(days=5))
    look.log_in(anna)
    look.go(f"/deltaganden/{one.pk}/")
    assert "Slutar " in look.page.locator("main .tag").first.inner_text()
    look.check("deltagande-slutar")
    look.go(f"/insatser/{one.insats_id}/deltaganden/")
    look.check("deltagande-slutar-lista")


def test_correct(look: Look, anna: User, omar: Deltagande) -> None:
    look.log_in(anna)
    correct_both(look, omar, check=True)


def test_correct_without_script(look_plain: Look, anna: User, omar: Deltagande) -> None:
    look_plain.log_in(anna)
    correct_both(look_plain, omar, check=False)
