from reporting.tables.base import Block, Measure, Table
from reporting.tables.shared import FORBUND

CHANGED_FORBUND = "En insats som bytte förbund under året räknas i båda förbunden."

TABLE = Table(
    id="forbund",
    number=21,
    title="Insatser, deltagare och resultat efter samordningsförbund",
    population="Samordningsförbund med en insats som pågick under året, även förbund som upphörde under året",
    unit="individer",
    measures=(
        Measure(id="insatser", label="Insatser"),
        Measure(id="deltagare", label="Deltagare"),
        Measure(id="med_personuppgifter", label="Med personuppgifter"),
        Measure(id="andel_personuppgifter", label="Andel med personuppgifter", unit="procent"),
        Measure(id="avslutade", label="Avslutade"),
        Measure(id="arbete_eller_studier_andel", label="Andel till arbete eller studier", unit="procent"),
        Measure(id="malet_andel", label="Andel till arbete, studier eller arbetssökande", unit="procent"),
        Measure(id="median_tid", label="Mediantid i insats", unit="dagar"),
        Measure(id="median_eftersl_dagar", label="Median för inregistreringens eftersläpning", unit="dagar"),
    ),
    blocks=(
        Block(
            dimensions=(FORBUND,),
            sql="""
            WITH antal AS (
                SELECT forbund, sum(p) AS med, sum(n) AS alla FROM (
                    SELECT forbund, count(DISTINCT person) AS p, p AS n FROM deltaganden GROUP BY forbund
                    UNION ALL SELECT forbund, 0, kvinnor + man FROM anonyma
                    UNION ALL SELECT forbund, 0, antal FROM volym WHERE inriktning = 'individ'
                    UNION ALL SELECT forbund, 0, antal FROM avidentifierade) GROUP BY forbund),
                 ut AS (
                SELECT forbund, count(*) AS avslutade, count(*) FILTER (efter = 'arbete_eller_studier') AS arbete,
                       count(*) FILTER (efter IN ('arbete_eller_studier', 'arbetssokande')) AS malet,
                       quantile_cont(tid, 0.5) AS median_tid
                FROM avslut GROUP BY forbund),
                 starter AS (SELECT forbund, quantile_cont(eftersl_in, 0.5) AS median_eftersl_dagar
                             FROM deltaganden WHERE start_dag >= 0 GROUP BY forbund),
                 egna AS (SELECT forbund, count(*) AS insatser FROM insats_forbund GROUP BY forbund)
            SELECT forbund, coalesce(insatser, 0) AS insatser, coalesce(alla, 0) AS deltagare,
                   coalesce(med, 0) AS med_personuppgifter, pct(med, alla) AS andel_personuppgifter,
                   coalesce(avslutade, 0) AS avslutade, pct(arbete, avslutade) AS arbete_eller_studier_andel,
                   pct(malet, avslutade) AS malet_andel, median_tid, median_eftersl_dagar
            FROM forbund_i_aret LEFT JOIN egna USING (forbund) LEFT JOIN antal USING (forbund)
            LEFT JOIN ut USING (forbund) LEFT JOIN starter USING (forbund)""",
        ),
    ),
    definitions=(
        "uttag", "insatser", "deltagande", "deltagare", "med_personuppgifter", "forbund_tillhorighet", "avslutade",
        "arbete_eller_studier", "malet", "tid_i_insats", "efterslapning", "kvartil", "andel", "aret_fore",
    ),
    notes=(
        "En person räknas en gång i varje förbund där den har deltagit. Raderna kan därför summera till mer än riket.",
        "Andelen med personuppgifter avser radens deltagare, de båda andra andelarna radens avslutade. Eftersläpningens"
        " median avser starter under året.",
        "Ett öppet deltagande i en insats som slutade före året räknas i riket, men här bara om förbundet hade en"
        " insats som pågick under året.",
        CHANGED_FORBUND,
    ),
)  # fmt: skip
