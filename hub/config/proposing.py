"""Proposes what a sync's configuration may say of a service, from what the service has. Pure; a person has the last word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.config.placing import Names, plain, propose_names
from hub.config.tables import SpokeTable
from hub.mapping import Account, Choice
from hub.model import Audience, Kind
from hub.sdk.connector import Connector, Description, Operation

FIRST: Mapping[str, str] = {"status": "new", "priority": "medium", "type": "feature"}
"""By field: what a name is read as that cannot be placed."""
SETTINGS = frozenset(SpokeTable.model_fields)
"""What a spoke's table says in other ways than by a vocabulary."""
FOR_CLIENTS: Mapping[str, str] = {"audience": "client", "quiet": "10m"}
"""What a spoke says that clients read."""
ANSWERS = frozenset({Kind.COMMENT, Kind.ATTACHMENT})
"""What is said to clients without being asked to; everything else begins with them."""
UNSUITED = frozenset({"epic", "initiative", "theme", "史诗", "长篇故事"})
"""Types that hold other things together, and are no requirements themselves."""
MADE_FIRST = ("story", "user story", "requirement", "feature", "task", "故事", "需求", "用户故事", "功能", "任务")
"""Which type a new record gets, if there is a choice."""


@dataclass(frozen=True, slots=True)
class KindProposal:
    """What a spoke may say of one kind."""

    originates: bool
    creates: bool
    types: tuple[str, ...] = ()
    create_type: str | None = None


@dataclass(frozen=True, slots=True)
class SpokeProposal:
    """What a spoke may say."""

    kinds: Mapping[Kind, KindProposal]
    vocabularies: Mapping[str, Names] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def propose_spokes(
    connectors: Mapping[str, type[Connector]], described: Mapping[str, Description]
) -> dict[str, SpokeProposal]:
    """What each connection of a new sync may say: the kinds that at least two of them hold, and its vocabularies."""
    kinds = _common(connectors.values())
    return {
        name: SpokeProposal(
            {kind: _kind(kind, connector, described[name]) for kind in kinds if kind in connector.kinds},
            _vocabularies(connector, kinds, described[name], [c for o, c in connectors.items() if o != name]),
            FOR_CLIENTS if connector.audience is Audience.CLIENT else {},
        )
        for name, connector in connectors.items()
    }


def _common(connectors: Iterable[type[Connector]]) -> tuple[Kind, ...]:
    held = [kind for connector in connectors for kind in connector.kinds]
    several = tuple(kind for kind in Kind if held.count(kind) > 1)
    return several or tuple(kind for kind in (Kind.REQUIREMENT,) if kind in held)


def _kind(kind: Kind, connector: type[Connector], description: Description) -> KindProposal:
    types = tuple(name for name in description.types.get(kind, ()) if plain(name) not in UNSUITED)
    made = sorted(types, key=lambda name: _rank(plain(name)))
    several = len(description.types.get(kind, ())) > 1
    outside = connector.audience is Audience.CLIENT and kind not in ANSWERS
    creates = Operation.CREATE in connector.kinds[kind].operations and not outside
    return KindProposal(True, creates, types if several else (), made[0] if several and creates and made else None)


def _rank(name: str) -> int:
    return MADE_FIRST.index(name) if name in MADE_FIRST else len(MADE_FIRST)


def _vocabularies(
    connector: type[Connector],
    kinds: Sequence[Kind],
    description: Description,
    others: Sequence[type[Connector]],
) -> dict[str, Names]:
    found: dict[str, Names] = {}
    for kind in (kind for kind in kinds if kind in connector.kinds):
        for name, lens in connector.kinds[kind].mapping.items():
            choices = description.choices(kind, lens.remote)
            if name in SETTINGS or not isinstance(lens, Choice) or _fits(lens, choices):
                continue
            if choices and _useful(name, kind, choices, description, others):
                values, phases = [str(value) for value in lens.choices], description.phases(kind, lens.remote)
                proposed = propose_names(values, choices, FIRST.get(name), phases)
                found[name] = _together(found[name], proposed) if name in found else proposed
    return {name: names for name, names in found.items() if names.names}


def _fits(lens: Choice, choices: Sequence[str]) -> bool:
    """Whether the connector's own names are all there already, and none is missing."""
    own = lens.names.names
    named = {name for names in own.values() for name in names}
    return len(own) == len(lens.choices) and set(choices) <= named


def _useful(
    name: str, kind: Kind, choices: Sequence[str], description: Description, others: Sequence[type[Connector]]
) -> bool:
    """Not a vocabulary of the service's types where nobody else has them: `types` and `create_type` say all of that."""
    shared = any(kind in other.kinds and name in other.kinds[kind].mapping for other in others)
    return shared or not set(description.types.get(kind, ())) & set(choices)


def _together(one: Names, other: Names) -> Names:
    """One table for two kinds, whose values differ: a task has other statuses than a requirement."""
    more = {value: names for value, names in other.names.items() if value not in one.names}
    borrowed = (*one.borrowed, *(value for value in other.borrowed if value in more))
    ordered = {v: n for v, n in {**one.names, **more}.items() if v not in borrowed}
    ordered |= {v: n for v, n in {**one.names, **more}.items() if v in borrowed}
    unknown = tuple(dict.fromkeys((*one.unknown, *other.unknown)))
    nameless = tuple(v for v in dict.fromkeys((*one.nameless, *other.nameless)) if v not in ordered)
    return Names(ordered, borrowed, one.read or other.read, unknown, nameless)


def propose_people(accounts: Mapping[str, Iterable[Account]]) -> dict[str, dict[str, str]]:
    """`[people]`: accounts of one name, which only one account of each connection has, where one shows its e-mail."""
    by_name: dict[str, dict[str, list[Account]]] = {}
    for connection, some in accounts.items():
        for account in some:
            if name := plain(account.name):
                by_name.setdefault(name, {}).setdefault(connection, []).append(account)
    people: dict[str, dict[str, str]] = {}
    for found in by_name.values():
        mails = {each.email.lower() for some in found.values() for each in some if each.email}
        hidden = any(not each.email for some in found.values() for each in some)
        if len(found) > 1 and len(mails) == 1 and hidden and all(len(some) == 1 for some in found.values()):
            people[mails.pop()] = {connection: some[0].id for connection, some in found.items()}
    return people
