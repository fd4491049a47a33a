"""What a field takes: values given to the API, read as they are stored, or refused."""

import re
from dataclasses import dataclass
from typing import Any

from hub_zoho_crm.sandbox.fields import NO_VALUE, Field
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Problem, invalid, missing_key
from hub_zoho_crm.sandbox.times import is_day, is_moment, read_moment

_PATTERNS = {
    "email": re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]{2,}"),
    "phone": re.compile(r"[-+()./#*\w\s,;:]{1,}"),
    "website": re.compile(r"[^\s<>]+"),
}
_BIG = re.compile(r"-?\d{1,18}")


@dataclass(frozen=True)
class Check:
    """The values of one row.

    Args:
        path: Where the row is in the body, such as `$.data[0]`.
        external: Of lookups that are given by an external field of their target: its name, by lookup.
        se_module: The module of a lookup that names it beside.
    """

    org: Org
    path: str
    external: dict[str, str]
    se_module: str = ""

    def value(self, field: Field, given: Any) -> Any:
        """*given* as it is stored; None clears a field."""
        if given is None or given == NO_VALUE or (given == "" and field.kind != "boolean"):
            if field.mandatory:
                raise missing_key(field.name, f"{self.path}.{field.name}")
            return None
        return self._read(field, given)

    def _read(self, field: Field, given: Any) -> Any:  # noqa: PLR0911 - one for each type
        match field.kind:
            case "picklist":
                return self._choice(field, given)
            case "multiselectpicklist":
                return self._choices(field, given)
            case "boolean":
                return self._boolean(field, given)
            case "integer" | "percent":
                return self._integer(field, given)
            case "bigint":
                return self._big(field, given)
            case "double" | "currency":
                return self._number(field, given)
            case "date":
                return self._day(field, given)
            case "datetime":
                return self._moment(field, given)
            case "ownerlookup":
                return self._person(field, given)
            case "lookup":
                return self._lookup(field, given)
        return self._text(field, given)

    def _refused(self, field: Field, **details: Any) -> Problem:
        return invalid(**details, api_name=field.name, json_path=f"{self.path}.{field.name}")

    def _mistyped(self, field: Field, expected: str) -> Problem:
        return self._refused(field, expected_data_type=expected)

    def _text(self, field: Field, given: Any) -> str:
        if not isinstance(given, str):
            raise self._mistyped(field, "string" if field.kind in {"text", "textarea"} else field.kind)
        if len(given) > field.most:
            raise self._refused(field, maximum_length=field.most)
        pattern = _PATTERNS.get(field.kind)
        if pattern and not pattern.fullmatch(given):
            raise self._mistyped(field, field.kind)
        return given

    def _choice(self, field: Field, given: Any) -> str:
        if not isinstance(given, str):
            raise self._mistyped(field, "string")
        if field.values and given not in field.values:
            raise self._refused(field, supported_values=list(field.values))
        return given

    def _choices(self, field: Field, given: Any) -> tuple[str, ...] | None:
        if not isinstance(given, list):
            raise self._mistyped(field, "jsonarray")
        return tuple(dict.fromkeys(self._choice(field, one) for one in given)) or None

    def _boolean(self, field: Field, given: Any) -> bool:
        if not isinstance(given, bool):
            raise self._mistyped(field, "boolean")
        return given

    def _integer(self, field: Field, given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int):
            raise self._mistyped(field, "integer")
        if len(str(abs(given))) > field.most:
            raise self._refused(field, maximum_length=field.most)
        return given

    def _big(self, field: Field, given: Any) -> str:
        if isinstance(given, bool) or not isinstance(given, str | int) or not _BIG.fullmatch(str(given)):
            raise self._mistyped(field, "bigint")
        return str(given)

    def _number(self, field: Field, given: Any) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise self._mistyped(field, "double")
        return given

    def _day(self, field: Field, given: Any) -> str:
        if not is_day(given):
            raise self._mistyped(field, "date")
        return str(given)

    def _moment(self, field: Field, given: Any) -> Any:
        if not is_moment(given):
            raise self._mistyped(field, "datetime")
        return read_moment(given)

    def _person(self, field: Field, given: Any) -> str:
        wanted = as_id(given.get("id") if isinstance(given, dict) else given)
        if wanted not in self.org.users:
            raise self._unknown(field, "id" if isinstance(given, dict) else field.name)
        return wanted

    def _lookup(self, field: Field, given: Any) -> str:
        module = field.module or self.se_module
        if isinstance(given, dict) and field.name in self.external and self.external[field.name] in given:
            name = self.external[field.name]
            held = self.org.holder(module, name, given[name])
            if not held:
                message = "The value of the external field is invalid for the lookup field."
                raise invalid(message, api_name=name, json_path=f"{self.path}.{field.name}.{name}")
            return held.id
        if isinstance(given, bool) or not isinstance(given, dict | str | int):
            raise self._mistyped(field, "jsonobject")
        wanted = as_id(given.get("id") if isinstance(given, dict) else given)
        if not self.org.find(module, wanted):
            raise self._unknown(field, "id" if isinstance(given, dict) else field.name)
        return wanted

    def _unknown(self, field: Field, name: str) -> Problem:
        path = f"{self.path}.{field.name}" + (".id" if name == "id" else "")
        return invalid("the related id given seems to be invalid", api_name=name, json_path=path)


def as_id(given: Any) -> str:
    """An id, which the API also takes as a number, as the service's own client sends it; "" for anything else."""
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
