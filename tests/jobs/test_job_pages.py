"""The pages of jobs: whose they are, what they show in each state, cancel."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.jobs import pulse, results, sweep
from finsam_site.jobs.api import start_job
from finsam_site.jobs.models import Jobb, Tillstand
from finsam_site.ui.components import Link, Text, Tone
from tests import factories
from tests.jobs.processes import Processes, ended
from tests.waiting import until

PASSWORD = "prov-losenord-7"
pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The queue answers, but nobody is told; a test with a worker has a real one."""
    if "worker" not in request.fixturenames:
        monkeypatch.setattr("finsam_site.jobs.api.nudge", lambda job_id: True)
        monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: True)
        monkeypatch.setattr(sweep, "_last_look", (0.0, True))


@pytest.fixture
def nat() -> User:
    with factories.as_system():
        return factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True, namn="Nat Prov", password=PASSWORD)


@pytest.fixture
def lars() -> User:
    with factories.as_system():
        return factories.user(
            Roll.RAPPORTLASARE, forbund=factories.forbund(), namn="Lars Prov", password=PASSWORD
        )


def log_in(user: User) -> Client:
    client = Client()
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    return client


def started(user: User, kind: str = "prov_rakna", **ids: Any) -> Jobb:
    with factories.acting(user):
        return start_job(kind, **(ids or {"steg": 20, "ms": 1}))


def change(jobb: Jobb, **fields: Any) -> None:
    Jobb.objects.filter(pk=jobb.pk).update(**fields)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_own_jobs_only_unless_the_role_sees_the_kind(nat: User, lars: User) -> None:
    counted, written = started(lars), started(lars, "prov_skriv", steg=1, ms=1)
    mine, theirs = log_in(lars), log_in(nat)
    assert "Räkna till 20" in text(mine.get("/jobb/"))
    assert "Inga jobb ännu" in text(theirs.get("/jobb/"))
    for path in ("", "framsteg/"):
        assert mine.get(f"/jobb/{counted.pk}/{path}").status_code == 200
        assert mine.get(f"/jobb/{written.pk}/{path}").status_code == 200
        assert theirs.get(f"/jobb/{counted.pk}/{path}").status_code == 200  # the kind says so
        assert theirs.get(f"/jobb/{written.pk}/{path}").status_code == 404
        assert mine.get(f"/jobb/{uuid.uuid4()}/{path}").status_code == 404
    assert theirs.post(f"/jobb/{written.pk}/avbryt/").status_code == 404
    assert Client().get(f"/jobb/{counted.pk}/").status_code == 302


def test_a_job_that_waits_says_why_and_can_be_cancelled(lars: User) -> None:
    jobb = started(lars)
    client = log_in(lars)
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    assert "Du kan lämna sidan." in page and "Avbryt jobbet" in page
    assert '<noscript><meta http-equiv="refresh"' in page and f'hx-get="/jobb/{jobb.pk}/framsteg/"' in page
    assert client.get(f"/jobb/{jobb.pk}/avbryt/").status_code == 405
    page = text(client.post(f"/jobb/{jobb.pk}/avbryt/", follow=True))
    assert "Jobbet avbryts." in page and "Inget av det sparades." in page
    assert "Jobbet var redan avbrutet." in text(client.post(f"/jobb/{jobb.pk}/avbryt/", follow=True))
    jobb.refresh_from_db()
    assert jobb.tillstand == Tillstand.AVBRUTEN


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"tillstand": Tillstand.KLAR, "resultat": {}}, "Jobbet hann bli klart"),
        ({"tillstand": Tillstand.MISSLYCKAD, "fel": "Filen är tom."}, "Jobbet hade redan misslyckats."),
        ({"tillstand": Tillstand.AVBRUTEN}, "Jobbet var redan avbrutet."),
    ],
)
def test_a_wish_to_cancel_that_comes_too_late_is_told_how_it_ended(
    lars: User, end: dict[str, Any], said: str
) -> None:
    jobb = started(lars)
    now = timezone.now()
    change(jobb, paborjad=now, avslutad=now, **end)
    assert said in text(log_in(lars).post(f"/jobb/{jobb.pk}/avbryt/", follow=True))


def test_progress_of_a_running_job(lars: User) -> None:
    jobb = started(lars)
    token = uuid.uuid4()
    begun = timezone.now() - dt.timedelta(seconds=30)
    change(jobb, tillstand=Tillstand.PAGAR, token=token, forsok=1, paborjad=begun)
    pulse.beat_in_cache(jobb.pk, token)
    pulse.write_progress(jobb.pk, 15, 20, "", 1)
    client = log_in(lars)
    answer = client.get(f"/jobb/{jobb.pk}/framsteg/")
    assert "15 av 20 klara, ungefär" in text(answer) and 'value="15"' in text(answer)
    assert "HX-Refresh" not in answer.headers and "<html" not in text(answer)
    assert "15 av 20 klara" in text(client.get("/jobb/"))
    change(jobb, avbryt_begard=timezone.now())
    assert "Jobbet avbryts" in text(client.get(f"/jobb/{jobb.pk}/framsteg/"))


def test_a_failed_job_says_why(lars: User) -> None:
    jobb = started(lars)
    now = timezone.now()
    change(
        jobb, tillstand=Tillstand.MISSLYCKAD, fel="Filen är tom. Välj en annan.", paborjad=now, avslutad=now
    )
    client = log_in(lars)
    answer = client.get(f"/jobb/{jobb.pk}/framsteg/")
    assert "Filen är tom. Välj en annan." in text(answer) and answer.headers["HX-Refresh"] == "true"
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    assert "refresh" not in page.split("<body")[0].replace("htmx", "") and "Avbryt jobbet" not in page


def test_each_kind_says_what_its_end_means(lars: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_shown", {})
    results.register(
        "prov_rakna",
        outcome=lambda jobb: results.Outcome(
            "Räknat.",
            Link("Se talen", "/tal/"),
            "Färdigräknat",
            Tone.GOOD,
            [Text(f"Kom till {jobb.result_ids['n']}.")],
        ),
        title=lambda jobb: "Stor räkning",
    )
    jobb = started(lars)
    now = timezone.now()
    change(jobb, tillstand=Tillstand.KLAR, resultat={"n": 20}, paborjad=now, avslutad=now)
    client = log_in(lars)
    page = text(client.get(f"/jobb/{jobb.pk}/"))
    for words in ("Stor räkning", "Räknat.", "Se talen", "Färdigräknat", "Kom till 20."):
        assert words in page, words
    assert "Se talen" in text(client.get("/jobb/"))


def test_pages_ask_the_database_little(lars: User, django_assert_max_num_queries: Any) -> None:
    jobs = [started(lars) for _ in range(8)]
    now = timezone.now()
    for one in jobs:
        change(one, tillstand=Tillstand.KLAR, resultat={}, paborjad=now, avslutad=now)
    client = log_in(lars)
    client.get("/jobb/")
    with django_assert_max_num_queries(11):
        client.get("/jobb/")
    with django_assert_max_num_queries(11):
        client.get(f"/jobb/{jobs[0].pk}/")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_page_follows_a_real_worker(worker: Processes, lars: User) -> None:
    """At least five rising values on the page itself, then the end."""
    jobb = started(lars, "prov_rakna", steg=20, ms=150)
    client = log_in(lars)
    seen: list[int] = []

    def look() -> bool:
        answer = client.get(f"/jobb/{jobb.pk}/framsteg/")
        value = text(answer).partition('value="')[2].partition('"')[0]
        if "progress-running" in text(answer) and value.isdigit() and int(value) not in seen[-1:]:
            seen.append(int(value))
        return "HX-Refresh" in answer.headers

    until(look)
    assert seen == sorted(seen) and len(set(seen)) >= 5, seen
    assert ended(jobb).tillstand == Tillstand.KLAR
    assert "Jobbet är klart." in text(client.get(f"/jobb/{jobb.pk}/"))
