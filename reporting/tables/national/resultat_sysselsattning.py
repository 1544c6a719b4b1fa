from reporting.tables.base import Block, Dimension, Measure, Share, Table
from reporting.tables.shared import AVSLUTADE, AVSLUTADE_LABEL, SAKNAS, fixed

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
        Measure(
            id="fore_andel",
            label="Andel före",
            unit="procent",
            share=Share(of="fore_antal", base=AVSLUTADE, base_label=AVSLUTADE_LABEL),
        ),
        Measure(id="efter_antal", label="Antal efter"),
        Measure(
            id="efter_andel",
            label="Andel efter",
            unit="procent",
            share=Share(of="efter_antal", base=AVSLUTADE, base_label=AVSLUTADE_LABEL),
        ),
        Measure(
            id="forandring_pe",
            label="Förändring",
            unit="procentenheter",
            share=Share(of="efter_antal", less="fore_antal", base=AVSLUTADE, base_label=AVSLUTADE_LABEL),
        ),
    ),
    blocks=(
        Block(
            dimensions=(Dimension(id="sysselsattning", label="Sysselsättning", codes=fixed(*STATES), named=STATES),),
            by_kon=True,
            sql=f"""
            SELECT sysselsattning, kon, coalesce(sum(antal) FILTER ({_is("fore")}), 0) AS fore_antal,
                   coalesce(sum(antal) FILTER ({_is("efter")}), 0) AS efter_antal
            FROM avslut_grupper, (SELECT kod AS sysselsattning FROM ({fixed(*STATES)})) GROUP BY ALL""",
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
