"""Writing many rows (finsam_site/bulk.py): as rows without objects, and behind, while the next rows are made."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import DataError, transaction

from finsam_site import bulk
from finsam_site.bulk import copies_behind, insert_rows, row_class, stored_object
from registration.models import Person

MANY = 50
"""So many rows are copied on PostgreSQL."""


def rows(number: int = MANY, **said: object) -> list[Any]:
    """Rows of persons, each with an id of its own."""
    return [
        row_class(Person)(**{"id": uuid.uuid4(), "nummer_krypterat": b"sealed"} | said) for _ in range(number)
    ]


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, MANY])
def test_a_row_is_what_its_object_would_be(number: int) -> None:
    """All columns, in the order of the model; the object made of a row is as if it had been read."""
    made = rows(number)
    insert_rows(Person, made)
    one = stored_object(Person, made[0])
    assert one == Person.unscoped.get(pk=one.pk)
    assert bytes(one.nummer_krypterat) == b"sealed"
    assert not one._state.adding


@pytest.mark.both
@pytest.mark.django_db
def test_what_is_asked_next_sees_the_rows_behind_it() -> None:
    """Every query waits for the rows that were handed over before it, and so does the end of the block."""
    with copies_behind():
        for times in (1, 2, 3):
            insert_rows(Person, rows())
            assert Person.unscoped.count() == times * MANY
        for _ in range(2 * bulk.MOST_COPIES_BEHIND):
            insert_rows(Person, rows())
    assert Person.unscoped.count() == (3 + 2 * bulk.MOST_COPIES_BEHIND) * MANY


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [True, False])
def test_an_error_behind_is_raised_and_nothing_more_is_written(asked: bool) -> None:
    """As Django's own error: at the next query, or else at the end of the block. The transaction is lost as always."""
    with pytest.raises(DataError), transaction.atomic(), copies_behind():
        insert_rows(Person, rows())
        insert_rows(Person, rows(id="no uuid"))
        insert_rows(Person, rows())
        if asked:
            Person.unscoped.count()
    assert not Person.unscoped.exists()
    insert_rows(Person, rows())  # outside of the block, nothing is behind any more
    assert Person.unscoped.count() == MANY


@pytest.mark.django_db
def test_an_error_of_the_block_is_not_hidden() -> None:
    """The rows that still wait are given up; whoever made the error undoes the transaction."""
    with pytest.raises(RuntimeError, match="stop"), transaction.atomic(), copies_behind():
        for _ in range(bulk.MOST_COPIES_BEHIND):
            insert_rows(Person, rows())
        raise RuntimeError("stop")
    assert not Person.unscoped.exists()
