"""Forms of giving and ending uppdrag. It is for somebody already known in the förbund, or for an exact user name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from finsam_site.access.acting import require_actor
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.throttle import Limit
from finsam_site.ui.components import Button, Link
from finsam_site.ui.forms import ALL_TOGETHER, BaseForm, ChoiceField, DayField, Section
from finsam_site.ui.layout import Question

from ..rules.findings import Finding
from ..rules.staffing import find_account

OTHER = "annan"
CONFIRM, CHANGE = "bekrafta", "andra"
"""Names of the two buttons under what is read back."""

LOOK_UPS = Limit("konto", 10)
"""So many names that nobody has may one giver try, so that nobody tries out who has an account."""

UNKNOWN = (
    "Det finns inget sådant konto som kan få uppdraget. Kontrollera stavningen. Stämmer den saknar kontot kanske "
    "rollen, och då kan behörighetsadministratören på Försäkringskassan hjälpa till."
)
TOO_MANY = "Det har blivit för många försök att hitta ett konto. Vänta en kvart och försök igen."

ROLE_WORDS = {
    Roll.DELTAGARANSVARIG: "Deltagaransvarig: registrerar deltagare och ser vilka de är",
    Roll.INSATSANSVARIG: "Insatsansvarig: beskriver insatsen, anger antal och ger uppdrag, ser inga personer",
    Roll.RAPPORTLASARE: "Rapportläsare: läser uttag och rapporter, ser bara antal",
}


class GiveForm(BaseForm):
    """Whom, as what, from when and until when. After `is_valid` there are `account` and `chosen_roll`."""

    title = "Ge uppdrag"
    submit = "Fortsätt"

    roll = ChoiceField(label="Vilket uppdrag?", choices=[("", "")])
    vem = ChoiceField(label="Vem får uppdraget?", choices=[("", "")])
    konto = forms.CharField(
        label="Användarnamn eller e-postadress",
        max_length=254,
        help_text="Skriv det exakt som det står i kontot.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    fran = DayField(
        label="Första dagen", help_text="Från den dagen gäller uppdraget. Till exempel 2026-01-16"
    )
    till = DayField(label="Sista dagen", required=False, help_text="Lämna tomt om det gäller tills vidare.")

    def __init__(self, *args: Any, roller: Sequence[Roll], known: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roller, self.known = roller, {str(one.pk): one for one in known}
        self.account: User | None = None
        self.listed = False
        if len(roller) == 1:
            del self.fields["roll"]
        else:
            self._offer("roll", [(roll.value, ROLE_WORDS.get(roll, roll.label)) for roll in roller])
        self._offer_known()

    @property
    def chosen_roll(self) -> Roll:
        """The role of the uppdrag."""
        return Roll(self.cleaned_data["roll"]) if "roll" in self.fields else self.roller[0]

    @property
    def who(self) -> str:
        """The field that the account was given in."""
        return "konto" if self.cleaned_data.get("konto") or "vem" not in self.fields else "vem"

    def values(self) -> dict[str, Any]:
        """The days as the rule takes them."""
        return {"fran": self.cleaned_data["fran"], "till": self.cleaned_data["till"]}

    def add(self, findings: Sequence[Finding]) -> None:
        """Findings of the rule, each at its field."""
        at_role = "roll" if "roll" in self.fields else self.who
        self.add_findings(findings, {"user": self.who, "roll": at_role})

    @property
    def opens(self) -> Mapping[str, Mapping[str, Sequence[str]]]:  # type: ignore[override]
        """The name opens below "Någon annan", where that is a button."""
        return {"vem": {OTHER: ("konto",)}} if "vem" in self.fields and not self.listed else {}

    def layout(self) -> Sequence[Section | str | Question]:
        if not self.listed:
            return super().layout()
        fields = [name for name in self.fields if name not in ("roll", "vem", "konto")]
        who = Question("Vem får uppdraget?", "vem", "konto", help="Välj i listan, eller skriv vem det är.")
        return [*(["roll"] if "roll" in self.fields else []), who, *fields]

    def clean(self) -> dict[str, Any]:
        """Finds the account: the one that was chosen, or the one with the name that was written."""
        values = super().clean() or {}
        chosen, written = self.known.get(values.get("vem") or ""), values.get("konto")
        if chosen and written:
            self.add_error("konto", "Välj i listan eller skriv ett användarnamn, inte båda.")
        elif chosen:
            self.account = chosen
        elif written:
            self.account = self._find(written)
        elif "konto" not in self.errors and "vem" not in self.errors:
            self.add_error("konto", "Välj någon i listan eller skriv användarnamn eller e-postadress.")
        return values

    def _find(self, text: str) -> User | None:
        """The account, or an error that is the same for a name that nobody has and an account without the role."""
        if {"roll", "vem"} & self.errors.keys():
            return None
        giver = str(require_actor().user.pk)
        if LOOK_UPS.reached(giver):
            self.add_error("konto", TOO_MANY)
            return None
        found = find_account(text)
        if found is None or not found.has_role(self.chosen_roll):
            LOOK_UPS.note(giver)
            self.add_error("konto", UNKNOWN)
            return None
        return found

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give a field these choices."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices

    def _offer_known(self) -> None:
        """Few stand as buttons with one for somebody else, which opens the name; more in a list beside it."""
        if not self.known:
            del self.fields["vem"]
            return
        people = [(key, _named(one)) for key, one in self.known.items()]
        people.append((OTHER, "Någon annan"))
        if len(people) <= ALL_TOGETHER:
            self._offer("vem", people)
            return
        self.listed = True
        listed = ChoiceField(label="Har eller har haft uppdrag här", choices=people, required=False)
        self.fields["vem"], konto = listed, self.fields["konto"]
        konto.required, konto.label = False, "Någon annan: användarnamn eller e-postadress"
        # One of the two is demanded: neither is marked as one that may be left out.
        for field in (listed, konto):
            field.optional_word = ""  # type: ignore[attr-defined]


def _named(user: User) -> str:
    return f"{user}, {user.organisation}" if user.organisation else str(user)


class ConfirmForm(BaseForm):
    """What was answered, once more, hidden under what it means."""

    title = "Stämmer uppdraget?"
    submit = "Ge uppdraget"

    def __init__(self, answers: Mapping[str, str], *, cancel: Link) -> None:
        super().__init__(cancel=cancel)
        for name, value in answers.items():
            self.fields[name] = forms.CharField(widget=forms.HiddenInput, initial=value)

    def actions(self) -> Sequence[Button | Link]:
        change = Button("Ändra", kind="secondary", name=CHANGE, value="ja")
        first = Button(self.submit, name=CONFIRM, value="ja")
        return [first, change, *([self.cancel] if self.cancel else [])]


NOW, ON_DAY = "nu", "dag"


class EndForm(BaseForm):
    """When an uppdrag ends."""

    title = "Avsluta uppdraget"
    submit = "Avsluta uppdraget"
    opens: ClassVar = {"nar": {ON_DAY: ("till",)}}

    nar = ChoiceField(
        label="När ska det sluta gälla?", choices=[(NOW, "Direkt"), (ON_DAY, "Efter en viss dag")]
    )
    till = DayField(label="Sista dagen", help_text="Uppdraget gäller hela den dagen. Till exempel 2026-12-31")

    def last(self) -> dt.date | None:
        """The last day, None for at once. Only after `is_valid`."""
        day: dt.date | None = self.cleaned_data["till"]
        return day


__all__ = ["CHANGE", "CONFIRM", "LOOK_UPS", "NOW", "ON_DAY", "OTHER", "ConfirmForm", "EndForm", "GiveForm"]
