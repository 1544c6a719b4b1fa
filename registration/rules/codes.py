"""Codes that people write down: the reference code of a samtycke, the id of a deltagande registered here."""

from __future__ import annotations

import secrets

# Without letters and digits that are mistaken for each other on paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code(length: int = 10) -> str:
    """A random code; ten characters give 8 · 10^14 of them, so that a million collide once in a thousand registers."""
    number = secrets.randbelow(len(ALPHABET) ** length)
    letters = []
    for _ in range(length):
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)
