"""A form that is sent twice is done once, one after the other and at the same moment (QUALITY §3)."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from finsam_site.access import once
from finsam_site.access.models import Inskickad, User
from finsam_site.access.roles import Roll
from registration.models import Anonyma, Insats
from tests import factories

PASSWORD = "prov-losenord-7"
pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def steget() -> Insats:
    with factories.as_system():
        return factories.insats(namn="Steget vidare")


@pytest.fixture
def eva(steget: Insats) -> User:
    with factories.as_system():
        return factories.user(Roll.DELTAGARANSVARIG, insats=steget, password=PASSWORD)


def logged_in(user: User) -> Client:
    client = Client()
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    return client


@pytest.fixture
def client(eva: User) -> Client:
    return logged_in(eva)


def year() -> int:
    return timezone.localdate().year


def place(insats: Insats, more: str = "") -> str:
    return f"/insatser/{insats.pk}/anonyma/{year()}/{more}"


def hidden(answer: Any, action: str = "") -> dict[str, str]:
    """The hidden fields of a form of the page: the one that posts to `action`, else the last."""
    forms = re.findall(r"<form\b.*?</form>", answer.content.decode(), re.S)
    form = next((one for one in forms if action and f'action="{action}"' in one), forms[-1])
    return dict(re.findall(r'<input type="hidden" name="([^"]+)"[^>]* value="([^"]*)"', form))


def press(client: Client, where: str, fields: dict[str, str]) -> Any:
    """Send a form as a browser does."""
    return client.post(where, urlencode(fields), content_type="application/x-www-form-urlencoded")


def totals(insats: Insats) -> list[tuple[int, int]]:
    return list(Anonyma.unscoped.filter(insats=insats).order_by("nr").values_list("kvinnor", "man"))


def test_a_button_that_is_pressed_twice_adds_one(client: Client, steget: Insats) -> None:
    """Both presses lead to the page that shows it."""
    fields = hidden(client.get(f"/insatser/{steget.pk}/anonyma/"), place(steget, "lagg-till/"))
    answers = [press(client, place(steget, "lagg-till/"), fields) for _ in range(3)]
    assert {(one.status_code, one.headers.get("Location")) for one in answers} == {
        (302, f"/insatser/{steget.pk}/anonyma/")
    }
    assert sum(totals(steget)[0]) == 1 and len(totals(steget)) == 1


def test_the_same_form_with_other_content_is_another_post(client: Client, steget: Insats) -> None:
    """Nothing is lost without a word: the rule shows both totals, as for a colleague."""
    fields = hidden(client.get(place(steget)))
    assert press(client, place(steget), fields | {"kvinnor": "3", "man": "4"}).status_code == 302
    other = press(client, place(steget), fields | {"kvinnor": "5", "man": "4"})
    assert other.status_code == 409 and "Du har redan ändrat antalet" in other.content.decode()
    assert totals(steget) == [(3, 4)]


def test_what_was_shown_again_may_be_sent_again(client: Client, steget: Insats) -> None:
    """A form with errors is no form that was done."""
    fields = hidden(client.get(place(steget))) | {"kvinnor": "", "man": "1"}
    for _ in range(2):
        answer = press(client, place(steget), fields)
        assert answer.status_code == 200 and "error-summary" in answer.content.decode()
    assert not Inskickad.objects.exists()


def test_a_form_is_its_users_own(client: Client, steget: Insats) -> None:
    """A colleague's id, or one that is made up, names nothing: the post is done as any other."""
    with factories.as_system():
        colleague = logged_in(factories.user(Roll.DELTAGARANSVARIG, insats=steget, password=PASSWORD))
    theirs = hidden(colleague.get(place(steget)))[once.FIELD]
    for nr, wrong in enumerate((theirs, "1.x:y", "")):
        fields = hidden(client.get(place(steget))) | {once.FIELD: wrong, "kvinnor": str(nr), "man": "1"}
        assert press(client, place(steget), fields).status_code == 302
    assert len(totals(steget)) == 3 and not Inskickad.objects.exists()


def test_no_content_is_kept_and_nothing_for_long(client: Client, steget: Insats) -> None:
    fields = hidden(client.get(place(steget))) | {"kvinnor": "31", "man": "47"}
    press(client, place(steget), fields)
    row = Inskickad.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", row.nyckel) and row.ledde_till == f"/insatser/{steget.pk}/anonyma/"
    assert once.forget_old() == 0
    Inskickad.objects.update(tid=timezone.now() - once.KEPT - dt.timedelta(minutes=1))
    assert once.forget_old() == 1


# At the same moment


@pytest.fixture
def _committed(transactional_db: None) -> Iterator[None]:
    yield


@pytest.mark.skipif(connection.vendor != "postgresql", reason="races are promised for PostgreSQL only")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("how", ["add", "set"])
def test_five_posts_at_once_make_one_row(_committed: None, eva: User, steget: Insats, how: str) -> None:
    """All five are led to the page with the new total; none is told that somebody else was first."""
    first = logged_in(eva)
    where = place(steget, "lagg-till/") if how == "add" else place(steget)
    page = first.get(f"/insatser/{steget.pk}/anonyma/" if how == "add" else where)
    fields = hidden(page, where) | ({} if how == "add" else {"kvinnor": "3", "man": "4"})
    barrier, answers = threading.Barrier(5), []

    def at_once() -> None:
        try:
            client = Client()
            client.cookies = first.cookies
            barrier.wait(30)
            answer = press(client, where, fields)
            answers.append((answer.status_code, answer.headers.get("Location")))
        finally:
            connection.close()

    threads = [threading.Thread(target=at_once, daemon=True) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert answers == [(302, f"/insatser/{steget.pk}/anonyma/")] * 5
    assert len(totals(steget)) == 1
