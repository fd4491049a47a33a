"""Looks for what is broken in a store, and says how what follows from the rest of it is made right.

`CHECKS` has the checks that need nothing but the store. What needs the configuration too is made by whoever has it:
`owed_check`, `cursor_check`.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import UnionType

from hub.errors import StoreError
from hub.model import Attachment, Entity, Kind
from hub.reconcile import Binding, Hold, meet
from hub.store import codec
from hub.store.database import IN_MEMORY, open_database
from hub.store.defects import MEND, UNREADABLE, Check, Defect, Mend, restore, rows, run
from hub.store.recollection import entities, tie_at, values
from hub.store.rows import chunks
from hub.store.store import Store

INDEX_TROUBLE = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
MOST_TOLD = 20
MADE_BY = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
ROOM = 50_000_000
"""Bytes that should be free on the disk, whatever the size of the database."""


# The database as such.


def database(store: Store) -> Iterator[Defect]:
    """Whether SQLite itself finds the file sound."""
    said = [str(row[0]) for row in rows(store, f"PRAGMA integrity_check({MOST_TOLD})")]
    wrong = [each for each in said if each != "ok"]
    only_indexes = all(any(word in each for word in INDEX_TROUBLE) for each in wrong)
    for each in wrong:
        if only_indexes:
            yield Defect("database", "error", each, MEND, _reindex)
        else:
            yield Defect("database", "error", each, restore(store))


def _reindex(store: Store) -> None:
    run(store, "REINDEX")


def schema(store: Store) -> Iterator[Defect]:
    """Whether tables and indexes are those that the hub makes."""
    there = {row[:2]: row[2] for row in rows(store, MADE_BY)}
    wanted = {row[:2]: row[2] for row in open_database(IN_MEMORY).execute(MADE_BY)}
    for (sort, name), sql in wanted.items():
        if there.get((sort, name)) != sql:
            said = f"the {sort} {name} is not as the hub makes it"
            mend = _make_again(name, sql) if sort == "index" else None
            yield Defect("schema", "error", said, MEND if mend else restore(store), mend)


def _make_again(name: str, sql: str) -> Mend:
    def mend(store: Store) -> None:
        run(store, f'DROP INDEX IF EXISTS "{name}"')
        run(store, sql)

    return mend


def room(store: Store) -> Iterator[Defect]:
    """Whether the disk has room for what is to come."""
    if store.path == IN_MEMORY:
        return
    place = Path(store.path)
    wanted, free = max(ROOM, place.stat().st_size), shutil.disk_usage(place.parent).free
    if free < wanted:
        said = f"only {free // 1_000_000} MB are free beside {place.name}"
        yield Defect("room", "warning", said, f"make room for {wanted // 1_000_000} MB")


def history(store: Store) -> Iterator[Defect]:
    """Whether the history is what was written."""
    for said in store.broken_seals():
        yield Defect("history", "error", said, "compare with a backup: what is in the history cannot be made anew")


# What refers to what.


def ties(store: Store) -> Iterator[Defect]:
    """Whether what each copy last showed can be read."""
    sql = "SELECT connection, kind, remote, key, key IN (SELECT key FROM entities) FROM bindings"
    for connection, kind, remote, key, known in rows(store, sql):
        right = codec.KIND_OF_PREFIX.get(key.partition("-")[0])
        if right is None or kind != right or tie_at(store, right, connection, remote) is None:
            said = f"{key}: what its copy in {connection} last showed cannot be read"
            mend = _meet_again(key, right, connection, remote) if right and known else None
            yield Defect("ties", "error", said, MEND if mend else restore(store), mend)


def _meet_again(key: str, kind: Kind, connection: str, remote: str) -> Mend:
    """The next run reads the copy anew, and judges what differs without a base."""

    def mend(store: Store) -> None:
        run(store, "DELETE FROM bindings WHERE connection = ? AND key = ? AND remote = ?", [connection, key, remote])
        store.keep_bindings([(meet(key, kind, connection, remote), False)])
        read_again(store, connection, kind)

    return mend


def read_again(store: Store, connection: str, kind: str) -> None:
    """Forget how far a kind was read, so that the next run reads all of it."""
    run(store, "DELETE FROM cursors WHERE connection = ? AND kind = ?", [connection, kind])


def inbox(store: Store) -> Iterator[Defect]:
    """Whether what waits to be judged can be read."""
    for connection, kind, remote, record in rows(store, "SELECT connection, kind, remote, record FROM inbox"):
        try:
            codec.record_from(record)
        except UNREADABLE:
            said = f"{connection} {remote}: what was read of this {kind} cannot be made out"
            yield Defect("inbox", "error", said, MEND, _drop_read(connection, kind, remote))


def _drop_read(connection: str, kind: str, remote: str) -> Mend:
    def mend(store: Store) -> None:
        store.drop_records([(connection, kind, remote)])
        read_again(store, connection, kind)

    return mend


def intents(store: Store) -> Iterator[Defect]:
    """Whether writes without an answer are of something, and can be read."""
    sql = """SELECT connection, kind, key, fields, agreed, key IN (SELECT key FROM entities) FROM intents"""
    for connection, kind, key, fields, agreed, known in rows(store, sql):
        place = (connection, kind, key)
        if not known:
            said = f"a write to {connection} is noted for {key}, which is not there"
            yield Defect("intents", "warning", said, MEND, _drop_intent(*place))
        elif not (_is_data(fields, dict) and _is_data(agreed, dict | None)):
            said = f"{key}: what was to be written to {connection} cannot be read"
            yield Defect("intents", "error", said, MEND, _blank_intent(*place))
    yield from _batches(store)


def _batches(store: Store) -> Iterator[Defect]:
    for number, connection, kind, keys, doc in rows(store, "SELECT id, connection, kind, keys, doc FROM underway"):
        if not _is_batch(doc):
            said = f"{keys}: what was to be written to {connection} cannot be read"
            yield Defect("intents", "error", said, MEND, _blank_batch(number, keys.split(",")))
            continue
        batch = list(codec.data_of(doc))
        for key in set(batch) - {known for (known,) in rows(store, "SELECT key FROM entities")}:
            said = f"a write to {connection} is noted for {key}, which is not there"
            yield Defect("intents", "warning", said, MEND, _drop_intent(connection, kind, key))


def _is_batch(shown: str) -> bool:
    if not _is_data(shown, dict):
        return False
    both = ([dict, dict], [dict, type(None)])
    return all(isinstance(w, list) and [type(part) for part in w] in both for w in codec.data_of(shown).values())


def _is_data(shown: str, of: type | UnionType = object) -> bool:
    try:
        return isinstance(codec.data_of(shown), of)
    except UNREADABLE:
        return False


def _drop_intent(connection: str, kind: str, key: str) -> Mend:
    return lambda store: store.drop_intents(connection, Kind(kind), [key])


def _blank_intent(connection: str, kind: str, key: str) -> Mend:
    """A copy that it may have made is still looked for by its marker, and then judged without a base."""
    sql = "UPDATE intents SET fields = '{}', agreed = '{}' WHERE connection = ? AND kind = ? AND key = ?"

    def mend(store: Store) -> None:
        run(store, sql, [connection, kind, key])

    return mend


def _blank_batch(number: int, keys: Sequence[str]) -> Mend:
    """Likewise, for each of a batch."""
    doc = codec.text({key: ({}, {}) for key in keys})
    return lambda store: run(store, "UPDATE underway SET doc = ? WHERE id = ?", [doc, number])


def holds(store: Store) -> Iterator[Defect]:
    """Whether what waits for a person is of something, and can be read."""
    sql = "SELECT number, key, field, doc, since, state FROM holds WHERE state IN ('open', 'lost') ORDER BY number"
    for row in rows(store, sql):
        number, key, field = row[:3]
        if not rows(store, "SELECT 1 FROM entities WHERE key = ?", [key]):
            yield Defect(
                "holds", "warning", f"H-{number} is about {key}, which is not there", MEND, _close(number, key)
            )
            continue
        try:
            hold = codec.hold_from(row)
        except UNREADABLE:
            said = f"H-{number}: what waits about the {field} of {key} cannot be read"
            yield Defect("holds", "error", said, MEND, _close(number, key))
            continue
        known = {name for (name,) in rows(store, "SELECT connection FROM bindings WHERE key = ?", [key])}
        if gone := hold.connections - known:
            said = f"H-{number} is with {', '.join(sorted(gone))}, where {key} has no copy"
            yield Defect("holds", "warning", said, MEND, _close(number, key))


def _close(number: int, key: str) -> Mend:
    """Where people still disagree, the next run says so again: it reads those copies anew."""

    def mend(store: Store) -> None:
        run(store, "UPDATE holds SET state = 'dropped' WHERE number = ?", [number])
        run(store, "UPDATE bindings SET digest = '' WHERE key = ?", [key])
        for connection, kind in rows(store, "SELECT connection, kind FROM bindings WHERE key = ?", [key]):
            read_again(store, connection, kind)

    return mend


# The bytes of attachments.


def files(store: Store) -> Iterator[Defect]:
    """Whether the bytes of every attachment are there, and are the right ones; and what is there for nothing."""
    if store.path == IN_MEMORY:
        return
    named: set[str] = set()
    for key in [key for (key,) in rows(store, "SELECT key FROM entities WHERE kind = 'attachment'")]:
        found = store.entities([key])[key]
        if isinstance(found, Attachment) and found.sha256:
            named.add(found.sha256)
            if said := _wrong(store, found.sha256):
                yield Defect("files", "error", f"{key}: {said}", MEND, _fetch_again(key))
    for file in _kept(store.blobs.folder):
        if file.name not in named or file.parent.name != file.name[:2]:
            yield Defect("files", "warning", f"{_short(file)} is no attachment's", MEND, _remove(file))


def _wrong(store: Store, sha256: str) -> str:
    content = store.blobs.content(sha256)
    if content is None:
        return f"its file {sha256[:12]}… is not there"
    try:
        with content.path.open("rb") as file:
            right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError as error:
        return f"its file {sha256[:12]}… cannot be read: {error.strerror}"
    return "" if right else f"its file {sha256[:12]}… has other bytes"


def _fetch_again(key: str) -> Mend:
    """The hash is forgotten: the next run that may pass the file on reads its bytes again."""

    def mend(store: Store) -> None:
        entity = store.entities([key])[key]
        if isinstance(entity, Attachment) and (content := store.blobs.content(entity.sha256)):
            _unlink(content.path)
        store.keep_entities([entity.model_copy(update={"sha256": None})])

    return mend


def _kept(folder: Path) -> list[Path]:
    """Every file in the folder, those included that a run was still reading when it was broken off."""
    return sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else []


def _short(file: Path) -> str:
    return f"{file.parent.name}/{file.name[:12]}… in {file.parent.parent.name}"


def _remove(file: Path) -> Mend:
    return lambda _store: _unlink(file)


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
        if file.parent.name.startswith("part-"):
            file.parent.rmdir()
    except OSError as error:
        raise StoreError(f"{file}: {error}", fix="check that its folder may be written to") from error


# What needs to be known beside the store.

Owes = Callable[[Entity, Binding, Sequence[Hold]], bool | None]
"""Whether a copy is owed something, with the open holds of its entity; None where nobody can say."""


def owed_check(owes: Owes) -> Check:
    """A check that every copy is marked as owed something just where it is."""

    def owed(store: Store) -> Iterator[Defect]:
        marked = {row[:3] for row in rows(store, "SELECT connection, kind, remote FROM bindings WHERE owed = 1")}
        waits = {row[:3] for row in rows(store, "SELECT connection, kind, remote FROM inbox")}
        for some in chunks(key for (key,) in rows(store, "SELECT key FROM entities WHERE gone = 0")):
            known, waiting = store.entities(some), store.holds(some)
            for key, copies in store.bindings_of(some).items():
                for tie in copies:
                    place = (tie.connection, tie.kind.value, tie.remote)
                    due = owes(known[key], tie, waiting.get(key, ()))
                    if tie.state == "bound" and place not in waits and due is not None and due != (place in marked):
                        yield _mismarked(tie, due=due)

    return owed


def _mismarked(tie: Binding, *, due: bool) -> Defect:
    said = "is owed a write that nobody would send" if due else "is marked as owed a write, and is owed none"
    level = "error" if due else "warning"
    return Defect("owed", level, f"{tie.key}: its copy in {tie.connection} {said}", MEND, _mark(tie, due=due))


def _mark(tie: Binding, *, due: bool) -> Mend:
    return lambda store: store.keep_bindings([(tie, due)])


def cursor_check(known: Iterable[tuple[str, str]]) -> Check:
    """A check that what was read belongs to one of the *known* pairs of sync and connection."""
    pairs = set(known)

    def cursors(store: Store) -> Iterator[Defect]:
        for sync, connection, kind, cursor in rows(store, "SELECT sync, connection, kind, cursor FROM cursors"):
            if (sync, connection) not in pairs:
                said = f"how far {connection} was read for {sync} is noted of {kind}s, and hub.toml has no such sync"
                yield Defect("cursors", "warning", said, MEND, _forget_cursors(sync, connection))
            elif not _is_data(cursor):
                said = f"how far {connection} was read of {kind}s cannot be made out"
                yield Defect("cursors", "error", said, MEND, _forget_cursors(sync, connection))

    return cursors


def _forget_cursors(sync: str, connection: str) -> Mend:
    def mend(store: Store) -> None:
        run(store, "DELETE FROM cursors WHERE sync = ? AND connection = ?", [sync, connection])

    return mend


CHECKS: tuple[Check, ...] = (database, schema, room, history, entities, values, ties, inbox, intents, holds, files)
"""Every check that needs nothing but the store, in the order in which a person should hear of them."""
