"""The people of the bench of pages, in a process of its own: `python -m tests.bench.people`.

It speaks in lines of JSON with whoever started it. The first line that it reads says where the server is and who the
people are: each logs in, and it answers. Every further line is a phase: so many of them work for so long, and it
answers with every request they made. No Django and no library: 50 people are 50 coroutines on plain sockets, so that
the client takes as little as it can of the cores that the server runs on. What it takes, it tells.

What the pages' scripts send by themselves is sent too, at their rhythm (ui/keep.js, ui/answers.js): the draft is kept
while somebody types, what follows from a number is asked as soon as it is whole, and whether the session lives when the
window is turned to again. Like the browser, nobody waits for these.
"""

from __future__ import annotations

import asyncio
import html
import json
import random
import re
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

FORM_PAGE, OUT_PAGE, DELTAGANDE = "form page", "out: form page", "the deltagande"
STEPS = ("innan", "identitet", "start", "fore")
SAVE, OUT_ANSWERS, OUT_SAVE = "save", "out: answers", "out: save"
KEEP, LOOK_UP, ALIVE = "the draft", "the number", "the session"
"""What the pages send by themselves."""
OUT_EVERY = 3
"""A person registers somebody out after the first, the fourth, … that is registered in."""

KEEP_FIRST, KEEP_EVERY = 0.3, 4.0
"""Seconds of typing until a page keeps the draft, and from then on (ui/keep.js)."""

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'[^>]*\baction="([^"]+)"')
_DRAFT = re.compile(r'[^>]*\bdata-draft="(\d+)"')
_TELLS = re.compile(r'\bdata-tells="([^"]+)" data-asks="([^"]+)"')
_SESSION = re.compile(r'<body[^>]*\bdata-session="([^"]+)"')
_SAVED = re.compile(r"/deltaganden/([0-9a-f-]{36})/\?(registrerad|utregistrerad)")


class Wrong(Exception):
    """The server did not answer as it should; the text says what came."""


@dataclass
class Answer:
    status: int
    headers: dict[str, list[str]]
    body: str

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the last form on the page."""
        form = self.body.rpartition("<form")[2]
        return {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(form)}

    @property
    def action(self) -> str:
        """Where the last form on the page is posted."""
        found = _ACTION.match(self.body.rpartition("<form")[2])
        return html.unescape(found[1]) if found else ""

    @property
    def draft(self) -> str:
        """How often the draft of the last form on the page has been kept; empty where it keeps none."""
        found = _DRAFT.match(self.body.rpartition("<form")[2])
        return found[1] if found else ""

    @property
    def tells(self) -> tuple[str, str]:
        """The field that something follows from, and the name that asks for it; empty where there is none."""
        found = _TELLS.search(self.body)
        return (found[1], found[2]) if found else ("", "")

    @property
    def session(self) -> str:
        """Where the page asks whether the session lives."""
        found = _SESSION.search(self.body)
        return html.unescape(found[1]) if found else ""

    @property
    def location(self) -> str:
        return next(iter(self.headers.get("location", [])), "")


@dataclass
class Person:
    """Somebody at work, with a browser's cookies. numbers: of those still to be registered in."""

    user: str
    password: str
    insats: int
    kommun: str
    numbers: list[str]
    cookies: dict[str, str] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Phase:
    """`people` of them work for `seconds`, with a pause of that many seconds before each page.

    again: for so many seconds somebody who gets no answer, or that the server failed, sends the same once more.
    """

    people: int
    seconds: float
    pause: tuple[float, float]
    again: float = 0

    @property
    def ramp(self) -> float:
        """Seconds over which they begin, not measured: somebody is always somewhere else in the form."""
        return self.pause[1] * len(STEPS)


class Site:
    """The web server as the proxy before it speaks to it: a connection for each request, HTTPS outside."""

    def __init__(self, port: int, host: str) -> None:
        self.port, self.host = port, host
        self.samples: list[tuple[str, float, float]] = []
        self.errors: list[str] = []
        self.registered: list[tuple[str, str, int]] = []
        self.out: list[str] = []

    async def ask(
        self, person: Person, kind: str, path: str, data: dict[str, Any] | None = None, *,
        header: str = "", right: tuple[int, ...] = (200, 302),
    ) -> Answer:  # fmt: skip
        """One request, timed from before the connection until the last byte is here. Raises Wrong for a fault.

        header: one more of them. right: how it may be answered.
        """
        body = urlencode(data, doseq=True).encode() if data is not None else b""
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        head = [
            f"{'GET' if data is None else 'POST'} {path} HTTP/1.1",
            f"Host: {self.host}", "Connection: close", "X-Forwarded-Proto: https", "Accept: text/html",
            *([f"Cookie: {cookies}"] if cookies else []), *([header] if header else []),
        ]  # fmt: skip
        if data is not None:
            head += [
                "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
                f"Origin: https://{self.host}", f"Referer: https://{self.host}{path}",
            ]  # fmt: skip
        begun = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            raw = await reader.read()
            writer.close()
        except OSError as error:
            raise Wrong(f"{kind}: {error}") from error
        took = time.perf_counter() - begun
        answer = _parse(raw)
        if answer.status not in right:
            raise Wrong(f"{kind}: status {answer.status}")
        self.samples.append((kind, begun, took))
        for cookie in answer.headers.get("set-cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            person.cookies[name.strip()] = value.strip()
        return answer


def _parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    code = first.split(" ")[1:2]
    if "chunked" in headers.get("transfer-encoding", []):
        body = _unchunked(body)
    return Answer(int(code[0]) if code else 0, headers, body.decode("utf-8", "replace"))


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)


class Work:
    """What one person does in one phase."""

    def __init__(self, site: Site, person: Person, phase: Phase, ends: float, days: dict[str, str]) -> None:
        self.site, self.person, self.phase, self.ends, self.days = site, person, phase, ends, days
        self.random = random.Random(person.user)

    async def until_the_end(self) -> None:
        """Register people until the phase ends; what has been begun is finished."""
        await asyncio.sleep(self.random.uniform(0, self.phase.ramp))
        done = 0
        while time.perf_counter() < self.ends:
            try:
                await self.register_in()
                done += 1
                if done % OUT_EVERY == 1:
                    await self.register_out()
            except Wrong as wrong:
                self.site.errors.append(str(wrong))

    async def register_in(self) -> None:
        """The whole flow: protection and consent, identity, start, situation, read back, save, see that it is done."""
        person = self.person
        if not person.numbers:
            raise Wrong("no numbers are left; measure for a shorter time")
        number = person.numbers.pop()
        path = f"/insatser/{person.insats}/registrera-in/"
        page = await self.page(FORM_PAGE, path, step=STEPS[0])
        await self._by_itself(ALIVE, page.session, header="X-Finsam-Background: 1")
        answers: dict[str, dict[str, Any]] = {
            "innan": {"skydd": "nej", "samtycke": "ja", "undertecknat": self.days["signed"], "sprak": "sv"},
            "identitet": {"personnummer": number, "fornamn": "Prov", "efternamn": f"Provsson {number[8:]}",
                          "kommun": person.kommun},
            "start": {"startdatum": self.days["start"], "utbildning": "gymnasium", "tid_ar": "2", "tid_manader": "3",
                      "initierad_av": "fk", "behovsgrupp": ""},
            "fore": {"forsorjning": ["sjukpenning", "forsorjningsstod"], "omfattning_sjukpenning": "del",
                     "omfattning_forsorjningsstod": "del", "arbetar": "ja", "arbetar_procent": "25",
                     "typ_av_arbete": "ordinarie", "studerar": "nej", "arbetssokande": "ja",
                     "inskriven_af": "vet_ej"},
        }  # fmt: skip
        for step, following in zip(STEPS, (*STEPS[1:], "kontroll"), strict=True):
            posted = await self.fill_in(step, page, answers[step])
            page = await self.page(FORM_PAGE, posted.location, step=following, following=True)
        saved = await self.page(SAVE, page.action, page.hidden())
        pk = self.saved(SAVE, saved, "registrerad")
        self.site.registered.append((pk, number, person.insats))
        person.inside.append(pk)
        await self.page(DELTAGANDE, saved.location, following=True)

    async def register_out(self) -> None:
        """Somebody whom this person has registered in."""
        pk = self.person.inside.pop(0)
        path = f"/deltaganden/{pk}/registrera-ut/"
        page = await self.page(OUT_PAGE, path, step="fragor")
        answers = {
            "avslutsanledning": "enligt_plan", "slutdatum": self.days["end"], "forsorjning": "ingen", "arbetar": "ja",
            "arbetar_procent": "50", "typ_av_arbete": "ordinarie", "studerar": "nej", "arbetssokande": "nej",
            "inskriven_af": "nej",
        }  # fmt: skip
        posted = await self.fill_in(OUT_ANSWERS, page, answers)
        page = await self.page(OUT_PAGE, posted.location, step="kontroll", following=True)
        saved = await self.page(OUT_SAVE, page.action, page.hidden())
        self.saved(OUT_SAVE, saved, "utregistrerad")
        self.site.out.append(pk)
        await self.page(DELTAGANDE, saved.location, following=True)

    async def page(
        self, kind: str, path: str, data: dict[str, Any] | None = None, *, step: str = "", following: bool = False
    ) -> Answer:  # fmt: skip
        """Think, then ask. step: the step that the page must show. following: of a redirect, without thinking.

        When the time is over nobody thinks any more: what was begun is finished at once.
        """
        if not following:
            await asyncio.sleep(self._pause())
        answer = await self._answer(kind, path, data)
        if step and (answer.status != 200 or answer.hidden().get("_steg") != step):
            raise Wrong(f"{kind}: not the step {step} but {answer.hidden().get('_steg') or answer.status}")
        return answer

    async def fill_in(self, kind: str, page: Answer, answers: dict[str, Any]) -> Answer:
        """Type the answers into a page's form for as long as the pause is, then send it.

        Meanwhile the page sends what it sends by itself; what is under way is not waited for before the form is sent.
        """
        seconds = self._pause()
        meanwhile = [
            asyncio.create_task(one)
            for one in (self._keep(page, answers, seconds), self._look_up(page, answers, seconds))
        ]
        await asyncio.sleep(seconds)
        try:
            return await self._answer(kind, page.action, page.hidden() | answers)
        finally:
            await asyncio.gather(*meanwhile)

    def _pause(self) -> float:
        left = self.ends - time.perf_counter()
        return max(0.0, min(left, self.random.uniform(*self.phase.pause)))

    async def _keep(self, page: Answer, answers: dict[str, Any], seconds: float) -> None:
        """The draft: soon after the first key, every few seconds of typing, and as the last field is left."""
        if not page.draft:
            return
        window, nr = secrets.token_hex(5), page.draft
        begun = time.perf_counter()
        for moment in keeps(seconds):
            await asyncio.sleep(begun + moment - time.perf_counter())
            if moment > KEEP_FIRST and time.perf_counter() > begun + seconds + 0.1:
                return  # the one before was still under way when the form was sent
            share = moment / seconds if seconds else 1
            typed = dict(list(answers.items())[: max(1, round(share * len(answers)))])
            said = page.hidden() | typed | {"_skriver": window, "_nr": nr}
            # 200: not kept, since the form itself was quicker or nothing may be kept yet
            answer = await self._by_itself(KEEP, page.action, said, right=(200, 204))
            if answer and answer.status == 204:
                nr = next(iter(answer.headers["x-finsam-nr"]))

    async def _look_up(self, page: Answer, answers: dict[str, Any], seconds: float) -> None:
        """What follows from the number, as soon as it is whole."""
        field, asks = page.tells
        if not field:
            return
        at = list(answers).index(field) + 1
        await asyncio.sleep(seconds * at / len(answers))
        said = page.hidden() | dict(list(answers.items())[:at]) | {asks: "1"}
        await self._by_itself(LOOK_UP, page.action, said, header="X-Finsam-Part: 1")

    async def _by_itself(
        self, kind: str, path: str, data: dict[str, Any] | None = None, *,
        header: str = "", right: tuple[int, ...] = (200,),
    ) -> Answer | None:  # fmt: skip
        """What a page sends by itself. A fault is told, and stops nobody; where the server fails on purpose it is not:
        what was typed is in what is sent again.
        """
        try:
            return await self.site.ask(self.person, kind, path, data, header=header, right=right)
        except Wrong as wrong:
            if not self.phase.again:
                self.site.errors.append(str(wrong))
            return None

    async def _answer(self, kind: str, path: str, data: dict[str, Any] | None) -> Answer:
        given_up = time.perf_counter() + self.phase.again
        while True:
            try:
                return await self.site.ask(self.person, kind, path, data)
            except Wrong:
                if time.perf_counter() > given_up:
                    raise
            await asyncio.sleep(0.2)

    def saved(self, kind: str, answer: Answer, word: str) -> str:
        """The id of what was saved. Raises Wrong when it was not."""
        found = _SAVED.fullmatch(answer.location)
        if not found or found[2] != word:
            raise Wrong(f"{kind}: not saved, status {answer.status}")
        return found[1]


def keeps(seconds: float) -> Iterator[float]:
    """When a page keeps the draft of somebody who types for so long; at least once."""
    moment = KEEP_FIRST
    while moment < seconds:
        yield moment
        moment += KEEP_EVERY
    yield seconds


async def log_in(site: Site, person: Person) -> None:
    """By the page, as everybody does, then the page of the own insats."""
    page = await site.ask(person, "log-in page", "/logga-in/")
    typed = page.hidden() | {"username": person.user, "password": person.password}
    answer = await site.ask(person, "log in", "/logga-in/", typed)
    if answer.status != 302:
        raise Wrong("log in: refused")
    answer = await site.ask(person, "insats", f"/insatser/{person.insats}/")
    if answer.status != 200:
        raise Wrong(f"insats: status {answer.status} {answer.location}")


async def work(site: Site, people: list[Person], phase: Phase, days: dict[str, str]) -> dict[str, Any]:
    """One phase; gives what was asked within its time, and what came of it."""
    site.samples, site.errors, site.registered, site.out = [], [], [], []
    began, worked = time.perf_counter(), time.process_time()
    begins = began + phase.ramp
    ends = begins + phase.seconds
    few = people[: phase.people]
    await asyncio.gather(*(Work(site, one, phase, ends, days).until_the_end() for one in few))
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - worked,
        "requests": len(site.samples),
        "rate": sum(begins <= at + took <= ends for _, at, took in site.samples) / phase.seconds,
        "samples": [(kind, took) for kind, at, took in site.samples if begins <= at <= ends],
        "errors": site.errors,
        "registered": site.registered,
        "out": site.out,
    }


async def main() -> None:
    """Answer each line of stdin by one on stdout, until there are no more."""
    loop = asyncio.get_running_loop()
    said = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    site = Site(said["port"], said["host"])
    people = [Person(**one) for one in said["people"]]
    for person in people:
        await log_in(site, person)
    print(json.dumps({"log_in": [took for kind, _, took in site.samples if kind == "log in"]}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        phase = json.loads(line)
        found = await work(
            site,
            people,
            Phase(phase["people"], phase["seconds"], tuple(phase["pause"]), phase.get("again", 0)),
            said["days"],
        )
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
