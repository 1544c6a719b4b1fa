from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, fixed

KINDS = (
    ("borjade_eller_okade", "Började eller ökade"),
    ("ej_okade", "Började eller ökade inte"),
    SAKNAS,
)

TABLE = Table(
    id="resultat_okade",
    number=14,
    title="Avslutade som började eller ökade arbete eller studier efter kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(Dimension(id="okade", label="Arbete eller studier", codes=fixed(*KINDS)),),
            by_kon=True,
            sql="""
            SELECT okade, kon, coalesce(antal, 0) AS antal, pct(coalesce(antal, 0), n) AS andel
            FROM ram LEFT JOIN (
                SELECT CASE WHEN fore = 'saknas' OR efter = 'saknas' THEN 'saknas'
                            WHEN okade THEN 'borjade_eller_okade' ELSE 'ej_okade' END AS okade, kon, count(*) AS antal
                FROM avslut_k GROUP BY ALL) USING (okade, kon)
            JOIN avslut_bas USING (kon)""",
        ),
    ),
    definitions=(
        "uttag",
        "avslutade",
        "fore_efter",
        "borjade_eller_okade",
        "saknas",
        "kon",
        "andel",
        "aret_fore",
    ),
)
