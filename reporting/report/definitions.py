"""The definitions that hold for a year, as a page lists them, and the way to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from finsam_site.ui.components import Link
from finsam_site.ui.formats import sort_key

from ..tables.definitions import DEFINITIONS, Definition, definition
from ..tables.registry import all_tables


@dataclass(frozen=True)
class Entry:
    """A definition with the tables that use it."""

    definition: Definition
    period: str
    tables: list[str]


def definition_url(year: int, id_: str) -> str:
    """Where the definition that holds for tables of `year` stands."""
    return f"{reverse('reporting:definitions', args=[year])}#{id_}"


def definition_links(year: int, ids: tuple[str, ...]) -> list[Link]:
    """A link to each of the definitions, by its term."""
    return [Link(definition(id_, year).term, definition_url(year, id_)) for id_ in ids]


def definition_words(year: int, ids: Iterable[str]) -> list[Definition]:
    """The definitions themselves, as they hold for tables of `year`."""
    return [definition(id_, year) for id_ in ids]


def entries(year: int) -> list[Entry]:
    """All definitions that hold for tables of `year`, by term."""
    ids = dict.fromkeys(one.id for one in DEFINITIONS)
    found = []
    for id_ in ids:
        try:
            holds = definition(id_, year)
        except KeyError:
            continue
        used = [f"{table.number}. {table.title}" for table in all_tables() if id_ in table.definitions]
        found.append(Entry(holds, period(holds), used))
    return sorted(found, key=lambda one: sort_key(one.definition.term))


def period(one: Definition) -> str:
    """From and to which year a definition holds, as a sentence; empty where that is not limited."""
    if one.valid_from and one.valid_to:
        return f"Gäller år {one.valid_from.year}–{one.valid_to.year}."
    if one.valid_from:
        return f"Gäller från och med år {one.valid_from.year}."
    if one.valid_to:
        return f"Gäller till och med år {one.valid_to.year}."
    return ""
