"""Drafts in a browser: it dies in the middle of a form, and what was typed is there; the session's end is told."""

from __future__ import annotations

import datetime as dt
import time

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from finsam_site.access import sessions
from finsam_site.access.roles import Roll
from finsam_site.ui.formats import clock
from registration.models import Anonyma, Deltagande, Utkast
from tests import factories
from tests.browser.conftest import PASSWORD, Look, open_look
from tests.browser.steps import NUMBER, before, draft_is_saved, identity, leaving, onward, situation, start
from tests.browser.test_registering import Case, case

__all__ = ["case"]

TYPED_WITHIN = 5_000
"""Milliseconds of typing that may be lost (QUALITY §3)."""

TYPE_ON_AND_ON = """(field) => {
  window.typed = [];
  setInterval(() => {
    field.value += "abcdefghij"[window.typed.length % 10];
    window.typed.push(Date.now());
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, 50);
}"""
"""Faster than anybody types, without a pause."""


def begin(look: Look, case: Case) -> None:
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    before(look.page)
    onward(look.page)


def test_the_browser_dies(browser: Browser, live_server: object, case: Case) -> None:
    """Closed without a word while somebody types on and on: at most five seconds of it are gone."""
    look, context = open_look(browser, live_server.url, 1280)  # type: ignore[attr-defined]
    begin(look, case)
    look.page.get_by_label("Förnamn").evaluate(TYPE_ON_AND_ON)
    look.page.wait_for_timeout(9_000)
    typed: list[int] = look.page.evaluate("window.typed")
    context.close()  # no unload is run
    other, context = open_look(browser, live_server.url, 1280)  # type: ignore[attr-defined]
    other.log_in(case.anna)
    other.go(f"/insatser/{case.steget.pk}/registrera-in/")
    other.check("utkast-finns")
    other.page.get_by_role("link", name="Fortsätt på utkastet").click()
    kept = other.page.get_by_label("Förnamn").input_value()
    assert kept and kept == ("abcdefghij" * len(typed))[: len(kept)]
    lost = [typed[-1] - at for at in typed[len(kept) :]]
    assert max(lost, default=0) <= TYPED_WITHIN, f"{len(lost)} letters are lost, the first {lost[0]} ms old"
    context.close()


def test_the_time_is_that_of_stockholm(browser: Browser, live_server: object, case: Case) -> None:
    """Whatever the browser's own time zone."""
    look, context = open_look(browser, live_server.url, 1280, timezone_id="Asia/Tokyo")  # type: ignore[attr-defined]
    begin(look, case)
    look.page.get_by_label("Förnamn").press_sequentially("Sivan")
    draft_is_saved(look.page)
    status = look.page.get_by_role("status")  # one, as no number was typed
    now = timezone.localtime()
    near = [clock(now - dt.timedelta(minutes=ago)) for ago in range(3)]
    assert status.inner_text().strip() in [f"Utkast sparat {one}" for one in near]
    context.close()


def test_kept_left_and_thrown_away(look: Look, case: Case) -> None:
    page = look.page
    begin(look, case)
    identity(page)
    page.get_by_label("Efternamn").press("Tab")
    draft_is_saved(page)
    look.check("utkast-sparat")
    onward(page, "Avbryt")
    look.check("utkast-behall")
    onward(page, "Behåll utkastet")
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    look.check("utkast-lista")
    page.get_by_role("link", name="Fortsätt på utkastet").click()
    start(page)
    page.go_back()
    page.go_forward()  # a step has an address of its own: back and forth asks nothing
    expect(page.get_by_label("Vilken dag började")).to_have_value("2024-01-15")
    assert NUMBER not in page.url
    onward(page, "Avbryt")
    onward(page, "Kasta utkastet")
    assert not Utkast.unscoped.exists()


def back_to(page: Page, heading: str) -> None:
    """Back by the browser leads to the page with that heading, and not to a question of the browser's."""
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_back_to_a_page_that_told_of_errors(look: Look, case: Case) -> None:
    """It was the answer to a post, which the browser neither keeps nor may send again: it is asked for instead."""
    page = look.page
    begin(look, case)
    page.get_by_label("Förnamn").fill("Siv")
    onward(page)
    expect(page.get_by_role("alert")).to_contain_text("Ange efternamn.")
    page.reload()
    expect(page.get_by_label("Förnamn")).to_have_value("Siv")
    onward(page)
    identity(page)
    onward(page)
    back_to(page, "Vem är personen?")
    expect(page.get_by_label("Efternamn")).to_have_value("Sivprov")
    look.check("tillbaka-till-fel")
    onward(page)
    start(page)
    page.get_by_label("Vilken dag började").fill("1890-01-01")
    onward(page)
    expect(page.get_by_role("alert")).to_contain_text("utanför insatsens tid")
    page.get_by_label("Vilken dag började").fill("2024-01-15")
    onward(page)
    situation(page, both_whole=True)
    onward(page)
    onward(page, "Registrera deltagaren")  # without having confirmed what is odd
    expect(page.get_by_role("alert")).to_contain_text("kryssa för att det stämmer")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stämmer uppgifterna?")
    page.get_by_role("button", name="Ändra Före insatsen").click()
    back_to(page, "Stämmer uppgifterna?")


def test_back_to_errors_of_leaving_and_of_a_correction(look: Look, case: Case) -> None:
    page = look.page
    look.log_in(case.anna)
    look.go(f"/deltaganden/{case.lisa.pk}/registrera-ut/")
    page.get_by_label("Varför slutar personen?").select_option(label="Avslut enligt plan")
    onward(page)
    expect(page.get_by_role("alert")).to_be_visible()
    leaving(page)
    onward(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Stämmer uppgifterna?")
    back_to(page, "Registrera ut")
    expect(page.get_by_label("Vilken är den sista dagen")).to_have_value("2024-06-30")
    look.go(f"/deltaganden/{case.ute.pk}/ratta-inregistreringen/")
    page.get_by_label("Eftergymnasial").check()
    onward(page, "Granska rättelsen")
    expect(page.get_by_role("alert")).to_contain_text("Skriv varför du rättar")
    page.get_by_label("Varför rättar du?").fill("Fel på anmälan.")
    onward(page, "Granska rättelsen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stämmer rättelsen?")
    back_to(page, "Rätta inregistreringen")
    expect(page.get_by_label("Varför rättar du?")).to_have_value("Fel på anmälan.")


def test_the_session_is_about_to_end(look: Look, case: Case) -> None:
    """Told in time, put off by a press; when it has ended what is typed waits for a log-in in another tab."""
    page = look.page
    begin(look, case)
    age(28 * 60 + 30)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    banner = page.get_by_role("region", name="Din inloggning")
    expect(banner).to_contain_text("Du loggas ut")
    look.check("session-varning")
    page.get_by_role("button", name="Fortsätt arbeta").click()
    expect(banner).to_have_count(0)
    age(31 * 60)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(banner).to_contain_text("Du är utloggad.")
    page.get_by_label("Förnamn").fill("Siv")
    expect(banner).to_contain_text("Det senaste du skrev sparas när du har loggat in.")
    look.check("session-slut")
    tab = log_in_in_another_tab(page, case)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Vem är personen?")
    tab.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(banner).to_have_count(0)
    draft_is_saved(page)
    identity(page)
    onward(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Starten och bakgrunden")


def test_a_form_without_a_draft_waits_for_the_log_in(look: Look, case: Case) -> None:
    """Not sent while nobody is logged in, which would lose what was typed; sent when somebody is again."""
    page = look.page
    look.log_in(case.anna)
    look.go(f"/insatser/{case.steget.pk}/anonyma/")
    page.get_by_role("link", name="Ange").first.click()
    here = page.url
    asked = page.locator("main input[inputmode=numeric]")
    for one in asked.all():
        one.fill("7")
    age(31 * 60)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    banner = page.get_by_role("region", name="Din inloggning")
    expect(banner).to_contain_text("Du är utloggad. Det du skrev står kvar här.")
    page.locator("main form button[type=submit]").click()
    expect(banner.get_by_role("link")).to_be_focused()
    look.check("session-slut-utan-utkast")
    assert page.url == here and asked.first.input_value() == "7"
    log_in_in_another_tab(page, case)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()
    assert page.url != here
    assert Anonyma.unscoped.filter(insats=case.steget).exists()


def test_a_form_without_a_draft_waits_for_its_uppdrag(look: Look, case: Case) -> None:
    """Logged in anew, and nothing or another uppdrag chosen: not sent until it is where it was opened."""
    elsewhere = factories.insats(namn="Annat steg")
    factories.uppdrag(case.anna, Roll.DELTAGARANSVARIG, insats=elsewhere)
    page = look.page
    look.log_in(case.anna)
    look.choose("Steget vidare")
    look.go(f"/insatser/{case.steget.pk}/anonyma/")
    page.get_by_role("link", name="Ange").first.click()
    here = page.url
    for one in page.locator("main input[inputmode=numeric]").all():
        one.fill("7")
    age(31 * 60)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    banner = page.get_by_role("region", name="Din inloggning")
    expect(banner).to_contain_text("Du är utloggad.")
    tab = log_in_in_another_tab(page, case)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(banner).to_have_count(0)
    page.locator("main form button[type=submit]").click()
    expect(banner).to_contain_text("Välj samma förbund och roll")
    expect(banner.get_by_role("link", name="Välj i en ny flik")).to_be_focused()
    look.check("annat-uppdrag-utan-utkast")
    assert page.url == here
    other = Look(tab, look.server, look.widths)
    other.choose("Steget vidare")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()
    assert page.url != here and Anonyma.unscoped.filter(insats=case.steget).exists()


def log_in_in_another_tab(page: Page, case: Case) -> Page:
    """By the link of the banner; gives the tab, at the page that it leads to."""
    with page.context.expect_page() as opened:
        page.get_by_role("region", name="Din inloggning").get_by_role("link").click()
    tab = opened.value
    tab.fill("#id_username", case.anna.anvandarnamn)
    tab.fill("#id_password", PASSWORD)
    with tab.expect_navigation():
        tab.click("main button[type=submit]")
    return tab


def test_two_register_out_at_once(look: Look, case: Case) -> None:
    two_register_out(look, case, check=True)


def test_two_register_out_at_once_without_javascript(look_plain: Look, case: Case) -> None:
    """Both versions, and the question that follows from the choice, by the page alone."""
    two_register_out(look_plain, case, check=False)


def two_register_out(look: Look, case: Case, *, check: bool) -> None:
    page = look.page
    look.log_in(case.anna)
    look.go(f"/deltaganden/{case.lisa.pk}/registrera-ut/")
    page.get_by_label("Varför slutar personen?").select_option(label="Avslut enligt plan")
    page.get_by_label("Vilken är den sista dagen").fill("2024-05-31")
    page.get_by_label("Ingen offentlig försörjning").check()
    for question in (
        "Arbetar personen?",
        "Studerar personen?",
        "Söker personen aktivt arbete?",
        "Är personen inskriven",
    ):
        page.get_by_role("group", name=question).get_by_label("Nej").check()
    onward(page)
    factories.registered_out(Deltagande.unscoped.get(pk=case.lisa.pk))
    onward_to_conflict(look, "Registrera ut deltagaren")
    expect(page.get_by_role("heading", level=1)).to_have_text("En kollega hann före")
    for day in ("31 maj 2024", "30 juni 2024"):
        expect(page.locator(".comparison")).to_contain_text(day)
    if check:
        look.check("jamfor")
    onward_to_conflict(look)
    if check:
        look.check("jamfor-fel")
    expect(page.get_by_label("Varför ska dina svar gälla?")).to_be_hidden()
    page.get_by_label("Mina svar").check()
    page.get_by_label("Varför ska dina svar gälla?").fill("Hon slutade i maj.")
    onward(page)
    expect(page.locator("main")).to_contain_text("31 maj 2024")


def onward_to_conflict(look: Look, label: str = "Fortsätt") -> None:
    """Press a button and wait for the page that says 409, and for the console to have said so."""
    with look.page.expect_console_message(lambda one: "status of 409 " in one.text):
        onward(look.page, label)
    look.expect(409)


def age(seconds: int) -> None:
    """Make every session so many seconds older, as if nobody had done anything since."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[sessions.SEEN] = int(time.time()) - seconds
        session.save()
