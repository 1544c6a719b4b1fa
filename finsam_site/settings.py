"""The settings, all of them. What may differ between installations comes from the environment.

With nothing set it is demo mode: SQLite and keys made once, both under FINSAM_VAR. `FINSAM_MODE=production` takes
nothing for granted: it demands PostgreSQL, every key and the decisions that the register rests on. Wrong values stop
the start, each with a sentence that says which variable is wrong (finsam_site/environment.py).
"""

import re
from pathlib import Path

from finsam_site import SOFTWARE_VERSION as _SOFTWARE_VERSION
from finsam_site.demo_keys import demo_key_faults, demo_keys, read_demo_keys
from finsam_site.environment import (
    DEMO,
    REQUIRED,
    Environment,
)
from finsam_site.jobs.broker import EMBEDDED_BROKER, cache_settings, celery_settings
from finsam_site.log import LOGGING as LOGGING

BASE_DIR = Path(__file__).resolve().parent.parent

_environment = Environment(gather=True)

# How it runs

FINSAM_MODE = _environment.choice("FINSAM_MODE", (DEMO, "production"), DEMO)
_production = FINSAM_MODE == "production"
FINSAM_VAR = _environment.folder("FINSAM_VAR", BASE_DIR / "var")
_environment.stop_if_wrong()  # What else is right depends on these two.
SOFTWARE_VERSION = _SOFTWARE_VERSION
FINSAM_PORT = _environment.number("FINSAM_PORT", 8000, minimum=1, maximum=65535)
"""The port of `make run`; the next free one is taken when this is not."""

DEBUG = _environment.yes_no("FINSAM_DEBUG", False)
if DEBUG and _production:
    _environment.refuse(
        "FINSAM_DEBUG är yes, men felsökningsläget visar personuppgifter på felsidor och är förbjudet i produktion. "
        "Ta bort variabeln."
    )

# Keys. SECRET_KEY signs sessions; ENCRYPTION_KEYS (id -> 32 bytes, the first encrypts, all decrypt) hide identities;
# INDEX_KEY makes the keyed hash by which a person number is found.

_keys_file = FINSAM_VAR / "keys.json"
_demo = None if _production else demo_keys(_keys_file)
SECRET_KEY = _environment.secret("FINSAM_SECRET_KEY", _demo.secret_key if _demo else REQUIRED)
ENCRYPTION_KEYS = _environment.encryption_keys(
    "FINSAM_ENCRYPTION_KEYS", _demo.encryption_keys if _demo else REQUIRED
)
INDEX_KEY = _environment.index_key("FINSAM_INDEX_KEY", _demo.index_key if _demo else REQUIRED)
if INDEX_KEY in ENCRYPTION_KEYS.values():
    _environment.refuse(
        "FINSAM_INDEX_KEY är densamma som en nyckel i FINSAM_ENCRYPTION_KEYS. Skapa en egen nyckel för indexet."
    )
if _production:
    # The file is read only to refuse what stands in it.
    for _fault in demo_key_faults(
        secret_key=SECRET_KEY,
        encryption_keys=ENCRYPTION_KEYS,
        index_key=INDEX_KEY,
        kept=read_demo_keys(_keys_file) if _keys_file.exists() else None,
    ):
        _environment.refuse(_fault)

# Decisions and time limits

FORBUND_EMPLOYEE_REGISTERS = _environment.yes_no(
    "FINSAM_FORBUND_EMPLOYEE_REGISTERS", REQUIRED if _production else True
)
"""May somebody employed by a förbund be deltagaransvarig (DOMAIN §2)."""

FORBUND_EMPLOYEE_DECISION = _environment.text(
    "FINSAM_FORBUND_EMPLOYEE_DECISION", REQUIRED if _production else DEMO
)
"""The reference of the decision that the setting above rests on."""

ERASURE_DECISION = _environment.text(
    "FINSAM_ERASURE_DECISION", "" if _production else DEMO, may_be_empty=True
)
"""The reference of the gallringsbeslut where none is recorded (`beslut`); empty: identities are locked, not erased."""

SAMTYCKE_DECISION = _environment.text("FINSAM_SAMTYCKE_DECISION", REQUIRED if _production else DEMO)
"""The reference of the decision on what samtycke is legally, where none is recorded (DOMAIN §4)."""

for _name, _decision in (
    ("FINSAM_FORBUND_EMPLOYEE_DECISION", FORBUND_EMPLOYEE_DECISION),
    ("FINSAM_ERASURE_DECISION", ERASURE_DECISION),
    ("FINSAM_SAMTYCKE_DECISION", SAMTYCKE_DECISION),
):
    if _production and _decision == DEMO:
        _environment.refuse(f"{_name} är ”demo”. I produktion krävs beslutets beteckning, till exempel dnr.")

FELREGISTRERING_DAYS = _environment.number("FINSAM_FELREGISTRERING_DAYS", 30, minimum=0, maximum=366)
"""Days after which the identity of a deltagande with avslutsanledning `felregistrering` is removed (DOMAIN §3)."""

SAMTYCKE_REMINDER_DAYS = _environment.number("FINSAM_SAMTYCKE_REMINDER_DAYS", 90, minimum=1, maximum=3660)
"""Days to wait for the original of a samtycke before reminding; the deltagande is restricted if it never comes."""

OPEN_LONG_DAYS = _environment.number("FINSAM_OPEN_LONG_DAYS", 730, minimum=30, maximum=3660)
"""Days after which a deltagande that stands open is asked about: the report's "över två år" (REPORTS §2), and so a year
before the table of quality counts it as forgotten."""

DATA_PROTECTION_CONTACT = _environment.text(
    "FINSAM_DATA_PROTECTION_CONTACT",
    REQUIRED
    if _production
    else "Dataskyddsombudet, Samordningsbyrån, som är påhittad, dataskydd@demo.example",
)
"""Name, address and telephone of the dataskyddsombud, for the sheet that a participant takes home: without it nobody
could withdraw without meeting the staff (DOMAIN §4). Never empty."""

OPERATOR = _environment.text(
    "FINSAM_OPERATOR", "" if _production else "Samordningsbyrån, som är påhittad,", may_be_empty=True
)
"""The organisation that answers for the site, in the accessibility statement. Empty: the statement says that it is not
told."""

ACCESSIBILITY_CONTACT = _environment.text(
    "FINSAM_ACCESSIBILITY_CONTACT",
    "" if _production else "Samordningsbyrån, tillganglighet@demo.example",
    may_be_empty=True,
)
"""Whom readers of the statement can turn to besides its form: name, e-mail, telephone. Empty: it says that there is
nobody."""

DRAFT_DAYS = _environment.number("FINSAM_DRAFT_DAYS", 14, minimum=1, maximum=90)
"""Days after which a draft that nobody has touched is removed."""

IMPORT_REPORT_DAYS = _environment.number("FINSAM_IMPORT_REPORT_DAYS", 30, minimum=1, maximum=366)
"""Days after which the list of what was wrong with an imported register is removed."""

MESSAGE_DAYS = _environment.number("FINSAM_MESSAGE_DAYS", 90, minimum=1, maximum=3660)
"""Days after which a message about accessibility that is dealt with is removed."""

JOB_DAYS = _environment.number("FINSAM_JOB_DAYS", 365, minimum=1, maximum=3660)
"""Days after which the row of a job that has ended is removed. What it made (an uttag) stays."""

# Applications

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "finsam_site.ui",
    "finsam_site.access",
    "finsam_site.jobs",
    "finsam_site.accessibility",
    "registration",
    "reporting",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "finsam_site.access.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "finsam_site.access.middleware.SessionLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    # Innermost: what it puts into one transaction is the view and the rendering of its page.
    "finsam_site.access.middleware.ActingMiddleware",
]

ROOT_URLCONF = "finsam_site.urls"
WSGI_APPLICATION = "finsam_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "finsam_site.ui.context.page",
                "finsam_site.guide.help.help_link",
            ],
        },
    },
]

# Data

DATABASES = {
    "default": _environment.database(
        "DATABASE_URL", sqlite_default=FINSAM_VAR / "finsam.sqlite3", allow_sqlite=not _production
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FINSAM_VAR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # In production the files are collected, compressed and named by their content; a demo serves them as they lie.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "uttag": {"BACKEND": "reporting.uttag.storage.DatabaseStorage"},
}

# Jobs: Celery, its broker, and the cache through which progress is told (docs/decisions/0009-jobs.md)

REDIS_URL = _environment.address("REDIS_URL", ("redis", "rediss"), "")
CELERY_BROKER_URL = _environment.address(
    "CELERY_BROKER_URL",
    ("redis", "rediss", "amqp", "amqps"),
    REDIS_URL or ("" if _production else EMBEDDED_BROKER),
)
if not CELERY_BROKER_URL:
    _environment.refuse(
        "REDIS_URL saknas, och CELERY_BROKER_URL också. I produktion krävs en kö. Ange till exempel "
        "REDIS_URL=redis://värd:6379/0."
    )

JOB_LEASE_SECONDS = _environment.number("FINSAM_JOB_LEASE_SECONDS", 15, minimum=2, maximum=600)
"""How long a job stays with a worker that is no longer heard of. It is heard of five times in that time."""

JOB_SWEEP_SECONDS = _environment.number("FINSAM_JOB_SWEEP_SECONDS", 5, minimum=1, maximum=300)
"""How often beat looks for jobs that nobody has started, or whose worker is gone."""

JOB_MAX_SECONDS = _environment.number("FINSAM_JOB_MAX_SECONDS", 3600, minimum=10, maximum=86400)
"""How long one try of a job may take before it is stopped."""

JOB_MAX_ATTEMPTS = _environment.number("FINSAM_JOB_MAX_ATTEMPTS", 3, minimum=1, maximum=20)
"""Tries of a job whose worker died under it, before it is given up with a sentence."""

CELERY = celery_settings(
    CELERY_BROKER_URL, var=FINSAM_VAR, sweep_seconds=JOB_SWEEP_SECONDS, max_seconds=JOB_MAX_SECONDS
)
"""What Celery is set to (finsam_site/celery.py reads it)."""

CACHES = {"default": cache_settings(REDIS_URL, var=FINSAM_VAR)}

# Mail: the weekly one (registration/digest.py), and that messages about accessibility have come

WEEKLY_MAIL = _environment.yes_no("FINSAM_WEEKLY_MAIL", not _production)
"""Whether users are told by mail, once a week, how much waits for them. Each can switch it off too."""

ACCESSIBILITY_MAIL = _environment.text(
    "FINSAM_ACCESSIBILITY_MAIL", "" if _production else "tillganglighet@demo.example", may_be_empty=True
)
"""The address that is told when messages about accessibility have come. Empty: they stand in their list only."""
if ACCESSIBILITY_MAIL and not re.fullmatch(r"[^@\s,;]+@[^@\s,;]+", ACCESSIBILITY_MAIL):
    _environment.refuse(
        f"FINSAM_ACCESSIBILITY_MAIL är ”{ACCESSIBILITY_MAIL}”, som inte är en e-postadress. Ange en, eller ta bort "
        "variabeln."
    )

_needs_mail = _production and (WEEKLY_MAIL or bool(ACCESSIBILITY_MAIL))

ADDRESS = _environment.address(
    "FINSAM_ADDRESS",
    ("https",) if _production else ("http", "https"),
    REQUIRED if _needs_mail else f"http://localhost:{FINSAM_PORT}",
).rstrip("/")
"""Where users find the product; what links in mails begin with."""

DEFAULT_FROM_EMAIL = _environment.text(
    "FINSAM_MAIL_FROM", REQUIRED if _needs_mail else "Finsam <finsam@localhost>"
)
"""Whom mails come from."""

_mail = _environment.mail("EMAIL_URL", REQUIRED if _needs_mail else f"file://{FINSAM_VAR / 'mail'}")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_TIMEOUT = _mail["EMAIL_TIMEOUT"]
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH")
EMAIL_HOST = _mail.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)

# Users and sessions

AUTH_USER_MODEL = "access.User"
UPPDRAG_MODEL = "registration.Uppdrag"
LOGIN_URL = "access:log_in"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Security. Demo mode is plain HTTP on one machine; production is HTTPS only.

ALLOWED_HOSTS = _environment.hosts(
    "FINSAM_ALLOWED_HOSTS", REQUIRED if _production else ["localhost", "127.0.0.1", "[::1]"]
)
PROXIES = _environment.number("FINSAM_PROXIES", REQUIRED if _production else 0, minimum=0, maximum=5)
"""How many proxies of our own stand before the web server. Each adds the address it was asked from to X-Forwarded-For;
without the right number all users seem to have one address, and share the limit of wrong log-ins. The outermost must
overwrite X-Forwarded-Proto, which says whether the user came by HTTPS."""
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOCK_SECONDS = 5
"""So long a page waits for what somebody else has locked; then its user is asked to try again (503)."""

SESSION_IDLE_MINUTES = 30
SESSION_HOURS = 10
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# On SQLite a running job holds the only write lock, and nobody could log in beside it: sessions are files there.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    SESSION_ENGINE = "finsam_site.access.file_sessions"
    SESSION_FILE_PATH = FINSAM_VAR / "sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = _production
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _production
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _production
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _production
SECURE_HSTS_PRELOAD = _production
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "finsam_site.access.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Look

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Language and time

LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [("anvandarguide", BASE_DIR / "docs" / "anvandarguide" / "bilder")]
"""The pictures of the user guide: of invented people, like those of the README."""
# In demo mode nothing is collected: whitenoise serves the files from where they lie.
STATIC_ROOT = FINSAM_VAR / "static" if _production else None
WHITENOISE_USE_FINDERS = not _production

_environment.refuse_unknown("FINSAM_", except_prefix="FINSAM_TEST_")
_environment.stop_if_wrong()
