"""The hash, the JSON document and the CSV files."""

import csv
import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reporting.tables.base import Block, Dimension, Measure, Table
from reporting.tables.compute import TableResult
from reporting.tables.shared import fixed
from reporting.uttag.output import canonical_lines, content_hash, json_document, write_csv
from tests.reporting.raw_folders import AS_OF, YEAR, Raw, run

ALDER = Table(
    id="prov",
    number=99,
    title="Prov efter ålder",
    population="Prov",
    unit="individer",
    measures=(Measure(id="antal", label="Antal"), Measure(id="andel", label="Andel", unit="procent")),
    blocks=(
        Block(
            dimensions=(Dimension(id="alder", label="Ålder", codes=fixed(("-19", "Under 20"))),),
            by_kon=True,
            sql="",
        ),
    ),
    definitions=("uttag",),
)


def result(*rows: dict[str, str | int | float | None]) -> TableResult:
    return TableResult(
        table=ALDER, year=2018, rows=list(rows), notes=["En not."], labels={"alder": {"-19": "=SUMMA(1)"}}
    )


COUNT: dict[str, str | int | float | None] = {
    "alder": "-19", "kon": "K", "matt": "antal", "varde": 3, "status": None,
}  # fmt: skip
SHARE = COUNT | {"matt": "andel", "varde": 100 / 3, "ar": 2017}
HIDDEN = COUNT | {"kon": "M", "varde": None, "status": "skyddat"}
EMPTY = SHARE | {"kon": "M", "varde": None, "status": "ej_tillamplig"}


def test_the_canonical_form_is_what_it_says():
    assert canonical_lines(2018, AS_OF, [result(COUNT, SHARE)]) == [
        b'{"as_of":"2019-01-16T22:59:59.000000Z","year":2018}',
        b'{"alder":"-19","ar":2017,"kon":"K","matt":"andel","status":null,"tabell":"prov","varde":33.33333333}',
        b'{"alder":"-19","kon":"K","matt":"antal","status":null,"tabell":"prov","varde":3}',
    ]


def test_the_hash_is_over_the_canonical_form():
    lines = b"".join(line + b"\n" for line in canonical_lines(2018, AS_OF, [result(COUNT)]))
    assert content_hash(2018, AS_OF, [result(COUNT)]) == hashlib.sha256(lines).hexdigest()


def test_what_the_hash_does_not_see():
    expected = content_hash(2018, AS_OF, [result(COUNT, SHARE)])
    local = AS_OF.astimezone(ZoneInfo("Europe/Stockholm"))
    noted = dataclasses.replace(result(COUNT, SHARE), notes=["En annan not."], labels={})
    assert content_hash(2018, local, [result(SHARE, COUNT)]) == expected
    assert content_hash(2018, AS_OF, [noted]) == expected
    assert content_hash(2018, AS_OF, [result(COUNT, SHARE | {"varde": 33.33333333333})]) == expected


@pytest.mark.parametrize(
    "change",
    [{"varde": 4}, {"varde": None}, {"kon": "M"}, {"ar": 2017}, {"status": "skyddat"}, {"matt": "andel"}],
)
def test_what_the_hash_sees(change):
    assert content_hash(2018, AS_OF, [result(COUNT | change)]) != content_hash(2018, AS_OF, [result(COUNT)])


def test_year_and_time_are_in_the_hash_and_the_time_must_have_a_zone():
    expected = content_hash(2018, AS_OF, [])
    assert content_hash(2019, AS_OF, []) != expected
    assert content_hash(2018, AS_OF + dt.timedelta(microseconds=1), []) != expected
    with pytest.raises(ValueError, match="time zone"):
        content_hash(2018, AS_OF.replace(tzinfo=None), [])


def test_rounding_and_zero():
    def last(value: float) -> bytes:
        return canonical_lines(2018, AS_OF, [result(SHARE | {"varde": value})])[1].rsplit(b":", 1)[1]

    assert last(50.0) == b"50.0}"
    assert last(-0.0) == b"0.0}"
    assert last(12345.678949999) == b"12345.67895}"
    assert last(0.000012345678954) == b"1.234567895e-05}"


def test_the_document_has_the_shape_of_the_contract(tmp_path):
    raw = Raw()
    raw.deltagande("d1", "p1", "2018-03-01", "2018-03-03")
    tables = run(tmp_path, raw).results
    document = json_document({"id": 7, "year": YEAR}, tables)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document) == ["uttag", "tables"]
    found = document["tables"]
    assert isinstance(found, list)
    for table in found:
        assert list(table) == ["id", "title", "population", "unit", "notes", "rows"]
        seen = set()
        for row in table["rows"]:
            keys = {key: value for key, value in row.items() if key not in ("varde", "status")}
            assert row["status"] == (None if row["varde"] is not None else "ej_tillamplig")
            assert not isinstance(row["varde"], str | bool | Decimal)
            assert keys.get("ar", 2017) == 2017
            seen.add(json.dumps(keys, sort_keys=True))
        assert len(seen) == len(table["rows"]), table["id"]


def test_csv_for_people_and_for_programs(tmp_path):
    written = write_csv(tmp_path, [result(COUNT, HIDDEN, SHARE, EMPTY)])
    assert [path.name for path in written] == ["prov.csv", "data.csv"]
    with written[0].open(encoding="utf-8", newline="") as file:
        wide = list(csv.DictReader(file, delimiter=";"))
    assert list(wide[0].values()) == ["-19", "'=SUMMA(1)", "K", "Kvinnor", "2018", "3", "."]
    assert list(wide[0]) == ["alder", "alder_etikett", "kon", "kon_etikett", "ar", "antal", "andel"]
    assert (wide[1]["antal"], wide[2]["andel"], wide[3]["andel"]) == ("[skyddat]", "33.333333333333336", ".")
    with written[1].open(encoding="utf-8", newline="") as file:
        tidy = list(csv.DictReader(file, delimiter=";"))
    assert tidy[1] == {"tabell": "prov", "alder": "-19", "kon": "M", "ar": "2018", "matt": "antal", "varde": "",
                       "status": "skyddat"}  # fmt: skip
    assert tidy[2]["ar"] == "2017"
