"""What an insats takes and when it runs (DOMAIN §3): of one that is read, and as a condition of a query.

The two stand side by side so that they stay the same; both are tried against each other in tests.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from django.db.models import Q

INDIVID = "individ"
PERSON, VOLYM = "person", "volym"

TAKES_PERSONS = Q(inriktning=INDIVID, registreringssatt=PERSON)
COUNTS_ANONYMA = Q(registreringssatt=PERSON)
COUNTS_VOLYM = Q(registreringssatt=VOLYM)


def running_on(day: dt.date) -> Q:
    """Insatser that `runs_on` is true of."""
    return Q(Q(slutdatum__isnull=True) | Q(slutdatum__gte=day), startdatum__lte=day)


def running_in(year: int) -> Q:
    """Insatser that `runs_in` is true of."""
    goes_on = Q(slutdatum__isnull=True) | Q(slutdatum__gte=dt.date(year, 1, 1))
    return Q(goes_on, startdatum__lte=dt.date(year, 12, 31))


class DescribedInsats(Protocol):
    """As much of an insats as the answers below follow from."""

    @property
    def inriktning(self) -> str: ...
    @property
    def registreringssatt(self) -> str: ...
    @property
    def startdatum(self) -> dt.date: ...
    @property
    def slutdatum(self) -> dt.date | None: ...


class InsatsTakes:
    """Answers of an insats, as it stands in the database or as the checks know it (`InsatsFacts`)."""

    __slots__ = ()

    @property
    def takes_persons(self: DescribedInsats) -> bool:
        """True where persons are registered by name: individinriktad, and not only numbers."""
        return self.inriktning == INDIVID and self.registreringssatt == PERSON

    @property
    def counts_anonyma(self: DescribedInsats) -> bool:
        """True where anonyma are counted. In the register it is so exactly where persons are taken; an import also
        asks it of an insats whose inriktning is wrong, and that is told once, of the insats itself.
        """
        return self.registreringssatt == PERSON

    @property
    def counts_volym(self: DescribedInsats) -> bool:
        """True where only a number is given."""
        return self.registreringssatt == VOLYM

    def runs_on(self: DescribedInsats, day: dt.date) -> bool:
        """True on the first and the last day and between."""
        return self.startdatum <= day and (self.slutdatum is None or day <= self.slutdatum)

    def runs_in(self: DescribedInsats, year: int) -> bool:
        """True if any day of `year` is within the dates."""
        return self.startdatum.year <= year and (self.slutdatum is None or self.slutdatum.year >= year)
