"""The dataskyddsgranskare's search and the person that it leads to, and how long that stands open."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from finsam_site.access.models import User
from registration.models import Deltagande, Identitet
from registration.rules.erase import withdraw_samtycke
from registration.rules.uppslag import UNUSED
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, errors_of, looks, send, text_of, title_of
from tests.registration.pages.person.conftest import (
    NUMBER,
    AsUser,
    here,
    is_closed,
    laid_aside,
    last_looks,
    search,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_from_the_start_page_to_the_person(johan: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    start = johan.get("/")
    assert (
        "När någon frågar om sina uppgifter" in text_of(start) and 'href="/person/"' in start.content.decode()
    )
    before = len(looks())
    page = search(johan)
    assert re.fullmatch(r"/person/[0-9a-f-]{36}/", here(page)) and NUMBER not in here(page)
    said = words(page)
    for one in ("Anders Andersprov", "Steget vidare", "Älv och kust", "Ung framtid", "Norra skogen", "2 deltaganden",
                "Pågår", "Personen vill återkalla sitt samtycke"):  # fmt: skip
        assert one in said, one
    for digits in (NUMBER[2:], f"{NUMBER[2:8]}-{NUMBER[8:]}"):
        assert digits not in page.content.decode()
    # Nor its last four by themselves; within the ids of the page's addresses they stand now and then.
    assert not re.search(rf"(?<![\w-]){NUMBER[8:]}(?![\w-])", page.content.decode())
    assert title_of(page) == "Person – Finsam"
    why = "personen vill återkalla sitt samtycke"
    assert (
        last_looks(before)
        == [("sokt", f"sökning: {why}", "utfort")] * 2 + [("last", f"visa personen: {why}", "utfort")] * 2
    )
    [said] = laid_aside("uppslag")
    assert str(anders.pk) in said and NUMBER not in said and "nders" not in said


def test_nobody_is_the_same_answer_as_nobody_in_reach(kajsa: Client, cast: Cast) -> None:
    with factories.as_system():
        factories.registered(1, insats=cast.framtid)
        withdraw_samtycke([factories.registered(2, insats=cast.steget).pk])
    answers = []
    for n in (1, 2, 3):
        before = len(looks())
        page = search(kajsa, factories.nummer(n).digits)
        assert page.status_code == 200 and here(page) == "/person/"
        answers.append(text_of(page).replace(factories.nummer(n).digits, ""))
        assert [row[0] for row in last_looks(before)] == ["sokt"]
    assert len(set(answers)) == 1 and "Ingen träff" in answers[0]


def test_what_is_wrong_with_the_search(johan: Client) -> None:
    before = len(looks())
    page = send(johan, johan.get("/person/"), {})
    assert errors_of(page) == [
        "Ange personnummer eller samordningsnummer.",
        "Svara på frågan ”Varför söker du?”",
    ]
    assert errors_of(search(johan, NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)))
    assert errors_of(search(johan, syfte="nyfiken"))
    assert last_looks(before) == []


def test_a_forbunds_granskare_sees_what_is_in_the_forbund(kajsa: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:  # fmt: skip
    said = words(search(kajsa))
    assert "1 deltagande" in said and "Steget vidare" in said and "Ung framtid" not in said


def test_who_may_not(cast: Cast, as_user: AsUser, johan: Client, anders: Deltagande) -> None:
    page = search(johan)
    for user in (cast.eva, cast.ada, cast.ina, cast.nils, cast.rita):
        client, before = as_user(user), len(looks())
        for path in ("/person/", here(page), f"{here(page)}aterkalla/"):
            assert client.get(path).status_code == 403
        assert last_looks(before) == []


# It closes


def test_another_granskare_with_the_address(johan: Client, kajsa: Client, anders: Deltagande) -> None:
    path = here(search(johan))
    is_closed(kajsa, path)
    assert johan.get(path).status_code == 200


def test_after_some_minutes(johan: Client, anders: Deltagande, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = here(search(johan)), dt.datetime.now(dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + dt.timedelta(minutes=10))
    assert johan.get(path).status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + dt.timedelta(minutes=10) + UNUSED * 0.9)
    assert johan.get(path).status_code == 200  # the look before put it off
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + dt.timedelta(minutes=10) + UNUSED * 2)
    is_closed(johan, path)


def test_after_logging_out(johan: Client, anders: Deltagande) -> None:
    path = here(search(johan))
    johan.post("/logga-ut/")
    assert johan.get(path).status_code == 302
    johan.post(
        "/logga-in/", {"username": User.objects.get(namn="Johan Prov").anvandarnamn, "password": PASSWORD}
    )
    is_closed(johan, path)


def test_erased_meanwhile(johan: Client, anders: Deltagande) -> None:
    path = here(search(johan))
    with factories.as_system():
        withdraw_samtycke([anders.pk])
    is_closed(johan, path)
    is_closed(johan, path)  # and is forgotten


def test_two_persons_in_two_windows_are_not_mixed_up(johan: Client, anders: Deltagande, cast: Cast) -> None:
    with factories.as_system():
        bo = factories.registered(1, insats=cast.steget, fornamn="Bo", efternamn="Boprov")
    first = here(search(johan))
    search(johan, factories.nummer(1).digits)
    send(johan, johan.get(f"{first}aterkalla/"))
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [bo.pk]
