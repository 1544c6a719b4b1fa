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
    "registration:register_out_several": "registrera-ut#flera-pa-en-gang",
    "registration:register_out_answers": "registrera-ut#flera-pa-en-gang",
    "registration:register_out_one_of_several": "registrera-ut#flera-pa-en-gang",
    "registration:register_out_confirm": "registrera-ut#flera-pa-en-gang",
    "registration:draft": "ingenting-forsvinner",
    "registration:drafts": "ingenting-forsvinner",
    "registration:correct_in": "ratta",
    "registration:correct_out": "ratta",
    "registration:correct_names": "ratta#ratta-namnet",
    "registration:correct_samtycke": "ratta#ratta-samtycket",
    "registration:change_number": "ratta#nytt-personnummer",
    "registration:wrong_insats": "ratta#registrerad-i-fel-insats",
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
    "registration:samtycken_sent_codes": "originalet#skicka-och-markera",
    "registration:samtycken_received": "samtyckesmottagare",
    "registration:volymer": "insatsansvarig#ange-volymen",
    "registration:volym": "insatsansvarig#ange-volymen",
    "registration:volym_set": "insatsansvarig#ange-volymen",
    "registration:uppdragen": "ge-uppdrag",
    "registration:insats_uppdrag": "ge-uppdrag",
    "registration:uppdrag_new": "ge-uppdrag",
    "registration:uppdrag_give": "ge-uppdrag",
    "registration:uppdrag_give_forbund": "ge-uppdrag",
    "registration:uppdrag_end": "ge-uppdrag#avsluta-ett-uppdrag",
    "registration:person_find": "dataskyddsgranskare#sok-personen",
    "registration:person": "dataskyddsgranskare",
    "registration:person_withdraw": "dataskyddsgranskare#aterkalla-eller-skydda",
    "registration:person_protect": "dataskyddsgranskare#aterkalla-eller-skydda",
    "registration:person_names": "dataskyddsgranskare#ratta",
    "registration:person_number": "dataskyddsgranskare#ratta",
    "registration:person_correct_in": "dataskyddsgranskare#ratta",
    "registration:person_correct_out": "dataskyddsgranskare#ratta",
    "registration:person_samtycke": "dataskyddsgranskare#ratta",
    "registration:person_looks": "dataskyddsgranskare#visa-vem-som-har-tittat",
    "registration:planned": "planerade-uttag",
    "registration:planned_new": "planerade-uttag",
    "registration:planned_change": "planerade-uttag",
    "registration:planned_remove": "planerade-uttag",
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
