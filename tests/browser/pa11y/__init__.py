"""pa11y on every page that the browser tests check, in `make audit` (QUALITY §6).

It comes from npm, pinned by package-lock.json, and drives the Chromium of the tests: each page is looked at as it
stands, also after a form was refused, at each width. It finds by another tool (HTML_CodeSniffer) than axe does.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.programs import require_node

FOLDER = Path(__file__).parent
WANTED = os.environ.get("FINSAM_TEST_PA11Y") == "yes"


@dataclass(frozen=True)
class FalseAlarm:
    """What pa11y says of something that is right. code: its end. selector: what the element itself is. why: it is."""

    code: str
    selector: str
    why: str


FALSE_ALARMS = (
    FalseAlarm(
        "1_3_1.H43.HeadersRequired",
        "table:has(> colgroup):has(> thead th[scope=colgroup]):not(:has(th:not([scope])))",
        "A table with two rows of headers needs no `headers` where every th has a right scope (technique H63). "
        "HTML_CodeSniffer 2.6 means to let it be, but compares where it should assign (`headersAttr.required === "
        "false;` in 1_3_1.js).",
    ),
)


class Pa11y:
    """pa11y in a process of its own, on the browser at that address."""

    def __init__(self, browser: str) -> None:
        self._process = subprocess.Popen(
            [require_node(), FOLDER / "audit.js", browser],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER,
        )  # fmt: skip

    def findings(self, page: Page) -> list[str]:
        """What it finds on the page as it stands; false alarms left out."""
        session = page.context.new_cdp_session(page)
        target = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
        session.detach()
        said = self._ask({"target": target} | dict(page.viewport_size or {}))
        return [
            f"{one['code']}: {one['message']} {one['context']} ({one['selector']})"
            for one in said
            if not any(_is(page, one, alarm) for alarm in FALSE_ALARMS)
        ]

    def _ask(self, what: dict[str, Any]) -> list[dict[str, Any]]:
        process = self._process
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline() or '{"wrong": "it has stopped"}')
        assert "wrong" not in answer, f"pa11y could not look at the page: {answer['wrong']}"
        issues: list[dict[str, Any]] = answer["issues"]
        return issues

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


def _is(page: Page, issue: dict[str, Any], alarm: FalseAlarm) -> bool:
    """Whether it is that false alarm."""
    if not issue["code"].endswith(alarm.code):
        return False
    return bool(
        page.locator(issue["selector"]).evaluate("(it, selector) => it.matches(selector)", alarm.selector)
    )
