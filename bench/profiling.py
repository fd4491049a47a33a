"""Where a first sync spends its time, by function of the hub."""

import cProfile
import tempfile
from pathlib import Path
from types import CodeType

import hub
from bench.engine import filled
from bench.tables import Figures

MOST = 15
ROOT = Path(hub.__file__).resolve().parent
COLUMNS = ("function", "calls", "cumulative s", "own s")
NOTE = "cumulative: with all that the function calls. The profiler makes everything slower, small functions most."


async def profiled(size: int) -> Figures:
    """The functions of the hub in which a first sync of *size* requirements spends most."""
    with tempfile.TemporaryDirectory() as folder:
        two, profile = filled(Path(folder), size), cProfile.Profile()
        profile.enable()
        try:
            await two.sync()
        finally:
            profile.disable()
    ours = [
        (_place(entry.code), entry.callcount, entry.totaltime, entry.inlinetime)
        for entry in profile.getstats()
        if isinstance(entry.code, CodeType) and ROOT in Path(entry.code.co_filename).parents
    ]
    ours.sort(key=lambda row: -row[2])
    return Figures(f"A first sync of {size:,} requirements, profiled", COLUMNS, [*ours[:MOST]], NOTE)


def _place(code: CodeType) -> str:
    file = Path(code.co_filename).relative_to(ROOT.parent)
    return f"{file}:{code.co_firstlineno} {code.co_qualname}"
