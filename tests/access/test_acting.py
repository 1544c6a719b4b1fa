"""Who acts: rights are looked at anew each time, and a look at a person is never forgotten (ARCHITECTURE §2)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from finsam_site.access.acting import (
    AccessRefused,
    NoActor,
    acting_as,
    current_actor,
    log_access,
    log_by_insats,
    refuse,
    require_actor,
)
from finsam_site.access.models import Atkomst, Handling, Resultat, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, Uppdrag
from registration.rules.uppdrag import end_uppdrag
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite cannot empty append-only tables after the test"
)


class Interrupted(Exception):
    """The work around a look fails."""


def log() -> list[tuple[str, str]]:
    """(object, how it ended) of every row of the access log, in order."""
    return list(Atkomst.objects.order_by("pk").values_list("objekt_id", "resultat"))


def look(at: object) -> None:
    """A look at some object."""
    log_access(Handling.LAST, "deltagande", [at])


# --- Who may act -----------------------------------------------------------------------------------------------------


def test_outside_nobody_acts() -> None:
    """There is no actor before and after, and code that needs one says so."""
    assert current_actor() is None
    with pytest.raises(NoActor):
        require_actor()
    with pytest.raises(NoActor):
        look("x")
    with factories.as_system() as actor:
        assert current_actor() is require_actor() is actor
        assert actor.system
    assert current_actor() is None


def test_the_actor_says_role_and_uppdrag() -> None:
    """As the uppdrag has them: for an insats, for a förbund, for the nation."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG)
    row = factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=insats)
    with acting_as(account, row) as actor:
        assert (actor.user, actor.roll, actor.uppdrag_id) == (account, Roll.DELTAGARANSVARIG, row.pk)
        assert (actor.insats_id, actor.forbund_id, actor.system) == (insats.pk, None, False)


def test_an_account_without_uppdrag_sees_nothing() -> None:
    """A role alone opens nothing (DOMAIN §2), and a user is never the system by having no uppdrag."""
    factories.registered(0)
    account = factories.user(*(roll for roll in Roll if roll != Roll.DELTAGARANSVARIG))
    with acting_as(account) as actor:
        assert (actor.roll, actor.system) == (None, False)
        assert not Insats.objects.exists() and not Deltagande.objects.exists()


def _close(account: User, row: Uppdrag) -> None:
    User.objects.filter(pk=account.pk).update(is_active=False)


def _take_role(account: User, row: Uppdrag) -> None:
    User.objects.filter(pk=account.pk).update(deltagaransvarig=False)


def _end(account: User, row: Uppdrag) -> None:
    with factories.as_system():
        end_uppdrag(Uppdrag.objects.get(pk=row.pk))


def _remove(account: User, row: Uppdrag) -> None:
    Uppdrag.objects.filter(pk=row.pk).delete()


def _move(account: User, row: Uppdrag) -> None:
    Uppdrag.objects.filter(pk=row.pk).update(user=factories.user(Roll.DELTAGARANSVARIG))


@pytest.mark.parametrize("take_away", [_close, _take_role, _end, _remove, _move])
def test_a_right_taken_away_bites_the_next_time(take_away: Any) -> None:
    """Whatever the caller still holds in its hands: account and uppdrag are read again from the database."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG)
    row = factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=insats)
    with acting_as(account, row):
        assert Insats.objects.exists()
    take_away(account, row)
    with pytest.raises(AccessRefused), acting_as(account, row):
        raise AssertionError("nobody should get here")
    assert current_actor() is None


def test_a_closed_account_does_not_act_even_without_uppdrag() -> None:
    """Nor does an account that was never saved."""
    account = factories.user(is_active=False)
    for nobody in (account, User(anvandarnamn="ny", is_active=True)):
        with pytest.raises(AccessRefused), acting_as(nobody):
            pass


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(-1, None, True), (0, 0, True), (-10, 0, True), (-10, -1, False), (1, None, False), (1, 5, False)],
)
def test_an_uppdrag_holds_from_its_first_day_to_its_last(first: int, last: int | None, holds: bool) -> None:
    """Both days included, and neither the day before nor the day after."""
    day = timezone.localdate()
    account = factories.user(Roll.DELTAGARANSVARIG)
    row = factories.uppdrag(
        account,
        Roll.DELTAGARANSVARIG,
        insats=factories.insats(),
        fran=day + dt.timedelta(days=first),
        till=None if last is None else day + dt.timedelta(days=last),
    )
    if holds:
        with acting_as(account, row):
            assert Insats.objects.exists()
    else:
        with pytest.raises(AccessRefused), acting_as(account, row):
            pass


def test_nobody_acts_with_somebody_elses_uppdrag() -> None:
    """Not even with the same role in the same insats."""
    insats = factories.insats()
    row = factories.uppdrag(factories.user(Roll.DELTAGARANSVARIG), Roll.DELTAGARANSVARIG, insats=insats)
    other = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    with pytest.raises(AccessRefused), acting_as(other, row):
        pass


# --- One in another --------------------------------------------------------------------------------------------------


def test_acting_inside_acting_is_the_inner_one_until_it_ends() -> None:
    """The scope of each, and the outer one's again afterwards, also when the inner one fails."""
    one, two = factories.insats(), factories.insats()
    outer, inner = (factories.user(Roll.DELTAGARANSVARIG, insats=insats) for insats in (one, two))
    with factories.acting(outer) as first:
        assert list(Insats.objects.all()) == [one]
        with factories.acting(inner):
            assert list(Insats.objects.all()) == [two]
        assert current_actor() is first
        with pytest.raises(Interrupted), factories.acting(inner):
            raise Interrupted
        assert current_actor() is first
        with pytest.raises(AccessRefused), acting_as(User(anvandarnamn="ny")):
            pass
        assert list(Insats.objects.all()) == [one]
    assert current_actor() is None


def test_what_the_inner_one_failed_with_does_not_undo_the_outer() -> None:
    """The inner block is undone whole, the outer goes on."""
    with factories.as_system():
        kept = factories.forbund()
        with pytest.raises(Interrupted), acting_as(factories.system()):
            factories.forbund()
            raise Interrupted
        assert list(type(kept).unscoped.all()) == [kept]


# --- The log ---------------------------------------------------------------------------------------------------------


def test_a_row_says_who_when_what_and_why() -> None:
    """Role, uppdrag, insats, object and purpose; one row per object."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    before = timezone.now()
    with factories.acting(account) as actor:
        log_access(Handling.EXPORTERAT, "deltagande", ["a", "b"], syfte="utskrift")
    rows = Atkomst.objects.order_by("pk")
    assert [row.objekt_id for row in rows] == ["a", "b"]
    for row in rows:
        assert (row.user, row.roll, row.uppdrag) == (account, Roll.DELTAGARANSVARIG, actor.uppdrag_id)
        assert (row.insats, row.forbund) == (insats.pk, None)
        assert (row.handling, row.objekt, row.syfte) == (Handling.EXPORTERAT, "deltagande", "utskrift")
        assert row.resultat == Resultat.UTFORT
        assert before <= row.tid <= timezone.now()


def test_a_row_names_the_uppdrag_that_covers_the_insats() -> None:
    """Of several in one förbund that are worked in together; without an insats that is known, none is made up."""
    kust = factories.forbund()
    insatser = [factories.insats(forbund=kust) for _ in range(2)]
    account = factories.user(Roll.DELTAGARANSVARIG)
    first, second = (factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=one) for one in insatser)
    factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=factories.insats(), till=factories.INSATS_START)
    with acting_as(account, first):
        log_by_insats(Handling.LAST, "deltagande", [("a", insatser[0].pk), ("b", insatser[1].pk)])
        log_access(Handling.SOKT, "person", ["c"])
    found = {row.objekt_id: (row.insats, row.uppdrag) for row in Atkomst.objects.all()}
    assert found == {
        "a": (insatser[0].pk, first.pk), "b": (insatser[1].pk, second.pk), "c": (None, first.pk)
    }  # fmt: skip


def test_a_long_purpose_is_cut_and_not_lost() -> None:
    """Somebody who explains at length is logged like everybody else."""
    with factories.as_system():
        log_access(Handling.LAST, "deltagande", ["x" * 99], syfte="därför att " * 50)
    row = Atkomst.objects.get()
    assert (len(row.syfte), len(row.objekt_id)) == (200, 64)


def test_work_that_fails_after_a_look_leaves_the_look() -> None:
    """One row, marked as undone: the data may have been seen although nothing came of it."""
    with pytest.raises(Interrupted), factories.as_system():
        factories.forbund()
        look("seen")
        raise Interrupted
    assert log() == [("seen", Resultat.AVBRUTET)]


def test_a_refused_try_survives_the_rollback_it_causes() -> None:
    """One row, refused; also when the refusal is answered inside the block and the work goes on."""
    with pytest.raises(AccessRefused), factories.as_system():
        raise refuse("deltagande", "a", syfte="läsa", message="Nej.")
    with factories.as_system():
        try:
            raise refuse("deltagande", "b", syfte="läsa", message="Nej.")
        except AccessRefused as error:
            assert str(error) == "Nej."
    assert log() == [("a", Resultat.NEKAT), ("b", Resultat.NEKAT)]


def test_also_what_is_no_ordinary_exception_leaves_the_look() -> None:
    """A worker that is told to stop in the middle."""
    with pytest.raises(KeyboardInterrupt), factories.as_system():
        look("seen")
        raise KeyboardInterrupt
    assert log() == [("seen", Resultat.AVBRUTET)]


def test_a_look_inside_another_actors_work_survives_when_that_fails() -> None:
    """The inner block went well, the outer did not: its looks are undone looks, and still there."""
    with pytest.raises(Interrupted), factories.as_system():
        look("outer")
        with acting_as(factories.system()):
            look("inner")
        raise Interrupted
    assert sorted(log()) == [("inner", Resultat.AVBRUTET), ("outer", Resultat.AVBRUTET)]


def test_each_look_stays_with_the_one_who_looked() -> None:
    """Also where it is written anew because somebody else's work failed around it."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    with pytest.raises(Interrupted), factories.as_system() as system:
        look("outer")
        with factories.acting(account):
            look("inner")
        raise Interrupted
    rows = {row.objekt_id: row for row in Atkomst.objects.all()}
    assert (rows["inner"].user, rows["inner"].roll) == (account, Roll.DELTAGARANSVARIG)
    assert (rows["outer"].user, rows["outer"].roll) == (system.user, "")


def test_a_refusal_inside_another_actors_work_is_kept_once() -> None:
    """Once when the outer goes on, once when it fails too."""
    for outer_fails in (False, True):
        try:
            with factories.as_system():
                with pytest.raises(AccessRefused), acting_as(factories.system()):
                    raise refuse("deltagande", f"{outer_fails}", syfte="läsa", message="Nej.")
                if outer_fails:
                    raise Interrupted
        except Interrupted:
            pass
    assert log() == [("False", Resultat.NEKAT), ("True", Resultat.NEKAT)]


@on_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_look_survives_a_real_rollback() -> None:
    """With transactions that are really undone, the row is really there."""
    with pytest.raises(Interrupted), factories.as_system():
        look("seen")
        raise Interrupted
    with pytest.raises(AccessRefused), factories.as_system():
        raise refuse("deltagande", "refused", syfte="läsa", message="Nej.")
    assert not connection.in_atomic_block
    assert log() == [("seen", Resultat.AVBRUTET), ("refused", Resultat.NEKAT)]


@on_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_look_survives_a_commit_that_fails() -> None:
    """A rule that the database checks only at the end undoes the work; the look is kept."""
    one = factories.registered(0)
    before = Atkomst.objects.count()
    with pytest.raises(IntegrityError), factories.as_system():
        look("seen")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registration_identitet SET undertecknat = undertecknat - 1 WHERE deltagande_id = %s",
                [one.pk],
            )
    assert log()[before:] == [("seen", Resultat.AVBRUTET)]


@on_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_snapshot_sees_the_database_as_it_was() -> None:
    """All reads of an uttag are of one moment, and only the outermost acting decides so."""
    with acting_as(factories.system(), one_snapshot=True), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
    with (
        factories.as_system(),
        acting_as(factories.system(), one_snapshot=True),
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)


def test_no_row_of_the_log_can_be_changed_or_taken_away() -> None:
    """The database itself refuses, whoever asks."""
    with factories.as_system():
        look("seen")
    for change in (lambda: Atkomst.objects.update(objekt_id="?"), lambda: Atkomst.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert log() == [("seen", Resultat.UTFORT)]
