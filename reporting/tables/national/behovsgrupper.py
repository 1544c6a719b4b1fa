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
            dimensions=(Dimension(id="grupp", label="Behovsgrupp", codes=GROUPS),),
            by_kon=True,
            sql="""
            WITH med AS (
                SELECT person, start_dag, unnest([kod] || CASE WHEN kod = 'aktivitetsersattning'
                       THEN ['unga_aktivitetsersattning'] ELSE [] END) AS grupp
                FROM deltaganden JOIN forsorjning USING (rad)
                WHERE nar = 'fore' AND kod IN ('sjukpenning', 'aktivitetsersattning')
                UNION ALL SELECT person, start_dag, 'person_' || behovsgrupp
                FROM deltaganden WHERE behovsgrupp IS NOT NULL)
            SELECT grupp, kon, count(DISTINCT m.person) AS totalt,
                   count(DISTINCT m.person) FILTER (m.start_dag >= 0) AS nya
            FROM ram LEFT JOIN (
                SELECT m.grupp, m.person, m.start_dag, p.kon FROM med m JOIN personer_k p USING (person)
                WHERE m.grupp <> 'unga_aktivitetsersattning' OR p.ung) m USING (grupp, kon)
            GROUP BY grupp, kon""",
        ),
    ),
    definitions=("uttag", "deltagande", "med_personuppgifter", "nya", "unga", "kon", "aret_fore"),
    notes=(
        "En person räknas i varje grupp som den tillhör. Försörjningen är den före något av årets deltaganden.",
        "Raderna märkta ”angivet för personen” bygger på en frivillig uppgift; det verkliga antalet kan vara högre.",
    ),
)
