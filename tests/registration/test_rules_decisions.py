"""What the software leans on is recorded with versions, by rule and by command, and told where it was leant on."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Handling
from finsam_site.access.roles import Roll
from registration.models import Beslut
from registration.rules import decisions
from registration.rules.decisions import (
    decision_in_force,
    end_erasure_decision,
    erasure_decision,
    record_decision,
)
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


def test_who_recorded_it_and_when_stands_there_and_in_the_log() -> None:
    account = factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True)
    before = timezone.now()
    with factories.acting(account):
        made = record_decision(GALLRING, "dnr 1", today())
        ended = end_erasure_decision(today())
    assert {one.registrerad_av for one in Beslut.objects.all()} == {account}
    assert before <= made.registrerad <= ended.registrerad <= timezone.now()  # type: ignore[operator]
    rows = Atkomst.objects.filter(objekt="beslut").order_by("pk")
    assert list(rows.values_list("user", "handling", "objekt_id", "syfte")) == [
        (account.pk, Handling.SKAPAT, str(made.pk), "beslut inlagt: gallringsbeslut dnr 1"),
        (account.pk, Handling.SKAPAT, str(ended.pk), "beslut upphävt: gallringsbeslut dnr 1"),
    ]


def test_a_gallringsbeslut_is_ended_from_a_day_also_where_the_setting_names_one(settings: Any) -> None:
    """The last recorded word holds; what held until then stays, and another can come."""
    settings.ERASURE_DECISION = "dnr 0"
    with factories.as_system():
        end_erasure_decision(today() + dt.timedelta(days=1))
        assert erasure_decision() == "dnr 0"
        Beslut.objects.update(giltig_fran=today())
        assert erasure_decision() == ""
        with pytest.raises(RuleError, match="inget gallringsbeslut att upphäva"):
            end_erasure_decision(today())
        with pytest.raises(RuleError, match="Upphävandet av dnr 0 gäller från"):
            record_decision(GALLRING, "dnr 1", today() - dt.timedelta(days=1))
        record_decision(GALLRING, "dnr 1", today())
        assert erasure_decision() == "dnr 1"
        one = factories.registered(0)
        factories.as_if_committed()
        end_erasure_decision(today())
        withdraw_samtycke([one.pk])
    assert Atkomst.objects.get(handling=Handling.AVIDENTIFIERAT).syfte.endswith(
        "spärrat i väntan på gallringsbeslut"
    )
    assert list(Beslut.objects.order_by("version").values_list("referens", "upphavt")) == [
        ("dnr 0", True), ("dnr 1", False), ("dnr 1", True),
    ]  # fmt: skip
    with pytest.raises(IntegrityError, match="beslut_bara_gallring_upphavs"), transaction.atomic():
        Beslut.objects.create(slag=SAMTYCKE, version=1, referens="-", giltig_fran=today(), upphavt=True)


def test_two_at_the_same_moment_are_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with factories.as_system():
        record_decision(GALLRING, "dnr 1", today())
        monkeypatch.setattr(decisions, "_last", lambda slag: None)  # as it was when the other one looked
        with pytest.raises(RuleError, match="i samma ögonblick"):
            record_decision(GALLRING, "dnr 2", today())
        assert Atkomst.objects.filter(objekt="beslut").count() == 1
    assert Beslut.objects.get().referens == "dnr 1"


def test_without_a_recorded_one_the_setting_holds(settings: Any) -> None:
    settings.ERASURE_DECISION, settings.SAMTYCKE_DECISION = "", "dnr 7"
    assert (decision_in_force(GALLRING), decision_in_force(SAMTYCKE)) == ("", "dnr 7")


def test_what_cannot_be_recorded() -> None:
    """No reference, or in force from before the one that it replaces; and for whom it is."""
    with factories.as_system():
        record_decision(GALLRING, "dnr 1", today())
        with pytest.raises(RuleError, match="Beslutet före, dnr 1, gäller från") as early:
            record_decision(GALLRING, "dnr 2", today() - dt.timedelta(days=1))
        assert [one.kind for one in early.value.findings] == ["fore_forra"]
        with pytest.raises(RuleError, match="Skriv beslutets beteckning"):
            record_decision(GALLRING, "  ", today())
    account = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund())
    with factories.acting(account):
        with pytest.raises(AccessRefused):
            record_decision(GALLRING, "dnr 2", today())
        with pytest.raises(AccessRefused):
            end_erasure_decision(today())
    assert Beslut.objects.count() == 1


def test_the_log_says_which_decision_an_erasure_rested_on(settings: Any) -> None:
    """And without one that the identity was locked."""
    one, other = factories.registered(0), factories.registered(1)
    factories.as_if_committed()
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
    assert Beslut.objects.get().text == "Efter tio år." and f", inlagt {today()} " in said
    assert "Version 2: dnr 2" in beslut("gallring", "dnr 2")
    said = beslut("gallring", "--upphavt")
    assert (
        f"Version 3: dnr 2, upphävt från {today()}" in said and "Gallringsbeslut: inget gäller i dag." in said
    )
    for wrong, says in (
        (("gallring",), "Ange beslutets beteckning"),
        (("gallring", "--upphavt"), "inget gallringsbeslut att upphäva"),
        (("gallring", "dnr 3", "--upphavt"), "Bara gallringsbeslutet kan upphävas"),
        (("samtycke", "--upphavt"), "Bara gallringsbeslutet kan upphävas"),
        (("gallring", "dnr 3", "--fran", "2025-01-01"), "Ange den dagen eller en senare"),
        (("gallring", "dnr 3", "--text", str(tmp_path / "finns-inte")), "kan inte läsas"),
    ):
        with pytest.raises(CommandError, match=says):
            beslut(*wrong)
    assert Beslut.objects.count() == 3
