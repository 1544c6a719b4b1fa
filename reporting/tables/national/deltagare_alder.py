from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import background_sql, code_list

TABLE = Table(
    id="deltagare_alder",
    number=7,
    title="Deltagare efter ålder och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(Dimension(id="alder", label="Ålder", codes=code_list("alder")),),
            by_kon=True,
            sql=background_sql("alder"),
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
