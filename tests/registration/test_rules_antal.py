"""`record_anonyma` and `record_volym`: new totals as versions, under an optimistic lock (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Min

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.models import Atkomst, Resultat
from finsam_site.access.roles import Roll
from registration.models import Anonyma, Volym
from registration.rules.antal import (
    AnonymaRad,
    VolymRad,
    holding,
    record_anonyma,
    record_volym,
    write_anonyma,
)
from registration.rules.clock import writing_since
from registration.rules.findings import RuleError
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture(params=["anonyma", "volym"])
def counts(request: pytest.FixtureRequest) -> tuple[Any, Any, Any]:
    """(model, rule, row of a count n) for both kinds, each on an insats of its own."""
    if request.param == "anonyma":
        insats = factories.insats()
        return Anonyma, record_anonyma, lambda n, **more: AnonymaRad(insats.pk, 2024, n, 0, **more)
    insats = factories.volyminsats()
    return Volym, record_volym, lambda n, **more: VolymRad(insats.pk, 2024, n, **more)


def totals(model: Any) -> list[tuple[int, int]]:
    """(version, total) in order."""
    field = "kvinnor" if model is Anonyma else "antal"
    return list(model.unscoped.order_by("nr").values_list("nr", field))


def test_a_new_total_is_a_new_version(counts: tuple[Any, Any, Any]) -> None:
    """The old total stays for every uttag from before; who wrote it is kept."""
    model, record, rad = counts
    with factories.as_system() as actor:
        record(rad(3), seen_nr=0)
        record(rad(4), seen_nr=1)
    assert totals(model) == [(1, 3), (2, 4)]
    assert {row.registrerad_av for row in model.unscoped.all()} == {actor.user}


@pytest.mark.parametrize("seen", [0, 1, 3, 99])
def test_who_has_seen_another_version_is_refused(counts: tuple[Any, Any, Any], seen: int) -> None:
    """Older than the stored one, or one that never was: two colleagues never overwrite each other."""
    model, record, rad = counts
    with factories.as_system():
        record(rad(3), seen_nr=0)
        record(rad(4), seen_nr=1)
        with pytest.raises(RuleError) as caught:
            record(rad(5), seen_nr=seen)
    assert [found.kind for found in caught.value.findings] == ["andrat_av_annan"]
    assert totals(model) == [(1, 3), (2, 4)]


def test_two_who_pass_the_look_at_once_cannot_both_write(
    counts: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one who comes second meets the database's own rule and is told like any other; nothing else is undone."""
    model, record, rad = counts
    with factories.as_system():
        record(rad(3), seen_nr=0)
        record(rad(4), seen_nr=1)
        with monkeypatch.context() as patch:
            patch.setattr("registration.rules.antal.Max", Min)  # as it looked before the colleague's total
            with pytest.raises(RuleError) as caught:
                record(rad(5), seen_nr=1)
        assert [found.kind for found in caught.value.findings] == ["andrat_av_annan"]
        record(rad(6), seen_nr=2)
    assert totals(model) == [(1, 3), (2, 4), (3, 6)]


def test_years_and_insatser_are_counted_apart() -> None:
    """A version number belongs to one insats and one year; anonyma are given anew for another year."""
    one, two = factories.insats(), factories.insats()
    with factories.as_system():
        for insats, year in ((one, 2023), (one, 2024), (two, 2024)):
            record_anonyma(AnonymaRad(insats.pk, year, 1, 2), seen_nr=0)
    assert set(Anonyma.unscoped.values_list("nr", flat=True)) == {1}


def test_a_wrong_count_is_refused_whole() -> None:
    """The findings of the check, and nothing written."""
    person, volym = factories.insats(), factories.volyminsats()
    not_there = ["insats_ej_det_aret", "insats_registrerar_antal", "negativt"]
    too_many = ["insats_registrerar_personer", "kon_over_antal"]
    wrong: list[tuple[Any, Any, list[str]]] = [
        (record_anonyma, AnonymaRad(volym.pk, 2019, -1, 0), not_there),
        (record_volym, VolymRad(person.pk, 2024, 1, 1, 1), too_many),
    ]
    for record, rad, kinds in wrong:
        with factories.as_system(), pytest.raises(RuleError) as caught:
            record(rad, seen_nr=0)
        assert [found.kind for found in caught.value.findings] == kinds
    assert Anonyma.unscoped.count() == Volym.unscoped.count() == 0


def test_an_import_appends_in_the_order_given() -> None:
    """Numbered on from what is stored, each known from its own time."""
    insats = factories.insats()
    first = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    with factories.as_system():
        record_anonyma(AnonymaRad(insats.pk, 2024, 1, 0, first), seen_nr=0)
        rows = [AnonymaRad(insats.pk, 2024, n, 0, first + dt.timedelta(days=n)) for n in (2, 3)]
        write_anonyma(rows, now=writing_since())
    assert totals(Anonyma) == [(1, 1), (2, 2), (3, 3)]
    assert Anonyma.unscoped.get(nr=3).registrerad == first + dt.timedelta(days=3)


def test_the_latest_known_total_holds_not_the_last_written(counts: tuple[Any, Any, Any]) -> None:
    """An import may bring an older total after a newer one (FORMATS §1)."""
    model, record, rad = counts
    with factories.as_system():
        record(rad(3), seen_nr=0)
        record(rad(9, registrerad=dt.datetime(2024, 5, 1, tzinfo=dt.UTC)), seen_nr=1)
    assert totals(model) == [(1, 3), (2, 9)]
    found = holding(model.unscoped.all())
    assert found is not None and found.nr == 1
    assert holding(model.unscoped.none()) is None


@pytest.mark.parametrize("roll", list(Roll))
def test_who_gives_which_count(roll: Roll) -> None:
    """Anonyma the deltagaransvarig, volym the insatsansvarig, each in the own insatser; refusals are logged."""
    person = factories.insats()
    volym = factories.volyminsats(forbund=person.forbund)
    account = factories.user(roll)
    doors: list[tuple[Any, Any, Any, Roll]] = [
        (person, record_anonyma, AnonymaRad(person.pk, 2024, 1, 0), Roll.DELTAGARANSVARIG),
        (volym, record_volym, VolymRad(volym.pk, 2024, 1), Roll.INSATSANSVARIG),
    ]
    for insats, record, rad, may in doors:
        uppdrag = factories.uppdrag(account, roll, forbund=insats.forbund, insats=insats)
        if roll == may:
            with acting_as(account, uppdrag):
                record(rad, seen_nr=0)
        else:
            with pytest.raises(AccessRefused), acting_as(account, uppdrag):
                record(rad, seen_nr=0)
            assert Atkomst.objects.filter(objekt_id=str(insats.pk), resultat=Resultat.NEKAT).count() == 1


def test_only_in_the_own_insatser() -> None:
    """The same role with another insats gives no count here."""
    own, other = factories.insats(), factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with pytest.raises(AccessRefused), factories.acting(account):
        record_anonyma(AnonymaRad(other.pk, 2024, 1, 0), seen_nr=0)
    with factories.acting(account):
        record_anonyma(AnonymaRad(own.pk, 2024, 1, 0), seen_nr=0)
    assert Anonyma.unscoped.get().insats == own
