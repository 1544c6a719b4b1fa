"""A Django storage that keeps write-once files in the database (`UttagFil`)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible


@deconstructible
class DatabaseStorage(Storage):
    """Small files as rows. A name is written once: there is no overwriting and no deleting."""

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("a frozen file is only read")
        row = self._rows().filter(namn=name).first()
        if row is None:
            raise FileNotFoundError(f"Uttagsfilen {name} finns inte i databasen.")
        return File(BytesIO(bytes(row.innehall)), name=name)

    def _save(self, name: str, content: ContentFile[bytes]) -> str:
        content.seek(0)
        self._rows().create(namn=name, innehall=content.read())
        return name

    def exists(self, name: str) -> bool:
        return self._rows().filter(namn=name).exists()

    def size(self, name: str) -> int:
        with self.open(name) as file:
            return len(file.read())

    def delete(self, name: str) -> None:
        raise ValueError("en fryst fil tas inte bort")

    @staticmethod
    def _rows() -> Any:
        return apps.get_model("reporting", "UttagFil")._default_manager
