"""Access in the browser, without a browser: log-in, sessions, uppdrag, refusals, headers, GET that cannot write."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from finsam_site.access import sessions
from finsam_site.access.acting import AccessRefused, log_access, require_actor
from finsam_site.access.models import Atkomst, Handling, Resultat, User
from finsam_site.access.readonly import WriteInGet, only_reading
from finsam_site.access.requires import requires, roles_of
from finsam_site.access.roles import Roll
from registration.models import Forbund, Uppdrag
from tests import factories

PASSWORD = "prov-losenord-7"
pytestmark = [pytest.mark.django_db, pytest.mark.both]


# Views that only these tests have


def look(request: HttpRequest) -> HttpResponse:
    log_access(Handling.LAST, "prov", ["look"], syfte="prov")
    return HttpResponse(f"{require_actor().forbund_id} {Forbund.objects.count()}")


def write(request: HttpRequest) -> HttpResponse:
    User.objects.filter(pk=require_actor().user.pk).update(organisation="skriven")
    return HttpResponse("klart")


def fail(request: HttpRequest) -> HttpResponse:
    User.objects.filter(pk=require_actor().user.pk).update(organisation="skriven")
    log_access(Handling.LAST, "prov", ["fail"], syfte="prov")
    raise RuntimeError("hemligt värde")


def refuse(request: HttpRequest) -> HttpResponse:
    User.objects.filter(pk=require_actor().user.pk).update(organisation="skriven")
    raise AccessRefused("Det får du inte. Fråga den som ger uppdrag.")


@requires(Roll.NATIONELL_ADMINISTRATOR)
def national(request: HttpRequest) -> HttpResponse:
    return HttpResponse("riket")


@login_not_required
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("öppen")


urlpatterns = [
    path("", include("finsam_site.urls")),
    path("prov/look/", look),
    path("prov/write/", write),
    path("prov/fail/", fail),
    path("prov/refuse/", refuse),
    path("prov/national/", national),
    path("prov/open/", open_page),
]
handler404 = "finsam_site.views.not_found"
handler500 = "finsam_site.views.server_error"
handler403 = "finsam_site.views.permission_denied"


@pytest.fixture(autouse=True)
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def one() -> User:
    """An account with one uppdrag, as förbundsadministratör."""
    with factories.as_system():
        return factories.user(
            Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund(namn="Älv och kust"), password=PASSWORD
        )


@pytest.fixture
def many() -> User:
    """An account with uppdrag in two förbund, two of them in one."""
    with factories.as_system():
        kust, skog = factories.forbund(namn="Älv och kust"), factories.forbund(namn="Norra skogen")
        account = factories.user(
            Roll.DELTAGARANSVARIG,
            insats=factories.insats(namn="Steget vidare", forbund=kust),
            password=PASSWORD,
        )
        for namn, forbund in (("Sista biten", kust), ("Ung framtid", skog)):
            insats = factories.insats(namn=namn, forbund=forbund)
            factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=insats)
    return account


def choice(namn: str, roll: Roll = Roll.DELTAGARANSVARIG) -> str:
    """What the page "Välj var du ska arbeta" posts for a förbund and a role."""
    return f"{Forbund.unscoped.get(namn=namn).pk}-{roll.value}"


def log_in(client: Client, user: User, **more: str) -> Any:
    return client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD} | more)


def organisation(user: User) -> str:
    return User.objects.get(pk=user.pk).organisation


# Log in and out


def test_everything_but_the_open_pages_asks_for_log_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/logga-in/?next=/"
    assert client.post("/prov/write/").status_code == 302
    assert client.get("/prov/open/").status_code == 200


def test_log_in_leads_on_and_only_to_our_own_pages(client: Client, one: User) -> None:
    assert log_in(client, one, next="/prov/look/").headers["Location"] == "/prov/look/"
    client.post("/logga-ut/")
    assert log_in(client, one, next="https://annan.example/").headers["Location"] == "/"


def test_the_answer_to_a_wrong_log_in_is_always_the_same(client: Client, one: User) -> None:
    with factories.as_system():
        closed = factories.user(password=PASSWORD, is_active=False)
    tries = [
        (one.anvandarnamn, "fel"),
        ("finns-inte", PASSWORD),
        (closed.anvandarnamn, PASSWORD),
        ("system", "x"),
    ]
    pages = set()
    for name, password in tries:
        page = client.post("/logga-in/", {"username": name, "password": password}).content.decode()
        pages.add(re.sub(r'value="[^"]*"', "", page))
        assert "hör inte ihop" in page
        assert password not in page or password in ("x", "fel")
    assert len(pages) == 1


def test_an_empty_log_in_is_told_what_is_missing(client: Client, one: User) -> None:
    assert "Inloggningen gick inte igenom" in client.post("/logga-in/").content.decode()


def test_log_in_changes_the_session_key_and_log_out_is_a_post(client: Client, one: User) -> None:
    log_in(client, one)
    assert client.get("/logga-ut/").status_code == 405
    assert client.get("/").status_code == 200
    client.post("/logga-ut/")
    assert client.get("/").status_code == 302
    assert client.post("/logga-ut/").status_code == 302


@pytest.mark.parametrize(
    ("key", "ago", "says"),
    [(sessions.SEEN, 31 * 60, "30 minuter utan"), (sessions.STARTED, 10 * 3600 + 60, "inloggad i 10 timmar")],
)
def test_sessions_end(client: Client, one: User, key: str, ago: int, says: str) -> None:
    log_in(client, one)
    session = client.session
    session[key] -= ago
    session.save()
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/logga-in/?next=/", 302)]
    assert says in answer.content.decode()


def test_what_a_page_asks_by_itself_keeps_no_session_awake(client: Client, one: User) -> None:
    log_in(client, one)
    session = client.session
    session[sessions.SEEN] -= 1000
    session.save()
    client.get("/", headers={"X-Finsam-Background": "1"})
    assert client.session[sessions.SEEN] == session[sessions.SEEN]
    client.get("/")
    assert client.session[sessions.SEEN] > session[sessions.SEEN]


# Uppdrag


def test_one_uppdrag_is_taken_by_itself(client: Client, one: User) -> None:
    log_in(client, one)
    forbund = Uppdrag.objects.get(user=one).forbund_id
    assert client.get("/prov/look/").content.decode() == f"{forbund} 1"


def test_several_forbund_have_to_be_chosen_from(client: Client, many: User) -> None:
    log_in(client, many)
    assert client.get("/prov/look/").headers["Location"] == "/uppdrag/?next=/prov/look/"
    assert client.post("/prov/write/").headers["Location"] == "/uppdrag/"
    page = client.get("/uppdrag/").content.decode()
    assert "Sista biten och Steget vidare" in page and "Ung framtid" in page
    assert page.count('name="uppdrag"') == 2
    wanted = {"uppdrag": choice("Norra skogen"), "next": "/prov/look/"}
    assert client.post("/uppdrag/", wanted).headers["Location"] == "/prov/look/"
    assert client.get("/prov/look/").status_code == 200


def test_insatser_of_one_forbund_are_worked_in_together(client: Client, many: User) -> None:
    """Nothing to choose, and both insatser are there; one whose uppdrag ends is gone at the next request."""
    Uppdrag.objects.filter(user=many, insats__namn="Ung framtid").delete()
    log_in(client, many)
    page = client.get("/").content.decode()
    assert "Sista biten" in page and "Steget vidare" in page
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Uppdrag.objects.filter(user=many, insats__namn="Sista biten").update(till=yesterday)
    page = client.get("/").content.decode()
    assert "Sista biten" not in page and "Steget vidare" in page and "inte längre något uppdrag" not in page


def test_roles_in_one_forbund_are_chosen_between(client: Client) -> None:
    """Also a whole förbund and an insats in it in one role are one choice, which opens the whole förbund."""
    with factories.as_system():
        kust = factories.forbund(namn="Älv och kust")
        account = factories.user(
            Roll.INSATSANSVARIG, Roll.RAPPORTLASARE, insats=factories.insats(forbund=kust), password=PASSWORD
        )
        factories.uppdrag(account, Roll.INSATSANSVARIG, forbund=kust)
        factories.insats(forbund=kust, namn="Grannen")
    log_in(client, account)
    assert client.get("/uppdrag/").content.decode().count('name="uppdrag"') == 2
    client.post("/uppdrag/", {"uppdrag": choice("Älv och kust", Roll.INSATSANSVARIG)})
    assert "Grannen" in client.get("/").content.decode()


def test_nobody_chooses_what_is_anothers(client: Client, many: User, one: User) -> None:
    log_in(client, many)
    others = f"{Uppdrag.objects.get(user=one).forbund_id}-{Roll.FORBUNDSADMINISTRATOR.value}"
    for wanted in (others, choice("Norra skogen", Roll.INSATSANSVARIG), "riket-deltagaransvarig", "x", ""):
        assert client.post("/uppdrag/", {"uppdrag": wanted}).status_code == 404


def test_an_uppdrag_that_ends_bites_at_the_next_request(client: Client, one: User) -> None:
    log_in(client, one)
    assert client.get("/").status_code == 200
    with factories.as_system():
        other = factories.uppdrag(one, Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund())
    Uppdrag.objects.filter(user=one).exclude(pk=other.pk).update(
        till=timezone.localdate() - dt.timedelta(days=1)
    )
    answer = client.post("/prov/write/", follow=True)
    assert organisation(one) == ""
    assert "inte längre något uppdrag" in answer.content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"forbundsadministrator": False}])
def test_a_right_taken_away_bites_at_the_next_request(
    client: Client, one: User, change: dict[str, Any]
) -> None:
    log_in(client, one)
    assert client.get("/prov/look/").status_code == 200
    User.objects.filter(pk=one.pk).update(**change)
    assert client.get("/prov/look/").status_code == 302
    assert client.post("/prov/write/").status_code == 302
    assert organisation(one) == ""


def test_without_uppdrag_the_page_says_who_can_help(client: Client) -> None:
    with factories.as_system():
        account = factories.user(Roll.DELTAGARANSVARIG, password=PASSWORD)
    log_in(client, account)
    page = client.get("/", follow=True).content.decode()
    assert "Du har inget uppdrag" in page and "förbundsadministratören" in page


def test_a_form_from_another_forbund_is_not_taken(client: Client, many: User) -> None:
    log_in(client, many)
    first, second = choice("Älv och kust"), choice("Norra skogen")
    client.post("/uppdrag/", {"uppdrag": first})
    answer = client.post(
        "/prov/write/", f"_uppdrag={second}", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 409
    assert "Därför sparades ingenting" in answer.content.decode()
    assert organisation(many) == ""
    assert (
        client.post(
            "/prov/write/", f"_uppdrag={first}", content_type="application/x-www-form-urlencoded"
        ).status_code
        == 200
    )


def test_nor_is_one_that_is_sent_as_one_with_files(client: Client, many: User) -> None:
    """Only a view that takes files is left to ask it by itself (`takes_files`)."""
    log_in(client, many)
    first, second = choice("Älv och kust"), choice("Norra skogen")
    client.post("/uppdrag/", {"uppdrag": first})
    assert client.post("/prov/write/", {"_uppdrag": second}).status_code == 409
    assert organisation(many) == ""
    assert client.post("/prov/write/", {"_uppdrag": first}).status_code == 200


# Refusals and faults


def test_roles(client: Client, one: User) -> None:
    log_in(client, one)
    answer = client.get("/prov/national/")
    assert answer.status_code == 403
    assert "arbetar som nationell administratör" in answer.content.decode()
    assert roles_of(national) == frozenset({Roll.NATIONELL_ADMINISTRATOR})
    assert roles_of(look) is None


def test_a_refusal_is_in_words_and_undoes_the_request(client: Client, one: User) -> None:
    log_in(client, one)
    answer = client.post("/prov/refuse/")
    assert answer.status_code == 403
    assert "Det får du inte. Fråga den som ger uppdrag." in answer.content.decode()
    assert organisation(one) == ""


def test_a_fault_undoes_the_request_tells_nothing_and_keeps_the_log(client: Client, one: User) -> None:
    log_in(client, one)
    client.raise_request_exception = False
    answer = client.post("/prov/fail/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Något gick fel" in page and "hemligt" not in page and one.namn not in page
    assert organisation(one) == ""
    assert Atkomst.objects.get(objekt_id="fail").resultat == Resultat.AVBRUTET


def test_unknown_address(client: Client, one: User) -> None:
    log_in(client, one)
    answer = client.get("/finns-inte/")
    assert answer.status_code == 404
    assert "Sidan finns inte" in answer.content.decode()


def test_csrf(one: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/logga-in/", {"username": one.anvandarnamn, "password": PASSWORD})
    assert answer.status_code == 403
    assert "Ingenting sparades" in answer.content.decode()


# GET cannot write


def test_get_cannot_write_but_the_log(client: Client, one: User) -> None:
    log_in(client, one)
    assert client.get("/prov/look/").status_code == 200
    assert Atkomst.objects.filter(objekt_id="look").count() == 1
    with pytest.raises(WriteInGet):
        client.get("/prov/write/")
    assert organisation(one) == ""
    assert client.post("/prov/write/").status_code == 200
    assert organisation(one) == "skriven"


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO registration_forbund (id) VALUES (1)", "  update access_user set namn = ''",
        "DELETE FROM registration_uppdrag", "/* x */ DELETE FROM access_user", "CREATE TABLE x (y int)",
        "WITH a AS (SELECT 1) INSERT INTO access_user SELECT * FROM a",
    ],
)  # fmt: skip
def test_statements_that_write_are_refused(sql: str) -> None:
    with only_reading(), connection.cursor() as cursor, pytest.raises(WriteInGet):
        cursor.execute(sql)


def test_statements_that_read_are_not() -> None:
    with only_reading(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("WITH a AS (SELECT 1) SELECT * FROM a")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one write lock")
def test_a_page_does_not_wait_for_a_running_job(client: Client, one: User) -> None:
    log_in(client, one)
    job = sqlite3.connect(connection.settings_dict["NAME"])
    try:
        job.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert client.get("/").status_code == 200
        assert time.monotonic() - begun < 5
    finally:
        job.rollback()
        job.close()


# Headers and HTML


class Strict(HTMLParser):
    """Finds what the CSP would refuse, and marks of templates that were not filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if (
            tag == "style"
            or "style" in names
            or any(name.startswith("on") or name == "hx-on" for name in names)
        ):
            self.faults.append(f"inline in <{tag}>")
        if tag == "script" and "src" not in names:
            self.faults.append("inline script")

    def handle_data(self, data: str) -> None:
        if re.search(r"\{\{|\{%|%\}", data):
            self.faults.append(f"template mark: {data.strip()[:40]}")


BANNER = '<p class="demo"><strong>Demo.</strong> Alla personer är påhittade. Skriv inget om verkliga personer här.</p>'


def paths(client: Client) -> list[str]:
    return [
        "/",
        "/logga-in/",
        "/uppdrag/",
        "/tillganglighet/",
        "/komponenter/",
        "/komponenter/?fel",
        "/finns-inte/",
    ]


@pytest.mark.parametrize("logged_in", [True, False])
def test_every_page_is_strict_and_not_stored(client: Client, one: User, logged_in: bool) -> None:
    if logged_in:
        log_in(client, one)
    for address in paths(client):
        answer = client.get(address)
        parser = Strict()
        parser.feed(answer.content.decode())
        assert not parser.faults, (address, parser.faults)
        csp = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp and "frame-ancestors 'none'" in csp and "unsafe" not in csp
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_component_page_is_for_the_demo_only(client: Client) -> None:
    assert client.get("/komponenter/").status_code == 200
    with override_settings(FINSAM_MODE="production"):
        assert client.get("/komponenter/").status_code == 404
        assert client.get("/komponenter/framsteg/").status_code == 404
        assert BANNER not in client.get("/logga-in/").content.decode()


@pytest.mark.parametrize("logged_in", [True, False])
def test_the_demo_says_on_every_page_that_it_is_one(client: Client, one: User, logged_in: bool) -> None:
    """What is shown to everybody must not be taken for the register; and the register not for a demo."""
    if logged_in:
        log_in(client, one)
    for address in paths(client):
        assert BANNER in client.get(address, follow=True).content.decode(), address
    with override_settings(FINSAM_MODE="production"):
        for address in ("/", "/logga-in/", "/tillganglighet/", "/finns-inte/"):
            page = client.get(address, follow=True).content.decode()
            assert "<h1" in page and BANNER not in page and "Demo." not in page, address


def test_start_page_asks_the_database_little(
    client: Client, one: User, django_assert_max_num_queries: Any
) -> None:
    log_in(client, one)
    client.get("/")
    with django_assert_max_num_queries(15):
        client.get("/")
