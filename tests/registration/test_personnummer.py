"""Reading, refusing and warning of personnummer and samordningsnummer (QUALITY §1). Needs no database.

Every number comes from Skatteverket's list or is computed at run time for a birth year 1800-1889.
"""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
import traceback
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import personnummer
from registration.personnummer import (
    Kind,
    Nummer,
    NummerFel,
    check_digit,
    is_computed_number,
    is_test_number,
    parse,
    refuse_in_production,
)
from tests import numbers

TODAY = date(2026, 6, 15)
COORDINATION: Kind = "samordningsnummer"


def refused(text: str, *, today: date = TODAY) -> NummerFel:
    with pytest.raises(NummerFel) as caught:
        parse(text, today=today)
    return caught.value


def code(text: str, *, today: date = TODAY) -> str:
    return refused(text, today=today).code


# The official list


def test_whole_list_is_accepted_in_every_spelling() -> None:
    count = 0
    for number, kind in personnummer.listed_numbers().items():
        for text in numbers.spellings(number, today=TODAY):
            nummer = parse(text, today=TODAY)
            assert (nummer.digits, nummer.kind) == (number, kind)
        count += 1
    assert count == 23_966


def test_list_has_both_kinds_and_the_unknown_dates() -> None:
    coordination = numbers.test_numbers(COORDINATION)
    assert len(numbers.test_numbers()) == 23_966
    assert len(numbers.test_numbers("personnummer")) == 21_726
    assert len(coordination) == 2_240
    assert sum(number[4:6] == "00" for number in coordination) == 132
    assert sum(number[6:8] == "60" for number in coordination) == 41


def test_birth_date_is_none_only_where_it_is_unknown() -> None:
    for number, kind in personnummer.listed_numbers().items():
        nummer = parse(number, today=TODAY)
        unknown = number[4:6] == "00" or number[6:8] == "60"
        assert (nummer.birth_date is None) == unknown
        assert nummer.birth_year == int(number[:4])
        if nummer.birth_date:
            day = int(number[6:8]) - (60 if kind == COORDINATION else 0)
            assert nummer.birth_date == date(int(number[:4]), int(number[4:6]), day)


def test_kon_is_the_last_digit_but_one() -> None:
    assert {parse(n, today=TODAY).kon for n in numbers.pick_many(50, kon="K")} == {"K"}
    assert {parse(n, today=TODAY).kon for n in numbers.pick_many(50, kon="M")} == {"M"}


# Refusals


def test_every_wrong_digit_is_refused() -> None:
    """The check digit covers the last ten; for the century see the next test."""
    everyone = numbers.test_numbers()
    for number in everyone[::120] + numbers.test_numbers(COORDINATION)[::20]:
        for place in range(2, 12):
            for digit in set("0123456789") - {number[place]}:
                wrong = number[:place] + digit + number[place + 1 :]
                refused(wrong)
                refused(wrong[2:])
                refused(f"{wrong[2:8]}+{wrong[8:]}")


def test_a_wrong_century_is_refused_or_told_by_production_or_the_age() -> None:
    for number in numbers.test_numbers()[::120]:
        for place in range(2):
            for digit in set("0123456789") - {number[place]}:
                wrong = number[:place] + digit + number[place + 1 :]
                try:
                    nummer = parse(wrong, today=TODAY)
                except NummerFel as error:
                    assert error.code in {"arhundrade", "datum", "framtid"}
                    continue
                assert {number[:2], wrong[:2]} == {"18", "19"}
                assert is_computed_number(wrong) or nummer.warnings(TODAY) or number[:2] == "18"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "+",
        "abc",
        "ÅÅÅÅMMDD-NNNN",
        "1" * 9,
        "1" * 11,
        "1" * 13,
        "0" * 10_000,
        " " * 10_000,
        "\ud800",
        "\ufdfa" * 40,
        "None",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert code(text) == "form"


def test_other_shapes_around_a_right_number_are_refused() -> None:
    number = numbers.pick()
    for text in (
        f"{number[:4]}-{number[4:]}",
        f"{number[:8]}--{number[8:]}",
        f"{number[:8]}/{number[8:]}",
        f"{number[:8]}.{number[8:]}",
        f"{number[:8]} {number[8:]}",
        f"{number}.0",
        f"{number},",
        f"+{number}",
        f"-{number}",
        f"{number}-",
        f"{number}\n{number}",
        f"{number[:4]} {number[4:6]} {number[6:]}",
        number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        number.translate(str.maketrans("0123456789", "०१२३४५६७८९")),
    ):
        assert code(text) == "form"


def test_only_text_is_taken() -> None:
    for value in (None, 1.0, 7, b"", date(2000, 1, 1)):
        with pytest.raises(TypeError):
            parse(value, today=TODAY)  # type: ignore[arg-type]


def test_temporary_numbers_with_letters_have_their_own_text() -> None:
    number = numbers.pick()
    for letter in "TPRSUWXJKLMNtpx":
        for separator in ("", "-", "+"):
            assert code(f"{number[:8]}{separator}{letter}{number[9:]}") == "tillfalligt_nummer"
            assert code(f"{number[2:8]}{separator}{letter}{number[9:]}") == "tillfalligt_nummer"
    assert code(f"{number[:8]}TF{number[10:]}") == "tillfalligt_nummer"
    assert code(f"{number[2:8]}-tf{number[10:]}") == "tillfalligt_nummer"
    assert code(f"{number[:7]}T{number[8:]}") == "form"


def test_serial_000_is_refused_though_the_check_digit_is_right() -> None:
    for number in numbers.pick_many(20):
        nine = f"{number[2:8]}000"
        assert code(f"{number[:2]}{nine}{check_digit(nine)}") == "lopnummer"
        assert code(f"{nine}{check_digit(nine)}") == "lopnummer"


@pytest.mark.parametrize(
    "month_and_day",
    [
        "0001",
        "0100",
        "1301",
        "0230",
        "0229",
        "0431",
        "0132",
        "0159",
        "0192",
        "0199",
        "0290",
        "0289",
        "1361",
        "9999",
        "0092",
    ],
)
def test_impossible_dates_are_refused_though_the_check_digit_is_right(month_and_day: str) -> None:
    nine = f"85{month_and_day}123"
    assert code(f"18{nine}{check_digit(nine)}") == "datum"
    assert code(f"{nine}{check_digit(nine)}") == "datum"


@pytest.mark.parametrize(
    ("month_and_day", "known"),
    [("0060", False), ("0061", False), ("0091", False), ("0260", False), ("0288", True), ("0191", True)],
)
def test_unknown_month_and_day_only_in_samordningsnummer(month_and_day: str, known: bool) -> None:
    nine = f"85{month_and_day}123"
    nummer = parse(f"18{nine}{check_digit(nine)}", today=TODAY)
    assert nummer.kind == COORDINATION
    assert (nummer.birth_date is not None) == known


def test_leap_days() -> None:
    for year in (1804, 1888):
        for coordination in (False, True):
            assert parse(
                numbers.compute_number(date(year, 2, 29), 1, coordination), today=TODAY
            ).birth_date == date(year, 2, 29)
    leap = next(n for n in numbers.test_numbers() if n.startswith("20000229"))[2:]
    assert code(f"18{leap}") == "datum"  # 1800 and 1900 were no leap years, 2000 was
    assert code(f"19{leap}") == "datum"
    assert code(f"{leap[:6]}+{leap[6:]}", today=date(2026, 1, 1)) == "datum"
    assert parse(leap, today=TODAY).birth_date == date(2000, 2, 29)


def test_the_future_is_refused_and_today_is_not() -> None:
    for number in numbers.pick_many(30, born=(2013, 2023)):
        born = parse(number, today=TODAY).birth_date
        assert born
        assert parse(number, today=born).birth_date == born
        assert code(number, today=born - timedelta(days=1)) == "framtid"


def test_the_future_with_an_unknown_date() -> None:
    without_month = next(n for n in numbers.test_numbers(COORDINATION) if n[4:6] == "00" and n[:4] > "2000")
    year = int(without_month[:4])
    assert parse(without_month, today=date(year, 1, 1)).birth_date is None
    assert code(without_month, today=date(year - 1, 12, 31)) == "framtid"
    without_day = next(
        n for n in numbers.test_numbers(COORDINATION) if n[4:6] > "01" and n[6:8] == "60" and n[:4] > "2000"
    )
    year, month = int(without_day[:4]), int(without_day[4:6])
    assert parse(without_day, today=date(year, month, 1)).birth_date is None
    assert code(without_day, today=date(year, month, 1) - timedelta(days=1)) == "framtid"


def test_centuries_that_nobody_lives_from() -> None:
    ten = numbers.pick()[2:]
    assert code(f"17{ten}") == "arhundrade"
    assert code(f"16{ten}") == "arhundrade"
    assert code(f"00{ten}") == "arhundrade"
    assert code(f"21{ten}") == "framtid"
    assert code(f"99{ten}") == "framtid"


# The century of ten digits


def test_ten_digits_of_the_last_hundred_years() -> None:
    for number in numbers.test_numbers():
        if int(number[:4]) >= 2026 - 99:
            assert parse(number[2:], today=TODAY).digits == number
            assert parse(f"{number[2:8]}-{number[8:]}", today=TODAY).digits == number


def test_ten_digits_later_this_year_are_of_the_century_before() -> None:
    for number in numbers.pick_many(30, born=(1920, 1922), kind=None):
        assert number[4:6] != "00"
        year = int(number[:4])
        born = parse(number, today=TODAY).birth_date
        if born is None:
            continue
        day_before = date(year + 100, born.month, born.day) - timedelta(days=1)
        assert parse(number[2:], today=day_before).digits == number
        assert parse(f"{number[2:8]}-{number[8:]}", today=day_before).digits == number
        assert parse(number[2:], today=day_before + timedelta(days=1)).birth_year == year + 100


def test_plus_from_the_year_somebody_turns_100() -> None:
    for number in numbers.test_numbers():
        year = int(number[:4])
        if year <= 1926:
            assert parse(f"{number[2:8]}+{number[8:]}", today=TODAY).digits == number
        elif year < 1990:  # with a plus sign these would be born 1827-1889
            assert code(f"{number[2:8]}+{number[8:]}") == "arhundrade"
    born_1930 = numbers.pick(born=(1930, 1930))
    plus = f"{born_1930[2:8]}+{born_1930[8:]}"
    assert parse(plus, today=date(2030, 1, 1)).digits == born_1930
    assert code(plus, today=date(2029, 12, 31)) == "arhundrade"


def test_twelve_digits_say_the_century_whatever_the_sign() -> None:
    for number in (numbers.pick(), numbers.pick(born=(1890, 1910))):
        for separator in "-+":
            assert parse(f"{number[:8]}{separator}{number[8:]}", today=TODAY).digits == number


# Warnings and age


def test_no_warning_for_the_usual() -> None:
    for number in numbers.pick_many(50):
        assert parse(number, today=TODAY).warnings(date(2025, 3, 1)) == ()


@pytest.mark.parametrize(
    ("born", "years", "days", "count"),
    [
        ((1960, 1969), 16, -1, 1),
        ((1960, 1969), 16, 0, 0),
        ((1960, 1969), 75, -1, 0),
        ((1960, 1969), 75, 0, 1),
    ],
)
def test_age_outside_16_to_74_at_start_warns(
    born: tuple[int, int], years: int, days: int, count: int
) -> None:
    for number in numbers.pick_many(20, born=born):
        nummer = parse(number, today=TODAY)
        birth = nummer.birth_date
        assert birth
        if (birth.month, birth.day) == (2, 29):
            continue
        start = birth.replace(year=birth.year + years) + timedelta(days=days)
        assert nummer.age(start) == years + days
        texts = nummer.warnings(start)
        assert len(texts) == count
        if count:
            assert "16–74" in texts[0]


def test_age_of_a_leap_day() -> None:
    nummer = parse(numbers.compute_number(date(1880, 2, 29), 1), today=TODAY)
    assert [
        nummer.age(day)
        for day in (date(1897, 2, 27), date(1897, 2, 28), date(1896, 2, 28), date(1896, 2, 29))
    ] == [16, 17, 15, 16]


def test_age_with_an_unknown_date_is_that_of_the_year() -> None:
    number = next(n for n in numbers.test_numbers(COORDINATION) if n[4:6] == "00" and n[:4] > "1990")
    nummer = parse(number, today=TODAY)
    year = nummer.birth_year
    assert [nummer.age(date(year + 16, 1, 1)), nummer.age(date(year + 16, 12, 31))] == [16, 16]
    assert nummer.warnings(date(year + 16, 1, 1)) == ()
    assert "inte känt" in nummer.warnings(date(year + 15, 12, 31))[0]


def test_start_before_birth_warns() -> None:
    nummer = parse(numbers.pick(), today=TODAY)
    assert len(nummer.warnings(date(1900, 1, 1))) == 1
    assert "inte född" in nummer.warnings(date(1900, 1, 1))[0]


def test_ten_digits_beginning_07_warn_as_a_telephone_number() -> None:
    chosen = [n for n in numbers.test_numbers() if n.startswith("2007")]
    assert len(chosen) > 500
    start = date(2025, 1, 1)
    for number in chosen:
        assert any("telefonnummer" in text for text in parse(number[2:], today=TODAY).warnings(start))
        assert not any("telefonnummer" in text for text in parse(number, today=TODAY).warnings(start))
    other = numbers.pick(born=(2000, 2005))
    assert not parse(other[2:], today=TODAY).maybe_telephone


def test_ten_digits_of_a_child_hint_at_the_century() -> None:
    child = numbers.pick(born=(2018, 2020))
    assert "århundrade" in parse(child[2:], today=TODAY).warnings(TODAY)[-1]
    assert len(parse(child, today=TODAY).warnings(TODAY)) == 1


# What is never shown


def assert_silent(shown: str) -> None:
    """No three digits in a row, so no part of a number that matters, in what a person or a log may see."""
    assert not re.search(r"[0-9]{3}", shown)


def test_no_error_holds_the_number() -> None:
    seen = set()
    number = numbers.pick()
    wrong_check = number[:-1] + str((int(number[-1]) + 1) % 10)
    for text in (
        wrong_check,
        wrong_check[2:],
        f"{number}1",
        f"{number[:8]}T{number[9:]}",
        f"17{number[2:]}",
        f"29{number[2:]}",
        f"{number[:8]}000{number[11]}",
        f"{number[:4]}13{number[6:]}",
    ):
        error = refused(text)
        seen.add(error.code)
        assert error.__cause__ is None
        assert error.__context__ is None
        assert str(error) == error.text
        for shown in (str(error), repr(error), repr(error.args), error.text, repr(vars(error))):
            assert_silent(shown)
        assert text not in "".join(traceback.format_exception(error))
    assert seen == {
        "kontrollsiffra",
        "form",
        "tillfalligt_nummer",
        "arhundrade",
        "framtid",
        "lopnummer",
        "datum",
    }


def test_error_codes_are_stable_ascii_and_errors_can_be_copied() -> None:
    for name, text in personnummer._TEXTS.items():
        assert re.fullmatch("[a-z_]+", name)
        for error in (
            NummerFel(name),
            copy.copy(NummerFel(name)),
            pickle.loads(pickle.dumps(NummerFel(name))),
        ):
            assert (error.code, error.text, str(error)) == (name, text, text)
        assert_silent(text)


def test_nummer_shows_its_kind_only() -> None:
    for number in (numbers.pick(), numbers.pick(kind=COORDINATION)):
        nummer = parse(number, today=TODAY)
        for shown in (repr(nummer), str(nummer), f"{nummer}", f"{nummer!r}"):
            assert_silent(shown)
        for start in (date(1900, 1, 1), date(2000, 1, 1), TODAY):
            for text in parse(number[2:], today=TODAY).warnings(start):
                assert_silent(text)


def test_nummer_is_frozen_equal_by_digits_and_formatted_on_demand() -> None:
    number = numbers.pick()
    one, other = parse(number, today=TODAY), parse(f" {number[2:8]}-{number[8:]}", today=date(2025, 1, 1))
    assert one == other
    assert hash(one) == hash(other)
    assert (one.checked, one.ten_digits, other.ten_digits) == (TODAY, False, True)
    assert one.formatted == f"{number[:8]}-{number[8:]}"
    with pytest.raises(AttributeError):
        one.digits = number  # type: ignore[misc]


# Numbers that belong to nobody


def test_membership_of_the_list() -> None:
    assert all(is_test_number(number) for number in numbers.test_numbers()[::100])
    assert not is_test_number(numbers.compute_number(date(1850, 5, 5), 7))
    assert not is_test_number("")
    assert not is_test_number(numbers.pick()[2:])


def test_computed_numbers_parse_and_production_refuses_them() -> None:
    day = date(1800, 1, 1)
    while day.year < 1890:
        for coordination in (False, True):
            number = numbers.compute_number(day, 1 + day.toordinal() % 999, coordination)
            nummer = parse(number, today=TODAY)
            assert nummer.digits == number
            assert nummer.birth_date == day
            assert nummer.kind == (COORDINATION if coordination else "personnummer")
            assert is_computed_number(number)
            for allow in (False, True):
                with pytest.raises(NummerFel) as caught:
                    refuse_in_production(nummer, allow_listed=allow)
                assert caught.value.code == "testnummer"
        day += timedelta(days=37)


def test_production_refuses_the_list_unless_told_otherwise() -> None:
    for number in numbers.test_numbers()[::500]:
        nummer = parse(number, today=TODAY)
        assert not is_computed_number(number)
        refuse_in_production(nummer, allow_listed=True)
        with pytest.raises(NummerFel) as caught:
            refuse_in_production(nummer)
        assert caught.value.code == "testnummer"


def test_production_takes_a_number_of_neither_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    number = numbers.pick()
    monkeypatch.setattr(personnummer, "listed_numbers", dict)
    refuse_in_production(parse(number, today=TODAY))


def test_what_is_no_computed_number() -> None:
    for text in ("", "18", "1850", "１８５０" + "0" * 8, "18500101000a", numbers.pick()):
        assert not is_computed_number(text)


def test_numbers_are_only_computed_for_years_of_nobody() -> None:
    for birth in (date(1799, 12, 31), date(1890, 1, 1), date(1990, 1, 1), date(2030, 1, 1)):
        with pytest.raises(ValueError, match="1800-1889"):
            numbers.compute_number(birth, 1)
    for serial in (0, -1, 1000):
        with pytest.raises(ValueError, match="1-999"):
            numbers.compute_number(date(1850, 1, 1), serial)


def test_pickers_give_the_same_again_and_no_more_than_there_are() -> None:
    assert numbers.pick(3, kon="K") == numbers.pick(3, kon="K") == numbers.pick_many(4, kon="K")[3]
    assert {number[:4] for number in numbers.pick_many(4, born=(1975, 1975))} == {"1975"}
    with pytest.raises(IndexError):
        numbers.pick_many(1000, born=(1970, 1979))
    with pytest.raises(IndexError):
        numbers.pick(1000, born=(1970, 1979))


def test_module_needs_no_django_and_reads_the_list_only_when_asked() -> None:
    program = (
        "import sys, registration.personnummer as p\n"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)\n"
        "assert p.listed_numbers.cache_info().currsize == 0\n"
        "p.is_test_number('0'); p.is_test_number('1')\n"
        "assert p.listed_numbers.cache_info().misses == 1\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=personnummer.TEST_LIST.parents[2])


# Any text at all


NEAR_NUMBERS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789-+ ", max_size=16),
    st.text(alphabet="０１２３４５６７８９0123456789²③－‐−\u200b\u00adTF", min_size=8, max_size=15),
    st.from_regex(r"(18|19|20)?[0-9]{2}(0[0-9]|1[0-2])[0-9]{2}[-+]?[0-9]{4}", fullmatch=True),
)


@given(text=NEAR_NUMBERS, today=st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 1, 1)))
def test_any_text_gives_a_number_that_reads_the_same_or_nummerfel(text: str, today: date) -> None:
    try:
        nummer = parse(text, today=today)
    except NummerFel as error:
        assert error.code in personnummer._TEXTS
        assert_silent(str(error))
        return
    assert re.fullmatch("[0-9]{12}", nummer.digits)
    assert parse(nummer.digits, today=today) == nummer
    again: Nummer = parse(nummer.formatted, today=today)
    assert (again.kind, again.kon, again.birth_date) == (nummer.kind, nummer.kon, nummer.birth_date)
    assert nummer.birth_date is None or nummer.birth_date <= today


@given(
    birth=st.dates(min_value=date(1800, 1, 1), max_value=date(1889, 12, 31)),
    serial=st.integers(1, 999),
    coordination=st.booleans(),
    place=st.integers(2, 11),
    step=st.integers(1, 9),
)
def test_any_wrong_digit_in_any_number_is_refused(
    birth: date, serial: int, coordination: bool, place: int, step: int
) -> None:
    number = numbers.compute_number(birth, serial, coordination)
    assert parse(number, today=TODAY).kon == ("M" if serial % 2 else "K")
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    refused(wrong)
