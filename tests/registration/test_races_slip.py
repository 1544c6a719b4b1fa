"""A wrong number is corrected while somebody else writes about one of the two (PostgreSQL): no number is two persons',
no person is without deltaganden, and nobody waits for ever.
"""

from __future__ import annotations

import json
from typing import Any

from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.encryption import keyed_hash
from finsam_site.access.models import Undanlagt
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from registration.models import Deltagande, Identitet, Nummerhash, Person
from registration.rules.change_number import change_number
from registration.rules.correct_number import correct_number
from registration.rules.erase import withdraw_samtycke
from registration.rules.findings import ChangedMeanwhile
from registration.rules.register import register_in
from registration.rules.uppslag import Syfte, look_up
from tests import factories
from tests.registration.races import TWO_WRITERS, race

pytestmark = TWO_WRITERS

TIMES = 20
RIGHT, OTHER = 200, 400
"""Where the right numbers begin, and others still."""


def system(act: Any) -> Any:
    """What a connection does, by the system account."""

    def run(number: int) -> None:
        with acting_as(factories.system()):
            act(number)

    return run


def registered(*starts: int) -> list[list[Deltagande]]:
    """For each start, deltaganden of the numbers from there on, all in insatser of their own kind."""
    found = []
    for start in starts:
        insats = factories.insats()
        with factories.as_system():
            found.append(
                register_in([factories.nytt_deltagande(start + n, insats=insats) for n in range(TIMES)])
            )
    return found


def slip(rows: list[Deltagande], to: int = RIGHT) -> Any:
    return system(lambda n: correct_number([rows[n].pk], factories.nummer(to + n), orsak="skrev fel"))


def nobody_is_left_over() -> None:
    """Every person has a deltagande, every number one person, and that person it as the present one."""
    assert not Person.unscoped.filter(identiteter__isnull=True).exists()
    assert Nummerhash.unscoped.filter(aktuell=True).count() == Person.unscoped.count()


def number_of(one: Deltagande) -> set[bytes]:
    rows = Nummerhash.unscoped.filter(person__identiteter__deltagande=one, aktuell=True)
    return {bytes(row.hash) for row in rows}


def is_of(one: Deltagande, n: int) -> bool:
    return number_of(one) == {keyed_hash(factories.nummer(n).digits)}


def all_won(found: Any) -> bool:
    return all(outcome.won for each in found for outcome in each)


def test_while_who_has_the_wrong_number_is_registered() -> None:
    """Whichever is first, each has the own number."""
    [rows] = registered(0)
    nya = [factories.nytt_deltagande(n) for n in range(TIMES)]
    assert all_won(race([slip(rows), system(lambda n: register_in([nya[n]]))], TIMES))
    nobody_is_left_over()
    theirs = {one.pk for one in rows}
    for one in Deltagande.unscoped.all():
        assert any(is_of(one, n + (RIGHT if one.pk in theirs else 0)) for n in range(TIMES))


def test_while_who_has_the_right_number_is_registered() -> None:
    """The two are one person."""
    [rows] = registered(0)
    nya = [factories.nytt_deltagande(RIGHT + n) for n in range(TIMES)]
    assert all_won(race([slip(rows), system(lambda n: register_in([nya[n]]))], TIMES))
    nobody_is_left_over()
    assert Person.unscoped.count() == TIMES and all(is_of(one, RIGHT + n) for n, one in enumerate(rows))


def test_both_of_a_person_at_once() -> None:
    """The last takes the wrong number with it."""
    one, two = registered(0, 0)
    assert all_won(race([slip(one), slip(two)], TIMES))
    nobody_is_left_over()
    assert all(is_of(row, RIGHT + n) for rows in (one, two) for n, row in enumerate(rows))
    assert Person.unscoped.count() == TIMES


def test_while_the_person_gets_a_new_number() -> None:
    """The other deltagande has the new one, and this the right one; or this was changed first, and that is told."""
    one, two = registered(0, 0)
    change = system(lambda n: change_number(two[n].pk, factories.nummer(OTHER + n), orsak="nytt nummer"))
    for n, each in enumerate(race([slip(one), change], TIMES)):
        assert all(outcome.won or isinstance(outcome.error, ChangedMeanwhile) for outcome in each), each
        assert any(outcome.won for outcome in each)
        assert not each[0].won or is_of(one[n], RIGHT + n)
        assert not each[1].won or is_of(two[n], OTHER + n)
    nobody_is_left_over()


def test_while_who_has_the_right_number_gets_a_new_one() -> None:
    """The right number finds its person all the same."""
    wrong, rightly = registered(0, RIGHT)
    change = system(lambda n: change_number(rightly[n].pk, factories.nummer(OTHER + n), orsak="nytt nummer"))
    assert all_won(race([slip(wrong), change], TIMES))
    nobody_is_left_over()
    assert all(is_of(row, OTHER + n) for rows in (wrong, rightly) for n, row in enumerate(rows))


def test_while_a_samtycke_is_withdrawn() -> None:
    """Of the deltagande itself, of who has the wrong number too, and of who has the right one: no hash is left of who
    is gone."""
    wrong, also, rightly = registered(0, 0, RIGHT)
    everyone = system(lambda n: withdraw_samtycke([wrong[n].pk, also[n].pk, rightly[n].pk]))
    for corrected, withdrawn in race([slip(wrong), everyone], TIMES):
        assert withdrawn.won, withdrawn
        assert corrected.won or isinstance(corrected.error, AccessRefused), corrected
    assert not Person.unscoped.exists() and not Nummerhash.unscoped.exists()


def test_while_the_last_of_the_right_number_is_withdrawn() -> None:
    wrong, rightly = registered(0, RIGHT)
    assert all_won(race([slip(wrong), system(lambda n: withdraw_samtycke([rightly[n].pk]))], TIMES))
    nobody_is_left_over()
    assert all(is_of(one, RIGHT + n) for n, one in enumerate(wrong))


def test_while_the_wrong_number_is_searched() -> None:
    """Whichever is first, nothing that is kept of the search names what is another's."""
    wrong, _rightly = registered(0, 0)
    users = [factories.user(Roll.DATASKYDDSGRANSKARE) for _ in range(TIMES)]
    given = [factories.uppdrag(user, Roll.DATASKYDDSGRANSKARE) for user in users]

    def search(number: int) -> None:
        with acting_as(users[number], given[number]):
            look_up(factories.nummer(number), Syfte.RATTA)

    assert all_won(race([slip(wrong), search], TIMES))
    moved = {str(one.pk) for one in wrong}
    kept = [json.loads(open_text(row, "innehall_krypterat")) for row in Undanlagt.objects.all()]
    assert len(kept) == TIMES and not any(moved & set(one["deltaganden"]) for one in kept)
    assert Identitet.unscoped.count() == 2 * TIMES
