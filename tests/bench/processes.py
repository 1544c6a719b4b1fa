"""What other processes on this machine have worked, read from /proc (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of_tree(pid: int) -> float:
    """Seconds of CPU of a process, of its children that live, and of those that have ended; 0 where it is not seen."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / TICKS  # utime, stime, cutime, cstime
    return own + sum(cpu_of_tree(int(child)) for child in children)


def postmaster() -> int:
    """The process id of the PostgreSQL server, when it runs on this machine; else one that is nobody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    status = Path(f"/proc/{backend}/stat")
    return int(status.read_text().rpartition(")")[2].split()[1]) if status.exists() else 0
