"""An uttag is shown as it was taken, by a program with one table more, one less, or a rule mended."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.models import User
from reporting.models import Uttag, UttagFil
from reporting.report.store import stored_table, stored_tables
from reporting.tables import national
from reporting.tables.national import avslut
from reporting.tables.registry import all_tables
from reporting.uttag import frozen_tables, take
from reporting.uttag.frozen import FrozenFileChanged, key_use, read_tables, tables_of
from reporting.uttag.storage import DatabaseStorage
from reporting.uttag.take import take_uttag, verify_uttag
from tests import factories
from tests.reporting.pages.world import FEBRUARY, logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]

LAST_FEBRUARY = FEBRUARY.replace(year=FEBRUARY.year - 1)

LATER = """
from dataclasses import replace

from reporting.tables.national import avslut

TABLE = replace(avslut.TABLE, id="senare", number=26, title="En tabell som kom senare")
"""

Later = Callable[[], None]


@pytest.fixture
def one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    """Lets the program be one with a table more: a new table is one file and nothing else."""
    name = f"{national.__name__}.senare"

    def come() -> None:
        (tmp_path / "senare.py").write_text(LATER)
        monkeypatch.setattr(national, "__path__", [*national.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        another_program()

    yield come
    monkeypatch.undo()
    sys.modules.pop(name, None)
    another_program()


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    """Lets the program be one in which `avslut` counts everybody twice."""

    def mend() -> None:
        [block] = avslut.TABLE.blocks
        twice = replace(block, sql=f"SELECT * REPLACE (2 * antal AS antal) FROM ({block.sql})")
        monkeypatch.setattr(avslut, "TABLE", replace(avslut.TABLE, blocks=(twice,)))
        another_program()

    yield mend
    monkeypatch.undo()
    another_program()


def another_program() -> None:
    """What a restart forgets, and the cache that may be gone by then."""
    all_tables.cache_clear()
    cache.clear()


def pages(uttag: Uttag, *more: str) -> dict[str, Any]:
    """What the pages and files of the uttag answer. more: "workbook", which takes its time to be made."""
    client = logged_in(people().greta)
    names = ("report", "csv", "json", *more)
    return {name: client.get(reverse(f"reporting:{name}", args=[uttag.pk])) for name in names}


def test_a_table_that_came_later(one_more: Later) -> None:
    """It is in no uttag from before it, which is shown and verified as ever; one taken now has it."""
    small_register()
    before = taken()
    rows = [one.rows for one in before.tables]
    one_more()
    assert "senare" in {table.id for table in all_tables()}
    for _ in range(2):  # read, and then from the cache
        assert [one.rows for one in stored_tables(before.uttag)] == rows
        with pytest.raises(KeyError):
            stored_table(before.uttag, "senare")
    assert [one.rows for one in verify_uttag(before.uttag)] == rows
    answers = pages(before.uttag, "workbook")
    assert {answer.status_code for answer in answers.values()} == {200}
    assert "En tabell som kom senare" not in answers["report"].content.decode()
    assert answers["json"].json()["uttag"]["content_hash"] == before.uttag.content_hash
    after = taken()
    assert [one.id for one in stored_tables(after.uttag)] == [*(one.id for one in before.tables), "senare"]
    assert after.uttag.content_hash != before.uttag.content_hash
    verify_uttag(after.uttag)


def test_its_neighbours_are_those_the_uttag_has(one_more: Later) -> None:
    """The last table of an old uttag has none after it, and the page of the later one is not there."""
    small_register()
    before = taken().uttag
    one_more()
    after = taken().uttag
    client = logged_in(people().greta)

    def page(uttag: Uttag, table: str) -> Any:
        return client.get(reverse("reporting:table", args=[uttag.pk, table]))

    assert page(before, "senare").status_code == 404 and page(after, "senare").status_code == 200
    assert "En tabell som kom senare" not in page(before, "kvalitet").content.decode()
    assert "En tabell som kom senare" in page(after, "kvalitet").content.decode()


def test_a_rule_that_is_mended(mended: Later) -> None:
    """Old figures stay as they were shown; to verify says which table it is, and by what it was counted."""
    small_register()
    before = taken()
    rows = {one.id: one.rows for one in before.tables}
    mended()
    after = {one.id: one.rows for one in taken().tables}
    assert {name for name in rows if rows[name] != after[name]} == {"avslut"}
    assert {one.id: one.rows for one in stored_tables(before.uttag)} == rows
    assert {answer.status_code for answer in pages(before.uttag).values()} == {200}
    with pytest.raises(FrozenFileChanged, match="ger andra siffror i avslut när det räknas om"):
        verify_uttag(before.uttag)
    with pytest.raises(CommandError, match="1 uttag stämmer inte"):  # the one taken now does
        call_command("verify_uttag")


def test_the_year_before_by_a_mended_rule(mended: Later) -> None:
    """What the fastställda uttaget shows stays; the next one counts both years by the new rule, and says where."""
    small_register()
    day, known = dt.date(2023, 3, 1), dt.datetime(2023, 6, 1, 9, tzinfo=dt.UTC)
    one = factories.registered(
        20, startdatum=day, undertecknat=day, registrerad=known - dt.timedelta(days=60)
    )
    factories.registered_out(one, slutdatum=dt.date(2023, 5, 31), registrerad=known)
    settled = take_uttag(User.objects.system(), 2023, LAST_FEBRUARY)
    Uttag.objects.filter(pk=settled.uttag.pk).update(faststalld=timezone.now())
    told = "Det fastställda uttaget för 2023 visar andra siffror"
    assert not any(told in note for one in taken().tables for note in one.notes)
    mended()
    after = taken()
    assert [one.id for one in after.tables if any(told in note for note in one.notes)] == ["avslut"]
    assert [one.rows for one in stored_tables(settled.uttag)] == [one.rows for one in settled.tables]
    verify_uttag(after.uttag)


def test_rows_in_another_order_and_the_last_digit_are_the_same_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As for the hash: another version of the library that computes may give them so."""
    small_register()
    before = taken()

    def otherwise(*args: Any, **kwargs: Any) -> Any:
        return [
            replace(
                one, rows=[
                    {**row, "varde": row["varde"] * (1 + 1e-15) if isinstance(row["varde"], float) else row["varde"]}
                    for row in reversed(one.rows)
                ],
            )
            for one in tables_of(*args, **kwargs)
        ]  # fmt: skip

    monkeypatch.setattr(take, "tables_of", otherwise)
    assert verify_uttag(before.uttag)


def test_a_file_that_this_program_cannot_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    """To verify says so, in words and without DuckDB's, and goes on to the next; the uttag is shown."""
    small_register()
    uttag = taken().uttag

    def missing(*_: Any, **__: Any) -> Any:
        raise duckdb.BinderException('Referenced column "ny" not found')

    monkeypatch.setattr(take, "tables_of", missing)
    with pytest.raises(
        FrozenFileChanged, match="kan inte räknas om av det här programmet, men visas"
    ) as told:
        verify_uttag(uttag)
    assert "column" not in str(told.value)
    assert {answer.status_code for answer in pages(uttag).values()} == {200}


def test_a_table_that_is_no_longer_declared(one_more: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be laid out and is left out; the hash is still of it, and to verify names it."""
    small_register()
    one_more()
    uttag = taken().uttag
    monkeypatch.setattr(national, "__path__", national.__path__[:1])
    another_program()
    assert "senare" not in {one.id for one in stored_tables(uttag)}
    assert {answer.status_code for answer in pages(uttag).values()} == {200}
    with pytest.raises(FrozenFileChanged, match="ger andra siffror i senare"):
        verify_uttag(uttag)


def test_figures_that_are_not_those_of_the_hash() -> None:
    """A file whole in itself but with other figures than the row in the database is of: not shown."""
    small_register()
    uttag = taken().uttag
    uttag.content_hash = "0" * 64
    with pytest.raises(FrozenFileChanged, match="inte de som uttaget togs med"):
        read_tables(uttag)
    with pytest.raises(FrozenFileChanged):
        stored_tables(uttag)


def test_a_file_from_before_tables_were_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computed from the dataset, shown if the hash is theirs."""
    monkeypatch.setattr("reporting.uttag.frozen.TABLES", "nagot-annat.json")
    small_register()
    before = taken()
    monkeypatch.setattr("reporting.uttag.frozen.TABLES", frozen_tables.NAME)
    assert read_tables(before.uttag) is None
    assert stored_tables(before.uttag) == before.tables
    before.uttag.content_hash = "0" * 64
    with pytest.raises(FrozenFileChanged, match="andra siffror när det räknas om"):
        stored_tables(before.uttag)


def test_a_file_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page and file of it says so, with 500; the start page and the list still work."""
    small_register()
    uttag = taken().uttag
    monkeypatch.setattr(DatabaseStorage, "_rows", staticmethod(UttagFil.objects.none))
    answers = pages(uttag, "workbook")
    for answer in answers.values():
        assert answer.status_code == 500
        assert f"Filen till uttag {uttag.pk} saknas." in answer.content.decode()
    client = answers["report"].client
    assert "kan inte läsas" in client.get("/").content.decode() and client.get("/uttag/").status_code == 200
    with pytest.raises(CommandError, match="1 uttag stämmer inte"):
        call_command("verify_uttag")
    assert key_use() == {"": 1}  # told as what cannot be read, by `rotate_keys`
