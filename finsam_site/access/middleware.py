"""What stands around every request: nothing is stored in caches, sessions end in time, and somebody acts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.log import log_response

from . import kept_drafts, once, sessions
from .acting import AccessRefused, acting_as
from .lock_waits import waited_too_long
from .models import User
from .posts import TAKES_FILES, made_elsewhere
from .readonly import only_reading
from .requires import WITHOUT_UPPDRAG
from .working import choose, chosen, valid_uppdrag

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT = "Det du skrev är sparat som utkast."
RETRY_AFTER = "30"  # seconds

logger = logging.getLogger(__name__)


class _Undo(Exception):
    """Rolls back the request's transaction; the response stands."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class NoStoreMiddleware:
    """No page is kept by browser or proxy (QUALITY §2, pages)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_cache_control(response, no_store=True, private=True)
        return response


class SessionLimitsMiddleware:
    """Ends sessions that are idle or old, and says so where the user logs in again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        why = sessions.too_old(request) if request.user.is_authenticated else ""
        if why and request.method == "POST" and kept_drafts.keeps_drafts_at(request.path_info):
            return self._keep_the_last(request, why)
        if why:
            sessions.end(request)
            messages.info(request, why)
        elif request.user.is_authenticated:
            sessions.note_activity(request)
        return self.get_response(request)

    def _keep_the_last(self, request: HttpRequest, why: str) -> HttpResponse:
        """What was typed before the session ended and posted after it is kept as a draft, and nothing else is done."""
        kept_drafts.keep_only(request)
        kept = self.get_response(request).status_code == HTTPStatus.NO_CONTENT
        sessions.end(request)
        messages.info(request, f"{why} {KEPT}" if kept else why)
        return redirect_to_login(request.get_full_path())


class ActingMiddleware:
    """Every request of a logged-in user is one transaction in `acting_as(user, chosen uppdrag)`.

    A request that ends in an exception (404 and refusals too) is rolled back; looks at persons stay in the access log.
    One that has waited too long for a lock, also at its very end, is asked to come again.
    A request that only reads cannot write, and on SQLite takes no write lock unless it must write the log.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self._reading(request, lambda: self.get_response(request))
        if connection.vendor == "sqlite" and request.method in SAFE:
            return self._without_write_lock(request)
        return self._acting(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Before an uppdrag is chosen only the pages marked so can be seen. What is posted twice is done once."""
        if not request.user.is_authenticated or getattr(view, WITHOUT_UPPDRAG, False):
            return None
        working = getattr(request, "working", None)
        if working is None:
            url = reverse("access:uppdrag")
            if request.method in SAFE and request.path != reverse("start"):
                url = f"{url}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()}, safe='/')}"
            return redirect(url)
        if request.method != "POST" or getattr(view, TAKES_FILES, False):
            return None
        try:
            return made_elsewhere(request) or once.claim(request)
        except OperationalError as error:
            if waited_too_long(error):
                return come_again(request)
            raise

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Notes that the request failed; a refusal becomes a page in words."""
        request.finsam_failed = exception  # type: ignore[attr-defined]
        if isinstance(exception, AccessRefused):
            return refused(request, exception)
        if waited_too_long(exception):
            return come_again(request)
        if getattr(request, "finsam_done_over", False) and _locked_out(exception):
            return HttpResponse(status=503)  # nobody sees it, and it is no fault to write into the log
        return None

    def _acting(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)  # noqa: S101 - narrows the type
        mine = valid_uppdrag(user)
        working, ended = chosen(request, mine)
        if ended:
            choose(request, None)
            messages.info(
                request, "Du har inte längre något uppdrag där du arbetade. Välj ett annat för att fortsätta."
            )
        request.working = working  # type: ignore[attr-defined]
        request.uppdrag = mine  # type: ignore[attr-defined]
        try:
            with acting_as(user, working.uppdrag if working else None):
                response = self._reading(request, lambda: self.get_response(request))
                if getattr(request, "finsam_failed", None) is not None or response.status_code >= 500:
                    raise _Undo(response)
                once.keep(request, response)
                return response
        except _Undo as undo:
            return undo.response
        except AccessRefused as refusal:
            # The account or the uppdrag ended between two reads of this request.
            sessions.end(request)
            messages.info(request, str(refusal))
            return redirect_to_login(request.get_full_path())
        except OperationalError as error:
            # As it was committed: foreign keys are looked up then, also those of a draft.
            if waited_too_long(error):
                return come_again(request)
            raise

    def _reading(self, request: HttpRequest, respond: Callable[[], HttpResponse]) -> HttpResponse:
        with ExitStack() as stack:
            if request.method in SAFE:
                stack.enter_context(only_reading())
            return respond()

    def _without_write_lock(self, request: HttpRequest) -> HttpResponse:
        """On SQLite every transaction takes the write lock at once, and a page would wait for a running job. One that
        only reads need not; if it has to write the access log beside another writer, it is done over with the lock.
        """
        connection.ensure_connection()  # a new connection would set its mode anew
        mode = connection.transaction_mode  # type: ignore[attr-defined]
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
        request.finsam_done_over = True  # type: ignore[attr-defined]
        try:
            response = self._acting(request)
        finally:
            connection.transaction_mode = mode  # type: ignore[attr-defined]
            request.finsam_done_over = False  # type: ignore[attr-defined]
        if _locked_out(getattr(request, "finsam_failed", None)):
            request.finsam_failed = None  # type: ignore[attr-defined]
            return self._acting(request)
        return response


def _locked_out(failed: BaseException | None) -> bool:
    return isinstance(failed, OperationalError) and "locked" in str(failed)


def come_again(request: HttpRequest) -> HttpResponse:
    """503: a register is being read in. Nearly static, since nothing can be read in a transaction that has failed.

    The script that keeps drafts tries again by itself. What the view had to tell is dropped: it did not happen.
    """
    list(messages.get_messages(request))
    page = loader.get_template("503.html").render({"posted": request.method not in SAFE})
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = RETRY_AFTER
    # Told here as the warning that it is; Django would log it as a fault of the program.
    log_response(
        "Waited too long for a lock: %s", request.path, response=response, request=request, level="warning"
    )
    return response


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 in words: what was refused and who can help."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)
