"""The pages of uttag in the browser: every page in every state, and the way from the form to the report."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from reporting.models import Uttag
from reporting.report import store
from reporting.report.settling import settle
from reporting.uttag.frozen import FrozenFileChanged
from tests import factories
from tests.browser.conftest import Look
from tests.jobs.fixtures import broker, processes, redis_server, worker  # noqa: F401 - fixtures
from tests.jobs.processes import Processes
from tests.reporting.pages.test_folded import merged
from tests.reporting.pages.world import People, people, small_register, taken


@pytest.fixture
def who(live_server: Any) -> People:
    """Somebody in each role."""
    return people()


def test_before_the_first_uttag(look: Look, who: People) -> None:
    look.log_in(who.greta)
    look.check("uttag-start-tom")
    look.go("/uttag/")
    look.check("uttag-tom")
    look.page.click("text=Ta ett uttag")
    look.check("uttag-nytt")
    look.page.check("#id_kand_2")
    look.check("uttag-nytt-annan-tid")


def test_the_form_with_errors(look: Look, who: People) -> None:
    look.log_in(who.greta)
    look.go("/uttag/nytt/")
    look.page.fill("#id_ar", "1999")
    look.page.check("#id_kand_2")
    look.page.fill("#id_dag", "i går")
    look.page.click("text=Ta uttaget")
    assert look.page.title().startswith("Fel: ")
    assert look.page.evaluate("document.activeElement.className") == "error-summary"
    look.check("uttag-nytt-fel")
    look.page.click(".error-summary li:last-child a")
    assert look.page.evaluate("document.activeElement.id") == "id_dag"


def test_the_report_and_its_tables(look: Look, who: People) -> None:
    """The report with everything open, its large tables, the definitions; a figure leads to its definition."""
    small_register()
    uttag = taken().uttag
    look.log_in(who.farid)
    look.check("uttag-start")
    look.page.click("text=Öppna rapporten")
    look.check("uttag-rapport")
    for summary in look.page.locator("summary").all():
        summary.click()
    look.axe()
    look.fits()
    look.page.click(".figure >> nth=0 >> text=Så räknas det")
    assert look.page.url.endswith("/uttag/definitioner/2024/#malet")
    look.check("uttag-definitioner")
    for table in ("resultat_forsorjning_flode", "kommun", "kvalitet"):
        look.go(reverse("reporting:table", args=[uttag.pk, table]))
        look.check(f"uttag-tabell-{table}")
    look.page.click(".words summary")
    look.check("uttag-tabell-kvalitet-ord")


def test_absorbed_förbund(look: Look, who: People) -> None:
    """The switch between the two views of a table with a row for each förbund."""
    small_register()
    merged()
    uttag = taken().uttag
    look.log_in(who.farid)
    look.go(reverse("reporting:table", args=[uttag.pk, "forbund"]))
    look.check("uttag-tabell-forbund")
    look.page.click("text=I efterföljarens rad")
    assert look.page.locator("nav [aria-current=true]").inner_text() == "I efterföljarens rad"
    look.check("uttag-tabell-forbund-efterfoljare")


def test_settling(look: Look, who: People) -> None:
    small_register()
    one, other = taken().uttag, taken().uttag
    look.log_in(who.greta)
    look.go(reverse("reporting:report", args=[one.pk]))
    look.page.click("text=Fastställ uttaget")
    look.check("uttag-faststall")
    look.page.click("main button[type=submit]")
    assert "Uttaget är nu det fastställda för 2024." in look.page.locator("main").inner_text()
    look.check("uttag-faststallt")
    look.go(reverse("reporting:uttag_settle", args=[other.pk]))
    look.check("uttag-faststall-nekas")
    look.go("/uttag/")
    look.check("uttag-lista")


def test_a_damaged_file(look: Look, who: People, monkeypatch: pytest.MonkeyPatch) -> None:
    small_register()
    uttag = taken().uttag

    def changed(_: Uttag) -> Any:
        raise FrozenFileChanged(
            f"Filen till uttag {uttag.pk} är ändrad eller skadad: kontrollsumman stämmer inte."
        )

    monkeypatch.setattr(store, "read_tables", changed)
    look.log_in(who.farid)
    look.go(reverse("reporting:report", args=[uttag.pk]))
    look.expect(500)
    look.check("uttag-skadat")


def test_from_the_form_to_the_report(look: Look, who: People, worker: Processes) -> None:  # noqa: F811
    """Started by the form, followed on the job's page until it leads to the report; the workbook can be fetched."""
    small_register()
    look.log_in(who.greta)
    look.go("/uttag/nytt/")
    look.page.fill("#id_ar", "2024")
    look.page.check("#id_kand_1")
    look.page.click("text=Ta uttaget")
    look.page.locator("text=Öppna rapporten").first.wait_for()
    look.check("uttag-jobb-klart")
    look.page.locator("text=Öppna rapporten").first.click()
    assert look.page.locator("h1").inner_text() == "Samordnad rehabilitering 2024"
    with look.page.expect_download() as download:
        look.page.click("text=Hämta arbetsboken")
    assert download.value.suggested_filename.startswith("INTERN")
    with factories.acting(who.greta):
        settle(Uttag.objects.get())
    look.page.reload()
    look.check("uttag-rapport-faststalld")
