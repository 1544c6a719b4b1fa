"""Names stand in the order of the Swedish alphabet, whatever the database and the page of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connection
from django.test import Client

from finsam_site import swedish
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.swedish import by_name
from finsam_site.ui.formats import sort_key
from registration.models import Forbund, Insats
from registration.rules.staffing import known_accounts
from registration.rules.worklist import open_too_long
from registration.rules.wrong_insats import right_insatser
from registration.views import insatser as pages
from registration.views.counts import volym_given
from registration.views.deltaganden_list import persons_insatser
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

NAMES = ["Arbetsspåret", "eken", "Ekot", "Zonen", "Åsbygden", "Älvkransen", "Öppna dörrar"]
"""As they are to stand."""

MIXED = [NAMES[at] for at in (5, 3, 6, 1, 4, 0, 2)]


@pytest.fixture
def forbund(cast: Cast) -> Any:
    return cast.kust


def make(forbund: Any, **values: Any) -> list[Insats]:
    with factories.as_system():
        return [factories.insats(forbund=forbund, namn=name, **values) for name in MIXED]


def names_on(page: Any) -> list[str]:
    words = text_of(page).rpartition(" Insats ")[2]  # after what the top says of the uppdrag
    return sorted((one for one in NAMES if f" {one} " in words), key=lambda one: words.index(f" {one} "))


def test_queries(forbund: Any) -> None:
    made = make(forbund)
    with factories.as_system():
        for name in MIXED:
            factories.forbund(namn=name)
        ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=forbund)
        for name in MIXED:
            factories.user(Roll.INSATSANSVARIG, forbund=forbund, namn=name)
        for one in made:
            factories.volyminsats(forbund=forbund, namn=f"{one.namn} i siffror")
        assert [one.namn for one in Insats.objects.filter(namn__in=NAMES)] == NAMES
        assert [one.namn for one in Insats.objects.filter(namn__in=NAMES).reverse()] == NAMES[::-1]
        assert [one.namn for one in Forbund.objects.filter(namn__in=NAMES)] == NAMES
        assert [one.namn for one in User.objects.filter(namn__in=NAMES).order_by(by_name())] == NAMES
        assert sorted(MIXED, key=sort_key) == NAMES
    with factories.acting(ada):
        assert [one.namn for one in known_accounts([Roll.INSATSANSVARIG]) if one.namn in NAMES] == NAMES
        given = [one.namn for one, _ in volym_given(2019)]
        assert [one for one in given if one.endswith("i siffror")] == [f"{name} i siffror" for name in NAMES]


def test_pages(forbund: Any, as_user: Callable[[User], Client], monkeypatch: Any) -> None:
    made = make(forbund)
    with factories.as_system():
        eva = factories.user(Roll.DELTAGARANSVARIG, insats=made[0], password=PASSWORD)
        for one in made[1:]:
            factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=one)
        nils = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, password=PASSWORD)
    with factories.acting(eva):
        assert [one.namn for one in persons_insatser()] == NAMES
        assert [one.namn for one in right_insatser(made[0].pk)] == [one for one in NAMES if one != MIXED[0]]
    client = as_user(eva)
    for path in ("/", "/insatser/", "/registrera-in/"):
        assert names_on(client.get(path)) == NAMES, path
    monkeypatch.setattr(pages, "PER_PAGE", 4)
    parts = [names_on(client.get(f"/insatser/?sida={page}")) for page in (1, 2)]
    assert parts == [NAMES[:4], NAMES[4:]]
    national = as_user(nils)
    shown = [name for page in range(1, 5) for name in names_on(national.get(f"/insatser/?sida={page}"))]
    assert list(dict.fromkeys(shown)) == NAMES  # after the last page comes the last page


def test_what_has_stood_open_for_long(forbund: Any, settings: Any) -> None:
    settings.OPEN_LONG_DAYS = 1
    made = make(forbund)
    with factories.as_system():
        for n, one in enumerate(made):
            factories.registered(n, insats=one)
        _, long_open = open_too_long()
    assert [one.namn for one in long_open] == NAMES


def test_a_database_without_the_order_is_told_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `migrate` and `check`, not by the first page with a list. Each SQLite connection is given the order."""
    call_command("check", databases=["default"])
    monkeypatch.setattr(swedish, "COLLATION", "sv-x-saknas")
    said = [one.msg for one in run_checks(tags=[Tags.database], databases=["default"])]
    assert said == ([swedish.NO_ORDER] if connection.vendor == "postgresql" else [])
