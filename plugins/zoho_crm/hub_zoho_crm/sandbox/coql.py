"""COQL, the query language: read into a `Query`, within its documented limits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hub_zoho_crm.sandbox.matching import Comparison, Condition, Pair, comparisons
from hub_zoho_crm.sandbox.problems import Problem, limit_exceeded

MOST_ROWS, FARTHEST, USUAL_ROWS = 2_000, 100_000, 200
MOST_COLUMNS, MOST_CRITERIA, MOST_ORDERS, MOST_IN = 50, 25, 10, 50
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:''|\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|(?P<sign><>|!=|>=|<=|=|>|<|\(|\)|,)"
    r"|(?P<word>[\w$.:+-]+))",
    re.DOTALL,
)
_SIGNS = frozenset({"=", "!=", ">", ">=", "<", "<="})
_CLAUSES = frozenset({"where", "from", "order", "limit", "group", "offset"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign or a text of a query, and where it starts (from 1)."""

    kind: str
    text: str
    column: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, in whatever letters."""
        return self.kind == "word" and self.text.lower() in words


@dataclass(frozen=True, slots=True)
class Query:
    """A query: columns, module, condition, order (column, whether backwards), offset and count of rows."""

    columns: tuple[str, ...]
    module: str
    condition: Condition
    order: tuple[tuple[str, bool], ...]
    offset: int
    count: int


def read(text: str) -> Query:
    """The query of *text*.

    Raises:
        Problem: SYNTAX_ERROR, DUPLICATE_DATA or LIMIT_EXCEEDED.
    """
    return _Reader(list(_tokens(text))).query()


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if not found:
            raise _syntax(text[position:].split(maxsplit=1)[0], position + 1)
        kind = found.lastgroup or ""
        yield Token(kind, _unquoted(found[kind]) if kind == "text" else found[kind], found.start(kind) + 1)
        position = found.end()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)|''", lambda found: found[1] or "'", text[1:-1])


def _syntax(near: str, column: int) -> Problem:
    return Problem(400, "SYNTAX_ERROR", "error occurred while parsing the query", _where(near, column))


def _where(near: str, column: int) -> dict[str, object]:
    return {"line": 1, "column": column, "near": near}


def _missing(clause: str) -> Problem:
    return Problem(400, "SYNTAX_ERROR", "missing clause", {"clause": clause})


class _Reader:
    """Reads the tokens of a query from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._position = tokens, 0

    def query(self) -> Query:
        if not self._taken("select"):
            raise _missing("select")
        columns = self._columns()
        if not self._taken("from"):
            raise _missing("from")
        module = self._word()
        if not self._taken("where"):
            raise _missing("where")
        condition = self._condition()
        order = self._order()
        offset, count = self._limit()
        if left := self._peek():
            raise _syntax(left.text, left.column)
        _check_limits(columns, condition, order)
        return Query(columns, module, condition, order, offset, count)

    def _peek(self) -> Token | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _next(self) -> Token:
        found = self._peek()
        if found is None:
            end = self._tokens[-1] if self._tokens else Token("word", "", 1)
            raise _syntax(end.text, end.column + len(end.text))
        self._position += 1
        return found

    def _taken(self, *words: str) -> bool:
        """Whether the next tokens are *words*; then they are passed."""
        ahead = self._tokens[self._position : self._position + len(words)]
        if len(ahead) < len(words) or not all(one.is_word(word) for one, word in zip(ahead, words, strict=True)):
            return False
        self._position += len(words)
        return True

    def _sign(self, sign: str) -> bool:
        found = self._peek()
        if found and found.kind == "sign" and found.text == sign:
            self._position += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        found = self._next()
        if found.kind != "sign" or found.text != sign:
            raise _syntax(found.text, found.column)

    def _word(self) -> str:
        found = self._next()
        if found.kind != "word" or found.text.lower() in _CLAUSES:
            raise _syntax(found.text, found.column)
        return found.text

    def _value(self) -> str:
        found = self._next()
        if found.kind == "sign":
            raise _syntax(found.text, found.column)
        return found.text

    def _columns(self) -> tuple[str, ...]:
        found = [self._column()]
        while self._sign(","):
            found.append(self._column())
        return tuple(found)

    def _column(self) -> str:
        ahead = self._peek()
        return self._next().text if ahead and ahead.kind == "text" else self._word()

    def _condition(self) -> Condition:
        """One condition, or two; more only in brackets."""
        left = self._part()
        joint = self._peek()
        if not joint or not joint.is_word("and", "or"):
            return left
        self._position += 1
        found = Pair(joint.text.lower(), left, self._part())
        more = self._peek()
        if more and more.is_word("and", "or"):
            raise _syntax(more.text, more.column)
        return found

    def _part(self) -> Condition:
        if self._sign("("):
            found = self._condition()
            self._expect(")")
            return found
        return self._comparison(self._word())

    def _comparison(self, column: str) -> Comparison:
        if self._taken("is", "null"):
            return Comparison(column, "is null")
        if self._taken("is", "not", "null"):
            return Comparison(column, "is not null")
        negation = "not " if self._taken("not") else ""
        if self._taken("in"):
            return Comparison(column, f"{negation}in", self._values())
        if self._taken("like"):
            return Comparison(column, f"{negation}like", (self._value(),))
        if self._taken("between"):
            low = self._value()
            if not self._taken("and"):
                raise _syntax(low, self._tokens[self._position - 1].column)
            return Comparison(column, f"{negation}between", (low, self._value()))
        found = self._next()
        sign = {"<>": "!="}.get(found.text, found.text)
        if negation or sign not in _SIGNS:
            raise _syntax(found.text, found.column)
        return Comparison(column, sign, (self._value(),))

    def _values(self) -> tuple[str, ...]:
        self._expect("(")
        found = [self._value()]
        while self._sign(","):
            found.append(self._value())
        self._expect(")")
        return tuple(found)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._taken("order", "by"):
            return ()
        found = [self._ordered()]
        while self._sign(","):
            found.append(self._ordered())
        return tuple(found)

    def _ordered(self) -> tuple[str, bool]:
        column = self._word()
        backwards = self._taken("desc")
        if not backwards:
            self._taken("asc")
        return column, backwards

    def _limit(self) -> tuple[int, int]:
        if not self._taken("limit"):
            return 0, USUAL_ROWS
        first, offset = self._number(), 0
        if self._sign(","):
            offset, first = first, self._number()
        elif self._taken("offset"):
            offset = self._number()
        if first > MOST_ROWS:
            raise limit_exceeded("limit exceeded", clause="limit", limit=MOST_ROWS)
        if offset + first > FARTHEST:
            raise limit_exceeded("Max records limit exceeded", clause="offset", limit=FARTHEST)
        return offset, first

    def _number(self) -> int:
        found = self._next()
        if not found.text.isdigit():
            raise _syntax(found.text, found.column)
        return int(found.text)


def _check_limits(columns: tuple[str, ...], condition: Condition, order: tuple[tuple[str, bool], ...]) -> None:
    asked = comparisons(condition)
    if len(columns) > MOST_COLUMNS:
        raise limit_exceeded("limit exceeded", clause="select", limit=MOST_COLUMNS)
    if len(set(columns)) < len(columns):
        twice = next(one for one in columns if columns.count(one) > 1)
        raise Problem(400, "DUPLICATE_DATA", "duplicate data", {"clause": "select", "column_name": twice})
    if len(asked) > MOST_CRITERIA:
        raise limit_exceeded("limit exceeded", clause="where", limit=MOST_CRITERIA)
    if len(order) > MOST_ORDERS:
        raise limit_exceeded("limit exceeded", clause="order", by="by", limit=MOST_ORDERS)
    if any(one.operator.endswith("in") and len(one.values) > MOST_IN for one in asked):
        raise limit_exceeded("limit exceeded", clause="where", operator="in", limit=MOST_IN)
