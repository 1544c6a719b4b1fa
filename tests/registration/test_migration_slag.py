"""The migration that reads once, out of the sealed reasons of before, what each version was made by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from finsam_site.access.encryption import DecryptionFailed
from finsam_site.access.guards import installed_triggers
from registration.models import Inregistrering
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import withdraw_samtycke
from registration.rules.version_rows import reason_given
from tests import factories
from tests.registration.test_guards import TRIGGERS

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

BEFORE = "0012_sparrade_i_ingens_vag"
BEGAN = "Nytt personnummer: "
TABLE = "registration_inregistrering"
WRITTEN = {2: "Fel på anmälan", 3: f"{BEGAN}Har fått personnummer", 4: BEGAN}
"""nr → the reason, as it was sealed then."""


@pytest.fixture
def before() -> Iterator[None]:
    """A database as it was: somebody with a version for each reason, and somebody who has withdrawn."""
    with factories.as_system():
        for one in (factories.registered(0), factories.registered(1)):
            answers = factories.nytt_deltagande(0, insats=one.insats).uppgifter
            for reason in WRITTEN.values():
                correct(Rattelse(one.pk, reason, in_=answers))
        withdraw_samtycke([one.pk])
    call_command("migrate", "registration", BEFORE, verbosity=0)
    yield
    if not there():  # a migrate brings the guards back, which have stepped aside for the tables to be emptied
        call_command("migrate", "registration", verbosity=0)


def there() -> bool:
    """Whether the column is."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, TABLE)
    return "slag" in {one.name for one in columns}


def versions() -> dict[int, tuple[str | None, str]]:
    """nr → what it was made by, and why, of the one who is there."""
    found = Inregistrering.unscoped.filter(startdatum__isnull=False)
    return {one.nr: (one.slag, reason_given(one)) for one in found}


def test_what_each_was_made_by_is_read_once(before: None, settings: Settings) -> None:
    """Without the key nothing is changed, and it may be run again when the key is back."""
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = {"annan": bytes(32)}
    with pytest.raises(DecryptionFailed, match=next(iter(keys))):
        call_command("migrate", "registration", verbosity=0)
    assert not there()
    settings.ENCRYPTION_KEYS = keys
    call_command("migrate", "registration", verbosity=0)
    assert versions() == {
        1: (None, ""),
        2: ("rattelse", "Fel på anmälan"),
        3: ("nummerbyte", "Har fått personnummer"),
        4: ("nummerbyte_utifran", ""),
    }
    gone = Inregistrering.unscoped.filter(startdatum__isnull=True)
    assert {(one.slag, one.orsak_krypterad) for one in gone} == {(None, None)} and len(gone) == 4
    assert installed_triggers() == TRIGGERS
