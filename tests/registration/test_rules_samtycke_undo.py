"""A mark that an original was sent or received is taken back, by who may set it, as it was seen (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst
from registration.models import FELREGISTRERING, Samtycke
from registration.rules.erase import protect_identity, remove_felregistrerade, withdraw_samtycke
from registration.rules.register import Utskrivning, register_out
from registration.rules.samtycke import (
    Status,
    Utfall,
    Vantan,
    log_marks,
    mark_codes_sent,
    mark_received,
    mark_sent,
    samtycken_awaited,
)
from registration.rules.samtycke_undo import TakenBack, Why, take_back_received, take_back_sent
from registration.rules.values import UtUppgifter
from tests import factories
from tests.registration.test_rules_samtycke import TODAY, Case, case, now, status_of

__all__ = ["case"]
pytestmark = [pytest.mark.django_db, pytest.mark.both]

EARLIER = TODAY - dt.timedelta(days=20)


def log() -> list[tuple[str, str, str]]:
    return list(Atkomst.objects.order_by("id").values_list("objekt", "syfte", "resultat"))[-1:]


def test_sent_by_mistake_is_to_be_sent_again_and_can_be(case: Case) -> None:
    one, two = case.samtycke(1), case.samtycke(2)
    with factories.acting(case.eva):
        mark_sent([one.pk, two.pk])
        answer = take_back_sent({one.pk: TODAY})
        assert answer == TakenBack([one.referenskod])
        assert log() == [("deltagande", "samtyckets original inte skickat: markeringen borttagen", "utfort")]
        assert (status_of(one), status_of(two)) == (Status.UNDERTECKNAT, Status.SKICKAT)
        assert samtycken_awaited(Vantan.ATT_SKICKA).antal == 1
        mark_sent([one.pk], EARLIER)
        assert now(one).original_skickat == EARLIER


def test_one_that_was_lost_is_sent_anew(case: Case) -> None:
    """The day of the first signing stands, and the log says why the mark went."""
    one = case.samtycke(1)
    signed = one.undertecknat
    with factories.acting(case.eva):
        mark_sent([one.pk], EARLIER)
        take_back_sent({one.pk: EARLIER}, Why.BORT)
        assert log() == [("deltagande", "samtyckets original kom bort: ett nytt är underskrivet", "utfort")]
        [besked] = mark_codes_sent([one.referenskod])
    assert besked.dag == TODAY and now(one).original_skickat == TODAY and now(one).undertecknat == signed


def test_received_by_mistake_and_with_another_day(case: Case) -> None:
    one = case.samtycke(1)
    with factories.acting(case.ines):
        mark_received([one.referenskod], EARLIER)
        assert take_back_received({one.pk: EARLIER}).tillbaka == [one.referenskod]
        assert log() == [("samtycke", "samtyckets original inte mottaget: markeringen borttagen", "utfort")]
        assert now(one).original_mottaget is None
        mark_received([one.referenskod])
    assert now(one).original_mottaget == TODAY


def test_what_another_did_meanwhile_is_left_and_told(case: Case) -> None:
    other_day, came, gone, none = (case.samtycke(n) for n in range(1, 5))
    seen = {one.pk: TODAY for one in (other_day, came, gone, none)}
    with factories.acting(case.eva):
        mark_sent([other_day.pk], EARLIER)
        mark_sent([came.pk, gone.pk])
    with factories.acting(case.ines):
        mark_received([came.referenskod])
    with factories.acting(case.eva):
        withdraw_samtycke([gone.identitet.deltagande_id])
        rows = Atkomst.objects.count()
        answer = take_back_sent(seen)
        assert Atkomst.objects.count() == rows
    assert set(answer.andrade) == {one.referenskod for one in (other_day, came)}
    assert (answer.tillbaka, answer.redan, answer.bestaende) == ([], [none.referenskod], [gone.referenskod])
    assert now(other_day).original_skickat == EARLIER and now(came).original_skickat == TODAY
    with factories.acting(case.ines):
        assert take_back_received({came.pk: EARLIER}).andrade == [came.referenskod]
    assert now(came).original_mottaget == TODAY


def felregistrera(deltaganden: list[uuid.UUID]) -> None:
    register_out([Utskrivning(one, UtUppgifter(None, FELREGISTRERING)) for one in deltaganden])
    assert remove_felregistrerade() == len(deltaganden)


@pytest.mark.parametrize("decision", ["dnr 1", ""])
@pytest.mark.parametrize("remove", [withdraw_samtycke, protect_identity, felregistrera])
def test_the_receipt_of_somebody_gone_stays_as_it_is(
    case: Case, settings: Any, remove: Callable[[list[uuid.UUID]], object], decision: str
) -> None:
    """Withdrawn, protected or removed as a felregistrering, erased or locked: the receipt is the proof (GDPR 7.1)."""
    settings.ERASURE_DECISION, settings.FELREGISTRERING_DAYS = decision, 0
    sent, came, old = case.samtycke(1), case.samtycke(2), case.samtycke(3, inlast=True)
    with factories.acting(case.eva):
        mark_sent([sent.pk, came.pk, old.pk], EARLIER)
    with factories.acting(case.ines):
        mark_received([came.referenskod])
    factories.as_if_committed()
    with factories.as_system():
        remove([one.identitet.deltagande_id for one in (sent, came, old)])
    rows = Atkomst.objects.count()
    with factories.acting(case.eva):
        answer = take_back_sent({one.pk: EARLIER for one in (sent, came, old)})
        assert set(answer.bestaende) == {one.referenskod for one in (sent, came, old)}
    with factories.acting(case.ines):
        answer = take_back_received({sent.pk: TODAY, came.pk: TODAY})
        assert answer == TakenBack(redan=[sent.referenskod], bestaende=[came.referenskod])
        gone = Utfall.ATERKALLAT if remove is withdraw_samtycke else Utfall.BORTTAGET
        assert [one.utfall for one in mark_received([sent.referenskod, old.referenskod])] == [gone, gone]
    assert Atkomst.objects.count() == rows
    days = {one.original_skickat for one in map(now, (sent, came, old))}
    assert days == {EARLIER} and now(came).original_mottaget == TODAY


def test_a_mark_of_somebody_who_went_in_that_moment_is_logged_by_the_samtycke(case: Case) -> None:
    one, two = case.samtycke(1), case.samtycke(2)
    with factories.as_system():
        there = str(two.identitet.deltagande_id)
        protect_identity([one.identitet.deltagande_id])
    with factories.acting(case.eva):
        log_marks([now(one), now(two)], "prov")
    rows = Atkomst.objects.filter(syfte="prov").order_by("pk").values_list("objekt", "objekt_id", "insats")
    assert list(rows) == [
        ("deltagande", there, case.steget.pk),
        ("samtycke", str(one.pk), case.steget.pk),
    ]


def test_only_who_may_mark_takes_back_and_in_own_insatser_only(case: Case) -> None:
    theirs, own = case.samtycke(1, insats=case.granne), case.samtycke(2)
    Samtycke.unscoped.update(original_skickat=TODAY)
    with pytest.raises(AccessRefused), factories.acting(case.eva):
        take_back_sent({own.pk: TODAY, theirs.pk: TODAY})
    assert log() == [("samtycke", "markering som skickat borttagen", "nekat")]
    Samtycke.unscoped.update(original_mottaget=TODAY)
    with pytest.raises(AccessRefused), factories.acting(case.eva):
        take_back_received({own.pk: TODAY})
    with pytest.raises(AccessRefused), factories.acting(case.ines):
        take_back_sent({own.pk: TODAY})
    assert not Samtycke.unscoped.filter(original_skickat=None).exists()
    assert not Samtycke.unscoped.filter(original_mottaget=None).exists()
