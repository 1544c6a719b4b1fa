"""Printed consent forms: each has a code of its own before anybody is known, and is used once (DOMAIN §4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Insats, Samtycke, Samtyckesblankett, Samtyckesformular, Samtyckestext
from registration.rules.blanketter import MOST_COPIES, check_reserved, reserve
from registration.rules.codes import check_holds, new_reference, reference_shown
from registration.rules.findings import RuleError
from registration.rules.register import register_in
from registration.rules.samtyckestexter import add_texts, new_formular, parse_parts, shipped, texts_of
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@dataclass
class Case:
    eva: User
    olle: User
    steget: Insats
    granne: Insats
    formular: Samtyckesformular

    def printed(self, antal: int = 1) -> list[str]:
        """The codes of forms that eva prints for steget."""
        with factories.acting(self.eva):
            omgang = reserve(self.steget, self.formular, antal=antal, sprak="sv")
        return list(Samtyckesblankett.unscoped.filter(omgang=omgang).values_list("referenskod", flat=True))


@pytest.fixture
def case() -> Case:
    with factories.as_system():
        kust = factories.forbund()
        steget, granne = factories.insats(forbund=kust), factories.insats(forbund=kust)
        return Case(
            eva=factories.user(Roll.DELTAGARANSVARIG, insats=steget),
            olle=factories.user(Roll.DELTAGARANSVARIG, insats=granne),
            steget=steget,
            granne=granne,
            formular=factories.formular_to_print(),
        )


def nytt(case: Case, n: int, code: str | None, **overrides: object) -> object:
    return factories.nytt_deltagande(n, insats=case.steget, referenskod=code, registrerad=None, **overrides)


# Codes


def test_each_form_has_a_code_and_no_person(case: Case) -> None:
    codes = case.printed(3)
    assert len(set(codes)) == 3 and all(map(check_holds, codes))
    names = {field.name for field in Samtyckesblankett._meta.get_fields()}
    assert names == {
        "id", "referenskod", "insats", "formular", "sprak", "omgang", "skapad_av", "skapad",
    }  # fmt: skip
    for antal in (0, MOST_COPIES + 1):
        with pytest.raises(RuleError), factories.acting(case.eva):
            reserve(case.steget, case.formular, antal=antal, sprak="sv")
    with pytest.raises(AccessRefused), factories.acting(case.olle):
        reserve(case.steget, case.formular, antal=1, sprak="sv")
    assert Samtyckesblankett.unscoped.count() == 3


def test_the_code_of_the_form_becomes_that_of_the_samtycke_once(case: Case) -> None:
    [code] = case.printed()
    with factories.acting(case.eva):
        typed, findings = check_reserved(reference_shown(code).lower(), case.steget.insats_id)
        assert (typed, findings) == (code, [])
        one = register_in([nytt(case, 0, typed)])[0]  # type: ignore[list-item]
    assert factories.samtycke_of(one).referenskod == code
    with factories.acting(case.eva):
        [again] = check_reserved(code, case.steget.insats_id)[1]
        with pytest.raises(RuleError) as refused:
            register_in([nytt(case, 1, code)])  # type: ignore[list-item]
    assert again.kind == "anvand" and [one.kind for one in refused.value.findings] == ["redan_finns"]


def test_without_a_form_a_code_is_made(case: Case) -> None:
    with factories.acting(case.eva):
        one = register_in([nytt(case, 0, None)])[0]  # type: ignore[list-item]
    assert check_holds(factories.samtycke_of(one).referenskod)


def test_a_code_that_was_made_for_somebody(case: Case) -> None:
    """The paper of somebody in scope is told of; of others no more than of a code that never was."""
    with factories.as_system():
        here, there = (
            factories.registered(n, insats=one) for n, one in enumerate((case.steget, case.granne))
        )
    with factories.acting(case.eva):
        for whose, kind in ((here, "anvand"), (there, "okand")):
            [found] = check_reserved(factories.samtycke_of(whose).referenskod, case.steget.insats_id)[1]
            assert found.kind == kind


def test_a_code_that_is_no_form_of_the_insats(case: Case) -> None:
    [code] = case.printed()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    tries = {
        "langd": (code[:-1], case.steget), "fel_tecken": (wrong, case.steget),
        "okand": (new_reference(), case.steget),
    }  # fmt: skip
    with factories.acting(case.eva):
        for kind, (typed, insats) in tries.items():
            [found] = check_reserved(typed, insats.insats_id)[1]
            assert found.kind == kind and found.field == "referenskod", typed
            with pytest.raises(RuleError) as refused:
                register_in([nytt(case, 0, typed)])  # type: ignore[list-item]
            assert [one.kind for one in refused.value.findings] == [kind]
    with factories.acting(case.olle):  # a colleague's form looks like one that never was
        assert check_reserved(code, case.granne.insats_id)[1][0].kind == "okand"
    assert not Samtycke.unscoped.exists()


def test_the_version_is_that_of_the_form(case: Case) -> None:
    [code] = case.printed()
    factories.formular("prov-2")
    with factories.acting(case.eva), pytest.raises(RuleError, match=r"version prov-1") as refused:
        register_in([nytt(case, 0, code, formular="prov-2")])  # type: ignore[list-item]
    assert [one.kind for one in refused.value.findings] == ["annan_version"]


def test_who_moves_a_register_in_brings_the_codes(case: Case) -> None:
    with factories.as_system():
        one = register_in([nytt(case, 0, "SUS-2018-17")])[0]  # type: ignore[list-item]
    assert factories.samtycke_of(one).referenskod == "SUS-2018-17"


# Texts


def test_the_shipped_texts_say_what_they_must() -> None:
    """In Swedish and English, form and sheet: what, why, who, how long, free to refuse, withdraw."""
    texts = shipped()
    assert texts.keys() == {(slag, sprak) for slag in ("blankett", "hemblad") for sprak in ("sv", "en")}
    form = texts["blankett", "sv"][1]
    for said in (
        "personnummer", "statistik", "Försäkringskassan", "gallringsbeslut", "Det är frivilligt", "samma villkor",
        "Vilka som ser uppgifterna", "när som helst", "tas då bort genast", "skyddade personuppgifter", "sekretessen",
    ):  # fmt: skip
        assert said in form, said
    sheet = texts["hemblad", "sv"][1]
    for said in ("referenskod", "inte träffa någon", "dataskyddsombudet", "vem som har tittat"):
        assert said in sheet, said
    for slag in ("blankett", "hemblad"):
        assert [len(parse_parts(texts[slag, sprak][1])) for sprak in ("sv", "en")] in ([9, 9], [5, 5])


FACTS = {
    "sv": (
        "namn", "personnummer eller samordningsnummer", "folkbokföringskommun", "när du börjar och slutar",
        "varför du slutar", "utbildning", "initiativ", "offentlig försörjning", "försörjer dig före och efter",
        "arbetar", "studerar", "söker arbete", "inskriven hos Arbetsförmedlingen", "behovsgrupp", "egna frågor",
    ),
    "en": (
        "name", "personal identity number or coordination number", "municipality", "when you start and leave",
        "why you leave", "education", "initiative", "public income support", "support yourself before and after",
        "work", "study", "look for work", "registered with the Public Employment Service", "group", "own questions",
    ),
}  # fmt: skip
"""What the form says is registered, in its words."""


@pytest.mark.parametrize("sprak", ["sv", "en"])
def test_every_fact_that_the_form_names_stands_on_the_sheet(sprak: str) -> None:
    """And each line of the form is among those looked for, so that a new one is not forgotten on the sheet."""

    def registered(slag: str) -> list[str]:
        parts = parse_parts(shipped()[slag, sprak][1])
        return next(piece for part in parts for piece in part.body if isinstance(piece, list))

    form, sheet = registered("blankett"), " ".join(registered("hemblad"))
    for fact in FACTS[sprak]:
        assert fact in " ".join(form) and fact in sheet, fact
    assert all(any(fact in line for fact in FACTS[sprak]) for line in form)
    assert ("skannat" if sprak == "sv" else "scanned") in sheet


def test_behovsgrupp_stands_only_in_a_version_that_names_it() -> None:
    with factories.as_system():
        for version, names in (("med", True), ("utan", False)):
            made = new_formular(version, dt.date(2026, 1, 1), namner_behovsgrupp=names)
            text = str(texts_of(made)["blankett", "sv"].parts)
            assert ("behovsgrupp" in text) == names and "{" not in text.replace("{'", "")
            assert made.sprak == "sv, en"


def test_erasure_is_promised_only_where_there_is_a_gallringsbeslut(settings: Any) -> None:
    """Form and sheet, in each language, say what the software will do: erase, or lock until there is a decision."""
    promised = {
        "sv": ("tas då bort genast", "Då tas allt"),
        "en": ("removed at once", "you are is then removed."),
    }
    told = {"sv": "spärras", "en": "locked"}
    for version, decision in (("med", "dnr 1"), ("utan", "")):
        settings.ERASURE_DECISION = decision
        with factories.as_system():
            texts = texts_of(new_formular(version, dt.date(2026, 1, 1), namner_behovsgrupp=True))
        for (_, sprak), text in texts.items():
            words = str(text.parts)
            assert "gallring}" not in words
            assert any(one in words for one in promised[sprak]) == bool(decision)
            assert (told[sprak] in words) != bool(decision)


def test_a_version_promises_the_same_in_every_language(settings: Any) -> None:
    """Also in one that it gets after the gallringsbeslut came or was ended; where it is not known nothing is chosen."""
    marked = {("blankett", "so"): ("Rubrik", "{gallring} Tas bort.\n{utan gallring} Spärras.")}
    said = {}
    for version, decision, later in (("med", "dnr 1", ""), ("utan", "", "dnr 1")):
        settings.ERASURE_DECISION = decision
        with factories.as_system():
            made = new_formular(version, dt.date(2026, 1, 1), namner_behovsgrupp=True)
            settings.ERASURE_DECISION = later
            [text] = add_texts(made, marked)
        said[version] = text.stycken
    assert said == {"med": "Tas bort.", "utan": "Spärras."}
    older = Samtyckesformular.objects.create(version="äldre", giltig_fran=dt.date(2026, 1, 1))
    with factories.as_system():
        with pytest.raises(RuleError, match="Det framgår inte om version äldre lovar") as refused:
            add_texts(older, marked | {("hemblad", "so"): ("Rubrik", "Utan märken.")})
        assert [one.kind for one in refused.value.findings] == ["lofte_framgar_inte"]
        assert not older.texter.exists()
        assert add_texts(older, {("blankett", "so"): ("Rubrik", "Tas bort.")})


def test_what_people_have_signed_is_not_rewritten() -> None:
    with factories.as_system():
        made = new_formular("v1", dt.date(2026, 1, 1), namner_behovsgrupp=True)
        with pytest.raises(RuleError, match="ny version"):
            add_texts(made, {("blankett", "sv"): ("Ny", "Ny text")})
        with pytest.raises(RuleError, match="finns redan"):
            new_formular("v1", dt.date(2026, 1, 1), namner_behovsgrupp=True)
        with pytest.raises(RuleError) as backwards:
            new_formular("v3", dt.date(2026, 1, 2), giltig_till=dt.date(2026, 1, 1), namner_behovsgrupp=True)
        assert [one.kind for one in backwards.value.findings] == ["fore_start"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Samtyckestext.objects.create(slag="blankett", sprak="sv", rubrik="Två", stycken="Två")
    eva = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats())
    with pytest.raises(AccessRefused), factories.acting(eva):
        new_formular("v2", dt.date(2026, 1, 1), namner_behovsgrupp=True)


def test_how_a_text_is_written() -> None:
    parts = parse_parts("Först\n\n## Rubrik\nEtt\n- a\n- b\nTvå\n- c")
    assert [(one.heading, one.body) for one in parts] == [
        ("", ["Först"]),
        ("Rubrik", ["Ett", ["a", "b"], "Två", ["c"]]),
    ]


def test_the_command_makes_a_version_and_adds_a_language(tmp_path: Path) -> None:
    said = StringIO()
    call_command("samtyckesformular", "2027-1", "--fran", "2027-01-01", "--behovsgrupp", stdout=said)
    made = Samtyckesformular.objects.get(version="2027-1")
    assert made.namner_behovsgrupp and "blankett på sv" in said.getvalue()
    (tmp_path / "so.txt").write_text("# Oggolaansho\nQoraal.\n", encoding="utf-8")
    call_command("samtyckesformular", "2027-1", "--blankett", f"so={tmp_path / 'so.txt'}", stdout=said)
    made.refresh_from_db()
    assert made.sprak == "sv, en, so" and texts_of(made)["blankett", "so"].rubrik == "Oggolaansho"
    for wrong in (
        ["2027-2"], ["2027-1"], ["2027-1", "--blankett", "so"], ["2027-1", "--blankett", "so=finns-inte.txt"],
        ["2027-1", "--blankett", f"so={tmp_path / 'so.txt'}"], ["2027-1", "--fran", "2027-01-01"],
    ):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("samtyckesformular", *wrong, stdout=said)
