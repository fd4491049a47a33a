"""Held plans: what a run would have done, kept until a person has approved it or it has become pointless."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub.store import codec
from hub.store.base import Tables
from hub.store.rows import chunks, marks

KEPT = 50
"""So many plans of a sync are remembered."""
COLUMNS = "run, sync, state, breaches, at"


class PlanState(StrEnum):
    """How far a held plan has come."""

    HELD = "held"
    SUPERSEDED = "superseded"
    """A later run has looked again: its plan is held instead, or there was nothing left to hold."""
    APPROVED = "approved"
    """A person has said yes, and it is not all carried out yet."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan that did too much to be carried out unasked.

    Args:
        run: The run that was held.
        breaches: What was too much, a sentence each.
        at: Since when this very plan waits.
    """

    run: str
    sync: str
    state: PlanState
    breaches: tuple[str, ...]
    at: datetime


class Plans(Tables):
    """The table of held plans. The plan of a run that planned the same as a later one stands with that one."""

    def hold_plan(
        self, run: str, sync: str, breaches: Sequence[str], plan: Sequence[Mapping[str, Any]], at: datetime
    ) -> HeldPlan:
        """Keep the plan of a held run; whatever waited before it does not any more."""
        shown, before = codec.text(plan), self.held_plan(sync)
        same = before is not None and self._text(before.run)[1] == shown
        since = before.at if same and before else at
        if same and before:
            self._run("UPDATE plans SET plan = ? WHERE run = ?", [codec.text(run), before.run])
        self.settle_plans(sync, [PlanState.HELD, PlanState.APPROVED], PlanState.SUPERSEDED)
        held = HeldPlan(run, sync, PlanState.HELD, tuple(breaches), since)
        self._run(
            "INSERT OR REPLACE INTO plans (run, sync, state, breaches, plan, at) VALUES (?, ?, ?, ?, ?, ?)",
            [run, sync, held.state, codec.text(list(breaches)), shown, codec.moment(since)],
        )
        self._forget_old(sync)
        return held

    def held_plan(self, sync: str) -> HeldPlan | None:
        """The plan of a sync that waits for approval."""
        found = self._plans("sync = ? AND state = ?", [sync, PlanState.HELD])
        return found[0] if found else None

    def plan_of(self, run: str) -> HeldPlan | None:
        """The plan for which a run was held."""
        found = self._plans("run = ?", [run])
        return found[0] if found else None

    def entries_of(self, run: str) -> list[dict[str, Any]]:
        """What a held run would have done, in the shape of a run report's plan."""
        entries = codec.data_of(self._text(run)[1])
        return list(entries)

    def led_to(self, run: str, sync: str, keys: Iterable[str]) -> str:
        """The held run, *run* or one before, that judged most of what has changed of *keys*: the one to undo."""
        known = {held.run for held in self._plans("sync = ?", [sync])} | {run}
        counted: Counter[str] = Counter()
        for some in chunks(keys):
            sql = f"""SELECT run FROM
                      (SELECT coalesce(max(v.id), e.begun) AS last FROM entities AS e LEFT JOIN events AS v ON v.key = e.key
                       WHERE e.key IN ({marks(some)}) GROUP BY e.key) JOIN events AS told ON told.id = last"""
            counted.update(judged for (judged,) in self._rows(sql, some) if judged in known)
        return counted.most_common(1)[0][0] if counted else run

    def approved_plans(self, sync: str) -> list[HeldPlan]:
        """The plans that a person has approved, and that are not all carried out."""
        return self._plans("sync = ? AND state = ?", [sync, PlanState.APPROVED])

    def approve_plan(self, run: str) -> None:
        """A person has said yes to it."""
        self._run("UPDATE plans SET state = ? WHERE run = ?", [PlanState.APPROVED, run])

    def settle_plans(self, sync: str, states: Iterable[PlanState], state: PlanState) -> None:
        """The plans of a sync that are in one of *states* are in *state* from now on."""
        self._many(
            "UPDATE plans SET state = ? WHERE sync = ? AND state = ?", ((state, sync, before) for before in states)
        )

    def _text(self, run: str) -> tuple[str, str]:
        """Which run a plan stands with, and the plan."""
        shown = self._rows("SELECT plan FROM plans WHERE run = ?", [run])[0][0]
        return (run, shown) if shown.startswith("[") else self._text(codec.data_of(shown))

    def _plans(self, where: str, values: Sequence[Any]) -> list[HeldPlan]:
        rows = self._rows(f"SELECT {COLUMNS} FROM plans WHERE {where} ORDER BY at, length(run), run", values)
        return [
            HeldPlan(run, sync, PlanState(state), tuple(codec.data_of(breaches)), codec.instant(at))
            for run, sync, state, breaches, at in rows
        ]

    def _forget_old(self, sync: str) -> None:
        rows = self._rows("SELECT run FROM plans WHERE sync = ? ORDER BY length(run) DESC, run DESC", [sync])
        self._many("DELETE FROM plans WHERE run = ?", rows[KEPT:])
