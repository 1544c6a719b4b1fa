"""What is declared about the tables holds together."""

import datetime as dt

import pytest

from reporting.tables.definitions import DEFINITIONS, definition
from reporting.tables.registry import all_tables

CATALOGUE = [
    "forbund_kommuner",
    "insatser_inriktning",
    "insatser_individ",
    "insatser_struktur",
    "insatser_behovsgrupp",
    "deltagare",
    "deltagare_alder",
    "deltagare_utbildning",
    "deltagare_tid",
    "deltagare_forsorjning",
    "deltagare_initierad",
    "behovsgrupper",
    "resultat_sysselsattning",
    "resultat_okade",
    "resultat_forsorjning",
    "resultat_forsorjning_flode",
    "avslut",
    "tid_i_insats",
    "ekonomi",
    "forbund",
    "lan",
    "kommun",
    "forbund_resultat",
    "struktur_deltagare",
    "kvalitet",
]


def test_every_table_of_the_catalogue_is_there_in_its_order():
    assert [table.id for table in all_tables()] == CATALOGUE
    numbers = [table.number for table in all_tables()]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 26


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.id)
def test_declaration(table):
    measures = [measure.id for measure in table.measures]
    assert len(set(measures)) == len(measures)
    assert len(set(table.definitions)) == len(table.definitions)
    known = {found.id for found in DEFINITIONS}
    assert set(table.definitions) <= known
    assert {"uttag", "aret_fore"} <= set(table.definitions)
    assert ("kon" in table.definitions) == table.by_kon
    shares = [measure for measure in table.measures if measure.unit == "procent" and measure.change is None]
    assert (
        not [measure for measure in shares if "forandring" not in measure.id] or "andel" in table.definitions
    )
    for measure in table.measures:
        assert measure.label[0].isupper()
        if measure.change is not None:
            assert measure.change.of in measures
    assert table.title[0].isupper() and not table.title.endswith(".")
    assert table.population
    assert all(note.endswith(".") for note in table.notes)


def test_periods_of_one_definition_do_not_overlap():
    for found in DEFINITIONS:
        for year in range(2004, 2031):
            last = dt.date(year, 12, 31)
            valid = [
                other
                for other in DEFINITIONS
                if other.id == found.id
                and (other.valid_from or last) <= last
                and last <= (other.valid_to or last)
            ]
            assert len(valid) == 1, (found.id, year)


def test_the_headline_changes_in_2021():
    assert "målet" not in definition("huvudmatt", 2020).text
    assert "målet" in definition("huvudmatt", 2021).text
    with pytest.raises(KeyError):
        definition("okand", 2020)
