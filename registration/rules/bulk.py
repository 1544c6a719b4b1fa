"""Writing many rows: COPY on PostgreSQL, bulk_create elsewhere; and updating many rows by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_many(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Insert objects that already have their primary keys (or need none back). Constraints and triggers hold
    as always.
    """
    if not objects:
        return
    if connection.vendor != "postgresql" or len(objects) < 20:
        model._base_manager.bulk_create(objects, batch_size=2000)
        return
    fields = [
        f
        for f in model._meta.concrete_fields
        if not (f.primary_key and getattr(objects[0], f.attname) is None)
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    prepare = [(field.attname, field.get_db_prep_save) for field in fields]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for one in objects:
            copy.write_row([prep(getattr(one, name), connection=connection) for name, prep in prepare])


def update_many(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], key: str = "pk"
) -> None:
    """Set `fields` of rows found by `key`. rows: (value, …, key value), one per row to update."""
    key_field: Any = model._meta.pk if key == "pk" else model._meta.get_field(key)
    changed: list[Any] = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    settings = ", ".join(f"{quote(field.column)} = %s" for field in changed)
    prepare = [field.get_db_prep_save for field in [*changed, key_field]]
    values = [
        [prep(value, connection=connection) for prep, value in zip(prepare, row, strict=True)] for row in rows
    ]
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {settings} WHERE {quote(key_field.column)} = %s",  # noqa: S608
            values,
        )
