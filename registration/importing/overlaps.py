"""Overlaps of one person in one insats after the import: within the files, and with what is stored (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from ..models import IN_THE_WAY, Identitet
from ..rules.checks import find_overlaps, overlap_finding
from ..rules.findings import Finding
from .stored import CHUNK
from .traces import Traces
from .versions import Outcome

_PACKED = struct.Struct(">16sIIIIB")  # big endian, so that bytes sort as the numbers do
_PAIR = 20
_OPEN = 2**32 - 1
_FEL = 1


@dataclass(frozen=True, slots=True)
class _Period:
    start: int
    slut: int
    row: int
    flags: int

    def __str__(self) -> str:
        if self.row:
            return f"rad {self.row}"
        slut = "" if self.slut == _OPEN else dt.date.fromordinal(self.slut)
        return f"{dt.date.fromordinal(self.start)}–{slut}"


class Overlaps:
    """Collects one period per deltagande; then finds the overlaps."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self.findings: list[tuple[int, Finding, str]] = []

    def add(self, outcome: Outcome) -> None:
        """The newest dates of a deltagande of the files. Left out when person, insats or start could not be read."""
        if not outcome.person or outcome.insats < 0 or not outcome.start:
            return
        flags = _FEL * outcome.felregistrering
        slut = outcome.slut or _OPEN
        self._add(outcome.person, outcome.insats, outcome.start, slut, outcome.row, flags)

    def add_stored(self, persons: Collection[uuid.UUID], traces: Traces) -> None:
        """The stored periods of persons of the files, apart from those that the files themselves name."""
        ids = list(persons)
        for at in range(0, len(ids), CHUNK):
            rows = Identitet.unscoped.filter(IN_THE_WAY, person__in=ids[at : at + CHUNK]).values_list(
                "person_id", "insats__insats_id", "startdatum", "slutdatum", "deltagande__deltagande_id"
            )
            for person, insats, start, slut, deltagande_id in rows.iterator():
                if deltagande_id not in traces:
                    till = slut.toordinal() if slut else _OPEN
                    number = traces.insats_number(insats)
                    self._add(person.bytes, number, start.toordinal(), till, 0, 0)

    def _add(self, person: bytes, insats: int, start: int, slut: int, row: int, flags: int) -> None:
        self._entries.append(_PACKED.pack(person, insats, start, slut, row, flags))

    def find(self) -> None:
        """Fill `findings` with (row, finding, start day)."""
        self._entries.sort()
        for _, group in groupby(self._entries, key=lambda entry: entry[:_PAIR]):
            entries = list(group)
            if len(entries) > 1:
                self._look(list(_periods(entries)))
        self._entries.clear()

    def _look(self, periods: list[_Period]) -> None:
        live = [period for period in periods if not period.flags & _FEL]
        days = ((one, dt.date.fromordinal(one.start), _day(one.slut)) for one in live)
        for earlier, later in find_overlaps(days):
            assert isinstance(earlier, _Period) and isinstance(later, _Period)
            blamed, other = (later, earlier) if later.row else (earlier, later)
            if blamed.row:
                start = dt.date.fromordinal(blamed.start).isoformat()
                self.findings.append((blamed.row, overlap_finding(str(other)), start))


def _periods(entries: list[bytes]) -> Iterator[_Period]:
    for entry in entries:
        _, _, start, slut, row, flags = _PACKED.unpack_from(entry)
        yield _Period(start, slut, row, flags)


def _day(ordinal: int) -> dt.date | None:
    return None if ordinal == _OPEN else dt.date.fromordinal(ordinal)
