"""The SQL that turns one folder of raw extraction files into the tables of a frozen dataset.

Every statement is a template for `str.format`: `{raw}` is the schema of the raw files, `{ra}` a scratch schema,
`{ds}` the schema of the dataset, `{ar}` the year. Times arrive as UTC text; a calendar day is always one in
Europe/Stockholm (DOMAIN §5). `$t` is the as-of time (UTC). Days in the dataset count from 1 January of the year, which
is day 0.
"""

# What the extraction promises to write: file -> columns. Found by name, in any order.
RAW_COLUMNS: dict[str, tuple[str, ...]] = {
    "in_versioner": (
        "deltagande", "insats", "nr", "registrerad", "start", "start_ar", "kon", "fodelsear", "kommun",
        "utbildning", "tid_manader", "forsorjning", "arbetar", "typ_av_arbete", "studerar", "arbetssokande",
        "inskriven_af", "initierad_av", "behovsgrupp",
    ),
    "ut_versioner": (
        "deltagande", "nr", "registrerad", "slut", "slut_ar", "avslutsanledning", "felregistrering",
        "forsorjning", "arbetar", "typ_av_arbete", "studerar", "arbetssokande", "inskriven_af",
    ),
    "deltaganden": ("deltagande", "person", "samtycke_kant", "original_mottaget"),
    "insatser": (
        "insats", "inriktning", "preciserad_inriktning", "registreringssatt", "behovsgrupper", "start", "slut",
        "esf",
    ),
    "agande": ("insats", "forbund", "fran", "till"),
    "forbund": ("forbund", "namn", "start", "slut", "uppgatt_i"),
    "forbund_kommun": ("forbund", "kommun", "fran", "till"),
    "forbund_ar": ("ar", "forbund", "post", "budget", "utfall"),
    "insats_ar": ("ar", "insats", "planerat", "budget", "utfall", "budget_esf", "utfall_esf"),
    "anonyma": ("ar", "insats", "nr", "registrerad", "kvinnor", "man"),
    "volym": ("ar", "insats", "nr", "registrerad", "antal", "kvinnor", "man"),
    "koder": ("lista", "kod", "etikett", "fran", "till", "ordning", "grupp", "per_person"),
    "kommuner": ("kommun", "namn", "lan", "lan_namn"),
}  # fmt: skip

# Column -> type; all others are text. A column of a name has one type in all files.
RAW_TYPES: dict[str, str] = {
    **dict.fromkeys(("registrerad",), "TIMESTAMP"),
    **dict.fromkeys(("start", "slut", "fran", "till", "original_mottaget"), "DATE"),
    **dict.fromkeys(
        (
            "nr",
            "ar",
            "start_ar",
            "slut_ar",
            "fodelsear",
            "tid_manader",
            "ordning",
            "planerat",
            "antal",
            "kvinnor",
            "man",
        ),
        "INTEGER",
    ),
    **dict.fromkeys(("arbetar", "studerar"), "SMALLINT"),
    **dict.fromkeys(
        ("arbetssokande", "inskriven_af", "felregistrering", "samtycke_kant", "esf", "per_person"), "BOOLEAN"
    ),
    **dict.fromkeys(("budget", "utfall", "budget_esf", "utfall_esf"), "DECIMAL(18, 2)"),
}

# Months in offentlig försörjning: the band and the months that it ends before.
TID_BANDS: tuple[tuple[str, int | None], ...] = (
    ("ingen", 1), ("under_1", 12), ("1_2", 36), ("3_5", 72), ("6_9", 120), ("10_plus", None),
)  # fmt: skip


def tid_band(months: str) -> str:
    """SQL: the band of `tid_i_forsorjning` that a number of months falls in, null for none given."""
    bands = " ".join(f"WHEN {months} < {end} THEN '{band}'" for band, end in TID_BANDS if end is not None)
    return f"CASE WHEN {months} IS NULL THEN NULL {bands} ELSE '{TID_BANDS[-1][0]}' END"


# The answers of `deltaganden` that are codes: kept as numbers with their list beside them (ENUM), which makes counting
# by them several times faster than by text. In the frozen file they are text.
CODED = (
    "forbund", "kon", "alder", "kommun", "utbildning", "tid_i_forsorjning", "initierad_av", "behovsgrupp",
    "avslutsanledning",
)  # fmt: skip


def coded_deltaganden(schema: str, source: str, more_forbund: str) -> str:
    """SQL that makes `deltaganden` in `schema` of the rows of `source`, codes as ENUM.

    more_forbund: a table with more förbund than those of the rows.
    """
    values = {column: f"SELECT {column} FROM {source}" for column in CODED}
    values["forbund"] += f" UNION SELECT forbund FROM {more_forbund}"
    types = [
        f"CREATE TYPE {schema}.{column} AS ENUM ("
        f"SELECT DISTINCT {column} FROM ({sql}) WHERE {column} IS NOT NULL ORDER BY 1)"
        for column, sql in values.items()
    ]
    typed = ", ".join(f"{column}::{schema}.{column} AS {column}" for column in CODED)
    return ";".join(
        [*types, f"CREATE TABLE {schema}.deltaganden AS SELECT * REPLACE ({typed}) FROM {source}"]
    )


# `dag` is the calendar day of a UTC time in Sweden, which is one or two hours ahead of UTC: only a time of the last two
# hours of a day needs the zone to be looked up.
MACROS = """
CREATE OR REPLACE TEMP MACRO dag(t) AS CASE WHEN hour(t) < 22 THEN t::DATE
    ELSE (t AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Stockholm')::DATE END;
"""

# Where the latest known version of each deltagande stands, with what only the versions together can tell: when it was
# first registered, and when the date that now holds was first registered (REPORTS §1, `eftersläpning`).
_LATEST = """
CREATE TABLE {{ra}}.v_{way} AS
WITH kanda AS (SELECT rowid AS plats, deltagande, {date} AS datum, registrerad AS t, nr
               FROM {{raw}}.{way}_versioner WHERE registrerad <= $t),
     senast AS (SELECT deltagande, arg_max(plats, (t, nr)) AS plats, min(t) AS forst, count(*) AS antal
                FROM kanda GROUP BY deltagande),
     rattade AS (SELECT s.deltagande, min(k.t) AS forst_datum
                 FROM (FROM senast WHERE antal > 1) s JOIN {{raw}}.{way}_versioner v ON v.rowid = s.plats
                 JOIN kanda k ON k.deltagande = s.deltagande AND k.datum IS NOT DISTINCT FROM v.{date}
                 GROUP BY s.deltagande)
SELECT deltagande, plats, forst, coalesce(forst_datum, forst) AS forst_datum
FROM senast LEFT JOIN rattade USING (deltagande);
"""
VERSIONS = _LATEST.format(way="in", date="start") + _LATEST.format(way="ut", date="slut")

# Which deltaganden the year has. With identity: by day. Without (person missing): by year, all that is left.
CHOSEN = """
CREATE TABLE {ra}.kanda AS
SELECT a.deltagande, a.plats AS plats_in, b.plats AS plats_ut, a.forst AS forst_in, b.forst AS forst_ut,
       a.forst_datum AS forst_datum_in, b.forst_datum AS forst_datum_ut, i.insats, i.kon, i.start, u.slut,
       coalesce(i.start_ar, year(i.start)) AS start_ar, coalesce(u.slut_ar, year(u.slut)) AS slut_ar,
       d.person, d.samtycke_kant, d.original_mottaget,
       least(coalesce(u.slut, DATE '{ar}-12-31'), DATE '{ar}-12-31') AS agardag
FROM {ra}.v_in a JOIN {raw}.in_versioner i ON i.rowid = a.plats
JOIN {raw}.deltaganden d ON d.deltagande = a.deltagande
LEFT JOIN {ra}.v_ut b ON b.deltagande = a.deltagande LEFT JOIN {raw}.ut_versioner u ON u.rowid = b.plats
WHERE NOT (coalesce(u.felregistrering, false) OR coalesce(u.avslutsanledning = 'felregistrering', false));

CREATE TABLE {ra}.vald AS
SELECT row_number() OVER (ORDER BY deltagande)::INTEGER AS rad, *
FROM {ra}.kanda
WHERE person IS NOT NULL AND start <= DATE '{ar}-12-31' AND (slut IS NULL OR slut >= DATE '{ar}-01-01');

CREATE TABLE {ra}.avid AS
SELECT deltagande, insats, coalesce(kon, 'okand') AS kon, agardag
FROM {ra}.kanda WHERE person IS NULL AND start_ar <= {ar} AND (plats_ut IS NULL OR coalesce(slut_ar, {ar}) >= {ar});

CREATE TABLE {ra}.v_anonyma AS
SELECT insats, kvinnor, man FROM {raw}.anonyma WHERE ar = {ar} AND registrerad <= $t
QUALIFY row_number() OVER (PARTITION BY insats ORDER BY registrerad DESC, nr DESC) = 1;

CREATE TABLE {ra}.v_volym AS
SELECT insats, antal, kvinnor, man FROM {raw}.volym WHERE ar = {ar} AND registrerad <= $t
QUALIFY row_number() OVER (PARTITION BY insats ORDER BY registrerad DESC, nr DESC) = 1;
"""

# Who owned an insats on a day that matters (DOMAIN §3): the ownership that covers it, else the nearest one.
OWNERS = """
CREATE TABLE {ra}.insats AS
SELECT row_number() OVER (ORDER BY insats)::INTEGER AS nummer, *,
       least(coalesce(slut, DATE '{ar}-12-31'), DATE '{ar}-12-31') AS agardag
FROM {raw}.insatser;

CREATE TABLE {ra}.agare AS
WITH fragor AS (SELECT insats, agardag FROM {ra}.insats UNION SELECT insats, agardag FROM {ra}.vald
                UNION SELECT insats, agardag FROM {ra}.avid),
     perioder AS (SELECT insats, forbund, coalesce(fran, DATE '0001-01-01') AS fran,
                         coalesce(till, DATE '9999-12-31') AS till FROM {raw}.agande)
SELECT insats, agardag, forbund FROM fragor JOIN perioder USING (insats)
QUALIFY row_number() OVER (PARTITION BY insats, agardag
    ORDER BY greatest(fran - agardag, agardag - till, 0), fran > agardag, fran DESC, forbund) = 1;
"""

TABLES = """
CREATE TABLE {ds}.meta AS
SELECT {version}::INTEGER AS version, {ar}::INTEGER AS ar,
       (DATE '{ar}-12-31' - DATE '{ar}-01-01' + 1)::INTEGER AS dagar, $t AS kunskapstid;

CREATE TABLE {ds}.insatser AS
SELECT i.nummer AS insats, a.forbund, i.inriktning, i.preciserad_inriktning, i.registreringssatt,
       CASE WHEN i.behovsgrupper IS NULL THEN []::VARCHAR[]
            ELSE list_sort(list_distinct(string_split(i.behovsgrupper, '|'))) END AS behovsgrupper,
       (i.start - DATE '{ar}-01-01')::INTEGER AS start_dag, (i.slut - DATE '{ar}-01-01')::INTEGER AS slut_dag,
       coalesce(i.esf, false) AS esf,
       i.start <= DATE '{ar}-12-31' AND coalesce(i.slut >= DATE '{ar}-01-01', true) AS i_aret,
       r.planerat, r.budget, r.utfall, r.budget_esf, r.utfall_esf
FROM {ra}.insats i JOIN {ra}.agare a USING (insats, agardag)
LEFT JOIN (FROM {raw}.insats_ar WHERE ar = {ar}) r USING (insats);

CREATE TABLE {ds}.insats_forbund AS
SELECT DISTINCT i.nummer AS insats, a.forbund
FROM {ra}.insats i JOIN {raw}.agande a USING (insats)
WHERE i.start <= DATE '{ar}-12-31' AND coalesce(i.slut >= DATE '{ar}-01-01', true)
  AND coalesce(a.fran <= DATE '{ar}-12-31', true) AND coalesce(a.till >= DATE '{ar}-01-01', true);

CREATE TABLE {ra}.svar AS
SELECT text, row_number() OVER (ORDER BY text)::INTEGER AS svar
FROM (SELECT i.forsorjning AS text FROM {ra}.vald v JOIN {raw}.in_versioner i ON i.rowid = v.plats_in
      UNION SELECT u.forsorjning FROM {ra}.vald v JOIN {raw}.ut_versioner u ON u.rowid = v.plats_ut)
WHERE text IS NOT NULL;

CREATE TABLE {ds}.forsorjning AS
SELECT DISTINCT svar, split_part(kalla, ':', 1) AS kod, nullif(split_part(kalla, ':', 2), '') AS omfattning
FROM (SELECT svar, unnest(string_split(text, '|')) AS kalla FROM {ra}.svar);

CREATE TABLE {ra}.rader AS
WITH alder_band AS (
    SELECT kod, coalesce(try_cast(regexp_extract(kod, '^([0-9]+)-', 1) AS INTEGER), -9999) AS fran,
           coalesce(try_cast(regexp_extract(kod, '-([0-9]+)$', 1) AS INTEGER), 999) AS till
    FROM {raw}.koder WHERE lista = 'alder' AND coalesce(fran <= DATE '{ar}-12-31', true)
      AND coalesce(till >= DATE '{ar}-12-31', true)),
     aldrar AS (SELECT fodelsear, kod FROM (SELECT DISTINCT fodelsear FROM {raw}.in_versioner)
                JOIN alder_band ON {ar} - fodelsear BETWEEN fran AND till),
     personer AS (SELECT person, row_number() OVER (ORDER BY min(rad))::INTEGER AS nummer
                  FROM {ra}.vald GROUP BY person)
SELECT v.rad, p.nummer AS person, n.nummer AS insats, a.forbund, coalesce(v.kon, 'okand') AS kon, b.kod AS alder,
       {ar} - i.fodelsear < 30 AS ung, i.kommun,
       (v.start - DATE '{ar}-01-01')::INTEGER AS start_dag, (v.slut - DATE '{ar}-01-01')::INTEGER AS slut_dag,
       v.start < DATE '{ar}-12-31' - INTERVAL 3 YEAR AS over_3_ar,
       i.utbildning, {tid_band} AS tid_i_forsorjning, i.initierad_av, i.behovsgrupp,
       f.svar AS forsorjning_fore, i.arbetar AS arbetar_fore, i.typ_av_arbete AS typ_av_arbete_fore,
       i.studerar AS studerar_fore, i.arbetssokande AS arbetssokande_fore, i.inskriven_af AS inskriven_af_fore,
       u.avslutsanledning,
       e.svar AS forsorjning_efter, u.arbetar AS arbetar_efter, u.typ_av_arbete AS typ_av_arbete_efter,
       u.studerar AS studerar_efter, u.arbetssokande AS arbetssokande_efter, u.inskriven_af AS inskriven_af_efter,
       (dense_rank() OVER (ORDER BY v.forst_in))::INTEGER AS ordning_in,
       CASE WHEN v.plats_ut IS NOT NULL THEN (dense_rank() OVER (ORDER BY v.forst_ut))::INTEGER END AS ordning_ut,
       (dag(v.forst_datum_in) - v.start)::INTEGER AS eftersl_in,
       (dag(v.forst_datum_ut) - v.slut)::INTEGER AS eftersl_ut,
       CASE WHEN v.samtycke_kant THEN coalesce(v.original_mottaget <= dag($t), false) END AS samtycke_mottaget
FROM {ra}.vald v JOIN {raw}.in_versioner i ON i.rowid = v.plats_in
JOIN personer p ON p.person = v.person JOIN {ra}.insats n ON n.insats = v.insats
JOIN {ra}.agare a ON a.insats = v.insats AND a.agardag = v.agardag
LEFT JOIN {raw}.ut_versioner u ON u.rowid = v.plats_ut
LEFT JOIN {ra}.svar f ON f.text = i.forsorjning LEFT JOIN {ra}.svar e ON e.text = u.forsorjning
LEFT JOIN aldrar b ON b.fodelsear = i.fodelsear;

{coded_deltaganden};

CREATE TABLE {ds}.avidentifierade AS
SELECT n.nummer AS insats, a.forbund, v.kon, count(*)::INTEGER AS antal
FROM {ra}.avid v JOIN {ra}.insats n ON n.insats = v.insats
JOIN {ra}.agare a ON a.insats = v.insats AND a.agardag = v.agardag GROUP BY ALL;

CREATE TABLE {ds}.anonyma AS
SELECT n.nummer AS insats, a.forbund, coalesce(x.kvinnor, 0) AS kvinnor, coalesce(x.man, 0) AS man
FROM {ra}.v_anonyma x JOIN {ra}.insats n USING (insats) JOIN {ra}.agare a USING (insats, agardag);

CREATE TABLE {ds}.volym AS
SELECT n.nummer AS insats, a.forbund, n.inriktning, coalesce(x.antal, 0) AS antal, x.kvinnor, x.man
FROM {ra}.v_volym x JOIN {ra}.insats n USING (insats) JOIN {ra}.agare a USING (insats, agardag);

CREATE TABLE {ds}.forbund AS
SELECT forbund, namn, (start - DATE '{ar}-01-01')::INTEGER AS start_dag,
       (slut - DATE '{ar}-01-01')::INTEGER AS slut_dag, uppgatt_i,
       start <= DATE '{ar}-12-31' AND coalesce(slut >= DATE '{ar}-12-31', true) AS vid_arets_slut
FROM {raw}.forbund;

CREATE TABLE {ds}.forbund_kommun AS
SELECT DISTINCT forbund, kommun FROM {raw}.forbund_kommun
WHERE coalesce(fran <= DATE '{ar}-12-31', true) AND coalesce(till >= DATE '{ar}-12-31', true);

CREATE TABLE {ds}.ekonomi AS
SELECT forbund, post, budget, utfall FROM {raw}.forbund_ar WHERE ar = {ar};

CREATE TABLE {ds}.kommuner AS
SELECT kommun, namn, lan, lan_namn, true AS giltig FROM {raw}.kommuner
UNION ALL SELECT DISTINCT kommun, kommun, left(kommun, 2), left(kommun, 2), false
FROM {ds}.deltaganden ANTI JOIN {raw}.kommuner USING (kommun) WHERE kommun IS NOT NULL;

CREATE TABLE {ds}.koder AS
WITH giltiga AS (
    SELECT lista, kod, etikett, ordning, grupp, fran,
           coalesce(per_person, false) AS per_person,
           coalesce(fran <= DATE '{ar}-12-31', true) AND coalesce(till >=
               CASE WHEN lista = 'alder' THEN DATE '{ar}-12-31' ELSE DATE '{ar}-01-01' END, true) AS giltig
    FROM {raw}.koder),
     anvanda AS (
    SELECT 'utbildning' AS lista, utbildning AS kod FROM {ds}.deltaganden
    UNION SELECT 'initierande_aktor', initierad_av FROM {ds}.deltaganden
    UNION SELECT 'behovsgrupp', behovsgrupp FROM {ds}.deltaganden
    UNION SELECT 'avslutsanledning', avslutsanledning FROM {ds}.deltaganden
    UNION SELECT 'typ_av_arbete', typ_av_arbete_fore FROM {ds}.deltaganden
    UNION SELECT 'typ_av_arbete', typ_av_arbete_efter FROM {ds}.deltaganden
    UNION SELECT 'tid_i_forsorjning', tid_i_forsorjning FROM {ds}.deltaganden
    UNION SELECT 'alder', alder FROM {ds}.deltaganden
    UNION SELECT 'forsorjning', kod FROM {ds}.forsorjning
    UNION SELECT 'behovsgrupp', unnest(behovsgrupper) FROM {ds}.insatser WHERE i_aret
    UNION SELECT 'inriktning', inriktning FROM {ds}.insatser WHERE i_aret
    UNION SELECT 'preciserad_' || inriktning, preciserad_inriktning FROM {ds}.insatser
          WHERE i_aret OR insats IN (SELECT insats FROM {ds}.deltaganden UNION SELECT insats FROM {ds}.volym))
SELECT lista, kod, coalesce(g.etikett, kod) AS etikett, coalesce(g.ordning, 9999) AS ordning, g.grupp,
       coalesce(g.per_person, false) AS per_person, coalesce(g.giltig, false) AS giltig
FROM (SELECT lista, kod FROM giltiga WHERE giltig UNION SELECT lista, kod FROM anvanda WHERE kod IS NOT NULL)
LEFT JOIN giltiga g USING (lista, kod)
QUALIFY row_number() OVER (PARTITION BY lista, kod ORDER BY g.giltig DESC NULLS LAST, g.fran DESC NULLS LAST) = 1;
"""

# Nothing may fall away silently: each rule gives the number of rows that break it, and the sentence for the
# error.
CHECKS: tuple[tuple[str, str], ...] = (
    ("SELECT count(*) FROM {ra}.v_in ANTI JOIN {raw}.deltaganden USING (deltagande)",
     "{n} deltaganden in in_versioner.csv are not in deltaganden.csv"),
    ("SELECT count(*) - count(DISTINCT deltagande) FROM {raw}.deltaganden", "{n} deltaganden are given twice"),
    ("SELECT count(*) - count(DISTINCT insats) FROM {raw}.insatser", "{n} insatser are given twice"),
    ("SELECT count(*) - count(DISTINCT insats) FROM {raw}.insats_ar WHERE ar = {ar}",
     "{n} insatser have two rows in insats_ar.csv"),
    ("SELECT count(*) FROM {ra}.insats ANTI JOIN {raw}.agande USING (insats)", "{n} insatser have no owner"),
    ("SELECT (SELECT count(*) FROM {ra}.vald) - (SELECT count(*) FROM {ds}.deltaganden)",
     "{n} deltaganden have no insats, or fall in more than one band of age"),
    ("SELECT count(*) FROM {ds}.deltaganden WHERE alder IS NULL", "{n} deltaganden fall in no band of age"),
    ("SELECT (SELECT count(*) FROM {ra}.avid) - (SELECT coalesce(sum(antal), 0) FROM {ds}.avidentifierade)",
     "{n} deltaganden without identity have no insats"),
    ("SELECT (SELECT count(*) FROM {ra}.v_anonyma) - (SELECT count(*) FROM {ds}.anonyma)",
     "{n} rows of anonyma have no insats"),
    ("SELECT (SELECT count(*) FROM {ra}.v_volym) - (SELECT count(*) FROM {ds}.volym)",
     "{n} rows of volym have no insats"),
    ("SELECT count(*) FROM {raw}.insats_ar ANTI JOIN {ra}.insats USING (insats)",
     "{n} rows of insats_ar have no insats"),
)  # fmt: skip
