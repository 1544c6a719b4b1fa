"""The base form: what opens below an answer, errors in words, findings of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django import forms
from django.template.loader import render_to_string

from finsam_site.ui.examples import INITIAL, WRONG_ANSWERS, ExampleForm
from finsam_site.ui.forms import (
    BaseForm,
    Boxes,
    ChoiceField,
    DayField,
    NumberField,
    OpeningSelect,
    PercentField,
)

RIGHT = {
    "skydd": "nej", "samtycke": "2018-02-27", "nummer": "utan", "startdatum": "20180301", "kommun": "Lund",
    "forsorjning": ["bistand"], "manader": "1 200", "arbetar": "50 %", "informerad": "on",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    field: str
    message: str
    warning: bool = False


def test_a_right_form() -> None:
    form = ExampleForm(RIGHT)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["manader"] == 1200
    assert form.cleaned_data["arbetar"] == 50
    assert form.error_summary is None


def test_what_is_closed_is_neither_demanded_nor_kept() -> None:
    form = ExampleForm(RIGHT | {"skydd": "ja"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["nummer"] == ""
    assert form.cleaned_data["samtycke"] is None
    assert form.cleaned_data["omfattning"] == ""


def test_where_the_focus_begins() -> None:
    """At the box that is chosen, where Tab would come, else at the first; once."""

    class Form(BaseForm):
        svar = ChoiceField(label="Svar", choices=[("a", "A"), ("b", "B")])
        dag = DayField(label="Dag")

    for name, initial, wanted in (
        ("svar", {}, 'value="a"'),
        ("svar", {"svar": "b"}, 'value="b"'),
        ("dag", {}, "id_dag"),
    ):
        form = Form(initial=initial)
        form.fields[name].autofocus = True  # type: ignore[attr-defined]
        html = str(render_to_string("components/form.html", {"form": form}))
        (found,) = re.findall(r"<[^>]*autofocus[^>]*>", html)
        assert wanted in found


def test_boxes_that_stand_alone_and_choices_that_open() -> None:
    class Form(BaseForm):
        flera = forms.MultipleChoiceField(
            choices=[("a", "A"), ("ingen", "Ingen")], widget=Boxes(alone=("ingen",))
        )
        lista = ChoiceField(label="Lista", choices=[("", "Välj"), ("1", "Ett")], widget=OpeningSelect())

    form = Form()
    form.fields["lista"].widget.opening = {"1"}
    html = str(render_to_string("components/form.html", {"form": form}))
    assert re.findall(r'value="([^"]*)"[^>]*data-alone', html) == ["ingen"]
    assert re.findall(r'value="([^"]*)"[^>]*data-opens', html) == ["1"]


def test_what_is_open_is_demanded() -> None:
    form = ExampleForm(RIGHT | {"forsorjning": ["sjukpenning"], "nummer": ""})
    assert set(form.errors) == {"omfattning", "nummer"}


def test_the_summary_leads_to_the_fields_in_the_order_of_the_page() -> None:
    summary = ExampleForm(WRONG_ANSWERS).error_summary
    assert summary is not None
    targets = [error.target for error in summary.errors]
    assert targets[:4] == ["id_samtycke", "id_nummer", "id_startdatum", "id_kommun"]
    html = str(render_to_string("components/form.html", {"form": ExampleForm(WRONG_ANSWERS)}))
    assert all(f'id="{target}"' in html for target in targets)
    assert all(error.text.endswith((".", "?", "”")) for error in summary.errors)


def test_help_and_error_are_named_by_the_field() -> None:
    html = str(render_to_string("components/form.html", {"form": ExampleForm(WRONG_ANSWERS)}))
    assert 'aria-describedby="id_startdatum_helptext id_startdatum_error"' in html
    assert 'id="id_startdatum_helptext"' in html and 'id="id_startdatum_error"' in html
    assert 'aria-invalid="true"' in html


def test_findings_stand_at_their_field_or_in_the_summary() -> None:
    form = ExampleForm(RIGHT)
    assert form.is_valid()
    form.add_findings(
        [
            Found("kommunkod", "Kommunen hör inte hit."),
            Found("overlapp", "Personen deltar redan."),
            Found("x", "-", True),
        ],
        names={"kommunkod": "kommun"},
    )
    summary = form.error_summary
    assert summary is not None
    assert [(one.text, one.target) for one in summary.errors] == [
        ("Personen deltar redan.", ""),
        ("Kommunen hör inte hit.", "id_kommun"),
    ]


def test_optional_fields_are_marked_and_required_are_not() -> None:
    html = str(render_to_string("components/form.html", {"form": ExampleForm(initial=INITIAL)}))
    assert html.count("(frivilligt)") == 4
    assert "*" not in html
    assert " required" not in html


def test_days_are_taken_as_people_write_them() -> None:
    field = DayField()
    assert {str(field.clean(text)) for text in ("2019-01-16", "20190116", "16/1 2019", "16.1.2019")} == {
        "2019-01-16"
    }
    assert PercentField(required=False).clean("") is None
    assert NumberField().clean("12\u00a0400") == 12400


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-02-30", "Den dagen finns inte. Februari 2026 har 28 dagar."),
        ("20240230", "Den dagen finns inte. Februari 2024 har 29 dagar."),
        ("31/4 2026", "Den dagen finns inte. April 2026 har 30 dagar."),
        ("31/4/2026", "Den dagen finns inte. April 2026 har 30 dagar."),
        ("31.4.2026", "Den dagen finns inte. April 2026 har 30 dagar."),
        (" 2026-12-00 ", "Den dagen finns inte. December 2026 har 31 dagar."),
        ("2026-13-01", "Det finns ingen månad 13. Skriv månaden som 1 till 12."),
        ("0000-01-01", "Det finns inget år 0. Rätta året."),
        ("30 februari", DayField.default_error_messages["invalid"]),
        ("2026-02", DayField.default_error_messages["invalid"]),
        ("26-02-30", DayField.default_error_messages["invalid"]),
        ("٢٠٢٦-02-30", DayField.default_error_messages["invalid"]),
    ],
)
def test_a_day_that_does_not_exist_is_told_as_such(written: str, told: str) -> None:
    with pytest.raises(forms.ValidationError) as error:
        DayField().clean(written)
    assert error.value.messages == [told]


def test_what_is_wrong_with_several_fields_alike_names_each() -> None:
    """In the summary, where nothing else tells them apart; beside the field it stands alone."""

    class Form(BaseForm):
        fran = DayField(label="Började tidigast")
        till = DayField(label="När slutade det?")
        dag = DayField(label="Dag")

    form = Form({"fran": "2026-02-30", "till": "2026-02-30", "dag": "i fjol"})
    summary = form.error_summary
    assert summary is not None
    told = "Den dagen finns inte. Februari 2026 har 28 dagar."
    assert [(one.text, one.target) for one in summary.errors] == [
        (f"Började tidigast: {told}", "id_fran"),
        (f"När slutade det? {told}", "id_till"),
        (DayField.default_error_messages["invalid"], "id_dag"),
    ]
    assert form["fran"].errors == [told]
