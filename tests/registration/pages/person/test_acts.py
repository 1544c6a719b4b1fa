"""The dataskyddsgranskare withdraws and protects at the person's request, and what the receipt says."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Person, Uppdrag
from registration.rules.erase import withdraw_samtycke
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, hidden_of, led_to, looks, send, text_of
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


def test_withdraw_one_of_several(
    johan: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    """Long after the insats has ended, when nobody works with it."""
    Uppdrag.objects.filter(roll=Roll.DELTAGARANSVARIG).update(till=dt.date(2024, 12, 31))
    code = factories.samtycke_of(anders).referenskod
    path = here(search(johan))
    before = len(looks())
    page = johan.get(f"{path}aterkalla/")
    said = words(page)
    assert (
        "behöver inte säga varför" in said
        and "Det går inte att ångra" in said
        and "Anders Andersprov" in said
    )
    assert (
        last_looks(before)
        == [("last", "återkalla samtycke: personen vill återkalla sitt samtycke", "utfort")] * 2
    )
    page = send(johan, page)
    assert errors_of(page) == ["Kryssa för minst ett samtycke."] and Identitet.unscoped.count() == 2
    before = len(looks())
    receipt = send(johan, page, {"vilka": [str(anders.pk)]})
    assert last_looks(before) == [
        ("avidentifierat", "samtycket återkallades, enligt gallringsbeslut demo", "utfort")
    ]
    said = words(receipt)
    assert re.fullmatch(r"/kvitto/[0-9a-f-]{36}/", here(receipt))
    for one in ("Kvitto", "Samtycket är återkallat och personuppgifterna är borttagna för gott", "Kvar finns en rad",
                f"{code[:5]}-{code[5:]}", "2024-01-10", "Johan Prov, dataskyddsgranskare"):  # fmt: skip
        assert one in said, one
    for one in ("Anders", NUMBER[2:], "Steget vidare"):
        assert one not in receipt.content.decode().split("<main")[1]
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [elsewhere.pk]
    rest = johan.get(path)
    assert "1 deltagande" in words(rest) and "Steget vidare" not in words(rest)
    [said] = laid_aside("uppslag")
    assert str(elsewhere.pk) in said and code not in said and str(anders.pk) not in said
    [said] = laid_aside("kvitto")
    assert code in said and not any(one in said for one in (str(anders.pk), NUMBER, "nders"))


def test_withdraw_the_only_one_asks_nothing(johan: Client, anders: Deltagande) -> None:
    path = here(search(johan))
    page = johan.get(f"{path}aterkalla/")
    assert "Vilka samtycken" not in text_of(page)
    receipt = send(johan, page)
    assert "Samtycket är återkallat" in text_of(receipt) and not Person.unscoped.exists()
    is_closed(johan, path)
    assert johan.get(here(receipt)).status_code == 200  # the receipt can be shown and printed again
    again = send(johan, page, {"annat": "formulär"})  # from a page that was opened beside it
    assert here(again) == "/person/" and "stängs när personuppgifterna är borttagna" in words(again)


def test_sent_twice_it_is_done_once(johan: Client, anders: Deltagande) -> None:
    page = johan.get(f"{here(search(johan))}aterkalla/")
    body = urlencode(hidden_of(page))
    answers = [
        johan.post(here(page), body, content_type="application/x-www-form-urlencoded", follow=True)
        for _ in range(2)
    ]
    first, second = map(here, answers)
    assert first == second and first.startswith("/kvitto/") and answers[1].status_code == 200


@pytest.mark.parametrize("where", ["granskare", "deltagaransvarig"])
def test_a_session_that_another_request_saves_meanwhile_loses_no_receipt(
    johan: Client, eva: Client, anders: Deltagande, where: str
) -> None:
    """Two presses at once: the second read the session before the first was done, and saves it after."""
    client = johan if where == "granskare" else eva
    path = here(search(johan)) if client is johan else f"/deltaganden/{anders.pk}/"
    page = client.get(f"{path}aterkalla/")
    body = urlencode(hidden_of(page))
    stale = client.session
    stale["read"] = True  # and with it all that is in it now
    ends = []
    for _ in range(2):
        answer = client.post(here(page), body, content_type="application/x-www-form-urlencoded")
        stale.save()
        ends.append((answer["Location"], client.get(answer["Location"]).status_code))
    assert ends[0] == ends[1] and re.fullmatch(r"/kvitto/[0-9a-f-]{36}/", ends[0][0]) and ends[0][1] == 200
    if client is johan:
        is_closed(johan, path)  # and what was found is not there again


def test_not_what_was_not_found(kajsa: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    with factories.as_system():
        factories.registered(0, insats=factories.insats(forbund=anders.insats.forbund))
    page = kajsa.get(f"{here(search(kajsa))}aterkalla/")
    assert errors_of(send(kajsa, page, {"vilka": [str(elsewhere.pk)]}))
    assert Identitet.unscoped.count() == 3


@pytest.mark.parametrize(("days", "told"), [(1, True), (0, False)])
def test_the_pages_say_that_what_goes_on_ends_today(
    johan: Client, anders: Deltagande, days: int, told: bool
) -> None:
    """It has a last day, and whether that has come is what they say."""
    factories.registered_out(anders, slutdatum=timezone.localdate() + dt.timedelta(days=days))
    for act in ("aterkalla/", "skydda/"):
        page = johan.get(f"{here(search(johan))}{act}")
        assert ("avslutas i dag" in words(page)) is told


def test_protect_all_that_can_be_reached(
    kajsa: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    with factories.as_system():
        factories.registered(0, insats=cast.sista)
    page = kajsa.get(f"{here(search(kajsa, syfte='skydd'))}skydda/")
    assert (
        "Gäller de 2 deltaganden som finns i ditt förbund. Har personen deltagit i andra förbund hjälper "
        "dataskyddsombudet på Försäkringskassan till." in words(page)
    )
    before = len(looks())
    receipt = send(kajsa, page)
    why = "personen fick skyddade personuppgifter, enligt gallringsbeslut demo"
    assert last_looks(before) == [("avidentifierat", why, "utfort")] * 2
    assert "Personen har fått skyddade personuppgifter" in words(receipt) and "Samtyckena" in words(receipt)
    assert "återkallat" not in words(receipt)
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [elsewhere.pk]


def test_without_a_decision_it_is_locked_and_said_so(
    johan: Client, anders: Deltagande, settings: Any
) -> None:
    path = here(search(johan))
    for act in ("aterkalla/", "skydda/"):
        assert "Kvar blir en rad" in words(johan.get(f"{path}{act}"))
    settings.ERASURE_DECISION = ""
    for act in ("skydda/", "aterkalla/"):
        page = johan.get(f"{path}{act}")
        assert "spärras" in text_of(page) and "Kvar blir" not in words(page)
    said = words(send(johan, page))
    assert "spärrade tills det finns ett gallringsbeslut" in said and "Kvar finns" not in said
    assert "De tas bort när det finns ett gallringsbeslut" in said
    page = search(johan)
    said = words(page)
    assert "Spärrade uppgifter" in said and "Andersprov" not in page.content.decode()
    assert "Återkalla samtycke" not in said and "Visa vem som har tittat" in said
    for act in ("aterkalla/", "skydda/", "namn/", "nummer/"):
        assert led_to(johan.post(f"{here(page)}{act}", follow=True)) == here(page)


@pytest.mark.parametrize("page", ["skydda/", "namn/"])
def test_how_far_an_act_goes_is_true(
    johan: Client, kajsa: Client, anders: Deltagande, elsewhere: Deltagande, page: str, settings: Any
) -> None:
    """A förbund's granskare reaches what is in the förbund, the nation's all; nobody changes what is locked."""
    assert "Gäller personens alla 2 deltaganden." in words(johan.get(f"{here(search(johan))}{page}"))
    said = words(kajsa.get(f"{here(search(kajsa))}{page}"))
    assert "Gäller det deltagande som finns i ditt förbund. Har personen" in said and "alla 2" not in said
    settings.ERASURE_DECISION = ""
    with factories.as_system():
        withdraw_samtycke([elsewhere.pk])
    said = words(johan.get(f"{here(search(johan))}{page}"))
    assert "Gäller det deltagande som inte är spärrat." in said


# Receipts


def test_a_receipt_is_for_whoever_did_it(
    johan: Client, kajsa: Client, eva: Client, anders: Deltagande
) -> None:
    receipt = here(send(johan, johan.get(f"{here(search(johan))}aterkalla/")))
    for other in (kajsa, eva):
        assert other.get(receipt).status_code == 404
    now = dt.datetime.now(dt.UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: now + dt.timedelta(minutes=61))
        assert johan.get(receipt).status_code == 404


def test_a_receipt_says_in_which_role_it_was_done(
    johan: Client, as_user: AsUser, anders: Deltagande, cast: Cast
) -> None:
    """Not in which one it is looked at, nor where the account belongs by now."""
    account = User.objects.get(namn="Johan Prov")
    User.objects.filter(pk=account.pk).update(organisation="Kommunen", deltagaransvarig=True)
    receipt = here(send(johan, johan.get(f"{here(search(johan))}aterkalla/")))
    User.objects.filter(pk=account.pk).update(organisation="Regionen")
    new = factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=cast.sista)
    johan.post("/uppdrag/", {"uppdrag": factories.choice(new)})
    page = johan.get(receipt)
    assert page.context["working"].uppdrag == new
    assert "Johan Prov, dataskyddsgranskare, Kommunen" in words(page)
