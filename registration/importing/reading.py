"""From raw rows to typed ones: header, number of cells, every cell by itself. All faults of a row, not
only the first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from .cells import CellFault, Reader, reader_of
from .columns import FileSpec
from .findings import Findings
from .sources import SourceFault, Table

_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_NOT_UTF8_TEXT = "Cellen har tecken som inte är UTF-8. Spara filen som CSV UTF-8."
_NO_FAULTS: frozenset[str] = frozenset()


@dataclass(slots=True)
class Row:
    """A row with the values that could be read (None: empty). faults: columns with a finding of their own.

    texts: what stood in the cells, for a finding of a later check.
    """

    number: int
    values: dict[str, Any]
    faults: frozenset[str] | set[str] = _NO_FAULTS
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Layout:
    """Which cell is which column. unnamed: cells under an empty heading, in which nothing may stand."""

    width: int
    columns: list[tuple[int, str, Reader, bool]]
    empty: dict[str, Any]
    missing: frozenset[str]
    unnamed: list[int]


class TableReader:
    """Reads a table, as often as it is asked for; faults are added to `findings` the first time only.

    columns: those that the header has, after the first row is read. whole: False when rows were lost without
    even their id, so that what others refer to may have been in them. lost: ids of rows that were left out.
    """

    def __init__(self, table: Table, findings: Findings, today: dt.date) -> None:
        self.spec: FileSpec = table.spec
        self.columns: frozenset[str] = frozenset()
        self.whole = True
        self.lost: set[str] = set()
        self._table = table
        self._findings: Findings | None = findings
        self._today = today

    def rows(self, wanted: Callable[[int], object] | None = None) -> Iterator[Row]:
        """The rows. A row with too many or too few cells is a fault and is left out. wanted: only rows with these
        numbers are read."""
        layout: _Layout | None = None
        try:
            for number, cells in self._table.rows():
                if layout is None:
                    layout = self._read_header(cells)
                    continue
                if wanted is not None and not wanted(number):
                    continue
                if len(cells) != layout.width:
                    self._ragged(number, cells, layout)
                    continue
                row = self._read_row(number, cells, layout)
                if row is not None:
                    yield row
        except SourceFault as fault:
            self.whole = False
            if self._findings:
                self._findings.add_file(self._findings.name_of(self.spec), "olasbar", str(fault))
        if layout is None and self.whole:
            self.whole = False
            if self._findings:
                name = self._findings.name_of(self.spec)
                self._findings.add_file(
                    name, "tom_fil", f"{name} är tom. Skriv en rubrikrad eller ta bort den."
                )
        self._findings = None

    def _read_header(self, cells: Sequence[str]) -> _Layout:
        names = [_without_surrogates(cell).strip() for cell in cells]
        known = {column.name: column for column in self.spec.columns}
        columns: list[tuple[int, str, Reader, bool]] = []
        seen: set[str] = set()
        unnamed = [index for index, name in enumerate(names) if not name]
        if sum(name in known for name in names) * 2 < len(names) - len(unnamed):
            # Perhaps the first row is data: nothing of it is shown, for it may say who somebody is.
            self._tell(
                1, "", "", "ingen_rubrikrad",
                f"Första raden är inte en rubrikrad. Skriv kolumnernas namn där: {', '.join(known)}.",
            )  # fmt: skip
            names = ["" if name not in known else name for name in names]
            unnamed = []
        for index, name in enumerate(names):
            if not name:
                continue
            if name in seen:
                self._tell(1, name, name, "dubbel_kolumn", "Kolumnen finns två gånger. Ta bort den ena.")
            elif name not in known:
                self._tell(
                    1, name, name, "okand_kolumn", _unknown(name, [one for one in known if one not in names])
                )
            else:
                column = known[name]
                columns.append((index, name, reader_of(column, self._today), column.required))
            seen.add(name)
        missing = frozenset(name for name, column in known.items() if column.required and name not in seen)
        for name in known:
            if name in missing:
                self._tell(1, name, "", "kolumn_saknas", "Kolumnen saknas i rubrikraden. Lägg till den.")
        self.whole = self.whole and not missing
        self.columns = frozenset(seen & set(known))
        return _Layout(len(cells), columns, dict.fromkeys(known), missing, unnamed)

    def _read_row(self, number: int, cells: Sequence[str], layout: _Layout) -> Row | None:
        values = layout.empty.copy()
        texts: dict[str, str] = {}
        faults: set[str] | None = None
        for index, name, read, required in layout.columns:
            text = cells[index].strip()
            if text:
                texts[name] = text
                try:
                    if not text.isascii() and _NOT_UTF8.search(text):
                        raise CellFault("kodning", _NOT_UTF8_TEXT)
                    values[name] = read(text)
                    continue
                except CellFault as fault:
                    self._cell_fault(number, name, text, fault)
            elif required:
                self._tell(number, name, "", "saknas", "Cellen är tom men måste fyllas i. Fyll i den.")
            else:
                continue
            faults = faults or set()
            faults.add(name)
        if layout.unnamed:
            self._check_unnamed(number, cells, layout)
        if not texts:
            return None
        return Row(number, values, layout.missing | faults if faults else layout.missing, texts)

    def _check_unnamed(self, number: int, cells: Sequence[str], layout: _Layout) -> None:
        """Tell the first cell under each empty heading; what stands in it is not shown, for nobody knows what it is."""
        for index in [one for one in layout.unnamed if cells[one].strip()]:
            layout.unnamed.remove(index)
            self._tell(
                number, "", "", "kolumn_utan_namn",
                f"Kolumn {index + 1} har ingen rubrik men innehåller uppgifter. Skriv kolumnens namn i rubrikraden, "
                "eller töm kolumnen.",
            )  # fmt: skip

    def _cell_fault(self, number: int, name: str, text: str, fault: CellFault) -> None:
        self._tell(number, name, text, fault.kind, str(fault))

    def _ragged(self, number: int, cells: Sequence[str], layout: _Layout) -> None:
        at = next((index for index, name, *_ in layout.columns if name == self.spec.key[0]), len(cells))
        if at < len(cells) and cells[at].strip():
            self.lost.add(cells[at].strip())
        else:
            self.whole = False
        self._tell(
            number, "", "", "antal_celler",
            f"Raden har {len(cells)} celler men rubrikraden {layout.width}. Rätta raden, kanske saknas citattecken.",
        )  # fmt: skip

    def _tell(self, number: int, column: str, value: object, kind: str, message: str) -> None:
        if self._findings:
            self._findings.add(self.spec, number, column, value, kind, message)


def _unknown(name: str, free: list[str]) -> str:
    """free: columns that the header does not have."""
    text = "Kolumnen finns inte i formatet."
    if near := get_close_matches(name.casefold(), free, n=1):
        return f"{text} Menas {near[0]}? Byt namn på den, eller ta bort den."
    if not free:
        return f"{text} Ta bort den."
    return f"{text} Ta bort den, eller ge den ett av namnen {', '.join(free)}."


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
