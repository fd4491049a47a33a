"""The later scenes: a conflict, a rule, the history, what one side cannot show, and a quiet run."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from hub.demo import story, texts
from hub.demo.acting import instant, paragraphs, split
from hub.demo.narrator import Claim, Narrator
from hub.demo.scenes import same
from hub.demo.stage import SYNC, Stage, calls_of

PAUSE_MIN = 12
"""Minutes between two edits of the same field."""
BLAMED = ("title", "status", "due", "labels", "priority", "description")
SHOWN_WIDTH = 25


def clock_time(moment: str) -> str:
    """A moment as the reader's own clock shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M}"


async def conflict(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Two people change the same due date; a third decides."""
    key = stage.key_of(story.DISPUTED)
    tell.say(texts.CONFLICT.format(key=key))
    anas, lis = (story.day(stage.today, days) for days in (20, 10))
    await stage.as_jira[story.ANA].edit(stage.remote(key, "jira"), duedate=anas.isoformat())
    stage.later(PAUSE_MIN)
    await stage.as_trello[story.LI].edit(stage.remote(key, "trello"), due=instant(lis))
    stage.later(5)
    report = await stage.hub.sync(SYNC)
    held, (issue, card) = stage.hub.conflicts(), await stage.look_at(key)
    tell.heading(texts.CONFLICT_TABLE)
    tell.table((texts.KEY, texts.FIELD, texts.WHERE, texts.VALUE, texts.WHO, texts.WHEN), _candidates(held))
    yield Claim(len(held) == 1 and report.exit_code == 1, texts.CONFLICT_HELD)
    yield Claim((issue.due, card.due) == (anas.isoformat(), lis.isoformat()), texts.CONFLICT_KEPT)
    hold = held[0]["id"]
    tell.say(texts.CONFLICT_RESOLVE.format(hold=hold))
    stage.hub.resolve(hold, take="trello")
    await stage.hub.spread(key)
    issue, card = await stage.look_at(key)
    yield Claim(issue.due == card.due == lis.isoformat(), texts.CONFLICT_EQUAL.format(day=lis.isoformat()))
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
    report = await stage.hub.sync(SYNC)
    issue, card = await stage.look_at(key)
    told = stage.hub.history(key, "title")
    tell.heading(texts.RULE_TABLE.format(key=key))
    rows = [(clock_time(e["at"]), e["old"], e["new"], e["who"], e["because"]) for e in told]
    tell.table((texts.WHEN, texts.OLD, texts.NEW, texts.WHO, texts.WHY), rows)
    won = report.exit_code == 0 and issue.title == card.title == story.RENAMED_AT_TRELLO
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
    issue, card = await stage.look_at(stage.noted["hero"])
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


async def quiet(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """A run that finds nothing new, counted by both sides."""
    tell.say(texts.QUIET)
    await stage.hub.sync(SYNC)
    stage.later(30)
    servers = (stage.services.jira, stage.services.trello)
    for server in servers:
        await calls_of(server, forget=True)
    report = await stage.hub.sync(SYNC)
    counted = {server.sandbox.name: await calls_of(server) for server in servers}
    rows = [(texts.SERVICES[at], s["calls"], s["read"], s["writes"]) for at, s in report.spokes.items()]
    tell.table((texts.WHERE, texts.CALLS, texts.READ, texts.WRITES), rows)
    yield Claim(report.writes == 0 and report.exit_code == 0, texts.QUIET_WRITES)
    yield Claim(counted == {at: spoke["calls"] for at, spoke in report.spokes.items()}, texts.QUIET_CALLS)
