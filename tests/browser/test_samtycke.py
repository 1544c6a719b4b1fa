"""The paper's whole way in a browser: printed blank, registered with its code, scanned, sent, received by its code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Insats, Samtycke, Samtyckesblankett, Samtyckesskanning
from registration.rules.codes import reference_shown, with_check
from tests import factories, scans
from tests.browser.conftest import PASSWORD, Look
from tests.browser.steps import before, identity, onward, pages_of, situation, start


@dataclass(frozen=True)
class Case:
    anna: User
    ines: User
    steget: Insats


@pytest.fixture
def case(live_server: object) -> Case:
    with factories.as_system():
        factories.formular_to_print("2024-1", namner_behovsgrupp=True)
        kust = factories.forbund(
            namn="Samordningsförbundet Älv och kust", kommuner=("0114", "0115"),
            kontakt="Kansliet, Storgatan 1, 123 45 Ån\nkansliet@alv.example",
        )  # fmt: skip
        steget = factories.insats(forbund=kust, namn="Steget vidare")
        return Case(
            anna=factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Anna Prov", password=PASSWORD),
            ines=factories.user(Roll.SAMTYCKESMOTTAGARE, national=True, namn="Ines Prov", password=PASSWORD),
            steget=steget,
        )


def print_blank(look: Look, case: Case) -> str:
    """Two blank forms with a reading aid in English; gives the code of the first."""
    look.go(f"/insatser/{case.steget.pk}/")
    look.page.get_by_role("link", name="Skriv ut samtycke").click()
    look.page.get_by_label("Hur många blanketter?").fill("2")
    look.page.get_by_label("Engelska").check()
    onward(look.page, "Gör i ordning för utskrift")
    return Samtyckesblankett.unscoped.earliest("pk").referenskod


def register(look: Look, case: Case, code: str) -> None:
    """Siv, on the paper with that code."""
    page = look.page
    look.go(f"/insatser/{case.steget.pk}/registrera-in/")
    before(page)
    page.get_by_label("Referenskod på blanketten").fill(code[:-1])
    page.get_by_label("Svenska").check()
    onward(page)
    assert "ska ha 10" in page.locator(".error-summary").inner_text()
    page.get_by_label("Referenskod på blanketten").fill(reference_shown(code).lower())
    for step in (lambda page: None, identity, start, situation):
        step(page)
        onward(page)
    assert reference_shown(code) in page.locator("main").inner_text()
    onward(page, "Registrera deltagaren")


def attach(look: Look) -> None:
    """The scan, first a file that is none."""
    page = look.page
    page.get_by_role("link", name="Det skannade papperet").click()
    wrong = {"name": "samtycke.pdf", "mimeType": "application/pdf", "buffer": scans.HTML}
    page.get_by_label("Fil", exact=True).set_input_files(wrong)  # type: ignore[arg-type]
    onward(page, "Spara papperet")
    assert "varken PDF, JPEG eller PNG" in page.locator(".error-summary").inner_text()
    right = {"name": "siv.pdf", "mimeType": "application/pdf", "buffer": scans.pdf()}
    page.get_by_label("Fil", exact=True).set_input_files(right)  # type: ignore[arg-type]
    onward(page, "Spara papperet")
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta filen").click()
    assert download.value.suggested_filename == "samtycke.pdf"
    assert Path(download.value.path()).read_bytes() == scans.pdf()


def whole_way(look: Look, case: Case, *, check: bool) -> None:
    page = look.page
    look.log_in(case.anna)
    code = print_blank(look, case)
    register(look, case, code)
    attach(look)
    page.get_by_role("link", name="Samtycken", exact=True).click()
    page.get_by_label(f"Skickat i dag: {reference_shown(code)}").check()
    page.get_by_label(f"Skickat i dag: {reference_shown(code)}").uncheck()
    onward(page, "Markera valda som skickade i dag")
    assert page.title().startswith("Fel: ")
    assert "Kryssa för de samtycken" in page.locator(".error-summary").inner_text()
    if check:
        assert page.locator(".error-summary:focus").count()
        look.check("samtycke-inget-kryssat")
    page.get_by_label(f"Skickat i dag: {reference_shown(code)}").check()
    onward(page, "Markera valda som skickade i dag")
    assert "1 original är markerat som skickat i dag." in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Ångra markeringen").count()
    if check:
        look.check("samtycke-skickat-nyss")
    onward(page, "Logga ut")
    look.log_in(case.ines)
    page.locator("main").get_by_role("link", name="Ta emot samtycken").click()
    page.get_by_label("Referenskoder").fill(f"{code[:-1]}; 0123456789")
    onward(page, "Markera som mottagna")
    assert page.title().startswith("Fel: ") and not page.locator(".notice-good").count()
    if check:
        look.check("samtycke-inget-mottaget")
    page.get_by_label("Referenskoder").fill(f"{code.lower()}\n{code[:-1]}\n")
    onward(page, "Markera som mottagna")
    assert page.get_by_label("Referenskoder").input_value() == code[:-1]
    what_to_do = page.get_by_text("Koden har 9 tecken men ska ha 10.").bounding_box()
    assert what_to_do and what_to_do["x"] + what_to_do["width"] <= look.width
    assert "1 av 2 koder markerades som mottagna." in page.locator("main").inner_text()
    assert "Sivprov" not in page.content()
    today = timezone.localdate()
    samtycke = Samtycke.unscoped.get(referenskod=code)
    assert (samtycke.original_skickat, samtycke.original_mottaget) == (today, today)
    assert Samtyckesskanning.unscoped.get().samtycke_id == samtycke.pk


@pytest.mark.both
def test_the_whole_way(look: Look, case: Case) -> None:
    whole_way(look, case, check=True)
    look.check("samtycke-mottaget")


def test_the_whole_way_without_javascript(look_plain: Look, case: Case) -> None:
    whole_way(look_plain, case, check=False)


def send_by_codes(look: Look, case: Case, *, check: bool) -> None:
    with factories.as_system():
        two = [factories.samtycke_of(factories.registered(n, insats=case.steget)) for n in range(2)]
    page = look.page
    look.log_in(case.anna)
    page.get_by_role("link", name="Samtycken", exact=True).click()
    page.get_by_role("link", name="Markera skickade med koder").click()
    onward(page, "Markera som skickade")
    assert "minst en referenskod" in page.locator(".error-summary").inner_text()
    typed = [reference_shown(one.referenskod).lower() for one in two]
    unknown = with_check("HQY6CAHPR")
    page.get_by_label("Referenskoder").fill(f"{', '.join(typed)}\n{unknown}\n")
    onward(page, "Markera som skickade")
    words = page.locator("main").inner_text()
    assert "2 av 3 koder markerades som skickade." in words and "i dina insatser" in words
    assert page.get_by_label("Referenskoder").input_value() == unknown
    if check:
        look.check("samtycke-skickade-koder")
    today = timezone.localdate()
    assert {one.original_skickat for one in Samtycke.unscoped.all()} == {today}
    onward(page, "Ångra markeringen")
    assert "2 original står inte längre som skickade." in page.locator("main").inner_text()
    assert len(page.get_by_label("Referenskoder").input_value().splitlines()) == 2
    if check:
        look.check("samtycke-skickade-angrat")
    onward(page, "Markera som skickade")
    page.goto(page.url.replace("/skickade/koder/", "/?status=skickat"))
    if check:
        look.check("samtycke-skickade-lista")
    page.get_by_role("link", name="Ta bort markeringen").first.click()
    if check:
        look.check("samtycke-ta-bort-markering")
    onward(page, "Ta bort markeringen")
    assert page.locator(".error-summary").count()
    page.get_by_label("Originalet kom bort").check()
    onward(page, "Ta bort markeringen")
    assert "1 original står inte längre som skickat." in page.locator("main").inner_text()
    assert Samtycke.unscoped.filter(original_skickat__isnull=True).count() == 1
    look.go("/samtycken/skickade/koder/")
    page.get_by_role("link", name="Till samtyckena").click()
    assert page.url.endswith("/samtycken/")


def test_codes_of_what_is_sent(look: Look, case: Case) -> None:
    send_by_codes(look, case, check=True)


def test_codes_of_what_is_sent_without_javascript(look_plain: Look, case: Case) -> None:
    send_by_codes(look_plain, case, check=False)


def test_on_paper(look: Look, case: Case, tmp_path: Path) -> None:
    """Each text is one sheet of A4, also with long names, and only the paper is printed."""
    type(case.steget).unscoped.filter(pk=case.steget.pk).update(
        namn="Arbetslivsinriktad förrehabilitering för unga vuxna i Ångermanlands inland"
    )
    look.log_in(case.anna)
    print_blank(look, case)
    look.page.emulate_media(media="print")
    assert not look.page.locator(".top, .page-head").locator("visible=true").count()
    folder = Path(os.environ.get("FINSAM_TEST_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"samtycke-papper-{look.width}.pdf"
    look.page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    assert pages_of(path.read_bytes()) == 2 * 4
    look.complaints.clear()  # what is printed is drawn with inline styles
