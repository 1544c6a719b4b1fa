"""Encryption at rest and the look-up hash (QUALITY §1). Needs no database; every run makes its own keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import traceback
import uuid
from collections.abc import Iterator
from types import TracebackType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st

from finsam_site.access import encryption
from finsam_site.access.encryption import (
    DecryptionFailed,
    decrypt,
    decrypt_text,
    encrypt,
    encrypt_text,
    key_id,
    keyed_hash,
    needs_rotation,
    reencrypt,
)
from tests import numbers

OLD, NEW, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)
CONTEXT = f"person.nummer:{uuid.uuid4()}"
OTHER = f"person.nummer:{uuid.uuid4()}"
SECRET = b"markor: Zinaida"


@pytest.fixture(autouse=True, scope="module")
def keys() -> Iterator[None]:
    with override_settings(ENCRYPTION_KEYS={"k1": OLD}, INDEX_KEY=INDEX):
        yield


def rotated() -> override_settings:
    return override_settings(ENCRYPTION_KEYS={"k2": NEW, "k1": OLD})


def failed(token: bytes, *, context: str = CONTEXT) -> DecryptionFailed:
    with pytest.raises(DecryptionFailed) as caught:
        decrypt(token, context=context)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "Zinaida" not in "".join(traceback.format_exception(caught.value))
    return caught.value


@given(
    plaintext=st.binary(max_size=300),
    context=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=80),
)
def test_round_trip(plaintext: bytes, context: str) -> None:
    assert decrypt(encrypt(plaintext, context=context), context=context) == plaintext


@given(text=st.text(alphabet=st.characters(codec="utf-8")))
def test_round_trip_of_text(text: str) -> None:
    assert decrypt_text(encrypt_text(text, context=CONTEXT), context=CONTEXT) == text


def test_format() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    assert token[:4] == b"\x01\x02k1"
    assert len(token) == 4 + 12 + len(SECRET) + 16
    assert SECRET not in token
    assert CONTEXT.encode() not in token


def test_every_token_has_its_own_nonce() -> None:
    tokens = [encrypt(SECRET, context=CONTEXT) for _ in range(1000)]
    assert len({token[4:16] for token in tokens}) == 1000
    assert len(set(tokens)) == 1000


def test_what_database_drivers_give_is_read() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    for value in (memoryview(token), bytearray(token)):
        assert decrypt(value, context=CONTEXT) == SECRET
        assert key_id(value) == "k1"
    for wrong in (None, "text", 12):
        with pytest.raises(TypeError):
            decrypt(wrong, context=CONTEXT)  # type: ignore[arg-type]


def test_wrong_context_is_refused() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    for context in (OTHER, CONTEXT.title(), CONTEXT + " ", CONTEXT[:-1], "person.namn" + CONTEXT[13:]):
        assert failed(token, context=context).key_id == "k1"


def test_empty_context_is_refused() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    with pytest.raises(ValueError, match="context"):
        encrypt(SECRET, context="")
    with pytest.raises(ValueError, match="context"):
        decrypt(token, context="")


def test_every_changed_bit_is_refused() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    for place in range(len(token)):
        for bit in range(8):
            failed(token[:place] + bytes([token[place] ^ 1 << bit]) + token[place + 1 :])


def test_cut_and_lengthened_tokens_are_refused() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    for length in range(len(token)):
        failed(token[:length])
        failed(token[length + 1 :])
    failed(token + b"\x00")


@given(st.binary(max_size=120))
def test_anything_else_is_refused(token: bytes) -> None:
    failed(token)


def test_plaintext_in_place_of_a_token_is_not_repeated() -> None:
    number = numbers.pick()
    for value in (number.encode(), b"\x01\x0c" + number.encode() + b"\x00" * 5):
        error = failed(value)
        assert error.key_id is None
        assert number not in str(error)


def test_rotation() -> None:
    token = encrypt(SECRET, context=CONTEXT)
    assert not needs_rotation(token)
    with rotated():
        assert needs_rotation(token)
        assert decrypt(token, context=CONTEXT) == SECRET
        newer = reencrypt(token, CONTEXT)
        assert (key_id(token), key_id(newer)) == ("k1", "k2")
        assert not needs_rotation(newer)
        with pytest.raises(DecryptionFailed):
            reencrypt(token, OTHER)
    with override_settings(ENCRYPTION_KEYS={"k2": NEW}):
        assert decrypt(newer, context=CONTEXT) == SECRET


def test_a_missing_key_is_named() -> None:
    with rotated():
        token = encrypt(SECRET, context=CONTEXT)
    error = failed(token)
    assert error.key_id == "k2"
    assert "Nyckeln k2 saknas" in str(error)


def test_a_key_with_other_content_under_the_same_id_is_refused() -> None:
    """Ciphers are kept by the value of the key, so a changed setting never meets an old cipher."""
    token = encrypt(SECRET, context=CONTEXT)
    with override_settings(ENCRYPTION_KEYS={"k1": NEW}):
        assert "k1" in str(failed(token))
    assert decrypt(token, context=CONTEXT) == SECRET


def test_the_same_key_under_another_id_does_not_read() -> None:
    """The id is under the tag: a token cannot be given another id by hand."""
    token = encrypt(SECRET, context=CONTEXT)
    with override_settings(ENCRYPTION_KEYS={"k9": OLD}):
        failed(token.replace(b"k1", b"k9", 1))


def test_text_that_cannot_be_read_or_kept_is_not_repeated() -> None:
    token = encrypt(b"Zinaida \xff", context=CONTEXT)
    with pytest.raises(DecryptionFailed) as unreadable:
        decrypt_text(token, context=CONTEXT)
    with pytest.raises(ValueError, match="tecken") as unkept:
        encrypt_text("Zinaida \ud800", context=CONTEXT)
    for error in (unreadable.value, unkept.value):
        assert error.__context__ is None
        assert "Zinaida" not in str(error)
    assert unreadable.value.key_id == "k1"


@pytest.mark.parametrize(
    "wrong", [{}, {"k1": b"short"}, {"k1": "x" * 32}, {"": OLD}, {"å": OLD}, {"k" * 33: OLD}, {"k 1": OLD}]
)
def test_wrong_keys_stop_loudly_and_are_not_shown(wrong: dict[str, bytes]) -> None:
    with override_settings(ENCRYPTION_KEYS=wrong), pytest.raises(ImproperlyConfigured) as caught:
        encrypt(SECRET, context=CONTEXT)
    assert "short" not in str(caught.value)
    assert "xxx" not in str(caught.value)


# The look-up hash


def test_hash_is_hmac_sha256_with_the_index_key() -> None:
    """Written out, since another value would make every stored hash worthless."""
    number = numbers.pick()
    expected = hmac.new(INDEX, b"finsam/personnummer/1\x00" + number.encode(), hashlib.sha256).digest()
    assert keyed_hash(number) == expected
    assert len(expected) == encryption.HASH_LENGTH
    assert expected != hmac.new(INDEX, number.encode(), hashlib.sha256).digest()


def test_hash_stays_when_encryption_keys_change_and_not_when_its_own_does() -> None:
    number = numbers.pick()
    before = keyed_hash(number)
    with rotated():
        assert keyed_hash(number) == before
    with override_settings(ENCRYPTION_KEYS={}):
        assert keyed_hash(number) == before
    with override_settings(INDEX_KEY=NEW):
        assert keyed_hash(number) != before


def test_hashes_of_the_whole_list_differ() -> None:
    everyone = numbers.test_numbers()
    assert len({keyed_hash(number) for number in everyone}) == len(everyone)


def test_only_the_canonical_form_is_hashed_and_others_are_not_repeated() -> None:
    number = numbers.pick()
    for text in (
        number[2:],
        f"{number[:8]}-{number[8:]}",
        f" {number}",
        f"{number}\n",
        "",
        number.translate({48: "０"}),
    ):
        with pytest.raises(ValueError, match="tolv siffror") as caught:
            keyed_hash(text)
        assert not any(part and part in str(caught.value) for part in (text, number))
    with pytest.raises(ValueError, match="tolv siffror"):
        keyed_hash(int(number))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [b"", b"short", "x" * 32])
def test_wrong_index_key_stops_loudly(wrong: bytes) -> None:
    with override_settings(INDEX_KEY=wrong), pytest.raises(ImproperlyConfigured):
        keyed_hash(numbers.pick())


# Error pages


def test_error_reports_show_no_locals(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Django writes of a failure inside these functions holds neither the value nor the number."""

    def broken(*arguments: object) -> None:
        raise RuntimeError("broken")

    number = numbers.pick()
    monkeypatch.setattr(encryption, "_associated", broken)
    monkeypatch.setattr(encryption, "_index_key", broken)
    for function, arguments in (
        (encrypt_text, {"text": number, "context": CONTEXT}),
        (keyed_hash, {"digits": number}),
    ):
        try:
            function(**arguments)
        except RuntimeError:
            report = ProductFrames(*sys.exc_info()).get_traceback_html()
        assert "RuntimeError" in report
        assert number not in report


class ProductFrames(ExceptionReporter):
    """A report of the frames of the product only: the test itself must know the number."""

    def __init__(self, kind: type[BaseException], error: BaseException, trace: TracebackType) -> None:
        super().__init__(None, kind, error, trace.tb_next)
