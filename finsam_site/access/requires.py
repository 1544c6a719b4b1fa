"""Marks for views: which roles a page is for, and which pages can be seen before an uppdrag is chosen.

@requires(Roll.DELTAGARANSVARIG)
def register(request: HttpRequest, …) -> HttpResponse: …

@method_decorator(requires(Roll.RAPPORTLASARE, Roll.NATIONELL_ADMINISTRATOR), name="dispatch")
class UttagList(ListView): …
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from django.http import HttpRequest, HttpResponseBase

from .acting import AccessRefused, current_actor, refuse
from .roles import Roll

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])

ROLES = "finsam_roles"
WITHOUT_UPPDRAG = "finsam_without_uppdrag"


def requires(*roller: Roll, person: tuple[str, str] | None = None) -> Callable[[ViewT], ViewT]:
    """The page is for those who work in one of `roller` now; others get 403 that says so.

    person: (object, purpose) on a page whose address names a person by `pk`: the refused try is a row of the access
    log (QUALITY §2). Marks the view with the roles, for the matrix of urls and roles.
    """
    allowed = frozenset(roller)

    def wrap(view: ViewT) -> ViewT:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            actor = current_actor()
            if actor is None or actor.roll not in allowed:
                if actor is not None and person is not None:
                    objekt, purpose = person
                    raise refuse(objekt, kwargs["pk"], syfte=purpose, message=refusal(allowed))
                raise AccessRefused(refusal(allowed))
            return view(request, *args, **kwargs)

        setattr(guarded, ROLES, allowed)
        return cast(ViewT, guarded)

    return wrap


def refusal(allowed: frozenset[Roll]) -> str:
    """Whom the page is for and who can help."""
    names = [str(roll.label) for roll in Roll if roll in allowed]
    *first, last = names
    who = f"{', '.join(first)} och {last}" if first else last
    return (
        f"Sidan är för den som arbetar som {who.replace(' och ', ' eller ')}. Har du ett sådant uppdrag kan du byta "
        "till det. Annars kan förbundsadministratören i ditt förbund hjälpa dig."
    )


def without_uppdrag(view: ViewT) -> ViewT:
    """The page can be seen by anybody logged in, before an uppdrag is chosen."""
    setattr(view, WITHOUT_UPPDRAG, True)
    return view


def roles_of(view: Callable[..., object]) -> frozenset[Roll] | None:
    """The roles that `requires` named; None where the view names none."""
    return getattr(view, ROLES, None)
