"""A world whose services hold everything: clients, contacts, tasks, comments and files hang together in it.

Every word that people write is used once and says what it is: `s7` was written among colleagues and is not for clients,
`c7` may be seen by everybody, and `k7` names a comment, whoever edits it and wherever it is shown.

Two things that nobody could tell apart are kept out of these worlds. A copy without a place for a marker whose answer was
lost, and that a person edited or deleted before it was looked for, is taken for a new record, or made again; the memory
connector looks at what a record showed first, and people here delete no copy that the hub does not know of yet. And who
adds a contact, or a file, in the moment in which the hub adds the same one has made a twin; so these are added between
runs, in services whose list of changes does not lag and leaves nothing out, or are unlike all others.
"""

import re
from pathlib import Path
from typing import Any, ClassVar

from hub.model import Audience, Kind
from hub.reconcile import Contender, Hold
from hub.testing import MemoryService
from hub.testing.service import HUB
from tests.simulation.life import Life
from tests.simulation.world import World

MOST = {
    Kind.CLIENT: 2,
    Kind.CONTACT: 3,
    Kind.REQUIREMENT: 3,
    Kind.TASK: 2,
    Kind.COMMENT: 6,
    Kind.ATTACHMENT: 4,
}
"""Of each kind in one service; beyond that, people edit."""
LIKELY = {
    Kind.CLIENT: 0.6,
    Kind.CONTACT: 1,
    Kind.REQUIREMENT: 1.5,
    Kind.TASK: 1,
    Kind.COMMENT: 3,
    Kind.ATTACHMENT: 2,
}
EDITED = (Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT, Kind.REQUIREMENT, Kind.TASK, *[Kind.COMMENT] * 4)
FILES = (b"all of it", b"half of it")
"""What people in several places may have a copy of."""


class Families(World):
    """A world of all kinds."""

    kinds: ClassVar[tuple[Kind, ...]] = tuple(Kind)

    def __init__(self, life: Life, folder: Path) -> None:
        super().__init__(life, folder)
        self.twins: dict[str, int] = {}
        """By kind and address: how often somebody added one who was there already."""

    @property
    def client(self) -> str | None:
        """The service where clients read."""
        return self.services[-1].name if self.settings.get("client") else None

    def spokes(self) -> dict[str, Any]:
        spokes: dict[str, Any] = {s.name: self._spoke(s.name) for s in self.services}
        last = self.services[-1].name
        if self.client:
            spokes[last]["audience"] = "client"
        if self.settings.get("quiet"):
            spokes[last]["quiet"] = "5m"
        if len(self.services) > 2 and self.settings.get("without"):
            del spokes[self.services[1].name][self.settings["without"]]
        return spokes

    def _spoke(self, name: str) -> dict[str, Any]:
        spoke: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}
        spoke["requirement"]["custom"] = {"Contract": f"cf_{name}", "Team": f"udf_{name}"}
        return {**spoke, "on_delete": self.settings.get("on_delete", "unlink")}

    # What people do.

    def act(self, service: MemoryService) -> None:
        self.edits += 1
        kinds = [kind for kind in Kind if len(service.present(kind)) < MOST[kind] and self._may_add(service, kind)]
        does = self.random.random()
        if kinds and does < 0.5:
            self._add_some(service, self.random.choices(kinds, [LIKELY[kind] for kind in kinds])[0])
        elif does < 0.9:
            self._edit_some(service, self.random.choice(EDITED))
        else:
            self._delete_some(service, self.random.choice((Kind.COMMENT, Kind.COMMENT, Kind.ATTACHMENT)))

    def _may_add(self, service: MemoryService, kind: Kind) -> bool:
        parents = [*service.present(Kind.REQUIREMENT), *service.present(Kind.TASK)]
        return bool(parents) or kind in (Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT)

    def may_decide(self, hold: Hold, taken: Contender) -> bool:
        """Nobody shows clients on purpose what was written among colleagues: only a person's decision could."""
        (entity,) = self.store.entities([hold.key]).values()
        public = "audience" in entity.values() and entity.value("audience") is Audience.CLIENT
        return not (public and re.search(r"\bs\d+\b", str(taken.value)))

    def _who(self) -> str:
        return self.random.choice(("ann", "bo"))

    def _add_some(self, service: MemoryService, kind: Kind) -> None:
        made: str | None
        if kind is Kind.COMMENT:
            made = self._say(service)
        elif kind is Kind.ATTACHMENT:
            made = self._attach(service)
        else:
            made = service.add(kind, by=self._who(), **self._first(service, kind))
        if made:
            self.made[service.name].append(made)
            self.tell(f"{service.name}: add {kind} {made} {dict(service.state(made).fields)}")
            if kind in (Kind.CLIENT, Kind.CONTACT) and not (service.lag_s or self.misleading):
                self._meet(service, kind)

    def _meet(self, service: MemoryService, kind: Kind) -> None:
        """Whom one service has just got to know, others may know as well."""
        name = "domain" if kind is Kind.CLIENT else "email"
        state = service.state(self.made[service.name][-1])
        for other in self.services:
            there = {str(each.fields.get(name)).lower() for each in other.present(kind)}
            same = str(state.fields[name])
            if not (self.running or other.lag_s or same.lower() in there) and self.random.random() < 0.5:
                fields: dict[str, Any] = {name: same.lower(), "name": f"t{self.fresh()}"}
                made = other.add(kind, by=self._who(), **fields)
                self.made[other.name].append(made)
                self.tell(f"{other.name}: add {kind} {made}, {same}")

    def _first(self, service: MemoryService, kind: Kind) -> dict[str, Any]:
        """What a new record shows at first."""
        name = f"t{self.fresh()}"
        some = self.random.choice(self._choices(service, kind))
        match kind:
            case Kind.CLIENT:
                return {"domain": self._identity(service, kind), **some, "name": name}
            case Kind.CONTACT:
                return {"email": self._identity(service, kind), **some, "name": name}
            case Kind.TASK:
                return {"parent": self._pick(service, Kind.REQUIREMENT), **some, "title": name}
        return {**some, "title": name}

    def _identity(self, service: MemoryService, kind: Kind) -> str:
        """An e-mail address or a domain; one that others have as well only where nobody could miss theirs."""
        if self.running or service.lag_s or self.misleading:
            return f"own{self.fresh()}.example"
        known = f"{self.random.choice('abc')}.example"
        name = "domain" if kind is Kind.CLIENT else "email"
        if any(str(state.fields.get(name)).lower() == known for state in service.present(kind)):
            if self.random.random() < 0.7:
                return f"own{self.fresh()}.example"
            self.twins[f"{kind} {known}"] = self.twins.get(f"{kind} {known}", 0) + 1
        return self.random.choice((known, known.upper()))

    def _say(self, service: MemoryService) -> str:
        parent = self._pick(service, *self._parents())
        told = service.name != self.client and self.random.random() < 0.4
        name = f"k{self.fresh()}"
        body = f"@client {name} c{self.fresh()}" if told else f"{name} {self._word(service)}"
        return service.say(parent, body + self.random.choice(("", "\n")), by=self._who())

    def _attach(self, service: MemoryService) -> str | None:
        parent = self._pick(service, *self._parents())
        if not self.running and self.random.random() < 0.5:
            return self._attach_everywhere(service, parent)
        return service.attach(parent, f"{self._word(service)}.txt", self._word(service).encode(), by=self._who())

    def _attach_everywhere(self, service: MemoryService, parent: str) -> str | None:
        """Several people have the same file, and attach it to what they see of one thing; who sees it there does not."""
        kind, content = service.state(parent).kind, self.random.choice(FILES)
        known = self.store.bindings_at(service.name, kind, [parent]).get(parent)
        ties = {t.connection: t.remote for t in self.store.bindings_of([known.key])[known.key]} if known else {}
        parents = [(s, ties[s.name]) for s in self.services if s.name in ties and ties[s.name] not in s.absent]
        if (
            not known
            or any(content in attached(s, p) for s, p in parents)
            or any(s.lag_s for s, _ in parents)
            or self.misleading
        ):
            return None
        for other, there in parents:
            made = other.attach(there, f"{self._word(other)}.txt", content, by=self._who())
            self.made[other.name].append(made)
            self.tell(f"{other.name}: attach {made} to {there}, {content!r}")
        return None

    def _parents(self) -> tuple[Kind, ...]:
        return self.random.choice(((Kind.REQUIREMENT,), (Kind.REQUIREMENT, Kind.TASK)))

    def _pick(self, service: MemoryService, *kinds: Kind) -> str:
        there = [state.id for kind in kinds for state in service.present(kind)]
        return self.random.choice(there or [self._needed(service)])

    def _needed(self, service: MemoryService) -> str:
        """A requirement, where something is to belong to one and there is none."""
        made = service.add(by=self._who(), title=f"t{self.fresh()}")
        self.made[service.name].append(made)
        self.tell(f"{service.name}: add requirement {made}")
        return made

    def _word(self, service: MemoryService) -> str:
        """A word that nobody used yet: whatever clients write they may see."""
        return f"{'c' if service.name == self.client else 's'}{self.fresh()}"

    def _edit_some(self, service: MemoryService, kind: Kind) -> None:
        there = service.present(kind)
        if not there:
            return
        state = self.random.choice(there)
        if kind is Kind.COMMENT:
            fields = self._reworded_comment(service, state.fields["body"] or "")
        else:
            fields = self.random.choice(self._choices(service, kind))
        if "custom" in fields:
            fields = {"custom": {**(state.fields.get("custom") or {}), **fields["custom"]}}
        service.edit(state.id, by=self._who(), **fields)
        self.tell(f"{service.name}: edit {kind} {state.id} {dict(service.state(state.id).fields)}")

    def _reworded_comment(self, service: MemoryService, body: str) -> dict[str, Any]:
        """A comment keeps its name; what was among colleagues goes on so, unless it is written anew for the client."""
        words = body.split()
        secret = any(re.fullmatch(r"s\d+", word) for word in words)
        word = f"{'s' if secret and service.name != self.client else 'c'}{self.fresh()}"
        if secret and self.random.random() < 0.2:
            (name,) = (each for each in words if each.startswith("k"))
            return {"body": f"@client {name} c{self.fresh()}"}
        if self.random.random() < 0.5:
            return {"body": f"{body.rstrip()}\n\n{word}\n"}
        places = [place for place, each in enumerate(words) if re.fullmatch(r"[sc]\d+", each)]
        if places:
            words[self.random.choice(places)] = word
        return {"body": " ".join(words)}

    def _choices(self, service: MemoryService, kind: Kind) -> list[dict[str, Any]]:
        """One value for each field that people edit."""
        word, number = self._word(service), self.fresh()
        clients = [None, *(state.id for state in service.present(Kind.CLIENT))]
        contacts = [None, *(state.id for state in service.present(Kind.CONTACT))]
        match kind:
            case Kind.CLIENT:
                return [{"name": f"t{number}"}, {"phone": word}, {"body": f"{word}\n"}]
            case Kind.CONTACT:
                return [{"name": f"t{number}"}, {"client": self.random.choice(clients)}]
            case Kind.TASK:
                return [
                    {"title": f"t{number}"},
                    {"body": f"{word}\n"},
                    {"status": self.random.choice(("Doing", "Done"))},
                ]
        field_ = f"{self.random.choice(('cf', 'udf'))}_{service.name}"
        return [
            {"title": f"t{number}"},
            {"body": f"{word}\n"},
            {"labels": [word]},
            {"client": self.random.choice(clients)},
            {"requester": self.random.choice(contacts)},
            {"custom": {field_: {"type": "text", "value": word}}},
            {"criteria": [{"text": word, "met": self.random.random() < 0.5}]},
            {"status": self.random.choice(("Clarifying", "In Progress"))},
        ]

    def _delete_some(self, service: MemoryService, kind: Kind) -> None:
        """A comment, or a file that only one place has."""
        there = [state.id for state in service.present(kind) if service.files.get(state.id) not in FILES]
        known = {*self.made[service.name], *self.store.remotes(service.name, kind)}
        there = [each for each in there if each in known]
        if there:
            record = self.random.choice(there)
            service.remove(record)
            self.taken.add((service.name, record))
            self.tell(f"{service.name}: delete {kind} {record}")


def attached(service: MemoryService, parent: str) -> list[bytes]:
    """The files that a record has."""
    there = [state for state in service.present(Kind.ATTACHMENT) if state.fields.get("parent") == parent]
    return [service.files[state.id] for state in there]


def made_by_people(service: MemoryService, record: str) -> bool:
    """Whether the hub did not make it."""
    return service.states[record][0].touched.who.id != HUB.id
