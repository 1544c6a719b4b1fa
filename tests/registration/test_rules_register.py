"""`register_in` and `register_out`: what is written, by whom, and what is refused whole (DOMAIN §3–4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, models
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, NoActor
from finsam_site.access.models import Atkomst, Handling, Resultat
from finsam_site.access.roles import Roll
from registration.models import (
    Anonyma,
    Deltagande,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Samtycke,
    Utregistrering,
)
from registration.rules.antal import AnonymaRad, record_anonyma
from registration.rules.clashes import clashes_told
from registration.rules.clock import writing_since
from registration.rules.correct import Rattelse, correct
from registration.rules.doors import moving_in
from registration.rules.findings import RuleError
from registration.rules.register import Utskrivning, persons_by_number, register_in, register_out
from registration.rules.reveal import decrypt
from tests import factories, numbers

pytestmark = [pytest.mark.both, pytest.mark.django_db]

WRITTEN: tuple[type[models.Model], ...] = (
    Person,
    Nummerhash,
    Samtycke,
    Deltagande,
    Inregistrering,
    Identitet,
)


def rows(*kinds: type[models.Model]) -> list[int]:
    """How many rows of each kind there are, past every scope."""
    return [
        model._base_manager.count() if model is Nummerhash else _unscoped(model).count() for model in kinds
    ]


def _unscoped(model: Any) -> Any:
    return model.unscoped


def kinds(caught: pytest.ExceptionInfo[RuleError]) -> list[str]:
    """The kinds of the findings that refused."""
    return [one.kind for one in caught.value.findings]


def test_registering_in_writes_every_part_once() -> None:
    """One person, look-up hash, samtycke, deltagande, version and identitet, and one row in the access log."""
    insats = factories.insats()
    factories.formular()
    logged = Atkomst.objects.count()
    one = factories.registered(0, insats=insats)
    assert rows(*WRITTEN) == [1] * len(WRITTEN)
    version = Inregistrering.unscoped.get()
    nummer = factories.nummer(0)
    assert (version.kon, version.fodelsear, version.insats_id) == (nummer.kon, nummer.birth_year, insats.pk)
    assert (version.kommun_id, version.startdatum, version.start_ar) == ("0114", factories.START, 2024)
    assert version.registrerad == factories.REGISTRERAD < version.mottagen
    row = Deltagande.unscoped.get()
    assert (row.aktuell_in, row.aktuell_ut, row.tidigaste_start_ar) == (version, None, 2024)
    identitet = factories.identitet_of(one)
    with factories.as_system():
        said = decrypt(identitet)
    assert (said.fornamn, said.efternamn, said.personnummer) == ("Förnamn0", "Efternamn0", nummer.digits)
    assert (identitet.startdatum, identitet.slutdatum, identitet.registrerad_dag) == (
        factories.START,
        None,
        factories.REGISTRERAD.date(),
    )
    assert Atkomst.objects.count() == logged + 1
    log = Atkomst.objects.order_by("pk").last()
    assert log is not None
    assert (log.handling, log.objekt_id, log.resultat) == (Handling.SKAPAT, str(one.pk), Resultat.UTFORT)


def test_one_person_has_many_deltaganden_each_with_its_own_samtycke() -> None:
    """The same number is the same person, in other insatser and again in the same one later."""
    insats = factories.insats()
    first = factories.registered(0, insats=insats)
    factories.registered_out(first)
    again = factories.SLUT + dt.timedelta(days=1)
    later = dt.datetime(2024, 7, 5, tzinfo=dt.UTC)
    factories.registered(0, insats=insats, startdatum=again, undertecknat=again, registrerad=later)
    factories.registered(0)
    assert rows(Person, Nummerhash, Samtycke, Deltagande, Identitet) == [1, 1, 3, 3, 3]


def test_everything_is_refused_when_one_row_is_wrong() -> None:
    """Every fault of every row comes back, and nothing is written."""
    insats = factories.insats()
    nya = [
        factories.nytt_deltagande(0, insats=insats),
        factories.nytt_deltagande(1, insats=insats, kommunkod="9999"),
        factories.nytt_deltagande(2, insats=insats, undertecknat=dt.date(2024, 1, 21)),
    ]
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in(nya)
    assert kinds(caught) == ["kommun_okand", "samtycke_efter_registrering"]
    assert rows(*WRITTEN) == [0] * len(WRITTEN)


def test_the_original_may_not_be_sent_before_it_is_signed() -> None:
    """What the database would refuse without a word is refused with a sentence."""
    ny = factories.nytt_deltagande(0, original_skickat=factories.UNDERTECKNAT - dt.timedelta(days=1))
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in([ny])
    assert kinds(caught) == ["fore_samtycket"]


@pytest.mark.parametrize("start", [factories.START, factories.SLUT, dt.date(2023, 1, 1)])
def test_nobody_takes_part_twice_at_a_time_in_one_insats(start: dt.date) -> None:
    """Refused with the period of the other, never a name: also a start on the day of the previous slut."""
    insats = factories.insats()
    factories.registered_out(factories.registered(0, insats=insats))
    ny = factories.nytt_deltagande(
        0,
        insats=insats,
        startdatum=start,
        undertecknat=start,
        registrerad=dt.datetime(2024, 7, 1, tzinfo=dt.UTC),
    )
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in([ny])
    assert kinds(caught) == ["overlapp"]
    assert f"{factories.START}–{factories.SLUT}" in str(caught.value)
    with factories.as_system():
        register_in([factories.nytt_deltagande(0, startdatum=start)])


def test_the_same_person_twice_in_one_go_is_an_overlap() -> None:
    """Also when nothing of the person is stored yet."""
    insats = factories.insats()
    twice = [factories.nytt_deltagande(0, insats=insats), factories.nytt_deltagande(0, insats=insats)]
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in(twice)
    assert kinds(caught) == ["overlapp"]


def test_registering_out_writes_a_version_and_closes_the_period() -> None:
    """Answers at the end stand in the version; the deltagande points to it; one access-log row."""
    one = factories.registered(0)
    logged = Atkomst.objects.count()
    when = dt.datetime(2024, 7, 1, 8, tzinfo=dt.UTC)
    factories.registered_out(one, registrerad=when, studerar=25)
    version = Utregistrering.unscoped.get()
    assert (version.slutdatum, version.slut_ar, version.avslutsanledning) == (
        factories.SLUT,
        2024,
        "enligt_plan",
    )
    assert (version.arbetar, version.typ_av_arbete, version.studerar) == (50, "ordinarie", 25)
    assert (version.registrerad, version.kommun_id) == (when, "0114")
    row = Deltagande.unscoped.get()
    assert (row.aktuell_ut, row.forst_ut, row.senaste_slut_ar) == (version, when, 2024)
    assert factories.identitet_of(one).slutdatum == factories.SLUT
    assert Atkomst.objects.count() == logged + 1


def test_out_only_once_and_never_by_withdrawal() -> None:
    """A second out is a correction, and a withdrawn samtycke is withdrawn, not registered out."""
    one = factories.registered(0)
    with pytest.raises(RuleError) as caught:
        factories.registered_out(one, avslutsanledning="aterkallat_samtycke")
    assert kinds(caught) == ["aterkalla_i_stallet"]
    factories.registered_out(one)
    with pytest.raises(RuleError) as caught:
        factories.registered_out(one)
    assert kinds(caught) == ["redan_ute"]
    assert rows(Utregistrering) == [1]


def test_out_is_not_known_before_in() -> None:
    """The out-registration cannot be older than the first in-registration."""
    one = factories.registered(0)
    with pytest.raises(RuleError) as caught:
        factories.registered_out(one, registrerad=factories.REGISTRERAD - dt.timedelta(seconds=1))
    assert kinds(caught) == ["ut_fore_in"]


def test_a_felregistrering_leaves_the_overlap_rule_at_once() -> None:
    """It asks for nothing, and the right registration of the same days can follow directly (DOMAIN §3)."""
    insats = factories.insats()
    wrong = factories.registered(0, insats=insats)
    factories.registered_out(
        wrong,
        slutdatum=None,
        avslutsanledning="felregistrering",
        forsorjning=None,
        arbetar=None,
        typ_av_arbete=None,
    )
    version = Utregistrering.unscoped.get()
    assert (version.felregistrering, version.slutdatum, version.slut_ar) == (True, None, None)
    identitet = factories.identitet_of(wrong)
    assert (identitet.felregistrerad, identitet.slutdatum) == (True, None)
    factories.registered(0, insats=insats)


def test_somebody_is_found_by_every_number_that_was_theirs() -> None:
    """Looked up by keyed hash; unknown numbers are left out."""
    one = factories.registered(0)
    known, unknown = numbers.pick(0), numbers.pick(1)
    assert persons_by_number([known, unknown]) == {known: factories.identitet_of(one).person_id}


# --- Registered late -------------------------------------------------------------------------------------------------


def left(**overrides: Any) -> Any:
    """The end of somebody who came and left in the spring before."""
    return factories.ut_uppgifter(slutdatum=dt.date(2023, 6, 15), **overrides)


def earlier(insats: Any, **overrides: Any) -> Any:
    """Person 0 from February 2023, to be registered after the stay of 2024."""
    values = {"startdatum": dt.date(2023, 2, 1), "undertecknat": dt.date(2023, 1, 30)} | overrides
    return factories.nytt_deltagande(0, insats=insats, **values)


def test_who_came_and_left_before_a_later_stay_is_registered_in_and_out_at_once() -> None:
    """Open, the earlier stay would run into the later; with its end it does not (DOMAIN §3)."""
    insats = factories.insats()
    later = factories.registered(0, insats=insats)
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in([earlier(insats)])
    assert kinds(caught) == ["overlapp"]
    logged = Atkomst.objects.count()
    with factories.as_system():
        one = register_in([earlier(insats, ut=left())])[0]
    factories.as_if_committed()
    version = Utregistrering.unscoped.get(deltagande=one)
    row = Deltagande.unscoped.get(pk=one.pk)
    assert (version.slutdatum, version.registrerad) == (dt.date(2023, 6, 15), factories.REGISTRERAD)
    assert (row.aktuell_ut, row.forst_ut, row.senaste_slut_ar) == (version, version.registrerad, 2023)
    assert factories.identitet_of(one).slutdatum == dt.date(2023, 6, 15)
    assert factories.identitet_of(later).person_id == factories.identitet_of(one).person_id
    assert list(Atkomst.objects.order_by("pk").values_list("handling", flat=True)[logged:]) == [
        Handling.SKAPAT,
        Handling.ANDRAT,
    ]


def test_an_end_that_is_wrong_refuses_the_whole() -> None:
    """Every rule of an end holds, and a stay that still overlaps is told."""
    insats = factories.insats()
    factories.registered(0, insats=insats)
    for ut, kind in (
        (left(avslutsanledning="felregistrering"), "felregistrering_direkt"),
        (left(avslutsanledning="aterkallat_samtycke"), "aterkalla_i_stallet"),
        (factories.ut_uppgifter(slutdatum=dt.date(2023, 1, 31)), "slut_fore_start"),
        (factories.ut_uppgifter(slutdatum=factories.START), "overlapp"),
    ):
        with factories.as_system(), pytest.raises(RuleError) as caught:
            register_in([earlier(insats, ut=ut)])
        assert kinds(caught) == [kind]
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in([earlier(None, insats_id="finns-inte", ut=left())])
    assert kinds(caught) == ["insats_okand"]
    assert rows(Deltagande, Utregistrering) == [1, 0]


def test_when_it_became_known_that_somebody_left_is_checked_as_it_is_written() -> None:
    """The end has a time of its own: not before the beginning's, and not to come (DOMAIN §5)."""
    insats = factories.insats()
    day = dt.timedelta(days=1)
    for known, kind in (
        (factories.REGISTRERAD - day, "ut_fore_in"),
        (timezone.now() + day, "registrerad_i_framtiden"),
    ):
        with factories.as_system(), pytest.raises(RuleError) as caught:
            register_in([earlier(insats, ut=left(), ut_registrerad=known)])
        assert kinds(caught) == [kind]
    with factories.as_system():
        one = register_in([earlier(insats, ut=left(), ut_registrerad=factories.REGISTRERAD + day)])[0]
    assert Utregistrering.unscoped.get(deltagande=one).registrerad == factories.REGISTRERAD + day


# --- What is in the way ----------------------------------------------------------------------------------------------


def test_an_id_that_is_taken_is_told() -> None:
    """Of a deltagande and of a samtycke, stored or given twice; in another insats too."""
    factories.registered(0, deltagande_id="D-1", referenskod="K-1")
    nya = [
        factories.nytt_deltagande(1, deltagande_id="D-1"),
        factories.nytt_deltagande(2, referenskod="K-1"),
        *(factories.nytt_deltagande(n, deltagande_id="D-2") for n in (3, 4)),
    ]
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_in(nya)
    assert sorted((one.field, one.kind) for one in caught.value.findings) == [
        ("deltagande_id", "redan_finns"),
        ("deltagande_id", "redan_finns"),
        ("referenskod", "redan_finns"),
    ]


def test_the_same_deltagande_twice_in_one_go_is_out_only_once() -> None:
    """Which of the two should hold is not guessed."""
    ut = Utskrivning(factories.registered(0).pk, factories.ut_uppgifter())
    with factories.as_system(), pytest.raises(RuleError) as caught:
        register_out([ut, ut])
    assert kinds(caught) == ["redan_ute", "redan_ute"]


def test_what_only_the_database_sees_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague who commits between look and write; any other fault of the database stays what it is."""
    factories.registered(0, deltagande_id="D-1")
    monkeypatch.setattr("registration.rules.register._taken_ids", lambda nya: [])
    with factories.as_system():
        with pytest.raises(RuleError) as caught:
            register_in([factories.nytt_deltagande(1, deltagande_id="D-1")])
        assert kinds(caught) == ["andrat_av_annan"]
        assert rows(Deltagande, Person) == [1, 1]
        with pytest.raises(IntegrityError), clashes_told():
            Samtycke.unscoped.update(undertecknat=None)


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_a_deltagaransvarig_registers_in_the_own_insats_and_nowhere_else() -> None:
    """Out of scope is refused and the try is logged; an insats that does not exist looks the same (DOMAIN §2)."""
    own, other = factories.insats(), factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with factories.acting(account):
        one = register_in([factories.nytt_deltagande(0, insats=own, registrerad=None)])[0]
        register_out([Utskrivning(one.pk, factories.ut_uppgifter())])
    messages = set()
    for insats_id in (other.insats_id, "finns-inte"):
        with pytest.raises(AccessRefused) as caught, factories.acting(account):
            register_in(
                [factories.nytt_deltagande(1, insats=own), factories.nytt_deltagande(1, insats_id=insats_id)]
            )
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert rows(Deltagande) == [1]
    refused = Atkomst.objects.filter(resultat=Resultat.NEKAT)
    assert [(row.objekt, row.objekt_id, row.user) for row in refused] == [
        ("insats", other.insats_id, account),
        ("insats", "finns-inte", account),
    ]


@pytest.mark.parametrize("roll", [roll for roll in Roll if roll != Roll.DELTAGARANSVARIG])
def test_no_other_role_registers_a_person_in_or_out(roll: Roll) -> None:
    """Not the insatsansvarig of the insats, not its förbund, not the nation: only the deltagaransvarig."""
    insats = factories.insats()
    one = factories.registered(0, insats=insats)
    account = factories.user(roll, forbund=insats.forbund, insats=insats)
    ny = factories.nytt_deltagande(1, insats=insats)
    with pytest.raises(AccessRefused), factories.acting(account):
        register_in([ny])
    with pytest.raises(AccessRefused), factories.acting(account):
        register_out([Utskrivning(one.pk, factories.ut_uppgifter())])
    assert rows(Deltagande, Utregistrering) == [1, 0]


def test_registering_out_somebody_elses_deltagande_is_refused() -> None:
    """Out of scope, withdrawn and never existing look the same from outside, and nothing of the batch is written."""
    own, other = factories.insats(), factories.insats()
    mine, theirs = factories.registered(0, insats=own), factories.registered(1, insats=other)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with pytest.raises(AccessRefused), factories.acting(account):
        register_out([Utskrivning(one.pk, factories.ut_uppgifter()) for one in (mine, theirs)])
    assert rows(Utregistrering) == [0]
    assert Atkomst.objects.filter(resultat=Resultat.NEKAT, objekt_id=str(theirs.pk)).count() == 1


def test_nobody_registers_without_acting_as_somebody() -> None:
    """Outside `acting_as` the rules do not run at all."""
    ny = factories.nytt_deltagande(0)
    with pytest.raises(NoActor):
        register_in([ny])


def test_an_insats_that_has_yet_to_begin_is_open_to_its_people() -> None:
    """Samtycke is taken and the true start registered before the first day, when the uppdrag holds."""
    tomorrow = dt.date.today() + dt.timedelta(days=2)
    insats = factories.insats(startdatum=tomorrow)
    factories.formular()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    with factories.acting(account):
        register_in(
            [
                factories.nytt_deltagande(
                    0, insats=insats, startdatum=tomorrow, undertecknat=dt.date(2024, 1, 1), registrerad=None
                )
            ]
        )
    assert rows(Deltagande) == [1]


def test_the_clock_is_read_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside one nobody would wait for the writer, so the clock refuses."""
    monkeypatch.setattr("registration.rules.clock.connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        writing_since()


def test_only_who_moves_a_register_in_says_when_it_became_known() -> None:
    """An earlier time would slip into an uttag that could not know it (DOMAIN §5). Each refusal is logged."""
    insats = factories.insats()
    one = factories.registered(0, insats=insats)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    when = factories.REGISTRERAD + dt.timedelta(days=400)
    said = factories.nytt_deltagande(1, insats=insats).uppgifter
    ny = factories.nytt_deltagande(1, insats=insats)
    tries: list[Any] = [
        lambda: register_in([ny]),
        lambda: register_in([replace(ny, registrerad=None, ut=left(), ut_registrerad=when)]),
        lambda: register_out([Utskrivning(one.pk, factories.ut_uppgifter(), registrerad=when)]),
        lambda: correct(Rattelse(one.pk, "fel", in_=said, registrerad_in=when)),
        lambda: correct(Rattelse(one.pk, "fel", ut=factories.ut_uppgifter(), registrerad_ut=when)),
        lambda: record_anonyma(AnonymaRad(insats.pk, 2024, 1, 0, when), seen_nr=0),
    ]
    for number, attempt in enumerate(tries, start=1):
        with pytest.raises(AccessRefused), factories.acting(account):
            attempt()
        refused = Atkomst.objects.filter(resultat=Resultat.NEKAT, syfte="ange registreringstid", user=account)
        assert refused.count() == number
    assert rows(Deltagande, Inregistrering, Utregistrering, Anonyma) == [1, 1, 0, 0]


def test_the_system_account_moves_in_in_the_names_of_others() -> None:
    """As the demo data does; nobody else opens that door, and it closes behind them."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    ny = factories.nytt_deltagande(0, insats=insats)
    with pytest.raises(AccessRefused), factories.acting(account), moving_in():
        pass
    with factories.as_system(), moving_in(), factories.acting(account):
        register_in([ny])
    assert Inregistrering.unscoped.get().registrerad == factories.REGISTRERAD
    with pytest.raises(AccessRefused), factories.as_system(), factories.acting(account):
        register_in([factories.nytt_deltagande(1, insats=insats)])
