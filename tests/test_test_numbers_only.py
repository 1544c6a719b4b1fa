"""Only Skatteverket's test numbers stand anywhere in the repository (QUALITY §1, test data).

What is looked for: ten or twelve digits that are a valid personnummer or samordningsnummer (a real date or one of a
samordningsnummer, serial not 000, right check digit), written together or with `-` or `+` before the last four, and
with no letter, digit, `.` or `_` directly around them. So hashes, versions, identifiers and longer numbers are no
hits, while a number in a sentence, a cell, a quoted string or a URL is. Also looked into: zip files and workbooks, and
file names. Ten digits are held against the list by their last ten digits.

Numbers computed for birth years 1800–1889 are nobody's, but are not to be stored either: they are hits too.
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from registration.personnummer import NummerFel, listed_numbers, parse
from tests import numbers

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(
    2026, 6, 15
)  # ten digits: the century does not matter, but the day must be the same on every run

NUMBER = re.compile(
    r"(?<![0-9A-Za-zÅÄÖåäö_.])(?P<century>1[89]|20)?(?P<date>[0-9]{6})[-+\u2010-\u2015\u2212]?(?P<last>[0-9]{4})"
    r"(?![0-9A-Za-zÅÄÖåäö_]|\.[0-9])"
)
_LONGEST_FILE = (
    64 * 1024 * 1024
)  # bytes, unpacked; a larger file in the repository would be a fault of its own


@cache
def listed() -> frozenset[str]:
    """The list in twelve digits and in ten."""
    return frozenset(listed_numbers()) | {number[2:] for number in listed_numbers()}


def foreign_numbers(text: str) -> Iterator[str]:
    """Every valid number in the text that is not of the list, as digits."""
    for match in NUMBER.finditer(text):
        digits = (match["century"] or "") + match["date"] + match["last"]
        if digits not in listed() and is_number(digits):
            yield digits


def is_number(digits: str) -> bool:
    """True for what the parser of the product accepts, in one century or another."""
    for century in ("",) if len(digits) == 12 else ("19", "20"):
        try:
            parse(century + digits, today=TODAY)
        except NummerFel:
            continue
        return True
    return False


def repository_files() -> list[Path]:
    """What git has, and what it would take: tracked files and new ones that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in sorted(set(listing.decode().split("\0"))) if name]
    return [path for path in files if path.is_file() and not path.is_symlink()]


def texts(name: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """(place, text) of a file and of all that is packed in it."""
    assert len(raw) <= _LONGEST_FILE, f"{name} is too large to look through"
    yield name, name
    if raw.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield from texts(f"{name}!{member.filename}", archive.read(member))
        return
    yield name, raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")


def test_only_listed_numbers_stand_in_the_repository() -> None:
    """Not one number of anybody who could be alive, in no tracked or new file (the find is told by place only)."""
    places = {
        f"{place}: {len(hits)}"
        for path in repository_files()
        for place, text in texts(str(path.relative_to(ROOT)), path.read_bytes())
        if (hits := list(foreign_numbers(text)))
    }
    assert places == set()


def test_the_search_reads_the_repository() -> None:
    """It sees the shipped list, this file, and what is packed."""
    files = {str(path.relative_to(ROOT)) for path in repository_files()}
    assert {"registration/reference/testpersonnummer.csv", "tests/test_test_numbers_only.py"} <= files
    raw = (ROOT / "registration/reference/testpersonnummer.csv").read_text("ascii")
    found = {digits for match in NUMBER.finditer(raw) if (digits := "".join(filter(str.isdigit, match[0])))}
    assert set(listed_numbers()) <= found


def unlisted() -> str:
    """Twelve digits that are valid and not of the list; made here, stored nowhere."""
    return numbers.compute_number(date(1850, 5, 5), 12)


@pytest.mark.parametrize(
    "wrap",
    [
        "{0}",
        "nummer: {0}",
        '"{0}"',
        "{0};Anna;",
        "/person/{0}/",
        "({0}), och sedan",
        "Hon har {0}.",
        "person={0}&x=1",
        "\n{0}\r\n",
        "x-{0}",
    ],
)
def test_a_number_that_is_not_of_the_list_is_found(wrap: str) -> None:
    """However it is written: the search can fail."""
    digits = unlisted()
    for spelling in (digits, f"{digits[:8]}-{digits[8:]}", f"{digits[:8]}+{digits[8:]}"):
        assert list(foreign_numbers(wrap.format(spelling))) == [digits]


def test_ten_digits_are_found_too() -> None:
    """With a hyphen or without, where no listed number has the same ten."""
    for serial in range(1, 999):
        ten = numbers.compute_number(date(1850, 5, 5), serial)[2:]
        if ten not in listed():
            break
    for spelling in (ten, f"{ten[:6]}-{ten[6:]}"):
        assert list(foreign_numbers(f"nr {spelling} här")) == [ten]


def test_a_number_in_a_packed_file_is_found() -> None:
    """In a zip within a zip, by name as well as by content."""
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", f"x;{unlisted()};y")
        archive.writestr(f"{unlisted()}.txt", "")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    hits = [place for place, text in texts("f.zip", outer.getvalue()) if list(foreign_numbers(text))]
    assert hits == ["f.zip!inner.zip!a.csv", f"f.zip!inner.zip!{unlisted()}.txt"]


def test_what_only_looks_like_a_number_is_no_hit() -> None:
    """Listed numbers, wrong digits, hashes, versions, identifiers, longer numbers, and dates with times."""
    listed_one, digits = numbers.pick(0), unlisted()
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    for text in (
        listed_one,
        listed_one[2:],
        f"{listed_one[:8]}-{listed_one[8:]}",
        wrong,
        f"a{digits}",
        f"{digits}f",
        f"0{digits}",
        f"{digits}7",
        f"1.{digits}",
        f"{digits}.5",
        f"id_{digits}",
    ):
        assert list(foreign_numbers(text)) == []
