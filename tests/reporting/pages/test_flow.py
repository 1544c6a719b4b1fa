"""The whole way with a real worker on a real broker: start, progress, report, workbook."""

from __future__ import annotations

import io
import time

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from finsam_site.jobs.api import job_status
from finsam_site.jobs.models import Jobb, Tillstand
from reporting.models import Uttag
from reporting.report import store
from reporting.uttag.progress import PASSES
from reporting.uttag.take import TakenUttag
from reporting.views import downloads
from reporting.workbook.kept import kept_workbook
from tests.jobs.kinds import SEEN_EVERY, see
from tests.jobs.processes import Processes
from tests.reporting.pages.world import COUNTED_PARTS, Cells, logged_in, people, small_register
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_from_the_form_to_the_workbook(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    processes.set(SEEN_EVERY, "50")
    processes.start()
    who = people()
    small_register()
    client = logged_in(who.greta)
    form = {"ar": "2024", "kand": "annan", "dag": "2025-02-01", "tid": "12.00"}
    page = client.post("/uttag/nytt/", form)["Location"]
    job = Jobb.objects.get()

    seen: list[tuple[int, str]] = []
    deadline = time.monotonic() + 90
    while not job.ended:
        assert time.monotonic() < deadline, (seen[-1:], processes.log)
        status = job_status(job)
        if status.state == Tillstand.PAGAR:
            if (status.done, status.text) not in seen[-1:]:
                seen.append((status.done, status.text))
                assert status.of is None or status.of % PASSES == 0
            see(job.pk, status.done, status.text)
        time.sleep(0.005)
        job.refresh_from_db()
    assert job.tillstand == Tillstand.KLAR, job.fel or processes.log
    values = [done for done, _ in seen]
    assert values == sorted(values) and values[-1] == job.av
    # One value is that of the part's beginning; without counting it would be the only one.
    told = {part: len({done for done, text in seen if text == part}) for part in COUNTED_PARTS}
    assert min(told.values()) >= 2 and sum(told.values()) > 20, told
    assert job.gjort == job.av and job.av > 100 and job.steg == "Uttaget är klart"

    uttag = Uttag.objects.get()
    assert job.resultat == {"uttag": str(uttag.pk)} and uttag.taken_by == who.greta
    report = reverse("reporting:report", args=[uttag.pk])
    assert report in client.get(page).content.decode()

    # The worker has kept the tables: the first look reads no file.
    monkeypatch.setattr(store, "read_tables", None)
    html = client.get(report).content.decode()
    assert "Samordnad rehabilitering 2024" in html and len(Cells(html).cells) > 500
    until(lambda: kept_workbook(TakenUttag(uttag, []).meta) is not None, 60)
    monkeypatch.setattr(downloads, "make_workbook", None)  # the worker has made it
    book = b"".join(client.get(reverse("reporting:workbook", args=[uttag.pk])))
    assert "Data" in load_workbook(io.BytesIO(book), read_only=True).sheetnames


def test_a_year_that_cannot_be_taken_fails_in_words(worker: Processes) -> None:
    """What the form lets through and the rule does not: the job says why, and nothing is stored."""
    from finsam_site.jobs.api import start_job
    from tests import factories
    from tests.jobs.processes import ended

    who = people()
    with factories.acting(who.greta):
        job = start_job("uttag", year=1999)
    assert "Året 1999 kan inte tas ut" in ended(job).fel
    assert not Uttag.objects.exists()
