"""What a run reports: one value that the command line, the dashboard and the store all show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXIT_CODES = {"done": 0, "held": 1, "problems": 1, "failed": 3}


@dataclass(frozen=True, slots=True)
class Report:
    """A run in the shape that scripts rely on.

    Args:
        outcome: `done`, `held` (the plan waits for approval), `problems` (something is left) or `failed` (nothing was done).
        spokes: By name: read, calls, writes, and by kind how many records met each end.
        plan: What would be done; only of a dry run, and of one that was held.
    """

    sync: str
    run: str
    outcome: str
    dry_run: bool
    seconds: float
    spokes: Mapping[str, Mapping[str, Any]]
    problems: tuple[Mapping[str, Any], ...] = ()
    plan: tuple[Mapping[str, Any], ...] | None = field(default=None)

    @property
    def exit_code(self) -> int:
        """0 done, 1 with problems left, 3 could not run."""
        return EXIT_CODES[self.outcome]

    @property
    def writes(self) -> int:
        """How many records were written, on all spokes."""
        return sum(spoke["writes"] for spoke in self.spokes.values())

    def as_json(self, *, plan: bool = True) -> dict[str, Any]:
        """The run report, without its *plan* where that is kept elsewhere."""
        shown: dict[str, Any] = {
            "sync": self.sync,
            "run": self.run,
            "outcome": self.outcome,
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 3),
            "spokes": dict(self.spokes),
            "problems": list(self.problems),
        }
        return shown if self.plan is None or not plan else {**shown, "plan": list(self.plan)}
