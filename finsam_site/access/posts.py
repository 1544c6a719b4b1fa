"""What is asked of every post before its view sees it: that its page was made where its user works now.

The middleware asks it of every view but those that take files. Their body is not to be read before the view's own
handler stands ready for what comes, so they are marked, and asked by the mark itself:

    @requires(Roll.DELTAGARANSVARIG)
    @takes_files(ScanUploadHandler)
    def scan(request: HttpRequest, pk: uuid.UUID, *, handler: ScanUploadHandler) -> HttpResponse: …
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])

UPPDRAG_FIELD = "_uppdrag"
"""Hidden field of our forms: where its user worked when the page was made (`Working.id`)."""

TAKES_FILES = "finsam_takes_files"


def made_elsewhere(request: HttpRequest) -> HttpResponse | None:
    """The answer to a post whose page was made in another uppdrag than its user works in now; None for any other."""
    working = request.working  # type: ignore[attr-defined]
    if request.POST.get(UPPDRAG_FIELD, working.id) == working.id:
        return None
    return render(request, "access/other_uppdrag.html", status=409)


def takes_files(make: Callable[[HttpRequest], FileUploadHandler]) -> Callable[[ViewT], ViewT]:
    """The view takes files, by the handler that `make` gives for each request and that it gets as `handler`.

    The token and where the page was made are checked when the handler stands ready, before the view is called. Under
    `requires`, which refuses before anything is read.
    """

    def wrap(view: ViewT) -> ViewT:
        @csrf_protect
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            refused = made_elsewhere(request) if request.method == "POST" else None
            return refused or view(request, *args, **kwargs)

        @csrf_exempt  # which would read the body; `checked` is where it is asked
        @wraps(view)
        def taking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            handler = make(request)
            request.upload_handlers = [handler]
            return checked(request, *args, handler=handler, **kwargs)

        setattr(taking, TAKES_FILES, True)
        return cast(ViewT, taking)

    return wrap
