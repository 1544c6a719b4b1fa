"""What is wrong with the rows of an import: file, row, column, value and what is wrong, never who somebody is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ..rules.findings import Finding
from .columns import SECRET, FileSpec, Kind

_LIKE_A_NUMBER = re.compile(r"\d{6,8}\s?[-+–]?\s?\d{4}(?!\d)")
_HIDDEN = "(visas inte)"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowFinding:
    """One fault (or, warning, something odd) in one cell. row: as a spreadsheet numbers it, 0 for the file as a whole.

    column and value are empty when the whole row or file is meant; the value of a person's number or name always is.
    """

    file: str
    row: int
    column: str
    value: str
    kind: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (self.file, f"rad {self.row}" if self.row else "", self.column, self.value)
            if part
        )
        return f"{where}: {self.message}"


class Findings:
    """Collects the findings of an import. Warnings are counted by kind and kept only when asked for."""

    def __init__(self, *, keep_warnings: bool = False) -> None:
        self.errors: list[RowFinding] = []
        self.warnings: list[RowFinding] = []
        self.warning_counts: Counter[str] = Counter()
        self._keep_warnings = keep_warnings
        self._names: dict[FileSpec, str] = {}

    def name(self, spec: FileSpec, name: str) -> None:
        """Say what the table is called where the rows come from: the name of its file, or of its sheet."""
        self._names[spec] = name

    def name_of(self, spec: FileSpec) -> str:
        """What the table is called where the rows come from."""
        return self._names.get(spec, spec.filename)

    def add(self, spec: FileSpec, row: int, column: str, value: object, kind: str, message: str) -> None:
        """Add an error. `value` is shown unless the column is secret or it looks like a person's number."""
        self.errors.append(
            RowFinding(
                self.name_of(spec), row, _masked(column), shown(spec, column, value), kind, _masked(message)
            )
        )

    def add_file(self, filename: str, kind: str, message: str) -> None:
        """Add an error about a file as a whole."""
        self.errors.append(RowFinding(_masked(filename), 0, "", "", kind, _masked(message)))

    def add_rule(self, spec: FileSpec, row: int, finding: Finding, value: object) -> None:
        """Add what a rule found."""
        if not finding.warning:
            self.add(spec, row, finding.field, value, finding.kind, finding.message)
            return
        self.warning_counts[finding.kind] += 1
        if self._keep_warnings:
            text = shown(spec, finding.field, value)
            self.warnings.append(
                RowFinding(
                    self.name_of(spec), row, finding.field, text, finding.kind, _masked(finding.message), True
                )
            )

    def sort(self) -> None:
        """Order by file (by name), row and column."""
        for rows in (self.errors, self.warnings):
            rows.sort(key=lambda one: (one.file, one.row, one.column, one.kind))


def shown(spec: FileSpec, column: str, value: object) -> str:
    """The value as a finding may show it: short, on one line, and empty or hidden if it may say who somebody is."""
    kinds: dict[str, Kind] = {one.name: one.kind for one in spec.columns}
    if kinds.get(column) in SECRET or value is None:
        return ""
    text = " ".join(str(value).encode("utf-8", "replace").decode("utf-8").split())
    text = _masked("".join(character if character.isprintable() else "?" for character in text))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _masked(text: str) -> str:
    return _LIKE_A_NUMBER.sub(_HIDDEN, text)
