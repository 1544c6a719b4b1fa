from reporting.tables.base import Block, Dimension, Measure, Share, Table
from reporting.tables.shared import PERSONER_LABEL, code_list

TABLE = Table(
    id="insatser_individ",
    number=3,
    title="Individinriktade insatser efter preciserad inriktning",
    population="Individinriktade insatser som pågick under året, och deltagare med personuppgifter under året",
    unit="insatser",
    measures=(
        Measure(id="insatser", label="Antal insatser"),
        Measure(id="deltagare", label="Deltagare med personuppgifter"),
        Measure(
            id="andel",
            label="Andel av deltagarna",
            unit="procent",
            share=Share(of="deltagare", base="SELECT count(*) FROM personer", base_label=PERSONER_LABEL),
        ),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="preciserad_inriktning",
                    label="Preciserad inriktning",
                    codes=code_list("preciserad_individ"),
                ),
            ),
            sql="""
            SELECT preciserad_inriktning, coalesce(insatser, 0) AS insatser, coalesce(deltagare, 0) AS deltagare
            FROM (SELECT preciserad_inriktning, count(*) AS insatser FROM insatser
                  WHERE i_aret AND inriktning = 'individ' GROUP BY ALL)
            FULL JOIN (SELECT preciserad_inriktning, count(DISTINCT person) AS deltagare
                       FROM deltaganden JOIN (SELECT insats, preciserad_inriktning FROM insatser) USING (insats)
                       GROUP BY ALL) USING (preciserad_inriktning)""",
        ),
    ),
    definitions=("uttag", "insatser", "deltagande", "med_personuppgifter", "andel", "aret_fore"),
    notes=(
        "En person som har deltagit i insatser av flera slag räknas på varje rad. Andelarna avser samtliga deltagare"
        " med personuppgifter och kan därför summera till mer än 100 procent.",
        "Ett öppet deltagande i en insats som slutade före året räknas bland deltagarna, fast insatsen inte räknas.",
    ),
)
