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
                ),
            ),
            sql="""
            SELECT preciserad_inriktning, count(tid) AS avslutade, quantile_cont(tid, 0.5) AS median,
                   quantile_cont(tid, 0.25) AS q1, quantile_cont(tid, 0.75) AS q3, avg(tid) AS medel,
                   pct(count(*) FILTER (tid > 365), count(tid)) AS andel_over_1_ar,
                   pct(count(*) FILTER (tid > 730), count(tid)) AS andel_over_2_ar
            FROM ram LEFT JOIN (
                SELECT unnest([preciserad_inriktning, 'totalt']) AS preciserad_inriktning, tid
                FROM avslut WHERE nationell) USING (preciserad_inriktning)
            GROUP BY preciserad_inriktning""",
        ),
    ),
    definitions=("uttag", "avslutade", "tid_i_insats", "kvartil", "andel", "aret_fore"),
)
