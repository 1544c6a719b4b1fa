"""The ten tables that say most, as diagrams: declared as data, drawn elsewhere.

`CHARTS` declares them; `chart_data` makes of a computed table a plain object that says everything a diagram shows. The
workbook draws it as a native chart, the page as SVG: both from the same words and numbers. The title says the finding,
computed from the figures; where a figure that it needs is absent or hidden it falls back to the table's own title.

    for data in charts_of(taken.tables, taken.meta):
        draw(data)
"""

from collections.abc import Iterable, Mapping

from reporting.charts.declared import CHARTS
from reporting.charts.model import Chart, ChartData, ChartSeries, chart_data
from reporting.charts.words import source_line, swedish_time
from reporting.tables.compute import TableResult

__all__ = [
    "CHARTS",
    "Chart",
    "ChartData",
    "ChartSeries",
    "chart_data",
    "charts_of",
    "source_line",
    "swedish_time",
]


def charts_of(tables: Iterable[TableResult], uttag_meta: Mapping[str, object]) -> list[ChartData]:
    """Every declared diagram whose table is there, in the catalogue's order."""
    declared = {chart.table: chart for chart in CHARTS}
    return [
        chart_data(declared[result.table.id], result, uttag_meta)
        for result in tables
        if result.table.id in declared
    ]
