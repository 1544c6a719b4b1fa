"""Who owned an insats when, after mergers in any number of steps (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.models import Forbund, Insats, InsatsAgande
from registration.rules.describe import ForbundUppgifter, last_owner, owner_chain
from registration.rules.facts import load_facts
from registration.rules.ownership import ONE_DAY, owners, sync_ownership
from registration.scope import forbund_and_absorbed
from tests import factories

pytestmark = pytest.mark.both

A, B, C = 1, 2, 3
BEGIN = dt.date(2018, 1, 1)
MID, LATE = dt.date(2018, 6, 30), dt.date(2018, 9, 30)
Ends = dict[int, tuple[dt.date, int | None]]


def chain(ends: Ends) -> dict[int, Forbund]:
    """Unsaved förbund A, B, C; ends: förbund → (last day, successor)."""
    return {
        pk: Forbund(
            pk=pk,
            startdatum=dt.date(2010, 1, 1),
            slutdatum=ends[pk][0] if pk in ends else None,
            uppgatt_i_id=ends[pk][1] if pk in ends else None,
        )
        for pk in (A, B, C)
    }


def owned(ends: Ends, start: dt.date = BEGIN, slut: dt.date | None = None) -> list[Any]:
    """The owners of an insats that A made."""
    return list(owners(Insats(forbund_id=A, startdatum=start, slutdatum=slut), chain(ends)))


@pytest.mark.parametrize(
    ("ends", "slut", "expected"),
    [
        ({}, None, [(A, BEGIN, None)]),
        ({A: (MID, B)}, None, [(A, BEGIN, MID), (B, MID + ONE_DAY, None)]),
        ({A: (MID, B)}, MID + ONE_DAY, [(A, BEGIN, MID), (B, MID + ONE_DAY, None)]),
        ({A: (MID, B)}, MID, [(A, BEGIN, None)]),
        ({A: (MID, None)}, None, [(A, BEGIN, None)]),
        (
            {A: (MID, B), B: (LATE, C)},
            None,
            [(A, BEGIN, MID), (B, MID + ONE_DAY, LATE), (C, LATE + ONE_DAY, None)],
        ),
        ({A: (MID, B), B: (LATE, C)}, LATE, [(A, BEGIN, MID), (B, MID + ONE_DAY, None)]),
        ({A: (MID, B), B: (MID, C)}, None, [(A, BEGIN, MID), (C, MID + ONE_DAY, None)]),
        ({A: (MID, B), B: (BEGIN, C)}, None, [(A, BEGIN, MID), (C, MID + ONE_DAY, None)]),
        ({A: (BEGIN - ONE_DAY, B)}, None, [(B, BEGIN, None)]),
        ({A: (MID, B), B: (LATE, A)}, None, [(A, BEGIN, MID), (B, MID + ONE_DAY, None)]),
    ],
)
def test_open_insatser_pass_to_the_successor_the_day_after(
    ends: Ends, slut: dt.date | None, expected: list[Any]
) -> None:
    """In chains too; what ended before its förbund did stays where it was; a circle does not turn for ever."""
    assert owned(ends, slut=slut) == expected


_day = st.integers(0, 900).map(lambda n: dt.date(2017, 6, 1) + dt.timedelta(days=n))


@given(st.none() | _day, st.none() | _day, _day, st.none() | _day)
def test_an_insats_has_one_owner_every_day(
    a: dt.date | None, b: dt.date | None, start: dt.date, slut: dt.date | None
) -> None:
    """From its first day on, without a gap and without two at a time, for ever."""
    ends: Ends = {}
    if a:
        ends[A] = (a, B)
    if b:
        ends[B] = (b, C)
    rows = owned(ends, start, slut if slut and slut >= start else None)
    assert rows[0][1] == start and rows[-1][2] is None
    for (_, fran, till), (_, following, _) in zip(rows, rows[1:], strict=False):
        assert fran <= till and following == till + ONE_DAY


@given(st.none() | _day, st.none() | _day, _day, st.none() | _day)
def test_the_import_asks_the_same_chain(
    a: dt.date | None, b: dt.date | None, start: dt.date, slut: dt.date | None
) -> None:
    """What an import holds the dates of an insats against ends with who owns it in the end, and lacks no owner."""
    ends: Ends = {A: (a, B)} if a else {}
    if b:
        ends[B] = (b, C)
    forbund = {
        str(pk): ForbundUppgifter(
            str(pk), "", one.startdatum, one.slutdatum, str(one.uppgatt_i_id or "") or None
        )
        for pk, one in chain(ends).items()
    }
    passed = [int(one) for one in owner_chain(str(A), slut, forbund)]
    owning = [owner for owner, *_ in owned(ends, start, slut)]
    assert last_owner(str(A), slut, forbund).forbund_id == str(owning[-1])
    assert owning == [one for one in passed if one in owning]


@pytest.mark.django_db
def test_ownership_is_written_where_it_differs_and_only_there() -> None:
    """A second time writes nothing: the rows are the same rows."""
    third = factories.forbund()
    second = factories.forbund(slutdatum=LATE, uppgatt_i=third, startdatum=BEGIN)
    first = factories.forbund(slutdatum=MID, uppgatt_i=second, startdatum=BEGIN)
    moved = factories.insats(forbund=first, startdatum=BEGIN)
    stays = factories.insats(forbund=third)
    kept = InsatsAgande.objects.get(insats=stays).pk
    sync_ownership()
    rows: list[Any] = list(
        InsatsAgande.objects.order_by("insats", "fran").values_list("insats", "forbund", "fran", "till")
    )
    assert rows == sorted(
        [
            (moved.pk, first.pk, BEGIN, MID),
            (moved.pk, second.pk, MID + ONE_DAY, LATE),
            (moved.pk, third.pk, LATE + ONE_DAY, None),
            (stays.pk, third.pk, factories.INSATS_START, None),
        ],
        key=lambda row: (row[0], row[2]),
    )
    keys = set(InsatsAgande.objects.values_list("pk", flat=True))
    assert kept in keys
    sync_ownership()
    assert set(InsatsAgande.objects.values_list("pk", flat=True)) == keys


@pytest.mark.django_db
def test_facts_know_whose_an_insats_was_and_when_a_kommun_was_a_member() -> None:
    """Read at once with the insats; the register import asks the same of its files (`describe.owners`)."""
    second = factories.forbund(kommuner=(), startdatum=BEGIN)
    first = factories.forbund(slutdatum=MID, uppgatt_i=second, startdatum=BEGIN)
    moved = factories.insats(forbund=first, startdatum=BEGIN)
    sync_ownership()
    first.kommuner.update(till=MID)
    facts = load_facts({moved.insats_id})
    (one,) = facts.insatser.values()
    assert [one.forbund_on(day) for day in (BEGIN, MID, MID + ONE_DAY)] == [
        first.forbund_id, first.forbund_id, second.forbund_id,
    ]  # fmt: skip
    assert facts.is_member(first.forbund_id, factories.KOMMUN, MID)
    assert not facts.is_member(first.forbund_id, factories.KOMMUN, MID + ONE_DAY)
    assert not facts.is_member(second.forbund_id, factories.KOMMUN, MID + ONE_DAY)


@pytest.mark.django_db
def test_history_can_be_read_as_the_successors() -> None:
    """All that went up in a förbund, in any number of steps; not the other way."""
    third = factories.forbund()
    second = factories.forbund(slutdatum=LATE, uppgatt_i=third, startdatum=BEGIN)
    first = factories.forbund(slutdatum=MID, uppgatt_i=second, startdatum=BEGIN)
    assert set(forbund_and_absorbed(third.pk)) == {first.pk, second.pk, third.pk}
    assert forbund_and_absorbed(first.pk) == [first.pk]
    assert forbund_and_absorbed(None) == []
