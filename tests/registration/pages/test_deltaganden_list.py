"""Everybody in all insatser of a deltagaransvarig, and the way to registering from anywhere."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from finsam_site.ui.formats import day
from registration.forms.list_filters import SAMTYCKE, ListFilters
from registration.models import Deltagande, Uppdrag
from registration.views import deltaganden_filters, deltaganden_list
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]
AsUser = Callable[[User], Client]


def test_everybody_in_all_insatser(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """One list, newest first; each look is logged with the uppdrag that covers the insats."""
    with factories.as_system():
        factories.registered(1, insats=cast.sista, efternamn="Borgprov")
        factories.registered(2, insats=cast.granne, efternamn="Grannprov")
    before = Atkomst.objects.count()
    words = text_of(eva.get("/deltagare/"))
    assert "Andersprov" in words and "Borgprov" in words and "Grannprov" not in words
    assert "Steget vidare" in words and "Sista biten" in words
    looks = Atkomst.objects.order_by("pk")[before:]
    uppdrag = dict(Uppdrag.objects.filter(user=cast.eva).values_list("insats", "pk"))
    assert {(one.insats, one.uppdrag) for one in looks} == {
        (one.pk, uppdrag[one.pk]) for one in (cast.steget, cast.sista)
    }
    assert "Borgprov" not in text_of(eva.get("/deltagare/?status=avslutade"))


def test_with_a_single_insats_the_lists_are_skipped(cast: Cast, as_user: AsUser) -> None:
    olle = as_user(cast.olle)
    there = f"/insatser/{cast.granne.pk}/"
    assert olle.get("/deltagare/").headers["Location"] == f"{there}deltaganden/"
    assert olle.get("/registrera-in/").headers["Location"] == f"{there}registrera-in/"


def test_the_insats_to_register_in_is_chosen(eva: Client, cast: Cast) -> None:
    page = eva.get("/registrera-in/").content.decode()
    for one in (cast.steget, cast.sista):
        assert f'href="/insatser/{one.pk}/registrera-in/"' in page
    for one in (cast.volym, cast.granne):
        assert f"/insatser/{one.pk}/registrera-in/" not in page


def test_of_one_that_goes_on_and_one_that_has_ended_the_first_is_taken(eva: Client, cast: Cast) -> None:
    factories.end(cast.sista, factories.SLUT)
    assert eva.get("/registrera-in/").headers["Location"] == f"/insatser/{cast.steget.pk}/registrera-in/"
    factories.end(cast.steget, factories.SLUT)
    assert "Insatser som är avslutade" in text_of(eva.get("/registrera-in/"))


@pytest.mark.parametrize(("days", "is_offered"), [(1, True), (365, True), (366, False)])
def test_one_that_has_just_ended_is_offered_after_those_that_go_on(
    eva: Client, cast: Cast, days: int, is_offered: bool
) -> None:
    """In the menu's page and on the start page; one that ended long ago is in nobody's way."""
    last = timezone.localdate() - dt.timedelta(days=days)
    factories.end(cast.steget, last)
    late, link = f"/insatser/{cast.steget.pk}/registrera-in/", f"/insatser/{cast.sista.pk}/registrera-in/"
    page = eva.get("/registrera-in/")
    assert (page.status_code == 200) == is_offered == (late in eva.get("/").content.decode())
    if is_offered:
        assert f"Avslutad {' '.join(day(last).split())}. 0 deltar nu" in text_of(page)
        assert page.content.decode().index(link) < page.content.decode().index(late)
        start = eva.get("/").content.decode()
        assert start.index(link) < start.index(late)
    else:
        assert page.headers["Location"] == link


def test_where_nobody_is_registered(cast: Cast, as_user: AsUser) -> None:
    Uppdrag.objects.filter(user=cast.olle).update(insats=cast.volym)
    olle = as_user(cast.olle)
    for path in ("/deltagare/", "/registrera-in/"):
        assert "Inga insatser med deltagare" in text_of(olle.get(path))


def test_from_every_page_of_an_insats_to_the_others(eva: Client, cast: Cast, as_user: AsUser) -> None:
    """No dead ends: the insats leads to what can be done there, and that leads back."""
    there = f"/insatser/{cast.steget.pk}/"
    pages = {one: eva.get(there + one).content.decode() for one in ("", "deltaganden/", "anonyma/")}
    for path in ("deltaganden/", "anonyma/", "registrera-in/"):
        assert f'href="{there}{path}"' in pages[""]
    for path in ("deltaganden/", "anonyma/"):
        assert f'href="{there}"' in pages[path] and 'href="/"' in pages[path]
    ina, volym = as_user(cast.ina), f"/insatser/{cast.volym.pk}/"
    assert f'href="{volym}volym/"' in ina.get(volym).content.decode()
    back = ina.get(f"{volym}volym/").content.decode()
    assert f'href="{volym}"' in back and 'href="/volym/"' in back


# Filters, sorting, and that they are kept


@pytest.fixture
def three(cast: Cast, anders: Deltagande, settings: Any) -> list[str]:
    """Andersprov (steget, pågår, 2024-01-15), Östprov (sista, avslutad, 2024-02-01), Bergprov (sista, 2024-03-01)."""
    settings.SAMTYCKE_REMINDER_DAYS = 36_500  # signed long ago, and not yet missed
    with factories.as_system():
        out = factories.registered(
            1, insats=cast.sista, efternamn="Östprov", startdatum=dt.date(2024, 2, 1), referenskod="KOD1",
            original_skickat=dt.date(2024, 1, 22),
        )  # fmt: skip
        factories.registered_out(out)
        factories.registered(2, insats=cast.sista, efternamn="Bergprov", startdatum=dt.date(2024, 3, 1))
    return ["Andersprov", "Östprov", "Bergprov"]


def shown(client: Client, query: str = "") -> list[str]:
    """The surnames in the list, in their order."""
    page = client.get(f"/deltagare/{query}").content.decode()
    return re.findall(r'<th scope="row"><a[^>]*>([^,]+),', html.unescape(page))


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "Bergprov Östprov Andersprov"),
        ("?ordning=start", "Andersprov Östprov Bergprov"),
        ("?ordning=namn", "Andersprov Bergprov Östprov"),
        ("?ordning=-namn", "Östprov Bergprov Andersprov"),
        ("?ordning=insats", "Bergprov Östprov Andersprov"),
        ("?ordning=-insats&status=pagar", "Andersprov Bergprov"),
        ("?ordning=status", "Bergprov Andersprov Östprov"),
        ("?ordning=-status", "Östprov Bergprov Andersprov"),
        ("?ordning=forsorjning", "Bergprov Östprov Andersprov"),
        ("?status=pagar", "Bergprov Andersprov"),
        ("?fran=2024-02-01", "Bergprov Östprov"),
        ("?till=2024-02-01", "Östprov Andersprov"),
        ("?fran=2024-01-16&till=2024-02-28", "Östprov"),
        ("?samtycke=skickat", "Östprov"),
        ("?samtycke=undertecknat", "Bergprov Andersprov"),
        ("?samtycke=saknas", ""),
        ("?samtycke=mottaget", ""),
    ],
)
def test_narrowed_and_sorted(eva: Client, three: list[str], query: str, order: str) -> None:
    assert shown(eva, query) == order.split()


def test_one_word_for_a_samtycke_everywhere(eva: Client, three: list[str], settings: Any) -> None:
    """The list, its filter, the search, the deltagande's page and the register of samtycken say the same."""
    settings.SAMTYCKE_REMINDER_DAYS = 0
    assert shown(eva, "?samtycke=saknas") == ["Bergprov", "Östprov", "Andersprov"]
    assert shown(eva, "?samtycke=undertecknat") == shown(eva, "?samtycke=skickat") == []
    (one,) = re.findall(
        r'href="(/deltaganden/[^"]*)">Östprov', eva.get("/deltagare/?rensa=1").content.decode()
    )
    for page in (
        eva.get("/deltagare/"),
        eva.get("/samtycken/"),
        eva.get(one),
        eva.post("/sok/", {"sok": "Östprov"}),
    ):
        words = html.unescape(page.content.decode())
        assert '<span class="tag tag-bad">Original saknas</span>' in words and "tag-wait" not in words


def test_narrowed_to_an_own_insats(eva: Client, cast: Cast, three: list[str]) -> None:
    assert shown(eva, f"?insats={cast.steget.pk}") == ["Andersprov"]
    answer = eva.get(f"/deltagare/?insats={cast.granne.pk}")
    assert errors_of(answer) == ["Välj något ur listan."] and "Grannen" not in text_of(answer)


def test_what_was_chosen_is_kept_until_it_is_cleared(
    eva: Client, cast: Cast, three: list[str], as_user: AsUser
) -> None:
    """For this user, on this list; the page says what is chosen."""
    eva.get("/deltagare/?status=avslutade&ordning=namn")
    assert shown(eva) == ["Östprov"]
    assert "Valt: utregistrerade. Rensa" in text_of(eva.get("/deltagare/"))
    assert "Bergprov" in text_of(eva.get(f"/insatser/{cast.sista.pk}/deltaganden/"))
    assert len(shown(as_user(cast.eva))) == 3  # another browser of hers
    assert len(shown(eva, "?rensa=1")) == 3 and len(shown(eva)) == 3
    assert "Valt:" not in text_of(eva.get("/deltagare/"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?status=pagar", "pågår"),
        ("?status=avslutade", "utregistrerade"),
        *((f"?samtycke={one}", f"samtycke: {label.lower()}") for one, label in SAMTYCKE.items()),
        ("?fran=2024-02-01", "började 2024-02-01 eller senare"),
        ("?till=2024-03-01", "började 2024-03-01 eller tidigare"),
        ("?lage=pagar", "insatsen pågår"),
        ("?lage=slut", "insatsen är slut"),
        ("?slut=2024-12-31", "insatsen slutade 2024-12-31 eller tidigare"),
        (
            "?status=pagar&samtycke=skickat&fran=2024-01-01&till=2024-12-31",
            "pågår, samtycke: original skickat, började 2024-01-01 eller senare, började 2024-12-31 eller tidigare",
        ),
    ],
)
def test_what_is_chosen_is_said_in_whole_words(eva: Client, three: list[str], query: str, words: str) -> None:
    """On the page, and to who hears the table without seeing it."""
    with_something = eva.get(f"/deltagare/{query}")
    assert f"Valt: {words}. Rensa" in text_of(with_something)
    assert _caption(with_something) in ("", f"Deltaganden: {words}")


def test_the_captions_words_are_those_of_the_page(eva: Client, cast: Cast, three: list[str]) -> None:
    chosen = f"?insats={cast.sista.pk}&samtycke=skickat"
    answer = eva.get(f"/deltagare/{chosen}")
    words = "Sista biten, samtycke: original skickat"
    assert _caption(answer) == f"Deltaganden: {words}" and f"Valt: {words}. Rensa" in text_of(answer)


def _caption(answer: Any) -> str:
    """Of the table, which is hidden from the eye; empty where there is no table."""
    found = re.search(r"<caption[^>]*>(.*?)</caption>", answer.content.decode(), re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def test_wrong_days_are_told(eva: Client, three: list[str]) -> None:
    answer = eva.get("/deltagare/?fran=2024-03-01&till=2024-02-01")
    assert errors_of(answer) == ["Dagen ligger före 2024-03-01. Ändra någon av dem."]
    assert "Skriv datumet som år, månad och dag" in errors_of(eva.get("/deltagare/?fran=i+fjol"))[0]
    twice = "/deltagare/?fran=i+fjol&till=2026-02-30&slut=i+fjol"
    invalid = "Skriv datumet som år, månad och dag, till exempel 2019-01-16."
    assert errors_of(eva.get(twice)) == [
        f"Började tidigast: {invalid}",
        "Den dagen finns inte. Februari 2026 har 28 dagar.",
        f"Insatsen slutade senast: {invalid}",
    ]
    assert len(shown(eva)) == 3  # what is wrong narrows nothing and is not kept


def test_a_filter_with_an_error_is_neither_applied_nor_kept(eva: Client, three: list[str]) -> None:
    """Nor half of it; what was chosen before stays for the next visit."""
    wrong = "?fran=2024-03-01&till=2024-02-01"
    assert len(shown(eva, wrong)) == 3
    page = text_of(eva.get(f"/deltagare/{wrong}"))
    assert "Valt:" not in page and 'value="2024-03-01"' in eva.get(f"/deltagare/{wrong}").content.decode()
    assert len(shown(eva)) == 3
    assert shown(eva, "?fran=2024-02-15") == ["Bergprov"]
    assert shown(eva, f"{wrong}&status=avslutade") == ["Östprov"]  # which is right, and told
    assert shown(eva) == ["Bergprov"]


def test_what_was_kept_and_can_be_chosen_no_longer(eva: Client, cast: Cast, three: list[str]) -> None:
    with factories.as_system():
        third = factories.insats(forbund=cast.kust, namn="Den tredje")
        factories.uppdrag(cast.eva, Roll.DELTAGARANSVARIG, insats=third)
    assert shown(eva, f"?insats={third.pk}&status=pagar") == []
    Uppdrag.objects.filter(insats=third).delete()
    page = eva.get("/deltagare/")
    assert not errors_of(page) and "Valt: pågår. Rensa" in text_of(page)
    assert shown(eva) == ["Bergprov", "Andersprov"]


def test_what_a_link_chose_is_not_kept(eva: Client, cast: Cast, three: list[str]) -> None:
    """The menu shows afterwards what the user chose; the way back from somebody in the list the list as it was."""
    sista = f"/insatser/{cast.sista.pk}/deltaganden/"
    assert shown(eva, "?status=avslutade") == ["Östprov"]
    link = deltaganden_filters.narrowed_url("deltaganden", cast.sista.pk, status="pagar", till="2024-12-31")
    page = html.unescape(eva.get(link).content.decode())
    assert "Bergprov" in page and "Östprov" not in page
    (one,) = re.findall(r'href="(/deltaganden/[^"]*)">Bergprov', page)
    (back,) = re.findall(r'href="([^"]*)">Deltaganden</a>', html.unescape(eva.get(one).content.decode()))
    assert "Östprov" not in text_of(eva.get(back)) and "Valt: pågår, började" in text_of(eva.get(back))
    for more in re.findall(r'href="([^"]*ordning=[^"]*)"', page):  # sorted it is still the link's
        assert "Östprov" not in text_of(eva.get(more))
    assert "Östprov" in text_of(eva.get(sista)) and "Valt:" not in text_of(eva.get(sista))
    (back,) = re.findall(r'href="([^"]*)">Deltaganden</a>', html.unescape(eva.get(one).content.decode()))
    assert back == sista  # as it was shown last
    assert shown(eva) == ["Östprov"]


def test_what_is_sent_from_the_form_of_such_a_list_is_kept(eva: Client, cast: Cast, three: list[str]) -> None:
    page = html.unescape(
        eva.get(deltaganden_filters.narrowed_url("deltagare", status="pagar")).content.decode()
    )
    form = page.partition('<form class="form" method="get"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)) | {
        "fran": "2024-02-15"
    }
    assert sent == {"status": "pagar", "fran": "2024-02-15"}
    eva.get("/deltagare/", sent)
    assert shown(eva) == ["Bergprov"]


@pytest.mark.parametrize("query", ["?fran=2090-01-01", "?status=avslutade"])
def test_the_buttons_stay_where_nobody_is_as_chosen(
    eva: Client, cast: Cast, anders: Deltagande, query: str
) -> None:
    words = text_of(eva.get(f"/insatser/{cast.steget.pk}/deltaganden/{query}"))
    assert "Inga sådana deltaganden" in words and "Registrera in" in words and "Registrera ut flera" in words
    words = text_of(eva.get(f"/deltagare/{query}"))
    assert words.count("Registrera deltagare") == 2  # in the menu, and the button


def test_pages_keep_filter_and_order(eva: Client, three: list[str]) -> None:
    with patch.object(deltaganden_list, "PER_PAGE", 1):
        assert shown(eva, "?status=pagar&ordning=namn&sida=2") == ["Bergprov"]
        page = html.unescape(eva.get("/deltagare/?status=pagar&ordning=namn").content.decode())
    assert '"?status=pagar&ordning=namn&sida=2"' in page


def test_too_many_to_sort_by_name(eva: Client, three: list[str]) -> None:
    with patch.object(deltaganden_filters, "BOUND", 2):
        assert shown(eva, "?ordning=namn") == ["Bergprov", "Östprov", "Andersprov"]
        assert "ordning=namn" not in eva.get("/deltagare/?rensa=1").content.decode()


def test_nothing_sensitive_can_be_chosen() -> None:
    """No benefit, outcome or behovsgrupp (QUALITY §1)."""
    assert set(ListFilters.base_fields) == {"insats", "samtycke", "fran", "till", "lage", "slut"}
    assert set(deltaganden_filters._ORDERS) == {"start", "status", "insats"}
