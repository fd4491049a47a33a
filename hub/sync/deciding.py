"""What a person decides: a conflict settled, a copy tied or let go."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from hub.errors import UsageError
from hub.model import NOTHING, Entity, Kind, Stamp, entity_class, fields_of
from hub.reconcile import Binding, Contender, Hold, Mappings, Observation, Rules, meet, reconcile
from hub.reconcile.undone import showing
from hub.sdk.records import Record
from hub.store import HeldPlan, PlanState, Store, kind_of
from hub.sync.intake import UNLINKED, Judged, keep


def find_hold(store: Store, hold_id: str) -> Hold:
    """The open hold called *hold_id*. Raises UsageError."""
    wanted = hold_id.strip().upper()
    found = next((hold for hold in store.open_holds() if hold.id == wanted), None)
    if found is None:
        raise UsageError(f"nothing waits under {hold_id}", fix="see what waits with: hub conflicts")
    return found


def find_plan(store: Store, run: str) -> HeldPlan:
    """The plan for which a run was held, and which can still be carried out. Raises UsageError."""
    wanted = run.strip().upper()
    found = store.plan_of(wanted)
    if found is None:
        raise UsageError(f"no plan of {run} waits", fix="see which does with: hub status")
    if found.state is PlanState.DONE:
        raise UsageError(
            f"the plan of {found.run} has been carried out already",
            fix=f"bring everything into step: hub sync {found.sync}",
        )
    return found


def chosen_value(hold: Hold, connection: str) -> Any:
    """What *connection* wants the field to be. Raises UsageError."""
    named = sorted((c for c in hold.contenders if c.connection == connection), key=lambda c: c.own)
    contender: Contender | None = next(iter(named), None)  # what is there now, before what the entity got from there
    if contender is None:
        names = ", ".join(sorted({c.connection for c in hold.contenders}))
        raise UsageError(f"{connection} has no say in {hold.id}", fix=f"take one of: {names}")
    return contender.value


def given_value(hold: Hold, data: Any) -> Any:
    """*data*, JSON that a person typed, as a value of the field. Raises UsageError."""
    field = fields_of(entity_class(kind_of(hold.key)))[hold.field]
    try:
        return field.from_json(data)
    except ValidationError as invalid:
        message = invalid.errors()[0]["msg"]
        raise UsageError(
            f"{data!r} is no {hold.field}: {message}", fix="give it as JSON, such as '\"2026-12-01\"'"
        ) from None


def settle(store: Store, hold: Hold, value: Any, decided: Stamp, mappings: Mappings, rules: Rules) -> Entity:
    """Give the field of a hold the value that a person chose; its contenders are owed it from now on."""
    entity = store.entities([hold.key])[hold.key]
    ties = store.bindings_of([hold.key])[hold.key]
    holds = [
        replace(each, decision=value, decided=decided) if each.id == hold.id else each
        for each in store.holds([hold.key])[hold.key]
    ]
    by_place = {each.connection: each for each in ties}
    shown = {
        contender.connection: Observation({mappings[contender.connection][hold.field].remote: still}, contender.stamp)
        for contender in hold.contenders
        if not contender.own and not hold.lost and contender.connection in mappings
        if (still := showing(hold, contender, by_place)) is not NOTHING
    }
    only = {name: mappings[name].only(hold.field) for name in shown}
    found = reconcile(entity, ties, shown, only, rules, [h for h in holds if h.id == hold.id])
    with store.transaction():
        keep(store, [Judged(found, ties, store.holds([hold.key])[hold.key])], None, decided.at)
    return found.entity


def tie(store: Store, key: str, kind: Kind, connection: str, record: Record, now: datetime) -> Binding:
    """Tie an entity to a record that is there already; the next run judges what both show. Raises UsageError."""
    bound = store.bindings_at(connection, kind, [record.id]).get(record.id)
    if bound and bound.state == "bound" and bound.key != key:
        raise UsageError(
            f"{record.key or record.id} is a copy of {bound.key} already", fix=f"hub unlink {bound.key} {connection}"
        )
    mine = next((b for b in store.bindings_of([key]).get(key, []) if b.connection == connection), None)
    if mine and mine.state == "bound" and mine.remote != record.id:
        raise UsageError(
            f"{key} has a copy in {connection} already: {mine.shown_key or mine.remote}",
            fix=f"hub unlink {key} {connection}",
        )
    binding = replace(meet(key, kind, connection, record.id), shown_key=record.key, url=record.url)
    with store.transaction():
        for old in (bound, mine):
            if old:
                store.drop_binding(old)
        store.keep_ties([(binding, False)])
        store.keep_records(connection, kind, [record], now)
    return binding


def untie(store: Store, key: str, connection: str) -> Binding:
    """Keep an entity and its copy no longer in step; neither is touched. Raises UsageError."""
    mine = next((b for b in store.bindings_of([key]).get(key, []) if b.connection == connection), None)
    if mine is None or mine.state != "bound":
        raise UsageError(f"{key} has no copy in {connection}", fix=f"see where it is with: hub show {key}")
    loose = replace(mine, state=UNLINKED)
    with store.transaction():
        store.keep_bindings([(loose, False)])
        store.drop_records([(connection, mine.kind, mine.remote)])
        about = [h for h in store.holds([key]).get(key, []) if connection in h.connections]
        store.close_holds(about, UNLINKED)
    return loose
