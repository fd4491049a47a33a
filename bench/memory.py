"""``python -m bench.memory SIZE``: the most memory that a hub of that size ever took, step by step, as JSON.

A process of its own for each size, because the figure of a process never falls; and shelves that keep their records in
files, because those of real services are not in the hub's memory either.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.rest import SPOKES
from bench.stand import Stand
from bench.tables import Figures

PEAK = Figures(
    "Peak memory",
    ("requirements", "after import", "first sync", "quiet run", "full compare", "10 % changed", "aim"),
    note="MB, three spokes, the most until then: of a process of its own, with shelves that keep their records in files.",
)
AIM = "200 MB, at any size"
ROOT = Path(__file__).resolve().parent.parent
STATUS = Path("/proc/self/status")


def memory(sizes: Sequence[int]) -> list[Figures]:
    """The peaks of a child process for each number of requirements in *sizes*."""
    peaks = PEAK.empty()
    for size in sizes:
        told = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "bench.memory", str(size)], cwd=ROOT, check=True, capture_output=True, text=True
        )
        peaks.rows.append((size, *json.loads(told.stdout), AIM))
    return [peaks]


def peak() -> float:
    """The most memory that this process ever had, in MB.

    `VmHWM` belongs to the program; `ru_maxrss`, the only one there is elsewhere, may have been inherited on Linux from the
    process that started it (getrusage(2), proc_pid_status(5)).
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1024**2


async def peaks(size: int) -> list[float]:
    """The peak after each step that `PEAK` names."""
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), SPOKES, in_files=True)
        stand.fill(size)
        found = [peak()]
        await stand.sync()
        found.append(peak())
        await stand.sync()
        await stand.sync()
        found.append(peak())
        await stand.sync(full=True)
        found.append(peak())
        stand.edit(max(1, size // 10))
        await stand.sync()
        return [round(each, 1) for each in (*found, peak())]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(peaks(int(sys.argv[1])))))  # noqa: T201
