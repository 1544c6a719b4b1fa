"""An uttag before and after a wrong number was corrected: who is counted, and as what (DOMAIN §5)."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from django.utils import timezone

from registration.personnummer import Nummer, parse
from registration.rules.correct_number import correct_number
from reporting.uttag.take import take_uttag, verify_uttag
from tests import factories, numbers
from tests.reporting.test_uttag import value

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def listed(kon: Literal["K", "M"], year: int) -> Nummer:
    return parse(numbers.pick(0, born=(year, year), kon=kon), today=factories.START)


def persons(taken: Any, kon: str = "totalt") -> int:
    return int(value(taken, "deltagare", "antal", registreringssatt="personuppgifter", kon=kon))


def test_two_persons_are_counted_as_two() -> None:
    """Bo was registered, and somebody typed Bo's number for Lisa. What was taken before stays; kön and birth year of
    before are as known then, and who is whose is as the register stands when it is taken (0006)."""
    bo, lisa = listed("M", 1970), listed("K", 1985)
    factories.registered(nummer=bo)
    wrong = factories.registered(nummer=bo)
    before = take_uttag(factories.system(), 2024)
    assert (persons(before), persons(before, "M")) == (1, 1)
    factories.as_if_committed()
    with factories.as_system():
        correct_number([wrong.pk], lisa, orsak="skrev av fel")
    after = take_uttag(factories.system(), 2024, timezone.now())
    assert (persons(after), persons(after, "M"), persons(after, "K")) == (2, 1, 1)
    verify_uttag(before.uttag)
    again = take_uttag(factories.system(), 2024, before.uttag.as_of)
    assert (persons(again), persons(again, "M")) == (2, 2)
