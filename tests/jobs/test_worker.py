"""Jobs in a real worker on a real broker."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time

import pytest
import redis
from django.contrib.auth.models import Group

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.jobs.api import job_status, request_cancel, start_job
from finsam_site.jobs.models import Jobb, Tillstand
from registration.models import Uppdrag
from tests import factories
from tests.jobs.kinds import SECRET, tries_of
from tests.jobs.processes import Processes, ended
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def start(kind: str, **ids: object) -> Jobb:
    """As the system account."""
    with acting_as(User.objects.system()):
        return start_job(kind, **ids)


def test_progress_is_seen_from_outside(worker: Processes) -> None:
    """At least five rising values while it runs, and the last one stays in the row."""
    job = start("prov_rakna", steg=20, ms=100)
    seen: list[int] = []
    while not job.ended:
        status = job_status(job)
        if status.state == Tillstand.PAGAR and status.done not in seen[-1:]:
            seen.append(status.done)
        time.sleep(0.05)
        job.refresh_from_db()
    assert seen == sorted(seen) and len(set(seen)) >= 5, seen
    assert (job.tillstand, job.gjort, job.av, job.steg) == (Tillstand.KLAR, 20, 20, "Räknar")
    assert job_status(job).percent == 100 and job.resultat == {"steg": 20}
    assert tries_of(job.pk) == 1


def test_a_job_starts_at_once_and_acts_as_who_started_it(processes: Processes) -> None:
    """By its message, before beat looks for jobs that nobody was told of, as that user in that uppdrag."""
    processes.start_worker()
    user = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats())
    uppdrag = Uppdrag.objects.get(user=user)
    with acting_as(user, uppdrag):
        job = start_job("prov_vem")
    ended(job)
    assert job.resultat == {"user": user.pk, "uppdrag": uppdrag.pk, "roll": "deltagaransvarig"}
    # A fraction of a second here; how busy the machine is is no matter of the product.
    assert job.paborjad and job.paborjad - job.skapad < dt.timedelta(seconds=10)

    processes.start_beat()
    Uppdrag.objects.filter(pk=uppdrag.pk).update(till="2024-12-31")
    late = Jobb.objects.create(slag="prov_vem", skapad_av=user, uppdrag=uppdrag.pk)
    ended(late)
    assert late.tillstand == Tillstand.MISSLYCKAD and "Uppdraget gäller inte i dag" in late.fel


def test_failures_are_told_in_words(worker: Processes) -> None:
    """Declared failures word by word; the unexpected in general words with the job's number, and no value anywhere."""
    declared, domain, unexpected = (start("prov_fel", hur=hur) for hur in ("jobfailed", "domain", "annat"))
    assert ended(declared).fel == "Filen är tom. Välj en annan fil."
    assert ended(domain).fel == "Året är inte slut."
    assert str(unexpected.pk) in ended(unexpected).fel and "Något gick fel i programmet" in unexpected.fel
    until(lambda: "builtins.ValueError at kinds.py" in worker.log)
    assert "caused by builtins.KeyError" in worker.log
    assert "Tolvan" not in worker.log + unexpected.fel and SECRET not in worker.log


def test_a_cancelled_job_stops_and_keeps_nothing(worker: Processes) -> None:
    """Under way: within seconds, its transaction undone. Waiting: at once."""
    job = start("prov_skriv", steg=300, ms=100)  # half a minute
    until(lambda: tries_of(job.pk))
    assert request_cancel(job)
    asked = time.monotonic()
    assert ended(job).tillstand == Tillstand.AVBRUTEN
    assert time.monotonic() - asked < 15
    assert not Group.objects.exists() and 0 < job.gjort < 300 and job.av == 300
    assert not request_cancel(job)


def test_only_ids_travel(broker: str) -> None:
    """What lies in Redis for a waiting job is its id and the name of the task."""
    steps = 987_654_321_987_654_321  # too long to stand in an id by chance; three digits sooner or later do
    job = start("prov_rakna", steg=steps, ms=654)
    [raw] = redis.Redis.from_url(broker, decode_responses=True).lrange("finsam", 0, -1)
    message = json.loads(raw)
    assert json.loads(base64.b64decode(message["body"]))[:2] == [[str(job.pk)], {}]
    text = str(raw) + base64.b64decode(message["body"]).decode()
    assert str(steps) not in text and "prov_rakna" not in text and "system" not in text
    assert message["headers"]["argsrepr"] == f"['{job.pk}']"


def test_nothing_starts_before_the_transaction_is_there(broker: str) -> None:
    """A job of a transaction that is undone is neither in the database nor in the queue."""
    with pytest.raises(ZeroDivisionError), acting_as(User.objects.system()):
        start_job("prov_vem")
        raise ZeroDivisionError
    assert not Jobb.objects.exists()
    assert redis.Redis.from_url(broker).llen("finsam") == 0
