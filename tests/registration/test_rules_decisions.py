"""What the software leans on is recorded with versions, by rule and by command, and told where it was leant on."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Handling
from finsam_site.access.roles import Roll
from registration.models import Beslut
from registration.rules.decisions import decision_in_force, erasure_decision, record_decision
from registration.rules.erase import withdraw_samtycke
from registration.rules.findings import RuleError
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]

GALLRING, SAMTYCKE = Beslut.Slag.GALLRING, Beslut.Slag.SAMTYCKETS_INNEBORD


def today() -> dt.date:
    return timezone.localdate()


def beslut(*args: str) -> str:
    said = io.StringIO()
    call_command("beslut", *args, stdout=said)
    return said.getvalue()


def test_each_kind_has_versions_of_its_own_and_the_newest_that_has_begun_holds() -> None:
    with factories.as_system():
        first = record_decision(GALLRING, " dnr 1 ", today())
        second = record_decision(GALLRING, "dnr 2", today() + dt.timedelta(days=1), text="Efter tio år.")
        other = record_decision(SAMTYCKE, "dnr 3", today())
    assert [one.version for one in (first, second, other)] == [1, 2, 1]
    assert (decision_in_force(GALLRING), decision_in_force(SAMTYCKE)) == ("dnr 1", "dnr 3")
    assert erasure_decision() == "dnr 1" and Beslut.objects.count() == 3


def test_without_a_recorded_one_the_setting_holds(settings: Any) -> None:
    settings.ERASURE_DECISION, settings.SAMTYCKE_DECISION = "", "dnr 7"
    assert (decision_in_force(GALLRING), decision_in_force(SAMTYCKE)) == ("", "dnr 7")


def test_what_cannot_be_recorded() -> None:
    """No reference, or in force from before the one that it replaces; and for whom it is."""
    with factories.as_system():
        record_decision(GALLRING, "dnr 1", today())
        with pytest.raises(RuleError, match="Beslutet före, dnr 1, gäller från"):
            record_decision(GALLRING, "dnr 2", today() - dt.timedelta(days=1))
        with pytest.raises(RuleError, match="Skriv beslutets beteckning"):
            record_decision(GALLRING, "  ", today())
    account = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund())
    with factories.acting(account), pytest.raises(AccessRefused):
        record_decision(GALLRING, "dnr 2", today())
    assert Beslut.objects.count() == 1


def test_the_log_says_which_decision_an_erasure_rested_on(settings: Any) -> None:
    """And without one that the identity was locked."""
    one, other = factories.registered(0), factories.registered(1)
    connection.check_constraints()  # registered before anybody withdraws, as it is in two transactions
    with factories.as_system():
        record_decision(GALLRING, "dnr 1", today())
        withdraw_samtycke([one.pk])
        Beslut.objects.all().delete()
        settings.ERASURE_DECISION = ""
        withdraw_samtycke([other.pk])
    rows = Atkomst.objects.filter(handling=Handling.AVIDENTIFIERAT).order_by("pk")
    assert list(rows.values_list("syfte", flat=True)) == [
        "samtycket återkallades, enligt gallringsbeslut dnr 1",
        "samtycket återkallades, spärrat i väntan på gallringsbeslut",
    ]


def test_the_command_shows_and_records(tmp_path: Path, settings: Any) -> None:
    settings.ERASURE_DECISION = ""
    assert "Gallringsbeslut: inget gäller i dag." in beslut()
    text = tmp_path / "beslut.txt"
    text.write_text("Efter tio år.", encoding="utf-8")
    said = beslut("gallring", "dnr 1", "--fran", "2026-01-01", "--text", str(text))
    assert "Gallringsbeslut: dnr 1 gäller i dag." in said and "Version 1: dnr 1, från 2026-01-01" in said
    assert Beslut.objects.get().text == "Efter tio år."
    assert "Version 2: dnr 2" in beslut("gallring", "dnr 2")
    for wrong, says in (
        (("gallring",), "Ange beslutets beteckning"),
        (("gallring", "dnr 3", "--fran", "2025-01-01"), "Ange den dagen eller en senare"),
        (("gallring", "dnr 3", "--text", str(tmp_path / "finns-inte")), "kan inte läsas"),
    ):
        with pytest.raises(CommandError, match=says):
            beslut(*wrong)
    assert Beslut.objects.count() == 2
