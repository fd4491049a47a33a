"""Scenes of the team at work: edits on both sides, a conflict, a rule, the history, and what one side cannot show."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from hub.demo import story, texts
from hub.demo.acting import Seen, instant, paragraphs, split
from hub.demo.documents import paragraph
from hub.demo.narrator import Claim, Narrator
from hub.demo.scenes import same
from hub.demo.stage import Stage, agree

PAUSE_MIN = 12
"""Minutes between two edits of the same field."""
BLAMED = ("title", "status", "due", "labels", "priority", "description")
SHOWN_WIDTH = 25


def clock_time(moment: str) -> str:
    """A moment as the reader's own clock shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M}"


async def edits(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Two people work on the same requirement, each on their side."""
    key = stage.noted["hero"] = stage.key_of(story.HERO)
    tell.say(texts.EDITS.format(key=key))
    seen = await stage.look_at(key)
    stage.noted["description"] = seen["jira"].raw["fields"]["description"]
    await _ana_works(stage, seen["jira"])
    stage.later(15)
    due = story.day(stage.today, 28)
    await _ben_works(stage, seen["trello"], instant(due))
    stage.later(5)
    report = await stage.sync()
    seen = await stage.look_at(key)
    issue, card = seen["jira"], seen["trello"]
    tell.heading(texts.EDITS_TABLE.format(key=key))
    tell.table((texts.FIELD, texts.JIRA, texts.TRELLO), _side_by_side(issue, card))
    wanted = (story.HERO_RENAMED, due.isoformat(), frozenset({story.NORTHWIND, story.HERO_NEW_LABEL}))
    both = report.exit_code == 0 and agree(seen) and (card.title, card.due, card.labels) == wanted
    yield Claim(both, texts.EDITS_FIELDS)
    yield Claim((issue.status, card.status) == ("In Progress", "Doing"), texts.EDITS_WORKFLOW)
    yield Claim(all(_has_both_edits(each) for each in seen.values()), texts.EDITS_TEXT)
    yield Claim(issue.raw["fields"]["description"]["content"][1]["type"] == "panel", texts.EDITS_PANEL)


async def _ana_works(stage: Stage, issue: Seen) -> None:
    ana, old = stage.as_jira[story.ANA], issue.raw["fields"]["description"]
    edited = {**old, "content": [paragraph(story.HERO_OPENING_EDITED), *old["content"][1:]]}
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


async def conflict(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Two people change the same due date; a third decides."""
    key = stage.key_of(story.DISPUTED)
    tell.say(texts.CONFLICT.format(key=key))
    anas, lis = (story.day(stage.today, days) for days in (20, 10))
    await stage.as_jira[story.ANA].edit(stage.remote(key, "jira"), duedate=anas.isoformat())
    stage.later(PAUSE_MIN)
    await stage.as_trello[story.LI].edit(stage.remote(key, "trello"), due=instant(lis))
    stage.later(5)
    report = await stage.sync()
    held, seen = stage.hub.conflicts(), await stage.look_at(key)
    tell.heading(texts.CONFLICT_TABLE)
    tell.table((texts.KEY, texts.FIELD, texts.WHERE, texts.VALUE, texts.WHO, texts.WHEN), _candidates(held))
    yield Claim(len(held) == 1 and report.exit_code == 1, texts.CONFLICT_HELD)
    dates = (seen["jira"].due, seen["trello"].due)
    yield Claim(dates == (anas.isoformat(), lis.isoformat()), texts.CONFLICT_KEPT)
    hold = held[0]["id"]
    tell.say(texts.CONFLICT_RESOLVE.format(hold=hold))
    stage.hub.resolve(hold, take="trello")
    await stage.hub.spread(key)
    seen = await stage.look_at(key)
    equal = all(each.due == lis.isoformat() for each in seen.values())
    yield Claim(equal, texts.CONFLICT_EQUAL.format(day=lis.isoformat()))
    yield Claim(not stage.hub.conflicts(), texts.CONFLICT_CLOSED)


def _candidates(held: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (hold["key"], hold["field"], each["connection"], each["value"], each["who"], clock_time(each["at"]))
        for hold in held
        for each in hold["candidates"]
    ]


async def rule(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Two people rename the same requirement; the rule decides, and the history keeps both."""
    key = stage.key_of(story.RENAMED)
    tell.say(texts.RULE.format(key=key, minutes=PAUSE_MIN))
    await stage.as_jira[story.ANA].edit(stage.remote(key, "jira"), summary=story.RENAMED_AT_JIRA)
    stage.later(PAUSE_MIN)
    await stage.as_trello[story.BEN].edit(stage.remote(key, "trello"), name=story.RENAMED_AT_TRELLO)
    stage.later(5)
    report = await stage.sync()
    seen = await stage.look_at(key)
    told = stage.hub.history(key, "title")
    tell.heading(texts.RULE_TABLE.format(key=key))
    rows = [(clock_time(e["at"]), e["old"], e["new"], e["who"], e["because"]) for e in told]
    tell.table((texts.WHEN, texts.OLD, texts.NEW, texts.WHO, texts.WHY), rows)
    won = report.exit_code == 0 and {each.title for each in seen.values()} == {story.RENAMED_AT_TRELLO}
    yield Claim(won, texts.RULE_WON.format(title=story.RENAMED_AT_TRELLO))
    kept = any(e["because"] == "rule latest" and story.RENAMED_AT_JIRA in (e["old"], e["new"]) for e in told)
    yield Claim(kept, texts.RULE_KEPT.format(title=story.RENAMED_AT_JIRA))


async def history(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Who set each field of the requirement that two people worked on."""
    key = stage.noted["hero"]
    tell.say(texts.HISTORY.format(key=key))
    known = stage.hub.blame(key)
    shown = {name: known[name] for name in BLAMED}
    rows = [(name, _value(f["value"]), f["who"], f["connection"], f["because"]) for name, f in shown.items()]
    tell.table((texts.FIELD, texts.VALUE, texts.WHO, texts.WHERE, texts.WHY), rows)
    by = {name: (known[name]["who"], known[name]["connection"]) for name in BLAMED}
    yield Claim(by["title"] == by["status"] == (story.ANA, "jira"), texts.HISTORY_ANA)
    yield Claim(by["due"] == by["labels"] == (story.BEN, "trello"), texts.HISTORY_BEN)
    yield Claim(known["description"]["because"] == "merge", texts.HISTORY_MERGE)


def _value(value: Any) -> str:
    shown = ", ".join(value) if isinstance(value, list) else str(value)
    return shown if len(shown) <= SHOWN_WIDTH else f"{shown[: SHOWN_WIDTH - 1].rstrip()}…"


async def unknown_content(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """What Trello has no word for is in Jira as it was."""
    tell.say(texts.UNKNOWN)
    seen = await stage.look_at(stage.noted["hero"])
    issue, card = seen["jira"], seen["trello"]
    was, now = (
        {node["type"]: node for node in document["content"]}
        for document in (stage.noted["description"], issue.raw["fields"]["description"])
    )
    in_jira = texts.PANEL_SHOWN.format(text=" ".join(paragraphs(now.get("panel", {}))))
    tell.table((texts.JIRA, texts.TRELLO), [(in_jira, split(card.description)[1])])
    for kind, called in texts.UNKNOWN_NAMES.items():
        yield Claim(same(was[kind], now.get(kind)), texts.UNKNOWN_SAME.format(what=called))
    checklist = await stage.as_trello[story.BEN].checklist(card.id)
    yield Claim(checklist == list(story.CHECKLIST), texts.UNKNOWN_CHECKLIST)
