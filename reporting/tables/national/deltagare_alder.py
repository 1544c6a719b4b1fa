from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import PERSONER, by_answer, code_list, number_and_share

TABLE = Table(
    id="deltagare_alder",
    number=7,
    title="Deltagare efter ålder och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=number_and_share(PERSONER),
    blocks=(
        Block(
            dimensions=(Dimension(id="alder", label="Ålder", codes=code_list("alder")),),
            by_kon=True,
            sql=by_answer("personer", "alder"),
        ),
    ),
    definitions=(
        "alder",
        "uttag",
        "deltagande",
        "med_personuppgifter",
        "bakgrund",
        "kon",
        "andel",
        "aret_fore",
    ),
)
