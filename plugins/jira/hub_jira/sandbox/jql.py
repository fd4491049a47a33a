"""JQL read into a tree. Knows the grammar only; what names and values mean is for `matching`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hub_jira.sandbox.problems import Problem

MOST_SORTS = 7


@dataclass(frozen=True)
class Value:
    """A value; `quoted` tells a text from a bare word, `call` marks a function such as now()."""

    text: str
    quoted: bool = False
    call: bool = False


@dataclass(frozen=True)
class Clause:
    """A comparison of a field; `operator` in lower case, such as "not in"."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a part."""

    part: "Node"


@dataclass(frozen=True)
class Both:
    """Parts joined by AND."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Either:
    """Parts joined by OR."""

    parts: "tuple[Node, ...]"


Node: TypeAlias = Clause | Not | Both | Either


@dataclass(frozen=True)
class Query:
    """A search: what it restricts (None: nothing) and how it sorts, by field and whether downwards."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Token:
    """A piece of the text, where it starts, and whether it stood in quotes."""

    text: str
    at: int
    quoted: bool = False


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<property>issue\.property\[(?:"[^"]*"|'[^']*'|[^\]]*)\][\w.$-]*)
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<operator>!=|!~|>=|<=|[=~<>(),]|&&|\|\||!)
    | (?P<word>[^\s=!~<>(),"'&|]+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPARISONS = frozenset({"=", "!=", "~", "!~", ">", ">=", "<", "<="})
_ALIASES = {"&&": "and", "||": "or", "!": "not"}


def refused(message: str) -> Problem:
    """The 400 that search gives for a query."""
    return Problem(400, [message])


def _tokens(text: str) -> Iterator[Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if not match or match.end() == position:
            raise refused(
                f"Error in the JQL Query: The character '{text[position]}' is not expected (line 1, character {position + 1})."
            )
        kind = match.lastgroup or "word"
        piece, quoted = match[kind], kind in {"double", "single"}
        yield Token(re.sub(r"\\(.)", r"\1", piece) if quoted else piece, match.start(kind), quoted)
        position = match.end()


def parse(text: str) -> Query:
    """The tree of a JQL text; Problem (400) in Jira's words if it cannot be read."""
    return _Parser(list(_tokens(text))).query()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.position = tokens, 0

    def query(self) -> Query:
        where = None if self._at("order") or self._done() else self._either()
        order = self._order()
        if not self._done():
            raise self._unexpected("Expecting operator before the end of the query")
        return Query(where, order)

    def _done(self) -> bool:
        return self.position >= len(self.tokens)

    def _at(self, *words: str) -> bool:
        if self._done() or self.tokens[self.position].quoted:
            return False
        text = self.tokens[self.position].text.lower()
        return _ALIASES.get(text, text) in words

    def _take(self, *words: str) -> bool:
        if self._at(*words):
            self.position += 1
            return True
        return False

    def _next(self, expected: str) -> Token:
        if self._done():
            raise refused(f"Error in the JQL Query: {expected} before the end of the query.")
        self.position += 1
        return self.tokens[self.position - 1]

    def _unexpected(self, expected: str) -> Problem:
        if self._done():
            return refused(f"Error in the JQL Query: {expected} before the end of the query.")
        token = self.tokens[self.position]
        return refused(f"Error in the JQL Query: {expected} but got '{token.text}'. (line 1, character {token.at + 1})")

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected(f"Expecting '{word}'")

    def _either(self) -> Node:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Node:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        if self._at(")", "(", ",", "and", "or", "order", *_COMPARISONS):
            raise self._unexpected("Expecting a field name")
        field = self._next("Expecting a field name").text
        if self._take("is"):
            operator = "is not" if self._take("not") else "is"
            if not self._take("empty", "null"):
                raise self._unexpected("Expecting 'EMPTY' or 'NULL'")
            return Clause(field, operator, ())
        if self._take("in"):
            return Clause(field, "in", self._list())
        if self._take("not"):
            self._need("in")
            return Clause(field, "not in", self._list())
        if not self._at(*_COMPARISONS):
            raise self._unexpected("Expecting either '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'IS' or 'NOT'")
        operator = self._next("an operator").text
        return Clause(field, operator, (self._value(),))

    def _list(self) -> tuple[Value, ...]:
        """Values in brackets, or one function that stands for several."""
        if self._is_call():
            return (self._value(),)
        self._need("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._need(")")
        return tuple(values)

    def _is_call(self) -> bool:
        after = self.tokens[self.position + 1 : self.position + 2]
        return bool(after) and not self._at("(") and after[0].text == "(" and not after[0].quoted

    def _value(self) -> Value:
        if self._at("(", ")", ",", *_COMPARISONS):
            raise self._unexpected("Expecting either a value, list or function")
        token = self._next("Expecting either a value, list or function")
        if not token.quoted and self._take("("):
            self._need(")")
            return Value(token.text.lower(), call=True)
        return Value(token.text, token.quoted)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._take("order"):
            return ()
        self._need("by")
        sorts = [self._sort()]
        while self._take(","):
            sorts.append(self._sort())
        if len(sorts) > MOST_SORTS:
            raise refused(f"The maximum number of fields to sort by is {MOST_SORTS}.")
        return tuple(sorts)

    def _sort(self) -> tuple[str, bool]:
        name = self._next("Expecting a field name").text
        down = self._take("desc")
        if not down:
            self._take("asc")
        return name, down
