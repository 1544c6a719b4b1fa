"""Where an uploaded register waits for its job.

It is encrypted as it comes (registration/sealed.py), has a random name and can be opened for the user who sent it only.
It goes when its job has ended, or after 24 hours; `sweep` is called by the beat sweep (registration/tasks.py).

FINSAM_VAR must be the same folder for the web servers and the workers.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import shutil
import tempfile
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import openpyxl
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

from finsam_site.access.encryption import DecryptionFailed
from finsam_site.access.sealed_columns import KeyUse
from finsam_site.jobs.models import ENDED, Jobb

from .importing.columns import DELTAGANDEN
from .sealed import SealedReader, SealedWriter, key_id_of
from .upload_check import Sort, check_upload, csv_parts

KIND = "registerinlasning"
CHECK, READ_IN = "kontroll", "inlasning"
"""What the job is asked to do with the register: only check it, or read it in when nothing is wrong."""
MOST_BYTES = 200 * 1024 * 1024
KEPT_SECONDS = 24 * 3600

_OPEN = "finsam-register-"
_MEMORY = Path("/dev/shm")


class UploadGone(Exception):
    """The uploaded file is no longer there, or not for this user. The Swedish text says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "Filen finns inte kvar, för en uppladdad fil sparas i högst ett dygn. Ladda upp den igen."
        )


# --- The upload ------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where uploads wait."""
    return Path(settings.FINSAM_VAR) / "uploads"


def _upload_context(upload: uuid.UUID, user_id: int) -> str:
    return f"upload:{user_id}:{upload}"


class Upload(UploadedFile):
    """An upload that lies encrypted. Closed (as Django does at the end of a request) without `keep`, it is gone."""

    def __init__(self, name: str, size: int, upload: uuid.UUID, user_id: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.upload = upload
        self._user_id = user_id
        self._keep = False

    def check(self) -> None:
        """Raise UploadRefused unless it is a sound register by its form. Its rows are for the job."""
        with open_upload(self.upload, self._user_id) as file:
            check_upload(file)

    def keep(self) -> None:
        """Let it wait for its job."""
        self._keep = True

    def close(self) -> None:
        if not self._keep:
            remove(self.upload)


class EncryptingUploadHandler(FileUploadHandler):
    """Takes the one file of the form's field `field` and encrypts it as it comes. too_big: it had more than 200 MB."""

    def __init__(self, request: HttpRequest, field: str, user_id: int) -> None:
        super().__init__(request)
        self.too_big = False
        self._field = field
        self._user_id = user_id
        self._taken = False
        self._writer: SealedWriter | None = None
        self._upload = uuid.uuid4()

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if self._taken or field_name != self._field:
            raise SkipFile
        self._taken = True
        path = folder() / str(self._upload)
        self._writer = SealedWriter(path, _upload_context(self._upload, self._user_id))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._writer is not None:
            self._writer.write(raw_data)
            if self._writer.size > MOST_BYTES:
                self.too_big = True
                self.upload_interrupted()
                raise StopUpload(connection_reset=False)

    def file_complete(self, file_size: int) -> Upload | None:
        if self._writer is None:
            return None
        self._writer.finish()
        self._writer = None
        return Upload(self.file_name or "register", file_size, self._upload, self._user_id)

    def upload_interrupted(self) -> None:
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    @property
    def file(self) -> EncryptingUploadHandler:
        """Django closes a handler's `file` when the form breaks off (multipartparser._close_files)."""
        return self

    def close(self) -> None:
        self.upload_interrupted()


def put(content: bytes, user_id: int) -> uuid.UUID:
    """Let a register wait for its job that no page has taken; gives the upload's id."""
    upload = uuid.uuid4()
    writer = SealedWriter(folder() / str(upload), _upload_context(upload, user_id))
    try:
        writer.write(content)
        writer.finish()
    finally:
        writer.discard()
    return upload


@contextlib.contextmanager
def open_upload(upload: uuid.UUID, user_id: int) -> Iterator[BinaryIO]:
    """The plain content, from any place. Raises UploadGone when it is not there or another user sent it."""
    try:
        raw = SealedReader.open(folder() / str(upload), _upload_context(upload, user_id))
    except (FileNotFoundError, DecryptionFailed):
        raise UploadGone from None
    with io.BufferedReader(raw, 1 << 16) as file:
        yield cast(BinaryIO, file)


def remove(upload: uuid.UUID) -> None:
    """Delete the upload; none is no fault."""
    (folder() / str(upload)).unlink(missing_ok=True)


def key_use() -> KeyUse:
    """Which keys the waiting uploads need."""
    use: KeyUse = Counter()
    for path in folder().glob("*") if folder().is_dir() else ():
        with contextlib.suppress(FileNotFoundError, DecryptionFailed):
            if path.is_file() and not path.name.endswith(".part"):
                use[key_id_of(path)] += 1
    return use


def sweep() -> int:
    """Delete uploads whose job has ended or that are older than 24 hours, and what a killed import left open."""
    gone = 0
    found = list(folder().glob("*")) if folder().is_dir() else []
    names = [path.name for path in found if not path.name.startswith(_OPEN)]
    if names:
        rows = Jobb.objects.filter(slag=KIND, argument__upload__in=names, tillstand__in=ENDED)
        ended = {row.argument["upload"] for row in rows}
        for name in names:
            path = folder() / name
            if name in ended or _age(path) > KEPT_SECONDS:
                path.unlink(missing_ok=True)
                gone += 1
    for room in (_MEMORY, folder()):
        for path in room.glob(f"{_OPEN}*") if room.is_dir() else ():
            gone += _remove_if_left(path)
    return gone


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


# --- Open for the time of a job --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenRegister:
    """What `import_register` takes. rows: rows of deltaganden in it, None where that is not known beforehand."""

    path: Path
    rows: int | None


@contextlib.contextmanager
def opened(upload: uuid.UUID, user_id: int) -> Iterator[OpenRegister]:
    """The register of an upload as files, for the time of the block: in memory where there is room for it, else in a
    folder that nobody else may enter. Raises UploadGone and UploadRefused.
    """
    with open_upload(upload, user_id) as file:
        checked = check_upload(file)
        with _open_folder(checked.unpacked) as room:
            if checked.sort is Sort.XLSX:
                file.seek(0)
                path = room / "register.xlsx"
                with path.open("wb") as target:
                    shutil.copyfileobj(file, target, 1 << 20)
                yield OpenRegister(path, _rows_of_workbook(path))
            else:
                _unzip(file, room)
                yield OpenRegister(room, _rows_of_csv(room / DELTAGANDEN.filename))


def _unzip(file: BinaryIO, room: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        for name, part in csv_parts(archive).items():
            with archive.open(part) as source, (room / name).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _rows_of_csv(path: Path) -> int:
    """Line feeds but the header's: as many as there are rows, but for texts with a line feed in them."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        file.seek(-1, os.SEEK_END) if path.stat().st_size else None
        lines += file.read(1) not in (b"\n", b"")
    return max(0, lines - 1)


def _rows_of_workbook(path: Path) -> int | None:
    """The rows of the sheet's XML, counted without reading them. What cannot be read is for the import to tell."""
    try:
        book = openpyxl.load_workbook(path, read_only=True)
        try:
            if DELTAGANDEN.name not in book.sheetnames:
                return 0
            part = getattr(book[DELTAGANDEN.name], "_worksheet_path", "")
        finally:
            book.close()
        with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as file:
            rows, before = 0, b""
            while block := file.read(1 << 20):
                seen = before + block
                rows += seen.count(b"<row ") + seen.count(b"<row>")
                before = seen[-4:]
    except Exception:  # noqa: BLE001 - openpyxl raises nearly anything
        return None
    return rows - 1 if rows else None


@contextlib.contextmanager
def _open_folder(size: int) -> Iterator[Path]:
    """A folder for `size` bytes, locked as long as we live: a free lock tells `sweep` that its holder is gone."""
    memory = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 3 * size
    room = _MEMORY if memory else folder()
    path = Path(tempfile.mkdtemp(prefix=_OPEN, dir=room))
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _remove_if_left(path: Path) -> bool:
    if _age(path) < 60:  # perhaps made just now and not yet locked
        return False
    try:
        lock = os.open(path, os.O_RDONLY)
    except OSError:  # gone, or another user's
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return True
    finally:
        os.close(lock)
