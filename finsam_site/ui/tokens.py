"""The colours of the light style sheet for what is no page: `tokens.css` is the one place where they stand."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "static" / "ui" / "tokens.css"
_COLOR = re.compile(r"--([a-z-]+): #([0-9a-f]{6});")


@cache
def _colors() -> dict[str, str]:
    light = _FILE.read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")[0]
    return {name: value.upper() for name, value in _COLOR.findall(light)}


def color(name: str) -> str:
    """The light colour of that token as RRGGBB. Raises KeyError for an unknown one."""
    return _colors()[name]
