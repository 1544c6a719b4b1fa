"""`avidentifierade.csv`: what is left of deltaganden whose identity is gone. It brings no identity (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.bulk import insert_many

from ..models import Avidentifiering, Deltagande, Inregistrering, Utregistrering
from ..rules.checks import check_insats_takes_persons, check_time
from ..rules.facts import Facts
from ..rules.findings import Finding
from .columns import AVIDENTIFIERADE
from .findings import Findings
from .reading import Row, TableReader
from .traces import Traces
from .versions import CHUNK
from .world import World

_TIMES = ("registrerad_in", "registrerad_ut", "avidentifierad")
_SAME = ("insats_id", "avidentifierad", "orsak")


class ErasedImport:
    """Reads the file, checks it and keeps the versions of deltaganden that are new."""

    def __init__(self, reader: TableReader, world: World, findings: Findings, now: dt.datetime) -> None:
        self._reader = reader
        self._world = world
        self._findings = findings
        self._now = now
        self._rows: dict[str, list[Row]] = {}
        self._known: dict[str, bool] = {}

    def check(self, traces: Traces) -> None:
        """Read and check every row. traces: of `deltaganden.csv`, where none of these may stand."""
        for row in self._reader.rows():
            for finding in self._check_row(row):
                if finding.field not in row.faults:
                    self._findings.add_rule(
                        AVIDENTIFIERADE, row.number, finding, row.texts.get(finding.field)
                    )
            if row.values["deltagande_id"] is not None:
                self._rows.setdefault(row.values["deltagande_id"], []).append(row)
        ids = list(self._rows)
        for at in range(0, len(ids), CHUNK):
            stored = Deltagande.unscoped.filter(deltagande_id__in=ids[at : at + CHUNK])
            for key, gone, locked in stored.values_list(
                "deltagande_id", "avidentifierad", "identitet__begransad"
            ):
                self._known[key] = bool(gone or locked)
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
        if values["orsak"] and values["orsak"] not in Avidentifiering.values:
            codes = ", ".join(Avidentifiering.values)
            yield Finding("orsak", "kod_okand", f"Orsaken finns inte. Välj en av: {codes}.")
        start, slut, out = values["start_ar"], values["slut_ar"], values["registrerad_ut"]
        if start and slut and slut < start:
            yield Finding("slut_ar", "slut_fore_start", "Slutåret ligger före startåret. Rätta något av dem.")
        if out and slut is None and not values["felregistrering"] and "slut_ar" not in row.faults:
            yield Finding("slut_ar", "slut_saknas", "Slutår saknas. Ange det.")
        if out is None and (slut or values["felregistrering"]):
            yield Finding("registrerad_ut", "tid_saknas", "Tiden för utregistreringen saknas. Ange den.")

    def _check_deltagande(self, key: str, rows: list[Row], traces: Traces) -> None:
        first = rows[0]
        if key in traces:
            text = "Deltagandet finns också i deltaganden.csv. Ta bort raden i den ena filen."
            self._tell(first, "deltagande_id", "dubblett", text)
        if self._known.get(key) is False:
            text = (
                "Deltagandet är registrerat med personuppgifter. Ta bort raden; återkalla samtycket i Finsam."
            )
            self._tell(first, "deltagande_id", "ej_avidentifierad", text)
        seen: dict[tuple[Any, Any], int] = {}
        ins: dict[Any, Any] = {}
        uts: dict[Any, Any] = {}
        for row in rows:
            values = row.values
            times = (values["registrerad_in"], values["registrerad_ut"])
            if times[0] and times in seen:
                text = f"Samma deltagande med samma tider finns redan på rad {seen[times]}. Ta bort den ena raden."
                self._tell(row, "deltagande_id", "dubblett", text)
            seen.setdefault(times, row.number)
            for name in _SAME:
                if None not in (values[name], first.values[name]) and values[name] != first.values[name]:
                    text = f"Uppgiften är en annan på rad {first.number} om samma deltagande. Rätta den ena."
                    self._tell(row, name, "olika_rader", text)
            for column, versions, content in (
                ("registrerad_in", ins, (values["kon"], values["start_ar"])),
                ("registrerad_ut", uts, (values["slut_ar"], bool(values["felregistrering"]))),
            ):
                time = values[column]
                if time and versions.setdefault(time, content) != content and not row.faults:
                    text = "En annan rad säger något annat med samma registreringstid. Rätta den ena."
                    self._tell(row, column, "annat_innehall_samma_tid", text)
        if ins and uts and None not in ins and min(time for time in uts if time) < min(ins):
            text = "Utregistreringen är registrerad före inregistreringen. Rätta någon av tiderna."
            self._tell(first, "registrerad_ut", "ut_fore_in", text)

    def _tell(self, row: Row, column: str, kind: str, message: str) -> None:
        self._findings.add(AVIDENTIFIERADE, row.number, column, row.texts.get(column), kind, message)

    @property
    def new(self) -> int:
        """How many deltaganden will be written."""
        return len(self._rows) - len(self._known)

    @property
    def unchanged(self) -> int:
        """How many are there already."""
        return len(self._known)

    def write(self, facts: Facts, now: dt.datetime) -> None:
        """Write those that are new, with their versions."""
        new = [(key, rows) for key, rows in self._rows.items() if key not in self._known]
        for at in range(0, len(new), CHUNK):
            self._write(new[at : at + CHUNK], facts, now)

    def _write(self, new: list[tuple[str, list[Row]]], facts: Facts, now: dt.datetime) -> None:
        user_id = require_actor().user.pk
        deltaganden, ins, uts = [], [], []
        for key, rows in new:
            first = rows[0].values
            insats = facts.insatser[first["insats_id"]].pk
            assert insats is not None
            one = Deltagande(
                deltagande_id=key, insats_id=insats, avidentifierad=first["avidentifierad"],
                avidentifierad_orsak=first["orsak"], tidigaste_start_ar=min(row.values["start_ar"] for row in rows),
                senaste_slut_ar=max((row.values["slut_ar"] for row in rows if row.values["slut_ar"]), default=None),
            )  # fmt: skip
            shared = {
                "deltagande_id": one.pk,
                "insats_id": insats,
                "mottagen": now,
                "registrerad_av_id": user_id,
            }
            own_ins = [
                Inregistrering(
                    nr=nr, registrerad=time, kon=values["kon"], start_ar=values["start_ar"], **shared
                )
                for nr, (time, values) in enumerate(_versions(rows, "registrerad_in"), start=1)
            ]
            own_uts = [
                Utregistrering(
                    nr=nr,
                    registrerad=time,
                    kon=values["kon"],
                    slut_ar=values["slut_ar"],
                    felregistrering=bool(values["felregistrering"]),
                    **shared,
                )  # fmt: skip
                for nr, (time, values) in enumerate(_versions(rows, "registrerad_ut"), start=1)
            ]
            one.aktuell_in_id = own_ins[-1].pk
            if own_uts:
                one.aktuell_ut_id, one.forst_ut = own_uts[-1].pk, own_uts[0].registrerad
            deltaganden.append(one)
            ins += own_ins
            uts += own_uts
        insert_many(Deltagande, deltaganden)
        insert_many(Inregistrering, ins)
        insert_many(Utregistrering, uts)
        created = ((one.pk, one.insats_id) for one in deltaganden)
        log_by_insats(Handling.SKAPAT, "deltagande", created, syfte="inläst utan identitet")


def _versions(rows: list[Row], column: str) -> list[tuple[dt.datetime, dict[str, Any]]]:
    """(time, values) of each version of a part, in the order of time."""
    found = {row.values[column]: row.values for row in rows if row.values[column]}
    return sorted(found.items(), key=lambda one: one[0])
