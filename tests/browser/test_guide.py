"""The user guide as it is read: on the screen at both widths, and on paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from finsam_site.guide.chapters import CHAPTERS
from tests.browser.conftest import Look, World
from tests.browser.test_samtycke import pages_of

pytestmark = pytest.mark.slow

MM = 96 / 25.4
PAPER = (170 * MM, 259 * MM)
"""What an A4 has room for between the margins of guide.css, in pixels."""

MOST_PAGES = 3 * len(CHAPTERS)


def test_every_chapter(look: Look, world: World) -> None:
    """From the contents on, by "Nästa", every chapter once."""
    look.log_in(world.ali)
    page = look.page
    page.get_by_role("banner").get_by_role("link", name="Hjälp").click()
    look.check("hjalp")
    page.locator(".tasks a").first.click()
    seen = []
    while True:
        seen.append(page.url.rstrip("/").rpartition("/")[2])
        look.check(f"hjalp-{seen[-1]}")
        assert all(page.locator("main img").evaluate_all("all => all.map(one => one.naturalWidth > 0)"))
        after = page.locator(".guide-ways p", has_text="Nästa").get_by_role("link")
        if not after.count():
            break
        after.click()
    assert tuple(seen) == CHAPTERS


def test_help_beside_a_form_leaves_nothing(look: Look, world: World) -> None:
    """The link of a form opens the section in a tab of its own."""
    look.log_in(world.ali)
    look.go("/installningar/")
    with look.page.context.expect_page() as opened:
        look.page.get_by_role("link", name="Hjälp: Veckobrevet").click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("h1").inner_text() == "Veckobrevet"
    assert look.page.url.endswith("/installningar/")


def cut(page: Page) -> list[str]:
    """What a sheet of paper has no room for: too wide, or too high to stand on one."""
    wide, high = PAPER
    found: list[str] = page.evaluate(
        """([wide, high]) => [...document.querySelectorAll(".guide-text :is(table, figure, .notice, pre)")]
            .filter((one) => one.scrollWidth > wide + 1 || one.offsetHeight > high)
            .map((one) => `${one.tagName} ${one.offsetWidth} × ${one.offsetHeight} ${one.textContent.slice(0, 50)}`)""",
        [wide, high],
    )
    return found


def test_on_paper(look: Look, world: World, tmp_path: Path) -> None:
    """The whole guide as a booklet: nothing is cut, nothing of the frame of the page is printed."""
    look.log_in(world.ali)
    look.go("/hjalp/hela/")
    page = look.page
    page.set_viewport_size({"width": int(PAPER[0]), "height": int(PAPER[1])})
    page.emulate_media(media="print")
    assert not page.locator(".top, .place, .foot, .demo, .actions").locator("visible=true").count()
    assert not cut(page)
    folder = Path(os.environ.get("FINSAM_TEST_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"hjalp-papper-{look.width}.pdf"
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    assert len(CHAPTERS) < pages_of(path.read_bytes()) <= MOST_PAGES
    look.complaints.clear()  # what is printed is drawn with inline styles
