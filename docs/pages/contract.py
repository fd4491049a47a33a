"""docs/reference/{connector,errors,hooks}.md: what a plugin may rely on."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any

import hub.sdk
import hub.testing
from docs.pages.prose import code, method_docs, outline, prose, signature, source, table
from hub import errors
from hub.sdk import hookspecs

GROUPS: dict[str, tuple[str, ...]] = {
    "The connector": ("Connector", "Setup", "Identity", "Description", "FieldInfo", "Phase"),
    "Settings": ("ConnectionConfig", "Secret", "FieldName", "KindSettings"),
    "What a connector holds": ("KindSpec", "Operation", "TellsReplaced", "ALL_OPERATIONS", "FieldMap"),
    "Records": ("Record", "Touch", "Account", "Edit", "Page", "Cursor", "Absence"),
    "Writing": (
        "Draft",
        "Patch",
        "Outcome",
        "Written",
        "Refusal",
        "Unknown",
        "Delayed",
        "outcome_of",
        "stop_if_signed_out",
    ),
    "Lenses": (
        "Lens",
        "Text",
        "RichText",
        "SectionText",
        "SectionItems",
        "Heading",
        "BACKGROUND",
        "ACCEPTANCE",
        "Checklist",
        "CustomFields",
        "Choice",
        "Vocabulary",
        "Day",
        "DayOfInstant",
        "LabelSet",
        "PeopleSet",
        "OnePerson",
        "Owner",
        "Author",
        "Moment",
        "Number",
        "Position",
        "Ref",
        "Same",
        "Dialect",
        "Markdown",
        "without_mark",
        "Unmapped",
        "Unsaid",
    ),
    "Comments and files": ("signature", "signed", "unsigned", "Content"),
    "Messages": ("counted",),
    "HTTP": ("Http", "Network", "Allowance", "Answer", "judge", "http_date", "by_offset", "by_token"),
    "Access tokens": ("Tokens", "AccessToken", "Vault", "MemoryVault"),
    "Sandboxes": ("Sandbox", "SandboxPerson", "WebhookFaults", "knock"),
    "Canonical values": (
        "Kind",
        "RequirementStatus",
        "RequirementType",
        "Priority",
        "TaskStatus",
        "Person",
        "Audience",
        "Criterion",
        "NOTHING",
    ),
}
"""Where each name of `hub.sdk` is told; errors have a page of their own, and so have hooks."""
ALIASES = {
    "ALL_OPERATIONS": "Every `Operation`: what a kind allows unless its `KindSpec` says less.",
    "BACKGROUND": "The heading of the background: `Background` or `背景`.",
    "ACCEPTANCE": "The heading of the acceptance criteria: `Acceptance criteria` or `验收标准`.",
    "NOTHING": "What was never agreed, or is not told; unlike None, it is no value that a field can have.",
    "Cursor": "How far a kind has been read: JSON data that only the connector understands.",
    "Outcome": "What became of one write: `Written`, `Refusal`, `Unknown` or `Delayed`.",
    "FieldName": "A setting, or a key of one, that names a field of the service: `hub check --live` looks whether there is one.",
    "Secret": "A field of a `ConnectionConfig` that holds a secret: `{ env = … }`, `{ file = … }` or `{ keyring = … }`.",
}
EXITS = {"ConfigError": "2", "UsageError": "2"}


def connector_page() -> str:
    """The connector contract."""
    parts = [
        "# Writing a connector: reference\n",
        "Everything here is imported from `hub.sdk`, and nothing else of the hub may be imported by a plugin. "
        "Start with [how to write a connector](../how-to/write-a-connector.md).\n",
        "`@frozen` marks a dataclass to which nothing is ever assigned, which a type checker sees to; "
        "`dataclasses.replace` makes a changed one.\n",
    ]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n")
        for name in names:
            parts += [f"### {name}\n", *_told(name, getattr(hub.sdk, name))]
    parts += ["## For tests: `hub.testing`\n", prose(hub.testing.__doc__) + "\n", _kit()]
    return "\n".join(parts)


def _told(name: str, thing: Any) -> Iterator[str]:
    if name in ALIASES:
        yield ALIASES[name] + "\n"
    elif isinstance(thing, type):
        yield prose(thing.__doc__) + "\n"
        yield code(outline(thing), "python")
        if docs := {method: said for method, said in method_docs(thing).items() if said}:
            yield "\n".join(f"- `{method}`: {_indented(said)}" for method, said in docs.items()) + "\n"
    else:
        node = source(thing)
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield prose(thing.__doc__) + "\n"
        yield code(signature(node), "python")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ").replace("\n  \n", "\n\n")


def _kit() -> str:
    def first(thing: Any) -> str:
        return (inspect.getdoc(thing) or "").partition("\n")[0]

    return table(
        ["name", "what it is"], [[f"`{n}`", first(getattr(hub.testing, n))] for n in sorted(hub.testing.__all__)]
    )


def hooks() -> dict[str, Any]:
    """The hook specifications by name."""
    return {n: f for n, f in vars(hookspecs).items() if inspect.isfunction(f) and hasattr(f, "hub_spec")}


def hooks_page() -> str:
    """Every hook with its arguments."""
    parts = [
        "# Hooks\n",
        "A plugin is an installed distribution with an entry point in the group `hub`; the module it names has functions "
        "marked with `hub.sdk.hookimpl`. Hooks only hand something over: what was registered is then used as a plain "
        "object. `HUB_LOAD_PLUGINS=jira,trello` loads only the entry points named.\n",
    ]
    for name, function in hooks().items():
        node = source(function)
        assert isinstance(node, ast.FunctionDef)
        line = signature(node).replace("'", "")
        parts += [f"## {name}\n", code(line, "python"), prose(function.__doc__) + "\n"]
    return "\n".join(parts)


def error_classes(root: type[Exception] = errors.HubError, depth: int = 0) -> Iterator[tuple[int, type[Exception]]]:
    """The error tree in the order of definition, each class with its depth."""
    yield depth, root
    for below in root.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from error_classes(below, depth + 1)


def errors_page() -> str:
    """The tree of errors."""
    rows = [
        ["&nbsp;" * 4 * depth + f"`{each.__name__}`", _first_line(each), _exit(each)] for depth, each in error_classes()
    ]
    parts = [
        "# Errors\n",
        "Every error carries a message, the connection and record it is about, and the next step. A connector raises "
        "those under `ServiceError`; inside a run one of them stops its connection only, and is told among the run's "
        "problems. What is wrong with a single record is an [outcome](connector.md#outcome), never an error.\n",
        table(["error", "what happened", "exit code where it ends a command"], rows),
    ]
    for _, each in error_classes():
        init = vars(each).get("__init__")
        parts += [f"## {each.__name__}\n", prose(each.__doc__) + "\n"]
        if init is not None:
            node = source(init)
            assert isinstance(node, ast.FunctionDef)
            parts.append(code(signature(node).replace("def __init__(self, ", f"{each.__name__}("), "python"))
    return "\n".join(parts)


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _exit(error: type) -> str:
    return EXITS.get(error.__name__, "3")
