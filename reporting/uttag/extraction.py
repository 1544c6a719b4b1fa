"""The one door at which `reporting` reads `registration`: raw rows of years as known at a time each, into CSV files.

The files are the contract with `dataset.make_dataset`: one folder, with every version known at the last of the times
of the deltaganden that may touch one of the years, and förbund, insatser, money and codes as they stand now (DOMAIN
§5). Most of what touches a year touches the year before too: both are read in one pass, and the dataset of a year takes
what is its own. Nothing is computed here.
Names never leave the database; a person is an opaque id, empty where the identity is gone or locked. The files live in
a private temporary folder for the seconds that DuckDB needs to read them.

Consistency: all reads belong to one snapshot (`acting_as(…, one_snapshot=True)`), taken after `wait_for_writers`.
"""

from __future__ import annotations

import csv
import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

WAIT_SECONDS = 300.0
JOIN_MEMORY_MB = 64
TOGETHER = 100
"""Rows that are told of at a time; each by itself would be felt."""

WRITERS = """
SELECT l.virtualtransaction
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
  AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.pid <> pg_backend_pid()
"""
"""Whoever has a transaction id holds a lock on it until the end."""


class WritersStillAtWork(Exception):
    """Somebody is still writing what may be known before the as-of time. Try again a little later."""


def wait_for_writers(
    timeout: float = WAIT_SECONDS, meanwhile: Callable[[], None] = lambda: None
) -> dt.datetime:
    """Wait until every transaction that may have read the clock before now has ended; returns that time.

    Whatever is written after this is known later than the time returned (registration/rules/clock.py), except by an
    import that says so itself. On SQLite the transaction that follows holds the write lock, which does the waiting.
    `meanwhile` is called as long as it waits. Raises WritersStillAtWork after `timeout` seconds.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        started: dt.datetime = cursor.fetchone()[0]
        # Looked at after the clock: who had read it before us had its transaction id, and so this lock, before that.
        writers = _writers(cursor)
        until = time.monotonic() + timeout
        while writers:
            if time.monotonic() > until:
                raise WritersStillAtWork(
                    "Någon håller fortfarande på att skriva i registret. "
                    "Vänta tills inläsningen är klar och försök igen."
                )
            meanwhile()
            time.sleep(0.05)
            writers &= _writers(cursor)
    return started


def _writers(cursor: CursorWrapper) -> set[str]:
    """The transactions in this database that have an id. (A snapshot's xmin would count other databases' too.)"""
    cursor.execute(WRITERS)
    return {virtual for (virtual,) in cursor.fetchall()}


def count_rows(times: Mapping[int, dt.datetime]) -> int:
    """How many rows `extract` fetches for the same times in the same snapshot."""
    names = _names(times)
    counted = 0
    with _hash_joins(), connection.cursor() as cursor:
        for query in QUERIES.values():
            cursor.execute(f"SELECT count(*) FROM ({query.format(**names)}) fetched")
            counted += int(cursor.fetchone()[0])
    return counted


def extract(
    folder: Path, times: Mapping[int, dt.datetime], tick: Callable[[int], None] = lambda rows: None
) -> None:
    """Write the raw files of the years in `times`, each as known at its time (aware), into `folder`, which is made.

    One file per query below. `tick` is told of the rows, some at a time.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = _names(times)
    with _hash_joins():
        for name, query in QUERIES.items():
            _copy(query.format(**names), folder / f"{name}.csv", tick)


def _names(times: Mapping[int, dt.datetime]) -> dict[str, str]:
    """What the queries below leave open."""
    return {
        "years": ", ".join(str(int(year)) for year in times),
        "t": _time_literal(max(times.values())),
        "touching": " OR ".join(f"({_touching(year, as_of)})" for year, as_of in times.items()),
        "group_concat": {
            "postgresql": "string_agg(b.kod, '|' ORDER BY b.kod)",
            "sqlite": "group_concat(b.kod, '|')",
        }[connection.vendor],
    }


def _of_year(year: int, as_of: dt.datetime) -> dict[str, str]:
    """What the counts of a year leave open."""
    return {"year": str(int(year)), "t": _time_literal(as_of), "touching": _touching(year, as_of)}


def count_erased_since(year: int, as_of: dt.datetime, since: dt.datetime | None = None) -> int:
    """How many deltaganden of the year, known at `as_of` with an identity, have lost it after `since` (None: `as_of`).

    An uttag taken in between had them. A felregistrering that was known by then is in no count and not in this one.
    """
    query = ERASED_SINCE.format(since=_time_literal(since or as_of), **_of_year(year, as_of))
    return _number(query)  # few: each is looked up


def count_arrived_late(
    year: int, as_of: dt.datetime, earlier: Iterable[tuple[dt.datetime, dt.datetime]]
) -> int:
    """How many registrations of the year known at `as_of` an earlier uttag should have had, and had not received.

    earlier: (known until, taken at) of each earlier uttag that shows the year.
    """
    missed = " OR ".join(
        f"(v.registrerad <= {_time_literal(known)} AND v.mottagen > {_time_literal(taken)})"
        for known, taken in earlier
    )
    if not missed:
        return 0
    with _hash_joins():
        return _number(ARRIVED_LATE.format(missed=missed, **_of_year(year, as_of)))


@contextmanager
def _hash_joins() -> Iterator[None]:
    """Let PostgreSQL join whole tables, with room for it: its own 4 MB would send the hash tables to disk in pieces.

    And keep it from joining row by row, which it does for minutes when it believes the tables to be empty. So it is
    right after a large import, before statistics are gathered; and whoever takes an uttag may not gather them.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '{JOIN_MEMORY_MB}MB'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL work_mem TO DEFAULT")


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _touching(year: int, as_of: dt.datetime) -> str:
    return TOUCHING.format(year=int(year), t=_time_literal(as_of))


def _time_literal(moment: dt.datetime) -> str:
    """A time as the database stores it: `timestamptz`, or SQLite's text in UTC."""
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    text = utc.isoformat(sep=" ")
    return f"TIMESTAMPTZ '{text}+00'" if connection.vendor == "postgresql" else f"'{text}'"


def _copy(query: str, path: Path, tick: Callable[[int], None]) -> None:
    with connection.cursor() as cursor, path.open("wb") as file:
        path.chmod(0o600)
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as copy:
                fetched = 0
                for fetched, block in enumerate(copy, start=1):
                    file.write(block)
                    if fetched % TOGETHER == 0:
                        tick(TOGETHER)
                tick(fetched % TOGETHER)
            return
    with connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as text:
        cursor.execute(query)
        writer = csv.writer(text)
        writer.writerow([column[0] for column in cursor.description])
        while rows := cursor.fetchmany(5000):
            writer.writerows(rows)
            tick(len(rows))


# `tidigaste_start_ar`, `forst_ut` and `senaste_slut_ar` span every version of a deltagande, so this leaves out only
# what cannot touch the year at any as-of time.
TOUCHING = """
    d.tidigaste_start_ar <= {year}
    AND (d.forst_ut IS NULL OR d.forst_ut > {t} OR d.senaste_slut_ar >= {year})
"""

ERASED_SINCE = """
    SELECT count(*) FROM (
        SELECT d.id FROM registration_deltagande d WHERE ({touching}) AND d.avidentifierad > {since}
        UNION ALL
        SELECT d.id FROM registration_identitet i JOIN registration_deltagande d ON d.id = i.deltagande_id
        WHERE ({touching}) AND d.avidentifierad IS NULL AND i.begransad > {since}) e
    WHERE EXISTS (SELECT 1 FROM registration_inregistrering v WHERE v.deltagande_id = e.id AND v.registrerad <= {t})
      AND NOT coalesce((SELECT v.felregistrering FROM registration_utregistrering v
                        WHERE v.deltagande_id = e.id AND v.registrerad <= {t}
                        ORDER BY v.registrerad DESC, v.nr DESC LIMIT 1), false)
"""

ARRIVED_LATE = """
    SELECT (SELECT count(*) FROM registration_inregistrering v JOIN registration_deltagande d ON d.id = v.deltagande_id
            WHERE {touching} AND v.registrerad <= {t} AND ({missed}))
         + (SELECT count(*) FROM registration_utregistrering v JOIN registration_deltagande d ON d.id = v.deltagande_id
            WHERE {touching} AND v.registrerad <= {t} AND ({missed}))
         + (SELECT count(*) FROM registration_anonyma v WHERE v.ar = {year} AND v.registrerad <= {t} AND ({missed}))
         + (SELECT count(*) FROM registration_volym v WHERE v.ar = {year} AND v.registrerad <= {t} AND ({missed}))
"""

SYSSELSATTNING = """
    v.forsorjning, v.arbetar, v.typ_av_arbete, v.studerar,
    CAST(v.arbetssokande AS integer) AS arbetssokande, CAST(v.inskriven_af AS integer) AS inskriven_af
"""

QUERIES = {
    "deltaganden": """
        SELECT d.deltagande_id AS deltagande, CASE WHEN i.begransad IS NULL THEN i.person_id END AS person,
               CASE WHEN i.begransad IS NULL THEN i.id END AS identitet,
               CASE WHEN s.inlast THEN 0 ELSE 1 END AS samtycke_kant, s.original_mottaget
        FROM registration_deltagande d
        LEFT JOIN registration_identitet i ON i.deltagande_id = d.id
        LEFT JOIN registration_samtycke s ON s.id = i.samtycke_id
        WHERE {touching}
    """,
    "in_versioner": f"""
        SELECT d.deltagande_id AS deltagande, n.insats_id AS insats, v.nr, v.registrerad, v.startdatum AS start,
               v.start_ar, v.kon, v.fodelsear, v.kommun_id AS kommun, v.utbildning,
               v.tid_i_forsorjning_manader AS tid_manader,
               {SYSSELSATTNING}, v.initierad_av, v.behovsgrupp
        FROM registration_inregistrering v
        JOIN registration_deltagande d ON d.id = v.deltagande_id
        JOIN registration_insats n ON n.id = v.insats_id
        WHERE ({{touching}}) AND v.registrerad <= {{t}}
    """,
    "ut_versioner": f"""
        SELECT d.deltagande_id AS deltagande, v.nr, v.registrerad, v.slutdatum AS slut, v.slut_ar, v.avslutsanledning,
               CASE WHEN v.felregistrering THEN 1 ELSE 0 END AS felregistrering, {SYSSELSATTNING}
        FROM registration_utregistrering v
        JOIN registration_deltagande d ON d.id = v.deltagande_id
        WHERE ({{touching}}) AND v.registrerad <= {{t}}
    """,
    "insatser": """
        SELECT n.insats_id AS insats, n.inriktning, n.preciserad_inriktning, n.registreringssatt,
               (SELECT {group_concat} FROM registration_insatsbehovsgrupp b WHERE b.insats_id = n.id) AS behovsgrupper,
               n.startdatum AS start, n.slutdatum AS slut, CASE WHEN n.esf THEN 1 ELSE 0 END AS esf
        FROM registration_insats n
    """,
    "agande": """
        SELECT n.insats_id AS insats, f.forbund_id AS forbund, a.fran, a.till
        FROM registration_insatsagande a
        JOIN registration_insats n ON n.id = a.insats_id
        JOIN registration_forbund f ON f.id = a.forbund_id
    """,
    "forbund": """
        SELECT f.forbund_id AS forbund, f.namn, f.startdatum AS start, f.slutdatum AS slut, u.forbund_id AS uppgatt_i
        FROM registration_forbund f LEFT JOIN registration_forbund u ON u.id = f.uppgatt_i_id
    """,
    "forbund_kommun": """
        SELECT f.forbund_id AS forbund, k.kommun_id AS kommun, k.fran, k.till
        FROM registration_forbundkommun k JOIN registration_forbund f ON f.id = k.forbund_id
    """,
    "forbund_ar": """
        SELECT a.ar, f.forbund_id AS forbund, a.post, a.budget, a.utfall
        FROM registration_forbundar a JOIN registration_forbund f ON f.id = a.forbund_id WHERE a.ar IN ({years})
    """,
    "insats_ar": """
        SELECT a.ar, n.insats_id AS insats, a.planerat_antal AS planerat, a.budget, a.utfall, a.budget_esf, a.utfall_esf
        FROM registration_insatsar a JOIN registration_insats n ON n.id = a.insats_id WHERE a.ar IN ({years})
    """,
    "anonyma": """
        SELECT v.ar, n.insats_id AS insats, v.nr, v.registrerad, v.kvinnor, v.man
        FROM registration_anonyma v JOIN registration_insats n ON n.id = v.insats_id
        WHERE v.ar IN ({years}) AND v.registrerad <= {t}
    """,
    "volym": """
        SELECT v.ar, n.insats_id AS insats, v.nr, v.registrerad, v.antal, v.kvinnor, v.man
        FROM registration_volym v JOIN registration_insats n ON n.id = v.insats_id
        WHERE v.ar IN ({years}) AND v.registrerad <= {t}
    """,
    "koder": """
        SELECT lista, kod, etikett, giltig_fran AS fran, giltig_till AS till, ordning, grupp,
               CASE WHEN per_person THEN 1 ELSE 0 END AS per_person
        FROM registration_kod
    """,
    "kommuner": """
        SELECT k.kod AS kommun, k.namn, l.kod AS lan, l.namn AS lan_namn
        FROM registration_kommun k JOIN registration_lan l ON l.kod = k.lan_id
    """,
}
