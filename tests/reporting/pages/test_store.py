"""Read once, then from the cache; never figures of a file that is not the one that was frozen."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from reporting.models import Uttag
from reporting.report import store
from reporting.report.store import keep_tables, stored_table, stored_tables
from reporting.uttag.frozen import FrozenFileChanged
from tests.reporting.pages.world import logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Uttag]:
    """The uttag whose file was read, each time."""
    found: list[Uttag] = []
    real = store.read_tables

    def count(uttag: Uttag) -> Any:
        found.append(uttag)
        return real(uttag)

    monkeypatch.setattr(store, "read_tables", count)
    return found


def test_the_second_look_is_from_the_cache(read: list[Uttag]) -> None:
    """All alike: rows, notes and labels; one table alone too."""
    small_register()
    first = taken()
    for _ in range(3):
        assert stored_tables(first.uttag) == first.tables
        assert stored_table(first.uttag, "kvalitet") == first.tables[-1]
    assert len(read) == 1
    with pytest.raises(KeyError):
        stored_table(first.uttag, "finns-inte")


def test_kept_when_taken_the_first_look_reads_no_file(read: list[Uttag]) -> None:
    small_register()
    first = taken()
    keep_tables(first.uttag, first.tables)
    assert stored_tables(first.uttag) == first.tables and not read


def test_without_a_cache_every_look_reads_the_file(
    read: list[Uttag], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise ConnectionError("no cache")

    small_register()
    first = taken()
    monkeypatch.setattr(cache, "get_many", gone, raising=False)
    monkeypatch.setattr(cache, "set_many", gone, raising=False)
    for _ in range(2):
        assert stored_tables(first.uttag) == first.tables
    assert len(read) == 2


def test_a_changed_file_shows_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page and file of it tells so, in words, with 500; the list and the start page still work."""
    who = people()
    small_register()
    uttag = taken().uttag

    def changed(_: Uttag) -> Any:
        raise FrozenFileChanged(
            f"Filen till uttag {uttag.pk} är ändrad eller skadad: kontrollsumman stämmer inte."
        )

    monkeypatch.setattr(store, "read_tables", changed)
    client = logged_in(who.greta)
    for name in ("report", "workbook", "csv", "json"):
        answer = client.get(reverse(f"reporting:{name}", args=[uttag.pk]))
        page = answer.content.decode()
        assert (
            answer.status_code == 500
            and "Uttaget kan inte visas" in page
            and "kontrollsumman stämmer inte" in page
        )
    table = client.get(reverse("reporting:table", args=[uttag.pk, "deltagare"]))
    assert table.status_code == 500 and "figures-table" not in table.content.decode()
    assert client.get("/uttag/").status_code == 200
    assert "kan inte läsas" in client.get("/").content.decode()
