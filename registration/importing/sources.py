"""Where the rows come from: a folder of CSV files or an .xlsx with the same tables as sheets.

A source gives raw rows of text, as often as they are asked for, never a whole file at once.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from .columns import FILES, FileSpec, Kind
from .findings import Findings

RawRow = tuple[int, Sequence[str]]

_SPECS = {spec.name: spec for spec in FILES}
_BYTE_ORDER_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 1_000_000


class SourceFault(Exception):
    """A source that cannot be read at all. The Swedish text says what to do."""


class Table(Protocol):
    """One table of a source."""

    spec: FileSpec

    def rows(self) -> Iterator[RawRow]:
        """(row as a spreadsheet numbers it, cells), the header first, rows without any text left out.

        Raises SourceFault when the table cannot be read on.
        """
        ...


class CsvTable:
    """A CSV file. What is not UTF-8 comes as lone surrogates, so that row and column can be told."""

    def __init__(self, spec: FileSpec, path: Path) -> None:
        self.spec = spec
        self.path = path

    def rows(self) -> Iterator[RawRow]:
        with self.path.open("rb") as raw:
            first = raw.readline()
        if first.startswith(_BYTE_ORDER_MARKS_16):
            raise SourceFault("Filen är inte UTF-8 utan UTF-16. Spara den som CSV UTF-8.")
        delimiter = ";" if first.count(b";") >= first.count(b",") else ","
        csv.field_size_limit(_LONGEST_CELL)
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            number = 0
            try:
                for number, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), start=1):
                    if any(cells):
                        yield number, cells
            except csv.Error as error:
                raise SourceFault(
                    f"Rad {number + 1} går inte att läsa som CSV, kanske för att ett citattecken saknas. Rätta raden."
                ) from error


class Source:
    """The tables of a folder or workbook, in the order of the format."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """Look which tables there are. Raises SourceFault when `path` is neither a folder nor a readable .xlsx."""
        self._paths: list[Path] = []
        if path.is_dir():
            tables = self._folder(path, findings)
        elif path.is_file():
            from .workbook import open_workbook

            self._paths.append(path)
            tables = open_workbook(path, findings)
        else:
            raise SourceFault(f"{path} finns inte. Ange en mapp med CSV-filer eller en xlsx-fil.")
        if not tables and not findings.errors:
            raise SourceFault(
                f"Det finns inget att läsa in i {path}. Filerna heter {', '.join(spec_names())}."
            )
        self.tables: dict[str, Table] = {name: tables[name] for name in _SPECS if name in tables}
        self._before = self._state()

    def _folder(self, folder: Path, findings: Findings) -> dict[str, Table]:
        tables: dict[str, Table] = {}
        for path in sorted(folder.iterdir()):
            spec = spec_of(path.name) if path.suffix == ".csv" else None
            if path.name.startswith("."):
                continue
            if spec is None or not path.is_file():
                findings.add_file(
                    path.name,
                    "okand_fil",
                    "Filen hör inte till formatet. Ta bort den eller döp om den; "
                    f"filerna heter {', '.join(spec_names())}.",
                )
                continue
            self._paths.append(path)
            tables[spec.name] = CsvTable(spec, path)
        return tables

    def unchanged(self) -> bool:
        """False when a file was written to since the source was opened."""
        try:
            return self._state() == self._before
        except OSError:
            return False

    def _state(self) -> list[tuple[str, int, int]]:
        return [(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in self._paths]


def spec_of(name: str) -> FileSpec | None:
    """The table that a file or sheet is named for, with or without `.csv`."""
    return _SPECS.get(name.removesuffix(".csv"))


def spec_meant(name: str) -> FileSpec | None:
    """The table that a file or sheet was probably named for, though not quite: `Förbund.CSV`, `forbund.txt`."""
    letters = unicodedata.normalize("NFKD", Path(name.strip()).stem.casefold())
    return _SPECS.get("".join(one for one in letters if not unicodedata.combining(one)))


def spec_names() -> list[str]:
    """The names of all files, for an error text."""
    return [spec.filename for spec in FILES]


def number_text(value: float, kind: Kind) -> str:
    """A number of a spreadsheet as the text that was meant: 13.0 is 13, and lost leading zeros come back."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    text = str(int(value))
    if kind is Kind.KOMMUN:
        return text.zfill(4)
    if kind is Kind.NUMBER and len(text) < 10:
        return text.zfill(10)
    return text
