"""The start page: what is to be done leads straight to the act; planned uttag from plan to start page."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, PlaneratUttag, Utkast
from registration.rules.aggregates import FEWEST
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.drafts import Place, save_draft
from registration.rules.planned import missing_for, plan_mark, remove_plan, set_plan
from registration.rules.register import register_in
from registration.rules.worklist import open_too_long
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, action_of, errors_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

AsUser = Callable[[User], Client]


def links(answer: Any) -> dict[str, str]:
    """Words → address of the tasks."""
    found = re.findall(r'<span class="task-what"><a href="([^"]+)">(.*?)</a>', answer.content.decode(), re.S)
    return {label.replace("\u00a0", " "): unescape(url) for url, label in found}


def words_of(answer: Any) -> str:
    return text_of(answer).replace("\u00a0", " ")


def plan(ar: int = 2024) -> PlaneratUttag:
    with factories.as_system():
        return set_plan(ar, timezone.localdate() + dt.timedelta(days=20), "Preliminärt uttag.")


def test_nothing_to_do(eva: Client, cast: Cast, as_user: AsUser) -> None:
    for client in (eva, as_user(cast.ada)):
        assert "Allt är gjort" in words_of(client.get("/"))
    assert "Uttag" not in words_of(eva.get("/"))


def test_each_row_leads_to_the_act(eva: Client, cast: Cast) -> None:
    today = timezone.localdate()
    with factories.as_system():
        alone = factories.registered(0, insats=cast.sista, startdatum=dt.date(2024, 2, 1))
        for n in range(1, 4):
            factories.registered(n, insats=cast.steget, startdatum=today - dt.timedelta(days=731))
        factories.registered(4, insats=cast.steget, startdatum=today - dt.timedelta(days=728))
        record_anonyma(AnonymaRad(cast.steget.pk, today.year - 1, 5, 2), seen_nr=0)
    factories.end(cast.sista)
    looked = Atkomst.objects.count()
    answer = eva.get("/")
    assert Atkomst.objects.count() == looked  # the list names nobody
    found = links(answer)
    assert found["Registrera ut 1 deltagare ur Sista biten"] == reverse(
        "registration:register_out", args=[alone.pk]
    )
    everybody = reverse("registration:deltaganden", args=[cast.steget.pk])
    long_ago = today - dt.timedelta(days=730)
    just_those = f"{everybody}?status=pagar&till={long_ago}&tillfalligt=1"
    assert found["Se över 3 deltagare i Steget vidare"] == just_those
    page = eva.get(just_those)
    assert f"började {long_ago} eller tidigare" in words_of(page)
    assert len(set(re.findall(r'href="(/deltaganden/[0-9a-f-]{36}/)"', page.content.decode()))) == 3
    assert found[f"Ange anonyma för {today.year} i Steget vidare"] == reverse(
        "registration:anonyma_set", args=[cast.steget.pk, today.year]
    )
    assert any(label.startswith("Skicka 5 samtycken") for label in found)
    for url in found.values():
        assert eva.get(url, follow=True).status_code == 200, url
    assert "Förnamn" not in words_of(answer)


def test_much_of_a_kind_is_cut(cast: Cast, as_user: AsUser) -> None:
    with factories.as_system():
        for n in range(8):
            place = factories.insats(forbund=cast.kust, namn=f"Slut {n}", slutdatum=dt.date(2024, 12, 31))
            factories.registered(n, insats=place)
    words = words_of(as_user(cast.ada).get("/"))
    assert "Slut 4" in words and "3 sådana insatser till" in words
    assert "1 deltagande utan deltagaransvarig" in words


def test_the_next_uttag_and_what_is_missing(cast: Cast, as_user: AsUser) -> None:
    one = plan()
    with factories.as_system():
        for n in range(7):
            factories.registered(n, insats=cast.steget)
    factories.end(cast.steget)
    day = f"Uttag {one.dag.day} "
    for user, sees in (
        (cast.eva, "7 utregistreringar saknas"),
        (cast.ada, "7 utregistreringar saknas"),
        (cast.nils, "7 utregistreringar saknas"),
        (cast.rita, "7 utregistreringar saknas"),
        (cast.ina, "Volym för 2024 saknas i 1 insats"),
        (cast.olle, "För 2024 saknas inga anonyma i dina insatser, och inga utregistreringar"),
    ):
        words = words_of(as_user(user).get("/"))
        assert day in words and "Preliminärt uttag." in words, user
        assert sees in words, user
    assert "7 utregistreringar saknas" in links(as_user(cast.eva).get("/"))
    assert "7 utregistreringar saknas" not in links(as_user(cast.ada).get("/"))


def test_how_soon_registrations_come_in(eva: Client, cast: Cast, as_user: AsUser) -> None:
    """Three figures each of starts and of slut: the own, those of the förbund, those of the nation."""
    cache.clear()
    today = timezone.localdate()
    beside, elsewhere = factories.insats(forbund=cast.kust), factories.insats()

    def started(first: int, count: int, place: Insats, days: int) -> None:
        day = today - dt.timedelta(days=days)
        said = {"startdatum": day, "undertecknat": day, "registrerad": None}
        register_in([factories.nytt_deltagande(n, insats=place, **said) for n in range(first, first + count)])

    assert "Så snabbt registreras det" not in words_of(eva.get("/"))  # nothing to tell yet
    with factories.acting(cast.eva):
        started(0, FEWEST, cast.steget, 3)
    with factories.as_system():
        started(10, 6, beside, 11)
        started(20, 12, elsewhere, 47)
    cache.clear()
    page = eva.get("/")
    words = words_of(page)
    assert "Så snabbt registreras det" in words and "Median av det senaste årets starter och slut." in words
    table = re.search(r"<table.*?</table>", page.content.decode(), re.S)
    assert table is not None
    cells = " ".join(unescape(re.sub(r"<[^>]+>", " ", table[0])).split())
    # Five of 3 days and six of 11 in the förbund, and twelve more of 47 in the nation; nobody has left.
    for said in ("av dig 3", "i förbundet 11", "i riket 47"):
        assert said in cells, cells
    assert "Så snabbt registreras det" not in words_of(as_user(cast.ada).get("/"))


@pytest.fixture
def many_insatser(cast: Cast) -> list[Insats]:
    """Eva's, with one open deltagande in each: six that ended in 2024 and one after, and six more that go on."""
    today = timezone.localdate()
    over = [factories.insats(forbund=cast.kust, namn=f"Slut {n}") for n in range(7)]
    on = [factories.insats(forbund=cast.kust, namn=f"Pågår {n}") for n in range(6)]
    for n, one in enumerate([*over, *on]):
        factories.uppdrag(cast.eva, Roll.DELTAGARANSVARIG, insats=one)
        with factories.as_system():
            factories.registered(n, insats=one, startdatum=dt.date(2024, 2, 1))
            if n == 0:
                factories.registered_out(factories.registered(20, insats=one))
    with factories.as_system():
        factories.registered(21, insats=on[0], startdatum=today - dt.timedelta(days=1))
    for n, one in enumerate(over):
        factories.end(one, dt.date(2024, 12, 31) if n < 6 else today - dt.timedelta(days=1))
    return [*over, *on]


def people_at(client: Client, url: str) -> set[str]:
    """The deltaganden that a list shows."""
    return set(re.findall(r'href="/deltaganden/([0-9a-f-]{36})/"', client.get(url).content.decode()))


def open_since_2024(insatser: list[Insats]) -> set[str]:
    rows = Deltagande.unscoped.filter(insats__in=insatser, aktuell_ut__isnull=True)
    return {str(one.pk) for one in rows.filter(aktuell_in__startdatum__lt=dt.date(2025, 1, 1))}


def test_each_count_leads_to_those_who_were_counted(
    eva: Client, cast: Cast, many_insatser: list[Insats]
) -> None:
    """And the list says in words which they are; who registered out is in none, who has just begun neither."""
    one = plan()
    found = links(eva.get("/"))
    with factories.acting(cast.eva):
        missing = missing_for(one).utregistreringar
        ended, long_open = open_too_long()
    for label, counted, insatser, said in (
        (
            "6 utregistreringar saknas",
            missing,
            many_insatser[:6],
            "insatsen slutade 2024-12-31 eller tidigare",
        ),
        ("2 avslutade insatser till", sum(one.antal for one in ended), many_insatser[:7], "insatsen är slut"),
        (
            "1 insats till att se över",
            sum(one.antal for one in long_open),
            many_insatser[7:],
            "insatsen pågår",
        ),
    ):
        shown = people_at(eva, found[label])
        assert len(shown) == counted and shown == open_since_2024(insatser), label
        words = words_of(eva.get(found[label]))
        assert "Valt: pågår" in words and said in words, label


def test_with_a_single_insats_the_count_still_leads_to_those(cast: Cast, as_user: AsUser) -> None:
    """The list of all insatser goes on to that of the only one, where no insats needs to be chosen."""
    plan()
    olle = as_user(cast.olle)
    with factories.as_system():
        factories.registered(0, insats=cast.granne)
        factories.registered_out(factories.registered(1, insats=cast.granne))
    factories.end(cast.granne)
    url = olle.get(links(olle.get("/"))["1 utregistrering saknas"]).headers["Location"]
    assert url.startswith(f"/insatser/{cast.granne.pk}/deltaganden/?")
    assert people_at(olle, url) == open_since_2024([cast.granne])


def test_what_is_begun_and_what_nobody_answers_for_stands_beside_the_plan(
    eva: Client, cast: Cast, as_user: AsUser
) -> None:
    plan()
    assert "Du har inga påbörjade registreringar." in words_of(eva.get("/"))
    with factories.acting(cast.eva):
        for _ in range(2):
            place = Place(Utkast.Slag.REGISTER_IN, cast.steget.pk, pk=uuid.uuid4())
            save_draft(place, "innan", {"skydd": ["nej"]})
    assert links(eva.get("/"))["2 påbörjade registreringar är inte klara"] == "/utkast/"
    ada = as_user(cast.ada)
    with factories.as_system():
        for one in Insats.unscoped.filter(registreringssatt="volym"):
            record_volym(VolymRad(one.pk, 2024, 12), seen_nr=0)
    assert "Alla som deltar har en deltagaransvarig." in words_of(ada.get("/"))
    with factories.as_system():
        factories.registered(0, insats=factories.insats(forbund=cast.kust))
    assert links(ada.get("/"))["1 deltagande utan deltagaransvarig"] == "/uppdragen/"


def test_an_empty_post_is_answered_with_what_is_missing(cast: Cast, as_user: AsUser) -> None:
    """Not with a form as if nothing had been sent."""
    nils = as_user(cast.nils)
    missing = errors_of(nils.post("/planerade-uttag/nytt/", {"ar": "", "dag": ""}))
    assert missing and errors_of(nils.post("/planerade-uttag/nytt/")) == missing


def test_plan_change_and_remove(cast: Cast, as_user: AsUser) -> None:
    nils = as_user(cast.nils)
    assert "Inget uttag är planerat" in words_of(nils.get("/"))
    assert 'href="/planerade-uttag/nytt/"' in nils.get("/").content.decode()
    year, day = timezone.localdate().year, timezone.localdate() + dt.timedelta(days=9)
    answer = nils.post(
        "/planerade-uttag/nytt/", {"ar": year, "dag": day.isoformat(), "anteckning": ""}, follow=True
    )
    assert "är planerat till" in words_of(answer)
    one = PlaneratUttag.objects.get()
    again = nils.post("/planerade-uttag/nytt/", {"ar": year, "dag": day.isoformat(), "anteckning": "Nytt."})
    assert errors_of(again) == [f"Ett uttag av {year} är redan planerat den dagen. Välj en annan."]
    seen = {"sedd": plan_mark(one)}
    late = nils.post(f"/planerade-uttag/{one.pk}/", {"ar": 2019, "dag": "2019-01-16"} | seen)
    assert errors_of(late) == ["Dagen har redan varit. Ange i dag eller en senare dag."]
    moved = day + dt.timedelta(days=1)
    answers = {"ar": year, "dag": moved.isoformat(), "anteckning": "Flyttat."}
    nils.post(f"/planerade-uttag/{one.pk}/", answers | seen)
    assert "Flyttat." in words_of(as_user(cast.eva).get("/"))
    nils.post(f"/planerade-uttag/{one.pk}/ta-bort/", {"sedd": sedd(nils.get(f"/planerade-uttag/{one.pk}/"))})
    assert not PlaneratUttag.objects.exists()
    assert "Inget uttag är planerat" in words_of(nils.get("/planerade-uttag/"))


def sedd(answer: Any) -> str:
    """What the page says that it shows, in the form and in the button that removes."""
    marks = set(re.findall(r'name="sedd" value="([0-9a-f]+)"', answer.content.decode()))
    assert len(marks) == 1
    return str(marks.pop())


def test_two_change_a_plan_at_once(cast: Cast, as_user: AsUser) -> None:
    """The second is shown what the first saved beside what was typed, and nothing is lost until one is chosen."""
    one = plan()
    there = f"/planerade-uttag/{one.pk}/"
    nora = factories.user(
        Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nora Nationell", password=PASSWORD
    )
    nils, hers = as_user(cast.nils), as_user(nora)
    seen, day = sedd(nils.get(there)), one.dag + dt.timedelta(days=1)
    theirs = {"ar": "2023", "dag": one.dag.isoformat(), "anteckning": "Från Nora."}
    assert hers.post(there, theirs | {"sedd": seen}).status_code == 302
    mine = {"ar": "2024", "dag": day.isoformat(), "anteckning": "Från Nils."}
    answer = nils.post(there, mine | {"sedd": seen})
    assert answer.status_code == 409 and PlaneratUttag.objects.get().anteckning == "Från Nora."
    words = words_of(answer)
    assert "Nora Nationell ändrade det planerade uttaget" in words and "medan du fyllde i" in words
    assert "En kollega hann före" in words and "Rätta det här" not in words
    assert "Sparat av Nora Nationell" in words and "Från Nora." in words and "Från Nils." in words
    page = answer.content.decode()
    assert 'value="2024"' in page and f'value="{day}"' in page and 'value="Från Nils."' in page
    gone = nils.post(f"{there}ta-bort/", {"sedd": seen})
    assert gone.status_code == 409 and "Det är inte borttaget." in words_of(gone)
    assert 'value="Från Nora."' in gone.content.decode()
    assert nils.post(f"{there}ta-bort/").status_code == 409  # nothing said of what was seen
    assert nils.post(there, mine | {"sedd": sedd(answer)}).status_code == 302
    now = PlaneratUttag.objects.get()
    assert (now.ar, now.dag, now.anteckning, now.satt_av) == (2024, day, "Från Nils.", cast.nils)


def test_a_change_that_nobody_saw_is_not_removed(cast: Cast, as_user: AsUser) -> None:
    """The button beside an answer that was refused says what was on the screen, and not what stands by now."""
    one = plan()
    there = f"/planerade-uttag/{one.pk}/"
    nils = as_user(cast.nils)
    seen = sedd(nils.get(there))
    with factories.as_system():
        set_plan(2023, one.dag, "Av en kollega.", plan=one)
    refused = nils.post(there, {"ar": "2024", "dag": "", "sedd": seen})
    assert nils.post(f"{there}ta-bort/", {"sedd": sedd(refused)}).status_code == 409
    assert PlaneratUttag.objects.get().anteckning == "Av en kollega."


def test_a_plan_that_a_colleague_removed_can_be_planned_anew(cast: Cast, as_user: AsUser) -> None:
    """What was typed stays, and to remove it once more is no fault."""
    one = plan()
    there, nils = f"/planerade-uttag/{one.pk}/", as_user(cast.nils)
    mine = {"ar": "2023", "dag": one.dag.isoformat(), "anteckning": "Slutligt."}
    seen = {"sedd": sedd(nils.get(there))}
    with factories.as_system():
        remove_plan(one)
    answer = nils.post(there, mine | seen)
    assert answer.status_code == 409
    assert "En kollega har tagit bort det planerade uttaget." in words_of(answer)
    assert 'value="Slutligt."' in answer.content.decode()
    assert nils.get(there).status_code == 404
    assert "är inte längre planerat" in words_of(nils.post(f"{there}ta-bort/", seen, follow=True))
    nils.post(action_of(answer), mine)
    assert PlaneratUttag.objects.get().anteckning == "Slutligt."


def test_what_two_save_alike_is_no_conflict(cast: Cast, as_user: AsUser) -> None:
    one = plan()
    there = f"/planerade-uttag/{one.pk}/"
    nils, same = as_user(cast.nils), {"ar": "2023", "dag": one.dag.isoformat(), "anteckning": ""}
    seen = sedd(nils.get(there))
    with factories.as_system():
        set_plan(2023, one.dag, plan=one)
    answer = nils.post(there, same | {"sedd": seen}, follow=True)
    assert answer.status_code == 200 and "Uttaget av 2023 är planerat till" in words_of(answer)
