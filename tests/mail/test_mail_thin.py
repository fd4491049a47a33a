"""Large mails are read without their files, and say the same as if they were read whole; their files come byte by byte."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from hub.sdk import Record
from tests.mail.posts import FILE, REQ, Post, Reader, mail


def plain(post: Post, subject: str, text: str = "Words\nand 中文.\n") -> EmailMessage:
    return mail(subject, text, sender=post.client, to=post.hub, Message_ID=f"<{subject}@acme.example>")


def letters(post: Post) -> Iterator[EmailMessage | bytes]:
    yield plain(post, "plain")
    encoded = plain(post, "gbk")
    encoded.set_content("交期改到 6 月 30 日\n", charset="gbk", cte="base64")
    yield encoded
    html = plain(post, "html")
    html.set_content("<p>Only <b>HTML</b></p><blockquote type='cite'>old</blockquote>", subtype="html")
    yield html
    rich = plain(post, "rich")
    rich.add_alternative('<p>Words</p><img src="cid:a@b">', subtype="html")
    part: Any = rich.get_body(("html",))
    part.add_related(b"\x89PNG" * 9_000, "image", "png", cid="<a@b>", filename="图.png", disposition="inline")
    rich.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="pdf", filename="计划 plan.pdf")
    rich.add_attachment("a;b\n" * 50, subtype="csv", filename="orders.csv", cte="quoted-printable")
    rich.add_attachment("plain file\n", filename="readme.txt", cte="7bit")
    yield rich
    forwarding = plain(post, "forwarding")
    forwarding.add_attachment(plain(post, "forwarded"))
    yield forwarding
    only = plain(post, "only-a-file")
    only.set_content(
        b"%PDF" * 500, maintype="application", subtype="pdf", filename="scan.pdf", disposition="attachment"
    )
    yield only
    yield f"From: {post.client}\r\nMessage-ID: <bare@acme.example>\r\nSubject: bare\r\n\r\nno type\r\n".encode()
    broken = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nno boundary\r\n--x--\r\n"
    yield f"From: {post.client}\r\nMessage-ID: <broken@acme.example>\r\nSubject: broken\r\n{broken}".encode()


async def read(post: Post) -> tuple[list[Record], list[Record], dict[str, bytes]]:
    """What another process finds: requirements, attachments, and the bytes of these."""
    reader = Reader(post.connector(authserv=None))
    found = await reader.run()
    download = reader.connector.download
    content = {file.id: b"".join([piece async for piece in download(file.id)]) for file in found[FILE]}
    await reader.connector.close()
    return found[REQ], found[FILE], content


def without_sizes(files: list[Record]) -> list[dict[str, Any]]:
    return [{**file.fields, "size": None, "id": file.id} for file in files]


async def test_large_mails_say_the_same_as_small_ones(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in letters(post):
        post.put(each)
    whole, files, content = await read(post)
    monkeypatch.setattr("hub_email.book.WHOLE", 0)
    monkeypatch.setattr("hub_email.downloading.WHOLE", 0)
    thin, listed, fetched = await read(post)
    assert {r.fields["title"]: r.fields["description"] for r in thin} == {
        r.fields["title"]: r.fields["description"] for r in whole
    }
    assert without_sizes(listed) == without_sizes(files)
    assert fetched == content
    assert {len(content[file.id]) for file in files} == {file.fields["size"] for file in files}
    encoded = [file for file in listed if file.fields["name"] in {"图.png", "计划 plan.pdf", "scan.pdf"}]
    assert all(abs(file.fields["size"] - len(content[file.id])) <= 3 for file in encoded)
    assert len(encoded) == 3
