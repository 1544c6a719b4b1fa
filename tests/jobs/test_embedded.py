"""The broker of files that demo mode has, with a real worker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.jobs.api import start_job
from finsam_site.jobs.broker import EMBEDDED_BROKER, cache_settings
from finsam_site.jobs.models import Tillstand
from tests.jobs.kinds import tries_of
from tests.jobs.processes import LEASE, Processes, broker_of_this_process, ended

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_jobs_run_through_files(tmp_path: Path, settings: Any) -> None:
    """On SQLite too: started at once, one result each, no message left behind."""
    var, folder = tmp_path / "var", tmp_path / "processes"
    for each in (var, folder):
        each.mkdir(mode=0o700)
    shutil.copy2(live_settings.FINSAM_VAR / "keys.json", var)
    settings.CACHES = {"default": cache_settings("", var=var)}
    both = Processes(folder, "", FINSAM_VAR=str(var), REDIS_URL=None, CELERY_BROKER_URL=None)
    try:
        with broker_of_this_process(EMBEDDED_BROKER, var):
            both.start()
            with acting_as(User.objects.system()):
                jobs = [start_job("prov_skriv", steg=3, ms=100) for _ in range(2)]
            for job in jobs:
                assert ended(job, 20).tillstand == Tillstand.KLAR, job.fel + both.log
                assert job.forsok == 1
            # On SQLite its transaction keeps the pulse from being written for longer than the lease.
            with acting_as(User.objects.system()):
                long = start_job("prov_skriv", steg=(LEASE + 3) * 10, ms=100)
            assert ended(long, 30).tillstand == Tillstand.KLAR and long.forsok == tries_of(long.pk) == 1
        assert not list((var / "broker" / "queue").glob("*.finsam.msg"))
    finally:
        both.stop()
