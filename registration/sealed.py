"""Files that are encrypted as they are written (`finsam_site.access.encryption`), piece by piece.

Nothing of them lies readable on a disk, none is held whole in memory, and they can be read from any place.
"""

from __future__ import annotations

import io
import os
import struct
import uuid
from pathlib import Path
from typing import Any, BinaryIO

from finsam_site.access.encryption import HEAD_LENGTH, DecryptionFailed, decrypt, encrypt, key_id

_PIECE = 1 << 20  # bytes of plaintext in one token
_LENGTH = struct.Struct(">I")


class SealedWriter:
    """Writes an encrypted file that appears under its name when it is whole.

    Tokens of up to a MiB, each with its length before it. Number and end are part of what is sealed, so that no piece
    can be moved, left out or cut off.
    """

    def __init__(self, path: Path, context: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.size = 0
        self._path = path
        self._context = context
        self._part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> int:
        """Add to the file."""
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) > _PIECE:  # at least one byte is left for the last piece
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(data)

    def flush(self) -> None:
        """Nothing: pieces are written when they are full."""

    def finish(self) -> None:
        """Put the whole file under its name."""
        self._seal(bytes(self._waiting), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)

    def discard(self) -> None:
        """Leave nothing behind. After `finish` it does nothing."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        token = encrypt(piece, context=_piece_context(self._context, self._number, last))
        self._file.write(_LENGTH.pack(len(token)))
        self._file.write(token)
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads such a file, from any place in it. Raises DecryptionFailed for one that was changed or cut off."""

    def __init__(self, file: BinaryIO, context: str) -> None:
        super().__init__()
        self._context = context
        self._file = file
        self._places: list[tuple[int, int]] = []
        self._kept: tuple[int, bytes] = (-1, b"")
        self._at = 0
        self._look_through()
        self.size = (len(self._places) - 1) * _PIECE + len(self._piece(len(self._places) - 1))

    @classmethod
    def open(cls, path: Path, context: str) -> SealedReader:
        """Open the file at `path`. Raises FileNotFoundError and DecryptionFailed."""
        file = path.open("rb")
        try:
            return cls(file, context)
        except BaseException:
            file.close()
            raise

    def _look_through(self) -> None:
        at, end = 0, os.fstat(self._file.fileno()).st_size
        while at < end:
            self._file.seek(at)
            head = self._file.read(_LENGTH.size)
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else end
            at += _LENGTH.size
            if at + length > end:
                raise DecryptionFailed("Filen är avhuggen och kan inte läsas.")
            self._places.append((at, length))
            at += length
        if not self._places:
            raise DecryptionFailed("Filen är tom och kan inte läsas.")

    def _piece(self, number: int) -> bytes:
        if self._kept[0] != number:
            at, length = self._places[number]
            self._file.seek(at)
            last = number == len(self._places) - 1
            token = self._file.read(length)
            self._kept = (number, decrypt(token, context=_piece_context(self._context, number, last)))
        return self._kept[1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        if self._at >= self.size:
            return 0
        number, within = divmod(self._at, _PIECE)
        found = self._piece(number)[within : within + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


def key_id_of(path: Path) -> str:
    """The id of the key that such a file needs. Raises FileNotFoundError and DecryptionFailed."""
    with path.open("rb") as file:
        file.seek(_LENGTH.size)
        return key_id(file.read(HEAD_LENGTH))


def _piece_context(context: str, number: int, last: bool) -> str:
    return f"{context}:{number}{':end' if last else ''}"
