"""What the bench of pages has to say: its figures held against QUALITY §5, and its part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .people import KEEP_EVERY, KEEP_FIRST, keeps
from .shape import Figure, bullets, paragraph, table

TITLE = "The pages where people register"
PAGE_MS = 300.0
WHOLE_PEOPLE = 50
REAL_PACE = (20.0, 40.0)
REAL_PAUSE = sum(REAL_PACE) / 2
NAMES = {
    "form page": "form page: of each step (GET)",
    "innan": "post: protection and consent",
    "identitet": "post: identity",
    "start": "post: start and background",
    "fore": "post: before the insats, gives the read back",
    "save": "post: save",
    "the deltagande": "the page of the deltagande, after saving",
    "out: form page": "out: form page (GET)",
    "out: answers": "out: post of the answers, gives the read back",
    "out: save": "out: post: save",
    "the draft": "by itself: the draft is kept",
    "the number": "by itself: what follows from the number",
    "the session": "by itself: does the session live",
    "all form pages": "**all form pages**",
    "all posts": "**all posts**",
    "all by themselves": "**all that pages send by themselves**",
}
PHASES = {"alone": "one person alone", "at work": "{} people at work", "no pause": "{} without any pause"}


def held(pages: dict[str, Any]) -> list[Figure]:
    """The figures that QUALITY §5 binds, and that nothing went wrong."""
    people, kinds = pages["people"], pages["at work"]["kinds"]
    found = [
        Figure(f"{kind}, p95 with {people} at work", kinds[f"all {kind}"]["p95"], PAGE_MS, " ms", False)
        for kind in ("form pages", "posts")
    ]
    wrong = len(pages["errors"]) + len(pages["wrong"])
    return [*found, Figure("requests that failed, registrations not there once", wrong, 0, "", False)]


def lines(pages: dict[str, Any]) -> list[str]:
    """The section."""
    low, high = pages["pause"]
    slow = f"{REAL_PACE[0]:g}–{REAL_PACE[1]:g}"
    times = REAL_PAUSE / ((low + high) / 2)
    shown = held(pages)
    return [
        *paragraph(
            f"gunicorn as the product starts it ({pages['workers']} processes of {pages['threads']} threads), with "
            "production's settings: DEBUG off, strict CSP, static files collected, sessions in the database, HTTPS by "
            "the header of a proxy. Only the refusal of test numbers is lifted. The register is an imported one of "
            f"{pages['deltaganden']:,} deltaganden; {pages['people']} deltagaransvariga, logged in by the page, "
            f"work in an insats each, in {pages['forbund']} förbund. Each registers in by all five steps and looks at "
            "what was saved, and registers one in three out again."
        ),
        "",
        *paragraph(
            f"**At work** they pause {low:g}–{high:g} s before each page. People need {slow} s to read, ask and type, "
            f"so this is {times:.0f} times their pace; they begin one by one, and that time is not measured. "
            "**Without any pause** everybody has a request waiting at every moment: not how people work, but where the "
            "ceiling is. A time is from before the connection until the last byte; each request has a connection of "
            "its own, and what a browser keeps (style sheets, scripts, fonts) is not fetched."
        ),
        "",
        *paragraph(
            "**What pages send by themselves** while somebody works is in the load, in rows of its own and neither in "
            f"“all form pages” nor in “all posts”: the draft of each form page {KEEP_FIRST:g} s after the first key, "
            f"every {KEEP_EVERY:g} s of typing and as the last field is left (people type for the whole pause), what "
            "follows from each personnummer as soon as it is whole, and once for each who is registered in, as the "
            "window is turned to again, whether the session lives. Their rhythm is that of the clock, whatever the "
            f"pause: {_keeps(low, high)} drafts a page here, {_keeps(*REAL_PACE)} at people's own pace. Nobody "
            "waits for these. That a field is left in between also keeps the draft, and then puts the next time off; "
            "that is not in the load."
        ),
        "",
        *paragraph(
            f"{pages['measured']}; load average {pages['load'][0]:.1f} before, {pages['load'][1]:.1f} after."
        ),
        "",
        *table(
            ("figure", "measured", ""),
            [(one.name, one.text, "holds" if one.holds else "**misses**") for one in shown],
        ),
        *(
            []
            if pages["people"] == WHOLE_PEOPLE
            else ["", f"The figures are held to with {WHOLE_PEOPLE} people."]
        ),
        "",
        *_all_phases(pages),
        *paragraph(
            f"Confirmed and found in the database, each exactly once: {pages['registered']:,} in-registrations and "
            f"{pages['out']:,} out-registrations. A log-in takes {_median(pages['log_in']) * 1000:,.0f} ms, nearly all "
            "of it the password hash, which is slow on purpose; it is not in the figures above."
        ),
        "",
        *bullets(_weak(pages)),
    ]


def _all_phases(pages: dict[str, Any]) -> Iterator[str]:
    for phase, name in PHASES.items():
        found = pages[phase]
        per = {
            what: found[what] * 1000 / max(1, found["requests"])
            for what in ("cpu", "server_cpu", "database_cpu")
        }
        yield from paragraph(
            f"*{name.format(pages['people']).capitalize()}*, {found['rate']:.1f} requests/s. CPU for each request: "
            f"web server {per['server_cpu']:.1f} ms, PostgreSQL {per['database_cpu']:.1f} ms, "
            f"the people {per['cpu']:.1f} ms."
        )
        yield ""
        yield from table(
            ("ms", "requests", "p50", "p95", "p99", "most"),
            [
                (
                    text,
                    f"{kind['requests']:,}",
                    *(f"{kind[one]:,.0f}" for one in ("p50", "p95", "p99", "most")),
                )
                for name_of, text in NAMES.items()
                if (kind := found["kinds"].get(name_of))
            ],
        )
        yield ""


def _weak(pages: dict[str, Any]) -> Iterator[str]:
    yield (
        "Client, web server, PostgreSQL and Redis share the two cores: a server with cores of its own is quicker. "
        "PostgreSQL runs with fsync off (`tests/services.py`): with it on, a saving post waits for the disk once more."
    )
    yield "The pages of lists, reports and uttag are not in this load."
    if pages["errors"]:
        yield f"**{len(pages['errors'])} requests failed**, the first: {pages['errors'][0]}."
    if pages["wrong"]:
        yield f"**{len(pages['wrong'])} faults in the database**, the first: {pages['wrong'][0]}."


def _keeps(low: float, high: float) -> str:
    """How often a page keeps the draft in pauses from `low` to `high` seconds."""
    few, many = (len(list(keeps(pause))) for pause in (low, high))
    return f"{few}–{many}" if few < many else f"{many}"


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
