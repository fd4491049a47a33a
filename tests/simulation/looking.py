"""Lives a life through and looks at what has become of it: the first invariant that does not hold, if any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.simulation import family_invariants as family
from tests.simulation import invariants as general
from tests.simulation.families import Families
from tests.simulation.guarded import GuardedFamilies, GuardedPlain, nothing_is_harmed_unasked
from tests.simulation.invariants import Invariant
from tests.simulation.life import OF_FAMILIES, Life, life_of
from tests.simulation.plain import Plain
from tests.simulation.reconfigured import Reconfigured, ReconfiguredFamilies, no_status_is_set_by_a_name
from tests.simulation.seen import Seen
from tests.simulation.world import World

BOOKS = (
    general.every_tie_has_its_record,
    general.history_replays,
    general.the_doctor_finds_nothing,
    general.no_intent_is_open,
    general.the_hub_edits_nothing,
    general.nothing_unread_is_deleted,
    general.the_counts_add_up,
)
AT_REST: dict[str, Sequence[Invariant]] = {
    "plain": (
        general.copies_agree,
        general.every_record_is_tied,
        general.nothing_is_doubled,
        general.no_edit_is_lost,
        general.no_word_is_there_twice,
        general.every_edit_has_its_author,
        general.the_latest_edit_wins,
        *BOOKS,
    ),
    "undone": (
        general.copies_agree,
        general.every_record_is_tied,
        general.nothing_is_doubled,
        general.no_edit_is_lost,
        general.no_word_is_there_twice,
        *BOOKS,
    ),
    "undone-families": (
        family.nothing_internal_leaks,
        family.every_record_of_a_family_is_tied,
        family.parents_are_right,
        family.copies_of_families_agree,
        family.each_comment_is_there_once,
        family.each_file_is_there_once,
        family.no_word_is_lost,
        *BOOKS,
    ),
    "families": (
        family.nothing_internal_leaks,
        family.every_record_of_a_family_is_tied,
        family.parents_are_right,
        family.copies_of_families_agree,
        family.each_comment_is_there_once,
        family.comments_deleted_where_they_were_written_are_gone,
        family.each_file_is_there_once,
        family.no_contact_has_a_twin,
        family.no_word_is_lost,
        family.nobody_is_asked_about_what_is_gone,
        *BOOKS,
    ),
}
AT_REST["guarded"] = (nothing_is_harmed_unasked, *AT_REST["plain"])
AT_REST["guarded-families"] = (nothing_is_harmed_unasked, *AT_REST["families"])
AT_REST["reconfigured"] = (no_status_is_set_by_a_name, *AT_REST["guarded"])
AT_REST["reconfigured-families"] = AT_REST["guarded-families"]
WORLDS: dict[str, type[World]] = {
    "plain": Plain,
    "families": Families,
    "undone": Plain,
    "undone-families": Families,
    "guarded": GuardedPlain,
    "guarded-families": GuardedFamilies,
    "reconfigured": Reconfigured,
    "reconfigured-families": ReconfiguredFamilies,
}


@dataclass(frozen=True)
class Violation:
    """An invariant that does not hold, and in what way."""

    invariant: str
    message: str


@dataclass(frozen=True)
class Lived:
    """How a life went."""

    told: tuple[str, ...]
    counts: dict[str, int]
    violation: Violation | None = None


async def live(seed: int, kind: str, folder: Path) -> Lived:
    """The life that follows from *seed*."""
    return await live_through(life_of(seed, kind), kind, folder)


async def live_through(life: Life, kind: str, folder: Path) -> Lived:
    """Any life, also one of which parts were left out."""
    world = WORLDS[kind](life, folder)
    try:
        violation = await _look_at(world, kind)
    finally:
        world.close()
    made = sum(len(service.states) for service in world.services)
    counts = {
        "worlds": 1,
        "runs": world.runs,
        "edits": world.edits,
        "boundaries": world.process.crossed,
        "crashes": world.crashes,
        "faults struck": world.struck,
        "second hubs turned away": world.turned_away,
        "records made": made,
        "violations": int(violation is not None),
    }
    return Lived(tuple(world.told), counts, violation)


async def _look_at(world: World, kind: str) -> Violation | None:
    stage: Callable[..., object] = world.live
    try:
        await world.live()
        if kind not in OF_FAMILIES:
            stage = world.rest
            world.heal()
            await world.rest()
            for invariant in (general.copies_agree_before_all_is_read_anew, general.deletions_are_known):
                stage = invariant
                invariant(Seen(world))
        else:
            world.heal()
        stage = world.rest
        await world.rest(full=True)  # ends with one that writes nothing
        seen = Seen(world)
        for stage in AT_REST[kind]:
            stage(seen)
        stage = general.it_is_quiet
        await general.it_is_quiet(world)
    except Exception as error:  # noqa: BLE001 - whatever breaks is a find
        return Violation(stage.__name__, f"{type(error).__name__}: {error}"[:2000])
    return None
