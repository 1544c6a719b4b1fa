"""How a samtycke is shown, the same wherever it stands: its status, what is registered of the paper, and where those
that are waited for are listed.
"""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.http import urlencode

from finsam_site.ui.comparison import Compared
from finsam_site.ui.components import Tag, Tone
from finsam_site.ui.formats import day

from ..rules.samtycke import LANGUAGES, WORDS, Status, Vantan

Facts = tuple[dt.date | None, str | None, str | None]
"""(day signed, version, language) of a paper; None where erasure took them."""

AWAITED_KEYS = {
    Vantan.ALLA: "",
    Vantan.ATT_SKICKA: "att-skicka",
    Vantan.FORSENADE: str(Status.SAKNAS),
    Vantan.LETA_EFTER: "leta-efter",
}
"""What stands in the address of the register for each; nothing for all that are waited for."""

_TONES = {
    Status.UNDERTECKNAT: Tone.WAIT,
    Status.SKICKAT: Tone.WAIT,
    Status.SAKNAS: Tone.BAD,
    Status.MOTTAGET: Tone.GOOD,
}


def samtycken_url(query: dict[str, str]) -> str:
    """The register of samtycken with what was chosen in it."""
    return reverse("registration:samtycken") + (f"?{urlencode(query)}" if query else "")


def awaited_url(vantan: Vantan) -> str:
    """The register with just those that are waited for in that way."""
    key = AWAITED_KEYS[vantan]
    return samtycken_url({"status": key} if key else {})


def samtycke_tag(status: str) -> Tag:
    """Where the original is (DOMAIN §4). status: a value of `Status`, as `status_of` computes it."""
    one = Status(status)
    return Tag(WORDS[one], _TONES.get(one, Tone.PLAIN))


def compared(old: Facts, new: Facts) -> list[Compared]:
    """What is registered of the paper, beside each other in words."""
    pairs = zip(("Underskrivet", "Version", "Språk"), _words(old), _words(new), strict=True)
    return [Compared(*one) for one in pairs]


def _words(said: Facts) -> tuple[str, str, str]:
    when, version, sprak = said
    return day(when), version or "", LANGUAGES.get(sprak or "", sprak or "")
