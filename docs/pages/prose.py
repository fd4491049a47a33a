"""Docstrings and signatures as Markdown."""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

SECTION = re.compile(r"^(Args|Attributes|Raises):$", re.MULTILINE)
TITLES = {"Args": "", "Attributes": "", "Raises": "Raises:\n\n"}
ENTRY = re.compile(r"^    (\S[^:]*): ", re.MULTILINE)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


def code(text: str, language: str = "") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def prose(docstring: str | None) -> str:
    """A docstring as Markdown; its sections become lists."""
    text = inspect.cleandoc(docstring or "").replace("``", "`")
    start, *rest = SECTION.split(text)
    pieces = [start.strip()]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        entries, _, after = _entries(body)
        pieces += [TITLES[title] + entries, after]
    return "\n\n".join(piece for piece in pieces if piece)


def _entries(body: str) -> tuple[str, str, str]:
    """The list that begins a section, and what stands behind it at the margin."""
    lines = body.strip("\n").splitlines()
    end = next((n for n, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    shown = ENTRY.sub(lambda entry: f"- `{entry[1]}`: ", "\n".join(lines[:end]))
    return re.sub(r"\n\s{5,}", " ", shown).strip(), "\n", "\n".join(lines[end:])


def arguments(docstring: str | None) -> dict[str, str]:
    """What the `Args:` section of a docstring says of each name."""
    _, _, section = inspect.cleandoc(docstring or "").partition("Args:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE)
    return {name: re.sub(r"\s*\n\s*", " ", text) for name, text in found}


@functools.cache
def source(thing: Any) -> ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition of a class or function."""
    node = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return node


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The line with which a function is defined, as it stands in the source."""
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    answer = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{kind} {node.name}({ast.unparse(node.args)}){answer}"


def outline(owner: type) -> str:
    """A class without its bodies: fields, properties and methods that are public and its own."""
    node = source(owner)
    assert isinstance(node, ast.ClassDef)
    lines = [f"@{ast.unparse(each)}" for each in node.decorator_list]
    lines.append(f"class {node.name}({', '.join(ast.unparse(base) for base in node.bases)}):".replace("()", ""))
    for item in node.body:
        match item:
            case ast.AnnAssign() | ast.Assign() if not _target(item).startswith("_"):
                lines.append(f"    {ast.unparse(item)}")
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not item.name.startswith("_") or item.name == "__init__":
                lines += [f"    @{ast.unparse(each)}" for each in item.decorator_list]
                lines.append(f"    {signature(item)}: ...")
    return "\n".join(lines)


def _target(item: ast.AnnAssign | ast.Assign) -> str:
    return ast.unparse(item.target if isinstance(item, ast.AnnAssign) else item.targets[0])


def method_docs(owner: type) -> dict[str, str]:
    """What the docstring of each public method of a class says."""
    node = source(owner)
    found = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {each.name: prose(ast.get_docstring(each)) for each in found if not each.name.startswith("_")}
