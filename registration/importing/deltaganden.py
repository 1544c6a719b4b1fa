"""The first pass over `deltaganden.csv`: every row checked, every fault told, and what is to be done with each row."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Generator

from finsam_site.bulk import copies_behind
from finsam_site.clock import STOCKHOLM

from ..models import Deltagande, Nummerhash, Samtycke
from ..rules.facts import Facts
from ..rules.findings import Finding
from ..rules.overlap import overlaps_checked_at_the_end
from .columns import DELTAGANDEN
from .describing import Kept
from .findings import Findings
from .late import Late
from .overlaps import Overlaps
from .reading import Row, TableReader
from .reports import Count
from .rows import RowChecker
from .stored import CHUNK, Stored, load_stored, stored_persons
from .traces import NO_TIME, Trace, Traces, moment_of
from .versions import Action, Outcome, Resolver
from .world import World
from .writing import Decided, DeltagandeWriter

PROGRESS_EVERY = 1000


class DeltagandeImport:
    """Reads the file twice: `check` and, when nothing at all is wrong, `write`."""

    def __init__(
        self, reader: TableReader, world: World, findings: Findings, now: dt.datetime, late: Late
    ) -> None:
        self._reader = reader
        self._late = late
        self._world = world
        self._findings = findings
        self._now = now
        self._referenskoder: dict[str, tuple[str, int]] = {}
        self._actions = bytearray()
        self._several: dict[str, int] = {}
        self._persons: dict[bytes, tuple[uuid.UUID, bool]] = {}
        self._returning: set[bytes] = set()
        self._overlaps = Overlaps()
        self.traces = Traces()
        self.kept_outside: Kept = Counter()
        self.new = 0
        self.corrections = 0
        self.unchanged = 0

    def check(self) -> Generator[int, None, None]:
        """Read and check every row; gives now and then how many rows are done."""
        checker = RowChecker(self._world, self._now)
        traces = self.traces
        for row in self._reader.rows():
            for finding in checker.check(row):
                self._tell(row, finding)
            self._check_referenskod(row)
            traces.add(row)
            if traces.rows % PROGRESS_EVERY == 0:
                yield traces.rows

    def _tell(self, row: Row, finding: Finding) -> None:
        self._findings.add_rule(DELTAGANDEN, row.number, finding, row.texts.get(finding.field))

    def _check_referenskod(self, row: Row) -> None:
        kod, key = row.values["referenskod"], row.values["deltagande_id"]
        if kod is None or key is None:
            return
        owner, number = self._referenskoder.setdefault(kod, (key, row.number))
        if owner != key:
            text = f"Referenskoden finns redan på rad {number}. Varje samtycke har en egen kod."
            self._tell(row, Finding("referenskod", "dubblett", text))

    def resolve(self) -> None:
        """Decide about every deltagande, now that all rows are known, and look for overlaps."""
        traces = self.traces
        ids = traces.ids()
        if Nummerhash.unscoped.exists():
            self._persons = stored_persons(
                {one.hash for key in ids for one in traces.of(key) if one.has_person}
            )
        any_stored = Deltagande.unscoped.exists()
        resolver = Resolver(self._world, traces, self._now)
        numbers: set[bytes] = set()
        for at in range(0, len(ids), CHUNK):
            chunk = ids[at : at + CHUNK]
            stored = load_stored(chunk, traces) if any_stored else {}
            for key in chunk:
                rows = list(traces.of(key))
                for hashed in {one.hash for one in rows if one.has_person}:
                    (self._returning if hashed in numbers else numbers).add(hashed)
                outcome = resolver.resolve(rows, stored.get(key), self._persons)
                self._take(key, rows, stored.get(key), outcome)
        self._check_stored_referenskoder()
        self._overlaps.add_stored({person for person, _ in self._persons.values()}, traces)
        self._overlaps.find()
        for number, finding, value in self._overlaps.findings:
            self._findings.add(DELTAGANDEN, number, finding.field, value, finding.kind, finding.message)

    def _take(self, key: str, rows: list[Trace], stored: Stored | None, outcome: Outcome) -> None:
        for number, finding in outcome.findings:
            trace = next(one for one in rows if one.row == number)
            value = _value(finding.field, key, trace, self.traces.insats_names)
            self._findings.add_rule(DELTAGANDEN, number, finding, value)
        for number, action in outcome.actions:
            if number >= len(self._actions):
                self._actions.extend(bytes(number + 1 - len(self._actions)))
            self._actions[number] = action
        if self._late.possible:
            self._count_late(rows, stored, dict(outcome.actions))
        if len(outcome.actions) > 1:
            self._several[key] = len(outcome.actions)
        if stored is None:
            self.new += 1
        first = Action.NEW | Action.UT_FIRST | (Action.NAMES | Action.RECEIPT if stored is None else 0)
        fixed = sum(bool(action & ~first) for _, action in outcome.actions)
        first_out = stored is not None and any(action & Action.UT_FIRST for _, action in outcome.actions)
        self.corrections += max(fixed, int(first_out))
        self.unchanged += len(rows) - len(outcome.actions)
        self._overlaps.add(outcome)
        for column in set(outcome.kept_outside):
            self.kept_outside[self.traces.insats_names[outcome.insats], column] += 1

    def _count_late(self, rows: list[Trace], stored: Stored | None, actions: dict[int, int]) -> None:
        """Versions that the rows make known at times of their own; those known by the import are never late.

        Their years are those of all versions, stored ones and rows, as in the uttag: a correction that moves a
        deltagande out of a year is missing in that year too.
        """
        starts = [dt.date.fromordinal(row.start).year for row in rows if row.start]
        sluts = [dt.date.fromordinal(row.slut).year for row in rows if row.slut]
        outs = [row.t_ut for row in rows if row.t_ut != NO_TIME]
        if stored:
            starts.append(stored.first_year)
            sluts += [stored.last_year] if stored.last_year else []
            outs = [time for time, _ in stored.sluts] or outs
        first, last = min(starts, default=None), max(sluts, default=None)
        out = moment_of(min(outs)) if outs else None
        for row in rows:
            for part, time in (
                (Action.NEW | Action.IN_FIX, row.t_in),
                (Action.UT_FIRST | Action.UT_FIX, row.t_ut),
            ):
                if actions.get(row.row, 0) & part and time != NO_TIME:
                    self._late.add(moment_of(time), first, last, out)

    def _check_stored_referenskoder(self) -> None:
        koder = list(self._referenskoder)
        for at in range(0, len(koder), CHUNK):
            found = Samtycke.unscoped.filter(referenskod__in=koder[at : at + CHUNK])
            for kod, owner in found.values_list("referenskod", "identitet__deltagande__deltagande_id"):
                key, number = self._referenskoder[kod]
                if owner != key:
                    text = "Referenskoden hör redan till ett annat samtycke. Varje samtycke har en egen kod."
                    self._findings.add(DELTAGANDEN, number, "referenskod", kod, "dubblett", text)

    @property
    def count(self) -> Count:
        """Deltaganden that are new, corrections of known ones, and rows that change nothing."""
        return Count(self.new, self.corrections, self.unchanged)

    def write(self, facts: Facts, since: dt.datetime, now: dt.datetime) -> Generator[int, None, None]:
        """Read the rows again and write what was decided; gives now and then how many rows are done."""
        if not any(self._actions):
            return
        old_numbers = {key for key, (_, present) in self._persons.items() if not present}
        persons = {key: person for key, (person, _) in self._persons.items()}
        decided = Decided(self._actions, self._several, old_numbers, persons, self._returning)
        writer = DeltagandeWriter(decided, facts, since, now)
        with overlaps_checked_at_the_end(), copies_behind():
            for number, row in enumerate(self._reader.rows(decided.action), start=1):
                writer.add(row)
                if number % PROGRESS_EVERY == 0:
                    yield number
            writer.finish()


def _value(column: str, key: str, trace: Trace, insats_names: list[str]) -> str | None:
    """What stood in the cell, as far as the trace remembers it."""
    if column == "deltagande_id":
        return key
    if column == "insats_id":
        return insats_names[trace.insats]
    if column in ("registrerad_in", "registrerad_ut"):
        time = trace.t_in if column == "registrerad_in" else trace.t_ut
        return None if time == NO_TIME else moment_of(time).astimezone(STOCKHOLM).isoformat()
    day = {"startdatum": trace.start, "slutdatum": trace.slut, "samtyckesdatum": trace.samtycke}.get(column)
    return dt.date.fromordinal(day).isoformat() if day else None
