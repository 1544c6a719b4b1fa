"""A real browser against a live server.

    def test_start(look: Look, world: World) -> None:
        look.log_in(world.eva)
        look.go("/")
        look.check("start")        # axe finds nothing, nothing in the console, nothing wider than the window, a picture

A test that takes `look` works at 1280 pixels, and each of its pages is checked at 320 too; one that takes `look_each`
works at both. Chromium is that of FINSAM_TEST_CHROMIUM or of the system.
FINSAM_TEST_SHOTS names a folder that pictures of the pages are written to. With FINSAM_TEST_PA11Y=yes, as in
`make audit`, pa11y looks at each page that is checked too.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Insats
from tests import factories
from tests.browser.pa11y import WANTED, Pa11y
from tests.services import free_port

PASSWORD = "prov-losenord-7"
WIDTHS = {1280: 900, 320: 700}
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,  # axe would fetch style sheets by itself, at the wrong addresses
}


@pytest.hookimpl(tryfirst=True)  # before pytest-django puts the tests that empty the database last
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a database that other connections see, with what the migrations put there."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "live_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


def chromium() -> str:
    """The browser to drive. Raises pytest's failure, not a skip: without it nothing here is tested."""
    path = os.environ.get("FINSAM_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.fail(f"no Chromium at {path}: install it or set FINSAM_TEST_CHROMIUM", pytrace=False)
    return path


pa11y: Pa11y | None = None
"""Of the browser, where it is wanted."""


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, and pa11y beside it where that is wanted."""
    global pa11y
    port = free_port() if WANTED else 0
    debugged = [f"--remote-debugging-port={port}"] if port else []
    one = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *debugged])
    if port:
        pa11y = Pa11y(f"http://127.0.0.1:{port}")
    yield one
    if pa11y:
        pa11y.close()
    one.close()


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One Chromium for the run.

    Playwright's loop makes Django believe that it is called from asynchronous code, and there it has another connection
    object. What the migrations put into the database, and the tests put back, is kept on the first one.
    """
    contents = getattr(connection, "_test_serialized_contents", None)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        if contents is not None:
            connection._test_serialized_contents = contents  # type: ignore[attr-defined]
        with launched(playwright) as one:
            yield one
        connection.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Look:
    """A browser window on the live server, which remembers everything that the console complained of."""

    page: Page
    server: str
    widths: tuple[int, ...]
    """What pages are checked at; it works at the first."""
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of ours."""
        self.page.goto(self.server + path)

    def log_in(self, user: User | str, password: str = PASSWORD) -> None:
        """Log in by the form; ends where that leads."""
        self.go("/logga-in/")
        self.page.fill("#id_username", user if isinstance(user, str) else user.anvandarnamn)
        self.page.fill("#id_password", password)
        with self.page.expect_navigation():
            self.page.click("main button[type=submit]")

    def choose(self, what: str) -> None:
        """Choose the uppdrag with that name on the page "Välj uppdrag"."""
        self.go("/uppdrag/")
        with self.page.expect_navigation():
            self.page.locator("main button", has_text=what).first.click()

    def axe(self, rule: str = "") -> None:
        """Fail with what axe finds against WCAG 2.2 AA, or against one of its rules only."""
        self.quiet()
        options = AXE | {"runOnly": {"type": "rule", "values": [rule]}} if rule else AXE
        found = Axe().run(self.page, options=options).response["violations"]
        self.complaints.clear()  # axe measures with inline styles, which our CSP refuses
        lines = [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}" for one in found]
        assert not lines, "\n".join(lines)

    def pa11y(self) -> None:
        """Fail with what pa11y finds against WCAG 2 AA, where it is wanted."""
        if pa11y:
            found = pa11y.findings(self.page)
            self.page.evaluate("0")  # what it said itself in the console is here by then
            self.complaints.clear()
            assert not found, "\n".join(found)

    def quiet(self) -> None:
        """Fail with what the console said: script faults, refused resources, violations of the CSP."""
        assert not self.complaints, self.complaints

    def expect(self, status: int) -> None:
        """Forget that the browser complained of an answer with that status, which the test means to get."""
        self.complaints[:] = [one for one in self.complaints if f"status of {status} " not in one]

    @property
    def width(self) -> int:
        """Of the window, now."""
        size = self.page.viewport_size
        assert size is not None
        return size["width"]

    def resize(self, width: int) -> None:
        """Make the window that wide."""
        if width != self.width:
            self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})

    def fits(self) -> None:
        """Fail when the page scrolls sideways."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} pixels wide in a window of {self.width}"

    def shot(self, name: str) -> None:
        """Write a picture of the whole page where FINSAM_TEST_SHOTS says."""
        folder = os.environ.get("FINSAM_TEST_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.quiet()
            self.page.screenshot(
                path=Path(folder) / f"{name.replace(':', '-')}-{self.width}.png", full_page=True
            )
            self.complaints.clear()  # a picture is taken with inline styles too

    def check(self, name: str) -> None:
        """All that holds for every page in every state, at each width."""
        self.page.wait_for_load_state()
        for width in self.widths:
            self.resize(width)
            self.quiet()
            self.fits()
            self.shot(name)
            self.axe()
            self.pa11y()
        self.resize(self.widths[0])


PATIENCE = 60_000
"""Milliseconds that a page may take before a test gives up: a busy machine is no fault of the product."""

expect.set_options(timeout=PATIENCE)


def open_look(browser: Browser, server: str, *widths: int, **options: Any) -> tuple[Look, BrowserContext]:
    """A window of the first width, in a browser session of its own."""
    size: Any = {"width": widths[0], "height": WIDTHS[widths[0]]}
    context = browser.new_context(viewport=size, locale="sv-SE", reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    look = Look(page, server, widths)

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            look.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", complain)
    page.on("pageerror", lambda error: look.complaints.append(str(error)))
    return look, context


def _window(browser: Browser, server: Any, *widths: int, **options: Any) -> Iterator[Look]:
    """Open one; ends with a quiet console."""
    one, context = open_look(browser, server.url, *widths, **options)
    yield one
    context.close()
    one.quiet()


class UnderWay:
    """The requests that the live server is answering."""

    def __init__(self) -> None:
        self._count, self._lock, self._last = 0, threading.Lock(), 0.0
        request_started.connect(self._begun)
        request_finished.connect(self._ended)

    def _begun(self, **_: Any) -> None:
        self._add(1)

    def _ended(self, **_: Any) -> None:
        self._add(-1)

    def _add(self, change: int) -> None:
        with self._lock:
            self._count = max(0, self._count + change)  # one that began before we listened may end
            self._last = time.monotonic()

    def none(self) -> bool:
        """None now, and none just now: the next may be on its way."""
        with self._lock:
            return not self._count and time.monotonic() - self._last > 0.15


@pytest.fixture(autouse=True)
def _all_answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """The data of a test are removed when nobody asks for them any more: a page that goes keeps its draft by a request
    that outlives it."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("live_server")
    under_way = UnderWay()  # the signals know it as long as it is there
    yield
    deadline = time.monotonic() + 5  # an end that nobody told of is no fault of the test
    while not under_way.none() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.fixture
def look(browser: Browser, live_server: Any) -> Iterator[Look]:
    """A window that is worked in at 1280, its pages checked at each width."""
    yield from _window(browser, live_server, *WIDTHS)


@pytest.fixture(params=list(WIDTHS))
def look_each(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Look]:
    """A window that is worked in at each width: the whole test once more."""
    yield from _window(browser, live_server, request.param)


@pytest.fixture
def look_plain(browser: Browser, live_server: Any) -> Iterator[Look]:
    """A window without JavaScript."""
    yield from _window(browser, live_server, 1280, java_script_enabled=False)


@pytest.fixture
def look_dark(browser: Browser, live_server: Any) -> Iterator[Look]:
    """A window in the dark."""
    yield from _window(browser, live_server, 1280, color_scheme="dark")


@dataclass(frozen=True)
class World:
    """The people of these tests. eva: several uppdrag; ali: one; noll: none."""

    eva: User
    ali: User
    noll: User
    steget: Insats


@pytest.fixture
def world(live_server: Any) -> World:
    """Two förbund with insatser, and people who work there."""
    with factories.as_system():
        kust = factories.forbund(namn="Älv och kust")
        skog = factories.forbund(namn="Norra skogen")
        steget = factories.insats(forbund=kust, namn="Steget vidare")
        framtid = factories.insats(forbund=skog, namn="Ung framtid")
        eva = factories.user(
            Roll.DELTAGARANSVARIG, Roll.RAPPORTLASARE, insats=steget, namn="Eva Prov", password=PASSWORD
        )
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=framtid)
        ali = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=kust, namn="Ali Prov", password=PASSWORD)
        noll = factories.user(Roll.DELTAGARANSVARIG, namn="Noll Prov", password=PASSWORD)
    return World(eva, ali, noll, steget)
