"""The rules of förbund and insatser: plain values in, findings out; and their writers (DOMAIN §3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from registration.models import Forbund, ForbundKommun, Insats, Kodlista, Stadsdel
from registration.personnummer import check_digit
from registration.rules.describe import (
    ForbundAret,
    ForbundUppgifter,
    FormularUppgifter,
    InsatsAret,
    InsatsUppgifter,
    Medlemskap,
    OrganisationsnummerFel,
    check_forbund,
    check_formular,
    check_insats,
    check_locked,
    check_medlemskap,
    check_money,
    check_names,
    check_post,
    is_registered_on,
    overlapping_finding,
    overlapping_medlemskap,
    read_organisationsnummer,
)
from registration.rules.describe_write import write_forbund, write_insatser, write_medlemskap
from registration.rules.facts import Facts
from tests import factories

pytestmark = pytest.mark.both

Day = dt.date
YEAR = Day(2018, 1, 1)


def forbund(forbund_id: str = "F1", **changes: Any) -> ForbundUppgifter:
    values: dict[str, Any] = {"forbund_id": forbund_id, "namn": forbund_id, "startdatum": YEAR}
    return ForbundUppgifter(**values | changes)


def insats(insats_id: str = "I1", **changes: Any) -> InsatsUppgifter:
    values: dict[str, Any] = {
        "insats_id": insats_id, "forbund_id": "F1", "namn": insats_id, "inriktning": "individ",
        "preciserad_inriktning": "rehab_arbete", "registreringssatt": "person", "startdatum": YEAR,
    }  # fmt: skip
    return InsatsUppgifter(**values | changes)


def facts() -> Facts:
    found = Facts(kommuner={"0114", "0180"})
    found.stadsdelar["0180"] = {"Södermalm"}
    for lista, koder in {
        Kodlista.INRIKTNING: ("individ", "struktur"),
        Kodlista.REGISTRERINGSSATT: ("person", "volym"),
        Kodlista.PRECISERAD_INDIVID: ("rehab_arbete",),
        Kodlista.PRECISERAD_STRUKTUR: ("dialog",),
        Kodlista.BEHOVSGRUPP: ("missbruk",),
        Kodlista.FINANSIAR: ("stat",),
        Kodlista.KOSTNADSTYP: ("kring",),
    }.items():
        found.koder[lista] = {kod: [(Day(2000, 1, 1), None)] for kod in koder}
    return found


def kinds(findings: Any) -> list[tuple[str, str]]:
    return [(one.field, one.kind) for one in findings]


def test_an_organisationsnummer_has_ten_digits_and_its_check_digit() -> None:
    """With and without hyphen; never a personnummer, whose third digit is the month's first."""
    nine = "222000123"
    digits = f"{nine}{check_digit(nine)}"
    written = f"{digits[:6]}-{digits[6:]}"
    assert read_organisationsnummer(digits) == read_organisationsnummer(f" {written} ") == written
    wrong = f"{nine}{(check_digit(nine) + 1) % 10}"
    month = f"220000123{check_digit('220000123')}"
    for text in (
        wrong,
        month,
        digits[:9],
        f"{digits}0",
        written.replace("-", " "),
        "",
        "２２２０００１２３４",
    ):
        with pytest.raises(OrganisationsnummerFel, match="Rätta"):
            read_organisationsnummer(text)


def test_a_forbund_ends_after_it_began_and_its_successor_goes_on() -> None:
    """Dates, a successor that is not there, one without a last day, and a circle in two steps."""
    assert kinds(check_forbund(forbund(slutdatum=YEAR), {})) == []
    early = forbund(slutdatum=Day(2017, 12, 31))
    assert kinds(check_forbund(early, {})) == [("slutdatum", "slut_fore_start")]
    lost = forbund(uppgatt_i="F9")
    assert kinds(check_forbund(lost, {"F1": lost})) == [
        ("uppgatt_i", "forbund_okant"), ("slutdatum", "slut_saknas"),
    ]  # fmt: skip
    one, other = forbund(slutdatum=YEAR, uppgatt_i="F2"), forbund("F2", slutdatum=YEAR, uppgatt_i="F1")
    assert kinds(check_forbund(one, {"F1": one, "F2": other})) == [("uppgatt_i", "cirkel")]


def test_a_membership_names_a_kommun_and_perhaps_its_stadsdel() -> None:
    """Codes and dates."""
    sound = Medlemskap("F1", "0180", YEAR, YEAR, "Södermalm")
    assert kinds(check_medlemskap(sound, facts())) == []
    wrong = Medlemskap("F1", "9999", YEAR, Day(2017, 1, 1), "Södermalm")
    assert kinds(check_medlemskap(wrong, facts())) == [
        ("kommunkod", "kommun_okand"), ("stadsdel", "stadsdel_okand"), ("till", "slut_fore_start"),
    ]  # fmt: skip


def test_memberships_of_one_kommun_in_one_forbund_do_not_overlap() -> None:
    """Another förbund, another stadsdel and the next day are fine; an open one meets everything after it."""
    first = Medlemskap("F1", "0180", YEAR, Day(2018, 6, 30))
    fine = [
        first,
        dataclasses.replace(first, fran=Day(2018, 7, 1), till=None),
        dataclasses.replace(first, forbund_id="F2"),
        dataclasses.replace(first, stadsdel="Södermalm"),
    ]
    assert list(overlapping_medlemskap(fine)) == []
    again = dataclasses.replace(first, fran=Day(2018, 6, 30), till=None)
    assert list(overlapping_medlemskap([again, first])) == [(first, again)]
    found = overlapping_finding(first)
    assert found.kind == "medlemskap_overlappar" and "2018-01-01–2018-06-30" in found.message


def test_an_insats_has_codes_that_fit_and_lies_within_its_forbund() -> None:
    """What is suggested would be taken: a strukturövergripande insats is only offered volym."""
    world = {"F1": forbund(slutdatum=Day(2018, 12, 31))}
    assert kinds(check_insats(insats(slutdatum=Day(2018, 12, 31)), facts(), world)) == []
    assert kinds(check_insats(insats(startdatum=Day(2017, 1, 1)), facts(), world)) == [
        ("startdatum", "utanfor_forbundet"), ("slutdatum", "utanfor_forbundet"),
    ]  # fmt: skip
    struktur = insats(inriktning="struktur", preciserad_inriktning="dialog", behovsgrupper=("x",))
    assert kinds(check_insats(struktur, facts(), {})) == [
        ("behovsgrupper", "kod_okand"), ("registreringssatt", "struktur_kraver_volym"),
    ]  # fmt: skip
    (found,) = check_insats(
        insats(inriktning="struktur", preciserad_inriktning="dialog", registreringssatt="x"), facts(), {}
    )
    assert found.message.endswith("Välj en av: volym.")


def test_a_name_is_had_once_in_a_forbund() -> None:
    """The later one is told who has it."""
    rows = [insats("I1", namn="A"), insats("I2", namn="A", forbund_id="F2"), insats("I3", namn="A")]
    ((insats_id, found),) = check_names(rows)
    assert (insats_id, found.kind) == ("I3", "namn_upptaget") and "I1" in found.message


def test_money_is_never_less_than_nothing_and_a_post_is_of_either_list() -> None:
    """Of förbund and insatser."""
    assert kinds(check_money(InsatsAret("I1", 2018, budget=0, utfall_esf=-1))) == [("utfall_esf", "negativt")]
    assert kinds(check_money(ForbundAret("F1", 2018, "stat", budget=-1))) == [("budget", "negativt")]
    assert kinds(check_post("stat", facts())) == kinds(check_post("kring", facts())) == []
    assert kinds(check_post("gava", facts())) == [("post", "kod_okand")]


def test_a_form_that_was_signed_is_not_rewritten() -> None:
    """Its dates may be."""
    stored = FormularUppgifter("F-1", YEAR, text="Jag samtycker.")
    assert kinds(check_formular(dataclasses.replace(stored, giltig_till=YEAR), stored)) == []
    other = dataclasses.replace(stored, text="Jag samtycker inte.")
    assert kinds(check_formular(other, stored)) == [("version", "formular_annat")]


@pytest.mark.django_db
def test_what_is_locked_is_so_from_the_first_registration_on() -> None:
    """`is_registered_on` is what makes a finding of `check_locked` one."""
    one = factories.insats()
    assert not is_registered_on(one.insats_id)
    factories.registered(0, insats=one)
    assert is_registered_on(one.insats_id)
    changed = insats(esf=True, namn="Nytt")
    assert kinds(check_locked(insats(), changed)) == [("esf", "last_uppgift")]


@pytest.mark.django_db
def test_the_writers_create_update_and_leave() -> None:
    """New and changed are counted; the same again is neither; names may be swapped."""
    rows = [forbund("F1"), forbund("F2", slutdatum=YEAR, uppgatt_i="F1")]
    assert write_forbund(rows) == (2, 0) and write_forbund(rows) == (0, 0)
    assert write_forbund([forbund("F2")]) == (0, 1)
    assert Forbund.unscoped.get(forbund_id="F2").uppgatt_i is None
    assert write_forbund(rows[1:]) == (0, 1)
    insatser = [insats("I1", behovsgrupper=("missbruk",)), insats("I2")]
    assert write_insatser(insatser) == (2, 0) and write_insatser(insatser) == (0, 0)
    swapped = [insats("I1", namn="I2"), insats("I2", namn="I1")]
    assert write_insatser(swapped) == (0, 2)
    assert dict(Insats.unscoped.values_list("insats_id", "namn")) == {"I1": "I2", "I2": "I1"}
    assert write_insatser([dataclasses.replace(swapped[0], behovsgrupper=("missbruk",))]) == (0, 1)


@pytest.mark.django_db
def test_a_stadsdel_is_the_one_of_that_name_on_that_day() -> None:
    """A name that came back with a new organisation is another stadsdel."""
    write_forbund([forbund("F1")])
    old, new = (
        Stadsdel.objects.create(
            kommun_id="1480", namn="Hisingen", giltig_fran=Day(year, 1, 1), giltig_till=till
        )
        for year, till in ((2011, Day(2015, 12, 31)), (2018, None))
    )
    rows = [
        Medlemskap("F1", "1480", Day(year, 1, 1), Day(year, 12, 31), "Hisingen")
        for year in (2010, 2015, 2019)
    ]
    assert write_medlemskap(rows) == (3, 0) and write_medlemskap(rows) == (0, 0)
    stored = ForbundKommun.objects.order_by("fran").values_list("stadsdel", flat=True)
    assert list(stored) == [old.pk, old.pk, new.pk]
