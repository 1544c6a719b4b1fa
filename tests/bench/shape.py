"""What a report is made of: figures that are held to a bound, and Markdown tables, paragraphs and lists."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure and what it is held to. `at_least`: more is better."""

    name: str
    value: float
    bound: float
    unit: str
    at_least: bool

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def text(self) -> str:
        sign = "≥" if self.at_least else "≤"
        digits = 0 if self.value >= 100 else 2
        return f"{self.value:,.{digits}f}{self.unit}, held to {sign} {self.bound:,.0f}{self.unit}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(header)} |",
        f"|{'---|' * len(header)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)


def bullets(texts: Iterable[str]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, 118, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
        )
    ]


def section_of(document: str, title: str) -> list[str] | None:
    """The lines of the section of that title as `with_section` takes them; None where there is none."""
    found = re.search(rf"^## {re.escape(title)}\n\n(.*?)\n\n(?=^## |\Z)", document, re.M | re.S)
    return found[1].split("\n") if found else None


def with_section(document: str, title: str, lines: Iterable[str], *, before: str) -> str:
    """The Markdown document with the section of that title made anew, or put in before another one."""
    new = "\n".join([f"## {title}", "", *lines, "", ""])
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.M | re.S)
    if old.search(document):
        return old.sub(lambda _: new, document, count=1)
    head, found, tail = document.partition(f"## {before}\n")
    return head + new + found + tail
