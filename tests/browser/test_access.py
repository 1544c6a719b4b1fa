"""Logging in, choosing an uppdrag and being refused, as it looks in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from finsam_site.access.models import User
from tests.browser.conftest import Look, World, open_look
from tests.browser.steps import onward
from tests.waiting import until


@pytest.mark.both
def test_log_in_choose_and_out(look_each: Look, world: World) -> None:
    look_each.go("/")
    assert "/logga-in/" in look_each.page.url
    look_each.check("logga-in")
    look_each.log_in(world.eva)
    assert "/uppdrag/" in look_each.page.url
    look_each.check("valj-uppdrag")
    look_each.choose("Ung framtid")
    assert look_each.page.locator("h1").inner_text() == "Hej, Eva Prov"
    assert "Ung framtid" in look_each.page.locator(".top").inner_text()
    look_each.check("start")
    look_each.page.click("text=Logga ut")
    assert "Du är utloggad." in look_each.page.locator("main").inner_text()
    look_each.go("/")
    assert "/logga-in/" in look_each.page.url


def switch_mail(look: Look, user: User, *, check: bool) -> None:
    """Off and on again, from any page by the own name."""
    page = look.page
    look.log_in(user)
    for wanted in (False, True):
        page.locator(".top").get_by_role("link", name=user.namn).click()
        assert page.locator("h1").inner_text() == "Mina inställningar"
        mail = page.get_by_label("Skicka mig ett mejl på måndagar")
        assert mail.is_checked() is not wanted
        if check:
            look.check(f"veckobrev-{'av' if wanted else 'pa'}")
        mail.set_checked(wanted)
        onward(page, "Spara inställningarna")
        assert "Dina inställningar är sparade." in page.locator("main").inner_text()
        assert mail.is_checked() is wanted
        user.refresh_from_db()
        assert user.veckobrev is wanted


def test_the_weekly_mail_is_switched_off_and_on(look: Look, world: World) -> None:
    switch_mail(look, world.ali, check=True)


def test_the_weekly_mail_without_javascript(look_plain: Look, world: World) -> None:
    switch_mail(look_plain, world.ali, check=False)


def test_wrong_password(look: Look, world: World) -> None:
    look.log_in(world.eva, "fel losenord")
    assert look.page.title().startswith("Fel: ")
    assert look.page.evaluate("document.activeElement.className") == "error-summary"
    look.check("logga-in-fel")


def test_an_error_leads_to_its_field(look: Look, world: World) -> None:
    look.go("/logga-in/")
    look.page.fill("#id_username", "eva")
    look.page.click("main button[type=submit]")
    look.page.click(".error-summary a")
    assert look.page.evaluate("document.activeElement.id") == "id_password"
    look.check("logga-in-utan-losenord")


def test_one_uppdrag_is_chosen_by_itself(look: Look, world: World) -> None:
    look.log_in(world.ali)
    assert "Älv och kust" in look.page.locator(".top").inner_text()
    assert look.page.locator("text=Byt uppdrag").count() == 0
    look.check("start-ensam")


def test_without_uppdrag(look: Look, world: World) -> None:
    look.log_in(world.noll)
    assert look.page.locator("h1").inner_text() == "Du har inget uppdrag"
    look.check("inget-uppdrag")


def test_unknown_page(look: Look, world: World) -> None:
    look.log_in(world.ali)
    look.go("/finns-inte/")
    look.expect(404)
    assert look.page.locator("h1").inner_text() == "Sidan finns inte"
    look.check("404")


def test_accessibility_page(look: Look) -> None:
    look.go("/tillganglighet/")
    look.check("tillganglighet")


def test_works_without_javascript(look_plain: Look, world: World) -> None:
    look_plain.log_in(world.eva, "fel losenord")
    assert look_plain.page.locator(".error-summary:focus").count() == 1
    look_plain.log_in(world.eva)
    look_plain.choose("Steget vidare")
    assert look_plain.page.locator("h1").inner_text() == "Hej, Eva Prov"


def test_dark(look_dark: Look, world: World) -> None:
    look_dark.log_in(world.eva, "fel losenord")
    look_dark.check("logga-in-fel-mork")
    look_dark.log_in(world.eva)
    look_dark.check("valj-uppdrag-mork")
    look_dark.choose("Ung framtid")
    look_dark.check("start-mork")


FOCUS = """(() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const ring = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) === 3 && style.boxShadow !== "none";
  return at.tagName === "BODY" || ring ? at.tagName : "";
})()"""
"""The tag that has focus, when it has the two-tone ring or nothing has focus; else nothing."""


def test_forced_colours(browser: Browser, live_server: Any, world: World) -> None:
    """Only the current item of the menu has the bar, and the mark of the brand is seen."""
    look, context = open_look(browser, live_server.url, 1280, forced_colors="active")
    look.log_in(world.ali)
    look.go("/insatser/")
    colour = "one => getComputedStyle(one).borderBottomColor"
    ground = look.page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
    items = look.page.locator(".nav a").all()
    bars = {one.inner_text(): one.evaluate(colour) != ground for one in items}
    assert len(bars) > 2 and [label for label, seen in bars.items() if seen] == ["Insatser"]
    mark = look.page.locator(".brand-mark").evaluate("one => getComputedStyle(one).backgroundImage")
    ink = look.page.locator("body").evaluate("one => getComputedStyle(one).color")
    assert ink in mark and ink != ground
    look.shot("tvingade-farger")
    context.close()


def test_focus_is_seen_everywhere(look_each: Look, world: World) -> None:
    """Tab through the page: whatever has focus has the two-tone ring, as soon as it is drawn."""
    look_each.log_in(world.eva)
    look_each.page.get_by_role("heading", level=1).wait_for()
    reached = set()
    for _ in range(14):
        look_each.page.keyboard.press("Tab")
        tag = until(lambda: look_each.page.evaluate(FOCUS))
        if tag == "BODY":
            break
        reached.add(tag)
    assert {"A", "BUTTON"} <= reached
