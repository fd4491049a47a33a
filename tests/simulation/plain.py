"""A world of requirements alone: people add, edit, copy, remove, hide and archive them."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hub.model import Kind
from hub.sdk.records import Absence
from hub.sync import Report
from hub.testing import MemoryService
from tests.simulation.life import Life
from tests.simulation.world import World

STATUSES = ("New", "Clarifying", "Approved", "In Progress", "Review", "Delivered", "Somewhere Else")
SHARED = {
    "new": ["New", "Clarifying"],
    "clarifying": "Clarifying",
    "approved": "Approved",
    "in_progress": "In Progress",
    "review": "In Progress",
    "delivered": "Delivered",
    "otherwise": {"write": "Approved", "read": "approved"},
}
"""A spoke where two statuses of the hub share one name, and one has no name of its own."""


class Plain(World):
    """Each word and each day that people write is used but once; statuses come back."""

    kinds: ClassVar[tuple[Kind, ...]] = (Kind.REQUIREMENT,)

    def __init__(self, life: Life, folder: Path) -> None:
        super().__init__(life, folder)
        self.whims: list[tuple[MemoryService, str, str]] = []
        """What is changed back once a run is over: where, of which record, and to which status."""

    def spokes(self) -> dict[str, Any]:
        spokes: dict[str, Any] = {
            s.name: {
                "requirement": {"originates": True, "creates": True},
                "on_delete": self.settings.get("on_delete", "unlink"),
            }
            for s in self.services
        }
        if self.settings.get("shared"):
            spokes[self.services[-1].name]["status"] = SHARED
        return spokes

    def act(self, service: MemoryService) -> None:
        records = [state.id for state in service.present(Kind.REQUIREMENT)]
        does = self.random.choices(
            (self._add, self._edit, self._toggle, self._copy, self._remove, self._archive, self._back),
            (3, 12, 2, 0.6, 1, 0.5, 1),
        )[0]
        if not records and does != self._back:
            does = self._add
        if does in (self._add, self._copy) and len(records) > (1 if self.few else 6):
            does = self._edit
        does(service, records)
        self.edits += 1

    async def run(self, *, full: bool = False) -> Report | None:
        report = await super().run(full=full)
        while self.whims:
            self._toggle_back(*self.whims.pop())
        return report

    def heal(self) -> None:
        super().heal()
        self.whims.clear()

    @property
    def few(self) -> bool:
        """Whether everybody is at the same few records, and at three fields of them and the status."""
        return bool(self.settings.get("few"))

    def _add(self, service: MemoryService, _records: list[str]) -> None:
        fields: dict[str, Any] = {"title": self._title()}
        for value in self.random.sample(self._values(), self.random.randint(0, 3)):
            fields |= value
        self.made[service.name].append(service.add(by=self._who(), **fields))
        self.tell(f"{service.name}: add {self.made[service.name][-1]} {fields}")

    def _title(self) -> str:
        number = self.fresh()
        return f"t{number}" if self.random.random() < 0.7 else f" t{number} "

    def _values(self) -> list[dict[str, Any]]:
        """One value for each field that people edit."""
        due = date(2026, 4, 1) + timedelta(days=self.fresh())
        return [
            {"due": due.isoformat()},
            {"body": f"w{self.fresh()} and w{self.fresh()}\n"},
            {"labels": [f"l{self.fresh()}"]},
            {"status": self.random.choice(STATUSES)},
            {"priority": self.random.choice((None, "High", "Low"))},
        ]

    def _who(self) -> str:
        return self.random.choice(("ann", "bo"))

    def _edit(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        now = service.state(record).fields
        values = [{"title": self._title()}, *self._values(), {"labels": []}]
        value: dict[str, Any] = self.random.choice(values[:3] if self.few else values)
        if "labels" in value:
            kept = [label for label in now.get("labels") or () if self.random.random() < 0.8]
            value = {"labels": [*kept, *value["labels"]]}
        if "body" in value and now.get("body"):
            value = {"body": self._reworded(now["body"])}
        service.edit(record, by=self._who(), **value)
        self.tell(f"{service.name}: edit {record} {value}")

    def _reworded(self, body: str) -> str:
        word = f"w{self.fresh()}"
        if self.random.random() < 0.5:
            return f"{body.rstrip()}\n\n{word}\n"
        words = body.split(" ")
        words[self.random.randrange(len(words))] = word
        return " ".join(words)

    def _toggle(self, service: MemoryService, records: list[str]) -> None:
        """A status is changed, and back again once the run that goes on, or the next one, is over.

        If that run dies, what it has read waits to be judged, and is not true any more.
        """
        record, status = self.random.choice(records), self.random.choice(STATUSES)
        self.whims.append((service, record, service.state(record).fields["status"]))
        service.edit(record, by=self._who(), status=status)
        self.tell(f"{service.name}: toggle {record} to {status}")

    def _toggle_back(self, service: MemoryService, record: str, status: str) -> None:
        if record not in service.absent:
            service.edit(record, by=self._who(), status=status)
            self.tell(f"{service.name}: toggle {record} back to {status}")

    def _copy(self, service: MemoryService, records: list[str]) -> None:
        copied = self.random.choice(records)
        self.made[service.name].append(service.copy(copied, by=self._who()))
        self.tell(f"{service.name}: copy {copied} as {self.made[service.name][-1]}")

    def _remove(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        why = self.random.choice((Absence.DELETED, Absence.DELETED, Absence.HIDDEN, Absence.MOVED))
        if record not in self.made[service.name] and record not in self.store.remotes(service.name, Kind.REQUIREMENT):
            # A copy that vanishes before its lost answer is made up for, and comes back after it was made again, cannot
            # be told from one that a person copied: both carry the marker of a copy that is bound elsewhere. Nor can one
            # that a person copied, where what it was copied from is gone before the hub knew of it.
            if self._is_copied(service, record):
                return
            why = Absence.DELETED
        service.remove(record, why=why)
        self.taken.add((service.name, record))
        self.tell(f"{service.name}: remove {record}, {why}")

    def _is_copied(self, service: MemoryService, record: str) -> bool:
        marker = service.state(record).marker
        return any(s.marker == marker and s.id != record for s in service.present(Kind.REQUIREMENT))

    def _back(self, service: MemoryService, _records: list[str]) -> None:
        hidden = [record for record, (why, _) in service.absent.items() if why is not Absence.DELETED]
        if hidden:
            record = self.random.choice(hidden)
            del service.absent[record]
            self.tell(f"{service.name}: {record} is back")

    def _archive(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        service.archive(record, archived=not service.state(record).archived)
        self.tell(f"{service.name}: archive {record}")
