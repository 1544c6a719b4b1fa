"""Rows that become known before an uttag which is already taken, and so are not in it: `inkommen sent` (DOMAIN §5).

Nothing else can become known before an uttag after it was taken; an import that says so itself is told how much of it
does. Which uttag there are is told by whoever takes them: registration knows nothing of reports.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Taken(NamedTuple):
    """An uttag that is taken. name: how it is spoken of, with its definite article."""

    name: str
    year: int
    as_of: dt.datetime


Teller = Callable[[], Sequence[Taken]]

_tellers: list[Teller] = []


def tells_taken(teller: Teller) -> None:
    """Have `teller` asked, at each import, which uttag are taken."""
    _tellers.append(teller)


class Late:
    """Counts, for each uttag that is taken, the registrations that it should have had."""

    def __init__(self) -> None:
        self._taken = [one for teller in _tellers for one in teller()]
        self._newest = max((one.as_of for one in self._taken), default=None)
        self._counts: Counter[Taken] = Counter()

    @property
    def possible(self) -> bool:
        """Whether anything can be late at all."""
        return self._newest is not None

    def add(
        self, known: dt.datetime, first: int | None, last: int | None, out: dt.datetime | None = None
    ) -> None:
        """A registration known from `known` that concerns the years `first` to `last` (None: not known).

        out: until when it was not known that it ends; for an uttag of before that, it goes on.
        """
        if self._newest is None or known > self._newest:
            return
        for one in self._taken:
            begun = first is None or first <= one.year
            goes_on = last is None or last >= one.year or (out is not None and out > one.as_of)
            if known <= one.as_of and begun and goes_on:
                self._counts[one] += 1

    def told(self) -> list[tuple[str, int]]:
        """Each uttag that misses something, by name, and how many registrations."""
        return [(one.name, self._counts[one]) for one in self._taken if self._counts[one]]


def sentence(name: str, number: int) -> str:
    """What is said of one uttag."""
    if number == 1:
        return f"1 registrering är känd före {name}, som redan är taget och därför inte har den med."
    return f"{number} registreringar är kända före {name}, som redan är taget och därför inte har dem med."
