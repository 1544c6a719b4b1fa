from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, background_sql, code_list

TABLE = Table(
    id="deltagare_initierad",
    number=11,
    title="Deltagare efter initierande aktör och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="initierad_av", label="Initierande aktör", codes=code_list("initierande_aktor", SAKNAS)
                ),
            ),
            by_kon=True,
            sql=background_sql("initierad_av"),
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
