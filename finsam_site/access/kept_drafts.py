"""Pages that keep what is typed in them as a draft, also when the session has just ended (QUALITY §3).

A view marked `keeps_drafts` may get one post more after its session is over: it keeps what was typed as the user's own
draft, shows nothing and saves nothing else, and the user is then asked to log in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])

_MARK = "finsam_keeps_drafts"
_ONLY_KEEPING = "finsam_only_keeping"


def keeps_drafts(view: ViewT) -> ViewT:
    """Mark a view whose every post can end in a draft. It asks `only_keeping` before it does anything else."""
    setattr(view, _MARK, True)
    return view


def keeps_drafts_at(url: str) -> bool:
    """Whether the page at an address of ours is so marked."""
    try:
        return getattr(resolve(urlsplit(url).path).func, _MARK, False)
    except Resolver404:
        return False


def only_keeping(request: HttpRequest) -> bool:
    """True for a post whose session is over: keep what was typed, do nothing else."""
    return getattr(request, _ONLY_KEEPING, False)


def keep_only(request: HttpRequest) -> None:
    """Let the request keep a draft and nothing more."""
    setattr(request, _ONLY_KEEPING, True)
