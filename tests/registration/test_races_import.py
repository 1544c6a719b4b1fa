"""An import of a register meets those who write at the same moment: both end, and neither is thrown out by a deadlock.

PostgreSQL only (ARCHITECTURE §3). On SQLite there is one writer at a time.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
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
from tests.registration.races import TIMEOUT, TWO_WRITERS, Ahead, race
from tests.waiting import until

pytestmark = TWO_WRITERS

HELD = 0.6  # seconds that who is ahead of the import holds what it has, before it goes on
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


def meet(folder: Path, other: Callable[[Ahead], object]) -> None:
    """`other` holds what it takes when the import of `folder` comes; both have to end well."""
    ahead = Ahead(HELD)

    def read_in(number: int) -> bool:
        ahead.wait()
        return folders.run(folder).ok

    def write(number: int) -> None:
        with acting_as(factories.system()):
            other(ahead)

    ((imported, written),) = race([read_in, write], 1)
    assert written.won, written
    assert imported.won, imported


def test_somebody_who_has_locked_what_is_to_be_corrected(register: Path) -> None:
    """The rows are locked, and written only when the import has come."""
    one = d1()

    def corrects(ahead: Ahead) -> None:
        deltaganden_to_change([one.pk])
        ahead.hold()
        ut = factories.ut_uppgifter(slutdatum=Utregistrering.unscoped.get().slutdatum)
        correct(Rattelse(one.pk, "läste fel", ut=ut))

    meet(register, corrects)
    assert Utregistrering.unscoped.filter(deltagande=one).count() == 3
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_somebody_who_has_locked_what_is_to_be_withdrawn(register: Path) -> None:
    """What the import brings of it does not get its data back."""
    one = d1()

    def withdraws(ahead: Ahead) -> None:
        deltaganden_to_change([one.pk])
        ahead.hold()
        withdraw_samtycke([one.pk])

    meet(register, withdraws)
    assert d1().avidentifierad is not None


def test_somebody_who_is_registering_a_new_person(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are written before deltaganden, the other way round than a correction takes the tables."""
    insert = new_rows.insert_rows

    def registers(ahead: Ahead) -> None:
        def slowly(model: Any, rows: Any) -> None:
            insert(model, rows)
            if model is Nummerhash and rows:
                ahead.hold()

        monkeypatch.setattr(new_rows, "insert_rows", slowly)
        register_in([factories.nytt_deltagande(0)])

    meet(register, registers)
    assert Deltagande.unscoped.count() == 2


@pytest.mark.parametrize("tables", [("insats", "deltagande"), ("deltagande", "insats")])
def test_somebody_whose_foreign_keys_are_looked_up(register: Path, tables: tuple[str, str]) -> None:
    """As when a draft is begun: at the end of its transaction the database shares a lock of each row that it names."""
    one = d1()
    rows: dict[str, Any] = {"insats": one.insats_id, "deltagande": one.pk}

    def looks_up(ahead: Ahead) -> None:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(
                    f"SELECT 1 FROM registration_{table} WHERE id = %s FOR KEY SHARE", [rows[table]]
                )
                ahead.hold()

    meet(register, looks_up)
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_an_import_that_waits_can_be_cancelled(register: Path) -> None:
    """Whoever is told of its progress may raise, also while somebody else is still writing."""

    class Cancelled(Exception):
        pass

    def cancel(done: int, of: int, text: str) -> None:
        raise Cancelled

    ahead = Ahead(HELD)

    def hold(number: int) -> None:
        with acting_as(factories.system()):
            deltaganden_to_change([d1().pk])
            ahead.hold()

    def read_in(number: int) -> None:
        ahead.wait()
        with acting_as(factories.system()), pytest.raises(Cancelled):
            register_import.import_register(register, progress=cancel)

    ((cancelled, held),) = race([read_in, hold], 1)
    assert cancelled.won and held.won, (cancelled, held)
    assert not Insats.unscoped.filter(namn=NEW).exists()


def beside_the_command(
    folder: Path, until_over: Callable[[io.StringIO, threading.Event], object]
) -> tuple[str, str]:
    """The command comes while somebody has locked a deltagande to change it, who goes on when `until_over` has come
    back: it is given what the command says at the side, and its end. Gives both: what was said, and how it failed.
    """
    said, ahead, ended = io.StringIO(), Ahead(0), threading.Event()

    def hold(number: int) -> None:
        with acting_as(factories.system()):
            deltaganden_to_change([d1().pk])
            ahead.hold()
            until_over(said, ended)

    def read_in(number: int) -> str:
        ahead.wait()
        try:
            call_command("import_register", folder, stdout=io.StringIO(), stderr=said)
        except CommandError as error:
            return str(error)
        finally:
            ended.set()
        return ""

    ((imported, held),) = race([read_in, hold], 1)
    assert imported.won and held.won, (imported, held)
    return said.getvalue(), imported.value


def test_the_command_says_once_that_it_waits(register: Path) -> None:
    def several_tries(said: io.StringIO, ended: threading.Event) -> None:
        until(said.getvalue, TIMEOUT / 2)
        time.sleep(2 * HELD)

    assert beside_the_command(register, several_tries) == ("Väntar på dem som registrerar.\n", "")
    assert Insats.unscoped.filter(namn=NEW).exists()


def test_an_import_does_not_wait_for_ever(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has left a transaction open is no reason to wait a night; it says so and what to do."""
    monkeypatch.setattr(register_import, "_WAIT_SECONDS", HELD)
    _, failed = beside_the_command(register, lambda said, ended: ended.wait(TIMEOUT / 2))
    assert failed.startswith(
        "Någon skriver fortfarande i registret. Ingenting är inläst. Läs in registret igen"
    )
    assert not Insats.unscoped.filter(namn=NEW).exists()


def test_nobody_who_writes_waits_for_the_look_at_autovacuum(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock meets that of an autovacuum (here another of its kind), and holds nothing when it has ended.

    It does not show that PostgreSQL stops an autovacuum: that can only be seen with a real one (0006).
    """
    monkeypatch.setattr(register_import, "_VACUUM_TRY_MS", TIMEOUT * 1000)  # it does not give up meanwhile
    ahead, written, looked = Ahead(0), threading.Event(), threading.Event()

    def vacuums(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registration_deltagande IN SHARE UPDATE EXCLUSIVE MODE")
        ahead.hold()
        assert written.wait(TIMEOUT / 2), "who writes waits for the look"

    def looks(number: int) -> None:
        ahead.wait()
        register_import._stop_autovacuum(Deltagande)
        looked.set()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'ShareUpdateExclusiveLock'"
            )
            assert cursor.fetchone() == (0,)
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)

    def look_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareUpdateExclusiveLock'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return cursor.fetchone() == (1,)

    def writes(number: int) -> bool:
        ahead.wait()
        until(look_waits, TIMEOUT / 2)
        with acting_as(factories.system()):
            register_in([factories.nytt_deltagande(0)])
        before_the_look = not looked.is_set()
        written.set()
        return before_the_look

    ((vacuumed, looking, writing),) = race([vacuums, looks, writes], 1)
    assert vacuumed.won and looking.won and writing.won, (vacuumed, looking, writing)
    assert writing.value
