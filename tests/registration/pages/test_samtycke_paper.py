"""The paper by the pages: printing it blank and filled in, registering with its code, attaching the scan."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finsam_site.access.models import User
from registration.models import Deltagande, Samtyckesblankett, Samtyckesformular, Samtyckesskanning
from registration.rules.codes import new_reference, reference_shown
from registration.rules.erase import withdraw_samtycke
from registration.rules.scans import scan_mark
from registration.scan_check import MOST_BYTES
from tests import factories, scans
from tests.registration.pages import test_register_in as steps
from tests.registration.pages.conftest import Cast, errors_of, looks, text_of, title_of
from tests.registration.pages.test_register_in import IDENTITY, SITUATION, START, go

BEFORE = steps.BEFORE | {"sprak": "sv"}

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def texts(cast: Cast) -> Samtyckesformular:
    """The form that the cast has, with its texts in Swedish and English."""
    return factories.formular_to_print()


def blank(cast: Cast) -> str:
    return f"/insatser/{cast.steget.pk}/samtycke/"


def paper(one: Deltagande, more: str = "") -> str:
    return f"/deltaganden/{one.pk}/samtycke/{more}"


def no_styles(page: Any) -> bool:
    """The CSP allows no style attributes."""
    return not re.search(r"\sstyle=", page.content.decode())


# Blank


def test_blank_forms_are_printed_before_anybody_is_known(eva: Client, cast: Cast) -> None:
    answer = eva.post(blank(cast), {"antal": "2", "formular": "prov-1", "sprak": "en"})
    codes = [one.referenskod for one in Samtyckesblankett.unscoped.all()]
    assert len(codes) == 2 and answer.status_code == 302
    page = eva.get(answer.headers["Location"])
    words = text_of(page)
    assert "2 blanketter att skriva ut" in words and no_styles(page)
    for code in codes:  # form, reading aid, sheet and its reading aid; and on the slip
        assert words.count(reference_shown(code)) == 5
    for said in (
        "Steget vidare",
        "Älv och kust",
        "prov-1",
        "Det är frivilligt",
        "It is voluntary",
        "Klipp här",
    ):
        assert said in words
    assert page.content.decode().count("<svg") == 8 and not looks()
    assert 'lang="en"' in page.content.decode()


def test_the_drawn_code_says_the_reference_code_and_nothing_else(eva: Client, cast: Cast) -> None:
    """Each paper's own, module for module as the library has it for that very text: a scanner types what it reads."""
    where = eva.post(blank(cast), {"antal": "2", "formular": "prov-1", "sprak": "sv"}).headers["Location"]
    page = eva.get(where).content.decode()
    codes = [one.referenskod for one in Samtyckesblankett.unscoped.order_by("pk")]
    drawn = [modules(svg) for svg in re.findall(r'<svg[^>]*class="qr".*?</svg>', page, re.S)]
    texts = {one: modules_of(one) for one in codes}
    assert len(codes) == 2 and texts[codes[0]] != texts[codes[1]]
    for code in codes:  # on the form and on the sheet to take home
        assert drawn.count(texts[code]) == 2
        others = {
            reference_shown(code),
            code.lower(),
            f"https://finsam.example.se/{code}",
            new_reference(),
        }
        for other in others - {code}:  # one of digits alone has no small letters
            assert modules_of(other) not in drawn
    assert len(drawn) == 4


def modules_of(text: str) -> set[tuple[int, int]]:
    """The dark modules of a text, (row, column), as the library has them."""
    matrix = segno.make(text, error="m", micro=False).matrix
    return {(y, x) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}


def modules(svg: str) -> set[tuple[int, int]]:
    """The dark modules that a picture draws: lines one module high, moved to and drawn from left to right."""
    found, x, y = set[tuple[int, int]](), 0.0, 0.0
    (lines,) = re.findall(r'd="(M[^"]*m[^"]*h[^"]*|M[^"]*h[^"]*)"', svg.split('stroke="#000"')[-1])
    for act, numbers in re.findall(r"([Mmh])([^Mmh]*)", lines):
        said = [float(one) for one in re.findall(r"-?[\d.]+", numbers)]
        if act == "M":
            x, y = said
        elif act == "m":
            x, y = x + said[0], y + said[1]
        else:
            found |= {(int(y), int(x) + n) for n in range(int(said[0]))}
            x += said[0]
    quiet = 4
    return {(row - quiet, column - quiet) for row, column in found}


def test_only_swedish_when_no_reading_aid_is_chosen(eva: Client, cast: Cast) -> None:
    answer = eva.post(blank(cast), {"antal": "1", "formular": "prov-1", "sprak": "sv"}, follow=True)
    assert "It is voluntary" not in text_of(answer) and "1 blankett att skriva ut" in text_of(answer)


def test_what_is_wrong_is_told_and_nothing_is_kept(eva: Client, cast: Cast) -> None:
    for antal, said in (("0", "minst 1"), ("21", "högst 20"), ("", "Hur många"), ("två", "helt tal")):
        page = eva.post(blank(cast), {"antal": antal, "formular": "prov-1", "sprak": "sv"})
        assert said in errors_of(page)[0], antal
    assert not Samtyckesblankett.unscoped.exists()


def test_a_colleague_in_another_insats_gets_404(
    eva: Client, cast: Cast, as_user: Callable[[User], Client]
) -> None:
    where = eva.post(blank(cast), {"antal": "1", "formular": "prov-1", "sprak": "sv"}).headers["Location"]
    olle = as_user(cast.olle)
    assert olle.get(where).status_code == 404 and olle.get(blank(cast)).status_code == 404
    foreign = where.replace(f"/{cast.steget.pk}/", f"/{cast.granne.pk}/")
    assert olle.get(foreign).status_code == 404


def test_nothing_to_print(eva: Client, cast: Cast, texts: Samtyckesformular) -> None:
    assert "inga personer" in text_of(eva.get(f"/insatser/{cast.volym.pk}/samtycke/"))
    texts.texter.all().delete()
    assert "Det finns ingen text" in text_of(eva.get(blank(cast)))


# Registering with its code


def code_of_a_form(eva: Client, cast: Cast) -> str:
    eva.post(blank(cast), {"antal": "1", "formular": "prov-1", "sprak": "sv"})
    return Samtyckesblankett.unscoped.latest("pk").referenskod


def test_the_code_of_the_paper_becomes_that_of_the_samtycke(eva: Client, cast: Cast) -> None:
    code = code_of_a_form(eva, cast)
    typed = BEFORE | {"referenskod": reference_shown(code).lower()}
    page = go(eva, cast, typed, IDENTITY, START, SITUATION)
    assert reference_shown(code) in text_of(page)
    go(eva, cast, typed, IDENTITY, START, SITUATION, {})
    assert factories.samtycke_of(Deltagande.unscoped.get()).referenskod == code
    assert "hör redan till" in errors_of(go(eva, cast, typed))[0]


def test_a_wrong_code_is_told_on_the_first_page(eva: Client, cast: Cast) -> None:
    code = code_of_a_form(eva, cast)
    for typed, said in (
        (code[:-1] + ("2" if code[-1] != "2" else "3"), "något tecken är fel"),
        (new_reference(), "ingen blankett med den koden"),
        ("ABC", "ska ha 10"),
    ):
        assert said in errors_of(go(eva, cast, BEFORE | {"referenskod": typed}))[0]


# Filled in


def test_filled_in_for_somebody_registered(eva: Client, anders: Deltagande) -> None:
    page = eva.get(paper(anders))
    words = text_of(page)
    number = factories.nummer(0).digits
    assert "Anders Andersprov" in words and f"{number[:8]}-{number[8:]}" in words and no_styles(page)
    assert reference_shown(factories.samtycke_of(anders).referenskod) in words
    assert "Anders" not in title_of(page)
    assert looks(anders)[-1] == ("last", "skriv ut samtycke", "utfort") and len(looks(anders)) == 2
    assert "It is voluntary" in text_of(eva.get(paper(anders, "?sprak=en")))
    assert "It is voluntary" not in text_of(eva.get(paper(anders, "?sprak=xx")))


def test_the_sheet_says_whom_to_ask(eva: Client, cast: Cast, anders: Deltagande, settings: Any) -> None:
    settings.DATA_PROTECTION_CONTACT = "Dataskyddsombudet, Storgatan 1"
    type(cast.kust).unscoped.filter(pk=cast.kust.pk).update(kontakt=" ")
    page = eva.get(paper(anders)).content.decode()
    assert "<dd>Dataskyddsombudet, Storgatan 1</dd>" in page
    contacts = page.split('class="paper-contacts"')[1].split("</dl>")[0]
    assert contacts.count("<dd>") == 1  # no address is printed empty
    type(cast.kust).unscoped.filter(pk=cast.kust.pk).update(kontakt="Kansliet, 010-123 00 00")
    words = text_of(eva.get(paper(anders)))
    assert "Dataskyddsombudet, Storgatan 1" in words and "Kansliet, 010-123 00 00" in words
    assert "Jag tar tillbaka mitt samtycke" in words


# The scan


def send(client: Client, one: Deltagande, content: bytes, name: str = "anders.pdf") -> Any:
    return client.post(
        paper(one, "skanning/"), {"skanning": SimpleUploadedFile(name, content), "sedd": seen(one)}
    )


def seen(one: Deltagande) -> str:
    """The mark of the scan that stands on the page now."""
    return scan_mark(Samtyckesskanning.unscoped.filter(insats=one.insats_id).first())


def remove(client: Client, one: Deltagande) -> Any:
    return client.post(paper(one, "skanning/ta-bort/"), {"sedd": seen(one)}, follow=True)


def test_attached_downloaded_replaced_removed(eva: Client, anders: Deltagande) -> None:
    assert send(eva, anders, scans.pdf()).status_code == 302
    stored = Samtyckesskanning.unscoped.get()
    for piece in (scans.pdf(), b"%PDF-1.4", b"MediaBox"):
        assert piece not in bytes(stored.innehall_krypterat)
    answer = eva.get(paper(anders, "skanning/fil/"))
    assert (answer.content, answer.headers["Content-Type"]) == (scans.pdf(), "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="samtycke.pdf"'
    assert (
        answer.headers["X-Content-Type-Options"] == "nosniff"
        and "no-store" in answer.headers["Cache-Control"]
    )
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Hämta filen (PDF)" in text_of(eva.get(paper(anders, "skanning/")))
    send(eva, anders, scans.png(), "foto.pdf")
    assert eva.get(paper(anders, "skanning/fil/")).headers["Content-Type"] == "image/png"
    assert Samtyckesskanning.unscoped.count() == 1
    assert [one[:2] for one in looks(anders)][1:] == [
        ("andrat", "skannat samtycke"), ("last", "visa skannat samtycke"), ("last", "skannat samtycke"),
        ("andrat", "skannat samtycke"), ("last", "visa skannat samtycke"),
    ]  # fmt: skip
    assert "är borttaget" in text_of(remove(eva, anders))
    assert not Samtyckesskanning.unscoped.exists()
    assert eva.get(paper(anders, "skanning/fil/")).status_code == 404
    before = looks(anders)
    assert "Det finns inget" in text_of(eva.post(paper(anders, "skanning/ta-bort/"), follow=True))
    assert ("andrat", "skannat samtycke borttaget") not in [one[:2] for one in looks(anders)[len(before) :]]


def test_a_colleague_who_attached_or_removed_one_meanwhile_is_told_of(
    eva: Client, anders: Deltagande
) -> None:
    """Two open the empty page; the second is shown what the first has kept, and nothing of it is lost."""

    def post(mark: str) -> Any:
        body = {"skanning": SimpleUploadedFile("min.pdf", scans.pdf()), "sedd": mark}
        return eva.post(paper(anders, "skanning/"), body)

    empty = seen(anders)
    assert f'name="sedd" value="{empty}"' in eva.get(paper(anders, "skanning/")).content.decode()
    assert send(eva, anders, scans.png()).status_code == 302
    answer = post(empty)
    assert answer.status_code == 409 and "En kollega hann före." in errors_of(answer)[0]
    assert "Hämta filen (PNG)" in text_of(answer) and "Ersätt papperet" in text_of(answer)
    assert f'name="sedd" value="{seen(anders)}"' in answer.content.decode()
    body = {"sedd": empty}
    assert "En kollega hann före." in text_of(eva.post(paper(anders, "skanning/ta-bort/"), body, follow=True))
    assert Samtyckesskanning.unscoped.get().mediatyp == "image/png"
    first = seen(anders)
    assert post(first).status_code == 302 and Samtyckesskanning.unscoped.get().mediatyp == "application/pdf"
    remove(eva, anders)
    assert post(first).status_code == 409 and not Samtyckesskanning.unscoped.exists()


def test_the_scan_is_in_scope_only_and_goes_with_the_identity(
    eva: Client, cast: Cast, as_user: Callable[[User], Client], anders: Deltagande
) -> None:
    send(eva, anders, scans.jpeg())
    olle = as_user(cast.olle)
    assert send(olle, anders, scans.pdf()).status_code == 404
    assert olle.get(paper(anders, "skanning/fil/")).status_code == 404
    assert olle.post(paper(anders, "skanning/ta-bort/")).status_code == 404
    assert as_user(cast.ada).get(paper(anders, "skanning/fil/")).status_code == 403
    assert Samtyckesskanning.unscoped.get().mediatyp == "image/jpeg"
    with factories.as_system():
        withdraw_samtycke([anders.pk])
    assert not Samtyckesskanning.unscoped.exists()
    assert eva.get(paper(anders, "skanning/fil/")).status_code == 404


@pytest.mark.parametrize("what", ["empty", "html in pdf clothes", "pdf and zip", "heic", "too large"])
def test_hostile_files_are_refused_with_words(eva: Client, anders: Deltagande, what: str) -> None:
    content, said = scans.HOSTILE[what]
    began = time.process_time()
    page = send(eva, anders, content)
    assert time.process_time() - began < 1
    assert said in errors_of(page)[0] and not Samtyckesskanning.unscoped.exists()


def test_no_file_two_files_and_the_largest_that_is_taken(eva: Client, anders: Deltagande) -> None:
    assert errors_of(eva.post(paper(anders, "skanning/"))) == ["Välj den skannade filen eller fotot."]
    large = scans.pdf(b"%" + b"x" * (MOST_BYTES - len(scans.pdf()) - 2) + b"\n")
    assert len(large) == MOST_BYTES
    assert send(eva, anders, large).status_code == 302
    files = [SimpleUploadedFile(f"{n}.png", scans.png()) for n in range(2)]
    assert eva.post(paper(anders, "skanning/"), {"skanning": files, "sedd": seen(anders)}).status_code == 302
    assert Samtyckesskanning.unscoped.get().mediatyp == "image/png"
