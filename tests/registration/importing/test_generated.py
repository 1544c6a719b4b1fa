"""Generated registers (tests/reporting/registers.py), however they come in, the same is there."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from registration.models import Inregistrering, Utregistrering
from tests.reporting.registers import RegisterRows, registers

from . import folders
from .test_export import Emptied, export, files

pytestmark = [pytest.mark.both, pytest.mark.django_db]

SETTINGS = settings(
    max_examples=int(os.environ.get("FINSAM_TEST_EXAMPLES", "8")),
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


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


@SETTINGS
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


@SETTINGS
@given(registers())
def test_a_history_that_comes_after_its_last_version_ends_with_it(rows: RegisterRows) -> None:
    """What holds of every deltagande is what its last row says, whether the others came before or come late."""
    last = replace(
        rows, deltaganden=[versions[-1:] for versions in rows.deltaganden if by_itself(versions[-1])]
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = rows.write_whole(folder / "whole")
        contents, _ = after([whole], folder / "a")
        late, _ = after([*last.write(folder / "last"), whole], folder / "b")
    assert holding(late) == holding(contents)


def by_itself(row: dict[str, str]) -> bool:
    """Whether the row can come alone: not when the in-part was corrected after the deltagande was out."""
    known_out = row.get("registrerad_ut")
    return not known_out or dt.datetime.fromisoformat(row["registrerad_in"]) <= dt.datetime.fromisoformat(
        known_out
    )


def holding(contents: dict[str, list[object]]) -> dict[str, object]:
    """What the newest versions of each deltagande say, without number and time; of the totals everything."""
    found: dict[str, object] = dict(contents)
    for model in (Inregistrering, Utregistrering):
        rows: list[tuple[object, ...]] = contents[model.__name__]  # type: ignore[assignment]
        found[model.__name__] = {key: (insats, *said) for key, insats, _, _, *said in rows}
    return found
