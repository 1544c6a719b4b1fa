"""What becomes of a message: kept until its job is done, given to another when its worker's child is killed."""

from __future__ import annotations

import os
import signal

import pytest
import redis

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.celery import app
from finsam_site.jobs.api import start_job
from finsam_site.jobs.broker import (
    DRAFTS_TASK,
    LETTERS_TASK,
    RETENTION_TASK,
    RUN_TASK,
    SWEEP_TASK,
    WEEKLY_TASK,
)
from tests.jobs.kinds import let_go, messages_of, pid_of
from tests.jobs.processes import Processes
from tests.waiting import until

TASKS = {RUN_TASK, SWEEP_TASK, DRAFTS_TASK, RETENTION_TASK, WEEKLY_TASK, LETTERS_TASK}


@pytest.mark.both
def test_every_task_answers_for_its_message_to_the_end() -> None:
    """As the tasks have it, whatever the settings say."""
    ours = {name: task for name, task in app.tasks.items() if name.startswith("finsam.")}
    assert ours.keys() == TASKS
    for name, task in ours.items():
        assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True), name


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_message_of_a_killed_child_is_given_out_again(processes: Processes, broker: str) -> None:
    """By the broker, without beat: acknowledged early, or not refused by the parent, it would be gone."""
    processes.start_worker()
    with acting_as(User.objects.system()):
        job = start_job("prov_vanta")
    child = until(lambda: pid_of(job.pk))
    assert messages_of(job.pk) == 1
    queue = redis.Redis.from_url(broker)
    assert (queue.hlen("unacked"), queue.llen("finsam")) == (1, 0)
    os.kill(child, signal.SIGKILL)
    until(lambda: messages_of(job.pk) == 2)
    # It comes to nothing while the lease of the dead one holds, else it does the job; then it is done with.
    let_go(job.pk)
    until(lambda: (queue.hlen("unacked"), queue.llen("finsam")) == (0, 0))
