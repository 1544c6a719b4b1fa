"""The parts that pages are put together of. A view makes them, a template shows them with `{% show part %}`.

Each is a small frozen dataclass with the template that draws it. What they take is plain text (escaped when drawn) and
other components. Tables are in `tables.py`, charts in `charts.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import formats


class Component:
    """Something that a page can show."""

    template_name: ClassVar[str]

    def render(self, extra: Mapping[str, Any] | None = None) -> SafeString:
        """The HTML; the component is `c` in its template."""
        return render_to_string(self.template_name, {**(extra or {}), "c": self})


class Tone(StrEnum):
    """What a tag, message or step says besides its words. It is never told by colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"


@dataclass(frozen=True)
class Link(Component):
    """A link. current: it leads to where we are."""

    template_name: ClassVar[str] = "components/link.html"
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Button(Component):
    """A button that says what happens ("Registrera deltagaren", not "Spara").

    Without `url` it submits the form that it stands in, with `name` and `value` if given. With `url` it is a link
    that looks like a button; to change something, use `PostButton`. Only one primary on a page.
    """

    template_name: ClassVar[str] = "components/button.html"
    label: str
    url: str = ""
    kind: str = "primary"
    """primary, secondary, danger or quiet (looks like a link)."""
    name: str = ""
    value: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class PostButton(Component):
    """A button that posts to `url` by a small form of its own. Show it with `{% show … %}` where a request is."""

    template_name: ClassVar[str] = "components/post_button.html"
    label: str
    url: str
    kind: str = "secondary"
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Text(Component):
    """A paragraph."""

    template_name: ClassVar[str] = "components/text.html"
    text: str


@dataclass(frozen=True)
class Tag(Component):
    """A short status such as "Utkast" or "Mottaget"; each tone has a mark of its own beside the colour."""

    template_name: ClassVar[str] = "components/tag.html"
    label: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Notice(Component):
    """Something to know on this page. Warnings are rare. `link` says where to go."""

    template_name: ClassVar[str] = "components/notice.html"
    text: str
    title: str = ""
    tone: Tone = Tone.PLAIN
    link: Link | None = None


@dataclass(frozen=True)
class EmptyState(Component):
    """Where a list has nothing yet: says what would be here and offers the act."""

    template_name: ClassVar[str] = "components/empty.html"
    title: str
    text: str
    action: Button | Link | None = None


@dataclass(frozen=True)
class Detail:
    """A term and what it is. missing: what to say when there is nothing ("Inte angivet")."""

    term: str
    value: str | Component
    note: str = ""
    missing: str = "Inte angivet"

    @property
    def shown(self) -> str | Component:
        return self.value or self.missing

    @property
    def is_component(self) -> bool:
        return isinstance(self.value, Component)


@dataclass(frozen=True)
class Details(Component):
    """Terms with their values (a definition list)."""

    template_name: ClassVar[str] = "components/details.html"
    rows: Sequence[Detail]


@dataclass(frozen=True)
class Answer(Detail):
    """A row of `ReadBack`. change_url: leads to the question; say `change_what` for those who only hear the link."""

    change_url: str = ""
    change_what: str = ""


@dataclass(frozen=True)
class ReadBack(Component):
    """The answers given, to be read through before something that is hard to undo."""

    template_name: ClassVar[str] = "components/read_back.html"
    title: str
    rows: Sequence[Answer]


@dataclass(frozen=True)
class Task:
    """A row of `TaskList`: leads straight to the act. Without url it cannot be done yet, and `hint` says why."""

    label: str
    url: str = ""
    hint: str = ""
    status: Tag | None = None
    count: int | None = None

    @property
    def counted(self) -> str:
        return "" if self.count is None else formats.number(self.count)


@dataclass(frozen=True)
class TaskList(Component):
    """What is left to do, or the parts of a longer job. empty: what to say when there is nothing left."""

    template_name: ClassVar[str] = "components/task_list.html"
    tasks: Sequence[Task]
    empty: str = "Inget att göra just nu."


@dataclass(frozen=True)
class KeyFigure(Component):
    """One number: what it counts, its change against the year before, its base, and as of when it was known.

    value: None with `missing` tells why there is none ("Skyddat"). change: in the same unit as the value, with
    `change_unit` ("procentenheter") and `against` ("2017").
    """

    template_name: ClassVar[str] = "components/key_figure.html"
    label: str
    value: formats.Number | None
    unit: str = ""
    decimals: int = 0
    change: formats.Number | None = None
    change_unit: str = ""
    against: str = ""
    base: str = ""
    known: dt.date | dt.datetime | None = None
    definition_url: str = ""
    missing: str = "Uppgift saknas"

    @property
    def shown(self) -> str:
        return self.missing if self.value is None else formats.number(self.value, self.decimals)

    @property
    def changed(self) -> str:
        if self.change is None:
            return ""
        amount = " ".join(filter(None, (formats.change(self.change, self.decimals), self.change_unit)))
        return f"{amount} jämfört med {self.against}" if self.against else amount

    @property
    def known_on(self) -> str:
        return f"Uppgifter kända per {formats.day(self.known)}" if self.known else ""


@dataclass(frozen=True)
class KeyFigures(Component):
    """Key figures side by side. short: bare counts, which stand close and in one narrow column on a telephone."""

    template_name: ClassVar[str] = "components/key_figures.html"
    figures: Sequence[KeyFigure]
    short: bool = False


class Waiting(StrEnum):
    """How a job stands, for `Progress`."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Progress(Component):
    """A determinate bar with words, as "12 400 av 20 718 rader kontrollerade, ungefär 20 sekunder kvar."

    what: "rader kontrollerade". url: gives this component alone; the page asks it anew every other second while the
    job waits or runs (htmx; without JavaScript the page reloads itself when the view gives `refresh` to base.html).
    text: what happened and what to do; of one that runs, what it does while nothing of it can be counted yet.
    """

    template_name: ClassVar[str] = "components/progress.html"
    title: str
    state: Waiting
    done: int = 0
    total: int = 0
    what: str = "klara"
    seconds_left: float | None = None
    text: str = ""
    url: str = ""
    action: Button | PostButton | Link | None = None
    may_leave: bool = True

    @property
    def live(self) -> bool:
        """True while it is worth asking again."""
        return self.state in (Waiting.WAITING, Waiting.RUNNING)

    @property
    def words(self) -> str:
        if self.state != Waiting.RUNNING:
            return self.text
        left = (
            f", ungefär {formats.duration(self.seconds_left)} kvar" if self.seconds_left is not None else ""
        )
        of = (
            f"{formats.number(self.done)} av {formats.number(self.total)} {self.what}"
            if self.total and (self.done or not self.text)
            else self.text or "Startar"
        )
        return f"{of}{left}.{' Du kan lämna sidan.' if self.may_leave else ''}"


@dataclass(frozen=True)
class Step:
    """A thing that happened, for `TimeLine`. at: at what time, where that is told beside the day. known: when it became
    known, if that is another day than `when`; a moment of the same day is told by its time.
    changes: (what, old, new) of each answer that it changed.
    """

    when: dt.date | dt.datetime
    title: str
    text: str = ""
    who: str = ""
    known: dt.date | dt.datetime | None = None
    tone: Tone = Tone.PLAIN
    link: Link | None = None
    changes: Sequence[tuple[str, str, str]] = ()
    at: dt.datetime | None = None

    @property
    def day(self) -> str:
        return formats.day(self.when)

    @property
    def iso(self) -> str:
        return formats.iso_day(self.when)

    @property
    def known_day(self) -> str:
        if isinstance(self.known, dt.datetime) and formats.iso_day(self.known) == self.iso:
            return formats.at_clock(self.known)
        return formats.day(self.known) if self.known else ""

    @property
    def time(self) -> str:
        return formats.at_clock(self.at) if self.at else ""


@dataclass(frozen=True)
class TimeLine(Component):
    """What happened, in the order given (newest first is the habit)."""

    template_name: ClassVar[str] = "components/time_line.html"
    steps: Sequence[Step]


@dataclass(frozen=True)
class Crumb:
    """A step of the way to this page, after the start page; the last one has no url."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Pagination(Component):
    """Links to the pages of a list. keep: the query of the page (filters), without the page number."""

    template_name: ClassVar[str] = "components/pagination.html"
    page: Page[Any]
    what: str = "rader"
    keep: Mapping[str, str] = field(default_factory=dict)
    parameter: str = "sida"

    @property
    def needed(self) -> bool:
        return self.page.paginator.num_pages > 1

    @property
    def words(self) -> str:
        first, last = (formats.number(n) for n in (self.page.start_index(), self.page.end_index()))
        return f"{first}–{last} av {formats.number(self.page.paginator.count)} {self.what}"

    def url(self, number: int) -> str:
        return f"?{urlencode({**self.keep, self.parameter: number})}"

    @property
    def before(self) -> str:
        return self.url(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self.url(self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def links(self) -> list[Link | None]:
        """Links to the pages near this one and to the ends; None is a gap."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        return [
            Link(formats.number(n), self.url(n), current=n == self.page.number)
            if isinstance(n, int)
            else None
            for n in numbers
        ]


@dataclass(frozen=True)
class SummaryError:
    """An error and the field that it leads to (an id of the page, or nothing)."""

    text: str
    target: str = ""


@dataclass(frozen=True)
class ErrorSummary(Component):
    """All that is wrong, first on the page and focused, each line a link to its field."""

    template_name: ClassVar[str] = "components/error_summary.html"
    errors: Sequence[SummaryError]
    title: str = "Rätta det här för att fortsätta"
