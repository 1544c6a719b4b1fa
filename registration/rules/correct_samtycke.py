"""`correct_samtycke`: what was registered of the paper: the day it was signed, its version, the language of the aid.

No figure rests on it, so the samtycke says what stands now. What it said before, and why, is kept beside it
(`Samtyckesandring`), gone with the identity; the access log says that it was corrected, and nothing of what.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from finsam_site.access.acting import log_access, require_actor
from finsam_site.access.models import Handling

from ..models import Identitet, Samtycke, Samtyckesandring
from .change_number import in_uppgifter
from .checks import check_original, check_samtycke
from .doors import deltaganden_to_change
from .facts import Facts
from .findings import Finding, raise_errors
from .register import first_ins
from .values import Samtyckesuppgifter

LOGGED = "rättat samtycke"
"""What the access log calls it."""

Skal = Samtyckesandring.Skal


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
    if stored_samtycke(samtycke) == rattelse.said:
        return
    formular_id = facts.formular[rattelse.formular].pk
    _write_change(rattelse, samtycke, formular_id)
    Samtycke.unscoped.filter(pk=samtycke.pk).update(
        undertecknat=rattelse.undertecknat,
        formular=formular_id,
        sprak=rattelse.sprak,
    )
    log_access(Handling.ANDRAT, "samtycke", [samtycke.pk], syfte=LOGGED, insats_id=identitet.insats_id)


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


def samtycke_changes(samtycke: uuid.UUID) -> list[Samtyckesandring]:
    """The corrections of a samtycke in scope, oldest first; who made them and the versions at hand."""
    rows = Samtyckesandring.objects.filter(samtycke=samtycke).order_by("nr")
    return list(rows.select_related("registrerad_av", "formular", "tidigare_formular"))


def corrections_since(samtycke: Samtycke, seen: str) -> list[Samtyckesandring]:
    """The corrections that tell how what was `seen` (a mark) became what stands, the last of each fact, oldest first.

    None when they do not tell all of it, as when an import brought what was not known of the paper. formular of the
    samtycke at hand.
    """
    before, stands = _read_mark(seen), stored_samtycke(samtycke)
    if before is None:
        return []
    changes = samtycke_changes(samtycke.pk)
    found: dict[int, Samtyckesandring] = {}
    for fact in (at for at in range(len(stands)) if before[at] != stands[at]):
        of_it = [one for one in changes if one.fore[fact] != one.efter[fact]]
        began = any(one.fore[fact] == before[fact] for one in of_it)
        if not began or of_it[-1].efter[fact] != stands[fact]:
            return []
        found[of_it[-1].nr] = of_it[-1]
    return [found[nr] for nr in sorted(found)]


def _read_mark(mark: str) -> tuple[dt.date, str, str] | None:
    """What `samtycke_mark` said; None of what is no mark."""
    undertecknat, _, rest = mark.partition(" ")
    formular, _, sprak = rest.rpartition(" ")
    try:
        return dt.date.fromisoformat(undertecknat), formular, sprak
    except ValueError:
        return None


def _write_change(rattelse: Samtyckesrattelse, samtycke: Samtycke, formular_id: int) -> None:
    """What it says now and is to say. The samtycke is locked, so nobody else takes the number."""
    last = Samtyckesandring.unscoped.filter(samtycke=samtycke).aggregate(nr=Max("nr"))["nr"]
    Samtyckesandring.unscoped.create(
        samtycke=samtycke, nr=(last or 0) + 1, insats_id=samtycke.insats_id, skal=rattelse.skal,
        # No figure rests on it, so that it need not be the database's clock, which an uttag goes by.
        registrerad=timezone.now(), registrerad_av_id=require_actor().user.pk,
        tidigare_undertecknat=samtycke.undertecknat, tidigare_formular_id=samtycke.formular_id,
        tidigare_sprak=samtycke.sprak, undertecknat=rattelse.undertecknat, formular_id=formular_id,
        sprak=rattelse.sprak,
    )  # fmt: skip
