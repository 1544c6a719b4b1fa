from reporting.tables.base import KON, Block, Change, Dimension, Measure, Table
from reporting.tables.shared import TOTALT, fixed, number_and_share

WAYS = (
    ("personuppgifter", "Med personuppgifter"),
    ("anonyma", "Anonyma"),
    ("volym", "Endast antal (volym)"),
    ("avidentifierade", "Avidentifierade"),
    TOTALT,
)

NUMBERS = """
    WITH delar AS (
        SELECT 'personuppgifter' AS satt, kon AS k, count(*) AS antal FROM personer GROUP BY kon
        UNION ALL SELECT 'anonyma', unnest(['K', 'M']), unnest([sum(kvinnor), sum(man)]) FROM anonyma
        UNION ALL SELECT 'volym', unnest(['K', 'M', 'okand']),
            unnest([sum(coalesce(kvinnor, 0)), sum(coalesce(man, 0)),
                    sum(antal - coalesce(kvinnor, 0) - coalesce(man, 0))])
            FROM volym WHERE inriktning = 'individ'
        UNION ALL SELECT 'avidentifierade', kon, sum(antal) FROM avidentifierade GROUP BY kon),
         alla AS (SELECT unnest([satt, 'totalt']) AS registreringssatt, k, antal FROM delar)
    SELECT registreringssatt, kon, coalesce(sum(antal), 0) AS antal
    FROM (SELECT registreringssatt, unnest([k, 'totalt']) AS kon, antal FROM alla) GROUP BY ALL"""

TABLE = Table(
    id="deltagare",
    number=6,
    title="Deltagare efter registreringssätt och kön",
    population="Deltagare i individinriktade insatser under året",
    unit="individer",
    measures=(
        *number_and_share(
            f"SELECT kon, antal FROM ({NUMBERS}) WHERE registreringssatt = 'totalt'",
            "samtliga deltagare, oavsett registreringssätt",
        ),
        Measure(
            id="forandring", label="Förändring", unit="procent", change=Change(of="antal", kind="procent")
        ),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="registreringssatt", label="Registreringssätt", codes=fixed(*WAYS), named=WAYS),
            ),
            by_kon=True,
            # Only volym can be given without sex; then it is in the total too.
            frame=tuple(
                (way, kon) for way, _ in WAYS for kon in KON if kon != "okand" or way in ("volym", "totalt")
            ),
            sql=NUMBERS,
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
