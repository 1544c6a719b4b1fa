"""What a check finds: a list of findings in plain Swedish, each tied to the field (the import's column) it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or (warning) odd but possible.

    field: the column of FORMATS §1 that the finding is about. kind: a short stable name, to count by.
    message: what happened and what to do, in Swedish, without any value that says who a person is.
    """

    field: str
    kind: str
    message: str
    warning: bool = False


class RuleError(Exception):
    """A rule refused. `findings` says why, all of it at once; nothing was written."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(finding.message for finding in self.findings))


MEANWHILE = frozenset({"andrat_av_annan", "redan_ute"})
"""Kinds of findings that say that somebody else has saved since the answers were on the screen."""


class ChangedMeanwhile(RuleError):
    """Somebody else saved first. Nothing was written; the page shows what the other saved beside what is ours.

    Raised under the lock on the row, so that of two who save at once the second always gets here.
    """


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise RuleError if any finding is more than a warning; ChangedMeanwhile when somebody else was first."""
    errors = [finding for finding in findings if not finding.warning]
    if any(finding.kind in MEANWHILE for finding in errors):
        raise ChangedMeanwhile(errors)
    if errors:
        raise RuleError(errors)
