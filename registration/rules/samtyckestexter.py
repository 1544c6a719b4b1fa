"""The texts of the consent form: made for a version from what is shipped or from a file, and read for printing.

How `stycken` is written: a blank line parts; `## ` begins a part with a heading, `- ` a line of a list; all other
lines are paragraphs, one to a line. A mark before a line, or before the text of a list's line, says in which versions
it belongs: `{behovsgrupp}` in one that names behovsgrupp, `{gallring}` in one made while there is a gallringsbeslut
and `{utan gallring}` in one made without, in every language that it gets later too: the paper promises to erase only
what the software may erase (DOMAIN §4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..models import Samtyckesformular, Samtyckestext
from .decisions import erasure_decision
from .doors import require_national
from .findings import Finding, RuleError, raise_errors

SWEDISH = "sv"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "prs", "ps", "ckb", "ur"})
_BEHOVSGRUPP, _GALLRING, _NO_GALLRING = "{behovsgrupp}", "{gallring}", "{utan gallring}"

Slag = Samtyckestext.Slag


@dataclass
class Part:
    """A heading (empty for what stands first) and what is under it: paragraphs and lists in their order."""

    heading: str = ""
    body: list[str | list[str]] = field(default_factory=list)

    @property
    def pieces(self) -> list[tuple[str, str | list[str]]]:
        """("list" or "text", content), for the template."""
        return [("list" if isinstance(one, list) else "text", one) for one in self.body]


@dataclass(frozen=True)
class Text:
    """A text to print. first: what stands above the first heading; last: the part under the last heading, which of the
    form is what is signed."""

    sprak: str
    rubrik: str
    parts: Sequence[Part]

    @property
    def direction(self) -> str:
        return "rtl" if self.sprak in RIGHT_TO_LEFT else "ltr"


def parse_parts(stycken: str) -> list[Part]:
    """The parts of a text as it is written."""
    parts = [Part()]
    for line in map(str.strip, stycken.splitlines()):
        body = parts[-1].body
        if line.startswith("## "):
            parts.append(Part(line[3:]))
        elif line.startswith("- "):
            if body and isinstance(body[-1], list):
                body[-1].append(line[2:])
            else:
                body.append([line[2:]])
        elif line:
            body.append(line)
    return [one for one in parts if one.heading or one.body]


def texts_of(formular: Samtyckesformular) -> dict[tuple[str, str], Text]:
    """(slag, språk) → the text of that version. One query."""
    rows = Samtyckestext.objects.filter(formular=formular)
    return {(one.slag, one.sprak): Text(one.sprak, one.rubrik, parse_parts(one.stycken)) for one in rows}


def read_text(content: str) -> tuple[str, str]:
    """(rubrik, stycken) of a file whose first line is `# ` and the heading. Raises RuleError."""
    first, _, rest = content.strip().partition("\n")
    if not first.startswith("# ") or not rest.strip():
        raise RuleError(
            [Finding("text", "form", "Texten ska börja med en rad ”# Rubrik” och sedan ha sina stycken.")]
        )
    return first.removeprefix("# ").strip(), rest.strip()


def new_formular(
    version: str, giltig_fran: dt.date, *, namner_behovsgrupp: bool, giltig_till: dt.date | None = None
) -> Samtyckesformular:
    """A new version of the consent form, with the texts that are shipped. Raises AccessRefused for others than a
    nationell administratör, RuleError for a version that there is or dates in the wrong order.

    Who is personuppgiftsansvarig decides on the texts; those that are shipped are a proposal (DOMAIN §4).
    """
    require_national("lägga in samtyckesformulär")
    findings = []
    if Samtyckesformular.objects.filter(version=version).exists():
        findings.append(Finding("version", "redan_finns", f"Versionen {version} finns redan. Välj en annan."))
    if giltig_till is not None and giltig_till < giltig_fran:
        findings.append(Finding("giltig_till", "fore_start", "Den sista dagen ligger före den första."))
    raise_errors(findings)
    made = Samtyckesformular.objects.create(
        version=version, giltig_fran=giltig_fran, giltig_till=giltig_till, namner_behovsgrupp=namner_behovsgrupp,
        lovar_gallring=bool(erasure_decision()), sprak="",
    )  # fmt: skip
    add_texts(made, shipped())
    return made


def shipped() -> dict[tuple[str, str], tuple[str, str]]:
    """(slag, språk) → (rubrik, stycken) of the texts that come with the software."""
    rows = Samtyckestext.objects.filter(formular=None)
    return {(one.slag, one.sprak): (one.rubrik, one.stycken) for one in rows}


def add_texts(
    formular: Samtyckesformular, texter: Mapping[tuple[str, str], tuple[str, str]]
) -> list[Samtyckestext]:
    """Give a version texts in languages that it lacks; its languages then name them. A text that there is stays: what
    people have signed is not rewritten, a changed text is a new version. What the version promised when it was
    made (`lovar_gallring`), it promises in each language; where that is not known a text must not leave it
    open. Raises AccessRefused as `new_formular`, RuleError.
    """
    require_national("lägga in samtyckestexter")
    there = set(Samtyckestext.objects.filter(formular=formular).values_list("slag", "sprak"))
    raise_errors(
        Finding(
            "text", "redan_finns",
            f"Version {formular.version} har redan {Slag(slag).label} på språket {sprak}. "
            "En ändrad text är en ny version av formuläret.",
        )
        for slag, sprak in sorted(texter.keys() & there)
    )  # fmt: skip
    erases = formular.lovar_gallring
    if erases is None:
        raise_errors(_unknown_promise(formular, texter))
    marks = {_BEHOVSGRUPP: formular.namner_behovsgrupp, _GALLRING: bool(erases), _NO_GALLRING: not erases}
    made = Samtyckestext.objects.bulk_create(
        Samtyckestext(
            formular=formular, slag=slag, sprak=sprak, rubrik=rubrik,
            stycken=_fitting(stycken, marks),
        )
        for (slag, sprak), (rubrik, stycken) in sorted(texter.items())
    )  # fmt: skip
    _name_languages(formular, (sprak for _, sprak in texter))
    return made


def _unknown_promise(
    formular: Samtyckesformular, texter: Mapping[tuple[str, str], tuple[str, str]]
) -> Iterable[Finding]:
    for (slag, sprak), (_, stycken) in sorted(texter.items()):
        if _GALLRING in stycken or _NO_GALLRING in stycken:
            yield Finding(
                "text", "lofte_framgar_inte",
                f"Det framgår inte om version {formular.version} lovar att uppgifter tas bort eller spärras, så rader "
                f"märkta {_GALLRING} eller {_NO_GALLRING} kan inte väljas. Ta bort märkena ur {Slag(slag).label} på "
                f"språket {sprak} och behåll de rader som säger detsamma som den svenska texten.",
            )  # fmt: skip


def _name_languages(formular: Samtyckesformular, more: Iterable[str]) -> None:
    known = [one.strip() for one in formular.sprak.split(",") if one.strip()]
    formular.sprak = ", ".join(dict.fromkeys([*known, *sorted(more, key=lambda one: (one != SWEDISH, one))]))
    formular.save(update_fields=["sprak"])


def _fitting(stycken: str, marks: Mapping[str, bool]) -> str:
    """The lines that belong in a version, without their marks. marks: which hold for it and which do not."""
    lines = (line for line in stycken.splitlines() if all(marks[one] for one in marks if one in line))
    return "\n".join(_without(line, marks) for line in lines)


def _without(line: str, marks: Iterable[str]) -> str:
    for one in marks:
        line = line.replace(f"{one} ", "")
    return line
