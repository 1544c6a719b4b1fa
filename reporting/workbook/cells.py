"""What a cell of the workbook may hold, and how each kind looks. Every cell is made here.

Text is always stored as text, whatever it begins with: `=1+1`, `-19` and `#N/A` stay what they are. Numbers stay
numbers, unrounded; the number format shows them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.hyperlink import Hyperlink

from finsam_site.formulas import FORMULA_STARTS
from finsam_site.ui.tokens import color
from reporting.tables.base import Unit

FONT = "Arial"
INK, ACCENT, WARNING, RULE = (color(name) for name in ("ink", "accent", "bad", "hair"))

# The locale of [$-41D] is Swedish: a space for thousands and a decimal comma wherever the file is opened.
COUNT, ONE_DECIMAL = "[$-41D]#,##0", "[$-41D]#,##0.0"
COUNT_CHANGE, DECIMAL_CHANGE = (
    "[$-41D]+#,##0;[$-41D]\u2212#,##0;0",
    "[$-41D]+#,##0.0;[$-41D]\u2212#,##0.0;0.0",
)

MAX_TEXT = 32_767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Link:
    """Text that leads to a cell of another sheet."""

    text: str
    sheet: str
    cell: str = "A1"


@dataclass(frozen=True)
class Figure:
    """A number of a table with the unit that decides its format."""

    value: int | float
    unit: Unit = "antal"
    change: bool = False


@dataclass(frozen=True)
class Mark:
    """A sign in the place of a number, explained on the sheet Teckenförklaring."""

    text: str


@dataclass(frozen=True)
class Bare:
    """A whole number among texts: at the left, without a space for thousands. A year is one."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


Content = str | int | float | Link | Figure | Mark | Bare | None


def printable(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return _ILLEGAL.sub(" ", text)


def clean(text: str) -> str:
    """Text as a cell can hold it: printable, not too long, never read as an escape (`_x0041_` is one)."""
    return _ESCAPE.sub("_x005F_", printable(text)[:MAX_TEXT])


def add_styles(workbook: Workbook) -> None:
    """The named styles; they show in the spreadsheet program too and can be changed there."""
    rule = Border(bottom=Side(style="hair", color=RULE))
    head = Border(top=Side(style="thin", color=INK), bottom=Side(style="thin", color=INK))
    top = Alignment(vertical="top")
    wrap = Alignment(vertical="top", wrap_text=True)
    right = Alignment(horizontal="right", vertical="top", indent=1)
    styles = [
        NamedStyle(name="Finsam intern", font=_font(bold=True, color=WARNING), alignment=top),
        NamedStyle(name="Finsam rubrik", font=_font(size=15, bold=True), alignment=top),
        NamedStyle(
            name="Finsam mellanrubrik", font=_font(size=12, bold=True), alignment=Alignment(vertical="center")
        ),
        NamedStyle(name="Finsam text", font=_font(), alignment=top),
        NamedStyle(name="Finsam länk", font=_font(color=ACCENT, underline="single"), alignment=top),
        NamedStyle(
            name="Finsam huvud",
            font=_font(bold=True),
            border=head,
            alignment=Alignment(vertical="bottom", wrap_text=True),
        ),
        NamedStyle(
            name="Finsam huvud tal",
            font=_font(bold=True),
            border=head,
            alignment=Alignment(horizontal="right", vertical="bottom", wrap_text=True, indent=1),
        ),
        NamedStyle(name="Finsam data", font=_font(size=10)),
        NamedStyle(
            name="Finsam data tal", font=_font(size=10), alignment=Alignment(horizontal="right", indent=1)
        ),
        NamedStyle(name="Finsam cell bruten", font=_font(), border=rule, alignment=wrap),
        NamedStyle(
            name="Finsam cell länk", font=_font(color=ACCENT, underline="single"), border=rule, alignment=top
        ),
    ]
    styles.append(
        NamedStyle(
            name="Finsam tal i text",
            font=_font(),
            border=rule,
            alignment=Alignment(horizontal="left", vertical="top"),
            number_format="0",
        )
    )
    for suffix, font in (("", _font()), (" summa", _font(bold=True))):
        styles.append(NamedStyle(name=f"Finsam cell{suffix}", font=font, border=rule, alignment=top))
        styles.append(NamedStyle(name=f"Finsam tecken{suffix}", font=font, border=rule, alignment=right))
        for name, number_format in _FORMATS.items():
            styles.append(
                NamedStyle(
                    name=f"Finsam {name}{suffix}",
                    font=font,
                    border=rule,
                    alignment=right,
                    number_format=number_format,
                )
            )
    for style in styles:
        workbook.add_named_style(style)


def text_cell(sheet: WriteOnlyWorksheet, text: str, style: str) -> Cell:
    """A cell of text, never a formula and never an error code."""
    cell = WriteOnlyCell(sheet)
    cell.style = style
    cell.value = clean(text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def number_cell(sheet: WriteOnlyWorksheet, value: int | float, style: str) -> Cell:
    """A cell of a number as it is: openpyxl itself would round a float to 16 digits, one too few."""
    cell = WriteOnlyCell(sheet)
    cell.style = style
    cell.value = repr(value)
    cell.data_type = "n"
    return cell


def link_cell(sheet: WriteOnlyWorksheet, link: Link, style: str) -> Cell:
    """A cell of text with a link inside the workbook."""
    cell = text_cell(sheet, link.text, style)
    cell.hyperlink = Hyperlink(
        ref="", location=f"{quote_sheetname(link.sheet)}!{link.cell}", tooltip=f"Gå till {link.sheet}"
    )
    return cell


def table_cell(
    sheet: WriteOnlyWorksheet, content: Content, *, total: bool = False, wrap: bool = False
) -> Cell | None:
    """A cell in the body of a table. None stays an empty cell."""
    suffix = " summa" if total else ""
    match content:
        case None:
            return None
        case Link():
            return link_cell(sheet, content, "Finsam cell länk")
        case Figure():
            return number_cell(sheet, content.value, f"Finsam {format_name(content)}{suffix}")
        case Bare():
            return number_cell(sheet, content.value, "Finsam tal i text")
        case Mark():
            return text_cell(sheet, content.text, f"Finsam tecken{suffix}")
        case str():
            return text_cell(sheet, content, "Finsam cell bruten" if wrap else f"Finsam cell{suffix}")
        case _:
            return number_cell(sheet, content, f"Finsam antal{suffix}")


def format_name(figure: Figure) -> str:
    """The named style, without its first word, that shows the figure."""
    if figure.unit == "procentenheter" or (figure.change and figure.unit == "procent"):
        return "förändring"
    if figure.change:
        return "förändring antal"
    return "andel" if figure.unit in ("procent", "dagar") else "antal"


def width_of(texts: Iterable[str], *, least: float = 8, most: float = 60) -> float:
    """A column width in which the longest text shows."""
    return min(most, max(least, max((len(text) for text in texts), default=0) * 1.08 + 2))


_FORMATS = {
    "antal": COUNT,
    "andel": ONE_DECIMAL,
    "förändring": DECIMAL_CHANGE,
    "förändring antal": COUNT_CHANGE,
}


def _font(size: int = 11, bold: bool = False, color: str = INK, underline: str | None = None) -> Font:
    return Font(name=FONT, size=size, bold=bold, color=color, underline=underline)  # type: ignore[arg-type]
