"""The tables of an import as sheets of one .xlsx, read row by row."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.xml import DEFUSEDXML

from .columns import FileSpec, Kind
from .findings import Findings
from .sources import RawRow, SourceFault, Table, number_text, spec_names, spec_of

MOST_PARTS = 200
MOST_TIMES_UNPACKED = 100
"""A guard against bombs only; the page that takes files from people asks for more (QUALITY §2)."""

_NOT_READABLE = "Filen går inte att läsa som xlsx. Spara den på nytt från kalkylprogrammet."


class SheetTable:
    """A sheet. Cells become the text that a CSV file would have: ISO dates, whole numbers, 1 and 0."""

    def __init__(self, spec: FileSpec, path: Path, title: str) -> None:
        self.spec = spec
        self._path = path
        self._title = title

    def rows(self) -> Iterator[RawRow]:
        try:
            book = _load(self._path)
            try:
                yield from self._rows(book[self._title])
            finally:
                book.close()
        except SourceFault:
            raise
        except Exception as error:  # openpyxl raises nearly anything for a damaged part
            raise SourceFault(_NOT_READABLE) from error

    def _rows(self, sheet: Any) -> Iterator[RawRow]:
        kinds = {column.name: column.kind for column in self.spec.columns}
        sheet.reset_dimensions()
        header: list[Kind] | None = None
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if header is None:
                texts = _trim([cell_text(value, Kind.TEXT) for value in cells])
                header = [kinds.get(text.strip(), Kind.TEXT) for text in texts]
            else:
                beyond = [Kind.TEXT] * (len(cells) - len(header))
                texts = [cell_text(value, kind) for value, kind in zip(cells, header + beyond, strict=False)]
                texts = _trim(texts, len(header))
                texts += [""] * (len(header) - len(texts))
            if any(texts):
                yield number, texts


def open_workbook(path: Path, findings: Findings) -> dict[str, Table]:
    """The sheets that the format knows; others are findings. Raises SourceFault for what is not a sound .xlsx."""
    _refuse_hostile(path)
    try:
        book = _load(path)
        titles = list(book.sheetnames)
        book.close()
    except Exception as error:
        raise SourceFault(_NOT_READABLE) from error
    tables: dict[str, Table] = {}
    for title in titles:
        spec = spec_of(title)
        if spec is None:
            findings.add_file(
                title,
                "okant_blad",
                f"Bladet hör inte till formatet. Ta bort det; bladen heter {', '.join(spec_names())}.",
            )
        elif spec.name in tables:
            findings.add_file(title, "dubbelt_blad", "Två blad är samma tabell. Ta bort det ena.")
        else:
            tables[spec.name] = SheetTable(spec, path, title)
            findings.name(spec, title)
    return tables


def cell_text(value: object, kind: Kind) -> str:
    """The text of a cell's value, as a CSV file would have it. A time without offset stays one, and is then a fault."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return number_text(value, kind)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight and kind is not Kind.TIME else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _trim(texts: list[str], keep: int = 0) -> list[str]:
    """Without empty cells at the end, which spreadsheets leave behind."""
    while len(texts) > keep and not texts[-1]:
        texts.pop()
    return texts


def _load(path: Path) -> Any:
    if not DEFUSEDXML:
        raise SourceFault("Paketet defusedxml saknas. Installera det: xlsx-filer läses inte utan det.")
    return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)


def _refuse_hostile(path: Path) -> None:
    """Refuse what no spreadsheet program writes: very many parts, bombs, and XML that declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or size > MOST_TIMES_UNPACKED * max(path.stat().st_size, 1):
                raise SourceFault(_NOT_READABLE)
            for part in parts:
                with archive.open(part) as file:
                    start = file.read(4096)
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                    raise SourceFault(_NOT_READABLE)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise SourceFault(_NOT_READABLE) from error
