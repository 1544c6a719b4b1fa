"""The methodology in docs/ says what the declarations say: the file in the repository is the one that they make."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from reporting.management.commands.write_methodology import DEFAULT
from reporting.report.methodology import methodology
from reporting.tables.definitions import DEFINITIONS, DEFINITIONS_VERSION
from reporting.tables.registry import all_tables


def test_the_file_in_the_repository_is_current(tmp_path: Path) -> None:
    """When this fails: `python manage.py write_methodology`."""
    call_command("write_methodology", str(tmp_path / "metod.md"), verbosity=0)
    written = (tmp_path / "metod.md").read_text(encoding="utf-8")
    assert (settings.BASE_DIR / DEFAULT).read_text(encoding="utf-8") == written == methodology()


def test_every_table_measure_note_and_definition_stands_in_it() -> None:
    text = methodology()
    assert DEFINITIONS_VERSION in text
    for one in DEFINITIONS:
        assert one.text in text and f"{one.term} (`{one.id}`)" in text
    for table in all_tables():
        part = text.split(f"#### Tabell {table.number}. {table.title} (`{table.id}`)\n")[1].split("\n#### ")[
            0
        ]
        for words in (table.population, f"**Enhet:** {table.unit}", *table.notes):
            assert words in part
        named = [(each.label, each.id) for each in table.measures]
        named += [(each.label, each.id) for each in table.dimensions]
        for label, id_ in named:
            assert f"{label.lower()} (`{id_}`)" in part.lower()
        assert part.count("](#definition-") == len(table.definitions)
        for share in (each.share for each in table.measures if each.share):
            assert f"i procent av {share.base_label}" in part
        for code, label in (named for each in table.dimensions for named in each.named):
            assert f"{label} (`{code}`)" in part


def test_a_share_says_its_base() -> None:
    """By its declaration, or where the SQL counts it, in a note."""
    for table in all_tables():
        counted = [one for one in table.measures if one.unit == "procent" and not (one.share or one.change)]
        said = [note for note in table.notes if "avser" in note or "i procent av" in note]
        assert not counted or said, table.id


def test_the_codes_that_a_table_names_are_among_those_that_get_a_row() -> None:
    for dimension in (one for table in all_tables() for one in table.dimensions):
        for code, label in dimension.named:
            assert f"('{code}', '{label}', " in dimension.codes, dimension.id


def test_every_link_leads_to_an_anchor_that_stands_there_once() -> None:
    text = methodology()
    anchors = re.findall(r'<a id="([^"]+)">', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\(#(definition-[^)]+)\)", text)) <= set(anchors)
    leads_to = text.split('<a id="definition-huvudmatt"></a>')[1].split("\n### ")[0]
    assert "Gäller från och med år 2021" in leads_to
    headings = {
        line.strip("# ").lower().replace(" ", "-") for line in text.splitlines() if line.startswith("## ")
    }
    assert set(re.findall(r"\(#((?!definition-)[^)]+)\)", text)) <= headings
