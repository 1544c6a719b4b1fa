from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import place_sql

TABLE = Table(
    id="lan",
    number=22,
    title="Deltagare och resultat efter län",
    population="Deltagare med personuppgifter under året, efter folkbokföringskommun",
    unit="individer",
    measures=(
        Measure(id="med_personuppgifter", label="Deltagare med personuppgifter"),
        Measure(id="avslutade", label="Avslutade"),
        Measure(id="arbete_eller_studier_andel", label="Andel till arbete eller studier", unit="procent"),
        Measure(id="malet_andel", label="Andel till arbete, studier eller arbetssökande", unit="procent"),
        Measure(id="median_tid", label="Mediantid i insats", unit="dagar"),
    ),
    blocks=(
        Block(
            dimensions=(
                Dimension(
                    id="lan",
                    label="Län",
                    codes="SELECT lan AS kod, coalesce(max(lan_namn) FILTER (giltig), lan) AS etikett, 0 AS ordning "
                    "FROM kommuner GROUP BY lan",
                ),
            ),
            sql=place_sql("lan"),
        ),
    ),
    definitions=(
        "uttag", "deltagande", "med_personuppgifter", "bakgrund", "avslutade", "arbete_eller_studier", "malet",
        "tid_i_insats", "kvartil", "andel", "aret_fore",
    ),
    notes=(
        "Länet är det som personens folkbokföringskommun ligger i, inte förbundets.",
        "Avslutade är personerna på raden med ett avslut under året, var insatsen än finns. Andelarna avser dem.",
    ),
)  # fmt: skip
