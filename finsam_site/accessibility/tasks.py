"""By the clock: the contact is told that messages have come."""

from __future__ import annotations

from finsam_site.celery import app
from finsam_site.jobs.broker import LETTERS_TASK

from .letters import tell_contact


@app.task(name=LETTERS_TASK)
def send_letters() -> None:
    """Tell of what is new."""
    tell_contact()
