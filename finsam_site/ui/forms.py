"""The base of every form: a title, fields in a layout, actions and an error summary.

    class StartForm(BaseForm):
        title = "Registrera in"
        submit = "Fortsätt"
        skydd = ChoiceField(label="Har personen skyddade personuppgifter?", choices=…, widget=forms.RadioSelect)
        startdatum = DayField(label="Startdatum")

        opens = {"skydd": {"nej": ("personnummer",)}}      # personnummer opens below the answer "nej"

        def layout(self) -> list[Section | str]:
            return [Section("Personen", "skydd"), Section("Insatsen", "startdatum")]

A field takes more by attributes of its own: `width = 13` (characters), `suffix = "månader"`, `optional_word = ""`,
`autofocus = True`. What opens below an answer is neither demanded nor kept unless that answer is given: a closed field
cleans to its empty value. It works without JavaScript: the style sheet shows and hides by `:has`; where that is unknown
all stands open.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from crispy_forms.helper import FormHelper  # type: ignore[import-untyped]
from crispy_forms.layout import Layout  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.boundfield import BoundField
from django.forms.widgets import ChoiceWidget

from .components import Button, ErrorSummary, Link, SummaryError
from .formats import MONTHS, sentence
from .layout import Section

ALL_TOGETHER = 7
"""Up to so many choices are radio buttons or check boxes, more are a list (LOOK, "Forms")."""


class FindingLike(Protocol):
    """What a rule found (`registration.rules.findings.Finding`)."""

    @property
    def field(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def warning(self) -> bool: ...


class BaseForm(forms.Form):
    """See the module. `error_title` stands over the error summary."""

    title: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    submit: ClassVar[str] = "Fortsätt"
    error_title: ClassVar[str] = "Rätta det här för att fortsätta"
    begins_at_heading: bool = False
    """Whether the focus is at the heading when the page opens: of a page that is to be read first."""
    opens: ClassVar[Mapping[str, Mapping[str, Sequence[str]]]] = {}
    """field → answer → the fields that open below that answer."""

    use_required_attribute = False  # the browser's own bubbles would hide the error summary

    def __init__(self, *args: Any, cancel: Link | Button | None = None, **kwargs: Any) -> None:
        """cancel: where "Avbryt" leads. The rest is as in `django.forms.Form`."""
        self.cancel = cancel
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages.setdefault("required", "")
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _what_to_do(field)

    # What a form may say for itself

    def layout(self) -> Sequence[Section | str]:
        """Sections and field names in their order; those that `opens` names stand with their answer. Default: all."""
        opened = {name for answers in self.opens.values() for names in answers.values() for name in names}
        return [name for name in self.fields if name not in opened]

    def actions(self) -> Sequence[Button | Link]:
        """The buttons: first the one primary, then what else can be done."""
        return [Button(self.submit), *([self.cancel] if self.cancel else [])]

    # What the templates ask for

    @property
    def helper(self) -> FormHelper:
        """crispy's description of the form: no form tag of its own, our layout."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = False
        helper.layout = Layout(*self.layout())
        return helper

    @property
    def error_summary(self) -> ErrorSummary | None:
        """All errors in the order of the page, or None. What is wrong with several fields alike names each of them."""
        if not self.is_bound or not self.errors:
            return None
        errors = [SummaryError(str(text)) for text in self.non_field_errors()]
        found = [(bound, str(text)) for bound in self for text in bound.errors]
        often = Counter(text for _, text in found)
        errors += [
            SummaryError(_named(bound, text) if often[text] > 1 else text, target_of(bound))
            for bound, text in found
        ]
        return ErrorSummary(errors, title=self.error_title)

    def opened_by(self, name: str, answer: str) -> list[BoundField]:
        """The fields that open below `answer` of `name`; none where the layout has them below the whole question."""
        if isinstance(self.fields[name].widget, OpeningRadios):
            return []
        return [self[one] for one in self.opens.get(name, {}).get(str(answer), ())]

    # Findings of the rules

    def add_findings(self, findings: Iterable[FindingLike], names: Mapping[str, str] | None = None) -> None:
        """Show what a rule found at its field. names: the rule's field name → this form's, where they differ.

        What is about no field of the form stands in the summary alone. Warnings are left to the page.
        """
        for finding in findings:
            if finding.warning:
                continue
            name = (names or {}).get(finding.field, finding.field)
            self.add_error(name if name in self.fields else None, finding.message)

    # Cleaning

    def closed_fields(self) -> set[str]:
        """The fields whose answer is not given, those below them included."""
        closed: set[str] = set()
        for name, answers in self.opens.items():
            bound = self[name]
            given = bound.data if self.is_bound else bound.initial
            chosen = {str(one) for one in (given if isinstance(given, list | tuple) else [given])}
            for answer, below in answers.items():
                if name in closed or answer not in chosen:
                    closed.update(below)
        return closed

    def _clean_fields(self) -> None:
        everything, closed = self.fields, self.closed_fields()
        self.fields = {name: field for name, field in everything.items() if name not in closed}
        try:
            super()._clean_fields()  # type: ignore[misc]
        finally:
            self.fields = everything
        for name in closed:
            self.cleaned_data[name] = everything[name].to_python(None)


_WRITTEN_DAY = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<y8>\d{4})(?P<m8>\d{2})(?P<d8>\d{2})"
    r"|(?P<d1>\d{1,2})(?:/(?P<m1>\d{1,2})[ /]|\.(?P<m2>\d{1,2})\.)(?P<y1>\d{4})",
    re.ASCII,
)
"""What is written as a day, whether there is such a day or not."""


class DayField(forms.DateField):
    """A day, written 2019-01-16; also taken: 20190116, 16/1 2019, 16.1.2019."""

    width = 10
    widget = forms.TextInput
    default_error_messages = {
        "invalid": "Skriv datumet som år, månad och dag, till exempel 2019-01-16.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y%m%d", "%d/%m %Y", "%d/%m/%Y", "%d.%m.%Y"])
        kwargs.setdefault("help_text", "Till exempel 2019-01-16")
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> dt.date | None:
        """The day. What is written as one and is none in the calendar is told so, not how to write."""
        try:
            day: dt.date | None = super().to_python(value)
        except ValidationError as error:
            if missing := _no_such_day(str(value).strip()):
                raise ValidationError(missing, code="no_such_day") from error
            raise
        return day

    def prepare_value(self, value: Any) -> Any:
        """Days are shown as they are to be written."""
        return value.isoformat() if hasattr(value, "isoformat") else value


def _no_such_day(text: str) -> str:
    """Why what is written as a day is none, and "" for what is not written as one."""
    written = _WRITTEN_DAY.fullmatch(text)
    if written is None:
        return ""
    said = {name[0]: int(digits) for name, digits in written.groupdict().items() if digits}
    year, month = said["y"], said["m"]
    if not 1 <= month <= 12:
        return f"Det finns ingen månad {month}. Skriv månaden som 1 till 12."
    if year == 0:
        return "Det finns inget år 0. Rätta året."
    last = calendar.monthrange(year, month)[1]
    return f"Den dagen finns inte. {sentence(MONTHS[month - 1])} {year} har {last} dagar."


class PercentField(forms.IntegerField):
    """A whole percentage 0–100, with the sign after the field."""

    width = 4
    suffix = "%"
    widget = forms.TextInput
    default_error_messages = {
        "invalid": "Skriv ett helt tal från 0 till 100.",
        "min_value": "Skriv ett helt tal från 0 till 100.",
        "max_value": "Skriv ett helt tal från 0 till 100.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, **kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        """Takes "50" and "50 %"."""
        return super().clean(value.strip().removesuffix("%").strip() if isinstance(value, str) else value)


class NumberField(forms.IntegerField):
    """A whole number; blanks between the digits are taken: "12 400"."""

    width = 10
    widget = forms.TextInput
    default_error_messages = {"invalid": "Skriv ett helt tal, till exempel 12."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        """Without the blanks that part thousands."""
        return super().clean("".join(value.split()) if isinstance(value, str) else value)


class Boxes(forms.CheckboxSelectMultiple):
    """Check boxes of which some stand alone: who ticks one of those means none of the others (ui/answers.js)."""

    def __init__(self, *, alone: Container[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alone = alone

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A box; marked where it stands alone."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.alone:
            option["attrs"]["data-alone"] = ""
        return option


class _Opening(ChoiceWidget):
    """Some choices open what stands in `layout.ByChoice` in the same form."""

    def __init__(self, *, opening: Container[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.opening = opening

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A choice; marked where it opens something."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.opening:
            option["attrs"]["data-opens"] = ""
        return option


class OpeningSelect(_Opening, forms.Select):
    """A list of which some choices open what stands in `layout.ByChoice`."""


class OpeningRadios(_Opening, forms.RadioSelect):
    """Radio buttons of which some open what stands in `layout.ByChoice`, below them all and not below the answer: a
    question with the same answers between them would read as one set."""


class ChoiceField(forms.ChoiceField):
    """One of a few: radio buttons up to seven choices, a list above (LOOK, "Forms")."""

    def __init__(self, *, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        few = len(choices) <= ALL_TOGETHER
        if not few:
            choices = [("", "Välj"), *choices]
        kwargs.setdefault("widget", forms.RadioSelect if few else forms.Select)
        super().__init__(choices=choices, **kwargs)


def target_of(bound: BoundField) -> str:
    """The id that a link to the field leads to: of a group its first box."""
    if bound.use_fieldset and bound.subwidgets:
        return str(bound.subwidgets[0].id_for_label or bound.auto_id)
    return bound.id_for_label or bound.auto_id


def _named(bound: BoundField, text: str) -> str:
    label = str(bound.label)
    return f"{label} {text}" if label.endswith("?") else f"{label}: {text}"


def _what_to_do(field: forms.Field) -> str:
    """What an empty answer is met with, when the form has no words of its own."""
    label = str(field.label or "uppgiften")
    if label.endswith("?"):
        return f"Svara på frågan ”{label}”"
    what = label[:1].lower() + label[1:] if not label[:2].isupper() else label
    verb = "Välj" if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else "Ange"
    return f"{verb} {what}."


__all__ = [
    "NON_FIELD_ERRORS", "BaseForm", "Boxes", "ChoiceField", "DayField", "NumberField", "OpeningRadios",
    "OpeningSelect", "PercentField",
    "Section", "ValidationError", "target_of",
]  # fmt: skip
