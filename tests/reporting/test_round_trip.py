"""Export, import elsewhere, take the same uttag: the same hash (FORMATS §1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from django.core.management import call_command
from django.db import transaction

from finsam_site.access.models import User
from registration.models import Deltagande, Insats
from registration.personnummer import parse
from registration.rules.antal import AnonymaRad, record_anonyma
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.correct_number import correct_number
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.ownership import sync_ownership
from reporting.uttag.take import take_uttag
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def take_here_and_elsewhere(folder: Path, fill: Callable[[], None]) -> int:
    """Fill a register, take an uttag, bring the export into an empty register, take it again: all the same.

    Returns how many deltaganden there are.
    """
    user = User.objects.system()
    with transaction.atomic():
        fill()
        count = Deltagande.unscoped.count()
        before = take_uttag(user, 2024)
        call_command("export_register", str(folder))
        transaction.set_rollback(True)
    assert not Deltagande.unscoped.exists()
    call_command("import_register", str(folder))
    assert Deltagande.unscoped.count() == count
    after = take_uttag(user, 2024, before.uttag.as_of)
    assert after.uttag.content_hash == before.uttag.content_hash
    assert [result.rows for result in after.tables] == [result.rows for result in before.tables]
    return count


def other_kon(n: int) -> Literal["K", "M"]:
    return "M" if factories.nummer(n).kon == "K" else "K"


def test_an_export_imported_elsewhere_gives_the_same_hash(tmp_path: Path) -> None:
    """With corrections, a withdrawal, a protection, a changed number, a corrected one, felregistrering and anonyma in
    the register."""

    def fill() -> None:
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
        with factories.as_system():
            withdraw_samtycke([people[4].pk])
            protect_identity([people[0].pk])
            number = numbers.pick(50, kon=other_kon(5))
            new = parse(number, today=factories.START)
            change_number(people[5].pk, new, orsak="nytt kön")
            slip = parse(numbers.pick(51, kon=other_kon(6)), today=factories.START)
            correct_number([people[6].pk], slip, orsak="skrev av fel")
            record_anonyma(AnonymaRad(insats.pk, 2024, 3, 4), seen_nr=0)

    assert take_here_and_elsewhere(tmp_path / "export", fill) == 8


def test_a_start_that_was_corrected_before_the_insats_got_new_dates_comes_along(tmp_path: Path) -> None:
    """The old version lies outside the insats as it is now; every uttag from before still counts it."""

    def fill() -> None:
        insats = factories.insats()
        factories.registered(1, insats=insats)
        one = factories.registered(0, insats=insats)
        others = factories.insats(startdatum=dt.date(2020, 6, 1), forbund=insats.forbund)
        moved = factories.registered(2, insats=others)
        for deltagande in (one, moved):
            new = factories.nytt_deltagande(startdatum=dt.date(2024, 3, 1)).uppgifter
            with factories.as_system():
                correct(Rattelse(deltagande.pk, "fel dag", in_=new))
        Insats.unscoped.filter(pk=others.pk).update(startdatum=dt.date(2024, 2, 1))
        sync_ownership()

    assert take_here_and_elsewhere(tmp_path / "export", fill) == 3
