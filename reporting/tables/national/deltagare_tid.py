from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, background_sql, code_list

TABLE = Table(
    id="deltagare_tid",
    number=9,
    title="Deltagare efter tid i offentlig försörjning före insatsen och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
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
            sql=background_sql("tid_i_forsorjning"),
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
