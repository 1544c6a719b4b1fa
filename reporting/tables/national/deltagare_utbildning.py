from reporting.tables.base import Dimension
from reporting.tables.shared import SAKNAS, background_table, code_list

TABLE = background_table(
    id_="deltagare_utbildning",
    number=8,
    title="Deltagare efter högsta slutförda utbildning och kön",
    dimension=Dimension(
        id="utbildning",
        label="Högsta slutförda utbildning",
        codes=code_list("utbildning", SAKNAS),
        named=(SAKNAS,),
    ),
)
