"""Nothing of a person is left in what grows around a registration either: drafts, scans, mails, jobs, files, sessions.

Beside `test_sweep.py`, which plants its marks in what is registered.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.clock import STOCKHOLM
from finsam_site.jobs.models import Jobb, Tillstand
from finsam_site.jobs.running import run
from registration import import_reports, uploads
from registration.digest import send_weekly
from registration.importing.columns import FILES, Kind
from registration.models import Deltagande, Insats, Utkast
from registration.rules.drafts import Place, save_draft
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.scans import attach_scan, scan_mark
from registration.scan_check import check_scan
from registration.sealed import SealedWriter
from tests import factories, scans
from tests.registration.sweep import Mark, Unreadable, number_marks, sweep, tables_of
from tests.registration.test_sweep import found, var  # noqa: F401 - a fixture

pytestmark = [pytest.mark.both, pytest.mark.django_db]

NUMBER = factories.nummer(0).digits
NAMES = {"fornamn": "Marigold", "efternamn": "Tigerstedt"}
OWNER, DRAWN, NOTE = b"Marigolds telefon", b"underskriften", "modern ringde"
MARKS: dict[str, Mark] = {**NAMES, "note": NOTE, "drawn": DRAWN, "owner": OWNER, **number_marks(NUMBER)}

DRAFT = "registration_utkast.innehall_krypterat"
KEPT = "access_undanlagt.innehall_krypterat"
SCAN = "registration_samtyckesskanning.innehall_krypterat"


@pytest.fixture(autouse=True)
def here(var: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Mails and sessions as files in the data folder, as in the demo; jobs are run by hand."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(var / "mail")
    settings.SESSION_FILE_PATH = var / "sessions"
    settings.JOB_LEASE_SECONDS = 600  # a heartbeat does not see the test's transaction
    monkeypatch.setattr("finsam_site.jobs.api.nudge", lambda job_id: True)
    monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: True)


@pytest.fixture
def insats() -> Insats:
    factories.formular()
    return factories.insats(slutdatum=dt.date(2025, 12, 31))


@pytest.fixture
def eva(insats: Insats) -> User:
    return factories.user(Roll.DELTAGARANSVARIG, insats=insats, namn="Eva Prov", epost="eva@example.se")


@pytest.fixture
def marigold(insats: Insats) -> Deltagande:
    return factories.registered(0, insats=insats, **NAMES)


def client_of(user: User) -> Client:
    user.set_password("prov-losenord-7")
    user.save()
    client = Client()
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": "prov-losenord-7"})
    return client


def drafts(eva: User, one: Deltagande) -> None:
    """One of each kind about her: registering out, correcting, and registering in once more, with her number."""
    with factories.acting(eva):
        for slag in (Utkast.Slag.REGISTER_OUT, Utkast.Slag.CORRECT):
            save_draft(Place(slag, one.insats_id, deltagande=one.pk), "fragor", {"orsak": [NOTE]})
        signed = {"skydd": ["nej"], "samtycke": ["ja"], "undertecknat": ["2024-01-10"]}
        names = {name: [text] for name, text in NAMES.items()}
        for numbers in ([NUMBER], [NUMBER, NUMBER[:8]]):  # whole, and begun to be typed anew
            place = Place(Utkast.Slag.REGISTER_IN, one.insats_id, pk=uuid.uuid4())
            save_draft(place, "innan", signed)
            for number in numbers:
                save_draft(place, "identitet", {"personnummer": [number], **names})


def scanned(eva: User, one: Deltagande) -> None:
    """A photo of the paper, as her telephone makes it."""
    photo = scans.photo(OWNER).replace(b"\x12\xff\x00", DRAWN + b"\xff\x00")
    with factories.acting(eva):
        attach_scan(one.pk, check_scan(photo), seen=scan_mark(None))


def register_of_her() -> bytes:
    """A register with her in every cell, so that every row is wrong."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for spec in FILES:
            cells = {
                one.name: " ".join(NAMES.values()) if one.kind == Kind.NAME else NUMBER
                for one in spec.columns
            }
            archive.writestr(f"{spec.name}.csv", f"{';'.join(cells)}\n{';'.join(cells.values())}\n")
    return packed.getvalue()


def uploaded() -> Jobb:
    """The job that is to read it."""
    nat = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)
    file = SimpleUploadedFile(f"Marigold {NUMBER}.zip", register_of_her())
    assert client_of(nat).post("/register/inlasning/", {"fil": file, "vad": "inlasning"}).status_code == 302
    return Jobb.objects.latest("skapad")


def mailed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The weekly mails of the next Monday."""
    today = timezone.localdate()
    monday = today + dt.timedelta(days=7 - today.weekday())
    at = dt.datetime.combine(monday, dt.time(8), STOCKHOLM).astimezone(dt.UTC)
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: at)
        assert send_weekly() == 1
    return list(Path(str(django_settings.EMAIL_FILE_PATH)).iterdir())


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_nothing_is_left(rule: Any, eva: User, marigold: Deltagande, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts(eva, marigold)
    scanned(eva, marigold)
    [mail] = mailed(monkeypatch)
    assert "1 deltagande" in mail.read_text()
    job = uploaded()
    before = sweep(MARKS)
    assert tables_of(before["note"]) == {DRAFT} and len(before["note"]) == 2
    assert tables_of(before["drawn"]) == {SCAN}
    assert before["owner"] == set()  # it never came in
    assert DRAFT in tables_of(before["fornamn"]) and DRAFT in tables_of(before["twelve digits"])
    assert {at.split("/")[0] for at in before["fornamn"] if at.startswith("file:")} == {"file:uploads"}
    run(job.pk)
    job.refresh_from_db()
    assert (job.tillstand, import_reports.remains(job.pk)) == (Tillstand.KLAR, True)
    read = sweep(MARKS)
    assert not any(at.startswith("file:") for name in MARKS for at in read[name])
    assert not any(at.startswith("jobs_") for name in MARKS for at in read[name])
    factories.as_if_committed()
    with factories.acting(eva):
        rule([marigold.pk])
    assert found(sweep(MARKS)) == set()
    assert mail.exists() and import_reports.remains(job.pk)


def test_what_a_granskare_has_found_and_done_is_kept_without_her(marigold: Deltagande) -> None:
    """After the search, and after the withdrawal with its receipt. Another granskare had found her too."""
    for namn in ("Kajsa Prov", "Johan Prov"):
        granskare = factories.user(Roll.DATASKYDDSGRANSKARE, namn=namn)
        factories.uppdrag(granskare, Roll.DATASKYDDSGRANSKARE)
        client = client_of(granskare)
        answer = client.post("/person/", {"personnummer": NUMBER, "syfte": "aterkalla"})
    marks = MARKS | {"deltagande": str(marigold.pk)}
    stands = sweep(marks)
    minutes = {KEPT, "django_session.session_data", "file"}
    assert not (tables_of(stands["fornamn"]) | tables_of(stands["twelve digits"])) & minutes
    assert tables_of(stands["deltagande"]) & minutes == {KEPT}  # sealed, and read here
    receipt = client.post(f"{answer['Location']}aterkalla/")["Location"]
    after = sweep(marks)
    assert found(after) == {"deltagande"} and not tables_of(after["deltagande"]) & minutes
    assert client.get(receipt).status_code == 200


# It can fail


def test_a_mark_in_a_sealed_file_is_found(eva: User, var: Path) -> None:  # noqa: F811
    """An upload and a list of import errors; one that nothing opens is an error."""
    upload, job = uuid.uuid4(), uuid.uuid4()
    for folder, name, context in (
        (uploads.folder(), upload, f"upload:{eva.pk}:{upload}"),
        (var / "import_reports", job, f"import_report:{job}"),
    ):
        writer = SealedWriter(folder / str(name), context)
        writer.write(b"om Marigold")
        writer.finish()
    assert sweep({"m": "Marigold"})["m"] == {f"file:uploads/{upload}", f"file:import_reports/{job}"}
    writer = SealedWriter(var / "annat", "annat:1")
    writer.write(b"x")
    writer.finish()
    with pytest.raises(Unreadable, match="file:annat"):
        sweep({})
