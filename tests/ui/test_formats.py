"""Numbers, shares, days and times in Swedish."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from finsam_site.ui import formats


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"), (999, 0, "999"), (12400, 0, "12 400"), (1234567, 0, "1 234 567"), (-1200, 0, "−1 200"),
        (32.25, 1, "32,3"), (Decimal("0.05"), 1, "0,1"), (2.5, 0, "3"), (None, 0, "–"), (-0.4, 0, "0"),
        (-0.04, 1, "0,0"), (-0.0, 0, "0"), (-0.5, 0, "−1"), (-1234.56, 1, "−1 234,6"), (0.25, 1, "0,3"),
    ],
)  # fmt: skip
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert formats.number(value, decimals).replace("\u00a0", " ") == text


@pytest.mark.parametrize(("value", "text"), [(3, "+3"), (-3, "−3"), (0, "±0"), (None, "–")])
def test_change(value: int | None, text: str) -> None:
    assert formats.change(value) == text


def test_percent() -> None:
    assert formats.percent(32) == "32\u00a0%"


def test_days_and_times_are_those_of_stockholm() -> None:
    late = dt.datetime(2018, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert formats.day(late).replace("\u00a0", " ") == "1 januari 2019"
    assert formats.iso_day(late) == "2019-01-01"
    assert formats.moment(late).replace("\u00a0", " ") == "1 januari 2019 kl. 00.30"
    assert formats.day(dt.date(2019, 1, 16)).replace("\u00a0", " ") == "16 januari 2019"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 sekund"), (1, "1 sekund"), (7, "7 sekunder"), (17, "20 sekunder"), (55, "1 minut"), (61, "2 minuter"),
     (3600, "1 timme"), (4200, "1 timme och 10 minuter")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


def test_swedish_order() -> None:
    assert sorted(["Öland", "Åre", "zorn", "Älv", "Eda"], key=formats.sort_key) == [
        "Eda",
        "zorn",
        "Åre",
        "Älv",
        "Öland",
    ]
