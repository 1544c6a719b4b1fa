"""What is kept for a time is removed when it is over, and nothing else."""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
import uuid
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from finsam_site.access import kept
from finsam_site.access.models import Undanlagt
from finsam_site.celery import app
from finsam_site.jobs.models import Jobb, Tillstand
from registration import import_reports, retention, uploads
from registration.importing.findings import RowFinding
from registration.models import Identitet
from registration.pages_counts import outcome
from registration.tasks import remove_old
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]
DAY = dt.timedelta(days=1)


def ended(ago: dt.timedelta, state: Tillstand = Tillstand.KLAR, **values: Any) -> Jobb:
    at = timezone.now() - ago
    by_state: dict[Tillstand, dict[str, Any]] = {
        Tillstand.KLAR: {"resultat": {}},
        Tillstand.MISSLYCKAD: {"fel": "Det gick inte."},
    }
    return Jobb.objects.create(
        slag=uploads.KIND, skapad_av=factories.system(), tillstand=state, paborjad=at, avslutad=at,
        **(by_state.get(state, {}) | values),
    )  # fmt: skip


def reported(job_id: uuid.UUID, ago: dt.timedelta) -> None:
    import_reports.write_report(job_id, [RowFinding("insatser.csv", 2, "namn", "", "saknas", "Saknas.")])
    at = time.time() - ago.total_seconds()
    os.utime(import_reports._report_path(job_id), (at, at))


def test_jobs_that_ended_a_year_ago(caplog: pytest.LogCaptureFixture) -> None:
    """However they ended; those that wait are left, and the log says how many went."""
    year = settings.JOB_DAYS * DAY
    for state in (Tillstand.KLAR, Tillstand.MISSLYCKAD, Tillstand.AVBRUTEN):
        ended(year + DAY, state)
    kept = {ended(year - DAY).pk, Jobb.objects.create(slag="x", skapad_av=factories.system()).pk}
    with caplog.at_level(logging.INFO):
        assert retention.remove_old().jobs == 3
    assert set(Jobb.objects.values_list("pk", flat=True)) == kept
    assert "3 jobs" in caplog.text
    assert retention.remove_old().jobs == 0


def test_lists_of_what_was_wrong() -> None:
    """After thirty days the list is gone, and the job says so instead of leading to a page that is not there."""
    found = {
        "vad": uploads.READ_IN,
        "fel": 1,
        "fel_per_fil": [["insatser.csv", 1]],
        "filer": [],
        "varningar": [],
    }
    old, new = ended(DAY, resultat=found), ended(DAY, resultat=found)
    reported(old.pk, (settings.IMPORT_REPORT_DAYS + 1) * DAY)
    reported(new.pk, (settings.IMPORT_REPORT_DAYS - 1) * DAY)
    assert retention.remove_old().reports == 1
    with pytest.raises(import_reports.ReportGone):
        import_reports.Report(old.pk)
    gone, there = outcome(old), outcome(new)
    assert gone.link is None and "Listan över felen är borttagen" in gone.text
    assert there.link is not None and "Rätta raderna" in there.text


def test_what_users_had_for_minutes() -> None:
    with factories.as_system():
        kept.put("kvitto", {}, lasts=dt.timedelta())
        kept.put("kvitto", {}, lasts=dt.timedelta(minutes=1))
    assert retention.remove_old().kept == 1
    assert Undanlagt.objects.get().till > timezone.now()


def test_sessions_that_have_ended() -> None:
    """Whichever way they are stored."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    for lasts in (-1, 60):
        session = store()
        session.set_expiry(lasts)
        session.create()
        keys.append(session.session_key)
    remove_old()
    assert [store().exists(key) for key in keys] == [False, True]


def test_it_is_done_by_beat_and_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    planned = {one["task"] for one in app.conf.beat_schedule.values()}
    assert "finsam.remove_old" in planned and "finsam.remove_old" in app.tasks
    ended((settings.JOB_DAYS + 1) * DAY)
    call_command("gallra")
    assert "Avslutade jobb: 1." in capsys.readouterr().out
    assert not Jobb.objects.exists()


def test_identities_that_are_due_go_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to think of the command (DOMAIN §3: a felregistrering's identity goes after 30 days)."""
    gone, stays = factories.registered(), factories.registered()
    with factories.as_system():
        factories.registered_out(gone, slutdatum=None, avslutsanledning="felregistrering")
    remove_old()
    assert Identitet.unscoped.count() == 2
    monkeypatch.setattr(settings, "FELREGISTRERING_DAYS", -1)
    remove_old()
    assert set(Identitet.unscoped.values_list("deltagande", flat=True)) == {stays.pk}


# Without a transaction around them, as beat and the command run


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("how", ["beat", "command"])
def test_each_opens_its_own_transactions(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What locks rows opens one itself; and what is felregistrerat is committed before the locked identities are."""
    felregistrerade, locked = retention.remove_felregistrerade, retention.erase_locked
    told: list[str] = []

    def first() -> int:
        told.append("first")
        transaction.on_commit(lambda: told.append("first is committed"))
        return felregistrerade()

    def second() -> int:
        told.append("second")
        transaction.on_commit(lambda: told.append("second is committed"))
        return locked()

    monkeypatch.setattr(retention, "remove_felregistrerade", first)
    monkeypatch.setattr(retention, "erase_locked", second)
    ended((settings.JOB_DAYS + 1) * DAY)
    gone, stays = factories.registered(), factories.registered()
    with factories.as_system():
        factories.registered_out(gone, slutdatum=None, avslutsanledning="felregistrering")
        kept.put("kvitto", {}, lasts=dt.timedelta())
    monkeypatch.setattr(settings, "FELREGISTRERING_DAYS", -1)
    assert not connection.in_atomic_block
    if how == "beat":
        remove_old()
    else:
        call_command("gallra")
    assert told == ["first", "first is committed", "second", "second is committed"]
    assert set(Identitet.unscoped.values_list("deltagande", flat=True)) == {stays.pk}
    assert not Jobb.objects.exists() and not Undanlagt.objects.exists()
