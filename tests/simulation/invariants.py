"""What holds in every world once it is at rest: copies agree, nothing is lost or doubled, and the hub's books are right."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from hub.model import Kind, entity_class, fields_of
from hub.sdk.records import Absence
from hub.store import Store
from hub.store.checking import CHECKS, room, schema
from hub.store.defects import examined
from hub.testing import MemoryService
from hub.testing.service import HUB, State
from tests.simulation.life import Trouble
from tests.simulation.seen import Seen
from tests.simulation.spokes import by_hub
from tests.simulation.world import World

Invariant = Callable[[Seen], None]


def copies_agree(seen: Seen, besides: Collection[tuple[str, str]] = ()) -> None:
    """Every copy stands for its entity in every mapped field, except where that waits for a person.

    Args:
        besides: Copies that were away: what was edited just before that is told by no list of changes.
    """
    held = seen.held
    for entity, tie, service in seen.bound():
        if (tie.connection, tie.remote) in besides or "" in tie.blocked or not seen.updates(service):
            continue
        shown = service.state(tie.remote).fields
        for name, lens in seen.partners[tie.connection].mapping(entity.kind).items():
            if (entity.key, tie.connection, name) in held or name in tie.blocked:
                continue
            value = entity.value(name)
            stands_for = lens.to_canonical(shown.get(lens.remote), current=value)
            told = f"{entity.key} {name}: {value!r}, {tie.connection} shows {shown.get(lens.remote)!r}"
            same = folded(stands_for) == folded(value) if service.shouts else stands_for == value
            assert same, told


def folded(value: Any) -> Any:
    """A value in small letters and without spaces around: services that keep texts in capitals show it in theirs."""
    return {folded(each) for each in value} if isinstance(value, frozenset) else str(value).casefold().strip()


def copies_agree_before_all_is_read_anew(seen: Seen) -> None:
    """No full reading is needed for that, where lists of changes can be relied upon."""
    if not seen.world.misleading:
        copies_agree(seen, besides=seen.world.taken)


def deletions_are_known(seen: Seen) -> None:
    """Where a service names what was deleted, no full reading is needed to let go of it."""
    if seen.world.jumps:
        return
    for service in (s for s in seen.world.services if s.tells_gone):
        gone = {each for each, (why, _) in service.absent.items() if why is Absence.DELETED}
        ties = [tie.remote for _, tie, at in seen.bound() if at is service and tie.remote in gone]
        assert not ties, f"{service.name}: {ties}"


def every_record_is_tied(seen: Seen) -> None:
    """No record is left out, and no entity lacks a copy that was not taken away."""
    for service in seen.world.services:
        ids = [state.id for state in service.present(Kind.REQUIREMENT)]
        loose = [each for each in ids if seen.key_at(service, Kind.REQUIREMENT, each) is None]
        assert not loose, f"{service.name}: {loose} are tied to nothing"
    for key, ties in seen.ties.items():
        refused = {s.name for s in seen.world.services if key in seen.refused(s, Kind.REQUIREMENT)}
        if any(tie.state == "bound" for tie in ties):
            there = {tie.connection for tie in ties} | refused
            assert there == {s.name for s in seen.world.services}, f"{key} is only in {there}"


def every_tie_has_its_record(seen: Seen) -> None:
    """What the hub says that services have, they have, and no two entities share a record."""
    for entity, tie, service in seen.bound():
        there = tie.remote in service.states and tie.remote not in service.absent
        assert there, f"{entity.key} is tied to {tie.remote} in {tie.connection}, which is not there"
    ties = [(tie.connection, tie.remote) for _, tie, _ in seen.bound()]
    assert len(ties) == len(set(ties)), f"shared: {sorted(ties)}"


def nothing_is_doubled(seen: Seen) -> None:
    """Every entity goes back to just one record that people made or copied.

    Copies that were away are passed over: one that is taken away before its create is found is made again.
    """
    world = seen.world
    for key, ties in seen.ties.items():
        origins = [(t.connection, t.remote) for t in ties if t.remote in world.made[t.connection]]
        away = any((t.connection, t.remote) in world.taken for t in ties)
        if not world.recreates and not away:
            assert len(origins) == 1, f"{key} has {origins} of {ties}"
    for service in world.services:
        mine = {
            record for record in service.absent if (service.name, record) not in world.taken
        }  # the hub's own deletions
        ours = [s[0] for s in service.states.values() if by_hub(s[0].touched) and s[0].id not in mine]
        markers = [s.marker for s in ours if (service.name, s.id) not in world.taken]
        assert len(markers) == len(set(markers)), f"twins in {service.name}: {sorted(markers, key=str)}"


def history_replays(seen: Seen) -> None:
    """Every value follows from the history: what each event found is what the one before had left."""
    for key, entity in seen.entities.items():
        known = fields_of(entity_class(entity.kind))
        now = {name: each.to_json(each.default) for name, each in known.items()}
        for event in seen.history(key):
            if event["connection"] and not event["because"].startswith(("rule", "resolved")):
                told = f"{key} {event['field']}: {event} does not follow {now[event['field']]!r}"
                assert event["old"] == now[event["field"]], told
            now[event["field"]] = event["new"]
        for name, each in known.items():
            present = each.to_json(entity.value(name))
            assert present == now[name], f"{key} {name}: is {present!r}, and {now[name]!r} by its history"


def the_doctor_finds_nothing(seen: Seen) -> None:
    """Whatever went wrong, everything in the store can be read, and refers to what is there.

    Bytes that were fetched just before the process died are nobody's if their attachment was deleted meanwhile.
    """
    found = examined(seen.world.store, [check for check in CHECKS if check not in (room, schema)])
    if seen.world.crashes:
        found = [defect for defect in found if (defect.what, defect.level) != ("files", "warning")]
    assert not found, "; ".join(defect.message for defect in found)


def no_intent_is_open(seen: Seen) -> None:
    """Every write is known to have happened or not; what was refused is kept, so that it is not asked for again.

    A copy that was hidden or moved may come back, and show then what an update did to it.
    """
    for service in seen.world.services:
        for kind in seen.world.kinds:
            creates = seen.world.store.intents(service.name, kind).values()
            left = [intent.key for intent in creates if intent.refused is None]
            updates = set(seen.world.store.intents(service.name, kind, "update"))
            ties = {tie.key: tie.state for ties in seen.ties.values() for tie in ties if tie.connection == service.name}
            updates = {key for key in updates if ties.get(key) not in ("hidden", "moved")}
            assert not left, f"{service.name}: unanswered creates of {left}"
            assert not updates, f"{service.name}: unanswered updates of {sorted(updates)}"


def the_hub_edits_nothing(seen: Seen) -> None:
    """What the hub itself wrote is nobody's edit, even where its answer was lost; but a mark that a person decided on.

    A service that names only who touched a record last may name the hub for what somebody set in another field.
    """
    telling = {service.name for service in seen.world.services if service.tells_history}
    for key in seen.entities:
        anew = seen.world.met_anew
        told = [event for event in seen.history(key) if event["field"] not in anew and not event["overruled"]]
        echoes: list[Any] = [event for event in told if event["who"] == HUB.name and event["connection"] in telling]
        asking = [c for h in seen.holds.get(key, ()) if h.field not in anew for c in h.contenders if not c.own]
        echoes += [c for c in asking if c.stamp.who == HUB.name and c.connection in telling]
        assert not echoes, f"{key}: {echoes}"


def every_edit_has_its_author(seen: Seen) -> None:
    """What is told as an edit of the hub's own account, because a service names only who came last, a person did set."""
    remote = {"title": "title", "due": "due"}
    for entity, tie, service in seen.bound():
        states = [state for state in service.states[tie.remote] if not by_hub(state.touched)]
        for event in seen.history(entity.key):
            name, mine = remote.get(event["field"]), event["connection"] == service.name
            if mine and name and event["who"] == HUB.name and event["because"] == "edit":
                shown = [str(state.fields.get(name)).strip() for state in states]
                assert str(event["new"]).strip() in shown, f"{entity.key}: {event} was set by nobody"


def the_latest_edit_wins(seen: Seen) -> None:
    """Whatever clocks say: a day that a person set later is not overruled by one set earlier, where services know when."""
    world = seen.world
    if world.jumps or world.settings.get("rule", "latest") != "latest":
        return
    if any(not s.tells_history or s.coarse_s for s in world.services):
        return
    for key in seen.entities:
        times = {
            word: at for _, tie, s in seen.bound() if tie.key == key for word, at in days_set(world, s, tie.remote)
        }
        for event in seen.history(key):
            old, new = times.get(str(event["old"])), times.get(str(event["new"]))
            if event["field"] == "due" and event["because"].startswith("rule") and old and new:
                assert new >= old - timedelta(seconds=5), f"{key}: {event}, though set at {old:%T} and {new:%T}"


def days_set(world: World, service: MemoryService, remote: str) -> Iterator[tuple[str, datetime]]:
    """Every day that people set in a record, and when that truly was."""
    before: Any = None
    for state in service.states[remote]:
        due = state.fields.get("due")
        if due and due != before and not by_hub(state.touched):
            yield str(due), state.touched.at - timedelta(seconds=world.clocks[service.name])
        before = due


def nothing_unread_is_deleted(seen: Seen) -> None:
    """Whatever people wrote into a record that the hub deleted, the hub had read."""
    store = seen.world.store
    for service in seen.world.services:
        for remote in [each for each in service.absent if (service.name, each) not in seen.world.taken]:
            tie = store.bindings_at(service.name, service.states[remote][-1].kind, [remote]).get(remote)
            key = tie.key if tie else _written_as(store, service, remote)
            assert key, f"{service.name}: {remote} was deleted, and nobody knows what it was"
            told = str([[event["old"], event["new"]] for event in store.history(key)]).lower()
            known = set(ANY_WORD.findall(told))
            put = put_in(service, remote, lambda state: set(ANY_WORD.findall(str(dict(state.fields)).lower())))
            unread = [word for word in put if word not in known]
            assert not unread, f"{key}: {unread}, set in {service.name} {remote}, were deleted unread"


def _written_as(store: Store, service: MemoryService, remote: str) -> str | None:
    """What a record was a copy of when the hub deleted it, because a run was undone: that may have another copy since."""
    sql = "SELECT key FROM writes WHERE operation = 'delete' AND connection = ? AND remote = ?"
    found: tuple[str] | None = store.db.execute(sql, [service.name, remote]).fetchone()
    return found[0] if found else None


ANY_WORD = re.compile(r"[twlsck]\d+")


def the_counts_add_up(seen: Seen) -> None:
    for report in seen.world.reports:
        assert not [p for p in report.problems if "add up" in p["message"]]
        for name, spoke in report.spokes.items():
            counted = sum(sum(counts.values()) for counts in spoke["kinds"].values())
            assert counted >= spoke["read"], f"{name}: {spoke}"


async def it_is_quiet(world: World) -> None:
    """Nothing is written, and nothing is learnt, where nothing has happened since a full reading brought nothing up."""
    before = [world.store.history(entity.key) for entity in world.store.entities_of()]
    report = await world.run()
    assert report is not None
    assert not report.writes, f"{report.writes} writes"
    assert before == [world.store.history(entity.key) for entity in world.store.entities_of()]


def put_in(service: MemoryService, remote: str, words: Callable[[State], set[Any]]) -> list[Any]:
    """What people put into a record, and did not take out again themselves."""
    put: dict[Any, bool] = {}
    before: set[Any] = set()
    for state in service.states[remote]:
        now = words(state)
        if now != before and not by_hub(state.touched):
            put |= dict.fromkeys(sorted(now - before), True) | dict.fromkeys(before - now, False)
        before = now
    return [word for word, there in put.items() if there]


def told_of(seen: Seen, key: str) -> dict[str, str]:
    """By field: everything that the history and the holds of an entity have of it, as text."""
    entity = seen.entities[key]
    known = {name: str(entity.value(name)) + " " for name in entity.values()}
    for event in seen.history(key):
        overruled = event["because"].startswith(("rule", "resolved"))
        known[event["field"]] += json.dumps([event["new"], *([event["old"]] if overruled else [])]) + " "
    for hold in seen.holds.get(key, ()):
        known[hold.field] += " ".join(str(c.value) for c in hold.contenders)
    return known


# Of requirements.


def no_edit_is_lost(seen: Seen) -> None:
    """What somebody set, and nobody set anew there, was in the entity once, waits in a hold, or a rule overruled it."""
    names = {"title": "title", "body": "description", "labels": "labels", "due": "due"}
    known: dict[str, dict[str, set[str]]] = {}
    for entity, tie, service in seen.bound():
        if entity.key not in known:
            known[entity.key] = {
                name: set(WORD.findall(text.lower())) for name, text in told_of(seen, entity.key).items()
            }
        for name, word in put_in(service, tie.remote, _words):
            there = word in known[entity.key][names[name]]
            assert there, f"{entity.key}: {word} of {name}, set in {service.name} {tie.remote}, is lost"


def no_word_is_there_twice(seen: Seen) -> None:
    """Nobody writes a word twice, so whoever shows one twice has merged a text with itself.

    Where an answer was lost and a person edits what it wrote before that is seen, nobody can tell the one from the other.
    """
    if seen.world.crashes or any(isinstance(part, Trouble) and part.after for part in seen.world.life):
        return
    for key, entity in seen.entities.items():
        words = [word for name in ("title", "description") for word in WORD.findall(str(entity.value(name)).lower())]
        twice = {word for word in words if words.count(word) > 1}
        assert not twice, f"{key}: {sorted(twice)} in {entity.value('title')!r}, {entity.value('description')!r}"


WORD = re.compile(r"[twl]\d+|\d{4}-\d\d-\d\d")


def _words(state: State) -> set[tuple[str, str]]:
    """By field: the words and days that a record shows."""
    fields = state.fields
    return {
        (name, word)
        for name in ("title", "body", "labels", "due")
        for word in WORD.findall(str(fields.get(name)).lower())
    }
