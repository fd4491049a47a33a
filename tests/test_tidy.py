"""The house rules that a machine can hold: layers, sizes, names, purity, docstrings."""

import ast
import functools
import importlib
import inspect
import re
import statistics
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

import hub.sdk
import hub.sdk.sandbox

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = sorted(p for p in (ROOT / "plugins").iterdir() if p.is_dir())
MOST_LINES, LONGEST_FUNCTION, MEDIAN_FUNCTION = 400, 60, 8

ROWS: tuple[tuple[str, ...], ...] = (
    ("errors", "model"),
    ("mapping",),
    ("reconcile",),
    ("sdk",),
    ("plugins",),
    ("config", "store"),
    ("sync",),
    ("views",),
    ("app",),
    ("daemon", "web"),
    ("demo",),
    ("cli", "__main__"),
)
"""The parts of `hub`, the lowest first: each imports only from rows above its own, and from itself."""
KIT = "testing"
"""For plugin authors: it imports what it likes, and nothing in `hub` imports it."""
PURE = ("model", "mapping", "reconcile")
OUTSIDE_WORLD = re.compile(
    r"(aiohttp|asyncio|getpass|http|httpx|io|logging|os|pathlib|random|requests|secrets|shutil|socket|sqlite3|sqlite_utils"
    r"|subprocess|sys|tempfile|threading|time|urllib|uuid)(\.|$)"
)
BANNED_WORDS = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "misc", "stuff"})
MACHINES = re.compile(
    r"(?<![\w.:/>{-])/(?:work|tmp|root|home|Users|opt|mnt)/"
    r"|files\.pythonhosted\.org|pypi\.org|test\.pypi|registry\.npmjs|proxy\.golang|artifactory|\bnexus\b"
    r"|trusted-host|HUB_SHARED"
)
"""Paths of one machine, and hosts of package registries: true only where they were written."""


# Finding the files.


def python_files(*folders: Path) -> list[Path]:
    """Every Python file of our own under *folders*."""
    return sorted(f for folder in folders for f in folder.rglob("*.py") if "__pycache__" not in f.parts)


def hub_files() -> list[Path]:
    return python_files(ROOT / "hub")


def plugin_files() -> list[Path]:
    return python_files(*(f for plugin in PLUGINS for f in plugin.glob("hub_*")))


def files_of_tests() -> list[Path]:
    return python_files(ROOT / "tests", ROOT / "docs", *(plugin / "tests" for plugin in PLUGINS))


def all_files() -> list[Path]:
    return [*hub_files(), *plugin_files(), *files_of_tests()]


@functools.cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def at(file: Path, node: ast.AST | int = 1) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 1)
    return f"{file.relative_to(ROOT)}:{line}"


def imports(file: Path) -> Iterator[tuple[str, ast.AST]]:
    """The full names of the modules that *file* imports, wherever in it; of names taken from packages, both."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{at(file, node)} imports relatively"
            yield (node.module or "", node)
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def part(module: str) -> str:
    """The part of `hub` that a module belongs to; empty for `hub` itself."""
    return [*module.split("."), ""][1]


def part_of(file: Path) -> str:
    first = file.relative_to(ROOT / "hub").parts[0]
    return first.removesuffix(".py")


def report(wrong: Iterable[str]) -> None:
    found = sorted(set(wrong))
    assert not found, "\n  ".join(["", *found])


# Layers.


def row(name: str) -> int:
    return next((n for n, parts in enumerate(ROWS) if name in parts), -1)


def test_every_part_of_the_hub_has_its_row() -> None:
    """A new folder says first where it stands."""
    known = {name for parts in ROWS for name in parts} | {KIT, "__init__"}
    assert {part_of(file) for file in hub_files()} <= known


def test_a_file_imports_only_from_rows_above() -> None:
    """So that what is below can be read, tested and thrown away without what is above."""
    wrong = []
    for file in hub_files():
        mine = part_of(file)
        for module, node in imports(file):
            theirs = part(module)
            if module.split(".")[0] != "hub" or mine in {KIT, theirs, "__init__"} or row(theirs) == -1:
                continue
            if row(theirs) >= row(mine):
                wrong.append(f"{at(file, node)}: {mine} imports {module}")
    report(wrong)


def test_nothing_in_the_hub_imports_the_test_kit() -> None:
    """It needs pytest, which nobody has who only runs the hub."""
    files = [file for file in hub_files() if part_of(file) != KIT]
    report(at(f, n) for f in files for module, n in imports(f) if module.startswith(f"hub.{KIT}"))


def test_the_hub_knows_no_plugin_by_name() -> None:
    """Built-in connectors are found like everybody else's."""
    report(f"{at(f, n)}: {m}" for f in hub_files() for m, n in imports(f) if re.match(r"hub_\w+", m))


FACES = {"hub.sdk": frozenset(hub.sdk.__all__), "hub.sdk.sandbox": frozenset(hub.sdk.sandbox.__all__)}
"""What plugins may import from, and what each names."""


def is_public(module: str) -> bool:
    """Whether a plugin may import this: a face, or a name of one."""
    owner, _, name = module.rpartition(".")
    return module in FACES or name in FACES.get(owner, ())


def test_plugins_import_only_what_the_sdk_names() -> None:
    """What is not in `hub.sdk` may change from one day to the next."""
    files = plugin_files()
    report(f"{at(f, n)}: {m}" for f in files for m, n in imports(f) if m.split(".")[0] == "hub" and not is_public(m))


def test_plugins_never_import_each_other() -> None:
    """Each can be installed without the others; their tests too."""
    wrong = []
    for plugin in PLUGINS:
        own = {folder.name for folder in plugin.glob("hub_*")}
        for file in python_files(plugin):
            strangers = [(m, n) for m, n in imports(file) if re.match(r"hub_\w+", m) and m.split(".")[0] not in own]
            wrong += [f"{at(file, node)}: {module}" for module, node in strangers]
    report(wrong)


def test_only_one_module_speaks_http() -> None:
    """The HTTP client can be exchanged in one place, and every call is retried, counted and redacted there."""
    wrong = []
    for file in [*hub_files(), *plugin_files()]:
        if file != ROOT / "hub/sdk/http.py":
            wrong += [at(file, node) for module, node in imports(file) if module.split(".")[0] in {"httpx", "requests"}]
    report(wrong)


# Purity.


def called(node: ast.AST) -> str:
    """The dotted name that a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    names: list[str] = []
    target: ast.AST = node.func
    while isinstance(target, ast.Attribute):
        names.append(target.attr)
        target = target.value
    return ".".join([*([target.id] if isinstance(target, ast.Name) else ["?"]), *reversed(names)])


@pytest.mark.parametrize("name", PURE)
def test_the_heart_touches_nothing_outside(name: str) -> None:
    """No I/O, no clock, no chance, no logging: what follows from the same facts is always the same."""
    wrong = []
    for file in python_files(ROOT / "hub" / name):
        wrong += [f"{at(file, n)}: imports {m}" for m, n in imports(file) if OUTSIDE_WORLD.match(m)]
        for node in ast.walk(parsed(file)):
            if re.search(r"(^|\.)(now|utcnow|today|open|print|input|getenv)$", called(node)):
                wrong.append(f"{at(file, node)}: calls {called(node)}")
    report(wrong)


NAIVE_AT = {"now": 1, "fromtimestamp": 2, "utcnow": 99, "utcfromtimestamp": 99, "today": 99}
"""How many arguments a call of `datetime` needs to answer something that knows its time zone."""


def is_naive(node: ast.AST) -> bool:
    """Whether a call answers a datetime without a time zone."""
    match called(node).split("."):
        case [*_, "datetime", method] if isinstance(node, ast.Call) and method in NAIVE_AT:
            return len(node.args) + len(node.keywords) < NAIVE_AT[method]
        case ["datetime"] | ["datetime", "datetime"] if isinstance(node, ast.Call):
            starred = any(isinstance(each, ast.Starred) for each in node.args)
            named = {keyword.arg for keyword in node.keywords}
            return not starred and len(node.args) < 8 and not named & {"tzinfo", None}
    return False


def test_there_are_no_naive_datetimes() -> None:
    """Every moment knows its time zone."""
    files = [*hub_files(), *plugin_files()]  # in tests, Hypothesis wants its bounds without one
    report(at(f, node) for f in files for node in ast.walk(parsed(f)) if is_naive(node))


# Sizes.

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(file: Path) -> list[Function]:
    return [node for node in ast.walk(parsed(file)) if isinstance(node, Function)]


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    """Tests too."""
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in all_files()}
    report(f"{at(file)}: {lines} lines, {MOST_LINES} at most" for file, lines in sizes.items() if lines > MOST_LINES)


def test_no_function_is_longer_than_a_screen() -> None:
    """Tests too."""
    long = [(f, node) for f in all_files() for node in functions(f) if length(node) > LONGEST_FUNCTION]
    report(f"{at(file, node)}: {node.name} has {length(node)} lines" for file, node in long)


def test_the_usual_function_is_short(record_property: Callable[[str, object], None]) -> None:
    """The median, docstring and all; it is told with `pytest -rA`, and in the report of the tests."""
    sizes = sorted(length(node) for file in hub_files() for node in functions(file))
    median, ninth = statistics.median(sizes), sizes[len(sizes) * 9 // 10]
    record_property("function lines", f"median {median:g}, p90 {ninth}, of {len(sizes)} functions")
    print(f"hub: {len(sizes)} functions, median {median:g} lines, p90 {ninth} lines")  # noqa: T201
    assert median <= MEDIAN_FUNCTION


# Names and words.


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_nothing_is_called_by_a_word_that_says_nothing() -> None:
    """A module that has no better name has no reason either."""
    wrong = [f"{at(f)}: {f.name}" for f in all_files() if words(f.stem) & BANNED_WORDS]
    for file in [*hub_files(), *plugin_files()]:
        for node in ast.walk(parsed(file)):
            name = node.name if isinstance(node, Function | ast.ClassDef) else ""
            wrong += [f"{at(file, node)}: {name}"] if words(name) & BANNED_WORDS else []
    report(wrong)


def texts() -> Iterator[Path]:
    yield from hub_files()
    yield from plugin_files()
    for folder in (ROOT, ROOT / "docs", *PLUGINS):
        yield from folder.glob("*.md")
    yield from (ROOT / "docs").rglob("*/*.md")
    yield from ROOT.glob("*.toml")


def test_no_text_names_the_machine_it_was_written_on() -> None:
    """Readers have other folders and other registries."""
    wrong = []
    for file in texts():
        lines = file.read_text(encoding="utf-8").splitlines()
        wrong += [f"{at(file, n)}: {line.strip()[:80]}" for n, line in enumerate(lines, 1) if MACHINES.search(line)]
    report(wrong)


# Docstrings and public names.


def test_every_module_says_what_it_is_for() -> None:
    """In its first line."""
    report(at(file) for file in all_files() if not ast.get_docstring(parsed(file)))


def exporting_modules() -> list[str]:
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in hub_files()
        if any(isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__" for n in parsed(file).body)
    ]


def import_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: as imports are sorted."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("name", exporting_modules())
def test_what_a_module_exports_is_sorted_and_there(name: str) -> None:
    """`__all__` is a promise."""
    module = importlib.import_module(name)
    assert sorted(module.__all__, key=import_order) == list(module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)
    assert [each for each in module.__all__ if not hasattr(module, each)] == []


def is_documented(thing: object) -> bool:
    """Whether a class or function has words of its own, not those of its base or of `dataclass`."""
    own = vars(thing).get("__doc__") if isinstance(thing, type) else getattr(thing, "__doc__", None)
    return bool(own) and not str(own).startswith(f"{getattr(thing, '__name__', '')}(")


def public_methods(owner: type) -> Iterator[tuple[str, object]]:
    for name, member in vars(owner).items():
        plain = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        if not name.startswith("_") and (inspect.isfunction(plain) or isinstance(plain, property)):
            yield name, plain


def test_every_public_name_of_the_sdk_is_documented() -> None:
    """Its methods too; whoever writes a connector reads nothing else."""
    wrong = []
    for name in hub.sdk.__all__:
        thing = getattr(hub.sdk, name)
        if not isinstance(thing, type) and not inspect.isfunction(thing):
            continue  # aliases and constants: the reference has them
        wrong += [] if is_documented(thing) else [name]
        if isinstance(thing, type) and thing.__module__.startswith("hub."):
            wrong += [f"{name}.{method}" for method, each in public_methods(thing) if not is_documented(each)]
    report(wrong)


# Dependencies.


def declared(pyproject: Path) -> set[str]:
    """The distributions that a project says it needs, its optional ones too."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = [*project.get("dependencies", ()), *chain(*project.get("optional-dependencies", {}).values())]
    return {re.split(r"[^\w-]", each)[0].lower() for each in wanted}


@pytest.mark.parametrize("name", ["hub", *(plugin.name for plugin in PLUGINS)])
def test_what_is_imported_is_declared(name: str) -> None:
    """Whoever installs only this distribution can run it; the test kit needs what tests need anyway."""
    files = plugin_files() if name != "hub" else [file for file in hub_files() if part_of(file) != KIT]
    files = [file for file in files if name == "hub" or f"hub_{name}" in file.parts]
    needs = declared(ROOT / "pyproject.toml") | (
        declared(ROOT / "plugins" / name / "pyproject.toml") if name != "hub" else set()
    )
    sources, wrong = packages_distributions(), []
    for file in files:
        for module, node in imports(file):
            top = module.split(".")[0]
            own = top in sys.stdlib_module_names or top in {"hub", f"hub_{name}"}
            if not own and not {each.lower() for each in sources.get(top, ())} & needs:
                wrong.append(f"{at(file, node)}: {module}")
    report(wrong)


COPYLEFT = ("merge3", "html2text", "gpl")


def test_no_copyleft_package_is_pinned() -> None:
    """This project is Apache-2.0, and so can be built into anything."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned
    assert [name for name in pinned if name.lower() in COPYLEFT] == []
