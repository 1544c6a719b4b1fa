"""Names and receipts: what a deltagande has no versions of. What the rows of a file say of them beside what is stored.

Between the passes a name is only a digest under a key of this import alone, so that nothing says who.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..models import Samtycke
from ..rules.findings import Finding
from ..rules.names import stored_names
from .traces import NO_TIME, UNSAID, Trace, Traces


@dataclass(slots=True)
class Beside:
    """Names, reference code and the version of the form as digests (`UNSAID` for none, and for the form of a samtycke
    without receipt), and the days of the receipt as ordinals (0 for none)."""

    fornamn: bytes = UNSAID
    efternamn: bytes = UNSAID
    kod: bytes = UNSAID
    form: bytes = UNSAID
    skickat: int = 0
    mottaget: int = 0

    @classmethod
    def of(cls, trace: Trace) -> Beside:
        """What the first row of a new deltagande says."""
        return cls(trace.fornamn, trace.efternamn, trace.kod, trace.form, trace.skickat, trace.mottaget)

    def other_code(self, trace: Trace) -> bool:
        """True when the row has another reference code."""
        return UNSAID not in (trace.kod, self.kod) and trace.kod != self.kod

    def other_form(self, trace: Trace) -> bool:
        """True when the row says that another version of the form was signed."""
        return UNSAID not in (trace.form, self.form) and trace.form != self.form

    def takes_receipt(self, trace: Trace) -> bool:
        """True when the row has a receipt where there was none, or a later day; then it is ours."""
        if trace.kod == UNSAID:
            return False
        new = self.kod == UNSAID or trace.skickat > self.skickat or trace.mottaget > self.mottaget
        if self.kod == UNSAID:
            self.kod, self.form = trace.kod, trace.form
        self.skickat, self.mottaget = max(self.skickat, trace.skickat), max(self.mottaget, trace.mottaget)
        return new

    def other_names(self, trace: Trace) -> bool:
        """True when the row has another name. A row without one says nothing."""
        return any(
            said not in (UNSAID, ours)
            for said, ours in ((trace.fornamn, self.fornamn), (trace.efternamn, self.efternamn))
        )


def load_beside(deltaganden: Mapping[uuid.UUID, str], traces: Traces) -> dict[str, Beside]:
    """What is stored, by deltagande_id. deltaganden: pk → id, of those that have their identity. Names are decrypted
    only when the file has any."""
    found = {key: Beside() for key in deltaganden.values()}
    if traces.any_names:
        for pk, fornamn, efternamn in stored_names(deltaganden):
            one = found[deltaganden[pk]]
            one.fornamn, one.efternamn = traces.seal(fornamn), traces.seal(efternamn)
    if traces.any_receipts or traces.any_behovsgrupp:
        rows = Samtycke.unscoped.filter(identitet__deltagande__in=deltaganden, inlast=False).values_list(
            "identitet__deltagande",
            "referenskod",
            "formular__version",
            "original_skickat",
            "original_mottaget",
        )
        for pk, kod, form, skickat, mottaget in rows.iterator():
            one = found[deltaganden[pk]]
            one.kod, one.form = traces.seal(kod), traces.seal(form)
            one.skickat, one.mottaget = (day.toordinal() if day else 0 for day in (skickat, mottaget))
    return found


def newest_row(rows: Iterable[Trace]) -> Trace | None:
    """The row that was known last, whose names hold."""
    known = [one for one in rows if one.t_in != NO_TIME]
    return max(known, key=lambda one: (last_known(one), one.t_in, one.row), default=None)


def last_known(trace: Trace) -> int:
    """When the newer of the two parts of the row was known."""
    return max(trace.t_in, trace.t_ut)


def older_name() -> Finding:
    """The warning for a row with another name that is no newer than what is stored."""
    text = (
        "Namnet är ett annat än det registrerade, men raden är inte nyare. Det registrerade namnet behålls."
    )
    return Finding("fornamn", "namn_aldre", text, warning=True)
