"""The list of an insats's deltaganden, a deltagande's page, withdrawal and protection."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from finsam_site.access.models import Atkomst, User
from finsam_site.clock import STOCKHOLM
from finsam_site.ui.formats import day
from registration.models import Deltagande, Identitet, Inregistrering, Person, Samtycke
from registration.rules.change_number import change_number
from registration.rules.checks import local_day
from registration.rules.codes import reference_shown
from registration.rules.correct import Rattelse, correct
from registration.rules.names import NyttNamn, correct_names
from registration.views import deltaganden_list
from tests import factories
from tests.registration.pages.conftest import Cast, looks, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

AsUser = Callable[[User], Client]


def page_of(one: Deltagande, more: str = "") -> str:
    return f"/deltaganden/{one.pk}/{more}"


def digits_of(n: int) -> str:
    return factories.nummer(n).digits


# The list


def test_the_list_shows_names_and_birth_years(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(factories.registered(1, insats=cast.steget, efternamn="Borgprov"))
        factories.registered(2, insats=cast.granne, efternamn="Grannprov")
    answer = eva.get(f"/insatser/{cast.steget.pk}/deltaganden/")
    words = text_of(answer)
    assert "Andersprov, Anders" in words and "Borgprov" in words and "Grannprov" not in words
    assert str(factories.nummer(0).birth_year) in words
    for n in (0, 1):
        assert digits_of(n) not in answer.content.decode() and digits_of(n)[8:] not in words
    assert "Pågår" in words and "Avslutat" in words and "Original saknas" in words
    assert "Andersprov" not in title_of(answer)


def test_one_log_row_for_each_person_shown(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        for n in range(1, 6):
            factories.registered(n, insats=cast.steget)
    before = Atkomst.objects.count()
    with patch.object(deltaganden_list, "PER_PAGE", 4):
        eva.get(f"/insatser/{cast.steget.pk}/deltaganden/")
        rows = Atkomst.objects.order_by("pk")[before:]
        assert [(one.handling, one.syfte, one.insats) for one in rows] == [
            ("last", "lista", cast.steget.pk)
        ] * 4
        assert len({one.objekt_id for one in rows}) == 4
        second = eva.get(f"/insatser/{cast.steget.pk}/deltaganden/?sida=2")
        assert "5–6 av 6 deltaganden" in text_of(second)
        assert Atkomst.objects.count() == before + 6


@pytest.mark.parametrize(("status", "shown"), [("", 2), ("pagar", 1), ("avslutade", 1), ("konstigt", 2)])
def test_filter(eva: Client, cast: Cast, anders: Deltagande, status: str, shown: int) -> None:
    with factories.as_system():
        factories.registered_out(factories.registered(1, insats=cast.steget, efternamn="Borgprov"))
    words = text_of(eva.get(f"/insatser/{cast.steget.pk}/deltaganden/?status={status}"))
    assert ("Andersprov" in words) + ("Borgprov" in words) == shown
    if status in ("pagar", "avslutade"):
        assert ("Andersprov" in words) == (status == "pagar")


def test_empty_lists(eva: Client, cast: Cast) -> None:
    assert "Inga deltaganden ännu" in text_of(eva.get(f"/insatser/{cast.steget.pk}/deltaganden/"))
    there = f"/insatser/{cast.steget.pk}/deltaganden/?status=pagar&tillfalligt=1"
    assert "Inga sådana deltaganden" in text_of(eva.get(there))
    assert "Inga personer registreras här" in text_of(eva.get(f"/insatser/{cast.volym.pk}/deltaganden/"))


# A deltagande


def test_the_page(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.acting(cast.eva):
        new = factories.nytt_deltagande(
            0, insats=cast.steget, startdatum=dt.date(2024, 1, 16), arbetar=10
        ).uppgifter
        correct(Rattelse(anders.pk, "Fel dag.", in_=new))
    with factories.as_system():
        factories.registered_out(anders)
    before = len(looks(anders))
    answer = eva.get(page_of(anders))
    words = text_of(answer).replace("\u00a0", " ")
    for said in ("Anders Andersprov", "Sjukpenning, hel", "50 %, ordinarie arbete", "16 januari 2024",
                 "Inregistreringen rättad",
                 "Startdatum: ändrat från 15 januari 2024 → till 16 januari 2024",
                 "Arbete före: ändrat från Nej → till 10 %", "Varför: Fel dag.", "Eva Prov",
                 "Slutade i insatsen", "Registrerad in 20 januari 2024", "Avslut enligt plan",
                 "Gymnasieskola", "2 år"):  # fmt: skip
        assert said in words, said
    assert digits_of(0) not in answer.content.decode() and digits_of(0)[:8] not in words
    assert "Andersprov" not in title_of(answer)
    assert looks(anders)[before:] == [("last", "visa deltagandet", "utfort")]
    assert "Registrera ut" not in words


@pytest.mark.parametrize(
    ("first", "now"),
    [((-1), None), (0, None), (1, None), (-9, 9), (9, -9), (-9, 0)],
    ids=["yesterday", "today", "tomorrow", "corrected to come", "corrected to past", "corrected to today"],
)
def test_who_has_not_ended_yet_is_not_told_to_have(
    eva: Client, cast: Cast, anders: Deltagande, first: int, now: int | None
) -> None:
    """A last day may lie ahead too, and until it has passed it is one to come, by what holds and not by what was said
    first."""
    today = timezone.localdate()
    with factories.as_system():
        factories.registered_out(anders, slutdatum=today + dt.timedelta(days=first))
        if now is not None:
            ut = factories.ut_uppgifter(slutdatum=today + dt.timedelta(days=now))
            correct(Rattelse(anders.pk, "Fel dag.", ut=ut))
    last = first if now is None else now
    words = text_of(eva.get(page_of(anders)))
    listed = text_of(eva.get(f"/insatser/{cast.steget.pk}/deltaganden/")).split("Originalet")[-1]
    told = f"Slutar {day(today + dt.timedelta(days=last))}".replace("\u00a0", " ")
    assert (told in words, "Slutar i insatsen" in words, "Slutar" in listed) == (last >= 0,) * 3
    assert ("Avslutat" in words, "Slutade i insatsen" in words, "Avslutat" in listed) == (last < 0,) * 3


def test_who_begins_otherwise_than_was_said_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The time line and the status agree about the first day too."""
    ahead = timezone.localdate() + dt.timedelta(days=9)
    with factories.as_system():
        new = factories.nytt_deltagande(0, insats=cast.steget, startdatum=ahead).uppgifter
        correct(Rattelse(anders.pk, "Fel dag.", in_=new))
    words = text_of(eva.get(page_of(anders)))
    assert "Börjar i insatsen" in words and "Började i insatsen" not in words


def test_who_has_not_begun_yet_is_not_told_to_have(eva: Client, cast: Cast) -> None:
    """A start day may lie ahead: until it has come the page and the lists say so, and on the day it goes on."""
    today = timezone.localdate()
    ahead = today + dt.timedelta(days=40)
    with factories.as_system():
        later = factories.registered(1, insats=cast.steget, startdatum=ahead)
    words = text_of(eva.get(page_of(later)))
    assert f"Börjar {day(ahead)}".replace("\u00a0", " ") in words and "Börjar i insatsen" in words
    assert "Pågår" not in words and "Började i insatsen" not in words
    assert "Har inte börjat" in text_of(eva.get(f"/insatser/{cast.steget.pk}/deltaganden/"))
    with factories.as_system():
        now = factories.registered(2, insats=cast.steget, startdatum=today)
    words = text_of(eva.get(page_of(now)))
    assert "Pågår" in words and "Började i insatsen" in words


def history(client: Client, one: Deltagande) -> list[str]:
    """What the time line says, a line for each that happened."""
    page = client.get(page_of(one)).content.decode()
    steps = re.findall(r'<li class="step-.*?</li>', page, re.S)
    return [" ".join(re.sub("<[^>]+>", " ", each).replace("\u00a0", " ").split()) for each in steps]


def test_what_happened_in_one_day_stands_by_its_time(
    eva: Client, cast: Cast, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first whatever it is, each with its time: not by kind."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)

    def at(minute: int) -> None:
        now = noon + dt.timedelta(minutes=minute)
        monkeypatch.setattr("registration.rules.correct.writing_since", lambda: now)
        monkeypatch.setattr("registration.rules.change_number.writing_since", lambda: now)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    def works(percent: int) -> None:
        new = factories.nytt_deltagande(0, insats=cast.steget, arbetar=percent).uppgifter
        correct(Rattelse(anders.pk, "Fel.", in_=new))

    with factories.acting(cast.eva):
        at(1)
        correct_names([NyttNamn(anders.pk, efternamn="Anderzén")])
        at(2)
        works(10)
        at(3)
        change_number(anders.pk, factories.nummer(1), orsak="Nytt.")
        at(4)
        correct_names([NyttNamn(anders.pk, efternamn="Andersson")])
        at(5)
        works(20)
    monkeypatch.undo()
    told = history(eva, anders)[:5]
    assert [one.partition(" kl. ")[2][:5] for one in told] == [f"12.0{n}" for n in (5, 4, 3, 2, 1)]
    for one, what in zip(
        told, ("Inregistreringen rättad", "Namnet rättat", "Nytt personnummer") * 2, strict=False
    ):
        assert what in one
    assert not any("kl." in one for one in history(eva, anders)[5:])  # alone on their days


def test_what_has_a_day_only_stands_where_it_can_have_happened(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """A first day before what was done that day, a last one and the original after it; what became known the same day
    at that time."""
    known = dt.datetime(2024, 6, 28, 10, 5, tzinfo=STOCKHOLM)
    with factories.as_system():
        one = factories.registered(
            1, insats=cast.steget, startdatum=known.date(), undertecknat=known.date(), registrerad=known
        )
        later = known + dt.timedelta(hours=2)
        factories.registered_out(one, slutdatum=known.date(), registrerad=later)
        Samtycke.unscoped.filter(identitet__deltagande=one).update(original_skickat=known.date())
    told = history(eva, one)
    for line, words in zip(
        told,
        ("Samtyckets original skickat", "Slutade i insatsen", "Började i insatsen", "Samtycket underskrivet"),
        strict=True,
    ):
        assert words in line
    assert "känt kl. 12.05" in told[1] and "känt kl. 10.05" in told[2] and "kl." not in told[0] + told[3]


def test_the_first_and_the_last_day_stand_at_the_day_that_holds(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """What was said first stands in the correction."""
    new = factories.nytt_deltagande(0, insats=cast.steget, startdatum=dt.date(2024, 1, 17)).uppgifter
    with factories.as_system():
        factories.registered_out(anders)
    with factories.acting(cast.eva):
        correct(Rattelse(anders.pk, "Fel dag.", in_=new))
        correct(Rattelse(anders.pk, "Fel dag.", ut=factories.ut_uppgifter(slutdatum=dt.date(2024, 6, 28))))
    registered_in = Inregistrering.unscoped.get(deltagande=anders, nr=1).registrerad
    told = history(eva, anders)
    began, left = (
        next(one for one in told if one.startswith(start))
        for start in ("17 januari 2024 Började i insatsen", "28 juni 2024 Slutade i insatsen")
    )
    now, then = (day(local_day(when)).replace("\xa0", " ") for when in (timezone.now(), registered_in))
    assert f"Registrerad in {then}." in began and f"känt {now}" in began
    assert "Registrerad ut: avslut enligt plan." in left and f"känt {now}" in left
    assert any("Startdatum: ändrat från 15 januari 2024 → till 17 januari 2024" in one for one in told)
    assert not any(one.startswith(("15 januari 2024 Började", "30 juni 2024 Slutade")) for one in told)


def test_the_whole_number_is_a_click_of_its_own(eva: Client, cast: Cast, anders: Deltagande) -> None:
    before = len(looks(anders))
    answer = eva.post(page_of(anders, "personnummer/"))
    assert f"{digits_of(0)[:8]}-{digits_of(0)[8:]}" in text_of(answer)
    assert digits_of(0) not in title_of(answer)
    assert looks(anders)[before:] == [("last", "visa hela personnumret", "utfort")]
    assert eva.get(page_of(anders, "personnummer/")).status_code == 405
    assert len(looks(anders)) == before + 1


def test_a_felregistrering(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(anders, avslutsanledning="felregistrering", slutdatum=None)
    words = text_of(eva.get(page_of(anders)))
    assert "Felregistrering" in words and "Inga svar: deltagandet är en felregistrering." in words


PAGES = ("", "personnummer/", "registrera-ut/", "aterkalla/", "skydda/")


def test_who_may(cast: Cast, as_user: AsUser, anders: Deltagande) -> None:
    for user, code in ((cast.olle, 404), (cast.berit, 404), (cast.ada, 403), (cast.ina, 403), (cast.nils, 403),
                       (cast.rita, 403)):  # fmt: skip
        client = as_user(user)
        assert client.get(f"/insatser/{cast.steget.pk}/deltaganden/").status_code == code
        for one in PAGES:
            before = len(looks(anders))
            method = client.post if one == "personnummer/" else client.get
            answer = method(page_of(anders, one))
            assert answer.status_code == code, (user, one)
            assert "Andersprov" not in answer.content.decode()
            added = looks(anders)[before:]
            assert [result for _, _, result in added] == ["nekat"], (user, one)
            if one in ("aterkalla/", "skydda/", "registrera-ut/"):
                assert client.post(page_of(anders, one)).status_code == code
    assert Identitet.unscoped.filter(deltagande=anders).exists()
    assert Client().get(page_of(anders)).status_code == 302


def test_one_that_does_not_exist(eva: Client) -> None:
    for one in PAGES:
        method = eva.post if one == "personnummer/" else eva.get
        assert method(f"/deltaganden/{uuid.uuid4()}/{one}").status_code == 404


# Withdrawal and protection


def test_withdraw(eva: Client, cast: Cast, anders: Deltagande) -> None:
    code = Samtycke.unscoped.get().referenskod
    before = len(looks(anders))
    page = eva.get(page_of(anders, "aterkalla/"))
    assert "behöver inte säga varför" in text_of(page) and "Anders Andersprov" in text_of(page)
    assert "Kvar blir en rad" in text_of(page)
    assert looks(anders)[before:] == [("last", "återkalla samtycket", "utfort")]
    answer = eva.post(page_of(anders, "aterkalla/"), follow=True)
    words = text_of(answer)
    assert "Samtycket är återkallat och personuppgifterna är borttagna för gott." in words
    assert (
        reference_shown(code) in words and "Andersprov" not in words and "Eva Prov, deltagaransvarig" in words
    )
    assert answer.redirect_chain[-1][0].startswith("/kvitto/") and title_of(answer) == "Kvitto – Finsam"
    assert not Identitet.unscoped.filter(deltagande=anders).exists() and not Person.unscoped.exists()
    why = "samtycket återkallades, enligt gallringsbeslut demo"
    assert looks(anders)[before + 1 :] == [("avidentifierat", why, "utfort")]
    assert eva.get(page_of(anders)).status_code == 404
    again = eva.post(page_of(anders, "aterkalla/"), follow=True)
    assert "redan borttagna" in text_of(again)


def test_withdraw_offers_the_others_in_scope(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        second = factories.registered(0, insats=cast.sista)
        third = factories.registered(0, insats=cast.granne)
    page = eva.get(page_of(anders, "aterkalla/"))
    assert "Sista biten" in text_of(page) and "Grannen" not in text_of(page)
    eva.post(page_of(anders, "aterkalla/"), {"fler": [str(third.pk)]})
    assert Identitet.unscoped.count() == 3  # out of scope: the form does not take it
    eva.post(page_of(anders, "aterkalla/"), {"fler": [str(second.pk)]})
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [third.pk]


@pytest.mark.parametrize("act", ["aterkalla/", "skydda/"])
@pytest.mark.parametrize(("days", "told"), [(None, True), (1, True), (0, False), (-1, False)])
def test_the_pages_say_that_what_goes_on_ends_today(
    eva: Client, anders: Deltagande, act: str, days: int | None, told: bool
) -> None:
    """Open, and with a last day that has not come."""
    if days is not None:
        factories.registered_out(anders, slutdatum=timezone.localdate() + dt.timedelta(days=days))
    assert ("avslutas i dag" in text_of(eva.get(page_of(anders, act)))) is told


def test_protect(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(0, insats=cast.sista)
        elsewhere = factories.registered(0, insats=cast.granne)
    page = eva.get(page_of(anders, "skydda/"))
    assert "Sista biten" in text_of(page) and "Det går inte att ångra" in text_of(page)
    answer = eva.post(page_of(anders, "skydda/"), follow=True)
    words = text_of(answer)
    assert "Kvitto" in words and "Personen har fått skyddade personuppgifter" in words
    onward = f'href="/insatser/{cast.steget.pk}/registrera-in/utan-personuppgifter/"'
    assert onward in answer.content.decode()
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [elsewhere.pk]
    assert "Anders" not in text_of(answer)


@override_settings(ERASURE_DECISION="")
def test_without_a_decision_the_pages_say_locked(
    eva: Client, cast: Cast, anders: Deltagande, as_user: AsUser
) -> None:
    """And nothing of what is left when they are removed."""
    for act in ("aterkalla/", "skydda/"):
        page = text_of(eva.get(page_of(anders, act)))
        assert "spärras, så att ingen ser dem" in page and "Kvar blir" not in page
    receipt = text_of(eva.post(page_of(anders, "aterkalla/"), follow=True))
    assert "personuppgifterna är spärrade" in receipt and "Kvar finns" not in receipt
    assert eva.get(page_of(anders)).status_code == 404
    before = len(looks(anders))
    for act in ("aterkalla/", "skydda/"):
        again = eva.post(page_of(anders, act), {"igen": act}, follow=True)
        assert again.status_code == 200 and "Personuppgifterna är redan spärrade." in text_of(again)
    assert len(looks(anders)) == before
    assert as_user(cast.olle).post(page_of(anders, "aterkalla/")).status_code == 404, "in another insats"


def test_queries(eva: Client, cast: Cast, anders: Deltagande, django_assert_max_num_queries: Any) -> None:
    with factories.as_system():
        for n in range(1, 20):
            factories.registered(n, insats=cast.steget)
    eva.get("/insatser/")
    with django_assert_max_num_queries(14):
        eva.get(f"/insatser/{cast.steget.pk}/deltaganden/")
    with django_assert_max_num_queries(17):
        eva.get(page_of(anders))
    with django_assert_max_num_queries(14):
        eva.get(page_of(anders, "aterkalla/"))
