"""What a table is made of. A table is data: `compute` runs it, and page, sheet, CSV and methodology read
it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import duckdb

Unit = Literal["antal", "kronor", "procent", "procentenheter", "dagar"]
LiveNotes = Callable[[duckdb.DuckDBPyConnection], list[str]]

KON: dict[str, str] = {"K": "Kvinnor", "M": "Män", "okand": "Uppgift om kön saknas", "totalt": "Totalt"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A measure that compares with the year before: `of` another measure, in percent or as a plain
    difference."""

    of: str
    kind: Literal["procent", "skillnad"]


@dataclass(frozen=True, kw_only=True)
class Share:
    """Percent of a base: the measure `of`, or the difference between it and the measure `less`.

    `base` is SQL on the current schema that gives the number that is 100 percent, for each kön in a block by kön;
    `base_label` says it in words, as they go on after "i procent av".
    """

    of: str
    base: str
    base_label: str
    less: str | None = None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One `matt` of a table. Measures with `change` or `share` are computed outside the SQL."""

    id: str
    label: str
    unit: Unit = "antal"
    change: Change | None = None
    share: Share | None = None


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """`codes` is SQL on the current schema that gives kod, etikett, ordning: every code that gets a row.

    `named` are those of them (code, label) that the table itself names; the others come from a list of the register.
    """

    id: str
    label: str
    codes: str
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    """One crossing of dimensions (most tables have one).

    `sql` reads the dataset and the shared tables of `shared`, and gives the dimensions, kon when `by_kon`, and a
    column for each measure. Null means that the figure does not apply. All codes crossed, by kön when `by_kon`,
    have their cells (`frame` replaces that: the codes of each group of cells, kön last). What the SQL gives no row
    for is 0 when it is a number of something, else it does not apply; what it gives beyond them is left out.
    """

    dimensions: tuple[Dimension, ...] = ()
    by_kon: bool = False
    sql: str
    frame: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of REPORTS §2. `number` is its place in the catalogue, `definitions` ids of `definitions`."""

    id: str
    number: int
    title: str
    population: str
    unit: str
    measures: tuple[Measure, ...]
    blocks: tuple[Block, ...]
    definitions: tuple[str, ...]
    notes: tuple[str, ...] = ()
    live_notes: LiveNotes | None = None

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Each dimension once, in the order of the blocks."""
        return tuple(
            {dimension.id: dimension for block in self.blocks for dimension in block.dimensions}.values()
        )

    @property
    def by_kon(self) -> bool:
        """Whether any row of the table carries kön."""
        return any(block.by_kon for block in self.blocks)
