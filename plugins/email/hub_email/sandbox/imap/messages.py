"""Commands that change messages: flags, copies, moves, removal, and messages put in by the client."""

import re
from datetime import UTC, datetime
from functools import partial

from hub_email.sandbox.boxes import SYSTEM_FLAGS, Folder, Message
from hub_email.sandbox.imap.folders import named
from hub_email.sandbox.imap.session import Command, Session, State
from hub_email.sandbox.imap.wire import Bad, String, Token, upper, word, words

DELETED = r"\Deleted"


async def store(session: Session, args: list[Token], *, by_uid: bool) -> str:
    """STORE set [(UNCHANGEDSINCE n)] [+|-]FLAGS[.SILENT] (flags)."""
    folder, (chosen, *rest) = session.writable(), args
    limit = _unchanged_since(session, rest)
    if limit is not None:
        rest = rest[1:]
    how, flags = upper(rest[0]), _flags([each for token in rest[1:] for each in words(token)])
    asked = re.fullmatch(r"([+-]?)FLAGS(\.SILENT)?", how)
    if not asked:
        raise Bad(f"STORE has no {how}")
    refused: list[int] = []
    for number, message in session.chosen(chosen, by_uid=by_uid):
        if limit is not None and message.modseq > limit:
            refused.append(message.uid if by_uid else number)
            continue
        folder.set_flags(message, _changed(message.flags, asked[1], flags))
        _tell(session, number, message, silent=bool(asked[2]), by_uid=by_uid)
    return f"[MODIFIED {','.join(map(str, refused))}] Some had changed" if refused else ""


def _tell(session: Session, number: int, message: Message, *, silent: bool, by_uid: bool) -> None:
    """The flags as they are now. For who asked for CONDSTORE the new MODSEQ is told even in silence (RFC 7162 §3.1.3)."""
    uid = b"UID %d " % message.uid if by_uid else b""
    if not silent:
        session.say(b"* %d FETCH (%b%b)" % (number, uid, session.shown_flags(message)))
    elif session.condstore:
        session.say(b"* %d FETCH (%bMODSEQ (%d))" % (number, uid, message.modseq))
    session.keep_quiet([message])


def _unchanged_since(session: Session, rest: list[Token]) -> int | None:
    modifier = rest[0] if rest else None
    if not isinstance(modifier, list):
        return None
    name, number = words(modifier)
    if name.upper() != "UNCHANGEDSINCE":
        raise Bad(f"STORE has no modifier {name}")
    session.condstore = True
    return int(number)


def _flags(given: list[str]) -> set[str]:
    """Flags that a client may set.

    Raises:
        Bad: A system flag that there is not, or that only the server sets.
    """
    for each in given:
        if each.startswith("\\") and each.lower() not in SYSTEM_FLAGS:
            raise Bad(f"There is no flag {each}")
    return {SYSTEM_FLAGS.get(each.lower(), each) for each in given}


def _changed(before: set[str], sign: str, flags: set[str]) -> set[str]:
    if not sign:
        return flags
    lowered = {each.lower() for each in flags}
    without = {each for each in before if each.lower() not in lowered}
    return without | flags if sign == "+" else without


async def copy(session: Session, args: list[Token], *, by_uid: bool) -> str:
    """COPY set folder; tells the uids of both (RFC 4315)."""
    return _copied(session, args, by_uid=by_uid)[1]


async def move(session: Session, args: list[Token], *, by_uid: bool) -> str:
    """MOVE set folder (RFC 6851)."""
    folder = session.writable()
    moved, words = _copied(session, args, by_uid=by_uid)
    if words:
        session.say(b"* OK ", words.encode())
    folder.remove(moved)
    return "Moved"


def _copied(session: Session, args: list[Token], *, by_uid: bool) -> tuple[list[Message], str]:
    target = named(session, args[1], code="[TRYCREATE]")
    chosen = [message for _, message in session.chosen(args[0], by_uid=by_uid)]
    made = [target.add(each.raw, each.at, each.flags) for each in chosen]
    if not made:
        return [], ""
    uids = [",".join(str(each.uid) for each in each_side) for each_side in (chosen, made)]
    return chosen, f"[COPYUID {target.uidvalidity} {uids[0]} {uids[1]}] Copied"


async def append(session: Session, args: list[Token]) -> str:
    """APPEND folder [(flags)] ["date"] literal; tells the uid (RFC 4315)."""
    folder, (_, *options, content) = named(session, args[0], code="[TRYCREATE]"), args
    if not isinstance(content, String) or not content:
        raise Bad("APPEND needs a message, as a literal")
    flags, at = set[str](), session.post.now()
    for each in options:
        if isinstance(each, list):
            flags = _flags(words(each))
        else:
            at = moment(word(each))
    made = folder.add(bytes(content), at, flags)
    return f"[APPENDUID {folder.uidvalidity} {made.uid}] Appended"


def moment(text: str) -> datetime:
    """A date-time of RFC 3501, `17-Jul-1996 02:44:25 -0700`, in UTC.

    Raises:
        Bad: It is none.
    """
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        raise Bad(f"{text[:40]!r} is no date-time") from None


async def expunge(session: Session, _args: list[Token]) -> str:
    """EXPUNGE: remove what is marked as deleted."""
    folder = session.writable()
    folder.remove(_deleted(folder))
    return ""


async def uid_expunge(session: Session, args: list[Token]) -> str:
    """UID EXPUNGE set: of these only (RFC 4315)."""
    folder = session.writable()
    chosen = {message for _, message in session.chosen(args[0], by_uid=True)}
    folder.remove(each for each in _deleted(folder) if each in chosen)
    return ""


async def close(session: Session, _args: list[Token]) -> str:
    """CLOSE: as EXPUNGE, in silence, and leave the folder."""
    folder = session.here()
    read_only = session.read_only
    session.unselect()
    if not read_only:
        folder.remove(_deleted(folder))
    return ""


def _deleted(folder: Folder) -> list[Message]:
    return [each for each in folder.messages if DELETED in each.flags]


COMMANDS = {
    "STORE": Command(partial(store, by_uid=False), State.SELECTED, writes=True),
    "UID STORE": Command(partial(store, by_uid=True), State.SELECTED, writes=True),
    "COPY": Command(partial(copy, by_uid=False), State.SELECTED, writes=True),
    "UID COPY": Command(partial(copy, by_uid=True), State.SELECTED, writes=True),
    "MOVE": Command(partial(move, by_uid=False), State.SELECTED, writes=True),
    "UID MOVE": Command(partial(move, by_uid=True), State.SELECTED, writes=True),
    "APPEND": Command(append, State.SIGNED_IN, writes=True),
    "EXPUNGE": Command(expunge, State.SELECTED, writes=True),
    "UID EXPUNGE": Command(uid_expunge, State.SELECTED, writes=True),
    "CLOSE": Command(close, State.SELECTED, writes=True),
}
