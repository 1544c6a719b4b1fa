"""The methodology: what every table and term means, in Markdown, made from the declarations and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from finsam_site.ui.formats import sort_key

from ..tables.base import KON, Measure, Share, Table
from ..tables.definitions import DEFINITIONS, DEFINITIONS_VERSION, Definition
from ..tables.registry import all_tables
from ..workbook.front import signs
from . import folded
from .definitions import period
from .document import CHAPTERS

BEGINNING = f"""# Metodbeskrivning

Vad tabellerna i ett uttag visar och hur de räknas. Texten är gjord ur tabellernas deklarationer med
`python manage.py write_methodology` och ändras inte för hand. Samma ord står vid tabellerna på webbsidan och i
arbetsboken.

Definitionernas version: {DEFINITIONS_VERSION}. Den står i varje uttag: i JSON-filen, på arbetsbokens omslag och på
rapportens sida.

- [Definitioner](#definitioner)
- [Tecken i tabellerna](#tecken-i-tabellerna)
- [Tabeller](#tabeller)
"""

TABLES = f"""## Tabeller

Varje tabell visar året och, där det går, året före. Koderna inom `parentes` är de som används i JSON, i CSV-filerna
och på arbetsbokens blad Data. En rad finns också när antalet är noll. Koder som inte räknas upp vid tabellen kommer ur
registret: kodlistorna som de gäller för året, förbund, län och kommuner. Arbetsbokens blad Variabler har dem alla.
Köns koder är {", ".join(f"{label} (`{code}`)" for code, label in KON.items())}.
"""

FOLDED = """Har ett förbund gått upp i ett annat kan {tables} på webbsidan också visas med det uppgångna förbundet i
efterföljarens rad. Arbetsboken, CSV och JSON har alltid varje förbund på egen rad.
"""

LINKAGE = """Nummer {number} är avsatt för registeruppföljningen, före och efter insatsen, som ännu inte ingår.
"""
LINKAGE_NUMBER = 19


def methodology() -> str:
    """The whole text, ending with a line feed."""
    return (
        "\n".join([BEGINNING, *_definitions(), *_signs(), TABLES, *_of_all(), *_tables()]).rstrip("\n") + "\n"
    )


def _definitions() -> Iterator[str]:
    yield "## Definitioner\n"
    for one in sorted(DEFINITIONS, key=lambda one: sort_key(one.term)):
        anchor = f'<a id="{_anchor(one.id)}"></a>' if one is _newest(one.id) else ""
        yield f"### {anchor}{one.term} (`{one.id}`)\n"
        yield f"{one.text}\n"
        if limits := period(one):
            yield f"*{limits}*\n"


def _signs() -> Iterator[str]:
    yield "## Tecken i tabellerna\n"
    yield "| Tecken | Betydelse |\n|---|---|"
    yield from (f"| {sign} | {meaning} |" for sign, meaning in signs().rows)
    yield ""


def _of_all() -> Iterator[str]:
    """What concerns several tables, or one that is not there."""
    numbers = [str(table.number) for table in all_tables() if table.id in folded.TABLES]
    yield FOLDED.format(tables=f"tabell {', '.join(numbers[:-1])} och {numbers[-1]}")
    if LINKAGE_NUMBER not in {table.number for table in all_tables()}:
        yield LINKAGE.format(number=LINKAGE_NUMBER)


def _tables() -> Iterator[str]:
    chapters = list(CHAPTERS)
    for table in all_tables():
        while chapters and chapters[0][0] <= table.number:
            yield f"### {chapters.pop(0)[1]}\n"
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"#### Tabell {table.number}. {table.title} (`{table.id}`)\n"
    yield f"- **Population:** {table.population}"
    yield f"- **Enhet:** {table.unit}"
    yield f"- **Redovisas efter:** {_crossings(table)}"
    yield from _named(table)
    yield "- **Mått:**"
    yield from (f"  - {_measure(measure, table)}" for measure in table.measures)
    yield f"- **Definitioner:** {', '.join(_link(id_) for id_ in table.definitions)}"
    if table.notes:
        yield "- **Att tänka på:**"
        yield from (f"  - {note}" for note in table.notes)
    yield ""


def _crossings(table: Table) -> str:
    """What the figures are divided by; a table with more than one crossing names each."""
    ways = []
    for block in table.blocks:
        names = [f"{dimension.label.lower()} (`{dimension.id}`)" for dimension in block.dimensions]
        ways.append(" och ".join([*names, *(["kön (`kon`)"] if block.by_kon else [])]))
    return "; ".join(filter(None, dict.fromkeys(ways))) or "bara riket"


def _named(table: Table) -> Iterator[str]:
    """The codes that the table itself names, by dimension."""
    for dimension in table.dimensions:
        if dimension.named:
            codes = ", ".join(f"{label} (`{code}`)" for code, label in dimension.named)
            yield f"  - {dimension.label}: {codes}"


def _measure(measure: Measure, table: Table) -> str:
    how = f"; {_how(measure, table)}" if measure.change or measure.share else ""
    return f"{measure.label} (`{measure.id}`), {measure.unit}{how}"


def _how(measure: Measure, table: Table) -> str:
    """How it follows from another measure of the table."""
    labels = {one.id: one.label.lower() for one in table.measures}
    if measure.change:
        kind = "i procent" if measure.change.kind == "procent" else "som skillnad"
        return f"{labels[measure.change.of]} jämfört med året före, {kind}"
    return _share(measure.share, labels, by_kon=table.by_kon) if measure.share else ""


def _share(share: Share, labels: dict[str, str], *, by_kon: bool) -> str:
    within = f"i procent av {share.base_label}" + (", för varje kön för sig" if by_kon else "")
    less = f" minus {labels[share.less]}" if share.less else ""
    return f"{labels[share.of]}{less}, {within}"


def _link(id_: str) -> str:
    return f"[{_newest(id_).term}](#{_anchor(id_)})"


def _newest(id_: str) -> Definition:
    return next(one for one in reversed(DEFINITIONS) if one.id == id_)


def _anchor(id_: str) -> str:
    return f"definition-{id_}"
