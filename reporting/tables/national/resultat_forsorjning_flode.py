from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, code_list

CODES = code_list("forsorjning", SAKNAS)

TABLE = Table(
    id="resultat_forsorjning_flode",
    number=16,
    title="Avslutade efter försörjning före insatsen och försörjning efter insatsen",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"),),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="forsorjning_fore", label="Försörjning före", codes=CODES),
                Dimension(id="forsorjning_efter", label="Försörjning efter", codes=CODES),
            ),
            sql="""
            SELECT forsorjning_fore, forsorjning_efter, coalesce(antal, 0) AS antal
            FROM ram LEFT JOIN (
                SELECT coalesce(f.kod, 'saknas') AS forsorjning_fore, coalesce(e.kod, 'saknas') AS forsorjning_efter,
                       count(*) AS antal
                FROM (SELECT rad FROM avslut WHERE nationell)
                LEFT JOIN (SELECT DISTINCT rad, kod FROM forsorjning WHERE nar = 'fore') f USING (rad)
                LEFT JOIN (SELECT DISTINCT rad, kod FROM forsorjning WHERE nar = 'efter') e USING (rad)
                GROUP BY ALL) USING (forsorjning_fore, forsorjning_efter)""",
        ),
    ),
    definitions=("uttag", "avslutade", "fore_efter", "saknas", "aret_fore"),
    notes=("Den som har flera källor till försörjning räknas i varje par av källor före och efter.",),
)
