"""What `tests/browser/test_keyboard.py` counts, as a section of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .shape import paragraph, table

TITLE = "Registering in by keyboard"
SECONDS_A_KEY = 0.28
"""Card, Moran and Newell, The keystroke-level model (1980): an average typist who is no secretary."""
NAMES = {
    "plain": "the plain form of before, everything typed",
    "unknown": "now, somebody whom nobody knows",
    "known": "now, somebody with an earlier deltagande in the own insatser",
}


@dataclass(frozen=True)
class Counted:
    """navigation: presses to move and to choose. typed: characters of answers. pages: the receipt included."""

    navigation: int
    typed: int
    pages: int

    @property
    def presses(self) -> int:
        return self.navigation + self.typed


def lines(counted: Mapping[str, Counted]) -> list[str]:
    """The section. counted: by the names of `NAMES`."""
    before = counted["plain"]
    rows = [
        [
            label, str(one.navigation), str(one.typed), f"**{one.presses}** ({one.presses / before.presses:.0%})",
            str(one.pages), f"{one.presses * SECONDS_A_KEY:.0f} s",
        ]
        for label, one in ((label, counted[name]) for name, label in NAMES.items())
    ]  # fmt: skip
    return [
        *paragraph(
            "The whole in-registration without a mouse, counted by `tests/browser/test_keyboard.py`, which holds the "
            "first and the last but one column to a ceiling: the same person with the same answers each time, from the "
            "first question to the page that says that it is done, by somebody who knows the form. Moving and choosing "
            "is Tab, the arrows (the shorter way round), Home, End, Space and Enter. **The plain form of before** is "
            "the same pages without the helps: no page opens with the focus at its question, the number tells nothing, "
            "nothing is offered, and every box of a question is a press of Tab. On the pages as they stood before the "
            "helps, which had fewer links above the form, the same script counted 116 presses to move and choose."
        ),
        "",
        *table(
            ["", "to move and choose", "characters typed", "in all", "pages", f"at {SECONDS_A_KEY} s a key"], rows
        ),
        "",
        *paragraph(
            "The seconds are the keys alone, at the pace of an average typist (Card, Moran and Newell 1980): reading "
            "the paper, asking and reading back come to them, and nobody has been timed."
        ),
    ]  # fmt: skip
