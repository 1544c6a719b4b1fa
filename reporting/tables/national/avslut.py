from reporting.tables.base import Block, Dimension, Table
from reporting.tables.shared import (
    AVSLUTADE,
    AVSLUTADE_LABEL,
    COUNTED_AVSLUT,
    SAKNAS,
    by_answer,
    code_list,
    number_and_share,
)

TABLE = Table(
    id="avslut",
    number=17,
    title="Avslutade efter avslutsanledning och kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=number_and_share(AVSLUTADE, AVSLUTADE_LABEL),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="avslutsanledning",
                    label="Avslutsanledning",
                    codes=code_list("avslutsanledning", SAKNAS, where="kod <> 'felregistrering'"),
                    named=(SAKNAS,),
                ),
            ),
            by_kon=True,
            sql=by_answer(COUNTED_AVSLUT, "avslutsanledning"),
        ),
    ),
    definitions=("uttag", "deltagande", "avslutade", "saknas", "kon", "andel", "aret_fore"),
)
