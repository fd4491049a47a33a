"""Values of fields: what Jira accepts, how it is stored, and how history names it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_jira.sandbox.documents import LIMIT, as_stored, from_plain, plain
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.problems import bad, bad_field
from hub_jira.sandbox.records import Account, Named, Option, Project, Rich, Verbatim
from hub_jira.sandbox.site import Site, by_name
from hub_jira.sandbox.times import is_day, read_moment

TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
NOT_A_TEXT = "Operation value must be a string"


@dataclass(frozen=True)
class Reading:
    """Where a value is read: the site, the project of the issue, and the version of the API that brought it."""

    site: Site
    project: Project
    version: int = 3

    def value(self, field: Field, given: Any) -> Any:
        """*given* in stored form; None empties the field. Raises Problem (400) in the words of Jira."""
        if given is None and field.id != "summary":
            return None
        return _READERS[field.kind](self, field, given)


def _text(_: Reading, field: Field, given: Any) -> str | None:
    if field.id == "summary":
        return _summary(given)
    if not isinstance(given, str):
        raise bad_field(field.id, NOT_A_TEXT)
    if len(given) > 255:
        raise bad_field(field.id, "The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return given or None


def _summary(given: Any) -> str:
    if given is not None and not isinstance(given, str):
        raise bad_field("summary", NOT_A_TEXT)
    text = (given or "").strip()
    if not text:
        raise bad_field("summary", "You must specify a summary of the issue.")
    if "\n" in text or "\r" in text:
        raise bad_field("summary", "The summary is invalid because it contains newline characters.")
    if len(text) > 255:
        raise bad_field("summary", "Summary must be less than 255 characters.")
    return text


def read_rich(site: Site, name: str, given: Any, version: int) -> Rich | None:
    """Rich text in stored form: an ADF document, given as such in version 3 and as a text in version 2; on Data Center
    the text itself, which is wiki markup.

    Raises:
        Problem: 400 with the field's *name* for the wrong type or too long a text, `INVALID_INPUT` for bad ADF.
    """
    if version == 2:
        if not isinstance(given, str):
            raise bad_field(name, NOT_A_TEXT)
        if site.is_server:
            return _markup(name, given)
        document = from_plain(given)
    elif not isinstance(given, dict):
        raise bad_field(name, NOT_A_DOCUMENT)
    elif not site.accepts(given):
        raise bad("INVALID_INPUT")
    else:
        document = given
    if len(plain(document)) > LIMIT:
        raise bad_field(name, TOO_LONG)
    return as_stored(document, site.local_id) if document and document["content"] else None


def _markup(name: str, given: str) -> str | None:
    if len(given) > LIMIT:
        raise bad_field(name, TOO_LONG)
    return given or None


def _rich(reading: Reading, field: Field, given: Any) -> Rich | None:
    return read_rich(reading.site, field.id, given, reading.version)


def _number(_: Reading, field: Field, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise bad_field(field.id, "Operation value must be a number")
    return float(given)


def _day(_: Reading, field: Field, given: Any) -> str:
    if not is_day(given):
        raise bad_field(field.id, f"Error parsing date string: {given}. Expected the format yyyy-MM-dd.")
    return str(given)


def _moment(_: Reading, field: Field, given: Any) -> datetime:
    try:
        return read_moment(given)
    except (ValueError, TypeError):
        raise bad_field(field.id, f"Error parsing time: {given}") from None


def _url(_: Reading, field: Field, given: Any) -> str:
    if not isinstance(given, str) or "://" not in given:
        raise bad_field(field.id, "The entered URL is not valid. Enter a URL with its protocol, such as https://.")
    return given


def _labels(_: Reading, field: Field, given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(label, str) for label in given):
        raise bad_field(field.id, "Operation value must be an array of strings")
    for label in given:
        if " " in label:
            raise bad_field(field.id, f"The label '{label}' contains spaces which is invalid.")
        if len(label) > 255:
            raise bad_field(field.id, f"The label '{label[:20]}...' is too long; the limit is 255 characters.")
    return list(dict.fromkeys(label for label in given if label))


def _named(things: Mapping[str, Named], field_id: str, given: Any) -> str:
    if not isinstance(given, dict):
        raise bad_field(field_id, "Specify a valid 'id' or 'name' for " + field_id.capitalize())
    found = things.get(str(given["id"])) if "id" in given else by_name(things, str(given.get("name", "")))
    if not found:
        raise bad_field(field_id, f"The {field_id} selected is invalid.")
    return found.id


def _priority(reading: Reading, _: Field, given: Any) -> str:
    return _named(reading.site.priorities, "priority", given)


def _resolution(reading: Reading, _: Field, given: Any) -> str:
    return _named(reading.site.resolutions, "resolution", given)


def _group(reading: Reading, field: Field, given: Any) -> str:
    if isinstance(given, dict):
        groups = reading.site.groups
        found = groups.get(str(given.get("groupId"))) or by_name(groups, str(given.get("name", "")))
        if found:
            return found.id
    raise bad_field(field.id, "Could not find group with the given name or id.")


def _version(reading: Reading, field: Field, given: Any) -> str:
    own = {one.id: one for one in reading.site.versions.values() if one.project == reading.project.id}
    if not isinstance(given, dict):
        raise bad_field(field.id, "Specify a valid 'id' or 'name' for " + field.name)
    found = own.get(str(given["id"])) if "id" in given else by_name(own, str(given.get("name", "")))
    if not found:
        raise bad_field(field.id, f"Version with '{given.get('name', given.get('id'))}' does not exist.")
    return found.id


def _versions(reading: Reading, field: Field, given: Any) -> list[str]:
    if not isinstance(given, list):
        raise bad_field(field.id, "data was not an array")
    return list(dict.fromkeys(_version(reading, field, one) for one in given))


def _sprint(reading: Reading, field: Field, given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise bad_field(field.id, "Number value expected as the Sprint id.")
    if str(given) not in reading.site.sprints:
        raise bad_field(field.id, f"Sprint with id '{given}' does not exist or you do not have permission to view it.")
    return str(given)


def _epic(reading: Reading, field: Field, given: Any) -> str:
    found = reading.site.find(given) if isinstance(given, str) else None
    if not found or reading.site.type_of(found).level != 1:
        raise bad_field(field.id, f"Issue with key '{given}' does not exist or is not an epic.")
    return found.id


def _account(reading: Reading, field: Field, given: Any) -> Account:
    if reading.site.is_server:
        return _account_by_name(reading.site, field, given)
    if not isinstance(given, dict):
        raise bad_field(field.id, "expected Object containing an 'accountId' property")
    account = reading.site.accounts.get(str(given.get("accountId") or given.get("id") or ""))
    if not account:
        raise bad_field(field.id, f"Specify a valid value for {field.id}")
    return account


def _account_by_name(site: Site, field: Field, given: Any) -> Account:
    if not isinstance(given, dict):
        raise bad_field(field.id, "expected Object containing a 'name' property")
    found = site.user(str(given.get("name") or given.get("key") or ""))
    if not found:
        raise bad_field(field.id, f"User '{given.get('name')}' does not exist.")
    return found


def _user(reading: Reading, field: Field, given: Any) -> str | None:
    told = "name" if reading.site.is_server else "accountId"
    if isinstance(given, dict) and given.get(told, "") in (None, "-1"):
        return None
    account = _account(reading, field, given)
    if field.id == "assignee" and not (account.assignable and account.active):
        raise bad_field("assignee", f"User '{account.username or account.id}' cannot be assigned issues.")
    return account.id


def _users(reading: Reading, field: Field, given: Any) -> list[str]:
    if not isinstance(given, list):
        raise bad_field(field.id, "data was not an array")
    return list(dict.fromkeys(_account(reading, field, one).id for one in given))


def _find_option(field: Field, given: Any, parent: str | None = None) -> Option:
    if not isinstance(given, dict):
        raise bad_field(field.id, "Specify a valid 'id' or 'value' for " + field.name)
    for option in field.options:
        named = option.id == str(given["id"]) if "id" in given else option.value == given.get("value")
        if named and option.parent == parent:
            return option
    raise bad_field(field.id, f"Option with value '{given.get('value', given.get('id'))}' is not valid")


def _one_option(_: Reading, field: Field, given: Any) -> str:
    return _find_option(field, given).id


def _options(_: Reading, field: Field, given: Any) -> list[str]:
    if not isinstance(given, list):
        raise bad_field(field.id, "data was not an array")
    return list(dict.fromkeys(_find_option(field, one).id for one in given))


def _cascade(_: Reading, field: Field, given: Any) -> tuple[str, str | None]:
    option = _find_option(field, given)
    child = given.get("child")
    return option.id, _find_option(field, child, option.id).id if child else None


def _parent(reading: Reading, _: Field, given: Any) -> str:
    named = given.get("id") or given.get("key") if isinstance(given, dict) else None
    parent = reading.site.find(str(named or ""))
    if not parent:
        raise bad_field("parentId", "Could not find issue by id or key.")
    return parent.id


def _type(reading: Reading, _: Field, given: Any) -> str:
    site = reading.site
    if isinstance(given, dict):
        found = site.types.get(str(given["id"])) if "id" in given else by_name(site.types, str(given.get("name", "")))
        if found and found.id in reading.project.types:
            return found.id
    raise bad_field("issuetype", "Specify a valid issue type")


_SPAN_UNITS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60, "": 60}
"""Seconds of each unit in a site whose week has five days of eight hours; a bare number counts minutes."""


def _span(_: Reading, field: Field, given: Any) -> int | None:
    """The original estimate in seconds, from a text such as `1w 2d 3h 4m`; nought is none."""
    text = given.get("originalEstimate") if isinstance(given, dict) else None
    parts = re.findall(r"(\d+)([wdhm]?)(?=\s|$)", text) if isinstance(text, str) else []
    if not parts or "".join(n + unit for n, unit in parts) != "".join(str(text).split()):
        raise bad_field(field.id, "Original Estimate is invalid: use a form such as 1w 2d 3h 4m.")
    return sum(int(number) * _SPAN_UNITS[unit] for number, unit in parts) or None


def _fixed(_: Reading, field: Field, _given: Any) -> Any:
    raise bad_field(field.id, off_screen(field.id))


def off_screen(field_id: str) -> str:
    """What Jira says of a field that is not there to be set."""
    return f"Field '{field_id}' cannot be set. It is not on the appropriate screen, or unknown."


_READERS: dict[str, Callable[[Reading, Field, Any], Any]] = {
    "text": _text,
    "rich": _rich,
    "number": _number,
    "day": _day,
    "moment": _moment,
    "url": _url,
    "labels": _labels,
    "priority": _priority,
    "resolution": _resolution,
    "user": _user,
    "users": _users,
    "option": _one_option,
    "options": _options,
    "cascade": _cascade,
    "group": _group,
    "version": _version,
    "versions": _versions,
    "sprint": _sprint,
    "span": _span,
    "epic": _epic,
    "parent": _parent,
    "issuetype": _type,
    "project": _fixed,
    "status": _fixed,
    "computed": _fixed,
    "verbatim": _fixed,
}


def with_verbs(reading: Reading, field: Field, old: Any, verbs: Any) -> Any:
    """The stored value after the verbs of an `update`; 400 for a verb the field does not take."""
    if not isinstance(verbs, list):
        raise bad_field(field.id, "Operations must be an array")
    value = old.value if isinstance(old, Verbatim) else old
    for verb in verbs:
        if not isinstance(verb, dict) or len(verb) != 1:
            raise bad_field(field.id, "An operation must be an object with one verb")
        ((name, given),) = verb.items()
        if name not in field.operations:
            raise bad_field(field.id, f"Field '{field.id}' does not support update '{name}'")
        if name == "set":
            value = reading.value(field, given)
            continue
        members = reading.value(field, [given])
        kept = [one for one in value or [] if one not in members]
        value = kept if name == "remove" else (value or []) + [one for one in members if one not in (value or [])]
    return value
