"""Guessing passwords is slow, by name and by address, also without the cache (QUALITY §2, "rate limits")."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings

from finsam_site.access import throttle
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from tests import factories

PASSWORD = "prov-losenord-7"
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.9")
pytestmark = [pytest.mark.django_db, pytest.mark.both]


class Broken:
    """A cache whose server is down."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise ConnectionError("no cache")

        return fail


@pytest.fixture(autouse=True, params=["cache", "without cache"])
def _counts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "without cache":
        monkeypatch.setattr(throttle, "cache", Broken())
    yield
    throttle._own.clear()
    # The cache is common to all tests that run now: only what these have put there goes.
    cache.delete_many(
        [throttle._keys(RequestFactory().get("/", REMOTE_ADDR=one), "")[1] for one in ADDRESSES]
    )


@pytest.fixture
def eva() -> User:
    with factories.as_system():
        return factories.user(
            Roll.DELTAGARANSVARIG, insats=factories.insats(), password=PASSWORD, anvandarnamn=uuid.uuid4().hex
        )


def guess(name: str, password: str = "fel", address: str = "192.0.2.1", **headers: str) -> Any:
    fields = {"username": name, "password": password}
    return Client().post("/logga-in/", fields, REMOTE_ADDR=address, headers=headers)


def test_after_ten_wrong_tries_the_right_password_waits_too(eva: User) -> None:
    name = eva.anvandarnamn
    for _ in range(throttle.MOST_FOR_NAME):
        assert "hör inte ihop" in guess(name).content.decode()
    answer = guess(name.upper(), PASSWORD, address="192.0.2.2")
    assert answer.status_code == 429
    assert "för många felaktiga försök att logga in. Vänta en kvart" in answer.content.decode()
    assert guess(uuid.uuid4().hex).status_code == 200


def test_a_name_that_nobody_has_is_counted_too(eva: User) -> None:
    """The answer does not tell which names there are."""
    nobody = uuid.uuid4().hex
    answers = [guess(nobody).status_code for _ in range(throttle.MOST_FOR_NAME + 1)]
    assert answers == [200] * throttle.MOST_FOR_NAME + [429]


def test_the_right_password_begins_the_count_anew(eva: User) -> None:
    for _ in range(2):
        for _ in range(throttle.MOST_FOR_NAME - 1):
            guess(eva.anvandarnamn)
        assert guess(eva.anvandarnamn, PASSWORD).status_code == 302


@pytest.mark.usefixtures("one_quarter")
def test_many_names_from_one_address(eva: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_FROM_ADDRESS", 4)
    assert [guess(uuid.uuid4().hex).status_code for _ in range(5)] == [200] * 4 + [429]
    assert guess(eva.anvandarnamn, PASSWORD).status_code == 429
    assert guess(eva.anvandarnamn, PASSWORD, address="192.0.2.9").status_code == 302


def test_the_wait_ends(eva: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from the last wrong try; what is tried during the wait does not make it longer."""
    monkeypatch.setattr(throttle, "WAIT_SECONDS", 0)
    for _ in range(throttle.MOST_FOR_NAME + 5):
        guess(eva.anvandarnamn)
    assert guess(eva.anvandarnamn, PASSWORD).status_code == 302


def test_a_busy_address_is_let_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of an address is counted from its first wrong try, or those who mistype now and then would close it."""
    monkeypatch.setattr(throttle, "MOST_FROM_ADDRESS", 4)
    monkeypatch.setattr(throttle, "WAIT_SECONDS", 2)
    deadline = time.monotonic() + 30
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    waited = False
    while time.monotonic() < deadline:
        throttle.note_wrong(request, uuid.uuid4().hex)
        waiting = throttle.must_wait(request, "")
        if waited and not waiting:
            return
        waited = waited or waiting
        time.sleep(0.05)
    pytest.fail("the address never got out")


def test_a_limit_is_not_reached_by_one_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """One each ten minutes, for hours; many at once reach it."""
    at = [time.time()]
    clock = SimpleNamespace(time=lambda: at[0], monotonic=time.monotonic)
    monkeypatch.setattr(throttle, "time", clock)
    limit = throttle.Limit(uuid.uuid4().hex, 3)
    for _ in range(12):
        assert not limit.reached("")
        limit.note("")
        at[0] += 600
    for _ in range(limit.most):
        limit.note("")
    assert limit.reached("")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "found"),
    [
        (0, "198.51.100.7", "192.0.2.1", "192.0.2.1"),  # nobody is believed
        (1, "198.51.100.7", "127.0.0.1", "198.51.100.7"),
        (1, "10.0.0.1, 198.51.100.7", "127.0.0.1", "198.51.100.7"),  # the first was made up by the user
        (2, "10.0.0.1, 198.51.100.7, 10.9.9.9", "127.0.0.1", "198.51.100.7"),
        (1, "", "127.0.0.1", "127.0.0.1"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_the_address_behind_proxies(proxies: int, forwarded: str, remote: str, found: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded})
    with override_settings(PROXIES=proxies):
        assert throttle.address_of(request) == found
