"""The weekly mail: how much waits for a user in Finsam. Counts only; no name of a person or of an insats.

    send_weekly()      # from beat, every hour; sends on Mondays and Tuesdays what has not been sent that week

Once per user and week, however often it runs, also at the same moment: whoever makes the user's row of the week, or
takes over a failed one, sends. The row is committed before the mail goes. A mail that was surely not taken (no
connection, refused by the server, an address that is none) is tried again by a later run; one of which that is not sure
(the connection went while it was being sent) is not sent again, and neither is one whose worker was killed in between:
rather none than two.

What befalls one mail is that mail's alone: after any fault the next one goes on a connection of its own, and where none
can be opened the run ends, with nobody's row of the week made for nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.models import SYSTEM_USERNAME, User
from finsam_site.access.roles import Roll
from finsam_site.access.working import Working, valid_uppdrag
from finsam_site.clock import STOCKHOLM
from finsam_site.ui import formats
from finsam_site.ui.formats import number, plural

from .models import Veckobrev
from .rules.planned import next_plan
from .rules.worklist import unstaffed, work_list

FIRST_HOUR = 6
LAST_DAY = 1
"""Weekday (Monday is 0) until the end of which a mail that could not be sent is tried again."""

MOST_TRIES = 20
ANSWERED = 250
"""What an SMTP server says to a command that it took."""

SURELY_NOT_SENT = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    ValueError,
)
"""The server said no, or cannot take it, or the address or a header is none: raised before any of the mail goes out."""

KEPT = dt.timedelta(days=60)
SUBJECT = "Det här väntar i Finsam"

Tillstand = Veckobrev.Tillstand

logger = logging.getLogger(__name__)


def week_of(now: dt.datetime) -> dt.date | None:
    """The Monday of the week whose mails are due at `now`, by the clock of Stockholm; None at other times."""
    local = now.astimezone(STOCKHOLM)
    if local.weekday() > LAST_DAY or (local.weekday() == 0 and local.hour < FIRST_HOUR):
        return None
    return local.date() - dt.timedelta(days=local.weekday())


def send_weekly() -> int:
    """Send what is due and not yet sent; returns how many mails went. Not inside a transaction."""
    vecka = week_of(timezone.now())
    if vecka is None or not settings.WEEKLY_MAIL:
        return 0
    Veckobrev.objects.filter(vecka__lt=vecka - KEPT).delete()
    waiting = list(_waiting(vecka))
    line = Line()
    sent = 0
    try:
        for user in waiting:
            if not line.open():
                break
            sent += _send(line, user, vecka)
    finally:
        line.drop()
    return sent


class Line:
    """The connection that the mails of a run go by, one after the other.

    Django's backend takes a connection that the server has left for one that is open: after a fault it has to be
    dropped before another is made.
    """

    def __init__(self) -> None:
        self.backend: Any = get_connection()

    def open(self) -> bool:
        """Whether there is a connection; it is made where there is none. Whether it still holds is not asked."""
        try:
            self.backend.open()
        except OSError as error:  # smtplib's errors are OSErrors too
            logger.warning("the weekly mail waits: no connection (%s)", type(error).__name__)
            return False
        return True

    def holds(self) -> bool:
        """Whether the server answers, on this connection or on a new one. Asked before each mail: what is lost here was
        surely not sent, what is lost a moment later may have been."""
        if self._answers():
            return True
        self.drop()
        return self.open()

    def drop(self) -> None:
        """Let go of the connection, also of one that is broken."""
        try:
            self.backend.close()
        except OSError:
            logger.info("a mail connection was already gone")

    def _answers(self) -> bool:
        smtp = getattr(self.backend, "connection", None)
        if smtp is None:  # a backend without a server: files, memory
            return True
        try:
            code, _ = smtp.noop()
        except OSError:
            return False
        return bool(code == ANSWERED)


def text_for(user: User) -> str:
    """The body of the user's mail; empty when there is nothing to do. Not inside a transaction."""
    parts = [part for working in valid_uppdrag(user) if (part := _part(user, working))]
    if not parts:
        return ""
    start, own = (f"{settings.ADDRESS}{reverse(name)}" for name in ("start", "access:settings"))
    return "\n\n".join([
        "Hej!",
        "Det här väntar på dig i Finsam.",
        *parts,
        f"Gå till Finsam: {start}",
        "Brevet kommer på måndagar när det finns något att göra. Vill du inte ha det kan du stänga av det under Mina "
        f"inställningar: {own}",
    ])  # fmt: skip


def _waiting(vecka: dt.date) -> Iterator[User]:
    """Those who want it and have an address, and are not done with this week."""
    done = Veckobrev.objects.filter(vecka=vecka).exclude(
        tillstand=Tillstand.MISSLYCKAT, forsok__lt=MOST_TRIES
    )
    users = User.objects.filter(is_active=True, veckobrev=True).exclude(anvandarnamn=SYSTEM_USERNAME)
    yield from users.exclude(epost="").exclude(pk__in=done.values("user")).order_by("pk")


def _send(line: Line, user: User, vecka: dt.date) -> int:
    """Send to one user what is theirs to send; returns how many mails went."""
    row = _claim(user, vecka)
    if row is None:
        return 0
    try:
        body = text_for(user)
    except Exception as error:  # noqa: BLE001 - one user's fault must not keep the others' mail
        logger.warning("no weekly mail could be written (%s)", type(error).__name__)
        return _end(row, Tillstand.MISSLYCKAT)
    if not body:
        return _end(row, Tillstand.INGET)
    if not line.holds():
        return _end(row, Tillstand.MISSLYCKAT)
    _end(row, _deliver(line, user, body))
    return int(row.tillstand == Tillstand.SKICKAT)


def _deliver(line: Line, user: User, body: str) -> Veckobrev.Tillstand:
    """Hand one mail to the server; returns what is known of it then. After a fault the connection is dropped."""
    mail = EmailMessage(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, [user.epost], connection=line.backend)
    try:
        mail.send()
    except SURELY_NOT_SENT as error:
        logger.warning("a weekly mail was refused (%s)", type(error).__name__)
        line.drop()
        return Tillstand.MISSLYCKAT
    except OSError as error:
        logger.warning("a weekly mail may not have gone (%s)", type(error).__name__)
        line.drop()
        return Tillstand.OVISST
    return Tillstand.SKICKAT


def _claim(user: User, vecka: dt.date) -> Veckobrev | None:
    """The user's row of the week, ours from now on and committed; None when somebody else has it or it is done."""
    now = timezone.now()
    try:
        with transaction.atomic():
            return Veckobrev.objects.create(user=user, vecka=vecka, andrat=now)
    except IntegrityError:
        again = Veckobrev.objects.filter(
            Q(forsok__lt=MOST_TRIES), user=user, vecka=vecka, tillstand=Tillstand.MISSLYCKAT
        )
        if not again.update(tillstand=Tillstand.PABORJAT, forsok=F("forsok") + 1, andrat=now):
            return None
        row: Veckobrev = Veckobrev.objects.get(user=user, vecka=vecka)
        return row


def _end(row: Veckobrev, tillstand: Veckobrev.Tillstand) -> int:
    row.tillstand, row.andrat = tillstand, timezone.now()
    row.save(update_fields=["tillstand", "andrat"])
    return 0


def _part(user: User, working: Working) -> str:
    """What waits in one förbund and role."""
    try:
        with acting_as(user, working.uppdrag):
            lines = list(_lines(working.roll))
            plan = next_plan() if lines else None
    except AccessRefused:  # the uppdrag ended a moment ago
        return ""
    if not lines:
        return ""
    if plan is not None:
        lines.append(f"Nästa uttag tas {formats.day(plan.dag)}.")
    head = f"{working.where}, som {working.role}:"
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _lines(roll: Roll) -> Iterator[str]:
    if roll == Roll.DELTAGARANSVARIG:
        found = work_list()
        ended, long_open = (sum(one.antal for one in some) for some in (found.ended, found.long_open))
        for antal, one, many in (
            (len(found.drafts), "utkast att göra klart", "utkast att göra klara"),
            (ended, "deltagande öppet i en avslutad insats", "deltaganden öppna i avslutade insatser"),
            (long_open, "deltagande som har stått öppet länge", "deltaganden som har stått öppna länge"),
            (found.to_send.antal, "samtycke att skicka i original", "samtycken att skicka i original"),
            (
                found.to_look_for.antal,
                "samtycke som inte har kommit fram",
                "samtycken som inte har kommit fram",
            ),
            (len(found.anonyma), "insats att ange årets anonyma för", "insatser att ange årets anonyma för"),
        ):
            if antal:
                yield f"{number(antal)} {plural(antal, one, many)}"
    elif roll == Roll.FORBUNDSADMINISTRATOR:
        found_empty = unstaffed()
        if antal := sum(one.antal for one in found_empty):
            yield f"{number(antal)} {plural(antal, 'deltagande', 'deltaganden')} utan deltagaransvarig"
        if antal := sum(one.original for one in found_empty):
            yield f"{number(antal)} original att skicka eller leta efter i insatser utan deltagaransvarig"
