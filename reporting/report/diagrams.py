"""The declared diagrams (`reporting/charts`) as components of the page."""

from __future__ import annotations

from finsam_site.ui.charts import Chart, ChartData, ChartKind, Series

from .. import charts
from ..models import Uttag
from ..tables.compute import TableResult
from . import words

_KINDS = {"horizontal": ChartKind.BARS, "vertical": ChartKind.COLUMNS}
_WORDS = {"skyddat": "skyddat", "ej_tillamplig": "uppgift saknas"}


def diagram_of(uttag: Uttag, result: TableResult) -> Chart | None:
    """The diagram that is declared for the table, None where there is none or nothing to draw."""
    declared = next((one for one in charts.CHARTS if one.table == result.table.id), None)
    if declared is None:
        return None
    data = charts.chart_data(declared, result, {"as_of": uttag.as_of.isoformat(), "year": uttag.ar})
    if not any(value is not None for series in data.series for value in series.values):
        return None
    return Chart(_adapted(data, words.source(uttag)), _KINDS[data.direction])


def _adapted(data: charts.ChartData, source: str) -> ChartData:
    return ChartData(
        title=data.title,
        unit=data.axis_title,
        categories=data.categories,
        series=[
            Series(
                name=one.name,
                values=one.values,
                tone=one.tone,
                earlier=one.earlier,
                words=[_WORDS[status] if status else None for status in one.statuses],
            )
            for one in data.series
        ],
        notes=data.notes,
        source=source,
        decimals=data.decimals,
        category_label=data.category_title,
    )
