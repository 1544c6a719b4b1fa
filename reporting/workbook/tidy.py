"""The sheets for programs: Data, the same rows and columns as `data.csv`, and Variabler, what they mean."""

from collections.abc import Iterator, Sequence

from reporting.tables.base import KON
from reporting.tables.compute import TableResult
from reporting.workbook.cells import Content
from reporting.workbook.front import DATA, VARIABLES
from reporting.workbook.grid import NOT_THERE, row_label
from reporting.workbook.sheet import Column, Line, Sheet

NONE = NOT_THERE.text  # among text it stands to the left as text does

_STATUSES = {
    "ej_tillamplig": "Uppgiften är ej tillämplig; värdet är tomt",
    "skyddat": "Uppgiften är skyddad; värdet är tomt",
}


def data(tables: Sequence[TableResult]) -> Sheet:
    """One row a cell of every table. Made while it is written."""
    names = _dimensions(tables)
    headers = ["tabell", *names, "kon", "ar", "matt", "varde", "status"]
    return Sheet(
        name=DATA,
        title="Data",
        lines=[
            Line(
                text="Alla tabellers celler, en på varje rad, oavrundade. Ett tomt värde förklaras av kolumnen status;"
                " en tom kod betyder att tabellen inte delas upp så."
            )
        ],
        table="data",
        columns=[
            Column(header=name, width=max(12.0, len(name) * 1.1 + 6), number=name in ("ar", "varde"))
            for name in headers
        ],
        rows=_tidy(tables, names),
        filtered=True,
        plain=True,
    )


def variables(tables: Sequence[TableResult]) -> Sheet:
    """Every column of Data and every code in it."""
    return Sheet(
        name=VARIABLES,
        title="Variabler",
        lines=[
            Line(
                text="Kolumnerna i Data, och koderna i dem. En rad utan kod beskriver kolumnen själv."
                " Nya kolumner läggs alltid till sist."
            )
        ],
        table="variabler",
        columns=[
            Column(header="Variabel", width=24),
            Column(header="Kod", width=32),
            Column(header="Betydelse", width=70),
            Column(header="Enhet", width=16),
            Column(header="Tabell", width=46, wrap=True),
        ],
        rows=list(_meanings(tables)),
        filtered=True,
    )


def _dimensions(tables: Sequence[TableResult]) -> list[str]:
    return list(dict.fromkeys(each.id for result in tables for each in result.table.dimensions))


def _tidy(tables: Sequence[TableResult], names: list[str]) -> Iterator[list[Content]]:
    for result in tables:
        for row in result.rows:
            codes = [row.get(name) for name in (*names, "kon")]
            yield [
                result.table.id,
                *codes,
                row.get("ar", result.year),
                row["matt"],
                row["varde"],
                row["status"],
            ]


def _meanings(tables: Sequence[TableResult]) -> Iterator[list[Content]]:
    def about(name: str, meaning: str, used: Content = NONE) -> list[Content]:
        return [name, NONE, meaning, NONE, used]

    yield about("tabell", "Tabellens id")
    for result in tables:
        yield [
            "tabell",
            result.table.id,
            f"Tabell {result.table.number}. {result.table.title}",
            NONE,
            result.table.id,
        ]
    for name in _dimensions(tables):
        having = [result for result in tables if name in result.labels]
        label = next(each.label for result in having for each in result.table.dimensions if each.id == name)
        yield about(name, label, ", ".join(result.table.id for result in having))
        codes = {code: text for result in having for code, text in result.labels[name].items()}
        for code, text in codes.items():
            used = ", ".join(result.table.id for result in having if code in result.labels[name])
            yield [name, code, row_label(name, text), NONE, used]
    yield about("kon", "Kön", ", ".join(result.table.id for result in tables if result.table.by_kon))
    for code, text in KON.items():
        yield ["kon", code, text, NONE, NONE]
    yield about("ar", "Året som värdet gäller: statistikåret eller året före")
    yield about("matt", "Måttets id")
    for result in tables:
        for measure in result.table.measures:
            unit = result.table.unit if measure.unit == "antal" else measure.unit
            yield ["matt", measure.id, measure.label, unit, result.table.id]
    yield about("varde", "Värdet, oavrundat; tomt när status är angiven")
    yield about("status", "Varför värdet är tomt; annars tom")
    for code, text in _STATUSES.items():
        yield ["status", code, text, NONE, NONE]
