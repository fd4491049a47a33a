"""What a connector's configuration asks for, read from its model: any connector's, also one written tomorrow."""

import json
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from hub.config.problems import suggestion
from hub.errors import UsageError

SECRET_PLACES = ("env", "file", "keyring")
_ARGUMENT = re.compile(r"^\s+(\w+): (.+)$", re.MULTILINE)

Answers = Mapping[str, str]
"""By setting, with dots where tables are nested (`auth.user`): what a person or script gave for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One setting of a connection.

    Args:
        path: The setting, with dots where tables are nested.
        textual: Whether its value is a text; otherwise an answer is read as TOML.
        fixed: The only value it may have, if there is just one.
    """

    path: str
    required: bool
    secret: bool = False
    textual: bool = True
    fixed: str | None = None
    default: Any = None
    about: str = ""

    def suggested(self, connection: str) -> str | None:
        """What to answer if nothing else is said: a secret is looked for in `CONNECTION_SETTING`."""
        if not self.secret:
            return None
        name = f"{connection}_{self.path.rpartition('.')[2]}".upper()
        return "env:" + re.sub(r"[^A-Z0-9_]", "_", name)


def questions(model: type[BaseModel], given: Answers, inside: str = "") -> Iterator[Question]:
    """Everything that *model* asks for, but for `plugin`. Nested models are asked for setting by setting."""
    abouts = dict(_ARGUMENT.findall(model.__doc__ or ""))
    for name, info in model.model_fields.items():
        path = f"{inside}{info.alias or name}"
        if path == "plugin":
            continue
        if nested := _nested(info, given, f"{path}."):
            if info.is_required() or any(each.startswith(f"{path}.") for each in given):
                yield from questions(nested, given, f"{path}.")
        else:
            yield _question(path, info, info.description or abouts.get(name, ""))


def _question(path: str, info: FieldInfo, about: str) -> Question:
    kinds = _alternatives(info.annotation)
    fixed = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
    return Question(
        path,
        required=info.is_required(),
        secret=SecretStr in kinds,
        textual=str in kinds or bool(fixed) or SecretStr in kinds or not kinds & {bool, int, float, list, dict},
        fixed=str(fixed[0]) if len(fixed) == 1 else None,
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        about=about,
    )


def _alternatives(annotation: Any) -> set[Any]:
    """The types that a setting may have, without what they contain."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return {kind for each in get_args(annotation) for kind in _alternatives(each)}
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    return {get_origin(annotation) or annotation}


def _nested(info: FieldInfo, given: Answers, inside: str) -> type[BaseModel] | None:
    """The model of a nested table; of several, the one whose fixed settings fit what was given."""
    models = [k for k in _alternatives(info.annotation) if isinstance(k, type) and issubclass(k, BaseModel)]
    models.sort(key=lambda model: str(info.annotation).find(model.__qualname__))

    def fits(model: type[BaseModel]) -> bool:
        asked = questions(model, given, inside)
        return all(given.get(each.path, each.fixed) == each.fixed for each in asked if each.fixed)

    return next((model for model in models if fits(model)), models[0] if models else None)


def given_settings(pairs: tuple[str, ...], connections: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """`--set NAME.SETTING=VALUE`, by connection. Raises UsageError."""
    found: dict[str, dict[str, str]] = {name: {} for name in connections}
    for pair in pairs:
        where, equals, value = pair.partition("=")
        name, _, path = where.strip().removeprefix("connections.").partition(".")
        if not (equals and name and path):
            raise UsageError(f"--set {where} is not complete", fix="write --set CONNECTION.SETTING=VALUE")
        if name not in found:
            raise UsageError(f"--set {where}: there is no connection {name!r}", fix=suggestion(name, found))
        found[name][path] = value
    return found


def check_known(model: type[BaseModel], answers: Answers, connection: str) -> None:
    """Raises UsageError if *answers* have a setting that *model* has not."""
    asked = [each.path for each in questions(model, answers)]
    if strange := [path for path in answers if path not in asked]:
        told = "; ".join(f"{path}: {suggestion(path, asked)}" for path in strange)
        raise UsageError(f"{connection} has no setting {', '.join(strange)}", fix=told)


def table(plugin: str, model: type[BaseModel], answers: Answers, connection: str) -> dict[str, Any]:
    """The `[connections.NAME]` table that *answers* give. Raises UsageError, with everything that is missing."""
    asked = {each.path: each for each in questions(model, answers)}
    built: dict[str, Any] = {"plugin": plugin}
    missing = []
    for question in asked.values():
        answer = answers.get(question.path) or question.fixed or question.suggested(connection)
        if answer and (question.path in answers or question.required):
            _put(built, question.path.split("."), _value(question, answer, connection))
        elif question.required:
            missing.append(question)
    if missing:
        options = " ".join(f"--set {connection}.{question.path}=…" for question in missing)
        names = ", ".join(question.path for question in missing)
        raise UsageError(f"{connection} also needs {names}", fix=f"add {options}")
    return built


def _put(built: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        built = built.setdefault(name, {})
    built[path[-1]] = value


def _value(question: Question, answer: str, connection: str) -> Any:
    where = f"{connection}.{question.path}"
    if question.secret:
        place, colon, name = answer.partition(":")
        if place not in SECRET_PLACES or not colon or not name:
            raise UsageError(
                f"{where} is a secret, and never given here",
                fix=f"say where it is: --set {where}=env:NAME, file:PATH or keyring:SERVICE/USER",
            )
        return {place: name}
    if question.textual:
        return answer
    try:
        return tomllib.loads(f"value = {answer}")["value"]
    except tomllib.TOMLDecodeError:
        raise UsageError(f"{where}: {answer!r} cannot be read", fix="write it as in TOML: 5, true, [1, 2]") from None


def optional_settings(model: type[BaseModel], answers: Answers) -> dict[str, Any]:
    """Settings that were left out and may be added: name → what holds without them."""
    return {
        question.path: question.default
        for question in questions(model, answers)
        if not question.required and not question.secret and "." not in question.path and question.path not in answers
        if question.default is None or isinstance(question.default, str | int | float | bool)
    }


def ask(model: type[BaseModel], connection: str, before: Answers, *, again: bool) -> dict[str, str]:
    """What a person answers to everything that *model* needs.

    Args:
        before: What is known already.
        again: Ask for that as well, and offer it as what to answer.
    """
    answers = dict(before)
    for question in questions(model, before):
        if question.required and question.fixed is None and (again or question.path not in before):
            about = f" ({question.about.rstrip('.')})" if question.about else ""
            what = " is in (env:NAME, file:PATH or keyring:SERVICE/USER)" if question.secret else ""
            default = before.get(question.path) or question.suggested(connection)
            answers[question.path] = click.prompt(
                f"{connection} {question.path}{what}{about}", default=default, err=True
            )
    return answers


def as_options(connections: Mapping[str, str], answers: Mapping[str, Answers]) -> str:
    """The options with which a script gets the same without being asked."""
    named = [f"--connection {name}={plugin}" for name, plugin in connections.items()]
    pairs = [f"--set {name}.{path}={_quoted(value)}" for name, some in answers.items() for path, value in some.items()]
    return " ".join([*named, *pairs])


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w@%+=:,./-]+", value) else json.dumps(value, ensure_ascii=False)
