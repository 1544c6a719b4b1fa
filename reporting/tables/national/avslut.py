from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, code_list

TABLE = Table(
    id="avslut",
    number=17,
    title="Avslutade efter avslutsanledning och kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="avslutsanledning",
                    label="Avslutsanledning",
                    codes=code_list("avslutsanledning", SAKNAS, where="kod <> 'felregistrering'"),
                ),
            ),
            by_kon=True,
            sql="""
            SELECT avslutsanledning, kon, coalesce(antal, 0) AS antal, pct(coalesce(antal, 0), n) AS andel
            FROM ram LEFT JOIN (SELECT coalesce(avslutsanledning, 'saknas') AS avslutsanledning, kon, count(*) AS antal
                                FROM avslut_k GROUP BY ALL) USING (avslutsanledning, kon)
            JOIN avslut_bas USING (kon)""",
        ),
    ),
    definitions=("uttag", "deltagande", "avslutade", "saknas", "kon", "andel", "aret_fore"),
)
