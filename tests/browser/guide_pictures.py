"""`python -m tests.browser.guide_pictures [FOLDER]`: the pictures of the user guide, taken anew from the demo.

Starts the demo with a data folder of its own, does there what the guide tells of, and writes PNG files to
docs/anvandarguide/bilder. Needs Chromium: FINSAM_TEST_CHROMIUM or that of the system.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests import numbers
from tests.browser.pictures import chromium, come_in
from tests.demo import Demo, demo

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "anvandarguide" / "bilder"
SIZE = (784, 900)
"""So wide that what stands on a page is as wide as the text of the guide, where the pictures are shown unscaled."""

MARGIN, BELOW = 16, 8
MOST_BYTES = 150_000
NUMBER = numbers.pick(7)


class Camera:
    """Takes pictures into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[str] = []

    def take(self, page: Page, name: str, *parts: Locator) -> None:
        """From the first of `parts` down to the last, with a margin; as wide as those after the first."""
        page.wait_for_load_state()
        page.evaluate("document.fonts.ready.then(() => true)")
        page.evaluate("document.activeElement?.blur()")
        boxes = [one.bounding_box() for one in parts]
        found = [box for box in boxes if box]
        assert len(found) == len(parts), f"{name}: something is not on the page"
        scrolled = page.evaluate("window.scrollY")
        left = max(0, min(box["x"] for box in found) - MARGIN)
        top = max(0, min(box["y"] for box in found) - MARGIN + scrolled)
        right = min(SIZE[0], max(box["x"] + box["width"] for box in found[1:] or found) + MARGIN)
        bottom = max(box["y"] + box["height"] for box in found) + BELOW + scrolled
        page.screenshot(
            path=self.folder / f"{name}.png", full_page=True,
            clip={"x": left, "y": top, "width": right - left, "height": bottom - top},
        )  # fmt: skip
        self.taken.append(f"{name}.png")


def main() -> int:
    """The command; gives the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(folder)
    with (
        tempfile.TemporaryDirectory(prefix="finsam-pictures-") as temporary,
        demo(Path(temporary), port=18300) as one,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for flow in (choosing, registering_in, papers, afterwards, leaving, others, at_request):
            flow(browser, one, camera)
        browser.close()
    for old in {path.name for path in folder.glob("*.png")} - set(camera.taken):
        (folder / old).unlink()
    big = [name for name in camera.taken if (folder / name).stat().st_size > MOST_BYTES]
    if big:
        print(f"Larger than {MOST_BYTES} bytes: {', '.join(big)}", file=sys.stderr)
    return 1 if big else 0


def choosing(browser: Browser, one: Demo, camera: Camera) -> None:
    """Where to work."""
    page = come_in(browser, one, "cecilia", SIZE)
    camera.take(page, "valj-uppdrag", page.locator("main form"))
    page.context.close()


def registering_in(browser: Browser, one: Demo, camera: Camera) -> None:
    """Register somebody in, step by step, as far as to be read back; then the draft stands on the start page."""
    page = come_in(browser, one, "anna", SIZE)
    throw_draft_away(page, one)
    open_insats(page, "Stegvis")
    page.get_by_role("link", name="Registrera in", exact=True).click()
    page.get_by_label("Nej", exact=True).first.check()
    page.get_by_label("Ja, det är underskrivet").check()
    page.get_by_label("Vilken dag skrevs det under?").fill("2026-11-02")
    camera.take(page, "registrera-in-innan", page.locator(".page-head"), page.locator("main form"))
    onward(page)
    page.get_by_label("Personnummer eller samordningsnummer").fill(NUMBER)
    page.get_by_label("Förnamn").fill("Vera")
    page.get_by_label("Efternamn").fill("Demodal")
    page.get_by_label("Folkbokföringskommun").select_option(label="Kristinehamn")
    onward(page)
    page.get_by_label("Vilken dag började").fill("2026-11-09")
    page.get_by_label("Gymnasieskola").check()
    page.get_by_label("År", exact=True).fill("2")
    page.get_by_label("Månader").fill("3")
    page.get_by_role("group", name="Vem tog initiativ").get_by_label("Försäkringskassan").check()
    asked = page.get_by_label("Ingen av dem")
    if asked.count():
        asked.check()
    onward(page)
    page.get_by_label("Sjukpenning", exact=True).check()
    page.get_by_role("group", name="Sjukpenning, hel eller del?").get_by_label("Hel").check()
    fourth = page.locator("#id_forsorjning_3").locator("xpath=ancestor::*[contains(@class, 'option')][1]")
    camera.take(page, "registrera-in-fore", page.locator(".page-head"), fourth)
    for asked_of in ("Arbetade personen?", "Studerade", "Sökte personen", "Var personen inskriven"):
        page.get_by_role("group", name=asked_of).get_by_label("Nej").check()
    status = page.locator("[data-draft-status]")
    status.get_by_text("Utkast sparat").wait_for()
    camera.take(page, "utkast", page.locator("form .actions").last, status)
    onward(page)
    camera.take(
        page, "registrera-in-stammer", page.locator(".page-head"), page.locator("main .form-section").nth(1)
    )
    page.goto(one.address)
    todo = page.locator(".panel", has=page.get_by_role("heading", name="Att göra"))
    camera.take(page, "startsidan", todo)
    page.context.close()


def papers(browser: Browser, one: Demo, camera: Camera) -> None:
    """The form to print, and the list of originals to send."""
    page = come_in(browser, one, "bilal", SIZE)
    open_insats(page, "Ung framåt")
    page.get_by_role("link", name="Skriv ut samtycke", exact=True).click()
    page.get_by_role("button", name="Gör i ordning för utskrift").click()
    head = page.locator(".paper-head").first
    camera.take(page, "blanketten", head, head, page.locator(".paper-text section").first)
    page.goto(f"{one.address}/samtycken/?status=att-skicka")
    camera.take(page, "samtycken", page.locator(".page-head"), page.locator("main tbody tr").nth(4))
    open_insats(page, "Ung framåt")
    page.get_by_role("link", name="Utan personuppgifter", exact=True).click()
    camera.take(page, "anonyma", page.locator(".page-head"), page.locator("main .group").first)
    page.context.close()


def afterwards(browser: Browser, one: Demo, camera: Camera) -> None:
    """The list, a correction as it is read back and as it stands in the history, and withdrawing."""
    page = come_in(browser, one, "bilal", SIZE)
    page.goto(f"{one.address}/deltagare/")
    page.get_by_role("link", name="Pågår", exact=True).click()
    camera.take(page, "listan", page.locator(".page-head"), page.locator("main tbody tr").nth(5))
    page.locator(".figures-table tbody th a").first.click()
    here = page.url
    page.get_by_role("link", name="Rätta inregistreringen").click()
    page.get_by_label("Eftergymnasial utbildning").check()
    page.get_by_label("Varför rättar du?").fill("Fel kryss, enligt deltagaren")
    onward(page, "Granska rättelsen")
    camera.take(
        page, "ratta", page.locator(".page-head"), page.locator(".page-head"), page.locator("main form").last
    )
    onward(page, "Spara rättelsen")
    history = page.locator("section", has=page.get_by_role("heading", name="Vad som har hänt")).last
    camera.take(page, "historik", history)
    page.goto(here)
    page.get_by_role("link", name="Återkalla samtycket").click()
    camera.take(
        page,
        "aterkalla",
        page.locator(".page-head"),
        page.locator(".page-head"),
        page.locator("main form").last,
    )
    page.context.close()


def leaving(browser: Browser, one: Demo, camera: Camera) -> None:
    """Registering out, with the answers from the start beside the questions."""
    page = come_in(browser, one, "bilal", SIZE)
    page.goto(f"{one.address}/deltagare/?status=pagar")
    page.locator(".figures-table tbody th a").nth(2).click()
    page.get_by_role("link", name="Registrera ut", exact=True).click()
    page.get_by_label("Varför slutar personen?").select_option(label="Avslut enligt plan")
    page.get_by_label("Vilken är den sista dagen").fill("2026-11-27")
    same = page.get_by_role("button", name="Samma som före")
    fourth = page.locator("#id_forsorjning_3").locator("xpath=ancestor::*[contains(@class, 'option')][1]")
    camera.take(page, "registrera-ut", same, fourth)
    several(page, one, camera)
    page.context.close()


def several(page: Page, one: Demo, camera: Camera) -> None:
    """Three who leave at once."""
    open_insats(page, "Ung framåt")
    page.get_by_role("link", name="Deltaganden", exact=True).first.click()
    page.get_by_role("link", name="Registrera ut flera").click()
    for n in range(3):
        page.locator("#id_deltagare_" + str(n)).check()
    page.get_by_label("Vilken är den sista dagen").fill("2026-11-27")
    page.get_by_label("Varför slutar de?").select_option(label="Avslut enligt plan")
    onward(page)
    camera.take(
        page, "registrera-ut-flera", page.locator(".page-head"), page.locator(".leavers > section").nth(1)
    )


def others(browser: Browser, one: Demo, camera: Camera) -> None:
    """What the other roles see."""
    page = come_in(browser, one, "david", SIZE)
    page.get_by_role("link", name="Volym", exact=True).click()
    page.get_by_role("link", name="Mötesplats Kvarnen").click()
    camera.take(page, "volym", page.locator(".page-head"), page.locator("main .group").first)
    page.get_by_role("link", name="Uppdrag", exact=True).click()
    page.get_by_role("link", name="Ge uppdrag", exact=True).click()
    page.get_by_role("link", name="Jobbspåret").click()
    page.locator("#id_vem_1").check()
    onward(page)
    camera.take(page, "ge-uppdrag", page.locator(".page-head"), page.locator("main form").last)
    page.context.close()

    page = come_in(browser, one, "ines", SIZE)
    page.goto(f"{one.address}/samtycken/")
    codes = page.locator(".figures-table tbody th").all_inner_texts()[:3]
    page.goto(f"{one.address}/samtycken/mottagna/")
    page.get_by_label("Referenskoder").fill("\n".join([*codes, codes[0][:-1]]))
    onward(page, "Markera som mottagna")
    camera.take(page, "ta-emot", page.locator(".page-head"), page.locator("main .table-part").first)
    page.context.close()

    page = come_in(browser, one, "greta", SIZE)
    page.goto(f"{one.address}/planerade-uttag/nytt/")
    page.get_by_label("Vilken dag tas det?").fill("2027-01-16")
    page.get_by_label("Meddelande till alla").fill("Registrera ut dem som har slutat senast den 15 januari.")
    camera.take(page, "planera-uttag", page.locator(".page-head"), page.locator("main form").first)
    page.context.close()


def at_request(browser: Browser, one: Demo, camera: Camera) -> None:
    """What a dataskyddsgranskare sees of a person who asks."""
    page = come_in(browser, one, "bilal", SIZE)
    page.goto(f"{one.address}/deltagare/?status=pagar")
    page.locator("main tbody th a").first.click()
    page.get_by_role("button", name="Visa hela personnumret").click()
    number = re.search(r"\b\d{8}-\d{4}\b", page.locator("main").inner_text())
    assert number
    page.context.close()

    page = come_in(browser, one, "johan", SIZE)
    page.get_by_role("link", name="Sök person", exact=True).first.click()
    page.get_by_label("Personnummer eller samordningsnummer").fill(number[0])
    page.get_by_label("Personen vill veta vem som har tittat").check()
    onward(page, "Sök personen")
    camera.take(
        page, "granskare", *[page.locator(one).first for one in (".page-head", ".table-frame", ".tasks")]
    )
    page.context.close()


def throw_draft_away(page: Page, one: Demo) -> None:
    """The draft that the demo has begun for the user, and come back to the start page: the guide tells of one's own."""
    page.goto(f"{one.address}/utkast/")
    page.get_by_role("link", name="Fortsätt: registrera in").click()
    onward(page, "Avbryt")
    onward(page, "Kasta utkastet")
    page.goto(one.address)


def open_insats(page: Page, name: str) -> None:
    """The page of that insats, by the menu."""
    page.get_by_role("link", name="Insatser", exact=True).first.click()
    page.locator("main").get_by_role("link", name=name, exact=True).click()


def onward(page: Page, label: str = "Fortsätt") -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).click()


if __name__ == "__main__":
    sys.exit(main())
