"""`rotate_keys`: everything sealed anew, the old key gone, and everything still there to be read (QUALITY §1)."""

from __future__ import annotations

import datetime as dt
import os
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.utils import timezone

from finsam_site.access import encryption, rotation
from finsam_site.access.acting import acting_as
from finsam_site.access.guards import installed_triggers, lifted
from finsam_site.access.key_checks import name_of
from finsam_site.access.models import Atkomst, Nyckelkontroll, Undanlagt
from finsam_site.access.rotation import columns, rotate
from finsam_site.access.sealed_columns import context_of, open_text, seal_text, sealed_models
from finsam_site.accessibility.models import Meddelande
from registration import uploads
from registration.models import (
    Anonyma,
    Fraga,
    Inregistrering,
    Samtycke,
    Samtyckesskanning,
    Svar,
    Utkast,
    Utregistrering,
)
from registration.rules.correct import Rattelse, correct
from registration.rules.reveal import decrypt
from registration.sealed import SealedWriter
from reporting.models import Uttag
from reporting.uttag.take import take_uttag, verify_uttag
from tests import factories
from tests.registration import races

pytestmark = [pytest.mark.both, pytest.mark.django_db]

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="promised for PostgreSQL only")


@pytest.fixture
def old() -> str:
    """The id of the key that everything is sealed with: two persons with all that is sealed about them."""
    insats = factories.insats()
    fraga = Fraga.objects.create(
        forbund=insats.forbund, text="?", tillfalle="in", svarstyp="text", giltig_fran=factories.INSATS_START
    )
    for n in range(2):
        one = factories.registered(n, insats=insats)
        with factories.as_system():
            correct(Rattelse(one.pk, f"skäl {n}", in_=factories.nytt_deltagande(n, insats_id="-").uppgifter))
        when = timezone.now()
        signed = Samtycke.unscoped.get(identitet__deltagande=one)
        scan = Samtyckesskanning(samtycke=signed, insats=insats, mediatyp="image/png", inlagd=when)
        answer = Svar(fraga=fraga, deltagande=one, insats=insats, besvarad=when)
        draft = Utkast(
            user=factories.system(), slag="register_in", insats=insats, steg="innan", skapad=when, andrad=when
        )
        letter = Meddelande(nyckel=str(n), skickat=when)
        laid = Undanlagt(user=factories.system(), slag="kvitto", till=when)
        for row, field in (
            (letter, "innehall_krypterat"),
            (laid, "innehall_krypterat"),
            (scan, "innehall_krypterat"),
            (answer, "svar_krypterat"),
            (draft, "innehall_krypterat"),
        ):
            seal_text(row, field, f"text {n}")
            row.save(force_insert=True)
        factories.registered_out(one)
        with factories.as_system():
            correct(Rattelse(one.pk, f"utskäl {n}", ut=factories.ut_uppgifter(slutdatum=dt.date(2024, 5, 1))))
    factories.as_if_committed()
    return encryption.key_id(encryption.encrypt(b"", context="-"))


@pytest.fixture
def new(old: str, settings: Any) -> str:
    """A new key stands first; the old one still reads."""
    settings.ENCRYPTION_KEYS = {"ny": os.urandom(32)} | settings.ENCRYPTION_KEYS
    return "ny"


def texts() -> list[str]:
    """Every sealed value in clear. Fails when one needs a key that is not there."""
    return sorted(
        open_text(row, column.field)
        for column in columns()
        for row in column.rows().annotate(whole=models.F(column.field))
    )


def said(*args: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *args, stdout=out)
    return out.getvalue()


def test_every_encrypted_column_is_declared() -> None:
    """By its name; a column that is not would keep its old key in silence."""
    named = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_krypterat") or field.name.endswith("_krypterad")
    }
    assert named == {(column.model, column.field) for column in columns()}
    assert len(list(sealed_models())) == 9


def test_the_old_key_is_taken_away_and_everything_is_read(old: str, new: str, settings: Any) -> None:
    """Values, versions and the look-up stay what they were; the guards are back; one row in the access log."""
    before = texts()
    versions = list(Inregistrering.unscoped.order_by("pk").values_list("pk", "registrerad", "startdatum"))
    triggers, logged = installed_triggers(), Atkomst.objects.count()
    answer = said()
    assert "identiteter: fornamn: 2 omkrypterade" in answer
    assert "inregistreringar: orsak: 2 omkrypterade" in answer
    assert f"Nyckeln {old} behövs inte och kan tas bort" in answer
    settings.ENCRYPTION_KEYS = {new: settings.ENCRYPTION_KEYS[new]}
    assert texts() == before and len(before) == 2 * len(list(columns()))
    with acting_as(factories.system()):
        assert {decrypt(row).fornamn for row in factories.Identitet.unscoped.all()} == {
            "Förnamn0",
            "Förnamn1",
        }
    assert (
        list(Inregistrering.unscoped.order_by("pk").values_list("pk", "registrerad", "startdatum"))
        == versions
    )
    assert installed_triggers() == triggers
    assert [row.objekt_id for row in Atkomst.objects.order_by("pk")[logged:] if row.objekt == "nyckel"] == [
        new
    ]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Inregistrering.unscoped.update(start_ar=1999)


def test_it_goes_on_where_it_was_stopped(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done is not done again, and a second run has nothing to do."""
    monkeypatch.setattr(rotation, "BATCH", 1)
    steps: list[str] = []

    def stop(label: str, done: int) -> None:
        steps.append(label)
        if len(steps) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(stop)
    assert f"Nyckeln {old} behövs för" in said("--check")
    done = sum(rotate().rows.values())
    assert done == len(texts()) - 3
    assert rotate().rows == {}
    assert "Allt i databasen var redan krypterat" in said()


def test_what_keeps_its_key_is_named_and_the_key_stays_needed(
    old: str, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen uttag is never sealed anew, a waiting upload goes by itself; until then the key may not be missing."""
    settings.FINSAM_VAR = tmp_path
    uttag = take_uttag(factories.system(), 2024).uttag
    writer = SealedWriter(uploads.folder() / "a", "upload:1:a")
    writer.write(b"x")
    writer.finish()
    settings.ENCRYPTION_KEYS = {"ny": os.urandom(32)} | settings.ENCRYPTION_KEYS
    answer = said()
    assert f"Nyckeln {old} behövs för" in answer
    assert "frysta uttag (1)" in answer and "uppladdade filer, som är borta inom ett dygn (1)" in answer
    assert Nyckelkontroll.objects.get(namn=name_of(old)).avslutad is None
    verify_uttag(Uttag.objects.get(pk=uttag.pk))


def test_a_key_that_is_gone_though_nothing_needs_it_is_no_fault(settings: Any) -> None:
    """Somebody put a key in and took it out again: the command notes that it may be missing."""
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = keys | {"onodig": os.urandom(32)}
    with acting_as(factories.system()):
        pass
    settings.ENCRYPTION_KEYS = keys
    said("--check")
    with acting_as(factories.system()):
        pass


def test_what_cannot_be_read_is_left_and_told(old: str, new: str) -> None:
    """One damaged value does not keep the others from being sealed anew."""
    row = factories.Identitet.unscoped.order_by("pk").first()
    assert row is not None
    other = bytes(row.efternamn_krypterat)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encryption, "_current_key", lambda: (old, encryption._keys()[old]))
        wrong = encryption.encrypt(b"x", context="annat:1")
    factories.Identitet.unscoped.filter(pk=row.pk).update(fornamn_krypterat=wrong)
    with pytest.raises(CommandError, match=r"identiteter: fornamn \(1\)"):
        call_command("rotate_keys", stdout=StringIO())
    row = factories.Identitet.unscoped.get(pk=row.pk)
    assert bytes(row.fornamn_krypterat) == wrong and bytes(row.efternamn_krypterat) != other
    assert context_of(row, "fornamn_krypterat") == f"identitet.fornamn:{row.pk}"


def test_a_guard_is_lifted_for_a_transaction_only(old: str) -> None:
    """Undone, it was never gone; and only for changes, never for deletes."""
    before = installed_triggers()
    with pytest.raises(ZeroDivisionError), transaction.atomic(), lifted(Utregistrering):
        raise ZeroDivisionError
    assert installed_triggers() == before
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), lifted(Utregistrering):
        Utregistrering.unscoped.all()._raw_delete("default")
    with transaction.atomic(), lifted(Anonyma), lifted(factories.Identitet):
        pass
    assert installed_triggers() == before


@postgresql
def test_who_does_not_own_the_tables_is_told(old: str, new: str) -> None:
    """The application's role can neither lift a guard nor rotate."""
    with races.as_app_role():
        with pytest.raises(CommandError, match="äger inte tabellerna"), transaction.atomic():
            call_command("rotate_keys", stdout=StringIO())
        with pytest.raises(ProgrammingError), transaction.atomic(), lifted(Inregistrering):
            pass
