"""Every cell of every table, on registers made by hypothesis, against a naive computation written apart from
the product.

The whole way is walked: import, the year before fastställt or not, withdrawals, uttag, tables. The naive one
(`naive.py`) knows only the texts of the domain. Here the examples are the same each time; `make drill` draws new ones
(`tests/drill/test_naive.py`). More of these with FINSAM_TEST_EXAMPLES=500.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.models import Deltagande
from registration.rules.erase import withdraw_samtycke
from reporting.report.settling import settle
from reporting.tables.compute import TableResult
from reporting.uttag.take import take_uttag
from tests.reporting import naive, registers
from tests.reporting.naive import Key

pytestmark = [pytest.mark.both, pytest.mark.django_db]

EXAMPLES = int(os.environ.get("FINSAM_TEST_EXAMPLES", "25"))
# Shrinking walks the whole way some hundred times: only when asked for.
PHASES = list(Phase) if "FINSAM_TEST_SHRINK" in os.environ else [Phase.explicit, Phase.reuse, Phase.generate]


Cell = tuple[naive.Value, str | None]
"""A value and its status."""

SECOND = dt.timedelta(seconds=1)
A_YEAR_BEFORE = naive.one_year_before(registers.AS_OF)


@dataclass(frozen=True)
class Fixed:
    """An uttag of the year before that is fastställt: as of when, and whether it was taken before the withdrawals."""

    as_of: dt.datetime
    before_withdrawals: bool


FIXED = st.one_of(
    st.none(),
    st.builds(
        Fixed,
        st.sampled_from((A_YEAR_BEFORE, A_YEAR_BEFORE + SECOND, registers.AS_OF, registers.AS_OF + SECOND)),
        st.booleans(),
    ),
)
WITHDRAWN = st.sets(st.integers(0, 40), max_size=3)
"""Of the deltaganden in the order of their ids, those whose samtycke is withdrawn after the import."""


def cells(tables: list[TableResult], year: int) -> dict[Key, Cell]:
    """The product's cells under the naive one's keys."""
    outside = {"matt", "varde", "status", "ar"}
    return {
        naive.key(
            result.table.id,
            str(row["matt"]),
            int(row.get("ar") or year),
            **{name: str(value) for name, value in row.items() if name not in outside},
        ): (row["varde"], row["status"])  # type: ignore[misc]
        for result in tables
        for row in result.rows
    }


def differences(found: dict[Key, Cell], wanted: dict[Key, naive.Value]) -> list[str]:
    """What is missing, different in value or status, or there without being wanted."""
    texts = []
    for key, value in wanted.items():
        if key not in found:
            texts.append(f"{key}: naive {value}, absent in the product")
            continue
        other, status = found[key]
        if status != ("ej_tillamplig" if value is None else None) or not _alike(value, other):
            texts.append(f"{key}: naive {value}, product {other} ({status})")
    texts += [f"{key}: only in the product" for key in found.keys() - wanted.keys()]
    return texts


def _alike(value: naive.Value, other: naive.Value) -> bool:
    if value is None or other is None:
        return value is other
    return abs(value - other) <= 1e-9 * max(1, abs(value))


@contextmanager
def rolled_back() -> Iterator[Path]:
    """An empty register and folder for one example."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        yield Path(folder)
        transaction.set_rollback(True)


def walk(rows: registers.RegisterRows, withdrawn: set[int], fixed: Fixed | None) -> list[str]:
    """The whole way with one register; how the product differs from the naive computation."""
    user = User.objects.system()
    with rolled_back() as folder:
        folders = rows.write(folder)
        for one in folders:
            call_command("import_register", str(one), verbosity=0)
        register = naive.Register.read(*folders)
        frozen = None
        if fixed and fixed.before_withdrawals:
            frozen = _fasten(register, fixed)
        _withdraw(register, withdrawn)
        if fixed and not fixed.before_withdrawals:
            frozen = _fasten(register, fixed)
        taken = take_uttag(user, registers.YEAR, registers.AS_OF)
        wanted = naive.compute(register, registers.YEAR, registers.AS_OF, faststalld=frozen)
        return differences(cells(taken.tables, registers.YEAR), wanted)


def _fasten(register: naive.Register, fixed: Fixed) -> naive.Cells:
    """Take the year before and fasten it; what the naive one says of it."""
    user = User.objects.system()
    uttag = take_uttag(user, registers.YEAR - 1, fixed.as_of).uttag
    with acting_as(user):
        settle(uttag)
    return naive.of_fastställt(register, registers.YEAR - 1, fixed.as_of)


def _withdraw(register: naive.Register, withdrawn: set[int]) -> None:
    known = sorted(Deltagande.unscoped.values_list("deltagande_id", "pk"))
    chosen = [known[at] for at in withdrawn if at < len(known)]
    with acting_as(User.objects.system()):
        withdraw_samtycke([pk for _, pk in chosen])
    register.avidentifierade = {name: dt.datetime.now(dt.UTC) for name, _ in chosen}


@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(rows=registers.registers(), withdrawn=WITHDRAWN, fixed=FIXED)
def test_every_cell_equals_the_naive_one(
    rows: registers.RegisterRows, withdrawn: set[int], fixed: Fixed | None
) -> None:
    """Persons, results, money, quality, förbund and the year before, with corrections and withdrawals."""
    assert walk(rows, withdrawn, fixed) == []
