"""Generated registers (tests/reporting/registers.py), however they come in, the same is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from tests.reporting.registers import RegisterRows, registers

from . import folders
from .test_export import Emptied, export, files

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def after(paths: list[Path], out: Path) -> tuple[dict[str, list[object]], dict[str, str]]:
    """All versions and the export after these imports, each of them twice; then the register is empty again."""
    try:
        with transaction.atomic():
            for path in paths:
                result = folders.run(path)
                assert result.ok, result.failure_lines()
            contents = folders.contents()
            for path in paths:
                assert folders.run(path).ok
            assert folders.contents() == contents
            exported = files(export(out))
            raise Emptied
    except Emptied:
        return contents, exported


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(registers())
def test_round_by_round_all_at_once_and_from_an_export(rows: RegisterRows) -> None:
    """Nothing valid is refused, the same again changes nothing, and all three ways give the same versions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contents, exported = after(rows.write(folder / "rounds"), folder / "a")
        at_once, _ = after([rows.write_whole(folder / "whole")], folder / "b")
        again, exported_again = after([folder / "a"], folder / "c")
    assert at_once == contents
    assert again == contents
    assert exported_again == exported
