"""The keys of demo mode: made once, kept in FINSAM_VAR, and recognised where production is given one."""

from __future__ import annotations

import base64
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from .environment import DEMO, KEY_BYTES, MAKE_KEY, Environment

DEMO_INDEX_MARK: Final = b"demo-index-key:"
"""A made demo index key begins with this, so that it is recognised on any machine."""


@dataclass(frozen=True, kw_only=True)
class DemoKeys:
    """The keys of demo mode, as kept in keys.json."""

    secret_key: str
    encryption_keys: dict[str, bytes]
    index_key: bytes


def demo_keys(path: Path) -> DemoKeys:
    """The demo keys kept at `path`, made at the first call. Two processes that start at once get the same keys."""
    if not path.exists():
        _make_demo_keys(path)
    return read_demo_keys(path)


def read_demo_keys(path: Path) -> DemoKeys:
    """The demo keys kept at `path`; `ImproperlyConfigured` where the file is damaged or open to others."""
    again = f"Nycklarna i {path} (FINSAM_VAR) går inte att läsa"
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(
                f"{path} (FINSAM_VAR) kan läsas av andra användare på datorn. Kör `chmod 600` på filen."
            )
        kept = json.loads(path.read_text(encoding="utf-8"))
        source = Environment(
            {name: str(kept[name]) for name in ("secret_key", "encryption_keys", "index_key")}
        )
        keys = DemoKeys(
            secret_key=source.secret("secret_key"),
            encryption_keys=source.encryption_keys("encryption_keys"),
            index_key=source.index_key("index_key"),
        )
    except OSError as error:
        raise ImproperlyConfigured(f"{again} ({error.strerror}). Ge Finsam läsrätt till filen.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(
            f"{again}: filen är skadad. Återställ den från en kopia; utan den går det som är krypterat inte att läsa."
        ) from error
    return keys


def demo_key_faults(
    *, secret_key: str, encryption_keys: dict[str, bytes], index_key: bytes, kept: DemoKeys | None
) -> Iterator[str]:
    """What is wrong where production got a key that demo mode made: by its mark, or because `kept` (keys.json) holds it
    too.
    """
    make_own = f"Demonycklar får inte användas i produktion: {MAKE_KEY}."
    kept_keys = set(kept.encryption_keys.values()) if kept else set()
    if secret_key.startswith(DEMO):
        yield f"FINSAM_SECRET_KEY är en demonyckel. {make_own.replace('32', '48')}"
    for key_id, key in encryption_keys.items():
        if key_id.startswith(DEMO) or key in kept_keys:
            yield f"FINSAM_ENCRYPTION_KEYS: ”{key_id}” är en demonyckel. {make_own}"
    if index_key.startswith(DEMO_INDEX_MARK) or (kept and index_key == kept.index_key):
        yield f"FINSAM_INDEX_KEY är en demonyckel. {make_own}"


def _make_demo_keys(path: Path) -> None:
    """Write new demo keys to `path`, whole or not at all; keys that another process wrote first are left."""
    content = {
        "kind": "Nycklar för demoläget. Får inte användas i produktion.",
        "secret_key": f"{DEMO}-{secrets.token_urlsafe(60)}",
        "encryption_keys": f"{DEMO}-{secrets.token_hex(4)}:{_encode(secrets.token_bytes(KEY_BYTES))}",
        "index_key": _encode(DEMO_INDEX_MARK + secrets.token_bytes(KEY_BYTES)),
    }
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        try:
            # Not os.replace: a link does not overwrite, so the first of two processes decides.
            os.link(temporary, path)
        except FileExistsError:
            return
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ImproperlyConfigured(
            f"FINSAM_VAR: demonycklarna går inte att skriva till {path} ({error.strerror}). Ange en mapp på en vanlig "
            "disk där Finsam får skriva."
        ) from error
    finally:
        if temporary is not None:
            os.unlink(temporary)


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")
