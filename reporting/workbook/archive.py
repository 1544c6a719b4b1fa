"""Saves the workbook so that the same uttag gives the same bytes, with words for the diagrams."""

import datetime as dt
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

_DRAWING = re.compile(r"xl/drawings/drawing(\d+)\.xml")
_CHART = re.compile(r"xl/charts/chart\d+\.xml")
_LABEL_FORMAT = re.compile(r'(<(?:\w+:)?numFmt formatCode="[^"]*") ?/>')
_FRAME = re.compile(r'<((?:\w+:)?cNvPr) id="(\d+)" name="[^"]*"')


class _Archive(ZipFile):
    """A zip whose entries carry one given time, not the clock's. It gives each drawing its name and its words."""

    def __init__(self, path: Path, time: dt.datetime, drawings: list[tuple[str, str]]) -> None:
        super().__init__(path, "w", ZIP_DEFLATED)
        self._time = time.timetuple()[:6]
        self._words = drawings

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *args: Any, **options: Any) -> None:
        """As ZipFile's; openpyxl gives a name and the whole of a small part."""
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        if found := _DRAWING.fullmatch(name):
            data = self._described(_text(data), int(found[1]))
        elif _CHART.fullmatch(name):
            # openpyxl leaves out that the labels have a number format of their own.
            data = _LABEL_FORMAT.sub(r'\1 sourceLinked="0"/>', _text(data))
        super().writestr(self._entry(name), data)

    def write(self, filename: Any, arcname: Any = None, *args: Any, **options: Any) -> None:
        """As ZipFile's; openpyxl gives the temporary file of a sheet, which is copied piece by piece."""
        with Path(filename).open("rb") as source, self.open(self._entry(str(arcname)), "w") as target:
            while piece := source.read(1 << 20):
                target.write(piece)

    def _entry(self, name: str) -> ZipInfo:
        entry = ZipInfo(name, self._time)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
        return entry

    def _described(self, text: str, number: int) -> str:
        name, words = self._words[number - 1]
        return _FRAME.sub(
            lambda found: (
                f"<{found[1]} id={quoteattr(found[2])} name={quoteattr(name)} descr={quoteattr(words)}"
            ),
            text,
        )


def _text(data: str | bytes) -> str:
    return data.decode() if isinstance(data, bytes) else data


def save(workbook: Workbook, path: Path, time: dt.datetime, drawings: list[tuple[str, str]]) -> None:
    """Write the file. `drawings`: name and description of each sheet's diagram, in the order of the sheets."""
    workbook.properties.created = workbook.properties.modified = time
    with _Archive(path, time, drawings) as archive:
        ExcelWriter(workbook, archive).write_data()
