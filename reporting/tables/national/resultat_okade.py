from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import AVSLUTADE, AVSLUTADE_LABEL, SAKNAS, fixed, number_and_share

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
    measures=number_and_share(AVSLUTADE, AVSLUTADE_LABEL),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="okade", label="Arbete eller studier", codes=fixed(*KINDS), named=KINDS),
            ),
            by_kon=True,
            sql="""
            SELECT CASE WHEN fore = 'saknas' OR efter = 'saknas' THEN 'saknas'
                        WHEN okade THEN 'borjade_eller_okade' ELSE 'ej_okade' END AS okade, kon, sum(antal) AS antal
            FROM avslut_grupper GROUP BY ALL""",
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
