"""On which day the codes of an answer have to hold: asked by the checks, and by the forms that offer codes."""

from __future__ import annotations

import datetime as dt

Days = list[tuple[dt.date, dt.date]]
"""Periods, first and last day included. A code is offered when it holds on some day of one of them."""


def day_of_out(slutdatum: dt.date | None, registered: dt.date) -> dt.date:
    """The day that an out-registration is about: the last one. A felregistrering has none, and is about the day that it
    was registered. An in-registration is about its startdatum.
    """
    return slutdatum or registered


def days_of_out(start: dt.date, *known: dt.date | None) -> Days:
    """Every day that `day_of_out` may give for somebody who began on `start`, while the last day is yet to be answered.

    known: days that are in question already: today, a last day that is stored. None is no day.
    """
    days = [day for day in known if day is not None]
    return [(start, max([start, *days])), *on(*days)]


def on(*days: dt.date | None) -> Days:
    """Single days; None is no day."""
    return [(day, day) for day in dict.fromkeys(days) if day is not None]
