"""Whatever an entity is and whatever a copy shows: what clients may not see is in no patch and in no draft."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.mapping import Account, People, Terms
from hub.model import Audience, Comment, Entity, Kind, Person, Priority, Requirement, RequirementStatus, Task
from hub.reconcile import CLIENT_SEES, Binding, Disclosure, debt, draft, owes
from hub.testing.memory import MemoryConnector

PEOPLE = People("there", directory=[Account("ann", "Ann", "ann@example.com")])
MAPPINGS = {
    kind: spec.mapping.bound(Terms("there", {}, PEOPLE, custom={"Contract": "cf_1"}))
    for kind, spec in MemoryConnector.kinds.items()
}
words = st.text(max_size=12)
audiences = st.sampled_from(Audience)
requirements = st.builds(
    Requirement,
    key=st.just("REQ-1"),
    title=words,
    description=words,
    priority=st.none() | st.sampled_from(Priority),
    status=st.sampled_from(RequirementStatus),
    due=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    labels=st.frozensets(words, max_size=2),
    assignees=st.frozensets(st.just(Person(email="ann@example.com")), max_size=1),
    custom=st.just({}) | st.builds(lambda text: {"Contract": text}, words),
)
tasks = st.builds(Task, key=st.just("TSK-1"), title=words, description=words)
comments = st.builds(Comment, key=st.just("CMT-1"), body=words, audience=audiences)
entities = st.one_of(requirements, tasks, comments)


@st.composite
def disclosures(draw: st.DrawFn) -> Disclosure:
    shows = draw(st.none() | st.frozensets(st.sampled_from(sorted(Requirement.model_fields)), max_size=4))
    return Disclosure(draw(audiences), shows)


def allowed(entity: Entity, disclosure: Disclosure) -> frozenset[str]:
    """The law, in other words than the code's: who reads there, whom the thing is for, and what is shown of it."""
    if disclosure.audience is Audience.INTERNAL:
        return frozenset(MAPPINGS[entity.kind])
    if entity.value("audience") is Audience.INTERNAL if entity.kind is Kind.COMMENT else False:
        return frozenset()
    return CLIENT_SEES[entity.kind] if disclosure.shows is None else disclosure.shows


@given(entity=entities, disclosure=disclosures())
def test_a_draft_holds_nothing_that_its_readers_may_not_see(entity: Entity, disclosure: Disclosure) -> None:
    made = draft(entity, MAPPINGS[entity.kind], disclosure)
    visible = allowed(entity, disclosure)
    assert set(made.values) <= visible
    assert set(made.patch) <= {MAPPINGS[entity.kind][name].remote for name in visible if name in MAPPINGS[entity.kind]}


@given(entity=entities, disclosure=disclosures(), agreed=st.data())
def test_a_debt_holds_nothing_that_its_readers_may_not_see(entity: Entity, disclosure: Disclosure, agreed: Any) -> None:
    known = agreed.draw(st.frozensets(st.sampled_from(sorted(MAPPINGS[entity.kind]))))
    before = type(entity)(key=entity.key)
    binding = Binding("there", entity.kind, "1", entity.key, agreed={name: before.value(name) for name in known})
    owed = debt(entity, binding, MAPPINGS[entity.kind], {}, (), disclosure)
    visible = allowed(entity, disclosure)
    assert owes(entity, binding, MAPPINGS[entity.kind], (), disclosure) <= visible
    assert {*owed.values, *owed.settled} <= visible
    assert set(owed.patch) <= {MAPPINGS[entity.kind][name].remote for name in visible if name in MAPPINGS[entity.kind]}
