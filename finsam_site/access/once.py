"""A form that is sent twice is done once (QUALITY §3, "double submit").

Each form of a page carries an id of its own, signed for its user. The first post of it writes a row `Inskickad` in the
transaction of the request, which keeps where the answer led; the same post once more, also at the same moment, is led
there and does nothing. The same form with other content is another post: what it may do is for the rules. A view that
takes files (`posts.py`) is left to itself: two files of one name and size need not be the same.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Inskickad, User

FIELD = "_en_gang"
"""Hidden field of our forms."""

KEPT = dt.timedelta(days=1)
"""How long a row is kept: longer than any session, and with it any form, lasts."""

_CLAIMED = "finsam_once"
_signer = signing.Signer(salt="finsam.once")


def new_form_id(user: User) -> str:
    """The value of the hidden field of one form on one page."""
    return _signer.sign(f"{user.pk}.{secrets.token_urlsafe(12)}")


def claim(request: HttpRequest) -> HttpResponse | None:
    """Before a post is done: None when it is the first of its kind, else the answer that the first one got.

    Waits for a twin that is being done at this moment (PostgreSQL; SQLite has one writer). A post without an id of
    ours is not looked at.
    """
    key = _key(request)
    if key is None:
        return None
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrows the type
    try:
        with transaction.atomic():
            Inskickad.objects.create(nyckel=key, user=user, tid=timezone.now())
    except IntegrityError:
        first = Inskickad.objects.filter(nyckel=key).first()
        return redirect(first.ledde_till) if first else None
    setattr(request, _CLAIMED, key)
    return None


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """After it is done: what led on is kept; what was shown again, with errors or a question, may be sent again."""
    key = getattr(request, _CLAIMED, None)
    if key is None:
        return
    row = Inskickad.objects.filter(nyckel=key)
    if isinstance(response, HttpResponseRedirect):
        row.update(ledde_till=response.url)
    else:
        row.delete()


def forget_old() -> int:
    """Remove the rows that no open page can need; returns how many."""
    return Inskickad.objects.filter(tid__lt=timezone.now() - KEPT).delete()[0]


def _key(request: HttpRequest) -> str | None:
    """Names what was posted: form, address and content. A keyed hash, which tells nothing of the content."""
    try:
        owner, _, _ = _signer.unsign(request.POST.get(FIELD, "")).partition(".")
    except signing.BadSignature:
        return None
    if owner != str(request.user.pk):
        return None
    return salted_hmac(
        "finsam.once", f"{request.path}?{request.POST.urlencode()}", algorithm="sha256"
    ).hexdigest()
