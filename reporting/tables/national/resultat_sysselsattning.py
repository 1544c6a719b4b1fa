from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import SAKNAS, fixed

STATES = (
    ("arbete", "Arbete"),
    ("studier", "Studier"),
    ("arbete_eller_studier", "Arbete eller studier"),
    ("arbetssokande", "Arbetssökande"),
    ("ovriga", "Övriga"),
    ("malet", "Målet: arbete, studier eller arbetssökande"),
    SAKNAS,
    ("avslutade", "Samtliga avslutade"),
)


def _is(when: str) -> str:
    """SQL: whether an avslut belongs to the row's state, before or after."""
    return f"""CASE sysselsattning WHEN 'avslutade' THEN true WHEN 'arbete' THEN arbete_{when}
        WHEN 'studier' THEN studier_{when}
        WHEN 'malet' THEN {when} IN ('arbete_eller_studier', 'arbetssokande') ELSE {when} = sysselsattning END"""


TABLE = Table(
    id="resultat_sysselsattning",
    number=13,
    title="Avslutade efter sysselsättning före och efter insatsen och kön",
    population="Personer med ett avslut under året",
    unit="individer",
    measures=(
        Measure(id="fore_antal", label="Antal före"),
        Measure(id="fore_andel", label="Andel före", unit="procent"),
        Measure(id="efter_antal", label="Antal efter"),
        Measure(id="efter_andel", label="Andel efter", unit="procent"),
        Measure(id="forandring_pe", label="Förändring", unit="procentenheter"),
    ),
    blocks=(
        Block(
            dimensions=(Dimension(id="sysselsattning", label="Sysselsättning", codes=fixed(*STATES)),),
            by_kon=True,
            sql=f"""
            SELECT sysselsattning, kon, f AS fore_antal, pct(f, n) AS fore_andel, e AS efter_antal,
                   pct(e, n) AS efter_andel, pct(e - f, n) AS forandring_pe
            FROM (SELECT sysselsattning, ram.kon, count(a.rad) FILTER ({_is("fore")}) AS f,
                         count(a.rad) FILTER ({_is("efter")}) AS e
                  FROM ram LEFT JOIN avslut_k a ON a.kon = ram.kon GROUP BY sysselsattning, ram.kon)
            JOIN avslut_bas USING (kon)""",
        ),
    ),
    definitions=(
        "uttag", "avslutade", "fore_efter", "arbete_eller_studier", "arbetssokande", "ovriga", "malet", "huvudmatt",
        "saknas", "kon", "andel", "forandring", "aret_fore",
    ),
    notes=(
        "Den som både arbetar och studerar räknas på båda raderna men en gång i arbete eller studier.",
        "Andelarna avser samtliga avslutade, även dem som saknar uppgift.",
    ),
)  # fmt: skip
