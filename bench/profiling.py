"""Where a run spends its time, by function of the hub."""

import cProfile
import tempfile
from pathlib import Path
from types import CodeType
from typing import Any

import hub
from bench.stand import Stand
from bench.tables import Figures

MOST = 15
ROOT = Path(hub.__file__).resolve().parent
COLUMNS = ("function", "calls", "cumulative s", "own s")
NOTE = "cumulative: with all that the function calls. The profiler makes everything slower, small functions most."


async def profiled(size: int) -> list[Figures]:
    """The functions of the hub in which runs over *size* requirements spend most time."""
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        stand.fill(size)
        first = await _profile(stand, f"A first sync of {size:,} requirements, profiled")
        await stand.sync()
        quiet = await _profile(stand, f"A quiet run over {size:,} requirements, profiled")
        full = await _profile(stand, f"A full compare of {size:,} requirements, profiled", full=True)
    return [first, quiet, full]


async def _profile(stand: Stand, title: str, **more: Any) -> Figures:
    profile = cProfile.Profile()
    profile.enable()
    try:
        await stand.sync(**more)
    finally:
        profile.disable()
    ours = [
        (_place(entry.code), entry.callcount, entry.totaltime, entry.inlinetime)
        for entry in profile.getstats()
        if isinstance(entry.code, CodeType) and ROOT in Path(entry.code.co_filename).parents
    ]
    ours.sort(key=lambda row: -row[2])
    return Figures(title, COLUMNS, [*ours[:MOST]], NOTE)


def _place(code: CodeType) -> str:
    file = Path(code.co_filename).relative_to(ROOT.parent)
    return f"{file}:{code.co_firstlineno} {code.co_qualname}"
