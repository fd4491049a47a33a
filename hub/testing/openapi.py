"""Holds requests and answers against a service's OpenAPI description, to keep connectors and sandboxes honest.

OpenAPI 3.0 schemas are a dialect of their own; they are translated to JSON Schema 2020-12 once and compiled when first
needed (by jsonschema-rs, which the project names among its test requirements). Read generously where services are:
`nullable` counts beside `$ref`, a comma list may be repeated or joined, and a value declared `explode: false` without
being an array may be a comma list of such values.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.testing.schemas import Direction, Schemas

Pairs: TypeAlias = Iterable[tuple[str, str]]
Query: TypeAlias = Mapping[str, str | Sequence[str]] | Pairs
Headers: TypeAlias = Mapping[str, str] | Pairs

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_NEVER_A_BODY = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one path template."""

    name: str
    method: str
    path: re.Pattern[str]
    rank: tuple[int, ...]
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    answers: Mapping[str, Any]


class OpenApi:
    """A service's description, ready to judge requests and answers.

    Args:
        path: The description, as JSON (OpenAPI 3.0 or 3.1).
        allow: Known faults of the description: a regular expression searched for in each problem, and the reason.
            What matches is no problem but counted in `deviations`, by expression.
        fields_in_body: The service takes its query parameters in a form or a JSON object as well (Trello does); bodies
            of operations that describe none are then judged like the query.
    """

    def __init__(self, path: Path, *, allow: Mapping[str, str] | None = None, fields_in_body: bool = False) -> None:
        self._spec: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._schemas = Schemas(self._spec)
        self._bases = [urlsplit(server["url"]).path.rstrip("/") for server in self._spec.get("servers", ())] or [""]
        self._operations = tuple(self._read_operations())
        self._free_names = frozenset(_key_parameters(self._spec))
        self._fields_in_body = fields_in_body
        self._allow = {pattern: re.compile(pattern) for pattern in allow or {}}
        self.deviations: Counter[str] = Counter()

    def operation(self, method: str, path: str) -> str | None:
        """The name of the operation that answers, such as `GET /cards/{id}`; None if there is none."""
        found = self._find(method, path)
        return found[0].name if found else None

    def check_request(self, method: str, path: str, query: Query, headers: Headers, body: bytes) -> list[str]:
        """What is wrong with a request, in words, the operation named first; nothing if it is as described.

        *path* is percent-encoded and begins with the base path of a server, *query* is decoded.
        """
        found = self._find(method, path)
        if found is None:
            return self._judged([f"no such operation: {method.upper()} {path}"])
        operation, placed = found
        sent = _lower(headers)
        fields = list(_pairs(query))
        problems: list[str] = []
        if operation.body is None and self._fields_in_body:
            fields += _fields(sent.get("content-type", ""), body)
        else:
            problems += self._body_problems(operation, sent.get("content-type", ""), body)
        problems += self._parameter_problems(operation, {"path": placed, "query": fields, "header": [*sent.items()]})
        return self._judged(f"{operation.name}: {problem}" for problem in problems)

    def check_answer(self, method: str, path: str, status: int, headers: Headers, body: bytes) -> list[str]:
        """What is wrong with an answer, in words; of a body that is not JSON only the status is looked at."""
        found = self._find(method, path)
        if found is None:
            return self._judged([f"no such operation: {method.upper()} {path}"])
        operation, _ = found
        return self._judged(
            f"{operation.name}: {status}: {problem}"
            for problem in self._answer_problems(operation, status, _lower(headers).get("content-type", ""), body)
        )

    def _judged(self, problems: Iterable[str]) -> list[str]:
        """The problems that are not known faults of the description; the others are counted."""
        left: list[str] = []
        for problem in problems:
            known = next((pattern for pattern, search in self._allow.items() if search.search(problem)), None)
            if known is None:
                left.append(problem)
            else:
                self.deviations[known] += 1
        return left

    def _read_operations(self) -> Iterator[_Operation]:
        for template, item in self._spec["paths"].items():
            for method in item.keys() & _METHODS:
                operation = item[method]
                named = {
                    (parameter["name"], parameter["in"]): parameter
                    for each in [*item.get("parameters", ()), *operation.get("parameters", ())]
                    for parameter in [self._schemas.resolve(each)]
                }
                body = operation.get("requestBody")
                yield _Operation(
                    f"{method.upper()} {template}",
                    method.upper(),
                    _path_pattern(template),
                    tuple(segment.count("{") for segment in template.split("/")),
                    tuple(named.values()),
                    None if body is None else self._schemas.resolve(body),
                    operation["responses"],
                )

    def _find(self, method: str, path: str) -> tuple[_Operation, list[tuple[str, str]]] | None:
        """The most literal operation for a path, with the values that the path holds."""
        for base in self._bases:
            if not path.startswith(base + "/"):
                continue
            found = [
                (operation, match)
                for operation in self._operations
                if operation.method == method.upper() and (match := operation.path.fullmatch(path.removeprefix(base)))
            ]
            if found:
                operation, match = min(found, key=lambda pair: pair[0].rank)
                names = re.findall(r"\{(.+?)\}", operation.name)
                return operation, [(name, unquote(text)) for name, text in zip(names, match.groups(), strict=True)]
        return None

    def _parameter_problems(self, operation: _Operation, sent: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
        for parameter in operation.parameters:
            name, place = parameter["name"], parameter["in"]
            if place not in sent or (place == "header" and name.lower() in {"accept", "content-type", "authorization"}):
                continue
            spelled = name.lower() if place == "header" else name
            values = [value for key, value in sent[place] if key == spelled]
            if values:
                for problem in self._value_problems(parameter, values):
                    yield f"{place} {name}: {problem}"
            elif parameter.get("required") and not (place == "query" and parameter.get("style") == "deepObject"):
                yield f"{place} {name} is required but missing"
        yield from self._unknown_names(operation, sent["query"])

    def _unknown_names(self, operation: _Operation, query: Sequence[tuple[str, Any]]) -> Iterator[str]:
        known = {parameter["name"] for parameter in operation.parameters if parameter["in"] == "query"}
        deep = {parameter["name"] for parameter in operation.parameters if parameter.get("style") == "deepObject"}
        for name in dict(query):
            if name not in known | self._free_names and name.partition("[")[0] not in deep:
                yield f"query {name} is not a parameter of this operation"

    def _value_problems(self, parameter: Mapping[str, Any], values: Sequence[Any]) -> list[str]:
        """What is wrong with the values of one parameter, whichever way it may be read."""
        if "content" in parameter:
            return []
        schema = parameter.get("schema", {})
        validator = self._schemas.validator(schema, "request")
        if self._schemas.is_array(schema):
            return self._array_problems(parameter, values)
        if len(values) > 1:
            return [f"given {len(values)} times but holds one value"]
        value, valid = _read(validator, values[0])
        if not valid and parameter.get("explode") is False and isinstance(values[0], str):
            valid = all(_read(validator, piece)[1] for piece in values[0].split(","))
        return [] if valid else self._schemas.problems(validator, value)

    def _array_problems(self, parameter: Mapping[str, Any], values: Sequence[Any]) -> list[str]:
        """What is wrong with a list, given as repeated values or as one joined value."""
        mark = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.get("style", ""), ",")
        joined = [value.split(mark) if isinstance(value, str) else value for value in values]
        apart = [piece for value in joined for piece in (value if isinstance(value, list) else [value])]
        validator = self._schemas.validator(parameter["schema"], "request")
        item = self._schemas.validator(self._schemas.items(parameter["schema"]), "request")
        readings = [[_read(item, piece)[0] for piece in pieces] for pieces in (values, apart)]
        return [] if any(map(validator.is_valid, readings)) else self._schemas.problems(validator, readings[-1])

    def _body_problems(self, operation: _Operation, content_type: str, body: bytes) -> list[str]:
        if operation.body is None:
            return ["takes no body but was given one"] if body else []
        if not body:
            return ["a body is required but missing"] if operation.body.get("required") else []
        content = operation.body.get("content", {})
        described = _described(content, content_type)
        if described is None:
            return [f"body is {content_type or 'of no named type'}, not {' or '.join(content)}"]
        if _is_json(content_type):
            return self._json_problems("body", described.get("schema", {}), "request", body)
        if _media_type(content_type) == "application/x-www-form-urlencoded":
            return self._form_problems(described.get("schema", {}), body)
        return []

    def _form_problems(self, schema: Mapping[str, Any], body: bytes) -> list[str]:
        resolved = self._schemas.resolve(schema)
        read: dict[str, Any] = {}
        for name, text in parse_qsl(body.decode(errors="replace"), keep_blank_values=True):
            described = resolved.get("properties", {}).get(name, {})
            read[name] = _read(self._schemas.validator(described, "request"), text)[0]
        return [
            f"body {problem}" for problem in self._schemas.problems(self._schemas.validator(schema, "request"), read)
        ]

    def _answer_problems(self, operation: _Operation, status: int, content_type: str, body: bytes) -> list[str]:
        answers = {str(key).upper(): answer for key, answer in operation.answers.items()}
        keys = (str(status), f"{status // 100}XX", "DEFAULT")
        answer = next((self._schemas.resolve(answers[key]) for key in keys if key in answers), None)
        if answer is None:
            return [f"this status is not described, only {', '.join(answers)}"]
        described = _described(answer.get("content", {}), content_type or "application/json")
        if described is None or operation.method == "HEAD" or status in _NEVER_A_BODY:
            return []
        schema = described.get("schema", {})
        if not body:
            return ["an answer with a body is described, this one has none"] if schema else []
        return self._json_problems("answer", schema, "answer", body) if _is_json(content_type) else []

    def _json_problems(self, what: str, schema: Mapping[str, Any], direction: Direction, body: bytes) -> list[str]:
        try:
            value = _loads(body)
        except ValueError as error:
            return [f"{what} is not JSON: {error}"]
        validator = self._schemas.validator(schema, direction)
        return [f"{what} {problem}" for problem in self._schemas.problems(validator, value)]


class Recorder:
    """ASGI middleware that checks every request and answer of *app*, and changes none.

    Paths below `/_sandbox/` are passed through unseen. A request is read whole before the application sees it.

    Attributes:
        problems: What was wrong, in words, the operation named first.
        operations: How often each described operation was called.
    """

    def __init__(self, app: ASGIApp, openapi: OpenApi) -> None:
        self._app, self._openapi = app, openapi
        self.problems: list[str] = []
        self.operations: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request through the application, and judge it and its answer."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self._app(scope, receive, send)
            return
        arrived = await _whole_request(receive)
        waiting = iter(arrived)
        answered: list[Message] = []

        async def replay() -> Message:
            return next(waiting, None) or await receive()

        async def note(message: Message) -> None:
            answered.append(message)
            await send(message)

        self._check_request(scope, b"".join(message.get("body", b"") for message in arrived))
        await self._app(scope, replay, note)
        self._check_answer(scope, answered)

    def _check_request(self, scope: Scope, body: bytes) -> None:
        method, path = scope["method"], _raw_path(scope)
        if name := self._openapi.operation(method, path):
            self.operations[name] += 1
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        self.problems += self._openapi.check_request(method, path, query, _text(scope["headers"]), body)

    def _check_answer(self, scope: Scope, answered: Sequence[Message]) -> None:
        start = next((message for message in answered if message["type"] == "http.response.start"), None)
        if start is None or not self._openapi.operation(scope["method"], _raw_path(scope)):
            return
        body = b"".join(message.get("body", b"") for message in answered)
        headers = _text(start.get("headers", ()))
        self.problems += self._openapi.check_answer(scope["method"], _raw_path(scope), start["status"], headers, body)


async def _whole_request(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


def _text(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _key_parameters(spec: Mapping[str, Any]) -> Iterator[str]:
    """Query parameters that carry credentials: they belong to every operation."""
    for scheme in spec.get("components", {}).get("securitySchemes", {}).values():
        if scheme.get("type") == "apiKey" and scheme.get("in") == "query":
            yield scheme["name"]


def _path_pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{.+?\}", template)
    return re.compile("([^/]+)".join(re.escape(piece) for piece in pieces))


def _pairs(query: Query) -> Iterator[tuple[str, Any]]:
    for name, value in query.items() if isinstance(query, Mapping) else query:
        for each in [value] if isinstance(value, str) else value:
            yield name, each


def _lower(headers: Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers.items() if isinstance(headers, Mapping) else headers)}


def _fields(content_type: str, body: bytes) -> list[tuple[str, Any]]:
    """The fields of a form or of a JSON object; none if *body* is neither."""
    if _is_json(content_type):
        try:
            read = _loads(body)
        except ValueError:
            return []
        return list(read.items()) if isinstance(read, dict) else []
    if _media_type(content_type) == "application/x-www-form-urlencoded":
        return list(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return []


def _read(validator: jsonschema_rs.Validator, value: Any) -> tuple[Any, bool]:
    """A text read as the type that its schema wants, and whether that is valid."""
    readings = [value, *_readings(value)] if isinstance(value, str) else [value]
    for reading in readings:
        if validator.is_valid(reading):
            return reading, True
    typed = (reading for reading in readings if not any(map(_is_about_type, validator.iter_errors(reading))))
    return next(typed, value), False


def _is_about_type(error: jsonschema_rs.ValidationError) -> bool:
    return isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type)


def _readings(text: str) -> Iterator[Any]:
    """What else *text* may stand for in a query: a number, a truth value, null, or JSON."""
    if not text:
        yield None
    try:
        yield _loads(text)
    except ValueError:
        return


def _loads(text: str | bytes) -> Any:
    """JSON as RFC 8259 has it: NaN and Infinity raise ValueError too."""
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_json(content_type: str) -> bool:
    kind = _media_type(content_type)
    return kind == "application/json" or kind.endswith("+json")


def _described(content: Mapping[str, Any], content_type: str) -> Mapping[str, Any] | None:
    kind = _media_type(content_type)
    keys = {_media_type(key): media for key, media in content.items()}
    return next((keys[key] for key in (kind, kind.partition("/")[0] + "/*", "*/*") if key in keys), None)
