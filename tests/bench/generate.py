"""A register of any size in PostgreSQL, filled by COPY month by month: `fill_register(Size(deltaganden=1_000_000))`.

Every constraint and guard is on, and each month is a transaction, so nothing gets in that the product would refuse. The
same size gives the same register (but for the keys of this installation). What is not as in a real one:

- Names, numbers and hashes of numbers are random bytes of the right length: nobody's number is computed, nothing can be
  decrypted. The uttag reads none of them. Kön and birth year stand in the versions as usual.
- Every version was received when it became known, from the system account, and the access log is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain

import numpy as np
from django.db import connection, models, transaction

from finsam_site.access.encryption import encrypt_text
from finsam_site.access.models import User
from finsam_site.bulk import insert_many
from registration.models import (
    IMPORTED_FORM,
    Anonyma,
    Avidentifiering,
    Deltagande,
    Forbund,
    ForbundAr,
    ForbundKommun,
    Identitet,
    Inregistrering,
    Insats,
    InsatsAgande,
    InsatsAr,
    InsatsBehovsgrupp,
    Nummerhash,
    Person,
    Samtycke,
    Samtyckesformular,
    Utregistrering,
    Volym,
)

from . import batches
from .batches import KEPT, WITHDRAWN, Batch, make_batches, texts
from .world import (
    EPOCH,
    INDIVID_KINDS,
    NEVER,
    PERSON,
    POSTS,
    STRUKTUR,
    STRUKTUR_KINDS,
    Ints,
    Size,
    World,
    make_world,
)

NULL = r"\N"
GONE = (
    "",
    Avidentifiering.ATERKALLAT.value,
    Avidentifiering.SKYDDAD.value,
    Avidentifiering.FELREGISTRERING.value,
)  # in the order of batches.KEPT, WITHDRAWN, PROTECTED, REMOVED_FEL


def fill_register(size: Size, say: Callable[[str], None] = lambda _: None) -> World:
    """Fill the empty, migrated PostgreSQL database and give the world that was written. `say` hears of each year."""
    world = make_world(size)
    user = User.objects.system()
    formular = Samtyckesformular.objects.get(version=IMPORTED_FORM)
    with transaction.atomic():
        insatser = _write_world(world, user)
    persons = PersonKeys(size)
    done = 0
    for batch in make_batches(world):
        with transaction.atomic():
            _write_batch(batch, world, persons, insatser, user.pk, formular.pk)
        before, done = done, done + len(batch)
        if done * 10 // size.deltaganden > before * 10 // size.deltaganden:
            say(f"{done:,} deltaganden written")
    return world


def analyze() -> None:
    """What autovacuum would have done by and by in a real register: statistics and visibility."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


class PersonKeys:
    """The uuid of each person, made from its number, so that none need be kept."""

    def __init__(self, size: Size) -> None:
        rng = np.random.default_rng([size.seed, 3])
        self.factor = int(rng.integers(1, 2**62)) * 2 + 1

    def of(self, numbers: Ints) -> list[str]:
        """Scattered like random ones, as 32 hex digits; different for different numbers."""
        return [f"{(at + 1) * self.factor % 2**64:016x}{at + 1:016x}" for at in numbers.tolist()]


# The world


def date_of(number: int) -> dt.date:
    """The date of a day that is known."""
    return EPOCH + dt.timedelta(days=int(number))


def day(number: int) -> dt.date | None:
    """The date of a day; None for -1 and for NEVER."""
    return None if number in (-1, NEVER) else date_of(number)


def _known(number: int) -> dt.datetime:
    return dt.datetime.combine(EPOCH + dt.timedelta(days=int(number)), dt.time(12), dt.UTC)


def kind_of(world: World, at: int) -> str:
    """The preciserad inriktning of an insats."""
    kinds = STRUKTUR_KINDS if world.insatser.way[at] == STRUKTUR else INDIVID_KINDS
    return kinds[int(world.insatser.kind[at])]


def counts(world: World) -> Iterator[tuple[str, int, int, int, int, tuple[int, ...]]]:
    """(anonyma | volym, insats, year, version, day known, numbers): kvinnor, män; antal, kvinnor, män (-1: not known).

    A quarter of the years of an insats with persons has anonyma, every year of the others has volym; some in two
    versions, the later one in January.
    """
    rng = np.random.default_rng([world.size.seed, 4])
    for at in range(len(world.insatser)):
        for year in world.years_of(at):
            person = world.insatser.way[at] == PERSON
            if person and rng.random() > 0.25:
                continue
            november = (dt.date(year, 11, 1) - EPOCH).days + int(rng.integers(0, 30))
            known = max(november, int(world.insatser.start[at]))
            for nr in range(1, 3 if rng.random() < 0.4 else 2):
                numbers: tuple[int, ...]
                if person:
                    numbers = (int(rng.integers(1, 40)), int(rng.integers(1, 40)))
                else:
                    women, men = int(rng.integers(5, 150)), int(rng.integers(5, 150))
                    told = rng.random() < 0.5
                    extra = int(rng.integers(0, 20))
                    numbers = (women + men + extra, women if told else -1, men if told else -1)
                yield ("anonyma" if person else "volym", at, year, nr, known, numbers)
                known += 60


def money(world: World) -> tuple[list[tuple[int, int, str, int, int]], list[tuple[int, int, int, int, int]]]:
    """(förbund, year, post, budget, utfall) and (insats, year, planned number, budget, utfall), whole kronor."""
    rng = np.random.default_rng([world.size.seed, 5])
    of_forbund = []
    for at, one in enumerate(world.forbund):
        for year in range(world.size.first_year, world.size.last_year + 1):
            first, last = (dt.date(year, 1, 1) - EPOCH).days, (dt.date(year, 12, 31) - EPOCH).days
            if one.start <= last and (one.slut == -1 or one.slut >= first):
                for post in POSTS:
                    budget = int(one.weight * rng.integers(20, 40)) * 100_000
                    of_forbund.append((at, year, post, budget, int(budget * rng.uniform(0.8, 1.05))))
    of_insats = []
    for at in range(len(world.insatser)):
        for year in world.years_of(at):
            budget = int(rng.integers(2, 60)) * 50_000
            outcome = int(budget * rng.uniform(0.6, 1.1))
            of_insats.append((at, year, int(rng.integers(5, 120)), budget, outcome))
    return of_forbund, of_insats


def _write_world(world: World, user: User) -> dict[int, int]:
    """Everything but the deltaganden; gives the primary key of each insats."""
    forbund = [
        Forbund(
            forbund_id=f"F{at:03d}",
            namn=f"Samordningsförbundet Provbygd {at:03d}",
            startdatum=date_of(one.start),
            slutdatum=day(one.slut),
        )
        for at, one in enumerate(world.forbund)
    ]
    forbund = Forbund._base_manager.bulk_create(forbund)
    for at, one in enumerate(world.forbund):
        if one.successor >= 0:
            forbund[at].uppgatt_i = forbund[one.successor]
            forbund[at].save()
    _insert(
        ForbundKommun,
        (
            ForbundKommun(forbund=forbund[at], kommun_id=kod, fran=date_of(first), till=day(last))
            for at, one in enumerate(world.forbund)
            for kod, first, last in one.kommuner
        ),
    )
    rows = world.insatser
    insatser = Insats._base_manager.bulk_create(
        [
            Insats(
                insats_id=f"I{at:05d}",
                forbund=forbund[rows.forbund[at]],
                namn=f"Insats {at:05d}",
                inriktning="struktur" if rows.way[at] == STRUKTUR else "individ",
                preciserad_inriktning=kind_of(world, at),
                registreringssatt="person" if rows.way[at] == PERSON else "volym",
                startdatum=date_of(rows.start[at]),
                slutdatum=day(rows.slut[at]),
                esf=bool(rows.esf[at]),
            )
            for at in range(len(rows))
        ],
        batch_size=2000,
    )
    _insert(
        InsatsAgande,
        (
            InsatsAgande(insats=insatser[at], forbund=forbund[owner], fran=date_of(first), till=day(last))
            for at in range(len(rows))
            for owner, first, last in world.owners(at)
        ),
    )
    _insert(
        InsatsBehovsgrupp,
        (
            InsatsBehovsgrupp(insats=insatser[at], kod=kod)
            for at in range(len(rows))
            for kod in rows.groups[at]
        ),
    )
    of_forbund, of_insats = money(world)
    _insert(
        ForbundAr,
        (
            ForbundAr(forbund=forbund[at], ar=year, post=post, budget=budget, utfall=outcome)
            for at, year, post, budget, outcome in of_forbund
        ),
    )
    _insert(
        InsatsAr,
        (
            InsatsAr(insats=insatser[at], ar=year, planerat_antal=planned, budget=budget, utfall=outcome)
            for at, year, planned, budget, outcome in of_insats
        ),
    )
    anonyma, volym = [], []
    for what, at, year, nr, known, numbers in counts(world):
        time = _known(known)
        common = {"insats": insatser[at], "ar": year, "nr": nr, "registrerad": time, "mottagen": time}
        common["registrerad_av"] = user
        if what == "anonyma":
            anonyma.append(Anonyma(**common, kvinnor=numbers[0], man=numbers[1]))
        else:
            women, men = (None if number == -1 else number for number in numbers[1:])
            volym.append(Volym(**common, antal=numbers[0], kvinnor=women, man=men))
    _insert(Anonyma, anonyma)
    _insert(Volym, volym)
    return {at: one.pk for at, one in enumerate(insatser)}


def _insert(model: type[models.Model], rows: Iterator[models.Model] | Sequence[models.Model]) -> None:
    insert_many(model, list(rows))


# The deltaganden


@cache
def _days() -> list[str]:
    """The text of each day of the register; the last one (-1) is NULL."""
    return [str(EPOCH + dt.timedelta(days=at)) for at in range(60 * 366)] + [NULL]


@cache
def _clock() -> list[str]:
    return [f" {at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}+00" for at in range(86400)]


@cache
def _numbers() -> list[str]:
    return [str(at) for at in range(3000)] + [NULL]


def _dates(values: Ints) -> list[str]:
    lookup = _days()
    return [lookup[at] for at in values.tolist()]


def _times(days: Ints, seconds: Ints) -> list[str]:
    on, at = _days(), _clock()
    return [NULL if d < 0 else on[d] + at[s] for d, s in zip(days.tolist(), seconds.tolist(), strict=True)]


def _counts(values: Ints) -> list[str]:
    lookup = _numbers()
    return [lookup[at] for at in values.tolist()]


def _flags(values: Ints) -> list[str]:
    return texts(values, ("f", "t"), NULL)


class _Random:
    """Uuids and bytes of one batch."""

    def __init__(self, seed: int, at: int) -> None:
        self.rng = np.random.default_rng([seed, 6, at])

    def uuids(self, count: int) -> list[str]:
        """32 hex digits each."""
        text = self.rng.bytes(16 * count).hex()
        return [text[at : at + 32] for at in range(0, 32 * count, 32)]

    def bytea(self, count: int, length: int) -> list[str]:
        """Random bytes as COPY reads them."""
        text = self.rng.bytes(length * count).hex()
        return ["\\\\x" + text[at : at + 2 * length] for at in range(0, 2 * length * count, 2 * length)]


@cache
def _token_length(text: str) -> int:
    return len(encrypt_text(text, context="bench"))


def _write_batch(
    batch: Batch, world: World, persons: PersonKeys, insatser: dict[int, int], user: int, formular: int
) -> None:
    n, number = len(batch), batch.number
    random = _Random(world.size.seed, int(number[0]))
    ids, samtycken = random.uuids(n), random.uuids(n)
    insats = [str(insatser[at]) for at in batch.insats.tolist()]
    person = persons.of(batch.person)
    in_ids, ut_ids = random.uuids(len(batch.ins["of"])), random.uuids(len(batch.uts["of"]))
    newest_in, newest_ut = [NULL] * n, [NULL] * n
    for newest, versions, keys in ((newest_in, batch.ins, in_ids), (newest_ut, batch.uts, ut_ids)):
        for of, key in zip(versions["of"].tolist(), keys, strict=True):
            newest[of] = key
    first_year = np.full(n, NEVER)
    np.minimum.at(first_year, batch.ins["of"], batch.ins["year"])
    last_year = np.full(n, -1)
    np.maximum.at(last_year, batch.uts["of"], batch.uts["year"])
    once = batch.uts["nr"] == 1
    first_out, out_second = np.full(n, -1), np.zeros(n, np.int64)
    first_out[batch.uts["of"][once]] = batch.uts["day"][once]
    out_second[batch.uts["of"][once]] = batch.uts["second"][once]
    midday = np.full(n, 12 * 3600)

    new = np.flatnonzero(batch.new).tolist()
    _copy(
        Person,
        "id nummer_krypterat",
        [[person[at] for at in new], random.bytea(len(new), _token_length("0" * 12))],
    )
    _copy(
        Nummerhash, "hash person_id aktuell",
        [random.bytea(len(new), 32), [person[at] for at in new], ["t"] * len(new)],
    )  # fmt: skip
    imported = (
        world.size.first_year + world.size.years // 2
    )  # the first half came by import, without a receipt
    without = np.where(batch.ins["year"][:n] < imported, 1, 0)
    sent = np.where((without == 1) | (number % 20 == 0), -1, batch.signed + 7)
    received = np.where((sent == -1) | (number % 10 == 1), -1, sent + 5)
    withdrawn = np.where(batch.gone == WITHDRAWN, batch.gone_day, -1)
    constant = [[str(formular)] * n, ["sv"] * n, [NULL] * n]
    _copy(
        Samtycke,
        "id referenskod insats_id undertecknat formular_id sprak mottaget_av_id original_skickat original_mottaget "
        "aterkallat inlast",
        [samtycken, [f"B{at:09d}" for at in number.tolist()], insats, _dates(batch.signed), *constant, _dates(sent),
         _dates(received), _dates(withdrawn), _flags(without)],
    )  # fmt: skip
    _copy(
        Deltagande,
        "id deltagande_id insats_id aktuell_in_id aktuell_ut_id tidigaste_start_ar senaste_slut_ar forst_ut "
        "avidentifierad avidentifierad_orsak",
        [ids, [f"D{at:08d}" for at in number.tolist()], insats, newest_in, newest_ut, _counts(first_year),
         _counts(last_year), _times(first_out, out_second), _times(batch.gone_day, midday),
         texts(batch.gone, GONE, NULL)],
    )  # fmt: skip
    common = (
        "id deltagande_id nr insats_id registrerad mottagen registrerad_av_id orsak_krypterad kon fodelsear "
    )
    common += "kommun_id "
    answers = " forsorjning arbetar typ_av_arbete studerar arbetssokande inskriven_af"
    ins, uts = batch.ins, batch.uts
    _copy(
        Inregistrering,
        common + "stadsdel startdatum start_ar utbildning tid_i_forsorjning_manader initierad_av behovsgrupp" + answers,
        [*_common(batch, world, ins, in_ids, ids, insats, user), [NULL] * len(in_ids), _dates(ins["start"]),
         _counts(ins["year"]), texts(ins["utbildning"], batches.UTBILDNING, NULL), _counts(ins["tid"]),
         texts(ins["initierad"], batches.INITIERAD, NULL), texts(ins["grupp"], batches.PER_PERSON, NULL),
         *_answers(ins)],
    )  # fmt: skip
    _copy(
        Utregistrering,
        common + "slutdatum slut_ar felregistrering avslutsanledning" + answers,
        [*_common(batch, world, uts, ut_ids, ids, insats, user), _dates(uts["slut"]), _counts(uts["year"]),
         _flags(uts["fel"]), texts(uts["anledning"], batches.ANLEDNING, NULL), *_answers(uts)],
    )  # fmt: skip
    kept = np.flatnonzero(batch.gone == KEPT)
    known = batch.ins["day"][:n]  # of the first versions
    places = kept.tolist()
    _copy(
        Identitet,
        "id deltagande_id person_id insats_id samtycke_id fornamn_krypterat efternamn_krypterat undertecknat "
        "registrerad_dag startdatum slutdatum felregistrerad begransad begransad_orsak",
        [random.uuids(len(places)), *([column[at] for at in places] for column in (ids, person, insats, samtycken)),
         random.bytea(len(places), _token_length("Prov")), random.bytea(len(places), _token_length("Person1")),
         _dates(batch.signed[kept]), _dates(known[kept]), _dates(batch.start[kept]), _dates(batch.slut[kept]),
         ["t" if fel else "f" for fel in batch.fel[kept].tolist()], [NULL] * len(places), [""] * len(places)],
    )  # fmt: skip


def _common(
    batch: Batch,
    world: World,
    versions: batches.Versions,
    keys: list[str],
    ids: list[str],
    insats: list[str],
    user: int,
) -> list[list[str]]:
    of = versions["of"].tolist()
    times = _times(versions["day"], versions["second"])
    return [
        keys, [ids[at] for at in of], _counts(versions["nr"]), [insats[at] for at in of], times, times,
        [str(user)] * len(of), [NULL] * len(of), texts(batch.kon[versions["of"]], ("K", "M"), NULL),
        _counts(versions["fodelsear"]), texts(versions["kommun"], world.kommuner, NULL),
    ]  # fmt: skip


def _answers(versions: batches.Versions) -> list[list[str]]:
    return [
        texts(versions["forsorjning"], batches.FORSORJNING, NULL), _counts(versions["arbetar"]),
        texts(versions["typ"], batches.TYP, NULL), _counts(versions["studerar"]), _flags(versions["soker"]),
        _flags(versions["inskriven"]),
    ]  # fmt: skip


def _copy(model: type[models.Model], columns: str, values: Sequence[Sequence[str]]) -> None:
    """COPY columns of texts, which need no escape."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns.split())
    table = connection.ops.quote_name(model._meta.db_table)
    lines = map("\t".join, zip(*values, strict=True))
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        copy.write("".join(chain.from_iterable((line, "\n") for line in lines)).encode())
