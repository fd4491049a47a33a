"""A spoke while a run lasts: its connector, whose account that is, its mappings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.config import Spoke
from hub.errors import BadAnswer, HubError, ServiceError
from hub.mapping import (
    Account,
    FieldMap,
    Lens,
    Marked,
    OfPeople,
    OnePerson,
    Owner,
    People,
    PeopleSet,
    RichText,
    Terms,
)
from hub.model import Entity, Kind, Person, Stamp
from hub.reconcile import Disclosure, Observation
from hub.sdk.connector import Connector, Identity
from hub.sdk.records import Record
from hub.store import Store
from hub.store.codec import text
from hub.sync.references import StoredReferences, awaiting
from hub.sync.rehearsal import Rehearsal

DIRECTORY_AGE = timedelta(days=1)
SEVERAL = frozenset({list, dict})
"""In what form records show accounts: several, or one with all that is said of it."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
CLOCK_NOISE_S = 2.0
"""`Date` headers tell whole seconds, and answers take their time: less than this says nothing of a clock."""


class Partner:
    """One spoke of a running sync.

    Args:
        clock: The present moment by our clock.
        language: In which the hub writes headings of its own.
    """

    def __init__(
        self,
        spoke: Spoke,
        connector: Connector,
        store: Store,
        people: Mapping[str, Mapping[str, str]],
        sync: str,
        clock: Callable[[], datetime],
        language: str = "en",
    ) -> None:
        self._language = language
        self.spoke, self.connector = spoke, connector
        self.name = spoke.name
        """The name of the spoke, which is that of its connection."""
        self.identity: Identity | None = None
        self.error: ServiceError | None = None
        self._store, self._people, self._sync, self._clock = store, people, sync, clock
        self._mappings: dict[Kind, FieldMap] = {}
        self._nobody = Stamp("", self.name, LONG_AGO)
        """Whose work is what a service does not say whose it is: of a page of records, all have the same."""
        self._of_people: dict[Kind, Sequence[tuple[str, Lens]]] = {}

    @property
    def working(self) -> bool:
        """Whether nothing has gone wrong with the connection in this run."""
        return self.error is None

    def now(self) -> datetime:
        """The present moment by our clock."""
        return self._clock()

    def rehearsing(self, store: Store) -> "Partner":
        """This spoke for trying on *store*: what is written to it is only imagined."""
        rehearsal = Rehearsal(self.connector)
        like = Partner(self.spoke, rehearsal, store, self._people, self._sync, self._clock, self._language)
        like.identity, like.error = self.identity, self.error
        return like

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds it takes part in, parents before children."""
        return tuple(kind for kind in Kind if kind in self.spoke.routes)

    def mapping(self, kind: Kind) -> FieldMap:
        """The bound mapping of a kind; the same one until `learn` is told of new accounts."""
        if kind not in self._mappings:
            mapping = awaiting(self.connector.mapping(kind).bound(self._terms(kind)), self.spoke.routes)
            body = mapping.get("body")
            if "audience" not in mapping and isinstance(body, RichText):
                mapping = mapping.plus(audience=Marked(body, self.spoke.routes[kind].marks))
            self._mappings[kind] = mapping
        return self._mappings[kind]

    def prints(self, kind: Kind) -> str:
        """The fingerprints of the mapping of a kind, as the store keeps them."""
        return text(dict(self.mapping(kind).fingerprints()))

    def disclosure(self, kind: Kind) -> Disclosure:
        """What of a kind may be written there."""
        return self.spoke.routes[kind].disclosure

    def learn(self, accounts: list[Account]) -> None:
        """Remember accounts that the service has shown."""
        known = {account.id: account for account in self._store.accounts(self.name)}
        new = [a for a in accounts if a.id not in known or _more(a, known[a.id])]
        if new:
            self._store.keep_accounts(self.name, new)
            self._mappings.clear()
            self._of_people.clear()

    def strangers(self, entities: Iterable[Entity]) -> bool:
        """Whether any of *entities* has people whose account here is not known."""
        some = list(entities)
        lenses = {kind: self._lenses_of_people(kind) for kind in {entity.kind for entity in some}}
        shown = {
            person
            for entity in some
            for name, lens in lenses[entity.kind]
            for person in _persons(lens, entity.value(name))
        }
        if not shown:
            return False
        people = self._people_there()
        return any(people.account(person) is None for person in shown)

    def _lenses_of_people(self, kind: Kind) -> Sequence[tuple[str, Lens]]:
        if kind not in self._of_people:
            lenses = self.mapping(kind).items()
            self._of_people[kind] = [(n, lens) for n, lens in lenses if isinstance(lens, PeopleSet | OnePerson | Owner)]
        return self._of_people[kind]

    async def ask_who_is_who(self) -> None:
        """Read the service's directory, at most once a day (by a clock that may have been wrong). Raises ServiceError."""
        name, now = f"directory of {self.name}", self._clock()
        asked = self._store.fact(name)
        if asked is None or abs(now - datetime.fromisoformat(asked)) > DIRECTORY_AGE:
            self.learn(list((await self.connector.describe()).people))
            self._store.keep_fact(name, now.isoformat())

    def _terms(self, kind: Kind) -> Terms:
        return Terms(
            self.name,
            dict(self.spoke.vocabularies),
            self._people_there(),
            StoredReferences(self._store, self.name),
            f"syncs.{self._sync}.spokes.{self.name}",
            self.spoke.kinds[kind].custom,
            self._language,
        )

    def _people_there(self) -> People:
        return People(self.name, self._people, self._store.accounts(self.name))

    def observation(self, record: Record, read_at: datetime) -> Observation:
        """What *record* shows, with its times by our clock instead of the service's."""
        if record.touched is None and not record.touches:
            if self._nobody.at is not read_at:
                self._nobody = Stamp("", self.name, read_at)
            return Observation(record.fields, self._nobody)
        ahead = self.connector.clock_offset_s
        offset = timedelta(seconds=ahead if abs(ahead) > CLOCK_NOISE_S else 0)

        def stamp(who: Account, at: datetime) -> Stamp:
            return Stamp(who=who.name or who.id, connection=self.name, at=at - offset)

        last = stamp(record.touched.who, record.touched.at) if record.touched else Stamp("", self.name, read_at)
        stamps = {name: stamp(touch.who, touch.at) for name, touch in record.touches.items()}
        return Observation(record.fields, last, stamps)

    def is_own_work(self, record: Record) -> bool:
        """Whether our own account was the last to touch a record."""
        touched = record.touched
        return touched is not None and self.identity is not None and touched.who.id == self.identity.account.id

    def is_own(self, record: Record, field: str) -> bool:
        """Whether our own account was the last to write a field, as far as the service tells that of each field."""
        touch = record.touches.get(field) if record.touches else record.touched
        return touch is not None and self.identity is not None and touch.who.id == self.identity.account.id


def _persons(lens: Lens, value: Any) -> Iterable[Person]:
    """The persons that a lens is to show as accounts."""
    if isinstance(lens, PeopleSet | OnePerson):
        return value  # type: ignore[no-any-return]
    return (value,) if isinstance(lens, Owner) and value else ()


def stumbled(error: Exception, connection: str) -> ServiceError:
    """*error* as one that stops a spoke and no other: a connector may meet answers that it was not made for.

    Raises what is no matter of the spoke, such as StoreError.
    """
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, HubError):
        raise error
    unforeseen = BadAnswer(
        f"something unforeseen, {type(error).__name__}: {error}", connection=connection, fix="please report this"
    )
    unforeseen.__cause__ = error
    return unforeseen


def _more(account: Account, known: Account) -> bool:
    """Whether *account* says something of its owner that was not known."""
    return bool((account.email and not known.email) or (account.username and not known.username))


def accounts_in(records: Iterable[Record], mapping: FieldMap) -> list[Account]:
    """Every account that records show in their people fields."""
    names = {lens.remote for lens in mapping.values() if isinstance(lens, OfPeople)}
    if not names:
        return []
    shown = [value for record in records for name in names if (value := record.fields.get(name)).__class__ in SEVERAL]
    found = [each for value in shown for each in (value if isinstance(value, list) else [value])]
    return [_account(each) for each in found if isinstance(each, Mapping) and "id" in each]


def _account(shown: Mapping[str, Any]) -> Account:
    return Account(str(shown["id"]), str(shown.get("name") or ""), shown.get("email"), str(shown.get("username") or ""))
