"""The second pass over `deltaganden.csv`: what was decided is written, in chunks, through the rules' writers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from finsam_site.access import encryption

from ..models import Deltagande
from ..rules.correct import Rattelse, write_corrections
from ..rules.facts import Facts
from ..rules.names import NyttNamn, write_names
from ..rules.receipts import later_receipt, write_receipts
from ..rules.register import Utskrivning, write_new, write_out
from ..rules.values import InUppgifter, NyttDeltagande, Samtyckesuppgifter, UtUppgifter
from .reading import Row
from .rows import in_part, new_deltagande, samtycke, ut_part
from .versions import Action

CHUNK = 2000
"""Deltaganden that are written in one go: the server has those while the next are made."""

ORSAK = "Rättad genom inläsning av register."
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(slots=True)
class Decided:
    """What the first pass decided. actions: per row number, bits of `Action`.

    several: deltaganden with more than one row to do something with, and how many. old_numbers: hashes of numbers
    that the persons no longer have, which say nothing about kön and birth year now. persons: hash of a number → person,
    of all those that are stored. returning: hashes of numbers that several deltaganden have.
    """

    actions: bytearray
    several: dict[str, int]
    old_numbers: set[bytes]
    persons: dict[bytes, uuid.UUID]
    returning: set[bytes]

    def action(self, row: int) -> int:
        return self.actions[row] if row < len(self.actions) else 0


@dataclass(slots=True)
class _Fix:
    """A correction of one part, and the time from which it is known."""

    time: dt.datetime
    part: InUppgifter | UtUppgifter
    kon: str | None = None
    fodelsear: int | None = None


@dataclass(slots=True)
class _Work:
    """All that is to be written about one deltagande, in the order of time."""

    deltagande_id: str
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """True when one row says all there is: somebody new, perhaps out again."""
        return len(self.rows) == 1 and self.rows[0][0] in (Action.NEW, Action.NEW | Action.UT_FIRST)

    def new(self) -> NyttDeltagande | None:
        """Somebody to be registered in, when plain and out again in the same go."""
        for action, values in self.rows:
            if action & Action.NEW:
                return new_deltagande(values, left=self.plain and bool(action & Action.UT_FIRST))
        return None

    def first_out(self) -> dict[str, Any] | None:
        """The row of the first out-registration of a deltagande that has none yet."""
        return next((values for action, values in self.rows if action & Action.UT_FIRST), None)

    def fixes(self, now: dt.datetime, old_numbers: set[bytes]) -> list[_Fix]:
        """The corrections in the order that they became known. Those known by the import follow each other from `now`
        on, a microsecond apart: two versions never have the same time. A row that is stated again can be both."""
        found: list[_Fix] = []
        later: list[_Fix] = []
        for own, late, column in (
            (Action.IN_FIX, Action.IN_FIX_NOW, "registrerad_in"), (Action.UT_FIX, Action.UT_FIX_NOW, "registrerad_ut"),
        ):  # fmt: skip
            count = 0
            fixing = [one for one in self.rows if one[0] & (own | late)]
            for action, values in sorted(fixing, key=lambda one: one[1][column]):
                if action & own:
                    found.append(_fix(values[column], values, column, old_numbers))
                if action & late:
                    later.append(_fix(now + count * _MICROSECOND, values, column, old_numbers))
                    count += 1
        return sorted(found, key=lambda one: one.time) + sorted(later, key=lambda one: one.time)


def _fix(time: dt.datetime, values: dict[str, Any], column: str, old_numbers: set[bytes]) -> _Fix:
    """The part of a row whose time stands in `column`, known from `time`."""
    if column == "registrerad_ut":
        return _Fix(time, ut_part(values))
    return _Fix(time, in_part(values), *_kon_and_year(values, old_numbers))


class DeltagandeWriter:
    """Takes the rows of the file one by one and writes what was decided about them."""

    def __init__(self, decided: Decided, facts: Facts, since: dt.datetime, now: dt.datetime) -> None:
        """since: from when the import's own versions are known. now: when they are received, not before `since`."""
        self._decided = decided
        self._facts = facts
        self._since = since
        self._now = now
        self._waiting: dict[str, _Work] = {}
        self._ready: list[_Work] = []

    def add(self, row: Row) -> None:
        """Take a row; a chunk is written when it is full."""
        action = self._decided.action(row.number)
        if not action:
            return
        deltagande_id = row.values["deltagande_id"]
        work = self._waiting.setdefault(deltagande_id, _Work(deltagande_id))
        work.rows.append((action, row.values))
        if len(work.rows) < self._decided.several.get(deltagande_id, 1):
            return
        del self._waiting[deltagande_id]
        self._ready.append(work)
        if len(self._ready) >= CHUNK:
            self._write(self._ready)
            self._ready = []

    def finish(self) -> None:
        """Write what is left."""
        if self._waiting:
            raise RuntimeError("rows that were there in the first pass are missing in the second")
        self._write(self._ready)
        self._ready = []

    def _write(self, works: Sequence[_Work]) -> None:
        """Write a chunk."""
        if not works:
            return
        new = [ny for work in works if (ny := work.new())]
        decided = self._decided
        written = write_new(new, facts=self._facts, now=self._now, persons=decided.persons).new_persons
        decided.persons.update((number, written[number]) for number in written.keys() & decided.returning)
        if rest := [work for work in works if not work.plain]:
            self._write_rest(rest)

    def _write_rest(self, works: Sequence[_Work]) -> None:
        """Write what is more than the first in- and out-registration of somebody new. Who is new has been written."""
        deltaganden = {
            one.deltagande_id: one for one in _fetch(deltagande_id__in=[work.deltagande_id for work in works])
        }
        first_outs = {work.deltagande_id: out for work in works if (out := work.first_out())}
        early: dict[uuid.UUID, list[_Fix]] = {}
        late: dict[uuid.UUID, list[_Fix]] = {}
        for work in works:
            pk, out = deltaganden[work.deltagande_id].pk, first_outs.get(work.deltagande_id)
            fixes = work.fixes(self._since, self._decided.old_numbers)
            before = [
                one
                for one in fixes
                if out and isinstance(one.part, InUppgifter) and one.time <= out["registrerad_ut"]
            ]
            early[pk] = before
            late[pk] = [one for one in fixes if not any(one is other for other in before)]
        self._correct(early)
        self._register_out([(deltaganden[key], out) for key, out in first_outs.items()], late)
        self._correct(late)
        self._beside(works, {key: one.pk for key, one in deltaganden.items()})

    def _beside(self, works: Sequence[_Work], pks: dict[str, uuid.UUID]) -> None:
        """Names and receipts of rows that were found to have new ones."""
        names: list[NyttNamn] = []
        receipts: dict[uuid.UUID, Samtyckesuppgifter] = {}
        for work in works:
            pk = pks[work.deltagande_id]
            for action, values in work.rows:
                if action & Action.NAMES:
                    names.append(NyttNamn(pk, values["fornamn"], values["efternamn"]))
                if action & Action.RECEIPT:
                    receipts[pk] = later_receipt(samtycke(values), receipts.get(pk))
        write_names(names)
        write_receipts(receipts, self._facts)

    def _register_out(
        self, outs: Sequence[tuple[Deltagande, dict[str, Any]]], late: dict[uuid.UUID, list[_Fix]]
    ) -> None:
        """late: what is corrected after it, by deltagande."""
        if not outs:
            return
        write_out(
            [Utskrivning(one.pk, ut_part(values), values["registrerad_ut"]) for one, values in outs],
            {one.pk: one for one, _ in outs},
            now=self._now,
            corrected_next={pk for pk, fixes in late.items() if fixes},
        )

    def _correct(self, fixes: dict[uuid.UUID, list[_Fix]]) -> None:
        rattelser = [
            Rattelse(pk, ORSAK, in_=one.part, registrerad_in=one.time, kon=one.kon, fodelsear=one.fodelsear)
            if isinstance(one.part, InUppgifter)
            else Rattelse(pk, ORSAK, ut=one.part, registrerad_ut=one.time)
            for pk, ones in fixes.items()
            for one in ones
        ]
        if rattelser:
            deltaganden = {
                one.pk: one for one in _fetch(pk__in={rattelse.deltagande for rattelse in rattelser})
            }
            write_corrections(rattelser, deltaganden, now=self._now)


def _kon_and_year(values: dict[str, Any], old_numbers: set[bytes]) -> tuple[str | None, int | None]:
    nummer = values["personnummer"]
    said = values["kon"] or values["fodelsear"]
    if not said and old_numbers and encryption.keyed_hash(nummer.digits) in old_numbers:
        return None, None
    return values["kon"] or nummer.kon, values["fodelsear"] or nummer.birth_year


def _fetch(**chosen: Iterable[object]) -> list[Deltagande]:
    """Deltaganden with their newest versions at hand."""
    if not any(True for values in chosen.values() for _ in values):
        return []
    return list(Deltagande.unscoped.filter(**chosen).select_related("aktuell_in", "aktuell_ut"))
