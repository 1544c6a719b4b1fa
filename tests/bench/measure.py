"""Small helpers to measure with: peak memory, medians with their spread, what the machine is."""

from __future__ import annotations

import os
import platform
import re
import resource
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("django", "psycopg", "duckdb", "pandas", "numpy")


@dataclass(frozen=True)
class Spread:
    """Median, least and most of some runs."""

    median: float
    least: float
    most: float
    runs: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1], len(found))

    def text(self, digits: int = 2, unit: str = "") -> str:
        """`1.23 s (1.20-1.31, 3 runs)`."""
        runs = f"{self.runs} runs" if self.runs > 1 else "one run"
        inside = f"{self.least:,.{digits}f}–{self.most:,.{digits}f}, {runs}" if self.runs > 1 else runs
        return f"{self.median:,.{digits}f}{unit} ({inside})"


class Stopwatch:
    """Adds up seconds under names: `with watch("tables"): …`. `cpu` is what all threads of this process worked."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begun, worked = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
            self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - worked


def peak_mb() -> float:
    """The most memory this process has had resident, in MB (10^6 bytes).

    Linux tells it for the program that runs now; `getrusage`, which serves elsewhere, also counts what the
    process was before it became this program.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def machine() -> dict[str, str]:
    """What the figures were measured on, in words."""
    cpu, memory = platform.processor() or platform.machine(), "unknown"
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        cpu = found[1].strip() if found else cpu
    if Path("/proc/meminfo").exists():
        total = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        memory = f"{int(total[1]) * 1024 / 1e9:.0f} GB" if total else memory
    return {
        "CPU": f"{cpu}, {os.cpu_count()} cores",
        "memory": memory,
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


def load_average() -> float:
    """How many processes were at work in the last minute, ours included."""
    return os.getloadavg()[0]
