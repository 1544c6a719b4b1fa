from reporting.tables.base import Dimension
from reporting.tables.shared import SAKNAS, background_table, code_list

TABLE = background_table(
    id_="deltagare_initierad",
    number=11,
    title="Deltagare efter initierande aktör och kön",
    dimension=Dimension(
        id="initierad_av",
        label="Initierande aktör",
        codes=code_list("initierande_aktor", SAKNAS),
        named=(SAKNAS,),
    ),
)
