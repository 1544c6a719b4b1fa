"""What `make drill` keeps: a drill that failed stands as failed, and a run without results is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drill import report

DRILLS = """
import pytest

@pytest.fixture
def drill(record_property):
    told = {}
    yield told
    for name, value in told.items():
        record_property(name, value)

@pytest.mark.parametrize("part", range(2))
def test_two_parts(drill, part):
    drill |= {"what": "savers at once", "tried": 50, "seed": 7, "note": ""}

def test_one_that_fails(drill):
    drill |= {"what": "kill -9", "tried": 3, "seed": 5, "note": ""}
    assert not drill

def test_beside():
    pass

@pytest.mark.skip(reason="the report under test says so")
def test_skipped():
    pass

def test_beside_that_fails():
    raise ValueError
"""


def test_a_failed_drill_is_written_as_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a test that tells nothing of itself; the others are one line."""
    results, document = tmp_path / "drills.xml", tmp_path / "drills.md"
    (tmp_path / "test_made.py").write_text(DRILLS, encoding="utf-8")
    run = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:django",
        "-c",
        os.devnull,
    ]
    subprocess.run(
        [*run, "--rootdir", str(tmp_path), "--junitxml", str(results), "test_made.py"],
        cwd=tmp_path, check=False, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["report", str(document), str(results)])
    report.main()
    rows = [line.strip("| ").split(" | ") for line in document.read_text(encoding="utf-8").splitlines()]
    found = {row[0]: (row[1], row[2], row[4:]) for row in rows if len(row) > 3}
    assert found["savers at once"] == ("100", "holds", ["7"])
    assert found["kill -9"] == ("3", "**failed**", ["5"])
    assert found["`test_made.test_beside_that_fails`"][1] == "**failed**"
    assert found["`test_made.test_skipped`"][1] == "not run"
    assert found[report.OTHERS][:2] == ("1", "holds")
    text = document.read_text(encoding="utf-8")
    assert "**Failed: kill -9; `test_made.test_beside_that_fails`.**" in text and "| CPU | " in text


def test_a_run_without_results_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier run found does not stand for it; what another part of the run found does."""
    document, made = tmp_path / "audit.md", tmp_path / "made.xml"
    case = '<testcase classname="tests.made" name="test_made" time="3"/>'
    made.write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>", encoding="utf-8")
    document.write_text("of last time", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["report", str(document), str(made), str(tmp_path / "none.xml")])
    report.main()
    text = document.read_text(encoding="utf-8")
    assert "did not come to its end" in text and "of last time" not in text
    assert "| `tests.made` | 1 | holds | 3 |  |" in text
