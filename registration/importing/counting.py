"""Anonyma and volym: totals by insats and year, each row a version (FORMATS §1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..models import Anonyma, Volym
from ..rules.antal import AnonymaRad, VolymRad, check_anonyma, check_volym, write_anonyma, write_volym
from ..rules.facts import Facts, InsatsFacts
from ..rules.findings import Finding
from .columns import ANONYMA, FileSpec
from .findings import Findings
from .late import Late
from .reading import Row, TableReader
from .world import World

Rad = AnonymaRad | VolymRad
Key = tuple[str, int, dt.datetime]
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class _Sort:
    """What differs between the two files."""

    spec: FileSpec
    model: Any
    counts: tuple[str, ...]
    rad: Any
    check: Callable[..., Iterator[Finding]]
    write: Callable[..., None]


def _sort(spec: FileSpec) -> _Sort:
    if spec is ANONYMA:
        return _Sort(spec, Anonyma, ("kvinnor", "man"), AnonymaRad, check_anonyma, write_anonyma)
    return _Sort(spec, Volym, ("antal", "kvinnor", "man"), VolymRad, check_volym, write_volym)


class CountImport:
    """Reads one of the two files, checks it and keeps the rows that are new."""

    def __init__(self, reader: TableReader, world: World, findings: Findings, now: dt.datetime) -> None:
        self._sort = _sort(reader.spec)
        self._reader = reader
        self._world = world
        self._findings = findings
        self._now = now
        self._new: list[tuple[Key, dict[str, int | None]]] = []
        self.unchanged = 0

    def check(self) -> None:
        """Read and check every row."""
        stored = self._stored()
        seen: dict[Key, int] = {}
        for row in self._reader.rows():
            for finding in self._check_row(row):
                if finding.field not in row.faults:
                    self._findings.add_rule(
                        self._sort.spec, row.number, finding, row.texts.get(finding.field)
                    )
            values = row.values
            if {"insats_id", "ar", "registrerad"} & row.faults:
                continue
            key: Key = (values["insats_id"], values["ar"], values["registrerad"])
            counts = {name: values[name] for name in self._sort.counts}
            if key in seen:
                text = f"Samma insats, år och registreringstid finns redan på rad {seen[key]}. Ta bort den ena raden."
                self._tell(row, "insats_id", "dubblett", text)
            elif key not in stored:
                self._new.append((key, counts))
            elif stored[key] == tuple(counts.values()):
                self.unchanged += 1
            elif not row.faults:
                text = "Det finns redan ett annat antal med samma registreringstid. Ge det nya en senare tid."
                self._tell(row, "registrerad", "annat_innehall_samma_tid", text)
            seen.setdefault(key, row.number)

    def _tell(self, row: Row, column: str, kind: str, message: str) -> None:
        self._findings.add(self._sort.spec, row.number, column, row.texts.get(column), kind, message)

    def _check_row(self, row: Row) -> Iterator[Finding]:
        values = dict(row.values)
        insats_id = values["insats_id"]
        insats = self._world.insats(insats_id) if insats_id else None
        if insats is None:
            if insats_id:
                text = f"Insatsen {insats_id} finns inte. Ange en insats som finns."
                yield Finding("insats_id", "insats_okand", text)
            insats = InsatsFacts("", dt.date.min, None, "", "", "")
        if "ar" in row.faults:
            values["ar"] = self._now.year
        for name in self._sort.counts:
            if name in row.faults:
                values[name] = 10**9 if name == "antal" else 0
        rad = self._sort.rad(0, values["ar"], *[values[name] for name in self._sort.counts])
        registrerad = values["registrerad"] or self._now
        for finding in self._sort.check(rad, insats, registrerad=registrerad, now=self._now):
            # An insats without förbund stands in for one that could not be read.
            if insats.forbund_id or finding.field not in ("insats_id", "ar"):
                yield finding

    def _stored(self) -> dict[Key, tuple[int | None, ...]]:
        rows = self._sort.model.unscoped.values_list(
            "insats__insats_id", "ar", "registrerad", *self._sort.counts
        )
        return {(insats, ar, time): tuple(counts) for insats, ar, time, *counts in rows.iterator()}

    def count_late(self, late: Late) -> None:
        """Tell `late` of the new rows."""
        for (_, ar, registrerad), _ in self._new:
            late.add(registrerad, ar, ar)

    @property
    def new(self) -> int:
        """How many rows will be written."""
        return len(self._new)

    def write(self, facts: Facts, now: dt.datetime) -> None:
        """Write the new rows, in the order of their times."""
        self._new.sort(key=lambda one: one[0][2])
        rader = [
            self._sort.rad(facts.insatser[insats].pk, ar, registrerad=registrerad, **counts)
            for (insats, ar, registrerad), counts in self._new
        ]
        for at in range(0, len(rader), _CHUNK):
            self._sort.write(rader[at : at + _CHUNK], now=now)
