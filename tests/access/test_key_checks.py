"""Lost and swapped keys are noticed before anybody acts, not when something is decrypted one day (QUALITY §1)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from finsam_site.access import key_checks
from finsam_site.access.acting import acting_as
from finsam_site.access.key_checks import INDEX, WrongKeys, name_of, verify_keys
from finsam_site.access.models import Nyckelkontroll
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

KEY_ID = next(iter(django_settings.ENCRYPTION_KEYS))


@pytest.fixture(autouse=True)
def a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has not looked yet, on a database that has met the keys of the run."""
    verify_keys()
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_checks, "_held", set())


def act() -> None:
    with acting_as(factories.system()):
        pass


def refused() -> str:
    """The sentence that nobody acts because of; the system check says the same."""
    with pytest.raises(WrongKeys) as caught:
        act()
    said = [one.msg for one in run_checks(tags=[Tags.database], databases=["default"])]
    assert " ".join(map(str, said)) == str(caught.value)
    return str(caught.value)


def names() -> set[str]:
    return set(Nyckelkontroll.objects.values_list("namn", flat=True))


def test_a_database_has_met_its_keys_after_migrate(django_assert_num_queries: Any) -> None:
    """The value is not the key, and the second look of a process asks nothing."""
    assert {name_of(KEY_ID), INDEX} <= names()
    keys = {*django_settings.ENCRYPTION_KEYS.values(), django_settings.INDEX_KEY}
    assert not keys & {bytes(row.kontroll) for row in Nyckelkontroll.objects.all()}
    verify_keys()
    with django_assert_num_queries(0):
        verify_keys()
    call_command("check", databases=["default"])


def test_a_key_with_another_content_is_refused(settings: Any) -> None:
    """By its id, and never with a part of the key."""
    settings.ENCRYPTION_KEYS = {KEY_ID: os.urandom(32)}
    assert f"Nyckeln {KEY_ID} i FINSAM_ENCRYPTION_KEYS är inte den" in refused()


def test_a_key_that_is_gone_is_refused_until_nothing_needs_it(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {"ny": os.urandom(32)}
    assert f"Nyckeln {KEY_ID} saknas" in refused()
    assert name_of("ny") not in names()
    Nyckelkontroll.objects.filter(namn=name_of(KEY_ID)).update(avslutad=timezone.now())
    act()
    assert name_of("ny") in names()


def test_another_index_key_is_refused(settings: Any) -> None:
    """With it the same person would be registered as two."""
    settings.INDEX_KEY = os.urandom(32)
    assert "FINSAM_INDEX_KEY är inte den nyckel" in refused()


def test_every_fault_is_told_at_once(settings: Any) -> None:
    settings.INDEX_KEY, settings.ENCRYPTION_KEYS = os.urandom(32), {KEY_ID: os.urandom(32)}
    text = refused()
    assert "FINSAM_INDEX_KEY" in text and KEY_ID in text
    with pytest.raises(CommandError, match="finsam.E001"):
        call_command("check", databases=["default"])
    with pytest.raises(WrongKeys, match="FINSAM_INDEX_KEY"):
        call_command("migrate", verbosity=0)


def test_a_new_key_is_noted_at_its_first_use_and_held_from_then_on(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings.ENCRYPTION_KEYS[KEY_ID]
    settings.ENCRYPTION_KEYS = {"ny": os.urandom(32), KEY_ID: old}
    act()
    forget(monkeypatch)
    settings.ENCRYPTION_KEYS = {"ny": os.urandom(32), KEY_ID: old}
    assert "Nyckeln ny i FINSAM_ENCRYPTION_KEYS är inte den" in refused()


def test_a_key_that_nothing_needed_is_needed_again_when_it_comes_back_first(settings: Any) -> None:
    Nyckelkontroll.objects.filter(namn=name_of(KEY_ID)).update(avslutad=timezone.now())
    act()
    assert Nyckelkontroll.objects.get(namn=name_of(KEY_ID)).avslutad is None


def test_of_two_first_processes_with_different_keys_one_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's note lies there between our look and our note."""
    Nyckelkontroll.objects.all().delete()
    before = key_checks._check_values()
    noted = Nyckelkontroll.objects.bulk_create

    def late(*args: Any, **options: Any) -> Any:
        noted([Nyckelkontroll(namn=name, kontroll=value) for name, value in before.items()])
        return noted(*args, **options)

    settings.INDEX_KEY = os.urandom(32)
    monkeypatch.setattr(type(Nyckelkontroll.objects), "bulk_create", lambda self, *a, **o: late(*a, **o))
    with pytest.raises(WrongKeys, match="FINSAM_INDEX_KEY"):
        act()
    assert Nyckelkontroll.objects.filter(namn=INDEX).count() == 1


def test_without_a_table_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first migrate there is nothing to hold the keys against."""
    monkeypatch.setattr(connection.introspection, "table_names", lambda *args: [])
    assert key_checks.check_keys(databases=["default"]) == []
    key_checks.note_keys()
