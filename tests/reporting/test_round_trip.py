"""Export, import elsewhere, take the same uttag: the same hash (FORMATS §1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.models import Deltagande
from registration.personnummer import parse
from registration.rules.antal import AnonymaRad, record_anonyma
from registration.rules.change_number import change_number
from registration.rules.erase import protect_identity, withdraw_samtycke
from reporting.uttag.take import take_uttag
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def test_an_export_imported_elsewhere_gives_the_same_hash(tmp_path: Path) -> None:
    """With corrections, a withdrawal, a protection, a changed number, felregistrering and anonyma in the register."""
    user = User.objects.system()
    with transaction.atomic():
        insats = factories.insats()
        people = [factories.registered(n, insats=insats) for n in range(7)]
        other = factories.insats()
        factories.registered(0, insats=other)
        for one in people[:3]:
            factories.registered_out(one)
        factories.registered_out(
            people[3], slutdatum=None, avslutsanledning="felregistrering", forsorjning=None, arbetar=None,
            typ_av_arbete=None,
        )  # fmt: skip
        with acting_as(user):
            withdraw_samtycke([people[4].pk])
            protect_identity([people[0].pk])
            number = numbers.pick(50, kon="M" if factories.nummer(5).kon == "K" else "K")
            new = parse(number, today=factories.START)
            change_number(people[5].pk, new, orsak="nytt kön")
            record_anonyma(AnonymaRad(insats.pk, 2024, 3, 4), seen_nr=0)
        before = take_uttag(user, 2024)
        assert Deltagande.unscoped.count() == 8
        call_command("export_register", str(tmp_path / "export"))
        transaction.set_rollback(True)
    assert not Deltagande.unscoped.exists()
    call_command("import_register", str(tmp_path / "export"))
    assert Deltagande.unscoped.count() == 8
    after = take_uttag(user, 2024, before.uttag.as_of)
    assert after.uttag.content_hash == before.uttag.content_hash
    assert [result.rows for result in after.tables] == [result.rows for result in before.tables]
