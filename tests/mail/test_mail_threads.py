"""Which mail belongs where, whose word counts, and what starts nothing: at the imitation and at real servers."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import pytest_asyncio

from hub.sdk import Refusal
from plugins.email.tests.test_email_reading_styles import OLD, TEXTS, WORDS
from tests.mail.posts import CLIENT, COMMENT, CONTACT, FILE, REQ, ImitatedPost, Post, Reader, mail, reply


@pytest_asyncio.fixture
async def reader(post: Post) -> AsyncIterator[Reader]:
    connector = post.connector(name="Delivery")
    yield Reader(connector)
    await connector.close()


async def begun(post: Post, reader: Reader, subject: str = "Export") -> tuple[str, EmailMessage]:
    """A thread that was acknowledged: its id, and the acknowledgement as the client has it."""
    post.write(mail(subject, sender=f"Li Wei <{post.client}>", to=post.hub, Message_ID="<first@acme.example>"))
    record = await reader.acknowledged()
    return record.id, post.received(1)[0]


def clean(body: str) -> str:
    return "\n".join(line.rstrip() for line in body.split("\n"))


async def test_replies_in_every_style_of_quoting_are_clean_comments(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    for number, text in enumerate(TEXTS.values()):
        answer = reply(ack, text, sender=post.client, to=post.hub, number=number)
        post.put(with_verdict(answer))
    comments = (await reader.run())[COMMENT]
    assert len(TEXTS) >= 10
    bodies = [clean(each.fields["body"]) for each in comments]
    assert len(bodies) == len(TEXTS)
    assert [each for each in bodies if not each.startswith(WORDS) or OLD.split("\n")[0] in each] == []
    assert {each.fields["parent"] for each in comments} == {thread}


def with_verdict(message: EmailMessage, verdict: str = "dmarc=pass") -> bytes:
    """As the receiving server would deliver it."""
    head = f"Authentication-Results: mx.example.test; {verdict} header.from=acme.example\r\n"
    return head.encode() + bytes(message)


async def test_a_reply_without_references_is_known_by_its_address(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    address = ack["Reply-To"].addresses[0].addr_spec
    assert address != post.hub
    post.write(mail("Something else", "By address.\n", sender=post.client, to=address), to=address)
    (comment,) = (await reader.run())[COMMENT]
    assert (comment.fields["parent"], comment.fields["body"]) == (thread, "By address.")


async def test_an_address_outlives_our_own_copies(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    with post.imap(folder="Sent") as client:
        client.delete_messages(client.search())
        client.expunge()
    address = ack["Reply-To"].addresses[0].addr_spec
    post.write(mail("Something else", "By address.\n", sender=post.client, to=address), to=address)
    other = Reader(post.connector())
    assert [each.fields["parent"] for each in (await other.run())[COMMENT]] == [thread]
    await other.connector.close()


async def test_a_made_up_address_begins_a_thread_of_its_own(post: Post, reader: Reader) -> None:
    await begun(post, reader)
    local, _, domain = post.hub.partition("@")
    address = f"{local}+{'a' * 20}@{domain}"
    post.write(mail("Another wish", sender=post.client, to=address), to=address)
    found = await reader.run()
    assert ([r.fields["title"] for r in found[REQ]], found[COMMENT]) == (["Another wish"], [])


async def test_an_answer_to_an_answer_belongs_to_the_same_thread(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    first = reply(ack, "One\n", sender=post.client, to=post.hub, number=1)
    second = mail("AW: Export", "Two\n", sender=post.client, to=post.hub, In_Reply_To=first["Message-ID"])
    post.write(second)  # before the one that it answers
    post.write(first)
    found = await reader.run(full=True)
    assert {(r.fields["body"], r.fields["parent"]) for r in found[COMMENT]} == {("One", thread), ("Two", thread)}


async def test_a_reply_to_a_mail_that_never_came_here_begins_its_thread(post: Post, reader: Reader) -> None:
    for number in (1, 2):
        answer = mail(
            "Re: Import", f"Words {number}\n", sender=post.client, to=post.hub, Message_ID=f"<r{number}@acme.example>",
            In_Reply_To="<middle@acme.example>", References="<root@acme.example> <middle@acme.example>",
        )  # fmt: skip
        post.write(answer)
    found = await reader.run()
    (record,) = found[REQ]
    assert (record.id, record.fields["title"]) == ("root@acme.example", "Import")
    assert [(r.id, r.fields["parent"]) for r in found[COMMENT]] == [("r2@acme.example", "root@acme.example")]
    await reader.tell(record, status="new", type="feature")
    again = await reader.run(full=True)
    assert [r.id for r in again[REQ]] == ["root@acme.example"]
    assert [r.id for r in again[COMMENT]] == ["r2@acme.example"]


async def test_a_tag_in_the_subject_counts_only_for_who_takes_part(post: Post, reader: Reader) -> None:
    thread, _ = await begun(post, reader)
    post.write(mail("About [REQ-12]", "From Li.\n", sender=post.client, to=post.hub))
    post.write(mail("About [REQ-12]", "From outside.\n", sender=post.colleague, to=post.hub), sender=post.colleague)
    found = await reader.run()
    assert [(r.fields["body"], r.fields["parent"]) for r in found[COMMENT]] == [("From Li.", thread)]
    assert [r.fields["description"] for r in found[REQ]] == ["From outside."]


async def test_a_forged_sender_is_taken_up_and_nobody_is_answered(post: Post, reader: Reader) -> None:
    forged = mail("Pay this", sender=f"Li Wei <{post.client}>", to=post.hub, Message_ID="<forged@acme.example>")
    forged["Authentication-Results"] = "mx.example.test; dmarc=pass header.from=acme.example"
    post.write(forged, sender=post.colleague)
    found = await reader.run()
    (record,) = found[REQ]
    assert (found[CLIENT], found[CONTACT]) == ([], [])
    assert (record.fields["requester"], record.fields["client"]) == (None, None)
    assert (record.fields["status"], record.fields["type"]) == ("new", "feature")
    assert record.touched
    assert record.touched.who.name == f"{post.client} (not verified)"
    outcome = await reader.tried(record, status="approved")
    assert isinstance(outcome, Refusal)
    assert "not verified" in outcome.message


async def test_a_forged_reply_is_an_internal_comment(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    post.write(reply(ack, "Cancel it all.\n", sender=post.client, to=post.hub), sender=post.colleague)
    (comment,) = (await reader.run())[COMMENT]
    assert comment.fields["parent"] == thread
    assert comment.fields["audience"] == "internal"
    assert comment.fields["author"] == {"name": f"{post.client} (not verified)"}


async def test_without_a_server_to_believe_senders_are_whom_they_say(post: Post) -> None:
    reader = Reader(post.connector(authserv=None))
    post.write(mail("Wish", sender=post.client, to=post.hub), sender=post.colleague)
    assert (await reader.one()).fields["requester"] == post.client
    await reader.connector.close()


async def test_a_colleague_s_words_are_for_the_client_only_if_the_client_got_them(post: Post, reader: Reader) -> None:
    _, ack = await begun(post, reader)
    to_us = reply(ack, "Between us.\n", sender=post.colleague, to=post.hub, number=1)
    to_all = reply(ack, "For all.\n", sender=post.colleague, to=f"{post.hub}, {post.client}", number=2)
    post.write(to_us, sender=post.colleague)
    post.write(to_all, sender=post.colleague)
    found = await reader.run()
    assert [(r.fields["body"], r.fields["audience"]) for r in found[COMMENT]] == [
        ("Between us.", "internal"),
        ("For all.", "client"),
    ]
    assert found[CLIENT] == []


AUTOMATIC = {
    "out of office": {"Auto_Submitted": "auto-replied"},
    "a list": {"List_Id": "<news.acme.example>"},
    "a hub": {"X_Hub_Origin": "another-hub", "Auto_Submitted": "auto-generated"},
    "a hub of our own": {"X_Hub_Origin": "hub1", "X_Hub_Hops": "7"},
    "Exchange": {"X_Auto_Response_Suppress": "All"},
    "a newsletter": {"Precedence": "bulk"},
}


async def test_machines_and_our_own_mails_start_nothing(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    for subject, headers in AUTOMATIC.items():
        post.put(with_verdict(mail(subject, sender=post.client, to=post.hub, **headers)))
        answer = reply(ack, "I am away.\n", sender=post.client, to=post.hub)
        for name, value in headers.items():
            answer[name.replace("_", "-")] = value
        post.put(with_verdict(answer))
    post.put(mail("ours", sender=post.hub, to=post.hub))
    post.put(mail("a daemon", sender="MAILER-DAEMON@acme.example", to=post.hub))
    post.put(bytes(ack))
    found = await reader.run(full=True)
    assert [record.id for record in found[REQ]] == [thread]
    assert (found[COMMENT], found[FILE]) == ([], [])


def report(ack: EmailMessage, recipient: str) -> bytes:
    """A delivery status notification (RFC 3464)."""
    lines = [
        "Return-Path: <>", "From: Mail Delivery System <MAILER-DAEMON@mx.example.test>", "Subject: Undelivered",
        "Message-ID: <dsn@mx.example.test>", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "It could not be delivered.", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.test", "",
        f"Final-Recipient: rfc822; {recipient}", "Action: failed", "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown", "",
        "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: {ack['Message-ID']}", "", "--b--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


async def test_a_mail_that_came_back_is_told_to_colleagues(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    post.put(report(ack, post.client))
    (comment,) = (await reader.run())[COMMENT]
    assert comment.fields["body"] == f"The mail to {post.client} could not be delivered: 550 5.1.1 User unknown"
    assert comment.fields["author"] == {"name": "Mail system"}
    assert (comment.fields["parent"], comment.fields["audience"]) == (thread, "internal")
    assert (await reader.connector.fetch(COMMENT, [comment.id]))[comment.id] == comment


async def test_two_machines_in_a_storm_are_stopped(post: Post, reader: Reader) -> None:
    thread, ack = await begun(post, reader)
    for number in range(11):
        post.put(with_verdict(reply(ack, f"Thanks {number}\n", sender=post.client, to=post.hub, number=number)))
    record = (await reader.connector.fetch(REQ, [thread]))[thread]
    outcome = await reader.tried(record, status="approved")  # type: ignore[arg-type]
    assert isinstance(outcome, Refusal)
    assert "more than 10 mails to this thread within 10 minutes" in outcome.message


async def test_the_same_mail_twice_is_one_record(post: Post, reader: Reader) -> None:
    message = mail("Wish", sender=post.client, to=post.hub, Message_ID="<twice@acme.example>")
    post.write(message)
    assert [record.id for record in (await reader.run())[REQ]] == ["twice@acme.example"]
    post.write(message)
    found = await reader.run()
    assert (found[REQ], found[COMMENT]) == ([], [])
    assert len((await reader.run(full=True))[REQ]) == 1


async def test_logos_in_signatures_are_no_attachments_and_screenshots_are(post: Post, reader: Reader) -> None:
    message = mail("Broken page", "See below.\n", sender=post.client, to=post.hub, Message_ID="<pics@acme.example>")
    message.add_alternative('<p>See below.</p><img src="cid:shot@x"><img src="cid:logo@x">', subtype="html")
    html: Any = message.get_body(("html",))
    html.add_related(b"\x89PNG" * 10_000, "image", "png", cid="<shot@x>", filename="shot.png", disposition="inline")
    html.add_related(b"\x89PNG" * 500, "image", "png", cid="<logo@x>", filename="logo.png", disposition="inline")
    message.make_mixed()
    message.add_attachment("a;b\n", subtype="csv", filename="orders.csv")
    post.write(message)
    found = await reader.run()
    assert [record.fields["name"] for record in found[FILE]] == ["shot.png", "orders.csv"]


async def test_mails_from_before_the_hub_s_time_are_passed_over(imitation: ImitatedPost) -> None:
    reader = Reader(imitation.connector(since="2999-01-01"))
    imitation.write(mail("Old wish", sender=imitation.client, to=imitation.hub))
    assert not any((await reader.run()).values())
    await reader.connector.close()
