"""The connector against the imitation and against real servers: the whole way of a requirement by mail."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hub_email.config import AttachmentOptions

from hub.sdk import Absence, Content, Draft, KindSettings, Record, Refusal, TooLarge, Written
from tests.mail.posts import CLIENT, COMMENT, CONTACT, FILE, REQ, Post, Reader, mail, parsed, reply, text_of


@pytest_asyncio.fixture
async def reader(post: Post) -> AsyncIterator[Reader]:
    connector = post.connector(name="Delivery")
    yield Reader(connector)
    await connector.close()


def asked(post: Post, subject: str = "Export to Excel", text: str = "Please let us export.\n\n-- \nLi Wei\n") -> None:
    """A client writes."""
    post.write(mail(subject, text, sender=f"Li Wei <{post.client}>", to=post.hub, Message_ID="<first@acme.example>"))


async def test_a_mail_becomes_a_requirement_of_a_contact_of_a_client(post: Post, reader: Reader) -> None:
    asked(post, text="Please let us export:\n\n- orders\n- 客户\n")
    found = await reader.run()
    assert [r.fields for r in found[CLIENT]] == [{"name": "Acme", "domain": "acme.example"}]
    assert [r.fields for r in found[CONTACT]] == [{"name": "Li Wei", "email": post.client, "client": "acme.example"}]
    (record,) = found[REQ]
    assert (record.id, record.url) == ("first@acme.example", "mid:first@acme.example")
    assert record.fields == {
        "title": "Export to Excel",
        "description": "Please let us export:\n\n- orders\n- 客户",
        "status": None,
        "type": None,
        "due": None,
        "start": None,
        "client": "acme.example",
        "requester": post.client,
    }
    assert (found[COMMENT], found[FILE]) == ([], [])


async def test_the_first_telling_is_an_acknowledgement_in_the_clients_language(post: Post, reader: Reader) -> None:
    asked(post, "导出到 Excel", "请增加导出功能。\n")
    told = await reader.tell(await reader.one(), status="new", type="feature", due="2026-12-01")
    assert (told.fields["status"], told.fields["due"]) == ("new", "2026-12-01")
    (got,) = post.received(1)
    assert got["Subject"] == "Re: 导出到 Excel"
    assert got["In-Reply-To"] == "<first@acme.example>"
    assert got["Auto-Submitted"] == "auto-replied"
    assert "您的需求已收到，编号为 REQ-12" in text_of(got)
    assert "2026年12月1日" in text_of(got)


async def test_nothing_but_the_client_s_own_news_goes_out(post: Post, reader: Reader) -> None:
    asked(post)
    await reader.acknowledged()
    (got,) = post.received(1)
    assert not {name for name in got if name.lower() in {"x-hub-told", "x-hub-marker", "x-hub-key", "x-hub-copy"}}
    (copy,) = post.wait(post.hub, 1, "Sent")
    assert parsed(copy)["X-Hub-Key"] == "REQ-12"
    assert parsed(copy)["Message-ID"] == got["Message-ID"]


async def test_an_update_tells_what_changed_in_the_same_thread(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.acknowledged()
    told = await reader.tell(record, status="approved", due="2026-12-01", title="Export orders")
    assert told.fields == {**record.fields, "status": "approved", "due": "2026-12-01", "title": "Export orders"}
    first, second = sorted(post.received(2), key=lambda each: int(each["X-Hub-Version"]))
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"].split() == ["<first@acme.example>", first["Message-ID"]]
    assert second["Subject"] == first["Subject"] == "Re: Export to Excel"
    words = text_of(second)
    assert "Status: approved (was received)" in words
    assert "Due date: 1 December 2026 (newly set)" in words


async def test_what_was_told_is_read_again_by_another_process(post: Post, reader: Reader) -> None:
    asked(post)
    told = await reader.tell(await reader.acknowledged(), status="approved")
    other = Reader(post.connector(name="Delivery"))
    try:
        assert [(r.id, r.fields, r.version) for r in (await other.run())[REQ]] == [(told.id, told.fields, told.version)]
        assert (await other.connector.fetch(REQ, [told.id]))[told.id] == told
    finally:
        await other.connector.close()


async def test_a_reply_is_a_comment_without_the_quoted_mail(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.acknowledged()
    (ack,) = post.received(1)
    quoted = "".join(f"> {line}\n" for line in text_of(ack).split("\n"))
    words = f"Also as CSV, please.\n\nOn Mon, Feb 2, 2026 at 4:00 PM Delivery <{post.hub}> wrote:\n{quoted}"
    post.write(reply(ack, words, sender=f"Li Wei <{post.client}>", to=post.hub))
    found = await reader.run()
    assert found[REQ] == []
    (comment,) = found[COMMENT]
    assert comment.fields["body"] == "Also as CSV, please."
    assert comment.fields["parent"] == record.id
    assert comment.fields["author"] == {"name": "Li Wei", "email": post.client}
    assert comment.fields["audience"] == "client"


async def test_a_comment_for_the_client_is_mailed_and_found_by_its_marker(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.acknowledged()
    said = {"name": "Ana Lima", "email": post.colleague}
    fields = {
        "body": "**@client**: which *columns*?",
        "author": said,
        "at": "2026-11-02T08:30:00Z",
        "parent": record.id,
    }
    draft = Draft("CMT-3@hub1", fields)
    (outcome,) = await reader.connector.create(COMMENT, [draft])
    assert isinstance(outcome, Written), outcome
    assert outcome.record.fields == {**fields, "body": "which *columns*?", "audience": "client"}
    assert outcome.record.marker == "CMT-3@hub1"
    got = post.received(2)[-1]
    assert "Ana Lima wrote to you about REQ-12, Export to Excel:\n\nwhich columns?" in text_of(got)
    assert await reader.connector.find(COMMENT, [draft]) == {"CMT-3@hub1": [outcome.record.id]}
    assert await reader.connector.find(COMMENT, [Draft("CMT-33@hub1", {})]) == {}
    assert (await reader.connector.fetch(COMMENT, [outcome.record.id]))[outcome.record.id] == outcome.record


async def test_an_answer_to_our_comment_belongs_to_its_requirement(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.acknowledged()
    fields = {"body": "Which columns?", "author": {"name": "Ana"}, "at": "2026-11-02T08:30:00Z", "parent": record.id}
    await reader.connector.create(COMMENT, [Draft("CMT-3@hub1", fields)])
    comment = max(post.received(2), key=lambda each: "comment" in each["Message-ID"])
    post.write(reply(comment, "All of them.\n", sender=post.client, to=post.hub))
    (found,) = (await reader.run())[COMMENT]
    assert (found.fields["parent"], found.fields["body"]) == (record.id, "All of them.")


async def test_a_requirement_from_elsewhere_opens_a_thread(post: Post, reader: Reader) -> None:
    fields = {
        "title": "Import of orders",
        "status": "approved",
        "type": "feature",
        "due": "2026-12-01",
        "requester": post.client,
    }
    draft = Draft("REQ-77@hub1", fields)
    (outcome,) = await reader.connector.create(REQ, [draft])
    assert isinstance(outcome, Written), outcome
    assert outcome.record.fields == {**fields, "description": None, "start": None, "client": "acme.example"}
    (got,) = post.received(1)
    assert (got["Subject"], got["Message-ID"]) == ("Import of orders [REQ-77]", f"<{outcome.record.id}>")
    assert await reader.connector.find(REQ, [draft]) == {"REQ-77@hub1": [outcome.record.id]}
    await reader.tell(outcome.record, "REQ-77", status="delivered")
    assert post.received(2)[-1]["Subject"] == "Re: Import of orders [REQ-77]"
    post.write(reply(got, "Thanks\n", sender=post.client, to=post.hub))
    found = await reader.run()
    assert [record.fields["parent"] for record in found[COMMENT]] == [outcome.record.id]
    assert [record.id for record in found[REQ]] == [outcome.record.id]


async def test_a_requirement_of_nobody_is_refused_in_words(post: Post, reader: Reader) -> None:
    await reader.connector.open()
    (outcome,) = await reader.connector.create(REQ, [Draft("REQ-77@hub1", {"title": "Import"})])
    assert isinstance(outcome, Refusal)
    assert "no requester" in outcome.message
    assert post.count("Sent") == 0


async def test_contacts_are_taken_note_of_and_cost_nothing(post: Post, reader: Reader) -> None:
    await reader.connector.open()
    before = reader.connector.calls
    fields = {"name": "Zoe", "email": "Zoe@Other.example"}
    named, nameless = await reader.connector.create(
        CONTACT, [Draft("CON-1@hub1", fields), Draft("CON-2@hub1", {"name": "X"})]
    )
    assert isinstance(named, Written)
    assert named.record.id == "zoe@other.example"
    assert isinstance(nameless, Refusal)
    assert reader.connector.calls == before
    assert isinstance((await reader.connector.fetch(CONTACT, [named.record.id]))[named.record.id], Record)


async def test_a_large_attachment_comes_with_all_its_bytes(post: Post, reader: Reader) -> None:
    content = os.urandom(12 * 2**20)
    message = mail("Plans", "See the file.\n", sender=post.client, to=post.hub, Message_ID="<large@acme.example>")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="计划 plan.bin")
    post.write(message)
    found = await reader.run()
    assert found[REQ][0].fields["description"] == "See the file."
    (file,) = found[FILE]
    assert (file.id, file.fields["name"], file.fields["parent"]) == (
        "large@acme.example/2",
        "计划 plan.bin",
        "large@acme.example",
    )
    assert abs(file.fields["size"] - len(content)) <= 3
    digest = hashlib.sha256()
    async for piece in reader.connector.download(file.id):
        digest.update(piece)
    assert digest.hexdigest() == hashlib.sha256(content).hexdigest()


async def test_what_is_larger_than_the_limit_is_listed_and_not_read(post: Post) -> None:
    connector = post.connector(limit_mb=0.5)
    message = mail("Plans", "See the file.\n", sender=post.client, to=post.hub)
    message.add_attachment(os.urandom(700_000), maintype="application", subtype="octet-stream", filename="plan.bin")
    post.write(message)
    (file,) = (await Reader(connector).run())[FILE]
    with pytest.raises(TooLarge, match="500,000 are read at most"):
        _ = [piece async for piece in connector.download(file.id)]
    await connector.close()


async def test_files_of_colleagues_go_out_in_one_mail(post: Post, tmp_path: Path) -> None:
    settings = KindSettings(options=AttachmentOptions(largest_mb=0.01))
    reader = Reader(post.connector(settings))
    asked(post)
    record = await reader.acknowledged()
    drafts = [file(tmp_path, f"part {n}.txt", f"part {n} ".encode() * 100, record.id, f"ATT-{n}@hub1") for n in (1, 2)]
    drafts.append(file(tmp_path, "large.bin", bytes(20_000), record.id, "ATT-3@hub1"))
    one, two, large = await reader.connector.create(FILE, drafts)
    assert isinstance(large, Refusal)
    assert "10,000 at most" in large.message
    assert isinstance(one, Written)
    assert isinstance(two, Written)
    got = post.received(2)[-1]
    assert [part.get_filename() for part in got.iter_attachments()] == ["part 1.txt", "part 2.txt"]
    again = b"".join([piece async for piece in reader.connector.download(two.record.id)])
    assert again == b"part 2 " * 100
    found = await reader.connector.find(FILE, drafts)
    assert found == {"ATT-1@hub1": [one.record.id], "ATT-2@hub1": [two.record.id]}
    assert await reader.connector.fetch(FILE, [two.record.id]) == {two.record.id: two.record}
    await reader.connector.close()


def file(folder: Path, name: str, content: bytes, parent: str, marker: str) -> Draft:
    """A draft of an attachment."""
    (folder / name).write_bytes(content)
    kept = Content(folder / name, len(content), hashlib.sha256(content).hexdigest())
    fields = {
        "name": name,
        "media_type": "text/plain",
        "size": len(content),
        "author": {"name": "Ana"},
        "parent": parent,
    }
    return Draft(marker, fields, kept)


async def test_tidying_the_inbox_deletes_nothing(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.acknowledged()
    (ack,) = post.received(1)
    post.write(reply(ack, "Thanks\n", sender=post.client, to=post.hub))
    (comment,) = (await reader.run())[COMMENT]
    with post.imap() as client:
        client.delete_messages(client.search())
        client.expunge()
    assert (await reader.connector.fetch(REQ, [record.id]))[record.id] == record
    assert await reader.connector.fetch(COMMENT, [comment.id]) == {comment.id: Absence.MOVED}
    assert [found.id for found in (await reader.run(full=True))[REQ]] == [record.id]


async def test_a_quiet_run_costs_one_command(post: Post, reader: Reader) -> None:
    asked(post)
    await reader.acknowledged()
    await reader.run()
    before = reader.connector.calls
    assert not any((await reader.run()).values())
    assert reader.connector.calls == before + 1


async def test_a_full_reading_costs_few_commands_and_gives_everything_once(post: Post, reader: Reader) -> None:
    for number in range(5):
        post.write(mail(f"Wish {number}", sender=post.client, to=post.hub, Message_ID=f"<w{number}@acme.example>"))
    other = post.connector()
    await other.open()
    before = other.calls
    found = await Reader(other).run(full=True)
    assert [record.id for record in found[REQ]] == [f"w{number}@acme.example" for number in range(5)]
    assert other.calls - before <= 8
    again = await Reader(other).run(full=True)
    assert again == found
    await other.close()
