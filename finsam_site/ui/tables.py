"""Tables as in a statistical yearbook: caption, scope on headers, units in the header, figures right-aligned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from . import formats
from .components import Component, EmptyState, Pagination

UPRIGHT_COLUMNS = 8
"""Columns that an upright sheet of paper has room for."""


class Kind(StrEnum):
    """What a column holds; decides format and side."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    """The header says "procent" or "%"; the cells are bare numbers."""
    DAY = "day"
    LONG = "long"
    """Whole sentences: never set narrower than can be read."""


@dataclass(frozen=True)
class Hidden:
    """A cell that may not be shown, with the word that says so."""

    word: str = "skyddat"


@dataclass(frozen=True)
class Column:
    """A column. key: of the rows' mapping. group: a header over neighbouring columns that have the same.

    sort_url: leads to the table sorted by this column; sorted: "ascending" or "descending" when it is.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    decimals: int = 0
    group: str = ""
    sort_url: str = ""
    sorted: str = ""

    @property
    def right(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.PERCENT)

    def show(self, value: Any) -> str:
        """`value` as text."""
        if isinstance(value, Hidden):
            return value.word
        if value is None or value == "":
            return formats.MISSING
        if self.right and isinstance(value, int | float | Decimal):
            return formats.number(value, self.decimals)
        if isinstance(value, dt.date | dt.datetime):
            return formats.iso_day(value)
        return str(value)


@dataclass(frozen=True)
class Row:
    """A row: values by column key (text, numbers, days, `Hidden` or a component). url: where its first cell leads.

    total: a sum row. indent: a row that belongs to the one above it.
    """

    cells: Mapping[str, Any]
    url: str = ""
    total: bool = False
    indent: bool = False


@dataclass(frozen=True)
class _Cell:
    column: Column
    value: Any
    url: str = ""

    @property
    def text(self) -> str:
        return self.column.show(self.value)

    @property
    def is_component(self) -> bool:
        return isinstance(self.value, Component)

    @property
    def hidden(self) -> bool:
        return isinstance(self.value, Hidden)


@dataclass(frozen=True)
class _Group:
    label: str
    span: int


@dataclass(frozen=True)
class Table(Component):
    """A table. caption: says what, where and when. The first column is each row's header.

    id: unique on the page; names the frame that a wide table scrolls in. note and source stand under it.
    """

    template_name: ClassVar[str] = "components/table.html"
    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""
    source: str = ""
    empty: EmptyState | None = None
    pagination: Pagination | None = None
    hide_caption: bool = False
    definition_url: str = ""

    @property
    def wide(self) -> bool:
        """Whether it is too wide for an upright sheet of paper: it is printed on one that lies (print.css)."""
        return len(self.columns) > UPRIGHT_COLUMNS

    @property
    def grouped(self) -> list[_Group]:
        """The upper header row, or nothing where no column has a group."""
        if not any(column.group for column in self.columns):
            return []
        groups: list[_Group] = []
        for column in self.columns:
            if groups and groups[-1].label == column.group and column.group:
                groups[-1] = _Group(column.group, groups[-1].span + 1)
            else:
                groups.append(_Group(column.group, 1))
        return groups

    @property
    def body(self) -> list[tuple[Row, _Cell, list[_Cell]]]:
        """(row, its header cell, its other cells)."""
        first, *rest = self.columns
        return [
            (
                row,
                _Cell(first, row.cells.get(first.key), row.url),
                [_Cell(column, row.cells.get(column.key)) for column in rest],
            )
            for row in self.rows
        ]
