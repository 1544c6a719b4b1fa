"""Typed reading of the environment, loud on nonsense.

Every helper returns a checked value or has a plain Swedish sentence that names the variable, what is wrong and what to
do: raised as `ImproperlyConfigured`, or, where the environment gathers, kept until `stop_if_wrong` raises all of them.
No sentence ever holds the value of a key or of a database password.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import functools
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES: Final = 32
"""Length of an encryption key (AES-256), and the least length of the index key."""

DEMO: Final = "demo"

_KEY_ID = re.compile(r"[a-z0-9-]{1,16}")
_HOST = re.compile(r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]|\d+(\.\d+){3}", re.IGNORECASE)
_FEW_DIFFERENT_BYTES: Final = 8
_MAIL: Final = {
    **dict.fromkeys(("smtp", "smtp+tls", "smtp+ssl"), "django.core.mail.backends.smtp.EmailBackend"),
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
}
_MAIL_PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
MAIL_SECONDS: Final = 20
"""How long a mail server may take to answer."""
MAKE_KEY: Final = "skapa en med `openssl rand -base64 32`"


class _Required:
    """Marks that a variable has no default."""


REQUIRED: Final = _Required()

Args = ParamSpec("Args")
ValueT = TypeVar("ValueT")
Read = Callable[Concatenate["Environment", Args], ValueT]


def _gathered(stand_in: Callable[[], ValueT]) -> Callable[[Read[Args, ValueT]], Read[Args, ValueT]]:
    """Where the environment gathers, keep the sentence of a wrong value and go on with `stand_in`, which nobody uses in
    the end. One helper may read through another; only the outermost keeps a sentence.
    """

    def wrap(read: Read[Args, ValueT]) -> Read[Args, ValueT]:
        @functools.wraps(read)
        def reader(self: Environment, /, *args: Args.args, **kwargs: Args.kwargs) -> ValueT:
            outermost, self._reading = not self._reading, True
            try:
                return read(self, *args, **kwargs)
            except ImproperlyConfigured as error:
                if not (outermost and self._gather):
                    raise
                self.refuse(str(error))
                return stand_in()
            finally:
                self._reading = not outermost

        return reader

    return wrap


class Environment:
    """The variables of one start, read from `source` (default: the environment of the process).

    gather: wrong values are kept until `stop_if_wrong`, so that whoever sets up a server is told of all at once.
    """

    def __init__(self, source: Mapping[str, str] | None = None, *, gather: bool = False) -> None:
        self._env = environ.Env()
        self._env.ENVIRON = os.environ if source is None else source
        self._asked: set[str] = set()
        self._gather = gather
        self._reading = False
        self._wrong: list[str] = []

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with values together. Raises ImproperlyConfigured unless it is gathered."""
        if not self._gather:
            raise ImproperlyConfigured(sentence)
        self._wrong.append(sentence)

    def stop_if_wrong(self) -> None:
        """Raise ImproperlyConfigured with every sentence that was gathered; a single one stands by itself."""
        if len(self._wrong) > 1:
            listed = "\n".join(f"- {sentence}" for sentence in self._wrong)
            raise ImproperlyConfigured(f"{len(self._wrong)} inställningar är fel.\n{listed}")
        if self._wrong:
            raise ImproperlyConfigured(self._wrong[0])

    @_gathered(str)
    def text(self, name: str, default: str | _Required = REQUIRED, *, may_be_empty: bool = False) -> str:
        """The text of `name` without surrounding blanks; an empty one is refused unless `may_be_empty`."""
        value = self._raw(name, may_be_empty=may_be_empty)
        if value is not None:
            return value
        if isinstance(default, _Required):
            raise ImproperlyConfigured(f"{name} saknas. Sätt variabeln och starta igen.")
        return default

    @_gathered(str)
    def choice(self, name: str, choices: Iterable[str], default: str | _Required = REQUIRED) -> str:
        """One of `choices`, written exactly so."""
        value = self.text(name, default)
        allowed = list(choices)
        if value not in allowed:
            raise ImproperlyConfigured(
                f"{name} är ”{value}” men måste vara {' eller '.join(allowed)}. Rätta värdet."
            )
        return value

    @_gathered(bool)
    def yes_no(self, name: str, default: bool | _Required = REQUIRED) -> bool:
        """True for yes, False for no; nothing else is understood."""
        fallback = default if isinstance(default, _Required) else ("yes" if default else "no")
        return self.choice(name, ("yes", "no"), fallback) == "yes"

    @_gathered(lambda: 1)
    def number(self, name: str, default: int | _Required = REQUIRED, *, minimum: int, maximum: int) -> int:
        """A whole number from `minimum` to `maximum`, both included."""
        value = self.text(name, default if isinstance(default, _Required) else str(default))
        if not re.fullmatch(r"-?[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
            raise ImproperlyConfigured(
                f"{name} är ”{value}” men måste vara ett helt tal från {minimum} till {maximum}. Rätta värdet."
            )
        return int(value)

    @_gathered(list[str])
    def hosts(
        self, name: str, default: list[str] | _Required = REQUIRED, *, any_host: bool = False
    ) -> list[str]:
        """Host names parted by commas, without scheme, port or path. `*` is taken only with `any_host`."""
        if not isinstance(default, _Required) and self._raw(name) is None:
            return list(default)
        hosts = [host.strip() for host in self.text(name).split(",")]
        for host in hosts:
            if not _HOST.fullmatch(host) or (host == "*" and not any_host):
                raise ImproperlyConfigured(
                    f"{name} har ”{host}”, som inte är ett värdnamn. Skriv värdnamn åtskilda av komma, utan https://, "
                    "port, sökväg eller *, till exempel finsam.example.se."
                )
        return hosts

    @_gathered(Path)
    def folder(self, name: str, default: Path) -> Path:
        """A folder, made with mode 0700 if it is not there. A relative path counts from the working folder."""
        path = Path(self.text(name, str(default))).expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name} är ”{path}”, men mappen går inte att skapa ({error.strerror}). Ange en mapp som Finsam får "
                "skriva i."
            ) from error
        if not os.access(path, os.W_OK | os.X_OK):
            raise ImproperlyConfigured(
                f"{name} är ”{path}”, men Finsam får inte skriva där. Ändra rättigheterna eller ange en annan mapp."
            )
        return path

    @_gathered(lambda: _sqlite(":memory:", {}))
    def database(self, name: str, *, sqlite_default: Path, allow_sqlite: bool) -> dict[str, Any]:
        """A Django database from a URL, `postgres://user:password@host:port/name` or `sqlite:///path`.

        Absent, it is SQLite at `sqlite_default`; where `allow_sqlite` is false that too is refused. Query parameters
        of the URL (for example sslmode) become options.
        """
        url = self._raw(name)
        hint = "Ange till exempel postgres://användare:lösenord@värd:5432/finsam."
        if url is None:
            if not allow_sqlite:
                raise ImproperlyConfigured(f"{name} saknas. I produktion krävs PostgreSQL. {hint}")
            return _sqlite(str(sqlite_default), {})
        scheme = url.partition(":")[0]
        if scheme not in ("postgres", "postgresql", "sqlite"):
            raise ImproperlyConfigured(f"{name} börjar varken med postgres:// eller sqlite:///. {hint}")
        if scheme == "sqlite" and not allow_sqlite:
            raise ImproperlyConfigured(f"{name} pekar på SQLite. I produktion krävs PostgreSQL. {hint}")
        if scheme == "sqlite" and (not url.startswith("sqlite:///") or urlsplit(url).path in ("", "/")):
            raise ImproperlyConfigured(
                f"{name} saknar sökväg till filen. Ange till exempel sqlite:////data/finsam.db."
            )
        try:
            parsed = self._env.db_url_config(url)
        except (ValueError, environ.ImproperlyConfigured):
            # Without the cause: its text may hold the password.
            raise ImproperlyConfigured(f"{name} går inte att tolka. {hint}") from None
        if scheme == "sqlite":
            folder = Path(parsed["NAME"]).absolute().parent
            if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
                raise ImproperlyConfigured(
                    f"{name} pekar på en fil i ”{folder}”, en mapp som inte finns eller som Finsam inte får skriva i. "
                    "Skapa mappen eller ange en annan."
                )
            return _sqlite(parsed["NAME"], parsed.get("OPTIONS", {}))
        if not parsed.get("NAME"):
            raise ImproperlyConfigured(f"{name} saknar databasens namn efter värden. {hint}")
        return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | parsed

    @_gathered(lambda: "redis://")
    def address(self, name: str, schemes: Iterable[str], default: str | _Required = REQUIRED) -> str:
        """The URL of a service, with one of `schemes`."""
        value = self.text(name, default)
        allowed = [f"{scheme}://" for scheme in schemes]
        if value != default and not any(value.startswith(each) and value != each for each in allowed):
            # Without the value: it may hold a password.
            raise ImproperlyConfigured(
                f"{name} måste vara en adress som börjar med {' eller '.join(allowed)}."
            )
        try:
            [urlsplit(each).port for each in value.split(";")]  # several brokers
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} går inte att tolka: porten måste vara ett tal från 0 till 65535. Rätta adressen."
            ) from None
        return value

    @_gathered(lambda: {"EMAIL_BACKEND": "", "EMAIL_TIMEOUT": 0})
    def mail(self, name: str, default: str | _Required = REQUIRED) -> dict[str, Any]:
        """Django's EMAIL_ settings from a URL: `smtp://user:password@host:port` (`smtp+tls` by STARTTLS, `smtp+ssl` by
        TLS from the start), `console://`, or `file:///folder`, which writes each mail into a file.
        """
        value = self.text(name, default)
        hint = "Ange till exempel smtp+tls://användare:lösenord@värd:587."
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in _MAIL:
            # Without the value: it may hold a password.
            raise ImproperlyConfigured(f"{name} börjar inte med {'://, '.join(_MAIL)}://. {hint}")
        found: dict[str, Any] = {"EMAIL_BACKEND": _MAIL[scheme], "EMAIL_TIMEOUT": MAIL_SECONDS}
        if scheme == "file":
            if not rest.startswith("/"):
                raise ImproperlyConfigured(f"{name} saknar sökväg. Ange till exempel file:///data/mejl.")
            return found | {"EMAIL_FILE_PATH": rest}
        if scheme == "console":
            return found
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            raise ImproperlyConfigured(f"{name} går inte att tolka. {hint}") from None
        if not parts.hostname:
            raise ImproperlyConfigured(f"{name} saknar värd. {hint}")
        return found | {
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": port or _MAIL_PORTS[scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": scheme == "smtp+tls",
            "EMAIL_USE_SSL": scheme == "smtp+ssl",
        }

    @_gathered(str)
    def secret(self, name: str, default: str | _Required = REQUIRED) -> str:
        """A secret text of at least 50 characters."""
        value = self.text(name, default)
        if len(value) < 50 or len(set(value)) < _FEW_DIFFERENT_BYTES:
            raise ImproperlyConfigured(
                f"{name} är för kort eller för enformig: minst 50 slumpmässiga tecken behövs, "
                "skapa en med `openssl rand -base64 48`."
            )
        return value

    @_gathered(bytes)
    def index_key(self, name: str, default: bytes | _Required = REQUIRED) -> bytes:
        """The key of the keyed hash of person numbers: base64 of at least 32 bytes."""
        if not isinstance(default, _Required) and self._raw(name) is None:
            return default
        return _decode_key(name, name, self.text(name), exactly=False)

    @_gathered(dict[str, bytes])
    def encryption_keys(
        self, name: str, default: dict[str, bytes] | _Required = REQUIRED
    ) -> dict[str, bytes]:
        """Keys by id in the order written, `id:base64,id:base64`; the first encrypts, all decrypt."""
        if not isinstance(default, _Required) and self._raw(name) is None:
            return dict(default)
        keys: dict[str, bytes] = {}
        for place, part in enumerate(self.text(name).split(","), start=1):
            key_id, colon, encoded = part.strip().partition(":")
            if not colon or not _KEY_ID.fullmatch(key_id):
                raise ImproperlyConfigured(
                    f"{name}: nyckel nummer {place} saknar ett giltigt id. Skriv id:nyckel, där id är 1–16 tecken av "
                    "a–z, 0–9 och bindestreck, och skilj nycklar åt med komma."
                )
            if key_id in keys:
                raise ImproperlyConfigured(
                    f"{name}: id ”{key_id}” finns två gånger. Ge varje nyckel ett eget id."
                )
            key = _decode_key(name, f"{name}: nyckeln ”{key_id}”", encoded, exactly=True)
            if key in keys.values():
                raise ImproperlyConfigured(
                    f"{name}: nyckeln ”{key_id}” är densamma som en annan nyckel i listan. Byt ut eller ta bort den."
                )
            keys[key_id] = key
        return keys

    def refuse_unknown(self, prefix: str, *, except_prefix: str) -> None:
        """Refuse each set variable that begins with `prefix` and that nobody has asked for: most likely misspelt."""
        for name in sorted(self._env.ENVIRON):
            if not name.startswith(prefix) or name.startswith(except_prefix) or name in self._asked:
                continue
            near = difflib.get_close_matches(name, sorted(self._asked), n=1)
            advice = f"Menas {near[0]}? " if near else ""
            self.refuse(f"{name} känns inte igen. {advice}Rätta namnet eller ta bort variabeln.")

    def _raw(self, name: str, *, may_be_empty: bool = False) -> str | None:
        """The value as written, or None where the variable is not set."""
        self._asked.add(name)
        # Not Env.str: it takes a value that begins with a dollar sign as the name of another variable.
        value = self._env.ENVIRON.get(name)
        if value is None:
            return None
        value = str(value).strip()
        if not value and not may_be_empty:
            raise ImproperlyConfigured(f"{name} är satt men tom. Ange ett värde eller ta bort variabeln.")
        return value


def _sqlite(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """SQLite as the product runs it: write-ahead log, and a write lock taken at once instead of a late collision.

    Foreign keys are checked by default (Django turns them on). The test database is a file, as the real one is.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Without recursive_triggers, INSERT OR REPLACE would delete a row past its delete trigger.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;",
        }
        | options,
        "TEST": {"NAME": str(Path(name).with_name("test.sqlite3"))},
    }


def _decode_key(name: str, which: str, encoded: str, *, exactly: bool) -> bytes:
    """The bytes of one base64 key, checked for length and for looking random."""
    length = f"{'exakt' if exactly else 'minst'} {KEY_BYTES} byte"
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured(f"{which} är inte base64. Den ska vara {length}: {MAKE_KEY}.") from None
    if len(key) < KEY_BYTES or (exactly and len(key) != KEY_BYTES):
        raise ImproperlyConfigured(f"{which} är {len(key)} byte men ska vara {length}: {MAKE_KEY}.")
    if len(set(key)) < _FEW_DIFFERENT_BYTES:
        raise ImproperlyConfigured(f"{which} ser inte slumpmässig ut: {MAKE_KEY}.")
    return key
