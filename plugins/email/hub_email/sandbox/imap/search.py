"""SEARCH: keys become predicates over messages (RFC 3501 §6.4.4, MODSEQ of RFC 7162)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from hub_email.sandbox import showing
from hub_email.sandbox.boxes import Message
from hub_email.sandbox.imap.session import Command, Session, State
from hub_email.sandbox.imap.wire import Bad, No, Token, numbers, ranges, upper, word

Test = Callable[[int, Message], bool]
"""Whether a message with this sequence number fits."""

FLAGS = {"ANSWERED": r"\Answered", "DELETED": r"\Deleted", "DRAFT": r"\Draft", "FLAGGED": r"\Flagged", "SEEN": r"\Seen"}
FIELDS = {name: name.capitalize() for name in ("FROM", "TO", "CC", "BCC", "SUBJECT")}
ARRIVED = {"SINCE": date.__ge__, "BEFORE": date.__lt__, "ON": date.__eq__}


async def search(session: Session, args: list[Token], *, by_uid: bool) -> str:
    """SEARCH [CHARSET name] keys; answers uids or sequence numbers."""
    session.here()
    if args and upper(args[0]) == "CHARSET":
        if upper(args[1]) not in {"UTF-8", "US-ASCII", "ASCII"}:
            raise No("[BADCHARSET (UTF-8 US-ASCII)] Use UTF-8")
        args = args[2:]
    keys = Keys(session)
    fits = keys.all_of(args)
    found = [(number, message) for number, message in enumerate(session.known, 1) if fits(number, message)]
    told = "".join(f" {message.uid if by_uid else number}" for number, message in found)
    if found and keys.asked_for_modseq:
        told += f" (MODSEQ {max(message.modseq for _, message in found)})"
    session.say(b"* SEARCH", told.encode())
    return ""


class Keys:
    """Reads the keys of one search."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.asked_for_modseq = False

    def all_of(self, args: list[Token]) -> Test:
        """The test that all keys are met.

        Raises:
            Bad: A key that there is not, or without its value.
        """
        if not args:
            raise Bad("SEARCH needs a key")
        rest = iter(args)
        tests = [self._key(token, rest) for token in rest]
        return lambda number, message: all(test(number, message) for test in tests)

    def _next(self, rest: Iterator[Token]) -> Token:
        try:
            return next(rest)
        except StopIteration:
            raise Bad("A key of SEARCH lacks its value") from None

    def _key(self, token: Token, rest: Iterator[Token]) -> Test:
        if isinstance(token, list):
            return self.all_of(token)
        name = upper(token)
        if name[:1].isdigit() or name[:1] == "*":
            return self._numbers(token, by_uid=False)
        if name == "NOT":
            denied = self._key(self._next(rest), rest)
            return lambda number, message: not denied(number, message)
        if name == "OR":
            one, other = self._key(self._next(rest), rest), self._key(self._next(rest), rest)
            return lambda number, message: one(number, message) or other(number, message)
        if name in {"ALL", "OLD"}:
            return lambda _number, _message: True
        if name in {"NEW", "RECENT"}:
            return lambda _number, _message: False
        return self._of_flags(name, rest) or self._of_words(name, rest) or self._of_numbers(name, rest)

    def _of_flags(self, name: str, rest: Iterator[Token]) -> Test | None:
        without, positive = name.startswith("UN"), name.removeprefix("UN")
        flag = word(self._next(rest)) if positive == "KEYWORD" else FLAGS.get(positive)
        if flag is None:
            return None
        lowered = flag.lower()
        return lambda _number, message: (lowered in {each.lower() for each in message.flags}) is not without

    def _of_words(self, name: str, rest: Iterator[Token]) -> Test | None:
        if name in FIELDS or name == "HEADER":
            field = FIELDS.get(name) or word(self._next(rest))
            return _field(field, word(self._next(rest)).lower())
        if name in {"TEXT", "BODY"}:
            wanted = word(self._next(rest)).lower()
            return _text(wanted) if name == "TEXT" else _body(wanted)
        return None

    def _of_numbers(self, name: str, rest: Iterator[Token]) -> Test:
        if name in ARRIVED:
            day, compare = _day(self._next(rest)), ARRIVED[name]
            return lambda _number, message: bool(compare(message.at.date(), day))
        if (sent := name.removeprefix("SENT")) != name and sent in ARRIVED:
            return partial(_sent, ARRIVED[sent], _day(self._next(rest)))
        if name == "UID":
            return self._numbers(self._next(rest), by_uid=True)
        if name not in {"LARGER", "SMALLER", "MODSEQ"}:
            raise Bad(f"SEARCH has no {name[:40]}")
        limit = self._number(self._next(rest), rest)
        if name == "MODSEQ":
            self.asked_for_modseq = self._session.condstore = True
            return lambda _number, message: message.modseq >= limit
        if name == "LARGER":
            return lambda _number, message: len(message.raw) > limit
        return lambda _number, message: len(message.raw) < limit

    def _number(self, token: Token, rest: Iterator[Token]) -> int:
        """A number; of MODSEQ's it may follow the name and type of a flag's entry (RFC 7162 §3.1.5), which mean nothing here."""
        while not word(token).isdigit():
            if "/" not in word(token) and upper(token) not in {"PRIV", "SHARED", "ALL"}:
                raise Bad(f"{word(token)[:40]!r} is no number")
            token = self._next(rest)
        return int(word(token))

    def _numbers(self, token: Token, *, by_uid: bool) -> Test:
        known = self._session.known
        ranges(token)
        wanted = numbers(token, max((each.uid for each in known), default=0) if by_uid else len(known))
        return lambda number, message: any((message.uid if by_uid else number) in each for each in wanted)


def _field(name: str, wanted: str) -> Test:
    lowered = name.lower().encode()

    def fits(_number: int, message: Message) -> bool:
        values = [value for each, value in message.part.fields if each.lower() == lowered]
        return any(wanted in showing.words(value).lower() for value in values)

    return fits


def _text(wanted: str) -> Test:
    return lambda _number, message: wanted in message.wording


def _body(wanted: str) -> Test:
    return lambda _number, message: any(wanted in each.lower() for each in showing.texts(message.part))


def _sent(compare: Callable[[date, date], bool], day: date, _number: int, message: Message) -> bool:
    try:
        sent = parsedate_to_datetime((message.part.field("Date") or b"").decode("ascii", "replace"))
    except (ValueError, TypeError):
        return False
    return compare(sent.date(), day)


def _day(token: Token) -> date:
    try:
        return datetime.strptime(f"{word(token)} +0000", "%d-%b-%Y %z").date()
    except ValueError:
        raise Bad(f"{word(token)[:40]!r} is no date") from None


COMMANDS = {
    "SEARCH": Command(partial(search, by_uid=False), State.SELECTED),
    "UID SEARCH": Command(partial(search, by_uid=True), State.SELECTED),
}
