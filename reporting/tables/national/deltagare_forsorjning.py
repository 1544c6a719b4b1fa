from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, code_list

TABLE = Table(
    id="deltagare_forsorjning",
    number=10,
    title="Deltagare efter försörjning före insatsen och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="forsorjning", label="Försörjning", codes=code_list("forsorjning", SAKNAS)),
            ),
            by_kon=True,
            sql="""
            SELECT forsorjning, kon, coalesce(antal, 0) AS antal, pct(coalesce(antal, 0), n) AS andel
            FROM ram LEFT JOIN (
                SELECT coalesce(f.kod, 'saknas') AS forsorjning, kon, count(*) AS antal
                FROM personer_k LEFT JOIN (SELECT DISTINCT rad, kod FROM forsorjning WHERE nar = 'fore') f USING (rad)
                GROUP BY ALL) USING (forsorjning, kon)
            JOIN personer_bas USING (kon)""",
        ),
    ),
    definitions=(
        "uttag",
        "deltagande",
        "med_personuppgifter",
        "bakgrund",
        "saknas",
        "kon",
        "andel",
        "aret_fore",
    ),
    notes=(
        "Den som har flera källor till försörjning räknas på varje rad. Andelarna kan summera till mer än 100 procent.",
    ),
)
