from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import AVSLUTADE, COUNTED_AVSLUT, SAKNAS, by_answer, code_list, number_and_share

TABLE = Table(
    id="avslut",
    number=17,
    title="Avslutade efter avslutsanledning och kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=number_and_share(AVSLUTADE),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="avslutsanledning",
                    label="Avslutsanledning",
                    codes=code_list("avslutsanledning", SAKNAS, where="kod <> 'felregistrering'"),
                ),
            ),
            by_kon=True,
            sql=by_answer(COUNTED_AVSLUT, "avslutsanledning"),
        ),
    ),
    definitions=("uttag", "deltagande", "avslutade", "saknas", "kon", "andel", "aret_fore"),
)
