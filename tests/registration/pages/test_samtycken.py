"""The register of samtycken by the pages: who sees what, marking many at once, every code answered."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Samtycke
from registration.rules.codes import reference_shown
from registration.rules.samtycke import MOST_CODES, Vantan
from registration.views.samtycke_words import awaited_url
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, errors_of, looks, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

REGISTER, SENT, RECEIVED = "/samtycken/", "/samtycken/skickade/", "/samtycken/mottagna/"
SENT_CODES = f"{SENT}koder/"


@pytest.fixture
def ines(cast: Cast, as_user: Callable[[User], Client]) -> Client:
    user = factories.user(Roll.SAMTYCKESMOTTAGARE, national=True, namn="Ines Prov", password=PASSWORD)
    return as_user(user)


@pytest.fixture
def berta(cast: Cast) -> Deltagande:
    """Somebody in another insats, whom eva may not see."""
    return factories.registered(1, insats=cast.granne, fornamn="Berta", efternamn="Bertaprov")


def code(one: Deltagande) -> str:
    return factories.samtycke_of(one).referenskod


def test_names_for_the_deltagaransvarig_codes_for_the_samtyckesmottagare(
    eva: Client, ines: Client, anders: Deltagande, berta: Deltagande
) -> None:
    words = text_of(eva.get(REGISTER))
    assert (
        "Andersprov, Anders" in words
        and reference_shown(code(anders)) in words
        and "Original saknas" in words
    )
    assert "Bertaprov" not in words and reference_shown(code(berta)) not in words
    assert looks(anders)[1:] == [("last", "lista samtycken", "utfort")] and len(looks(berta)) == 1
    words = text_of(ines.get(REGISTER))
    for one in (anders, berta):
        assert reference_shown(code(one)) in words
    assert "Andersprov" not in words and "Bertaprov" not in words and "Steget vidare" in words
    assert len(looks(anders)) == 2 and len(looks(berta)) == 1


def test_filters_and_order(eva: Client, cast: Cast, anders: Deltagande) -> None:
    late = factories.registered(2, insats=cast.sista, undertecknat=factories.UNDERTECKNAT.replace(day=9))
    came = factories.registered(3, insats=cast.sista, original_mottaget=factories.START)
    page = text_of(eva.get(REGISTER))
    assert page.index(reference_shown(code(late))) < page.index(reference_shown(code(anders)))
    page = text_of(eva.get(REGISTER, {"ordning": "nyast"}))
    assert page.index(reference_shown(code(late))) > page.index(reference_shown(code(anders)))
    for status, shown in {
        "": {anders, late}, "att-skicka": {anders, late}, "saknas": {anders, late}, "skickat": set(),
        "mottaget": {came}, "aterkallat": set(), "alla": {anders, late, came}, "finns-inte": {anders, late},
    }.items():  # fmt: skip
        page = text_of(eva.get(REGISTER, {"status": status}))
        assert {one for one in (anders, late, came) if reference_shown(code(one)) in page} == shown, status


@pytest.mark.parametrize(
    ("vantan", "address"),
    [
        (Vantan.ALLA, "/samtycken/"),
        (Vantan.ATT_SKICKA, "/samtycken/?status=att-skicka"),
        (Vantan.FORSENADE, "/samtycken/?status=saknas"),
        (Vantan.LETA_EFTER, "/samtycken/?status=leta-efter"),
    ],
)
def test_what_is_waited_for_has_its_list(eva: Client, vantan: Vantan, address: str) -> None:
    assert awaited_url(vantan) == address
    assert f'<a href="{address}" aria-current="true">' in eva.get(address).content.decode()


def test_those_that_were_sent_and_have_not_come_are_looked_for(
    eva: Client, cast: Cast, anders: Deltagande, settings: Any
) -> None:
    """The row of the start page leads to exactly those: sent, and so long ago that they should be here."""
    today, settings.SAMTYCKE_REMINDER_DAYS = timezone.localdate(), 90
    long_ago, lately = today - dt.timedelta(days=91), today - dt.timedelta(days=90)

    def sent(n: int, signed: dt.date, **more: Any) -> Deltagande:
        days = {"undertecknat": signed, "startdatum": signed, "original_skickat": signed}
        return factories.registered(n, insats=cast.sista, registrerad=None, **days, **more)

    lost, on_its_way = sent(1, long_ago), sent(2, lately)
    came = sent(3, long_ago, original_mottaget=today)
    assert (
        '<a href="/samtycken/?status=leta-efter">Leta efter 1 samtycke</a>' in eva.get("/").content.decode()
    )
    eva.post(SENT, {"samtycke": str(factories.samtycke_of(anders).pk)})  # signed long ago, and sent today
    page = eva.get(REGISTER, {"status": "leta-efter"})
    words = text_of(page)
    assert reference_shown(code(lost)) in words
    for one in (on_its_way, came, anders):
        assert reference_shown(code(one)) not in words
    assert "<strong>Skickade men inte framme</strong>" in page.content.decode()


def test_ticked_rows_are_sent_today(eva: Client, cast: Cast, anders: Deltagande) -> None:
    two = factories.registered(2, insats=cast.sista)
    page = eva.get(REGISTER, {"status": "att-skicka"})
    ids = [str(factories.samtycke_of(one).pk) for one in (anders, two)]
    assert all(f'value="{one}"' in page.content.decode() for one in ids)
    answer = eva.post(SENT, {"samtycke": ids}, follow=True)
    assert "2 original är markerade som skickade i dag." in text_of(answer)
    assert factories.samtycke_of(anders).original_skickat == timezone.localdate()
    answer = eva.post(SENT, {"samtycke": ids[:1]}, follow=True)
    assert "1 var redan markerat." in text_of(answer)
    assert eva.post(SENT, {"samtycke": "inget-id"}).status_code == 400


def test_nothing_ticked_is_an_error_as_elsewhere(eva: Client, anders: Deltagande) -> None:
    """In the title and the summary, which leads to the first box; with nothing to tick there is no error."""
    answer = eva.post(SENT, follow=True)
    page, pk = answer.content.decode(), factories.samtycke_of(anders).pk
    assert errors_of(answer) == ["Kryssa för de samtycken som du har skickat."]
    assert "<title>Fel: Samtycken" in page and "Inget är markerat än" in page
    assert f'<a href="#valj-{pk}">' in page and f'id="valj-{pk}"' in page and "notice-plain" not in page
    assert "Fel: " not in eva.get(REGISTER, {"status": "att-skicka"}).content.decode()
    eva.post(SENT, {"samtycke": str(pk)})
    assert errors_of(eva.post(SENT, follow=True)) == []


def test_all_on_the_page_are_ticked_at_once(
    eva: Client, ines: Client, cast: Cast, anders: Deltagande
) -> None:
    """By a link, which keeps what the list shows; nothing is marked by it. One alone needs no such link."""
    choice = "?status=att-skicka&amp;ordning=nyast"
    page = eva.get(REGISTER, {"status": "att-skicka", "ordning": "nyast"}).content.decode()
    assert "Kryssa för alla" not in page
    factories.registered(2, insats=cast.sista)
    page = eva.get(REGISTER, {"status": "att-skicka", "ordning": "nyast"}).content.decode()
    assert f'href="{REGISTER}{choice}&amp;kryss=alla"' in page and "checked" not in page
    page = eva.get(REGISTER, {"status": "att-skicka", "ordning": "nyast", "kryss": "alla"}).content.decode()
    assert page.count(" checked>") == 2 and "Ta bort alla kryss" in page
    assert not Samtycke.unscoped.filter(original_skickat__isnull=False).exists()
    assert "Kryssa för alla" not in text_of(ines.get(REGISTER))


def test_nobody_else_may_mark(eva: Client, ines: Client, cast: Cast, as_user: Any, berta: Deltagande) -> None:
    theirs = factories.samtycke_of(berta)
    assert eva.post(SENT, {"samtycke": str(theirs.pk)}).status_code == 403
    assert ines.post(SENT, {"samtycke": str(theirs.pk)}).status_code == 403
    assert eva.post(RECEIVED, {"koder": theirs.referenskod}).status_code == 403
    assert as_user(cast.ada).get(REGISTER).status_code == 403
    assert not Samtycke.unscoped.exclude(original_skickat=None, original_mottaget=None).exists()


def test_codes_are_received_and_each_is_answered(ines: Client, anders: Deltagande, berta: Deltagande) -> None:
    today = timezone.localdate().isoformat()
    body = {"koder": f"{code(anders).lower()}\r\n\r\n{reference_shown(code(berta))}\r\nABC\r\n", "dag": today}
    answer = ines.post(RECEIVED, body)
    words = text_of(answer)
    assert "2 av 3 koder markerades som mottagna. 1 kod står kvar i fältet." in words
    assert words.index("Fel i koden") < words.index("Markerat")  # what needs a hand stands first
    assert "Koden har 3 tecken men ska ha 10. Läs av den igen." in words
    assert "Andersprov" not in words and left(answer) == ["ABC"] and tones(answer) == ["wait"]
    answer = ines.post(RECEIVED, body)
    assert text_of(answer).count("Redan markerat") == 2 and left(answer) == ["ABC"]
    assert factories.samtycke_of(berta).original_mottaget == timezone.localdate()


def test_codes_are_sent_and_each_is_answered(
    eva: Client, cast: Cast, anders: Deltagande, berta: Deltagande
) -> None:
    """As the samtyckesmottagare is answered; a code of another insats is one that never was."""
    assert f'href="{SENT_CODES}"' in eva.get(REGISTER).content.decode()
    two = factories.registered(2, insats=cast.sista)
    today = timezone.localdate().isoformat()
    typed = (code(anders).lower(), "", reference_shown(code(berta)), f" {reference_shown(code(two))} ", "ABC")
    body = {"koder": "\r\n".join(typed), "dag": today}
    answer = eva.post(SENT_CODES, body)
    words = text_of(answer)
    assert "2 av 4 koder markerades som skickade." in words and words.count("Okänd kod") == 1
    assert "i dina insatser" in words and words.index("Okänd kod") < words.index("Markerat")
    assert f"Skickat {today}." in words and "Mottaget" not in words
    assert "Andersprov" not in words and "Bertaprov" not in words
    assert left(answer) == [reference_shown(code(berta)), "ABC"]
    answer = eva.post(SENT_CODES, body)
    assert text_of(answer).count("Redan markerat") == 2 and left(answer) == [
        reference_shown(code(berta)),
        "ABC",
    ]
    assert [factories.samtycke_of(one).original_skickat for one in (anders, two, berta)] == [
        timezone.localdate(),
        timezone.localdate(),
        None,
    ]
    assert looks(anders)[2:] == [("andrat", "samtyckets original skickat", "utfort")]
    assert len(looks(berta)) == 1


def left(answer: Any) -> list[str]:
    """The codes that stand in the field."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.content.decode(), re.S)
    assert found
    return html.unescape(found[1]).split("\n")[1:] if found[1].strip() else []


def tones(answer: Any) -> list[str]:
    """Of the notices on the page."""
    return re.findall(r'class="notice notice-(\w+)"', answer.content.decode())


def test_the_banner_is_as_good_as_what_happened(ines: Client, anders: Deltagande, berta: Deltagande) -> None:
    """Green when nothing is left to do; nothing marked and something to correct is an error of the field."""
    body = {"koder": "ABC\nHQY6C0AHPO", "dag": timezone.localdate().isoformat()}
    answer = ines.post(RECEIVED, body)
    told = "Ingen kod är markerad. Tabellen visar varför. Rätta dem som står kvar i fältet och tryck på Markera som"
    assert errors_of(answer) == [f"{told} mottagna igen."] and tones(answer) == []
    assert "<title>Fel: " in answer.content.decode() and left(answer) == ["ABC", "HQY6C0AHPO"]
    assert "Tecknen ”0” och ”O” finns aldrig i en kod. Läs av den igen." in text_of(answer)
    answer = ines.post(RECEIVED, body | {"koder": f"{code(anders)}, {reference_shown(code(berta))}"})
    assert "2 av 2 koder markerades som mottagna." in text_of(answer)
    assert tones(answer) == ["good"] and left(answer) == [] and errors_of(answer) == []
    answer = ines.post(RECEIVED, body | {"koder": code(anders)})
    assert "Ingen kod behövde markeras. Tabellen visar varför." in text_of(answer)
    assert tones(answer) == ["plain"] and left(answer) == []


def test_what_is_wrong_with_codes_to_send_is_told(eva: Client, ines: Client, anders: Deltagande) -> None:
    today = timezone.localdate()
    assert errors_of(eva.post(SENT_CODES, {"koder": " ", "dag": today})) == [
        "Skriv eller skanna minst en referenskod."
    ]
    later = today.replace(year=today.year + 1, day=1)
    assert "framtiden" in errors_of(eva.post(SENT_CODES, {"koder": code(anders), "dag": later}))[0]
    assert "Fel dag" in text_of(eva.post(SENT_CODES, {"koder": code(anders), "dag": "2023-01-01"}))
    assert ines.post(SENT_CODES, {"koder": code(anders), "dag": today}).status_code == 403
    assert factories.samtycke_of(anders).original_skickat is None


def test_what_is_wrong_with_the_codes_is_told(ines: Client, anders: Deltagande) -> None:
    today = timezone.localdate()
    assert errors_of(ines.post(RECEIVED, {"koder": " ", "dag": today})) == [
        "Skriv eller skanna minst en referenskod."
    ]
    later = today.replace(year=today.year + 1, day=1)
    assert "framtiden" in errors_of(ines.post(RECEIVED, {"koder": "A", "dag": later}))[0]
    many = "\n".join(str(n) for n in range(MOST_CODES + 1))
    assert "Dela upp dem" in errors_of(ines.post(RECEIVED, {"koder": many, "dag": today}))[0]
    early = text_of(ines.post(RECEIVED, {"koder": code(anders), "dag": "2023-01-01"}))
    assert "Fel dag" in early and "2024-01-10" in early
    assert factories.samtycke_of(anders).original_mottaget is None


def test_the_start_page_says_how_many_are_waited_for(ines: Client, anders: Deltagande) -> None:
    words = text_of(ines.get("/"))
    assert "Samtycken att ta emot" in words and "Inte mottagna" in words and "Försenade" in words
    ines.post(RECEIVED, {"koder": code(anders), "dag": timezone.localdate()})
    assert "Alla samtycken som är registrerade har kommit." in text_of(ines.get("/"))
