"""`python -m tests.browser.pictures [FOLDER]`: the pictures of the README, taken anew from the demo.

Starts the demo with a data folder of its own, looks at its pages as three of its users and writes PNG files to
docs/pictures. Needs Chromium: FINSAM_TEST_CHROMIUM or that of the system.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.demo import Demo, demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PASSWORD = "demo-finsam"
SIZE = (1120, 760)
MOST_BYTES = 150_000


def main() -> int:
    """The command; gives the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="finsam-pictures-") as temporary,
        demo(Path(temporary), port=18200) as one,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        registering(browser, one, folder)
        reporting(browser, one, folder)
        browser.close()
    big = [path.name for path in folder.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if big:
        print(f"Larger than {MOST_BYTES} bytes: {', '.join(big)}", file=sys.stderr)
    return 1 if big else 0


def registering(browser: Browser, one: Demo, folder: Path) -> None:
    """The deltaganden of an insats, and a step of registering in with an answer that opens others."""
    page = come_in(browser, one, "bilal")
    page.locator(".nav").get_by_role("link", name="Deltagare", exact=True).click()
    page.goto(f"{page.url.partition('?')[0]}?status=pagar")
    shoot(page, folder / "deltaganden.png")
    page.get_by_role("link", name="Registrera in").click()
    page.get_by_label("Nej", exact=True).first.check()
    page.get_by_label("Ja, det är underskrivet").check()
    page.get_by_label("Vilken dag skrevs det under?").fill("i maj")
    page.get_by_role("button", name="Fortsätt").click()
    page.locator(".error-summary").wait_for()
    shoot(page, folder / "registrera-in.png")
    page.context.close()


def reporting(browser: Browser, one: Demo, folder: Path) -> None:
    """The report from its head, and one of its diagrams."""
    page = come_in(browser, one, "greta")
    page.get_by_role("link", name="Öppna rapporten").first.click()
    shoot(page, folder / "uttag.png")
    page.locator("#deltagare_alder").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('deltagare_alder').scrollIntoView()")
    shoot(page, folder / "diagram.png")
    page.context.close()


def chromium() -> str | None:
    """The browser to drive; None lets Playwright look for its own."""
    return os.environ.get("FINSAM_TEST_CHROMIUM") or shutil.which("chromium")


def come_in(browser: Browser, one: Demo, name: str, size: tuple[int, int] = SIZE) -> Page:
    """A window in which that demo user is logged in. size: of the window in pixels."""
    width, height = size
    page = browser.new_context(
        viewport={"width": width, "height": height}, locale="sv-SE", reduced_motion="reduce"
    ).new_page()
    page.goto(f"{one.address}/logga-in/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("main button[type=submit]")
    return page


def shoot(page: Page, path: Path) -> None:
    """What the window shows."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=path)


if __name__ == "__main__":
    sys.exit(main())
