"""The switch for absorbed förbund: in rows of their own, or in their successor's; the nation is the same in both."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from django.test import Client
from django.urls import reverse

from registration.models import Forbund
from registration.rules.ownership import sync_ownership
from reporting.models import Uttag
from reporting.report import folded as module
from reporting.report.folded import TABLES, folded
from reporting.tables.compute import Row, compute_tables
from reporting.tables.national.forbund import CHANGED_FORBUND
from reporting.uttag.dataset import absorbed, fold_absorbed
from reporting.uttag.frozen import BEFORE, NOW, FrozenFileChanged, read_frozen, tables_of
from reporting.uttag.take import TakenUttag, workplace
from tests import factories
from tests.reporting.pages.test_report import expected, without_dots
from tests.reporting.pages.world import Cells, logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]

ASKED = "?uppgangna=efterfoljare"
WAYS = 'aria-label="Uppgångna förbund"'
MARK = "Uppgångna förbund visas i efterföljarens rad</strong>: Gamla kusten i Älv och kust."


def merged() -> tuple[Forbund, Forbund]:
    """A förbund that went up in another in the middle of 2024, with people of both years who left before and after,
    one of them in both förbund."""
    with factories.as_system():
        new = Forbund.objects.get(namn="Älv och kust")
        old = factories.forbund(namn="Gamla kusten", slutdatum=dt.date(2024, 6, 30), uppgatt_i=new)
        insats = factories.insats(forbund=old)
        sync_ownership()
    day = dt.date(2023, 3, 1)
    early = {"startdatum": day, "undertecknat": day, "registrerad": dt.datetime(2023, 3, 2, 9, tzinfo=dt.UTC)}
    for n, end in ((10, dt.date(2024, 3, 1)), (11, dt.date(2024, 9, 1)), (12, None)):
        one = factories.registered(n, insats=insats, **early)
        if end:
            factories.registered_out(
                one, slutdatum=end, registrerad=dt.datetime(2024, 10, 1, 9, tzinfo=dt.UTC)
            )
    factories.registered(10, insats=factories.insats(forbund=new), **early)
    return old, new


def look(client: Client, uttag: Uttag, table: str, asked: str = "") -> str:
    answer = client.get(reverse("reporting:table", args=[uttag.pk, table]) + asked)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def forbund_of(rows: list[Row]) -> set[Any]:
    return {row["forbund"] for row in rows}


@pytest.fixture
def world() -> tuple[Client, TakenUttag, Forbund, Forbund]:
    who = people()
    small_register()
    old, new = merged()
    return logged_in(who.farid), taken(), old, new


def test_both_views_of_each_table(world: tuple[Client, TakenUttag, Forbund, Forbund]) -> None:
    """The default is the stored table, the other has the sums in the successor's row and says so; a person in both is
    counted once."""
    client, uttag, old, new = world
    other = folded(uttag.uttag).tables
    assert set(other) == set(TABLES)
    for result in uttag.tables:
        page = look(client, uttag.uttag, result.id)
        assert (WAYS in page) == (result.id in TABLES) and MARK not in page
        assert without_dots(Cells(page).cells) == expected(result)
        asked = look(client, uttag.uttag, result.id, ASKED)
        assert (MARK in asked) == (result.id in TABLES)
        assert without_dots(Cells(asked).cells) == expected(other.get(result.id, result))
    for id_ in TABLES:
        rows = next(result.rows for result in uttag.tables if result.id == id_)
        assert forbund_of(rows) - forbund_of(other[id_].rows) == {old.forbund_id}
        assert forbund_of(other[id_].rows) <= forbund_of(rows)

    def people_of(rows: list[Row], one: Forbund, year: int | None = None) -> Any:
        return [
            row["varde"]
            for row in rows
            if row["forbund"] == one.forbund_id and row["matt"] == "deltagare" and row.get("ar") == year
        ]

    own = next(result.rows for result in uttag.tables if result.id == "forbund")
    assert (people_of(own, old), people_of(own, new)) == ([1], [3])
    assert people_of(other["forbund"].rows, new) == [3]
    assert people_of(own, old, 2023) == [3] and people_of(other["forbund"].rows, new, 2023) == [3]


def test_the_nation_is_the_same(world: tuple[Client, TakenUttag, Forbund, Forbund]) -> None:
    _, uttag, *_ = world
    with workplace() as (con, folder):
        meta = read_frozen(con, folder, uttag.uttag)
        successors = absorbed(con, NOW)
        for schema in (NOW, BEFORE):
            fold_absorbed(con, schema, successors)
        other = {result.id: result for result in tables_of(con, meta)}
    for result in uttag.tables:
        if result.id not in TABLES:
            assert other[result.id].rows == result.rows and other[result.id].notes == result.notes, result.id
    [total, other_total] = [
        [row for row in rows if row["forbund"] == "totalt"]
        for rows in (next(one.rows for one in uttag.tables if one.id == "kvalitet"), other["kvalitet"].rows)
    ]
    assert total == other_total and total


def test_what_is_given_out_is_the_same(world: tuple[Client, TakenUttag, Forbund, Forbund]) -> None:
    client, uttag, *_ = world
    for name in ("json", "csv"):
        url = reverse(f"reporting:{name}", args=[uttag.uttag.pk])
        before = client.get(url).getvalue()
        look(client, uttag.uttag, "forbund", ASKED)
        assert client.get(url + ASKED).getvalue() == before
    assert uttag.uttag.content_hash == taken().uttag.content_hash


def test_without_an_absorbed_förbund_there_is_no_switch() -> None:
    who = people()
    small_register()
    uttag = taken().uttag
    client = logged_in(who.farid)
    for asked in ("", ASKED):
        page = look(client, uttag, "forbund", asked)
        assert WAYS not in page and "Uppgångna" not in page


def test_computed_once(
    world: tuple[Client, TakenUttag, Forbund, Forbund], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, uttag, *_ = world
    first = folded(uttag.uttag)

    def read(*_: Any) -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(module, "read_frozen", read)
    assert folded(uttag.uttag) == first


@pytest.mark.parametrize("fault", ["format", "column", "rules"])
def test_a_file_that_this_program_computes_otherwise(
    world: tuple[Client, TakenUttag, Forbund, Forbund], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """No switch; who asks for the other view is told why, and sees the stored table. Other rules are found once; a file
    that cannot be read may be there again.
    """
    client, uttag, *_ = world
    stored = next(result for result in uttag.tables if result.id == "forbund")
    because = {
        "format": "uttagets underlag kan inte läsas",
        "column": "uttaget är taget med en annan version av programmet",
        "rules": "uttaget är taget med en annan version av programmet",
    }

    def unread(*_: Any) -> Any:
        raise FrozenFileChanged("version 1")

    def missing(*_: Any, **__: Any) -> Any:
        raise duckdb.BinderException('Referenced column "ny" not found')

    def others(*args: Any, **kwargs: Any) -> Any:
        return [replace(one, rows=one.rows[1:]) for one in compute_tables(*args, **kwargs)]

    found = {
        "format": ("read_frozen", unread),
        "column": ("compute_tables", missing),
        "rules": ("compute_tables", others),
    }
    with monkeypatch.context() as patched:
        patched.setattr(module, *found[fault])
        assert WAYS not in look(client, uttag.uttag, "forbund")
        page = look(client, uttag.uttag, "forbund", ASKED)
        assert WAYS not in page and f"kan inte visas i efterföljarens rad: {because[fault]}" in page
        assert without_dots(Cells(page).cells) == expected(stored)
    assert (WAYS in look(client, uttag.uttag, "forbund")) == (fault == "format")


def test_a_note_that_is_of_the_other_view(world: tuple[Client, TakenUttag, Forbund, Forbund]) -> None:
    """An insats that went to the successor counts once there."""
    client, uttag, *_ = world
    assert CHANGED_FORBUND in look(client, uttag.uttag, "forbund")
    assert CHANGED_FORBUND not in look(client, uttag.uttag, "forbund", ASKED)
