"""Writes a hub.toml for people to go on with: short tables on a line, and comments that say what else there is."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.config.placing import Names
from hub.config.proposing import KindProposal, SpokeProposal
from hub.model.counting import form

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration to be written.

    Args:
        connections: By name: its table, `plugin` first.
        optional: By connection: settings that may be added, as name → default.
        spokes: By connection: its part in the sync.
        people: E-mail → connection → account id.
    """

    sync: str
    connections: Mapping[str, Mapping[str, Any]]
    spokes: Mapping[str, SpokeProposal]
    optional: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def toml_key(name: str) -> str:
    """*name* as a TOML key, quoted where it must be."""
    return name if _BARE.fullmatch(name) else toml_value(name)


def toml_value(value: Any) -> str:
    """*value* in TOML. JSON's strings are TOML's basic strings, but for DEL (TOML 1.0, "String")."""
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case Mapping():
            inside = ", ".join(f"{toml_key(str(name))} = {toml_value(each)}" for name, each in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_text(draft: Draft) -> str:
    """The whole file."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield "# What the hub keeps in step. Look for mistakes with: hub check --live"
    yield ""
    yield "[hub]"
    yield 'store = "sqlite:///hub.db"'
    for name, table in draft.connections.items():
        yield ""
        yield f"[connections.{toml_key(name)}]"
        yield from (f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items())
        for key, default in draft.optional.get(name, {}).items():
            yield f"# {toml_key(key)} = {toml_value('…' if default is None else default)}"
    sync = f"syncs.{toml_key(draft.sync)}"
    yield from ["", f"[{sync}]", '# every = "2m"', 'full_every = "1d"']
    for name, spoke in draft.spokes.items():
        yield ""
        yield f"[{sync}.spokes.{toml_key(name)}]"
        yield from (f"{key} = {toml_value(value)}" for key, value in spoke.settings.items())
        yield from (f"{kind} = {toml_value(_kind_table(proposal))}" for kind, proposal in spoke.kinds.items())
        for field_, names in spoke.vocabularies.items():
            yield from _vocabulary(field_, names)
    yield from ["", f"[{sync}.rules]", 'default = "latest"', 'description = "merge"']
    if draft.people:
        yield from ["", "[people]", "# taken for the same person because only they have this name: please look"]
        yield from (f"{toml_key(mail)} = {toml_value(accounts)}" for mail, accounts in draft.people.items())


def _kind_table(proposal: KindProposal) -> dict[str, Any]:
    table: dict[str, Any] = {"originates": proposal.originates, "creates": proposal.creates}
    if proposal.types:
        table["types"] = proposal.types
    if proposal.create_type:
        table["create_type"] = proposal.create_type
    return table


def _vocabulary(name: str, names: Names) -> Iterator[str]:
    if names.borrowed:
        yield f"# {name}: {_listed(names.borrowed)} {form(len(names.borrowed), 'has', 'have')} no name there, and borrowed one"
    if names.nameless:
        has, it = form(len(names.nameless), "has", "have"), form(len(names.nameless), "it", "them")
        yield f"# {name}: {_listed(names.nameless)} {has} no name there, and cannot be written until you give {it} one"
    if names.unknown:
        read = f", and read as {names.read}" if names.read else ": those are not synchronised"
        yield f"# {name}: {_listed(toml_value(each) for each in names.unknown)} could not be placed{read}"
    table: dict[str, Any] = {v: given[0] if len(given) == 1 else given for v, given in names.names.items()}
    if names.read:
        table["otherwise"] = {"read": names.read}
    yield f"{toml_key(name)} = {toml_value(table)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
