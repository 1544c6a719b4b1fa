"""Two versions of a small set of answers side by side, to choose one of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .components import Component


@dataclass(frozen=True)
class Compared:
    """One question: what stands saved, and what the user answered."""

    term: str
    theirs: str
    mine: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.mine


@dataclass(frozen=True)
class Comparison(Component):
    """The answers beside each other; those that differ are said to. theirs, mine: whose each column is.

    What neither says is left out: nobody may have been asked.
    """

    template_name: ClassVar[str] = "components/comparison.html"
    caption: str
    theirs: str
    mine: str
    rows: Sequence[Compared]
    missing: str = "Inte angivet"
    word: str = "Skiljer sig"
    """Marks a row that differs; nothing where all do."""

    @property
    def said(self) -> list[Compared]:
        return [one for one in self.rows if one.theirs or one.mine]
