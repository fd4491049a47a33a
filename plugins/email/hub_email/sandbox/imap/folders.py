"""Commands about folders: listing, opening, counting, making and removing them."""

import re
from collections.abc import Callable, Sequence

from imapclient import imap_utf7  # type: ignore[import-untyped]

from hub_email.sandbox.boxes import INBOX, Box, Folder, NoSuchFolder, inbox_or
from hub_email.sandbox.imap.session import Command, Session, State
from hub_email.sandbox.imap.wire import Bad, No, Token, listed, string, word, words

COUNTS: dict[str, Callable[[Folder], int]] = {
    "MESSAGES": lambda folder: len(folder.messages),
    "RECENT": lambda _folder: 0,
    "UIDNEXT": lambda folder: folder.uidnext,
    "UIDVALIDITY": lambda folder: folder.uidvalidity,
    "UNSEEN": lambda folder: sum(r"\Seen" not in each.flags for each in folder.messages),
    "HIGHESTMODSEQ": lambda folder: folder.modseq,
}
"""What STATUS can be asked for."""


def name_of(token: Token) -> str:
    """A folder's name, from modified UTF-7 (RFC 3501 §5.1.3).

    Raises:
        Bad: It is none.
    """
    try:
        return inbox_or(imap_utf7.decode(word(token).encode("ascii")))
    except ValueError:
        raise Bad("The folder's name is no modified UTF-7") from None


def named(session: Session, token: Token, *, code: str = "[NONEXISTENT]") -> Folder:
    """The folder of this name.

    Raises:
        No: There is none; the words begin with *code*.
    """
    name = name_of(token)
    try:
        return box_of(session).folder(name)
    except NoSuchFolder:
        raise No(f"{code} There is no folder {encoded(name).decode()}") from None


def box_of(session: Session) -> Box:
    """The box that the session signed in to."""
    if session.box is None:
        raise Bad("Sign in first")
    return session.box


def encoded(name: str) -> bytes:
    """A folder's name as it stands on the wire."""
    return bytes(imap_utf7.encode(name))


async def select(session: Session, args: list[Token]) -> str:
    """SELECT name [(CONDSTORE)]."""
    return _open(session, args, read_only=False)


async def examine(session: Session, args: list[Token]) -> str:
    """EXAMINE name [(CONDSTORE)]: nothing can be changed, and nothing becomes seen."""
    return _open(session, args, read_only=True)


def _open(session: Session, args: list[Token], *, read_only: bool) -> str:
    session.unselect()
    if session.post.unsafe_login and not session.identified:
        raise No("Unsafe Login. Please contact kefu@188.com for help")
    folder = named(session, args[0])
    if len(args) > 1 and "CONDSTORE" in (each.upper() for each in words(args[1])):
        session.condstore = True
    session.select(folder, read_only=read_only)
    flags = [each.encode() for each in folder.flags()]
    session.say(b"* FLAGS ", listed(flags))
    session.say(b"* %d EXISTS" % len(folder.messages))
    session.say(b"* 0 RECENT")
    unseen = next((n for n, each in enumerate(folder.messages, 1) if r"\Seen" not in each.flags), None)
    if unseen:
        session.say(b"* OK [UNSEEN %d] First unseen" % unseen)
    session.say(b"* OK [PERMANENTFLAGS ", listed([] if read_only else [*flags, rb"\*"]), b"] Flags permitted")
    session.say(b"* OK [UIDVALIDITY %d] UIDs valid" % folder.uidvalidity)
    session.say(b"* OK [UIDNEXT %d] Predicted next UID" % folder.uidnext)
    session.say(b"* OK [HIGHESTMODSEQ %d] Highest" % folder.modseq)
    return "[READ-ONLY] Examined" if read_only else "[READ-WRITE] Selected"


async def status(session: Session, args: list[Token]) -> str:
    """STATUS name (items)."""
    folder, wanted = named(session, args[0]), [each.upper() for each in words(args[1])]
    if unknown := [each for each in wanted if each not in COUNTS]:
        raise Bad(f"STATUS has no {unknown[0]}")
    session.condstore = session.condstore or "HIGHESTMODSEQ" in wanted
    told = listed(b"%b %d" % (each.encode(), COUNTS[each](folder)) for each in wanted)
    session.say(b"* STATUS ", string(encoded(folder.name)), b" ", told)
    return ""


async def listing(session: Session, args: list[Token]) -> str:
    """LIST reference pattern, with the options and returns of RFC 5258 and 6154 as far as they concern special use."""
    special = bool(args) and isinstance(args[0], list) and "SPECIAL-USE" in (each.upper() for each in words(args[0]))
    rest = args[1:] if isinstance(args[0], list) else args
    if word(rest[1]) == "":
        session.say(rb'* LIST (\Noselect) "/" ""')
        return ""
    folders = [each for each in _matching(session, rest) if each.special or not special]
    _say_folders(session, b"LIST", folders)
    return ""


async def subscribed(session: Session, args: list[Token]) -> str:
    """LSUB reference pattern."""
    box = box_of(session)
    _say_folders(session, b"LSUB", [each for each in _matching(session, args) if each.name in box.subscribed])
    return ""


def _matching(session: Session, args: Sequence[Token]) -> list[Folder]:
    patterns = args[1] if isinstance(args[1], list) else [args[1]]
    wanted = [_pattern(name_of(args[0]) + name_of(each)) for each in patterns]
    return [each for each in box_of(session).folders.values() if any(one.fullmatch(each.name) for one in wanted)]


def _pattern(glob: str) -> re.Pattern[str]:
    """`*` is anything, `%` anything within one level; INBOX has no letter case."""
    pieces = {"*": ".*", "%": "[^/]*"}
    return re.compile("".join(pieces.get(each, re.escape(each)) for each in inbox_or(glob)))


def _say_folders(session: Session, word: bytes, folders: Sequence[Folder]) -> None:
    names = box_of(session).folders
    for each in folders:
        has = any(name.startswith(each.name + "/") for name in names)
        attributes = [
            rb"\HasChildren" if has else rb"\HasNoChildren",
            *([each.special.encode()] if each.special else []),
        ]
        session.say(b"* ", word, b" ", listed(attributes), b' "/" ', string(encoded(each.name)))


async def create(session: Session, args: list[Token]) -> str:
    """CREATE name."""
    box, name = box_of(session), name_of(args[0]).rstrip("/")
    if not name or name in box.folders:
        raise No("[ALREADYEXISTS] There is such a folder" if name else "[CANNOT] A folder needs a name")
    box.folders[name] = session.post.boxes.add_folder(box, name)
    return ""


async def delete(session: Session, args: list[Token]) -> str:
    """DELETE name."""
    folder = named(session, args[0])
    if folder.name == INBOX:
        raise No("[CANNOT] The inbox stays")
    folder.remove(list(folder.messages))
    del box_of(session).folders[folder.name]
    return ""


async def rename(session: Session, args: list[Token]) -> str:
    """RENAME old new; the inbox is not renamed here, though RFC 3501 would move its messages."""
    folder, box, name = named(session, args[0]), box_of(session), name_of(args[1])
    if folder.name == INBOX or name in box.folders:
        raise No("[ALREADYEXISTS] There is such a folder" if name in box.folders else "[CANNOT] The inbox stays")
    box.folders[name] = box.folders.pop(folder.name)
    folder.name = name
    return ""


async def subscribe(session: Session, args: list[Token]) -> str:
    """SUBSCRIBE name."""
    box_of(session).subscribed.add(named(session, args[0]).name)
    return ""


async def unsubscribe(session: Session, args: list[Token]) -> str:
    """UNSUBSCRIBE name."""
    box_of(session).subscribed.discard(name_of(args[0]))
    return ""


async def unselect(session: Session, _args: list[Token]) -> str:
    """UNSELECT: leave the folder, and remove nothing (RFC 3691)."""
    session.unselect()
    return ""


COMMANDS = {
    "SELECT": Command(select, State.SIGNED_IN),
    "EXAMINE": Command(examine, State.SIGNED_IN),
    "STATUS": Command(status, State.SIGNED_IN),
    "LIST": Command(listing, State.SIGNED_IN),
    "LSUB": Command(subscribed, State.SIGNED_IN),
    "CREATE": Command(create, State.SIGNED_IN, writes=True),
    "DELETE": Command(delete, State.SIGNED_IN, writes=True),
    "RENAME": Command(rename, State.SIGNED_IN, writes=True),
    "SUBSCRIBE": Command(subscribe, State.SIGNED_IN),
    "UNSUBSCRIBE": Command(unsubscribe, State.SIGNED_IN),
    "UNSELECT": Command(unselect, State.SELECTED),
}
