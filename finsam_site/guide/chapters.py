"""Which chapters the guide has, in which order and for whom. A chapter is `docs/anvandarguide/<slug>.md`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from finsam_site.access.roles import Roll

FOLDER = settings.BASE_DIR / "docs" / "anvandarguide"
PICTURES = FOLDER / "bilder"


@dataclass(frozen=True)
class Part:
    """Chapters that stand together under a heading."""

    title: str
    slugs: tuple[str, ...]


PARTS = (
    Part("Det här gäller alla", ("logga-in", "startsidan", "veckobrevet", "vem-ser-vad")),
    Part(
        "För dig som är deltagaransvarig",
        (
            "samtycket",
            "registrera-in",
            "utan-personuppgifter",
            "registrera-ut",
            "ratta",
            "aterkalla",
            "originalet",
            "hitta",
            "ingenting-forsvinner",
        ),
    ),
    Part(
        "För dig som har en annan roll",
        ("insatsansvarig", "ge-uppdrag", "samtyckesmottagare", "dataskyddsgranskare", "planerade-uttag"),
    ),
)
CHAPTERS = tuple(slug for part in PARTS for slug in part.slugs)

FIRST: Mapping[Roll, str] = {
    Roll.DELTAGARANSVARIG: "samtycket",
    Roll.INSATSANSVARIG: "insatsansvarig",
    Roll.FORBUNDSADMINISTRATOR: "insatsansvarig",
    Roll.SAMTYCKESMOTTAGARE: "samtyckesmottagare",
    Roll.DATASKYDDSGRANSKARE: "dataskyddsgranskare",
    Roll.NATIONELL_ADMINISTRATOR: "planerade-uttag",
}
"""The chapter that tells of the daily work of a role, for those that have one."""


def text_of(slug: str) -> str:
    """The Markdown of a chapter, with `{DRAFT_DAYS}` and the like as the settings say. KeyError: there is none."""
    if slug not in CHAPTERS:
        raise KeyError(slug)
    text = (FOLDER / f"{slug}.md").read_text(encoding="utf-8")
    return re.sub(r"\{([A-Z_]+)\}", lambda found: str(getattr(settings, found[1])), text)
