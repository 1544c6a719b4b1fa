"""What several tables need: persons, avslut and their bases, made once for each schema; and pieces of SQL.

`prepare` makes, in the current schema:

- `personer`: one row a person med personuppgifter, the deltagande that the background rule chooses (REPORTS
  §2);
- `personer_k`: the same rows by kön, and once more as `totalt`; `personer_bas`: their number, `n`, by kön;
- `avslut`: deltaganden whose slut lies in the year, `nationell` when it is the person's counted one,
  `i_forbund` when it is the counted one among the förbund's own; `avslut_k`, `avslut_bas`: of the nationally
  counted ones;
- `forbund_i_aret`: every förbund that has a row in the year's tables by förbund.
"""

import duckdb

from reporting.tables.base import Dimension

MACROS = """
CREATE OR REPLACE TEMP MACRO pct(del, bas) AS CASE WHEN bas > 0 THEN 1e2 * del / bas END;
CREATE OR REPLACE TEMP MACRO sysselsattning(arbetar, studerar, soker) AS CASE
    WHEN arbetar IS NULL AND studerar IS NULL AND soker IS NULL THEN 'saknas'
    WHEN coalesce(arbetar, 0) > 0 OR coalesce(studerar, 0) > 0 THEN 'arbete_eller_studier'
    WHEN coalesce(soker, false) THEN 'arbetssokande' ELSE 'ovriga' END
"""

# Ranking reads few columns and the wide rows are joined to what it chose: ten times faster than ranking whole
# rows.
TABLES = """
CREATE OR REPLACE TABLE personer AS
SELECT rad, person, kon, alder, ung, kommun, utbildning, tid_i_forsorjning, initierad_av
FROM deltaganden SEMI JOIN (
    SELECT rad FROM deltaganden
    QUALIFY row_number() OVER (PARTITION BY person ORDER BY start_dag DESC, ordning_in DESC, rad DESC) = 1
) USING (rad);

CREATE OR REPLACE VIEW personer_k AS
SELECT * FROM personer UNION ALL SELECT * REPLACE ('totalt' AS kon) FROM personer;

CREATE OR REPLACE TABLE avslut AS
WITH valda AS (
    SELECT rad,
           row_number() OVER (PARTITION BY person ORDER BY slut_dag DESC, ordning_ut DESC, rad DESC) = 1 AS nationell,
           row_number() OVER (PARTITION BY forbund, person
                              ORDER BY slut_dag DESC, ordning_ut DESC, rad DESC) = 1 AS i_forbund
    FROM deltaganden WHERE slut_dag BETWEEN 0 AND (SELECT dagar - 1 FROM meta))
SELECT rad, person, d.forbund, kon, preciserad_inriktning, avslutsanledning, d.slut_dag - d.start_dag + 1 AS tid,
       coalesce(arbetar_fore, 0) > 0 AS arbete_fore, coalesce(studerar_fore, 0) > 0 AS studier_fore,
       coalesce(arbetar_efter, 0) > 0 AS arbete_efter, coalesce(studerar_efter, 0) > 0 AS studier_efter,
       sysselsattning(arbetar_fore, studerar_fore, arbetssokande_fore) AS fore,
       sysselsattning(arbetar_efter, studerar_efter, arbetssokande_efter) AS efter,
       coalesce(arbetar_efter, 0) > coalesce(arbetar_fore, 0)
           OR coalesce(studerar_efter, 0) > coalesce(studerar_fore, 0) AS okade,
       nationell, i_forbund
FROM valda JOIN deltaganden d USING (rad) JOIN insatser USING (insats) WHERE nationell OR i_forbund;

CREATE OR REPLACE VIEW avslut_k AS
SELECT * FROM avslut WHERE nationell UNION ALL SELECT * REPLACE ('totalt' AS kon) FROM avslut WHERE nationell;

CREATE OR REPLACE TABLE personer_bas AS
SELECT kon, count(p.kon) AS n FROM (VALUES ('K'), ('M'), ('totalt')) k(kon)
LEFT JOIN (SELECT kon FROM personer_k) p USING (kon) GROUP BY kon;

CREATE OR REPLACE TABLE avslut_bas AS
SELECT kon, count(a.kon) AS n FROM (VALUES ('K'), ('M'), ('totalt')) k(kon)
LEFT JOIN (SELECT kon FROM avslut_k) a USING (kon) GROUP BY kon;

CREATE OR REPLACE TABLE forbund_i_aret AS
SELECT forbund FROM insats_forbund UNION SELECT forbund FROM deltaganden UNION SELECT forbund FROM avidentifierade
UNION SELECT forbund FROM anonyma UNION SELECT forbund FROM volym
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the shared macros and tables in the current schema."""
    for statement in (MACROS + ";" + TABLES).split(";"):
        con.execute(statement)


def rows_of(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """All rows of a query as tuples."""
    return [tuple(row) for row in con.execute(sql).fetchall()]


def code_list(lista: str, *extra: tuple[str, str], where: str = "true") -> str:
    """SQL for the codes of a list that were valid in the year or are used in it, then `extra` (code,
    label)."""
    own = f"SELECT kod, etikett, ordning FROM koder WHERE lista = '{lista}' AND {where}"
    return f"{own} UNION ALL {fixed(*extra, first=100_000)}" if extra else own


def fixed(*codes: tuple[str, str], first: int = 0) -> str:
    """SQL for codes that belong to the table's own definition, in the order given."""
    rows = ", ".join(f"('{code}', '{label}', {number})" for number, (code, label) in enumerate(codes, first))
    return f"SELECT * FROM (VALUES {rows}) v(kod, etikett, ordning)"


SAKNAS = ("saknas", "Uppgift saknas")
TOTALT = ("totalt", "Totalt")

FORBUND_CODES = (
    "SELECT forbund AS kod, coalesce(namn, forbund) AS etikett, row_number() OVER (ORDER BY forbund) AS ordning "
    "FROM forbund_i_aret LEFT JOIN forbund USING (forbund)"
)
FORBUND = Dimension(id="forbund", label="Samordningsförbund", codes=FORBUND_CODES)


def background_sql(column: str) -> str:
    """The SQL of a background table: persons by one column of `personer`, an empty answer as `saknas`."""
    return f"""
        SELECT {column}, kon, coalesce(antal, 0) AS antal, pct(coalesce(antal, 0), n) AS andel
        FROM ram LEFT JOIN (SELECT coalesce({column}, 'saknas') AS {column}, kon, count(*) AS antal
                            FROM personer_k GROUP BY ALL) USING ({column}, kon)
        JOIN personer_bas USING (kon)"""


def place_sql(column: str) -> str:
    """The SQL of a table by place: the persons whom the background rule places there, and their avslut."""
    return f"""
        WITH plats AS (SELECT kommun, lan FROM kommuner),
             boende AS (SELECT {column}, count(*) AS med_personuppgifter
                        FROM personer LEFT JOIN plats USING (kommun) GROUP BY ALL),
             ut AS (SELECT {column}, count(*) AS avslutade, count(*) FILTER (efter = 'arbete_eller_studier') AS arbete,
                           count(*) FILTER (efter IN ('arbete_eller_studier', 'arbetssokande')) AS malet,
                           quantile_cont(tid, 0.5) AS median_tid
                    FROM (SELECT person, tid, efter FROM avslut WHERE nationell)
                    JOIN (SELECT person, kommun FROM personer) USING (person)
                    LEFT JOIN plats USING (kommun) GROUP BY ALL)
        SELECT {column}, coalesce(med_personuppgifter, 0) AS med_personuppgifter,
               coalesce(avslutade, 0) AS avslutade, pct(arbete, avslutade) AS arbete_eller_studier_andel,
               pct(malet, avslutade) AS malet_andel, median_tid
        FROM ram LEFT JOIN boende USING ({column}) LEFT JOIN ut USING ({column})"""
