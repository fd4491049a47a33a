"""The organisation: everything it holds, and how things are found in it."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.index import Index
from hub_zoho_crm.sandbox.problems import Json, invalid_module
from hub_zoho_crm.sandbox.records import Attachment, Blueprint, Deleted, Module, Record, Tag, User
from hub_zoho_crm.sandbox.times import in_seconds

ORG_ID = "554023"
_FIRST = 1_001_001
IN_BIN = timedelta(days=60)
"""How long the recycle bin keeps a record."""

Affected = Mapping[str, Mapping[str, Any]]
"""Of a change: by record id, the new values by field."""


@dataclass
class Org:
    """An organisation in memory.

    Args:
        clock: The present moment, UTC.
        lag_s: By how many seconds search lags now.
        upload_limit: The greatest size of a file in bytes.
    """

    clock: Callable[[], datetime]
    lag_s: Callable[[], float]
    random: random.Random
    zone: str = "Asia/Kolkata"
    url: str = "https://www.zohoapis.in"
    upload_limit: int = 20_000_000
    users: dict[str, User] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    files: dict[str, Attachment] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    channels: dict[tuple[str, str], Json] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[Json]] = field(default_factory=dict)
    blueprints: dict[str, Blueprint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index()
        self.listeners: list[Callable[[Module, str, Affected], None]] = []
        self._records: defaultdict[str, dict[str, Record]] = defaultdict(dict)
        self._unique: dict[tuple[str, str, str], str] = {}
        self._kept_values: dict[str, Json] = {}
        self._last_id = _FIRST

    def now(self) -> datetime:
        """The present moment in the whole seconds Zoho keeps."""
        return in_seconds(self.clock())

    def next_id(self) -> str:
        """A new id: 18 digits, greater than all before it."""
        while True:
            self._last_id += 1
            number = f"{ORG_ID}{self._last_id:012d}"
            if not self.module_of(number) and number not in self.deleted:
                return number

    def hexadecimal(self, digits: int) -> str:
        """A secret text of *digits* hexadecimal digits."""
        return f"{self.random.getrandbits(digits * 4):0{digits}x}"

    def add_module(self, name: str, singular: str, title: str, fields: Iterable[Field], *, custom: bool) -> Module:
        """A new module, or the one of this name with more fields."""
        known = self.modules.get(name)
        if not known:
            known = Module(name, singular, self.next_id(), {}, title, self.next_id(), custom)
            self.modules[name] = known
        for one in fields:
            before = known.fields.get(one.name)
            known.fields[one.name] = one.with_id(before.id if before else one.id or self.next_id())
        return known

    def module(self, name: str) -> Module:
        """The module with this API name; 400 if there is none."""
        if found := self.modules.get(name):
            return found
        raise invalid_module()

    def all(self, module: str) -> dict[str, Record]:
        """The records of a module by id."""
        return self._records[module]

    def everything(self) -> Iterator[Record]:
        """Every record of every module."""
        for records in self._records.values():
            yield from records.values()

    def find(self, module: str, record_id: str) -> Record | None:
        """The record of this module and id."""
        return self._records[module].get(record_id)

    def module_of(self, record_id: str) -> str:
        """The module that has a record of this id; "" if none has."""
        return next((name for name, records in self._records.items() if record_id in records), "")

    def seen_by_search(self, module: str) -> Iterable[Record]:
        """The records as search shows them now."""
        lag = self.lag_s()
        if not lag:
            return self._records[module].values()
        return self.index.at(module, self.clock() - timedelta(seconds=lag))

    def save(self, record: Record) -> None:
        """Keep *record* as it is now, and show it to search in its time."""
        self._records[record.module][record.id] = record
        self._note_unique(record, record.values)
        self.index.note(record.module, record.id, record, self.clock())

    def _note_unique(self, record: Record, values: Json) -> None:
        fields = [one for one in self.modules[record.module].fields.values() if one.unique]
        before = self._kept_values.get(record.id, {})
        for one in fields:
            if before.get(one.name) is not None:
                self._unique.pop((record.module, one.name, _folded(before[one.name])), None)
            if values.get(one.name) is not None:
                self._unique[record.module, one.name, _folded(values[one.name])] = record.id
        self._kept_values[record.id] = {one.name: values.get(one.name) for one in fields}

    def holder(self, module: str, name: str, value: Any) -> Record | None:
        """The record that has this value of a unique field; letter case aside."""
        found = self._unique.get((module, name, _folded(value)))
        return self.find(module, found) if found else None

    def remove(self, record: Record, by: str) -> None:
        """Put *record* into the recycle bin; its notes and files go with it."""
        for note in [one for one in self.all("Notes").values() if one.values.get("Parent_Id") == record.id]:
            self._take_out(note, by)
        self._take_out(record, by)

    def _take_out(self, record: Record, by: str) -> None:
        title = self.title_of(record)
        self._note_unique(record, {})
        del self._records[record.module][record.id]
        gone = Deleted(record.id, record.module, title, by, record.creator, self.now(), record)
        self.deleted[record.id] = gone
        self.index.note(record.module, record.id, None, self.clock())

    def restore(self, gone: Deleted) -> None:
        """Take a record out of the recycle bin, with its id."""
        if gone.record:
            del self.deleted[gone.id]
            self.save(gone.record)

    def purge(self, gone: Deleted) -> None:
        """Remove a record for good; its trace stays."""
        self.deleted[gone.id] = Deleted(gone.id, gone.module, "", "", "", self.now(), None)

    def deleted_of(self, module: str) -> list[Deleted]:
        """What was deleted of a module, the latest first; what lay in the bin for 60 days is gone for good."""
        now = self.now()
        for gone in [one for one in self.deleted.values() if one.record and one.at + IN_BIN < now]:
            self.deleted[gone.id] = Deleted(gone.id, gone.module, "", "", "", gone.at + IN_BIN, None)
        found = [one for one in self.deleted.values() if one.module == module]
        return sorted(found, key=lambda one: (one.at, int(one.id)), reverse=True)

    def title_of(self, record: Record) -> str:
        """What names a record."""
        module = self.modules[record.module]
        if module.title == "Full_Name":
            return full_name(record)
        return str(record.values.get(module.title) or record.told.get(module.title) or "")

    def name_of(self, module: str, record_id: str) -> str | None:
        """The name of the record a lookup points to; None if it is not here."""
        found = self.find(module or self.module_of(record_id), record_id)
        return self.title_of(found) if found else self.names.get(record_id)

    def find_tag(self, module: str, name: str) -> Tag | None:
        """The tag of this name, letter case aside."""
        wanted = name.casefold()
        known = (one for one in self.tags.values() if one.module == module and one.name.casefold() == wanted)
        return next(known, None)

    def tag(self, module: str, name: str, colour: str | None = None) -> Tag:
        """The tag of this name, made if it is new."""
        found = self.find_tag(module, name)
        if not found:
            found = Tag(self.next_id(), module, name, colour, self.now())
            self.tags[found.id] = found
        return found

    def files_of(self, record: Record) -> list[Attachment]:
        """The attachments of a record, the latest first."""
        found = [one for one in self.attachments.values() if one.parent == record.id]
        return sorted(found, key=lambda one: int(one.id), reverse=True)

    def touch_activity(self, record: Record) -> None:
        """Something beside the record changed: its activity time moves, its modification time does not."""
        record.active = self.now()
        self.save(record)

    def snapshot(self) -> Json:
        """What `go_back` needs to undo everything written since."""
        records = {name: {one.id: one.copy() for one in kept.values()} for name, kept in self._records.items()}
        kept = {"deleted": dict(self.deleted), "attachments": dict(self.attachments)}
        return {"records": records, "unique": dict(self._unique), "values": dict(self._kept_values), **kept}

    def go_back(self, before: Json) -> None:
        """Be as at the time of *before*, a snapshot."""
        now = self.clock()
        for gone in [one for one in self.everything() if one.id not in before["records"].get(one.module, {})]:
            self.index.note(gone.module, gone.id, None, now)
        self._records = defaultdict(dict, before["records"])
        self._unique, self._kept_values = before["unique"], before["values"]
        self.deleted, self.attachments = before["deleted"], before["attachments"]
        for record in self.everything():
            self.index.note(record.module, record.id, record, now)

    def tell(self, module: Module, operation: str, affected: Affected) -> None:
        """Tell the listeners (notifications) of a change: `insert`, `update` or `delete`."""
        if affected:
            for listener in self.listeners:
                listener(module, operation, affected)


def full_name(record: Record) -> str:
    """The computed name of a contact or lead."""
    parts = (record.values.get("First_Name"), record.values.get("Last_Name"))
    return " ".join(str(part) for part in parts if part)


def _folded(value: Any) -> str:
    return str(value).casefold()
