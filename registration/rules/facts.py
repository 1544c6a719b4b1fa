"""What the checks need to know of the world, read once and then plain: code lists, kommuner, insatser, forms."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from ..models import ForbundKommun, Insats, InsatsAgande, Kod, Kodlista, Kommun, Samtyckesformular, Stadsdel
from ..models.insats_takes import InsatsTakes
from .ownership import by_insats, owner_on

Period = tuple[dt.date, dt.date | None]


def in_period(day: dt.date, fran: dt.date, till: dt.date | None) -> bool:
    """True on the first and the last day and between; no last day is open."""
    return fran <= day and (till is None or day <= till)


@dataclass(frozen=True, slots=True)
class FormularFacts:
    """When a version of the consent form may be signed, and what it names. pk as of `InsatsFacts`."""

    giltig_fran: dt.date
    giltig_till: dt.date | None = None
    namner_behovsgrupp: bool = False
    pk: int = 0

    def holds_on(self, day: dt.date) -> bool:
        """True if the version may be signed on `day`."""
        return in_period(day, self.giltig_fran, self.giltig_till)


@dataclass(frozen=True, slots=True)
class InsatsFacts(InsatsTakes):
    """The dates, the way of registering and the förbund of an insats. pk is 0 while an import has yet to write it.

    forbund_id: the förbund that it belongs to now. earlier: those it belonged to before, each with its last day, in
    order.
    """

    insats_id: str
    startdatum: dt.date
    slutdatum: dt.date | None
    inriktning: str
    registreringssatt: str
    forbund_id: str
    pk: int = 0
    earlier: tuple[tuple[str, dt.date], ...] = ()

    def forbund_on(self, day: dt.date) -> str:
        """The förbund that it belonged to on `day` (DOMAIN §3, mergers)."""
        return owner_on(day, self.forbund_id, self.earlier)


@dataclass(slots=True)
class Facts:
    """A snapshot of what registrations refer to. Lookups only; nothing here asks the database."""

    koder: dict[str, dict[str, list[Period]]] = field(default_factory=lambda: defaultdict(dict))
    etiketter: dict[tuple[str, str], str] = field(default_factory=dict)
    per_person: set[str] = field(default_factory=set)
    kommuner: set[str] = field(default_factory=set)
    stadsdelar: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    insatser: dict[str, InsatsFacts] = field(default_factory=dict)
    formular: dict[str, FormularFacts] = field(default_factory=dict)
    medlemskap: dict[tuple[str, str], list[Period]] = field(default_factory=lambda: defaultdict(list))
    """(forbund_id, kommun) → when the kommun, or a part of it, belonged to the förbund."""

    def knows(self, lista: str, kod: str) -> bool:
        """True if the list has, or once had, the code."""
        return kod in self.koder[lista]

    def valid(self, lista: str, kod: str, day: dt.date) -> bool:
        """True if the code holds on `day`."""
        periods = self.koder[lista].get(kod, [])
        return any(in_period(day, fran, till) for fran, till in periods)

    def is_member(self, forbund_id: str, kommun: str, day: dt.date) -> bool:
        """True if the kommun, or a part of it, belonged to the förbund on `day`."""
        return any(in_period(day, *period) for period in self.medlemskap.get((forbund_id, kommun), ()))

    def label(self, lista: str, kod: str) -> str:
        """What the code is called on the pages; the code itself where no name is known."""
        return self.etiketter.get((lista, kod), kod)

    def codes(self, lista: str) -> list[str]:
        """The codes of a list in its order, for an error text that says what can be written."""
        return list(self.koder[lista])


def load_facts(insatser: Collection[str] | None = None) -> Facts:
    """Read the facts. `insatser`: the insats_id to read; None reads all (an import)."""
    facts = Facts()
    for kod in Kod.objects.order_by("lista", "ordning"):
        facts.koder[kod.lista].setdefault(kod.kod, []).append((kod.giltig_fran, kod.giltig_till))
        facts.etiketter[kod.lista, kod.kod] = kod.etikett
        if kod.lista == Kodlista.BEHOVSGRUPP and kod.per_person:
            facts.per_person.add(kod.kod)
    facts.kommuner.update(Kommun.objects.values_list("kod", flat=True))
    for kommun, namn in Stadsdel.objects.values_list("kommun_id", "namn"):
        facts.stadsdelar[kommun].add(namn)
    for version, *said in Samtyckesformular.objects.values_list(
        "version", "giltig_fran", "giltig_till", "namner_behovsgrupp", "pk"
    ):
        facts.formular[version] = FormularFacts(*said)
    facts.insatser.update((insats.insats_id, insats) for insats in _insatser(insatser))
    for forbund_id, kommun, *period in ForbundKommun.objects.values_list(
        "forbund__forbund_id", "kommun_id", "fran", "till"
    ):
        facts.medlemskap[forbund_id, kommun].append((period[0], period[1]))
    return facts


def _insatser(wanted: Collection[str] | None) -> Iterable[InsatsFacts]:
    chosen, owned = (
        (Q(), Q()) if wanted is None else (Q(insats_id__in=wanted), Q(insats__insats_id__in=wanted))
    )
    rows = InsatsAgande.objects.filter(owned).order_by("fran")
    owner, earlier = by_insats(rows.values_list("insats_id", "forbund__forbund_id", "till").iterator())
    for insats in Insats.unscoped.filter(chosen).select_related("forbund"):
        yield InsatsFacts(
            insats_id=insats.insats_id,
            startdatum=insats.startdatum,
            slutdatum=insats.slutdatum,
            inriktning=insats.inriktning,
            registreringssatt=insats.registreringssatt,
            forbund_id=owner.get(insats.pk, insats.forbund.forbund_id),
            pk=insats.pk,
            earlier=tuple(earlier[insats.pk]),
        )
