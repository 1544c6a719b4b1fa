"""The messages: leave one, read them, say that one is dealt with, tell the contact by mail, remove what is old.

Nothing is lost when no mail can be sent: the row in the database is the message, and the mail only says that it is
there. The mail does not carry what somebody wrote, which may be about a person after all.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import unicodedata
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from finsam_site.access.acting import AccessRefused, Actor, acting_as, require_actor
from finsam_site.access.key_checks import verify_keys
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text, seal_text
from finsam_site.ui.formats import number, plural

from .models import Meddelande

READERS = (Roll.NATIONELL_ADMINISTRATOR, Roll.BEHORIGHETSADMINISTRATOR)
"""Who reads the messages and says that one is dealt with."""

logger = logging.getLogger(__name__)

_SIX = r"(?:\d{2})?(\d{2})[-./ ]?(\d{2})[-./ ]?(\d{2})"
_NUMBER = re.compile(rf"(?<!\d){_SIX}[-+ ]{{0,3}}\d{{4}}(?!\d)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody wrote. sida: which page it is about. epost: where the answer goes; both may be empty."""

    text: str
    sida: str = ""
    epost: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored message, opened."""

    row: Meddelande
    letter: Letter


def names_a_number(text: str) -> bool:
    """True where a personnummer or samordningsnummer seems to stand: ten or twelve digits that begin with a date.

    By the looks alone, so that no such number is kept whether or not its last digit is right. Days of
    samordningsnummer (60 more) and their month 00 are dates too.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return any(
        int(month) <= 12 and (int(day) <= 31 or 60 <= int(day) <= 91)
        for _, month, day in _NUMBER.findall(plain)
    )


def leave_letter(letter: Letter, form_id: str) -> None:
    """Store the message. form_id: of the page that it was written on; sent again from there it is one row.

    Raises WrongKeys when the keys are not those of the database.
    """
    verify_keys()
    said = json.dumps(asdict(letter), ensure_ascii=False)
    key = salted_hmac("finsam.meddelande", f"{form_id} {said}", algorithm="sha256").hexdigest()
    row = Meddelande(nyckel=key, skickat=timezone.now())
    seal_text(row, "innehall_krypterat", said)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not Meddelande.objects.filter(nyckel=key).exists():
            raise


def waiting() -> int:
    """How many nobody has dealt with."""
    return Meddelande.objects.filter(hanterat__isnull=True).count()


def opened(row: Meddelande) -> Kept:
    """The message in clear. Raises AccessRefused for who does not read them."""
    _may_read()
    return Kept(row, Letter(**json.loads(open_text(row, "innehall_krypterat"))))


def set_handled(row: Meddelande, *, handled: bool) -> None:
    """Say that it is dealt with, or that it is not after all. Raises AccessRefused for who does not read them."""
    actor = _may_read()
    if handled == (row.hanterat is not None):
        return
    row.hanterat, row.hanterat_av = (timezone.now(), actor.user) if handled else (None, None)
    row.save(update_fields=["hanterat", "hanterat_av"])


def tell_contact() -> int:
    """Tell FINSAM_ACCESSIBILITY_MAIL of the new messages in one mail; returns how many. Not inside a transaction.

    Without that setting nothing is sent. What could not be sent, or was cut off before that was noted, is told again.
    """
    new = Meddelande.objects.filter(mejlat__isnull=True, hanterat__isnull=True)
    if not settings.ACCESSIBILITY_MAIL or not new.exists():
        return 0
    with acting_as(User.objects.system()):
        rows = list(new.select_for_update(skip_locked=True).values_list("pk", flat=True))
        if not rows:
            return 0
        try:
            _mail(len(rows)).send()
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors too
            logger.warning("a message about accessibility could not be told of (%s)", type(error).__name__)
            return 0
        Meddelande.objects.filter(pk__in=rows).update(mejlat=timezone.now())
    return len(rows)


def remove_old(age: dt.timedelta) -> int:
    """Remove those that were dealt with longer than `age` ago; returns how many. The others stay."""
    return Meddelande.objects.filter(hanterat__lt=timezone.now() - age).delete()[0]


def in_order(*, handled_too: bool) -> QuerySet[Meddelande]:
    """The messages, those that wait first and the newest first."""
    rows = Meddelande.objects.select_related("hanterat_av")
    if not handled_too:
        rows = rows.filter(hanterat__isnull=True)
    return rows.order_by(F("hanterat").desc(nulls_first=True), "-skickat", "pk")


def _mail(antal: int) -> EmailMessage:
    what = f"{number(antal)} {plural(antal, 'nytt meddelande', 'nya meddelanden')} om tillgänglighet i Finsam"
    body = [
        "Hej!",
        f"Det har kommit {what}.",
        f"Läs och svara här: {settings.ADDRESS}{reverse('accessibility:letters')}",
        "Den som är nationell administratör eller behörighetsadministratör kan läsa dem. Texten står inte i mejlet, "
        "för den kan handla om en person.",
    ]
    subject = f"Finsam: {plural(antal, 'nytt meddelande', 'nya meddelanden')} om tillgänglighet"
    return EmailMessage(
        subject, "\n\n".join(body), settings.DEFAULT_FROM_EMAIL, [settings.ACCESSIBILITY_MAIL]
    )


def _may_read() -> Actor:
    actor = require_actor()
    if actor.roll not in READERS:
        raise AccessRefused(
            "Meddelanden om tillgänglighet läses av nationella administratörer och behörighetsadministratörer."
        )
    return actor
