"""Messages about accessibility: kept sealed, once, told of by mail, read by few, removed when dealt with."""

from __future__ import annotations

import datetime as dt
import smtplib
from typing import Any

import pytest
from django.conf import settings as conf
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.accessibility import letters
from finsam_site.accessibility.letters import (
    Letter,
    in_order,
    leave_letter,
    names_a_number,
    opened,
    remove_old,
    set_handled,
    tell_contact,
    waiting,
)
from finsam_site.accessibility.models import Meddelande
from finsam_site.accessibility.tasks import send_letters
from finsam_site.celery import app
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]

WRITTEN = Letter("Knappen Registrera syns inte när jag förstorar.", "Registrera in", "siri@example.se")


@pytest.fixture
def greta() -> User:
    return factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)


def stored() -> Meddelande:
    return Meddelande.objects.get()


# Numbers


@pytest.mark.parametrize("n", range(6))
def test_a_person_number_is_seen_however_it_is_written(n: int) -> None:
    digits = numbers.pick(n)
    day, last = digits[:8], digits[8:]
    wide = digits.translate({ord(str(one)): chr(0xFF10 + one) for one in range(10)})
    for text in (
        digits, digits[2:], f"{day}-{last}", f"{day[2:]}-{last}", f"{day[2:]}+{last}", f"{day} {last}",
        f"{day} – {last}",
        f"{day[:4]}-{day[4:6]}-{day[6:]}-{last}", f"{day[2:4]} {day[4:6]} {day[6:]} {last}", wide,
        f"Det gäller {digits}, som inte syns.", f"x{digits}x",
    ):  # fmt: skip
        assert names_a_number(text), "a way of writing it is not seen"


@pytest.mark.parametrize(
    "text",
    [
        "", "Ring mig på 070-123 45 67.", "Ring 08-555 123 45", "Insats 2018-01-15 till 2018-06-30.",
        "Det hände 2026-11-28 kl. 09.15", "12 400 rader av 20 718", "Fel 1234567890123456", "Ärende 9913996789",
    ],
)  # fmt: skip
def test_other_figures_are_not_taken_for_one(text: str) -> None:
    assert not names_a_number(text)


# Kept


def test_it_is_sealed(greta: User) -> None:
    """What stands in the database tells nothing; who reads it gets all of it."""
    leave_letter(WRITTEN, "a")
    row = stored()
    for said in (b"Knappen", b"siri@"):
        assert said not in bytes(row.innehall_krypterat)
    with factories.acting(greta):
        assert opened(row).letter == WRITTEN


def test_the_same_form_is_one_row() -> None:
    """Sent again it is not lost and not doubled; with another text, or from another page, it is another message."""
    for _ in range(3):
        leave_letter(WRITTEN, "a")
    assert Meddelande.objects.count() == 1
    leave_letter(Letter("Något annat."), "a")
    leave_letter(WRITTEN, "b")
    assert Meddelande.objects.count() == waiting() == 3


@pytest.mark.parametrize("roll", list(Roll))
def test_who_reads_them(roll: Roll) -> None:
    leave_letter(WRITTEN, "a")
    account = factories.user(roll)
    factories.uppdrag(account, roll, insats=(insats := factories.insats()), forbund=insats.forbund)
    with factories.acting(account):
        if roll in letters.READERS:
            opened(stored())
            set_handled(stored(), handled=True)
            return
        for act in (opened, lambda row: set_handled(row, handled=True)):
            with pytest.raises(AccessRefused):
                act(stored())
    assert stored().hanterat is None


def test_dealt_with_and_not_after_all(greta: User) -> None:
    leave_letter(WRITTEN, "a")
    with factories.acting(greta):
        set_handled(stored(), handled=True)
        first = stored().hanterat
        set_handled(stored(), handled=True)
        assert (stored().hanterat, stored().hanterat_av, waiting()) == (first, greta, 0)
        set_handled(stored(), handled=False)
        assert (stored().hanterat, stored().hanterat_av, waiting()) == (None, None, 1)


def test_those_that_wait_stand_first(greta: User) -> None:
    for n in range(3):
        leave_letter(Letter(f"Text {n}"), str(n))
    with factories.acting(greta):
        rows = list(in_order(handled_too=False))
        set_handled(rows[0], handled=True)
        assert [one.pk for one in in_order(handled_too=True)] == [rows[1].pk, rows[2].pk, rows[0].pk]
        assert [one.pk for one in in_order(handled_too=False)] == [rows[1].pk, rows[2].pk]


def test_only_what_is_dealt_with_is_removed(greta: User) -> None:
    """However old: what nobody has dealt with is never lost."""
    for n in range(3):
        leave_letter(Letter(f"Text {n}"), str(n))
    old, new, never = Meddelande.objects.order_by("pk")
    with factories.acting(greta):
        for row in (old, new):
            set_handled(row, handled=True)
    age, day = dt.timedelta(days=conf.MESSAGE_DAYS), dt.timedelta(days=1)
    long_ago = timezone.now() - age - day
    Meddelande.objects.update(skickat=long_ago)
    Meddelande.objects.filter(pk=old.pk).update(hanterat=long_ago)
    Meddelande.objects.filter(pk=new.pk).update(hanterat=long_ago + 2 * day)
    assert remove_old(age) == 1
    assert set(Meddelande.objects.values_list("pk", flat=True)) == {new.pk, never.pk}


# Mail


class Faulty(EmailBackend):
    """A mail server that refuses."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")


def test_the_contact_is_told_once_and_not_what_it_says(settings: Any) -> None:
    settings.ACCESSIBILITY_MAIL = "kontakt@example.se"
    leave_letter(WRITTEN, "a")
    leave_letter(Letter("Något annat."), "b")
    send_letters()
    send_letters()
    [sent] = mail.outbox
    assert sent.to == ["kontakt@example.se"] and "2 nya meddelanden" in sent.body
    assert f"{conf.ADDRESS}/tillganglighet/meddelanden/" in sent.body
    told = f"{sent.body} {sent.subject}"
    for said in ("Knappen", "siri@", "annat"):
        assert said not in told
    leave_letter(Letter("Ett till."), "c")
    assert tell_contact() == 1 and "1 nytt meddelande" in mail.outbox[1].body


def test_without_mail_nothing_is_lost(settings: Any) -> None:
    """No address, or a server that does not answer: it waits in the list, and is told of when that works."""
    leave_letter(WRITTEN, "a")
    settings.ACCESSIBILITY_MAIL = ""
    assert tell_contact() == 0
    settings.ACCESSIBILITY_MAIL = "kontakt@example.se"
    settings.EMAIL_BACKEND = f"{__name__}.Faulty"
    assert tell_contact() == 0 and waiting() == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert tell_contact() == 1 and len(mail.outbox) == 1


def test_what_is_dealt_with_is_not_told_of(greta: User, settings: Any) -> None:
    settings.ACCESSIBILITY_MAIL = "kontakt@example.se"
    leave_letter(WRITTEN, "a")
    with factories.acting(greta):
        set_handled(stored(), handled=True)
    assert tell_contact() == 0 and not mail.outbox


def test_beat_tells() -> None:
    planned = {one["task"] for one in app.conf.beat_schedule.values()}
    assert "finsam.send_letters" in planned and "finsam.send_letters" in app.tasks
