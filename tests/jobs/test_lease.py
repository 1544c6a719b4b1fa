"""Who has a job: claim, race, loss (PostgreSQL, several connections)."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from finsam_site.access.models import User
from finsam_site.jobs import lease, running
from finsam_site.jobs.models import Jobb, JobbPuls, Tillstand
from finsam_site.jobs.registry import LeaseLost, RunningJob, job
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def new(slag: str = "prov_rakna", **argument: object) -> Jobb:
    return Jobb.objects.create(slag=slag, argument=argument, skapad_av=User.objects.system())


def forget(row: Jobb) -> None:
    """As if its holder had been silent for longer than the lease."""
    cache.delete(f"jobb:{row.pk}:puls")
    JobbPuls.objects.filter(jobb=row).update(lever_till=Now() - dt.timedelta(seconds=1))


def test_of_two_that_claim_one_wins() -> None:
    """A hundred jobs, half of them left by a dead worker, each claimed by two connections at once."""
    jobs = [new() for _ in range(100)]
    for row in jobs[::2]:
        assert lease.claim(row.pk)
        forget(row)
    gate = threading.Barrier(2)

    def claim_all() -> list[uuid.UUID]:
        try:
            won = []
            for row in jobs:
                gate.wait(10)
                if lease.claim(row.pk):
                    won.append(row.pk)
            return won
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one, other = (future.result() for future in [pool.submit(claim_all) for _ in range(2)])
    assert not set(one) & set(other)
    assert set(one) | set(other) == {row.pk for row in jobs}
    assert set(Jobb.objects.values_list("forsok", flat=True)) == {1, 2}


def test_a_held_job_is_not_to_be_had() -> None:
    """Not while the row says that its holder lives, and not while only the cache says so."""
    row = new()
    taken = lease.claim(row.pk)
    assert taken and taken.token and lease.claim(row.pk) is None
    cache.delete(f"jobb:{row.pk}:puls")
    assert lease.claim(row.pk) is None
    forget(row)
    lease.pulse.beat_in_cache(row.pk, taken.token)
    assert lease.claim(row.pk) is None
    forget(row)
    again = lease.claim(row.pk)
    assert again and again.token and again.token != taken.token and again.forsok == 2
    assert not lease.renew(row.pk, taken.token) and lease.renew(row.pk, again.token)


def test_a_result_is_not_published_when_the_lease_is_lost_in_the_middle() -> None:
    """Another takes the job over while the first is at work: what the first wrote is undone, and only one ends it."""
    second: list[Jobb | None] = []

    @job(kind="prov_tappa", title="Tappa")
    def lose(live: RunningJob) -> None:
        with live.acting(one_snapshot=True):
            Group.objects.create(name=f"{live.id} {uuid.uuid4()}")

            def take_over() -> None:
                forget(Jobb.objects.get(pk=live.id))
                second.append(lease.claim(live.id))
                connection.close()

            other = threading.Thread(target=take_over)
            other.start()
            other.join()
            live.publish({"vem": 1})

    row = new("prov_tappa")
    running.run(row.pk)
    row.refresh_from_db()
    assert second[0] and row.tillstand == Tillstand.PAGAR and row.token == second[0].token
    assert not Group.objects.exists() and row.resultat is None
    lease.publish(row.pk, second[0].token or uuid.uuid4(), {"vem": 2}, lease.Progress())
    row.refresh_from_db()
    assert row.tillstand == Tillstand.KLAR and row.resultat == {"vem": 2} and row.token is None
    with pytest.raises(LeaseLost):
        lease.publish(row.pk, uuid.uuid4(), {"vem": 3}, lease.Progress())


def test_the_heartbeat_does_not_disturb_a_snapshot(settings: object) -> None:
    """The pulse changes while a repeatable-read transaction runs; publishing into the job row still works."""
    settings.JOB_LEASE_SECONDS = 1  # type: ignore[attr-defined]

    @job(kind="prov_lange", title="Länge")
    def long(live: RunningJob) -> None:
        with live.acting(one_snapshot=True):
            first = JobbPuls.objects.get(jobb=live.id).slag

            def renewed() -> bool:
                with ThreadPoolExecutor(1) as pool:
                    return pool.submit(look).result() > first

            def look() -> dt.datetime:
                try:
                    return JobbPuls.objects.get(jobb=live.id).slag
                finally:
                    connection.close()

            until(renewed)
            live.publish({})

    row = new("prov_lange")
    running.run(row.pk)
    row.refresh_from_db()
    assert row.tillstand == Tillstand.KLAR


def test_a_wish_to_cancel_while_publishing_in_a_snapshot() -> None:
    """The row changed since the snapshot: nothing is kept, and the job ends as cancelled."""

    @job(kind="prov_sent", title="Sent")
    def late(live: RunningJob) -> None:
        with live.acting(one_snapshot=True):
            Group.objects.create(name=f"{live.id} x")

            def cancel() -> None:
                Jobb.objects.filter(pk=live.id).update(avbryt_begard=Now())
                connection.close()

            other = threading.Thread(target=cancel)
            other.start()
            other.join()
            live.publish({})

    row = new("prov_sent")
    running.run(row.pk)
    row.refresh_from_db()
    assert row.tillstand == Tillstand.AVBRUTEN and not Group.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"tillstand": "klar"},
        {"tillstand": "pagar"},
        {"tillstand": "misslyckad", "avslutad": Now(), "paborjad": Now()},
        {"tillstand": "annat"},
        {"token": uuid.uuid4()},
        {"fel": "Fel"},
        {"resultat": {}},
        {"gjort": 3, "av": 2},
    ],
)
def test_what_cannot_be_is_refused_by_the_database(wrong: dict[str, object]) -> None:
    """States, token, result and words go together."""
    row = new()
    with pytest.raises(IntegrityError), transaction.atomic():
        Jobb.objects.filter(pk=row.pk).update(**wrong)
