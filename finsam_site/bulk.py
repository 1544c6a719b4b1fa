"""Writing many rows: COPY and one UPDATE on PostgreSQL, Django's bulk methods elsewhere."""

from __future__ import annotations

import gc
import operator
from collections import deque, namedtuple
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

ModelT = TypeVar("ModelT", bound=models.Model)

OBJECTS_BETWEEN_COLLECTIONS = 100_000
MOST_COPIES_BEHIND = 10
"""COPYs that may wait for the server, with their rows in memory: about those of one chunk of an import."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the cyclic garbage collector look seldom while very many rows are read or written.

    It walks the same living objects every 700 new ones and finds next to nothing: an import takes a sixth less of the
    processor without that. Not switched off, so that memory that only it can free comes back within some megabytes.
    """
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def insert_many(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Insert objects that already have their primary keys, or need none back. Constraints and triggers hold as always.

    Field values must be what the database driver takes as they are (no strings for dates).
    """
    if not objects:
        return
    if connection.vendor != "postgresql" or len(objects) < 20:
        model._base_manager.bulk_create(objects, batch_size=2000)
        return
    without_key = objects[0].pk is None
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key and without_key)]
    row_of = operator.attrgetter(*(field.attname for field in fields))
    copy_rows(model, [str(field.column) for field in fields], map(row_of, objects))


@cache
def row_class(model: type[models.Model]) -> Any:
    """A named tuple with all columns of a model (attribute names, in their order): a row of which no object is made.

    Making an object costs many times as much as its row. `model(*row)` is the unsaved object of a row.
    """
    return namedtuple(f"{model.__name__}Rad", [field.attname for field in model._meta.concrete_fields])


def insert_rows(model: type[models.Model], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of the model's `row_class`. Otherwise as `insert_many`."""
    insert_values(model, row_class(model)._fields, rows)


def stored_object(model: type[ModelT], row: Sequence[Any]) -> ModelT:
    """The object of a row of the model's `row_class` that has been inserted."""
    return model.from_db(connection.alias, row_class(model)._fields, row)


def insert_values(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values, in the order of `fields` (attribute names), without making an object of each."""
    values = list(rows)
    if connection.vendor == "postgresql" and len(values) >= 20:
        columns = {field.attname: str(field.column) for field in model._meta.concrete_fields}
        copy_rows(model, [columns[name] for name in fields], values)
    else:
        objects = [model(**dict(zip(fields, row, strict=True))) for row in values]
        model._base_manager.bulk_create(objects, batch_size=2000)


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of plain values into a model's table (PostgreSQL)."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    if behind := _behind.get():
        behind.copy(statement, list(rows))
        return
    with connection.wrap_database_errors:
        _copy(connection, statement, rows)


def _copy(to: Any, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """to: Django's connection, which tells its log of the statement; in another thread the driver's own."""
    with to.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


class _Behind:
    """A thread that COPYs on this thread's connection, one after the other, while the next rows are made."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._going_on: deque[Future[None]] = deque()

    def copy(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Let it be written when those before it are. Waits while very many are still to be written."""
        self.wait(MOST_COPIES_BEHIND - 1)
        self._going_on.append(self._thread.submit(_copy, connection.connection, statement, rows))

    def wait(self, leave: int = 0) -> None:
        """Until no more than so many are left. The first that failed raises its error here."""
        with connection.wrap_database_errors:
            while len(self._going_on) > leave:
                self._going_on.popleft().result()

    def before_statement(self, execute: Any, *arguments: Any) -> Any:
        """Whatever else is asked of the database waits, and then sees all rows."""
        self.wait()
        return execute(*arguments)


_behind: ContextVar[_Behind | None] = ContextVar("behind", default=None)


@contextmanager
def copies_behind() -> Iterator[None]:
    """Let the server write the last rows of `insert_many` and its like while the block makes the next: two cores work.

    Every other statement of the block waits for them, and so does its end; an error of theirs is raised there, or at
    the next COPY. Rows that were handed over may not be changed. A block within another is part of it. Nothing of this
    is so on SQLite.
    """
    if connection.vendor != "postgresql" or _behind.get():
        yield
        return
    connection.ensure_connection()
    with ThreadPoolExecutor(1, "copy") as thread:
        behind = _Behind(thread)
        token = _behind.set(behind)
        try:
            with connection.execute_wrapper(behind.before_statement):
                yield
                behind.wait()
        finally:
            _behind.reset(token)
            thread.shutdown(cancel_futures=True)


def update_many(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], key: str = "pk"
) -> None:
    """Set `fields` of rows found by `key`. rows: (value, …, key value), one per row to update."""
    key_field: Any = model._meta.pk if key == "pk" else model._meta.get_field(key)
    columns: list[Any] = [*(model._meta.get_field(name) for name in fields), key_field]
    values = [
        [field.get_db_prep_save(one, connection) for field, one in zip(columns, row, strict=True)]
        for row in rows
    ]
    if not values:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = [quote(field.column) for field in columns]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            settings = ", ".join(f"{name} = %s" for name in names[:-1])
            cursor.executemany(f"UPDATE {table} SET {settings} WHERE {names[-1]} = %s", values)
            return
        settings = ", ".join(f"{name} = v.c{at}" for at, name in enumerate(names[:-1]))
        arrays = ", ".join(f"%s::{_type(field)}[]" for field in columns)
        given = ", ".join(f"c{at}" for at in range(len(columns)))
        cursor.execute(
            f"UPDATE {table} t SET {settings} FROM unnest({arrays}) AS v({given}) "
            f"WHERE t.{names[-1]} = v.c{len(fields)}",
            [list(column) for column in zip(*values, strict=True)],
        )


def _type(field: Any) -> str:
    """The column type; that of the other end for a foreign key."""
    target = field.target_field if field.remote_field else field
    return str(target.db_type(connection)).removesuffix(" GENERATED BY DEFAULT AS IDENTITY")
