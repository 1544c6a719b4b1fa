import duckdb

from reporting.tables.base import Block, Change, Measure, Table
from reporting.tables.shared import rows_of


def _notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    """New, ended and merged förbund since the count of the year before (31 December to 31 December), by
    name."""
    kinds = rows_of(
        con,
        """
        WITH ar AS (SELECT dagar - 1 AS sista FROM meta)
        SELECT CASE WHEN nytt THEN 'Nytt' WHEN efter IS NULL THEN 'Upphört' ELSE 'Sammanslaget' END, namn, efter
        FROM (SELECT f.namn, e.namn AS efter, f.start_dag, f.slut_dag
              FROM forbund f LEFT JOIN forbund e ON e.forbund = f.uppgatt_i), ar,
             (VALUES (true), (false)) v(nytt)
        WHERE CASE WHEN nytt THEN start_dag BETWEEN 0 AND sista ELSE slut_dag BETWEEN -1 AND sista - 1 END
        ORDER BY nytt DESC, efter, namn""",
    )
    notes = []
    for kind, plural in (("Nytt", "Nya"), ("Upphört", "Upphörda")):
        if names := [str(name) for found, name, _ in kinds if found == kind]:
            notes.append(f"{plural if len(names) > 1 else kind} förbund under året: {', '.join(names)}.")
    merged = [f"{name} (uppgått i {after})" for found, name, after in kinds if found == "Sammanslaget"]
    if merged:
        notes.append(
            f"{'Sammanslagna' if len(merged) > 1 else 'Sammanslaget'} förbund under året: {', '.join(merged)}."
        )
    return notes


TABLE = Table(
    id="forbund_kommuner",
    number=1,
    title="Samordningsförbund och kommuner",
    population="Samordningsförbund den 31 december och de kommuner som då hör till ett förbund",
    unit="förbund",
    measures=(
        Measure(id="forbund", label="Förbund"),
        Measure(id="kommuner", label="Kommuner i förbund"),
        Measure(id="kommuner_utanfor", label="Kommuner utanför förbund"),
        Measure(
            id="forandring_forbund",
            label="Förändring av antalet förbund",
            change=Change(of="forbund", kind="skillnad"),
        ),
        Measure(
            id="forandring_kommuner",
            label="Förändring av antalet kommuner",
            change=Change(of="kommuner", kind="skillnad"),
        ),
    ),
    blocks=(
        Block(
            sql="""
            SELECT (SELECT count(*) FROM forbund WHERE vid_arets_slut) AS forbund, i AS kommuner,
                   (SELECT count(*) FROM kommuner WHERE giltig) - i AS kommuner_utanfor
            FROM (SELECT count(DISTINCT kommun) AS i FROM forbund_kommun JOIN forbund USING (forbund)
                  WHERE vid_arets_slut)"""
        ),
    ),
    definitions=("uttag", "forbund", "kommuner", "aret_fore"),
    notes=("Förändringen anges i antal, från den 31 december året före till den 31 december.",),
    live_notes=_notes,
)
