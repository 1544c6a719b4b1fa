"""What a dataskyddsgranskare found stays open from request to request: to whom, for how long, and what is logged."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, NoActor, acting_as
from finsam_site.access.models import Atkomst, Undanlagt, User
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from registration.models import Avidentifiering, Deltagande, Forbund, Identitet, Samtycke
from registration.rules import kvitto
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.correct_samtycke import Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.erase import erase_locked, protect_identity, withdraw_samtycke
from registration.rules.facts import load_facts
from registration.rules.names import NyttNamn, correct_names
from registration.rules.reveal import reveal
from registration.rules.uppslag import (
    KIND,
    LONGEST,
    UNUSED,
    Syfte,
    Uppslag,
    UppslagBorta,
    live,
    look,
    look_up,
    reopen,
    who_looked,
)
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]

WHY = "personen vill återkalla sitt samtycke"
Later = Callable[[dt.timedelta], None]


@pytest.fixture
def one() -> Deltagande:
    return factories.registered(0)


def granskare(forbund: Forbund | None = None, **more: Any) -> User:
    account = factories.user(Roll.DATASKYDDSGRANSKARE, **more)
    factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE, forbund=forbund)
    return account


def search(account: User, n: int = 0) -> uuid.UUID:
    """The key of what the account found of person `n`."""
    with factories.acting(account):
        found = look_up(factories.nummer(n), Syfte.ATERKALLA)
        assert found is not None
        return found.id


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let time pass."""

    def passes(time: dt.timedelta) -> None:
        now = timezone.now() + time
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    return passes


def rows() -> list[tuple[str, str, str, str]]:
    """(handling, object's id, purpose, result) of the access log, in order."""
    found = Atkomst.objects.exclude(handling="skapat").order_by("pk")
    return list(found.values_list("handling", "objekt_id", "syfte", "resultat"))


# --- Looking up and opening again ------------------------------------------------------------------------------------


def test_what_was_found_is_opened_again_and_each_look_is_a_row(one: Deltagande) -> None:
    two, other = factories.registered(0), factories.registered(1)
    account = granskare()
    key = search(account)
    both = {str(one.pk), str(two.pk)}
    assert {row[1:] for row in rows()} == {(pk, f"sökning: {WHY}", "utfort") for pk in both}
    assert len(rows()) == 2
    with factories.acting(account):
        assert not Deltagande.objects.exists()
        uppslag = reopen(key)
        assert len(rows()) == 2  # opened, and nothing looked at
        assert {str(pk) for pk in uppslag.deltaganden} == both
        assert not Deltagande.objects.filter(pk=other.pk).exists()
        seen = look(uppslag, "visa personen")
    assert [one.namn.fornamn for one in seen if one.namn] == ["Förnamn0"] * 2
    assert sorted(rows()[2:]) == sorted(("last", pk, f"visa personen: {WHY}", "utfort") for pk in both)
    with factories.acting(account):
        assert not Deltagande.objects.exists()


def test_neither_number_nor_name_is_kept(one: Deltagande) -> None:
    account = granskare()
    with factories.acting(account):
        found = look_up(factories.nummer(0), Syfte.INSYN)
        assert found is not None
        said = f"{found!r}{look(found, 'visa')!r}"
    assert factories.nummer(0).digits not in said and "Förnamn0" not in said
    assert all("Förnamn0" not in row[2] for row in rows())


def test_nobody_and_nobody_in_reach_are_the_same(one: Deltagande, django_assert_num_queries: Any) -> None:
    """The same answer, the same row, the same number of statements."""
    account = granskare(factories.forbund())
    told = []
    for n in (0, 7):
        before = len(rows())
        with factories.acting(account), django_assert_num_queries(4):
            assert look_up(factories.nummer(n), Syfte.INSYN) is None
        told.append(rows()[before:])
    assert (
        told[0]
        == told[1]
        == [("sokt", "ingen träff", "sökning: personen vill veta vem som har tittat", "utfort")]
    )


def refused(account: User, key: uuid.UUID, **more: Any) -> None:
    """It is not opened, which is one row."""
    before = len(rows())
    with factories.acting(account):
        with pytest.raises(UppslagBorta):
            reopen(key, **more)
        assert not Deltagande.objects.exists()
    assert rows()[before:] == [("last", "uppslag", "öppna en sökning", "nekat")]


def test_another_granskare_does_not_open_it(one: Deltagande) -> None:
    key = search(granskare())
    refused(granskare(), key)


def test_another_key_opens_nothing(one: Deltagande) -> None:
    account = granskare()
    search(account)
    refused(account, uuid.uuid4())


def test_it_closes_when_it_is_not_used(one: Deltagande, later: Later) -> None:
    account = granskare()
    key = search(account)
    later(UNUSED - dt.timedelta(seconds=5))
    with factories.acting(account):
        assert reopen(key).deltaganden == (one.pk,)
    later(dt.timedelta(seconds=5))
    refused(account, key)


def test_what_an_open_page_asks_for_is_taken_for_an_hour(one: Deltagande, later: Later) -> None:
    """However long it took to fill in; then not even that."""
    account = granskare()
    key = search(account)
    later(LONGEST - dt.timedelta(seconds=5))
    refused(account, key)
    with factories.acting(account):
        assert reopen(key, sent=True).deltaganden == (one.pk,)
    later(dt.timedelta(seconds=5))
    refused(account, key, sent=True)


def test_use_puts_it_off_but_not_for_ever(one: Deltagande, later: Later) -> None:
    account = granskare()
    key, start = search(account), timezone.now()
    for minutes in range(14, 60, 14):
        used = start + dt.timedelta(minutes=minutes - 14)
        later(start + dt.timedelta(minutes=minutes) - timezone.now())
        with factories.acting(account):
            assert reopen(key, used=used).deltaganden == (one.pk,)
    later(start + LONGEST - timezone.now())
    refused(account, key, used=timezone.now())


def test_another_uppdrag_of_the_same_granskare_does_not_open_it(one: Deltagande) -> None:
    """Found for the nation is not found for the förbund."""
    account = granskare()
    key = search(account)
    new = factories.uppdrag(account, Roll.DATASKYDDSGRANSKARE, forbund=one.insats.forbund)
    with acting_as(account, new):
        with pytest.raises(UppslagBorta):
            reopen(key)
        assert not Deltagande.objects.exists()


def test_a_role_taken_away_closes_it(one: Deltagande) -> None:
    account = granskare()
    key = search(account)
    User.objects.filter(pk=account.pk).update(dataskyddsgranskare=False)
    with pytest.raises(AccessRefused), factories.acting(account):
        reopen(key)


@pytest.mark.parametrize("roll", [roll for roll in Roll if roll != Roll.DATASKYDDSGRANSKARE])
def test_no_other_role_opens_one(one: Deltagande, roll: Roll) -> None:
    """Not even what that very account found."""
    account = factories.user(roll, Roll.DATASKYDDSGRANSKARE, forbund=one.insats.forbund, insats=one.insats)
    with factories.acting(account, Roll.DATASKYDDSGRANSKARE):
        found = look_up(factories.nummer(0), Syfte.ANNAT)
        assert found is not None
    with pytest.raises(AccessRefused), factories.acting(account, roll):
        reopen(found.id)
    assert rows()[-1] == ("last", "uppslag", "öppna en sökning", "nekat")


def test_outside_acting_as_it_is_a_fault(one: Deltagande) -> None:
    key = search(granskare())
    with pytest.raises(NoActor):
        reopen(key)


def test_a_forbunds_granskare_reaches_what_the_forbund_owns_or_owned(one: Deltagande) -> None:
    elsewhere = factories.registered(0)
    account = granskare(one.insats.forbund)
    key = search(account)
    with factories.acting(account):
        uppslag = reopen(key)
        assert uppslag.deltaganden == (one.pk,)
        assert [each.identitet.deltagande_id for each in look(uppslag, "visa")] == [one.pk]
        with pytest.raises(AccessRefused):
            withdraw_samtycke([elsewhere.pk])
    assert Identitet.unscoped.filter(deltagande=elsewhere).exists()


def test_what_leaves_the_reach_in_between_is_not_opened(one: Deltagande) -> None:
    account = granskare(one.insats.forbund)
    key = search(account)
    one.insats.agande.update(forbund=factories.forbund())
    refused(account, key)


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_an_identity_erased_meanwhile(one: Deltagande, rule: Any) -> None:
    """Of two the other is still opened; when both are gone nothing is."""
    two, account = factories.registered(0), granskare()
    key = search(account)
    with factories.as_system():
        rule([one.pk])
    with factories.acting(account):
        uppslag = reopen(key)
        assert uppslag.deltaganden == (two.pk,)
        with pytest.raises(AccessRefused):
            withdraw_samtycke([one.pk])
    with factories.as_system():
        rule([two.pk])
    refused(account, key)


def test_a_locked_identity_is_listed_and_neither_named_nor_changed(one: Deltagande, settings: Any) -> None:
    settings.ERASURE_DECISION = ""
    factories.as_if_committed()
    account = granskare()
    with factories.as_system():
        withdraw_samtycke([one.pk])
    key = search(account)
    with factories.acting(account):
        uppslag = reopen(key)
        [seen] = look(uppslag, "visa")
        assert seen.locked and seen.namn is None and live(uppslag) == []


def changes(one: Deltagande) -> dict[str, Callable[[], object]]:
    """All that a dataskyddsgranskare does to a deltagande that was found."""
    samtycke, facts = factories.samtycke_of(one), load_facts({one.insats.insats_id})
    uppgifter = factories.nytt_deltagande(0, insats_id="-", kommunkod="0180").uppgifter
    papper = Samtyckesrattelse(
        one.pk, samtycke.undertecknat, samtycke.formular.version, "en", Skal.ANNAN_UPPGIFT
    )
    return {
        "correct": lambda: correct(Rattelse(one.pk, "fel kommun", in_=uppgifter)),
        "names": lambda: correct_names([NyttNamn(one.pk, fornamn="Annan")]),
        "number": lambda: change_number(one.pk, factories.nummer(1), orsak="nytt"),
        "samtycke": lambda: correct_samtycke(papper, facts),
        "withdraw": lambda: withdraw_samtycke([one.pk]),
        "protect": lambda: protect_identity([one.pk]),
    }


@pytest.mark.parametrize("change", ["correct", "names", "number", "samtycke", "withdraw", "protect"])
def test_a_locked_identity_cannot_be_changed_whoever_asks(
    one: Deltagande, change: str, settings: Any
) -> None:
    """By the rule, not only by its pages (0013). What is not locked can."""
    settings.ERASURE_DECISION = ""
    two = factories.registered(0)
    factories.as_if_committed()
    account = granskare()
    acts = {each: changes(each)[change] for each in (one, two)}
    with factories.as_system():
        withdraw_samtycke([one.pk])
    key, before = search(account), len(rows())
    with factories.acting(account):
        assert set(reopen(key).deltaganden) == {one.pk, two.pk}
        with pytest.raises(AccessRefused):
            acts[one]()
    assert rows()[before:] == [("last", str(one.pk), "ändra", "nekat")]
    with factories.acting(account):
        reopen(key)
        acts[two]()
    assert all(row[-1] == "utfort" for row in rows()[before + 1 :])


def test_a_number_changed_meanwhile(one: Deltagande) -> None:
    """It is the deltaganden that were found, whatever the number is now."""
    account = granskare()
    key = search(account)
    with factories.as_system():
        change_number(one.pk, factories.nummer(1), orsak="nytt")
    with factories.acting(account):
        assert reopen(key).deltaganden == (one.pk,)


def kept_ids() -> list[list[str]]:
    """What every search that is kept names, whoever made it, with all keys."""
    found = Undanlagt.objects.filter(slag=KIND).order_by("pk")
    return [json.loads(open_text(row, "innehall_krypterat"))["deltaganden"] for row in found]


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_what_is_kept_after_a_removal_ties_nothing_together(one: Deltagande, rule: Any) -> None:
    """In no search of anybody, whoever removes it; with nothing left it goes. Searches of others are as they were."""
    two, stranger = factories.registered(0), factories.registered(1)
    first, second = granskare(), granskare()
    for account, n in ((first, 0), (first, 0), (second, 0), (second, 1)):
        search(account, n)
    assert [len(ids) for ids in kept_ids()] == [2, 2, 2, 1]
    with factories.as_system():
        rule([one.pk])
    assert kept_ids() == [[str(two.pk)]] * 3 + [[str(stranger.pk)]]
    with factories.as_system():
        rule([two.pk])
    assert kept_ids() == [[str(stranger.pk)]]


def test_what_the_system_removes_goes_too(one: Deltagande, settings: Any) -> None:
    """Locked it is still found; when there is a decision the job removes it, out of the searches too."""
    two = factories.registered(0)
    decision, settings.ERASURE_DECISION = settings.ERASURE_DECISION, ""
    factories.as_if_committed()
    with factories.as_system():
        withdraw_samtycke([one.pk])
        search(granskare())
        assert len(kept_ids()[0]) == 2
        settings.ERASURE_DECISION = decision
        assert erase_locked() == 1
    assert kept_ids() == [[str(two.pk)]]


# --- What can be done ------------------------------------------------------------------------------------------------


def acting_on(account: User, what: Callable[[Uppslag], Any]) -> list[tuple[str, str, str, str]]:
    """The rows of the access log that an act adds."""
    key = search(account)
    before = len(rows())
    with factories.acting(account):
        what(reopen(key))
    return rows()[before:]


@pytest.mark.parametrize(
    ("act", "why"), [(kvitto.withdraw, Avidentifiering.ATERKALLAT), (kvitto.protect, Avidentifiering.SKYDDAD)]
)
def test_removal_long_after_the_insats_has_ended(act: Any, why: Avidentifiering) -> None:
    """One row for each that goes, and a receipt with codes, days and versions and nothing else."""
    insats = factories.insats(slutdatum=dt.date(2024, 12, 31))
    gone = factories.registered_out(factories.registered(0, insats=insats))
    stays = factories.registered(0)
    samtycke = factories.samtycke_of(gone)
    made: list[kvitto.Kvitto] = []
    added = acting_on(granskare(), lambda _: made.append(act([gone.pk])))
    under = f"{why.label}, enligt gallringsbeslut demo"
    assert added == [("avidentifierat", str(gone.pk), under, "utfort")]
    [receipt] = made
    assert receipt.rader == (
        kvitto.Kvittorad(samtycke.referenskod, factories.UNDERTECKNAT, factories.FORMULAR),
    )
    assert (receipt.vad, receipt.erased) == (why, True)
    assert kvitto.Kvitto.from_kept(receipt.as_kept()) == receipt
    assert list(Identitet.unscoped.values_list("deltagande", flat=True)) == [stays.pk]
    withdrawn = Samtycke.unscoped.get(pk=samtycke.pk).aterkallat is not None
    assert withdrawn == (why == Avidentifiering.ATERKALLAT)


def test_the_receipt_says_when_it_was_only_locked(one: Deltagande, settings: Any) -> None:
    settings.ERASURE_DECISION = ""
    factories.as_if_committed()
    with factories.as_system():
        assert not kvitto.withdraw([one.pk]).erased


def test_no_receipt_of_what_is_out_of_reach(one: Deltagande) -> None:
    with pytest.raises(AccessRefused), factories.acting(granskare()):
        kvitto.withdraw([one.pk])
    assert Identitet.unscoped.filter(deltagande=one).exists()


def test_names_and_number_at_the_persons_own_request(one: Deltagande) -> None:
    account = granskare()
    added = acting_on(account, lambda _: correct_names([NyttNamn(one.pk, "Rätt", "Namnprov")]))
    assert added == [("andrat", str(one.pk), "rättat namn", "utfort")]
    person = factories.identitet_of(one).person_id
    added = acting_on(account, lambda _: change_number(one.pk, factories.nummer(1), orsak="rättat"))
    assert ("andrat", str(person), "nytt personnummer", "utfort") in added
    with factories.as_system():
        said = reveal(factories.identitet_of(one).pk, "prov")
    assert (said.fornamn, said.efternamn) == ("Rätt", "Namnprov")
    assert said.personnummer == factories.nummer(1).digits


# --- Who has looked --------------------------------------------------------------------------------------------------


def test_who_has_looked(one: Deltagande) -> None:
    """Looks, changes and refused tries; newest first, up to the search; itself one row for each deltagande."""
    two = factories.registered(0)
    stranger = factories.registered(1)
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=one.insats, namn="Eva Prov", organisation="Kommunen")
    with factories.acting(eva):
        reveal(factories.identitet_of(one).pk, "visa deltagandet")
    berit = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats(), namn="Berit Prov")
    with pytest.raises(AccessRefused), factories.acting(berit):
        reveal(factories.identitet_of(one).pk, "nyfiken")
    with factories.as_system():
        reveal(factories.identitet_of(stranger).pk, "annan person")
        change_number(one.pk, factories.nummer(3), orsak="nytt")
    account = granskare()
    key = search(account, 3)
    before = len(rows())
    with factories.acting(account):
        uppslag = reopen(key)
        about, found = who_looked(uppslag)
        told = [(row.namn, row.handling, row.syfte, row.resultat) for row in found]
    assert {row.deltagande_id for row in about} == {one.pk, two.pk}
    assert told[:2] == [(account.namn, "sokt", f"sökning: {WHY}", "utfort")] * 2
    assert ("Eva Prov", "last", "visa deltagandet", "utfort") in told
    assert ("Berit Prov", "last", "nyfiken", "nekat") in told
    assert any(row[1:3] == ("andrat", "nytt personnummer") for row in told)
    assert not any("annan person" in row[2] for row in told)
    assert sorted(rows()[before:]) == sorted(
        ("last", str(row.pk), f"vem har tittat: {WHY}", "utfort") for row in (one, two)
    )
    times = [row.tid for row in found]
    assert times == sorted(times, reverse=True)


def test_a_later_look_does_not_move_the_pages(one: Deltagande) -> None:
    account = granskare()
    key = search(account)
    counts = []
    for _ in range(2):
        with factories.acting(account):
            counts.append(who_looked(reopen(key))[1].count())
    assert counts[0] == counts[1]


def test_a_change_of_number_elsewhere_does_not_tell_that_the_person_is_known_there(one: Deltagande) -> None:
    """That it was changed stands in the log of each deltagande; by whom, only for who may know of that insats."""
    elsewhere = factories.registered(0)
    boss = factories.user(
        Roll.DELTAGARANSVARIG, insats=elsewhere.insats, namn="Berit Prov", organisation="Bergets kommun"
    )
    factories.as_if_committed()
    with factories.acting(boss):
        change_number(elsewhere.pk, factories.nummer(1), orsak="nytt")
    changed = {}
    for forbund in (one.insats.forbund, elsewhere.insats.forbund, None):
        account = granskare(forbund)
        key = search(account)
        with factories.acting(account):
            _, found = who_looked(reopen(key))
            said = list(found)
        changed[forbund] = [
            (row.objekt, row.namn, row.utifran) for row in said if row.syfte == "nytt personnummer"
        ]
        if forbund == one.insats.forbund:
            assert not any(
                told in str(row) for row in said for told in ("Berit", boss.anvandarnamn, "Berget")
            )
            [hidden] = [row for row in said if row.utifran]
            assert (hidden.konto, hidden.organisation, hidden.i_roll) == ("", "", "")
    own = [("person", "Berit Prov", False), ("deltagande", "Berit Prov", False)]
    assert changed[one.insats.forbund] == [("deltagande", "", True)]
    assert changed[elsewhere.insats.forbund] == own
    assert sorted(changed[None]) == sorted([*own, ("deltagande", "Berit Prov", False)])


def test_a_number_that_the_system_changed_was_changed_by_nobody_elsewhere(one: Deltagande) -> None:
    with factories.as_system():
        change_number(one.pk, factories.nummer(1), orsak="nytt")
    account = granskare(one.insats.forbund)
    key = search(account, 1)
    with factories.acting(account):
        _, found = who_looked(reopen(key))
        assert not any(row.utifran for row in found)
