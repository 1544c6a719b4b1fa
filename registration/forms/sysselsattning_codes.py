"""The code lists as forms and pages need them: choices for a question, labels for an answer. One query."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container

from finsam_site.ui.formats import sentence

from ..models import Kod, Kodlista
from ..rules.code_days import Days


class Codes:
    """All code lists, read at the first need."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Kod]] | None = None

    def rows(self, lista: Kodlista) -> list[Kod]:
        """The values of a list in its order, older ones too."""
        if self._rows is None:
            self._rows = defaultdict(list)
            for kod in Kod.objects.order_by("lista", "ordning", "giltig_fran"):
                self._rows[kod.lista].append(kod)
        return self._rows.get(lista, [])

    def choices(
        self, lista: Kodlista, days: Days, *, kept: Container[str] = (), without: Container[str] = (),
        per_person: bool = False,
    ) -> list[tuple[str, str]]:  # fmt: skip
        """(kod, label) of what holds on some of `days`, each code once. kept: what is answered already, whenever it
        held. per_person: only what may be said of a person.
        """
        found = {
            one.kod: sentence(one.etikett)
            for one in self.rows(lista)
            if (one.kod in kept or any(_holds(one, first, last) for first, last in days))
            and one.kod not in without
            and (one.per_person or not per_person)
        }
        return list(found.items())

    def label(self, lista: Kodlista, kod: str | None) -> str:
        """The label of a value, also one that no longer holds; empty for no value, the value itself if unknown."""
        if not kod:
            return ""
        return next((one.etikett for one in reversed(self.rows(lista)) if one.kod == kod), kod)

    def labels(self, lista: Kodlista, koder: Container[str]) -> str:
        """The labels of several values as one text, in the order of the list."""
        return ", ".join(dict.fromkeys(one.etikett for one in self.rows(lista) if one.kod in koder))


def _holds(kod: Kod, first: dt.date, last: dt.date) -> bool:
    """True if the code holds on some day from `first` to `last`."""
    return kod.giltig_fran <= last and (kod.giltig_till is None or first <= kod.giltig_till)
