"""Triggers that keep tables append-only, on PostgreSQL and SQLite alike.

A model marked `@append_only(erasable=…)` can be inserted into. An update may only blank (set to NULL) the
columns of its erasure list, and only once the row is no longer tied to a person; anything else, and every
delete, is refused by the database itself, whoever asks: ORM, bulk write or raw SQL.

The triggers are not part of a migration. SQLite drops a table's triggers when a later migration rebuilds the table, so
they are installed anew after every migrate (`post_migrate`); a test lists them on both databases. (ARCHITECTURE §2.)
Nor can SQLite rebuild a table that another table's trigger names, so such triggers step aside first (`pre_migrate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

ModelT = TypeVar("ModelT", bound=type[models.Model])

PREFIX = "finsam_guard_"


@dataclass(frozen=True)
class Guard:
    """What a table may still suffer after insert.

    erasable: field names that may be set to NULL, nothing else.
    only_when_gone: (model label, field): erasure is refused while that model has a row whose `field` equals this row's
        column of the same name: first the tie to the person goes, then what was said of the person.
    changeable: field names that are not history and may change freely.
    """

    erasable: tuple[str, ...] = ()
    only_when_gone: tuple[str, str] | None = None
    changeable: tuple[str, ...] = ()


def append_only(
    erasable: tuple[str, ...] = (),
    only_when_gone: tuple[str, str] | None = None,
    changeable: tuple[str, ...] = (),
) -> Callable[[ModelT], ModelT]:
    """Mark a model as append-only. See `Guard` for the arguments."""

    def mark(model: ModelT) -> ModelT:
        model.append_only_guard = Guard(erasable, only_when_gone, changeable)  # type: ignore[attr-defined]
        return model

    return mark


def guard_of(model: type[models.Model]) -> Guard:
    """The guard of an append-only model. Raises KeyError for another."""
    guard: Guard = model.__dict__["append_only_guard"]
    return guard


def guarded_models() -> Iterator[tuple[type[models.Model], Guard]]:
    """Every model that is marked append-only, with its guard."""
    for model in apps.get_models():
        guard = model.__dict__.get("append_only_guard")
        if guard:
            yield model, guard


def trigger_names(model: type[models.Model]) -> tuple[str, str]:
    """The names of a guarded model's two triggers: (update, delete)."""
    table = model._meta.db_table
    return f"{PREFIX}{table}_update", f"{PREFIX}{table}_delete"


def install_guards(using: str = "default", **_: Any) -> None:
    """Create or replace every guard whose table exists. Runs after each migrate; may run twice without harm."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    statements: list[str] = []
    for model, guard in guarded_models():
        if model._meta.db_table in tables and _columns_present(connection, model, guard, tables):
            statements += _STATEMENTS[connection.vendor](connection, model, guard)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def lift_guards(using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    """On SQLite, drop the triggers that name another table, when a migrate has something to do. Runs before it.

    A migrate that fails leaves them off; `install_guards` puts them back after the next one that does not.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or not plan:
        return
    with connection.cursor() as cursor:
        for model, guard in guarded_models():
            if guard.only_when_gone:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger_names(model)[0]}"')


@contextmanager
def lifted(model: type[models.Model], using: str = "default") -> Iterator[None]:
    """Let rows of a guarded model be updated in the block, for `rotate_keys`; for another model nothing happens.

    Nobody else can write to the table before the transaction ends (the lock of ALTER TABLE on PostgreSQL, SQLite's one
    writer), and when it is undone the guard was never gone. Deletes stay refused. Raises RuntimeError outside a
    transaction, on PostgreSQL ProgrammingError for a role that does not own the table.
    """
    connection = connections[using]
    guard = model.__dict__.get("append_only_guard")
    if guard is None:
        yield
        return
    if not connection.in_atomic_block:
        raise RuntimeError("a guard is lifted in a transaction only")
    table, (on_update, _) = model._meta.db_table, trigger_names(model)
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute(f'DROP TRIGGER "{on_update}"')
        else:
            # ALTER TABLE refuses a table with checks put off to the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{on_update}"')
        yield
        if sqlite:
            for statement in _sqlite(connection, model, guard):
                cursor.execute(statement)
        else:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{on_update}"')


def installed_triggers(using: str = "default") -> set[str]:
    """The names of the guards that the database has now and that are switched on, for the test that lists them."""
    connection = connections[using]
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def _columns_present(
    connection: BaseDatabaseWrapper, model: type[models.Model], guard: Guard, tables: set[str]
) -> bool:
    """False while the database stands at an older migration than the code (a test that migrates back and forth)."""
    with connection.cursor() as cursor:
        found = {
            column.name
            for column in connection.introspection.get_table_description(cursor, model._meta.db_table)
        }
    wanted = {field.column for field in model._meta.concrete_fields}
    if guard.only_when_gone and apps.get_model(guard.only_when_gone[0])._meta.db_table not in tables:
        return False
    return wanted <= found


def _still_tied(model: type[models.Model], guard: Guard) -> str:
    """SQL that is true while the row is still tied to a person, or an empty text."""
    if not guard.only_when_gone:
        return ""
    label, field = guard.only_when_gone
    other = apps.get_model(label)
    theirs, own = _column(other, field), _column(model, field)
    return f'EXISTS (SELECT 1 FROM "{other._meta.db_table}" t WHERE t."{theirs}" = OLD."{own}")'


def _column(model: type[models.Model], name: str) -> str:
    """The column of a concrete field."""
    return next(str(field.column) for field in model._meta.concrete_fields if field.name == name)


def _columns(model: type[models.Model], guard: Guard) -> tuple[list[str], list[str]]:
    """(columns that never change, columns that erasure may blank)."""
    erasable = [_column(model, name) for name in guard.erasable]
    free = {*erasable, *(_column(model, name) for name in guard.changeable)}
    fixed = [str(field.column) for field in model._meta.concrete_fields if field.column not in free]
    return fixed, erasable


def _sqlite(_: BaseDatabaseWrapper, model: type[models.Model], guard: Guard) -> list[str]:
    table = model._meta.db_table
    on_update, on_delete = trigger_names(model)
    fixed, erasable = _columns(model, guard)
    wrong = [f'OLD."{column}" IS NOT NEW."{column}"' for column in fixed]
    wrong += [f'(NEW."{c}" IS NOT NULL AND NEW."{c}" IS NOT OLD."{c}")' for c in erasable]
    tied = _still_tied(model, guard)
    if tied:
        wrong.append(tied)
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only');"
    return [
        f'DROP TRIGGER IF EXISTS "{on_update}"',
        f'CREATE TRIGGER "{on_update}" BEFORE UPDATE ON "{table}" WHEN {" OR ".join(wrong)} BEGIN {refuse} END',
        f'DROP TRIGGER IF EXISTS "{on_delete}"',
        f'CREATE TRIGGER "{on_delete}" BEFORE DELETE ON "{table}" BEGIN {refuse} END',
    ]


def _postgresql(connection: BaseDatabaseWrapper, model: type[models.Model], guard: Guard) -> list[str]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
    # A name without a schema is looked up in temporary tables first, and anybody may make those: an empty one called as
    # the table of identities would untie every version.
    function = f"RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, {schema}, pg_temp AS $guard$"
    on_update, on_delete = trigger_names(model)
    fixed, erasable = _columns(model, guard)
    wrong = [f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in fixed]
    wrong += [f'(NEW."{c}" IS NOT NULL AND NEW."{c}" IS DISTINCT FROM OLD."{c}")' for c in erasable]
    tied = _still_tied(model, guard)
    if tied:
        wrong.append(tied)
    refuse = f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';"
    return [
        f'CREATE OR REPLACE FUNCTION "{on_update}"() {function} '
        f"BEGIN IF {' OR '.join(wrong)} THEN {refuse} END IF; RETURN NEW; END $guard$",
        f'CREATE OR REPLACE FUNCTION "{on_delete}"() {function} BEGIN {refuse} END $guard$',
        f'CREATE OR REPLACE TRIGGER "{on_update}" BEFORE UPDATE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{on_update}"()',
        f'CREATE OR REPLACE TRIGGER "{on_delete}" BEFORE DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{on_delete}"()',
    ]


_STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgresql}
