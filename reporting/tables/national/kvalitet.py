from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import TOTALT, fixed, forbund_codes

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
                    codes=f"{forbund_codes('forbund_med_nagon')} UNION ALL {fixed(TOTALT, first=100_000)}",
                    named=(TOTALT,),
                ),
            ),
            sql="""
            WITH per_forbund AS (
                SELECT d.forbund, count(*) FILTER (sen_in <= 7) AS in_7, count(*) FILTER (sen_in <= 30) AS in_30,
                       count(*) FILTER (sen_in <= 90) AS in_90, count(sen_in) AS alla_in,
                       count(*) FILTER (sen_ut <= 7) AS ut_7, count(*) FILTER (sen_ut <= 30) AS ut_30,
                       count(*) FILTER (sen_ut <= 90) AS ut_90, count(sen_ut) AS alla_ut,
                       count(*) FILTER (d.slut_dag IS NULL AND i.slut_dag < dagar) AS oppna_avslutad_insats,
                       count(*) FILTER (d.slut_dag IS NULL AND over_3_ar) AS oppna_over_3_ar,
                       count(*) FILTER (utbildning IS NULL) AS saknas_utbildning,
                       count(*) FILTER (forsorjning_fore IS NULL) AS saknas_forsorjning,
                       count(*) FILTER (arbetar_fore IS NULL AND studerar_fore IS NULL AND arbetssokande_fore IS NULL)
                           AS saknas_sysselsattning,
                       count(samtycke_mottaget) AS kanda_samtycken,
                       count(*) FILTER (NOT samtycke_mottaget) AS samtycken_ej_mottagna
                FROM (SELECT *, CASE WHEN start_dag >= 0 THEN eftersl_in END AS sen_in,
                             CASE WHEN slut_dag < dagar THEN eftersl_ut END AS sen_ut FROM deltaganden, meta) d
                JOIN insatser i USING (insats) GROUP BY d.forbund),
                 summor AS (
                SELECT forbund, sum(COLUMNS(* EXCLUDE (forbund)))
                FROM (FROM per_forbund UNION ALL SELECT * REPLACE ('totalt' AS forbund) FROM per_forbund)
                GROUP BY forbund)
            SELECT forbund, pct(in_7, alla_in) AS in_7, pct(in_30, alla_in) AS in_30, pct(in_90, alla_in) AS in_90,
                   pct(ut_7, alla_ut) AS ut_7, pct(ut_30, alla_ut) AS ut_30, pct(ut_90, alla_ut) AS ut_90,
                   coalesce(oppna_avslutad_insats, 0) AS oppna_avslutad_insats,
                   coalesce(oppna_over_3_ar, 0) AS oppna_over_3_ar,
                   coalesce(saknas_utbildning, 0) AS saknas_utbildning,
                   coalesce(saknas_forsorjning, 0) AS saknas_forsorjning,
                   coalesce(saknas_sysselsattning, 0) AS saknas_sysselsattning,
                   CASE WHEN kanda_samtycken > 0 THEN samtycken_ej_mottagna END AS samtycken_ej_mottagna
            FROM (FROM forbund_med_nagon UNION ALL SELECT 'totalt') LEFT JOIN summor USING (forbund)""",
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
