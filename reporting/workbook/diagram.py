"""A diagram as a native chart: the same words and numbers as on the page (`reporting.charts`)."""

from collections.abc import Callable, Sequence

from openpyxl.chart import BarChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import get_column_letter, quote_sheetname

from finsam_site.ui.tokens import color
from reporting.charts import ChartData, ChartSeries
from reporting.workbook.cells import FONT, INK, clean, printable

WOMEN, MEN, MEN_GROUND, ALL, GRID = (color(name) for name in ("women", "men", "men-ground", "total", "hair"))
WIDTH_CM = 25


def native_chart(data: ChartData) -> Callable[[str, int], BarChart]:
    """Draws `data` from the table on the sheet: categories in its first column, a series in each of the next."""

    def draw(sheet: str, head: int) -> BarChart:
        chart = BarChart()
        chart.type = "bar" if data.direction == "horizontal" else "col"
        chart.grouping, chart.gapWidth, chart.overlap = "clustered", 55, 0
        chart.roundedCorners = False
        chart.title = _title(data.title, size=13, bold=True)
        chart.title.overlay = False
        places = len(data.categories)
        for at, series in enumerate(data.series):
            chart.series.append(_series(data, series, _Ranges(sheet, head, at + 2, places)))
        _axes(chart, data)
        if len(data.series) > 1:
            chart.legend.position, chart.legend.overlay = "t", False
            chart.legend.txPr = _rich(size=10)
        else:
            chart.legend = None
        chart.graphical_properties = GraphicalProperties(
            noFill=False, solidFill="FFFFFF", ln=LineProperties(noFill=True)
        )
        chart.width = WIDTH_CM
        bars = places * len(data.series)
        chart.height = 4 + round(0.62 * bars + 0.3 * places) if data.direction == "horizontal" else 13
        chart.height = max(11, chart.height)
        return chart

    return draw


class _Ranges:
    """Where on the sheet a series, its name and its categories stand."""

    def __init__(self, sheet: str, head: int, column: int, places: int) -> None:
        self.sheet, self.head, self.column, self.places = quote_sheetname(sheet), head, column, places

    @property
    def name(self) -> str:
        return f"{self.sheet}!${get_column_letter(self.column)}${self.head}"

    @property
    def values(self) -> str:
        return self._below(self.column)

    @property
    def categories(self) -> str:
        return self._below(1)

    def _below(self, column: int) -> str:
        letter = get_column_letter(column)
        return f"{self.sheet}!${letter}${self.head + 1}:${letter}${self.head + self.places}"


def _series(data: ChartData, series: ChartSeries, ranges: _Ranges) -> Series:
    """References to the cells, with what they hold kept beside them: viewers that do not calculate show it too."""
    found = Series(
        idx=ranges.column - 2,
        order=ranges.column - 2,
        tx=SeriesLabel(strRef=_strings(ranges.name, [series.name])),
        cat=AxDataSource(strRef=_strings(ranges.categories, data.categories)),
        val=NumDataSource(
            numRef=NumRef(
                f=ranges.values,
                numCache=NumData(
                    formatCode="General",
                    ptCount=len(series.values),
                    pt=[
                        NumVal(idx=at, v=repr(value))
                        for at, value in enumerate(series.values)
                        if value is not None
                    ],
                ),
            )
        ),
    )
    found.invertIfNegative = False
    found.graphicalProperties = _fill(series)
    found.dLbls = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False,
        showBubbleSize=False, numFmt="[$-41D]#,##0" + ("." + "0" * data.decimals if data.decimals else ""),
        dLblPos="outEnd", txPr=_rich(size=9),
    )  # fmt: skip
    return found


def _strings(ref: str, values: Sequence[str]) -> StrRef:
    points = [StrVal(idx=at, v=clean(value)) for at, value in enumerate(values)]
    return StrRef(f=ref, strCache=StrData(ptCount=len(points), pt=points))


def _fill(series: ChartSeries) -> GraphicalProperties:
    """Women and men differ in tone and in pattern; what came first of two is pale."""
    tone = {"kvinnor": WOMEN, "man": MEN, "alla": ALL}[series.tone]
    outline = LineProperties(solidFill=tone, w=9525)
    if series.tone == "man":
        pattern = PatternFillProperties(
            prst="ltUpDiag" if series.earlier else "dkUpDiag",
            fgClr=_color(tone),
            bgClr=_color("FFFFFF" if series.earlier else MEN_GROUND),
        )
        return GraphicalProperties(pattFill=pattern, ln=outline)
    return GraphicalProperties(solidFill=_mixed(tone) if series.earlier else tone, ln=outline)


def _color(value: str) -> ColorChoice:
    return ColorChoice(srgbClr=value)  # type: ignore[arg-type]  # the stubs want a percentage


def _mixed(color: str) -> str:
    """The colour with three parts of white to one."""
    return "".join(f"{255 - (255 - int(color[at : at + 2], 16)) // 4:02X}" for at in (0, 2, 4))


def _axes(chart: BarChart, data: ChartData) -> None:
    across, along = chart.x_axis, chart.y_axis
    for axis in (across, along):
        axis.delete = False
        axis.txPr = _rich(size=10)
    across.title = _title(data.category_title, size=10) if data.category_title else None
    along.title = _title(data.axis_title, size=10)
    along.scaling.min = 0
    along.number_format = "[$-41D]#,##0"
    along.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=GRID, w=6350)))
    along.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    across.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=INK, w=9525))
    across.majorTickMark = along.majorTickMark = "none"
    if data.direction == "horizontal":
        # First category uppermost; the value axis stays below.
        across.scaling.orientation = "maxMin"
        along.crosses = "max"


def _title(text: str, *, size: int, bold: bool = False) -> Title:
    properties = _characters(size=size, bold=bold)
    run = RegularTextRun(rPr=properties, t=printable(text))
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=properties), r=[run])
    title = Title(tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph])))
    title.overlay = False
    return title


def _rich(*, size: int) -> RichText:
    properties = _characters(size=size)
    return RichText(
        bodyPr=RichTextProperties(),
        p=[Paragraph(pPr=ParagraphProperties(defRPr=properties), endParaRPr=properties)],
    )


def _characters(*, size: int, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(lang="sv-SE", sz=size * 100, b=bold, solidFill=INK, latin=Font(typeface=FONT))
