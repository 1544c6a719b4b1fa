"""A canary, one person's number and name, driven through every view: it never sits where it should not (QUALITY §1).

Not in an address, title, header, log line, statement to the database, job, session, access log or error page, forced
faults included; and on a page only where the page is about that person and the reader is her deltagaransvarig.
"""

from __future__ import annotations

import html
import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finsam_site.access.models import Atkomst
from finsam_site.jobs.models import Jobb
from finsam_site.jobs.running import run
from finsam_site.log import WithoutValues
from registration.importing.columns import FILES, Kind
from tests import factories
from tests.matrix.table import CAST, Row, rows
from tests.matrix.world import World, build

FORNAMN, EFTERNAMN = "Kanariella", "Gulfågelprov"
NUMBER = factories.nummer(0).digits
MARKS = (FORNAMN, EFTERNAMN, NUMBER, NUMBER[2:], f"{NUMBER[:8]}-{NUMBER[8:]}", f"{NUMBER[2:8]}-{NUMBER[8:]}")

ABOUT_HER = frozenset({
    "registration:deltaganden", "registration:deltagare", "registration:deltagande", "registration:deltagande_number",
    "registration:register_out", "registration:withdraw", "registration:protect", "registration:wrong_insats",
    "registration:correct_in", "registration:correct_out", "registration:find",
    "registration:correct_names", "registration:change_number", "registration:correct_samtycke",
    "registration:register_out_several", "registration:register_out_one_of_several",
    "registration:samtycken", "registration:samtycke_print", "registration:samtycke_scan",
})  # fmt: skip
"""Pages that say her name, to the deltagaransvarig."""
FOUND = frozenset({
    "registration:person", "registration:person_withdraw", "registration:person_protect", "registration:person_names",
    "registration:person_number", "registration:person_correct_in", "registration:person_correct_out",
    "registration:person_samtycke",
})  # fmt: skip
"""Pages that say her name to the dataskyddsgranskare, who has found her at her own request."""
TYPED_IN = frozenset({
    "registration:register_in", "access:log_in", "access:uppdrag", "ui:components",
    "registration:anonyma_set", "registration:volym_set", "reporting:uttag_new", "registration:register_import",
    "registration:planned_new", "registration:planned_change",
    "registration:uppdrag_give", "registration:uppdrag_give_forbund", "registration:uppdrag_end",
    "accessibility:letter",
    "registration:samtycken_received", "registration:samtycken_sent_codes", "registration:samtycke_blank",
    "registration:person_find",
})  # fmt: skip
"""Forms, which show what was typed to who typed it, so that it can be put right."""

pytestmark = pytest.mark.django_db


class Sink(logging.Handler):
    """The log as the real handler would write it, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(WithoutValues(**_format()))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("django.db"):  # statements are looked at by themselves
            self.lines.append(self.format(record))


def _format() -> dict[str, Any]:
    plain: dict[str, Any] = settings.LOGGING["formatters"]["plain"]  # type: ignore[index]
    assert plain["()"] == "finsam_site.log.WithoutValues"
    return {"fmt": plain["format"], "style": plain["style"]}


@pytest.fixture
def log() -> Iterator[Sink]:
    sink, root = Sink(), logging.getLogger()
    level = root.level
    root.addHandler(sink)
    root.setLevel(logging.DEBUG)
    yield sink
    root.removeHandler(sink)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _no_queue() -> Iterator[None]:
    with (
        patch("finsam_site.jobs.api.nudge", lambda job_id: True),
        patch("finsam_site.jobs.api.broker_answers", lambda: True),
    ):
        yield


@pytest.fixture
def world() -> World:
    return build(size=2, fornamn=FORNAMN, efternamn=EFTERNAMN)


def marks_in(text: str) -> bool:
    """Whether anything of her stands there, however it is written."""
    plain = html.unescape(text).casefold()
    return any(mark.casefold() in plain for mark in MARKS)


def places(answer: Any, *, page: bool) -> Iterator[str]:
    """Where in an answer she stands. page: she may stand on the page itself, but not in its title and addresses."""
    for name, value in answer.headers.items():
        if marks_in(f"{name}: {value}"):
            yield f"header {name}"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    if not page and marks_in(text):
        yield "page"
    addresses = re.findall(r'\s(?:href|src|action|hx-[a-z]+|content)="([^"]*)"', text)
    if any(marks_in(one) for one in addresses):
        yield "address on the page"
    if any(marks_in(one) for one in re.findall(r"<title>.*?</title>", text, re.S)):
        yield "title"


def stored() -> Iterator[str]:
    """Where she stands in what is kept of a request."""
    for model in (Jobb, Atkomst):
        if marks_in(str(list(model._base_manager.values_list()))):
            yield model.__name__
    if any(marks_in(str(one.get_decoded())) for one in Session.objects.all()):
        yield "session"


def drive(client: Client, method: str, url: str, body: dict[str, Any], log: Sink, *, page: bool) -> list[str]:
    """Where she stands after a request, which is undone."""
    log.lines.clear()
    connection.queries_log.clear()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(client, method.lower())(url, body)
            found = list(places(answer, page=page))
        found += stored()
        transaction.set_rollback(True)
    # Who logs in is looked for by the name that was typed.
    if marks_in(" ".join(one["sql"] for one in captured.captured_queries)) and not url.startswith(
        "/logga-in/"
    ):
        found.append("statement")
    if marks_in("\n".join(log.lines)):
        found.append("log")
    return found


def poisoned(client: Client, url: str) -> list[dict[str, Any]]:
    """Posts that fill every field of the page's forms with her number, and with her name."""
    with transaction.atomic():
        answer = client.get(url)
        text = answer.content.decode() if answer.status_code == 200 and not answer.streaming else ""
        transaction.set_rollback(True)
    fields = re.findall(r'<(?:input|select|textarea)[^>]*?\sname="([^"]+)"', text)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    wanted = {name for name in fields if not name.startswith("_") and name != "csrfmiddlewaretoken"}
    return [hidden | dict.fromkeys(wanted, value) for value in (NUMBER, f"{FORNAMN} {EFTERNAMN}")]


def asked(world: World) -> Iterator[tuple[Row, str, str, Client]]:
    """Every url and method, at the first of its targets, with one of those who get the same answer."""
    for row in rows():
        alike = {row.cells[who][row.targets[0]]: who for who in reversed(CAST)}
        for who in alike.values():
            yield row, who, world.url(row.name, row.kind, row.targets[0], who), world.client(who)


def test_through_every_view(world: World, log: Sink) -> None:
    """With right answers and with her in every field."""
    wrong = []
    for row, who, url, client in asked(world):
        right = row.cells[who][row.targets[0]] in "23"
        bodies = [world.body(row.name, row.targets[0], who) if row.method == "POST" else {}]
        if right:
            typed = {
                "sida": NUMBER,
                "status": FORNAMN,
                "ordning": NUMBER,
                "fran": NUMBER,
                "samtycke": EFTERNAMN,
            }
            bodies += poisoned(client, url) if row.method == "POST" else [typed]
        for body in bodies:
            may = right and (
                row.name in {"D": ABOUT_HER, "G": FOUND}.get(who, ())
                or (row.method == "POST" and row.name in TYPED_IN)
            )
            found = drive(client, row.method, url, body, log, page=may)
            wrong += [f"{row.method} {row.name} as {who}: {place}" for place in found]
    assert not wrong, "\n".join(["", *dict.fromkeys(wrong)])


def test_a_fault_in_every_view(world: World, log: Sink) -> None:
    """All that a view does is done, then it fails with a text that names her; the page and the log tell nothing."""
    real = BaseHandler.make_view_atomic

    def failing(
        handler: BaseHandler, view: Callable[..., HttpResponseBase]
    ) -> Callable[..., HttpResponseBase]:
        done = real(handler, view)

        def fail(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            done(request, *args, **kwargs)
            raise RuntimeError(f"{FORNAMN} {EFTERNAMN} {NUMBER}") from ValueError(NUMBER)

        return fail

    wrong = []
    with patch.object(BaseHandler, "make_view_atomic", failing):
        for row, who, url, client in asked(world):
            if row.cells[who][row.targets[0]] not in "23":
                continue
            client.raise_request_exception = False
            body = world.body(row.name, row.targets[0], who) | {"personnummer": NUMBER, "fornamn": FORNAMN}
            found = drive(client, row.method, url, body, log, page=False)
            wrong += [f"{row.method} {row.name} as {who}: {place}" for place in found]
            assert any("builtins.RuntimeError" in line for line in log.lines), row.name
    assert not wrong, "\n".join(["", *dict.fromkeys(wrong)])


def test_a_register_that_is_full_of_her(world: World, log: Sink, settings: Any) -> None:
    """Her number is in the name of the file and in every cell, her name where names are; then the job checks it."""
    settings.JOB_LEASE_SECONDS = 600  # its heartbeat does not see this transaction
    register = {
        spec.name: {
            one.name: f"{FORNAMN} {EFTERNAMN}" if one.kind == Kind.NAME else f"nr {NUMBER}"
            for one in spec.columns
        }
        for spec in FILES
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, found in register.items():
            lines = [";".join(found), ";".join(found.values())]
            archive.writestr(f"{name}.csv", "\n".join(lines) + "\n")
    client = world.client("N")
    file = SimpleUploadedFile(f"{FORNAMN} {NUMBER}.zip", packed.getvalue())
    answer = client.post("/register/inlasning/", {"fil": file, "vad": "kontroll"})
    assert answer.status_code == 302 and not list(places(answer, page=False))
    jobb = Jobb.objects.latest("skapad")
    run(jobb.pk)
    jobb.refresh_from_db()
    assert jobb.result_ids["fel"] > 10
    for url in (f"/jobb/{jobb.pk}/", "/jobb/", "/", f"/register/inlasning/{jobb.pk}/fel/",
                f"/register/inlasning/{jobb.pk}/fel.csv"):  # fmt: skip
        assert not drive(client, "GET", url, {}, log, page=False), url
    assert not list(stored()) and not marks_in("\n".join(log.lines))


def test_the_canary_would_be_heard(world: World, log: Sink) -> None:
    """Each place that is looked at, with her in it."""
    logging.getLogger("prov").info("Hej %s", FORNAMN)
    assert marks_in("\n".join(log.lines))
    Jobb.objects.filter(pk=world.jobs["D"].pk).update(argument={"vem": f"{NUMBER[2:8]}-{NUMBER[8:]}"})
    assert list(stored()) == ["Jobb"]
    page = world.client("D").get(world.url("registration:deltagande", "deltagande", "own", "D"))
    assert list(places(page, page=False)) == ["page"] and not list(places(page, page=True))
    page.content = page.content.replace(b"<title>", b"<title>" + EFTERNAMN.encode())
    page["Location"] = f"/?namn={FORNAMN}"
    assert list(places(page, page=True)) == ["header Location", "title"]
