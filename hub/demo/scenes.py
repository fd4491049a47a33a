"""The first scenes: systems that know nothing of each other, the plan, the first run and the second.

A scene is an asynchronous generator: it tells its part and yields each claim at the place where the reader meets it.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from hub.demo import letters, story, texts
from hub.demo.acting import Seen
from hub.demo.narrator import Claim, Narrator
from hub.demo.stage import INSIDE, SYNC, Stage, agree, same_person
from hub.sync import Report

MADE = {"create": "created", "update": "updated", "delete": "deleted", "import": "imported"}
"""What a plan calls an operation, and what a report calls its end."""
Counts = dict[tuple[str, str, str], int]
"""How often, by spoke, operation and kind."""


def same(before: object, after: object) -> bool:
    """Whether two readings show the same, to the last byte."""
    return json.dumps(before, ensure_ascii=False) == json.dumps(after, ensure_ascii=False)


async def whole(stage: Stage) -> Any:
    """All that the services show: requirements, clients, contacts, and the client's inbox."""
    ravi = stage.as_zoho[letters.RAVI]
    requirements = {name: [each.raw for each in there] for name, there in (await stage.look()).items()}
    crm = [await ravi.known("Accounts", "Account_Name,Website"), await ravi.known("Contacts", "Full_Name,Email")]
    return [requirements, crm, [mail.as_string() for mail in await stage.client.inbox()]]


async def before(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """People write down what the clients want, each where they are at home."""
    tell.say(texts.BEFORE)
    written = await _written_down(stage)
    seen = await stage.look()
    issues, cards = seen["jira"], seen["trello"]
    rows = [(f"{texts.JIRA} {each.name}", each.title, each.status, each.due) for each in issues]
    rows += [(texts.TRELLO, each.title, each.status, each.due) for each in cards]
    tell.table((texts.WHERE, texts.WHAT, texts.STATUS, texts.DUE), rows, whole=(texts.WHERE, texts.DUE))
    yield Claim((len(issues), len(cards)) == written, texts.BEFORE_BOTH.format(issues=len(issues), cards=len(cards)))
    yield Claim(not {each.title for each in issues} & {each.title for each in cards}, texts.BEFORE_APART)
    known = await stage.as_zoho[letters.RAVI].known("Accounts", "Account_Name")
    yield Claim(len(known) == len(letters.ACCOUNTS) and not seen["zoho"], texts.BEFORE_CRM.format(number=len(known)))


async def _written_down(stage: Stage) -> tuple[int, int]:
    """How many issues and cards were made."""
    await _clients_noted(stage)
    issues, accounts = story.issues(stage.accounts["jira"]), stage.accounts
    for issue in issues:
        await stage.as_jira[issue.by].write(issue, stage.today, accounts["jira"])
        stage.later(2)
    for card in story.CARDS:
        due = None if card.due is None else story.day(stage.today, card.due)
        await stage.as_trello[card.by].write(card, due, accounts["trello"])
        stage.later(2)
    return len(issues), len(story.CARDS)


async def _clients_noted(stage: Stage) -> None:
    """Sales enters the clients, and the one person it knows there."""
    ravi = stage.as_zoho[letters.RAVI]
    noted = {name: await ravi.write("Accounts", Account_Name=name, Website=web) for name, web in letters.ACCOUNTS}
    stage.noted["account"] = noted[letters.COMPANY]
    stage.noted["contact"] = await ravi.write("Contacts", **letters.contact(noted[letters.COMPANY]))
    stage.later(2)


async def plan(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """The plan of the first run; the services stay as they are."""
    tell.say(texts.PLAN)
    was, seen = await whole(stage), await stage.look()
    report = await stage.hub.sync(SYNC, dry_run=True)
    stage.noted["plan"], stage.noted["keys"] = planned, _ = planned_counts(report), planned_keys(report)
    tell.table((texts.OPERATION, texts.OF_KIND, texts.COUNT), _as_rows(planned))
    tell.say(texts.PLAN_MORE)
    made = {at: planned.get((at, "create", "requirement"), 0) for at in INSIDE}
    everything = sum(len(there) for there in seen.values())
    complete = made == {at: everything - len(there) for at, there in seen.items()}
    yield Claim(complete, texts.PLAN_COMPLETE.format(**made))
    yield Claim(same(was, await whole(stage)), texts.UNTOUCHED)
    yield Claim(not stage.hub.listing(), texts.PLAN_FORGOTTEN)


def _as_rows(counts: Counts) -> list[tuple[str, str, int]]:
    return [
        (texts.OPERATIONS[what].format(spoke=texts.SERVICES[at]), texts.KINDS[kind], number)
        for (at, what, kind), number in counts.items()
    ]


def planned_counts(report: Report) -> Counts:
    """How often a plan has each operation."""
    counts: Counts = {}
    for step in report.plan or ():
        at = (str(step["spoke"]), str(step["operation"]), str(step["kind"]))
        counts[at] = counts.get(at, 0) + 1
    return counts


def planned_keys(report: Report) -> dict[str, str]:
    """The keys that a plan gives to the requirements it takes in, by remote id."""
    taken = (step for step in report.plan or () if step["operation"] == "import" and step["kind"] == "requirement")
    return {str(step["remote"]): str(step["key"]) for step in taken}


def done_counts(report: Report) -> Counts:
    """How often a run did each operation."""
    counts = {
        (name, operation, kind): ends[end]
        for name, spoke in report.spokes.items()
        for kind, ends in spoke["kinds"].items()
        for operation, end in MADE.items()
    }
    return {at: number for at, number in counts.items() if number}


async def first_sync(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Everything comes to be everywhere."""
    tell.say(texts.FIRST)
    report = await stage.sync()
    stage.later(10)
    copies = together(stage, await stage.look())
    columns = (texts.KEY, texts.WHAT, texts.JIRA, texts.TRELLO, texts.ZOHO)
    tell.table(columns, _first_rows(copies), whole=(texts.KEY, texts.JIRA, texts.TRELLO, texts.ZOHO))
    calls = sum(int(spoke["calls"]) for spoke in report.spokes.values())
    tell.say(texts.FIRST_DONE.format(writes=report.writes, calls=calls))
    number = sum(stage.noted["plan"].get((at, "import", "requirement"), 0) for at in INSIDE)
    given = {each.id: key for key, seen in copies.items() for each in seen.values()}
    same_keys = stage.noted["keys"].items() <= given.items()
    as_planned = report.exit_code == 0 and done_counts(report) == stage.noted["plan"] and same_keys
    yield Claim(as_planned, texts.FIRST_AS_PLANNED)
    counts = {len(there) for there in (await stage.look()).values()}
    yield Claim(counts == {len(copies)} == {number}, texts.FIRST_BOTH.format(number=number))
    yield Claim(all(map(agree, copies.values())), texts.FIRST_SAME)
    yield Claim(all(map(same_person, copies.values())), texts.FIRST_PEOPLE)


def _first_rows(copies: Mapping[str, Mapping[str, Seen]]) -> Iterable[tuple[str, ...]]:
    for key, seen in copies.items():
        issue = seen["jira"]
        yield (key, issue.title, f"{issue.name} {issue.status}", seen["trello"].status, seen["zoho"].status)


def together(stage: Stage, seen: Mapping[str, list[Seen]]) -> dict[str, dict[str, Seen]]:
    """By key of a requirement: its copy in each service; only of those that are in all of them."""
    known = {name: {each.id: each for each in there} for name, there in seen.items()}
    found = {}
    for each in stage.hub.listing("requirement"):
        ties = {name: tie["id"] for name, tie in each["bindings"].items() if tie["id"] in known.get(name, {})}
        if set(ties) == set(known):
            found[str(each["key"])] = {name: known[name][number] for name, number in ties.items()}
    return found


async def second_sync(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Nothing is written."""
    tell.say(texts.SECOND)
    was = await whole(stage)
    report = await stage.sync()
    stage.noted["second_run_writes"] = report.writes
    yield Claim(report.writes == 0 and report.exit_code == 0, texts.SECOND_WRITES.format(writes=report.writes))
    yield Claim(same(was, await whole(stage)), texts.UNTOUCHED)
