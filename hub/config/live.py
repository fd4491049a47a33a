"""Holds a configuration against what the services really have. Pure: descriptions in, findings out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from hub.config.naming import unknown_fields
from hub.config.problems import suggestion
from hub.config.settings import Spoke
from hub.errors import Finding
from hub.mapping import Account, Choice, FieldMap, Vocabulary
from hub.model import Kind
from hub.model.counting import counted, form
from hub.sdk.connector import Description, FieldInfo, KindSettings

SHOWN_PEOPLE = 5


def compare(spoke: Spoke, where: str, description: Description, mapped: Callable[[Kind], FieldMap]) -> list[Finding]:
    """What a spoke's configuration says that its service does not have, and the other way round.

    Args:
        where: Where the spoke stands: `syncs.delivery.spokes.jira`.
        mapped: The lenses of a kind as this configuration makes them: `Connector.mapping`.
    """
    found: list[Finding] = []
    for kind, settings in spoke.kinds.items():
        mapping, fields, place = mapped(kind), description.fields.get(kind, ()), f"{where}.{kind}"
        found += _types(settings, description.types.get(kind, ()), place)
        if kind in description.whole:
            found += unknown_fields(settings, mapping, fields, place)
        found += _vocabularies(spoke, kind, mapping, description, where)
        if spoke.routes[kind].creates:
            found += _required(kind, mapping, settings, fields, place)
    return list(dict.fromkeys(found))


def _types(settings: KindSettings, known: tuple[str, ...], where: str) -> Iterator[Finding]:
    if not known:
        return
    for name in settings.types:
        if name not in known:
            yield Finding(f"{where}.types", "error", f"the service has no type {name!r}", suggestion(name, known))
    if (made := settings.create_type) and made not in known:
        yield Finding(f"{where}.create_type", "error", f"the service has no type {made!r}", suggestion(made, known))


def _vocabularies(
    spoke: Spoke, kind: Kind, mapping: FieldMap, description: Description, where: str
) -> Iterator[Finding]:
    for field, lens in mapping.items():
        choices = description.choices(kind, lens.remote)
        if isinstance(lens, Choice) and choices:
            values = frozenset(str(value) for value in lens.choices)
            vocabulary = lens.called(spoke.vocabularies.get(field))
            if vocabulary.names or vocabulary.write is not None:
                yield from _foreign_names(
                    vocabulary, choices, f"{where}.{field}", whole=values <= set(vocabulary.names)
                )
                yield from _unnamed(vocabulary, choices, f"{where}.{field}", kind)


def _foreign_names(vocabulary: Vocabulary, choices: tuple[str, ...], where: str, *, whole: bool) -> Iterator[Finding]:
    """Names that the service does not have. One that is only read does no harm; one that is written is refused."""
    for value, (written, *read) in vocabulary.names.items():
        if written not in choices:
            message = f"the service has no {written!r}, which is written for {value}"
            yield Finding(f"{where}.{value}", "error", message, suggestion(written, choices))
        for name in (name for name in read if name not in choices):
            yield Finding(f"{where}.{value}", "warning", f"the service has no {name!r}", suggestion(name, choices))
    if vocabulary.write is not None and not whole and vocabulary.write not in choices:
        message = f"the service has no {vocabulary.write!r}"
        yield Finding(f"{where}.otherwise.write", "error", message, suggestion(vocabulary.write, choices))


def _unnamed(vocabulary: Vocabulary, choices: tuple[str, ...], where: str, kind: Kind) -> Iterator[Finding]:
    unnamed = [name for name in choices if vocabulary.canonical(name) is None]
    if unnamed:
        names = ", ".join(repr(name) for name in unnamed)
        message = f"the service also has {names}: a {kind} that shows one of them is not synchronised in this field"
        yield Finding(where, "warning", message, "name them, or add otherwise = { read = … }")


def _required(
    kind: Kind, mapping: FieldMap, settings: KindSettings, fields: Iterable[FieldInfo], where: str
) -> Iterator[Finding]:
    """Fields without which the service refuses a new record, and which nothing in the configuration fills."""
    filled = mapping.remotes() | _named_in(settings.options)
    for info in fields:
        if info.required and info.name not in filled and info.label not in filled:
            message = f"a new {kind} needs the field {info.label or info.name!r}, which the hub does not fill"
            yield Finding(where, "warning", message, "give it a value in the connector's settings for this kind")


def _named_in(options: Any) -> frozenset[str]:
    """Every key that occurs in the connector's own settings of a kind."""
    if isinstance(options, BaseModel):
        return _named_in(options.model_dump())
    if not isinstance(options, Mapping):
        return frozenset()
    return frozenset(options).union(*(_named_in(value) for value in options.values()))


def strangers(
    people: Mapping[str, Mapping[str, str]], accounts: Mapping[str, Iterable[Account]], where: str = "people"
) -> list[Finding]:
    """Who cannot be assigned across connections, because nothing says which account is theirs elsewhere.

    Args:
        people: `[people]` of the configuration.
        accounts: By connection of one sync: who can be assigned there.
    """
    mails = {name: _mails(name, people, found) for name, found in accounts.items()}
    findings = []
    for name, own in mails.items():
        elsewhere = {mail for other, theirs in mails.items() if other != name for mail in theirs.values() if mail}
        if len([other for other in mails.values() if other]) < 2:
            continue
        unknown = [account for account, mail in own.items() if mail not in elsewhere]
        if unknown:
            findings.append(_stranger(where, name, unknown, len(own)))
    return findings


def _mails(
    name: str, people: Mapping[str, Mapping[str, str]], accounts: Iterable[Account]
) -> dict[Account, str | None]:
    tied = {given[name]: mail.lower() for mail, given in people.items() if name in given}
    return {account: tied.get(account.id) or (account.email or "").lower() or None for account in accounts}


def _stranger(where: str, connection: str, unknown: list[Account], total: int) -> Finding:
    names = [f"{account.name or '?'} ({account.id})" for account in unknown[:SHOWN_PEOPLE]]
    more = f" and {len(unknown) - SHOWN_PEOPLE} more" if len(unknown) > SHOWN_PEOPLE else ""
    people, known = counted(total, "person", "people"), form(len(unknown), "is known", "are known")
    message = f"{len(unknown)} of {people} of {connection} {known} nowhere else: {', '.join(names)}{more}"
    fix = f'add to [people]: "name@company.example" = {{ {connection} = "{unknown[0].id}", … }}'
    return Finding(where, "warning", message, fix)
