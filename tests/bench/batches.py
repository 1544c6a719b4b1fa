"""The deltaganden of the bench, month by month in the order in which they started, in batches of bounded size.

What they look like: förbund and insatser of very different size; about a third are of a person who has been there
before (also in two insatser at once, never twice in one at the same time); most are registered within days and a few
after a year and more; four in a hundred are corrected at the start and some at the end; about one in a hundred is a
felregistrering, which loses its identity after 30 days; a few have withdrawn their samtycke or became protected; a few
are never registered out. Nothing is known after the last day of the register.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from registration.rules.values import forsorjning_text

from .world import NEVER, Ints, World, day_of, year_of

BATCH = 20_000
UTBILDNING = ("ej_grundskola", "grundskola", "gymnasium", "eftergymnasial", "okand")
INITIERAD = ("af", "fk", "kommun", "region", "egen", "annan")
TYP = ("ordinarie", "subventionerat", "eget_foretag")
PER_PERSON = ("langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning")
ANLEDNING = ("enligt_plan", "avbrott_deltagare", "avbrott_sjukdom", "flytt", "foraldraledig", "pension", "avliden",
             "insats_upphor", "annat", "aterkallat_samtycke", "felregistrering")  # fmt: skip
INSATS_UPPHOR, ATERKALLAT, FELREGISTRERING = (
    ANLEDNING.index(kod) for kod in ("insats_upphor", "aterkallat_samtycke", "felregistrering")
)
ANLEDNING_SHARES = (0.58, 0.1, 0.11, 0.04, 0.03, 0.01, 0.01, 0.02, 0.1)
SOURCES = ("sjukpenning", "rehabiliteringspenning", "sjukersattning", "aktivitetsersattning",
           "arbetsloshetsersattning", "aktivitetsstod", "utvecklingsersattning", "etableringsersattning",
           "forsorjningsstod", "studiestod", "annan_offentlig")  # fmt: skip
SOURCE_WEIGHTS = (20, 4, 4, 10, 3, 8, 3, 4, 30, 3, 3)


def _forsorjning() -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Every answer of no, one or two sources, with how common it is."""
    answers, weights = ["ingen"], [60.0]
    for kod, weight in zip(SOURCES, SOURCE_WEIGHTS, strict=True):
        answers += [forsorjning_text({kod: "hel"}), forsorjning_text({kod: "del"})]
        weights += [weight * 5.0, weight * 2.0]
    for (one, w_one), (other, w_other) in combinations(zip(SOURCES, SOURCE_WEIGHTS, strict=True), 2):
        answers.append(forsorjning_text({one: "del", other: "del"}))
        weights.append(w_one * w_other / 20)
    shares = np.array(weights)
    return tuple(answers), shares / shares.sum()


FORSORJNING, FORSORJNING_SHARES = _forsorjning()

# Where an avidentifierad deltagande came from; 0 is not avidentifierad.
KEPT, WITHDRAWN, PROTECTED, REMOVED_FEL = 0, 1, 2, 3

ERASED_IN = ("kommun", "start", "utbildning", "tid", "forsorjning", "arbetar", "typ", "studerar", "soker", "inskriven",
             "initierad", "grupp", "fodelsear")  # fmt: skip
ERASED_UT = (
    "kommun",
    "slut",
    "anledning",
    "forsorjning",
    "arbetar",
    "typ",
    "studerar",
    "soker",
    "inskriven",
    "fodelsear",
)
Versions = dict[str, Ints]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Deltaganden as columns; -1 is missing. `ins` and `uts` are their versions as they stand in the database now.

    number: running number of the deltagande in the register; person: of the person; new: the first that leaves the
    person a row, because its identity is there; `start` and `slut` are those of the
    newest version with identity (slut -1 also for a felregistrering). In `ins` and `uts`, `of` is the place in the
    batch, `day` and `second` when the version became known.
    """

    number: Ints
    person: Ints
    new: npt.NDArray[np.bool_]
    kon: Ints
    fodelsear: Ints
    insats: Ints
    signed: Ints
    start: Ints
    slut: Ints
    fel: npt.NDArray[np.bool_]
    gone: Ints
    gone_day: Ints
    ins: Versions
    uts: Versions

    def __len__(self) -> int:
        return len(self.number)


class Persons:
    """Who has taken part so far: what is needed to let them come back. About 40 bytes each."""

    def __init__(self, most: int) -> None:
        self.count = 0
        self.kon, self.fodelsear = np.zeros(most, np.int8), np.zeros(most, np.int16)
        self.kommun, self.insats = np.zeros(most, np.int16), np.zeros(most, np.int32)
        self.busy_until = np.zeros(most, np.int32)
        self.alone, self.written = np.zeros(most, np.bool_), np.zeros(most, np.bool_)


def make_batches(world: World, *, size: int = BATCH) -> Iterator[Batch]:
    """All deltaganden of the world in order of start, at most `size` at a time. Deterministic."""
    total = world.size.deltaganden
    persons = Persons(total)
    months = [
        (year, month)
        for year in range(world.size.first_year, world.size.last_year + 1)
        for month in range(1, 13)
    ]
    pace = np.array(
        [(0.7 + 0.5 * at / len(months)) * (0.45 if months[at][1] == 7 else 1) for at in range(len(months))]
    )
    ends = np.rint(np.cumsum(pace / pace.sum()) * total).astype(int)
    done = 0
    for (year, month), end in zip(months, ends, strict=True):
        first, length = day_of(year, month, 1), calendar.monthrange(year, month)[1]
        while done < end:
            count = min(size, int(end) - done)
            yield _batch(
                world, persons, first, length, done, count, np.random.default_rng([world.size.seed, 2, done])
            )
            done += count


def _batch(
    world: World, persons: Persons, first: int, length: int, done: int, n: int, rng: np.random.Generator
) -> Batch:
    size = world.size
    open_slots = np.flatnonzero((world.slot_weight > 0) & (world.slot_start <= first))
    weight = world.slot_weight[open_slots]
    slot = open_slots[rng.choice(len(open_slots), n, p=weight / weight.sum())]
    start = first + np.sort(rng.integers(0, length, n))
    insats = world.insats_of(slot, start)
    insats_slut = world.insatser.slut[insats]

    slut = start + np.maximum(0, rng.lognormal(5.65, 0.8, n).astype(np.int64))
    reason = rng.choice(len(ANLEDNING_SHARES), n, p=ANLEDNING_SHARES)
    cut = slut > insats_slut
    slut, reason = np.where(cut, insats_slut, slut), np.where(cut, INSATS_UPPHOR, reason)
    forgotten = rng.random(n) < np.where(cut, 0.06, 0.008)

    known_in = np.minimum(start + _lag(rng, n), size.known_until)
    signed = np.minimum(start + rng.integers(-25, 6, n), known_in)
    known_ut = np.maximum(slut + _lag(rng, n), known_in)
    fel = rng.random(n) < 0.012
    known_ut = np.where(fel, known_in + rng.exponential(30, n).astype(np.int64), known_ut)
    out = (known_ut <= size.known_until) & (fel | ~forgotten)
    fel &= out
    person = _persons(world, persons, start, np.where(out, slut, NEVER), insats, rng)
    kon, fodelsear = persons.kon[person].astype(np.int64), persons.fodelsear[person].astype(np.int64)
    kommun = persons.kommun[person].astype(np.int64)
    slut = np.where(out & ~fel, slut, -1)

    # Identity removed: at the person's own wish or for protection at any time, a felregistrering after 30 days.
    gone = rng.choice(3, n, p=(0.985, 0.014, 0.001))
    gone_day = known_in + 1 + rng.exponential(250, n).astype(np.int64)
    gone = np.where(fel, REMOVED_FEL, gone)
    gone_day = np.where(fel, known_ut + 31, gone_day)
    gone = np.where(gone_day > size.known_until, KEPT, gone)
    gone_day = np.where(gone == KEPT, -1, gone_day)
    ends_by_it = (gone != KEPT) & ~fel & (~out | (known_ut > gone_day))
    slut = np.where(ends_by_it, np.maximum(gone_day, start), slut)
    known_ut = np.where(ends_by_it, gone_day, known_ut)
    out |= ends_by_it
    reason = np.where(fel, FELREGISTRERING, np.where(ends_by_it & (gone == WITHDRAWN), ATERKALLAT, reason))
    reason = np.where(~fel & (rng.random(n) < 0.03), -1, reason)

    new = (gone == KEPT) & ~persons.written[person]
    persons.written[person[new]] = True

    ins = _in_versions(rng, n, start, kommun, fodelsear, known_in)
    last_known = np.where(gone == KEPT, size.known_until, gone_day)
    latest_start = np.minimum(np.where(slut >= 0, slut, NEVER), insats_slut)
    ins = _corrected_in(world, rng, ins, last_known, latest_start)
    newest = start.copy()
    newest[ins["of"]] = ins["start"]  # the second version of a deltagande stands after the first
    uts = _out_versions(rng, np.flatnonzero(out), slut, reason, fel, kommun, fodelsear, known_ut, ins)
    uts = _corrected_out(rng, uts, np.where(fel, -1, last_known), newest)
    newest_slut = np.full(n, -1)
    newest_slut[uts["of"]] = uts["slut"]
    for versions, date, erased in ((ins, "start", ERASED_IN), (uts, "slut", ERASED_UT)):
        versions["year"] = year_of(versions[date])
        for name in erased:
            versions[name] = np.where(gone[versions["of"]] != KEPT, -1, versions[name])
    return Batch(
        number=np.arange(done, done + n), person=person, new=new, kon=kon, fodelsear=fodelsear, insats=insats,
        signed=signed, start=newest, slut=newest_slut, fel=fel, gone=gone, gone_day=gone_day, ins=ins, uts=uts,
    )  # fmt: skip


def _persons(
    world: World, persons: Persons, start: Ints, until: Ints, insats: Ints, rng: np.random.Generator
) -> Ints:
    """The person of each deltagande. `until` is its last day, NEVER when the register does not know it.

    Somebody comes back when all earlier deltaganden have ended, or while there is one in another insats.
    """
    n, pool = len(start), persons.count
    person = np.full(n, -1)
    back = np.unique(pool - 1 - rng.exponential(n * 24, int(n * 0.42)).astype(np.int64))
    back = rng.permutation(back[back >= 0])
    at = rng.permutation(n)[: len(back)]
    ended = start[at] > persons.busy_until[back]
    beside = persons.alone[back] & (persons.insats[back] != insats[at]) & (rng.random(len(back)) < 0.25)
    fits = ended | beside
    person[at[fits]] = back[fits]
    persons.alone[back[fits]] = ended[fits]
    new = person < 0
    count = int(new.sum())
    fresh = np.arange(pool, pool + count)
    person[new] = fresh
    persons.count += count
    persons.kon[fresh] = rng.random(count) < 0.45
    age = np.where(
        rng.random(count) < 0.36, rng.integers(17, 30, count), rng.triangular(30, 40, 66, count).astype(int)
    )
    persons.fodelsear[fresh] = year_of(start[new]) - age
    persons.alone[fresh] = True
    persons.busy_until[fresh] = -1
    persons.kommun[fresh] = _kommun(world, insats[new], rng)
    moved = np.flatnonzero(~new & (rng.random(n) < 0.07))
    persons.kommun[person[moved]] = _kommun(world, insats[moved], rng)
    persons.busy_until[person] = np.maximum(persons.busy_until[person], until)
    persons.insats[person] = insats
    return person


def _kommun(world: World, insats: Ints, rng: np.random.Generator) -> Ints:
    """Mostly a kommun of the insats's förbund, the first of them the most; now and then any."""
    found = rng.integers(0, len(world.kommuner), len(insats))
    number = {kod: at for at, kod in enumerate(world.kommuner)}
    own = [[number[kod] for kod, _, _ in one.kommuner] or [0] for one in world.forbund]
    for at, home in enumerate(world.insatser.forbund[insats].tolist()):
        choice = own[home]
        if rng.random() < 0.95:
            found[at] = choice[int(len(choice) * rng.random() ** 2)]
    return found


def _lag(rng: np.random.Generator, n: int) -> Ints:
    """Days from event to registration: most within a week, a long tail."""
    days = rng.lognormal(1.3, 1.3, n)
    days = np.where(rng.random(n) < 0.03, rng.uniform(60, 700, n), days)
    return np.where(rng.random(n) < 0.15, 0, days).astype(np.int64)


def _answers(rng: np.random.Generator, n: int, working: float, studying: float) -> Versions:
    """Försörjning and sysselsättning. One in thirty answers none of the three questions on the latter."""
    silent = rng.random(n) < 0.033

    def unless_silent(values: Ints, missing: float) -> Ints:
        return np.where(silent | (rng.random(n) < missing), -1, values)

    arbetar = np.where(rng.random(n) < working, rng.choice((10, 25, 50, 75, 100), n), 0)
    arbetar = unless_silent(arbetar, 0.02)
    return {
        "forsorjning": np.where(
            rng.random(n) < 0.04, -1, rng.choice(len(FORSORJNING), n, p=FORSORJNING_SHARES)
        ),
        "arbetar": arbetar,
        "typ": np.where((arbetar > 0) & (rng.random(n) < 0.9), rng.choice(3, n, p=(0.6, 0.35, 0.05)), -1),
        "studerar": unless_silent(np.where(rng.random(n) < studying, rng.choice((25, 50, 100), n), 0), 0.03),
        "soker": unless_silent((rng.random(n) < 0.3).astype(np.int64), 0.03),
        "inskriven": np.where(rng.random(n) < 0.15, -1, rng.integers(0, 2, n)),
    }


def _second(rng: np.random.Generator, n: int) -> Ints:
    """Second of the day in UTC: office hours, in which the day is the same in Stockholm."""
    return rng.integers(6 * 3600, 16 * 3600, n)


def _in_versions(
    rng: np.random.Generator, n: int, start: Ints, kommun: Ints, fodelsear: Ints, known: Ints
) -> Versions:
    months = np.where(rng.random(n) < 0.1, 0, np.minimum(rng.exponential(40, n).astype(np.int64), 400))
    return {
        "of": np.arange(n),
        "nr": np.ones(n, np.int64),
        "day": known,
        "second": _second(rng, n),
        "start": start,
        "kommun": kommun,
        "fodelsear": fodelsear,
        "utbildning": _utbildning(rng, n),
        "tid": np.where(rng.random(n) < 0.05, -1, months),
        "initierad": np.where(
            rng.random(n) < 0.04, -1, rng.choice(6, n, p=(0.22, 0.2, 0.33, 0.15, 0.06, 0.04))
        ),
        "grupp": np.where(rng.random(n) < 0.1, rng.integers(0, 3, n), -1),
    } | _answers(rng, n, 0.11, 0.03)


def _utbildning(rng: np.random.Generator, n: int) -> Ints:
    return np.where(rng.random(n) < 0.04, -1, rng.choice(5, n, p=(0.08, 0.24, 0.45, 0.17, 0.06)))


def _later(rng: np.random.Generator, versions: Versions, share: float, last_known: Ints) -> Versions:
    """Copies of some versions, known some time later, as long as something still may be known."""
    chosen = np.flatnonzero(rng.random(len(versions["of"])) < share)
    copy = {name: values[chosen].copy() for name, values in versions.items()}
    copy["nr"] = copy["nr"] + 1
    copy["day"] = copy["day"] + 1 + rng.exponential(45, len(chosen)).astype(np.int64)
    keep = copy["day"] <= last_known[copy["of"]]
    return {name: values[keep] for name, values in copy.items()}


def _joined(one: Versions, other: Versions) -> Versions:
    return {name: np.concatenate([values, other[name]]) for name, values in one.items()}


def _corrected_in(
    world: World, rng: np.random.Generator, ins: Versions, last_known: Ints, latest_start: Ints
) -> Versions:
    """Four in a hundred get a second version: other education, sometimes kommun or a later start."""
    more = _later(rng, ins, 0.045, last_known)
    n = len(more["of"])
    more["utbildning"] = _utbildning(rng, n)
    more["kommun"] = np.where(rng.random(n) < 0.3, rng.integers(0, len(world.kommuner), n), more["kommun"])
    shifted = np.minimum(more["start"] + rng.integers(1, 15, n), latest_start[more["of"]])
    more["start"] = np.where(rng.random(n) < 0.25, shifted, more["start"])
    return _joined(ins, more)


def _out_versions(
    rng: np.random.Generator, of: Ints, slut: Ints, reason: Ints, fel: npt.NDArray[np.bool_], kommun: Ints,
    fodelsear: Ints, known: Ints, ins: Versions,
) -> Versions:  # fmt: skip
    n = len(of)
    answers = _answers(rng, n, 0.26, 0.09)
    empty = fel[of] | np.isin(reason[of], [ATERKALLAT])
    # A registration on the same day as the one at the start comes after it.
    second = _second(rng, n)
    first = ins["second"][of]  # the first versions stand in the order of the batch
    second = np.where(known[of] == ins["day"][of], np.maximum(second, first), second)
    return {
        "of": of,
        "nr": np.ones(n, np.int64),
        "day": known[of],
        "second": second,
        "slut": slut[of],
        "anledning": reason[of],
        "fel": fel[of].astype(np.int64),
        "kommun": kommun[of],
        "fodelsear": fodelsear[of],
    } | {name: np.where(empty, -1, values) for name, values in answers.items()}


def _corrected_out(rng: np.random.Generator, uts: Versions, last_known: Ints, start: Ints) -> Versions:
    """Some get a second version: other answers and reason, sometimes an earlier slut."""
    more = _later(rng, uts, 0.02, last_known)
    n = len(more["of"])
    earlier = np.maximum(more["slut"] - rng.integers(1, 11, n), start[more["of"]])
    more["slut"] = np.where(rng.random(n) < 0.3, earlier, more["slut"])
    more["anledning"] = rng.choice(len(ANLEDNING_SHARES), n, p=ANLEDNING_SHARES)
    return _joined(uts, more | _answers(rng, n, 0.3, 0.1))


def texts(values: Ints, codes: Sequence[str], missing: str) -> list[str]:
    """The code of each number; -1 becomes `missing`."""
    lookup = [*codes, missing]
    return [lookup[at] for at in values.tolist()]
