"""What the pages of anonyma and volym share: how the two differ, and the versions of a year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils import timezone

from ..forms.counts import AnonymaForm, VolymForm
from ..models import Anonyma, Insats, Volym
from ..rules.antal import holding, record_anonyma, record_volym
from .insatser_common import get_insats


@dataclass(frozen=True)
class Sort:
    """What differs between anonyma and volym."""

    name: str
    title: str
    counted_in: Callable[[Insats], bool]
    model: Any
    form: Any
    record: Callable[..., Any]
    other: str


ANONYMA = Sort(
    "anonyma", "Anonyma deltagare", lambda insats: insats.counts_anonyma, Anonyma, AnonymaForm, record_anonyma,
    "Insatsen registrerar bara antal, så det finns inga anonyma deltagare att räkna. Den insatsansvariga anger hur "
    "många som deltog.",
)  # fmt: skip
VOLYM = Sort(
    "volym", "Volym", lambda insats: insats.counts_volym, Volym, VolymForm, record_volym,
    "I insatsen registreras personer, så ingen volym ska anges. De deltagaransvariga registrerar deltagarna.",
)  # fmt: skip


@dataclass(frozen=True)
class Year:
    """The versions of an insats and year. now: the one that holds. seen_nr: the number of the last one written."""

    ar: int
    versions: Sequence[Any]

    @property
    def now(self) -> Any | None:
        return holding(self.versions)

    @property
    def seen_nr(self) -> int:
        return max((one.nr for one in self.versions), default=0)

    def version(self, nr: int) -> Any | None:
        """The version of that number, which a user had on the screen."""
        return next((one for one in self.versions if one.nr == nr), None)


def years_shown() -> tuple[int, int]:
    """This year and the last."""
    this = timezone.localdate().year
    return this, this - 1


def years_of(sort: Sort, insats: Insats, *wanted: int) -> list[Year]:
    """The versions of each wanted year. One query."""
    rows = list(
        sort.model.objects.filter(insats=insats, ar__in=wanted)
        .select_related("registrerad_av")
        .order_by("-nr")
    )
    return [Year(ar, [row for row in rows if row.ar == ar]) for ar in wanted]


def insats_and_year(sort: Sort, pk: int, ar: int) -> tuple[Insats, Year]:
    """What can be changed now. Raises Http404 out of scope, for another year or the other way of counting."""
    insats = get_insats(pk)
    if ar not in years_shown() or not sort.counted_in(insats):
        raise Http404
    return insats, years_of(sort, insats, ar)[0]
