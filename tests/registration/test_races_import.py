"""An import of a register meets those who write at the same moment: both end, and neither is thrown out by a deadlock.

PostgreSQL only (ARCHITECTURE §3). On SQLite there is one writer at a time.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from finsam_site.access.acting import acting_as
from registration.importing import register_import
from registration.models import Deltagande, Insats, Nummerhash, Utregistrering
from registration.rules import new_rows
from registration.rules.correct import Rattelse, correct
from registration.rules.doors import deltaganden_to_change
from registration.rules.erase import withdraw_samtycke
from registration.rules.register import register_in
from tests import factories
from tests.registration.importing import folders
from tests.registration.races import TWO_WRITERS, race

pytestmark = TWO_WRITERS

FIRST = 0.2  # seconds that the other is ahead of the import
HELD = 0.6  # seconds that it holds what it has, before it goes on
NEW = "Insatsen har bytt namn"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Read in: D1, out and at hand. Gives the folder of an import that renames its insats and corrects both parts."""
    assert folders.run(folders.write(tmp_path / "first", folders.register())).ok
    again = folders.register()
    again["insatser"][0]["namn"] = NEW
    again["deltaganden"].append(
        folders.deltagande(
            "D1", 0, utbildning="okand", slutdatum="2018-06-29",
            registrerad_in="2018-08-01T10:00:00+02:00", registrerad_ut="2018-08-02T10:00:00+02:00",
        )
    )  # fmt: skip
    return folders.write(tmp_path / "again", again)


def d1() -> Deltagande:
    return Deltagande.unscoped.get(deltagande_id="D1")


def hold(seconds: float, number: int) -> None:
    """Somebody who has locked a deltagande to change it, and takes that long."""
    with acting_as(factories.system()):
        deltaganden_to_change([d1().pk])
        time.sleep(seconds)


def meet(folder: Path, other: Callable[[], object]) -> None:
    """`other` has begun when the import of `folder` comes; both have to end well."""

    def read_in(number: int) -> bool:
        time.sleep(FIRST)
        return folders.run(folder).ok

    def write(number: int) -> None:
        with acting_as(factories.system()):
            other()

    ((imported, written),) = race([read_in, write], 1)
    assert written.won, written
    assert imported.won, imported


def test_somebody_who_has_locked_what_is_to_be_corrected(register: Path) -> None:
    """The rows are locked, and written only when the import has come."""
    one = d1()

    def corrects() -> None:
        deltaganden_to_change([one.pk])
        time.sleep(HELD)
        ut = factories.ut_uppgifter(slutdatum=Utregistrering.unscoped.get().slutdatum)
        correct(Rattelse(one.pk, "läste fel", ut=ut))

    meet(register, corrects)
    assert Utregistrering.unscoped.filter(deltagande=one).count() == 3
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_somebody_who_has_locked_what_is_to_be_withdrawn(register: Path) -> None:
    """What the import brings of it does not get its data back."""
    one = d1()

    def withdraws() -> None:
        deltaganden_to_change([one.pk])
        time.sleep(HELD)
        withdraw_samtycke([one.pk])

    meet(register, withdraws)
    assert d1().avidentifierad is not None


def test_somebody_who_is_registering_a_new_person(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are written before deltaganden, the other way round than a correction takes the tables."""
    insert = new_rows.insert_rows

    def slowly(model: Any, rows: Any) -> None:
        insert(model, rows)
        if model is Nummerhash and rows:
            time.sleep(HELD)

    monkeypatch.setattr(new_rows, "insert_rows", slowly)
    meet(register, lambda: register_in([factories.nytt_deltagande(0)]))
    assert Deltagande.unscoped.count() == 2


@pytest.mark.parametrize("tables", [("insats", "deltagande"), ("deltagande", "insats")])
def test_somebody_whose_foreign_keys_are_looked_up(register: Path, tables: tuple[str, str]) -> None:
    """As when a draft is begun: at the end of its transaction the database shares a lock of each row that it names."""
    one = d1()
    rows: dict[str, Any] = {"insats": one.insats_id, "deltagande": one.pk}

    def looks_up() -> None:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(
                    f"SELECT 1 FROM registration_{table} WHERE id = %s FOR KEY SHARE", [rows[table]]
                )
                time.sleep(HELD)

    meet(register, looks_up)
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_an_import_that_waits_can_be_cancelled(register: Path) -> None:
    """Whoever is told of its progress may raise, also while somebody else is still writing."""

    class Cancelled(Exception):
        pass

    def cancel(done: int, of: int, text: str) -> None:
        raise Cancelled

    def read_in(number: int) -> None:
        time.sleep(FIRST)
        with acting_as(factories.system()), pytest.raises(Cancelled):
            register_import.import_register(register, progress=cancel)

    ((cancelled, held),) = race([read_in, partial(hold, HELD)], 1)
    assert cancelled.won and held.won, (cancelled, held)
    assert not Insats.unscoped.filter(namn=NEW).exists()


def beside_the_command(folder: Path, seconds: float) -> tuple[str, str]:
    """The command comes while somebody writes, for so long. Gives what it said at the side, and how it failed."""
    said = io.StringIO()

    def read_in(number: int) -> str:
        time.sleep(FIRST)
        try:
            call_command("import_register", folder, stdout=io.StringIO(), stderr=said)
        except CommandError as error:
            return str(error)
        return ""

    ((imported, held),) = race([read_in, partial(hold, seconds)], 1)
    assert imported.won and held.won, (imported, held)
    return said.getvalue(), imported.value


def test_the_command_says_once_that_it_waits(register: Path) -> None:
    assert beside_the_command(register, 4 * HELD) == ("Väntar på dem som registrerar.\n", "")
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_an_import_does_not_wait_for_ever(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has left a transaction open is no reason to wait a night; it says so and what to do."""
    monkeypatch.setattr(register_import, "_WAIT_SECONDS", HELD)
    _, failed = beside_the_command(register, 4 * HELD)
    assert failed.startswith(
        "Någon skriver fortfarande i registret. Ingenting är inläst. Läs in registret igen"
    )
    assert not Insats.unscoped.filter(namn=NEW).exists()


def test_nobody_who_writes_waits_for_the_look_at_autovacuum(register: Path) -> None:
    """Its lock meets that of an autovacuum (here another of its kind), and holds nothing when it has ended.

    It does not show that PostgreSQL stops an autovacuum: that can only be seen with a real one (0006).
    """

    def vacuums(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registration_deltagande IN SHARE UPDATE EXCLUSIVE MODE")
        time.sleep(5 * FIRST)

    def looks(number: int) -> float:
        time.sleep(FIRST)
        began = time.monotonic()
        register_import._stop_autovacuum(Deltagande)
        took = time.monotonic() - began
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'ShareUpdateExclusiveLock'"
            )
            assert cursor.fetchone() == (0,)
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)
        return took

    def writes(number: int) -> float:
        time.sleep(2 * FIRST)
        began = time.monotonic()
        with acting_as(factories.system()):
            register_in([factories.nytt_deltagande(0)])
        return time.monotonic() - began

    ((vacuumed, looked, written),) = race([vacuums, looks, writes], 1)
    assert vacuumed.won and looked.won and written.won, (vacuumed, looked, written)
    assert looked.value > 3 * FIRST > written.value
