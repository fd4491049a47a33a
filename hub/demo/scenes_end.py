"""The last scenes: four people in four services at once, a look at everything, and a run without work."""

from collections.abc import AsyncIterator, Sequence
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from hub.demo import letters, story, texts
from hub.demo.acting import everything_in, instant, text_of, thread_of
from hub.demo.narrator import Claim, Narrator, told_in
from hub.demo.scenes import same, together, whole
from hub.demo.scenes_client import LONG_MIN, brief
from hub.demo.services import calls_of
from hub.demo.stage import INSIDE, Stage, agree


async def four(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Four people, four services, one requirement, one run."""
    key = stage.noted["wish"]
    tell.say(texts.FOUR.format(key=key))
    due = story.day(stage.today, 9)
    await stage.as_jira[story.MIA].edit(stage.remote(key, "jira"), summary=letters.RENAMED)
    await stage.as_trello[story.BEN].edit(stage.remote(key, "trello"), due=instant(due))
    await stage.as_zoho[letters.RAVI].edit(stage.remote(key, "zoho"), Description=letters.WANTED)
    await stage.client.answer((await stage.client.inbox())[-1], letters.LAST_WORD)
    stage.later(1)
    report = await stage.sync()
    stage.later(2)
    seen, said = await stage.look_at(key), await stage.said_of(key)
    rows = [
        (texts.TITLE_FIELD, *(each.title for each in seen.values())),
        (texts.DUE, *(each.due for each in seen.values())),
        (texts.DESCRIPTION, *(each.description for each in seen.values())),
        (texts.LAST_COMMENT, *(brief(said[name][-1]) for name in seen)),
    ]
    tell.table((texts.FIELD, *(texts.SERVICES[name] for name in seen)), rows)
    yield Claim(report.exit_code == 0 and not stage.hub.conflicts(), texts.FOUR_NO_CONFLICT)
    wanted = (letters.RENAMED, due.isoformat(), letters.WANTED)
    fields = {(each.title, each.due, each.description.strip()) for each in seen.values()}
    yield Claim(fields == {wanted}, texts.FOUR_FIELDS)
    yield Claim(all(letters.LAST_WORD in there[-1] for there in said.values()), texts.FOUR_WORD)


async def everywhere(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """Every service is asked by its own API; the client's inbox is read from the beginning."""
    tell.say(texts.EVERYWHERE)
    stage.later(LONG_MIN)
    report = await stage.sync()
    key, seen = stage.noted["wish"], await stage.look()
    copies, inbox = together(stage, seen), await stage.client.inbox()
    tell.table((texts.WHEN, texts.TOLD), _inbox_rows(inbox), whole=(texts.WHEN,))
    complete = {len(there) for there in seen.values()} == {len(copies)} and all(map(agree, copies.values()))
    yield Claim(report.exit_code == 0 and complete, texts.EVERYWHERE_SAME.format(number=len(copies)))
    said, files = await stage.said_of(key), await stage.files_of(key)
    spoken = (letters.REPLY, letters.INTERNAL, letters.FOR_CLIENT, letters.LAST_WORD)
    once = all([sum(words in each for each in said[at]) for words in spoken] == [1] * len(said[at]) for at in INSIDE)
    yield Claim(
        once and len({len(there) for there in said.values()}) == 1, texts.EVERYWHERE_SAID.format(number=len(spoken))
    )
    yield Claim(all(len(there) == len(letters.FILES) for there in files.values()), texts.EVERYWHERE_FILE)
    root = thread_of(inbox[0])
    yield Claim(all(thread_of(each) & root for each in inbox), texts.EVERYWHERE_THREAD.format(number=len(inbox)))
    yield Claim(not any(letters.INTERNAL in everything_in(each) for each in inbox), texts.INSIDE_KEPT)


def _inbox_rows(inbox: Sequence[EmailMessage]) -> list[tuple[str, str]]:
    """Each mail: when it was sent, and what it tells."""
    return [(f"{parsedate_to_datetime(mail['Date']).astimezone():%H:%M}", told_in(text_of(mail))) for mail in inbox]


async def quiet(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """A run that finds nothing new, counted by the services."""
    tell.say(texts.QUIET)
    stage.later(60)
    await stage.sync()
    stage.later(5)
    was = await whole(stage)
    for name in INSIDE:
        await calls_of(stage.services[name], forget=True)
    report = await stage.sync()
    counted = {name: await calls_of(stage.services[name]) for name in INSIDE}
    stage.noted["second_run_writes"] += report.writes
    rows = [(texts.SERVICES[at], s["calls"], s["read"], s["writes"]) for at, s in report.spokes.items()]
    tell.table((texts.WHERE, texts.CALLS, texts.READ, texts.WRITES), rows)
    yield Claim(report.writes == 0 and report.exit_code == 0, texts.QUIET_WRITES)
    yield Claim(same(was, await whole(stage)), texts.UNTOUCHED)
    yield Claim(counted == {name: report.spokes[name]["calls"] for name in INSIDE}, texts.QUIET_CALLS)
