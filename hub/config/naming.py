"""Holds the names of fields that a configuration gives against the fields that a service has. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from hub.errors import Finding
from hub.mapping import CustomFields, FieldMap
from hub.sdk.connector import FieldInfo, KindSettings
from hub.sdk.naming import named_fields

MOST_LISTED = 12
"""As many fields as are listed where none is called nearly so."""
MOST_NEAR = 3
CLOSE = 0.7
"""How alike two names are that may be one name mistyped."""
_NUMBERS = re.compile(r"\d+")


def unknown_fields(
    settings: KindSettings, mapping: FieldMap, fields: Iterable[FieldInfo], where: str
) -> Iterator[Finding]:
    """Fields that the settings of a kind name, or that a lens looks at, and that the service does not have.

    Args:
        mapping: The lenses of the kind as these settings make them.
        fields: All that the service has.
        where: Where the settings stand: `syncs.delivery.spokes.jira.requirement`.
    """
    known = list(fields)
    free = [each for each in known if each.name not in mapping.remotes()]
    wanted = dict(named_fields(settings.options, where))
    custom = {f"{where}.custom.{name}": field for name, field in settings.custom.items()}
    for place, name in (wanted | custom).items():
        found = _called(name, known)
        if not found:
            yield Finding(place, "error", f"the service has no field {name!r}", near(name, known, free))
        elif len(found) > 1 and place in custom:
            several = ", ".join(each.name for each in found)
            yield Finding(place, "error", f"the service has several fields {name!r}", f"name one of {several}")
    for field, lens in mapping.items():
        told = lens.remote in wanted.values() or isinstance(lens, CustomFields)
        if not told and not _called(lens.remote, known):
            message = f"the service has no field {lens.remote!r}, which is looked at for {field}"
            yield Finding(where, "error", message, near(lens.remote, known, free))


def _called(name: str, fields: Iterable[FieldInfo]) -> list[FieldInfo]:
    """The field of that name; else those that may be called so."""
    several = list(fields)
    own = [each for each in several if each.name == name]
    return own[:1] or [each for each in several if name.casefold() in {other.casefold() for other in each.also}]


def near(name: str, fields: Iterable[FieldInfo], free: Sequence[FieldInfo]) -> str:
    """`did you mean X?`, by what fields are called in settings and by people; else what is *free*, if that is little."""
    called: dict[str, FieldInfo] = {}
    for each in fields:
        for text in (each.name, *each.also, each.label):
            called.setdefault(_plain(text), each)
    plain = _plain(name)
    close = get_close_matches(plain, called, n=MOST_NEAR * 2, cutoff=CLOSE)
    # Ids that differ in their numbers are as far apart as any.
    alike = [called[text] for text in close if text == plain or _NUMBERS.sub("", text) != _NUMBERS.sub("", plain)]
    if alike:
        return f"did you mean {' or '.join([_shown(each) for each in dict.fromkeys(alike)][:MOST_NEAR])}?"
    if len(free) > MOST_LISTED:
        return f"none of its {len(free)} other fields is called nearly so"
    return f"there are: {', '.join(map(_shown, free)) or 'none'}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())


def _shown(field: FieldInfo) -> str:
    """The name that settings give, and what people call it where that tells more."""
    same = not field.label or _plain(field.label) == _plain(field.name)
    return field.name if same or field.name in field.label else f"{field.name} ({field.label})"
