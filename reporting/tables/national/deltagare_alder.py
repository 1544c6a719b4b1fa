from reporting.tables.base import Dimension
from reporting.tables.shared import background_table, code_list

TABLE = background_table(
    id_="deltagare_alder",
    number=7,
    title="Deltagare efter ålder och kön",
    dimension=Dimension(id="alder", label="Ålder", codes=code_list("alder")),
    about="alder",
)
