"""The sample register of the real size, moved in and reported through the pages, with a real worker on a real Redis.

tests/reporting/test_sample_register.py has the same figures and hashes without pages. Posts are sent by Django's
client: what matters is the way of the files and figures, and test_import.py has the same form in a browser.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from finsam_site.jobs.models import Jobb, Tillstand
from registration import uploads
from reporting.models import Uttag
from tests import factories
from tests.jobs.fixtures import *  # noqa: F403 - fixtures
from tests.jobs.processes import Processes, ended
from tests.reporting.pages.world import PASSWORD, logged_in
from tests.reporting.test_sample_register import HASHES, JANUARY, MARCH, SAMPLE, wrong_figures

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    shutil.rmtree(uploads.folder(), ignore_errors=True)


def packed(folder: Path) -> io.BytesIO:
    """The CSV files of a folder of the sample, as the zip file that a user sends."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.csv")):
            archive.write(path, path.name)
    file.seek(0)
    file.name = f"{folder.name}.zip"
    return file


def job_of(client: Client, answer: Any) -> tuple[Jobb, str]:
    """The job that a post led to, at its end, and its page."""
    assert answer.status_code == 302, answer.content.decode()
    job = ended(Jobb.objects.latest("skapad"), seconds=120)
    return job, client.get(answer.headers["Location"]).content.decode()


def spoil(folder: Path, file: str, old: str, new: str) -> Path:
    """A folder with that file of the register alone, and in it a fault."""
    folder.mkdir()
    text = (folder.parent / "register" / file).read_text(encoding="utf-8-sig")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def move_in(client: Client, folder: Path) -> str:
    job, page = job_of(
        client, client.post("/register/inlasning/", {"fil": packed(folder), "vad": "inlasning"})
    )
    assert job.tillstand == Tillstand.KLAR, job.fel
    assert "Registret är inläst." in page
    return page


def take(client: Client, as_of: datetime) -> tuple[Uttag, dict[str, Any]]:
    """An uttag of 2018 by the form, and its JSON by the link of its report. The form takes whole minutes."""
    form = {"ar": "2018", "kand": "annan", "dag": as_of.date().isoformat(), "tid": f"{as_of:%H.%M}"}
    job, page = job_of(client, client.post("/uttag/nytt/", form))
    assert job.tillstand == Tillstand.KLAR, job.fel
    uttag = Uttag.objects.get(pk=job.result_ids["uttag"])
    report = f"/uttag/{uttag.pk}/"
    assert report in page
    link = f"{report}hamta/json/"
    assert link in client.get(report).content.decode()
    return uttag, json.loads(b"".join(client.get(link)))


def test_every_cell_through_the_pages(worker: Processes, tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        archive.extractall(tmp_path)
    with factories.as_system():
        greta = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, password=PASSWORD)
    client = logged_in(greta)

    spoiled = packed(spoil(tmp_path / "spoiled", "forbund.csv", "20", "i"))
    job, page = job_of(client, client.post("/register/inlasning/", {"fil": spoiled, "vad": "inlasning"}))
    assert "Ingenting har lästs in." in page
    findings = f"/register/inlasning/{job.pk}/fel/"
    assert findings in page and "forbund.csv" in client.get(findings).content.decode()

    move_in(client, tmp_path / "register")
    uttag, document = take(client, JANUARY)
    expected = json.loads((tmp_path / "expected-2019-01-16.json").read_text())
    assert len(expected) == 3961
    assert wrong_figures(document["tables"], expected) == []
    assert uttag.as_of == JANUARY
    assert uttag.content_hash == document["uttag"]["content_hash"] == HASHES[JANUARY]

    move_in(client, tmp_path / "corrections")
    _, document = take(client, MARCH)
    assert (
        wrong_figures(document["tables"], json.loads((tmp_path / "expected-2019-03-01.json").read_text()))
        == []
    )
