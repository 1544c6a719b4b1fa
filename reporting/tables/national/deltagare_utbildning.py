from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, background_sql, code_list

TABLE = Table(
    id="deltagare_utbildning",
    number=8,
    title="Deltagare efter högsta slutförda utbildning och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
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
            sql=background_sql("utbildning"),
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
