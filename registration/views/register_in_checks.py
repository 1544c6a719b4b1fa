"""What the rules say of a registration before it is saved, and at which step and question that is told."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.utils import timezone

from ..forms.register_in import FINDINGS, STEPS, ConfirmStep, StartStep
from ..forms.register_in_values import start_uppgifter
from ..forms.steps import Step
from ..models import Insats
from ..rules.checks import check_in, check_in_uppgifter, check_time_in_support, without_consequences
from ..rules.facts import Facts, load_facts
from ..rules.findings import Finding
from ..rules.values import NyttDeltagande


class Checks:
    """The checks of one request, against facts that are read once: for what is shown and for what is written."""

    def __init__(self, insats: Insats) -> None:
        self.insats = insats

    @cached_property
    def facts(self) -> Facts:
        return load_facts({self.insats.insats_id})

    def of_all(self, ny: NyttDeltagande) -> list[Finding]:
        """All that is wrong or odd with a registration, what only somebody who sits there can answer included."""
        now = timezone.now()
        return [
            *check_in(ny, self.facts, registrerad=now, now=now),
            *check_time_in_support(ny.nummer, ny.uppgifter),
        ]

    def of_start(self, form: StartStep) -> list[Finding]:
        """What is wrong or odd with the answers of a valid step, whatever the other steps say."""
        insats = self.facts.insatser[self.insats.insats_id]
        found = without_consequences(check_in_uppgifter(start_uppgifter(form), self.facts, insats))
        asked = fields_of(StartStep)
        return [one for one in found if one.field in asked]


def fields_of(step: type[Step]) -> dict[str, str]:
    """What a rule calls each thing that the step asks → the field."""
    return {rule: field for rule, (name, field) in FINDINGS.items() if name == step.name}


def first_step(findings: Iterable[Finding]) -> type[Step]:
    """The first step that some of the findings are about; the last one for what no step asks."""
    about = {FINDINGS.get(one.field, (ConfirmStep.name, ""))[0] for one in findings}
    return next(STEPS[name] for name in STEPS if name in about)


def odd_words(ny: NyttDeltagande, findings: Iterable[Finding]) -> list[str]:
    """What is odd but possible, in words; of the number and age the parser's own."""
    own = ("alder", "telefonnummer")
    texts = [one.message for one in findings if one.warning and one.kind not in own]
    return [*ny.nummer.warnings(ny.uppgifter.startdatum), *texts]
