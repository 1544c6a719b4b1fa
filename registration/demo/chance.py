"""Seeded chance that keeps its promises: decks, long tails and office hours."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from finsam_site.clock import STOCKHOLM

T = TypeVar("T")


class Deck(Generic[T]):
    """Cards dealt in random order and shuffled anew when all are gone: shares hold in any long run of draws."""

    def __init__(self, rng: random.Random, cards: Mapping[T, int]) -> None:
        self._rng = rng
        self._all = [value for value, number in cards.items() for _ in range(number)]
        self._left: list[T] = []

    def deal(self) -> T:
        if not self._left:
            self._left = self._rng.sample(self._all, len(self._all))
        return self._left.pop()


def weighted(rng: random.Random, weights: Mapping[T, float]) -> T:
    """One key, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def long_tail(rng: random.Random, median: float, sigma: float, *, most: int) -> int:
    """A whole number around `median` with a long tail (log-normal), at most `most`."""
    return min(most, round(rng.lognormvariate(math.log(median), sigma)))


def office_time(rng: random.Random, day: dt.date) -> dt.datetime:
    """A moment in office hours on `day`, or on the Monday after a weekend. Local time with its offset."""
    day += dt.timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
    seconds = rng.randrange(8 * 3600, 17 * 3600)
    at = dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    return dt.datetime.combine(day, at, tzinfo=STOCKHOLM)


def day_between(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    """A day from `first` to `last`, both included."""
    return first + dt.timedelta(days=rng.randrange((last - first).days + 1))


def code(rng: random.Random, alphabet: Sequence[str], length: int) -> str:
    """A code that is the same each time, unlike the ones the product makes."""
    return "".join(rng.choice(alphabet) for _ in range(length))
