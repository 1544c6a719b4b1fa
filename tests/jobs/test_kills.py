"""kill -9 in the middle, and brokers that go away: each job ends once, with one result (QUALITY §3)."""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial

import pytest
from django.contrib.auth.models import Group

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.jobs.api import job_status, start_job, why_waiting
from finsam_site.jobs.models import Jobb, Tillstand
from finsam_site.jobs.sweep import nudge
from reporting.models import Uttag, UttagFil
from tests.drill import Drill
from tests.jobs.kinds import ORPHANS, let_go, messages_of, pid_of, tries_of
from tests.jobs.processes import Processes, alive, ended
from tests.reporting.pages.world import FEBRUARY, YEAR, small_register
from tests.services import RedisServer
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

KILLS = int(os.environ.get("FINSAM_TEST_KILLS", "5"))
STEPS, MS = 12, 100
WHOLE = STEPS * MS / 1000


def start(kind: str, **ids: object) -> Jobb:
    """As the system account."""
    with acting_as(User.objects.system()):
        return start_job(kind, **ids)


def results_of(job: Jobb) -> int:
    """How many results the job has left behind."""
    return Group.objects.filter(name__startswith=str(job.pk)).count()


def tried(job: Jobb, times: int) -> bool:
    """True when the job's function has begun so often."""
    return tries_of(job.pk) == times


def test_kill_9_of_child_or_worker(worker: Processes, drill: Drill) -> None:
    """At moments spread from before the claim to after the commit; in turn the pool's child and the whole worker."""
    drill.what, drill.seed = "kill -9 of a job's worker or child at random moments", KILLS
    dice = random.Random(KILLS)
    slowest = 0.0
    for n in range(KILLS):
        job = start("prov_skriv", steg=STEPS, ms=MS)
        moment = (n + dice.random()) / KILLS * (WHOLE + 0.3)
        until(partial(tries_of, job.pk))
        time.sleep(moment)
        killed = time.monotonic()
        if n % 2:
            worker.kill()
            worker.start_worker(wait=False)
        else:
            os.kill(until(partial(pid_of, job.pk)), signal.SIGKILL)
        ended(job, 60)
        slowest = max(slowest, time.monotonic() - killed)
        where = f"kill {n} after {moment:.2f} s of {WHOLE} s"
        assert job.tillstand == Tillstand.KLAR, f"{where}: {job.fel}"
        assert (results_of(job), job.forsok) == (1, tries_of(job.pk)), where
        drill.tried += 1
    drill.note = f"the slowest job ended {slowest:.1f} s after"
    print(f"{KILLS} kills, the slowest job ended {slowest:.1f} s after")
    time.sleep(1.5)  # Nothing comes after the end.
    assert Group.objects.count() == KILLS
    assert not Jobb.objects.exclude(tillstand=Tillstand.KLAR).exists()


@pytest.mark.parametrize("orphans", [False, True], ids=["its child dies too", "its child works on"])
def test_kill_9_of_the_parent_alone(processes: Processes, orphans: bool) -> None:
    """In the middle of a job. The system ends the child with it, and the job is done anew; a child that lives on keeps
    it from the new worker and ends it. Either way it ends once, and nothing of the old worker is left.
    """
    if orphans:
        processes.set(ORPHANS, "1")
    processes.start()
    job = start("prov_vanta")
    child = until(lambda: pid_of(job.pk))
    processes.kill_parent()
    if not orphans:
        until(lambda: not alive(child))
    processes.start_worker()
    if orphans:
        assert nudge(job.pk)
        until(lambda: messages_of(job.pk) == 2)  # one that came to nothing
        assert alive(child)
    else:
        until(partial(tried, job, 2))
    let_go(job.pk)
    assert ended(job).tillstand == Tillstand.KLAR, job.fel
    until(lambda: not alive(child))
    tries = 1 if orphans else 2
    assert (results_of(job), job.forsok, tries_of(job.pk)) == (1, tries, tries)


def test_a_job_killed_each_time_is_given_up_in_words(processes: Processes) -> None:
    """After three tries."""
    processes.start()
    job = start("prov_rakna", steg=600, ms=100)
    for n in range(1, 4):
        until(partial(tried, job, n))
        os.kill(until(partial(pid_of, job.pk)), signal.SIGKILL)
    assert ended(job).tillstand == Tillstand.MISSLYCKAD
    assert "avbröts 3 gånger" in job.fel and str(job.pk) in job.fel


def test_with_the_products_own_lease(processes: Processes) -> None:
    """A killed worker's job ends within 60 s with the settings that the product has."""
    for name in ("FINSAM_JOB_LEASE_SECONDS", "FINSAM_JOB_SWEEP_SECONDS"):
        processes.unset(name)
    processes.start()
    job = start("prov_skriv", steg=STEPS, ms=MS)
    until(lambda: tries_of(job.pk))
    time.sleep(0.5)
    processes.kill()
    processes.start_worker()
    killed = time.monotonic()
    assert ended(job, 60).tillstand == Tillstand.KLAR
    print(f"ended {time.monotonic() - killed:.1f} s after the restart")
    assert (results_of(job), job.forsok) == (1, 2)


def test_an_uttag_killed_in_the_middle(worker: Processes) -> None:
    """A real one, when some of its rows are passed: taken anew after the restart, stored and published once."""
    small_register()
    job = start("uttag", year=YEAR, as_of=FEBRUARY)

    def in_the_middle() -> bool:
        job.refresh_from_db()
        status = job_status(job)
        return status.state == Tillstand.PAGAR and 0 < status.done < (status.of or 0)

    until(in_the_middle)
    worker.kill()
    assert not Uttag.objects.exists()
    worker.start_worker(wait=False)
    assert ended(job, 60).tillstand == Tillstand.KLAR, job.fel
    assert job.forsok == 2
    time.sleep(1.5)  # Nothing comes after the end.
    assert job.result_ids == {"uttag": str(Uttag.objects.get().pk)}
    assert UttagFil.objects.count() == 1


def test_broker_down_from_the_start(redis_server: RedisServer, processes: Processes) -> None:
    """Starting a job takes a moment, says why it waits, and it runs when the broker comes."""
    redis_server.kill()
    began = time.monotonic()
    jobs = [start("prov_vem") for _ in range(3)]
    assert (time.monotonic() - began) / 3 < 2
    assert "Kön för jobb svarar inte" in why_waiting(jobs[0])
    assert job_status(jobs[0]).state == Tillstand.VANTAR

    processes.start_worker(wait=False)
    processes.start_beat()
    time.sleep(4)
    redis_server.start()
    assert {ended(job, 60).tillstand for job in jobs} == {Tillstand.KLAR}


def test_redis_killed_with_jobs_waiting(redis_server: RedisServer, processes: Processes) -> None:
    """Twenty wait, Redis is killed and comes back empty: all run, each once."""
    processes.start()
    jobs = [start("prov_skriv", steg=2, ms=50) for _ in range(20)]
    until(lambda: Jobb.objects.filter(tillstand=Tillstand.KLAR).count() >= 2)
    redis_server.kill()
    redis_server.wipe()
    assert Jobb.objects.filter(tillstand=Tillstand.VANTAR).exists()
    time.sleep(1)
    redis_server.start()
    assert {ended(job, 60).tillstand for job in jobs} == {Tillstand.KLAR}
    assert [results_of(job) for job in jobs] == [1] * 20
