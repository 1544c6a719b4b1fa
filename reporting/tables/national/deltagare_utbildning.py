from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import PERSONER, SAKNAS, by_answer, code_list, number_and_share

TABLE = Table(
    id="deltagare_utbildning",
    number=8,
    title="Deltagare efter högsta slutförda utbildning och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=number_and_share(PERSONER),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="utbildning",
                    label="Högsta slutförda utbildning",
                    codes=code_list("utbildning", SAKNAS),
                ),
            ),
            by_kon=True,
            sql=by_answer("personer", "utbildning"),
        ),
    ),
    definitions=(
        "saknas",
        "uttag",
        "deltagande",
        "med_personuppgifter",
        "bakgrund",
        "kon",
        "andel",
        "aret_fore",
    ),
)
