from reporting.tables.base import Dimension
from reporting.tables.shared import SAKNAS, background_table, code_list

TABLE = background_table(
    id_="deltagare_tid",
    number=9,
    title="Deltagare efter tid i offentlig försörjning före insatsen och kön",
    dimension=Dimension(
        id="tid_i_forsorjning",
        label="Tid i offentlig försörjning före insatsen",
        codes=code_list("tid_i_forsorjning", SAKNAS),
        named=(SAKNAS,),
    ),
)
