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
                Dimension(id="forsorjning_fore", label="Försörjning före", codes=CODES, named=(SAKNAS,)),
                Dimension(id="forsorjning_efter", label="Försörjning efter", codes=CODES, named=(SAKNAS,)),
            ),
            sql="""
            SELECT coalesce(f.kod, 'saknas') AS forsorjning_fore, coalesce(e.kod, 'saknas') AS forsorjning_efter,
                   sum(antal) AS antal
            FROM (SELECT forsorjning_fore, forsorjning_efter, count(*) AS antal
                  FROM avslut WHERE nationell GROUP BY ALL) a
            LEFT JOIN kallor f ON f.svar = a.forsorjning_fore LEFT JOIN kallor e ON e.svar = a.forsorjning_efter
            GROUP BY ALL""",
        ),
    ),
    definitions=("uttag", "avslutade", "fore_efter", "saknas", "aret_fore"),
    notes=("Den som har flera källor till försörjning räknas i varje par av källor före och efter.",),
)
