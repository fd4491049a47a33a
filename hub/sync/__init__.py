"""One pass of a sync: pull, judge, plan, push; and what it reports."""

from hub.sync.progress import Progress, Silence
from hub.sync.report import Report
from hub.sync.run import Run

__all__ = ["Progress", "Report", "Run", "Silence"]
