"""docs/reference/config.md: every setting of hub.toml, with its type and default."""

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from docs.pages.prose import arguments, code, prose, table
from hub.config import GUARD
from hub.config.tables import (
    BreakerTable,
    FileTable,
    HubTable,
    KindTable,
    LimitTable,
    SpokeTable,
    SyncTable,
    WhereTable,
)
from hub.mapping import Choice
from hub.plugins import discover
from hub.reconcile.rules import BUILT_IN, owner, prefer
from hub.sdk import Connector

PLUGINS = Path(__file__).resolve().parent.parent.parent / "plugins"

TABLES: Mapping[str, tuple[str, type[BaseModel]]] = {
    "hub": ("[hub]", HubTable),
    "sync": ("[syncs.NAME]", SyncTable),
    "limit": ("HARM = { … } in [syncs.NAME.guard]", LimitTable),
    "breaker": ("[syncs.NAME.breaker]", BreakerTable),
    "spoke": ("[syncs.NAME.spokes.CONNECTION]", SpokeTable),
    "kind": ("KIND = { … } in a spoke", KindTable),
    "where": ("where = { … } of a kind", WhereTable),
}
MEANINGS: Mapping[str, str] = {
    "hub.store": "Where the hub keeps its memory: `sqlite:///FILE`, relative to the configuration file.",
    "hub.language": "The language of headings that the hub writes into descriptions: `Background` or `背景`. Messages are in "
    "English today, whatever it says.",
    "hub.attachment_limit_mb": "The largest file, in megabytes, that the hub passes on from one service to another.",
    "sync.every": "How often the sync is meant to run: `30s`, `2m`, `6h`, `1d`. For the daemon, which does not exist "
    "yet: today something outside calls `hub sync`.",
    "sync.cron": "The same as five cron fields. Not together with `every`. For the daemon, too.",
    "sync.full_every": "Read everything, not only what changed, when the last full reading is older than this. A run "
    "looks at it today. Without it, only the first run and `hub sync --full` read everything.",
    "sync.spokes": "The connections that take part, each under its own name. Their order settles ties.",
    "sync.rules": "Who is right when two people changed the same field: [rules](#rules) by canonical field, and "
    "`default` for all others.",
    "sync.guard": "How much a run may do unasked: a limit for each harm ("
    + ", ".join(f"`{harm}`" for harm in GUARD)
    + "), or "
    "`false`. Above it the run is held; see [approving a held run](../how-to/approve-a-held-run.md).",
    "sync.breaker": "How often one copy may be written before two automations are taken to be fighting over it.",
    "limit.count": "So many copies are never too many. Usual: "
    + ", ".join(f"`{harm}` {limit.count}" for harm, limit in GUARD.items())
    + ".",
    "limit.share": "Nor is this part of all copies that are kept in step there. Usual: "
    + ", ".join(f"`{harm}` {limit.share:g}" for harm, limit in GUARD.items())
    + ".",
    "breaker.writes": "So many writes of one copy are no fight yet. What is written once more is not, until `hub retry`.",
    "breaker.within": "Within this time.",
    "spoke.audience": "Who reads there; by default clients where the connector writes to people outside (e-mail), and "
    "colleagues elsewhere. What nobody declared to be for clients never reaches a spoke that `client`s "
    "read; see [what clients see](../how-to/what-clients-see.md).",
    "spoke.quiet": "How long nobody may have changed a requirement before its copy there is brought up to date, so that "
    "several steps are told as one: `10m`. What a copy was never told is told at once.",
    "spoke.on_delete": "What follows when a copy was truly deleted there. `unlink` keeps the requirement and its other "
    "copies; `recreate` makes the copy again; `close` closes the others; `delete` deletes them. An edit beats a delete; "
    "see [when somebody deletes a copy](../how-to/deleted-copies.md).",
    "kind.originates": "New records there become requirements (clients, contacts, tasks, comments, attachments) of the "
    "hub.",
    "kind.creates": "Those of the hub get a copy there.",
    "kind.types": "The service's own types that count as this kind; empty means all.",
    "kind.create_type": "The type that a new record gets there.",
    "kind.custom": 'Custom fields: `{ NAME = "field there" }`. What has the same name on two spokes is kept the same.',
    "kind.shows": "On a spoke that clients read: the canonical fields that they see, instead of the usual ones.",
    "kind.audience": "Who what is made there is for, instead of who reads there.",
    "kind.client_marks": "First words of a comment that say it is for the client.",
    "kind.where": "Only what fits: any of each list, all of the keys.",
    "where.labels": "Has one of these labels.",
    "where.status": "Has one of these canonical statuses.",
    "where.client": "Belongs to one of these clients, by key.",
    "where.types": "Is of one of these canonical types: `feature`, `change`, `defect`, `question`.",
}
WORDS = {
    str: "text",
    bool: "true or false",
    timedelta: "length of time",
    int: "number",
    float: "number",
    date: "day",
    SecretStr: "secret",
    Any: "any",
}
TOP = {
    "hub": "Settings of the hub itself.",
    "connections": "One table for each configured account, `[connections.NAME]`; its `plugin` says what else it has.",
    "syncs": "One table for each set of connections kept consistent, `[syncs.NAME]`. At least one.",
    "people": 'The same person under several accounts: `"e-mail" = { CONNECTION = "account id" }`. A user name '
    "does as well, where the service has these.",
}
SECRETS = """A secret is never written into the file. It is named, in one of three ways:

- `{ env = "NAME" }`: an environment variable
- `{ file = "PATH" }`: a file with nothing else in it; a relative path begins in the folder of `hub.toml`
- `{ keyring = "SERVICE/USER" }`: the system's key ring, with `pip install requirement-hub[keyring]`
"""
VOCABULARY = """A status, priority or type has other names in every service. A spoke says which, one table for each
field: `canonical = "name there"`, or a list of names of which the first is written and all are read. `otherwise`
is for values that are not named: `write` for canonical ones, `read` for the service's. A value with no name on
either side is never guessed: that field of that record waits, and the run says so. A field without a table is not
synchronised.
"""


def page() -> str:
    """The reference of the configuration."""
    parts = [
        "# Configuration\n",
        "`hub.toml` in the current folder, else the file named by `--config FILE`, else by `$HUB_CONFIG`. It is TOML in "
        "UTF-8. A key that is not listed here is a mistake, and `hub check` names all mistakes at once. "
        "[config.example.toml](../../config.example.toml) is a whole one.\n",
        table(["table", "what it holds"], [[f"`{name}`", TOP[name]] for name in FileTable.model_fields]),
    ]
    for name, (title, model) in TABLES.items():
        parts += [f"## `{title}`\n", _settings(model, {f: MEANINGS[f"{name}.{f}"] for f in model.model_fields})]
    parts += ["## Names of values\n", VOCABULARY, code(_example(), "toml"), "## Rules\n", _rules()]
    parts += ["## Secrets\n", SECRETS]
    for name, connector in connectors().items():
        parts += [f'## `plugin = "{name}"`\n', *_connector(connector)]
    return "\n".join(parts)


def connectors() -> dict[str, type[Connector]]:
    """The connectors of this repository, by name; others that happen to be installed are none of its business."""
    own = {folder.name for folder in PLUGINS.iterdir()}
    return {name: each for name, each in sorted(discover().connectors.items()) if name in own}


def rules() -> dict[str, str]:
    """The rules that a configuration may name, and what each says."""
    described = {"highest": "The greatest value: the latest day, the most hours, the most urgent priority."}
    described |= {"lowest": "The least value: the earliest day, the fewest hours, the least urgent priority."}
    described["merge"] = "What can be merged without loss is; what is left waits for a person."
    plain = {name: described.get(name) or prose(rule.__doc__).partition("\n")[0] for name, rule in BUILT_IN.items()}
    return {
        **plain,
        "owner:SPOKE": prose(owner.__doc__).partition("\n")[0],
        "prefer:A,B": prose(prefer.__doc__).replace("*", ""),
    }


def _rules() -> str:
    said = (
        "\nA rule is asked only where a merge is not possible without loss: texts, sets of labels and sets of people are "
        "merged first, whatever the rule. Plugins can add rules by the hook [register_rules](hooks.md#register_rules).\n"
    )
    return table(["rule", "who is right"], [[f"`{name}`", text] for name, text in rules().items()]) + said


def _example() -> str:
    return (
        'status = { new = ["To Do", "Open"], in_progress = "In Progress", delivered = "Done",'
        ' otherwise = { write = "To Do", read = "new" } }'
    )


def _settings(model: type[BaseModel], meanings: Mapping[str, str], prefix: str = "") -> str:
    return table(["setting", "type", "default", "meaning"], _rows(model, meanings, prefix))


def _rows(model: type[BaseModel], meanings: Mapping[str, str], prefix: str) -> Iterator[list[str]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        yield [f"`{prefix}{name}`", _type(kind), _default(field), meanings[name]]
        if not prefix and name != "where":
            yield from _once(row for inner in _models(kind) for row in _rows(inner, _said(inner), f"{name}."))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables that a setting may be: one, or one of several."""
    for each in (annotation, *typing.get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def _once(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """One row for each setting: several tables may have it, each with choices of its own."""
    found: dict[str, list[str]] = {}
    for row in rows:
        name, *told = row
        before = found.get(name)
        found[name] = [name, *map(_either, before[1:], told)] if before else row
    yield from found.values()


def _either(one: str, other: str) -> str:
    if other in one:
        return one
    return f"{one.removesuffix('.')}, or: {other}" if one.endswith(".") else f"{one} or {other}"


def _said(model: type[BaseModel]) -> dict[str, str]:
    """What a model's docstring says of its settings, and for those it passes over, what stands there by itself."""
    own = {
        "plugin": "The connector's name.",
        "kind": "How to sign in.",
        "user": "The account's e-mail address.",
        "token": "The account's token, as a secret.",
    }
    told = {name: text for each in reversed(model.__mro__) for name, text in arguments(each.__doc__).items()}
    return {name: told.get(name) or own[name] for name in model.model_fields}


def _type(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin is typing.Literal:
        return " or ".join(f'`"{each}"`' for each in inner)
    if origin in {types.UnionType, typing.Union}:
        return " or ".join(dict.fromkeys(_type(each) for each in inner if each is not type(None)))
    if origin in {list, frozenset}:
        return f"list of {_type(inner[0])}s"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f'`"{each}"`' for each in annotation)
    return WORDS.get(annotation, "table")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`'
        case timedelta():
            return f'`"{value.total_seconds() / 60:g}m"`'
        case int() | float():
            return f"`{value:g}`"
        case BaseModel():
            return "as below"
        case [*words] if words:
            return ", ".join(f'`"{each}"`' for each in words)
    return "empty"


def _connector(connector: type[Connector]) -> Iterator[str]:
    yield prose(connector.__doc__) + "\n"
    yield _settings(connector.Config, _said(connector.Config))
    for kind, spec in connector.kinds.items():
        yield f"### {connector.name}: {kind}\n"
        yield f"Can {', '.join(sorted(spec.operations))}.\n"
        yield table(["canonical field", "field there", "names wanted"], _fields(connector, kind))
        if spec.options is not None:
            yield "Its own settings, beside those every kind has:\n"
            yield _settings(spec.options, _said(spec.options))


def _fields(connector: type[Connector], kind: Any) -> Iterator[list[str]]:
    for name, lens in connector.kinds[kind].mapping.items():
        values = ", ".join(f"`{value}`" for value in lens.choices) if isinstance(lens, Choice) else ""
        yield [f"`{name}`", f"`{lens.remote}`", values]
