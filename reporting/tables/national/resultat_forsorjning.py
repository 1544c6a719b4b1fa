from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, code_list


def _counted(when: str) -> str:
    """SQL: avslutade by source of support before or after."""
    return f"""
        SELECT coalesce(f.kod, 'saknas') AS forsorjning, kon, count(*) AS {when}
        FROM avslut_k LEFT JOIN (SELECT DISTINCT rad, kod FROM forsorjning WHERE nar = '{when}') f USING (rad)
        GROUP BY ALL"""


TABLE = Table(
    id="resultat_forsorjning",
    number=15,
    title="Avslutade efter försörjning före och efter insatsen och kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=(
        Measure(id="fore_antal", label="Antal före"),
        Measure(id="efter_antal", label="Antal efter"),
        Measure(id="forandring", label="Förändring från före till efter", unit="procent"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(id="forsorjning", label="Försörjning", codes=code_list("forsorjning", SAKNAS)),
            ),
            by_kon=True,
            sql=f"""
            SELECT forsorjning, kon, coalesce(fore, 0) AS fore_antal, coalesce(efter, 0) AS efter_antal,
                   pct(coalesce(efter, 0) - fore, fore) AS forandring
            FROM ram LEFT JOIN ({_counted("fore")}) USING (forsorjning, kon)
            LEFT JOIN ({_counted("efter")}) USING (forsorjning, kon)""",
        ),
    ),
    definitions=("uttag", "avslutade", "fore_efter", "saknas", "kon", "forandring", "aret_fore"),
    notes=("Den som har flera källor till försörjning räknas på varje rad.",),
)
