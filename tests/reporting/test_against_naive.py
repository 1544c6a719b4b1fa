"""Every cell of every table, on registers made by hypothesis, against a naive computation written apart from
the product.

The whole way is walked: import, uttag, tables. The naive one (`naive.py`) knows only the texts of the
domain. More examples with FINSAM_TEST_EXAMPLES=500.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
from reporting.tables.compute import TableResult
from reporting.uttag.take import take_uttag
from tests.reporting import naive, registers
from tests.reporting.naive import Key

pytestmark = [pytest.mark.both, pytest.mark.django_db]

EXAMPLES = int(os.environ.get("FINSAM_TEST_EXAMPLES", "25"))
# Shrinking walks the whole way some hundred times: only when asked for.
PHASES = list(Phase) if "FINSAM_TEST_SHRINK" in os.environ else [Phase.explicit, Phase.reuse, Phase.generate]


def cells(tables: list[TableResult], year: int) -> dict[Key, naive.Value]:
    """The product's cells under the naive one's keys."""
    outside = {"matt", "varde", "status", "ar"}
    return {
        naive.key(
            result.table.id,
            str(row["matt"]),
            int(row.get("ar") or year),
            **{name: str(value) for name, value in row.items() if name not in outside},
        ): row["varde"]  # type: ignore[misc]
        for result in tables
        for row in result.rows
    }


def differences(found: dict[Key, naive.Value], wanted: dict[Key, naive.Value]) -> list[str]:
    """What is missing, different, or there without being wanted."""
    texts = []
    for key, value in wanted.items():
        other = found.get(key, "absent")
        if isinstance(value, int | float) and isinstance(other, int | float):
            if abs(value - other) > 1e-9 * max(1, abs(value)):
                texts.append(f"{key}: naive {value}, product {other}")
        elif value != other:
            texts.append(f"{key}: naive {value}, product {other}")
    texts += [f"{key}: only in the product" for key in found.keys() - wanted.keys()]
    return texts


@contextmanager
def rolled_back() -> Iterator[Path]:
    """An empty register and folder for one example."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        yield Path(folder)
        transaction.set_rollback(True)


@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(rows=registers.registers(), withdrawn=st.sets(st.integers(0, 40), max_size=3))
def test_every_cell_equals_the_naive_one(rows: registers.RegisterRows, withdrawn: set[int]) -> None:
    """Persons, results, money, quality, förbund and the year before, with corrections and withdrawals."""
    user = User.objects.system()
    with rolled_back() as folder:
        folders = rows.write(folder)
        for one in folders:
            call_command("import_register", str(one), verbosity=0)
        register = naive.Register.read(*folders)
        known = sorted(Deltagande.unscoped.values_list("deltagande_id", "pk"))
        chosen = [known[at] for at in withdrawn if at < len(known)]
        with acting_as(user):
            withdraw_samtycke([pk for _, pk in chosen])
        register.avidentifierade = {name: dt.datetime.now(dt.UTC) for name, _ in chosen}
        taken = take_uttag(user, registers.YEAR, registers.AS_OF)
        wanted = naive.compute(register, registers.YEAR, registers.AS_OF)
        assert differences(cells(taken.tables, registers.YEAR), wanted) == []
