"""Names in the order of the Swedish alphabet, the same on both databases: å, ä, ö after z, whatever their case.

    User.objects.order_by(by_name(), "pk")
    rows.order_by(by_name("insats__namn"))

Insatser and förbund come so by themselves (`Meta.ordering`). A list that is sorted in Python goes by `sort_key`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.functions import Collate

from finsam_site.ui.formats import sort_key

COLLATION = "sv-x-icu"
"""PostgreSQL has it wherever it is built with ICU, as the distributions' packages are; on SQLite it is ours."""


def by_name(field: str = "namn", **nulls: Any) -> OrderBy:
    """What to order a query by. nulls: as of `F().asc()`."""
    return Collate(F(field), COLLATION).asc(**nulls)


def compare(one: str, other: str) -> int:
    """Below 0 when `one` stands before `other`, as SQLite asks."""
    first, second = (sort_key(one), one), (sort_key(other), other)
    return (first > second) - (first < second)


def teach_sqlite(*, connection: Any, **_: Any) -> None:
    """Give a new connection the collation. For the signal `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_collation(COLLATION, compare)
