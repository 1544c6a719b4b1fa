"""What a user has for some minutes: for that user, kind, key and time alone (finsam_site/access/kept.py)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from finsam_site.access import kept
from finsam_site.access.acting import NoActor, acting_as
from finsam_site.access.models import Undanlagt, User
from tests import factories

KEY = uuid.UUID(int=7)
VALUE = {"koder": ["ABCDE"], "till": "annat"}
HOUR = dt.timedelta(hours=1)
pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def eva() -> User:
    return factories.user(namn="Eva Prov")


def put(
    user: User, value: kept.Kept = VALUE, what: str = "kvitto", key: uuid.UUID | None = None
) -> uuid.UUID:
    with acting_as(user):
        return kept.put(what, value, lasts=HOUR, key=key)


def got(user: User, key: uuid.UUID, what: str = "kvitto") -> kept.Kept | None:
    with acting_as(user):
        return kept.get(what, key)


def test_its_user_gets_it_back_and_the_row_tells_nothing(eva: User) -> None:
    key = put(eva)
    assert got(eva, key) == VALUE
    assert b"ABCDE" not in bytes(Undanlagt.objects.get().innehall_krypterat)
    with pytest.raises(NoActor):
        kept.get("kvitto", key)


def test_nobody_and_nothing_else_opens_it(eva: User) -> None:
    put(eva, key=KEY)
    assert got(factories.user(), KEY) is None
    assert got(eva, KEY, "uppslag") is None
    assert got(eva, uuid.UUID(int=8)) is None


@pytest.mark.parametrize("moved", ["user", "slag", "nyckel"])
def test_a_row_that_was_made_anothers_does_not_open(eva: User, moved: str) -> None:
    """By somebody who can write to the table and has no keys."""
    put(eva, key=KEY)
    other = {"user": factories.user(), "slag": "uppslag", "nyckel": uuid.UUID(int=8)}[moved]
    Undanlagt.objects.update(**{moved: other})
    row = Undanlagt.objects.get()
    assert got(row.user, row.nyckel, row.slag) is None


def test_not_when_its_time_is_over(eva: User, monkeypatch: pytest.MonkeyPatch) -> None:
    key, end = put(eva), Undanlagt.objects.get().till
    for at, there in ((end - dt.timedelta(seconds=1), True), (end, False)):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        assert bool(got(eva, key)) == there
        assert kept.remove_old() == (not there)
    assert not Undanlagt.objects.exists()


def test_the_newest_few_of_each_kind_and_user(eva: User) -> None:
    stranger = factories.user()
    theirs, other = put(stranger), put(eva, what="annat")
    keys = [put(eva, {"n": n}) for n in range(kept.MOST + 1)]
    assert [got(eva, key) for key in keys] == [None, *({"n": n} for n in range(1, kept.MOST + 1))]
    assert got(stranger, theirs) == got(eva, other, "annat") == VALUE
    with pytest.raises(IntegrityError), transaction.atomic():
        put(eva, key=keys[-1])


def test_logging_out_forgets_the_own(eva: User) -> None:
    stranger = factories.user()
    for user, what in ((eva, "kvitto"), (eva, "annat"), (stranger, "kvitto")):
        put(user, what=what)
    with acting_as(eva):
        kept.forget_mine()
    assert [row.user for row in Undanlagt.objects.all()] == [stranger]


def test_something_is_taken_out_of_what_everybody_has(eva: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of what is too old and not removed yet; of another kind nothing."""
    stranger = factories.user()
    both, one, none = put(eva, {"n": [1, 2]}), put(stranger, {"n": [1]}), put(stranger, {"n": [2]})
    other = put(eva, {"n": [1]}, what="annat")
    now = timezone.now() + 2 * HOUR
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: now)
        kept.change(
            "kvitto", lambda said: {"n": [n for n in said["n"] if n != 1]} if said["n"] != [1] else None
        )
    assert (got(eva, both), got(stranger, one), got(stranger, none)) == ({"n": [2]}, None, {"n": [2]})
    assert got(eva, other, "annat") == {"n": [1]} and Undanlagt.objects.count() == 3


def test_what_nobody_can_open_is_dropped(eva: User, settings: Any) -> None:
    put(eva)
    settings.ENCRYPTION_KEYS = {"ny": b"n" * 32}
    kept.change("kvitto", lambda said: said)
    assert not Undanlagt.objects.exists()
