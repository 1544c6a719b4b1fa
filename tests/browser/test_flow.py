"""The main job end to end, as its users meet it: somebody is registered in and out, and stands in the year's report.

Once on PostgreSQL, Redis and a real worker, once on the demo as `make run` starts it. The steps are the same.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from finsam_site.access.roles import Roll
from registration.demo.users import PASSWORD as DEMO_PASSWORD
from tests import factories, numbers
from tests.browser.conftest import PASSWORD, Look, open_look
from tests.browser.steps import before, identity, leaving, onward, situation, start
from tests.demo import demo
from tests.jobs.fixtures import *  # noqa: F403 - fixtures
from tests.jobs.processes import Processes
from tests.services import free_port


def rare() -> str:
    """The number of somebody older than those of the demo data, who therefore is not among them, and not so old that
    it is asked about. (Of the same age whenever this runs.)"""
    this_year = timezone.localdate().year
    return numbers.pick(0, born=(this_year - 73, this_year - 68))


WATCH = """
document.addEventListener("htmx:beforeProcessNode", ({ target }) => {
  if (target.matches(".progress-running, .progress-waiting")) target.setAttribute("hx-trigger", "every 100ms");
});
document.addEventListener("htmx:afterSettle", () => {
  const bar = document.querySelector(".progress-running progress");
  if (bar) sessionStorage.setItem("bar", `${sessionStorage.getItem("bar") ?? ""} ${bar.value}`);
});
"""
"""Lets the page ask for progress ten times a second, as a small uttag is taken in less than the two between its own
questions; and remembers each value that the bar shows, also past the page's loading itself anew at the end."""

FIGURES = ("Deltagare", "Med personuppgifter", "Avslutade")
"""Key figures that rise by one when a person has been in and out in the year."""

CELLS = (
    ("deltagare", "Med personuppgifter", 3),
    ("deltagare_utbildning", "Gymnasieskola", 2),
    ("deltagare_initierad", "Försäkringskassan", 2),
    ("avslut", "Avslut enligt plan", 2),
)
"""Rows of the report's tables in which that person is counted, and where in them the year's total stands, from 0."""


@dataclass
class Flow:
    """A window, who registers and who takes uttag. insats and kommun: where the person takes part and lives."""

    look: Look
    newcomer: str
    administrator: str
    password: str
    insats: str
    kommun: str

    @property
    def page(self) -> Page:
        return self.look.page

    def log_in(self, who: str) -> None:
        self.look.log_in(who, self.password)
        assert self.page.locator("h1").inner_text().startswith("Hej, ")

    def log_out(self) -> None:
        onward(self.page, "Logga ut")
        assert "Du är utloggad." in self.page.locator("main").inner_text()

    def register(self) -> None:
        """The newcomer finds the way by links alone, registers somebody in and, as it is soon over, out again."""
        today = timezone.localdate()
        began = (today - timedelta(days=10)).isoformat()
        self.log_in(self.newcomer)
        self.page.get_by_role("link", name="Registrera in").first.click()
        assert self.insats in self.page.locator("main").inner_text()
        before(self.page, signed=began)
        onward(self.page)
        identity(self.page, rare(), self.kommun)
        onward(self.page)
        start(self.page, began)
        onward(self.page)
        situation(self.page)
        onward(self.page)
        assert self.page.locator("h1").inner_text() == "Stämmer uppgifterna?"
        onward(self.page, "Registrera deltagaren")
        assert "Deltagaren är registrerad" in self.page.locator("main").inner_text()
        self.page.get_by_role("link", name="Registrera ut").click()
        leaving(self.page, today.isoformat())
        onward(self.page)
        onward(self.page, "Registrera ut deltagaren")
        assert "Deltagaren är utregistrerad" in self.page.locator("main").inner_text()
        self.log_out()

    def take_uttag(self) -> list[float]:
        """Of this year as known now, from the start page to the open report. Gives what the progress bar showed."""
        self.page.evaluate("sessionStorage.removeItem('bar')")
        self.page.get_by_role("link", name="Ta ett uttag").first.click()
        self.page.get_by_label("Vilket år gäller det?").fill(str(timezone.localdate().year))
        self.page.get_by_label("De som är kända nu").check()
        onward(self.page, "Ta uttaget")
        done = self.page.get_by_role("link", name="Öppna rapporten").first
        done.wait_for(timeout=120_000)
        seen = self.page.evaluate("sessionStorage.getItem('bar') ?? ''").split()
        done.click()
        assert self.page.locator("h1").inner_text() == f"Samordnad rehabilitering {timezone.localdate().year}"
        return [float(value) for value in seen]

    def read(self) -> dict[str, int]:
        """The figures of the open report by their names."""
        found = {}
        for label in FIGURES:
            one = self.page.locator(".figure", has=self.page.get_by_text(label, exact=True))
            found[label] = whole(one.locator(".figure-value").first.inner_text())
        for table, row, place in CELLS:
            line = self.page.locator(
                f"#tabell-{table} tbody tr", has=self.page.get_by_role("rowheader", name=row, exact=True)
            )
            found[f"{table}: {row}"] = whole(line.locator("td").nth(place).inner_text())
        return found

    def download(self, link: str, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=link).click()
        name = download.value.suggested_filename
        assert name.startswith("INTERN")
        download.value.save_as(folder / name)
        return folder / name


def whole(text: str) -> int:
    """A number as the page writes it; a point, where there is nothing to count, is none."""
    return 0 if text == "." else int(text.replace("\u00a0", "").split()[0])


def cell_of_files(rows: list[dict[str, Any]]) -> int:
    """Table 6, with personal data, women and men together: from a list of tidy rows."""
    (value,) = (
        row["varde"]
        for row in rows
        if row["tabell"] == "deltagare"
        and row.get("registreringssatt") == "personuppgifter"
        and row.get("kon") == "totalt"
        and row["matt"] == "antal"
        and str(row.get("ar") or timezone.localdate().year) == str(timezone.localdate().year)
    )
    return int(value)


def the_whole_flow(flow: Flow, folder: Path) -> None:
    """An uttag before, somebody in and out, an uttag after: one more in the right figures, on the page and in files."""
    flow.page.add_init_script(WATCH)
    flow.log_in(flow.administrator)
    flow.take_uttag()
    earlier = flow.read()
    flow.log_out()

    flow.register()

    flow.log_in(flow.administrator)
    seen = flow.take_uttag()
    assert seen == sorted(seen) and len(set(seen)) >= 2, seen  # a small uttag is over in a few looks
    now = flow.read()
    assert now == {name: number + 1 for name, number in earlier.items()}

    book = load_workbook(flow.download("Hämta arbetsboken", folder), read_only=True)
    assert {"Tabell 1", "Data"} <= set(book.sheetnames)
    rows = list(book["Data"].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "tabell")
    expected = now["Med personuppgifter"]
    assert (
        cell_of_files([dict(zip(map(str, rows[head]), row, strict=False)) for row in rows[head + 1 :]])
        == expected
    )

    with zipfile.ZipFile(flow.download("Alla tabeller som CSV", folder)) as archive:
        text = archive.read("data.csv").decode()
    assert cell_of_files(list(csv.DictReader(io.StringIO(text), delimiter=";"))) == expected

    document = json.loads(flow.download("Alla tabeller som JSON", folder).read_bytes())
    assert (
        cell_of_files(
            [{"tabell": table["id"], **row} for table in document["tables"] for row in table["rows"]]
        )
        == expected
    )
    flow.log_out()


def test_with_the_services_of_the_product(
    browser: Browser,
    live_server: Any,
    worker: Processes,
    tmp_path: Path,
) -> None:
    with factories.as_system():
        factories.formular("2024-1", giltig_fran=factories.INSATS_START)
        steget = factories.insats(forbund=factories.forbund(namn="Älv och kust"), namn="Steget vidare")
        siri = factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Siri Prov", password=PASSWORD)
        greta = factories.user(
            Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Greta Prov", password=PASSWORD
        )
        factories.registered(0, insats=steget)
        factories.registered_out(factories.registered(1, insats=steget))
    look, context = open_look(browser, live_server.url, 1280)
    try:
        the_whole_flow(
            Flow(look, siri.anvandarnamn, greta.anvandarnamn, PASSWORD, "Steget vidare", "Upplands Väsby"),
            tmp_path,
        )
        look.quiet()
    finally:
        context.close()


@pytest.mark.slow
def test_with_the_demo(browser: Browser, tmp_path: Path) -> None:
    with demo(tmp_path, port=free_port()) as one:
        look, context = open_look(browser, one.address, 1280)
        try:
            the_whole_flow(
                Flow(look, "bilal", "greta", DEMO_PASSWORD, "Ung framåt", "Kristinehamn"), tmp_path
            )
            look.quiet()
        except (AssertionError, PlaywrightError):
            print(look.page.url, one.log)
            raise
        finally:
            context.close()
