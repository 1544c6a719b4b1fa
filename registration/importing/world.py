"""What an import refers to: förbund, insatser and codes as they will stand when its files are written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from ..models import Forbund, Insats, InsatsBehovsgrupp
from ..rules.describe import ForbundUppgifter, InsatsUppgifter
from ..rules.facts import Facts, InsatsFacts, load_facts


@dataclass
class World:
    """The stored förbund, insatser and facts, overlaid with those of the files.

    unreadable_forbund, unreadable_insatser: ids that the files name but that could not be read; whoever
    refers to them is not told that they do not exist. forbund_whole, insatser_whole: False when even such
    ids may have been lost.
    """

    facts: Facts
    forbund: dict[str, ForbundUppgifter]
    stored_forbund: dict[str, ForbundUppgifter]
    stored_insatser: dict[str, InsatsUppgifter]
    unreadable_forbund: set[str] = field(default_factory=set)
    unreadable_insatser: set[str] = field(default_factory=set)
    forbund_whole: bool = True
    insatser_whole: bool = True

    @classmethod
    def load(cls) -> World:
        """What is stored now."""
        stored = {
            one.forbund_id: ForbundUppgifter(
                one.forbund_id, one.namn, one.startdatum, one.slutdatum,
                one.uppgatt_i.forbund_id if one.uppgatt_i else None, one.organisationsnummer,
            )
            for one in Forbund.unscoped.select_related("uppgatt_i")
        }  # fmt: skip
        return cls(load_facts(), dict(stored), stored, _insatser())

    def knows_forbund(self, forbund_id: str) -> bool:
        """True if the förbund exists, or may exist in rows that could not be read."""
        return forbund_id in self.forbund or forbund_id in self.unreadable_forbund or not self.forbund_whole

    def insats(self, insats_id: str) -> InsatsFacts | None:
        """The facts of an insats, None when it does not exist. One that could not be read refuses nothing."""
        found = self.facts.insatser.get(insats_id)
        if found is None and (insats_id in self.unreadable_insatser or not self.insatser_whole):
            return anything_goes(insats_id)
        return found


def anything_goes(insats_id: str) -> InsatsFacts:
    """A stand-in for an insats whose own row is wrong, so that rows that refer to it are not blamed too. Has
    no förbund.
    """
    return InsatsFacts(insats_id, dt.date.min, None, "individ", "person", "")


def _insatser() -> dict[str, InsatsUppgifter]:
    behovsgrupper: dict[int, list[str]] = defaultdict(list)
    for insats, kod in InsatsBehovsgrupp.objects.values_list("insats_id", "kod"):
        behovsgrupper[insats].append(kod)
    return {
        one.insats_id: InsatsUppgifter(
            one.insats_id, one.forbund.forbund_id, one.namn, one.inriktning, one.preciserad_inriktning,
            one.registreringssatt, one.startdatum, one.slutdatum, one.esf, tuple(sorted(behovsgrupper[one.pk])),
        )
        for one in Insats.unscoped.select_related("forbund")
    }  # fmt: skip
