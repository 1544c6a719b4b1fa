"""Kinds of job for the tests, loaded by the tests and by the workers they start."""

from __future__ import annotations

import ctypes
import os
import sys
import time
import uuid
from typing import Any

from celery.signals import task_prerun
from django.contrib.auth.models import Group
from django.core.cache import cache

from finsam_site.access.roles import Roll
from finsam_site.jobs import pulse, running
from finsam_site.jobs.broker import RUN_TASK
from finsam_site.jobs.registry import JobFailed, RunningJob, job
from finsam_site.run.child import PR_SET_PDEATHSIG
from reporting.uttag import progress
from tests.numbers import pick
from tests.waiting import until

ORPHANS = "FINSAM_TEST_ORPHANS"
"""A variable of workers: a child that has begun a job lives on when its parent dies, as outside Linux."""

SEEN_EVERY = "FINSAM_TEST_SEEN_EVERY"
"""A variable of workers: see `_wait_to_be_seen`."""

SECRET = f"{pick(3)} Tolvan Tolvansson"
"""Stands for what must never reach a log, a message or a row."""


class Declined(Exception):
    """An exception of the domain whose text users may read."""


@job(kind="prov_rakna", title="Räkna till {steg}", seen_by=(Roll.NATIONELL_ADMINISTRATOR,))
def count(job: RunningJob, steg: int, ms: int) -> dict[str, Any]:
    """Count, without a transaction of its own."""
    _here(job)
    for n in range(1, steg + 1):
        time.sleep(ms / 1000)
        job.progress(n, steg, "Räknar")
    return {"steg": steg}


@job(kind="prov_skriv", title="Skriv ett resultat")
def write(job: RunningJob, steg: int, ms: int) -> None:
    """As an uttag does: one snapshot, rows, the result in the same transaction; then a tail outside it."""
    _here(job)
    with job.acting(one_snapshot=True):
        Group.objects.count()
        for n in range(1, steg + 1):
            time.sleep(ms / 1000)
            job.progress(n, steg, "Skriver")
        Group.objects.create(name=f"{job.id} {uuid.uuid4()}")
        job.publish({"forsok": job.attempt})
    time.sleep(ms / 1000)


@job(kind="prov_vanta", title="Vänta på ett ord")
def hold(job: RunningJob) -> None:
    """Write a result as soon as the test lets it (`let_go`)."""
    _here(job)
    with job.acting(one_snapshot=True):
        until(lambda: cache.get(f"prov:{job.id}:slapp"))
        Group.objects.create(name=f"{job.id} {uuid.uuid4()}")
        job.publish({"forsok": job.attempt})


@job(kind="prov_fel", title="Misslyckas", expected=(Declined,))
def decline(job: RunningJob, hur: str) -> None:
    """Fail as declared, or not."""
    if hur == "jobfailed":
        raise JobFailed("Filen är tom. Välj en annan fil.")
    if hur == "domain":
        raise Declined("Året är inte slut.")
    raise ValueError(SECRET) from KeyError(SECRET)


@job(kind="prov_vem", title="Vem")
def who(job: RunningJob) -> dict[str, Any]:
    """Who acts in it."""
    with job.acting() as actor:
        return {"user": actor.user.pk, "uppdrag": actor.uppdrag_id, "roll": actor.roll}


def pid_of(job_id: uuid.UUID) -> int | None:
    """The process that runs the job, or ran it last."""
    found = cache.get(f"prov:{job_id}:pid")
    return int(found) if found else None


def tries_of(job_id: uuid.UUID) -> int:
    """How often the function has begun."""
    return int(cache.get(f"prov:{job_id}:tries", 0))


def messages_of(job_id: uuid.UUID) -> int:
    """How often a message about the job has come to a worker's child."""
    return int(cache.get(f"prov:{job_id}:budskap", 0))


def let_go(job_id: uuid.UUID) -> None:
    """Let `hold` come to its end."""
    cache.set(f"prov:{job_id}:slapp", True, 600)


@task_prerun.connect(dispatch_uid="prov")
def _message(sender: Any = None, args: Any = (), **_: Any) -> None:
    if sender is not None and sender.name == RUN_TASK:
        cache.set(f"prov:{args[0]}:budskap", messages_of(args[0]) + 1, 600)


def see(job_id: uuid.UUID, done: int, text: str) -> None:
    """Let a worker that waits for it go on: what it told was seen from outside."""
    cache.set(f"prov:{job_id}:sett", f"{done} {text}", 600)


def _wait_to_be_seen(every: int) -> None:
    """Tell each `every` rows of an uttag, and go on when somebody has seen that: then no value is missed by chance."""
    write = pulse.write_progress

    def write_and_wait(job_id: uuid.UUID, done: int, of: int | None, text: str, attempt: int) -> None:
        write(job_id, done, of, text, attempt)
        until(lambda: cache.get(f"prov:{job_id}:sett") == f"{done} {text}", every=0.005)

    progress.EVERY, running.PROGRESS_EVERY = every, 0.0
    pulse.write_progress = write_and_wait


if SEEN_EVERY in os.environ:  # in a worker of a test that asks for it
    _wait_to_be_seen(int(os.environ[SEEN_EVERY]))


def _here(job: RunningJob) -> None:
    if ORPHANS in os.environ and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)
    cache.set(f"prov:{job.id}:pid", os.getpid(), 600)
    cache.set(f"prov:{job.id}:tries", cache.get(f"prov:{job.id}:tries", 0) + 1, 600)
