import duckdb

from finsam_site.ui import formats
from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import fixed, rows_of

COSTS = (("insatskostnad", "Insatskostnad utan ESF"), ("insatskostnad_esf", "Insatskostnad ESF"))
POSTS = f"""
    SELECT kod, etikett, ordning FROM koder WHERE lista = 'finansiar'
    UNION ALL {fixed(*COSTS, first=100_000)}
    UNION ALL SELECT kod, etikett, 200000 + ordning FROM koder WHERE lista = 'kostnadstyp'
    UNION ALL SELECT DISTINCT post, post, 300000 FROM ekonomi
        WHERE post NOT IN (SELECT kod FROM koder WHERE lista IN ('finansiar', 'kostnadstyp'))"""


def _notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Kronor per deltagare: what the individinriktade insatser cost, ESF included, over deltagare of the
    year."""
    ((cost, number),) = rows_of(
        con,
        """
        SELECT (SELECT sum(coalesce(utfall, 0) + coalesce(utfall_esf, 0)) FROM insatser WHERE inriktning = 'individ'),
               (SELECT count(*) FROM personer) + (SELECT coalesce(sum(kvinnor + man), 0) FROM anonyma)
               + (SELECT coalesce(sum(antal), 0) FROM volym WHERE inriktning = 'individ')
               + (SELECT coalesce(sum(antal), 0) FROM avidentifierade)""",
    )
    if not cost or not number:
        return []
    each = formats.number(float(str(cost)) / int(str(number)))
    return [
        f"Utfallet för individinriktade insatser, ESF-finansierade inräknade, var {each} kronor per deltagare."
    ]


TABLE = Table(
    id="ekonomi",
    number=20,
    title="Förbundens medel och kostnader efter post",
    population="Samordningsförbundens tilldelade medel, insatskostnader och administrativa kostnader för året",
    unit="kronor",
    measures=(
        Measure(id="budget", label="Budget", unit="kronor"),
        Measure(id="utfall", label="Utfall", unit="kronor"),
    ),
    blocks=(
        Block(
            dimensions=(Dimension(id="post", label="Post", codes=POSTS, named=COSTS),),
            sql="""
            SELECT post, coalesce(sum(budget), 0) AS budget, coalesce(sum(utfall), 0) AS utfall
            FROM (SELECT post, budget, utfall FROM ekonomi
                  UNION ALL SELECT 'insatskostnad', budget, utfall FROM insatser
                  UNION ALL SELECT 'insatskostnad_esf', budget_esf, utfall_esf FROM insatser) GROUP BY post""",
        ),
    ),
    definitions=("uttag", "deltagare", "aret_fore"),
    notes=(
        "Kronor per deltagare, när det kan räknas: utfallet för individinriktade insatser, ESF-finansierade inräknade,"
        " delat med årets samtliga deltagare, oavsett registreringssätt.",
    ),
    live_notes=_notes,
)
