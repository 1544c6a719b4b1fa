"""Numbers for tests. Files hold only numbers of Skatteverket's list of test numbers (QUALITY §1), so tests
take them from here by index and never write one down. Benches that need millions compute them at run time and
store none.

The functions are named for what they give; import the module (`from tests import numbers`) rather than the
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product

from registration.personnummer import COMPUTED_YEARS, Kind, Kon, check_digit, listed_numbers

YEARS_OF_LIST = (1890, 2023)
WORKING_AGE = (1960, 2005)


def test_numbers(kind: Kind | None = None) -> tuple[str, ...]:
    """Every number of the shipped list, twelve digits, in its order; only those of `kind` when given."""
    return tuple(number for number, its_kind in listed_numbers().items() if kind in (None, its_kind))


test_numbers.__test__ = False  # type: ignore[attr-defined]  # a helper, whatever its name tells pytest


def pick(
    index: int = 0,
    *,
    born: tuple[int, int] = WORKING_AGE,
    kon: Kon | None = None,
    kind: Kind | None = "personnummer",
) -> str:
    """The number at `index` among those of these birth years (both included), kön and kind; always the same
    one.

    Raises `IndexError` when there are not so many: the list is thin for 1970-1989.
    """
    return _choice(born, kon, kind)[index]


def pick_many(
    count: int,
    *,
    born: tuple[int, int] = WORKING_AGE,
    kon: Kon | None = None,
    kind: Kind | None = "personnummer",
) -> tuple[str, ...]:
    """The first `count` numbers that `pick` would give. Raises `IndexError` when there are not so many."""
    choice = _choice(born, kon, kind)
    if count > len(choice):
        raise IndexError(f"{count} numbers asked for, the list has {len(choice)}")
    return choice[:count]


def spellings(digits: str, *, today: date) -> Iterator[str]:
    """Every spelling of the twelve digits that `parse` reads as them on the day `today`.

    Twelve digits with each separator; ten digits too, when the century can be told from them: with a plus
    sign from the year the person turns 100, and with a hyphen or nothing before that.
    """
    plus = today.year - int(digits[:4]) >= 100
    bodies = [f"{digits[:8]}{separator}{digits[8:]}" for separator in ("", "-", "+")]
    bodies += [f"{digits[2:8]}{separator}{digits[8:]}" for separator in (("+",) if plus else ("", "-"))]
    for body, (before, after) in product(bodies, [("", ""), (" ", "\t"), ("\u200b", "\u00a0")]):
        yield before + body + after
    full_width = str.maketrans("0123456789+-", "０１２３４５６７８９＋－")
    for body in bodies:
        yield body.translate(full_width)
        for hyphen in "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d":
            if "-" in body:
                yield body.replace("-", hyphen)


def compute_number(birth: date, serial: int, coordination: bool = False) -> str:
    """Twelve digits with a right check digit for a birth year 1800-1889, where nobody alive has a number.

    `serial` is 1-999, odd for men and even for women; `coordination` makes a samordningsnummer. Raises
    `ValueError` for other years and serials: a number computed for a later year could be somebody's.
    """
    if birth.year not in COMPUTED_YEARS:
        raise ValueError("numbers are only computed for birth years 1800-1889")
    if not 1 <= serial <= 999:
        raise ValueError("the serial is 1-999")
    nine = f"{birth.year % 100:02d}{birth.month:02d}{birth.day + 60 * coordination:02d}{serial:03d}"
    return f"{birth.year // 100}{nine}{check_digit(nine)}"


@cache
def _choice(born: tuple[int, int], kon: Kon | None, kind: Kind | None) -> tuple[str, ...]:
    first, last = born
    return tuple(
        number
        for number in test_numbers(kind)
        if first <= int(number[:4]) <= last and kon in (None, "M" if int(number[10]) % 2 else "K")
    )
