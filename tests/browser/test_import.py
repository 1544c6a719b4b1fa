"""A register goes in through the page, with a real worker: first one with faults, then a sound one. And the counts."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.jobs import pulse
from finsam_site.jobs.models import Jobb, Tillstand
from registration import uploads
from registration.models import Deltagande, Forbund
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from tests import factories
from tests.browser.conftest import PASSWORD, PATIENCE, Look, World
from tests.jobs.fixtures import *  # noqa: F403
from tests.jobs.processes import Processes
from tests.registration.importing import folders

URL = "/register/inlasning/"


@pytest.fixture
def nat(world: World) -> User:
    with factories.as_system():
        return factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nat Prov", password=PASSWORD)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    shutil.rmtree(uploads.folder(), ignore_errors=True)


def packed(folder: Path, register: folders.Register) -> Path:
    """The register as a zip file."""
    folders.write(folder, register)
    return Path(shutil.make_archive(str(folder), "zip", folder))


def faulty() -> folders.Register:
    """A register with faults of several kinds, more than a page of them."""
    register = folders.register()
    register["deltaganden"] = [
        folders.deltagande("D1", 0, slutdatum="2018-01-01", kommunkod="9999"),
        *(
            folders.deltagande(f"D{n}", n % 90, utbildning="doktor", startdatum="i maj")
            for n in range(2, 120)
        ),
    ]
    register["insatser"][1]["inriktning"] = "=struktur"
    return register


def wait_for_end(look: Look) -> None:
    """Until htmx has seen the end and the page has loaded itself anew."""
    look.page.wait_for_selector("text=Avslutat")


def expect_conflict(look: Look) -> None:
    """The console complains of the 409, perhaps a moment after the page is there."""
    for _ in range(PATIENCE // 50):
        if any("status of 409 " in one for one in look.complaints):
            break
        look.page.wait_for_timeout(50)
    look.expect(409)


def send(look: Look, file: Path, choice: str) -> None:
    look.go(URL)
    look.page.set_input_files("#id_fil", str(file))
    look.page.get_by_label(choice).check()
    look.page.click("main form button[type=submit]")


def test_a_register_with_faults_and_then_a_sound_one(
    look: Look, world: World, nat: User, worker: Processes, tmp_path: Path
) -> None:
    look.log_in(nat)
    look.check("nationell-start-utan-jobb")
    look.go(URL)
    look.check("registerimport")
    for summary in look.page.locator("main summary").all():
        summary.click()
    look.check("registerimport-format")
    look.page.click("main form button[type=submit]")
    look.page.wait_for_selector(".error-summary")
    look.check("registerimport-utan-fil")

    send(look, packed(tmp_path / "fel", faulty()), "Kontrollera och läs in")
    wait_for_end(look)
    assert "Ingenting har lästs in." in look.page.locator("main").inner_text()
    assert Forbund.unscoped.filter(forbund_id="F1").count() == 0
    look.check("jobb-med-fel")
    look.page.click("main .button-primary")
    look.page.wait_for_selector("text=Ladda ner alla fel")
    look.check("fel-i-filerna")
    look.page.click("text=Nästa")
    assert look.page.locator("main tbody tr").count() > 0
    with look.page.expect_download() as download:
        look.page.click("text=Ladda ner alla fel som CSV")
    rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "Fil;Rad;Kolumn;Värde;Vad som är fel" and len(rows) > 200

    register = folders.register()
    register["deltaganden"].append(folders.deltagande("D2", 1, kommunkod="1480"))
    send(look, packed(tmp_path / "ratt", register), "Kontrollera och läs in")
    wait_for_end(look)
    assert "Registret är inläst." in look.page.locator("main").inner_text()
    assert Deltagande.unscoped.count() == 2
    look.check("jobb-inlast")
    look.go("/jobb/")
    look.check("mina-jobb")
    look.go("/")
    look.check("nationell-start")


def test_a_wrong_file_is_refused(look: Look, nat: User, tmp_path: Path) -> None:
    look.log_in(nat)
    file = tmp_path / "anonyma.csv"
    file.write_text("insats_id;ar\n1;2018\n")
    send(look, file, "Bara kontrollera")
    look.page.wait_for_selector(".error-summary")
    assert look.page.evaluate("document.activeElement.className") == "error-summary"
    look.check("registerimport-fel-fil")


def test_every_state_of_a_job(look: Look, nat: User, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.JOB_LEASE_SECONDS = 600  # its one heartbeat holds while the page is looked at
    monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: True)
    look.log_in(nat)
    look.go("/jobb/")
    look.check("mina-jobb-tomt")
    now = timezone.now()
    jobb = Jobb.objects.create(slag="registerinlasning", argument={"vad": "inlasning"}, skapad_av=nat)
    look.go(f"/jobb/{jobb.pk}/")
    look.check("jobb-vantar")
    token = uuid.uuid4()
    Jobb.objects.update(
        tillstand=Tillstand.PAGAR, token=token, forsok=1, paborjad=now - dt.timedelta(seconds=20)
    )
    pulse.beat_in_cache(jobb.pk, token)
    pulse.write_progress(jobb.pk, 12_400, 41_436, "", 1)
    look.go(f"/jobb/{jobb.pk}/")
    look.check("jobb-pagar")
    look.page.locator(".progress-words").wait_for()
    pulse.write_progress(jobb.pk, 22_000, 41_436, "", 1)
    look.page.get_by_text("22\u00a0000 av 41\u00a0436 rader genomgångna").wait_for()
    Jobb.objects.update(
        tillstand=Tillstand.MISSLYCKAD, token=None, avslutad=now, gjort=22_000, av=41_436,
        fel="Filen finns inte kvar, för en uppladdad fil sparas i högst ett dygn. Ladda upp den igen.",
    )  # fmt: skip
    wait_for_end(look)
    look.check("jobb-misslyckat")
    Jobb.objects.update(tillstand=Tillstand.AVBRUTEN, fel="")
    look.go(f"/jobb/{jobb.pk}/")
    look.check("jobb-avbrutet")


def test_a_job_without_javascript(
    look_plain: Look, nat: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The page reloads itself, and cancel is a form."""
    settings.JOB_LEASE_SECONDS = 600  # as above
    monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: True)
    jobb = Jobb.objects.create(slag="registerinlasning", argument={"vad": "kontroll"}, skapad_av=nat)
    look_plain.log_in(nat)
    look_plain.go(f"/jobb/{jobb.pk}/")
    assert look_plain.page.get_by_text("Väntar").count() >= 1
    Jobb.objects.update(tillstand=Tillstand.PAGAR, token=uuid.uuid4(), forsok=1, paborjad=timezone.now())
    pulse.beat_in_cache(jobb.pk, Jobb.objects.get().token or uuid.uuid4())
    pulse.write_progress(jobb.pk, 700, 1000, "", 1)
    look_plain.page.get_by_text("700 av").wait_for()
    look_plain.page.click("text=Avbryt jobbet")
    look_plain.page.get_by_text("Jobbet avbryts.").first.wait_for()


def test_anonyma(look: Look, world: World) -> None:
    year = timezone.localdate().year
    with factories.as_system():
        ulla = factories.user(Roll.DELTAGARANSVARIG, insats=world.steget, namn="Ulla Prov", password=PASSWORD)
    look.log_in(world.eva)
    look.choose("Steget vidare")
    url = f"/insatser/{world.steget.pk}/anonyma/"
    look.go(url)
    look.check("anonyma-tomt")
    look.page.click(f"text=Lägg till en kvinna {year}")
    assert "En kvinna är tillagd" in look.page.locator("main").inner_text()
    with factories.acting(ulla):
        record_anonyma(AnonymaRad(world.steget.pk, year, 12, 9), seen_nr=1)
    look.page.click(f"text=Lägg till en man {year}")
    expect_conflict(look)
    assert "En kollega har ändrat antalet" in look.page.locator("main").inner_text()
    look.check("anonyma-andrat-av-annan")
    look.page.click("main .button-primary")
    assert "12 kvinnor och 10 män" in look.page.locator("main").inner_text().replace("\u00a0", " ")
    look.check("anonyma")
    look.page.click(f"text=Ange antalen för {year - 1}")
    look.check("anonyma-ange")
    with factories.acting(ulla):
        record_anonyma(AnonymaRad(world.steget.pk, year - 1, 40, 30), seen_nr=0)
    look.page.fill("#id_kvinnor", "41")
    look.page.fill("#id_man", "30")
    look.page.click("main .button-primary")
    expect_conflict(look)
    look.check("anonyma-ange-andrat")
    assert look.page.input_value("#id_kvinnor") == "41"
    look.page.fill("#id_man", "")
    look.page.click("main .button-primary")
    look.check("anonyma-ange-fel")


def test_volym(look: Look, world: World) -> None:
    year = timezone.localdate().year
    with factories.as_system():
        natet = factories.volyminsats(forbund=world.steget.forbund, namn="Nätet för chefer")
        ivar = factories.user(
            Roll.INSATSANSVARIG, forbund=world.steget.forbund, namn="Ivar Prov", password=PASSWORD
        )
    look.log_in(ivar)
    look.check("insatsansvarig-start")
    look.go("/volym/")
    look.check("volymer")
    look.page.click("main tbody a")
    look.check("volym-tomt")
    look.page.click(f"text=Ange volymen för {year}")
    look.page.fill("#id_antal", "10")
    look.page.fill("#id_kvinnor", "8")
    look.page.fill("#id_man", "5")
    look.page.click("main .button-primary")
    look.check("volym-ange-fel")
    with factories.acting(ivar):
        record_volym(VolymRad(natet.pk, year - 1, 1_234, 700, 534), seen_nr=0)
    look.page.fill("#id_man", "")
    look.page.click("main .button-primary")
    assert "10 deltagare, varav 8 kvinnor" in look.page.locator("main").inner_text().replace("\u00a0", " ")
    look.check("volym")
