from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import PERSONER, SAKNAS, by_answer, code_list, number_and_share

TABLE = Table(
    id="deltagare_initierad",
    number=11,
    title="Deltagare efter initierande aktör och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=number_and_share(PERSONER),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="initierad_av", label="Initierande aktör", codes=code_list("initierande_aktor", SAKNAS)
                ),
            ),
            by_kon=True,
            sql=by_answer("personer", "initierad_av"),
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
