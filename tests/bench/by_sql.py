"""The same tables as one SQL query per table and year on PostgreSQL, by hand, on a flat table made beforehand.

`prepare` makes it: of the deltaganden that may touch a year (the product's own narrowing) the versions that held at the
as-of time. So the queries begin where the product's do, with the rows of the year ready; those on the register itself
are in `by_orm`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from reporting.uttag.dataset_sql import tid_band

from .cells import Cells, cells_of

PREPARED = "bench_rader"

# One row per deltagande med personuppgifter that the year has, as known at {t}.
REGISTER = """
SELECT d.deltagande_id AS kod, p.person_id AS person, n.id AS insats, n.preciserad_inriktning, o.forbund_id AS forbund,
       i.kon, i.fodelsear, i.kommun_id AS kommun, i.startdatum AS start, u.slutdatum AS slut, i.utbildning,
       i.tid_i_forsorjning_manader AS tid_manader, i.initierad_av, i.behovsgrupp, i.forsorjning AS forsorjning_fore,
       i.arbetar AS arbetar_fore, i.studerar AS studerar_fore, i.arbetssokande AS arbetssokande_fore,
       u.avslutsanledning, u.forsorjning AS forsorjning_efter, u.arbetar AS arbetar_efter, u.studerar AS studerar_efter,
       u.arbetssokande AS arbetssokande_efter, fi.registrerad AS forst_in, d.forst_ut
FROM registration_deltagande d
JOIN registration_identitet p ON p.deltagande_id = d.id AND p.begransad IS NULL
JOIN (SELECT DISTINCT ON (v.deltagande_id) v.* FROM registration_inregistrering v
      JOIN registration_deltagande d ON d.id = v.deltagande_id
      WHERE {touching} AND v.registrerad <= {t}
      ORDER BY v.deltagande_id, v.registrerad DESC, v.nr DESC) i ON i.deltagande_id = d.id
JOIN registration_inregistrering fi ON fi.deltagande_id = d.id AND fi.nr = 1
LEFT JOIN (SELECT DISTINCT ON (v.deltagande_id) v.* FROM registration_utregistrering v
           JOIN registration_deltagande d ON d.id = v.deltagande_id
           WHERE {touching} AND v.registrerad <= {t}
           ORDER BY v.deltagande_id, v.registrerad DESC, v.nr DESC) u ON u.deltagande_id = d.id
JOIN registration_insats n ON n.id = i.insats_id
JOIN registration_insatsagande a ON a.insats_id = n.id AND a.fran <= least(u.slutdatum, DATE '{ar}-12-31')
     AND (a.till IS NULL OR a.till >= least(u.slutdatum, DATE '{ar}-12-31'))
JOIN registration_forbund o ON o.id = a.forbund_id
WHERE {touching} AND NOT coalesce(u.felregistrering, false) AND i.startdatum <= DATE '{ar}-12-31'
  AND (u.slutdatum IS NULL OR u.slutdatum >= DATE '{ar}-01-01')
"""
TOUCHING = (
    "d.tidigaste_start_ar <= {ar} AND (d.forst_ut IS NULL OR d.forst_ut > {t} OR d.senaste_slut_ar >= {ar})"
)

PERSONER = """personer AS (
    SELECT DISTINCT ON (person) * FROM rader ORDER BY person, start DESC, forst_in DESC, kod DESC)"""
AVSLUT = """avslut AS (
    SELECT DISTINCT ON (person) *, slut - start + 1 AS tid FROM rader
    WHERE slut BETWEEN DATE '{ar}-01-01' AND DATE '{ar}-12-31'
    ORDER BY person, slut DESC, forst_ut DESC, kod DESC)"""
AGE = """CASE WHEN {ar} - fodelsear < 20 THEN '-19' WHEN {ar} - fodelsear < 25 THEN '20-24'
    WHEN {ar} - fodelsear < 30 THEN '25-29' WHEN {ar} - fodelsear < 40 THEN '30-39'
    WHEN {ar} - fodelsear < 50 THEN '40-49' WHEN {ar} - fodelsear < 60 THEN '50-59' ELSE '60-' END"""
BAND = f"coalesce({tid_band('tid_manader')}, 'saknas')"


def _state(when: str) -> str:
    """SQL: the sysselsättning before or after."""
    return f"""CASE WHEN arbetar_{when} IS NULL AND studerar_{when} IS NULL AND arbetssokande_{when} IS NULL
             THEN 'saknas'
        WHEN coalesce(arbetar_{when}, 0) > 0 OR coalesce(studerar_{when}, 0) > 0 THEN 'arbete_eller_studier'
        WHEN coalesce(arbetssokande_{when}, false) THEN 'arbetssokande' ELSE 'ovriga' END"""


def _sources(when: str) -> str:
    """SQL: the sources of support as a set of texts, `saknas` when there is no answer."""
    return f"unnest(coalesce(string_to_array(forsorjning_{when}, '|'), ARRAY['saknas']))"


def _counted(column: str, expression: str, source: str, table: str) -> str:
    """A count by one column and kön, with the total of both."""
    return f"""WITH rader AS ({{rader}}), {source}
        SELECT x AS {column}, coalesce(kon, 'totalt') AS kon, count(*) AS antal
        FROM (SELECT {expression} AS x, kon FROM {table}) q GROUP BY GROUPING SETS ((x, kon), (x))"""


def _support(when: str, source: str, table: str) -> str:
    return f"""SELECT split_part(kalla, ':', 1) AS forsorjning, coalesce(kon, 'totalt') AS kon, count(*) AS antal
        FROM {table} CROSS JOIN LATERAL {_sources(when)} AS kalla
        GROUP BY GROUPING SETS ((split_part(kalla, ':', 1), kon), (split_part(kalla, ':', 1)))"""


def _places(column: str) -> str:
    return f"""WITH rader AS ({{rader}}), {PERSONER}, {AVSLUT},
        boende AS (SELECT p.person, k.kod AS kommun, k.lan_id AS lan
                   FROM personer p JOIN registration_kommun k ON k.kod = p.kommun)
        SELECT {column}, count(*) AS med_personuppgifter, count(tid) AS avslutade,
               100.0 * count(*) FILTER (WHERE efter = 'arbete_eller_studier') / nullif(count(tid), 0)
                   AS arbete_eller_studier_andel,
               100.0 * count(*) FILTER (WHERE efter IN ('arbete_eller_studier', 'arbetssokande'))
                   / nullif(count(tid), 0) AS malet_andel,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY tid) AS median_tid
        FROM boende LEFT JOIN (SELECT person, tid, {_state("efter")} AS efter FROM avslut) a USING (person)
        GROUP BY {column}"""


STATES = (
    "arbete",
    "studier",
    "arbete_eller_studier",
    "arbetssokande",
    "ovriga",
    "malet",
    "saknas",
    "avslutade",
)


def _states(when: str) -> str:
    """SQL: one count for each row of the table."""
    is_ = {
        "arbete": f"arbetar_{when} > 0",
        "studier": f"studerar_{when} > 0",
        "malet": f"{when} IN ('arbete_eller_studier', 'arbetssokande')",
        "avslutade": "true",
    }
    return ", ".join(
        f"count(*) FILTER (WHERE {is_.get(state, f'{when} = {state!r}')}) AS {when}_{state}"
        for state in STATES
    )


QUERIES = {
    "insatser_individ": """WITH rader AS ({rader})
        SELECT preciserad_inriktning, insatser, coalesce(deltagare, 0) AS deltagare
        FROM (SELECT preciserad_inriktning, count(*) FILTER (WHERE startdatum <= DATE '{ar}-12-31'
                     AND (slutdatum IS NULL OR slutdatum >= DATE '{ar}-01-01')) AS insatser
              FROM registration_insats WHERE inriktning = 'individ' GROUP BY 1) i
        LEFT JOIN (SELECT preciserad_inriktning, count(DISTINCT person) AS deltagare FROM rader GROUP BY 1) d
            USING (preciserad_inriktning)""",
    "deltagare_alder": _counted("alder", AGE, PERSONER, "personer"),
    "deltagare_utbildning": _counted("utbildning", "coalesce(utbildning, 'saknas')", PERSONER, "personer"),
    "deltagare_tid": _counted("tid_i_forsorjning", BAND, PERSONER, "personer"),
    "deltagare_forsorjning": f"WITH rader AS ({{rader}}), {PERSONER} {_support('fore', PERSONER, 'personer')}",
    "deltagare_initierad": _counted("initierad_av", "coalesce(initierad_av, 'saknas')", PERSONER, "personer"),
    "behovsgrupper": f"""WITH rader AS ({{rader}}), {PERSONER},
        kallor AS (SELECT person, start, split_part(kalla, ':', 1) AS grupp
                   FROM rader CROSS JOIN LATERAL unnest(string_to_array(forsorjning_fore, '|')) AS kalla),
        med AS (SELECT * FROM kallor WHERE grupp IN ('sjukpenning', 'aktivitetsersattning')
                UNION ALL SELECT person, start, 'unga_aktivitetsersattning' FROM kallor
                          WHERE grupp = 'aktivitetsersattning'
                UNION ALL SELECT person, start, 'person_' || behovsgrupp FROM rader WHERE behovsgrupp IS NOT NULL)
        SELECT grupp, coalesce(kon, 'totalt') AS kon, count(DISTINCT person) AS totalt,
               count(DISTINCT person) FILTER (WHERE m.start >= DATE '{{ar}}-01-01') AS nya
        FROM med m JOIN (SELECT person, kon, fodelsear FROM personer) p USING (person)
        WHERE grupp <> 'unga_aktivitetsersattning' OR {{ar}} - fodelsear < 30
        GROUP BY GROUPING SETS ((grupp, kon), (grupp))""",
    "resultat_sysselsattning": f"""WITH rader AS ({{rader}}), {AVSLUT}
        SELECT coalesce(kon, 'totalt') AS kon, {_states("fore")}, {_states("efter")}
        FROM (SELECT *, {_state("fore")} AS fore, {_state("efter")} AS efter FROM avslut) a
        GROUP BY GROUPING SETS ((kon), ())""",
    "resultat_okade": _counted(
        "okade",
        f"""CASE WHEN ({_state("fore")}) = 'saknas' OR ({_state("efter")}) = 'saknas' THEN 'saknas'
        WHEN coalesce(arbetar_efter, 0) > coalesce(arbetar_fore, 0)
          OR coalesce(studerar_efter, 0) > coalesce(studerar_fore, 0) THEN 'borjade_eller_okade' ELSE 'ej_okade' END""",
        AVSLUT,
        "avslut",
    ),
    "resultat_forsorjning": f"""WITH rader AS ({{rader}}), {AVSLUT}
        SELECT forsorjning, kon, coalesce(f.antal, 0) AS fore_antal, coalesce(e.antal, 0) AS efter_antal
        FROM ({_support("fore", AVSLUT, "avslut")}) f FULL JOIN ({_support("efter", AVSLUT, "avslut")}) e
            USING (forsorjning, kon)""",
    "resultat_forsorjning_flode": f"""WITH rader AS ({{rader}}), {AVSLUT}
        SELECT split_part(f, ':', 1) AS forsorjning_fore, split_part(e, ':', 1) AS forsorjning_efter, count(*) AS antal
        FROM avslut CROSS JOIN LATERAL {_sources("fore")} AS f CROSS JOIN LATERAL {_sources("efter")} AS e
        GROUP BY 1, 2""",
    "avslut": _counted("avslutsanledning", "coalesce(avslutsanledning, 'saknas')", AVSLUT, "avslut"),
    "tid_i_insats": f"""WITH rader AS ({{rader}}), {AVSLUT}
        SELECT coalesce(preciserad_inriktning, 'totalt') AS preciserad_inriktning, count(*) AS avslutade,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY tid) AS median,
               percentile_cont(0.25) WITHIN GROUP (ORDER BY tid) AS q1,
               percentile_cont(0.75) WITHIN GROUP (ORDER BY tid) AS q3, avg(tid) AS medel,
               100.0 * count(*) FILTER (WHERE tid > 365) / count(*) AS andel_over_1_ar,
               100.0 * count(*) FILTER (WHERE tid > 730) / count(*) AS andel_over_2_ar
        FROM avslut GROUP BY GROUPING SETS ((preciserad_inriktning), ())""",
    "lan": _places("lan"),
    "kommun": _places("kommun"),
    "forbund_resultat": f"""WITH rader AS ({{rader}}),
        avslut AS (SELECT DISTINCT ON (forbund, person) forbund, kon, {_state("efter")} AS efter FROM rader
                   WHERE slut BETWEEN DATE '{{ar}}-01-01' AND DATE '{{ar}}-12-31'
                   ORDER BY forbund, person, slut DESC, forst_ut DESC, kod DESC)
        SELECT forbund, resultat, CASE WHEN grouping(resultat) = 1 THEN coalesce(kon, 'totalt') END AS kon,
               count(*) AS antal
        FROM (SELECT forbund, kon, CASE efter WHEN 'saknas' THEN 'ovriga' ELSE efter END AS resultat FROM avslut) a
        GROUP BY GROUPING SETS ((forbund, resultat), (forbund, kon), (forbund))""",
}


def tune() -> None:
    """Give this connection what a report server would be given: memory to sort in, no just-in-time compiling.

    And no nested loops: PostgreSQL guesses far too few rows here, and then joins a hundred thousand of them one by one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '128MB'; SET jit = off; SET enable_nestloop = off")


def rows_of(year: int, as_of: dt.datetime) -> str:
    """SQL for the rows of a year straight from the register."""
    names = {"ar": year, "t": f"TIMESTAMPTZ '{as_of.astimezone(dt.UTC).isoformat()}'"}
    return REGISTER.format(touching=TOUCHING.format(**names), **names)


def prepare(times: dict[int, dt.datetime]) -> None:
    """Make the flat table: for each year its rows as known at the time given."""
    union = " UNION ALL ".join(
        f"SELECT {year}::smallint AS ar, r.* FROM ({rows_of(year, as_of)}) r" for year, as_of in times.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PREPARED}")
        cursor.execute(f"CREATE UNLOGGED TABLE {PREPARED} AS {union}")
        cursor.execute(f"CREATE INDEX ON {PREPARED} (ar)")
        cursor.execute(f"ANALYZE {PREPARED}")


def drop_prepared() -> None:
    """Take the flat table away."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PREPARED}")


def run(year: int) -> dict[str, list[dict[str, Any]]]:
    """Every table of a year from the flat table: one query each."""
    rows = f"SELECT * FROM {PREPARED} WHERE ar = {year}"
    found = {}
    with connection.cursor() as cursor:
        for table, query in QUERIES.items():
            cursor.execute(query.format(rader=rows, ar=year))
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def cells(tables: dict[str, list[dict[str, Any]]]) -> Cells:
    """The cells of what `run` gave."""
    found: Cells = {}
    for table, rows in tables.items():
        if table == "resultat_sysselsattning":
            rows = [
                {"sysselsattning": state, "kon": row["kon"]}
                | {f"{when}_antal": row[f"{when}_{state}"] for when in ("fore", "efter")}
                for row in rows
                for state in STATES
            ]
        found |= cells_of(table, rows)
    return found
