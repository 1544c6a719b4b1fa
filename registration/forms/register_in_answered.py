"""What has been answered of a registration: its draft, read by the forms that asked."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, TypeVar

from django.utils.datastructures import MultiValueDict

from ..rules.code_days import on
from ..rules.drafts import Steps, as_data
from ..rules.facts import in_period
from ..rules.values import NyttDeltagande
from ..rules.wrong_insats import waits
from .register_in import (
    ASKING,
    STEPS,
    BasisStep,
    BeforeStep,
    ConfirmStep,
    IdentityStep,
    SituationStep,
    StartStep,
)
from .register_in_basis import Basis
from .register_in_values import nytt_deltagande
from .steps import Step

StepT = TypeVar("StepT", bound=Step)


class Answered:
    """The answers as they stood when the draft was read; each step is checked once. Changed answers are read anew."""

    def __init__(self, basis: Basis, steps: Steps) -> None:
        self.basis = basis
        self.steps = steps
        self._checked: dict[str, Step | None] = {}

    def data(self, step: type[Step]) -> MultiValueDict[str, str] | None:
        """The answers of a step as its form takes them; None before it is answered."""
        return as_data(self.steps.get(step.name))

    def form(self, step: type[StepT], data: Any = None, initial: Any = None) -> StepT:
        """The form of a step: empty, answered with `data`, or filled in with `initial`."""
        more: dict[str, Any] = {}
        if issubclass(step, (BeforeStep, BasisStep)):
            more["basis"] = self.basis
        if issubclass(step, StartStep):
            more["formular"] = self._formular
        if issubclass(step, SituationStep):
            more = {"codes": self.basis.codes, "days": on(self._start or self.basis.today)}
        return step(data, initial=initial, **more)

    def valid(self, step: type[StepT]) -> StepT | None:
        """The form of a step that is answered rightly; None for one that is not, or not yet."""
        if step.name not in self._checked:
            data = self.data(step)
            form = None if data is None else self.form(step, data)
            self._checked[step.name] = form if form is not None and form.is_valid() else None
        found = self._checked[step.name]
        return found if isinstance(found, step) else None

    @property
    def consented(self) -> bool:
        """Whether identity may be asked for: nothing is protected, and the samtycke is signed."""
        before = self.valid(BeforeStep)
        return before is not None and before.may_be_named

    @property
    def waits(self) -> bool:
        """Whether the rest is still to be filled in from a deltagande in the wrong insats."""
        return waits(self.steps)

    @property
    def next(self) -> type[Step]:
        """The first step that is still to be answered; the last one when all are."""
        if self.waits:
            return BeforeStep
        return next((STEPS[name] for name in ASKING if self.valid(STEPS[name]) is None), ConfirmStep)

    def nytt(self, key: uuid.UUID) -> NyttDeltagande:
        """What is to be registered. Only when nothing is left to answer; key: as in `nytt_deltagande`."""
        before, identity = self.valid(BeforeStep), self.valid(IdentityStep)
        start, situation = self.valid(StartStep), self.valid(SituationStep)
        if before is None or identity is None or start is None or situation is None:
            raise ValueError("there is something left to answer")
        return nytt_deltagande(self.basis.insats, key, before, identity, start, situation)

    @property
    def _start(self) -> dt.date | None:
        """The first day, which the answers before it are about; None until it is answered.

        Nor is it a day outside the insats: that is wrong in itself, and no code follows from it.
        """
        start, insats = self.valid(StartStep), self.basis.insats
        day: dt.date | None = start.cleaned_data["startdatum"] if start else None
        return day if day and in_period(day, insats.startdatum, insats.slutdatum) else None

    @property
    def _formular(self) -> str:
        """The version of the samtycke that is signed, which decides what may be asked."""
        before = self.valid(BeforeStep)
        return before.samtyckesuppgifter().formular if before else ""
