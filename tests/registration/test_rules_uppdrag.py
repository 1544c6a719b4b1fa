"""Giving and ending uppdrag: who may, for what, and from when it bites (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, NoActor, acting_as
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import NATIONAL_ROLES, Roll
from registration.models import Insats, Uppdrag
from registration.rules.findings import RuleError
from registration.rules.uppdrag import GIVERS, end_uppdrag, give_uppdrag, roles_to_give
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def today() -> dt.date:
    return timezone.localdate()


def what_for(roll: Roll, insats: Insats) -> dict[str, Any]:
    """What an uppdrag in the role is for, around an insats."""
    if roll == Roll.DELTAGARANSVARIG:
        return {"insats": insats.pk}
    return {} if roll in NATIONAL_ROLES else {"forbund": insats.forbund_id}


def objects_for(roll: Roll, insats: Insats) -> dict[str, Any]:
    """The same as objects, for the factory."""
    return {"insats": insats} if roll == Roll.DELTAGARANSVARIG else {"forbund": insats.forbund}


def give(giver: User, giver_roll: Roll, roll: Roll, insats: Insats) -> Uppdrag:
    """Give a new account an uppdrag in `roll`."""
    with factories.acting(giver, giver_roll):
        return give_uppdrag(factories.user(roll), roll, fran=today(), **what_for(roll, insats))


@pytest.mark.parametrize("giver_roll", list(Roll))
@pytest.mark.parametrize("roll", list(Roll))
def test_who_gives_which_uppdrag(giver_roll: Roll, roll: Roll) -> None:
    """An insatsansvarig to deltagaransvariga, a förbund to its own, Försäkringskassan the rest; nobody else any."""
    insats = factories.insats()
    giver = factories.user(giver_roll)
    factories.uppdrag(giver, giver_roll, **objects_for(giver_roll, insats))
    if giver_roll in GIVERS and roll in GIVERS[giver_roll]:
        row = give(giver, giver_roll, roll, insats)
        assert (row.roll, row.givet_av) == (roll, giver)
    else:
        with pytest.raises(AccessRefused):
            give(giver, giver_roll, roll, insats)


def test_the_givers_of_the_domain() -> None:
    """DOMAIN §2: förbund and insats give to deltagaransvariga, förbundet to its own; no national role does that."""
    givers = {roll: {giver for giver, given in GIVERS.items() if roll in given} for roll in Roll}
    assert givers[Roll.DELTAGARANSVARIG] == {Roll.INSATSANSVARIG, Roll.FORBUNDSADMINISTRATOR}
    assert givers[Roll.INSATSANSVARIG] >= {Roll.FORBUNDSADMINISTRATOR}


@pytest.mark.parametrize("giver_roll", [Roll.INSATSANSVARIG, Roll.FORBUNDSADMINISTRATOR])
def test_only_within_the_givers_own_scope(giver_roll: Roll) -> None:
    """Neither for another förbund nor for its insatser, nor for the nation."""
    own, other = factories.insats(), factories.insats()
    giver = factories.user(giver_roll, forbund=own.forbund)
    give(giver, giver_roll, Roll.DELTAGARANSVARIG, own)
    with pytest.raises(AccessRefused):
        give(giver, giver_roll, Roll.DELTAGARANSVARIG, other)
    reader = factories.user(Roll.RAPPORTLASARE)
    targets: list[dict[str, Any]] = [{"forbund": other.forbund_id}, {"insats": other.pk}, {}]
    for target in targets:
        with pytest.raises(AccessRefused), factories.acting(giver):
            give_uppdrag(reader, Roll.RAPPORTLASARE, fran=today(), **target)
    assert Uppdrag.objects.exclude(user=giver).count() == 1


def test_the_account_must_hold_the_role() -> None:
    """An uppdrag adds no role; a closed account holds none."""
    insats = factories.insats()
    closed = factories.user(Roll.DELTAGARANSVARIG, is_active=False)
    for account in (factories.user(), factories.user(Roll.RAPPORTLASARE), closed):
        with factories.as_system(), pytest.raises(RuleError) as caught:
            give_uppdrag(account, Roll.DELTAGARANSVARIG, fran=today(), insats=insats.pk)
        assert [found.kind for found in caught.value.findings] == ["roll_saknas"]


def test_a_role_fits_what_it_is_for() -> None:
    """A deltagaransvarig works in one insats, a förbundsadministratör in one förbund; the rest is refused in words."""
    insats = factories.insats()
    wrong: list[tuple[Roll, dict[str, Any]]] = [
        (Roll.DELTAGARANSVARIG, {"forbund": insats.forbund_id}),
        (Roll.DELTAGARANSVARIG, {}),
        (Roll.FORBUNDSADMINISTRATOR, {"insats": insats.pk}),
        (Roll.NATIONELL_ADMINISTRATOR, {"forbund": insats.forbund_id}),
        (Roll.DATASKYDDSGRANSKARE, {"insats": insats.pk}),
        (Roll.INSATSANSVARIG, {}),
        (Roll.RAPPORTLASARE, {"forbund": insats.forbund_id, "insats": insats.pk}),
    ]
    for roll, target in wrong:
        with factories.as_system(), pytest.raises(RuleError) as caught:
            give_uppdrag(factories.user(roll), roll, fran=today(), **target)
        assert [found.kind for found in caught.value.findings] == ["uppdrag_passar_inte"]
    assert not Uppdrag.objects.exists()


def test_whether_a_forbunds_employee_registers_is_a_setting(settings: Any) -> None:
    """The refusal names the decision it rests on (DOMAIN §2)."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG, arbetsgivare=Arbetsgivare.FORBUND)
    with factories.as_system():
        give_uppdrag(account, Roll.DELTAGARANSVARIG, fran=today(), insats=insats.pk)
        settings.FORBUND_EMPLOYEE_REGISTERS = False
        settings.FORBUND_EMPLOYEE_DECISION = "dnr 7"
        with pytest.raises(RuleError) as caught:
            give_uppdrag(account, Roll.DELTAGARANSVARIG, fran=today(), insats=insats.pk)
        assert [found.kind for found in caught.value.findings] == ["forbundsanstalld"]
        assert "dnr 7" in str(caught.value)
        other = factories.user(Roll.DELTAGARANSVARIG, arbetsgivare=Arbetsgivare.REGION)
        give_uppdrag(other, Roll.DELTAGARANSVARIG, fran=today(), insats=insats.pk)


def test_an_ended_uppdrag_bites_at_the_next_request() -> None:
    """Yesterday is its last day; one from today was never used long and is removed."""
    insats = factories.insats()
    account = factories.user(Roll.DELTAGARANSVARIG)
    old = factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=insats)
    new = factories.uppdrag(account, Roll.DELTAGARANSVARIG, insats=insats, fran=today())
    with acting_as(account, old):
        assert Insats.objects.exists()
    with factories.as_system():
        end_uppdrag(old)
        end_uppdrag(new)
    assert [row.till for row in Uppdrag.objects.all()] == [today() - dt.timedelta(days=1)]
    for row in (old, new):
        with pytest.raises(AccessRefused), acting_as(account, row):
            pass


def test_ending_never_lengthens() -> None:
    """One that ended long ago stays ended then."""
    insats = factories.insats()
    row = factories.uppdrag(
        factories.user(Roll.DELTAGARANSVARIG), Roll.DELTAGARANSVARIG, insats=insats, till=dt.date(2021, 1, 1)
    )
    with factories.as_system():
        end_uppdrag(row)
    assert Uppdrag.objects.get().till == dt.date(2021, 1, 1)


def test_one_that_somebody_else_has_ended_does_not_come_back() -> None:
    """Read before the other ended it: ended it stays, removed it stays, and a shorter end is not made longer."""
    holder, insats = factories.user(Roll.DELTAGARANSVARIG), factories.insats()
    for first, later, left in ((None, day(5), [day(-1)]), (day(1), day(5), [day(1)])):
        row = factories.uppdrag(holder, Roll.DELTAGARANSVARIG, insats=insats)
        with factories.as_system():
            end_uppdrag(Uppdrag.objects.get(pk=row.pk), first)
            with suppress(RuleError):
                end_uppdrag(row, later)
        assert [one.till for one in Uppdrag.objects.all()] == left
        Uppdrag.objects.all().delete()
    row = factories.uppdrag(holder, Roll.DELTAGARANSVARIG, insats=insats, fran=today())
    with factories.as_system():
        end_uppdrag(Uppdrag.objects.get(pk=row.pk))
        end_uppdrag(row, day(5))
    assert not Uppdrag.objects.exists()


def test_only_who_could_have_given_an_uppdrag_ends_it() -> None:
    """Not a colleague, not another förbund, not the holder; and nobody outside `acting_as`."""
    own, other = factories.insats(), factories.insats()
    holder = factories.user(Roll.DELTAGARANSVARIG)
    row = factories.uppdrag(holder, Roll.DELTAGARANSVARIG, insats=own)
    with pytest.raises(NoActor):
        end_uppdrag(row)
    for account in (
        holder,
        factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=other.forbund),
        factories.user(Roll.RAPPORTLASARE, forbund=own.forbund),
        factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True),
    ):
        with pytest.raises(AccessRefused), factories.acting(account):
            end_uppdrag(row)
    assert Uppdrag.objects.get(pk=row.pk).till is None
    with factories.acting(factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=own.forbund)):
        end_uppdrag(row)
    assert Uppdrag.objects.get(pk=row.pk).till is not None


# What stands against giving one


def refused(user: User, insats: Insats, giver: User, **said: Any) -> list[tuple[str, str]]:
    """(field, kind) of what the rule finds when `giver` gives `user` an uppdrag as deltagaransvarig."""
    values: dict[str, Any] = {"roll": Roll.DELTAGARANSVARIG, "fran": today(), "insats": insats.pk} | said
    before = Uppdrag.objects.count()
    with factories.acting(giver), pytest.raises(RuleError) as caught:
        give_uppdrag(user, **values)
    assert Uppdrag.objects.count() == before
    return [(found.field, found.kind) for found in caught.value.findings]


def test_roles_that_exclude_each_other_are_told_as_such() -> None:
    insats = factories.insats()
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    other = factories.user(Roll.FORBUNDSADMINISTRATOR)
    assert refused(other, insats, ada) == [("roll", "roller_utesluter_varandra")]
    assert refused(factories.user(Roll.RAPPORTLASARE), insats, ada) == [("roll", "roll_saknas")]


def test_nobody_gives_the_own_account_sight_of_persons() -> None:
    """With both roles too: another has to do it. What shows no person one may give oneself."""
    insats = factories.insats()
    both = factories.user(Roll.INSATSANSVARIG, Roll.DELTAGARANSVARIG)
    factories.uppdrag(both, Roll.INSATSANSVARIG, insats=insats)
    assert refused(both, insats, both) == [("user", "eget_konto")]
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, Roll.RAPPORTLASARE)
    factories.uppdrag(ada, Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    with factories.acting(ada):
        give_uppdrag(ada, Roll.RAPPORTLASARE, fran=today(), forbund=insats.forbund_id)
        give_uppdrag(both, Roll.DELTAGARANSVARIG, fran=today(), insats=insats.pk)


def test_days_that_make_no_sense() -> None:
    insats = factories.insats()
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    new, day = factories.user(Roll.DELTAGARANSVARIG), dt.timedelta(days=1)
    assert refused(new, insats, ada, fran=today() - day) == [("fran", "har_varit")]
    assert refused(new, insats, ada, till=today() - day) == [("till", "till_fore_fran")]
    with factories.acting(ada):
        one = give_uppdrag(new, Roll.DELTAGARANSVARIG, fran=today(), till=today(), insats=insats.pk)
    assert (one.fran, one.till) == (today(), today())


@pytest.mark.parametrize(
    ("fran", "till", "clashes"),
    [(0, None, True), (5, 6, True), (10, None, True), (11, None, False), (0, 3, False), (0, 4, True)],
)
def test_the_same_uppdrag_never_holds_twice_at_once(fran: int, till: int | None, clashes: bool) -> None:
    """There is one from day 4 to day 10. Another role, insats or person is another uppdrag."""
    insats, other = factories.insats(), factories.insats()
    ada = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=insats.forbund)
    new = factories.user(Roll.DELTAGARANSVARIG)
    factories.uppdrag(new, Roll.DELTAGARANSVARIG, insats=insats, fran=day(4), till=day(10))
    factories.uppdrag(new, Roll.DELTAGARANSVARIG, insats=other)
    factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    said = {"fran": day(fran), "till": None if till is None else day(till)}
    if clashes:
        assert refused(new, insats, ada, **said) == [("fran", "overlappar")]
    else:
        with factories.acting(ada):
            give_uppdrag(new, Roll.DELTAGARANSVARIG, insats=insats.pk, **said)  # type: ignore[arg-type]


def day(number: int) -> dt.date:
    """So many days from now."""
    return today() + dt.timedelta(days=number)


# Ending after a day


def test_an_uppdrag_ends_after_the_day_that_is_said() -> None:
    insats = factories.insats()
    row = factories.uppdrag(factories.user(Roll.DELTAGARANSVARIG), Roll.DELTAGARANSVARIG, insats=insats)
    with factories.as_system():
        end_uppdrag(row, day(3))
        assert [one.holds_on(day(3)) for one in Uppdrag.objects.all()] == [True]
        assert [one.holds_on(day(4)) for one in Uppdrag.objects.all()] == [False]
        end_uppdrag(row, today())
    assert Uppdrag.objects.get().till == today()


@pytest.mark.parametrize(
    ("fran", "till", "last", "kind"),
    [(-9, None, -1, "har_varit"), (5, None, 4, "till_fore_fran"), (-9, 3, 4, "langre")],
)
def test_a_last_day_that_makes_no_sense(fran: int, till: int | None, last: int, kind: str) -> None:
    """Not one that has been, not before the first, and nothing is made longer by ending it."""
    row = factories.uppdrag(
        factories.user(Roll.DELTAGARANSVARIG), Roll.DELTAGARANSVARIG, insats=factories.insats(),
        fran=day(fran), till=None if till is None else day(till),
    )  # fmt: skip
    with factories.as_system(), pytest.raises(RuleError) as caught:
        end_uppdrag(row, day(last))
    assert [(one.field, one.kind) for one in caught.value.findings] == [("till", kind)]
    assert Uppdrag.objects.get().till == row.till


def test_what_can_be_given_where() -> None:
    """An insatsansvarig has only deltagaransvariga to give, and none where only numbers are registered."""
    insats = factories.insats()
    volym = factories.volyminsats(forbund=insats.forbund)
    wanted = {
        Roll.FORBUNDSADMINISTRATOR: (
            [Roll.INSATSANSVARIG, Roll.RAPPORTLASARE],
            [Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, Roll.RAPPORTLASARE],
            [Roll.INSATSANSVARIG, Roll.RAPPORTLASARE],
        ),
        Roll.INSATSANSVARIG: ([], [Roll.DELTAGARANSVARIG], []),
        Roll.RAPPORTLASARE: ([], [], []),
    }
    for roll, expected in wanted.items():
        with factories.acting(factories.user(roll, forbund=insats.forbund)):
            assert (roles_to_give(), roles_to_give(insats), roles_to_give(volym)) == expected
