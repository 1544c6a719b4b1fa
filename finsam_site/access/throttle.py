"""Guessing passwords is slowed down: so many wrong tries for a user name or from an address, and then a wait. What else
may not be done without end (`Limit`) is counted in the same way.

The counts lie in the cache, common to all web processes. Without it each process counts for itself: guessing is still
slow, and nobody is kept out because Redis is down. Nothing of this touches the database.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

WAIT_SECONDS = 15 * 60
"""For a name: after the last wrong try that was counted; tries during the wait are not looked at, and not counted. An
address, and what is counted by `Limit`, begins anew in each such part of the clock, or a busy one would never be let
in again."""

MOST_FOR_NAME = 10
MOST_FROM_ADDRESS = 100
"""Many people can sit behind one address: a whole kommun."""

_MOST_KEPT = 10_000
_own: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Limit:
    """At most `most` of something by somebody, and then a wait. what: names it among the counts, without blanks.

    who: the user, or where a request comes from (`address_of`). Counted anew in each part of the clock (WAIT_SECONDS).
    """

    what: str
    most: int

    def reached(self, who: str) -> bool:
        """True while `who` must wait."""
        return _count(self._key(who)) >= self.most

    def note(self, who: str) -> None:
        """One more by `who`."""
        _add(self._key(who))

    def forget(self, who: str) -> None:
        """Begin the count of `who` anew."""
        _forget(self._key(who))

    def _key(self, who: str) -> str:
        return f"{self.what}:{salted_hmac(self.what, _in_this_part(who)).hexdigest()}"


def must_wait(request: HttpRequest, name: str) -> bool:
    """True when there have been too many wrong tries for the name, or from where the request comes."""
    by_name, by_address = _keys(request, name)
    return _count(by_name) >= MOST_FOR_NAME or _count(by_address) >= MOST_FROM_ADDRESS


def note_wrong(request: HttpRequest, name: str) -> None:
    """One more wrong try, whether or not there is an account of that name."""
    for key in _keys(request, name):
        _add(key)


def forget_name(request: HttpRequest, name: str) -> None:
    """The right password was given: the wrong ones before it were its user's own."""
    by_name, _ = _keys(request, name)
    _forget(by_name)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, past the proxies of our own; of an IPv6 address the network, which is one user.

    Each proxy puts the address that it was asked from last in X-Forwarded-For; what stands before is the user's word.
    """
    found = request.META.get("REMOTE_ADDR", "")
    before = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if settings.PROXIES and len(before) >= settings.PROXIES:
        found = before[-settings.PROXIES]
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return found
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if address.version == 6 else found


def _in_this_part(who: str) -> str:
    """To count `who` by in this part of the clock."""
    return f"{int(time.time() // max(1, WAIT_SECONDS))} {who}"


def _keys(request: HttpRequest, name: str) -> tuple[str, str]:
    """Keyed hashes: the cache tells neither names nor addresses."""
    values = (("namn", name.strip().casefold()), ("adress", _in_this_part(address_of(request))))
    one, other = (f"inloggning:{kind}:{salted_hmac(kind, value).hexdigest()}" for kind, value in values)
    return one, other


def _count(key: str) -> int:
    with _lock:
        number, until = _own.get(key, (0, 0.0))
        own = number if until > time.monotonic() else 0
    try:
        return max(own, int(cache.get(key, 0)))
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises
        _without_cache(error)
        return own


def _add(key: str) -> None:
    try:
        cache.add(key, 0, WAIT_SECONDS)
        cache.incr(key)
        cache.touch(key, WAIT_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises
        _without_cache(error)
        now = time.monotonic()
        with _lock:
            if len(_own) >= _MOST_KEPT:
                _own.clear()
            number, until = _own.get(key, (0, 0.0))
            _own[key] = (number + 1 if until > now else 1, now + WAIT_SECONDS)


def _forget(key: str) -> None:
    with _lock:
        _own.pop(key, None)
    try:
        cache.delete(key)
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises
        _without_cache(error)


def _without_cache(error: Exception) -> None:
    logger.warning("tries are counted by each process: the cache does not answer (%s)", type(error).__name__)
