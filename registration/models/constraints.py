"""Constraints beyond Django's own: exclusion (PostgreSQL only, ARCHITECTURE §3) and composite foreign keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, CheckConstraint, Func, Q


def never_negative(name: str, *fields: str) -> CheckConstraint:
    """None of the fields, each of which may be empty, is less than nothing."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0})
    return CheckConstraint(condition=condition, name=name)


def all_or_none(*fields: str) -> Q:
    """All of the fields have a value, or none has."""
    return Q(**{f"{field}__isnull": False for field in fields}) | Q(
        **{f"{field}__isnull": True for field in fields}
    )


class DateRange(Func):
    """`daterange(from, to, '[]')`: both days included; no end means open."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"


class PostgresExclusionConstraint(ExclusionConstraint):
    """An exclusion constraint on PostgreSQL and nothing on SQLite, where the rule alone keeps it."""

    def constraint_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().constraint_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor != "postgresql":
            return None
        return super().remove_sql(model, schema_editor)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Left to the rule, which gives a sentence that says which other deltagande is in the way."""


class CopiedFrom(BaseConstraint):
    """A composite foreign key: columns copied from another row must stay equal to it, and follow it when it changes.

    fields: fields of this model; `to_columns`: the columns of the table `to_table` that they copy (a unique constraint
    must cover them; named as the database does, because SQLite rebuilds a table without knowing the other models).
    Works on both databases, deferred to the end of the transaction.
    """

    def __init__(self, *, name: str, fields: Sequence[str], to_table: str, to_columns: Sequence[str]) -> None:
        super().__init__(name=name)
        self.fields = tuple(fields)
        self.to_table = to_table
        self.to_columns = tuple(to_columns)

    def _clause(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        quote = schema_editor.quote_name
        own = ", ".join(quote(model._meta.get_field(name).column) for name in self.fields)
        theirs = ", ".join(quote(column) for column in self.to_columns)
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({own}) REFERENCES {quote(self.to_table)} ({theirs}) "
            "ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        return self._clause(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor == "sqlite":
            return (
                None  # SQLite has no ALTER TABLE ADD CONSTRAINT: the table rebuild writes `constraint_sql`.
            )
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self._clause(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if schema_editor is None or schema_editor.connection.vendor == "sqlite":
            return None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Left to the database: no form writes a copied column by itself."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs.update(fields=self.fields, to_table=self.to_table, to_columns=self.to_columns)
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CopiedFrom) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]
