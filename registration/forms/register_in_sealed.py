"""Answers that a flow of several pages carries along: in one hidden field, encrypted, for one user and one matter.

Nothing is kept on the server until the answers are saved, and nothing of a person stands in the page, an address or a
log. What cannot be opened (changed, another's, another matter's, too old) is refused whole.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.debug import sensitive_variables

from finsam_site.access import encryption
from finsam_site.access.acting import require_actor

MAX_AGE = dt.timedelta(hours=2)
FIELD = "_svar"
LONGEST = 40_000

Answers = Mapping[str, list[str]]


class NotOpened(Exception):
    """The sealed answers are not to be used. expired: they were right, but too long ago."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "not ours")
        self.expired = expired


@dataclass(frozen=True)
class Carried:
    """Answers by step, as they were posted. key: names the one registration that they may become. No repr of them."""

    key: str
    answers: Mapping[str, Answers] = field(default_factory=dict, repr=False)

    def having(self, step: str, answers: Answers) -> Carried:
        """The same with the answers of a step put in or replaced."""
        return replace(self, answers={**self.answers, step: answers})

    def data(self, step: str) -> MultiValueDict[str, str] | None:
        """The answers of a step as a form takes them; None before it is answered."""
        found = self.answers.get(step)
        return None if found is None else MultiValueDict({name: list(few) for name, few in found.items()})


@sensitive_variables()
def seal(carried: Carried, matter: str) -> str:
    """The text of the hidden field. matter: what the answers are for, such as "register_in:17"."""
    content = {"at": timezone.now().timestamp(), "key": carried.key, "answers": carried.answers}
    token = encryption.encrypt_text(json.dumps(content), context=_context(matter))
    return base64.urlsafe_b64encode(token).decode("ascii")


@sensitive_variables()
def unseal(text: str, matter: str) -> Carried:
    """What `seal` was given, for the same user and matter. Raises NotOpened."""
    if len(text) > LONGEST:
        raise NotOpened
    try:
        token = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        content = json.loads(encryption.decrypt_text(token, context=_context(matter)))
    except (ValueError, binascii.Error, encryption.DecryptionFailed):
        content = None  # whatever it held must not be chained
    if content is None:
        raise NotOpened
    if timezone.now().timestamp() - content["at"] > MAX_AGE.total_seconds():
        raise NotOpened(expired=True)
    return Carried(content["key"], content["answers"])


def _context(matter: str) -> str:
    return f"carried:{require_actor().user.pk}:{matter}"
