"""Two connections that write at once, as a database role that owns nothing: never two, and none lost without a word.

PostgreSQL only (ARCHITECTURE §3). On SQLite there is one writer at a time.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.models import Undanlagt, User
from finsam_site.access.roles import FORBIDDEN_PAIRS, Roll
from finsam_site.access.sealed_columns import open_text
from finsam_site.accessibility.letters import Letter, leave_letter
from finsam_site.accessibility.models import Meddelande
from registration.models import (
    Anonyma,
    Identitet,
    Inregistrering,
    Insats,
    Nummerhash,
    Person,
    Samtycke,
    Uppdrag,
    Utkast,
    Utregistrering,
    Volym,
)
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.change_number import change_number
from registration.rules.drafts import Place
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.findings import RuleError
from registration.rules.register import Utskrivning, register_in, register_out
from registration.rules.uppdrag import give_uppdrag
from registration.rules.uppslag import Syfte, look_up
from registration.rules.values import NyttDeltagande
from registration.rules.wrong_insats import Flytt, move_to_right_insats
from tests import factories
from tests.registration import attempts
from tests.registration.races import TIMEOUT, TWO_WRITERS, Outcome, race

pytestmark = TWO_WRITERS

TIMES = 50
FEW = 10


def winners(race: tuple[Outcome, ...]) -> int:
    """How many of a race's connections committed; a loser must have been told by the database or the rule."""
    for outcome in race:
        assert outcome.won or isinstance(outcome.error, (IntegrityError, OperationalError, RuleError)), (
            outcome
        )
    return sum(outcome.won for outcome in race)


def without_identity(insats: Insats, count: int) -> list[Identitet]:
    """Identiteter, unsaved, of as many deltaganden that are there with samtycke and person but have none stored."""
    with factories.as_system():
        found = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(count)])
    rows = {one.deltagande_id: one for one in Identitet.unscoped.filter(deltagande__in=found)}
    Identitet.unscoped.filter(pk__in=[one.pk for one in rows.values()]).delete()
    return [rows[one.pk] for one in found]


# --- No overlap ------------------------------------------------------------------------------------------------------


def test_two_that_overlap_are_inserted_at_once() -> None:
    """Raw inserts that pass no rule, of one person in one insats: exactly one of each pair is stored."""
    pairs = without_identity(factories.insats(), 2 * TIMES)
    first, second = pairs[:TIMES], pairs[TIMES:]
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        other.person_id = one.person_id
        # Open, closed within, touching by a day, around: every race differs.
        other.startdatum += [0, 30, 90, -30][number % 4] * attempts.DAY
        other.slutdatum = [None, other.startdatum, None, factories.START][number % 4]

    found = race(
        [lambda n: attempts.insert(first[n], "raw"), lambda n: attempts.insert(second[n], "raw")], TIMES
    )

    assert [winners(each) for each in found] == [1] * TIMES
    assert Identitet.unscoped.count() == TIMES
    losers = [outcome.error for each in found for outcome in each if outcome.error]
    assert all("identitet_overlappar_inte" in str(error) or "deadlock" in str(error) for error in losers)


def test_two_that_do_not_overlap_are_both_stored() -> None:
    """So that the test above cannot pass by refusing one of any two."""
    pairs = without_identity(factories.insats(), 2 * TIMES)
    first, second = pairs[:TIMES], pairs[TIMES:]
    for one, other in zip(first, second, strict=True):
        other.person_id = one.person_id
        one.slutdatum, other.startdatum = factories.SLUT, factories.SLUT + attempts.DAY
    found = race(
        [lambda n: attempts.insert(first[n], "raw"), lambda n: attempts.insert(second[n], "raw")], TIMES
    )
    assert [winners(each) for each in found] == [2] * TIMES
    assert Identitet.unscoped.count() == 2 * TIMES


def test_two_periods_grow_into_each_other_at_once() -> None:
    """Each change is right by itself; together they overlap."""
    pairs = without_identity(factories.insats(), 2 * TIMES)
    first, second = pairs[:TIMES], pairs[TIMES:]
    for one, other in zip(first, second, strict=True):
        other.person_id = one.person_id
        one.slutdatum, other.startdatum = (
            factories.START + 10 * attempts.DAY,
            factories.START + 90 * attempts.DAY,
        )
    Identitet.unscoped.bulk_create(pairs)

    def move(one: Identitet, values: dict[str, dt.date]) -> None:
        attempts.raw_update(Identitet, one.pk, values)

    found = race(
        [
            lambda n: move(first[n], {"slutdatum": factories.START + 60 * attempts.DAY}),
            lambda n: move(second[n], {"startdatum": factories.START + 50 * attempts.DAY}),
        ],
        TIMES,
    )
    assert [winners(each) for each in found] == [1] * TIMES


@pytest.mark.parametrize("known", [False, True], ids=["a new person", "a known person"])
def test_two_colleagues_register_the_same_person_at_once(known: bool) -> None:
    """Through the rule: one is in, the other is told."""
    insats = factories.insats()
    if known:
        with factories.as_system():
            register_in([factories.nytt_deltagande(n) for n in range(TIMES)])
    nya = [factories.nytt_deltagande(n, insats=insats, deltagande_id=None) for n in range(TIMES)]

    def register(number: int) -> Any:
        with acting_as(factories.system()):
            return register_in([nya[number]])[0].pk

    found = race([register, register], TIMES)
    assert [winners(each) for each in found] == [1] * TIMES
    stored = set(Identitet.unscoped.filter(insats=insats).values_list("deltagande_id", flat=True))
    assert stored == {outcome.value for each in found for outcome in each if outcome.won}
    assert Samtycke.unscoped.filter(insats=insats).count() == TIMES  # The loser left nothing behind.


def test_two_colleagues_register_out_at_once() -> None:
    """Through the rule: one out-registration, and the other is told in a sentence."""
    with factories.as_system():
        rows = register_in([factories.nytt_deltagande(n, insats=None) for n in range(TIMES)])

    def leave(number: int) -> None:
        with acting_as(factories.system()):
            register_out([Utskrivning(rows[number].pk, factories.ut_uppgifter())])

    told(race([leave, leave], TIMES), {"redan_ute"})
    assert Utregistrering.unscoped.count() == TIMES


def test_two_persons_are_registered_under_one_id_at_once() -> None:
    """Two pages of one flow, one of them changed to somebody else: the second is told."""
    insats = factories.insats()
    nya = [
        [
            factories.nytt_deltagande(n, insats=insats, deltagande_id=f"D{n % TIMES}")
            for n in range(first, first + TIMES)
        ]
        for first in (0, TIMES)
    ]

    def register(some: list[NyttDeltagande], number: int) -> None:
        with acting_as(factories.system()):
            register_in([some[number]])

    runners = [lambda n: register(nya[0], n), lambda n: register(nya[1], n)]
    told(race(runners, TIMES), {"redan_finns", "andrat_av_annan"})
    assert Identitet.unscoped.count() == TIMES


def test_a_number_is_given_and_registered_as_new_at_once() -> None:
    """However it goes, a number is one person's."""
    insats = factories.insats()
    with factories.as_system():
        rows = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(TIMES)])
    nya = [factories.nytt_deltagande(TIMES + n) for n in range(TIMES)]

    def change(number: int) -> None:
        with acting_as(factories.system()):
            change_number(rows[number].pk, nya[number].nummer, orsak="nytt nummer")

    def register(number: int) -> None:
        with acting_as(factories.system()):
            register_in([nya[number]])

    assert [winners(each) for each in race([change, register], TIMES)] == [2] * TIMES
    assert Person.unscoped.count() == TIMES
    assert Nummerhash.unscoped.filter(aktuell=True).count() == TIMES


def test_a_number_is_given_and_several_samtycken_are_withdrawn_at_once() -> None:
    """The deltaganden of two who turn out to be one: neither transaction waits for the other's rows for ever."""
    new = [factories.nummer(FEW + n) for n in range(FEW)]
    with factories.as_system():
        nya = [[factories.nytt_deltagande(n) for _ in range(3)] for n in range(FEW)]
        own = [sorted(one.pk for one in register_in(some)) for some in nya]
        theirs = [register_in([factories.nytt_deltagande(FEW + n)])[0].pk for n in range(FEW)]

    def change(number: int) -> None:
        with acting_as(factories.system()):
            change_number(own[number][-1], new[number], orsak="nytt nummer")

    def withdraw(number: int) -> None:
        with acting_as(factories.system()):
            withdraw_samtycke([*own[number], theirs[number]])

    for changed, withdrawn in race([change, withdraw], FEW):
        assert withdrawn.won, withdrawn
        assert changed.won or isinstance(changed.error, AccessRefused), changed
    assert not Identitet.unscoped.exists() and not Person.unscoped.exists()


def test_two_give_the_same_uppdrag_at_once() -> None:
    """One is given, and who came second is told."""
    insats = factories.insats()
    users = [factories.user(Roll.DELTAGARANSVARIG) for _ in range(TIMES)]

    def give(number: int) -> None:
        with acting_as(factories.system()):
            give_uppdrag(users[number], Roll.DELTAGARANSVARIG, fran=factories.START, insats=insats.pk)

    told(race([give, give], TIMES), {"overlappar"})
    assert Uppdrag.objects.filter(insats=insats).count() == TIMES


def test_a_message_is_sent_twice_at_once() -> None:
    """Both are thanked, and it is kept once."""

    def send(number: int) -> None:
        leave_letter(Letter("Knappen syns inte."), str(number))

    assert [winners(each) for each in race([send, send], TIMES)] == [2] * TIMES
    assert Meddelande.objects.count() == TIMES


def test_a_person_is_looked_for_and_removed_at_once() -> None:
    """Whichever is first, nothing that is kept names the deltagande afterwards."""
    both = [
        (factories.registered(n, insats=insats), factories.registered(n))
        for n, insats in enumerate([factories.insats()] * TIMES)
    ]
    users = [factories.user(Roll.DATASKYDDSGRANSKARE) for _ in range(TIMES)]
    given = [factories.uppdrag(user, Roll.DATASKYDDSGRANSKARE) for user in users]

    def look_for(number: int) -> None:
        with acting_as(users[number], given[number]):
            look_up(factories.nummer(number), Syfte.SKYDD)

    def remove(number: int) -> None:
        with acting_as(factories.system()):
            protect_identity([both[number][0].pk])

    assert [winners(each) for each in race([look_for, remove], TIMES)] == [2] * TIMES
    gone = {str(one.pk) for one, _ in both}
    kept = [json.loads(open_text(row, "innehall_krypterat")) for row in Undanlagt.objects.all()]
    assert len(kept) == TIMES and not any(gone & set(one["deltaganden"]) for one in kept)


def told(found: list[tuple[Outcome, ...]], kinds: set[str]) -> None:
    """One of each race won, and the other was told by the rule, of one of these kinds."""
    assert [winners(each) for each in found] == [1] * TIMES
    losers = [outcome.error for each in found for outcome in each if outcome.error]
    assert all(isinstance(error, RuleError) for error in losers)
    assert {error.findings[0].kind for error in losers if isinstance(error, RuleError)} <= kinds


# --- No identity without samtycke ------------------------------------------------------------------------------------


def test_one_samtycke_is_used_for_two_at_once() -> None:
    pairs = without_identity(factories.insats(), 2 * TIMES)
    first, second = pairs[:TIMES], pairs[TIMES:]
    for one, other in zip(first, second, strict=True):
        other.samtycke_id = one.samtycke_id
    found = race(
        [lambda n: attempts.insert(first[n], "raw"), lambda n: attempts.insert(second[n], "raw")], TIMES
    )
    assert [winners(each) for each in found] == [1] * TIMES
    assert Identitet.unscoped.count() == TIMES


def test_a_samtycke_is_moved_to_after_the_registration_that_uses_it() -> None:
    """Whoever is first wins, and the other is refused: never both, and never neither."""
    rows = without_identity(factories.insats(), TIMES)
    late = attempts.REGISTRERAD_DAG + attempts.DAY
    found = race(
        [
            lambda n: attempts.insert(rows[n], "raw"),
            lambda n: attempts.raw_update(Samtycke, rows[n].samtycke_id, {"undertecknat": late}),
        ],
        TIMES,
    )
    assert [winners(each) for each in found] == [1] * TIMES
    assert without_valid_samtycke() == []


def test_a_samtycke_is_deleted_under_the_registration_that_uses_it() -> None:
    rows = without_identity(factories.insats(), TIMES)

    def remove(number: int) -> None:
        attempts.delete(Samtycke(pk=rows[number].samtycke_id), "raw")

    found = race([lambda n: attempts.insert(rows[n], "raw"), remove], TIMES)
    assert [winners(each) for each in found] == [1] * TIMES
    assert without_valid_samtycke() == []


def without_valid_samtycke() -> list[uuid.UUID]:
    """Stored identiteter whose samtycke is not there, is another insats's, or was signed after registration."""
    samtycken = {one.pk: one for one in Samtycke.unscoped.all()}
    return [
        one.pk
        for one in Identitet.unscoped.all()
        if one.samtycke_id not in samtycken
        or samtycken[one.samtycke_id].insats_id != one.insats_id
        or samtycken[one.samtycke_id].undertecknat > one.registrerad_dag
    ]


def test_a_version_is_blanked_and_its_identitet_inserted_at_once() -> None:
    """Erasure may blank what is tied to nobody, and nobody is tied to what is blanked: one of the two is refused."""
    rows = without_identity(factories.insats(), TIMES)
    first = dict(Inregistrering.unscoped.filter(nr=1).values_list("deltagande", "pk"))
    nothing = dict.fromkeys(["startdatum", "fodelsear", "kommun_id"])

    def blank(number: int) -> None:
        attempts.raw_update(Inregistrering, first[rows[number].deltagande_id], nothing)

    found = race([blank, lambda n: attempts.insert(rows[n], "raw")], TIMES)
    assert [winners(each) for each in found] == [1] * TIMES
    blanked = Inregistrering.unscoped.filter(startdatum__isnull=True)
    assert not Identitet.unscoped.filter(deltagande__in=blanked.values("deltagande")).exists()


@pytest.mark.parametrize("blanked_first", [True, False])
def test_who_comes_second_waits_for_the_first(blanked_first: bool) -> None:
    """The same with either of the two a while ahead, and not yet committed when the other comes."""
    (row,) = without_identity(factories.insats(), 1)
    version = Inregistrering.unscoped.get(deltagande=row.deltagande_id)

    def blank() -> None:
        attempts.raw_update(Inregistrering, version.pk, {"startdatum": None})

    def insert() -> None:
        attempts.insert(row, "raw")
        connection.check_constraints()  # as the commit does, which comes later here

    done = threading.Event()

    def ahead(act: Callable[[], None]) -> None:
        act()
        done.set()
        time.sleep(0.6)  # for the other to come and wait

    def behind(act: Callable[[], None]) -> None:
        assert done.wait(TIMEOUT)
        act()

    acts = (blank, insert) if blanked_first else (insert, blank)
    ((first, second),) = race([lambda n: ahead(acts[0]), lambda n: behind(acts[1])], 1)
    assert first.won and isinstance(second.error, IntegrityError), (first, second)


def test_an_id_that_changes_before_the_commit_hides_nothing() -> None:
    """The look at a new identitet comes at the commit, by its id: under another by then it is looked at as well."""
    (row,) = without_identity(factories.insats(), 1)
    row.registrerad_dag += dt.timedelta(days=30)  # so that a samtycke signed after the registration would do
    with pytest.raises(IntegrityError), transaction.atomic():
        attempts.insert(row, "raw")
        attempts.raw_update(Identitet, row.pk, {"id": uuid.uuid4()})
        connection.check_constraints()


# --- Counts and roles ------------------------------------------------------------------------------------------------


def test_two_write_the_same_version_of_a_count_at_once() -> None:
    """Raw inserts: unique (insats, år, nr)."""
    insats, volyminsats = factories.insats(), factories.volyminsats()
    with factories.as_system():
        seed = record_anonyma(AnonymaRad(insats.pk, 2024, 1, 1), seen_nr=0)
        volym_seed = record_volym(VolymRad(volyminsats.pk, 2024, 10), seen_nr=0)

    def write(model: type, one: Any, number: int, second: int) -> None:
        values = {each.attname: getattr(one, each.attname) for each in one._meta.concrete_fields}
        moment = one.mottagen + dt.timedelta(minutes=number, seconds=second)
        values |= {"id": None, "nr": number + 2, "registrerad": moment, "mottagen": moment}
        attempts.insert(model(**values), "raw")

    for model, one in ((Anonyma, seed), (Volym, volym_seed)):
        found = race(
            [
                lambda n, model=model, one=one: write(model, one, n, 0),  # type: ignore[misc]
                lambda n, model=model, one=one: write(model, one, n, 1),  # type: ignore[misc]
            ],
            TIMES,
        )
        assert [winners(each) for each in found] == [1] * TIMES
        assert model.unscoped.count() == TIMES + 1


def test_two_colleagues_add_one_anonym_at_once() -> None:
    """Through the rule: the second is asked to look again, and no addition is overwritten."""
    insats = factories.insats()

    def add_one(number: int) -> None:
        with acting_as(factories.system()):
            record_anonyma(AnonymaRad(insats.pk, 2024, number + 1, 0), seen_nr=number)

    found = race([add_one, add_one], TIMES)
    assert [winners(each) for each in found] == [1] * TIMES
    losers = [outcome.error for each in found for outcome in each if outcome.error]
    assert {error.findings[0].kind for error in losers if isinstance(error, RuleError)} == {"andrat_av_annan"}
    assert all(isinstance(error, RuleError) for error in losers)
    assert list(Anonyma.unscoped.order_by("nr").values_list("nr", "kvinnor")) == [
        (number + 1, number + 1) for number in range(TIMES)
    ]


def test_the_two_roles_of_a_forbidden_pair_are_given_at_once() -> None:
    accounts = [factories.user() for _ in range(TIMES)]

    def give(number: int, place: int) -> None:
        pair = FORBIDDEN_PAIRS[number % len(FORBIDDEN_PAIRS)]
        attempts.raw_update(User, accounts[number].pk, {pair[place].value: True})

    found = race([lambda n: give(n, 0), lambda n: give(n, 1)], TIMES)
    assert [winners(each) for each in found] == [1] * TIMES


def test_the_wrong_insats_is_left_by_two_presses_at_once() -> None:
    """Both lead to the one draft, and each deltagande is ended once."""
    with factories.as_system():
        fel = factories.insats()
        ratt = factories.insats(forbund=fel.forbund)
        eva = factories.user(Roll.DELTAGARANSVARIG, insats=fel)
        factories.uppdrag(eva, Roll.DELTAGARANSVARIG, insats=ratt)
        wrong = register_in([factories.nytt_deltagande(n, insats=fel) for n in range(FEW)])

    def press(number: int) -> Place:
        with factories.acting(eva):
            return move_to_right_insats(Flytt(wrong[number].pk, ratt.pk))

    found = race([press, press], FEW)
    assert [winners(each) for each in found] == [2] * FEW
    assert all(first.value == second.value for first, second in found)
    assert Utregistrering.unscoped.count() == Utkast.unscoped.count() == FEW


# --- Append-only -----------------------------------------------------------------------------------------------------


def test_many_change_a_version_at_once() -> None:
    one = factories.registered(0)
    version = attempts.every_row(type(one.aktuell_in)).get(deltagande=one.pk)

    def alter(number: int) -> None:
        attempts.raw_update(type(version), version.pk, {"start_ar": 1999})

    found = race([alter, alter, lambda n: attempts.delete(version, "raw")], 10)
    assert [winners(each) for each in found] == [0] * 10


def test_a_race_that_breaks_is_told() -> None:
    """The machinery: what goes wrong in a thread is not lost, and a database error is an outcome."""

    def wrong(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM finns_inte")

    ((first, second),) = race([wrong, lambda n: n], 1)
    assert isinstance(first.error, DatabaseError)
    assert second.value == 0
