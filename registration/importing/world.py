"""What an import refers to: förbund, insatser and codes as they will stand when its files are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ..models import Forbund, Insats
from ..rules.facts import Facts, InsatsFacts, load_facts


@dataclass(frozen=True, slots=True)
class ForbundFacts:
    """The dates of a förbund and the id of its successor."""

    forbund_id: str
    startdatum: dt.date
    slutdatum: dt.date | None
    uppgatt_i: str | None


@dataclass
class World:
    """The stored förbund, insatser and facts, overlaid with those of the files.

    unreadable_forbund, unreadable_insatser: ids that the files name but that could not be read; whoever
    refers to them is not told that they do not exist. forbund_whole, insatser_whole: False when even such
    ids may have been lost.
    """

    facts: Facts
    forbund: dict[str, ForbundFacts]
    stored_forbund: dict[str, Forbund]
    stored_insatser: dict[str, Insats]
    unreadable_forbund: set[str] = field(default_factory=set)
    unreadable_insatser: set[str] = field(default_factory=set)
    forbund_whole: bool = True
    insatser_whole: bool = True

    @classmethod
    def load(cls) -> World:
        """What is stored now."""
        stored = {one.forbund_id: one for one in Forbund.unscoped.select_related("uppgatt_i")}
        insatser = {one.insats_id: one for one in Insats.unscoped.select_related("forbund")}
        return cls(
            facts=load_facts(),
            forbund={key: _facts(one) for key, one in stored.items()},
            stored_forbund=stored,
            stored_insatser=insatser,
        )

    def knows_forbund(self, forbund_id: str) -> bool:
        """True if the förbund exists, or may exist in rows that could not be read."""
        return forbund_id in self.forbund or forbund_id in self.unreadable_forbund or not self.forbund_whole

    def insats(self, insats_id: str) -> InsatsFacts | None:
        """The facts of an insats, None when it does not exist. One that could not be read refuses nothing."""
        found = self.facts.insatser.get(insats_id)
        if found is None and (insats_id in self.unreadable_insatser or not self.insatser_whole):
            return anything_goes(insats_id)
        return found

    def last_owner(self, forbund_id: str, slutdatum: dt.date | None) -> ForbundFacts:
        """The förbund that an insats of `forbund_id` belongs to in the end: successors take over what is still open."""
        owner, seen = self.forbund[forbund_id], {forbund_id}
        while (
            owner.uppgatt_i in self.forbund
            and owner.uppgatt_i not in seen
            and owner.slutdatum is not None
            and (slutdatum is None or slutdatum > owner.slutdatum)
        ):
            owner = self.forbund[owner.uppgatt_i]
            seen.add(owner.forbund_id)
        return owner


def anything_goes(insats_id: str) -> InsatsFacts:
    """A stand-in for an insats whose own row is wrong, so that rows that refer to it are not blamed too. Has
    no förbund.
    """
    return InsatsFacts(insats_id, dt.date.min, None, "individ", "person", "")


def _facts(one: Forbund) -> ForbundFacts:
    successor = one.uppgatt_i.forbund_id if one.uppgatt_i else None
    return ForbundFacts(one.forbund_id, one.startdatum, one.slutdatum, successor)
