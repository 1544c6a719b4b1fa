from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import fixed

SOURCES = (
    ("sjukpenning", "Sjukpenning"),
    ("aktivitetsersattning", "Aktivitetsersättning"),
    ("unga_aktivitetsersattning", "Unga (under 30 år) med aktivitetsersättning"),
)
GROUPS = f"""
    {fixed(*SOURCES)} UNION ALL
    SELECT 'person_' || kod, etikett || ' (angivet för personen)', 1000 + ordning
    FROM koder WHERE lista = 'behovsgrupp'
      AND (per_person AND giltig OR kod IN (SELECT behovsgrupp FROM deltaganden WHERE behovsgrupp IS NOT NULL))"""

TABLE = Table(
    id="behovsgrupper",
    number=12,
    title="Deltagare i prioriterade behovsgrupper efter kön, totalt och nya under året",
    population="Deltagare med personuppgifter under året",
    unit="individer",
    measures=(Measure(id="totalt", label="Totalt"), Measure(id="nya", label="Nya under året")),
    blocks=(
        Block(
            dimensions=(Dimension(id="grupp", label="Behovsgrupp", codes=GROUPS, named=SOURCES),),
            by_kon=True,
            sql="""
            WITH med AS (
                SELECT person, kod AS grupp, bool_or(start_dag >= 0) AS ny
                FROM deltaganden JOIN kallor ON svar = forsorjning_fore
                WHERE kod IN ('sjukpenning', 'aktivitetsersattning') GROUP BY ALL
                UNION ALL SELECT person, 'person_' || behovsgrupp, bool_or(start_dag >= 0)
                FROM deltaganden WHERE behovsgrupp IS NOT NULL GROUP BY person, behovsgrupp),
                 antal AS (
                SELECT grupp, ung AND grupp = 'aktivitetsersattning' AS ung, kon, count(*) AS alla,
                       count(*) FILTER (ny) AS nya
                FROM med JOIN personer USING (person) GROUP BY ALL),
                 grupper AS (
                SELECT unnest([grupp] || CASE WHEN ung THEN ['unga_aktivitetsersattning'] ELSE [] END) AS grupp,
                       [kon, 'totalt'] AS kon, alla, nya
                FROM antal)
            SELECT grupp, kon, sum(alla) AS totalt, sum(nya) AS nya
            FROM (SELECT * REPLACE (unnest(kon) AS kon) FROM grupper) GROUP BY grupp, kon""",
        ),
    ),
    definitions=("uttag", "deltagande", "med_personuppgifter", "nya", "unga", "kon", "aret_fore"),
    notes=(
        "En person räknas i varje grupp som den tillhör. Försörjningen är den före något av årets deltaganden.",
        "Raderna märkta ”angivet för personen” bygger på en frivillig uppgift; det verkliga antalet kan vara högre.",
    ),
)
