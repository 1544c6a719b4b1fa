from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import code_list

TABLE = Table(
    id="insatser_struktur",
    number=4,
    title="Strukturövergripande insatser efter preciserad inriktning",
    population="Strukturövergripande insatser som pågick under året och volymdeltagare i dem",
    unit="insatser",
    measures=(
        Measure(id="insatser", label="Antal insatser"),
        Measure(id="deltagare", label="Volymdeltagare"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="preciserad_inriktning",
                    label="Preciserad inriktning",
                    codes=code_list("preciserad_struktur"),
                ),
            ),
            sql="""
            SELECT preciserad_inriktning, coalesce(insatser, 0) AS insatser, coalesce(deltagare, 0) AS deltagare
            FROM (SELECT preciserad_inriktning, count(*) AS insatser FROM insatser
                       WHERE i_aret AND inriktning = 'struktur' GROUP BY ALL)
            FULL JOIN (SELECT preciserad_inriktning, sum(antal) AS deltagare
                       FROM volym JOIN (SELECT insats, preciserad_inriktning FROM insatser) USING (insats)
                       WHERE inriktning = 'struktur' GROUP BY ALL) USING (preciserad_inriktning)""",
        ),
    ),
    definitions=("uttag", "insatser", "aret_fore"),
    notes=(
        "Deltagare i strukturövergripande insatser registreras endast till antal. De ingår inte i antalet deltagare"
        " i individinriktade insatser.",
    ),
)
