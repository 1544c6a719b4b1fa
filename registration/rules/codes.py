"""Codes that people write down: the reference code of a samtycke, the id of a deltagande registered here."""

from __future__ import annotations

import secrets

# Without letters and digits that are mistaken for each other on paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

REFERENCE_LENGTH = 10
_GROUP = 5


def new_code(length: int = 10) -> str:
    """A random code; ten characters give 8 · 10^14 of them, so that a million collide once in a thousand registers."""
    number = secrets.randbelow(len(ALPHABET) ** length)
    letters = []
    for _ in range(length):
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)


def new_reference() -> str:
    """A new reference code of ten characters, the last of which checks the others (`check_holds`)."""
    return with_check(new_code(REFERENCE_LENGTH - 1))


def with_check(body: str) -> str:
    """Nine characters and the one that checks them."""
    return body + ALPHABET[-_weighed(body) * pow(REFERENCE_LENGTH, -1, len(ALPHABET)) % len(ALPHABET)]


def check_holds(code: str) -> bool:
    """True for a code that `with_check` can have given: the characters, weighed by their place, add up to nothing.

    There are 31 characters, a prime, so no wrong character and no two that changed places go unseen, as in ISBN-10.
    """
    return (
        len(code) == REFERENCE_LENGTH
        and all(one in ALPHABET for one in code)
        and _weighed(code) % len(ALPHABET) == 0
    )


def _weighed(code: str) -> int:
    return sum(place * ALPHABET.index(one) for place, one in enumerate(code, start=1))


def read_reference(text: str) -> str:
    """A code as it was typed or scanned, in the way that it is stored: capitals, without blanks and hyphens."""
    return "".join(text.upper().replace("-", "").split())


def reference_shown(code: str) -> str:
    """A code as it stands on paper and page: ten characters in two groups. Another system's is left as it is."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}" if check_holds(code) else code
