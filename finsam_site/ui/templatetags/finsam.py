"""`{% load finsam %}`: show a component, draw a field, write numbers and days in Swedish."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from finsam_site.access import once
from finsam_site.access.posts import UPPDRAG_FIELD

from .. import formats
from ..components import Component
from ..layout import FieldRow

register = template.Library()


@register.simple_tag(takes_context=True)
def show(context: Context, component: Component | str | None) -> SafeString | str:
    """`{% show part %}`: the HTML of a component (nothing for None, text as it is)."""
    if component is None:
        return ""
    if isinstance(component, Component):
        return component.render({"csrf_token": context.get("csrf_token"), "request": context.get("request")})
    return component


@register.simple_tag(takes_context=True)
def form_marks(context: Context) -> SafeString:
    """`{% form_marks %}` in every form: where its user works, and an id by which it is done once.

    A form whose answers are kept as a draft has no such id: to keep them once more does no harm, and what is changed
    back to what it was must be kept too.
    """
    request = context.get("request")
    working = getattr(request, "working", None)
    if request is None or working is None:
        return SafeString("")
    marks = [(UPPDRAG_FIELD, working.id)]
    if getattr(context.get("form"), "draft_nr", None) is None:
        marks.append((once.FIELD, once.new_form_id(request.user)))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', marks)


@register.simple_tag
def field_row(bound: BoundField) -> SafeString:
    """`{% field_row form.startdatum %}`: a field with its label, help and error."""
    return FieldRow(bound).render()


@register.filter
def number(value: Any, decimals: int = 0) -> str:
    """`{{ 12400|number }}` is 12 400; `{{ 3.25|number:1 }}` is 3,3."""
    return formats.number(value, int(decimals))


@register.filter
def percent(value: Any, decimals: int = 0) -> str:
    """`{{ 32|percent }}` is 32 %."""
    return formats.percent(value, int(decimals))


@register.filter
def change(value: Any, decimals: int = 0) -> str:
    """`{{ 3|change }}` is +3."""
    return formats.change(value, int(decimals))


@register.filter
def day(value: Any) -> str:
    """`{{ date|day }}` is 16 januari 2019."""
    return formats.day(value)


@register.filter
def iso_day(value: Any) -> str:
    """`{{ date|iso_day }}` is 2019-01-16."""
    return formats.iso_day(value)


@register.filter
def clock(value: Any) -> str:
    """`{{ moment|clock }}` is 09.05."""
    return formats.clock(value)


@register.filter
def moment(value: Any) -> str:
    """`{{ moment|moment }}` is 16 januari 2019 kl. 09.05."""
    return formats.moment(value)


@register.filter
def sentence(value: Any) -> str:
    """The text with a capital first letter."""
    return formats.sentence(str(value))
