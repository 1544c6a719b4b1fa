"""How far an uttag has come, told in rows: each row of the register is fetched, read, arranged, counted and frozen."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int | None, str], None]
"""Is told how many rows are done, of how many (None: not known yet), and in Swedish what is being done."""

PASSES = 5
"""How often each row is passed. The parts take about as long as each other (docs/performance.md)."""

EVERY = 500
"""Rows between two words about them."""


class RowProgress:
    """Counts passed rows. `rows`, those of the register in the uttag, are counted before the first is fetched."""

    def __init__(self, tell: Progress | None) -> None:
        self._tell = tell or (lambda done, of, text: None)
        self._text = ""
        self._told = 0
        self.rows = 0
        self.done = 0

    @property
    def of(self) -> int | None:
        return PASSES * self.rows or None

    def begin(self, text: str, passes: float = 0) -> None:
        """Something new begins when all rows have been passed that often; the half of a pass is half of the rows."""
        self._text = text
        self.done = max(self.done, int(passes * self.rows))
        self._say()

    def tick(self, rows: int = 1) -> None:
        """So many more rows are passed."""
        self.done = min(self.done + rows, PASSES * self.rows)
        if self.done - self._told >= EVERY:
            self._say()

    def _say(self) -> None:
        self._told = self.done
        self._tell(self.done, self.of, self._text)
