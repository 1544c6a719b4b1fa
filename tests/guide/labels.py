"""Every text that the product can show: what the guide may call a button, a link, a question or a status.

Collected from the source, so that a renamed button is seen where the guide still has its old name: strings of the
Python code, text of the templates, strings of our scripts, and the labels of the code lists.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from finsam_site.ui.formats import sentence

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("finsam_site", "registration", "reporting")
HOLE = "\0"
FEWEST_LETTERS = 6
"""A pattern with fewer letters of its own ("{} för {}") would take nearly anything."""


@cache
def _shown() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """(whole texts, patterns of texts with something filled in)."""
    found = {" ".join(one.split()) for one in (*_python(), *_templates(), *_scripts(), *_codes())}
    patterns = (one for one in found if HOLE in one and sum(map(str.isalpha, one)) >= FEWEST_LETTERS)
    whole = frozenset(one for one in found if HOLE not in one)
    return whole, tuple(re.compile(".+".join(map(re.escape, one.split(HOLE)))) for one in patterns)


def is_shown(text: str) -> bool:
    """Whether somewhere in the product stands just that text, or one that becomes it when something is filled in."""
    whole, patterns = _shown()
    return text in whole or any(one.fullmatch(text) for one in patterns)


def _python() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.JoinedStr):
                    parts = (one.value if isinstance(one, ast.Constant) else HOLE for one in node.values)
                    yield "".join(map(str, parts))


def _templates() -> Iterator[str]:
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|<[^>]*>", "\n", path.read_text(encoding="utf-8"), flags=re.S)
        yield from re.sub(r"\{\{.*?\}\}", HOLE, text).splitlines()


def _scripts() -> Iterator[str]:
    for path in (ROOT / "finsam_site" / "ui" / "static" / "ui").glob("*.js"):
        yield from re.findall(r'"([^"\n]*)"', path.read_text(encoding="utf-8"))


def _codes() -> Iterator[str]:
    with (ROOT / "registration" / "reference" / "kodlistor.csv").open(encoding="utf-8") as file:
        yield from (sentence(row["etikett"]) for row in csv.DictReader(file, delimiter=";"))
