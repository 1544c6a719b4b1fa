"""How a diagram's title and source line speak; numbers and times are those of the pages (`ui/formats`)."""

import datetime as dt
from collections.abc import Mapping

from finsam_site.ui import formats


def source(year: int, as_of: dt.datetime) -> str:
    """Where a figure comes from and when it was known, without a full stop."""
    return f"Finsam, uttag för {year}, uppgifter kända per {formats.moment(as_of)}"


def source_line(uttag_meta: Mapping[str, object]) -> str:
    """`source` of an uttag's own description, as it stands under a diagram."""
    known = dt.datetime.fromisoformat(str(uttag_meta["as_of"]))
    return f"Källa: {source(int(str(uttag_meta['year'])), known)}."


def swedish_time(iso: str) -> str:
    """A time of an uttag's own description: `16 januari 2019 kl. 23.59`, in Swedish time."""
    return formats.moment(dt.datetime.fromisoformat(iso))


def percent(value: float) -> str:
    """A share in running text."""
    return f"{formats.number(value)} procent"
