"""Where the original of a samtycke is: marked as sent and received, answered code by code (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import FELREGISTRERING, Identitet, Insats, Samtycke
from registration.rules.codes import (
    ALPHABET,
    check_holds,
    codes_in,
    may_stand_for,
    new_reference,
    read_reference,
    reference_shown,
    with_check,
)
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.findings import RuleError
from registration.rules.register import Utskrivning, register_out
from registration.rules.samtycke import (
    MOST_CODES,
    Besked,
    Status,
    Utfall,
    Vantan,
    mark_codes_sent,
    mark_received,
    mark_sent,
    samtycken_awaited,
    with_samtycke_status,
    with_status,
)
from registration.rules.values import UtUppgifter
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]

TODAY = dt.date(2024, 3, 1)
SENT = dt.date(2024, 2, 1)


@dataclass
class Case:
    eva: User
    olle: User
    ines: User
    steget: Insats
    granne: Insats

    def samtycke(self, n: int, *, insats: Insats | None = None, **overrides: object) -> Samtycke:
        return factories.samtycke_of(factories.registered(n, insats=insats or self.steget, **overrides))


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """On 1 March 2024; what is signed on 10 January is then 51 days old."""
    monkeypatch.setattr("registration.rules.samtycke.timezone.localdate", lambda *_: TODAY)
    with factories.as_system():
        kust = factories.forbund()
        steget, granne = factories.insats(forbund=kust), factories.insats(forbund=kust)
        made = Case(
            eva=factories.user(Roll.DELTAGARANSVARIG, insats=steget),
            olle=factories.user(Roll.DELTAGARANSVARIG, insats=granne),
            ines=factories.user(Roll.SAMTYCKESMOTTAGARE, national=True),
            steget=steget,
            granne=granne,
        )
    yield made


def status_of(samtycke: Samtycke) -> str:
    return str(with_status(Samtycke.unscoped.filter(pk=samtycke.pk)).get().status)


def now(samtycke: Samtycke) -> Samtycke:
    """As it stands in the database."""
    one: Samtycke = Samtycke.unscoped.get(pk=samtycke.pk)
    return one


# The code


def test_a_code_finds_every_wrong_character_and_every_two_that_changed_places() -> None:
    code = new_reference()
    assert check_holds(code) and len(code) == 10
    for at in range(10):
        for other in ALPHABET:
            if other != code[at]:
                assert not check_holds(code[:at] + other + code[at + 1 :])
        for to in range(at + 1, 10):
            if code[at] != code[to]:
                turned = list(code)
                turned[at], turned[to] = turned[to], turned[at]
                assert not check_holds("".join(turned))
    assert len({new_reference() for _ in range(1000)}) == 1000


def test_a_code_is_read_as_people_write_it() -> None:
    code = new_reference()
    assert reference_shown(code) == f"{code[:5]}-{code[5:]}"
    for written in (code.lower(), f" {code[:5]}-{code[5:]} ", " ".join(code)):
        assert read_reference(written) == code
    assert reference_shown("SUS-2018-1") == "SUS-2018-1"
    assert not check_holds("") and not check_holds("ÅÄÖ") and not check_holds("0000000000")


OURS, OTHER = with_check("HQY6CAHPR"), with_check("7T2KMNPQX")
A, B = reference_shown(OURS), reference_shown(OTHER)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (f"{OURS} {OTHER}", [OURS, OTHER]),
        (f"{A},{B}", [A, B]),
        (f" {A}; {B} ;", [A, B]),
        (f"{A}\t{OTHER.lower()}", [A, OTHER.lower()]),
        (f"{OURS[:5]} {OURS[5:]}", [f"{OURS[:5]} {OURS[5:]}"]),
        (f"{OURS[:5]} - {OURS[5:]} {OTHER[:5]} {OTHER[5:]}",
         [f"{OURS[:5]} - {OURS[5:]}", f"{OTHER[:5]} {OTHER[5:]}"]),
        (" ".join(OURS + OTHER), [" ".join(OURS), " ".join(OTHER)]),
        (f"ABC {A}", ["ABC", A]),  # too short, and a whole one
        (f"{OURS[:5]} {OURS[5:9]} {B}", [f"{OURS[:5]} {OURS[5:9]}", B]),
        (f"{OURS}2 {B}", [f"{OURS}2", B]),  # too long, and a whole one
        ("KOD1 KOD2", ["KOD1", "KOD2"]),  # of another system, and in the register
        ("sus 2018, 17", ["sus 2018, 17"]),
        (f"gml 4,{A}", ["gml 4", A]),
        (f"{A} KOD1 {B}", [A, "KOD1", B]),
        (" , - ;", []),
        ("", []),
    ],
)  # fmt: skip
def test_several_codes_on_a_line(line: str, codes: list[str]) -> None:
    known = {"KOD1", "KOD2", "sus 2018, 17", "gml 4"}
    assert codes_in(line, known) == codes
    assert may_stand_for(line) >= {*codes, *map(read_reference, codes)}
    assert read_reference(codes_in(f"{OURS[:5]} {OURS[5:]}", {OURS})[0]) == OURS


# Status


def awaited(*wanted: Vantan) -> tuple[int, ...]:
    return tuple(samtycken_awaited(one).antal for one in wanted)


def test_each_samtycke_has_one_status(case: Case) -> None:
    with factories.as_system():
        new = case.samtycke(0)
        sent = case.samtycke(1, original_skickat=SENT)
        late = case.samtycke(2, undertecknat=dt.date(2023, 11, 1), original_skickat=dt.date(2023, 11, 2))
        edge = case.samtycke(3, undertecknat=TODAY - dt.timedelta(days=90))
        came = case.samtycke(4, original_skickat=SENT, original_mottaget=dt.date(2024, 2, 5))
        read_in = case.samtycke(5, inlast=True)
        withdrawn, protected, wrong = case.samtycke(6), case.samtycke(7), case.samtycke(8)
        withdraw_samtycke([withdrawn.identitet.deltagande_id])
        protect_identity([protected.identitet.deltagande_id])
        as_wrong = UtUppgifter(slutdatum=None, avslutsanledning=FELREGISTRERING)
        register_out([Utskrivning(wrong.identitet.deltagande_id, as_wrong)])
    all_of_them = (new, sent, late, edge, came, read_in, withdrawn, protected, wrong)
    assert [status_of(one) for one in all_of_them] == [
        Status.UNDERTECKNAT, Status.SKICKAT, Status.SAKNAS, Status.UNDERTECKNAT, Status.MOTTAGET, Status.INLAST,
        Status.ATERKALLAT, Status.BORTTAGET, Status.FELREGISTRERAT,
    ]  # fmt: skip
    with factories.acting(case.eva):
        assert awaited(Vantan.ATT_SKICKA, Vantan.FORSENADE, Vantan.ALLA) == (2, 1, 4)
    with factories.acting(case.olle):
        assert awaited(Vantan.ATT_SKICKA, Vantan.FORSENADE) == (0, 0)
    with factories.acting(case.ines):
        assert awaited(Vantan.FORSENADE, Vantan.ALLA) == (1, 4)


def test_the_days_are_counted_from_when_it_was_sent(case: Case, settings: Any) -> None:
    """Signed long ago and sent today is on its way, until as many days have gone; unsent it has been missing since."""
    signed = TODAY - dt.timedelta(days=settings.SAMTYCKE_REMINDER_DAYS + 200)
    limit = TODAY - dt.timedelta(days=settings.SAMTYCKE_REMINDER_DAYS)
    with factories.as_system():
        unsent, sent = (case.samtycke(n, undertecknat=signed) for n in range(2))
        edge = case.samtycke(2, undertecknat=signed, original_skickat=limit)
        lost = case.samtycke(3, undertecknat=signed, original_skickat=limit - dt.timedelta(days=1))
    assert status_of(sent) == Status.SAKNAS
    with factories.acting(case.eva):
        mark_sent([sent.pk], TODAY)
        assert awaited(Vantan.FORSENADE, Vantan.LETA_EFTER) == (2, 1)
        persons = dict(
            with_samtycke_status(Identitet.objects.all()).values_list("samtycke", "samtycke_status")
        )
    expected = [Status.SAKNAS, Status.SKICKAT, Status.SKICKAT, Status.SAKNAS]
    everyone = (unsent, sent, edge, lost)
    assert [status_of(one) for one in everyone] == [persons[one.pk] for one in everyone] == expected


def test_a_locked_identity_is_not_waited_for(case: Case, settings: object) -> None:
    settings.ERASURE_DECISION = ""  # type: ignore[attr-defined]
    with factories.as_system():
        one = case.samtycke(0)
        protect_identity([one.identitet.deltagande_id])
    assert status_of(one) == Status.BORTTAGET


# Sent


def test_many_are_marked_as_sent(case: Case) -> None:
    with factories.as_system():
        one, two = case.samtycke(0), case.samtycke(1)
        before = case.samtycke(2, original_skickat=SENT)
        withdrawn = case.samtycke(3)
        withdraw_samtycke([withdrawn.identitet.deltagande_id])
        persons = [str(each.identitet.deltagande_id) for each in (one, two)]
    with factories.acting(case.eva):
        answers = mark_sent([one.pk, two.pk, before.pk, withdrawn.pk, one.pk])
    assert [(each.utfall, each.dag) for each in answers[:3]] == [
        (Utfall.MARKERAT, TODAY), (Utfall.MARKERAT, TODAY), (Utfall.REDAN, SENT),
    ]  # fmt: skip
    assert answers[3].utfall == Utfall.ATERKALLAT and len(answers) == 4
    for each, day in ((one, TODAY), (two, TODAY), (before, SENT), (withdrawn, None)):
        assert now(each).original_skickat == day
    logged = Atkomst.objects.filter(syfte="samtyckets original skickat").values_list("objekt_id", "handling")
    assert sorted(logged) == sorted((one, "andrat") for one in persons)


def test_sent_in_own_insatser_only(case: Case) -> None:
    with factories.as_system():
        mine, theirs = case.samtycke(0), case.samtycke(1, insats=case.granne)
    for who in (case.eva, case.ines):
        with pytest.raises(AccessRefused), factories.acting(who):
            mark_sent([mine.pk, theirs.pk])
    assert not Samtycke.unscoped.filter(original_skickat__isnull=False).exists()
    assert set(Atkomst.objects.filter(objekt="samtycke").values_list("resultat", flat=True)) == {"nekat"}


def test_sent_on_no_day_before_it_was_signed_and_none_to_come(case: Case) -> None:
    with factories.as_system():
        one = case.samtycke(0)
    with factories.acting(case.eva):
        assert mark_sent([one.pk], dt.date(2024, 1, 9))[0].utfall == Utfall.FORE_UNDERSKRIFT
        with pytest.raises(RuleError, match="framtiden"):
            mark_sent([one.pk], TODAY + dt.timedelta(days=1))
    assert now(one).original_skickat is None


def test_codes_are_sent_in_own_insatser_only(case: Case) -> None:
    """A code of another insats is answered as one that never was, whatever became of it; nobody else may."""
    with factories.as_system():
        mine, theirs = case.samtycke(0), case.samtycke(1, insats=case.granne)
        before, came = case.samtycke(2, original_skickat=SENT), case.samtycke(3, original_mottaget=SENT)
        withdrawn, not_mine = case.samtycke(4), case.samtycke(5, insats=case.granne)
        withdraw_samtycke([withdrawn.identitet.deltagande_id])
        withdraw_samtycke([not_mine.identitet.deltagande_id])
        person = str(mine.identitet.deltagande_id)
    typed = [reference_shown(one.referenskod) for one in (mine, theirs, before, came, withdrawn, not_mine)]
    with factories.acting(case.eva):
        answers = mark_codes_sent([*typed, mine.referenskod, ""])
        assert mark_codes_sent(typed)[0] == Besked(mine.referenskod, Utfall.REDAN, TODAY)
        with pytest.raises(RuleError, match="minst en"):
            mark_codes_sent([" "])
    assert answers == [
        Besked(mine.referenskod, Utfall.MARKERAT, TODAY),
        Besked(theirs.referenskod, Utfall.OKAND),
        Besked(before.referenskod, Utfall.REDAN, SENT),
        Besked(came.referenskod, Utfall.REDAN, SENT),
        Besked(withdrawn.referenskod, Utfall.ATERKALLAT, now(withdrawn).aterkallat),
        Besked(not_mine.referenskod, Utfall.OKAND),
    ]
    logged = Atkomst.objects.filter(syfte="samtyckets original skickat").values_list("objekt_id", flat=True)
    assert list(logged) == [person]
    with pytest.raises(AccessRefused), factories.acting(case.ines):
        mark_codes_sent([theirs.referenskod])
    assert now(theirs).original_skickat is None


# Received


def test_every_code_is_answered(case: Case) -> None:
    with factories.as_system():
        one, two = case.samtycke(0), case.samtycke(1, insats=case.granne)
        came = case.samtycke(2, original_mottaget=SENT)
        old = case.samtycke(3, referenskod="sus 2018-17")
        withdrawn, protected = case.samtycke(4), case.samtycke(5)
        withdraw_samtycke([withdrawn.identitet.deltagande_id])
        protect_identity([protected.identitet.deltagande_id])
    unknown = new_reference()
    wrong = unknown[:-1] + next(c for c in ALPHABET if c != unknown[-1])
    typed = [
        one.referenskod.lower(), f"  {reference_shown(two.referenskod)}\r", "", one.referenskod, came.referenskod,
        "sus 2018-17", withdrawn.referenskod, protected.referenskod, unknown, wrong, "hej", "x" * 5000, "0" * 10,
    ]  # fmt: skip
    with factories.acting(case.ines):
        answers = mark_received(typed)
        again = mark_received(typed)
    assert answers == [
        Besked(one.referenskod, Utfall.MARKERAT, TODAY),
        Besked(two.referenskod, Utfall.MARKERAT, TODAY),
        Besked(came.referenskod, Utfall.REDAN, SENT),
        Besked("sus 2018-17", Utfall.MARKERAT, TODAY),
        Besked(withdrawn.referenskod, Utfall.ATERKALLAT, now(withdrawn).aterkallat),
        Besked(protected.referenskod, Utfall.BORTTAGET),
        Besked(unknown, Utfall.OKAND),
        Besked(wrong, Utfall.FEL_TECKEN),
        Besked("HEJ", Utfall.FEL_LANGD),
        Besked("X" * 40, Utfall.FEL_LANGD),
        Besked("0" * 10, Utfall.FRAMMANDE_TECKEN),
    ]
    assert {each.utfall for each in again} == {each.utfall for each in answers} - {Utfall.MARKERAT}
    marked = Atkomst.objects.filter(syfte="samtyckets original mottaget")
    assert {row.objekt_id for row in marked} == {str(each.pk) for each in (one, two, old)}
    assert {status_of(each) for each in (one, two, came, old)} == {Status.MOTTAGET}


def test_codes_on_one_line_are_each_answered(case: Case) -> None:
    with factories.as_system():
        one, two, three = (case.samtycke(n) for n in range(3))
        old = case.samtycke(3, referenskod="sus, 2018-17")
    codes = [each.referenskod for each in (one, two, three)]
    lines = [f"{codes[0]} {reference_shown(codes[1])}, {codes[2][:5]} {codes[2][5:]}; hej", "sus, 2018-17"]
    with factories.acting(case.ines):
        answers = mark_received(lines)
        with pytest.raises(RuleError, match="Dela upp"):
            mark_received([" ".join(new_reference() for _ in range(MOST_CODES + 1))])
    assert [(each.kod, each.utfall, each.skrivet) for each in answers] == [
        (codes[0], Utfall.MARKERAT, codes[0]),
        (codes[1], Utfall.MARKERAT, reference_shown(codes[1])),
        (codes[2], Utfall.MARKERAT, f"{codes[2][:5]} {codes[2][5:]}"),
        ("HEJ", Utfall.FEL_LANGD, "hej"),
        ("sus, 2018-17", Utfall.MARKERAT, "sus, 2018-17"),
    ]
    assert {status_of(each) for each in (one, two, three, old)} == {Status.MOTTAGET}


def test_received_by_the_samtyckesmottagare_only(case: Case) -> None:
    with factories.as_system():
        one = case.samtycke(0)
    with pytest.raises(AccessRefused), factories.acting(case.eva):
        mark_received([one.referenskod])
    assert status_of(one) == Status.UNDERTECKNAT


def test_received_days_and_numbers_of_codes(case: Case) -> None:
    with factories.as_system():
        one = case.samtycke(0)
    with factories.acting(case.ines):
        early = mark_received([one.referenskod], dt.date(2024, 1, 9))
        assert early == [Besked(one.referenskod, Utfall.FORE_UNDERSKRIFT, factories.UNDERTECKNAT)]
        with pytest.raises(RuleError) as not_yet:
            mark_received([one.referenskod], TODAY + dt.timedelta(days=1))
        assert [found.kind for found in not_yet.value.findings] == ["i_framtiden"]
        with pytest.raises(RuleError, match="minst en"):
            mark_received(["", " "])
        with pytest.raises(RuleError, match="Dela upp") as crowd:
            mark_received(str(n) for n in range(MOST_CODES + 1))
        assert [found.kind for found in crowd.value.findings] == ["for_manga"]
    assert status_of(one) == Status.UNDERTECKNAT
