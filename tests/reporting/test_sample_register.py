"""The sample register of the real size: its figures, computed apart from this software, are all right.

The same register, as-of time and software give the same content hash on PostgreSQL and on SQLite: the hashes
stand here, and the test runs on both. They change only when a definition, a code list or the canonical form
does; then say so in the changelog.
"""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from finsam_site.access.models import User
from reporting.uttag.take import TakenUttag, take_uttag, verify_uttag

SAMPLE = Path(__file__).parent.parent / "data" / "sample-2018.zip"
JANUARY = dt.datetime.fromisoformat("2019-01-16T23:59:59+01:00")
MARCH = dt.datetime.fromisoformat("2019-03-01T12:00:00+01:00")
HASHES = {
    JANUARY: "31e6f8143fbb98093e62124222c357172da04f40896282641856b4b2499dddce",
    MARCH: "307d4a6c75793d5fa1575c79cb767adb455f22dbe3536852b5a81b9b1478f137",
}

pytestmark = [pytest.mark.both, pytest.mark.django_db]

Key = tuple[str, str, tuple[tuple[str, str], ...]]


def cell_key(tabell: str, row: dict[str, Any]) -> Key:
    """Table, measure and dimensions; a total over kön is the same as no kön, as the expected files have it."""
    outside = {"tabell", "matt", "varde", "status", "ar"}
    dimensions = {
        name: str(value) for name, value in row.items() if name not in outside and value is not None
    }
    if dimensions.get("kon") == "totalt":
        del dimensions["kon"]
    return tabell, row["matt"], tuple(sorted(dimensions.items()))


def wrong_cells(taken: TakenUttag, expected: list[dict[str, Any]]) -> list[str]:
    """`wrong_figures` of an uttag that was just taken."""
    return wrong_figures([{"id": one.table.id, "rows": one.rows} for one in taken.tables], expected)


def wrong_figures(tables: list[dict[str, Any]], expected: list[dict[str, Any]]) -> list[str]:
    """Every expected cell that is absent or differs by more than a millionth. An expected 0 may be absent.

    tables: id and rows, as they stand in the JSON of an uttag.
    """
    have = {
        cell_key(table["id"], row): row["varde"]
        for table in tables
        for row in table["rows"]
        if row.get("ar") is None
    }
    wrong = []
    for cell in expected:
        key, value = cell_key(cell["tabell"], cell), cell["varde"]
        found = have.get(key, 0 if value == 0 else "absent")
        same = found == value or (
            isinstance(found, int | float)
            and value is not None
            and abs(found - value) <= 1e-6 * max(1, abs(value))
        )
        if not same:
            wrong.append(f"{key}: expected {value}, got {found}")
    return wrong


def test_every_cell_in_january_and_after_the_corrections(tmp_path: Path) -> None:
    """January is right; after the corrections March is right, January taken again has its hash, and both verify."""
    with zipfile.ZipFile(SAMPLE) as archive:
        archive.extractall(tmp_path)
    user = User.objects.system()
    call_command("import_register", str(tmp_path / "register"), verbosity=0)
    january = take_uttag(user, 2018, JANUARY)
    call_command("import_register", str(tmp_path / "corrections"), verbosity=0)
    march = take_uttag(user, 2018, MARCH)
    again = take_uttag(user, 2018, JANUARY)

    expected = json.loads((tmp_path / "expected-2019-01-16.json").read_text())
    assert len(expected) == 3961
    assert wrong_cells(january, expected) == []
    assert wrong_cells(march, json.loads((tmp_path / "expected-2019-03-01.json").read_text())) == []

    assert again.uttag.content_hash == january.uttag.content_hash
    assert {JANUARY: january.uttag.content_hash, MARCH: march.uttag.content_hash} == HASHES
    for taken in (january, march):
        rows = [result.rows for result in verify_uttag(taken.uttag)]
        assert rows == [result.rows for result in taken.tables]
