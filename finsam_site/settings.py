"""The settings, all of them. What may differ between installations comes from the environment.

With nothing set it is demo mode: SQLite and keys made once, both under FINSAM_VAR. `FINSAM_MODE=production` takes
nothing for granted: it demands PostgreSQL, every key and the decisions that the register rests on. A wrong value stops
the start with a sentence that says which variable is wrong (finsam_site/environment.py).
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from finsam_site import SOFTWARE_VERSION as _SOFTWARE_VERSION
from finsam_site.environment import (
    DEMO,
    REQUIRED,
    Environment,
    demo_keys,
    read_demo_keys,
    refuse_demo_keys,
)

BASE_DIR = Path(__file__).resolve().parent.parent

_environment = Environment()

# How it runs

FINSAM_MODE = _environment.choice("FINSAM_MODE", (DEMO, "production"), DEMO)
_production = FINSAM_MODE == "production"
FINSAM_VAR = _environment.folder("FINSAM_VAR", BASE_DIR / "var")
SOFTWARE_VERSION = _SOFTWARE_VERSION

DEBUG = _environment.yes_no("FINSAM_DEBUG", False)
if DEBUG and _production:
    raise ImproperlyConfigured(
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
    raise ImproperlyConfigured(
        "FINSAM_INDEX_KEY är densamma som en nyckel i FINSAM_ENCRYPTION_KEYS. Skapa en egen nyckel för indexet."
    )
if _production:
    # The file is read only to refuse what stands in it.
    refuse_demo_keys(
        secret_key=SECRET_KEY,
        encryption_keys=ENCRYPTION_KEYS,
        index_key=INDEX_KEY,
        kept=read_demo_keys(_keys_file) if _keys_file.exists() else None,
    )

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
"""The reference of the gallringsbeslut; empty: the software restricts instead of erasing."""

for _name, _decision in (
    ("FINSAM_FORBUND_EMPLOYEE_DECISION", FORBUND_EMPLOYEE_DECISION),
    ("FINSAM_ERASURE_DECISION", ERASURE_DECISION),
):
    if _production and _decision == DEMO:
        raise ImproperlyConfigured(
            f"{_name} är ”demo”. I produktion krävs beslutets beteckning, till exempel dnr."
        )

FELREGISTRERING_DAYS = _environment.number("FINSAM_FELREGISTRERING_DAYS", 30, minimum=0, maximum=366)
"""Days after which the identity of a deltagande with avslutsanledning `felregistrering` is removed (DOMAIN §3)."""

SAMTYCKE_REMINDER_DAYS = _environment.number("FINSAM_SAMTYCKE_REMINDER_DAYS", 90, minimum=1, maximum=3660)
"""Days to wait for the original of a samtycke before reminding; the deltagande is restricted if it never comes."""

# Applications

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "finsam_site.access",
    "registration",
    "reporting",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "uttag": {"BACKEND": "reporting.uttag.storage.DatabaseStorage"},
}

# Users and sessions

AUTH_USER_MODEL = "access.User"
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

# Language and time

LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"

# Log: plain lines on stderr, for whatever runs the process to keep.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers give way to the one above; nothing is mailed, as a traceback may hold personal data.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
    },
}

_environment.refuse_unknown("FINSAM_", except_prefix="FINSAM_TEST_")
