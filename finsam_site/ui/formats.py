"""How numbers, shares, days and times are written in Swedish, the same on pages, in charts and in messages.

Thousands are parted by a thin no-break space, decimals by a comma, minus is the typographic one (LOOK, "Tables and
figures"). The space is U+00A0: in our typeface it is a fifth of an em, a thin space; Swedish locales use it, and a
spreadsheet reads a pasted number right (U+202F is missing in the typeface). Times are in Europe/Stockholm.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from finsam_site.clock import STOCKHOLM

NBSP = "\u00a0"
THOUSANDS = NBSP
MINUS = "\u2212"
MISSING = "–"
"""What stands where there is no value."""

MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip

Number = int | float | Decimal


def number(value: Number | None, decimals: int = 0) -> str:
    """`value` with `decimals` decimals, rounded half away from zero: 12400 gives "12 400", None gives "–"."""
    if value is None:
        return MISSING
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(exact):,.{decimals}f}".replace(",", THOUSANDS).replace(".", ",")
    return f"{MINUS}{text}" if exact < 0 else text


def percent(value: Number | None, decimals: int = 0) -> str:
    """A percentage that is already one: 32 gives "32 %" with a no-break space, None gives "–"."""
    return MISSING if value is None else f"{number(value, decimals)}{NBSP}%"


def change(value: Number | None, decimals: int = 0) -> str:
    """A difference with its sign: 3 gives "+3", -3 gives "−3", 0 gives "±0"."""
    if value is None:
        return MISSING
    text = number(value, decimals)
    if text.startswith(MINUS):
        return text
    return f"±{text}" if not text.strip("0,") else f"+{text}"


def day(value: dt.date | dt.datetime | None) -> str:
    """A day in words: "16 januari 2019"."""
    if value is None:
        return MISSING
    local = _local(value) if isinstance(value, dt.datetime) else value
    return f"{local.day}{NBSP}{MONTHS[local.month - 1]}{NBSP}{local.year}"


def iso_day(value: dt.date | dt.datetime | None) -> str:
    """A day in figures, for tables: "2019-01-16"."""
    if value is None:
        return MISSING
    local = _local(value) if isinstance(value, dt.datetime) else value
    return f"{local.year:04d}-{local.month:02d}-{local.day:02d}"


def clock(value: dt.datetime | dt.time | None) -> str:
    """A time of day: "09.05"."""
    if value is None:
        return MISSING
    local = _local(value) if isinstance(value, dt.datetime) else value
    return f"{local.hour:02d}.{local.minute:02d}"


def moment(value: dt.datetime | None) -> str:
    """A day and a time: "16 januari 2019 kl. 09.05"."""
    return MISSING if value is None else f"{day(value)} {at_clock(value)}"


def at_clock(value: dt.datetime) -> str:
    """A time beside a day that stands already: "kl. 09.05"."""
    return f"kl.{NBSP}{clock(value)}"


def duration(seconds: Number) -> str:
    """About how long, for somebody who waits: "20 sekunder", "3 minuter", "1 timme och 10 minuter".

    Under a minute it is rounded up to ten seconds (but below ten exact), above it up to whole minutes.
    """
    left = max(1, int(-(-float(seconds) // 1)))
    if left < 60:
        left = left if left < 10 else min(60, -(-left // 10) * 10)
    if left < 60:
        return f"{left} {plural(left, 'sekund', 'sekunder')}"
    minutes = -(-left // 60)
    if minutes < 60:
        return f"{minutes} {plural(minutes, 'minut', 'minuter')}"
    hours, rest = divmod(minutes, 60)
    text = f"{hours} {plural(hours, 'timme', 'timmar')}"
    return f"{text} och {rest} {plural(rest, 'minut', 'minuter')}" if rest else text


def plural(count: Number, one: str, many: str) -> str:
    """`one` for exactly 1, else `many`."""
    return one if count == 1 else many


def sentence(text: str) -> str:
    """`text` with its first letter as a capital and the rest untouched: "AF:s insats" stays so."""
    return text[:1].upper() + text[1:]


def sort_key(text: str) -> str:
    """What Swedish names are sorted by: å, ä, ö after z, whatever their case."""
    return text.casefold().translate(_SWEDISH)


_SWEDISH = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "é": "e", "ü": "y"})


def _local(value: dt.datetime) -> dt.datetime:
    return value if value.tzinfo is None else value.astimezone(STOCKHOLM)
