"""What several tables need: persons, avslut and their bases, made once for each schema; and pieces of SQL.

`PREPARED` makes, in the current schema:

- `personer`: one row a person med personuppgifter, the deltagande that the background rule chooses (REPORTS
  §2);
- `avslut`: for each person and förbund the counted one of the deltaganden whose slut lies in the year, `nationell` when
  it is the person's counted one in the nation too;
- `avslut_grupper`: the number, `antal`, of nationally counted ones by kön (and as `totalt`) and outcome;
- `kallor`: the sources of support (`kod`) that an answer (`svar`) names, each once;
- `forbund_i_aret`: every förbund with an insats that overlaps the year; `forbund_med_nagon`: those, and förbund that
  somebody's deltagande still belongs to.

Rows are counted by kön first and the few counts added up to `totalt` afterwards (`with_total`): crossing a hundred
thousand rows with what they are to be counted as takes ten times as long.
"""

import duckdb

from reporting.tables.base import Block, Dimension, Measure, Share, Table

MACROS = """
CREATE OR REPLACE TEMP MACRO pct(del, bas) AS CASE WHEN bas > 0 THEN 1e2 * del / bas END;
CREATE OR REPLACE TEMP MACRO sysselsattning(arbetar, studerar, soker) AS CASE
    WHEN arbetar IS NULL AND studerar IS NULL AND soker IS NULL THEN 'saknas'
    WHEN coalesce(arbetar, 0) > 0 OR coalesce(studerar, 0) > 0 THEN 'arbete_eller_studier'
    WHEN coalesce(soker, false) THEN 'arbetssokande' ELSE 'ovriga' END
"""

# Ranking reads few columns and the wide rows are joined to what it chose: ten times faster than ranking whole
# rows.
PERSONS = """
CREATE OR REPLACE TABLE personer AS
SELECT rad, person, kon, alder, ung, kommun, utbildning, tid_i_forsorjning, initierad_av, forsorjning_fore
FROM deltaganden SEMI JOIN (
    SELECT arg_max(rad, (start_dag, ordning_in, rad)) AS rad FROM deltaganden GROUP BY person
) USING (rad);

CREATE OR REPLACE TABLE kallor AS SELECT DISTINCT svar, kod FROM forsorjning;

CREATE OR REPLACE TABLE forbund_i_aret AS
SELECT DISTINCT forbund FROM insats_forbund;

CREATE OR REPLACE TABLE forbund_med_nagon AS
SELECT forbund FROM insats_forbund UNION SELECT forbund FROM deltaganden
"""

# Nearly everybody has avslut in one förbund only: those in several are ranked by förbund once more.
ENDS = """
CREATE OR REPLACE TABLE avslut AS
WITH slutade AS (SELECT rad, person, forbund, (slut_dag, ordning_ut, rad) AS ordning
                 FROM deltaganden WHERE slut_dag BETWEEN 0 AND (SELECT dagar - 1 FROM meta)),
     raknade AS (SELECT person, arg_max(rad, ordning) AS rad, min(forbund) <> max(forbund) AS i_flera
                 FROM slutade GROUP BY person),
     egna AS (SELECT arg_max(rad, ordning) AS rad FROM slutade SEMI JOIN (FROM raknade WHERE i_flera) USING (person)
              GROUP BY forbund, person),
     rader AS (SELECT rad, true AS nationell FROM raknade
               UNION ALL SELECT rad, false FROM egna ANTI JOIN raknade USING (rad))
SELECT rad, person, d.forbund, kon, preciserad_inriktning, avslutsanledning, d.slut_dag - d.start_dag + 1 AS tid,
       coalesce(arbetar_fore, 0) > 0 AS arbete_fore, coalesce(studerar_fore, 0) > 0 AS studier_fore,
       coalesce(arbetar_efter, 0) > 0 AS arbete_efter, coalesce(studerar_efter, 0) > 0 AS studier_efter,
       sysselsattning(arbetar_fore, studerar_fore, arbetssokande_fore) AS fore,
       sysselsattning(arbetar_efter, studerar_efter, arbetssokande_efter) AS efter,
       coalesce(arbetar_efter, 0) > coalesce(arbetar_fore, 0)
           OR coalesce(studerar_efter, 0) > coalesce(studerar_fore, 0) AS okade,
       forsorjning_fore, forsorjning_efter, nationell
FROM rader JOIN deltaganden d USING (rad) JOIN insatser USING (insats);

CREATE OR REPLACE TABLE avslut_grupper AS
{avslut_groups}
"""

COUNTED_AVSLUT = "avslut WHERE nationell"
OUTCOMES = ("fore", "efter", "arbete_fore", "studier_fore", "arbete_efter", "studier_efter", "okade")


def with_total(source: str, *columns: str) -> str:
    """SQL: the number, `antal`, of rows of `source` by `columns` and kön, and once more as `totalt`."""
    by = "".join(f"{column}, " for column in columns)
    return f"""SELECT {by}kon, sum(antal) AS antal FROM (
        SELECT {by}unnest([kon, 'totalt']) AS kon, antal
        FROM (SELECT {by}kon, count(*) AS antal FROM {source} GROUP BY ALL)) GROUP BY ALL"""


def make_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros that the tables' SQL uses; each connection has its own."""
    con.execute(MACROS)


PREPARED = (PERSONS, ENDS.format(avslut_groups=with_total(COUNTED_AVSLUT, *OUTCOMES)))
"""SQL that makes the tables above in the current schema, in parts that do not need one another."""


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

PERSONER = with_total("personer")
"""SQL: persons med personuppgifter by kön."""

PERSONER_LABEL = "samtliga deltagare med personuppgifter"

AVSLUTADE = "SELECT kon, sum(antal) FROM avslut_grupper GROUP BY kon"
"""SQL: nationally counted avslut by kön."""
AVSLUTADE_LABEL = "samtliga avslutade"


def number_and_share(base: str, base_label: str) -> tuple[Measure, Measure]:
    """The measures `antal` and `andel`, its share of `base` (see `Share`)."""
    return (
        Measure(id="antal", label="Antal"),
        Measure(
            id="andel",
            label="Andel",
            unit="procent",
            share=Share(of="antal", base=base, base_label=base_label),
        ),
    )


def forbund_codes(rows: str) -> str:
    """SQL for the förbund of `rows` (a table of those above) as codes, by forbund_id."""
    return (
        "SELECT forbund AS kod, coalesce(namn, forbund) AS etikett, row_number() OVER (ORDER BY forbund) AS ordning "
        f"FROM {rows} LEFT JOIN forbund USING (forbund)"
    )


FORBUND = Dimension(id="forbund", label="Samordningsförbund", codes=forbund_codes("forbund_i_aret"))


def by_answer(rows: str, column: str) -> str:
    """SQL: the number, `antal`, of `rows` (persons or avslut) by one answer and kön, no answer as `saknas`."""
    return f"""SELECT coalesce({column}, 'saknas') AS {column}, kon, sum(antal) AS antal
        FROM ({with_total(rows, column)}) GROUP BY ALL"""


def by_source(rows: str, when: str) -> str:
    """SQL: the number of `rows` (persons or avslut) by source of support before or after, and kön."""
    return f"""SELECT coalesce(kod, 'saknas') AS forsorjning, kon, sum(antal) AS antal
        FROM ({with_total(rows, f"forsorjning_{when}")}) g LEFT JOIN kallor ON kallor.svar = g.forsorjning_{when}
        GROUP BY ALL"""


def background_table(
    *, id_: str, number: int, title: str, dimension: Dimension, about: str = "saknas"
) -> Table:
    """A table of persons med personuppgifter by one column of `personer` and kön.

    dimension: its id is the column. about: the definition that explains its codes.
    """
    return Table(
        id=id_,
        number=number,
        title=title,
        population="Deltagare med personuppgifter under året",
        unit="individer",
        measures=number_and_share(PERSONER, PERSONER_LABEL),
        blocks=(Block(dimensions=(dimension,), by_kon=True, sql=by_answer("personer", dimension.id)),),
        definitions=(
            about, "uttag", "deltagande", "med_personuppgifter", "bakgrund", "kon", "andel", "aret_fore",
        ),
    )  # fmt: skip


def place_sql(column: str) -> str:
    """The SQL of a table by place: the persons whom the background rule places there, and their avslut."""
    return f"""
        WITH plats AS (SELECT kommun, lan FROM kommuner),
             boende AS (SELECT {column}, sum(antal) AS med_personuppgifter
                        FROM (SELECT kommun, count(*) AS antal FROM personer GROUP BY kommun)
                        LEFT JOIN plats USING (kommun) GROUP BY ALL),
             ut AS (SELECT {column}, count(*) AS avslutade, count(*) FILTER (efter = 'arbete_eller_studier') AS arbete,
                           count(*) FILTER (efter IN ('arbete_eller_studier', 'arbetssokande')) AS malet,
                           quantile_cont(tid, 0.5) AS median_tid
                    FROM (SELECT person, tid, efter FROM avslut WHERE nationell)
                    JOIN (SELECT person, kommun FROM personer) USING (person)
                    LEFT JOIN plats USING (kommun) GROUP BY ALL)
        SELECT {column}, coalesce(med_personuppgifter, 0) AS med_personuppgifter,
               coalesce(avslutade, 0) AS avslutade, pct(arbete, avslutade) AS arbete_eller_studier_andel,
               pct(malet, avslutade) AS malet_andel, median_tid
        FROM boende FULL JOIN ut USING ({column})"""
