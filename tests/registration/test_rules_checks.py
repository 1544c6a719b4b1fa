"""The pure checks of a registration: plain values in, findings out, no database (DOMAIN §3–4, FORMATS §1)."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import registration.rules
from registration.models import Kodlista
from registration.personnummer import parse
from registration.rules.antal import AnonymaRad, VolymRad, check_anonyma, check_volym
from registration.rules.checks import (
    check_age,
    check_behovsgrupp,
    check_in,
    check_in_uppgifter,
    check_insats_takes_persons,
    check_original,
    check_out,
    check_reason_to_leave,
    check_time,
    check_time_in_support,
    find_overlaps,
    local_day,
    overlap_finding,
    without_consequences,
)
from registration.rules.facts import Facts, FormularFacts, InsatsFacts
from registration.rules.findings import Finding, RuleError, raise_errors
from registration.rules.register import check_number_allowed
from registration.rules.values import (
    ForsorjningFel,
    InUppgifter,
    NyttDeltagande,
    Samtyckesuppgifter,
    Sysselsattning,
    UtUppgifter,
    forsorjning_sources,
    forsorjning_text,
    read_forsorjning,
)
from tests import numbers

RULES = Path(registration.rules.__path__[0])
START = dt.date(2024, 2, 1)
NOW = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
ALWAYS: list[tuple[dt.date, dt.date | None]] = [(dt.date(2004, 1, 1), None)]
PERSON = InsatsFacts("I1", dt.date(2024, 1, 1), dt.date(2024, 12, 31), "individ", "person", "F1", 1)
VOLYM = dataclasses.replace(PERSON, insats_id="V1", inriktning="struktur", registreringssatt="volym")
ONE = numbers.pick(0)


def facts() -> Facts:
    """A small world: one förbund with one kommun, two insatser, a few codes, one of them no longer valid."""
    known: dict[str, tuple[str, ...]] = {
        Kodlista.UTBILDNING: ("gymnasium",),
        Kodlista.INITIERANDE_AKTOR: ("fk",),
        Kodlista.BEHOVSGRUPP: ("langtidssjukskrivna", "missbruk"),
        Kodlista.TYP_AV_ARBETE: ("ordinarie",),
        Kodlista.FORSORJNING: ("sjukpenning", "forsorjningsstod", "ingen"),
        Kodlista.AVSLUTSANLEDNING: ("enligt_plan", "felregistrering", "aterkallat_samtycke"),
    }
    world = Facts(
        per_person={"langtidssjukskrivna"},
        kommuner={"0114", "0180"},
        insatser={"I1": PERSON, "V1": VOLYM},
        formular={
            "utan": FormularFacts(dt.date(2020, 1, 1)),
            "med": FormularFacts(dt.date(2020, 1, 1), dt.date(2024, 1, 31), True),
        },
    )
    for lista, codes in known.items():
        world.koder[lista] = {kod: list(ALWAYS) for kod in codes}
    world.koder[Kodlista.UTBILDNING]["folkskola"] = [(dt.date(2004, 1, 1), dt.date(2023, 12, 31))]
    world.stadsdelar["0180"].add("Farsta")
    world.medlemskap["F1", "0114"] = [(dt.date(2004, 1, 1), None)]
    return world


def ny(**changes: Any) -> NyttDeltagande:
    """Somebody with whom nothing is wrong or odd; changes by the plain names of the parts' fields."""
    parts: dict[str, Any] = {
        "fore": Sysselsattning("sjukpenning:hel", 50, "ordinarie", 0, False, False),
        "uppgifter": InUppgifter("0114", START, "gymnasium", 24, "fk"),
        "samtycke": Samtyckesuppgifter(dt.date(2024, 1, 31), "utan"),
    }
    for name, part in parts.items():
        own = {field.name for field in dataclasses.fields(part)} & changes.keys()
        parts[name] = dataclasses.replace(part, **{key: changes.pop(key) for key in own})
    uppgifter = dataclasses.replace(parts["uppgifter"], fore=parts["fore"])
    values: dict[str, Any] = {
        "insats_id": "I1",
        "nummer": parse(ONE, today=NOW.date()),
        "fornamn": "Förnamn",
        "efternamn": "Efternamn",
    }
    return NyttDeltagande(samtycke=parts["samtycke"], uppgifter=uppgifter, **(values | changes))


def at_in(registrerad: dt.datetime = NOW, **changes: Any) -> list[Finding]:
    """What is found when that somebody is registered in."""
    return list(check_in(ny(**changes), facts(), registrerad=registrerad, now=NOW))


def at_out(registrerad: dt.datetime = NOW, forst_in: dt.datetime = NOW, **changes: Any) -> list[Finding]:
    """What is found when somebody is registered out, started on `START`."""
    efter_fields = {field.name for field in dataclasses.fields(Sysselsattning)} & changes.keys()
    efter = Sysselsattning(**{key: changes.pop(key) for key in efter_fields})
    values: dict[str, Any] = {"slutdatum": dt.date(2024, 2, 20), "avslutsanledning": "enligt_plan"}
    ut = UtUppgifter(**values | changes, efter=efter)
    return list(
        check_out(ut, facts(), PERSON, startdatum=START, forst_in=forst_in, registrerad=registrerad, now=NOW)
    )


def said(findings: Iterable[Finding]) -> list[tuple[str, str, bool]]:
    """(field, kind, is a warning) of each finding; each must say something, as a sentence."""
    rows = list(findings)
    assert all(one.message.endswith(".") and one.message[0].isupper() for one in rows)
    return [(one.field, one.kind, one.warning) for one in rows]


def test_what_only_follows_from_a_wrong_day_is_left_out() -> None:
    """A code that did not hold is told where the day is right, and left to the day where that is wrong."""
    right = at_in(utbildning="folkskola")
    assert without_consequences(right) == right
    wrong = at_in(startdatum=dt.date(1890, 1, 1))
    assert ("utbildning", "kod_ogiltig_da", False) in said(wrong)
    kinds = {one.kind for one in without_consequences(wrong)}
    assert "utanfor_insatsen" in kinds and "kod_ogiltig_da" not in kinds
    late = at_out(slutdatum=dt.date(1890, 1, 1), forsorjning="sjukpenning:hel")
    assert [one.kind for one in without_consequences(late)] == ["slut_fore_start", "utanfor_insatsen"]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """A plain registration in and out passes without even a warning."""
    assert at_in() == []
    assert at_out() == []


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"insats_id": "X9"}, "insats_id", "insats_okand"),
        ({"insats_id": "V1"}, "insats_id", "insats_registrerar_antal"),
        ({"startdatum": dt.date(2025, 1, 1)}, "startdatum", "utanfor_insatsen"),
        ({"kommunkod": "9999"}, "kommunkod", "kommun_okand"),
        ({"stadsdel": "Farsta"}, "stadsdel", "stadsdel_okand"),
        ({"utbildning": "akademi"}, "utbildning", "kod_okand"),
        ({"utbildning": "folkskola"}, "utbildning", "kod_ogiltig_da"),
        ({"initierad_av": "granne"}, "initierad_av", "kod_okand"),
        ({"behovsgrupp": "okand"}, "behovsgrupp", "kod_okand"),
        ({"behovsgrupp": "missbruk", "formular": "med"}, "behovsgrupp", "behovsgrupp_ej_per_person"),
        ({"behovsgrupp": "langtidssjukskrivna"}, "behovsgrupp", "behovsgrupp_ej_i_formular"),
        ({"tid_i_forsorjning_manader": 1201}, "tid_i_forsorjning_manader", "tid_orimlig"),
        ({"tid_i_forsorjning_manader": -1}, "tid_i_forsorjning_manader", "tid_orimlig"),
        ({"formular": "finns-inte"}, "samtyckesversion", "formular_okant"),
        ({"formular": "med", "undertecknat": START}, "samtyckesdatum", "formular_ogiltigt_da"),
        ({"undertecknat": dt.date(2019, 12, 31)}, "samtyckesdatum", "formular_ogiltigt_da"),
        ({"arbetar": 101}, "arbetar_fore", "procent"),
        ({"studerar": -1}, "studerar_fore", "procent"),
        ({"arbetar": 0}, "typ_av_arbete_fore", "arbete_utan_procent"),
        ({"arbetar": None}, "typ_av_arbete_fore", "arbete_utan_procent"),
        ({"typ_av_arbete": "hobby"}, "typ_av_arbete_fore", "kod_okand"),
        ({"forsorjning": "lotteri:hel"}, "forsorjning_fore", "kod_okand"),
    ],
)
def test_what_is_wrong_at_in_is_an_error_at_its_field(changes: dict[str, Any], field: str, kind: str) -> None:
    """Each fault is found alone, at the column it is about, and refuses."""
    assert said(at_in(**changes)) == [(field, kind, False)]


def test_the_kommun_is_asked_for_on_the_first_day() -> None:
    """Of the förbund that owned the insats then, and of its kommuner then (DOMAIN §3)."""
    world, day, said_in = facts(), dt.timedelta(days=1), ny().uppgifter
    start = said_in.startdatum

    def told(member: dict[str, tuple[dt.date, dt.date | None]], *earlier: tuple[str, dt.date]) -> bool:
        world.medlemskap.clear()
        world.medlemskap.update({(forbund, "0114"): [period] for forbund, period in member.items()})
        insats = dataclasses.replace(PERSON, earlier=earlier)
        return any(one.kind == "kommun_utanfor" for one in check_in_uppgifter(said_in, world, insats))

    assert not told({"F1": (start, start)})
    assert told({"F1": (start + day, None)}) and told({"F1": (start - 9 * day, start - day)})
    # F2 went up in F1: its kommuner are asked for until its last day.
    assert not told({"F2": (start, None)}, ("F2", start)) and told({"F1": (start, None)}, ("F2", start))
    assert told({"F2": (start, None)}, ("F2", start - day))


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"kommunkod": "0180", "stadsdel": "Farsta"}, "kommunkod", "kommun_utanfor"),
        (
            {"undertecknat": START + dt.timedelta(days=1)},
            "samtyckesdatum",
            "samtycke_efter_start",
        ),
        ({"forsorjning": "sjukpenning:hel|forsorjningsstod:hel"}, "forsorjning_fore", "flera_hel"),
        (
            {"nummer": parse(numbers.pick(0, born=(1900, 1945)), today=NOW.date())},
            "personnummer",
            "alder",
        ),
    ],
)
def test_what_is_odd_warns_and_never_refuses(changes: dict[str, Any], field: str, kind: str) -> None:
    """Age, two whole benefits, a kommun outside the förbund, samtycke after start: possible, so only said."""
    findings = at_in(**changes)
    assert said(findings) == [(field, kind, True)]
    raise_errors(findings)


def test_both_sides_of_every_limit() -> None:
    """The first and last day of the insats, 0 and 100 percent, 0 and 1200 months are within."""
    assert at_in(startdatum=PERSON.startdatum, undertecknat=PERSON.startdatum) == []
    assert PERSON.slutdatum is not None
    assert said(at_in(startdatum=PERSON.slutdatum)) == [("startdatum", "start_efter_registrering", True)]
    assert at_in(arbetar=100, studerar=0, tid_i_forsorjning_manader=0) == []
    assert at_in(studerar=100, tid_i_forsorjning_manader=1200) == []
    assert said(
        at_in(startdatum=PERSON.startdatum - dt.timedelta(days=1), undertecknat=dt.date(2023, 1, 1))
    ) == [("startdatum", "utanfor_insatsen", False)]


def test_a_form_may_be_signed_on_its_first_and_its_last_day() -> None:
    """Also when it holds no longer at the registration: it is the day of signing that counts."""
    for day in (dt.date(2020, 1, 1), dt.date(2024, 1, 31)):
        assert said(at_in(formular="med", undertecknat=day)) == []


def test_samtycke_is_signed_on_or_before_the_day_of_registration_in_sweden() -> None:
    """Half past eleven in the evening UTC is the day after in Sweden: signed that day is in time."""
    late = dt.datetime(2024, 2, 10, 23, 30, tzinfo=dt.UTC)
    assert local_day(late) == dt.date(2024, 2, 11)
    assert said(at_in(late, undertecknat=dt.date(2024, 2, 11), startdatum=dt.date(2024, 2, 11))) == []
    assert said(at_in(late, undertecknat=dt.date(2024, 2, 12), startdatum=dt.date(2024, 2, 11))) == [
        ("samtyckesdatum", "samtycke_efter_registrering", False),
        ("samtyckesdatum", "samtycke_efter_start", True),
    ]


def test_a_day_that_has_not_come_is_odd() -> None:
    """A mistyped year, most often; the day of registration itself, as it is in Sweden, is not."""
    late = dt.datetime(2024, 2, 10, 23, 30, tzinfo=dt.UTC)
    assert said(at_in(late, startdatum=dt.date(2024, 2, 11))) == []
    assert said(at_in(late, startdatum=dt.date(2024, 2, 12))) == [
        ("startdatum", "start_efter_registrering", True)
    ]
    assert said(at_out(late, late, slutdatum=dt.date(2024, 2, 11))) == []
    assert said(at_out(late, late, slutdatum=dt.date(2024, 2, 12))) == [
        ("slutdatum", "slut_efter_registrering", True)
    ]


def test_all_faults_of_a_registration_are_found_at_once() -> None:
    """The one who registers sees everything that is wrong, not only the first."""
    kinds = {
        kind
        for _, kind, _ in said(
            at_in(kommunkod="9999", utbildning="x", arbetar=200, tid_i_forsorjning_manader=-5, formular="?")
        )
    }
    assert kinds == {"kommun_okand", "kod_okand", "procent", "tid_orimlig", "formular_okant"}


def test_nothing_becomes_known_in_the_future() -> None:
    """A registration time after now is refused; now is not (DOMAIN §5)."""
    assert list(check_time("registrerad_in", NOW, NOW)) == []
    future = NOW + dt.timedelta(microseconds=1)
    assert said(check_time("registrerad_in", future, NOW)) == [
        ("registrerad_in", "registrerad_i_framtiden", False)
    ]
    assert said(at_in(future)) == [("registrerad_in", "registrerad_i_framtiden", False)]
    assert said(at_out(future)) == [("registrerad_ut", "registrerad_i_framtiden", False)]


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"slutdatum": None}, "slutdatum", "slut_saknas"),
        ({"slutdatum": START - dt.timedelta(days=1)}, "slutdatum", "slut_fore_start"),
        ({"slutdatum": dt.date(2025, 1, 1)}, "slutdatum", "utanfor_insatsen"),
        ({"avslutsanledning": "trott"}, "avslutsanledning", "kod_okand"),
        ({"arbetar": 101}, "arbetar_efter", "procent"),
        ({"forsorjning": "lotteri:del"}, "forsorjning_efter", "kod_okand"),
        ({"forst_in": NOW + dt.timedelta(seconds=1)}, "registrerad_ut", "ut_fore_in"),
    ],
)
def test_what_is_wrong_at_out(changes: dict[str, Any], field: str, kind: str) -> None:
    """Each fault at the end is found alone and refuses."""
    assert said(at_out(**changes)) == [(field, kind, False)]


def test_one_day_in_an_insats_is_enough() -> None:
    """Slut on the day of start is a deltagande of one day."""
    assert at_out(slutdatum=START) == []


def test_a_felregistrering_asks_nothing_more() -> None:
    """Neither slutdatum nor any answer; and a slutdatum that stands there may be as wrong as the rest (DOMAIN §3)."""
    assert at_out(slutdatum=None, avslutsanledning="felregistrering") == []
    assert at_out(slutdatum=dt.date(2019, 1, 1), avslutsanledning="felregistrering") == []


def test_a_withdrawn_samtycke_is_no_way_to_leave() -> None:
    """Registered out with that reason the identity would stay; withdrawal removes it (DOMAIN §4)."""
    ut = UtUppgifter(START, "aterkallat_samtycke")
    assert said(check_reason_to_leave(ut)) == [("avslutsanledning", "aterkalla_i_stallet", False)]
    assert list(check_reason_to_leave(UtUppgifter(START, "enligt_plan"))) == []


def test_the_original_is_not_sent_before_it_is_signed() -> None:
    """Sent or received before the day of signing is a slip of the pen."""
    signed = dt.date(2024, 1, 31)
    before = signed - dt.timedelta(days=1)
    wrong = Samtyckesuppgifter(signed, "utan", original_skickat=before, original_mottaget=before)
    assert said(check_original(wrong)) == [
        ("original_skickat", "fore_samtycket", False),
        ("original_mottaget", "fore_samtycket", False),
    ]
    right = Samtyckesuppgifter(signed, "utan", original_skickat=signed, original_mottaget=signed)
    assert list(check_original(right)) == []


def test_behovsgrupp_only_where_list_and_form_allow_it() -> None:
    """A value marked per person, and a signed form version that names behovsgrupp: both or not at all (DOMAIN §3)."""
    world = facts()
    assert list(check_behovsgrupp("langtidssjukskrivna", "med", world)) == []
    assert list(check_behovsgrupp(None, "utan", world)) == []
    assert [one.kind for one in check_behovsgrupp("langtidssjukskrivna", "utan", world)] == [
        "behovsgrupp_ej_i_formular"
    ]
    assert [one.kind for one in check_behovsgrupp("missbruk", "med", world)] == ["behovsgrupp_ej_per_person"]


def test_persons_only_in_insatser_that_register_persons() -> None:
    """Neither a volyminsats nor one that is strukturövergripande takes a person."""
    assert list(check_insats_takes_persons(PERSON)) == []
    for wrong in (VOLYM, dataclasses.replace(PERSON, registreringssatt="volym")):
        assert said(check_insats_takes_persons(wrong)) == [("insats_id", "insats_registrerar_antal", False)]


def test_no_message_holds_number_or_name() -> None:
    """Of personnummer and names only the kind of fault is told, never the value."""
    for findings in (
        at_in(
            nummer=parse(numbers.pick(0, born=(1900, 1945)), today=NOW.date()), formular="?", kommunkod="?"
        ),
        [overlap_finding("2024-01-01–")],
    ):
        for one in findings:
            assert not any(secret in one.message for secret in ("Förnamn", "Efternamn", ONE, ONE[2:]))


def test_an_age_outside_16_to_74_warns() -> None:
    """Fifteen and seventy-five are said, sixteen and seventy-four are not (QUALITY §1)."""
    born = parse(numbers.pick(0), today=NOW.date())
    assert born.birth_date is not None
    for age, kinds in ((15, ["alder"]), (16, []), (74, []), (75, ["alder"])):
        birthday = dt.date(born.birth_year + age, 12, 31)
        assert [one.kind for one in check_age(born, birthday)] == kinds


def test_longer_in_support_than_since_the_sixteenth_birthday_is_odd() -> None:
    """To the month; a month that has begun counts, and who is younger has had none."""
    nummer = parse(ONE, today=NOW.date())
    born = nummer.birth_date
    assert born is not None
    for years, months, days, odd in (
        (20, 48, 0, False), (20, 49, 0, True), (20, 49, 1, False), (20, 50, 1, True), (16, 0, 0, False),
        (16, 1, 0, True), (15, 1, 0, True), (15, 0, 0, False), (15, None, 0, False),
    ):  # fmt: skip
        start = born.replace(year=born.year + years) + dt.timedelta(days=days)
        said = InUppgifter("0114", start, "gymnasium", months, "fk")
        found = list(check_time_in_support(nummer, said))
        assert [one.kind for one in found] == ["tid_langre_an_alder"] * odd, (years, months, days)
        assert all(one.warning and one.field == "tid_i_forsorjning_manader" for one in found)


def test_the_time_in_support_is_not_weighed_in_an_import() -> None:
    """The checks that an import shares say nothing of it: there is nobody to ask."""
    assert not at_in(tid_i_forsorjning_manader=1200)


def test_ten_digits_that_may_be_a_telephone_number_are_odd_whatever_the_age() -> None:
    """A warning of its own, which twelve digits never give."""
    whole = numbers.pick(0, born=(2007, 2007))
    for text, kinds in ((whole[2:], ["telefonnummer"]), (whole, [])):
        nummer = parse(text, today=NOW.date())
        found = list(check_age(nummer, dt.date(2030, 1, 1)))
        assert [one.kind for one in found if one.warning] == kinds


def test_test_numbers_are_refused_in_production_only(settings: Any) -> None:
    """Nobody is registered under a number that belongs to nobody (QUALITY §1)."""
    computed = parse(numbers.compute_number(dt.date(1850, 5, 5), 12), today=NOW.date())
    listed = parse(ONE, today=NOW.date())
    assert list(check_number_allowed(listed)) == []
    settings.FINSAM_MODE = "production"
    for nummer in (listed, computed):
        assert said(check_number_allowed(nummer)) == [("personnummer", "testnummer", False)]


@pytest.mark.parametrize(
    ("rad", "insats", "field", "kind"),
    [
        (AnonymaRad(1, 2023, 1, 1), PERSON, "ar", "insats_ej_det_aret"),
        (AnonymaRad(1, 2024, 1, 1), VOLYM, "insats_id", "insats_registrerar_antal"),
        (AnonymaRad(1, 2024, -1, 1), PERSON, "kvinnor", "negativt"),
        (VolymRad(1, 2025, 1), VOLYM, "ar", "insats_ej_det_aret"),
        (VolymRad(1, 2024, 1), PERSON, "insats_id", "insats_registrerar_personer"),
        (VolymRad(1, 2024, 2, 1, 2), VOLYM, "antal", "kon_over_antal"),
    ],
)
def test_what_is_wrong_with_a_count(rad: Any, insats: InsatsFacts, field: str, kind: str) -> None:
    """Counts stand on an insats that ran that year and registers in that way; kvinnor + män ≤ antal (FORMATS §1)."""
    check: Any = check_anonyma if isinstance(rad, AnonymaRad) else check_volym
    assert said(check(rad, insats, registrerad=NOW, now=NOW)) == [(field, kind, False)]


def test_right_counts_pass() -> None:
    """Zero is a count; women and men may be known in part, and need not add up to all."""
    assert list(check_anonyma(AnonymaRad(1, 2024, 0, 0), PERSON, registrerad=NOW, now=NOW)) == []
    for rad in (VolymRad(1, 2024, 0), VolymRad(1, 2024, 3, 1, 1), VolymRad(1, 2024, 3, None, 3)):
        assert list(check_volym(rad, VOLYM, registrerad=NOW, now=NOW)) == []
    future = NOW + dt.timedelta(seconds=1)
    assert said(check_volym(VolymRad(1, 2024, 1), VOLYM, registrerad=future, now=NOW)) == [
        ("registrerad", "registrerad_i_framtiden", False)
    ]


# --- Overlaps --------------------------------------------------------------------------------------------------------

_days = st.integers(0, 40).map(lambda n: START + dt.timedelta(days=n))
_periods = st.lists(
    st.tuples(_days, st.none() | st.integers(0, 12)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + dt.timedelta(days=pair[1]))
    ),
    max_size=8,
)
Period = tuple[dt.date, dt.date | None]


def _share_a_day(one: Period, other: Period) -> bool:
    return one[0] <= (other[1] or dt.date.max) and other[0] <= (one[1] or dt.date.max)


@given(_periods)
def test_overlaps_are_found_exactly_where_two_periods_share_a_day(periods: list[Period]) -> None:
    """Every pair that is told does overlap, and nobody who overlaps somebody that began before goes untold."""
    found = list(find_overlaps((at, *period) for at, period in enumerate(periods)))
    for one, other in found:
        assert isinstance(one, int) and isinstance(other, int) and one != other
        assert _share_a_day(periods[one], periods[other])
    any_shared = any(_share_a_day(a, b) for at, a in enumerate(periods) for b in periods[:at])
    assert bool(found) == any_shared
    told = {key for pair in found for key in pair}
    ordered = sorted(range(len(periods)), key=lambda at: (periods[at][0], periods[at][1] or dt.date.max))
    for place, at in enumerate(ordered):
        if any(_share_a_day(periods[at], periods[earlier]) for earlier in ordered[:place]):
            assert at in told


def test_a_start_on_the_day_of_the_previous_slut_is_an_overlap() -> None:
    """The day after is not (FORMATS §1)."""
    first = ("a", START, START + dt.timedelta(days=5))
    assert list(find_overlaps([first, ("b", START + dt.timedelta(days=5), None)])) == [("a", "b")]
    assert list(find_overlaps([first, ("b", START + dt.timedelta(days=6), None)])) == []
    assert overlap_finding("2024-02-01–").kind == "overlapp"


# --- Försörjning in one cell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", None),
        ("  ", None),
        ("ingen", "ingen"),
        ("sjukpenning:hel", "sjukpenning:hel"),
        (" sjukpenning:hel | forsorjningsstod:del ", "forsorjningsstod:del|sjukpenning:hel"),
    ],
)
def test_forsorjning_is_read_into_one_order(text: str, canonical: str | None) -> None:
    """Equal answers are equal texts, in whatever order they were written."""
    assert read_forsorjning(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "sjukpenning",
        "sjukpenning:",
        "sjukpenning:halv",
        "sjukpenning:HEL",
        "ingen:hel",
        ":hel",
        "|",
        "sjukpenning:hel|",
        "sjukpenning:hel|sjukpenning:del",
        "ingen|sjukpenning:del",
        "sjukpenning:del|ingen",
    ],
)
def test_what_does_not_say_which_sources_is_refused_with_a_sentence(text: str) -> None:
    """A wrong form, a source said twice, `ingen` with others."""
    with pytest.raises(ForsorjningFel) as caught:
        read_forsorjning(text)
    assert str(caught.value).endswith(".")


@given(
    st.dictionaries(
        st.sampled_from(["sjukpenning", "studiestod", "forsorjningsstod"]), st.sampled_from(["hel", "del"])
    )
)
def test_forsorjning_survives_being_written_and_read(sources: dict[str, str]) -> None:
    """Text and sources say the same, both ways."""
    text = forsorjning_text(sources)
    assert forsorjning_sources(text) == sources
    assert (read_forsorjning(text) or "") == text


def test_an_error_carries_every_finding_that_is_more_than_a_warning() -> None:
    """`findings` says why, all of it at once; warnings alone refuse nothing."""
    wrong, odd = Finding("a", "x", "Fel."), Finding("b", "y", "Udda.", warning=True)
    raise_errors([odd])
    with pytest.raises(RuleError) as caught:
        raise_errors([wrong, odd, wrong])
    assert caught.value.findings == (wrong, wrong)
    assert str(caught.value) == "Fel. Fel."


# --- Every kind has a test -------------------------------------------------------------------------------------------


def kinds_in(path: Path) -> set[str]:
    """The kinds of the findings that a rule file makes: the second argument of `Finding(…)`."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return {
        node.args[1].value
        for node in calls
        if isinstance(node.func, ast.Name)
        and node.func.id == "Finding"
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def kinds_tested() -> Iterator[str]:
    """Every text that stands by itself in a test of the rules or of a door to them."""
    for path in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_kind_of_finding_has_a_test() -> None:
    """A new finding without a test that names its kind fails here."""
    made = {kind: path.name for path in RULES.glob("*.py") for kind in kinds_in(path)}
    assert len(kinds_in(RULES / "checks.py")) >= 22
    untested = {kind: made[kind] for kind in made.keys() - set(kinds_tested())}
    assert untested == {}


def test_every_finding_names_its_kind_plainly() -> None:
    """The test above sees every finding: no kind is made up at run time."""
    for path in RULES.glob("*.py"):
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
        ]
        assert all(isinstance(node.args[1], ast.Constant) for node in calls), path.name
