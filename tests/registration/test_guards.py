"""Append-only tables: what the triggers refuse, what erasure may still blank, and that none of them is ever lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, models

from finsam_site.access import guards
from finsam_site.access.guards import (
    guard_of,
    guarded_models,
    install_guards,
    installed_triggers,
    trigger_names,
)
from finsam_site.access.models import Atkomst
from registration.guards import install_ties, names
from registration.models import Anonyma, Identitet, Inregistrering, Samtyckesandring, Utregistrering, Volym
from reporting.models import Uttag, UttagFil
from tests import factories
from tests.registration import attempts, races
from tests.registration.attempts import World, undone

pytestmark = pytest.mark.django_db

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="promised for PostgreSQL only")

GUARDED: dict[str, type[models.Model]] = {
    "atkomst": Atkomst,
    "inregistrering": Inregistrering,
    "utregistrering": Utregistrering,
    "samtyckesandring": Samtyckesandring,
    "anonyma": Anonyma,
    "volym": Volym,
    "uttagfil": UttagFil,
}

TRIGGERS = {
    "finsam_guard_access_atkomst_delete",
    "finsam_guard_access_atkomst_update",
    "finsam_guard_registration_anonyma_delete",
    "finsam_guard_registration_anonyma_update",
    "finsam_guard_registration_inregistrering_delete",
    "finsam_guard_registration_inregistrering_update",
    "finsam_guard_registration_samtyckesandring_delete",
    "finsam_guard_registration_samtyckesandring_update",
    "finsam_guard_registration_utregistrering_delete",
    "finsam_guard_registration_utregistrering_update",
    "finsam_guard_registration_volym_delete",
    "finsam_guard_registration_volym_update",
    "finsam_guard_reporting_uttag_delete",
    "finsam_guard_reporting_uttag_update",
    "finsam_guard_reporting_uttagfil_delete",
    "finsam_guard_reporting_uttagfil_update",
} | names(connection.vendor)
"""By name and not from the models: a mark that somebody takes away must be missed too."""

ERASABLE = {
    "inregistrering": {
        "startdatum", "fodelsear", "kommun_id", "stadsdel", "utbildning", "tid_i_forsorjning_manader",
        "forsorjning", "arbetar", "typ_av_arbete", "studerar", "arbetssokande", "inskriven_af", "initierad_av",
        "behovsgrupp", "slag", "orsak_krypterad",
    },
    "utregistrering": {
        "slutdatum", "avslutsanledning", "fodelsear", "kommun_id", "forsorjning", "arbetar", "typ_av_arbete",
        "studerar", "arbetssokande", "inskriven_af", "orsak_krypterad",
    },
    "samtyckesandring": {
        "skal", "tidigare_undertecknat", "tidigare_formular_id", "tidigare_sprak", "undertecknat", "formular_id",
        "sprak",
    },
}  # fmt: skip
"""What DOMAIN §4 takes away; what is left is insats, kön, start and slut year and when each became known."""


def columns(which: str) -> Iterator[Any]:
    """The concrete fields of a guarded model."""
    yield from GUARDED[which]._meta.concrete_fields


VERSIONS = sorted(ERASABLE)


def fixed(which: str) -> list[Any]:
    """The fields that never change."""
    return [each for each in columns(which) if each.attname not in ERASABLE.get(which, set())]


def erasable(which: str) -> list[Any]:
    """The fields that erasure may blank."""
    return [each for each in columns(which) if each.attname in ERASABLE.get(which, set())]


@pytest.fixture
def world() -> World:
    return attempts.build_world()


def refused(
    one: models.Model, values: dict[str, Any], routes: tuple[str, ...] = attempts.CHANGES
) -> list[str]:
    """The routes by which the change was *not* refused by the guard."""
    through = []
    for route in routes:
        if route == "bulk_update" and one._meta.pk is not None and one._meta.pk.attname in values:
            continue  # Django refuses to bulk_update a primary key.
        try:
            with undone():
                attempts.change(type(one)._base_manager.model(**_values(one)), values, route)
        except IntegrityError as error:
            if "is append-only" not in str(error):
                through.append(f"{route}: {error}")
        else:
            through.append(route)
    return through


def _values(one: models.Model) -> dict[str, Any]:
    return {each.attname: getattr(one, each.attname) for each in one._meta.concrete_fields}


def tied(w: World, which: str) -> models.Model:
    """A stored row; a version that is still tied to a person."""
    return attempts.guarded_row(w, which)


def free(w: World, which: str) -> models.Model:
    """A version of which the identitet is gone and nothing is blanked yet."""
    if which == "samtyckesandring":
        return w.andring(w.fritt)
    if which == "inregistrering":
        return w.version(w.bar)
    w.identitet(w.ute).delete()
    return w.ut(w.ute)


# --- The list --------------------------------------------------------------------------------------------------------


def missing() -> set[str]:
    """Guards that the models ask for and the database lacks."""
    return {name for model, _ in guarded_models() for name in trigger_names(model)} - installed_triggers()


@pytest.mark.both
def test_every_guard_is_there() -> None:
    assert installed_triggers() == TRIGGERS
    assert missing() == set()
    assert {model for model, _ in guarded_models()} == {*GUARDED.values(), Uttag}


@pytest.mark.both
def test_the_erasure_lists() -> None:
    for which, model in GUARDED.items():
        found = {field.attname for field in columns(which) if field.name in guard_of(model).erasable}
        assert found == ERASABLE.get(which, set())


@pytest.mark.both
def test_an_append_only_model_without_triggers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list above would be worth nothing if it could not fail."""

    @guards.append_only()
    class Olist(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "registration"
            managed = False

    try:
        assert missing() == {
            "finsam_guard_registration_olist_update",
            "finsam_guard_registration_olist_delete",
        }
    finally:
        # The global registry keeps every model that is ever declared.
        del Olist._meta.apps.all_models["registration"]["olist"]
        Olist._meta.apps.clear_cache()
    assert missing() == set()


@pytest.mark.both
def test_a_lost_guard_is_found_and_comes_back() -> None:
    lost = set()
    for name in sorted(TRIGGERS - names(connection.vendor)):
        table = name.removeprefix(guards.PREFIX).rpartition("_")[0]
        on = f" ON {table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{on}")
        lost.add(name)
        assert missing() == lost
    install_guards()
    install_guards()
    install_ties()
    install_ties()
    assert installed_triggers() == TRIGGERS


@postgresql
def test_a_guard_that_is_switched_off_counts_as_lost() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_atkomst DISABLE TRIGGER finsam_guard_access_atkomst_delete")
    assert missing() == {"finsam_guard_access_atkomst_delete"}
    install_guards()
    assert missing() == set()


@postgresql
def test_guards_run_before_each_row_and_cannot_be_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgtype & 1 = 1, tgtype & 2 = 2, tgenabled::text, tgdeferrable FROM pg_trigger "
            "WHERE tgname LIKE 'finsam_guard_%%' AND tgname <> 'finsam_guard_registration_identitet_tied'"
        )
        assert {row[1:] for row in cursor.fetchall()} == {(True, True, "O", False)}


# --- What is refused -------------------------------------------------------------------------------------------------


def to_another_value(one: models.Model, fields: list[Any]) -> list[str]:
    """The columns that could be given another value, with the routes."""
    return [
        f"{each.attname}: {through}"
        for each in fields
        if (through := refused(one, {each.attname: attempts.changed(one, each)}))
    ]


def to_null(one: models.Model, fields: list[Any]) -> list[str]:
    """The columns that could be blanked, with the routes."""
    return [
        f"{each.attname}: {through}"
        for each in fields
        if not each.primary_key
        and getattr(one, each.attname) is not None
        and (through := refused(one, {each.attname: None}))
    ]


@pytest.mark.both
@pytest.mark.parametrize("which", GUARDED)
def test_a_fixed_column_never_changes(world: World, which: str) -> None:
    one = tied(world, which)
    assert to_another_value(one, fixed(which)) == []
    assert to_null(one, fixed(which)) == []


@pytest.mark.both
@pytest.mark.parametrize("which", VERSIONS)
def test_a_fixed_column_is_not_changed_or_blanked_after_erasure_either(world: World, which: str) -> None:
    one = free(world, which)
    assert to_another_value(one, fixed(which)) == []
    assert to_null(one, fixed(which)) == []


@pytest.mark.both
@pytest.mark.parametrize("which", VERSIONS)
def test_an_erasable_column_keeps_its_value_while_the_identity_is_there(world: World, which: str) -> None:
    one = tied(world, which)
    assert to_another_value(one, erasable(which)) == []
    assert to_null(one, erasable(which)) == []
    assert refused(one, dict.fromkeys(ERASABLE[which])) == []


@pytest.mark.both
@pytest.mark.parametrize("which", VERSIONS)
def test_each_erasable_column_may_be_blanked_when_the_identity_is_gone(world: World, which: str) -> None:
    one = free(world, which)
    for each in erasable(which):
        # What a person works with goes with how much.
        names = ["arbetar", "typ_av_arbete"] if each.attname == "arbetar" else [each.attname]
        if which == "samtyckesandring":  # which is whole or gone
            names = sorted(ERASABLE[which])
        for route in attempts.CHANGES:
            with undone():
                attempts.change(type(one)(**_values(one)), dict.fromkeys(names), route)
                stored = attempts.every_row(type(one)).get(pk=one.pk)
                assert getattr(stored, each.attname) is None, (each.attname, route)


@pytest.mark.both
@pytest.mark.parametrize("which", VERSIONS)
def test_an_erasable_column_is_not_changed_to_anything_but_blank(world: World, which: str) -> None:
    assert to_another_value(free(world, which), erasable(which)) == []


@pytest.mark.both
@pytest.mark.parametrize("which", VERSIONS)
def test_what_is_blanked_stays_blank(world: World, which: str) -> None:
    one: Any = {
        "inregistrering": lambda: world.version(world.raderad),
        "utregistrering": lambda: world.ut(world.raderad),
        "samtyckesandring": lambda: world.andring(world.aterkallat),
    }[which]()
    assert {getattr(one, each.attname) for each in erasable(which)} == {None}
    assert to_another_value(one, erasable(which)) == []


@pytest.mark.both
@pytest.mark.parametrize("which", GUARDED)
def test_no_row_is_deleted(world: World, which: str) -> None:
    rows = [tied(world, which)] + ([free(world, which)] if which in ERASABLE else [])
    for one in rows:
        for route in attempts.DELETES:
            with pytest.raises(IntegrityError, match="is append-only"), undone():
                attempts.delete(one, route)


@pytest.mark.both
@pytest.mark.parametrize("which", GUARDED)
def test_a_whole_table_is_not_emptied(world: World, which: str) -> None:
    table = GUARDED[which]._meta.db_table
    with pytest.raises(IntegrityError, match="is append-only"), undone(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    with pytest.raises(IntegrityError, match="is append-only"), undone(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET id = id + 1" if which in ("anonyma", "volym", "atkomst", "uttagfil")
                       else f"UPDATE {table} SET nr = nr + 1")  # fmt: skip


@pytest.mark.both
@pytest.mark.parametrize("which", GUARDED)
def test_a_row_is_not_replaced_by_an_insert(world: World, which: str) -> None:
    """INSERT … ON CONFLICT DO UPDATE on both databases; INSERT OR REPLACE, REPLACE and UPDATE OR REPLACE on SQLite."""
    one = tied(world, which)
    each = next(f for f in columns(which) if not f.primary_key and not f.is_relation)
    table, key = one._meta.db_table, "id"
    quote = connection.ops.quote_name
    names = [quote(f.column) for f in columns(which)]
    row = [f.get_db_prep_save(getattr(one, f.attname), connection=connection) for f in columns(which)]
    at = [f.attname for f in columns(which)].index(each.attname)
    row[at] = each.get_db_prep_save(attempts.changed(one, each), connection=connection)
    marks = ", ".join(["%s"] * len(row))
    rest = f"INTO {table} ({', '.join(names)}) VALUES ({marks})"
    statements = [
        f"INSERT {rest} ON CONFLICT ({key}) DO UPDATE SET {quote(each.column)} = EXCLUDED.{quote(each.column)}"
    ]
    if connection.vendor == "sqlite":
        statements += [f"INSERT OR REPLACE {rest}", f"REPLACE {rest}"]
    for statement in statements:
        with pytest.raises(IntegrityError, match="is append-only"), undone(), connection.cursor() as cursor:
            cursor.execute(statement, row)


@pytest.mark.both
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
def test_the_row_that_an_insert_or_replace_meets_by_another_key_is_not_lost(world: World) -> None:
    """A new primary key, but the deltagande and nr of a stored version."""
    for make in (
        lambda: attempts.in_version(world, nr=1),
        lambda: attempts.ut_version(world, nr=1),
        lambda: attempts.anonyma(world, nr=1),
        lambda: attempts.volym(world, nr=1),
    ):
        with pytest.raises(IntegrityError, match="is append-only"), undone():
            attempts.insert(make(), "or_replace")


@pytest.mark.both
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own setting")
def test_sqlite_fires_delete_triggers_on_replace() -> None:
    assert isinstance(connection.connection, sqlite3.Connection)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        assert cursor.fetchone() == (1,)


# --- What is allowed -------------------------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.parametrize("which", GUARDED)
def test_an_update_that_changes_nothing_is_no_change(world: World, which: str) -> None:
    """Only of rows that are tied to nobody: blanking is judged by the tie and not by what it would blank."""
    one = tied(world, which) if which not in ERASABLE else free(world, which)
    each = next(f for f in columns(which) if not f.primary_key and not f.is_relation)
    attempts.change(one, {each.attname: getattr(one, each.attname)}, "update")


@pytest.mark.both
def test_the_tie_of_one_deltagande_does_not_hold_another(world: World) -> None:
    one = world.version(world.bar)
    attempts.change(one, dict.fromkeys(ERASABLE["inregistrering"]), "update")
    assert Identitet.unscoped.filter(deltagande=world.inne).exists()


# --- A role that owns nothing ----------------------------------------------------------------------------------------


@postgresql
@pytest.mark.parametrize("which", GUARDED)
def test_a_role_that_owns_nothing_changes_no_column(world: World, which: str) -> None:
    one = tied(world, which)
    with races.as_app_role():
        through = to_another_value(one, list(columns(which)))
        for route in attempts.DELETES:
            with pytest.raises(IntegrityError, match="is append-only"), undone():
                attempts.delete(one, route)
    assert through == []


@postgresql
@pytest.mark.parametrize("which", sorted(ERASABLE))
def test_a_role_that_owns_nothing_may_erase_what_erasure_may(world: World, which: str) -> None:
    one = free(world, which)
    with races.as_app_role(), undone():
        attempts.change(one, dict.fromkeys(ERASABLE[which]), "raw")


@contextmanager
def shadowed(table: str) -> Iterator[None]:
    """An empty temporary table of the same name, which an unqualified name finds first."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table}) ON COMMIT DROP")
    yield


@postgresql
def test_a_temporary_table_does_not_hide_the_tie_to_a_person(world: World) -> None:
    """Anybody who may connect may make temporary tables; the guard must not look there."""
    one = world.version(world.inne)
    with (
        races.as_app_role(),
        pytest.raises(IntegrityError, match="is append-only"),
        undone(),
        shadowed("registration_identitet"),
    ):
        attempts.raw_update(Inregistrering, one.pk, {"startdatum": None})


@postgresql
def test_another_search_path_does_not_hide_the_tie_to_a_person(world: World) -> None:
    one = world.version(world.inne)
    with (
        pytest.raises(IntegrityError, match="is append-only"),
        undone(),
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE SCHEMA annat")
        cursor.execute("CREATE TABLE annat.registration_identitet (LIKE public.registration_identitet)")
        cursor.execute("SET LOCAL search_path = annat, public")
        attempts.raw_update(Inregistrering, one.pk, {"startdatum": None})


@pytest.mark.both
def test_the_rules_pass_the_guards() -> None:
    """Registering, correcting by a new version and withdrawing need nothing that a guard refuses."""
    world = attempts.build_world()
    assert world.version(world.raderad).startdatum is None
    assert world.version(world.raderad).kon in ("K", "M")
    assert world.version(world.raderad).start_ar == factories.START.year
    assert world.ut(world.raderad).slut_ar == factories.SLUT.year
