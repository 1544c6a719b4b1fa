from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import FORBUND_CODES, TOTALT, fixed

SHARES = tuple(
    Measure(
        id=f"{way}_{days}",
        label=f"Andel {'starter' if way == 'in' else 'avslut'} registrerade inom {days} dagar",
        unit="procent",
    )
    for way in ("in", "ut")
    for days in (7, 30, 90)
)

TABLE = Table(
    id="kvalitet",
    number=26,
    title="Registreringens kvalitet efter samordningsförbund",
    population="Deltaganden med personuppgifter som infaller under året",
    unit="deltaganden",
    measures=(
        *SHARES,
        Measure(id="oppna_avslutad_insats", label="Öppna deltaganden i avslutad insats"),
        Measure(id="oppna_over_3_ar", label="Öppna deltaganden äldre än tre år"),
        Measure(id="saknas_utbildning", label="Uppgift om utbildning saknas"),
        Measure(id="saknas_forsorjning", label="Uppgift om försörjning före saknas"),
        Measure(id="saknas_sysselsattning", label="Uppgift om sysselsättning före saknas"),
        Measure(id="samtycken_ej_mottagna", label="Samtycken i original som inte har mottagits"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="forbund",
                    label="Samordningsförbund",
                    codes=f"{FORBUND_CODES} UNION ALL {fixed(TOTALT, first=100_000)}",
                ),
            ),
            sql="""
            WITH med AS (
                SELECT unnest([d.forbund, 'totalt']) AS forbund, d.rad, d.slut_dag, d.over_3_ar, d.utbildning,
                       d.samtycke_mottaget, i.slut_dag < dagar AS insats_slut,
                       CASE WHEN d.start_dag >= 0 THEN d.eftersl_in END AS sen_in,
                       CASE WHEN d.slut_dag < dagar THEN d.eftersl_ut END AS sen_ut,
                       arbetar_fore IS NULL AND studerar_fore IS NULL AND arbetssokande_fore IS NULL AS utan_svar,
                       d.rad NOT IN (SELECT rad FROM forsorjning WHERE nar = 'fore') AS utan_forsorjning
                FROM deltaganden d JOIN insatser i USING (insats), meta)
            SELECT ram.forbund,
                   pct(count(*) FILTER (sen_in <= 7), count(sen_in)) AS in_7,
                   pct(count(*) FILTER (sen_in <= 30), count(sen_in)) AS in_30,
                   pct(count(*) FILTER (sen_in <= 90), count(sen_in)) AS in_90,
                   pct(count(*) FILTER (sen_ut <= 7), count(sen_ut)) AS ut_7,
                   pct(count(*) FILTER (sen_ut <= 30), count(sen_ut)) AS ut_30,
                   pct(count(*) FILTER (sen_ut <= 90), count(sen_ut)) AS ut_90,
                   count(rad) FILTER (slut_dag IS NULL AND insats_slut) AS oppna_avslutad_insats,
                   count(rad) FILTER (slut_dag IS NULL AND over_3_ar) AS oppna_over_3_ar,
                   count(rad) FILTER (utbildning IS NULL) AS saknas_utbildning,
                   count(rad) FILTER (utan_forsorjning) AS saknas_forsorjning,
                   count(rad) FILTER (utan_svar) AS saknas_sysselsattning,
                   CASE WHEN count(samtycke_mottaget) > 0
                        THEN count(rad) FILTER (NOT samtycke_mottaget) END AS samtycken_ej_mottagna
            FROM ram LEFT JOIN med USING (forbund) GROUP BY ram.forbund""",
        ),
    ),
    definitions=(
        "uttag",
        "deltagande",
        "forbund_tillhorighet",
        "efterslapning",
        "saknas",
        "andel",
        "aret_fore",
    ),
    notes=(
        "Öppet deltagande: inget slut är känt. Avslutad insats: insatsen slutade senast den 31 december."
        " Äldre än tre år: startade mer än tre år före den 31 december.",
        "Andelarna avser starter respektive slut under året. Övriga mått är antal deltaganden under året.",
        "För deltaganden som har flyttats in från ett annat system är det inte känt om samtycket i original har"
        " mottagits; de räknas inte bland samtycken som inte har mottagits.",
    ),
)
