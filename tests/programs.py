"""The programs that the tests need beside Python: found, installed from the distribution where that may be, or named.

Nothing is skipped for want of a program: what is missing stops the run with a sentence.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PACKAGE = "postgresql"
REDIS_PACKAGE = "redis-server"
CHROMIUM_PACKAGE = "chromium"
LIBREOFFICE_PACKAGE = "libreoffice-calc"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PA11Y = Path(__file__).parent / "browser" / "pa11y"
"""What `make audit` has of npm."""


def fail(sentence: str) -> NoReturn:
    """Say what is missing and stop with exit code 2."""
    print(f"tests.services: {sentence}", file=sys.stderr, flush=True)
    raise SystemExit(2)


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first; None where there is none."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates = sorted(found, key=lambda path: int(path.parent.name), reverse=True)
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            candidates.append(Path(answer.stdout.strip()))
    server = shutil.which("initdb")
    if server:
        candidates.append(Path(server).resolve().parent)
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    return None


def require_binaries() -> Path:
    """As `find_binaries`, but installs PostgreSQL from the distribution where that is possible, else stops."""
    return require(find_binaries, PACKAGE, "PostgreSQL (the programs initdb and postgres)")


def require_redis() -> Path:
    """The program redis-server, installed where that is possible, else stops."""
    return require(lambda: find_program("redis-server"), REDIS_PACKAGE, "Redis (the program redis-server)")


def require_chromium() -> Path:
    """The browser for the browser tests, installed where that is possible, else stops."""
    return require(lambda: find_program(*CHROMIUM_NAMES), CHROMIUM_PACKAGE, "Chromium")


def require_libreoffice() -> Path:
    """The program soffice of LibreOffice Calc, installed where that is possible, else stops."""
    return require(
        lambda: find_program("soffice"), LIBREOFFICE_PACKAGE, "LibreOffice Calc (the program soffice)"
    )


def require_pa11y() -> None:
    """pa11y in its folder as the lock file there says, by npm; Node.js and npm installed where that is possible."""
    require_node()
    npm = require(lambda: find_program("npm"), "npm", "npm")
    installed = PA11Y / "node_modules" / ".package-lock.json"
    lock = PA11Y / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    if subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"], cwd=PA11Y, stdout=sys.stderr, check=False
    ).returncode:
        fail(f"`npm ci` in {PA11Y} failed, see above: pa11y is missing.")


def require_node() -> Path:
    """The program node, installed where that is possible, else stops."""
    return require(lambda: find_program("node", "nodejs"), "nodejs", "Node.js (the program node)")


def find_program(*names: str) -> Path | None:
    """The first of these programs that is there."""
    return next((Path(found) for found in map(shutil.which, names) if found), None)


def require(find: Callable[[], Path | None], package: str, what: str) -> Path:
    """What `find` finds, after installing `package` if need be. Stops with a sentence when it is not to be had."""
    found = find()
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(
            f"{what} is missing. Install it and run again; on Debian and Ubuntu: sudo apt-get install {package}"
        )
    print(
        f"tests.services: {what} is missing; installing the package {package}.", file=sys.stderr, flush=True
    )
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
        if subprocess.run(
            ["apt-get", *arguments], env=environment, stdout=sys.stderr, check=False
        ).returncode:
            fail(
                f"`apt-get {' '.join(arguments)}` failed, see above. Install {package} by hand and run again."
            )
    found = find()
    if not found:
        fail(f"{package} was installed, but {what} is not found.")
    return found


def server_user() -> pwd.struct_passwd | None:
    """The OS user to run the server as; None: the one we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    fail("root may not run PostgreSQL, and there is neither an OS user `postgres` nor `nobody` to run it as.")


if __name__ == "__main__":
    # `python -m tests.programs libreoffice pa11y`, for `make audit`
    for name in sys.argv[1:]:
        {"libreoffice": require_libreoffice, "pa11y": require_pa11y}[name]()
