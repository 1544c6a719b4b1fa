"""A pytest plugin (pyproject.toml, addopts) that runs before the settings are loaded.

It takes away every FINSAM_ variable of the developer's shell and gives the run a data folder of its own, so that tests
never touch ./var. Only DATABASE_URL is kept: it decides which database the run is on.
"""

import atexit
import os
import shutil
import tempfile

import pytest


def _isolate() -> None:
    """Set the environment. In a worker of pytest-xdist the process that started it has done so already.

    Each worker has a folder of its own in there, as it has a database of its own: tests count files. In the Redis of
    tests.services it has a database of its own too: tests count what lies there, empty it, and what is kept there of
    a user or a förbund goes by ids that are those of others in the databases of other workers.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        if os.environ.get("REDIS_URL", "").endswith("/0"):
            os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'][:-1]}{worker.removeprefix('gw')}"
        own = os.path.join(os.environ["FINSAM_VAR"], worker)
        os.makedirs(own, mode=0o700, exist_ok=True)
        os.environ["FINSAM_VAR"] = own
        return
    for name in [name for name in os.environ if name.startswith("FINSAM_")]:
        if not name.startswith("FINSAM_TEST_"):
            del os.environ[name]
    folder = tempfile.mkdtemp(prefix="finsam-tests-")
    os.environ["FINSAM_VAR"] = folder
    # Not pytest_unconfigure: that is not called when the settings stop the start.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


_isolate()


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database the tests run on."""
    from django.db import connection

    return f"database: {connection.vendor}, FINSAM_VAR: {os.environ['FINSAM_VAR']}"
