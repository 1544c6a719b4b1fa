"""The embedded broker: messages as files in a folder, for one machine with nothing installed.

kombu's filesystem transport, with two of its steps made whole: a message appears under its name only when it is
written, and is taken by a rename, which only one worker can win. A message that a killed worker had taken is gone; the
sweep finds its job.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "finsam-embedded"
URL = f"{SCHEME}://localhost//"


class Channel(filesystem.Channel):
    """One folder, one file per message, oldest first. The folders are made when first used."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for folder in (Path(self.data_folder_in), Path(self.control_folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        unfinished = folder / f".{name}.new"
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(dumps(message))
        unfinished.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.startswith(".") or name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".{name}.{uuid.uuid4().hex}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # Another worker was quicker.
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """The transport behind `finsam-embedded://`."""

    Channel = Channel


def install() -> None:
    """Make the scheme known to kombu. May run twice."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


def options(folder: Path) -> dict[str, Any]:
    """Transport options for messages under `folder`."""
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.05,
    }
