"""The dataskyddsgranskare's pages: search, the person, removal, corrections, who has looked; and receipts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import Atkomst, Undanlagt, User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from registration.models import Deltagande, Identitet, Inregistrering, Person, Uppdrag
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.correct_samtycke import samtycke_changes
from registration.rules.erase import withdraw_samtycke
from registration.rules.names import NyttNamn, correct_names
from registration.rules.reveal import reveal
from registration.rules.uppslag import UNUSED
from registration.rules.version_rows import reason_given
from registration.views import person
from registration.views.changing import NOTHING
from tests import factories, numbers
from tests.registration.pages.conftest import (
    PASSWORD,
    Cast,
    errors_of,
    hidden_of,
    led_to,
    looks,
    send,
    text_of,
    title_of,
)
from tests.registration.pages.test_correct_samtycke import correct_as_karin

pytestmark = [pytest.mark.django_db, pytest.mark.both]

AsUser = Callable[[User], Client]
NUMBER = factories.nummer(0).digits


@pytest.fixture
def johan(cast: Cast, as_user: AsUser) -> Client:
    """The dataskyddsgranskare of the nation."""
    account = factories.user(Roll.DATASKYDDSGRANSKARE, namn="Johan Prov", password=PASSWORD)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE)
    return as_user(account)


@pytest.fixture
def kajsa(cast: Cast, as_user: AsUser) -> Client:
    """That of the förbund Älv och kust."""
    account = factories.user(Roll.DATASKYDDSGRANSKARE, namn="Kajsa Prov", password=PASSWORD)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE, forbund=cast.kust)
    return as_user(account)


@pytest.fixture
def elsewhere(cast: Cast, anders: Deltagande) -> Deltagande:
    """Anders in another förbund."""
    with factories.as_system():
        one = factories.registered(0, insats=cast.framtid, fornamn="Anders", efternamn="Andersprov")
    factories.as_if_committed()
    return one


def search(client: Client, number: str = NUMBER, syfte: str = "aterkalla") -> Any:
    """The page that a search leads to."""
    return send(client, client.get("/person/"), {"personnummer": number, "syfte": syfte})


def here(page: Any) -> str:
    return str(page.request["PATH_INFO"])


def laid_aside(slag: str) -> list[str]:
    """What every user has of a kind for some minutes, opened with all keys."""
    found = Undanlagt.objects.filter(slag=slag).order_by("pk")
    return [open_text(row, "innehall_krypterat") for row in found]


def words(page: Any) -> str:
    return text_of(page).replace("\u00a0", " ")


def last_looks(since: int) -> list[tuple[str, str, str]]:
    return looks()[since:]


# Search and the person


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


def is_closed(client: Client, path: str) -> None:
    before = len(looks())
    answer = client.get(path, follow=True)
    assert led_to(answer) == "/person/" and "Sökningen är inte öppen längre" in text_of(answer)
    assert "Andersprov" not in answer.content.decode()
    assert last_looks(before) == [("last", "öppna en sökning", "nekat")]


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


# Withdrawal and protection


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
    assert last_looks(before) == [("avidentifierat", "aterkallat", "utfort")]
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
    assert last_looks(before) == [("avidentifierat", "skyddad", "utfort")] * 2
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


# Corrections


def test_correct_the_name(johan: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    """Read back first; one row for each that was changed."""
    path = here(search(johan, syfte="ratta"))
    page = johan.get(f"{path}namn/")
    assert 'value="Andersprov"' in page.content.decode() and "alla 2 deltaganden" in words(page)
    assert "Varför rättar du?" not in words(page)  # the person's request is why
    assert errors_of(send(johan, page, {"fornamn": "A\u0007", "efternamn": "Andersprov"}))
    unchanged = send(johan, page, {"fornamn": "Anders", "efternamn": "Andersprov"})
    assert errors_of(unchanged) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    before = len(looks())
    page = send(johan, johan.get(f"{path}namn/"), {"fornamn": "Andreas", "efternamn": "Andersprov"})
    assert "Förnamn Står nu Anders Ska stå Andreas" in words(page) and "alla 2 deltaganden" in words(page)
    back = send(johan, page, {"_till": "namn"})
    assert 'value="Andreas"' in back.content.decode() and not errors_of(back)
    looked = ("last", "rätta namnet: personen vill få en uppgift rättad", "utfort")
    assert last_looks(before) == [looked] * 6
    page = send(johan, page)
    assert "Rättelsen är sparad" in text_of(page) and "Andreas Andersprov" in text_of(page)
    assert [row[:2] for row in last_looks(before)][6:8] == [("andrat", "rättat namn")] * 2
    with factories.as_system():
        for one in (anders, elsewhere):
            assert reveal(factories.identitet_of(one).pk, "prov").fornamn == "Andreas"


def test_names_that_differ_are_all_read_back(johan: Client, anders: Deltagande, cast: Cast) -> None:
    with factories.as_system():
        factories.registered(0, insats=cast.sista, fornamn="Andreas", efternamn="Andersprov")
    page = johan.get(f"{here(search(johan))}namn/")
    page = send(johan, page, {"fornamn": "Anders", "efternamn": "Andersprov"})
    assert f"I {cast.sista.namn} Står nu Andreas Andersprov Ska stå Anders Andersprov" in words(page)
    assert "I Steget vidare" not in words(page)
    assert "Rättelsen är sparad" in words(send(johan, page))
    assert {one.decrypt_names()[0] for one in Identitet.unscoped.all()} == {"Anders"}


def test_the_name_was_corrected_meanwhile(
    johan: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    """In any of them: both are shown, and only what was compared with is replaced."""
    page = send(
        johan, johan.get(f"{here(search(johan))}namn/"), {"fornamn": "Anders", "efternamn": "Andersson"}
    )
    with factories.acting(cast.eva):
        correct_names([NyttNamn(anders.pk, efternamn="Anderzon")])
    page = send(johan, page)
    assert page.status_code == 409 and "Eva Prov rättade namnet" in words(page)
    assert "Anders Anderzon" in words(page) and "Anders Andersson" in words(page)
    assert factories.identitet_of(elsewhere).decrypt_names()[1] == "Andersprov"
    assert "Rättelsen är sparad" in words(send(johan, page, {"val": "mina"}))
    for one in (anders, elsewhere):
        assert factories.identitet_of(one).decrypt_names()[1] == "Andersson"


def new_number(client: Client, typed: str) -> Any:
    """What a typed number leads to, from the person's page."""
    return send(client, client.get(f"{here(search(client, syfte='ratta'))}nummer/"), {"personnummer": typed})


def test_correct_the_number(johan: Client, anders: Deltagande, cast: Cast) -> None:
    new = factories.nummer(5)
    assert errors_of(new_number(johan, "1"))
    assert errors_of(new_number(johan, NUMBER))
    page = new_number(johan, new.digits)
    assert f"Nytt nummer {new.formatted}" in words(page) and f"Födelseår {new.birth_year}" in words(page)
    assert "Bytet gäller alla personens deltaganden. Det som redan är rapporterat" in words(page)
    assert new.digits not in title_of(page) + page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == NUMBER
    back = send(johan, page, {"_till": "nummer"})
    assert f'value="{new.digits}"' in back.content.decode() and not errors_of(back)
    path = here(search(johan))
    page = send(johan, page)
    assert re.fullmatch(r"/person/[0-9a-f-]{36}/", here(page)) and "Rättelsen är sparad" in text_of(page)
    assert new.digits not in page.content.decode() and johan.get(path).status_code == 200
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == new.digits
    assert "Anders Andersprov" in words(search(johan, new.digits))
    version = Inregistrering.unscoped.get(deltagande=anders, nr=2)
    assert (version.slag, reason_given(version)) == ("nummerbyte", "Rättat på personens begäran")


def test_an_odd_number_is_confirmed(johan: Client, anders: Deltagande) -> None:
    page = new_number(johan, numbers.pick(0, born=(2014, 2015)))
    assert "Ovanligt, men möjligt" in words(page)
    assert errors_of(send(johan, page)) == [
        "Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."
    ]
    assert Inregistrering.unscoped.count() == 1
    assert "Rättelsen är sparad" in words(send(johan, page, {"bekraftat": "on"}))


def test_the_number_was_changed_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """Both are shown; no reason is asked for, since the person's request is one."""
    page = new_number(johan, factories.nummer(5).digits)
    with factories.acting(cast.eva):
        change_number(anders.pk, factories.nummer(6), orsak="Nytt.")
    page = send(johan, page)
    assert page.status_code == 409 and "Eva Prov bytte personens nummer" in words(page)
    assert factories.nummer(6).formatted in words(page) and "Varför" not in words(page)
    assert "Rättelsen är sparad" in words(send(johan, page, {"val": "mina"}))
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == factories.nummer(5).digits


def test_that_two_become_one_is_told(johan: Client, kajsa: Client, anders: Deltagande, cast: Cast) -> None:
    """By name to who may find the other, with a row in the log; a förbund's granskare is told of nobody elsewhere."""
    with factories.as_system():
        other = factories.registered(5, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
    taken, free = factories.nummer(5).digits, factories.nummer(6).digits
    pages = [
        re.sub(r"Nytt nummer \S+ Kön \S+ (Nu: \w+|Ändras inte) Födelseår \d+ (Nu: \d+|Ändras inte)", "",
               words(new_number(kajsa, one)))
        for one in (taken, free)
    ]  # fmt: skip
    assert pages[0] == pages[1] and "Ovanligt" not in pages[0] and not looks(other)[1:]
    page = new_number(johan, taken)
    assert "Ovanligt, men möjligt Andreas Dubbelprov har redan det numret." in words(page)
    why = "personen vill få en uppgift rättad"
    assert looks(other)[1:] == [("sokt", f"rätta personnumret: {why}", "utfort"), ("last", "rätta", "utfort")]
    assert errors_of(send(johan, page)) and Person.unscoped.count() == 2
    send(johan, page, {"bekraftat": "on"})
    assert Person.unscoped.count() == 1


def test_that_the_other_is_locked_is_told(
    johan: Client, anders: Deltagande, cast: Cast, settings: Any
) -> None:
    settings.ERASURE_DECISION = ""
    with factories.as_system():
        locked = factories.registered(5, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
        factories.as_if_committed()
        withdraw_samtycke([locked.pk])
    page = new_number(johan, factories.nummer(5).digits)
    assert "Någon vars uppgifter är spärrade har redan det numret." in words(page)
    assert "Dubbelprov" not in page.content.decode()


def test_a_number_that_would_make_two_overlap(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """Told where it is: the granskare may find both."""
    with factories.as_system():
        factories.registered(5, insats=cast.steget)
    factories.as_if_committed()
    page = new_number(johan, factories.nummer(5).digits)
    assert "Numret hör till en annan person i Steget vidare" in errors_of(page)[0]
    assert Person.unscoped.count() == 2


def correction(client: Client, one: Deltagande, part: str) -> Any:
    """The page that corrects one part, from the person's page."""
    page = search(client, syfte="ratta")
    url = f"{here(page)}{one.pk}/{part}/"
    assert f'href="{url}"' in page.content.decode()
    return client.get(url)


def filled_in(page: Any) -> dict[str, Any]:
    """What the form is sent with when nothing is changed."""
    form = page.context["form"]
    return {
        one.html_name: value
        for one in form
        if (value := one.value()) not in (None, "") and one.html_name in form.fields
    }


def test_correct_the_in_registration(johan: Client, anders: Deltagande) -> None:
    """Also when nobody works with the insats any more; by the rules that the deltagaransvarig has."""
    Uppdrag.objects.filter(roll=Roll.DELTAGARANSVARIG).update(till=dt.date(2024, 12, 31))
    before = len(looks(anders))
    page = correction(johan, anders, "inregistreringen")
    assert looks(anders)[before + 2 :] == [("last", "rätta: personen vill få en uppgift rättad", "utfort")]
    assert "Anders Andersprov i Steget vidare, på personens begäran" in words(page)
    said = filled_in(page) | {"orsak": "Personen visade intyg."}
    assert errors_of(send(johan, page, said)) == [NOTHING]
    assert errors_of(send(johan, page, said | {"startdatum": "2019-01-01"}))
    read = send(johan, page, said | {"startdatum": "2024-01-17"})
    assert "Stämmer rättelsen?" in words(read) and "Varför Personen visade intyg." in words(read)
    assert "Startdatum 15 januari 2024 17 januari 2024".replace(" ", "") in re.sub(
        "Står nu|Ska stå|[ ]", "", words(read)
    )
    assert factories.identitet_of(anders).startdatum == factories.START  # nothing is saved before it is read
    back = send(johan, read, {"_till": "in"})
    assert filled_in(back)["startdatum"] == "2024-01-17" and not errors_of(back)
    assert filled_in(back)["forsorjning"] == said["forsorjning"]
    before = len(looks(anders))
    done = send(johan, read)
    assert "Rättelsen är sparad" in words(done) and "2024-01-17" in words(done)
    assert looks(anders)[before] == ("andrat", "rättelse", "utfort")
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)


def test_a_correction_that_took_long_to_fill_in(
    johan: Client, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken, with an error told first, and the next page is there; after the hour it is said that it is not."""
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Personen visade intyg.", "startdatum": "2024-01-17"}
    start = dt.datetime.now(dt.UTC)

    def minutes_later(minutes: int) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: start + dt.timedelta(minutes=minutes))

    minutes_later(40)
    assert errors_of(send(johan, page, said | {"startdatum": "2019-01-01"}))
    minutes_later(57)
    read = send(johan, page, said)
    minutes_later(58)
    assert "Rättelsen är sparad" in words(send(johan, read))
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)
    minutes_later(61)
    late = send(johan, page, said | {"startdatum": "2024-01-18"})
    assert here(late) == "/person/" and "Det du skickade är inte sparat. Sökningen är inte öppen" in words(
        late
    )
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)


def test_what_is_odd_is_asked_once(johan: Client, anders: Deltagande) -> None:
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Intyg.", "forsorjning": ["sjukpenning", "forsorjningsstod"]}
    said |= {"forsorjning_sjukpenning": "hel", "forsorjning_forsorjningsstod": "hel"}
    names = set(page.context["form"].fields)
    said = {name: value for name, value in said.items() if name in names} | {
        name: "hel" for name in names if name.endswith(("sjukpenning", "forsorjningsstod"))
    }
    read = send(johan, page, said)
    assert "Ovanligt, men möjligt" in words(read) and not errors_of(read)
    again = send(johan, read)
    assert errors_of(again) == ["Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."]
    assert "Rättelsen är sparad" in words(send(johan, again, {"bekraftat": "on"}))
    stored = Inregistrering.unscoped.get(deltagande=anders, nr=2).forsorjning or ""
    assert "sjukpenning" in stored and "forsorjningsstod" in stored  # both of the carried values


def test_correct_the_out_registration(johan: Client, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(anders)
    page = correction(johan, anders, "utregistreringen")
    said = filled_in(page) | {"orsak": "Personen visade intyg.", "slutdatum": "2024-06-28"}
    same = send(johan, page, said | {"_samma": "1"})
    assert filled_in(same)["slutdatum"] == "2024-06-28" and filled_in(same)["forsorjning"] == ["sjukpenning"]
    read = send(johan, page, said)
    assert "Stämmer rättelsen?" in words(read)
    assert factories.identitet_of(anders).slutdatum != dt.date(2024, 6, 28)
    assert "Rättelsen är sparad" in words(send(johan, read))
    assert factories.identitet_of(anders).slutdatum == dt.date(2024, 6, 28)


def correct_as_eva(cast: Cast, one: Deltagande, **changed: Any) -> None:
    with factories.acting(cast.eva):
        new = factories.nytt_deltagande(0, insats=cast.steget, **changed)
        correct(Rattelse(one.pk, "Fel.", in_=new.uppgifter))


@pytest.mark.parametrize("read_first", [True, False])
@pytest.mark.parametrize("answer", ["mina", "deras"])
def test_two_who_correct_at_once(
    johan: Client, anders: Deltagande, cast: Cast, answer: str, *, read_first: bool
) -> None:
    """Both versions are shown, and the granskare chooses: whether the other came before the read-back or after."""
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-17"}
    if read_first:
        page, said = send(johan, page, said), {}
    correct_as_eva(cast, anders, arbetar=10, typ_av_arbete="ordinarie")
    both = send(johan, page, said)
    assert both.status_code == 409 and "Eva Prov rättade uppgifterna" in words(both)
    assert "15 januari 2024" in words(both) and "17 januari 2024" in words(both)
    assert errors_of(send(johan, both))  # one is to be chosen
    done = words(send(johan, both, {"val": answer}))
    assert ("Rättelsen är sparad" in done) == (answer == "mina")
    assert ("Det som redan var sparat gäller" in done) == (answer == "deras")
    last = Inregistrering.unscoped.filter(deltagande=anders).order_by("-nr")[0]
    assert (last.nr, last.arbetar) == ((3, 0) if answer == "mina" else (2, 10))
    assert factories.identitet_of(anders).startdatum == (
        dt.date(2024, 1, 17) if answer == "mina" else factories.START
    )
    if answer == "mina":
        assert reason_given(last) == "Intyg."


def test_the_same_correction_was_saved_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """By a colleague, or by oneself with a second press."""
    page = correction(johan, anders, "inregistreringen")
    read = send(johan, page, filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-17"})
    correct_as_eva(cast, anders, startdatum=dt.date(2024, 1, 17))
    assert "Någon annan har redan sparat samma sak" in words(send(johan, read))
    page = correction(johan, anders, "inregistreringen")
    read = send(johan, page, filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-18"})
    for _ in range(2):
        assert "Rättelsen är sparad" in words(send(johan, read))
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 3


def test_no_correction_of_what_was_not_found(
    kajsa: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:
    path = here(search(kajsa))
    before = len(looks())
    assert kajsa.get(f"{path}{elsewhere.pk}/inregistreringen/").status_code == 404
    assert last_looks(before) == [("last", "rätta", "nekat")]
    assert led_to(kajsa.get(f"{path}{anders.pk}/utregistreringen/", follow=True)) == path  # not out yet


# The samtycke


LATER = {"undertecknat": "2024-01-12", "sprak": "sv"}


def signed(one: Deltagande) -> dt.date:
    return factories.samtycke_of(one).undertecknat


def test_correct_the_samtycke(johan: Client, anders: Deltagande) -> None:
    """Also when nobody works with the insats any more: read back, and told in the log, with why."""
    Uppdrag.objects.filter(roll=Roll.DELTAGARANSVARIG).update(till=dt.date(2024, 12, 31))
    before = len(looks(anders))
    page = correction(johan, anders, "samtycket")
    assert looks(anders)[before + 2 :] == [("last", "rätta: personen vill få en uppgift rättad", "utfort")]
    assert "Gäller samtycket för Steget vidare." in words(page) and "Varför rättar du?" not in words(page)
    assert errors_of(send(johan, page, LATER | {"undertecknat": ""}))
    same = send(johan, page, LATER | {"undertecknat": signed(anders).isoformat()})
    assert errors_of(same) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    read = send(johan, page, LATER)
    assert "12 januari 2024" in words(read) and "Personen har berättat hur det var" in words(read)
    back = send(johan, read, {"_till": "samtycke"})
    assert 'value="2024-01-12"' in back.content.decode() and signed(anders) != dt.date(2024, 1, 12)
    done = send(johan, read)
    assert "Rättelsen är sparad" in words(done) and "alla deltaganden" not in words(done)
    assert signed(anders) == factories.identitet_of(anders).undertecknat == dt.date(2024, 1, 12)
    [told] = samtycke_changes(factories.samtycke_of(anders).pk)
    assert str(told.registrerad_av) == "Johan Prov" and told.skal == "annan_uppgift"


@pytest.mark.parametrize("answer", ["mina", "deras"])
def test_the_samtycke_was_corrected_meanwhile(
    johan: Client, anders: Deltagande, cast: Cast, answer: str
) -> None:
    read = send(johan, correction(johan, anders, "samtycket"), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    page = send(johan, read)
    assert page.status_code == 409 and "Karin Kollega rättade samtycket" in words(page)
    done = words(send(johan, page, {"val": answer}))
    assert ("Rättelsen är sparad" in done) == (answer == "mina")
    assert ("Det som redan var sparat gäller" in done) == (answer == "deras")
    assert signed(anders) == dt.date(2024, 1, 12 if answer == "mina" else 11)


def test_the_same_of_the_samtycke_was_saved_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    read = send(johan, correction(johan, anders, "samtycket"), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 12))
    done = words(send(johan, read))
    assert "Någon annan har redan sparat samma sak" in done and "Rättelsen är sparad" not in done


def test_no_samtycke_of_what_was_not_found_or_is_locked(
    kajsa: Client, johan: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:
    path = here(search(kajsa))
    before = len(looks())
    assert kajsa.get(f"{path}{elsewhere.pk}/samtycket/").status_code == 404
    assert last_looks(before) == [("last", "rätta", "nekat")]
    path = here(search(johan))
    Identitet.unscoped.filter(deltagande=anders).update(
        begransad=dt.datetime.now(dt.UTC), begransad_orsak="skyddad"
    )
    assert f"{anders.pk}/samtycket/" not in johan.get(path).content.decode()
    assert led_to(johan.get(f"{path}{anders.pk}/samtycket/", follow=True)) == path


# Who has looked


def test_who_has_looked(johan: Client, eva: Client, anders: Deltagande, cast: Cast) -> None:
    User.objects.filter(pk=cast.eva.pk).update(organisation="Vallentuna kommun")
    eva.get(f"/deltaganden/{anders.pk}/")
    path = here(search(johan, syfte="insyn"))
    before = len(looks())
    page = johan.get(f"{path}vem-har-tittat/")
    said = words(page)
    for one in ("Eva Prov, deltagaransvarig, Vallentuna kommun", "Visa deltagandet", "Läst", "Steget vidare",
                "Johan Prov, dataskyddsgranskare", "Sökt", "Systemet", "Skapat"):  # fmt: skip
        assert one in said, one
    assert said.index("Johan Prov, data") < said.index("Eva Prov, delt") < said.index("Systemet")
    assert "Andersprov" not in page.content.decode() and NUMBER not in page.content.decode()
    why = "vem har tittat: personen vill veta vem som har tittat"
    assert last_looks(before) == [("last", why, "utfort")]


def test_who_changed_the_number_in_another_forbund_is_not_told(
    kajsa: Client, johan: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    """The person learns that it was changed and when; who it was says the granskare who may know where."""
    stranger = factories.user(Roll.DELTAGARANSVARIG, insats=cast.framtid, namn="Frida Främling")
    with factories.acting(stranger):
        change_number(elsewhere.pk, factories.nummer(1), orsak="Nytt.")
    pages = [
        client.get(f"{here(search(client, factories.nummer(1).digits))}vem-har-tittat/")
        for client in (kajsa, johan)
    ]
    assert "Någon utanför förbundet Ändrat Steget vidare Nytt personnummer" in words(pages[0])
    assert "Främling" not in pages[0].content.decode()
    assert "Frida Främling, deltagaransvarig" in words(pages[1]) and "utanför" not in words(pages[1])


def test_the_log_in_pages_and_whole(
    johan: Client, eva: Client, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "PER_PAGE", 3)
    for _ in range(4):
        eva.get(f"/deltaganden/{anders.pk}/")
    path = here(search(johan))
    about = Atkomst.objects.filter(objekt_id=str(anders.pk))
    count = about.exclude(syfte__startswith="visa personen").count()  # which came after the search
    first = johan.get(f"{path}vem-har-tittat/")
    assert f"1–3 av {count} gånger" in words(first) and "Visa alla på en sida" in words(first)
    second = johan.get(f"{path}vem-har-tittat/?sida=2")
    assert f"4–6 av {count} gånger" in words(second)
    whole = johan.get(f"{path}vem-har-tittat/?alla")
    assert whole.content.decode().count("<tr>") == count + 1 and "Föregående" not in words(whole)
    monkeypatch.setattr(person, "MOST", 2)
    assert "Här står de 2 senaste." in words(johan.get(f"{path}vem-har-tittat/?alla"))


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
