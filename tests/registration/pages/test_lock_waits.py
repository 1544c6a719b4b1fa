"""Who works in a page while a register is read in is told so within seconds, and can send the same again afterwards.

PostgreSQL only: on SQLite the one writer is waited for.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import messages
from django.db import connection, connections, transaction
from django.test import Client, RequestFactory

from finsam_site.access.lock_waits import limit_lock_waits
from finsam_site.access.middleware import come_again
from finsam_site.access.models import Inskickad
from registration.importing import register_import
from registration.models import Deltagande, Utkast
from registration.views.drafts import Drafting
from tests.registration.pages.conftest import Cast, action_of, hidden_of, text_of
from tests.registration.pages.test_drafts import typed
from tests.registration.pages.test_register_in import BEFORE, STEPS, go, url

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite the one writer is waited for"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

SECONDS = 0.5
HELD = 30
"""So long the locks of an import are held at most."""
BUSY = "Registret är upptaget just nu, oftast för att ett register läses in. Det du har skrivit finns kvar."


@pytest.fixture(autouse=True)
def _as_the_web_server(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    settings.LOCK_SECONDS = SECONDS
    database = connections.settings["default"]
    with monkeypatch.context() as patch:
        patch.setitem(database, "OPTIONS", dict(database["OPTIONS"]))
        limit_lock_waits()
        connection.close()
        yield
        connection.close()


@contextmanager
def an_import() -> Iterator[None]:
    """While somebody else has the locks of an import."""
    begun, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                assert register_import._locked_all()
                begun.set()
                over.wait(HELD)
        finally:
            connection.close()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        over.set()
        thread.join(30)


def pressed(client: Client, page: Any) -> Any:
    """The last form of the page, sent as a browser does, so that it is done once (access/once.py)."""
    body = urlencode(hidden_of(page))
    return client.post(action_of(page), body, content_type="application/x-www-form-urlencoded")


def assert_busy(answer: Any, since: float) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert BUSY in text_of(answer)
    assert SECONDS <= time.monotonic() - since < HELD / 2  # and not until the import is over


def test_a_new_draft_is_not_kept_yet(
    eva: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its foreign keys are looked up as it is committed, when the view has already answered. The script comes again."""
    kept = Drafting.kept

    def and_say(self: Drafting) -> Any:
        messages.success(self.request, "Utkastet är sparat, helt säkert.")
        return kept(self)

    page = eva.get(url(cast))
    with an_import(), monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(Drafting, "kept", and_say)
        began = time.monotonic()
        assert_busy(typed(eva, page, BEFORE), began)
        assert not Utkast.unscoped.exists()
        assert "helt säkert" not in text_of(eva.get("/"))
    assert {one.levelname for one in caplog.records} == {"WARNING"}
    assert typed(eva, page, BEFORE).status_code == 204
    assert Utkast.unscoped.count() == 1
    with an_import():
        assert typed(eva, page, BEFORE, nr="1").status_code == 204, "one that is there is kept meanwhile"


def test_a_page_that_was_only_asked_for_promises_nothing_of_what_was_typed() -> None:
    words = text_of(come_again(RequestFactory().get("/")))
    assert "Registret är upptaget just nu" in words and "Ladda om den här sidan om en stund." in words
    assert "skriv" not in words


def test_who_saves_can_send_the_same_again(eva: Client, cast: Cast) -> None:
    read_back = go(eva, cast, *STEPS)
    sent = Inskickad.objects.count()
    with an_import():
        began = time.monotonic()
        assert_busy(pressed(eva, read_back), began)
        assert not Deltagande.unscoped.exists() and Utkast.unscoped.count() == 1
        assert Inskickad.objects.count() == sent
        assert eva.get(url(cast)).status_code == 200, "reading goes on"
    assert "?registrerad" in pressed(eva, read_back).headers["Location"]
    assert Deltagande.unscoped.count() == 1 and not Utkast.unscoped.exists()


@pytest.mark.parametrize(("module", "limit"), [("finsam_site.wsgi", "5s"), ("finsam_site.celery", "0")])
def test_only_the_web_server_waits_so_short(module: str, limit: str) -> None:
    """Jobs, and the import itself, wait as long as they have to."""
    code = (
        f"import {module}, django; django.setup(); from django.db import connection; c = connection.cursor(); "
        "c.execute('SHOW lock_timeout'); print(c.fetchone()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == limit, done.stderr
