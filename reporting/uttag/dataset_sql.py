"""The SQL that turns one folder of raw extraction files into the tables of a frozen dataset.

Every statement is a template for `str.format`: `{ra}` is the scratch schema with the raw files as views,
`{ds}` the schema of the dataset, `{ar}` the year. Times arrive as UTC text; a calendar day is always one in
Europe/Stockholm (DOMAIN §5). `$t` is the as-of time (UTC). Days in the dataset count from 1 January of the
year, which is day 0.
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
    "forbund_ar": ("forbund", "post", "budget", "utfall"),
    "insats_ar": ("insats", "planerat", "budget", "utfall", "budget_esf", "utfall_esf"),
    "anonyma": ("insats", "nr", "registrerad", "kvinnor", "man"),
    "volym": ("insats", "nr", "registrerad", "antal", "kvinnor", "man"),
    "koder": ("lista", "kod", "etikett", "fran", "till", "ordning", "grupp", "per_person"),
    "kommuner": ("kommun", "namn", "lan", "lan_namn"),
}  # fmt: skip

# `tid` reads UTC text with or without an offset mark; `dag` is the calendar day of such a time in Sweden.
MACROS = """
CREATE OR REPLACE TEMP MACRO tid(t) AS regexp_replace(trim(t), '(Z|[+]00(:?00)?)$', '')::TIMESTAMP;
CREATE OR REPLACE TEMP MACRO dag(t) AS (t AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Stockholm')::DATE;
"""

# The latest known version of each deltagande, with what only the versions together can tell: when it was
# first registered, and when the date that now holds was first registered (REPORTS §1, `eftersläpning`).
VERSIONS = """
CREATE TABLE {ra}.v_in AS
SELECT *, min(t) OVER (PARTITION BY deltagande) AS forst, min(t) OVER (PARTITION BY deltagande, start) AS forst_datum
FROM (SELECT * REPLACE (nr::INTEGER AS nr, start::DATE AS start, start_ar::INTEGER AS start_ar),
             tid(registrerad) AS t
      FROM {ra}.in_versioner) WHERE t <= $t
QUALIFY row_number() OVER (PARTITION BY deltagande ORDER BY t DESC, nr DESC) = 1;

CREATE TABLE {ra}.v_ut AS
SELECT *, min(t) OVER (PARTITION BY deltagande) AS forst, min(t) OVER (PARTITION BY deltagande, slut) AS forst_datum
FROM (SELECT * REPLACE (nr::INTEGER AS nr, slut::DATE AS slut, slut_ar::INTEGER AS slut_ar),
             coalesce(felregistrering::BOOLEAN, false) OR coalesce(avslutsanledning = 'felregistrering', false) AS fel,
             tid(registrerad) AS t
      FROM {ra}.ut_versioner) WHERE t <= $t
QUALIFY row_number() OVER (PARTITION BY deltagande ORDER BY t DESC, nr DESC) = 1;
"""

# Which deltaganden the year has. With identity: by day. Without (person missing): by year, all that is left.
CHOSEN = """
CREATE TABLE {ra}.vald AS
SELECT row_number() OVER (ORDER BY i.deltagande)::INTEGER AS rad, i.deltagande, i.insats, d.person,
       least(coalesce(u.slut, DATE '{ar}-12-31'), DATE '{ar}-12-31') AS agardag
FROM {ra}.v_in i JOIN {ra}.deltaganden d USING (deltagande) LEFT JOIN {ra}.v_ut u USING (deltagande)
WHERE NOT coalesce(u.fel, false) AND d.person IS NOT NULL
  AND i.start <= DATE '{ar}-12-31' AND (u.slut IS NULL OR u.slut >= DATE '{ar}-01-01');

CREATE TABLE {ra}.avid AS
SELECT i.deltagande, i.insats, coalesce(i.kon, 'okand') AS kon,
       least(coalesce(u.slut, DATE '{ar}-12-31'), DATE '{ar}-12-31') AS agardag
FROM {ra}.v_in i JOIN {ra}.deltaganden d USING (deltagande) LEFT JOIN {ra}.v_ut u USING (deltagande)
WHERE NOT coalesce(u.fel, false) AND d.person IS NULL
  AND coalesce(i.start_ar, year(i.start)) <= {ar}
  AND (u.deltagande IS NULL OR coalesce(u.slut_ar, year(u.slut), {ar}) >= {ar});

CREATE TABLE {ra}.v_anonyma AS
SELECT insats, kvinnor::INTEGER AS kvinnor, man::INTEGER AS man
FROM (SELECT *, tid(registrerad) AS t FROM {ra}.anonyma) WHERE t <= $t
QUALIFY row_number() OVER (PARTITION BY insats ORDER BY t DESC, nr::INTEGER DESC) = 1;

CREATE TABLE {ra}.v_volym AS
SELECT insats, antal::INTEGER AS antal, kvinnor::INTEGER AS kvinnor, man::INTEGER AS man
FROM (SELECT *, tid(registrerad) AS t FROM {ra}.volym) WHERE t <= $t
QUALIFY row_number() OVER (PARTITION BY insats ORDER BY t DESC, nr::INTEGER DESC) = 1;
"""

# Who owned an insats on a day that matters (DOMAIN §3): the ownership that covers it, else the nearest one.
OWNERS = """
CREATE TABLE {ra}.insats AS
SELECT row_number() OVER (ORDER BY insats)::INTEGER AS nummer, * REPLACE (start::DATE AS start, slut::DATE AS slut),
       least(coalesce(slut::DATE, DATE '{ar}-12-31'), DATE '{ar}-12-31') AS agardag
FROM {ra}.insatser;

CREATE TABLE {ra}.agare AS
WITH fragor AS (SELECT insats, agardag FROM {ra}.insats UNION SELECT insats, agardag FROM {ra}.vald
                UNION SELECT insats, agardag FROM {ra}.avid),
     perioder AS (SELECT insats, forbund, coalesce(fran::DATE, DATE '0001-01-01') AS fran,
                         coalesce(till::DATE, DATE '9999-12-31') AS till FROM {ra}.agande)
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
       coalesce(i.esf::BOOLEAN, false) AS esf,
       i.start <= DATE '{ar}-12-31' AND coalesce(i.slut >= DATE '{ar}-01-01', true) AS i_aret,
       r.planerat::INTEGER AS planerat, r.budget::DECIMAL(18, 2) AS budget, r.utfall::DECIMAL(18, 2) AS utfall,
       r.budget_esf::DECIMAL(18, 2) AS budget_esf, r.utfall_esf::DECIMAL(18, 2) AS utfall_esf
FROM {ra}.insats i JOIN {ra}.agare a USING (insats, agardag) LEFT JOIN {ra}.insats_ar r USING (insats);

CREATE TABLE {ds}.insats_forbund AS
SELECT DISTINCT i.nummer AS insats, a.forbund
FROM {ra}.insats i JOIN {ra}.agande a USING (insats)
WHERE i.start <= DATE '{ar}-12-31' AND coalesce(i.slut >= DATE '{ar}-01-01', true)
  AND coalesce(a.fran::DATE <= DATE '{ar}-12-31', true) AND coalesce(a.till::DATE >= DATE '{ar}-01-01', true);

CREATE TABLE {ds}.deltaganden AS
WITH alder_band AS (
    SELECT kod, coalesce(try_cast(regexp_extract(kod, '^([0-9]+)-', 1) AS INTEGER), -9999) AS fran,
           coalesce(try_cast(regexp_extract(kod, '-([0-9]+)$', 1) AS INTEGER), 999) AS till
    FROM {ra}.koder WHERE lista = 'alder' AND coalesce(fran::DATE <= DATE '{ar}-12-31', true)
      AND coalesce(till::DATE >= DATE '{ar}-12-31', true)),
     personer AS (SELECT person, row_number() OVER (ORDER BY min(rad))::INTEGER AS nummer
                  FROM {ra}.vald GROUP BY person)
SELECT v.rad, p.nummer AS person, n.nummer AS insats, a.forbund, coalesce(i.kon, 'okand') AS kon, b.kod AS alder,
       {ar} - i.fodelsear::INTEGER < 30 AS ung, i.kommun,
       (i.start - DATE '{ar}-01-01')::INTEGER AS start_dag, (u.slut - DATE '{ar}-01-01')::INTEGER AS slut_dag,
       i.start < DATE '{ar}-12-31' - INTERVAL 3 YEAR AS over_3_ar,
       i.utbildning, CASE WHEN i.tid_manader IS NULL THEN NULL WHEN i.tid_manader::INTEGER <= 0 THEN 'ingen'
            WHEN i.tid_manader::INTEGER < 12 THEN 'under_1' WHEN i.tid_manader::INTEGER < 36 THEN '1_2'
            WHEN i.tid_manader::INTEGER < 72 THEN '3_5' WHEN i.tid_manader::INTEGER < 120 THEN '6_9'
            ELSE '10_plus' END AS tid_i_forsorjning,
       i.initierad_av, i.behovsgrupp,
       i.arbetar::SMALLINT AS arbetar_fore, i.typ_av_arbete AS typ_av_arbete_fore,
       i.studerar::SMALLINT AS studerar_fore, i.arbetssokande::BOOLEAN AS arbetssokande_fore,
       i.inskriven_af::BOOLEAN AS inskriven_af_fore, u.avslutsanledning,
       u.arbetar::SMALLINT AS arbetar_efter, u.typ_av_arbete AS typ_av_arbete_efter,
       u.studerar::SMALLINT AS studerar_efter, u.arbetssokande::BOOLEAN AS arbetssokande_efter,
       u.inskriven_af::BOOLEAN AS inskriven_af_efter,
       (dense_rank() OVER (ORDER BY i.forst))::INTEGER AS ordning_in,
       CASE WHEN u.deltagande IS NOT NULL THEN (dense_rank() OVER (ORDER BY u.forst))::INTEGER END AS ordning_ut,
       (dag(i.forst_datum) - i.start)::INTEGER AS eftersl_in, (dag(u.forst_datum) - u.slut)::INTEGER AS eftersl_ut,
       CASE WHEN d.samtycke_kant::BOOLEAN
            THEN coalesce(d.original_mottaget::DATE <= dag($t), false) END AS samtycke_mottaget
FROM {ra}.vald v JOIN {ra}.v_in i USING (deltagande) JOIN {ra}.deltaganden d USING (deltagande)
JOIN personer p ON p.person = v.person JOIN {ra}.insats n ON n.insats = v.insats
JOIN {ra}.agare a ON a.insats = v.insats AND a.agardag = v.agardag
LEFT JOIN {ra}.v_ut u USING (deltagande)
LEFT JOIN alder_band b ON {ar} - i.fodelsear::INTEGER BETWEEN b.fran AND b.till
ORDER BY v.rad;

CREATE TABLE {ds}.forsorjning AS
SELECT DISTINCT rad, nar, split_part(kalla, ':', 1) AS kod, nullif(split_part(kalla, ':', 2), '') AS omfattning
FROM (SELECT rad, 'fore' AS nar, unnest(string_split(i.forsorjning, '|')) AS kalla
      FROM {ra}.vald JOIN {ra}.v_in i USING (deltagande) WHERE i.forsorjning IS NOT NULL
      UNION ALL
      SELECT rad, 'efter', unnest(string_split(u.forsorjning, '|'))
      FROM {ra}.vald JOIN {ra}.v_ut u USING (deltagande) WHERE u.forsorjning IS NOT NULL);

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
SELECT forbund, namn, (start::DATE - DATE '{ar}-01-01')::INTEGER AS start_dag,
       (slut::DATE - DATE '{ar}-01-01')::INTEGER AS slut_dag, uppgatt_i,
       start::DATE <= DATE '{ar}-12-31' AND coalesce(slut::DATE >= DATE '{ar}-12-31', true) AS vid_arets_slut
FROM {ra}.forbund;

CREATE TABLE {ds}.forbund_kommun AS
SELECT DISTINCT forbund, kommun FROM {ra}.forbund_kommun
WHERE coalesce(fran::DATE <= DATE '{ar}-12-31', true) AND coalesce(till::DATE >= DATE '{ar}-12-31', true);

CREATE TABLE {ds}.ekonomi AS
SELECT forbund, post, budget::DECIMAL(18, 2) AS budget, utfall::DECIMAL(18, 2) AS utfall FROM {ra}.forbund_ar;

CREATE TABLE {ds}.kommuner AS
SELECT kommun, namn, lan, lan_namn, true AS giltig FROM {ra}.kommuner
UNION ALL SELECT DISTINCT kommun, kommun, left(kommun, 2), left(kommun, 2), false
FROM {ds}.deltaganden ANTI JOIN {ra}.kommuner USING (kommun) WHERE kommun IS NOT NULL;

CREATE TABLE {ds}.koder AS
WITH giltiga AS (
    SELECT lista, kod, etikett, ordning::INTEGER AS ordning, grupp, fran::DATE AS fran,
           coalesce(per_person::BOOLEAN, false) AS per_person,
           coalesce(fran::DATE <= DATE '{ar}-12-31', true) AND coalesce(till::DATE >=
               CASE WHEN lista = 'alder' THEN DATE '{ar}-12-31' ELSE DATE '{ar}-01-01' END, true) AS giltig
    FROM {ra}.koder),
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
    ("SELECT count(*) FROM {ra}.v_in ANTI JOIN {ra}.deltaganden USING (deltagande)",
     "{n} deltaganden in in_versioner.csv are not in deltaganden.csv"),
    ("SELECT count(*) - count(DISTINCT deltagande) FROM {ra}.deltaganden", "{n} deltaganden are given twice"),
    ("SELECT count(*) - count(DISTINCT insats) FROM {ra}.insatser", "{n} insatser are given twice"),
    ("SELECT count(*) - count(DISTINCT insats) FROM {ra}.insats_ar", "{n} insatser have two rows in insats_ar.csv"),
    ("SELECT count(*) FROM {ra}.insats ANTI JOIN {ra}.agande USING (insats)", "{n} insatser have no owner"),
    ("SELECT (SELECT count(*) FROM {ra}.vald) - (SELECT count(*) FROM {ds}.deltaganden)",
     "{n} deltaganden have no insats, or fall in more than one band of age"),
    ("SELECT count(*) FROM {ds}.deltaganden WHERE alder IS NULL", "{n} deltaganden fall in no band of age"),
    ("SELECT (SELECT count(*) FROM {ra}.avid) - (SELECT coalesce(sum(antal), 0) FROM {ds}.avidentifierade)",
     "{n} deltaganden without identity have no insats"),
    ("SELECT (SELECT count(*) FROM {ra}.v_anonyma) - (SELECT count(*) FROM {ds}.anonyma)",
     "{n} rows of anonyma have no insats"),
    ("SELECT (SELECT count(*) FROM {ra}.v_volym) - (SELECT count(*) FROM {ds}.volym)",
     "{n} rows of volym have no insats"),
    ("SELECT count(*) FROM {ra}.insats_ar ANTI JOIN {ra}.insats USING (insats)",
     "{n} rows of insats_ar have no insats"),
)  # fmt: skip
