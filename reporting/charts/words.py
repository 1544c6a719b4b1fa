"""Numbers and times in running Swedish text."""

import datetime as dt
import math
from collections.abc import Mapping

from finsam_site.clock import STOCKHOLM
from finsam_site.ui.formats import MONTHS

NBSP = "\u00a0"


def source_line(uttag_meta: Mapping[str, object]) -> str:
    """Where the figures come from and when they were known."""
    known = swedish_time(str(uttag_meta["as_of"]))
    return f"Källa: Finsam, uttag för {uttag_meta['year']}, uppgifter kända per {known}."


def swedish_time(iso: str) -> str:
    """`16 januari 2019 kl. 23.59`, in Swedish time."""
    local = dt.datetime.fromisoformat(iso).astimezone(STOCKHOLM)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} kl. {local:%H.%M}"


def sentence_case(label: str) -> str:
    """A label of a code list with a capital first letter, as it stands in a table."""
    return label[:1].upper() + label[1:]


def whole(value: float) -> int:
    """Rounded to the nearest whole number, half up."""
    return math.floor(value + 0.5)


def percent(value: float) -> str:
    """A share in running text."""
    return f"{number(value)} procent"


def number(value: float, decimals: int = 0) -> str:
    """A number in running text: space for thousands (it does not break), decimal comma, a true minus sign."""
    rounded = float(whole(value)) if decimals == 0 else round(value, decimals)
    return f"{rounded:,.{decimals}f}".replace(",", NBSP).replace(".", ",").replace("-", "\u2212")
