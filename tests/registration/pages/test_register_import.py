"""The register import on its page: who reaches it, what is taken and refused, the job, and its findings."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
import shutil
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.jobs.models import Jobb, Tillstand
from finsam_site.jobs.running import run
from registration import uploads
from registration.models import Deltagande, Forbund, Uppdrag
from registration.sealed import SealedReader, SealedWriter
from tests import factories
from tests.jobs.fixtures import *  # noqa: F403
from tests.jobs.processes import Processes, ended
from tests.registration.importing import folders
from tests.waiting import until

PASSWORD = "prov-losenord-7"
URL = "/register/inlasning/"
pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def _clean(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Nobody is told of jobs but by the test with a worker; no file is left for the next test, and none that another
    program left in the memory of the machine is counted.

    A job that runs inside a test's transaction has a heartbeat that cannot see it: its lease must outlast the test.
    """
    settings.JOB_LEASE_SECONDS = 600
    monkeypatch.setattr(uploads, "_MEMORY", tmp_path_factory.mktemp("memory"))
    shutil.rmtree(uploads.folder(), ignore_errors=True)  # what another test of the run left
    if "worker" not in request.fixturenames:
        monkeypatch.setattr("finsam_site.jobs.api.nudge", lambda job_id: True)
    yield
    shutil.rmtree(uploads.folder(), ignore_errors=True)


@pytest.fixture
def nat() -> User:
    with factories.as_system():
        return factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nat Prov", password=PASSWORD)


@pytest.fixture
def client(nat: User) -> Client:
    return log_in(nat)


def log_in(user: User) -> Client:
    client = Client()
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def noise(size: int) -> bytes:
    """The same each time: among so many random bytes the marks of a zip file stand now and then."""
    return random.Random(size).randbytes(size)


def zipped(folder: Path, inside: str = "") -> bytes:
    """The files of a folder as a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.csv")):
            archive.write(path, inside + path.name)
    return packed.getvalue()


def packed_with(*parts: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return packed.getvalue()


def workbook(register: folders.Register) -> bytes:
    """The register as sheets."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in register.items():
        sheet = book.create_sheet(name)
        sheet.append(folders.COLUMNS[name])
        for row in rows:
            sheet.append([row.get(column, "") for column in folders.COLUMNS[name]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(client: Client, content: bytes, vad: str = "inlasning", name: str = "register.zip") -> Any:
    return client.post(URL, {"fil": SimpleUploadedFile(name, content), "vad": vad})


def waiting_files() -> list[Path]:
    return sorted(uploads.folder().glob("*")) if uploads.folder().exists() else []


def done(client: Client, content: bytes, vad: str = "inlasning") -> Jobb:
    """Upload and run the job as a worker would."""
    assert upload(client, content, vad).status_code == 302
    jobb = Jobb.objects.latest("skapad")
    run(jobb.pk)
    jobb.refresh_from_db()
    return jobb


def faulty(rows: int) -> folders.Register:
    """A register with one fault in each of so many rows, and a person's number in a place where none belongs."""
    register = folders.register()
    register["deltaganden"] = [folders.deltagande("D1", 0, kommunkod=folders.number(1))]
    register["anonyma"] = [
        {
            "insats_id": f"saknas{n}",
            "ar": "2018",
            "kvinnor": "1",
            "man": "1",
            "registrerad": "2018-12-01T12:00:00+01:00",
        }
        for n in range(rows - 1)
    ]
    return register


# Who reaches it


@pytest.mark.parametrize("roll", [one for one in Roll if one != Roll.NATIONELL_ADMINISTRATOR])
def test_others_are_refused(roll: Roll, nat: User) -> None:
    with factories.as_system():
        insats = factories.insats()
        other = factories.user(roll, forbund=insats.forbund, insats=insats, password=PASSWORD)
    client = log_in(other)
    assert client.get(URL).status_code == 403
    assert upload(client, b"x").status_code == 403
    assert waiting_files() == []
    assert client.get(f"{URL}{uuid.uuid4()}/fel/").status_code == 403


def test_the_page_shows_the_format(client: Client) -> None:
    page = text(client.get(URL))
    assert "Läs in ett register" in page
    for name, columns in folders.COLUMNS.items():
        assert f"{name}.csv" in page
        for column in columns:
            assert f">{column}<" in page
    assert client.get(f"{URL}{uuid.uuid4()}/fel/").status_code == 404
    assert client.get(f"{URL}{uuid.uuid4()}/fel.csv").status_code == 404
    assert Client().get(URL).status_code == 302


# What is taken


def test_an_upload_waits_encrypted_for_its_user(client: Client, nat: User, tmp_path: Path) -> None:
    content = zipped(folders.write(tmp_path / "r", folders.register()))
    answer = upload(client, content, name=f"{folders.number(0)}.zip")
    jobb = Jobb.objects.get()
    assert answer.headers["Location"] == f"/jobb/{jobb.pk}/"
    [path] = waiting_files()
    assert path.name == jobb.argument["upload"] and path.stat().st_mode & 0o777 == 0o600
    stored = path.read_bytes()
    assert content not in stored and b"deltaganden.csv" in content and b"deltaganden" not in stored
    assert not stored.startswith(b"PK")
    assert folders.number(0) not in text(client.get(f"/jobb/{jobb.pk}/")) + str(jobb.argument)
    wanted = uuid.UUID(path.name)
    with uploads.open_upload(wanted, nat.pk) as file:
        assert file.read() == content
    with pytest.raises(uploads.UploadGone), uploads.open_upload(wanted, nat.pk + 1):
        pass
    path.write_bytes(stored[:-1])
    with pytest.raises(uploads.UploadGone), uploads.open_upload(wanted, nat.pk):
        pass


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19])
def test_sealed_files_of_any_size(tmp_path: Path, size: int) -> None:
    content = noise(size)
    writer = SealedWriter(tmp_path / "one", "prov")
    for at in range(0, size, 70_001):
        writer.write(content[at : at + 70_001])
    assert not (tmp_path / "one").exists()
    writer.finish()
    writer.discard()
    with io.BufferedReader(SealedReader.open(tmp_path / "one", "prov")) as file:
        assert file.read() == content
        for at in (0, size // 3, max(0, size - 1)):
            file.seek(at)
            assert file.read(999) == content[at : at + 999]
        assert file.seek(-min(size, 7), os.SEEK_END) == size - min(size, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_nothing_is_kept_of_what_is_not_taken(client: Client) -> None:
    page = text(upload(client, b"insats_id;ar\n1;2\n", name="anonyma.csv"))
    assert "varken en xlsx-fil eller en zip-fil" in page and "Fel: " in page
    assert "Välj den fil" in text(client.post(URL, {"vad": "kontroll"}))
    assert "Filen är tom" in text(upload(client, b""))
    assert client.post(URL, {"fil": "text", "vad": "kontroll"}).status_code == 200
    assert Jobb.objects.count() == 0 and waiting_files() == []


def test_csrf_and_uppdrag_are_checked_though_the_view_reads_the_body(nat: User, tmp_path: Path) -> None:
    content = zipped(folders.write(tmp_path / "r", folders.register()))
    client = log_in(nat)
    client.handler.enforce_csrf_checks = True
    assert upload(client, content).status_code == 403
    client.handler.enforce_csrf_checks = False
    data = {"fil": SimpleUploadedFile("r.zip", content), "vad": "kontroll", "_uppdrag": "0"}
    assert client.post(URL, data).status_code == 409
    assert Jobb.objects.count() == 0 and waiting_files() == []


def test_too_big(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 300_000)
    assert "större än 200 MB" in text(upload(client, b"PK\x03\x04" + noise(400_000)))
    assert waiting_files() == []


# Hostile files


def _bomb() -> bytes:
    return packed_with(("forbund.csv", b"0" * (64 << 20)))


def _many() -> bytes:
    return packed_with(*((f"{n}.csv", b"") for n in range(70_000)), method=zipfile.ZIP_STORED)


def _xlsx_with(part: str, content: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook(folders.register())))
    parts = [(one.filename, source.read(one)) for one in source.infolist() if one.filename != part]
    return packed_with(*parts, (part, content))


ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">&b;</workbook>'
)


def _overlapping() -> bytes:
    """Two entries of the directory that stand for the same bytes."""
    packed = bytearray(packed_with(("forbund.csv", noise(50_000)), ("volym.csv", noise(50_001))))
    first, second = packed.find(b"PK\x01\x02"), packed.rfind(b"PK\x01\x02")
    packed[second + 42 : second + 46] = packed[first + 42 : first + 46]
    size = len(packed)
    return bytes(packed[:50_100] + packed[first:]) if size else b""


def _link() -> bytes:
    info = zipfile.ZipInfo("forbund.csv")
    info.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, "/etc/hostname")
    return packed.getvalue()


def _locked() -> bytes:
    packed = bytearray(packed_with(("forbund.csv", b"x")))
    packed[6] |= 1
    packed[packed.find(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (_bomb, "orimligt stor"),
    "xlsx bomb": (lambda: _xlsx_with("xl/x.xml", b"<a/>" + b" " * (64 << 20)), "orimligt stor"),
    "nested path": (lambda: packed_with(("../forbund.csv", b"x")), "leder ut ur den"),
    "deep nested path": (lambda: packed_with(("a/../../forbund.csv", b"x")), "leder ut ur den"),
    "absolute path": (lambda: packed_with(("/forbund.csv", b"x")), "leder ut ur den"),
    "windows path": (lambda: packed_with(("..\\forbund.csv", b"x")), "leder ut ur den"),
    "drive": (lambda: packed_with(("C:forbund.csv", b"x")), "leder ut ur den"),
    "link": (_link, "leder ut ur den"),
    "too many parts": (_many, "fler än 200 delar"),
    "201 parts": (lambda: packed_with(*((f"{n}.csv", b"") for n in range(201))), "fler än 200 delar"),
    "entity": (lambda: _xlsx_with("xl/workbook.xml", ENTITY.encode()), "egna definitioner"),
    "entity in UTF-16": (
        lambda: _xlsx_with("xl/workbook.xml", ENTITY.replace("?>", ' encoding="UTF-16"?>').encode("utf-16")),
        "egna definitioner",
    ),
    "entity after a long comment": (
        lambda: _xlsx_with("xl/styles.xml", f"<!--{' ' * 9000}-->{ENTITY[21:]}".encode()),
        "egna definitioner",
    ),
    "XML without an element": (lambda: _xlsx_with("xl/styles.xml", b"<!--" + b"x" * 99_000), "skadad"),
    "password": (_locked, "lösenord"),
    "old Excel": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(5000), "äldre format"),
    "PDF": (lambda: b"%PDF-1.7\n" + noise(5000), "varken"),
    "program": (lambda: b"MZ" + noise(5000), "varken"),
    "gzip": (lambda: b"\x1f\x8b\x08" + noise(500), "varken"),
    "text as xlsx": (lambda: b"hej", "varken"),
    "cut off": (lambda: packed_with(("forbund.csv", noise(5000)))[:-40], "skadad"),
    "noise": (lambda: b"PK\x03\x04" + noise(90_000), "skadad"),
    "bzip2 inside": (lambda: packed_with(("forbund.csv", b"x"), method=zipfile.ZIP_BZIP2), "stöds"),
    "zip in zip": (lambda: packed_with(("r.zip", packed_with(("forbund.csv", b"x")))), "hör till formatet"),
    "nothing of ours": (lambda: packed_with(("word/document.xml", b"<a/>")), "hör till formatet"),
    "twice": (lambda: packed_with(("a/forbund.csv", b"x"), ("b/Forbund.csv", b"x")), "två filer"),
    "several folders": (lambda: packed_with(("a/forbund.csv", b"x"), ("b/volym.csv", b"x")), "olika mappar"),
    "empty zip": (lambda: packed_with(("mapp/", b"")), "inga CSV-filer"),
    "overlapping": (_overlapping, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words_and_quickly(client: Client, name: str) -> None:
    make, words = HOSTILE[name]
    content = make()
    begun = time.process_time()  # its own work: how busy the machine is says nothing of the file
    answer = upload(client, content, name="register.xlsx")
    took = time.process_time() - begun
    page = text(answer)
    assert answer.status_code == 200 and "error-summary" in page and words in page, page[:3000]
    assert took < 1, took
    assert Jobb.objects.count() == 0 and waiting_files() == []


# The job

NEW_ROWS = {name: len(rows) for name, rows in folders.register().items()}


@pytest.mark.parametrize("packing", ["zip", "zip with a folder", "xlsx"])
def test_a_sound_register_is_read_in(client: Client, tmp_path: Path, packing: str) -> None:
    if packing == "xlsx":
        content = workbook(folders.register())
    else:
        folder = folders.write(tmp_path / "r", folders.register())
        content = zipped(folder, "register/" if "folder" in packing else "")
    jobb = done(client, content)
    assert jobb.tillstand == Tillstand.KLAR and jobb.result_ids["fel"] == 0, (jobb.fel, jobb.resultat)
    assert Forbund.unscoped.count() == 2 and Deltagande.unscoped.count() == 1
    assert (jobb.gjort, jobb.av) == (2, 2)
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    assert "Registret är inläst." in page and "Det här lästes in" in page
    for name, new in NEW_ROWS.items():
        assert f'<th scope="row">{name}.csv</th><td class="right">{new}</td>' in page, name
    assert waiting_files() == []
    again = done(client, content)
    assert {name: rest for name, *rest in again.result_ids["filer"]}["deltaganden.csv"] == [0, 0, 1]


def test_a_mere_check_writes_nothing(client: Client, tmp_path: Path) -> None:
    register = folders.register()
    register["deltaganden"].append(
        folders.deltagande("D2", 1, kommunkod="1480", forsorjning_fore="sjukpenning:hel|forsorjningsstod:hel")
    )
    jobb = done(client, zipped(folders.write(tmp_path / "r", register)), "kontroll")
    assert jobb.tillstand == Tillstand.KLAR and Deltagande.unscoped.count() == Forbund.unscoped.count() == 0
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    for name, new in (NEW_ROWS | {"deltaganden": 2}).items():
        assert f'<th scope="row">{name}.csv</th><td class="right">{new}</td>' in page, name
    assert "Det här skulle läsas in" in page
    assert "Kontroll av register" in page and "Kontrollen hittade inga fel. Ingenting har lästs in." in page
    assert "Värt att titta på" in page and "Fler än en hel försörjning" in page
    assert client.get(f"{URL}{jobb.pk}/fel/").status_code == 404


def test_one_bad_row_and_nothing_is_read_in(client: Client, tmp_path: Path) -> None:
    jobb = done(client, zipped(folders.write(tmp_path / "r", faulty(205))))
    assert jobb.tillstand == Tillstand.KLAR and jobb.result_ids["fel"] >= 205
    assert Forbund.unscoped.count() == 0
    total = jobb.result_ids["fel"]
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    assert f"hittade {total} fel" in page and f"Se alla {total} fel" in page
    first, last = text(client.get(f"{URL}{jobb.pk}/fel/")), text(client.get(f"{URL}{jobb.pk}/fel/?sida=3"))
    assert "anonyma.csv" in first and "saknas0" in first and f"1–100 av {total} fel" in first
    assert "kommunkod" in last
    everything = first + last + page
    answer = client.get(f"{URL}{jobb.pk}/fel.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fel-i-registret.csv"'
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert rows[0] == ["Fil", "Rad", "Kolumn", "Värde", "Vad som är fel"] and len(rows) == total + 1
    for person in (folders.number(0), folders.number(1)):
        for spelling in (person, f"{person[:8]}-{person[8:]}", person[2:]):
            assert spelling not in everything + content + str(jobb.resultat)
    report = Path(django_settings.FINSAM_VAR) / "import_reports" / str(jobb.pk)
    assert b"saknas" not in report.read_bytes() and not report.read_bytes().startswith(b"PK")


def test_names_of_sheets_are_not_repeated_when_they_look_like_a_person(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(folders.register())))
    book.create_sheet(folders.number(0))
    file = io.BytesIO()
    book.save(file)
    jobb = done(client, file.getvalue())
    page = text(client.get(f"{URL}{jobb.pk}/fel/")) + str(jobb.resultat)
    assert "Bladet hör inte till formatet" in page and folders.number(0) not in page


def test_text_stays_text_in_the_csv(client: Client, tmp_path: Path) -> None:
    register = folders.register()
    register["insatser"][0]["inriktning"] = "=cmd()"
    jobb = done(client, zipped(folders.write(tmp_path / "r", register)))
    content = b"".join(client.get(f"{URL}{jobb.pk}/fel.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert ";'=cmd();" in content and ";=cmd()" not in content


def test_a_finding_of_somebody_elses_kind_of_job_is_not_there(
    client: Client, tmp_path: Path, nat: User
) -> None:
    jobb = done(client, zipped(folders.write(tmp_path / "r", faulty(2))))
    with factories.as_system():
        colleague = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, password=PASSWORD)
    assert log_in(colleague).get(f"{URL}{jobb.pk}/fel/").status_code == 200
    Jobb.objects.filter(pk=jobb.pk).update(slag="prov_rakna")
    assert client.get(f"{URL}{jobb.pk}/fel/").status_code == 404


def test_a_file_that_is_gone_and_a_role_that_is_gone(client: Client, tmp_path: Path, nat: User) -> None:
    content = zipped(folders.write(tmp_path / "r", folders.register()))
    upload(client, content)
    jobb = Jobb.objects.latest("skapad")
    uploads.remove(uuid.UUID(jobb.argument["upload"]))
    run(jobb.pk)
    jobb.refresh_from_db()
    assert jobb.tillstand == Tillstand.MISSLYCKAD and "Ladda upp den igen" in jobb.fel
    assert "Ladda upp den igen" in text(client.get(f"/jobb/{jobb.pk}/"))
    upload(client, content)
    jobb = Jobb.objects.latest("skapad")
    Uppdrag.objects.filter(user=nat).update(till=dt.date(2021, 1, 1))
    run(jobb.pk)
    jobb.refresh_from_db()
    assert jobb.tillstand == Tillstand.MISSLYCKAD and Forbund.unscoped.count() == 0


def test_who_is_no_national_administrator_cannot_run_it(tmp_path: Path) -> None:
    from registration.tasks import _only_national

    with factories.as_system():
        other = factories.user(Roll.BEHORIGHETSADMINISTRATOR, national=True)
    with pytest.raises(AccessRefused), factories.acting(other):
        _only_national()


def test_a_cancelled_import_keeps_nothing(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(client, zipped(folders.write(tmp_path / "r", folders.register())))
    jobb = Jobb.objects.latest("skapad")
    client.post(f"/jobb/{jobb.pk}/avbryt/")
    run(jobb.pk)
    jobb.refresh_from_db()
    assert jobb.tillstand == Tillstand.AVBRUTEN and Forbund.unscoped.count() == 0
    assert len(waiting_files()) == 1
    assert uploads.sweep() == 1 and waiting_files() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite the transaction itself waits")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_whom_an_import_waits_for_is_shown(client: Client, tmp_path: Path) -> None:
    upload(client, zipped(folders.write(tmp_path / "r", folders.register())))
    jobb = Jobb.objects.latest("skapad")
    holds, seen = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registration_forbund IN ROW EXCLUSIVE MODE")
            holds.set()
            seen.wait(60)
        connection.close()

    def read_in() -> None:
        holds.wait(30)
        run(jobb.pk)
        connection.close()

    threads = [threading.Thread(target=one, daemon=True) for one in (hold, read_in)]
    for one in threads:
        one.start()
    try:
        until(lambda: "Väntar på dem som registrerar" in text(client.get(f"/jobb/{jobb.pk}/framsteg/")), 60)
    finally:
        seen.set()
        for one in threads:
            one.join(60)
    jobb.refresh_from_db()
    assert (jobb.tillstand, jobb.steg) == (Tillstand.KLAR, "Kontrollerar raderna"), jobb.fel


# What is left lying


def test_the_sweep_keeps_what_waits_and_takes_what_is_old(client: Client, tmp_path: Path) -> None:
    upload(client, zipped(folders.write(tmp_path / "r", folders.register())))
    [path] = waiting_files()
    interrupted = path.with_name("x.part")
    interrupted.write_bytes(b"x")
    assert uploads.sweep() == 0
    a_day_ago = time.time() - 24 * 3600 - 1
    for one in (path, interrupted):
        os.utime(one, (a_day_ago, a_day_ago))
    assert uploads.sweep() == 2 and waiting_files() == []


def test_the_sweep_takes_what_a_killed_import_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_MEMORY", tmp_path)
    with uploads._open_folder(10) as alive:
        left = tmp_path / "finsam-register-left"
        left.mkdir()
        (left / "deltaganden.csv").write_text("x")
        assert uploads.sweep() == 0, "it may have been made just now"
        for one in (alive, left):
            os.utime(one, (0, 0))
        assert uploads.sweep() == 1
        assert alive.exists() and not left.exists()
    assert not alive.exists()


def test_progress_counts_rows(tmp_path: Path, nat: User) -> None:
    """Of n rows that are checked and read in: 2 n, rising."""
    from registration.tasks import _Progress

    told: list[tuple[int, int | None]] = []

    class Told:
        def progress(self, done: int, of: int | None = None, text: str = "") -> None:
            told.append((done, of))

    progress = _Progress(Told(), 3000, 2)  # type: ignore[arg-type]
    for done_, of in ((1000, 0), (2000, 0), (3000, 0), (4000, 6000), (5000, 6000)):
        progress(done_, of)
    progress.finish()
    assert told == [(n, 6000) for n in (0, 1000, 2000, 3000, 4000, 5000, 6000)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_whole_way_with_a_real_worker(worker: Processes, nat: User, tmp_path: Path) -> None:
    """Upload, worker, page; then one with findings; and the beat sweep leaves no file."""
    client = log_in(nat)
    bad = zipped(folders.write(tmp_path / "bad", faulty(3)))
    assert upload(client, bad).status_code == 302
    jobb = ended(Jobb.objects.latest("skapad"), 60)
    assert jobb.tillstand == Tillstand.KLAR, jobb.fel
    assert "saknas0" in text(client.get(f"{URL}{jobb.pk}/fel/")) and Forbund.unscoped.count() == 0
    assert upload(client, zipped(folders.write(tmp_path / "good", folders.register()))).status_code == 302
    jobb = ended(Jobb.objects.latest("skapad"), 60)
    assert jobb.tillstand == Tillstand.KLAR, jobb.fel
    assert "Registret är inläst." in text(client.get(f"/jobb/{jobb.pk}/"))
    assert Deltagande.unscoped.count() == 1
    until(lambda: not waiting_files())
    assert folders.number(0) not in worker.log
