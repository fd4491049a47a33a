"""Random worlds of families: each comment, file and contact is where it belongs just once, and nothing internal leaks.

`HUB_WORLDS=5000` looks at more of them, and `HUB_SEED=17` at one; of a world that fails the whole life is told.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.mapping import Ref
from hub.model import Audience, Comment, Entity, Kind
from hub.reconcile import Binding
from hub.testing import MemoryService
from hub.testing.service import HUB
from tests.simulation.families import Families, made_by_people
from tests.simulation.replay import replayable, seeds
from tests.simulation.test_worlds import the_counts_add_up
from tests.simulation.world import by_hub

SEEDS = seeds(100)
CHILDREN = (Kind.TASK, Kind.COMMENT, Kind.ATTACHMENT)
SECRET = re.compile(r"\bs\d+\b")


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_world_of_families_heals_doubles_nothing_and_leaks_nothing(seed: int, tmp_path: Path) -> None:
    with replayable(Families(seed, tmp_path), seed, __file__) as world:
        await look_at(world)


async def look_at(world: Families) -> None:
    await world.live()
    nothing_internal_leaks(world)
    world.heal()
    await world.rest()
    await world.rest(full=True)
    seen = Seen.of(world)
    nothing_internal_leaks(world)
    every_record_is_tied(seen)
    parents_are_right(seen)
    the_copies_agree(seen)
    each_comment_is_there_once(seen)
    comments_deleted_where_they_were_written_are_gone(seen)
    each_file_is_there_once(seen)
    no_contact_has_a_twin(seen)
    no_edit_is_lost(seen)
    nobody_is_asked_about_what_is_gone(seen)
    the_hub_edits_nothing(world)
    await it_is_quiet(world)
    the_counts_add_up(world)


@dataclass
class Seen:
    """A world at rest, and what the hub knows of it."""

    world: Families
    entities: dict[str, Any]
    ties: dict[str, list[Binding]]
    partners: dict[str, Any]

    @classmethod
    def of(cls, world: Families) -> "Seen":
        partners = world.hub._idle_partners(world.hub.config.syncs["all"])
        return cls(world, world.entities(), world.ties(), partners)

    def services(self, kind: Kind) -> list[MemoryService]:
        """Those that take part in a kind."""
        return [s for s in self.world.services if kind in self.partners[s.name].spoke.routes]

    def tie(self, key: str, connection: str) -> Binding | None:
        """The copy of an entity that is kept in step somewhere."""
        ties = self.ties.get(key, ())
        return next((tie for tie in ties if tie.connection == connection and tie.state == "bound"), None)

    def key_at(self, service: MemoryService, kind: Kind, record: str) -> str | None:
        """Which entity a record is a copy of."""
        tie = self.world.store.bindings_at(service.name, kind, [record]).get(record)
        return tie.key if tie and tie.state == "bound" else None

    def belongs(self, entity: Entity, service: MemoryService) -> bool:
        """Whether a child should have a copy in a service: as what it belongs to, and nobody took that copy away."""
        if not (entity.belongs_to and self.tie(entity.belongs_to, service.name)):
            return False
        taken = any(
            (t.connection, t.remote) in self.world.taken for t in self.ties[entity.key] if t.connection == service.name
        )
        refused = self.world.store.intents(service.name, entity.kind).get(entity.key)
        return not (taken and not self.world.recreates) and refused is None

    def waits(self, key: str) -> bool:
        """Whether something of an entity waits for a person."""
        return bool(self.world.holds(key)) or any(tie.blocked for tie in self.ties.get(key, ()))


def nothing_internal_leaks(world: Families) -> None:
    """What was written among colleagues is in no state that the service of the client ever had, and in no file."""
    for service in (s for s in world.services if s.name == world.client):
        held = [[dict(state.fields) for state in states] for states in service.states.values()]
        found = SECRET.findall(json.dumps(held, default=str) + repr(service.files))
        assert not found, f"{found} leaked to {service.name}"


def every_record_is_tied(seen: Seen) -> None:
    """Everything is kept in step, but what belongs to something that is not."""
    for service in seen.world.services:
        for kind in seen.partners[service.name].spoke.routes:
            for state in service.present(kind):
                if seen.key_at(service, kind, state.id) is None:
                    parent = state.fields.get("parent")
                    kinds = (Kind.REQUIREMENT, Kind.TASK)
                    assert parent, f"{service.name} {state}"
                    assert not any(seen.key_at(service, k, parent) for k in kinds), f"{service.name} {state}"


def parents_are_right(seen: Seen) -> None:
    """A copy belongs to the copy of what its entity belongs to."""
    for key, entity in seen.entities.items():
        if entity.kind not in CHILDREN:
            continue
        for tie in seen.ties.get(key, ()):
            if tie.state == "bound":
                service = MemoryService.named(tie.connection)
                parent = service.state(tie.remote).fields["parent"]
                owners = [seen.key_at(service, kind, parent) for kind in (Kind.REQUIREMENT, Kind.TASK)]
                assert entity.belongs_to in owners, f"{key} in {tie.connection}: {owners} and not {entity.belongs_to}"


def the_copies_agree(seen: Seen) -> None:
    """Every copy stands for its entity in every field that it is shown, except where that waits for a person."""
    held = {(h.key, c, h.field) for h in seen.world.store.open_holds() for c in h.connections}
    for key, entity in seen.entities.items():
        for tie in seen.ties.get(key, ()):
            partner = seen.partners[tie.connection]
            if tie.state != "bound" or "" in tie.blocked or not partner.disclosure(entity.kind).admits(entity):
                continue
            shown = MemoryService.named(tie.connection).state(tie.remote).fields
            for name, lens in partner.mapping(entity.kind).items():
                if entity.kind is Kind.ATTACHMENT and name == "name":
                    continue  # one file that several people attached has a name of each, and files are never renamed
                open_ = lens.writable and partner.disclosure(entity.kind).lets(entity.kind, name)
                if not open_ or (key, tie.connection, name) in held or name in tie.blocked:
                    continue
                if isinstance(lens, Ref) and entity.value(name) and not seen.tie(entity.value(name), tie.connection):
                    continue  # what it refers to could not be made there
                value, there = entity.value(name), lens.to_canonical(shown.get(lens.remote), current=entity.value(name))
                if name == "acceptance":  # a service that sorts a list has it in an order of its own
                    value, there = sorted(map(str, value)), sorted(map(str, there))
                assert there == value, f"{key} {name}: {value!r}, {tie.connection} shows {shown.get(lens.remote)!r}"


def comments(service: MemoryService) -> dict[str, list[str]]:
    """By the name that a comment has: the records that show it."""
    found: dict[str, list[str]] = {}
    for state in service.present(Kind.COMMENT):
        (name,) = re.findall(r"\bk\d+\b", state.fields["body"] or "")
        found.setdefault(name, []).append(state.id)
    return found


def origins(seen: Seen, kind: Kind) -> Iterator[tuple[MemoryService, str]]:
    """The records that people made, be they deleted since or not."""
    for service in seen.services(kind):
        for record, (first, *_) in service.states.items():
            if first.kind is kind and made_by_people(service, record):
                yield service, record


def each_comment_is_there_once(seen: Seen) -> None:
    """A comment that was not deleted is wherever it belongs, once, with one text; and there is none that nobody wrote."""
    there = {service.name: comments(service) for service in seen.services(Kind.COMMENT)}
    written = set()
    for service, record in origins(seen, Kind.COMMENT):
        (name,) = re.findall(r"\bk\d+\b", service.states[record][0].fields["body"])
        written.add(name)
        key = seen.key_at(service, Kind.COMMENT, record)
        if record in service.absent or key is None:
            continue
        entity = seen.entities[key]
        for other in seen.services(Kind.COMMENT):
            if seen.belongs(entity, other) and is_for(entity, service, other, seen.world):
                copies = there[other.name].get(name, [])
                assert len(copies) == 1, f"{name}, {key} of {service.name} {record}, is in {other.name} as {copies}"
        texts = {
            " ".join(s.state(i).fields["body"].split())
            for s in seen.services(Kind.COMMENT)
            for i in there[s.name].get(name, [])
        }
        assert len(texts) == 1 or seen.waits(key), f"{key}: {texts}"
    for where, names in there.items():
        assert not names.keys() - written, f"nobody wrote {names.keys() - written} of {where}"
        assert all(len(records) == 1 for records in names.values()), f"twins in {where}: {names}"


def is_for(entity: Entity, origin: MemoryService, other: MemoryService, world: Families) -> bool:
    """Whether clients may see what a person made in *origin*, where *other* is theirs."""
    if other.name != world.client or other is origin:
        return True
    return isinstance(entity, Comment) and entity.audience is Audience.CLIENT


def comments_deleted_where_they_were_written_are_gone(seen: Seen) -> None:
    """Everywhere, unless somebody edited a copy."""
    there = {service.name: comments(service) for service in seen.services(Kind.COMMENT)}
    for service, record in origins(seen, Kind.COMMENT):
        (name,) = re.findall(r"\bk\d+\b", service.states[record][0].fields["body"])
        if record not in service.absent or name in edited_copies(seen):
            continue
        left = {where: names[name] for where, names in there.items() if name in names}
        assert not left, f"{name} of {service.name} {record} was deleted, and is still in {left}"


def edited_copies(seen: Seen) -> set[str]:
    """The names of comments of which somebody edited a copy."""
    return {
        name
        for service in seen.services(Kind.COMMENT)
        for record, states in service.states.items()
        if states[0].kind is Kind.COMMENT and not made_by_people(service, record)
        if any(not by_hub(state.touched) for state in states)
        for name in re.findall(r"\bk\d+\b", states[0].fields["body"])
    }


def each_file_is_there_once(seen: Seen) -> None:
    """What somebody attached is at every copy of what it belongs to, once, byte by byte; and there is nothing else."""
    there = {service.name: files(seen, service) for service in seen.services(Kind.ATTACHMENT)}
    attached = set()
    for service, record in origins(seen, Kind.ATTACHMENT):
        attached.add(service.files[record])
        key = seen.key_at(service, Kind.ATTACHMENT, record)
        if record in service.absent or key is None:
            continue
        entity = seen.entities[key]
        for other in seen.services(Kind.ATTACHMENT):
            internal = other.name == seen.world.client and entity.audience is Audience.INTERNAL
            if seen.belongs(entity, other) and not internal:
                copies = there[other.name][entity.belongs_to, service.files[record]]
                assert copies == 1, f"{key} of {service.name} {record} is in {other.name} {copies} times"
    for where, found in there.items():
        assert {content for _, content in found} <= attached
        assert set(found.values()) <= {1}, f"twins in {where}: {found}"


def files(seen: Seen, service: MemoryService) -> Counter[tuple[str | None, bytes]]:
    """How often each file is attached to each thing that is kept in step."""
    found: Counter[tuple[str | None, bytes]] = Counter()
    for state in service.present(Kind.ATTACHMENT):
        if key := seen.key_at(service, Kind.ATTACHMENT, state.id):
            found[seen.entities[key].belongs_to, service.files[state.id]] += 1
    return found


def no_contact_has_a_twin(seen: Seen) -> None:
    """Of clients and contacts that share a domain or an address there are no more than people made on purpose."""
    for kind in (Kind.CLIENT, Kind.CONTACT):
        known = Counter(entity.identity for entity in seen.entities.values() if entity.kind is kind)
        twins = {each: count for each, count in known.items() if count > 1 + seen.world.twins.get(f"{kind} {each}", 0)}
        assert not twins, f"{kind}: {twins}"


def no_edit_is_lost(seen: Seen) -> None:
    """What somebody wrote, and nobody took out again there, was in the entity once, or waits, or a rule overruled it."""
    for key, entity in seen.entities.items():
        if entity.kind is Kind.ATTACHMENT:
            continue
        known = _known(seen, entity)
        for tie in seen.ties.get(key, ()):
            service = MemoryService.named(tie.connection)
            for word in put_in(service, tie.remote) if tie.state == "bound" else ():
                assert re.search(rf"\b{word}\b", known), f"{key}: {word}, set in {service.name} {tie.remote}, is lost"


def _known(seen: Seen, entity: Entity) -> str:
    """Everything that the history and the holds of an entity have of it."""
    told = [str(value) for value in entity.values().values()]
    for event in seen.world.store.history(entity.key):
        overruled = event["because"].startswith(("rule", "resolved"))
        told += [json.dumps([event["new"], *([event["old"]] if overruled else [])])]
    return " ".join([*told, *(str(c.value) for hold in seen.world.holds(entity.key) for c in hold.contenders)])


def put_in(service: MemoryService, record: str) -> Iterator[str]:
    """The words that people put into a record, and did not take out again themselves."""
    put: dict[str, bool] = {}
    before: set[str] = set()
    for state in service.states[record]:
        now = set(re.findall(r"\b[tsck]\d+\b", json.dumps(dict(state.fields))))
        if not by_hub(state.touched):
            put |= dict.fromkeys(now - before, True) | dict.fromkeys(before - now, False)
        before = now
    yield from (word for word, there in put.items() if there)


def nobody_is_asked_about_what_is_gone(seen: Seen) -> None:
    gone = [hold for hold in seen.world.store.open_holds() if hold.key not in seen.entities]
    assert not gone, f"{gone}"


def the_hub_edits_nothing(world: Families) -> None:
    """What the hub itself wrote is nobody's edit, even where its answer was lost; but a mark that a person decided on."""
    telling = {service.name for service in world.services if service.tells_history}
    for key in world.entities():
        told = [event for event in world.store.history(key) if event["field"] != "audience"]
        echoes = [event for event in told if event["who"] == HUB.name and event["connection"] in telling]
        assert not echoes, f"{key}: {echoes}"


async def it_is_quiet(world: Families) -> None:
    before = [world.store.history(key) for key in world.entities()]
    for full in (False, True):
        report = await world.run(full=full)
        assert report is not None
        assert not report.writes
    assert before == [world.store.history(key) for key in world.entities()]
