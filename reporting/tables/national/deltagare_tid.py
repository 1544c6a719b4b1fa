from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import PERSONER, SAKNAS, by_answer, code_list, number_and_share

TABLE = Table(
    id="deltagare_tid",
    number=9,
    title="Deltagare efter tid i offentlig försörjning före insatsen och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=number_and_share(PERSONER),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="tid_i_forsorjning",
                    label="Tid i offentlig försörjning före insatsen",
                    codes=code_list("tid_i_forsorjning", SAKNAS),
                ),
            ),
            by_kon=True,
            sql=by_answer("personer", "tid_i_forsorjning"),
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
