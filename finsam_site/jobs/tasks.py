"""The two Celery tasks. All work is elsewhere: a message says which job, nothing more."""

from __future__ import annotations

import uuid
from typing import Any

from celery.signals import worker_ready

from finsam_site.celery import app

from . import pulse, running, sweep
from .broker import RUN_TASK, SWEEP_TASK


@app.task(name=RUN_TASK)
def run_job(job_id: str) -> None:
    """Run the job if nobody else has it."""
    running.run(uuid.UUID(job_id))


@app.task(name=SWEEP_TASK)
def sweep_jobs() -> None:
    """Tell the queue once more of jobs that nobody has started, and of those whose worker went away."""
    pulse.worker_seen()
    sweep.sweep()


@worker_ready.connect(dispatch_uid="finsam.worker_ready")
def say_ready(**_: Any) -> None:
    """A worker is there from now on."""
    pulse.worker_seen()
