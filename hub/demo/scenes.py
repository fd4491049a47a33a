"""The first scenes: two systems, the plan, the first run, the second run, and work on both sides at once.

A scene is an asynchronous generator: it tells its part and yields each claim at the place where the reader meets it.
"""

import json
from collections.abc import AsyncIterator, Sequence

from hub.demo import story, texts
from hub.demo.acting import Seen, instant, split
from hub.demo.narrator import Claim, Narrator
from hub.demo.stage import SYNC, Stage, agree, same_person
from hub.sync import Report

MADE = {"create": "created", "update": "updated", "delete": "deleted", "import": "imported"}
"""What a plan calls an operation, and what a report calls its end."""


def same(before: object, after: object) -> bool:
    """Whether two readings show the same, to the last byte."""
    return json.dumps(before, ensure_ascii=False) == json.dumps(after, ensure_ascii=False)


async def whole(stage: Stage) -> list[list[story.Json]]:
    """All that both services show."""
    return [[each.raw for each in side] for side in await stage.look()]


async def before(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """People write down what the clients want, each where they are at home."""
    tell.say(texts.BEFORE)
    written = await _written_down(stage)
    issues, cards = await stage.look()
    rows = [(f"{texts.JIRA} {each.name}", each.title, each.status, each.due) for each in issues]
    rows += [(texts.TRELLO, each.title, each.status, each.due) for each in cards]
    tell.table((texts.WHERE, texts.WHAT, texts.STATUS, texts.DUE), rows, whole=(texts.WHERE, texts.DUE))
    yield Claim((len(issues), len(cards)) == written, texts.BEFORE_BOTH.format(issues=len(issues), cards=len(cards)))
    yield Claim(not {each.title for each in issues} & {each.title for each in cards}, texts.BEFORE_APART)


async def _written_down(stage: Stage) -> tuple[int, int]:
    """How many issues and cards were made."""
    issues, accounts = story.issues(stage.accounts["jira"]), stage.accounts
    for issue in issues:
        await stage.as_jira[issue.by].write(issue, stage.today, accounts["jira"])
        stage.later(2)
    for card in story.CARDS:
        due = None if card.due is None else story.day(stage.today, card.due)
        await stage.as_trello[card.by].write(card, due, accounts["trello"])
        stage.later(2)
    return len(issues), len(story.CARDS)


async def plan(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """The plan of the first run; the services stay as they are."""
    tell.say(texts.PLAN)
    was = await whole(stage)
    report = await stage.hub.sync(SYNC, dry_run=True)
    stage.noted["plan"], stage.noted["keys"] = planned, _ = planned_counts(report), planned_keys(report)
    rows = [(texts.OPERATIONS[what].format(spoke=texts.SERVICES[at]), n) for (at, what), n in planned.items()]
    tell.table((texts.OPERATION, texts.COUNT), rows)
    tell.say(texts.PLAN_MORE)
    made = {at: planned.get((at, "create"), 0) for at in ("jira", "trello")}
    issues, cards = was
    complete = made == {"jira": len(cards), "trello": len(issues)}
    yield Claim(complete, texts.PLAN_COMPLETE.format(**made))
    yield Claim(same(was, await whole(stage)), texts.UNTOUCHED)
    yield Claim(not stage.hub.listing(), texts.PLAN_FORGOTTEN)


def planned_counts(report: Report) -> dict[tuple[str, str], int]:
    """How often a plan has each operation, by spoke and operation."""
    counts: dict[tuple[str, str], int] = {}
    for step in report.plan or ():
        at = (str(step["spoke"]), str(step["operation"]))
        counts[at] = counts.get(at, 0) + 1
    return counts


def planned_keys(report: Report) -> dict[str, str]:
    """The keys that a plan gives to what it takes in, by remote id."""
    return {str(s["remote"]): str(s["key"]) for s in report.plan or () if s["operation"] == "import"}


def done_counts(report: Report) -> dict[tuple[str, str], int]:
    """How often a run did each operation, by spoke and operation."""
    counts = {
        (name, operation): sum(kind[end] for kind in spoke["kinds"].values())
        for name, spoke in report.spokes.items()
        for operation, end in MADE.items()
    }
    return {at: number for at, number in counts.items() if number}


async def first_sync(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Everything comes to be on both sides."""
    tell.say(texts.FIRST)
    report = await stage.hub.sync(SYNC)
    stage.later(10)
    issues, cards = await stage.look()
    pairs = paired(stage, issues, cards)
    rows = [(key, issue.title, f"{issue.name} {issue.status}", card.status) for key, issue, card in pairs]
    tell.table((texts.KEY, texts.WHAT, texts.JIRA, texts.TRELLO), rows, whole=(texts.KEY, texts.JIRA, texts.TRELLO))
    calls = sum(int(spoke["calls"]) for spoke in report.spokes.values())
    tell.say(texts.FIRST_DONE.format(writes=report.writes, calls=calls))
    number = sum(stage.noted["plan"].get((at, "import"), 0) for at in ("jira", "trello"))
    given = {remote: key for key, issue, card in pairs for remote in (issue.id, card.id)}
    same_keys = stage.noted["keys"].items() <= given.items()
    as_planned = report.exit_code == 0 and done_counts(report) == stage.noted["plan"] and same_keys
    yield Claim(as_planned, texts.FIRST_AS_PLANNED)
    yield Claim(len(issues) == len(cards) == len(pairs) == number, texts.FIRST_BOTH.format(number=number))
    yield Claim(all(agree(issue, card) for _, issue, card in pairs), texts.FIRST_SAME)
    yield Claim(all(same_person(issue, card) for _, issue, card in pairs), texts.FIRST_PEOPLE)


def paired(stage: Stage, issues: Sequence[Seen], cards: Sequence[Seen]) -> list[tuple[str, Seen, Seen]]:
    """Each requirement's key, issue and card; only those that are on both sides."""
    at_jira, at_trello = {each.id: each for each in issues}, {each.id: each for each in cards}
    found = []
    for each in stage.hub.listing("requirement"):
        ties = {name: tie["id"] for name, tie in each["bindings"].items()}
        if ties.get("jira") in at_jira and ties.get("trello") in at_trello:
            found.append((str(each["key"]), at_jira[ties["jira"]], at_trello[ties["trello"]]))
    return found


async def second_sync(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Nothing is written."""
    tell.say(texts.SECOND)
    was = await whole(stage)
    report = await stage.hub.sync(SYNC)
    stage.noted["second_run_writes"] = report.writes
    yield Claim(report.writes == 0 and report.exit_code == 0, texts.SECOND_WRITES.format(writes=report.writes))
    yield Claim(same(was, await whole(stage)), texts.UNTOUCHED)


async def edits(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Two people work on the same requirement, each on their side."""
    key = stage.noted["hero"] = stage.key_of(story.HERO)
    tell.say(texts.EDITS.format(key=key))
    issue, card = await stage.look_at(key)
    stage.noted["description"] = issue.raw["fields"]["description"]
    await _ana_works(stage, issue)
    stage.later(15)
    due = story.day(stage.today, 28)
    await _ben_works(stage, card, instant(due))
    stage.later(5)
    report = await stage.hub.sync(SYNC)
    issue, card = await stage.look_at(key)
    tell.heading(texts.EDITS_TABLE.format(key=key))
    tell.table((texts.FIELD, texts.JIRA, texts.TRELLO), _side_by_side(issue, card))
    wanted = (story.HERO_RENAMED, due.isoformat(), frozenset({story.NORTHWIND, story.HERO_NEW_LABEL}))
    both = report.exit_code == 0 and agree(issue, card) and (card.title, card.due, card.labels) == wanted
    yield Claim(both, texts.EDITS_FIELDS)
    yield Claim((issue.status, card.status) == ("In Progress", "Doing"), texts.EDITS_WORKFLOW)
    yield Claim(_has_both_edits(issue) and _has_both_edits(card), texts.EDITS_TEXT)
    yield Claim(issue.raw["fields"]["description"]["content"][1]["type"] == "panel", texts.EDITS_PANEL)


async def _ana_works(stage: Stage, issue: Seen) -> None:
    ana, old = stage.as_jira[story.ANA], issue.raw["fields"]["description"]
    edited = {**old, "content": [story.paragraph(story.HERO_OPENING_EDITED), *old["content"][1:]]}
    await ana.edit(issue.id, summary=story.HERO_RENAMED, description=edited)
    await ana.move(issue.id, "Start work")


async def _ben_works(stage: Stage, card: Seen, due: str) -> None:
    ben = stage.as_trello[story.BEN]
    edited = card.description.replace(story.HERO_CLOSING, story.HERO_CLOSING_EDITED)
    await ben.edit(card.id, desc=edited, due=due)
    await ben.add_label(card.id, story.HERO_NEW_LABEL)
    await ben.add_checklist(card.id, texts.CHECKLIST_NAME, story.CHECKLIST)


def _has_both_edits(seen: Seen) -> bool:
    return story.HERO_OPENING_EDITED in seen.description and story.HERO_CLOSING_EDITED in seen.description


def _side_by_side(issue: Seen, card: Seen) -> list[tuple[str, str | None, str | None]]:
    there, here = issue.description.splitlines(), split(card.description)
    return [
        (texts.TITLE_FIELD, issue.title, card.title),
        (texts.STATUS, issue.status, card.status),
        (texts.DUE, issue.due, card.due),
        (texts.LABELS, ", ".join(sorted(issue.labels)), ", ".join(sorted(card.labels))),
        (texts.FIRST_PARAGRAPH, there[0], here[0]),
        (texts.LAST_PARAGRAPH, there[-1], here[-1]),
    ]
