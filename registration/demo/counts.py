"""Numbers without persons: anonyma, volym and money of the demo, as plain values."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from .chance import day_between, office_time
from .plan import Plan, overlapping
from .world import FORBUND, INSATSER, MERGER, NUMBER_INSATSER, PERSON_INSATSER, InsatsSpec, Period

ANONYMOUS = 0.78
"""Anonyma per deltagande with personal data: about 40 % of all who take part, as the country had in 2018."""
QUARTERS = ((3, 31, 0.35), (6, 30, 0.6), (9, 30, 0.85))
KRONOR_PER_START, KRONOR_AT_LEAST, KRONOR_PER_HEAD = 150_000, 180_000, 2_500
"""What an insats costs in a year: by its weight, or a sum and something for each head where only numbers count."""


@dataclass(frozen=True)
class Total:
    """A version of a yearly total. kvinnor, man: None where not known (volym)."""

    insats: str
    ar: int
    registrerad: dt.datetime
    antal: int
    kvinnor: int | None
    man: int | None


def anonyma(plan: Plan, now: dt.datetime) -> Iterator[Total]:
    """Totals that grow through each year and end some weeks after it, in the order they became known."""
    rng = random.Random(1)
    for insats in PERSON_INSATSER:
        tendency = rng.uniform(0.5, 1.5)
        for year in plan.period.years:
            whole = round(overlapping(plan, insats.id, year) * ANONYMOUS * tendency)
            if whole:
                yield from _versions(rng, insats, plan.period, year, whole, now)


def volym(plan: Plan, now: dt.datetime) -> Iterator[Total]:
    """As `anonyma`. Women and men are known in most insatser."""
    rng = random.Random(2)
    for nr, insats in enumerate(NUMBER_INSATSER):
        for year in plan.period.years:
            whole = round(insats.antal * rng.uniform(0.8, 1.25))
            for one in _versions(rng, insats, plan.period, year, whole, now):
                yield one if nr % 3 else Total(one.insats, one.ar, one.registrerad, one.antal, None, None)


def _versions(
    rng: random.Random, insats: InsatsSpec, period: Period, year: int, whole: int, now: dt.datetime
) -> Iterator[Total]:
    first = max(insats.starts(period), dt.date(year, 1, 1))
    last = min(insats.ends(period) or dt.date.max, dt.date(year, 12, 31))
    if first > last:
        return
    points = [(dt.date(year, month, day), share) for month, day, share in QUARTERS]
    points = [(day, share) for day, share in points if first <= day <= last]
    days = [(day_between(rng, day, day + dt.timedelta(days=12)), share) for day, share in points]
    # The last total of a year comes in January, or after the early uttag.
    late = (dt.date(year + 1, 1, 18), dt.date(year + 1, 2, 20))
    early = (dt.date(year + 1, 1, 4), dt.date(year + 1, 1, 13))
    days += [(day_between(rng, *(late if rng.random() < 0.35 else early)), 1.0)]
    women = rng.uniform(0.42, 0.66)
    seen = 0
    for day, share in days:
        antal, registrerad = max(1, round(whole * share)), office_time(rng, day)
        if antal > seen and registrerad < now:
            kvinnor = round(antal * women)
            yield Total(insats.id, year, registrerad, antal, kvinnor, antal - kvinnor)
            seen = antal


@dataclass(frozen=True)
class InsatsMoney:
    """An insats's year in whole kronor."""

    insats: str
    ar: int
    planerat: int
    budget: int
    utfall: int | None
    budget_esf: int | None
    utfall_esf: int | None


def insats_money(period: Period) -> Iterator[InsatsMoney]:
    """A row per insats and year that it runs in. The outcome is known when the year is over."""
    rng = random.Random(3)
    for insats in INSATSER:
        ends = insats.ends(period)
        for year in period.years:
            if insats.starts(period).year > year or (ends and ends.year < year):
                continue
            cost = insats.vikt * KRONOR_PER_START or KRONOR_AT_LEAST + insats.antal * KRONOR_PER_HEAD
            budget = _round(cost * rng.uniform(0.95, 1.1))
            esf = _round(budget * 0.4) if insats.esf else None
            over = year < period.today.year
            yield InsatsMoney(
                insats=insats.id,
                ar=year,
                planerat=round(insats.vikt * 9 * rng.uniform(0.9, 1.2)) or insats.antal,
                budget=budget,
                utfall=_round(budget * rng.uniform(0.82, 1.04)) if over else None,
                budget_esf=esf,
                utfall_esf=_round(esf * rng.uniform(0.8, 1.0)) if esf and over else None,
            )


def forbund_money(period: Period) -> Iterator[tuple[str, int, str, int, int | None]]:
    """(förbund, year, post, budget, outcome): staten pays half, kommuner and region a quarter each (lag 2003:1210)."""
    rng = random.Random(4)
    esf = {
        (one.insats, one.ar): (one.budget_esf, one.utfall_esf)
        for one in insats_money(period)
        if one.budget_esf
    }
    for spec in FORBUND:
        for year in period.years:
            grund = sum(one.grund * _share(one.id, spec.id, period, year) for one in FORBUND)
            if not grund:
                continue
            stat = _round(grund * 1.03 ** (year - period.first))
            posts = {
                "stat": stat, "kommun": stat // 2, "region": stat // 2, "eget_kapital": _round(stat * 0.12),
                "kring": _round(stat * 0.09), "personal": _round(stat * 0.26), "annan_kostnad": _round(stat * 0.03),
            }  # fmt: skip
            if spec.id == "DF02":
                posts["ovriga"] = 150_000
            over = year < period.today.year
            for post, budget in posts.items():
                paid_in = post in ("stat", "kommun", "region", "eget_kapital", "ovriga")
                outcome = budget if paid_in else _round(budget * rng.uniform(0.9, 1.05))
                yield spec.id, year, post, budget, outcome if over else None
            shares = {one.id: _share(one.forbund, spec.id, period, year) for one in INSATSER}
            own = [(esf[one, year], share) for one, share in shares.items() if share and (one, year) in esf]
            if own:
                outcome = _round(sum((utfall or 0) * share for (_, utfall), share in own))
                yield (
                    spec.id,
                    year,
                    "esf",
                    _round(sum((budget or 0) * share for (budget, _), share in own)),
                    (outcome if over else None),
                )


def _share(of: str, to: str, period: Period, year: int) -> float:
    """How much of a förbund's year falls to another: the successor takes over in the middle of the year."""
    absorbed = next((one for one in FORBUND if one.id == of and one.uppgatt_i), None)
    merged = period.day(MERGER).year
    if absorbed is None or year < merged:
        return float(of == to)
    if year == merged:
        return 0.5 if to in (of, absorbed.uppgatt_i) else 0.0
    return float(to == absorbed.uppgatt_i)


def _round(kronor: float) -> int:
    return round(kronor / 1000) * 1000
