"""Starting, listing and cancelling jobs, without a worker."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from finsam_site.access.acting import NoActor, acting_as
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.jobs import running
from finsam_site.jobs.api import get_job, job_status, my_jobs, request_cancel, start_job, visible_jobs
from finsam_site.jobs.models import Jobb, Tillstand
from finsam_site.jobs.registry import UnknownKind, job, title_of
from registration.models import Uppdrag
from tests import factories
from tests.numbers import pick

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Nudges are only noted."""
    nudged: list[uuid.UUID] = []
    monkeypatch.setattr("finsam_site.jobs.api.nudge", nudged.append)
    return nudged


def start(**ids: Any) -> Jobb:
    with acting_as(User.objects.system()):
        return start_job("prov_rakna", **ids)


def test_a_job_needs_an_actor_and_a_kind() -> None:
    with pytest.raises(NoActor):
        start_job("prov_rakna", steg=1)
    with acting_as(User.objects.system()), pytest.raises(UnknownKind):
        start_job("finns inte")


def test_the_broker_is_told_on_commit(
    no_broker: list[uuid.UUID], django_capture_on_commit_callbacks: Any
) -> None:
    """Not before."""
    with django_capture_on_commit_callbacks(execute=True):
        row = start(steg=1, ms=1)
        assert no_broker == []
    assert no_broker == [row.pk]


def test_arguments_are_ids() -> None:
    """Numbers, uuids, times and short codes; no text, nothing that looks like a person's number, in no error either."""
    at, one = dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC), uuid.uuid4()
    assert start(a=7, b=one, c=at, d="K-17", e=None).argument == {
        "a": 7, "b": str(one), "c": "2024-01-02T03:04:00+00:00", "d": "K-17", "e": None,
    }  # fmt: skip
    for value in (
        "Tolvan Tolvansson",
        pick(3),
        f"{pick(3)[2:8]}-{pick(3)[8:]}",
        int(pick(3)[2:]),
        "",
        "å",
        ["a"],
        {"a": 1},
        1.5,
    ):
        with pytest.raises(ValueError) as caught:
            start(vem=value)
        assert value == "" or str(value) not in str(caught.value)


def test_who_sees_which_jobs() -> None:
    """Own ones; a nationell administratör, acting as such, those of the kinds that are opened to that role."""
    insats = factories.insats()
    one, other = (factories.user(Roll.DELTAGARANSVARIG, insats=insats) for _ in range(2))
    national = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)
    for user in (one, other):
        with acting_as(user, Uppdrag.objects.get(user=user)):
            start_job("prov_rakna", steg=1, ms=1)
            start_job("prov_vem")
    mine = {row.pk for row in my_jobs(one)}
    assert len(mine) == 2 and {row.pk for row in visible_jobs(one, Roll.DELTAGARANSVARIG)} == mine
    assert [row.slag for row in visible_jobs(national, Roll.NATIONELL_ADMINISTRATOR)] == ["prov_rakna"] * 2
    assert not visible_jobs(national)
    theirs = my_jobs(other)[0]
    assert get_job(str(theirs.pk), other) == theirs
    for wrong in (theirs.pk, uuid.uuid4(), "inget-id"):
        with pytest.raises(Jobb.DoesNotExist):
            get_job(wrong, one, Roll.DELTAGARANSVARIG)


def test_a_waiting_job_is_cancelled_at_once() -> None:
    row = start(steg=1, ms=1)
    assert job_status(row).can_cancel and request_cancel(row)
    row.refresh_from_db()
    assert row.tillstand == Tillstand.AVBRUTEN and not request_cancel(row)
    assert not job_status(row).can_cancel
    running.run(row.pk)
    row.refresh_from_db()
    assert row.tillstand == Tillstand.AVBRUTEN


def test_why_a_job_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """In words: no queue, no worker, others before it."""
    first, second = start(steg=1, ms=1), start(steg=1, ms=1)
    monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: False)
    assert "Kön för jobb svarar inte" in job_status(first).waiting
    monkeypatch.setattr("finsam_site.jobs.api.broker_answers", lambda: True)
    monkeypatch.setattr("finsam_site.jobs.pulse.worker_silent_for", lambda: None)
    assert "Inget program som kör jobb" in job_status(first).waiting
    monkeypatch.setattr("finsam_site.jobs.pulse.worker_silent_for", lambda: 1.0)
    assert job_status(first).waiting == "Väntar på sin tur."
    assert job_status(second).waiting == "Väntar på sin tur efter 1 andra jobb."


def test_titles_and_kinds() -> None:
    """A title may name arguments; a name is given once."""
    assert title_of("prov_rakna", {"steg": 4, "ms": 1}) == "Räkna till 4"
    assert title_of("prov_rakna", {}) == "Räkna till {steg}"
    assert title_of("okänd", {}) == "okänd"
    with pytest.raises(ValueError, match="registered twice"):
        job(kind="prov_rakna", title="Annan")(lambda live: None)


def test_a_job_of_a_kind_that_is_gone_fails_in_words() -> None:
    row = Jobb.objects.create(slag="borttagen", skapad_av=User.objects.system())
    running.run(row.pk)
    row.refresh_from_db()
    assert row.tillstand == Tillstand.MISSLYCKAD and "känner inte till" in row.fel
