"""What is not ours is what it says it is."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "finsam_site" / "ui" / "static" / "ui"
LISTED = dict(
    re.findall(r"^\| vendor/(\S+) \|.*\| ([0-9a-f]{64}) \|$", (STATIC / "VENDORED.md").read_text(), re.M)
)
SOURCE_MAP = b"\n/*# sourceMappingURL=bootstrap.min.css.map */"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_file_has_its_hash() -> None:
    found = {file.name: sha256(file.read_bytes()) for file in (STATIC / "vendor").iterdir()}
    assert found == LISTED


def test_bootstrap_is_the_published_one_but_for_the_last_line() -> None:
    content = (STATIC / "vendor" / "bootstrap.min.css").read_bytes()
    assert sha256(content + SOURCE_MAP) in (STATIC / "VENDORED.md").read_text()


def test_every_licence_is_kept() -> None:
    assert {name for name in LISTED if "LICENSE" in name} == {
        "bootstrap.LICENSE.txt",
        "htmx.LICENSE.txt",
        "source-sans-3.LICENSE.txt",
    }


def test_colours_are_only_in_the_tokens() -> None:
    """One file holds every colour, so that light and dark never part ways."""
    for file in STATIC.glob("*.css"):
        if file.name not in ("tokens.css", "print.css"):
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", file.read_text()), file.name
