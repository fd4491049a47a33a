"""What holds in worlds of families: each comment, file and contact is where it belongs just once, and nothing leaks."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from hub.mapping import Ref
from hub.model import Audience, Comment, Entity, Kind
from hub.sync.pull import UNDONE, UNMADE
from hub.testing import MemoryService
from hub.testing.service import State
from tests.simulation.families import Families, made_by_people
from tests.simulation.invariants import put_in, told_of
from tests.simulation.seen import Seen
from tests.simulation.spokes import by_hub

CHILDREN = (Kind.TASK, Kind.COMMENT, Kind.ATTACHMENT)
PARENTS = (Kind.REQUIREMENT, Kind.TASK)
SECRET = re.compile(r"\bs\d+\b")
WORD = re.compile(r"[tsck]\d+")


def families(seen: Seen) -> Families:
    """The world that is looked at."""
    assert isinstance(seen.world, Families)
    return seen.world


def belongs(seen: Seen, entity: Entity, service: MemoryService) -> bool:
    """Whether a child should have a copy in a service: as what it belongs to, and nobody took that copy away or back."""
    if not (entity.belongs_to and seen.tie(entity.belongs_to, service.name)):
        return False
    mine = [tie for tie in seen.ties[entity.key] if tie.connection == service.name]
    if any(tie.state in (UNDONE, UNMADE) for tie in mine):
        return False
    taken = any((tie.connection, tie.remote) in seen.world.taken for tie in mine)
    return not (taken and not seen.world.recreates) and entity.key not in seen.refused(service, entity.kind)


def nothing_internal_leaks(seen: Seen) -> None:
    """What was written among colleagues is in no state that the service of the client ever had, and in no file."""
    for service in (s for s in seen.world.services if s.name == families(seen).client):
        held = [[dict(state.fields) for state in states] for states in service.states.values()]
        found = SECRET.findall(json.dumps(held, default=str) + repr(service.files))
        assert not found, f"{found} leaked to {service.name}"


def every_record_of_a_family_is_tied(seen: Seen) -> None:
    """Everything is kept in step, but what belongs to something that is not."""
    for service in seen.world.services:
        for kind in seen.partners[service.name].spoke.routes:
            for state in service.present(kind):
                if seen.key_at(service, kind, state.id) is None and not kept_on(seen, service, state):
                    parent = state.fields.get("parent")
                    assert parent, f"{service.name} {state}"
                    assert not any(seen.key_at(service, k, parent) for k in PARENTS), f"{service.name} {state}"


def kept_on(seen: Seen, service: MemoryService, state: State) -> bool:
    """Whether a record is one that should have been deleted, in a service that deletes none."""
    ties = seen.world.store.bindings_at(service.name, state.kind, [state.id])
    return bool(seen.world.trait(service.name, "keeps")) and state.id in ties


def parents_are_right(seen: Seen) -> None:
    """A copy belongs to the copy of what its entity belongs to."""
    for entity, tie, service in seen.bound():
        if entity.kind in CHILDREN:
            parent = service.state(tie.remote).fields["parent"]
            owners = [seen.key_at(service, kind, parent) for kind in PARENTS]
            told = f"{entity.key} in {tie.connection}: {owners} and not {entity.belongs_to}"
            assert entity.belongs_to in owners, told


def copies_of_families_agree(seen: Seen) -> None:
    """Every copy stands for its entity in every field that it is shown, except where that waits for a person."""
    held = seen.held
    for entity, tie, service in seen.bound():
        partner, key = seen.partners[tie.connection], entity.key
        disclosure = partner.disclosure(entity.kind)
        if "" in tie.blocked or not disclosure.admits(entity) or not seen.updates(service):
            continue
        shown = service.state(tie.remote).fields
        for name, lens in partner.mapping(entity.kind).items():
            if entity.kind is Kind.ATTACHMENT and name == "name":
                continue  # one file that several people attached has a name of each, and files are never renamed
            open_ = lens.writable and disclosure.lets(entity.kind, name)
            if not open_ or (key, tie.connection, name) in held or name in tie.blocked:
                continue
            value = entity.value(name)
            if isinstance(lens, Ref) and value and not seen.tie(value, tie.connection):
                continue  # what it refers to could not be made there
            if isinstance(lens, Ref) and shown.get(lens.remote) in service.absent:
                continue  # what somebody had referred to was deleted since
            there = lens.to_canonical(shown.get(lens.remote), current=value)
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
            if belongs(seen, entity, other) and is_for(entity, service, other, families(seen)):
                copies = there[other.name].get(name, [])
                assert len(copies) == 1, f"{name}, {key} of {service.name} {record}, is in {other.name} as {copies}"
        texts = {
            " ".join(s.state(i).fields["body"].split())
            for s in seen.services(Kind.COMMENT)
            if seen.updates(s) and seen.partners[s.name].disclosure(Kind.COMMENT).admits(entity)
            for i in there[s.name].get(name, [])
            if seen.key_at(s, Kind.COMMENT, i)
        }
        assert len(texts) < 2 or seen.waits(key), f"{key}: {texts}"
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
        left = {w: names[name] for w, names in there.items() if name in names and not seen.world.trait(w, "keeps")}
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
            internal = other.name == families(seen).client and entity.value("audience") is Audience.INTERNAL
            if belongs(seen, entity, other) and not internal:
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
        twins = {
            each: count for each, count in known.items() if count > 1 + families(seen).twins.get(f"{kind} {each}", 0)
        }
        assert not twins, f"{kind}: {twins}"


def no_word_is_lost(seen: Seen) -> None:
    """What somebody wrote, and nobody took out again there, was in the entity once, or waits, or a rule overruled it."""
    known: dict[str, set[str]] = {}
    for entity, tie, service in seen.bound():
        if entity.kind is Kind.ATTACHMENT:
            continue
        if entity.key not in known:
            known[entity.key] = set(WORD.findall(" ".join(told_of(seen, entity.key).values())))
        for word in put_in(service, tie.remote, _words):
            assert word in known[entity.key], f"{entity.key}: {word}, set in {service.name} {tie.remote}, is lost"


def _words(state: State) -> set[str]:
    return set(re.findall(r"\b[tsck]\d+\b", json.dumps(dict(state.fields))))


def nobody_is_asked_about_what_is_gone(seen: Seen) -> None:
    gone = [key for key in seen.holds if key not in seen.entities]
    assert not gone, f"{gone}"
