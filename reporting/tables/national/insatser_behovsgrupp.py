from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, code_list

TABLE = Table(
    id="insatser_behovsgrupp",
    number=5,
    title="Insatser efter behovsgrupp",
    population="Insatser som pågick under året",
    unit="insatser",
    measures=(Measure(id="insatser", label="Antal insatser"),),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="behovsgrupp",
                    label="Behovsgrupp",
                    codes=code_list("behovsgrupp", SAKNAS),
                    named=(SAKNAS,),
                ),
            ),
            sql="""
            SELECT behovsgrupp, count(*) AS insatser
            FROM (SELECT unnest(CASE WHEN len(behovsgrupper) = 0 THEN ['saknas'] ELSE behovsgrupper END) AS behovsgrupp
                  FROM insatser WHERE i_aret) GROUP BY behovsgrupp""",
        ),
    ),
    definitions=("uttag", "insatser", "saknas", "aret_fore"),
    notes=("En insats som riktar sig till flera behovsgrupper räknas på varje rad.",),
)
