from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import TOTALT, code_list

TABLE = Table(
    id="tid_i_insats",
    number=18,
    title="Avslutade efter insatsens preciserade inriktning och tid i insats",
    population="Personer med ett avslut under året",
    unit="dagar",
    measures=(
        Measure(id="avslutade", label="Avslutade"),
        Measure(id="median", label="Median", unit="dagar"),
        Measure(id="q1", label="Undre kvartil", unit="dagar"),
        Measure(id="q3", label="Övre kvartil", unit="dagar"),
        Measure(id="medel", label="Medelvärde", unit="dagar"),
        Measure(id="andel_over_1_ar", label="Andel över ett år", unit="procent"),
        Measure(id="andel_over_2_ar", label="Andel över två år", unit="procent"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="preciserad_inriktning",
                    label="Preciserad inriktning",
                    codes=code_list("preciserad_individ", TOTALT),
                    named=(TOTALT,),
                ),
            ),
            sql="""
            SELECT preciserad_inriktning, antal AS avslutade, kvartiler[2] AS median, kvartiler[1] AS q1,
                   kvartiler[3] AS q3, medel, pct(over_1_ar, antal) AS andel_over_1_ar,
                   pct(over_2_ar, antal) AS andel_over_2_ar
            FROM (SELECT CASE WHEN grouping(preciserad_inriktning) = 1 THEN 'totalt' ELSE preciserad_inriktning END
                         AS preciserad_inriktning, count(*) AS antal,
                         quantile_cont(tid, [0.25, 0.5, 0.75]) AS kvartiler, avg(tid) AS medel,
                         count(*) FILTER (tid > 365) AS over_1_ar, count(*) FILTER (tid > 730) AS over_2_ar
                  FROM avslut WHERE nationell GROUP BY GROUPING SETS ((preciserad_inriktning), ()))""",
        ),
    ),
    definitions=("uttag", "avslutade", "tid_i_insats", "kvartil", "andel", "aret_fore"),
    notes=("Andelarna avser radens avslutade.",),
)
