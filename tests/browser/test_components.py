"""The component page: every part in every state, held against WCAG and looked at."""

from __future__ import annotations

from tests.browser.conftest import Look


def test_all_states(look: Look) -> None:
    look.go("/komponenter/")
    look.check("komponenter")
    for summary in look.page.locator("summary").all():
        summary.click()
    look.check("komponenter-oppna")


def test_form_with_errors(look: Look) -> None:
    look.go("/komponenter/?fel")
    look.check("komponenter-fel")
    look.page.click("text=Välj kommun.")
    assert look.page.evaluate("document.activeElement.id") == "id_kommun"


def test_dark(look_dark: Look) -> None:
    look_dark.go("/komponenter/?fel")
    look_dark.check("komponenter-mork")


def test_an_answer_opens_what_follows_from_it(look: Look) -> None:
    look.go("/komponenter/")
    number = look.page.locator("#id_nummer")
    assert not number.is_visible()
    look.page.check("#id_skydd_0")
    assert number.is_visible()
    look.page.check("#id_skydd_1")
    assert not number.is_visible()


def test_opens_without_javascript_too(look_plain: Look) -> None:
    look_plain.go("/komponenter/")
    assert not look_plain.page.locator("#id_nummer").is_visible()
    look_plain.page.locator("#id_skydd_0").check()
    assert look_plain.page.locator("#id_nummer").is_visible()


def test_progress_is_asked_anew(look: Look) -> None:
    look.go("/komponenter/")
    words = look.page.locator(".progress-running .progress-words").first
    assert words.inner_text().startswith("12\u00a0400 av 20\u00a0718 rader kontrollerade")
    words.get_by_text("16\u00a0100 av").wait_for()


def test_print(look: Look) -> None:
    look.go("/komponenter/")
    look.page.emulate_media(media="print")
    assert not look.page.locator(".foot").is_visible()
    assert look.page.locator("h1").is_visible()
