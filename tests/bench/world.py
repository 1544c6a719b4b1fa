"""The invented Sweden of the bench: förbund, kommuner, insatser, money and counts, of any size, from one seed.

Days are whole numbers counted from 1 January 2000. A missing value is -1.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

EPOCH = dt.date(2000, 1, 1)
NEVER = 10**6  # the day of an end that is not known
PERSON, VOLYM, STRUKTUR = 0, 1, 2  # the three ways of an insats
WAYS = (0.49, 0.03, 0.48)  # as in the sample register of 2018
INDIVID_KINDS = (
    "forebyggande",
    "kartlaggning",
    "forberedande",
    "rehab_arbete",
    "stod_arbete",
    "annan_individ",
)
STRUKTUR_KINDS = ("dialog", "utbildning", "kunskap", "metod", "samlokalisering", "annan_struktur")
KIND_SHARES = (0.08, 0.17, 0.25, 0.33, 0.12, 0.05)
GROUPS = ("langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning", "langtidsarbetslosa",
          "unga_utan_sysselsattning", "psykisk_ohalsa", "missbruk", "nyanlanda", "annan")  # fmt: skip
POSTS = ("stat", "kommun", "region", "kring", "personal")
KOMMUNER_CSV = Path(__file__).resolve().parents[2] / "registration" / "reference" / "kommuner.csv"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much to make. `insatser`: how many run on a day; about a quarter more touch a year.

    The register is known until 31 March after `last_year`.
    """

    deltaganden: int = 1_000_000
    years: int = 20
    last_year: int = 2024
    insatser: int = 880
    forbund: int = 83
    seed: int = 2018

    @property
    def first_year(self) -> int:
        return self.last_year - self.years + 1

    @property
    def first_day(self) -> int:
        return day_of(self.first_year, 1, 1)

    @property
    def known_until(self) -> int:
        """The last day on which anything was registered."""
        return day_of(self.last_year + 1, 3, 31)


def day_of(year: int, month: int, day: int) -> int:
    """The day as a number."""
    return (dt.date(year, month, day) - EPOCH).days


def year_of(days: Ints) -> Ints:
    """The calendar year of each day; -1 stays -1."""
    years: Ints = (np.datetime64(EPOCH, "D") + days).astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(days < 0, -1, years)


@dataclass(frozen=True, kw_only=True)
class Forbund:
    """One förbund. Days; `slut` is -1 while it exists; kommuner: (kommunkod, first day, last day or -1)."""

    start: int
    slut: int
    successor: int
    weight: float
    kommuner: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Insatser:
    """All insatser as columns. `slut` is NEVER where none is known. They stand in order of slot, then start.

    A slot is a place for one insats at a time: when it ends, the next one follows on the day after.
    """

    slot: Ints
    forbund: Ints
    way: Ints
    kind: Ints
    start: Ints
    slut: Ints
    esf: Ints
    groups: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.slot)


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything but the deltaganden. `slot_weight` and `slot_start` say how a slot draws people and from when."""

    size: Size
    forbund: tuple[Forbund, ...]
    insatser: Insatser
    slot_weight: npt.NDArray[np.float64]
    slot_start: Ints
    kommuner: tuple[str, ...]

    def insats_of(self, slots: Ints, days: Ints) -> Ints:
        """Which insats runs in the slot on the day; the slot must have begun."""
        keys = self.insatser.slot * NEVER + self.insatser.start
        found: Ints = np.searchsorted(keys, slots * NEVER + days, side="right") - 1
        return found

    def owners(self, insats: int) -> list[tuple[int, int, int]]:
        """(förbund, first day, last day or -1) of an insats: an absorbed förbund hands over what still runs."""
        rows, one, first = [], int(self.insatser.forbund[insats]), int(self.insatser.start[insats])
        while 0 <= self.forbund[one].slut < self.insatser.slut[insats]:
            rows.append((one, first, self.forbund[one].slut))
            one, first = self.forbund[one].successor, self.forbund[one].slut + 1
        return [*rows, (one, first, -1)]

    def years_of(self, insats: int) -> range:
        """The years of the register in which the insats ran."""
        first = max(int(self.insatser.start[insats]), self.size.first_day)
        last = min(int(self.insatser.slut[insats]), day_of(self.size.last_year, 12, 31))
        if last < first:
            return range(0)
        return range(
            *(int(year) + at for year, at in zip(year_of(np.array([first, last])), (0, 1), strict=True))
        )


def make_world(size: Size) -> World:
    """The same world for the same size, always."""
    rng = np.random.default_rng([size.seed, 1])
    with KOMMUNER_CSV.open(encoding="utf-8", newline="") as file:
        kommuner = [row["kommunkod"] for row in csv.DictReader(file)]
    kommuner = [kommuner[at] for at in rng.permutation(len(kommuner))]
    forbund = _make_forbund(size, rng, kommuner)
    count = max(size.insatser, len(forbund))
    shares = np.array([one.weight for one in forbund])
    home = np.concatenate(
        [np.arange(len(forbund)), rng.choice(len(forbund), count - len(forbund), p=shares / shares.sum())]
    )
    way = rng.choice(3, count, p=WAYS)
    way[: len(forbund)] = PERSON  # every förbund works with people
    weight = np.where(way == PERSON, rng.lognormal(0.0, 0.9, count), 0.0)
    rows = [
        (slot, _owner(forbund, int(home[slot]), start), int(way[slot]), start, slut)
        for slot in range(count)
        for start, slut in _chain(size, rng, forbund[home[slot]].start)
    ]
    slots, homes, ways, starts, sluts = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    total = len(rows)
    insatser = Insatser(
        slot=slots,
        forbund=homes,
        way=ways,
        kind=rng.choice(6, total, p=KIND_SHARES),
        start=starts,
        slut=sluts,
        esf=(rng.random(total) < 0.06).astype(np.int64),
        groups=tuple(
            tuple(sorted(rng.choice(GROUPS, int(number), replace=False).tolist()))
            for number in rng.choice(4, total, p=(0.3, 0.4, 0.2, 0.1))
        ),
    )
    slot_start = starts[np.searchsorted(slots, np.arange(count))]
    return World(
        size=size,
        forbund=forbund,
        insatser=insatser,
        slot_weight=weight,
        slot_start=slot_start,
        kommuner=tuple(kommuner),
    )


def _make_forbund(size: Size, rng: np.random.Generator, kommuner: list[str]) -> tuple[Forbund, ...]:
    """Very different in weight; nine of ten kommuner belong; in a long register some are absorbed by others."""
    absorbed = min(3, size.years // 5)
    count = size.forbund + absorbed
    weight = rng.lognormal(0.0, 0.9, count)
    early = rng.random(count) < 0.7
    start = size.first_day - rng.integers(0, 360, count)
    later = size.first_day + rng.integers(0, max(1, size.years * 365 // 3), count)
    start = np.where(early | (np.arange(count) < absorbed) | (np.arange(count) >= size.forbund), start, later)
    start = np.maximum(start, day_of(2004, 1, 1))
    share = weight[: size.forbund] / weight[: size.forbund].sum()
    joined = kommuner[: len(kommuner) * 9 // 10]
    home = np.concatenate([np.arange(size.forbund), rng.choice(size.forbund, len(joined), p=share)])[
        : len(joined)
    ]
    members: list[list[tuple[str, int, int]]] = [[] for _ in range(count)]
    for kommun, at in zip(joined, home, strict=True):
        members[at].append((kommun, int(start[at]), -1))
    slut = np.full(count, -1)
    for number in range(absorbed):
        at = size.forbund + number
        slut[at] = day_of(size.first_year + (number + 1) * size.years // (absorbed + 1), 12, 31)
        for kommun in kommuner[len(joined) + 2 * number : len(joined) + 2 * number + 2]:
            members[at].append((kommun, int(start[at]), int(slut[at])))
            members[number].append((kommun, int(slut[at]) + 1, -1))
    return tuple(
        Forbund(
            start=int(start[at]),
            slut=int(slut[at]),
            successor=at - size.forbund if at >= size.forbund else -1,
            weight=float(weight[at]),
            kommuner=tuple(members[at]),
        )
        for at in range(count)
    )


def _owner(forbund: tuple[Forbund, ...], at: int, on: int) -> int:
    """The förbund that has the places of förbund `at` on a day: its successor once it is absorbed."""
    while 0 <= forbund[at].slut < on:
        at = forbund[at].successor
    return at


def _chain(size: Size, rng: np.random.Generator, start: int) -> list[tuple[int, int]]:
    """The insatser of one slot, one after the other until the register ends: (start, slut or NEVER)."""
    found = []
    share = rng.random()  # the first of them began before we look
    while start <= size.known_until:
        length = max(120, int(rng.lognormal(7.1, 0.7) * share))
        slut = start + length - 1
        ended = slut < size.known_until or rng.random() < 0.4
        found.append((start, slut if ended else NEVER))
        start, share = slut + 1, 1.0
    return found
