"""The pages of anonyma and volym: who reaches them, add one, set totals, and that nobody overwrites anybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Anonyma, Insats, Volym
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.views.counts import history
from registration.views.counts_common import Year
from tests import factories

PASSWORD = "prov-losenord-7"
pytestmark = [pytest.mark.django_db, pytest.mark.both]


@dataclass(frozen=True)
class Cast:
    """eva: deltagaransvarig of steget. ulla: her colleague. ivar: insatsansvarig of the förbund. annan: elsewhere."""

    eva: User
    ulla: User
    ivar: User
    annan: User
    steget: Insats
    natet: Insats


@pytest.fixture
def cast() -> Cast:
    with factories.as_system():
        forbund = factories.forbund(namn="Älv och kust")
        steget = factories.insats(forbund=forbund, namn="Steget vidare")
        natet = factories.volyminsats(forbund=forbund, namn="Nätet")
        return Cast(
            eva=factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Eva Prov", password=PASSWORD),
            ulla=factories.user(Roll.DELTAGARANSVARIG, insats=steget, namn="Ulla Prov", password=PASSWORD),
            ivar=factories.user(Roll.INSATSANSVARIG, forbund=forbund, namn="Ivar Prov", password=PASSWORD),
            annan=factories.user(
                Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, insats=factories.insats(), password=PASSWORD
            ),
            steget=steget,
            natet=natet,
        )


def this_year() -> int:
    return timezone.localdate().year


def log_in(client: Client, user: User, roll: Roll | None = None) -> Client:
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    if roll:
        client.post("/uppdrag/", {"uppdrag": factories.choice(user.uppdrag.get(roll=roll))})
    return client


def url(insats: Insats, what: str, ar: int | None = None, more: str = "") -> str:
    return f"/insatser/{insats.pk}/{what}/" + (f"{ar}/{more}" if ar else "")


def anonyma(insats: Insats, ar: int) -> list[tuple[int, int, int]]:
    rows = Anonyma.unscoped.filter(insats=insats, ar=ar).order_by("nr")
    return list(rows.values_list("nr", "kvinnor", "man"))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


# Who reaches them


def test_roles_and_scope(client: Client, cast: Cast) -> None:
    mine, ours = url(cast.steget, "anonyma"), url(cast.natet, "volym")
    assert log_in(client, cast.eva).get(mine).status_code == 200
    assert client.get(ours).status_code == 403
    assert client.get("/volym/").status_code == 403
    assert client.get(url(cast.natet, "anonyma")).status_code == 404
    ivar = log_in(Client(), cast.ivar)
    assert ivar.get(ours).status_code == 200
    assert ivar.get("/volym/").status_code == 200
    assert ivar.get(mine).status_code == 403
    annan = log_in(Client(), cast.annan, Roll.DELTAGARANSVARIG)
    assert annan.get(mine).status_code == 404
    assert (
        annan.post(
            url(cast.steget, "anonyma", this_year(), "lagg-till/"), {"kon": "K", "seen_nr": 0}
        ).status_code
        == 404
    )
    assert log_in(Client(), cast.annan, Roll.INSATSANSVARIG).get(ours).status_code == 404
    assert Client().get(mine).status_code == 302


def test_an_insats_of_the_other_sort_says_so(client: Client, cast: Cast) -> None:
    page = text(log_in(client, cast.ivar).get(url(cast.steget, "volym")))
    assert "I insatsen registreras personer" in page
    assert client.get(url(cast.steget, "volym", this_year())).status_code == 404


@pytest.mark.parametrize("ago", [-1, 2])
def test_other_years_are_not_there(client: Client, cast: Cast, ago: int) -> None:
    log_in(client, cast.eva)
    assert client.get(url(cast.steget, "anonyma", this_year() - ago)).status_code == 404


# Add one


def test_add_one(client: Client, cast: Cast) -> None:
    log_in(client, cast.eva)
    add = url(cast.steget, "anonyma", this_year(), "lagg-till/")
    page = client.post(add, {"kon": "K", "seen_nr": 0}, follow=True)
    assert "En kvinna är tillagd" in text(page) and "1 kvinna och 0 män" in text(page)
    client.post(add, {"kon": "M", "seen_nr": 1})
    assert anonyma(cast.steget, this_year()) == [(1, 1, 0), (2, 1, 1)]
    page = client.get(url(cast.steget, "anonyma"))
    assert "Eva Prov" in text(page) and 'name="seen_nr" value="2"' in text(page)
    assert client.get(add).status_code == 405


@pytest.mark.parametrize("data", [{}, {"kon": "X", "seen_nr": 0}, {"kon": "K"}, {"kon": "K", "seen_nr": -1}])
def test_what_no_button_of_ours_sends(client: Client, cast: Cast, data: dict[str, Any]) -> None:
    log_in(client, cast.eva)
    assert client.post(url(cast.steget, "anonyma", this_year(), "lagg-till/"), data).status_code == 400
    assert anonyma(cast.steget, this_year()) == []


def test_two_who_add_to_the_same_version(client: Client, cast: Cast) -> None:
    """The second sees both totals and is asked again; then both are counted."""
    add = url(cast.steget, "anonyma", this_year(), "lagg-till/")
    log_in(Client(), cast.ulla).post(add, {"kon": "K", "seen_nr": 0})
    answer = log_in(client, cast.eva).post(add, {"kon": "M", "seen_nr": 0})
    page = text(answer)
    assert answer.status_code == 409
    assert "En kollega har ändrat antalet" in page and "Ulla Prov" in page
    assert "1 kvinna och 0 män" in page and "1 kvinna och 1 man" in page
    assert 'name="seen_nr" value="1"' in page
    assert anonyma(cast.steget, this_year()) == [(1, 1, 0)]
    client.post(add, {"kon": "M", "seen_nr": 1})
    assert anonyma(cast.steget, this_year())[-1] == (2, 1, 1)


def test_a_double_press_adds_one(client: Client, cast: Cast) -> None:
    log_in(client, cast.eva)
    add = url(cast.steget, "anonyma", this_year(), "lagg-till/")
    client.post(add, {"kon": "K", "seen_nr": 0})
    answer = client.post(add, {"kon": "K", "seen_nr": 0})
    assert answer.status_code == 409 and "Kanske tryckte du två gånger" in text(answer)
    assert anonyma(cast.steget, this_year()) == [(1, 1, 0)]


def test_a_year_in_which_the_insats_did_not_run(client: Client, cast: Cast) -> None:
    Insats.unscoped.filter(pk=cast.steget.pk).update(startdatum=dt.date(this_year(), 1, 1))
    log_in(client, cast.eva)
    assert f"Insatsen pågick inte {this_year() - 1}" in text(client.get(url(cast.steget, "anonyma")))
    add = url(cast.steget, "anonyma", this_year() - 1, "lagg-till/")
    assert "Insatsen pågick inte år" in text(client.post(add, {"kon": "K", "seen_nr": 0}, follow=True))
    assert anonyma(cast.steget, this_year() - 1) == []


# Set the totals


def test_set_anonyma(client: Client, cast: Cast) -> None:
    log_in(client, cast.eva)
    form = url(cast.steget, "anonyma", this_year() - 1)
    assert client.get(form).status_code == 200
    page = client.post(form, {"kvinnor": "1 200", "man": "0", "seen_nr": 0}, follow=True)
    assert "1 200 kvinnor och 0 män" in text(page)
    assert anonyma(cast.steget, this_year() - 1) == [(1, 1200, 0)]
    page = client.post(form, {"kvinnor": "-1", "man": "", "seen_nr": 1})
    assert "Skriv 0 eller ett högre tal." in text(page) and "Ange antal män." in text(page)


def test_a_form_from_an_older_version_loses_nothing(client: Client, cast: Cast) -> None:
    with factories.acting(cast.ulla):
        record_anonyma(AnonymaRad(cast.steget.pk, this_year(), 3, 2), seen_nr=0)
    log_in(client, cast.eva)
    form = url(cast.steget, "anonyma", this_year())
    answer = client.post(form, {"kvinnor": "7", "man": "8", "seen_nr": 0})
    page = text(answer)
    assert answer.status_code == 409
    for words in (
        "3 kvinnor och 2 män",
        "7 kvinnor och 8 män",
        "Ulla Prov",
        'value="7"',
        'name="seen_nr" value="1"',
    ):
        assert words in page, words
    assert anonyma(cast.steget, this_year()) == [(1, 3, 2)]
    client.post(form, {"kvinnor": "7", "man": "8", "seen_nr": 1})
    assert anonyma(cast.steget, this_year())[-1] == (2, 7, 8)


def test_set_volym(client: Client, cast: Cast) -> None:
    log_in(client, cast.ivar)
    form = url(cast.natet, "volym", this_year())
    page = client.post(form, {"antal": "10", "kvinnor": "8", "man": "3", "seen_nr": 0})
    assert "Kvinnor och män är tillsammans fler än antalet." in text(page)
    page = client.post(form, {"antal": "10", "kvinnor": "6", "man": "", "seen_nr": 0}, follow=True)
    assert "10 deltagare, varav 6 kvinnor" in text(page)
    stored = Volym.unscoped.get(insats=cast.natet)
    assert (stored.antal, stored.kvinnor, stored.man) == (10, 6, None)
    answer = client.post(form, {"antal": "12", "kvinnor": "", "man": "", "seen_nr": 0})
    assert answer.status_code == 409 and "12 deltagare, kön inte angivet" in text(answer)


def test_what_is_given_and_what_is_missing(client: Client, cast: Cast) -> None:
    log_in(client, cast.ivar)
    assert "saknas" in text(client.get("/"))
    assert "Saknas" in text(client.get("/volym/"))
    with factories.acting(cast.ivar):
        for ar in (this_year(), this_year() - 1):
            record_volym(VolymRad(cast.natet.pk, ar, 4321), seen_nr=0)
    page = text(client.get("/volym/"))
    assert "Saknas" not in page and "4 321" in page
    assert "Volymen är angiven för alla dina insatser." in text(client.get("/"))


def test_pages_ask_the_database_little(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with factories.acting(cast.eva):
        for nr in range(5):
            record_anonyma(AnonymaRad(cast.steget.pk, this_year(), nr, nr), seen_nr=nr)
    log_in(client, cast.eva).get("/")
    with django_assert_max_num_queries(14):
        client.get(url(cast.steget, "anonyma"))
    ivar = log_in(Client(), cast.ivar)
    with django_assert_max_num_queries(14):
        ivar.get("/volym/")


@pytest.mark.parametrize(
    ("registered", "received", "told"),
    [("2024-06-03T21:30", "2024-06-03T22:30", True), ("2024-06-03T21:30", "2024-06-03T21:59", False),
     ("2024-06-03T22:30", "2024-06-04T10:00", False)],
)  # fmt: skip
def test_when_a_count_became_known_is_told_by_the_days_of_stockholm(
    cast: Cast, registered: str, received: str, told: bool
) -> None:
    """Midnight there is ten in the evening of UTC in June (DOMAIN §5)."""
    when, later = (dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (registered, received))
    one = Volym(
        insats=cast.natet, ar=2024, antal=12, registrerad=when, mottagen=later, registrerad_av=cast.ivar
    )
    line = history([Year(2024, [one])])
    assert line is not None and line.steps[0].known == (later if told else None)
