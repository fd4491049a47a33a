"""A delivery team at work in three services, while the process that keeps them in step is killed over and over."""

import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.sandbox import Sandbox, SandboxServer, create_app
from hub.sdk.sandbox.faults import Faults
from tests.e2e.bench import toml
from tests.e2e.gates import Aim, Door, Gate
from tests.e2e.house import SPOKES
from tests.e2e.nursery import Ended, Nursery, Orders
from tests.e2e.team import Shown, Team

SERVICES: dict[str, type[Sandbox]] = {"jira": JiraSandbox, "trello": TrelloSandbox, "zoho": ZohoSandbox}
MOMENTS = ("before", "carried out", "answered")
PHASES = (
    "starting",
    *(f"call {moment}" for moment in MOMENTS),
    *(f"write {moment}" for moment in MOMENTS),
    "statement",
    "commit",
)
"""Where in its life a process is killed."""
FAULTS = Faults.model_validate({"errors": {"status": 503, "share": 0.05}, "drop_after_commit": {"share": 0.1}})
REFUSING = 0.1
KINDS = ("requirement", "comment")
MOST_RUNS = 12


@dataclass
class Office:
    """Three services, a hub.toml, and a nursery of processes that run `hub`.

    Args:
        kills: How often a process was killed, by the phase of its life.
        spared: How often a process that was to be killed had ended before.
        told: What happened, for whoever looks into a failure.
    """

    folder: Path
    services: Mapping[str, SandboxServer]
    door: Door
    nursery: Nursery
    team: Team
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    spared: int = 0
    told: list[str] = field(default_factory=list)
    faulty: bool = False
    """Whether services answer badly while a process runs."""
    usual: tuple[int, int] = (20, 4)
    """Calls and writes of the last run that came to its end by itself."""

    def write_config(self, store: str = "hub.db", *, names: Sequence[str] = tuple(SERVICES)) -> Path:
        """The hub.toml of spokes that hold requirements and what is said of them."""
        leads = {name: self.services[name].connection() for name in names}
        spokes = {}
        for name in names:
            spoke = json.loads(json.dumps(SPOKES[name]))
            spokes[name] = {part: told for part, told in spoke.items() if part in {*KINDS, "status"}}
            for lost in ("client", "requester"):
                spokes[name]["requirement"].get("fields", {}).pop(lost, None)
        hub = {"store": f"sqlite:///{store}"}
        tables = {"hub": hub, "connections": leads, "syncs": {"delivery": {"spokes": spokes}}}
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        return file

    def orders(self, *arguments: str, **more: Any) -> Orders:
        """What a process of this office is to do."""
        secrets = {name: value for each in self.services.values() for name, value in each.sandbox.environment().items()}
        return Orders(arguments, {**secrets, "HUB_CONFIG": str(self.folder / "hub.toml")}, str(self.folder), **more)

    def hub(self, *arguments: str, **more: Any) -> Ended:
        """`hub ARGUMENTS`, to its end."""
        return self.watched(self.orders(*arguments, **more), None)

    def watched(self, orders: Orders, aim: Aim | None, *, kill_after_s: float | None = None) -> Ended:
        """A process whose calls are counted, and that is killed as *aim* says or after some seconds."""
        self._weather(bad=self.faulty)
        pid = self.nursery.start(orders)
        self.door.await_(pid, aim)
        ended = self.nursery.wait(pid, kill_after_s=kill_after_s)
        self.door.rest()
        self._weather(bad=False)
        return ended

    def sync(self) -> dict[str, Any]:
        """`hub sync`, to its end; its report."""
        ended = self.hub("sync", "--json")
        assert ended.code in (0, 1), f"{ended.code}\n{ended.output}\n{ended.errors}"
        (report,) = json.loads(ended.output)
        self.usual = (self.door.calls, self.door.writes)
        self.told.append(f"run: {report['outcome']}, {self.door.calls} calls, {self.door.writes} writes")
        return dict(report)

    # killing

    def _weather(self, *, bad: bool) -> None:
        """People are spared what goes wrong: there is nobody here to do their work again."""
        self.door.refusing = REFUSING if bad else 0.0
        for server in self.services.values():
            server.sandbox.faults = FAULTS if bad else Faults()

    def killed_once(self, phase: str) -> Ended:
        """A `hub sync` that is to be killed in a phase of its life; it may live on where its life is shorter."""
        seed = self.chance.randrange(2**32)
        orders, aim, seconds = self.orders("sync", "--json", seed=seed), None, None
        match phase.split(" ", 1):
            case ["starting"]:
                seconds = self.chance.uniform(0.0, 0.12)
            case ["statement"]:
                orders = self.orders("sync", seed=seed, statement=int(self.chance.triangular(1, 300, 1)))
            case ["commit"]:
                orders = self.orders("sync", seed=seed, commit=int(self.chance.triangular(1, 30, 1)))
            case [what, moment]:
                writes = what == "write"
                most = max(2, self.usual[writes])
                delay = self.chance.uniform(0, 0.03) if moment == "answered" else 0.0
                aim = Aim(self.chance.randint(1, most), writes, moment, delay)
        ended = self.watched(orders, aim, kill_after_s=seconds)
        self._note(phase, aim, ended)
        return ended

    def _note(self, phase: str, aim: Aim | None, ended: Ended) -> None:
        said = f"{phase} {aim or ''}: {'killed' if ended.killed else ended.code}, {self.door.calls} calls"
        self.told.append(said)
        if ended.killed:
            self.kills[phase] += 1
            return
        self.spared += 1
        assert ended.code in (0, 1, 3), f"{said}\n{ended.output}\n{ended.errors}"
        assert "Unexpected error" not in ended.errors, ended.errors
        self.usual = (self.door.calls, self.door.writes)

    def phases(self) -> Iterator[str]:
        """Phases for ever, each as often as any other, in no order."""
        while True:
            yield from self.chance.sample(PHASES, len(PHASES))

    def trouble(self, kills: int) -> None:
        """People work, and every process that is to spread their work is killed, until *kills* were."""
        wanted = self.kills.total() + kills
        for phase in self.phases():
            if self.kills.total() >= wanted:
                return
            assert self.spared < 20 + 4 * wanted, "processes are not killed as they should be"
            self.team.work(self.chance.randint(0, 6))
            ended = self.killed_once(phase)
            while not ended.killed and self.kills.total() < wanted and self.chance.random() < 0.5:
                ended = self.killed_once(phase)

    # rest

    def settle(self) -> dict[str, Any]:
        """Runs until one writes nothing and leaves nothing; that one's report."""
        self.faulty = False
        for _ in range(MOST_RUNS):
            report = self.sync()
            writes = sum(spoke["writes"] for spoke in report["spokes"].values())
            if not writes and self.door.writes == 0:
                return report
        raise AssertionError(f"it never comes to rest: {report}")

    def all_is_well(self) -> None:
        """Nothing lost, nothing double, every copy the same, and nothing left to do."""
        report = self.settle()
        assert (report["outcome"], report["problems"]) == ("done", []), report
        assert json.loads(self.hub("conflicts", "--json").output) == []
        assert json.loads(self.hub("doctor", "--json").output) == {"ok": True, "findings": []}
        listed = json.loads(self.hub("list", "requirements", "--json").output)
        shown = self.team.everything()
        self._once_each(listed, shown)
        for entity in listed:
            ids = {name: tie["id"] for name, tie in entity["bindings"].items()}
            self._all_equal(entity["key"], {name: shown[name][remote] for name, remote in ids.items()}, ids["trello"])
        self._nothing_lost(listed, shown)

    def _once_each(self, listed: Sequence[Mapping[str, Any]], shown: Mapping[str, Mapping[str, Shown]]) -> None:
        for name, records in shown.items():
            tied = [entity["bindings"].get(name, {}).get("id") for entity in listed]
            assert sorted(tied, key=str) == sorted(records), f"{name}: what is tied is not what is there"
            assert len(records) == len(self.team.made), f"{name}: {len(self.team.made)} were made by people"
            for remote, record in records.items():
                doubled = [text for text, count in Counter(record.comments).items() if count > 1]
                assert not doubled, f"{name} {remote}: {doubled}"
        said = [text for records in shown.values() for record in records.values() for text in record.comments]
        wrong = {text: count for text, count in Counter(said).items() if count != len(shown)}
        assert not wrong, f"comments that are not once in each service: {wrong}"

    def _all_equal(self, key: str, copies: Mapping[str, Shown], card: str) -> None:
        everywhere = {name: (each.title, each.due, each.text, sorted(each.comments)) for name, each in copies.items()}
        assert len({json.dumps(each, default=str) for each in everywhere.values()}) == 1, f"{key}: {everywhere}"
        moved = f"{key}: {copies}\n" + "\n".join(self.team.story(card))
        assert copies["jira"].status == copies["trello"].status, moved
        labels = {name: copies[name].labels for name in copies}
        assert len(set(labels.values())) == 1, f"{key}: {labels}"

    def _nothing_lost(self, listed: Sequence[Mapping[str, Any]], shown: Mapping[str, Mapping[str, Shown]]) -> None:
        key_of = {(name, tie["id"]): each["key"] for each in listed for name, tie in each["bindings"].items()}
        history: dict[str, str] = {}
        lost = []
        for edit in self.team.edits:
            record = shown[edit.service][edit.record]
            if edit.value in record.everything:
                continue
            key = key_of[edit.service, edit.record]
            if key not in history:
                history[key] = self.hub("history", key, "--json").output
            if f'"{edit.value}"' not in history[key] and not self.team.outdone(edit):
                lost.append((key, edit))
        assert not lost, lost


@contextlib.contextmanager
def office(folder: Path, seed: int) -> Iterator[Office]:
    """An office in *folder*; everything that happens in it follows from *seed*, but for the speed of this machine."""
    chance = random.Random(seed)
    door = Door(random.Random(seed + 1))
    with ExitStack() as stack:
        served = {}
        for name, kind in SERVICES.items():
            sandbox = kind(seed=seed)
            served[name] = stack.enter_context(SandboxServer(sandbox, app=Gate(create_app(sandbox), sandbox, door)))
        nursery = stack.enter_context(Nursery())
        team = stack.enter_context(contextlib.closing(Team(served, chance)))
        made = Office(folder, served, door, nursery, team, chance)
        made.write_config()
        yield made


def kills_wanted() -> int:
    """How many processes each test kills: some, or as many as `make kill-test` says."""
    return int(os.environ.get("HUB_KILLS", "12"))
