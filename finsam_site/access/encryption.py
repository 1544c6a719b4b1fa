"""Encryption at rest with AES-256-GCM and key ids, and the keyed hash that personnummer are looked up by.

A token is: one version byte (1), one byte with the length of the key id, the key id in ASCII, a random nonce
of 12 bytes, then the ciphertext with its tag of 16 bytes. Everything before the nonce, and the context, is
associated data.

What is promised, as long as the keys are secret:

* Who reads the database or a back-up of it learns nothing about a value but its length and the id of its key.
* A value that was changed anywhere, or moved to another row or column (another `context`), is refused whole;
  nothing of it is given back. The tag is compared in constant time by OpenSSL.
* Every key in `ENCRYPTION_KEYS` can read, the first one writes. Put a new key first, run `reencrypt` over
  what `needs_rotation`, then take the old key away: nothing is unreadable at any moment.

What is not promised:

* The nonce is 96 random bits, so one key must not encrypt more than 2**32 values (NIST SP 800-38D 8.3: the
  risk that two nonces are the same is then below 2**-32). Nothing counts them here; rotate the key long
  before.
* An older value of the same row and column, put back by somebody who can write to the database, is accepted.
* Who has the keys, or reads the memory of the running program, reads everything. The same is true of the
  hash: there are so few personnummer that with `INDEX_KEY` all of them can be tried in minutes. Without it,
  it only tells which rows have the same number. Looking a hash up in an index of the database takes no
  constant time; it needs none, since nobody without the key can choose a hash.
* Python does not wipe memory: plaintext and keys stay until the memory is used anew.

Sources: QUALITY §1 (encrypted at rest, rotating keys, look-up by HMAC with its key outside the database).
"""

from __future__ import annotations

import hmac
import os
import re
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

VERSION = 1
KEY_LENGTH = 32  # bytes: AES-256, and the least for the key of the hash
NONCE_LENGTH = 12  # bytes
TAG_LENGTH = 16  # bytes
HASH_LENGTH = 32  # bytes
HEAD_LENGTH = 64  # bytes: the least beginning of a token that names its key, whatever the id

# A key id is named in errors and logs, so it may hold nothing but this; the length also fits in its byte.
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")
# What database drivers give for a column of bytes.
Stored = bytes | bytearray | memoryview

_TWELVE_DIGITS = re.compile(r"[0-9]{12}")

# Keeps this hash apart from any other use of the same key. A change here makes every stored hash worthless.
_HASH_DOMAIN = b"finsam/personnummer/1\x00"


class DecryptionFailed(Exception):
    """A value that cannot be read. The Swedish text names the key id (also in `key_id`, None when there is
    none) and never holds a part of the value."""

    def __init__(self, text: str, *, key_id: str | None = None) -> None:
        super().__init__(text)
        self.key_id = key_id


class _Token(NamedTuple):
    key_id: str
    header: bytes
    nonce: bytes
    sealed: bytes


@sensitive_variables()
def encrypt(plaintext: bytes, *, context: str) -> bytes:
    """`plaintext` sealed with the current key; gives a token, a new one every time.

    `context` says where the value belongs, such as `person.nummer:<uuid>`, and must be the same in `decrypt`.
    It is not secret and not stored. Raises `ValueError` for an empty context and `ImproperlyConfigured` for
    wrong keys.
    """
    key_id, key = _current_key()
    header = _header(key_id)
    nonce = os.urandom(NONCE_LENGTH)
    return header + nonce + _cipher(key).encrypt(nonce, plaintext, _associated(header, context))


@sensitive_variables()
def decrypt(token: Stored, *, context: str) -> bytes:
    """What `encrypt` was given, with the same `context`.

    Raises `DecryptionFailed` when the token is damaged, belongs elsewhere or needs a key that is not in
    `ENCRYPTION_KEYS`; the text says which.
    """
    parts = _read(token)
    key = _keys().get(parts.key_id)
    if key is None:
        raise DecryptionFailed(
            f"Nyckeln {parts.key_id} saknas i ENCRYPTION_KEYS, och uppgiften kan inte läsas utan den. "
            "Lägg tillbaka nyckeln från nyckelförvaringen.",
            key_id=parts.key_id,
        )
    try:
        return _cipher(key).decrypt(parts.nonce, parts.sealed, _associated(parts.header, context))
    except InvalidTag:
        pass
    raise DecryptionFailed(
        f"Uppgiften kan inte läsas med nyckeln {parts.key_id}. Den är ändrad, hör till en annan rad, "
        "eller nyckeln har bytt innehåll. "
        "Kontrollera nyckeln, och återställ annars uppgiften från en säkerhetskopia.",
        key_id=parts.key_id,
    )


@sensitive_variables()
def encrypt_text(text: str, *, context: str) -> bytes:
    """`encrypt` for text, as UTF-8. Raises `ValueError` for what UTF-8 cannot hold (a lone surrogate) too."""
    try:
        plaintext = text.encode("utf-8")
    except UnicodeEncodeError:  # carries the whole text, so it must not be chained
        plaintext = None
    if plaintext is None:
        raise ValueError("Texten innehåller tecken som inte kan sparas. Skriv in texten på nytt.")
    return encrypt(plaintext, context=context)


@sensitive_variables()
def decrypt_text(token: Stored, *, context: str) -> str:
    """`decrypt` for text. Raises `DecryptionFailed`, for a value that is not UTF-8 too."""
    plaintext = decrypt(token, context=context)
    try:
        return plaintext.decode("utf-8")
    except UnicodeDecodeError:  # carries the whole value, so it must not be chained
        pass
    used = key_id(token)
    raise DecryptionFailed(f"Uppgiften lästes med nyckeln {used} men är inte text.", key_id=used)


def key_id(token: Stored) -> str:
    """The id of the key that sealed `token`. Raises `DecryptionFailed` when the token is damaged."""
    return _read(token).key_id


def key_id_or_none(token: Stored) -> str | None:
    """The id of the key that sealed `token` (its first `HEAD_LENGTH` bytes are enough), None when it is damaged."""
    try:
        return key_id(token)
    except DecryptionFailed:
        return None


def current_header() -> bytes:
    """What every token begins with that the current key seals."""
    return _header(_current_key()[0])


def needs_rotation(token: Stored) -> bool:
    """True when another key than the current one sealed `token`. Raises `DecryptionFailed` when damaged."""
    return key_id(token) != _current_key()[0]


def reencrypt(token: Stored, context: str) -> bytes:
    """A new token for the same value and `context`, sealed with the current key. Errors as in `decrypt`."""
    return encrypt(decrypt(token, context=context), context=context)


@sensitive_variables()
def keyed_hash(digits: str) -> bytes:
    """The 32 bytes that a number is looked up by: HMAC-SHA-256 with `INDEX_KEY`, whatever the encryption keys
    are.

    `digits` is the canonical form of twelve ASCII digits. Raises `ValueError` for anything else, without
    telling what it was: a second spelling would give a second hash, and one person would become two.
    """
    if not isinstance(digits, str) or not _TWELVE_DIGITS.fullmatch(digits):
        raise ValueError("Ett nummer ska ha exakt tolv siffror när det slås upp. Läs det först med parse.")
    return hmac.digest(_index_key(), _HASH_DOMAIN + digits.encode("ascii"), "sha256")


def _read(token: Stored) -> _Token:
    """The parts of a token. Raises `DecryptionFailed`, and `TypeError` for what is not bytes."""
    if not isinstance(token, Stored):
        raise TypeError(f"a token is bytes, not {type(token).__name__}")
    raw = bytes(token)
    if len(raw) > 2 and raw[0] == VERSION:
        end = 2 + raw[1]
        name = raw[2:end].decode("latin-1")
        if _KEY_ID.fullmatch(name) and len(raw) >= end + NONCE_LENGTH + TAG_LENGTH:
            return _Token(name, raw[:end], raw[end : end + NONCE_LENGTH], raw[end + NONCE_LENGTH :])
    raise DecryptionFailed(
        "Uppgiften är skadad eller har aldrig krypterats här: det går inte att se vilken nyckel den behöver. "
        "Återställ den från en säkerhetskopia."
    )


def _header(name: str) -> bytes:
    return bytes([VERSION, len(name)]) + name.encode("ascii")


def _associated(header: bytes, context: str) -> bytes:
    """What the tag covers besides the value. The header says its own length, so the two stay apart."""
    if not context:
        raise ValueError("context may not be empty: it binds the value to its row and column")
    return header + context.encode("utf-8")


def _keys() -> dict[str, bytes]:
    """`ENCRYPTION_KEYS` in order. Raises `ImproperlyConfigured` when there are none."""
    keys: dict[str, bytes] = settings.ENCRYPTION_KEYS
    if not keys:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS är tom: inget kan krypteras eller läsas. Ange minst en nyckel."
        )
    return keys


def _current_key() -> tuple[str, bytes]:
    name, key = next(iter(_keys().items()))
    if not _KEY_ID.fullmatch(name):
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS: ett nyckel-id är 1–32 tecken av A–Z, a–z, 0–9, punkt, _ och -. Byt id."
        )
    return name, key


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    """The cipher of one key. Kept by the key's own value: changed settings can never meet an old cipher."""
    if not isinstance(key, bytes) or len(key) != KEY_LENGTH:
        raise ImproperlyConfigured(
            f"ENCRYPTION_KEYS: varje nyckel ska vara exakt {KEY_LENGTH} byte. Skapa en ny nyckel."
        )
    return AESGCM(key)


def _index_key() -> bytes:
    key: bytes = settings.INDEX_KEY
    if not isinstance(key, bytes) or len(key) < KEY_LENGTH:
        raise ImproperlyConfigured(
            f"INDEX_KEY ska vara minst {KEY_LENGTH} byte. "
            "Ange rätt nyckel: med en ny hittas inga lagrade nummer."
        )
    return key
