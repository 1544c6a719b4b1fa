"""How far an uttag has come, told in rows: each row of the register is fetched, read, arranged, counted and frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Progress = Callable[[int, int | None, str], None]
"""Is told how many rows are done, of how many (None: not known yet), and in Swedish what is being done."""

PASSES = 5
"""How often each row is passed. The parts take about as long as each other (docs/performance.md)."""

EVERY = 500
"""Rows between two words about them."""

T = TypeVar("T")


class RowProgress:
    """Counts passed rows. `rows`, those of the register in the uttag, are counted before the first is fetched.

    Some parts count something else (statements, tables, rows of the frozen file): with a tenth of that done, a tenth of
    the part's rows are passed.
    """

    def __init__(self, tell: Progress | None) -> None:
        self._tell = tell or (lambda done, of, text: None)
        self._text = ""
        self._told = 0
        self._passes = (0.0, 0.0)
        self.rows = 0
        self.done = 0

    @property
    def of(self) -> int | None:
        return PASSES * self.rows or None

    def begin(self, text: str, start: float = 0, end: float | None = None) -> None:
        """A part begins when all rows have been passed `start` times, and leads to `end` (None: no further).

        The half of a pass is half of the rows.
        """
        self._text = text
        self._passes = (start, start if end is None else end)
        self.done = max(self.done, int(start * self.rows))
        self.say()

    def reach(self, done: int, of: int) -> None:
        """So much of what the part has to do is done."""
        start, end = self._passes
        passed = start + (end - start) * min(done / of, 1) if of else start
        self.done = max(self.done, int(passed * self.rows))
        if self.done - self._told >= EVERY:
            self.say()

    def batches(self, values: Sequence[T]) -> Iterator[Sequence[T]]:
        """The values, some at a time; when the next are asked for, those before are done."""
        for at in range(0, len(values), EVERY):
            batch = values[at : at + EVERY]
            yield batch
            self.reach(at + len(batch), len(values))

    def say(self) -> None:
        """Tell how far it is, which is also when a wish to cancel is heard."""
        self._told = self.done
        self._tell(self.done, self.of, self._text)


def counting(reach: Callable[[int, int], None], of: int) -> Callable[[int], None]:
    """What is told of some more each time, and tells `reach` how many of `of` that is."""
    done = 0

    def tick(more: int) -> None:
        nonlocal done
        done += more
        reach(done, of)

    return tick
