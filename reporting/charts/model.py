"""What a diagram is, as declared and as drawn, and how the one becomes the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from finsam_site.ui.formats import number, sentence
from reporting.charts.figures import HIDDEN, Figures
from reporting.charts.words import source_line
from reporting.tables.compute import TableResult, Value

Direction = Literal["horizontal", "vertical"]
Tone = Literal["kvinnor", "man", "alla"]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of bars. `label` may name `{year}` and `{before}`; `keys` is what its cells have in common, `matt` too.

    `earlier` is what came first of two: before the insats, or the year before. It is drawn paler than the other.
    """

    label: str
    keys: Mapping[str, str]
    tone: Tone = "alla"
    earlier: bool = False
    year_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Category:
    """One place on the axis that is not a code of a dimension: `keys` is added to those of the series."""

    label: str
    keys: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ChartSeries:
    """A series as drawn. A value of None is a gap; its status (`skyddat`, `ej_tillamplig`) says why."""

    name: str
    tone: Tone
    earlier: bool
    values: tuple[Value, ...]
    statuses: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """All that a diagram shows, in Swedish. `decimals` is how values are written beside the bars."""

    id: str
    table: str
    number: int
    title: str
    subtitle: str
    kind: Literal["bar", "grouped"]
    direction: Direction
    category_title: str
    axis_title: str
    unit: str
    decimals: int
    categories: tuple[str, ...]
    codes: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    notes: tuple[str, ...]
    source: str

    @property
    def description(self) -> str:
        """The diagram in words, for those who do not see it."""
        parts = []
        for series in self.series:
            shown = ", ".join(
                f"{category} {self.written(value, status)}"
                for category, value, status in zip(
                    self.categories, series.values, series.statuses, strict=True
                )
            )
            parts.append(f"{series.name}: {shown}.")
        return " ".join(f"Stapeldiagram. {self.title}. {self.axis_title}. {' '.join(parts)}".split())

    def written(self, value: Value, status: str | None = None) -> str:
        """A value as it is written beside its bar."""
        if value is None:
            return "skyddat" if status == HIDDEN else "uppgift saknas"
        return number(value, self.decimals)


Finding = Callable[[Figures], str | None]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A diagram of one table: the codes of `dimension` (without `leave_out`) or `categories`, times `series`.

    `by_size` puts the largest first and what is missing last; otherwise the order is that of the code list.
    """

    id: str
    table: str
    direction: Direction
    axis_title: str
    unit: str
    series: tuple[Series, ...]
    finding: Finding
    decimals: int = 0
    dimension: str = ""
    leave_out: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    category_title: str = ""
    by_size: bool = False
    notes: tuple[str, ...] = ()


def chart_data(chart: Chart, result: TableResult, uttag_meta: Mapping[str, object]) -> ChartData:
    """What the diagram shows of this table. The year before is left out where nothing of it is known."""
    figures = Figures(result)
    places = _categories(chart, figures)
    names = {"year": result.year, "before": result.year - 1}
    series = []
    for wanted in chart.series:
        cells = [
            figures.cell({**wanted.keys, **place.keys}, before=wanted.year_before) for _, place in places
        ]
        if wanted.year_before and not any(value is not None or status == HIDDEN for value, status in cells):
            continue
        series.append(
            ChartSeries(
                name=wanted.label.format(**names),
                tone=wanted.tone,
                earlier=wanted.earlier,
                values=tuple(value for value, _ in cells),
                statuses=tuple(status for _, status in cells),
            )
        )
    notes = list(chart.notes)
    if any(HIDDEN in each.statuses for each in series):
        notes.append("Skyddade uppgifter visas inte i diagrammet.")
    return ChartData(
        id=chart.id,
        table=result.table.id,
        number=result.table.number,
        title=chart.finding(figures) or f"{result.table.title} {result.year}",
        subtitle=f"{result.table.title} {result.year}",
        kind="grouped" if len(series) > 1 else "bar",
        direction=chart.direction,
        category_title=chart.category_title
        or next((found.label for found in result.table.dimensions if found.id == chart.dimension), ""),
        axis_title=chart.axis_title,
        unit=chart.unit,
        decimals=chart.decimals,
        categories=tuple(place.label for _, place in places),
        codes=tuple(code for code, _ in places),
        series=tuple(series),
        notes=tuple(notes),
        source=source_line(uttag_meta),
    )


def _categories(chart: Chart, figures: Figures) -> list[tuple[str, Category]]:
    if chart.categories:
        return [("|".join(each.keys.values()), each) for each in chart.categories]
    codes = [code for code in figures.result.labels.get(chart.dimension, {}) if code not in chart.leave_out]
    if chart.by_size:
        sums = {code: _size(chart, figures, code) for code in codes}
        codes.sort(key=lambda code: (code == "saknas", -sums[code]))
    return [
        (
            code,
            Category(label=sentence(figures.label(chart.dimension, code)), keys={chart.dimension: code}),
        )
        for code in codes
    ]


def _size(chart: Chart, figures: Figures, code: str) -> float:
    return sum(
        figures.cell({**series.keys, chart.dimension: code}, before=series.year_before)[0] or 0
        for series in chart.series
    )
