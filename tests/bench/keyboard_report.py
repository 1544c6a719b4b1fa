"""What `tests/browser/test_keyboard.py` counts, as a section of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .shape import paragraph, table

TITLE = "Registering in by keyboard"
SECONDS_A_KEY = 0.28
"""Card, Moran and Newell, The keystroke-level model (1980): an average typist who is no secretary."""
NAMES = {
    "plain": "today's pages with their helps taken off, everything typed",
    "unknown": "now, somebody whom nobody knows",
    "known": "now, somebody with an earlier deltagande in the own insatser",
}
THEN = "the form as it stood before the helps, everything typed"


@dataclass(frozen=True)
class Counted:
    """navigation: presses to move and to choose. typed: characters of answers. pages: the receipt included."""

    navigation: int
    typed: int
    pages: int

    @property
    def presses(self) -> int:
        return self.navigation + self.typed


AS_IT_STOOD = Counted(116, 50, 0)
"""The same script on the pages as they stood before the helps. It was counted then and cannot be counted again; of its
pages no number was kept."""


def lines(counted: Mapping[str, Counted]) -> list[str]:
    """The section. counted: by the names of `NAMES`."""
    measured = [(THEN, AS_IT_STOOD), *((label, counted[name]) for name, label in NAMES.items())]
    rows = [
        [
            label, str(one.navigation), str(one.typed),
            f"**{one.presses}** ({one.presses / AS_IT_STOOD.presses:.0%})", str(one.pages or "–"),
            f"{one.presses * SECONDS_A_KEY:.0f} s",
        ]
        for label, one in measured
    ]  # fmt: skip
    return [
        *paragraph(
            "The whole in-registration without a mouse, counted by `tests/browser/test_keyboard.py`, which holds the "
            "first and the last but one column of today's form to a ceiling: the same person with the same answers "
            "each time, from the first question to the page that says that it is done, by somebody who knows the form. "
            "Moving and choosing is Tab, the arrows (the shorter way round), Home, End, Space and Enter. The first row "
            "was counted on the form **as it stood before the helps**, and the shares are of it; it is kept as it was, "
            "since that form is gone. The second is counted each time, on the pages of today without the helps: no "
            "page opens with the focus at its question, the number tells nothing, nothing is offered, and every box of "
            "a question is a press of Tab. It is the dearer of the two because the pages have got more links above the "
            "form since: part of what the helps save there, they save of what the pages themselves have added."
        ),
        "",
        *table(
            ["", "to move and choose", "characters typed", "in all", "pages", f"at {SECONDS_A_KEY} s a key"], rows
        ),
        "",
        *paragraph(
            "**Nobody was timed.** The seconds are the keys alone, at the pace of an average typist (Card, Moran and "
            "Newell 1980): reading the paper, asking and reading back come to them."
        ),
    ]  # fmt: skip
