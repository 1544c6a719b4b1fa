"""Redis, both broker and cache, is not there from the start: everything works on, and jobs run when it comes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from finsam_site.access.models import User
from finsam_site.jobs import sweep
from finsam_site.jobs.broker import cache_settings
from finsam_site.jobs.models import Jobb, Tillstand
from registration.models import Anonyma, Deltagande, Utregistrering, Volym
from reporting.models import Uttag
from tests import factories
from tests.jobs.processes import Processes, broker_of_this_process, ended
from tests.registration.pages.conftest import Cast, as_user, cast, send, text_of
from tests.registration.pages.test_counts import this_year, url
from tests.registration.pages.test_register_in import STEPS, go
from tests.registration.pages.test_register_out import read_back
from tests.reporting.pages.world import small_register, taken
from tests.services import RedisServer

__all__ = ["as_user", "cast"]

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

WAITS = "Kön för jobb svarar inte just nu. Jobbet är sparat och startar av sig självt när kön är tillbaka."


@pytest.fixture
def never_up(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """The broker and the cache of this process, which nobody has started."""
    server = RedisServer(tmp_path / "redis")
    monkeypatch.setattr(sweep, "_last_look", (0.0, True))
    settings.CACHES = {"default": cache_settings(server.url, var=tmp_path)}
    start = server.start
    with socket.socket() as held, broker_of_this_process(server.url, tmp_path):
        held.bind(("127.0.0.1", server.port))  # nobody takes the port, and whoever knocks is refused

        def start_at_last() -> None:
            held.close()
            start()

        monkeypatch.setattr(server, "start", start_at_last)
        yield server
    server.kill()


def test_the_broker_was_never_up(never_up: RedisServer, cast: Cast, as_user: Any, tmp_path: Path) -> None:
    """An uttag waits and says why; people read, fetch and register; it runs when the broker has come."""
    small_register()
    earlier = taken().uttag
    leaving = factories.registered(8, insats=cast.steget)
    nils, eva, ina = as_user(cast.nils), as_user(cast.eva), as_user(cast.ina)

    form = {"ar": "2024", "kand": "annan", "dag": "2025-02-01", "tid": "12.00"}
    page = nils.post("/uttag/nytt/", form)["Location"]
    job = Jobb.objects.get()
    assert WAITS in text_of(nils.get(page))
    assert WAITS in text_of(nils.get(reverse("jobs:progress", args=[job.pk])))

    reads_and_fetches(nils, earlier)
    registers(eva, cast, leaving)
    counts(eva, ina, cast)

    job.refresh_from_db()
    assert (job.tillstand, job.forsok, job.knuffad) == (Tillstand.VANTAR, 0, None)
    never_up.start()
    folder = tmp_path / "processes"
    folder.mkdir()
    processes = Processes(folder, never_up.url, REDIS_URL=never_up.url)
    try:
        processes.start()
        assert ended(job).tillstand == Tillstand.KLAR, job.fel
    finally:
        processes.stop()
    assert "Öppna rapporten" in text_of(nils.get(page))
    assert Uttag.objects.exclude(pk=earlier.pk).get().taken_by == User.objects.get(pk=cast.nils.pk)


def reads_and_fetches(client: Client, uttag: Uttag) -> None:
    """The report, one of its tables and the three files."""
    assert "Samordnad rehabilitering 2024" in text_of(
        client.get(reverse("reporting:report", args=[uttag.pk]))
    )
    table = client.get(reverse("reporting:table", args=[uttag.pk, "deltagare"]))
    assert table.status_code == 200
    for name in ("workbook", "csv", "json"):
        answer = client.get(reverse(f"reporting:{name}", args=[uttag.pk]))
        assert answer.status_code == 200 and len(b"".join(answer)) > 1000, name


def registers(client: Client, cast: Cast, leaving: Deltagande) -> None:
    """One in, another out."""
    before = Deltagande.unscoped.count()
    send(client, go(client, cast, *STEPS))
    assert Deltagande.unscoped.count() == before + 1
    assert "Deltagaren är utregistrerad" in text_of(send(client, read_back(client, leaving)))
    assert Utregistrering.unscoped.filter(deltagande=leaving).exists()


def counts(one: Client, other: Client, cast: Cast) -> None:
    """Anonyma of an insats, volym of another."""
    added = one.post(url(cast.steget, "anonyma", this_year(), "lagg-till/"), {"kon": "K", "seen_nr": 0})
    assert added.status_code == 302 and Anonyma.unscoped.get(insats=cast.steget).kvinnor == 1
    given = {"antal": "10", "kvinnor": "6", "man": "", "seen_nr": 0}
    assert other.post(url(cast.volym, "volym", this_year()), given).status_code == 302
    assert Volym.unscoped.get(insats=cast.volym).antal == 10
