"""The pages show what was computed: every cell of every table, once, and nothing else."""

from __future__ import annotations

import html
from collections import Counter
from pathlib import Path

import pytest
from django.urls import reverse

from finsam_site.ui import formats
from reporting.report.document import make_report
from reporting.report.figures import shown_as_one
from reporting.report.layout import tables_of
from reporting.tables.base import Measure
from reporting.tables.compute import Row, TableResult
from reporting.tables.definitions import definition
from tests.reporting.pages.world import Cells, logged_in, people, small_register, taken
from tests.reporting.workbook_case import small_tables, with_hidden

pytestmark = [pytest.mark.django_db, pytest.mark.both]

DECIMALS = {"antal": 0, "kronor": 0, "procent": 1, "procentenheter": 1, "dagar": 1}


def as_written(row: Row, measure: Measure) -> str:
    """How a cell reads, worked out apart from the layout."""
    if row["status"] == "skyddat":
        return "[skyddat]"
    value = row["varde"]
    assert isinstance(value, int | float)
    text = formats.number(value, DECIMALS[measure.unit])
    if measure.unit != "procentenheter" and not measure.change:
        return text
    if text.startswith("\u2212"):
        return text
    return ("+" if text.strip("0,") else "±") + text


def expected(result: TableResult) -> Counter[str]:
    """Every cell that has something to show."""
    measures = {measure.id: measure for measure in result.table.measures}
    return Counter(
        as_written(row, measures[str(row["matt"])]) for row in result.rows if row["status"] != "ej_tillamplig"
    )


def without_dots(cells: list[str]) -> Counter[str]:
    found = Counter(cells)
    del found["."]
    return found


def test_every_cell_of_every_table_stands_on_its_page_once() -> None:
    who = people()
    small_register()
    uttag = taken()
    client = logged_in(who.farid)
    some = 0
    for result in uttag.tables:
        page = client.get(reverse("reporting:table", args=[uttag.uttag.pk, result.table.id])).content.decode()
        assert without_dots(Cells(page).cells) == expected(result), result.table.id
        some += sum(expected(result).values())
        for note in result.notes:
            assert html.escape(note[:40]) in page
    assert some > 500


def test_the_report_has_the_tables_in_order_and_their_cells() -> None:
    who = people()
    small_register()
    uttag = taken()
    page = logged_in(who.greta).get(reverse("reporting:report", args=[uttag.uttag.pk])).content.decode()
    report = make_report(uttag.uttag, uttag.tables)
    sections = [section for chapter in report.chapters for section in chapter.sections]
    assert [section.id for section in sections] == [result.table.id for result in uttag.tables]
    places = [page.index(f"<h3>{html.escape(section.heading)}</h3>") for section in sections]
    assert places == sorted(places)
    wanted: Counter[str] = Counter()
    shown = {section.id for section in sections if section.tables}
    for result in uttag.tables:
        if result.table.id in shown:
            wanted += expected(result)
        else:
            assert reverse("reporting:table", args=[uttag.uttag.pk, result.table.id]) in page
    assert without_dots(Cells(page).cells) == wanted
    for note in {note for result in uttag.tables for note in result.notes}:
        assert html.escape(note[:40]) in page
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert "INTERN – får inte publiceras" in page and uttag.uttag.content_hash in page


def test_hidden_cells_read_so_and_are_never_numbers(tmp_path: Path) -> None:
    """Laid out with every count of 1 to 4 hidden: `[skyddat]` in each place, no zero in its stead."""
    for result in with_hidden(small_tables(tmp_path)):
        laid = tables_of(result)
        cells = [cell.text for table in laid for _, _, row in table.body for cell in row]
        assert without_dots(cells) == expected(result), result.table.id
        assert all(
            cell.hidden
            for table in laid
            for _, _, row in table.body
            for cell in row
            if cell.text == "[skyddat]"
        )


def test_without_a_year_before_its_columns_are_left_out(tmp_path: Path) -> None:
    for result in small_tables(tmp_path, before=False):
        for table in tables_of(result):
            assert not [
                column for column in table.columns if column.label == "2017" or column.group.endswith("2017")
            ]


def test_columns_are_few_enough_to_be_read(tmp_path: Path) -> None:
    """No part is wider than a page, but for the matrix of försörjning; women, men and total stand in this order."""
    for result in small_tables(tmp_path):
        for table in tables_of(result):
            if result.table.id != "resultat_forsorjning_flode":
                assert len(table.columns) <= 15, table.id
            labels = [
                column.label for column in table.columns if column.label in ("Kvinnor", "Män", "Totalt")
            ]
            assert labels == ["Kvinnor", "Män", "Totalt"] * (len(labels) // 3), table.id


def test_key_figures_are_those_of_the_tables() -> None:
    small_register()
    uttag = taken()
    figures = {one.label: one for one in make_report(uttag.uttag, uttag.tables).figures}

    def cell(table: str, **keys: str) -> object:
        [found] = [
            row["varde"]
            for result in uttag.tables
            if result.table.id == table
            for row in result.rows
            if "ar" not in row and keys.items() <= row.items()
        ]
        return found

    assert list(figures) == [
        "Till arbete, studier eller arbetssökande", "Till arbete eller studier", "Deltagare", "Med personuppgifter",
        "Avslutade", "Insatser", "Samordningsförbund", "Kommuner i förbund",
    ]  # fmt: skip
    assert (
        figures["Deltagare"].value
        == cell("deltagare", matt="antal", registreringssatt="totalt", kon="totalt")
        == 19
    )
    assert figures["Med personuppgifter"].value == 7
    assert figures["Avslutade"].value == 2
    work = figures["Till arbete eller studier"]
    assert work.value == cell(
        "resultat_sysselsattning", matt="efter_andel", sysselsattning="arbete_eller_studier", kon="totalt"
    )
    assert work.value == 50 and "Andel av 2 avslutade" in work.base.replace("\u00a0", " ")
    before = 1
    assert (
        figures["Deltagare"].change == 100 * (19 - before) / before and figures["Deltagare"].against == "2023"
    )


@pytest.mark.parametrize(
    ("change", "one"),
    [(1, True), (-0.5, True), (1.4, True), (1.5, False), (0.4, False), (0, False), (None, False)],
)
def test_one_procentenhet_and_many_procentenheter(change: float | None, one: bool) -> None:
    assert shown_as_one(change) is one


def test_definitions_hold_for_the_year() -> None:
    """The headline measure of 2020 is not that of 2021, and each figure leads to its definition."""
    who = people()
    client = logged_in(who.farid)
    old, new = (
        client.get(reverse("reporting:definitions", args=[year])).content.decode() for year in (2020, 2021)
    )
    words = "Andelen avslutade till arbete, studier eller arbetssökande (målet)."
    assert words not in old and words in new and 'id="huvudmatt"' in new
    small_register()
    report = logged_in(who.farid).get(reverse("reporting:report", args=[taken().uttag.pk])).content.decode()
    page = client.get(reverse("reporting:definitions", args=[2024])).content.decode()
    targets = {part.split('"')[0] for part in report.split("/uttag/definitioner/2024/#")[1:]}
    assert len(targets) > 15 and all(f'id="{target}"' in page for target in targets)


def test_the_words_of_the_definitions_stand_beside_the_table() -> None:
    """On a table's page each of its definitions, with the words that hold for the year; on the report those that most
    tables use once, and every table's own with it.
    """
    who = people()
    small_register()
    uttag = taken()
    client = logged_in(who.farid)
    report = client.get(reverse("reporting:report", args=[uttag.uttag.pk])).content.decode()
    for result in uttag.tables:
        page = client.get(reverse("reporting:table", args=[uttag.uttag.pk, result.table.id])).content.decode()
        for id_ in result.table.definitions:
            words = html.escape(definition(id_, 2024).text)
            assert page.count(words) == 1 and words in report, (result.table.id, id_)
    assert report.count(html.escape(definition("uttag", 2024).text)) == 1
    assert html.escape(definition("huvudmatt", 2024).text) in report
    assert html.escape(definition("huvudmatt", 2020).text) not in report
