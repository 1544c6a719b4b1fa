"""What a session keeps for some minutes: for its user, kind, key and time alone (finsam_site/access/kept.py)."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.utils import timezone

from finsam_site.access import kept
from tests import factories

KEY = uuid.UUID(int=7)
VALUE = {"koder": ["ABCDE"], "till": "annat"}
pytestmark = [pytest.mark.django_db, pytest.mark.both]


def soon() -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=5)


def test_its_user_gets_it_back_and_the_token_tells_nothing() -> None:
    token = kept.seal(1, "kvitto", KEY, VALUE, until=soon())
    assert kept.unseal(1, "kvitto", KEY, token) == VALUE
    assert b"ABCDE" not in base64.urlsafe_b64decode(token) and "ABCDE" not in token


@pytest.mark.parametrize(
    ("user", "what", "key"), [(2, "kvitto", KEY), (1, "uppslag", KEY), (1, "kvitto", uuid.UUID(int=8))]
)
def test_nobody_and_nothing_else_opens_it(user: int, what: str, key: uuid.UUID) -> None:
    assert kept.unseal(user, what, key, kept.seal(1, "kvitto", KEY, VALUE, until=soon())) is None


def test_not_when_its_time_is_over() -> None:
    assert kept.unseal(1, "kvitto", KEY, kept.seal(1, "kvitto", KEY, VALUE, until=timezone.now())) is None


@pytest.mark.parametrize("token", ["", "x", "AAAA", "å", base64.urlsafe_b64encode(b"\x01" * 60).decode()])
def test_rubbish_is_nothing(token: str) -> None:
    assert kept.unseal(1, "kvitto", KEY, token) is None


def test_a_key_that_was_taken_away_closes_it(settings: Any) -> None:
    token = kept.seal(1, "kvitto", KEY, VALUE, until=soon())
    settings.ENCRYPTION_KEYS = {"ny": b"n" * 32}
    assert kept.unseal(1, "kvitto", KEY, token) is None


def test_in_a_session() -> None:
    """The newest few of each kind; what is forgotten is gone; another user of the same browser gets nothing."""
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), factories.user()
    hour = dt.timedelta(hours=1)
    other = kept.put(request, "annat", {"n": -1}, lasts=hour)
    keys = [kept.put(request, "kvitto", {"n": n}, lasts=hour) for n in range(kept.MOST + 1)]
    assert [kept.get(request, "kvitto", key) for key in keys] == [
        None, *({"n": n} for n in range(1, kept.MOST + 1)),
    ]  # fmt: skip
    assert kept.get(request, "annat", other) == {"n": -1}
    kept.keep(request, "kvitto", keys[-1], "")
    assert kept.get(request, "kvitto", keys[-1]) is None and kept.get(request, "kvitto", keys[-2])
    request.user = factories.user()
    assert kept.get(request, "annat", other) is None
