"""The environment of the bench of pages: production mode, with keys of its own."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

HOST = "finsam.example"


def like_production(folder: Path) -> dict[str, str]:
    """What production demands, made up; DATABASE_URL and REDIS_URL are there. folder: where FINSAM_VAR goes."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.bench.pages_settings",
        "FINSAM_MODE": "production",
        "FINSAM_VAR": str(folder / "var"),
        "FINSAM_ALLOWED_HOSTS": HOST,
        "FINSAM_PROXIES": "1",
        "FINSAM_SECRET_KEY": secrets.token_urlsafe(60),
        "FINSAM_ENCRYPTION_KEYS": f"bench-1:{_key()}",
        "FINSAM_INDEX_KEY": _key(),
        "FINSAM_FORBUND_EMPLOYEE_REGISTERS": "no",
        "FINSAM_FORBUND_EMPLOYEE_DECISION": "bench-1",
        "FINSAM_SAMTYCKE_DECISION": "bench-2",
        "FINSAM_DATA_PROTECTION_CONTACT": "bench-1",
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")
