"""How many queries each page makes, kept in a file; and the same number with ten times as much to show.

The file has a line for each url, method and who of the cast: the body of a post is that of the matrix, of many none, so
that what is counted is the first page with its errors. The saves behind (`saves.py`) have lines of their own. After a
change that is meant, write it anew:

    python -m tests.services -- pytest tests/matrix/test_query_counts.py --write-query-counts
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from reporting.report.store import stored_tables
from tests.conftest import REWRITE
from tests.matrix.saves import SAVES, Save
from tests.matrix.table import Row, rows
from tests.matrix.world import ROLES, World, build, more_uttag
from tests.registration.pages.conftest import led_to, send

FILE = Path(__file__).with_name("query_counts.txt")
FEW, MANY = 3, 30
HOW = f"If it is meant: pytest {Path(__file__).relative_to(Path.cwd())} {REWRITE}"
_TRANSACTION = re.compile(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)\b")

Counts = dict[str, int]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_same_each_time() -> Iterator[None]:
    """Without the queue, what other tests have left in the cache (a worker's pulse, how often something was tried), and
    the note each minute that somebody is at work, which goes by the machine."""
    with (
        patch("finsam_site.access.throttle.must_wait", lambda request, name: False),
        patch("finsam_site.access.throttle.Limit.reached", lambda limit, who: False),
        patch("finsam_site.access.sessions.SEEN_EVERY", 3600),
        patch("registration.views.person.ONE_MINUTE", dt.timedelta(hours=1)),
        patch("finsam_site.jobs.api.nudge", lambda job_id: True),
        patch("finsam_site.jobs.api.broker_answers", lambda: True),
        patch("finsam_site.jobs.pulse.worker_silent_for", lambda: None),
    ):
        yield


def cases() -> list[tuple[str, Row, str]]:
    """(its line in the file, the row of the matrix, who) of whatever somebody with an uppdrag, or nobody, may do."""
    return [
        (f"{row.name} {row.method} {who}", row, who)
        for row in rows()
        for who in (*ROLES, "-")
        if row.cells[who][row.targets[0]] in "23"
    ]


def queries(world: World, row: Row, who: str) -> list[str]:
    """The statements of a request."""
    first = row.targets[0]
    url, body = world.url(row.name, row.kind, first, who), world.body(row.name, first, who)
    with transaction.atomic():
        client = world.client(who)
        answer, statements = _counted(
            lambda: getattr(client, row.method.lower())(url, body if row.method == "POST" else {})
        )
        transaction.set_rollback(True)
    assert answer.status_code in (200, 302), f"{row.method} {row.name} as {who}: {answer.status_code}"
    return statements


def queries_of_save(world: World, save: Save) -> list[str]:
    """The statements of the post that saves, and none of those that lead to it."""
    with transaction.atomic():
        client = world.client(save.who)
        page, answers = save.ready(world, client)
        answer, statements = _counted(lambda: send(client, page, answers, follow=False))
        transaction.set_rollback(True)
    where = led_to(answer) if answer.status_code == 302 else str(answer.status_code)
    assert save.told in where, f"{save.line} saved nothing: {where}"
    return statements


def _counted(request: Callable[[], Any]) -> tuple[Any, list[str]]:
    """(the answer, its statements but those that begin and end transactions)."""
    connection.queries_log.clear()  # it holds 9,000
    with CaptureQueriesContext(connection) as captured:
        answer = request()
    return answer, [one["sql"] for one in captured.captured_queries if not _TRANSACTION.match(one["sql"])]


def measured(size: int) -> dict[str, list[str]]:
    """Case → its statements, in a world of that size. What each writes is undone."""
    with transaction.atomic():
        world = build(size=size)
        more_uttag(world)
        stored_tables(world.uttag)  # the one thing that a later look finds in the cache
        found = {line: queries(world, row, who) for line, row, who in cases()}
        found |= {save.line: queries_of_save(world, save) for save in SAVES}
        transaction.set_rollback(True)
    return found


def kept() -> Counts:
    """What the file says."""
    lines = (line.rpartition(" ") for line in FILE.read_text(encoding="utf-8").splitlines())
    return {case.rstrip(): int(count) for case, _, count in lines}


def write(counts: Counts) -> None:
    """Put `counts` into the file, one to a line, sorted."""
    FILE.write_text("".join(f"{case} {count}\n" for case, count in sorted(counts.items())), encoding="utf-8")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="sessions are files on SQLite")
def test_query_counts(request: pytest.FixtureRequest) -> None:
    few, many = measured(FEW), measured(MANY)
    growing = [
        f"{case}: {len(found)} for {FEW}, {len(many[case])} for {MANY}, more of\n    {_more_of(found, many[case])}"
        for case, found in few.items()
        if len(found) != len(many[case])
    ]
    assert not growing, "\n".join(["pages that ask once for each row:", *growing])
    now = {case: len(found) for case, found in few.items()}
    if request.config.getoption(REWRITE):
        write(now)
    before = kept()
    changed = [
        f"{case}: {now.get(case, 'no page')}, in the file {before.get(case, 'nothing')}"
        for case in sorted(now | before)
        if now.get(case) != before.get(case)
    ]
    assert not changed, "\n".join([f"the query counts are not those of {FILE.name}. {HOW}", *changed])


def _more_of(few: list[str], many: list[str]) -> str:
    """The statement that there is most more of, without its values."""
    plain = [[re.sub(r"'[^']*'|\b\d+\b", "?", sql) for sql in each] for each in (few, many)]
    return max(plain[1], key=lambda sql: plain[1].count(sql) - plain[0].count(sql))[:400]
