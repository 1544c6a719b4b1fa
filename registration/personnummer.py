"""Personnummer and samordningsnummer: reading, checking, warning. Pure Python, no Django.

Sources: folkbokföringslagen (1991:481) 18 § (personnummer; the hyphen becomes a plus sign in the year the
person turns 100), lagen (2022:1697) om samordningsnummer (day plus 60), and Skatteverket's list of test
numbers, which also has samordningsnummer with month 00 or day 60: the birth date, or a part of it, is then
not known.

What this module promises:

* The canonical form is twelve ASCII digits, `ÅÅÅÅMMDDNNNK`, and nothing else is stored or hashed.
* No text of an error or a warning, and no `repr`, contains the number or a part of it. Errors may be logged;
  a warning tells the age, so it is for the form only.
* The check digit covers the last ten digits and finds every single wrong digit among them. It does not cover
  the century: 18 written for 19 is found by `refuse_in_production` (1800-1889) or shown by the age warning
  (1890-1899).
* A number is not proof of anything: the date in it may differ from the true birth date, and a new number may
  be given to the same person. Age and kön are read from it for statistics and warnings only.
"""

from __future__ import annotations

import calendar
import csv
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["personnummer", "samordningsnummer"]
Kon = Literal["K", "M"]

# Birth years of numbers that benches compute at run time. No living person has one, the official list starts
# in 1890.
COMPUTED_YEARS = range(1800, 1890)

# QUALITY §1: ages at start, in whole years. Outside them we warn and never refuse.
YOUNGEST, OLDEST = 16, 74

# Skatteverket's test numbers, verbatim: header `nummer,slag`. They belong to nobody.
TEST_LIST = Path(__file__).parent / "reference" / "testpersonnummer.csv"

# Twelve digits, a separator and stray blanks fit with room to spare; longer text is refused before any work
# is done.
_LONGEST_TEXT = 40

# Characters that people's keyboards and word processors put for a hyphen but that are not in the category Pd:
# soft hyphen, modifier minus, hyphen bullet, minus sign.
_HYPHEN_LIKE = "\u00ad\u02d7\u2043\u2212"

_NUMBER = re.compile(r"(?P<century>[0-9]{2})?(?P<date>[0-9]{6})(?P<separator>[-+])?(?P<last>[0-9]{4})")
# T-nummer have a letter for the first digit after the date, TF-nummer the letters TF; care registers use
# others.
_TEMPORARY = re.compile(r"(?:[0-9]{2})?[0-9]{6}[-+]?[A-Za-z][A-Za-z0-9][0-9]{2}")

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""A digit times two, the digits of that added."""

_TEXTS = {
    "form": (
        "Numret går inte att läsa. Skriv ett personnummer eller samordningsnummer med 12 siffror, "
        "ÅÅÅÅMMDD-NNNN, eller med 10 siffror, ÅÅMMDD-NNNN."
    ),
    "tillfalligt_nummer": (
        "Det här är ett tillfälligt nummer med bokstäver och kan inte registreras. "
        "Skriv personens personnummer eller samordningsnummer, eller registrera personen anonymt."
    ),
    "arhundrade": (
        "Födelseåret ligger för långt tillbaka i tiden. Skriv födelseåret med fyra siffror, ÅÅÅÅMMDD-NNNN. "
        "Plustecken används först det år då personen fyller hundra år."
    ),
    "lopnummer": (
        "Numret kan inte vara rätt: de tre siffrorna efter datumet är nollor. "
        "Kontrollera de fyra sista siffrorna."
    ),
    "datum": (
        "Datumet i numret finns inte. Kontrollera år, månad och dag. "
        "I ett samordningsnummer är dagen ökad med 60."
    ),
    "framtid": "Datumet i numret ligger i framtiden. Kontrollera födelseåret.",
    "kontrollsiffra": (
        "Någon siffra i numret är fel: kontrollsiffran stämmer inte. "
        "Jämför numret med underlaget, siffra för siffra."
    ),
    "testnummer": (
        "Det här är ett testnummer och tillhör ingen person. "
        "Kontrollera födelseåret och skriv personens riktiga nummer."
    ),
}


class NummerFel(ValueError):
    """A text that is not a usable number, or a number that may not be used here.

    `code` is short, ASCII and stable (a key of `_TEXTS`); `text`, the same as `str(error)`, says in Swedish
    what is wrong and what to do. Neither holds the number, nor does the error carry another error that could.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = _TEXTS[code]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, repr=False)
class Nummer:
    """One number that passed every check of `parse`, the only one who makes them.

    Two are equal when their digits are, however and whenever they were written. `repr` and `str` show the
    kind only: a log line or an error page with a `Nummer` in it tells nothing about the person.
    """

    digits: str
    """Twelve ASCII digits, the canonical form."""
    kind: Kind = field(compare=False)
    kon: Kon = field(compare=False)
    """`K` or `M`: the last digit but one is even for women and odd for men."""
    birth_year: int = field(compare=False)
    birth_date: date | None = field(compare=False)
    """None when month is 00 or day is 60 in a samordningsnummer: the date, or a part of it, is unknown."""
    checked: date = field(compare=False)
    """The day that the century and "not in the future" were judged by."""
    ten_digits: bool = field(compare=False, default=False)
    """The text had ten digits, so that the century is our conclusion and not what somebody wrote."""

    def __repr__(self) -> str:
        return f"<Nummer: {self.kind}>"

    __str__ = __repr__

    @property
    def formatted(self) -> str:
        """The number as people read it, `ÅÅÅÅMMDD-NNNN`: only for the logged click that shows it whole."""
        return f"{self.digits[:8]}-{self.digits[8:]}"

    @property
    def maybe_telephone(self) -> bool:
        """True when ten digits beginning 07 were written: a mobile number can pass every check."""
        return self.ten_digits and self.digits[2:4] == "07"

    def age(self, on: date) -> int:
        """Whole years on the day `on`; negative before birth.

        Born on 29 February: a year older on 28 February in other years (lag 1930:173 2 §). With an unknown
        birth date: the age turned during the year of `on`, the same as the age at the year's end that the
        tables use.
        """
        years = on.year - self.birth_year
        if self.birth_date is None:
            return years
        month, day = self.birth_date.month, self.birth_date.day
        if (month, day) == (2, 29) and not calendar.isleap(on.year):
            day = 28
        return years - ((on.month, on.day) < (month, day))

    def warnings(self, start: date) -> tuple[str, ...]:
        """Swedish texts to show beside the field, for a deltagande that begins on `start`; often none.

        Warnings never refuse (QUALITY §1): an age outside 16-74 at start, and ten digits that may be a
        telephone number. No text holds a part of the number.
        """
        texts = []
        if self.maybe_telephone:
            texts.append(
                "Numret har tio siffror och börjar med 07. Kontrollera att det inte är ett telefonnummer. "
                "Skriv gärna födelseåret med fyra siffror."
            )
        age = self.age(start)
        if age < 0:
            texts.append(
                "Personen är inte född på startdagen enligt numret. Kontrollera numret och startdatumet."
            )
        elif not YOUNGEST <= age <= OLDEST:
            when = (
                "vid start" if self.birth_date else "det år deltagandet startar (födelsedatumet är inte känt)"
            )
            texts.append(
                f"Personen är {age} år {when}. Deltagare är i regel {YOUNGEST}–{OLDEST} år. "
                "Kontrollera numret och startdatumet."
            )
        if age < YOUNGEST and self.ten_digits:
            texts.append("Är personen född ett tidigare århundrade? Skriv födelseåret med fyra siffror.")
        return tuple(texts)


def parse(text: str, *, today: date) -> Nummer:
    """The number that `text` spells, or `NummerFel`.

    Takes ten or twelve digits, with or without `-` or `+` before the last four and with blanks around;
    full-width digits and the hyphens of word processors are folded to ASCII (NFKC). `today` (the date in
    Sweden) decides the century of ten digits and what lies in the future:

    * without separator or with `-`: the newest year that is not in the future, so at most the year that is
      turning 100. A date later this year therefore belongs to the century before;
    * with `+`: the newest year that turns 100 or more this year. Before 1890 it is refused, nobody is that
      old;
    * twelve digits say the century themselves and `-` and `+` mean the same there.

    Raises `NummerFel` with one of the codes `form`, `tillfalligt_nummer`, `arhundrade`, `lopnummer` (serial
    000), `datum`, `framtid`, `kontrollsiffra`, looked for in that order; `TypeError` for anything but `str`,
    since a number that a spreadsheet turned into a float is the importer's matter. Birth years 1800-1889 pass
    here (benches use them) and are refused by `refuse_in_production`. Sources: QUALITY §1 and the head of
    this module.
    """
    if not isinstance(text, str):
        raise TypeError(f"parse takes str, not {type(text).__name__}")
    plain = _to_ascii(text)
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise NummerFel("tillfalligt_nummer" if _TEMPORARY.fullmatch(plain) else "form")

    month, day = int(match["date"][2:4]), int(match["date"][4:6])
    coordination = day >= 60
    if coordination:
        day -= 60
    if match["century"]:
        year = int(match["century"] + match["date"][:2])
    else:
        year = _year_of_ten(int(match["date"][:2]), month, day, plus=match["separator"] == "+", today=today)

    if year < COMPUTED_YEARS.start:
        raise NummerFel("arhundrade")
    if match["last"].startswith("000"):
        raise NummerFel("lopnummer")
    birth_date = _birth_date(year, month, day, coordination=coordination)
    if _is_future(year, month, day, today):
        raise NummerFel("framtid")
    ten = match["date"] + match["last"]
    if check_digit(ten[:9]) != int(ten[9]):
        raise NummerFel("kontrollsiffra")
    return Nummer(
        digits=f"{year:04d}{ten[2:]}",
        kind="samordningsnummer" if coordination else "personnummer",
        kon="M" if int(ten[8]) % 2 else "K",
        birth_year=year,
        birth_date=birth_date,
        checked=today,
        ten_digits=match["century"] is None,
    )


def check_digit(nine: str) -> int:
    """The tenth digit for the nine before it, `ÅÅMMDDNNN` (Luhn, modulus 10; folkbokföringslagen 18 §)."""
    total = sum(map(int, nine[1::2])) + sum(_DOUBLED[int(digit)] for digit in nine[::2])
    return -total % 10


def is_test_number(digits: str) -> bool:
    """True when the twelve digits are on Skatteverket's list; it is read once, at first need."""
    return digits in listed_numbers()


def is_computed_number(digits: str) -> bool:
    """True when the twelve digits have a birth year 1800-1889: made by a bench, nobody's number."""
    return len(digits) == 12 and digits.isascii() and digits.isdigit() and int(digits[:4]) in COMPUTED_YEARS


def refuse_in_production(nummer: Nummer, *, allow_listed: bool = False) -> None:
    """Raises `NummerFel` (`testnummer`) for numbers that belong to nobody (QUALITY §1, test data).

    Computed numbers (1800-1889) are always refused. Numbers of the official test list are refused too, unless
    `allow_listed`: an installation for trying out and training, run with production's settings, needs them.
    """
    if is_computed_number(nummer.digits) or (not allow_listed and is_test_number(nummer.digits)):
        raise NummerFel("testnummer")


@cache
def listed_numbers() -> dict[str, Kind]:
    """The shipped list, twelve digits to kind, in the order of the file. Shared: do not change it."""
    with TEST_LIST.open(encoding="ascii", newline="") as lines:
        return {row["nummer"]: _KINDS[row["slag"]] for row in csv.DictReader(lines)}


_KINDS: dict[str, Kind] = {"personnummer": "personnummer", "samordningsnummer": "samordningsnummer"}


def _to_ascii(text: str) -> str:
    """`text` without blanks around, NFKC, every hyphen as `-`; the pattern refuses what is still odd."""
    bare = _strip(text)
    if len(bare) > _LONGEST_TEXT:
        raise NummerFel("form")
    if bare.isascii():
        return bare
    folded = _strip(unicodedata.normalize("NFKC", bare))
    return "".join("-" if c in _HYPHEN_LIKE or unicodedata.category(c) == "Pd" else c for c in folded)


def _strip(text: str) -> str:
    """`text` without blanks and invisible marks at the ends (zero width spaces come with a paste)."""
    if text.isascii():
        return text.strip()
    first, last = 0, len(text)
    while first < last and _is_blank(text[first]):
        first += 1
    while last > first and _is_blank(text[last - 1]):
        last -= 1
    return text[first:last]


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _year_of_ten(two_digits: int, month: int, day: int, *, plus: bool, today: date) -> int:
    """The full year of a ten digit number; the rule is told in `parse`. Raises `NummerFel` (`arhundrade`)."""
    newest = today.year - (today.year - two_digits) % 100
    if plus:
        if newest - 100 < COMPUTED_YEARS.stop:
            raise NummerFel("arhundrade")
        return newest - 100
    return newest - 100 if _is_future(newest, month, day, today) else newest


def _is_future(year: int, month: int, day: int, today: date) -> bool:
    """True when the date lies after today. Unknown parts are 0, so they count as early as possible."""
    return (year, month, day) > (today.year, today.month, today.day)


def _birth_date(year: int, month: int, day: int, *, coordination: bool) -> date | None:
    """The birth date, None when a samordningsnummer leaves month or day out. Raises `NummerFel` (`datum`).

    `day` has its 60 taken away. Only a samordningsnummer may have 0 for month or day, and a known day is then
    still at most 31.
    """
    unknown = month == 0 or day == 0
    if unknown:
        if coordination and month <= 12 and day <= 31:
            return None
        raise NummerFel("datum")
    try:
        return date(year, month, day)
    except ValueError:
        pass
    raise NummerFel("datum")
