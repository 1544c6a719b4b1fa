"""How an uttag is spoken of on the pages."""

from __future__ import annotations

from finsam_site.ui import formats

from ..charts.words import source as source_of
from ..models import Uttag

SHORT_HASH = 12


def known(uttag: Uttag) -> str:
    """ "Uppgifter kända per 16 januari 2019 kl. 23.59"."""
    return f"Uppgifter kända per {formats.moment(uttag.as_of)}"


def name(uttag: Uttag) -> str:
    """ "2018, känt per 16 januari 2019": which uttag it is, where several stand side by side."""
    return f"{uttag.ar}, känt per {formats.day(uttag.as_of)}"


def source(uttag: Uttag) -> str:
    """Where a figure comes from, without a full stop."""
    return source_of(uttag.ar, uttag.as_of)


def short_hash(uttag: Uttag) -> str:
    """The beginning of the content hash, enough to tell two uttag apart."""
    return uttag.content_hash[:SHORT_HASH]
