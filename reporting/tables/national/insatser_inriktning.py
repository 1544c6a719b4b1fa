from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import TOTALT, code_list

TABLE = Table(
    id="insatser_inriktning",
    number=2,
    title="Insatser efter inriktning",
    population="Insatser som pågick under året",
    unit="insatser",
    measures=(
        Measure(id="antal", label="Antal insatser"),
        Measure(id="andel", label="Andel", unit="procent"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="inriktning", label="Inriktning", codes=code_list("inriktning", TOTALT)),
            ),
            sql="""
            SELECT inriktning, count(i.insats) AS antal,
                   pct(count(i.insats), (SELECT count(*) FROM insatser WHERE i_aret)) AS andel
            FROM ram LEFT JOIN (SELECT insats, unnest([inriktning, 'totalt']) AS inriktning
                                FROM insatser WHERE i_aret) i USING (inriktning)
            GROUP BY inriktning""",
        ),
    ),
    definitions=("uttag", "insatser", "andel", "aret_fore"),
)
