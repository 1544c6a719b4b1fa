"""The workbook of an uttag, kept in the cache once it is made: making it takes seconds, and it is always the same.

As the tables (`report.store`) it goes by itself after a week, and is made anew when anything it says is another: the
uttag, the definitions, the program, the marks. It holds no person. Without a cache every look makes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from reporting.tables.compute import TableResult
from reporting.tables.definitions import DEFINITIONS_VERSION
from reporting.workbook.sheet import INTERN
from reporting.workbook.writer import write_workbook

WEEK = 7 * 24 * 3600

logger = logging.getLogger(__name__)


def kept_workbook(meta: Mapping[str, object]) -> bytes | None:
    """The workbook that was made of the uttag that `meta` tells of, None where there is none."""
    try:
        found = cache.get(_key(meta))
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises: a download never fails by it
        logger.warning("the workbook of an uttag cannot be fetched (%s)", type(error).__name__)
        return None
    return base64.b64decode(found) if found else None


def make_workbook(meta: Mapping[str, object], tables: Sequence[TableResult]) -> bytes:
    """Write the internal workbook and keep it."""
    parent = settings.FINSAM_VAR / "tmp"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        content = write_workbook(Path(folder) / "uttag.xlsx", meta, tables).read_bytes()
    try:
        cache.set(_key(meta), base64.b64encode(content).decode(), WEEK)
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("the workbook of an uttag cannot be kept (%s)", type(error).__name__)
    return content


def _key(meta: Mapping[str, object]) -> str:
    said = json.dumps([dict(meta), INTERN, DEFINITIONS_VERSION, settings.SOFTWARE_VERSION], sort_keys=True)
    return f"arbetsbok:{hashlib.sha256(said.encode()).hexdigest()}"
