"""What the accessibility statement says of the product itself. What depends on the operator comes from the settings.

Source: lag (2018:1937) 9–13 §§ and Digg's list of the required parts. Change it whenever a shortcoming is found or
mended, with the days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

ASSESSED = dt.date(2026, 11, 28)
"""The last assessment."""

UPDATED = dt.date(2026, 11, 28)
"""The last change of the statement."""

AUTHORITY = "Myndigheten för digital förvaltning (Digg)"
COMPLAINT_URL = "https://www.digg.se/tdosanmalan"
"""Who sees to that the law is kept, and where one complains."""


@dataclass(frozen=True)
class Shortcoming:
    """What is not accessible. criterion: of WCAG 2.1, which EN 301 549 rests on. instead: what helps until then."""

    what: str
    why: str
    criterion: str
    instead: str


SHORTCOMINGS = (
    Shortcoming(
        "Skannade samtycken är bilder av papper och kan inte läsas av en skärmläsare.",
        "De läggs in av användarna, och Finsam tolkar inte texten i dem.",
        "1.1.1 Icke-textuellt innehåll och 1.4.5 Bilder av text",
        "Dagen för underskriften, referenskoden och var originalet är står som text på deltagandets sida.",
    ),
    Shortcoming(
        "Efter tio timmar loggas du ut, också mitt i arbetet, och den tiden kan inte förlängas.",
        "Gränsen skyddar deltagarnas uppgifter.",
        "2.2.1 Justerbar tidsgräns",
        "Du får en varning två minuter innan. Det du fyller i när du registrerar och rättar sparas som utkast. Andra "
        "formulär står kvar medan du loggar in i en ny flik; utan skript får du fylla i dem igen.",
    ),
    Shortcoming(
        "En dataskyddsgranskares sökning stängs utan varning efter 15 minuter utan att någon sida öppnas och senast "
        "efter en timme, och den tiden kan inte förlängas.",
        "Gränsen skyddar personens uppgifter.",
        "2.2.1 Justerbar tidsgräns",
        "Det du har fyllt i tas emot tills timmen är över. Därefter söker du fram personen igen och fyller i på nytt.",
    ),
)
