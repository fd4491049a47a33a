"""What Jira Cloud, Trello and Zoho CRM are asked for each change: their sandboxes on loopback count every call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.apis import APIS, why
from bench.tables import Cell, Figures, ratio
from bench.trio import PEOPLE, Calls, Trio, trio

LEAST = 3
"""So many requirements are needed: one for the edits made at each service."""
AT_ONCE = 100
"""Most that are changed at once; above some share of all, a run would wait for somebody's approval."""
PARTS = ("all", "every run", "reads", "writes", "other")
PARTS_NOTE = (
    "every run: the calls of a quiet run, see below. reads: a fresh look before a write at Jira and Trello; Zoho refuses a late\n"
    "write itself, and is read after it, as its answer does not show the record. writes: unavoidable, see why. other: what can\n"
    "be chosen there, once a run that writes."
)
CREATING = Figures(
    "Creating copies", ("made in", "records", "calls to", *PARTS, "calls per record", "why"), note=PARTS_NOTE
)
CHANGING = Figures(
    "One field changed",
    ("changed in", "field", "calls to", *PARTS, "echo: writes", "echo: more", "why"),
    note=f"{PARTS_NOTE}\necho: the run after; its writes, and its calls beyond those of a quiet run.",
)
MANY = Figures(
    "Many changed at once, one field each",
    ("changed in", "records", "calls to", *PARTS, "calls per record", "why"),
    note=PARTS_NOTE,
)
QUIET = Figures("A quiet run", ("calls to", "operation", "calls", "why"))


async def services(copies: int) -> list[Figures]:
    """The figures of the services: *copies* (`LEAST` or more) made in each, each field changed once, all, and nothing."""
    creating, changing, many, quiet = CREATING.empty(), CHANGING.empty(), MANY.empty(), QUIET.empty()
    with trio() as three:
        calm = await three.rest()
        for at in three.services:
            three.enter(at, copies)
            creating.rows.extend(_each(three, at, copies, await three.run(), calm))
            calm = await three.rest()
        quiet.rows.extend((to, call, n, why(call)) for to, calls in calm.items() for call, n in sorted(calls.items()))
        for edit in edits(three):
            changing.rows.extend(await _one(three, edit, calm))
        for at, fields in TITLES.items():
            records = three.copies()[: min(copies, AT_ONCE)]
            for record in records:
                three.edit(at, record[at], fields)
            many.rows.extend(_each(three, at, len(records), await three.run(), calm))
            await three.rest(calm)
    return [creating, changing, many, quiet]


def _each(three: Trio, at: str, records: int, calls: Calls, calm: Calls) -> list[tuple[Cell, ...]]:
    """What a run cost each of the other services, of which *records* were to be written to."""
    return [
        (at, records, to, *_parts(to, calls, calm), ratio(calls[to].total(), records), _why(to, calls))
        for to in three.services
        if to != at
    ]


@dataclass(frozen=True)
class Edit:
    """Something that a person does to a record of one service; `fields` are its own words for it."""

    at: str
    record: str
    field: str
    fields: Mapping[str, Any]


DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Because of the tax"}]}],
}
TITLES = {"jira": {"summary": "Changed"}, "trello": {"name": "Changed again"}, "zoho": {"Name": "Changed once more"}}
FIELDS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "jira": {
        "title": {"summary": "Order 0!"},
        "description": {"description": DOCUMENT},
        "due": {"duedate": "2026-12-24"},
        "labels": {"labels": ["erp", "client"]},
        "priority": {"priority": {"name": "Low"}},
        "status": {"transition": "Start work"},
        "assignees": {"assignee": {"accountId": PEOPLE["ana@acme.example"][0]}},
    },
    "trello": {
        "title": {"name": "Order 1, again"},
        "description": {"desc": "It **fails**"},
        "due": {"due": "2026-12-27T12:00:00.000Z"},
        "labels": {"labels": ["erp", "client"]},
        "status": {"list": "Doing"},
        "assignees": {},
    },
    "zoho": {
        "title": {"Name": "Order 2, mended"},
        "description": {"Description": "It is **late**"},
        "due": {"Due_Date": "2026-12-28"},
        "priority": {"Priority": "High"},
        "status": {"Status": "In Progress"},
    },
}
"""By service and field: what a person enters there."""


def edits(three: Trio) -> list[Edit]:
    """Every field of a requirement, edited once at each service that shows it; each service on a record of its own."""
    member = {"idMembers": [three.people["li.wei@acme.example"]["trello"]]}
    return [
        Edit(at, copy[at], field, fields or member)
        for (at, given), copy in zip(FIELDS.items(), three.copies(), strict=False)
        for field, fields in given.items()
    ]


async def _one(three: Trio, edit: Edit, calm: Calls) -> list[tuple[Cell, ...]]:
    """What a changed field costs each of the other services that show it."""
    three.edit(edit.at, edit.record, edit.fields)
    calls, echo = await three.run(), await three.run()
    if echo != calm:
        await three.rest(calm)
    return [
        (
            edit.at,
            edit.field,
            to,
            *_parts(to, calls, calm),
            APIS[to].writes(echo[to]),
            _more(to, echo, calm),
            _why(to, calls),
        )
        for to in FIELDS
        if to != edit.at and edit.field in FIELDS[to]
    ]


def _more(to: str, calls: Calls, calm: Calls) -> int:
    """The calls beyond those of a quiet run."""
    return (APIS[to].regular(calls[to]) - calm[to]).total()


def _parts(to: str, calls: Calls, calm: Calls) -> tuple[int, ...]:
    """How many calls went to a service, and what for, as `PARTS` names them: they add up."""
    api = APIS[to]
    beyond = api.regular(calls[to]) - calm[to]
    reads, writes = sum(n for call, n in beyond.items() if call in api.looks), api.writes(beyond)
    every_run = calls[to].total() - beyond.total()
    return calls[to].total(), every_run, reads, writes, beyond.total() - reads - writes


def _why(to: str, calls: Calls) -> str:
    written = sorted(call for call in calls[to] if APIS[to].is_write(call))
    return "; ".join(f"{calls[to][call]} x {why(call)}" for call in written)
