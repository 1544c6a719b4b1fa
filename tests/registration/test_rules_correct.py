"""`correct`: a new version, the old one kept for every uttag from before (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.encryption import decrypt_text
from finsam_site.access.models import Atkomst, Resultat
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Inregistrering, Utregistrering
from registration.rules.change_number import in_uppgifter
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import withdraw_samtycke
from registration.rules.findings import RuleError
from registration.rules.values import InUppgifter
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

REASON = "fel avlästa uppgifter"


def in_part(**changes: Any) -> InUppgifter:
    """The in-part of `factories.registered`, changed."""
    return factories.nytt_deltagande(0, insats_id="-", **changes).uppgifter


def refused(rattelse: Rattelse) -> list[str]:
    """The kinds of the findings that refuse the correction."""
    with factories.as_system(), pytest.raises(RuleError) as caught:
        correct(rattelse)
    return [one.kind for one in caught.value.findings]


def test_a_correction_is_a_new_version_and_the_old_one_stays() -> None:
    """The newest holds; the reason is kept, encrypted; one access-log row."""
    one = factories.registered(0)
    logged = Atkomst.objects.count()
    with factories.as_system():
        correct(Rattelse(one.pk, REASON, in_=in_part(kommunkod="0180", startdatum=dt.date(2023, 12, 31))))
    old, new = Inregistrering.unscoped.filter(deltagande=one)
    assert [(row.nr, row.kommun_id, row.startdatum) for row in (old, new)] == [
        (1, "0114", factories.START),
        (2, "0180", dt.date(2023, 12, 31)),
    ]
    assert (new.kon, new.fodelsear) == (old.kon, old.fodelsear)
    assert new.registrerad == new.mottagen > old.mottagen
    assert old.orsak_krypterad is None and new.orsak_krypterad is not None
    assert REASON.encode() not in bytes(new.orsak_krypterad)
    assert decrypt_text(new.orsak_krypterad, context=f"version.orsak:{new.pk}") == REASON
    row = Deltagande.unscoped.get(pk=one.pk)
    assert (row.aktuell_in, row.tidigaste_start_ar) == (new, 2023)
    assert factories.identitet_of(one).startdatum == dt.date(2023, 12, 31)
    assert Atkomst.objects.count() == logged + 1


def test_both_parts_may_be_corrected_at_once() -> None:
    """Start and slut move together; the years that narrow an uttag span every version."""
    one = factories.registered_out(factories.registered(0))
    with factories.as_system():
        correct(
            Rattelse(
                one.pk,
                REASON,
                in_=in_part(startdatum=dt.date(2025, 1, 10)),
                ut=factories.ut_uppgifter(slutdatum=dt.date(2025, 2, 1)),
            )
        )
    row = Deltagande.unscoped.get(pk=one.pk)
    assert row.aktuell_ut is not None
    assert (row.aktuell_in.nr, row.aktuell_ut.nr) == (2, 2)
    assert (row.tidigaste_start_ar, row.senaste_slut_ar) == (2024, 2025)
    identitet = factories.identitet_of(one)
    assert (identitet.startdatum, identitet.slutdatum) == (dt.date(2025, 1, 10), dt.date(2025, 2, 1))


def test_a_correction_says_what_and_why() -> None:
    """Without a reason, or without anything to correct, there is none."""
    one = factories.registered(0)
    assert refused(Rattelse(one.pk, "  ", in_=in_part(kommunkod="0180"))) == ["orsak_saknas"]
    assert refused(Rattelse(one.pk, REASON)) == ["inget_att_ratta"]
    assert Inregistrering.unscoped.count() == 1


def test_the_second_of_two_colleagues_is_told() -> None:
    """Who corrects says which versions were on the screen; older and never written ones are both refused."""
    one = factories.registered(0)
    with factories.as_system():
        correct(Rattelse(one.pk, REASON, in_=in_part(kommunkod="0180"), seen_in=1, seen_ut=0))
    on_screen: list[dict[str, Any]] = [{"seen_in": 1}, {"seen_in": 3}, {"seen_ut": 1}]
    for seen in on_screen:
        assert refused(Rattelse(one.pk, REASON, in_=in_part(kommunkod="0115"), **seen)) == ["andrat_av_annan"]
    assert Inregistrering.unscoped.count() == 2


def test_a_correction_is_known_after_what_it_corrects() -> None:
    """Else an uttag from in between would hold the old one for the newer."""
    one = factories.registered_out(
        factories.registered(0), registrerad=dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    )
    for moment in (factories.REGISTRERAD, factories.REGISTRERAD - dt.timedelta(days=1)):
        assert refused(Rattelse(one.pk, REASON, in_=in_part(), registrerad_in=moment)) == ["ej_senast"]
    early = Rattelse(one.pk, REASON, ut=factories.ut_uppgifter(), registrerad_ut=factories.REGISTRERAD)
    assert refused(early) == ["ej_senast"]
    with factories.as_system():
        correct(
            Rattelse(one.pk, REASON, in_=in_part(), registrerad_in=dt.datetime(2024, 2, 1, tzinfo=dt.UTC))
        )


def test_corrections_follow_the_rules_of_registrations() -> None:
    """Codes, dates, order of start and slut: all that is wrong at once."""
    one = factories.registered_out(factories.registered(0))
    wrong = in_part(kommunkod="9999", startdatum=factories.SLUT + dt.timedelta(days=1))
    assert refused(Rattelse(one.pk, REASON, in_=wrong)) == ["kommun_okand", "slut_fore_start"]
    ut = factories.ut_uppgifter(slutdatum=factories.START - dt.timedelta(days=1), arbetar=0)
    assert refused(Rattelse(one.pk, REASON, ut=ut)) == ["slut_fore_start", "arbete_utan_procent"]
    assert refused(
        Rattelse(one.pk, REASON, ut=factories.ut_uppgifter(avslutsanledning="aterkallat_samtycke"))
    ) == ["aterkalla_i_stallet"]
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert refused(Rattelse(one.pk, REASON, in_=in_part(), registrerad_in=tomorrow)) == [
        "registrerad_i_framtiden"
    ]


def test_behovsgrupp_is_not_slipped_in_by_a_correction() -> None:
    """The signed form decides at a correction too (DOMAIN §3): only a version that names behovsgrupp allows it."""
    one = factories.registered(0)
    assert refused(Rattelse(one.pk, REASON, in_=in_part(behovsgrupp="langtidssjukskrivna"))) == [
        "behovsgrupp_ej_i_formular"
    ]
    factories.formular("med-behovsgrupp", namner_behovsgrupp=True)
    two = factories.registered(1, formular="med-behovsgrupp")
    with factories.as_system():
        correct(Rattelse(two.pk, REASON, in_=in_part(behovsgrupp="langtidssjukskrivna")))
    assert refused(Rattelse(two.pk, REASON, in_=in_part(behovsgrupp="missbruk"))) == [
        "behovsgrupp_ej_per_person"
    ]


def test_who_is_not_out_cannot_have_the_end_corrected() -> None:
    """Registering out is another thing than correcting."""
    one = factories.registered(0)
    assert refused(Rattelse(one.pk, REASON, ut=factories.ut_uppgifter())) == ["ej_ute"]


def test_corrected_dates_may_not_overlap_another_deltagande() -> None:
    """Of the same person in the same insats, before as well as after; other insatser are free."""
    insats = factories.insats()
    first = factories.registered_out(factories.registered(0, insats=insats))
    again = factories.SLUT + dt.timedelta(days=10)
    later = dt.datetime(2024, 8, 1, tzinfo=dt.UTC)
    second = factories.registered(0, insats=insats, startdatum=again, undertecknat=again, registrerad=later)
    assert refused(Rattelse(second.pk, REASON, in_=in_part(startdatum=factories.SLUT))) == ["overlapp"]
    assert refused(Rattelse(first.pk, REASON, ut=factories.ut_uppgifter(slutdatum=again))) == ["overlapp"]
    with factories.as_system():
        correct(Rattelse(second.pk, REASON, in_=in_part(startdatum=factories.SLUT + dt.timedelta(days=1))))


def test_a_felregistrering_can_be_said_later_and_taken_back() -> None:
    """Taken back it is under the overlap rule again, and refused when somebody stands in its place by then."""
    insats = factories.insats()
    one = factories.registered_out(factories.registered(0, insats=insats))
    fel = factories.ut_uppgifter(slutdatum=None, avslutsanledning="felregistrering")
    with factories.as_system():
        correct(Rattelse(one.pk, REASON, ut=fel))
        assert factories.identitet_of(one).felregistrerad
        correct(Rattelse(one.pk, REASON, ut=factories.ut_uppgifter()))
        identitet = factories.identitet_of(one)
        assert (identitet.felregistrerad, identitet.slutdatum) == (False, factories.SLUT)
        correct(Rattelse(one.pk, REASON, ut=fel))
    factories.registered(0, insats=insats)
    assert refused(Rattelse(one.pk, REASON, ut=factories.ut_uppgifter())) == ["overlapp"]
    assert [row.felregistrering for row in Utregistrering.unscoped.filter(deltagande=one)] == [
        False,
        True,
        False,
        True,
    ]


def test_a_felregistrering_that_is_taken_back_lies_within_its_insats() -> None:
    """While it did not count, the insats got a later start."""
    insats = factories.insats()
    one = factories.registered_out(factories.registered(0, insats=insats))
    with factories.as_system():
        fel = factories.ut_uppgifter(slutdatum=None, avslutsanledning="felregistrering")
        correct(Rattelse(one.pk, REASON, ut=fel))
    insats.startdatum = factories.START + dt.timedelta(days=1)
    insats.save()
    ut = factories.ut_uppgifter()
    assert refused(Rattelse(one.pk, REASON, ut=ut)) == ["utanfor_insatsen"]
    with factories.as_system():
        correct(Rattelse(one.pk, REASON, in_=in_part(startdatum=insats.startdatum), ut=ut))
    assert factories.identitet_of(one).startdatum == insats.startdatum


def test_a_correction_keeps_kon_unless_it_is_said() -> None:
    """An import may say which kön a version from before a change of number has."""
    one = factories.registered(0)
    before = Inregistrering.unscoped.get(deltagande=one)
    other = "M" if before.kon == "K" else "K"
    with factories.as_system():
        correct(Rattelse(one.pk, REASON, in_=in_uppgifter(before), kon=other, fodelsear=1961))
    after = Inregistrering.unscoped.get(deltagande=one, nr=2)
    assert (after.kon, after.fodelsear) == (other, 1961)


def test_out_of_scope_withdrawn_and_unknown_look_the_same() -> None:
    """All three are refused with one text, logged, and nothing is written."""
    own, other = factories.insats(), factories.insats()
    theirs, gone = factories.registered(0, insats=other), factories.registered(1, insats=own)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with factories.acting(account):
        withdraw_samtycke([gone.pk])
    texts = set()
    for pk in (theirs.pk, gone.pk, uuid.uuid4()):
        with pytest.raises(AccessRefused) as caught, factories.acting(account):
            correct(Rattelse(pk, REASON, in_=in_part(kommunkod="0180")))
        texts.add(str(caught.value))
        assert Atkomst.objects.filter(objekt_id=str(pk), resultat=Resultat.NEKAT).count() == 1
    assert len(texts) == 1
    assert Inregistrering.unscoped.count() == 2
