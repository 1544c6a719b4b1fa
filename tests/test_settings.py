"""The settings: demo mode makes its keys once, production takes nothing for granted, each wrong value says so."""

import base64
import json
import os
import random
import runpy
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from finsam_site import SOFTWARE_VERSION
from finsam_site.demo_keys import DEMO_INDEX_MARK, demo_keys
from finsam_site.jobs.broker import EMBEDDED_BROKER

pytestmark = pytest.mark.both

ROOT = Path(__file__).resolve().parent.parent


_random = random.Random(1)  # The same keys in every worker: they are in the names of the tests.


def key(length: int = 32) -> str:
    return base64.b64encode(_random.randbytes(length)).decode()


PRODUCTION = {
    "FINSAM_MODE": "production",
    "DATABASE_URL": "postgres://finsam:hemligt-losen@db.example:5433/register?sslmode=require",
    "FINSAM_SECRET_KEY": key(48),
    "FINSAM_ENCRYPTION_KEYS": f"2026-b:{key()},2026-a:{key()}",
    "FINSAM_INDEX_KEY": key(),
    "FINSAM_ALLOWED_HOSTS": "finsam.example.se",
    "FINSAM_PROXIES": "1",
    "REDIS_URL": "redis://:hemligt-losen@ko.example:6379/0",
    "FINSAM_FORBUND_EMPLOYEE_REGISTERS": "no",
    "FINSAM_FORBUND_EMPLOYEE_DECISION": "dnr 2026-17",
    "FINSAM_SAMTYCKE_DECISION": "dnr 2026-18",
    "FINSAM_DATA_PROTECTION_CONTACT": "Dataskyddsombudet, Storgatan 1",
}


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that is not there yet, and an environment without our variables."""
    for name in list(os.environ):
        if name.startswith("FINSAM_") or name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
            monkeypatch.delenv(name)
    folder = tmp_path / "data"
    monkeypatch.setenv("FINSAM_VAR", str(folder))
    yield folder


def load(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> dict[str, Any]:
    """The settings as they come out of an environment with `values`."""
    with monkeypatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        return runpy.run_path(str(ROOT / "finsam_site" / "settings.py"))


def refusal(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> str:
    """The sentence that an environment with `values` is refused with."""
    with pytest.raises(ImproperlyConfigured) as caught:
        load(monkeypatch, values)
    return str(caught.value)


# Demo mode


def test_demo_mode_with_nothing_set(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {})
    assert settings["FINSAM_MODE"] == "demo"
    assert settings["FINSAM_VAR"] == var
    assert var.stat().st_mode & 0o777 == 0o700
    assert settings["DEBUG"] is False
    assert settings["FORBUND_EMPLOYEE_REGISTERS"] is True
    assert settings["FELREGISTRERING_DAYS"] == 30
    assert settings["SAMTYCKE_REMINDER_DAYS"] == 90
    assert settings["ERASURE_DECISION"] == "demo"
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(var / "finsam.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_demo_keys_are_made_once_and_kept(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(monkeypatch, {})
    file = var / "keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    second = load(monkeypatch, {})
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "INDEX_KEY"):
        assert first[name] == second[name]
    assert file.read_bytes() == content
    assert [path.name for path in var.iterdir()] == ["keys.json"]
    ((key_id, encryption_key),) = first["ENCRYPTION_KEYS"].items()
    assert key_id.startswith("demo-")
    assert len(key_id) <= 16
    assert len(encryption_key) == 32
    assert first["INDEX_KEY"].startswith(DEMO_INDEX_MARK)


def test_demo_mode_takes_keys_from_the_environment_first(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {"FINSAM_ENCRYPTION_KEYS": PRODUCTION["FINSAM_ENCRYPTION_KEYS"]})
    assert list(settings["ENCRYPTION_KEYS"]) == ["2026-b", "2026-a"]
    assert settings["INDEX_KEY"].startswith(DEMO_INDEX_MARK)


def test_starts_at_once_get_the_same_demo_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: demo_keys(path).secret_key, range(32)))
    assert len(keys) == 1


def test_two_processes_at_once_get_the_same_demo_keys(var: Path) -> None:
    script = "from finsam_site import settings; print(settings.SECRET_KEY)"
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = {process.communicate()[0] for process in processes}
    assert len(answers) == 1
    assert answers.pop().startswith("demo-")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"secret_key": "x"}'])
def test_damaged_demo_keys_stop_the_start(content: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, {})
    (var / "keys.json").write_text(content)
    sentence = refusal(monkeypatch, {})
    assert "FINSAM_VAR" in sentence
    assert "skadad" in sentence


def test_demo_keys_open_to_others_stop_the_start(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, {})
    (var / "keys.json").chmod(0o644)
    assert "chmod 600" in refusal(monkeypatch, {})


@pytest.mark.parametrize(
    ("values", "broker", "cache"),
    [
        ({}, EMBEDDED_BROKER, "files"),
        ({"REDIS_URL": "redis://ko:1/0"}, "redis://ko:1/0", "redis://ko:1/0"),
        ({"CELERY_BROKER_URL": "amqp://broker//"}, "amqp://broker//", "files"),
        (
            {"REDIS_URL": "redis://ko:1/0", "CELERY_BROKER_URL": "amqp://broker//"},
            "amqp://broker//",
            "redis://ko:1/0",
        ),
    ],
)
def test_which_address_chooses_the_broker(
    values: dict[str, str], broker: str, cache: str, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CELERY_BROKER_URL before REDIS_URL before files. The cache is in Redis or files, whatever the broker."""
    settings = load(monkeypatch, values)
    assert settings["CELERY_BROKER_URL"] == settings["CELERY"]["broker_url"] == broker
    location = settings["CACHES"]["default"]["LOCATION"]
    assert location == (str(var / "cache") if cache == "files" else cache)
    # Celery looks into the environment itself: it must come to the same.
    script = "from finsam_site.celery import app; print(app.conf.broker_write_url, app.conf.broker_read_url)"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=dict(os.environ) | values, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.split() == [broker, broker]


# Production


def test_production_with_everything_set(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PRODUCTION)
    assert settings["FINSAM_MODE"] == "production"
    assert list(settings["ENCRYPTION_KEYS"]) == ["2026-b", "2026-a"]
    assert settings["FORBUND_EMPLOYEE_REGISTERS"] is False
    assert settings["FORBUND_EMPLOYEE_DECISION"] == "dnr 2026-17"
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert "SECURE_PROXY_SSL_HEADER" not in load(monkeypatch, PRODUCTION | {"FINSAM_PROXIES": "0"})
    assert settings["ERASURE_DECISION"] == ""
    assert settings["ALLOWED_HOSTS"] == ["finsam.example.se"]
    assert settings["SECURE_SSL_REDIRECT"] and settings["SESSION_COOKIE_SECURE"]
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "register")
    assert database["OPTIONS"] == {"sslmode": "require"}
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)
    assert not (var / "keys.json").exists()


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "FINSAM_MODE"])
def test_production_has_no_default(name: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = refusal(monkeypatch, {other: value for other, value in PRODUCTION.items() if other != name})
    assert sentence.startswith(f"{name} saknas")


def test_production_never_uses_the_demo_keys(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, {})
    for name in ("FINSAM_SECRET_KEY", "FINSAM_ENCRYPTION_KEYS", "FINSAM_INDEX_KEY"):
        sentence = refusal(
            monkeypatch, {other: value for other, value in PRODUCTION.items() if other != name}
        )
        assert sentence.startswith(f"{name} saknas")


def test_production_refuses_keys_that_demo_mode_made(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, {})
    kept = json.loads((var / "keys.json").read_text())
    under_another_id = "own:" + kept["encryption_keys"].partition(":")[2]
    for name, value in (
        ("FINSAM_SECRET_KEY", kept["secret_key"]),
        ("FINSAM_ENCRYPTION_KEYS", kept["encryption_keys"]),
        ("FINSAM_ENCRYPTION_KEYS", under_another_id),
        ("FINSAM_INDEX_KEY", kept["index_key"]),
    ):
        sentence = refusal(monkeypatch, PRODUCTION | {name: value})
        assert name in sentence
        assert "demonyckel" in sentence
        assert value not in sentence


def test_production_refuses_the_index_key_of_another_demo(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = base64.b64encode(DEMO_INDEX_MARK + secrets.token_bytes(32)).decode()
    assert "demonyckel" in refusal(monkeypatch, PRODUCTION | {"FINSAM_INDEX_KEY": marked})


def test_production_refuses_a_kept_index_key_without_mark(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, {})
    kept = json.loads((var / "keys.json").read_text())
    (var / "keys.json").write_text(json.dumps(kept | {"index_key": PRODUCTION["FINSAM_INDEX_KEY"]}))
    sentence = refusal(monkeypatch, PRODUCTION)
    assert sentence.startswith("FINSAM_INDEX_KEY är en demonyckel")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "sqlite:////data/finsam.db", "krävs PostgreSQL"),
        ("FINSAM_DEBUG", "yes", "förbjudet i produktion"),
        ("FINSAM_ALLOWED_HOSTS", "*", "inte är ett värdnamn"),
        ("FINSAM_FORBUND_EMPLOYEE_DECISION", "demo", "beslutets beteckning"),
        ("FINSAM_ERASURE_DECISION", "demo", "beslutets beteckning"),
        ("FINSAM_SAMTYCKE_DECISION", "demo", "beslutets beteckning"),
        ("FINSAM_DATA_PROTECTION_CONTACT", " ", "tom"),
        ("FINSAM_ENCRYPTION_KEYS", f"demo-1:{key()}", "demonyckel"),
    ],
)
def test_production_refuses(
    name: str, value: str, says: str, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = refusal(monkeypatch, PRODUCTION | {name: value})
    assert name in sentence
    assert says in sentence


def test_all_that_is_missing_in_production_is_told_at_once(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets up a server starts it twice, not ten times. Each fault is a line of its own."""
    text = refusal(monkeypatch, {"FINSAM_MODE": "production"})
    first, *lines = text.splitlines()
    assert first == f"{len(lines)} inställningar är fel."
    missing = [line.split()[1] for line in lines if "saknas" in line]
    assert set(missing) == set(PRODUCTION) - {"FINSAM_MODE"} and len(missing) == len(lines)


def test_faults_of_every_sort_are_told_at_once(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong by itself, wrong beside another, a demo key, misspelt; and none of them for another's sake."""
    wrong = {
        "DATABASE_URL": "sqlite:////data/finsam.db",
        "REDIS_URL": "hemligt@ko:6379",
        "FINSAM_DEBUG": "yes",
        "FINSAM_ENCRYPTION_KEYS": f"demo-1:{key()}",
        "FINSAM_ERASURE_DECISION": "demo",
        "FINSAM_FELREGISTRERING_DAYS": "trettio",
        "FINSAM_ERASURE_DECISON": "dnr 1",
        "FINSAM_SAMTYCKEDAYS": "3",
    }
    lines = refusal(monkeypatch, PRODUCTION | wrong).splitlines()[1:]
    assert sorted(line.split()[1].rstrip(":") for line in lines) == sorted(wrong)
    assert all(line.startswith("- ") and line.endswith(".") for line in lines)


def test_the_command_line_lists_every_fault(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line each, no traceback, and the start has failed."""
    monkeypatch.setenv("FINSAM_MODE", "production")
    answer = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == len(PRODUCTION)
    assert "Traceback" not in answer.stderr


# Wrong values


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FINSAM_MODE", "prod", "demo eller production"),
        ("FINSAM_MODE", "", "tom"),
        ("FINSAM_VAR", "/dev/null/data", "går inte att skapa"),
        ("FINSAM_DEBUG", "1", "yes eller no"),
        ("DATABASE_URL", "", "tom"),
        ("DATABASE_URL", "mysql://u:hemligt@db/finsam", "postgres://"),
        ("DATABASE_URL", "postgres://u:hemligt@db:port/finsam", "tolka"),
        ("DATABASE_URL", "postgres://u:hemligt@db:5432", "databasens namn"),
        ("DATABASE_URL", "sqlite://", "sökväg"),
        ("DATABASE_URL", "sqlite:////finns/inte/finsam.db", "”/finns/inte”"),
        ("REDIS_URL", "hemligt@ko:6379", "redis://"),
        ("REDIS_URL", "redis://:hemligt@ko:port/0", "porten"),
        ("CELERY_BROKER_URL", "amqp://u:hemligt@ko;amqp://u:hemligt@annan:66666", "porten"),
        ("CELERY_BROKER_URL", "sqs://hemligt", "amqp://"),
        ("FINSAM_JOB_LEASE_SECONDS", "1", "helt tal"),
        ("FINSAM_SECRET_KEY", "hemligt", "för kort"),
        ("FINSAM_SECRET_KEY", "a" * 60, "enformig"),
        ("FINSAM_ENCRYPTION_KEYS", key(), "id"),
        ("FINSAM_ENCRYPTION_KEYS", f"ÅR:{key()}", "id"),
        ("FINSAM_ENCRYPTION_KEYS", f"{'a' * 17}:{key()}", "id"),
        ("FINSAM_ENCRYPTION_KEYS", f"a:{key()},", "nummer 2"),
        ("FINSAM_ENCRYPTION_KEYS", f"a:{key()},a:{key()}", "två gånger"),
        ("FINSAM_ENCRYPTION_KEYS", "a:{0},b:{0}".format(key()), "densamma"),
        ("FINSAM_ENCRYPTION_KEYS", "a:hemligt!", "base64"),
        ("FINSAM_ENCRYPTION_KEYS", f"a:{key(31)}", "31 byte"),
        ("FINSAM_ENCRYPTION_KEYS", f"a:{key(33)}", "33 byte"),
        ("FINSAM_ENCRYPTION_KEYS", "a:" + base64.b64encode(bytes(32)).decode(), "slumpmässig"),
        ("FINSAM_INDEX_KEY", "hemligt!", "base64"),
        ("FINSAM_INDEX_KEY", key(16), "16 byte"),
        ("FINSAM_ALLOWED_HOSTS", "https://finsam.example.se", "värdnamn"),
        ("FINSAM_ALLOWED_HOSTS", "a.example,,b.example", "värdnamn"),
        ("FINSAM_FORBUND_EMPLOYEE_REGISTERS", "kanske", "yes eller no"),
        ("FINSAM_FELREGISTRERING_DAYS", "trettio", "helt tal"),
        ("FINSAM_FELREGISTRERING_DAYS", "-1", "helt tal"),
        ("FINSAM_FELREGISTRERING_DAYS", "10000", "helt tal"),
        ("FINSAM_SAMTYCKE_REMINDER_DAYS", "0", "helt tal"),
        ("FINSAM_SAMTYCKE_REMINDER_DAYS", "1.5", "helt tal"),
        ("FINSAM_ERASURE_DECISON", "dnr 1", "Menas FINSAM_ERASURE_DECISION?"),
    ],
)
def test_wrong_value_stops_with_a_sentence(
    name: str, value: str, says: str, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = refusal(monkeypatch, {name: value})
    assert name in sentence
    assert says in sentence
    assert sentence.endswith(".")
    assert "hemligt" not in sentence


def test_one_key_for_two_purposes_is_refused(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = key()
    values = {"FINSAM_ENCRYPTION_KEYS": f"a:{shared}", "FINSAM_INDEX_KEY": shared}
    assert refusal(monkeypatch, values).startswith("FINSAM_INDEX_KEY är densamma")


def test_erasure_decision_may_be_empty(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, {"FINSAM_ERASURE_DECISION": ""})["ERASURE_DECISION"] == ""


def test_the_command_line_says_the_sentence_and_nothing_else(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINSAM_MODE", "prod")
    answer = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("Finsam startar inte: FINSAM_MODE")
    assert len(answer.stderr.splitlines()) == 1


# What holds in the running tests


def test_the_tests_have_a_data_folder_of_their_own(settings: Any) -> None:
    assert settings.FINSAM_VAR != ROOT / "var"


def test_software_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == SOFTWARE_VERSION


@pytest.mark.django_db
def test_the_database_is_run_as_it_should() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
            return
        found = []
        for pragma in ("journal_mode", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {pragma}")
            found.append(cursor.fetchone()[0])
    assert found == ["wal", 1, 20000]


# Mail


def test_mail_in_demo_is_written_into_files(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {})
    assert settings["WEEKLY_MAIL"] and settings["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert settings["EMAIL_FILE_PATH"] == str(var / "mail")


def test_mail_in_production_is_off_until_all_of_it_is_set(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, PRODUCTION)["WEEKLY_MAIL"] is False
    text = refusal(monkeypatch, PRODUCTION | {"FINSAM_WEEKLY_MAIL": "yes"})
    assert all(f"{name} saknas" in text for name in ("FINSAM_ADDRESS", "FINSAM_MAIL_FROM", "EMAIL_URL"))
    settings = load(
        monkeypatch,
        PRODUCTION
        | {
            "FINSAM_WEEKLY_MAIL": "yes",
            "FINSAM_ADDRESS": "https://finsam.example.se/",
            "FINSAM_MAIL_FROM": "Finsam <finsam@example.se>",
            "EMAIL_URL": "smtp+tls://anna%40x:hemligt%2Flosen@mail.example.se",
        },
    )
    found = {
        name: settings[f"EMAIL_{name}"] for name in ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS")
    }
    assert list(found.values()) == ["mail.example.se", 587, "anna@x", "hemligt/losen", True]
    assert not settings["EMAIL_USE_SSL"] and settings["ADDRESS"] == "https://finsam.example.se"


def test_whoever_is_to_be_mailed_of_messages_needs_mail(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In production nobody is, and the statement has no operator and no contact, until they are set."""
    empty = load(monkeypatch, PRODUCTION)
    assert [empty[name] for name in ("OPERATOR", "ACCESSIBILITY_CONTACT", "ACCESSIBILITY_MAIL")] == [
        "",
        "",
        "",
    ]
    address = {"FINSAM_ACCESSIBILITY_MAIL": "tillganglighet@example.se"}
    text = refusal(monkeypatch, PRODUCTION | address)
    assert all(f"{name} saknas" in text for name in ("FINSAM_ADDRESS", "FINSAM_MAIL_FROM", "EMAIL_URL"))
    for wrong in ("Kansliet", "a@example.se, b@example.se"):
        text = refusal(monkeypatch, {"FINSAM_ACCESSIBILITY_MAIL": wrong})
        assert text.startswith("FINSAM_ACCESSIBILITY_MAIL") and "inte är en e-postadress" in text
    assert all(
        load(monkeypatch, {})[name] for name in ("OPERATOR", "ACCESSIBILITY_CONTACT", "ACCESSIBILITY_MAIL")
    )


@pytest.mark.parametrize(
    "url",
    ["mail.example.se:25", "smtp://", "file://mail", "smtp://x:hemligt@mail:port", "http://mail.example.se"],
)
def test_a_wrong_mail_url_is_told_without_its_password(
    var: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    text = refusal(monkeypatch, {"EMAIL_URL": url})
    assert text.startswith("EMAIL_URL") and "hemligt" not in text
