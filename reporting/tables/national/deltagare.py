from reporting.tables.base import Block, Change, Dimension, Measure, Table
from reporting.tables.shared import TOTALT, fixed

WAYS = (
    ("personuppgifter", "Med personuppgifter"),
    ("anonyma", "Anonyma"),
    ("volym", "Endast antal (volym)"),
    ("avidentifierade", "Avidentifierade"),
    TOTALT,
)

TABLE = Table(
    id="deltagare",
    number=6,
    title="Deltagare efter registreringssätt och kön",
    population="Deltagare i individinriktade insatser under året",
    unit="individer",
    measures=(
        Measure(id="antal", label="Antal"),
        Measure(id="andel", label="Andel", unit="procent"),
        Measure(
            id="forandring", label="Förändring", unit="procent", change=Change(of="antal", kind="procent")
        ),
    ),
    blocks=(
        Block(
            dimensions=(Dimension(id="registreringssatt", label="Registreringssätt", codes=fixed(*WAYS)),),
            by_kon=True,
            # Only volym can be given without sex; then it is in the total too.
            frame="""
            SELECT r AS registreringssatt, k AS kon
            FROM (VALUES ('personuppgifter'), ('anonyma'), ('volym'), ('avidentifierade'), ('totalt')) a(r),
                 (VALUES ('K'), ('M'), ('okand'), ('totalt')) b(k)
            WHERE k <> 'okand' OR r IN ('volym', 'totalt')""",
            sql="""
            WITH delar AS (
                SELECT 'personuppgifter' AS satt, kon AS k, n AS antal FROM personer_bas WHERE kon <> 'totalt'
                UNION ALL SELECT 'anonyma', unnest(['K', 'M']), unnest([sum(kvinnor), sum(man)]) FROM anonyma
                UNION ALL SELECT 'volym', unnest(['K', 'M', 'okand']),
                    unnest([sum(coalesce(kvinnor, 0)), sum(coalesce(man, 0)),
                            sum(antal - coalesce(kvinnor, 0) - coalesce(man, 0))])
                    FROM volym WHERE inriktning = 'individ'
                UNION ALL SELECT 'avidentifierade', kon, sum(antal) FROM avidentifierade GROUP BY kon
                UNION ALL SELECT 'personuppgifter', kon, count(*) FROM personer WHERE kon = 'okand' GROUP BY kon),
                 alla AS (SELECT unnest([satt, 'totalt']) AS registreringssatt, k, antal FROM delar),
                 summor AS (SELECT registreringssatt, kon, sum(antal) AS antal
                            FROM (SELECT registreringssatt, unnest([k, 'totalt']) AS kon, antal FROM alla) GROUP BY ALL)
            SELECT ram.registreringssatt, ram.kon, coalesce(s.antal, 0) AS antal,
                   pct(coalesce(s.antal, 0), t.antal) AS andel
            FROM ram LEFT JOIN summor s USING (registreringssatt, kon)
            LEFT JOIN (SELECT kon, antal FROM summor WHERE registreringssatt = 'totalt') t ON t.kon = ram.kon""",
        ),
    ),
    definitions=(
        "uttag",
        "deltagande",
        "deltagare",
        "med_personuppgifter",
        "kon",
        "andel",
        "forandring",
        "aret_fore",
    ),
    notes=(
        "Anonyma deltagare, volymdeltagare och avidentifierade kan inte kontrolleras mot varandra; samma person kan"
        " därför ingå flera gånger.",
    ),
)
