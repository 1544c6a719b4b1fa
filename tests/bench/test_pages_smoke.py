"""The bench of pages at its smallest: a real web server, three people, and everything that was confirmed is there."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from pathlib import Path

import pytest
from django.db import connection

from . import pages_report
from .__main__ import Server
from .pages_environment import like_production
from .people import OUT_ANSWERS, STEPS, keeps
from .report import WEAK, Report, as_markdown
from .shape import section_of, with_section

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the bench measures on PostgreSQL"),
]


def test_a_page_keeps_the_draft_at_least_once() -> None:
    assert [list(keeps(seconds)) for seconds in (0, 0.2, 3, 9)] == [[0], [0.2], [0.3, 3], [0.3, 4.3, 8.3, 9]]


def test_everybody_registers_and_all_of_it_is_there(tmp_path: Path) -> None:
    server = Server(os.environ["DATABASE_URL"])
    environment = like_production(tmp_path)
    with server.migrated("finsam_bench_pages", environment) as database:
        found = server.run(database, "pages", 300, 3, 2, 0.01, 0.1, environment=environment)
    assert found["errors"] == [] and found["wrong"] == []
    assert found["registered"] >= 3 + 3 + 1 and found["out"] >= 1
    assert {"all form pages", "all posts", "all by themselves"} <= set(found["at work"]["kinds"])
    kinds = defaultdict(int, {name: kind["requests"] for name, kind in found["at work"]["kinds"].items()})
    # What a form page sends by itself begins before its post or with it: one of them may be outside the phase.
    edge = 2 * 3
    assert kinds["the draft"] + edge >= sum(kinds[step] for step in STEPS) + kinds[OUT_ANSWERS]
    assert kinds["the number"] + edge >= kinds["identitet"] and kinds["the session"] + edge >= kinds["innan"]
    for phase in ("alone", "at work", "no pause"):
        assert found[phase]["server_cpu"] > found[phase]["cpu"] > 0
        assert set(found[phase]["kinds"]) <= set(pages_report.NAMES)
        for kind in found[phase]["kinds"].values():
            assert 0 < kind["p50"] <= kind["p95"] <= kind["p99"] <= kind["most"]
    report = Report(
        started=dt.datetime.now(dt.UTC), machine={}, load=[0.5], deltaganden=300, years=2,
        pages=found | {"measured": "Measured here", "load": (0.1, 0.2)},
    )  # fmt: skip
    assert [figure.bound for figure in report.held] == [300.0, 300.0, 0.0]
    whole = as_markdown(report)
    assert pages_report.TITLE in whole
    # On a slow machine the shortest phase may end before a kind of request was made.
    assert all(pages_report.NAMES[kind] in whole for kind in found["at work"]["kinds"])
    # The section alone is made anew, or put in where there was none.
    assert section_of(whole, pages_report.TITLE) == pages_report.lines(report.pages)
    assert section_of(whole, "Nothing of the sort") is None
    section = pages_report.lines(report.pages)
    assert with_section(whole, pages_report.TITLE, section, before=WEAK) == whole
    without = f"# Performance\n\n## {WEAK}\n\n- Nothing.\n"
    assert with_section(without, pages_report.TITLE, ["x"], before=WEAK) == (
        f"# Performance\n\n## {pages_report.TITLE}\n\nx\n\n## {WEAK}\n\n- Nothing.\n"
    )
