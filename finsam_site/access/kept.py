"""What a user's session keeps for some minutes, sealed for that user: what was found about a person, a receipt.

    key = put(request, "kvitto", {"koder": […]}, lasts=dt.timedelta(hours=1))     # key: random, may stand in an address
    get(request, "kvitto", key)                                                   # None when it is too old or not ours

The address says nothing, the session's storage can be read by nobody without the keys, and another user's session does
not open it. It goes when the user logs out. `seal` and `unseal` are the same without a request, for the rules.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from .encryption import DecryptionFailed, decrypt_text, encrypt_text
from .models import User

MOST = 5
"""So many of one kind are kept in a session; the oldest goes first."""

SESSION_KEY = "finsam_kept"
Kept = Mapping[str, Any]


def seal(user_id: int, what: str, key: uuid.UUID, value: Kept, *, until: dt.datetime) -> str:
    """`value` (as JSON can hold it) for that user and key alone, until then."""
    text = json.dumps({"till": until.isoformat(), "varde": value})
    return base64.urlsafe_b64encode(encrypt_text(text, context=_context(user_id, what, key))).decode("ascii")


def unseal(user_id: int, what: str, key: uuid.UUID, token: str) -> Kept | None:
    """What was sealed; None when its time is over, it is of another user, kind or key, or it cannot be read."""
    try:
        text = decrypt_text(base64.urlsafe_b64decode(token), context=_context(user_id, what, key))
    except (DecryptionFailed, binascii.Error, ValueError):
        return None
    said = json.loads(text)
    value: Kept = said["varde"]
    return value if timezone.now() < dt.datetime.fromisoformat(said["till"]) else None


def token_of(request: HttpRequest, what: str, key: uuid.UUID) -> str:
    """What the session keeps under `key`, still sealed; empty when there is nothing."""
    token: str = _all(request).get(what, {}).get(str(key), "")
    return token


def keep(request: HttpRequest, what: str, key: uuid.UUID, token: str) -> None:
    """Keep what was sealed, in place of what stood under `key`; without a token forget it."""
    kept = _all(request)
    mine = {name: one for name, one in kept.get(what, {}).items() if name != str(key)}
    if token:
        mine[str(key)] = token
    request.session[SESSION_KEY] = kept | {what: dict(list(mine.items())[-MOST:])}


def put(request: HttpRequest, what: str, value: Kept, *, lasts: dt.timedelta) -> uuid.UUID:
    """Keep `value` for the user of the request; gives its key."""
    key = uuid.uuid4()
    keep(request, what, key, seal(_user_id(request), what, key, value, until=timezone.now() + lasts))
    return key


def get(request: HttpRequest, what: str, key: uuid.UUID) -> Kept | None:
    """What `put` kept, or None."""
    return unseal(_user_id(request), what, key, token_of(request, what, key))


def _user_id(request: HttpRequest) -> int:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - every page that keeps anything is behind log-in
    return user.pk


def _all(request: HttpRequest) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = request.session.get(SESSION_KEY, {})
    return kept


def _context(user_id: int, what: str, key: uuid.UUID) -> str:
    return f"kept.{what}:{user_id}:{key}"
