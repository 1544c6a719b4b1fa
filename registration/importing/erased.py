"""`avidentifierade.csv`, as a door to `rules/remains`: what is left of deltaganden whose identity is gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from ..rules.checks import check_insats_takes_persons, check_time
from ..rules.facts import Facts
from ..rules.findings import Finding
from ..rules.remains import (
    InRest,
    Rest,
    UtRest,
    check_rest,
    check_same_rest,
    check_times_of_rest,
    load_remains,
    write_remains,
)
from .columns import AVIDENTIFIERADE, DELTAGANDEN
from .findings import Findings
from .late import Late
from .reading import Row, TableReader
from .stored import CHUNK
from .traces import Traces
from .world import World

_TIMES = ("registrerad_in", "registrerad_ut", "avidentifierad")
_SAME = ("insats_id", "avidentifierad", "orsak")
_UNKNOWN_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)
_UNKNOWN_KON = "?"


class ErasedImport:
    """Reads the file, checks it and keeps the deltaganden that are new."""

    def __init__(self, reader: TableReader, world: World, findings: Findings, now: dt.datetime) -> None:
        self._reader = reader
        self._world = world
        self._findings = findings
        self._now = now
        self._rows: dict[str, list[Row]] = {}
        self._known: dict[str, Rest | None] = {}
        self._new: list[Rest] = []

    def check(self, traces: Traces) -> None:
        """Read and check every row. traces: of `deltaganden.csv`, where none of these may stand."""
        for row in self._reader.rows():
            for finding in self._check_row(row):
                self._tell(row, finding)
            if row.values["deltagande_id"] is not None:
                self._rows.setdefault(row.values["deltagande_id"], []).append(row)
        ids = list(self._rows)
        for at in range(0, len(ids), CHUNK):
            self._known.update(load_remains(ids[at : at + CHUNK]))
        for key, rows in self._rows.items():
            self._check_deltagande(key, rows, traces)

    def _check_row(self, row: Row) -> Iterator[Finding]:
        values = row.values
        insats = self._world.insats(values["insats_id"]) if values["insats_id"] else None
        if insats is not None:
            yield from check_insats_takes_persons(insats)
        elif values["insats_id"]:
            text = f"Insatsen {values['insats_id']} finns inte. Ange en insats som finns."
            yield Finding("insats_id", "insats_okand", text)
        for name in _TIMES:
            if values[name]:
                yield from check_time(name, values[name], self._now)
        if values["registrerad_ut"] is None and (values["slut_ar"] or values["felregistrering"]):
            yield Finding("registrerad_ut", "tid_saknas", "Tiden för utregistreringen saknas. Ange den.")
        yield from check_rest(_rest([row]))

    def _check_deltagande(self, key: str, rows: list[Row], traces: Traces) -> None:
        first = rows[0]
        if key in traces:
            other = self._findings.name_of(DELTAGANDEN)
            text = f"Deltagandet finns också i {other}. Ta bort raden i den ena filen."
            self._tell(first, Finding("deltagande_id", "dubblett", text))
        known = self._known.get(key)
        if key in self._known and known is None:
            text = (
                "Deltagandet är registrerat med personuppgifter. Ta bort raden; återkalla samtycket i Finsam."
            )
            self._tell(first, Finding("deltagande_id", "ej_avidentifierad", text))
        self._check_rows_agree(rows)
        whole = _rest(rows)
        for finding in check_times_of_rest(whole):
            self._tell(first, finding)
        if known is not None:
            for row in rows:
                for finding in () if row.faults else check_same_rest(_rest([row]), known):
                    self._tell(row, finding)
        if key not in self._known:
            self._new.append(whole)

    def _check_rows_agree(self, rows: list[Row]) -> None:
        first = rows[0]
        seen: dict[tuple[Any, Any], int] = {}
        ins: dict[Any, Any] = {}
        uts: dict[Any, Any] = {}
        for row in rows:
            values = row.values
            times = (values["registrerad_in"], values["registrerad_ut"])
            if times[0] and times in seen:
                text = f"Samma deltagande med samma tider finns redan på rad {seen[times]}. Ta bort den ena raden."
                self._tell(row, Finding("deltagande_id", "dubblett", text))
            seen.setdefault(times, row.number)
            for name in _SAME:
                if None not in (values[name], first.values[name]) and values[name] != first.values[name]:
                    text = f"Uppgiften är en annan på rad {first.number} om samma deltagande. Rätta den ena."
                    self._tell(row, Finding(name, "olika_rader", text))
            for column, versions, content in (
                ("registrerad_in", ins, (values["kon"], values["start_ar"])),
                ("registrerad_ut", uts, (values["slut_ar"], bool(values["felregistrering"]))),
            ):
                time = values[column]
                if time and versions.setdefault(time, content) != content and not row.faults:
                    text = "En annan rad säger något annat med samma registreringstid. Rätta den ena."
                    self._tell(row, Finding(column, "annat_innehall_samma_tid", text))

    def _tell(self, row: Row, finding: Finding) -> None:
        if finding.field not in row.faults:
            self._findings.add_rule(AVIDENTIFIERADE, row.number, finding, row.texts.get(finding.field))

    def count_late(self, late: Late) -> None:
        """Tell `late` of the versions of those that are new."""
        for one in self._new:
            first = min((inne.start_ar for inne in one.ins.values()), default=None)
            ended = [ute.slut_ar for ute in one.uts.values()]
            last = max((ar for ar in ended if ar is not None), default=None)
            for known in (*one.ins, *one.uts):
                late.add(known, first, last)

    @property
    def new(self) -> int:
        """How many deltaganden will be written."""
        return len(self._new)

    @property
    def unchanged(self) -> int:
        """How many are there already."""
        return len(self._known)

    def write(self, facts: Facts, now: dt.datetime) -> None:
        """Write those that are new, with their versions."""
        for at in range(0, len(self._new), CHUNK):
            write_remains(self._new[at : at + CHUNK], facts, now)


def _rest(rows: list[Row]) -> Rest:
    """What the rows of a deltagande say is left of it; something harmless for cells that could not be read."""
    first = rows[0].values
    ins, uts = {}, {}
    for values in (row.values for row in rows):
        kon = values["kon"] or _UNKNOWN_KON
        if values["registrerad_in"]:
            ins[values["registrerad_in"]] = InRest(kon, values["start_ar"] or 0)
        if values["registrerad_ut"]:
            uts[values["registrerad_ut"]] = UtRest(kon, values["slut_ar"], bool(values["felregistrering"]))
    return Rest(
        first["deltagande_id"] or "", first["insats_id"] or "", first["avidentifierad"] or _UNKNOWN_TIME,
        first["orsak"] or "", ins, uts,
    )  # fmt: skip
