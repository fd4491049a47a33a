"""The schemas of an OpenAPI description as JSON Schema 2020-12, compiled when first needed."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import jsonschema_rs

Direction: TypeAlias = Literal["request", "answer"]

_KEPT = frozenset(
    {"type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "exclusiveMinimum", "exclusiveMaximum"}
)
_LISTS = ("allOf", "anyOf", "oneOf")
_LONGEST = 300


class Schemas:
    """Validators for the schemas of one description."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._validators: dict[tuple[int, Direction], tuple[object, jsonschema_rs.Draft202012Validator]] = {}

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """*node*, or what its `$ref` points to. Raises KeyError if it points nowhere."""
        while "$ref" in node:
            target: Any = self._spec
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def is_array(self, schema: Mapping[str, Any]) -> bool:
        """Whether *schema* says that it describes arrays."""
        return self.resolve(schema).get("type") == "array"

    def items(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of the items of an array."""
        items: Mapping[str, Any] = self.resolve(schema).get("items", {})
        return items

    def validator(self, schema: Mapping[str, Any], direction: Direction) -> jsonschema_rs.Draft202012Validator:
        """A validator for a schema of this description (a node of it: it is remembered by identity)."""
        key = (id(schema), direction)
        if key not in self._validators:
            validator = jsonschema_rs.Draft202012Validator(
                translated(schema, direction), registry=self._registry(direction), validate_formats=True
            )
            # The schema is kept with it: an identity is only good while its object lives.
            self._validators[key] = (schema, validator)
        return self._validators[key][1]

    @functools.cache  # noqa: B019 - two entries, as long-lived as the description
    def _registry(self, direction: Direction) -> jsonschema_rs.Registry:
        shared = self._spec.get("components", {}).get("schemas", {})
        schemas = {name: translated(schema, direction) for name, schema in shared.items()}
        return jsonschema_rs.Registry([(_address(direction), {"components": {"schemas": schemas}})])

    def problems(self, validator: jsonschema_rs.Draft202012Validator, value: Any) -> list[str]:
        """What is wrong with *value*, each with its place, such as `fields/0/name: "x" is not of type "integer"`."""
        return [problem for error in validator.iter_errors(value) for problem in _words(error)]


def _address(direction: Direction) -> str:
    return f"urn:openapi:{direction}"


def translated(schema: Any, direction: Direction) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema 2020-12.

    Only words that decide validity are kept. Beside `$ref` only `nullable` counts (OpenAPI ignores it there, services do
    not mean that). Read-only properties need not be in requests, write-only ones not in answers.
    """
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        told: dict[str, Any] = {"$ref": f"{_address(direction)}{schema['$ref']}"}
    else:
        told = {word: value for word, value in schema.items() if word in _KEPT}
        _translate_limits(schema, told)
        _translate_parts(schema, told, direction)
    return _or_null(told) if schema.get("nullable") else told


def _translate_limits(schema: Mapping[str, Any], told: dict[str, Any]) -> None:
    """In 3.0 `exclusiveMinimum` is a truth value beside `minimum`; in JSON Schema it is the limit itself."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            del told[exclusive]
            if schema[exclusive] and limit in told:
                told[exclusive] = told.pop(limit)


def _translate_parts(schema: Mapping[str, Any], told: dict[str, Any], direction: Direction) -> None:
    for word in _LISTS:
        if word in schema:
            told[word] = [translated(part, direction) for part in schema[word]]
    for word in ("not", "items", "additionalProperties"):
        if word in schema:
            told[word] = translated(schema[word], direction)
    properties = schema.get("properties", {})
    if properties:
        told["properties"] = {name: translated(part, direction) for name, part in properties.items()}
    hidden = "readOnly" if direction == "request" else "writeOnly"
    if isinstance(required := schema.get("required"), list):
        told["required"] = [name for name in required if not properties.get(name, {}).get(hidden)]


def _or_null(told: dict[str, Any]) -> dict[str, Any]:
    if isinstance(told.get("type"), str) and not told.keys() & {*_LISTS, "not"}:
        with_null = {**told, "type": [told["type"], "null"]}
        if "enum" in told and None not in told["enum"]:
            with_null["enum"] = [*told["enum"], None]
        return with_null
    return {"anyOf": [told, {"type": "null"}]}


def _words(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """An error in words; of alternatives only the one that *error* got furthest into."""
    branches = [branch for branch in getattr(error.kind, "context", None) or [] if branch]
    deepest = max(branches, key=lambda branch: max(len(inner.instance_path) for inner in branch), default=None)
    if deepest and any(len(inner.instance_path) > len(error.instance_path) for inner in deepest):
        for inner in deepest:
            yield from _words(inner)
        return
    place = "/".join(str(step) for step in error.instance_path)
    said = error.message if len(error.message) <= _LONGEST else f"{error.message[:100]} … {error.message[-150:]}"
    yield f"{place}: {said}" if place else said
