"""Scenes of the client: her mail, what she is told, her answer, and what stays inside."""

from collections.abc import AsyncIterator, Mapping

from hub.demo import letters, story, texts
from hub.demo.acting import File, Seen, everything_in, text_of, thread_of
from hub.demo.narrator import Claim, Narrator
from hub.demo.stage import INSIDE, Stage

SHORT_MIN, LONG_MIN = 3, 12
"""Minutes between two steps of work, and longer than the quiet while that `quiet` in hub.toml asks for."""


async def mail(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """A client's mail becomes a requirement in three services, and is acknowledged."""
    tell.say(texts.MAIL)
    await stage.client.write(letters.ASKED, letters.WISHED)
    tell.letter(f"{letters.CLIENT} <{letters.ADDRESS}>", letters.ASKED, letters.WISHED)
    stage.later(1)
    tell.say(texts.MAIL_SYNC)
    report = await stage.sync()
    stage.later(2)
    key = stage.noted["wish"] = stage.key_of(letters.ASKED)
    seen, inbox = await stage.look_at(key), await stage.client.inbox()
    rows = [
        (texts.SERVICES[name], each.title, _first_line(each.description), each.status) for name, each in seen.items()
    ]
    tell.table((texts.WHERE, texts.WHAT, texts.DESCRIPTION, texts.STATUS), rows, whole=(texts.WHERE, texts.STATUS))
    yield Claim(report.exit_code == 0 and _is_there(seen), texts.MAIL_EVERYWHERE.format(key=key))
    yield Claim(not any(letters.COMPANY in each.description for each in seen.values()), texts.MAIL_CLEAN)
    yield Claim(await _is_recognised(stage, seen["zoho"]), texts.MAIL_KNOWN)
    for each in inbox:
        tell.letter(str(each["From"]), str(each["Subject"]), text_of(each))
    told = len(inbox) == 1 and key in text_of(inbox[0]) and letters.ASKED in str(inbox[0]["Subject"])
    yield Claim(told, texts.MAIL_ACKNOWLEDGED)


def _first_line(words: str) -> str:
    return next((line for line in words.splitlines() if letters.WISH[:20] in line), words)


def _is_there(seen: Mapping[str, Seen]) -> bool:
    return all(each.title == letters.ASKED and letters.WISH[:20] in each.description for each in seen.values())


async def _is_recognised(stage: Stage, row: Seen) -> bool:
    """Whether the CRM's requirement leads to the contact and the client that it knew before, and there are no others."""
    ravi = stage.as_zoho[letters.RAVI]
    leads = {name: (row.raw.get(name) or {}).get("id") for name in ("Account", "Contact")}
    counts = [len(await ravi.known(m, f)) for m, f in (("Accounts", "Account_Name"), ("Contacts", "Full_Name"))]
    known = {"Account": stage.noted["account"], "Contact": stage.noted["contact"]}
    return leads == known and counts == [len(letters.ACCOUNTS), 1]


async def work(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """The team does the work; the client is told once, when nobody has been at it for a while."""
    key = stage.noted["wish"]
    tell.say(texts.WORK.format(key=key, short=SHORT_MIN))
    mia, issue = stage.as_jira[story.MIA], stage.remote(key, "jira")
    for step in ("Start work", "Ask for review"):
        await mia.move(issue, step)
        stage.later(SHORT_MIN)
        await stage.sync()
    waiting = len(await stage.client.inbox())
    await mia.move(issue, "Finish", resolution={"name": "Done"})
    stage.later(LONG_MIN)
    report = await stage.sync()
    first, *others = await stage.client.inbox()
    for each in others:
        tell.letter(str(each["From"]), str(each["Subject"]), text_of(each))
    yield Claim(waiting == 1, texts.WORK_WAITS)
    once = len(others) == 1 and report.exit_code == 0
    yield Claim(once and "delivered" in text_of(others[0]).lower(), texts.WORK_TOLD)
    yield Claim(all(thread_of(each) & thread_of(first) for each in others), texts.WORK_THREAD)


async def reply(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """The client's answer becomes a comment, without what her mail program put around it."""
    key = stage.noted["wish"]
    last = (await stage.client.inbox())[-1]
    tell.say(texts.REPLY)
    await stage.client.answer(last, letters.REPLIED, files=letters.FILES)
    stage.later(1)
    report = await stage.sync()
    stage.later(2)
    said, files = await stage.said_of(key), await stage.files_of(key)
    rows = [(texts.SERVICES[at], brief("\n".join(said[at])), _listed(files[at])) for at in INSIDE]
    tell.table((texts.WHERE, texts.COMMENTS, texts.FILES), rows, whole=(texts.WHERE,))
    once = all(len(there) == 1 and letters.REPLY in there[0] for there in said.values())
    yield Claim(report.exit_code == 0 and once, texts.REPLY_EVERYWHERE)
    yield Claim(not any(_is_wrapping(each) for there in said.values() for each in there), texts.REPLY_CLEAN)
    sent = list(letters.FILES.items())
    yield Claim(all(there == sent for there in files.values()), texts.REPLY_FILE)
    yield Claim(len(await stage.client.inbox()) == 2, texts.REPLY_NO_ECHO)


def brief(words: str) -> str:
    """A text without its empty lines."""
    return "\n".join(line for line in words.splitlines() if line.strip())


def _listed(files: list[File]) -> str:
    return "\n".join(texts.FILE.format(name=name, size=len(content)) for name, content in files)


def _is_wrapping(comment: str) -> bool:
    """Whether a comment holds what was quoted, or the signature."""
    return any(words in comment for words in (letters.COMPANY, letters.ASKED, "wrote:", "+49"))


async def inside(stage: Stage, tell: Narrator) -> AsyncIterator[Claim]:
    """What colleagues say stays inside, unless it begins with a mark."""
    key = stage.noted["wish"]
    tell.say(texts.INSIDE.format(internal=letters.INTERNAL, marked=letters.MARKED))
    was = len(await stage.client.inbox())
    await stage.as_jira[story.LI].comment(stage.remote(key, "jira"), letters.INTERNAL)
    stage.later(1)
    await stage.as_trello[story.BEN].comment(stage.remote(key, "trello"), letters.MARKED)
    stage.later(1)
    report = await stage.sync()
    stage.later(2)
    said, mails = await stage.said_of(key), (await stage.client.inbox())
    tell.letter(str(mails[-1]["From"]), str(mails[-1]["Subject"]), text_of(mails[-1]))
    both = all(_has(there, letters.INTERNAL) and _has(there, letters.FOR_CLIENT) for there in said.values())
    yield Claim(report.exit_code == 0 and both, texts.INSIDE_EVERYWHERE)
    arrived = len(mails) == was + 1 and letters.FOR_CLIENT in text_of(mails[-1])
    yield Claim(arrived and "@client" not in text_of(mails[-1]), texts.INSIDE_MARKED)
    yield Claim(not any(letters.INTERNAL in everything_in(each) for each in mails), texts.INSIDE_KEPT)


def _has(comments: list[str], words: str) -> bool:
    """Whether exactly one of the comments says it."""
    return len([each for each in comments if words in each]) == 1
