from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import COUNTED_AVSLUT, SAKNAS, by_source, code_list

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
                Dimension(
                    id="forsorjning",
                    label="Försörjning",
                    codes=code_list("forsorjning", SAKNAS),
                    named=(SAKNAS,),
                ),
            ),
            by_kon=True,
            sql=f"""
            SELECT forsorjning, kon, coalesce(f.antal, 0) AS fore_antal, coalesce(e.antal, 0) AS efter_antal,
                   pct(efter_antal - f.antal, f.antal) AS forandring
            FROM ({by_source(COUNTED_AVSLUT, "fore")}) f
            FULL JOIN ({by_source(COUNTED_AVSLUT, "efter")}) e USING (forsorjning, kon)""",
        ),
    ),
    definitions=("uttag", "avslutade", "fore_efter", "saknas", "kon", "forandring", "aret_fore"),
    notes=(
        "Den som har flera källor till försörjning räknas på varje rad.",
        "Förändringen är skillnaden mellan antalet efter och antalet före, i procent av antalet före.",
    ),
)
