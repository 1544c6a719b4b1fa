"""Marks of what somebody was shown: two are the same exactly when that is, and neither tells what it was.

A page sends the mark of what it showed with its form, so that what has changed since is seen (an optimistic lock).
"""

from __future__ import annotations

from django.utils.crypto import salted_hmac

LENGTH = 20


def shown_mark(what: str, *parts: object) -> str:
    """The mark of `parts`, as text of LENGTH hexadecimal digits.

    what: names what they are parts of, so that the same parts of something else have another mark.
    """
    return salted_hmac(what, "\n".join(map(str, parts)), algorithm="sha256").hexdigest()[:LENGTH]
