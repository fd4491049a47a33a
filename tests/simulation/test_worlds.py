"""Random worlds: whatever happened in one, once it is healed its copies agree, and nobody's work is lost or doubled.

`HUB_WORLDS=5000` looks at more of them, and `HUB_SEED=17` at one; of a world that fails the whole life is told.
"""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.records import Absence
from hub.testing import MemoryService
from hub.testing.service import HUB
from tests.simulation.replay import replayable, seeds
from tests.simulation.world import World, by_hub

SEEDS = seeds(200)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_world_heals_and_loses_nothing(seed: int, tmp_path: Path) -> None:
    with replayable(World(seed, tmp_path), seed, __file__) as world:
        await look_at(world)


async def look_at(world: World) -> None:
    await world.live()
    world.heal()
    await world.rest()
    the_copies_agree(world, besides=world.taken)
    what_was_deleted_is_known(world)
    await world.rest(full=True)
    the_copies_agree(world)
    every_record_is_tied(world)
    nothing_is_doubled(world)
    no_edit_is_lost(world)
    the_hub_edits_nothing(world)
    await it_is_quiet(world)
    the_counts_add_up(world)


def the_hub_edits_nothing(world: World) -> None:
    """What the hub itself wrote is nobody's edit, even where its answer was lost.

    A service that names only who touched a record last may name the hub for what somebody set in another field.
    """
    telling = {service.name for service in world.services if service.tells_history}
    for key in world.entities():
        echoes = [e for e in world.store.history(key) if e["who"] == HUB.name and e["connection"] in telling]
        assert not echoes, f"{key}: {echoes}"


async def it_is_quiet(world: World) -> None:
    before = [world.store.history(key) for key in world.entities()]
    for full in (False, True):
        report = await world.run(full=full)
        assert report is not None
        assert not report.writes
    assert before == [world.store.history(key) for key in world.entities()]


def the_copies_agree(world: World, besides: Collection[tuple[str, str]] = ()) -> None:
    """Every copy stands for its entity in every mapped field, except where that waits for a person.

    Args:
        besides: Copies that were away: what was edited just before that is told by no list of changes.
    """
    held = {(h.key, c, h.field) for h in world.store.open_holds() for c in h.connections}
    partners = world.hub._idle_partners(world.hub.config.syncs["all"])
    services = {s.name: s for s in world.services}
    for key, entity in world.entities().items():
        for tie in world.ties().get(key, ()):
            if tie.state != "bound" or (tie.connection, tie.remote) in besides:
                continue
            shown = services[tie.connection].state(tie.remote).fields
            for name, lens in partners[tie.connection].mapping(Kind.REQUIREMENT).items():
                if (key, tie.connection, name) in held or name in tie.blocked or "" in tie.blocked:
                    continue
                value = entity.value(name)
                stands_for = lens.to_canonical(shown.get(lens.remote), current=value)
                assert stands_for == value, (
                    f"{key} {name}: {value!r}, {tie.connection} shows {shown.get(lens.remote)!r}"
                )


def what_was_deleted_is_known(world: World) -> None:
    """Where a service names what was deleted, no full reading is needed to let go of it."""
    for service in (s for s in world.services if s.tells_gone):
        gone = [each for each, (why, _) in service.absent.items() if why is Absence.DELETED]
        ties = world.store.bindings_at(service.name, Kind.REQUIREMENT, gone)
        assert not [t for t in ties.values() if t.state == "bound"], f"{service.name}: {gone}"


def every_record_is_tied(world: World) -> None:
    """No record is left out, and no entity lacks a copy that was not taken away."""
    for service in world.services:
        ids = [state.id for state in service.present(Kind.REQUIREMENT)]
        ties = world.store.bindings_at(service.name, Kind.REQUIREMENT, ids)
        loose = [each for each in ids if each not in ties or ties[each].state != "bound"]
        assert not loose, f"{service.name}: {loose} are tied to nothing"
    for key, ties_ in world.ties().items():
        refused = {s.name for s in world.services if key in world.store.intents(s.name, Kind.REQUIREMENT)}
        if any(tie.state == "bound" for tie in ties_):
            assert {tie.connection for tie in ties_} | refused == {s.name for s in world.services}, key


def nothing_is_doubled(world: World) -> None:
    """Every entity goes back to just one record that people made or copied.

    Copies that were away are passed over: one that is taken away before its create is found is made again.
    """
    for key, ties in world.ties().items():
        origins = [(t.connection, t.remote) for t in ties if t.remote in world.made[t.connection]]
        away = any((t.connection, t.remote) in world.taken for t in ties)
        if not world.recreates and not away:
            assert len(origins) == 1, f"{key} has {origins} of {ties}"
    for service in world.services:
        ours = [s[0] for s in service.states.values() if by_hub(s[0].touched)]
        markers = [s.marker for s in ours if (service.name, s.id) not in world.taken]
        assert len(markers) == len(set(markers)), f"twins in {service.name}: {sorted(markers, key=str)}"


def no_edit_is_lost(world: World) -> None:
    """What somebody set, and nobody set anew there, was in the entity once, waits in a hold, or a rule overruled it."""
    for service in world.services:
        ids = [state.id for state in service.present(Kind.REQUIREMENT)]
        for remote, tie in world.store.bindings_at(service.name, Kind.REQUIREMENT, ids).items():
            known = _known(world, tie)
            for name, word in edits(service, remote):
                assert word in known[name], f"{tie.key}: {word} of {name}, set in {service.name} {remote}, is lost"


def _known(world: World, tie: Binding) -> dict[str, str]:
    """By field: everything that the history and the holds of an entity have of it, as text."""
    entity = world.entities()[tie.key]
    known = {name: str(entity.value(name)) for name in entity.values()}
    for event in world.store.history(tie.key):
        overruled = event["because"].startswith(("rule", "resolved"))
        known[event["field"]] += json.dumps([event["new"], *([event["old"]] if overruled else [])]) + " "
    for hold in world.store.open_holds():
        if hold.key == tie.key:
            known[hold.field] += " ".join(str(c.value) for c in hold.contenders)
    return {"body": known["description"], **{name: text + " " for name, text in known.items()}}


def edits(service: MemoryService, remote: str) -> Iterator[tuple[str, str]]:
    """The words and days that people put into a record, and did not take out again themselves."""
    states = service.states[remote]
    for name, pattern in (("title", r"t\d+"), ("body", r"w\d+"), ("labels", r"l\d+"), ("due", r"\S+")):
        put: dict[str, bool] = {}
        before: Any = None
        for state in states:
            now = state.fields.get(name)
            if now == before:
                continue
            words, old = set(re.findall(pattern, _text(now))), set(re.findall(pattern, _text(before)))
            if not by_hub(state.touched):
                put |= dict.fromkeys(words - old, True)
                put |= dict.fromkeys(old - words, False)
            before = now
        yield from ((name, word) for word, there in put.items() if there)


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")


def the_counts_add_up(world: World) -> None:
    for report in world.reports:
        assert not [p for p in report.problems if "add up" in p["message"]]
        for name, spoke in report.spokes.items():
            counted = sum(sum(counts.values()) for counts in spoke["kinds"].values())
            assert counted >= spoke["read"], f"{name}: {spoke}"
