"""Help where the question is: which section of the guide belongs to which page, and the link that leads there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from finsam_site.ui.components import Link

from .render import chapter_url, headings, title_of

HELP: Mapping[str, str] = {
    "access:settings": "veckobrevet",
    "registration:register": "registrera-in",
    "registration:register_in": "registrera-in",
    "registration:register_in_without_identity": "utan-personuppgifter",
    "registration:register_out": "registrera-ut",
    "registration:draft": "ingenting-forsvinner",
    "registration:correct_in": "ratta",
    "registration:correct_out": "ratta",
    "registration:withdraw": "aterkalla",
    "registration:protect": "aterkalla#skyddade-personuppgifter",
    "registration:anonyma": "utan-personuppgifter",
    "registration:anonyma_set": "utan-personuppgifter",
    "registration:samtycke_blank": "samtycket#skriv-ut-blanketten",
    "registration:samtycke_blanketter": "samtycket#skriv-ut-blanketten",
    "registration:samtycke_print": "samtycket#skriv-ut-blanketten",
    "registration:samtycke_scan": "samtycket#spara-det-skannade-papperet",
    "registration:deltaganden": "hitta#listan",
    "registration:deltagare": "hitta#listan",
    "registration:find": "hitta#sok",
    "registration:samtycken_received": "samtyckesmottagare",
    "registration:volymer": "insatsansvarig#ange-volymen",
    "registration:volym": "insatsansvarig#ange-volymen",
    "registration:volym_set": "insatsansvarig#ange-volymen",
    "registration:planned": "planerade-uttag",
    "registration:planned_new": "planerade-uttag",
    "registration:planned_change": "planerade-uttag",
}
"""The name of a url → chapter, or chapter#section."""


def help_link(request: HttpRequest) -> dict[str, Any]:
    """For every page: the link to the section of the guide that is about it, or None.

    Only titles are read here, and without the guide's files there is no link: no page fails for want of its help.
    """
    match = getattr(request, "resolver_match", None)
    where = HELP.get(match.view_name) if match else None
    try:
        return {"help_link": link_to(where) if where else None}
    except OSError:
        return {"help_link": None}


def link_to(where: str) -> Link:
    """The link to a chapter or a section, with its heading."""
    slug, _, section = where.partition("#")
    named = {one.id: one.text for one in headings(slug)}
    return Link(named[section] if section else title_of(slug), chapter_url(slug, section))
