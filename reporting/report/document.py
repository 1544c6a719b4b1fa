"""The report as a document: key figures, contents, and the tables in the catalogue's order under their chapters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from finsam_site.ui.charts import Chart
from finsam_site.ui.components import KeyFigure, Link
from finsam_site.ui.tables import Table

from ..models import Uttag
from ..tables.compute import TableResult
from ..tables.definitions import Definition
from . import words
from .definitions import definition_links, definition_words
from .diagrams import diagram_of
from .figures import key_figures
from .layout import row_count, tables_of

LONGEST = 30
"""Rows of a table that still stands on the page of the report; a longer one has a page of its own alone."""

NARROW = 5
"""Columns of a table that leaves room for its notes beside it."""

WIDE = frozenset({"resultat_forsorjning_flode", "forbund", "forbund_resultat", "kommun", "kvalitet"})
"""Tables that have a page of their own alone however few rows they have."""

CHAPTERS = (
    (1, "Förbund och insatser"),
    (6, "Deltagare"),
    (13, "Resultat"),
    (19, "Ekonomi"),
    (21, "Förbund, län och kommuner"),
    (25, "Strukturövergripande insatser och registreringens kvalitet"),
)
"""The number of the first table of each chapter, and its name."""

_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-ZÅÄÖ])")


@dataclass(frozen=True)
class Section:
    """A table with all that stands around it. tables: empty where they have a page of their own alone. words: the
    definitions that are read beside it."""

    id: str
    number: int
    title: str
    year: int
    population: str
    unit: str
    definitions: list[Link]
    words: list[Definition]
    notes: list[str]
    diagram: Chart | None
    tables: list[Table]
    rows: int
    url: str

    @property
    def heading(self) -> str:
        return f"Tabell {self.number}. {self.title}, {self.year}"

    @property
    def narrow(self) -> bool:
        """Whether its notes have room beside it."""
        return bool(self.tables) and all(len(table.columns) <= NARROW for table in self.tables)


@dataclass(frozen=True)
class Chapter:
    """Sections under a common heading."""

    id: str
    title: str
    sections: list[Section]


@dataclass(frozen=True)
class Report:
    """What the page of a report shows. notes, words: what holds for most tables, said once."""

    uttag: Uttag
    figures: list[KeyFigure]
    chapters: list[Chapter]
    notes: list[str]
    words: list[Definition]


def make_report(uttag: Uttag, tables: Sequence[TableResult]) -> Report:
    """The whole report."""
    common, terms = common_notes(tables), common_definitions(tables)
    said = {*common, *terms}
    sections = [section_of(uttag, result, without=said, whole=not _apart(result)) for result in tables]
    chapters = []
    for place, (first, title) in enumerate(CHAPTERS):
        end = CHAPTERS[place + 1][0] if place + 1 < len(CHAPTERS) else None
        mine = [one for one in sections if first <= one.number and (end is None or one.number < end)]
        if mine:
            chapters.append(Chapter(f"del-{place + 1}", title, mine))
    return Report(
        uttag,
        key_figures(uttag, tables),
        chapters,
        notes=[one for note in common for one in sentences(note)],
        words=definition_words(uttag.ar, terms),
    )


def section_of(
    uttag: Uttag, result: TableResult, *, without: Container[str] = (), whole: bool = True
) -> Section:
    """One table with its diagram and notes. without: notes, and ids of definitions, said elsewhere. whole: with the
    table itself.
    """
    table = result.table
    return Section(
        id=table.id,
        number=table.number,
        title=table.title,
        year=result.year,
        population=table.population,
        unit=table.unit,
        definitions=definition_links(result.year, table.definitions),
        words=definition_words(result.year, (id_ for id_ in table.definitions if id_ not in without)),
        notes=[one for note in result.notes if note not in without for one in sentences(note)],
        diagram=diagram_of(uttag, result),
        tables=tables_of(result, source=f"{words.source(uttag)}.") if whole else [],
        rows=row_count(result),
        url=reverse("reporting:table", args=[uttag.pk, table.id]),
    )


def common_notes(tables: Sequence[TableResult]) -> list[str]:
    """Notes that more than half of the tables have."""
    return _common(result.notes for result in tables)


def common_definitions(tables: Sequence[TableResult]) -> list[str]:
    """Ids of definitions that more than half of the tables use."""
    return _common(result.table.definitions for result in tables)


def _common(lists: Iterable[Sequence[str]]) -> list[str]:
    """What stands in more than half of the lists."""
    found = [dict.fromkeys(each) for each in lists]
    count = Counter(one for each in found for one in each)
    return [one for one, times in count.items() if 2 * times > len(found)]


def sentences(note: str) -> list[str]:
    """A note as sentences, each on a line of its own where there are many."""
    return [note] if len(note) < 200 else _SENTENCE.split(note)


def _apart(result: TableResult) -> bool:
    return result.table.id in WIDE or row_count(result) > LONGEST
