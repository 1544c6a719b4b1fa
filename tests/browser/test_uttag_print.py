"""The tables of an uttag on paper: whole, marked, and without what only a screen has use for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from reporting.report.document import WIDE
from tests.browser.conftest import open_look
from tests.reporting.pages.world import people, small_register, taken

MM = 96 / 25.4
UPRIGHT, LYING = int((210 - 2 * 16) * MM), int((297 - 2 * 14) * MM)
"""Pixels between the margins that print.css sets on A4."""

WIDEST = """table => {
  const cells = [...table.querySelectorAll('th, td')];
  return [table.id, !!table.closest('.table-wide'),
    Math.max(...cells.map(one => [one.getBoundingClientRect(), one.scrollWidth])
      .map(([box, inside]) => Math.max(box.right, box.left + inside))),
    table.querySelector('thead tr:last-child > :last-child').innerText];
}"""
"""Of a table: its id, whether it has a lying sheet, the right edge of the cell or text that reaches furthest, and the
header of its last column."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    """Where the printed pages are kept to be looked at."""
    found = Path(os.environ.get("FINSAM_TEST_SHOTS", tmp_path_factory.mktemp("papper")))
    found.mkdir(parents=True, exist_ok=True)
    return found


def test_every_table_is_whole_on_its_sheet(browser: Browser, live_server: Any, folder: Path) -> None:
    """On the report and on the pages of the wide tables: no cell reaches past the margin of the sheet that it is
    printed on; INTERN stands before the first table; what opens numbers is not there.
    """
    who = people()
    small_register()
    uttag = taken().uttag
    look, context = open_look(browser, live_server.url, 1280)
    page = look.page
    look.log_in(who.farid)
    lying = set()
    pages = {"rapport": reverse("reporting:report", args=[uttag.pk])} | {
        one: reverse("reporting:table", args=[uttag.pk, one]) for one in WIDE
    }
    for name, path in pages.items():
        page.set_viewport_size({"width": UPRIGHT, "height": 1000})
        look.go(path)
        assert "INTERN – får inte publiceras" in page.locator(".page-head").inner_text()
        page.emulate_media(media="print")
        assert "INTERN – får inte publiceras" in page.locator(".page-head").inner_text()
        assert not page.get_by_text("Visa talen").locator("visible=true").count()
        for wide, width in ((False, UPRIGHT), (True, LYING)):
            page.set_viewport_size({"width": width, "height": 1000})
            for table in page.locator(".figures-table").locator("visible=true").all():
                id_, is_wide, right, last = table.evaluate(WIDEST)
                if is_wide == wide:
                    assert last.strip() and right <= width + 1, (name, id_, right, width, last)
        if page.locator(".table-wide").count():
            lying.add(name)
        raw = page.pdf(path=folder / f"papper-{name}.pdf", prefer_css_page_size=True)
        boxes = {tuple(map(round, map(float, found))) for found in SHEET.findall(raw)}
        assert boxes <= {(595, 842), (842, 595)} and ((842, 595) in boxes) == (name in lying), (name, boxes)
        page.emulate_media(media="screen")
    assert "resultat_forsorjning_flode" in lying and "deltagare" not in lying
    context.close()


SHEET = re.compile(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]")
