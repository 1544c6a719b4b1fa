from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import PERSONER, PERSONER_LABEL, SAKNAS, by_source, code_list, number_and_share

TABLE = Table(
    id="deltagare_forsorjning",
    number=10,
    title="Deltagare efter försörjning före insatsen och kön",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=number_and_share(PERSONER, PERSONER_LABEL),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="forsorjning",
                    label="Försörjning",
                    codes=code_list("forsorjning", SAKNAS),
                    named=(SAKNAS,),
                ),
            ),
            by_kon=True,
            sql=by_source("personer", "fore"),
        ),
    ),
    definitions=(
        "uttag",
        "deltagande",
        "med_personuppgifter",
        "bakgrund",
        "saknas",
        "kon",
        "andel",
        "aret_fore",
    ),
    notes=(
        "Den som har flera källor till försörjning räknas på varje rad. Andelarna kan summera till mer än 100 procent.",
    ),
)
