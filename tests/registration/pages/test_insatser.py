"""Insatser and förbund to read, and what stands on the start page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.models import Atkomst, User
from registration.models import Forbund, ForbundAr, InsatsAgande, InsatsAr, InsatsBehovsgrupp, InsatsPart
from registration.views.forbund_money import money_table
from tests import factories
from tests.registration.pages.conftest import Cast, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

AsUser = Callable[[User], Client]


def test_each_sees_the_own_insatser(cast: Cast, as_user: AsUser) -> None:
    everything = {"Steget vidare", "Sista biten", "Grannen", "Ung framtid", "Samtalet"}
    for user, own in (
        (cast.eva, {"Steget vidare", "Sista biten", "Samtalet"}),
        (cast.olle, {"Grannen"}),
        (cast.berit, {"Ung framtid"}),
        (cast.ada, everything - {"Ung framtid"}),
        (cast.ina, everything - {"Ung framtid"}),
        (cast.nils, everything),
    ):
        words = text_of(as_user(user).get("/insatser/")).split("Insatser", 2)[-1]
        assert {name for name in everything if name in words} >= own, user
        assert not {name for name in everything - own if name in words}, user
    assert as_user(cast.rita).get("/insatser/").status_code == 403


def test_the_menu_marks_where_it_led(cast: Cast, as_user: AsUser) -> None:
    """Also with a single insats, where its items lead straight to pages of the insats; and what is done from there."""
    olle, insats = as_user(cast.olle), f"/insatser/{cast.granne.pk}/"
    with factories.as_system():
        one = factories.registered(insats=cast.granne)
    for path, label in (
        ("/", "Start"),
        ("/registrera-in/", "Registrera deltagare"),
        (f"{insats}registrera-in/utan-personuppgifter/", "Registrera deltagare"),
        ("/deltagare/", "Deltagare"),
        (f"{insats}registrera-ut/", "Deltagare"),
        (f"/deltaganden/{one.pk}/registrera-ut/", "Deltagare"),
        ("/insatser/", "Insatser"),
        (insats, "Insatser"),
        (f"{insats}anonyma/", "Insatser"),
    ):
        page = olle.get(path, follow=True).content.decode()
        marked = re.findall(r'aria-current="page">([^<]*)</a></li>', page.partition("</nav>")[0])
        assert marked == [label], path


def test_counts_without_persons(cast: Cast, as_user: AsUser) -> None:
    with factories.as_system():
        for n in range(3):
            factories.registered(n, insats=cast.steget)
        factories.registered_out(factories.registered(3, insats=cast.steget))
    before = Atkomst.objects.count()
    for user in (cast.ada, cast.ina, cast.nils, cast.eva):
        client = as_user(user)
        for path in ("/insatser/", f"/insatser/{cast.steget.pk}/"):
            words = text_of(client.get(path))
            assert " 3 " in words and "bara antal" in words or "Deltar nu 3" in words, (user, path)
            assert "Förnamn" not in words
    assert Atkomst.objects.count() == before


def test_an_insats(eva: Client, cast: Cast, as_user: AsUser) -> None:
    InsatsAr.objects.create(insats=cast.steget, ar=2024, planerat_antal=40, budget=1_250_000, utfall=998_000)
    InsatsBehovsgrupp.objects.create(insats=cast.steget, kod="psykisk_ohalsa")
    InsatsPart.objects.create(insats=cast.steget, kod="af")
    words = text_of(eva.get(f"/insatser/{cast.steget.pk}/")).replace("\u00a0", " ")
    for said in ("Individinriktad", "Rehabiliteringsinsats för arbete", "Psykisk ohälsa", "Arbetsförmedlingen",
                 "1 250 000", "998 000", "40", "Älv och kust", "Registrera in", "Deltaganden"):  # fmt: skip
        assert said in words, said
    for user in (cast.ada, cast.ina, cast.nils):
        page = as_user(user).get(f"/insatser/{cast.steget.pk}/")
        assert "registrera-in/" not in page.content.decode() and "1 250 000" in text_of(page).replace(
            "\u00a0", " "
        )
    volym = f"/insatser/{cast.volym.pk}/"
    assert f"{volym}registrera-in/" not in eva.get(volym).content.decode()
    assert f'href="{volym}volym/"' in as_user(cast.ina).get(volym).content.decode()
    for user, code in ((cast.olle, 404), (cast.berit, 404), (cast.rita, 403)):
        assert as_user(user).get(f"/insatser/{cast.steget.pk}/").status_code == code
    assert as_user(cast.ada).get(f"/insatser/{cast.framtid.pk}/").status_code == 404


def test_when_it_has_ended_registering_out_comes_first_while_somebody_is_left(
    eva: Client, cast: Cast
) -> None:
    """On its own page and above its list; one primary on each."""
    one = factories.registered(0, insats=cast.steget)

    def acts(path: str) -> list[tuple[str, str]]:
        page = eva.get(path).content.decode()
        return re.findall(r'class="button button-(primary|secondary)" href="[^"]*">(Registrera [^<]*)<', page)

    page = f"/insatser/{cast.steget.pk}/"
    assert acts(page) == [("primary", "Registrera in")]
    assert acts(f"{page}deltaganden/") == [("primary", "Registrera in"), ("secondary", "Registrera ut flera")]
    factories.end(cast.steget)
    for path in (page, f"{page}deltaganden/"):
        assert acts(path) == [("primary", "Registrera ut flera"), ("secondary", "Registrera in")], path
    factories.registered_out(one)
    for path in (page, f"{page}deltaganden/"):
        assert acts(path) == [("primary", "Registrera in")], path


def test_a_forbund(cast: Cast, as_user: AsUser) -> None:
    ForbundAr.objects.create(forbund=cast.kust, ar=2024, post="stat", budget=7_000_000)
    ForbundAr.objects.create(forbund=cast.kust, ar=2024, post="personal", utfall=812_000)
    with factories.as_system():
        gamla = factories.forbund(namn="Gamla kusten", slutdatum=dt.date(2023, 12, 31), uppgatt_i=cast.kust)
    InsatsAr.objects.create(insats=cast.steget, ar=2024, budget=1_234_000)
    words = text_of(as_user(cast.ada).get(f"/forbund/{cast.kust.pk}/")).replace("\u00a0", " ")
    for said in (
        "Upplands Väsby",
        "7 000 000",
        "Insatser tillsammans",
        "1 234 000",
        "Staten",
        "Personalkostnader",
        "Steget vidare",
        "Gamla kusten",
    ):
        assert said in words, said
    old = as_user(cast.ada).get(f"/forbund/{gamla.pk}/")
    assert "Uppgått i Älv och kust" in text_of(old) and "har upphört" in text_of(old)
    mine = text_of(as_user(cast.eva).get(f"/forbund/{cast.kust.pk}/"))
    assert "Steget vidare" in mine and "Grannen" not in mine
    assert as_user(cast.rita).get(f"/forbund/{cast.kust.pk}/").status_code == 200
    assert as_user(cast.nils).get(f"/forbund/{cast.framtid.forbund_id}/").status_code == 200
    for user in (cast.eva, cast.ada, cast.ina, cast.rita):
        assert as_user(user).get(f"/forbund/{cast.framtid.forbund_id}/").status_code == 404


def test_start_pages(cast: Cast, as_user: AsUser) -> None:
    mine = as_user(cast.eva).get("/")
    assert (
        "Dina insatser" in text_of(mine)
        and f"/insatser/{cast.steget.pk}/registrera-in/" in mine.content.decode()
    )
    assert f"/insatser/{cast.volym.pk}/registrera-in/" not in mine.content.decode()
    for user in (cast.ada, cast.ina):
        page = as_user(user).get("/")
        assert "Grannen" in text_of(page) and "registrera-in" not in page.content.decode()


def test_queries(cast: Cast, as_user: AsUser, django_assert_max_num_queries: Any) -> None:
    with factories.as_system():
        for _ in range(15):
            factories.insats(forbund=cast.kust)
    for user, path, most in (
        (cast.eva, "/insatser/", 13), (cast.ada, "/insatser/", 14), (cast.nils, "/insatser/", 13),
        (cast.eva, "/", 20), (cast.ada, "/", 18), (cast.eva, f"/insatser/{cast.steget.pk}/", 16),
        (cast.ada, f"/forbund/{cast.kust.pk}/", 18),
    ):  # fmt: skip
        client = as_user(user)
        client.get(path)
        with django_assert_max_num_queries(most):
            client.get(path)


def test_the_money_of_a_förbund_has_its_insatser_summed(cast: Cast) -> None:
    """Of each year those that it owned at the year's end, or when they ended; ESF's part apart."""
    old, moved, esf = (
        factories.insats(forbund=cast.kust, startdatum=dt.date(2020, 1, 1), **more)
        for more in ({"slutdatum": dt.date(2023, 6, 30)}, {}, {"esf": True})
    )
    with factories.as_system():
        successor = factories.forbund()
        moved.agande.update(till=dt.date(2024, 6, 30))
        InsatsAgande.objects.create(insats=moved, forbund=successor, fran=dt.date(2024, 7, 1))
    for row, ar, money in (
        (old, 2023, {"budget": 40_000}),
        (moved, 2023, {"budget": 300_000, "utfall": 250_000}),
        (moved, 2024, {"utfall": 500_000}),
        (esf, 2024, {"utfall": 1_000, "utfall_esf": 77_000}),
    ):
        InsatsAr.objects.create(insats=row, ar=ar, **money)

    def rows(one: Forbund) -> dict[object, dict[str, object]]:
        with factories.as_system():
            cells = [dict(row.cells) for row in money_table(one).rows]
        return {row.pop("post"): row for row in cells}

    assert rows(cast.kust) == {
        "Insatskostnad utan ESF": {"budget_2023": 340_000, "utfall_2023": 250_000, "utfall_2024": 1_000},
        "Insatskostnad ESF": {"utfall_2024": 77_000},
        "Insatser tillsammans": {"budget_2023": 340_000, "utfall_2023": 250_000, "utfall_2024": 78_000},
    }
    assert rows(successor) == {
        "Insatskostnad utan ESF": {"utfall_2024": 500_000},
        "Insatser tillsammans": {"utfall_2024": 500_000},
    }
