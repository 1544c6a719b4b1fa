"""What an import did, and what it says about it in Swedish."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from . import late
from .findings import RowFinding

WARNING_TEXTS = {
    "alder": "ovanlig ålder vid start",
    "annat_an_numret": "kön eller födelseår som inte är personnumrets",
    "flera_hel": "fler än en hel försörjning",
    "kommun_utanfor": "kommun utanför insatsens förbund",
    "namn_aldre": "ett annat namn på en rad som inte är nyare än det registrerade",
    "samtycke_efter_start": "samtycket undertecknat efter start",
    "slut_efter_registrering": "slutdatum efter dagen för utregistreringen",
    "start_efter_registrering": "startdatum efter dagen för inregistreringen",
    "telefonnummer": "nummer som kan vara ett telefonnummer",
}


class Count(NamedTuple):
    """Rows of a file that were new, changed something (a correction, for what has versions) or changed nothing."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class ImportResult:
    """What an import found and (without `check_only` and findings) wrote.

    findings: everything that is wrong, by file and row; if there is any, nothing was written. counts: by file name.
    warning_counts: how many of each kind; warnings: the warnings themselves, only when they were asked for.
    late: each uttag that is already taken and misses registrations of the files, by name, and how many (`late`).
    """

    findings: list[RowFinding] = field(default_factory=list)
    warnings: list[RowFinding] = field(default_factory=list)
    warning_counts: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Count] = field(default_factory=dict)
    check_only: bool = False
    late: list[tuple[str, int]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing was wrong."""
        return not self.findings

    def failure_lines(self) -> list[str]:
        """Every fault on a line of its own, then how many there are and what to do."""
        number = len(self.findings)
        return [
            *map(str, self.findings),
            f"{number} fel. Ingenting har lästs in. Rätta raderna och läs in hela registret igen.",
        ]

    def success_lines(self) -> list[str]:
        """What was read in, by file, and what was odd."""
        lines = [
            "Kontrollen hittade inga fel. Ingenting har lästs in."
            if self.check_only
            else "Registret är inläst."
        ]
        for name, count in self.counts.items():
            changed = "rättelser" if name in ("deltaganden.csv",) else "ändrade"
            lines.append(f"{name}: {count.new} nya, {count.changed} {changed}, {count.unchanged} oförändrade")
        lines += [f"Inkommen sent: {late.sentence(name, number)}" for name, number in self.late]
        lines += self.warning_lines()
        return lines

    def warning_lines(self) -> list[str]:
        """The warnings, one by one where they were asked for, then counted by kind."""
        lines = [f"Varning: {warning}" for warning in self.warnings]
        for kind, number in sorted(self.warning_counts.items()):
            lines.append(f"Varningar, {WARNING_TEXTS.get(kind, kind)}: {number}")
        return lines
