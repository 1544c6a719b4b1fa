"""A file that is written is whole, or it is what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsam_site.files import written_whole


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    """For the owner only; until then there is the old one."""
    path = tmp_path / "tables.csv"
    for text in ("first", "second"):
        before = path.read_text() if path.exists() else None
        with written_whole(path) as part:
            part.write_text(text)
            assert (path.read_text() if path.exists() else None) == before
        assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """Half a file is never seen."""
    path = tmp_path / "tables.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match="broken"), written_whole(path) as part:
        part.write_text("ha")
        raise ValueError("broken")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("tables.csv", "old")]
