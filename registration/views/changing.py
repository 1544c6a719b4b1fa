"""The flow of changing something that is registered: questions, the answers read back, saved once.

What is typed stands in a draft, a step for each part; who saves second sees both and chooses. What the parts differ in
is in `correct.py` (in- and out-registration), `correct_samtycke.py` and `correct_person.py` (number and names), and
`register_out.py`: somebody who is still in is changed to be out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from finsam_site.access.kept_drafts import only_keeping
from finsam_site.marks import shown_mark
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Button, Component, Crumb, Link, Notice, Tone

from ..forms.correct import ConfirmCorrection
from ..forms.register_in import ConfirmStep
from ..forms.register_out import OWN_WINDOW, MeanwhileStep
from ..forms.steps import GO_TO, STEP, STEP_FIELD, ChangeStep, Step
from ..models import Deltagande, Identitet, Utkast
from ..rules.drafts import Place, save_draft
from ..rules.facts import Facts, load_facts
from ..rules.findings import MEANWHILE, ChangedMeanwhile, Finding, RuleError
from .deltaganden import deltagande_url, name_or_404
from .drafts import Drafting, as_initial, leave_button
from .insatser_common import crumbs, insats_crumb

PURPOSE = "rätta"
SEEN = "sedd"
"""The field of every part that says what was on the screen when somebody began."""
MARK = "_sagt"
"""What the page that reads the answers back carries along: `Changing._mark` of them."""
SAVED, THEIRS, ALIKE = "rattad", "deras", "samma"
"""In the address that it ends at: what there is to tell. THEIRS: what was saved already is to hold. ALIKE: somebody
else has saved the same."""
NOT_SAVED = "Utkastet finns inte längre, och rättelsen är inte sparad. Börja om här."
CHANGED_SINCE = "Utkastet finns inte längre. Här står det som är sparat nu. Är något fel rättar du det här."
NOTHING = "Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."


@dataclass(frozen=True)
class Theirs:
    """What has been saved meanwhile. told: who and when. rows: theirs beside ours. seen: what it is known by.
    same: it says the same as ours. own: it was the user, in another window. named: it is known who it was.
    """

    told: str
    by: str
    rows: Sequence[Compared]
    seen: Any
    same: bool
    own: bool = False
    named: bool = True


FormT = TypeVar("FormT", bound=ChangeStep)


class Changing(ABC, Generic[FormT]):
    """One request of changing one part. What is answered stands in the draft until it is saved."""

    step: ClassVar[str]
    title: ClassVar[str]
    slag: ClassVar[Utkast.Slag] = Utkast.Slag.CORRECT
    purpose: ClassVar[str] = PURPOSE
    findings: ClassVar[Mapping[str, str]] = {}
    nothing: ClassVar[str] = NOTHING
    confirm: ClassVar[type[ConfirmStep]] = ConfirmCorrection
    choice: ClassVar[type[MeanwhileStep]] = MeanwhileStep
    marked = ""
    """The mark of the answers, once they are read back or compared."""

    def __init__(self, request: HttpRequest, identitet: Identitet) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande: Deltagande = identitet.deltagande
        self.deltagande.insats = identitet.insats
        place = Place(self.slag, identitet.insats_id, deltagande=self.deltagande.pk)
        self.drafting = Drafting(request, place)

    # What differs between the parts

    @abstractmethod
    def form(self, data: Any = None) -> FormT:
        """The questions, filled in with what holds or answered with `data`."""

    @abstractmethod
    def said(self, form: FormT) -> object:
        """What a valid form says, but for why."""

    @abstractmethod
    def stands(self) -> object:
        """What holds, told in the same way: the two are equal, and written alike, when they say the same."""

    def changes(self, form: FormT) -> bool:
        """Whether a valid form says something else than what holds."""
        return self.said(form) != self.stands()

    @abstractmethod
    def found(self, form: FormT) -> list[Finding]:
        """All that the rule finds wrong or odd with a valid form."""

    @abstractmethod
    def shown(self, form: FormT) -> Sequence[Component]:
        """A valid form, to be read back."""

    @abstractmethod
    def write(self, form: FormT, orsak: str, seen: Any) -> None:
        """Save a valid form by the rule. Raises RuleError."""

    @abstractmethod
    def theirs(self, form: FormT) -> Theirs:
        """What holds now beside a valid form, read again."""

    @abstractmethod
    def own_holds(self) -> bool:
        """Whether what holds now was saved by the user: the same press again."""

    def odd(self, form: FormT, found: Sequence[Finding]) -> list[str]:
        """What is odd but possible with a valid form, in words: it is asked to be confirmed. found: by the rule."""
        return [one.message for one in found if one.warning]

    def cancel(self) -> Button | Link:
        """Away from here with nothing saved."""
        return leave_button()

    def keeping(self, form: Step) -> Mapping[str, Any]:
        """What the page tells of the draft, which is kept while somebody types the answers."""
        if isinstance(form, ChangeStep):
            self.drafting.mark(form)
        there = "" if isinstance(form, ChangeStep) else f"?{STEP}={ConfirmStep.name}"
        return self.drafting.context(self.request.path + there)

    def read_parts(
        self, form: Step, notices: Sequence[Component], answers: Sequence[Component]
    ) -> Mapping[str, Any]:
        """What stands on a page before its form. answers: what is read back, if anything is."""
        return {"notices": [*notices, *answers]}

    def carried(self, form: Step) -> Mapping[str, str | Sequence[str]]:
        """What a page that asks something else carries along of the answers: what they are a change of, their mark."""
        kept = self.drafting.answers(self.step).get(SEEN)
        seen = {SEEN: kept[-1]} if kept and SEEN not in form.fields else {}
        return seen | ({MARK: self.marked} if self.marked else {})

    def seen(self) -> str:
        """What is known by now, as the answers say what they are a change of."""
        return str(self.form()[SEEN].value())

    def seen_now(self, said: Mapping[str, str]) -> None:
        """What was compared with is what the answers are a change of from now on; said: the answers that say so."""
        kept = self.drafting.answers(self.step)
        self.drafting.put(self.step, {**kept, **{name: [text] for name, text in said.items()}})

    # The flow

    def respond(self) -> HttpResponse:
        """What the request leads to."""
        if self.request.method == "GET":
            return self._open()
        post = self.request.POST
        if post.get(STEP_FIELD) == self.step:
            return self._questions(post)
        if only_keeping(self.request):
            return self.drafting.kept()
        left = self.elsewhere()
        if left is not None:
            return left
        form = self._kept()
        if form is None:
            return self._gone()
        if post.get(GO_TO) == self.step:
            return redirect(self.request.path)
        if self._saved_alike(form):
            return self._compare(form)
        if not self._says_something(form):
            return redirect(self.request.path)
        if post.get(STEP_FIELD) == MeanwhileStep.name:
            return self._choose(form)
        return self._save(form)

    def elsewhere(self) -> HttpResponse | None:
        """Where "Avbryt" leads; None when another button was pressed."""
        return self.drafting.leave(deltagande_url(self.deltagande.pk))

    def answered(self) -> HttpResponse:
        """Where questions lead that are answered rightly."""
        return redirect(f"{self.request.path}?{STEP}={ConfirmStep.name}")

    def _gone(self) -> HttpResponse:
        """The answer to a page whose draft is no more. It was sent before and saved when what holds is the user's own,
        not what the page was a change of, and what the page said; of another an old window can tell nothing."""
        seen, mark = self.request.POST.get(SEEN, ""), self.request.POST.get(MARK, "")
        unchanged = seen == self.seen()
        if seen and not unchanged and mark == self._mark(self.stands()) and self.own_holds():
            return self._done()
        return self.begin_again(NOT_SAVED if unchanged else CHANGED_SINCE)

    def begin_again(self, told: str) -> HttpResponse:
        """The questions once more, since nothing is kept of what was answered."""
        return self._show(self.form(), notices=[Notice(told, tone=Tone.WAIT)])

    def _mark(self, said: object) -> str:
        """Says what is or would be saved, without telling it: two marks are the same exactly when that is."""
        return shown_mark("registration.changing", self.step, self.deltagande.pk, repr(said))

    def _open(self) -> HttpResponse:
        form = self._kept()
        if self.request.GET.get(STEP) == ConfirmStep.name and form and self._says_something(form):
            return self._read_back(form)
        form = self.form()
        as_initial(form, self.drafting.data(self.step))
        return self._show(form)

    def _kept(self) -> FormT | None:
        data = self.drafting.data(self.step)
        return self.form(data) if data else None

    def _questions(self, post: Any) -> HttpResponse:
        form = self.form(post)
        kept = self.drafting.keep(self.step, form)
        if kept is not None:
            return kept
        left = self.elsewhere()
        if left is not None:
            return left
        filled = self.filled(form)
        if filled is not None:
            return filled
        if self._saved_alike(form):
            return self._compare(form)
        if not self._says_something(form) or getattr(form, "asks_stadsdel", False) or self._errors(form):
            return self._show(form)
        return self.answered()

    def filled(self, form: FormT) -> HttpResponse | None:
        """The answer to a button that fills in the form; None when another was pressed."""
        return None

    def _says_something(self, form: FormT) -> bool:
        """Whether the form is right and says something else than what holds; it is told otherwise."""
        if not form.is_valid():
            return False
        if not self.changes(form):
            form.add_error(None, self.nothing)
            return False
        return True

    def _saved_alike(self, form: FormT) -> bool:
        """Whether what the form says is what has been saved since it was begun."""
        if not form.is_valid() or self.changes(form):
            return False
        return str(form.cleaned_data[SEEN]) != self.seen()

    def _read_back(self, form: FormT, confirm: ConfirmStep | None = None) -> HttpResponse:
        found = self.found(form)
        if any(one.kind in MEANWHILE for one in found):
            return self._compare(form)
        if self._errors(form):
            return self._show(form)
        self.marked = self._mark(self.said(form))
        return self._show(confirm or self._confirm(None, form, found), answers=self.shown(form))

    def _save(self, form: FormT) -> HttpResponse:
        confirm = self._confirm(self.request.POST, form, self.found(form))
        if not confirm.is_valid():
            return self._read_back(form, confirm)
        said = form.cleaned_data
        try:
            self.write(form, said.get("orsak", ""), said[SEEN])
        except ChangedMeanwhile:
            return self._compare(form)
        except RuleError as error:
            form.add_findings(error.findings, self.findings)
            return self._show(form)
        return self._done()

    def _done(self, news: str = SAVED) -> HttpResponse:
        if self.drafting.draft:
            save_draft(self.drafting.place, self.step, {})  # another part stays, when that is begun too
        return redirect(f"{deltagande_url(self.deltagande.pk)}?{news}")

    # Somebody else was first

    def _compare(self, form: FormT, choice: MeanwhileStep | None = None) -> HttpResponse:
        """What the other saved beside what the user answered, and which is to hold."""
        theirs = self.theirs(form)
        if theirs.same:
            return self._done(SAVED if theirs.own else ALIKE)
        self.marked = self._mark(self.said(form))
        first = {SEEN: theirs.seen, "orsak": form.cleaned_data.get("orsak", "")}
        choice = choice or self.choice(initial=first)
        choice.cancel = None
        choice.hidden = {STEP_FIELD: choice.name, **self.carried(choice)}
        whose = f"Sparat av {theirs.by}"
        if theirs.own:
            choice.by_oneself()
            whose = OWN_WINDOW
        elif not theirs.named:
            choice.by_somebody()
        context = self._context() | {
            "form": choice,
            "lead": f"{theirs.told}, medan du fyllde i. Dina svar finns kvar. Jämför och välj vilka som ska gälla.",
            "comparison": Comparison("Det som är sparat bredvid dina svar", whose, "Dina svar", theirs.rows),
        }
        return render(self.request, "registration/meanwhile.html", context, status=409)

    def _choose(self, form: FormT) -> HttpResponse:
        """Theirs: nothing more happens. Mine: a change of theirs, if theirs is still what was compared with."""
        choice = self.choice(self.request.POST)
        if not choice.is_valid():
            return self._compare(form, choice)
        said = choice.cleaned_data
        if said["val"] == "deras":
            return self._done(THEIRS)
        chosen = {name: said[name] for name in (SEEN, "orsak") if name in said}
        form.cleaned_data |= chosen
        if self.odd(form, self.found(form)):  # not asked on the way here, and nothing may undo it
            self.seen_now({name: str(one) for name, one in chosen.items()})
            return self._read_back(form)
        try:
            self.write(form, said.get("orsak", ""), said[SEEN])
        except ChangedMeanwhile:
            return self._compare(form)
        except RuleError as error:
            choice.add_findings(error.findings)
            return self._compare(form, choice)
        return self._done()

    # Pages and checks

    @cached_property
    def facts(self) -> Facts:
        return load_facts({self.identitet.insats.insats_id})

    def _errors(self, form: FormT) -> bool:
        """Whether a rule finds something wrong with a valid form, which then stands in it."""
        errors = [one for one in self.found(form) if not one.warning and one.kind not in MEANWHILE]
        form.add_findings(errors, self.findings)
        return bool(errors)

    def _confirm(self, data: Any, form: FormT, found: Sequence[Finding]) -> ConfirmStep:
        return self.confirm(data, odd=self.odd(form, found), cancel=self.cancel())

    def _show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        form.hidden = {STEP_FIELD: form.name}
        if not isinstance(form, ChangeStep):
            form.hidden |= self.carried(form)
            form.previous = self.step
        context = self._context() | {
            "form": form,
            "form_action": self.request.path,
            **self.read_parts(form, notices, answers),
            **self.keeping(form),
        }
        return render(self.request, "registration/step.html", context)

    def _context(self) -> dict[str, Any]:
        """What each page of the flow has. Its heading names the person: one look in the access log."""
        name = name_or_404(self.identitet, self.purpose)
        return {
            "over": f"{name.fornamn} {name.efternamn} i {self.identitet.insats.namn}",
            "crumbs": self.crumbs(),
        }

    def crumbs(self) -> list[Crumb]:
        """The way to the page."""
        one = ("Deltagande", deltagande_url(self.deltagande.pk))
        return crumbs(insats_crumb(self.identitet.insats), one, (self.title, ""))
