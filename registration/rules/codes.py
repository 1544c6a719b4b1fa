"""Codes that people write down: the reference code of a samtycke, the id of a deltagande registered here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container

# Without letters and digits that are mistaken for each other on paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

REFERENCE_LENGTH = 10
_GROUP = 5
_BETWEEN = re.compile(r"[,;]")


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


def foreign_characters(code: str) -> list[str]:
    """The characters of a code that none of ours has, each once, in their order."""
    return list(dict.fromkeys(one for one in code if one not in ALPHABET))


def codes_in(line: str, known: Container[str] = ()) -> list[str]:
    """The codes of a line, each as it is written there: commas, semicolons and blanks part them.

    Ours may have blanks within, as hyphens ("HQY6C AHPR2"): words that make no more than one code together are one.
    known: codes of the register as they stand there. Another system's may hold anything, and is told by being known.
    """

    def is_known(text: str) -> bool:
        return text in known or read_reference(text) in known

    found: list[str] = []
    for part in [line] if is_known(line.strip()) else _BETWEEN.split(line):
        if is_known(part.strip()):
            found.append(part.strip())
            continue
        together, length = list[str](), 0
        for word in part.split():
            more = len(read_reference(word))
            if is_known(word) or length + more > REFERENCE_LENGTH:
                found.append(" ".join(together))
                together, length = [], 0
            together.append(word)
            length += more
            if is_known(word):
                found.append(word)
                together, length = [], 0
        found.append(" ".join(together))
    return [one for one in found if read_reference(one)]


def may_stand_for(line: str) -> set[str]:
    """All that could be a code of the register in a line, whatever parts it: what `codes_in` asks of `known`."""
    parts = [one.strip() for one in [line, *_BETWEEN.split(line)]]
    texts = {*parts, *line.split(), *(word for part in parts for word in part.split()), *codes_in(line)}
    return {*texts, *map(read_reference, texts)}


def reference_shown(code: str) -> str:
    """A code as it stands on paper and page: ten characters in two groups. Another system's is left as it is."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}" if check_holds(code) else code
