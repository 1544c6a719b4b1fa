"""The migrations of what each version was made by, there and back: read once out of the sealed reasons of before, and
sealed into them again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from finsam_site.access.encryption import DecryptionFailed, decrypt_text
from finsam_site.access.guards import installed_triggers
from registration.models import Inregistrering, Samtyckesandring
from registration.rules.correct import Rattelse, correct
from registration.rules.correct_number import correct_number
from registration.rules.correct_samtycke import Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.erase import withdraw_samtycke
from registration.rules.facts import load_facts
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
    if (
        not current()
    ):  # a migrate brings the guards back, which have stepped aside for the tables to be emptied
        call_command("migrate", "registration", verbosity=0)


def current() -> bool:
    """Whether the database stands at the newest migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def there() -> bool:
    """Whether the column is."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, TABLE)
    return "slag" in {one.name for one in columns}


def sealed_reasons() -> dict[int, str]:
    """nr → the reason, in clear, as the database holds it."""
    rows = Inregistrering.unscoped.filter(startdatum__isnull=False, orsak_krypterad__isnull=False)
    return {
        nr: decrypt_text(token, context=f"version.orsak:{pk}")
        for pk, nr, token in rows.values_list("pk", "nr", "orsak_krypterad")
    }


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


def test_taken_back_the_reasons_are_as_they_were(before: None) -> None:
    """So that the code of before does not tell who changed a number from another insats; and forward again."""
    call_command("migrate", "registration", verbosity=0)
    first = versions()
    assert sealed_reasons() == {2: "Fel på anmälan", 3: "Har fått personnummer"}
    call_command("migrate", "registration", BEFORE, verbosity=0)
    assert not there() and sealed_reasons() == WRITTEN
    call_command("migrate", "registration", verbosity=0)
    assert versions() == first and installed_triggers() == TRIGGERS


@pytest.fixture
def back() -> Iterator[None]:
    """Forward again, whatever was taken back."""
    yield
    if not current():
        call_command("migrate", "registration", verbosity=0)


def test_a_corrected_slip_is_a_plain_correction_before(back: None) -> None:
    with factories.as_system():
        correct_number([factories.registered(0).pk], factories.nummer(1), orsak="Skrev fel")
    call_command("migrate", "registration", "0014_samtyckesandring", verbosity=0)
    assert versions()[2] == ("rattelse", "Skrev fel")
    call_command("migrate", "registration", verbosity=0)
    assert versions()[2] == ("rattelse", "Skrev fel") and installed_triggers() == TRIGGERS


def test_corrections_of_a_samtycke_are_not_dropped(back: None) -> None:
    with factories.as_system():
        one = factories.registered(0)
        signed = factories.samtycke_of(one)
        said = Samtyckesrattelse(one.pk, signed.undertecknat, signed.formular.version, "en", Skal.SKREV_FEL)
        correct_samtycke(said, load_facts({one.insats.insats_id}))
    with pytest.raises(IrreversibleError, match="rättelser av samtycken"):
        call_command("migrate", "registration", "0013_rattelsens_slag", verbosity=0)
    assert Samtyckesandring.unscoped.count() == 1
    call_command("migrate", "registration", verbosity=0)
    assert installed_triggers() == TRIGGERS


def test_before_corrections_of_samtycken_the_other_guards_hold(back: None) -> None:
    call_command("migrate", "registration", "0013_rattelsens_slag", verbosity=0)
    gone = {one for one in TRIGGERS if "samtyckesandring" in one}
    assert installed_triggers() == TRIGGERS - gone and len(gone) == 3
    call_command("migrate", "registration", verbosity=0)
    assert installed_triggers() == TRIGGERS
