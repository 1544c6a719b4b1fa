"""The sheets about the tables: Omslag, Innehåll, Definitioner, Kvalitet, Teckenförklaring."""

from collections.abc import Mapping, Sequence

from reporting.charts import ChartData, swedish_time
from reporting.tables.base import Table
from reporting.tables.compute import Row, TableResult
from reporting.tables.definitions import DEFINITIONS, Definition, definition
from reporting.uttag.output import STATUS_MARKS
from reporting.workbook.cells import Bare, Content, Link, width_of
from reporting.workbook.grid import NOT_THERE, content
from reporting.workbook.sheet import CONTENTS, INTERN, Column, Line, Sheet

COVER, DEFINITION_SHEET, QUALITY, SIGNS, DATA, VARIABLES = (
    "Omslag", "Definitioner", "Kvalitet", "Teckenförklaring", "Data", "Variabler",
)  # fmt: skip

DOCUMENT_TITLE = "Samordningsförbund, insatser och deltagare {year}"


def table_sheet_name(table: Table) -> str:
    """The sheet of a table, by its number in the catalogue."""
    return f"Tabell {table.number}"


def chart_sheet_name(number: int) -> str:
    """The sheet of a table's diagram."""
    return f"Diagram {number}"


def cover(
    meta: Mapping[str, object], tables: Sequence[TableResult], charts: Sequence[ChartData], *, internal: bool
) -> Sheet:
    """What the workbook is, what is most important in it, and which uttag it shows."""
    facts: list[list[Content]] = [
        ["Statistikår", Bare(int(str(meta["year"])))],
        ["Uppgifter kända per", swedish_time(str(meta["as_of"]))],
        ["Uttaget togs", swedish_time(str(meta["taken_at"]))],
        ["Uttagets id", str(meta["id"])],
        ["Innehållets kontrollsumma (SHA-256)", str(meta["content_hash"])],
        ["Program", f"Finsam {meta['software']}"],
        ["Definitioner, version", str(meta["definitions"])],
        ["Antal tabeller", Bare(len(tables))],
        [
            "Spridning",
            f"{INTERN}. Tabellerna är hela och kan visa uppgifter om enstaka personer."
            if internal
            else "Får publiceras. Små tal är skyddade.",
        ],
    ]
    lines = [
        Line(
            text="Nationella tabeller över den finansiella samordningen inom rehabiliteringsområdet"
            " (lagen 2003:1210)."
        ),
        Line(text=f"Uppgifter kända per {swedish_time(str(meta['as_of']))}."),
    ]
    if charts:
        lines.append(Line(text=f"Det viktigaste för {meta['year']}", style="Finsam mellanrubrik"))
        lines += [
            Line(text=Link(f"{data.title}.", chart_sheet_name(data.number)), style="Finsam länk")
            for data in charts
        ]
    lines.append(Line(text="Om uttaget", style="Finsam mellanrubrik"))
    return Sheet(
        name=COVER,
        title=DOCUMENT_TITLE.format(year=meta["year"]),
        lines=lines,
        table="omslag",
        frozen=0,
        columns=[
            Column(header="Uppgift", width=40),
            Column(header="Värde", width=80, wrap=True),
        ],
        rows=facts,
    )


def contents(tables: Sequence[TableResult], charts: Sequence[ChartData]) -> Sheet:
    """Every sheet with a link."""
    drawn = {data.table: data for data in charts}
    rows: list[list[Content]] = [
        [Link(COVER, COVER), "Om arbetsboken", "Vad den är, det viktigaste i den och uppgifter om uttaget"],
        [Link(DEFINITION_SHEET, DEFINITION_SHEET), "Om arbetsboken", "Vad begreppen betyder"],
        [Link(QUALITY, QUALITY), "Om arbetsboken", "Hur fullständiga och aktuella uppgifterna är"],
        [Link(SIGNS, SIGNS), "Om arbetsboken", "Vad tecknen i tabellerna betyder"],
    ]
    for result in tables:
        table = result.table
        name = table_sheet_name(table)
        rows.append([Link(name, name), "Tabell", f"{table.title} {result.year}"])
        if data := drawn.get(table.id):
            name = chart_sheet_name(data.number)
            rows.append([Link(name, name), "Diagram", f"{data.title}."])
    rows += [
        [Link(DATA, DATA), "För program", "Alla tabellers celler, en på varje rad"],
        [Link(VARIABLES, VARIABLES), "För program", "Vad kolumnerna och koderna i Data betyder"],
    ]
    lines = [
        Line(
            text=f"{len(tables)} tabeller och {len(charts)} diagram. Varje tabell står på ett eget blad,"
            " diagrammet på bladet efter."
        )
    ]
    return Sheet(
        name=CONTENTS,
        title=CONTENTS,
        lines=lines,
        table="innehall",
        columns=[
            Column(header="Blad", width=20),
            Column(header="Slag", width=18),
            Column(header="Innehåll", width=105, wrap=True),
        ],
        rows=rows,
    )


def definitions(tables: Sequence[TableResult], year: int) -> tuple[Sheet, list[str]]:
    """The definitions that hold for the year, and their ids in the order of the rows."""
    found = _valid(year)
    used = {
        each.id: [str(result.table.number) for result in tables if each.id in result.table.definitions]
        for each in found
    }
    rows: list[list[Content]] = [
        [
            each.id,
            each.term,
            each.text,
            _places(used[each.id], len(tables)),
            _period(each),
        ]
        for each in found
    ]
    sheet = Sheet(
        name=DEFINITION_SHEET,
        title=DEFINITION_SHEET,
        lines=[Line(text=f"De definitioner som gäller för {year}. Samma ord används på webbsidan.")],
        table="definitioner",
        columns=[
            Column(header="Id", width=24),
            Column(header="Begrepp", width=26, wrap=True),
            Column(header="Definition", width=84, wrap=True),
            Column(header="Används i tabell", width=30, wrap=True),
            Column(header="Gäller år", width=22),
        ],
        rows=rows,
    )
    return sheet, [each.id for each in found]


def quality(tables: Sequence[TableResult], meta: Mapping[str, object]) -> Sheet:
    """The whole country's row of the table `kvalitet`, and what must be known of the uttag itself."""
    year = int(str(meta["year"]))
    result = next((each for each in tables if each.table.id == "kvalitet"), None)
    lines = [
        Line(text="Aktualitet", style="Finsam mellanrubrik"),
        Line(
            text=f"Uttaget visar {year} som registret var känt {swedish_time(str(meta['as_of']))}."
            " Det är fryst: det som registreras eller rättas senare ändrar det inte."
        ),
        Line(text="Jämförbarhet och noteringar om uttaget", style="Finsam mellanrubrik"),
        *(Line(text=text) for text in _notes_of_uttag(tables)),
        Line(text="Tillförlitlighet: registreringen i hela landet", style="Finsam mellanrubrik"),
    ]
    rows: list[list[Content]] = []
    if result is not None:
        cells = {(row["matt"], "ar" in row): row for row in result.rows if row.get("forbund") == "totalt"}
        lines.append(
            Line(text=Link("Varje förbund för sig", table_sheet_name(result.table)), style="Finsam länk")
        )
        for measure in result.table.measures:
            pair: list[Row | None] = [cells.get((measure.id, before)) for before in (False, True)]
            unit = "procent" if measure.unit == "procent" else result.table.unit
            rows.append([measure.label, unit, *(content(row, measure) if row else NOT_THERE for row in pair)])
    return Sheet(
        name=QUALITY,
        title=f"Kvalitet {year}",
        lines=lines,
        table="kvalitet_riket",
        frozen=0,
        columns=[
            Column(header="Nyckeltal", width=60),
            Column(header="Enhet", width=16),
            Column(header=str(year), width=14, number=True),
            Column(header=str(year - 1), width=14, number=True),
        ],
        rows=rows,
    )


def signs() -> Sheet:
    """What stands in a cell besides numbers."""
    rows: list[list[Content]] = [
        ["0", "Inget finns att redovisa: antalet är noll, eller en andel som avrundas till noll."],
        [
            STATUS_MARKS["ej_tillamplig"],
            "Uppgiften kan inte förekomma eller är ej tillämplig: andelen av en tom grupp, en förändring utan"
            " jämförelseår, en kolumn som inte gäller raden. I Data är värdet tomt och status ej_tillamplig;"
            " kombinationer som inte finns saknar rad där.",
        ],
        [
            STATUS_MARKS["skyddat"],
            "Uppgiften finns men visas inte, till skydd för enskilda. Den är aldrig noll. I Data är värdet tomt och"
            " status skyddat.",
        ],
        [
            "Uppgift saknas",
            "En rad i tabellen: de personer eller insatser för vilka frågan inte är besvarad. De fördelas aldrig på"
            " övriga rader.",
        ],
        [
            "Procent",
            "Andelar visas med en decimal men är lagrade oavrundade. Andelar kan därför summera till annat än 100.",
        ],
        ["Procentenheter", "Skillnaden mellan två andelar. Förändringen av ett antal anges i procent."],
        [
            "Kod",
            "Den beteckning som används i Data, i CSV-filerna och i JSON. Betydelserna står på bladet Variabler.",
        ],
    ]
    return Sheet(
        name=SIGNS,
        title=SIGNS,
        lines=[Line(text="Tecken och ord som står i tabellerna i stället för eller bredvid tal.")],
        table="teckenforklaring",
        columns=[
            Column(header="Tecken", width=width_of(str(row[0]) for row in rows)),
            Column(header="Betydelse", width=100, wrap=True),
        ],
        rows=rows,
    )


def _valid(year: int) -> list[Definition]:
    found = []
    for each in dict.fromkeys(each.id for each in DEFINITIONS):
        try:
            found.append(definition(each, year))
        except KeyError:
            continue
    return found


def _places(numbers: list[str], in_all: int) -> str:
    return "alla" if len(numbers) == in_all else ", ".join(numbers) or "ingen"


def _period(found: Definition) -> str:
    begins = f"från och med {found.valid_from.year}" if found.valid_from else ""
    ends = f"till och med {found.valid_to.year}" if found.valid_to else ""
    return " ".join(filter(None, (begins, ends))) or "alla"


def _notes_of_uttag(tables: Sequence[TableResult]) -> list[str]:
    """What the table `deltagare` says beyond its own standing notes: the year before, late and erased registrations."""
    for result in tables:
        if result.table.id == "deltagare":
            return [note for note in result.notes if note not in result.table.notes]
    return []
