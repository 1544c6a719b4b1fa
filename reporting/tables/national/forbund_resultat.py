from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.shared import FORBUND, fixed, with_total

STATES = (
    ("arbete_eller_studier", "Arbete eller studier"),
    ("arbetssokande", "Arbetssökande"),
    ("ovriga", "Övriga, inklusive uppgift saknas"),
)

TABLE = Table(
    id="forbund_resultat",
    number=24,
    title="Avslutade efter samordningsförbund och resultat, och efter samordningsförbund och kön",
    population="Personer med ett avslut under året i förbundets insatser",
    unit="individer",
    measures=(Measure(id="antal", label="Antal avslutade"),),
    blocks=(
        Block(
            dimensions=(FORBUND, Dimension(id="resultat", label="Resultat", codes=fixed(*STATES), named=STATES)),
            sql="""
            SELECT forbund, CASE efter WHEN 'saknas' THEN 'ovriga' ELSE efter END AS resultat, count(*) AS antal
            FROM avslut SEMI JOIN forbund_i_aret USING (forbund) GROUP BY ALL""",
        ),
        Block(
            dimensions=(FORBUND,),
            by_kon=True,
            sql=with_total("avslut SEMI JOIN forbund_i_aret USING (forbund)", "forbund"),
        ),
    ),
    definitions=(
        "uttag", "deltagande", "forbund_tillhorighet", "avslutade", "arbete_eller_studier", "arbetssokande", "ovriga",
        "saknas", "kon", "aret_fore",
    ),
    notes=(
        "Övriga omfattar här även dem som saknar uppgift om sysselsättning.",
        "Förbund utan en insats som pågick under året har ingen rad.",
        "En person räknas en gång i varje förbund där den har ett avslut, med det senaste där. Raderna kan"
        " därför summera till mer än riket.",
    ),
)  # fmt: skip
