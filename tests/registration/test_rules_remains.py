"""What is left of a deltagande whose identity is gone: plain values in, findings out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from registration.models import Deltagande, Identitet
from registration.rules.erase import withdraw_samtycke
from registration.rules.remains import (
    InRest,
    Rest,
    UtRest,
    check_rest,
    check_same_rest,
    check_times_of_rest,
    load_remains,
)
from tests import factories

pytestmark = pytest.mark.both

IN, OUT, GONE = (dt.datetime(2018, month, 1, tzinfo=dt.UTC) for month in (1, 6, 9))
REST = Rest("D1", "I1", GONE, "skyddad", {IN: InRest("K", 2018)}, {OUT: UtRest("K", 2018, False)})


def kinds(findings: Any) -> list[tuple[str, str]]:
    return [(one.field, one.kind) for one in findings]


def changed(**changes: Any) -> Rest:
    return dataclasses.replace(REST, **changes)


def test_years_and_times_are_in_order_and_the_reason_is_one() -> None:
    """A felregistrering may lack its slut year."""
    assert kinds(check_rest(REST)) == kinds(check_times_of_rest(REST)) == []
    assert kinds(check_rest(changed(orsak="lust"))) == [("orsak", "kod_okand")]
    for ute, found in (
        (UtRest("K", 2017, False), [("slut_ar", "slut_fore_start")]),
        (UtRest("K", None, False), [("slut_ar", "slut_saknas")]),
        (UtRest("K", None, True), []),
    ):
        assert kinds(check_rest(changed(uts={OUT: ute}))) == found
    early = changed(uts={IN - dt.timedelta(days=1): UtRest("K", 2018, False)})
    assert kinds(check_times_of_rest(early)) == [("registrerad_ut", "ut_fore_in")]


def test_what_is_left_does_not_change() -> None:
    """A version less, and the time at which it was first locked, are no other content."""
    kind = "annat_an_registrerat"
    earlier = changed(avidentifierad=OUT, uts={})
    assert kinds(check_same_rest(REST, REST)) == kinds(check_same_rest(earlier, REST)) == []
    for column, other in (
        ("insats_id", changed(insats_id="I2")),
        ("orsak", changed(orsak="aterkallat")),
        ("avidentifierad", changed(avidentifierad=GONE + dt.timedelta(days=1))),
        ("registrerad_in", changed(ins={IN: InRest("M", 2018)})),
        ("registrerad_in", changed(ins={OUT: InRest("K", 2018)})),
        ("registrerad_ut", changed(uts={OUT: UtRest("K", 2018, True)})),
        ("registrerad_ut", changed(uts={GONE: UtRest("K", 2018, False)})),
    ):
        assert kinds(check_same_rest(other, REST)) == [(column, kind)]


@pytest.mark.django_db
def test_what_is_left_is_read_of_those_that_are_gone_or_locked() -> None:
    """Of somebody who is still there it is None; somebody unknown is left out."""
    insats = factories.insats()
    gone, locked, there = (factories.registered(n, insats=insats) for n in range(3))
    with factories.as_system():
        withdraw_samtycke([gone.pk])
    Identitet.unscoped.filter(deltagande=locked.pk).update(begransad=GONE, begransad_orsak="skyddad")
    found = load_remains([gone.deltagande_id, locked.deltagande_id, there.deltagande_id, "unknown"])
    stored = Deltagande.unscoped.select_related("aktuell_in").get(pk=gone.pk)
    one, other = found[gone.deltagande_id], found[locked.deltagande_id]
    assert one and other and found[there.deltagande_id] is None and len(found) == 3
    assert (one.insats_id, one.avidentifierad, one.orsak) == (
        insats.insats_id, stored.avidentifierad, "aterkallat",
    )  # fmt: skip
    inne = stored.aktuell_in
    assert one.ins == {inne.registrerad: InRest(inne.kon, 2024)} and len(one.uts) == 1
    assert (other.avidentifierad, other.orsak, other.uts) == (GONE, "skyddad", {})
