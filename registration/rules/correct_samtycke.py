"""`correct_samtycke`: what was registered of the paper: the day it was signed, its version, the language of the aid.

A samtycke has no versions, since no figure rests on it. What it said before and why it was corrected stands in the
access log, which the time line shows: days, versions, languages and a reason that is chosen, so that there are no words
about anybody.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling
from finsam_site.ui.formats import day

from ..models import Identitet, Samtycke
from .change_number import in_uppgifter
from .checks import check_original, check_samtycke
from .doors import deltaganden_to_change
from .facts import Facts
from .findings import Finding, raise_errors
from .logged import InLog, LoggedChange, logged_changes
from .register import first_ins
from .samtycke import LANGUAGES
from .values import Samtyckesuppgifter

PURPOSE = "rättat samtycke: "
"""What the access log's purpose begins with, and the time line finds it by."""


class Skal(models.TextChoices):
    """Why."""

    SKREV_FEL = "skrev_fel", "Jag skrev fel"
    LASTE_FEL = "laste_fel", "Jag läste fel på papperet"
    ANNAN_UPPGIFT = "annan_uppgift", "Personen har berättat hur det var"


@dataclass(frozen=True, slots=True)
class Samtyckesrattelse:
    """What is to stand. formular: a version. seen: `samtycke_mark` of what was on the screen; None skips the look."""

    deltagande: uuid.UUID
    undertecknat: dt.date
    formular: str
    sprak: str
    skal: Skal
    seen: str | None = None

    @property
    def said(self) -> tuple[dt.date, str, str]:
        return self.undertecknat, self.formular, self.sprak


def stored_samtycke(samtycke: Samtycke) -> tuple[dt.date, str, str]:
    """(day signed, version, language) as they stand; `formular` at hand."""
    return samtycke.undertecknat, samtycke.formular.version, samtycke.sprak


def samtycke_mark(samtycke: Samtycke) -> str:
    """The same when, and only when, the same stands there."""
    return " ".join(map(str, stored_samtycke(samtycke)))


def correct_samtycke(rattelse: Samtyckesrattelse, facts: Facts) -> None:
    """Write what is to stand; what stands already changes nothing. The copies of the day follow by themselves.

    Raises AccessRefused (logged) out of scope, RuleError with what `check_samtycke_correction` finds, ChangedMeanwhile
    when somebody has corrected it since it was seen.
    """
    deltaganden_to_change([rattelse.deltagande])
    identitet = Identitet.objects.select_related("deltagande__aktuell_in").get(deltagande=rattelse.deltagande)
    # Somebody may be marking the original as sent or received at this moment.
    identitet.samtycke = (
        Samtycke.unscoped.select_for_update(of=("self",))
        .select_related("formular")
        .get(pk=identitet.samtycke_id)
    )
    raise_errors(check_samtycke_correction(rattelse, identitet, facts))
    samtycke = identitet.samtycke
    told = list(_told(stored_samtycke(samtycke), rattelse.said))
    if not told:
        return
    Samtycke.unscoped.filter(pk=samtycke.pk).update(
        undertecknat=rattelse.undertecknat,
        formular=facts.formular[rattelse.formular].pk,
        sprak=rattelse.sprak,
    )
    for one in told:  # a row for each: the column is short, and there is nowhere else that says what it was
        syfte = f"{PURPOSE}{one}. {rattelse.skal.label}."
        log_access(Handling.ANDRAT, "samtycke", [samtycke.pk], syfte=syfte, insats_id=identitet.insats_id)


def check_samtycke_correction(
    rattelse: Samtyckesrattelse, identitet: Identitet, facts: Facts
) -> list[Finding]:
    """What the rules of registering in find with what is to stand, and whether somebody was first."""
    samtycke, deltagande = identitet.samtycke, identitet.deltagande
    wanted = Samtyckesuppgifter(
        undertecknat=rattelse.undertecknat, formular=rattelse.formular, sprak=rattelse.sprak,
        original_skickat=samtycke.original_skickat, original_mottaget=samtycke.original_mottaget,
    )  # fmt: skip
    found = [
        *check_samtycke(
            wanted, in_uppgifter(deltagande.aktuell_in), facts, first_ins([deltagande.pk])[deltagande.pk]
        ),
        *check_original(wanted),
    ]
    if rattelse.seen is not None and rattelse.seen != samtycke_mark(samtycke):
        told = "En kollega har rättat samtycket sedan du såg det. Titta på det nya."
        found.append(Finding("", "andrat_av_annan", told))
    return found


def samtycke_changes(samtycke: uuid.UUID) -> list[LoggedChange]:
    """The corrections of a samtycke, oldest first: from what to what, with why."""
    return logged_changes(samtycke_in_log(samtycke))


def samtycke_in_log(samtycke: uuid.UUID) -> InLog:
    """How the log tells of a corrected samtycke."""
    return InLog("samtycke", samtycke, PURPOSE)


def corrections_since(samtycke: Samtycke, seen: str) -> list[LoggedChange]:
    """The corrections that tell how what was `seen` (a mark) became what stands, the last of each term, oldest first.

    None when they do not tell all of it, as when an import brought what was not known of the paper: the log has only
    that one did. formular of the samtycke at hand.
    """
    before = _read_mark(seen)
    if before is None:
        return []
    found = []
    changes = samtycke_changes(samtycke.pk)
    for term, was, now in _differing(before, stored_samtycke(samtycke)):
        of_it = [one for one in changes if one.told.startswith(f"{term} ")]
        began = any(one.told.startswith(f"{term} {was} blev ") for one in of_it)
        if not began or f" blev {now}. " not in of_it[-1].told:
            return []
        found.append(of_it[-1])
    return sorted(found, key=lambda one: one.when)


def _read_mark(mark: str) -> tuple[dt.date, str, str] | None:
    """What `samtycke_mark` said; None of what is no mark."""
    undertecknat, _, rest = mark.partition(" ")
    formular, _, sprak = rest.rpartition(" ")
    try:
        return dt.date.fromisoformat(undertecknat), formular, sprak
    except ValueError:
        return None


def _told(old: tuple[dt.date, str, str], new: tuple[dt.date, str, str]) -> Iterator[str]:
    """What changes, in words."""
    for term, before, after in _differing(old, new):
        yield f"{term} {before} blev {after}"


def _differing(
    old: tuple[dt.date, str, str], new: tuple[dt.date, str, str]
) -> Iterator[tuple[str, str, str]]:
    """(what it is, before, after) of what changes, in words."""
    for term, before, after in zip(
        ("underskrivet", "version", "språk"), _words(old), _words(new), strict=True
    ):
        if before != after:
            yield term, before, after


def _words(said: tuple[dt.date, str, str]) -> tuple[str, str, str]:
    when, version, sprak = said
    return day(when), version, LANGUAGES.get(sprak, sprak).lower()
