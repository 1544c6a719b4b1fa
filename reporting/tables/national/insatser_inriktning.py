from reporting.tables.base import Block, Dimension, Measure, Share, Table
from reporting.tables.shared import TOTALT, code_list

TABLE = Table(
    id="insatser_inriktning",
    number=2,
    title="Insatser efter inriktning",
    population="Insatser som pågick under året",
    unit="insatser",
    measures=(
        Measure(id="antal", label="Antal insatser"),
        Measure(
            id="andel",
            label="Andel",
            unit="procent",
            share=Share(
                of="antal",
                base="SELECT count(*) FROM insatser WHERE i_aret",
                base_label="samtliga insatser som pågick under året",
            ),
        ),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="inriktning",
                    label="Inriktning",
                    codes=code_list("inriktning", TOTALT),
                    named=(TOTALT,),
                ),
            ),
            sql="""
            SELECT inriktning, count(*) AS antal
            FROM (SELECT unnest([inriktning, 'totalt']) AS inriktning FROM insatser WHERE i_aret) GROUP BY ALL""",
        ),
    ),
    definitions=("uttag", "insatser", "andel", "aret_fore"),
)
