"""Files that are whole or not there: nobody ever reads half of one, whenever the machine stops."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to. When the block ends well, what was written replaces `path`, durably and for the
    owner's eyes only (0600); when it raises, `path` is as it was. Raises OSError where nothing can be written."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    part.touch(mode=0o600, exist_ok=False)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
