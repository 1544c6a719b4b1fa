"""Names in the order of the Swedish alphabet, the same on both databases: å, ä, ö after z, whatever their case.

    User.objects.order_by(by_name(), "pk")
    rows.order_by(by_name("insats__namn"))

Insatser and förbund come so by themselves (`Meta.ordering`). A list that is sorted in Python goes by `sort_key`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.functions import Collate

from finsam_site.ui.formats import sort_key

COLLATION = "sv-x-icu"
"""PostgreSQL has it wherever it is built with ICU, as the distributions' packages are; on SQLite it is ours."""

NO_ORDER = (
    f"Databasen kan inte sortera namn på svenska: kollationen {COLLATION} saknas. Använd en PostgreSQL som är byggd "
    "med ICU, som distributionernas paket är, och skapa databasen där."
)


def by_name(field: str = "namn", **nulls: Any) -> OrderBy:
    """What to order a query by. nulls: as of `F().asc()`."""
    return Collate(F(field), COLLATION).asc(**nulls)


def compare(one: str, other: str) -> int:
    """Below 0 when `one` stands before `other`, as SQLite asks."""
    first, second = (sort_key(one), one), (sort_key(other), other)
    return (first > second) - (first < second)


def knows_names(using: str = "default") -> bool:
    """Whether the database can sort so: false for a PostgreSQL that is built without ICU."""
    if connections[using].vendor == "sqlite":
        return True
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_collation WHERE collname = %s", [COLLATION])
        return bool(cursor.fetchone()[0])


@register(Tags.database)
def check_order(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`migrate` and `check --database default` refuse a database that could show no list of names."""
    if "default" not in (databases or ()) or knows_names():
        return []
    return [Error(NO_ORDER, id="finsam.E002")]


def teach_sqlite(*, connection: Any, **_: Any) -> None:
    """Give a new connection the collation. For the signal `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_collation(COLLATION, compare)
