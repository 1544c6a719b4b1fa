"""Diagrams: what a diagram is made of, and the component that shows it with its numbers as a table.

    chart = Chart(ChartData(
        title="Fler kvinnor än män avslutar till arbete",       # says the finding
        unit="Antal deltagare", categories=["2016", "2017", "2018"],
        series=[Series("Kvinnor", [410, 432, None], "women"), Series("Män", [300, 322, 350], "men")],
        notes=["Skyddat: färre än fem personer."], source="Uttag 16 januari 2019",
    ), ChartKind.COLUMNS)

The drawing is made on the server (`charts_svg.py`), so it works without JavaScript, under the strict CSP and on paper.
It is drawn twice, for a wide and for a narrow frame; the style sheet shows the one that fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from django.utils.safestring import SafeString

from .components import Component
from .tables import Column, Hidden, Kind, Row, Table

TONES = {tone: tone for tone in ("women", "men", "total", "one", "two", "three")} | {
    "kvinnor": "women",
    "man": "men",
    "alla": "total",
}
"""What a series can be drawn in, by name. Tones differ in pattern, line and marker too, not in colour alone."""


@dataclass(frozen=True)
class Series:
    """One row of values, one per category; None where the value is hidden. tone: one of `TONES`.

    earlier: what came first of two (before the insats, the year before), drawn paler. words: per category the word that
    stands in the place of a value that is None, where it is not `ChartData.hidden`.
    """

    name: str
    values: Sequence[float | int | None]
    tone: str = "one"
    earlier: bool = False
    words: Sequence[str | None] = ()

    @property
    def css(self) -> str:
        """The tone as the style sheet names it."""
        return TONES[self.tone]

    def word(self, place: int, otherwise: str) -> str:
        """What stands in the place of a missing value."""
        return (self.words[place] if self.words else None) or otherwise


@dataclass(frozen=True)
class ChartData:
    """What a diagram shows. title: says the finding. unit: the axis title with the unit ("Andel, procent").

    decimals: of the values. hidden: the word for a value that is None.
    """

    title: str
    unit: str
    categories: Sequence[str]
    series: Sequence[Series]
    notes: Sequence[str] = ()
    source: str = ""
    decimals: int = 0
    hidden: str = "skyddat"
    category_label: str = ""
    definition_url: str = ""

    def __post_init__(self) -> None:
        for one in self.series:
            if one.tone not in TONES:
                raise ValueError(f"{one.tone} is no tone of a series")
            if len(one.values) != len(self.categories):
                raise ValueError(
                    f"{one.name} has {len(one.values)} values for {len(self.categories)} categories"
                )
            if any(value is not None and value < 0 for value in one.values):
                raise ValueError("the axis starts at zero, so no value may be negative")

    @property
    def id(self) -> str:
        """A name for the page, the same each time."""
        seed = "\x00".join((self.title, self.unit, *self.categories))
        return f"diagram-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"

    @property
    def highest(self) -> float:
        """The highest value, 0 where there is none."""
        return max(
            (float(value) for one in self.series for value in one.values if value is not None), default=0.0
        )

    @property
    def description(self) -> str:
        """What the picture shows, for those who cannot see it."""
        names = ", ".join(one.name for one in self.series)
        return f"{self.unit}: {names}. Alla tal står i tabellen under diagrammet."


class ChartKind(StrEnum):
    """How to draw: BARS lie (many or long categories), COLUMNS stand (few, as years), LINE is for a row of years."""

    BARS = "bars"
    COLUMNS = "columns"
    LINE = "line"


@dataclass(frozen=True)
class Chart(Component):
    """A diagram with its title, notes, source and the numbers as a table."""

    template_name: ClassVar[str] = "components/chart.html"
    data: ChartData
    kind: ChartKind = ChartKind.BARS

    @property
    def drawings(self) -> list[tuple[str, SafeString]]:
        """(class, SVG) for the wide and the narrow frame."""
        from .charts_svg import NARROW, WIDE, draw  # charts_svg reads this module's classes

        return [
            ("chart-wide", draw(self.data, self.kind, WIDE)),
            ("chart-narrow", draw(self.data, self.kind, NARROW)),
        ]

    @property
    def table(self) -> Table:
        """The numbers of the diagram."""
        data = self.data
        columns = [Column("category", data.category_label or "Grupp")]
        columns += [
            Column(str(n), one.name, Kind.NUMBER, decimals=data.decimals) for n, one in enumerate(data.series)
        ]
        rows = [
            Row(
                {"category": category}
                | {
                    str(n): Hidden(one.word(place, data.hidden))
                    if one.values[place] is None
                    else one.values[place]
                    for n, one in enumerate(data.series)
                }
            )
            for place, category in enumerate(data.categories)
        ]
        return Table(id=f"{data.id}-tabell", caption=f"{data.title}. {data.unit}", columns=columns, rows=rows)
