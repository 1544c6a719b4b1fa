"""What the last drills or audit found, from pytest's results: `python -m tests.drill.report DOCUMENT RESULTS.xml…`.

Written also when something failed, or when results are missing because a run did not come to its end: then it says so.
The document's name tells which of the two it is: drills.md or audit.md.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.bench.measure import machine
from tests.bench.shape import paragraph, table
from tests.programs import require_binaries

HOLDS, SKIPPED, FAILED = "holds", "not run", "**failed**"
WORST = (HOLDS, SKIPPED, FAILED)
OTHERS = "what else stands beside them"
"""Tests of the same files that draw nothing: one line, unless they fail."""


@dataclass(frozen=True)
class About:
    """What a document is about. by_file: its tests are lines by the file that they stand in."""

    title: str
    told: str
    by_file: bool = False


ABOUT = {
    "drills": About(
        "Drills",
        "Written by `make drill`, not by hand: what the last run found of what must hold however things happen to "
        "fall (QUALITY §1 and §3), each tried at full size. `FINSAM_TEST_SEED` draws again what is drawn anew each "
        "time; the other seeds stand in the drills. Seconds are those of each drill while others ran beside it.",
    ),
    "audit": About(
        "Audit",
        "Written by `make audit`, not by hand: what the last run found where another program looks at what the product "
        "makes. LibreOffice opens the workbook; pa11y looks at every page that the browser tests have open (QUALITY "
        "§6). Tried are tests, each with all its pages, states and widths.",
        by_file=True,
    ),
}


@dataclass
class Line:
    """Everything that tells of itself by the same words."""

    what: str
    tried: int = 0
    result: str = HOLDS
    seconds: float = 0.0
    seeds: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, tried: int, result: str, seconds: float, seed: str, note: str) -> None:
        self.tried += tried
        self.seconds += seconds
        self.result = max(self.result, result, key=WORST.index)
        self.seeds += [seed] if seed and seed not in self.seeds else []
        self.notes += [note] if note and note not in self.notes else []

    @property
    def cells(self) -> Sequence[str]:
        found = "; ".join([self.result, *self.notes])
        return self.what, f"{self.tried:,}", found, f"{self.seconds:,.0f}", ", ".join(self.seeds)


def main() -> None:
    """The command."""
    document, *results = map(Path, sys.argv[1:])
    about = {"date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", **machine(), "PostgreSQL": postgresql()}
    document.write_text(as_markdown(ABOUT[document.stem], results, about), encoding="utf-8")
    print(f"Written: {document}")


def postgresql() -> str:
    """The version of the server that the drills run on."""
    said = subprocess.run(
        [require_binaries() / "postgres", "--version"], check=True, capture_output=True, text=True
    )
    return said.stdout.rpartition(") ")[2].strip()


def read(results: Iterable[Path], *, by_file: bool) -> list[Line]:
    """The lines of junitxml files, in their order; by_file: of what tells nothing of itself one for each file."""
    found: dict[str, Line] = {}
    for case in (case for one in results for case in ElementTree.parse(one).iter("testcase")):
        told = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        result, where = _result(case), case.get("classname", "")
        others = f"`{where}`" if by_file else OTHERS
        what = told.get("what") or (others if result == HOLDS else f"`{where}.{case.get('name', '')}`")
        tried = int(told.get("tried") or 0) if told.get("what") else int(result != SKIPPED)
        line = found.setdefault(what, Line(what))
        line.add(tried, result, float(case.get("time", 0)), told.get("seed", ""), told.get("note", ""))
    return sorted(found.values(), key=lambda line: line.what == OTHERS)


def _result(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return FAILED
    return SKIPPED if case.find("skipped") is not None else HOLDS


def as_markdown(about: About, results: Sequence[Path], where: dict[str, str]) -> str:
    """The document, whole. where: what it ran on."""
    there = [one for one in results if one.exists()]
    lines = read(there, by_file=about.by_file)
    failed = [line.what for line in lines if line.result == FAILED]
    told = [f"# {about.title}", "", *paragraph(about.told), ""]
    if len(there) < len(results):
        told += ["**The run did not come to its end: results are missing.**", ""]
    if failed:
        told += [f"**Failed: {'; '.join(failed)}.**", ""]
    if lines:
        header = ("what", "tried", "result", "seconds", "seed")
        told += [*table(header, (line.cells for line in lines)), ""]
    return "\n".join([*told, "## Machine", "", *table(("", ""), where.items()), ""])


if __name__ == "__main__":
    main()
