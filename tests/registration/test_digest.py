"""The weekly mail: once a week and user, counts only, sent again only when it surely did not go."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.celery import app
from finsam_site.clock import STOCKHOLM
from finsam_site.jobs.broker import WEEKLY_TASK
from registration.digest import send_weekly, week_of
from registration.models import Insats, Veckobrev
from registration.tasks import send_weekly as task
from tests import factories, numbers, smtp

pytestmark = [pytest.mark.both, pytest.mark.django_db]

MONDAY = "2026-03-30T08:00"  # the day after the clocks were put forward
NAMES = {"fornamn": "Marigold", "efternamn": "Tigerstedt"}

At = Callable[[str], None]


def stockholm(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Let it be a time of day in Stockholm."""

    def set_clock(text: str) -> None:
        now = stockholm(text).astimezone(dt.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    return set_clock


@pytest.fixture
def insats() -> Insats:
    factories.formular()
    return factories.insats(namn="Hemliga steget", slutdatum=dt.date(2025, 12, 31))


@pytest.fixture
def eva(insats: Insats, at: At) -> User:
    """With something to do, on a Monday morning."""
    one = factories.user(
        Roll.DELTAGARANSVARIG,
        insats=insats,
        namn="Eva Adolfina",
        epost="eva@example.se",
        password="prov-losenord-7",
    )
    factories.registered(0, insats=insats, **NAMES)
    factories.registered(1, insats=insats)
    at(MONDAY)
    return one


def test_it_is_done_by_beat() -> None:
    """Each hour: the mail decides itself what is due."""
    (planned,) = (one for one in app.conf.beat_schedule.values() if one["task"] == WEEKLY_TASK)
    assert planned["schedule"] == 3600.0 and WEEKLY_TASK in app.tasks and task.name == WEEKLY_TASK


class Faulty(EmailBackend):
    """A mail server with a fault."""

    opening: Exception | None = None
    sending: Exception | None = None

    def open(self) -> bool | None:
        if Faulty.opening:
            raise Faulty.opening
        return None

    def send_messages(self, messages: Any) -> int:
        if Faulty.sending:
            raise Faulty.sending
        return super().send_messages(messages)


@pytest.fixture
def faulty(settings: Any) -> Any:
    settings.EMAIL_BACKEND = f"{__name__}.Faulty"
    yield Faulty
    Faulty.opening = Faulty.sending = None


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-03-30T05:59:59", None),
        ("2026-03-30T06:00:00", "2026-03-30"),
        ("2026-03-31T23:59:59", "2026-03-30"),
        ("2026-04-01T00:00:00", None),
        ("2026-03-29T12:00:00", None),
        ("2026-10-26T06:00:00", "2026-10-26"),
        ("2026-10-26T05:59:59", None),
        ("2024-12-31T12:00:00", "2024-12-30"),  # a week over the turn of the year is one week
    ],
)
def test_when_it_is_due(now: str, monday: str | None) -> None:
    """By the clock of Stockholm, also the Mondays after it was changed."""
    assert week_of(stockholm(now)) == (dt.date.fromisoformat(monday) if monday else None)


def test_counts_only(eva: User, insats: Insats, settings: Any) -> None:
    settings.ADDRESS = "https://finsam.example.se"
    assert send_weekly() == 1
    (sent,) = mail.outbox
    assert sent.to == ["eva@example.se"]
    assert "- 2 deltaganden öppna i avslutade insatser" in sent.body
    assert "- 2 samtycken att skicka i original" in sent.body
    assert (
        "https://finsam.example.se/\n" in sent.body
        and "https://finsam.example.se/installningar/" in sent.body
    )
    whole = sent.message().as_string() + sent.body
    for canary in (*NAMES.values(), numbers.pick(0), "Förnamn", "Hemliga", "Adolfina"):
        assert canary not in whole


def test_once_a_week_however_often_it_runs(eva: User, at: At) -> None:
    for _ in range(3):
        task()
    at("2026-03-31T15:00")
    task()
    assert len(mail.outbox) == 1
    at("2026-04-06T08:00")
    task()
    assert len(mail.outbox) == 2
    assert Veckobrev.objects.filter(user=eva, tillstand=Veckobrev.Tillstand.SKICKAT).count() == 2


def test_whoever_has_the_row_sends(eva: User) -> None:
    """Another worker has begun, or was killed while it sent: rather no mail than two."""
    Veckobrev.objects.create(user=eva, vecka=dt.date(2026, 3, 30), andrat=stockholm(MONDAY))
    assert send_weekly() == 0
    assert mail.outbox == []


def test_nothing_to_do_is_no_mail(eva: User, at: At) -> None:
    idle = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats(), epost="idle@example.se")
    factories.user(epost="utan@example.se")
    assert send_weekly() == 1
    assert Veckobrev.objects.get(user=idle).tillstand == Veckobrev.Tillstand.INGET


def test_a_forbundsadministrator_is_told_of_what_nobody_answers_for(insats: Insats, at: At) -> None:
    factories.registered(0, insats=insats)
    factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund, epost="ada@example.se")
    at(MONDAY)
    assert send_weekly() == 1
    assert "- 1 deltagande utan deltagaransvarig" in mail.outbox[0].body
    assert "- 1 original att skicka eller leta efter i insatser utan deltagaransvarig" in mail.outbox[0].body


@pytest.mark.parametrize("how", ["own", "setting", "closed", "no address", "no uppdrag"])
def test_who_gets_none(eva: User, settings: Any, how: str) -> None:
    if how == "setting":
        settings.WEEKLY_MAIL = False
    elif how == "no uppdrag":
        eva.uppdrag.update(till=dt.date(2026, 3, 29))
    else:
        changes: dict[str, dict[str, Any]] = {
            "own": {"veckobrev": False},
            "closed": {"is_active": False},
            "no address": {"epost": ""},
        }
        User.objects.filter(pk=eva.pk).update(**changes[how])
    assert send_weekly() == 0
    assert mail.outbox == []


def test_no_connection_leaves_everything_for_the_next_run(eva: User, faulty: Any) -> None:
    faulty.opening = ConnectionRefusedError()
    assert send_weekly() == 0
    assert not Veckobrev.objects.exists()
    faulty.opening = None
    assert send_weekly() == 1


@pytest.mark.parametrize(
    "fault",
    [
        smtplib.SMTPRecipientsRefused({"eva@example.se": (450, b"busy")}),
        smtplib.SMTPNotSupportedError("an address that the server cannot take"),
        ValueError("an address that is none"),
    ],
)
def test_a_refused_mail_is_tried_again(eva: User, faulty: Any, fault: Exception) -> None:
    """And one that never went out."""
    faulty.sending = fault
    assert send_weekly() == 0
    assert Veckobrev.objects.get().tillstand == Veckobrev.Tillstand.MISSLYCKAT
    faulty.sending = None
    assert [send_weekly(), send_weekly()] == [1, 0]
    assert Veckobrev.objects.get().forsok == 2


def test_what_may_have_gone_is_not_sent_again(eva: User, faulty: Any) -> None:
    faulty.sending = smtplib.SMTPServerDisconnected("after the text was sent")
    assert send_weekly() == 0
    faulty.sending = None
    assert send_weekly() == 0
    assert Veckobrev.objects.get().tillstand == Veckobrev.Tillstand.OVISST


@pytest.fixture
def three(eva: User) -> list[str]:
    """Eva and two more who are written to after her."""
    insats = eva.uppdrag.get().insats
    for epost in ("ulf@example.se", "vera@example.se"):
        factories.user(Roll.DELTAGARANSVARIG, insats=insats, epost=epost)
    return ["eva@example.se", "ulf@example.se", "vera@example.se"]


@pytest.fixture
def server(settings: Any) -> Iterator[smtp.Server]:
    with smtp.serving(settings) as one:
        yield one


def states() -> list[str]:
    return list(Veckobrev.objects.order_by("user").values_list("tillstand", flat=True))


def test_a_run_goes_by_one_connection(three: list[str], server: smtp.Server) -> None:
    assert send_weekly() == 3
    assert (server.taken, server.connections) == (three, 1)


def test_a_server_that_leaves_after_each_mail_takes_them_all(three: list[str], server: smtp.Server) -> None:
    server.leave_after_mail = True
    assert send_weekly() == 3
    assert server.taken == three and states() == ["skickat"] * 3


def test_a_connection_that_is_closed_on_one_keeps_nobody_elses_mail(
    three: list[str], server: smtp.Server
) -> None:
    """421 to the first: it surely did not go, and is tried again; the others go on a connection of their own."""
    server.busy = {three[0]}
    assert send_weekly() == 2
    assert states() == ["misslyckat", "skickat", "skickat"]
    server.busy = set()
    assert send_weekly() == 1
    assert server.taken == [*three[1:], three[0]]


def test_only_the_mail_that_was_being_sent_is_uncertain(three: list[str], server: smtp.Server) -> None:
    server.cut = {three[0]}
    assert send_weekly() == 2
    assert states() == ["ovisst", "skickat", "skickat"]
    assert send_weekly() == 0 and server.taken == three


@pytest.mark.parametrize("how", ["leave_after_mail", "busy"])
def test_who_comes_after_a_server_that_went_waits_for_the_next_run(
    three: list[str], server: smtp.Server, how: str
) -> None:
    """Nobody's mail is given up for a connection that was not there."""
    server.most_connections = 1
    if how == "busy":
        server.busy = {three[0]}
    else:
        server.leave_after_mail = True
    send_weekly()
    assert "ovisst" not in states() and len(states()) < 3
    server.most_connections, server.busy = 1000, set()
    send_weekly()
    assert sorted(server.taken) == three


def test_one_user_without_mail_does_not_stop_the_others(
    eva: User, faulty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.user(Roll.DELTAGARANSVARIG, insats=eva.uppdrag.get().insats, epost="ulf@example.se")

    def text_for(user: User) -> str:
        if user.pk == eva.pk:
            raise LookupError
        return "Hej!"

    monkeypatch.setattr("registration.digest.text_for", text_for)
    assert send_weekly() == 1
    assert mail.outbox[0].to == [other.epost]


def test_rows_go_after_two_months(eva: User, at: At) -> None:
    Veckobrev.objects.create(user=eva, vecka=dt.date(2026, 1, 26), andrat=stockholm(MONDAY))
    send_weekly()
    assert not Veckobrev.objects.filter(vecka=dt.date(2026, 1, 26)).exists()


def test_each_can_switch_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats(), password="prov-losenord-7")
    client = Client()
    client.post("/logga-in/", {"username": eva.anvandarnamn, "password": "prov-losenord-7"})
    assert "/installningar/" in client.get("/").content.decode()
    assert "ingen e-postadress" in client.get("/installningar/").content.decode()
    for given, kept in (({}, False), ({"veckobrev": "on"}, True)):
        assert client.post("/installningar/", given).status_code == 302
        eva.refresh_from_db()
        assert eva.veckobrev is kept
