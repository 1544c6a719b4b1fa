"""Whether a row that was corrected since said what was possible when it was known: slut not before start (FORMATS §1).

A row whose own slut lies before its own start is a fault if that was ever what was known. Where start and slut were
corrected by turns, each row says what is possible, and what was known between the turns is history (decisions/0007).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from ..rules.findings import Finding
from .stored import Stored
from .traces import Trace


@dataclass(frozen=True, slots=True)
class _Known:
    """A day that became known. day: its ordinal, 0 for none. row: of the file, 0 for a stored version."""

    time: int
    column: str
    day: int
    row: int


def impossible_then(
    stored: Stored | None,
    ins: Sequence[Trace],
    uts: Sequence[Trace],
    *,
    late: Container[int],
    holds: tuple[int, int],
) -> Iterator[tuple[int, Finding]]:
    """(row, finding) for each row whose slut lies before its start, where both were what was known at a time.

    ins, uts: the rows whose in-part or out-part is a version known from its own time. late: the rows of which a part
    becomes known only now, so that the other part stood beside what is stored until now, whatever the row says. holds:
    start and slut that hold in the end, which are checked apart.
    """
    if not (ins or uts) or (stored is None and len(ins) < 2 and len(uts) < 2):
        return
    said = {(one.row, one.start, one.slut) for one in (*ins, *uts)}
    known = [_Known(one.t_in, "startdatum", one.start, one.row) for one in ins]
    known += [_Known(one.t_ut, "slutdatum", 0 if one.felregistrering else one.slut, one.row) for one in uts]
    if stored:
        known += [_Known(time, "startdatum", day, 0) for time, day in stored.starts]
        known += [_Known(time, "slutdatum", day, 0) for time, day in stored.sluts]
    present: dict[str, _Known] = {}
    for _, together in groupby(sorted(known, key=attrgetter("time")), key=attrgetter("time")):
        present |= {one.column: one for one in together}
        if len(present) < 2:
            continue
        start, slut = present["startdatum"], present["slutdatum"]
        blamed = max((start, slut), key=lambda one: (one.row > 0, one.time, one.column == "slutdatum"))
        own = blamed.row in late or (blamed.row, start.day, slut.day) in said
        if own and slut.day and slut.day < start.day and (start.day, slut.day) != holds:
            text = (
                f"När uppgiften blev känd låg slutdatum ({dt.date.fromordinal(slut.day)}) före startdatum "
                f"({dt.date.fromordinal(start.day)}). Rätta datumet, eller ta bort raden om den var fel."
            )
            yield blamed.row, Finding(blamed.column, "slut_fore_start", text)
