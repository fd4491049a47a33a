"""Whatever breaks, a client gets each piece of news once, and no mail of theirs is taken up twice."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import aiosmtplib
import httpx
import pytest
import pytest_asyncio
from hub_email.connector import EmailConnector
from hub_email.imap import Imap, Opened
from hub_email.smtp import Smtp

from hub.sdk import (
    Delayed,
    Draft,
    MemoryVault,
    Network,
    NotFound,
    Record,
    Refusal,
    ServiceDown,
    Setup,
    SignInRejected,
    Unknown,
    Written,
)
from hub.sdk.sandbox import Faults
from tests.mail.posts import COMMENT, FILE, HUB_ID, REQ, ImitatedPost, Post, Reader, mail, parsed, reply


@pytest_asyncio.fixture
async def reader(post: Post) -> AsyncIterator[Reader]:
    connector = post.connector()
    yield Reader(connector)
    await connector.close()


def asked(post: Post) -> None:
    post.write(mail("Export", sender=f"Li Wei <{post.client}>", to=post.hub, Message_ID="<first@acme.example>"))


async def anew(post: Post, **config: Any) -> tuple[Reader, Record]:
    """What another process finds."""
    reader = Reader(post.connector(**config))
    (record,) = (await reader.run())[REQ]
    return reader, record


def ids(post: Post, folder: str = "Sent", address: str = "") -> list[str]:
    """The Message-IDs in a folder."""
    with post.imap(address, folder) as client:
        found = client.fetch(client.search(), ["BODY.PEEK[]"]) if client.search() else {}
        return [str(parsed(items[b"BODY[]"])["Message-ID"]) for items in found.values()]


async def test_a_crash_before_the_mail_went_out_sends_that_very_mail_later(
    post: Post, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    asked(post)
    record = await reader.one()
    with monkeypatch.context() as broken:
        broken.setattr(Smtp, "send", crash)
        with pytest.raises(KeyboardInterrupt):
            await reader.tell(record, status="new", type="feature")
    put_down = ids(post)
    assert len(put_down) == 1
    other, found = await anew(post)
    assert found.fields["status"] is None  # nobody was told yet
    told = await other.tell(found, status="new", type="feature")
    assert told.fields["status"] == "new"
    assert [each["Message-ID"] for each in post.received(1)] == put_down == ids(post)
    await other.connector.close()


async def test_after_a_crash_newer_news_takes_the_place_of_older(
    post: Post, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    asked(post)
    record = await reader.acknowledged()
    with monkeypatch.context() as broken:
        broken.setattr(Smtp, "send", crash)
        with pytest.raises(KeyboardInterrupt):
            await reader.tell(record, status="approved")
    told = await reader.tell(record, status="delivered")
    assert told.fields["status"] == "delivered"
    assert len(post.received(2)) == 2
    assert len(ids(post)) == 2


def losing_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next mail is taken, and its sender never learns of it."""
    whole = aiosmtplib.SMTP.data
    lost: list[bool] = []

    async def data(self: aiosmtplib.SMTP, message: str | bytes, **more: Any) -> Any:
        answer = await whole(self, message, **more)
        if not lost:
            lost.append(True)
            raise aiosmtplib.SMTPServerDisconnected("the connection was lost")
        return answer

    monkeypatch.setattr(aiosmtplib.SMTP, "data", data)


async def test_a_lost_answer_is_unsure_and_the_repetition_is_the_same_mail(
    post: Post, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    losing_one_answer(monkeypatch)
    asked(post)
    record = await reader.one()
    assert isinstance(await reader.tried(record, status="new", type="feature"), Unknown)
    other, found = await anew(post)
    assert found.fields["status"] is None
    await other.tell(found, status="new", type="feature")
    first, second = post.received(2)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes().partition(b"Message-ID:")[2] == second.as_bytes().partition(b"Message-ID:")[2]
    assert ids(post) == [first["Message-ID"]]
    await other.connector.close()


async def test_a_comment_without_an_answer_is_repeated_under_its_own_id(
    post: Post, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(post)
    record = await reader.acknowledged()
    losing_one_answer(monkeypatch)
    draft = Draft("CMT-3@hub1", {"body": "Which?", "author": {"name": "Ana"}, "parent": record.id})
    (lost,) = await reader.connector.create(COMMENT, [draft])
    assert isinstance(lost, Unknown)
    assert await reader.connector.find(COMMENT, [draft]) == {}
    (made,) = await reader.connector.create(COMMENT, [draft])
    assert isinstance(made, Written)
    got = [each["Message-ID"] for each in post.received(3) if "comment" in each["Message-ID"]]
    assert set(got) == {f"<{made.record.id}>"}
    (again,) = await reader.connector.create(COMMENT, [draft])
    assert again == made
    assert len(post.received(3)) == 3


async def test_where_copies_cannot_be_marked_they_are_kept_of_what_went_out(
    post: Post, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Imap.open

    def without_keywords(self: Imap, folder: str, *, to_write: bool = False) -> Opened:
        return dataclasses.replace(opened(self, folder, to_write=to_write), keywords=False)

    monkeypatch.setattr(Imap, "open", without_keywords)
    losing_one_answer(monkeypatch)
    asked(post)
    record = await reader.one()
    assert isinstance(await reader.tried(record, status="new", type="feature"), Unknown)
    assert ids(post) == []
    told = await reader.tell(record, status="new", type="feature")
    first, second = post.received(2)
    assert first["Message-ID"] == second["Message-ID"]
    other, found = await anew(post)
    assert found.fields == told.fields
    await other.connector.close()


async def test_a_recipient_who_is_not_there_is_told_in_the_servers_words(post: Post, reader: Reader) -> None:
    await reader.connector.open()
    fields = {"title": "Import", "status": "new", "requester": "nobody@acme.example"}
    (outcome,) = await reader.connector.create(REQ, [Draft("REQ-7@hub1", fields)])
    assert isinstance(outcome, Refusal)
    assert "550 5.1.1" in outcome.message
    assert ids(post) == []


@pytest.mark.parametrize(("status", "expected"), [(450, Delayed), (451, Delayed), (550, Refusal), (554, Refusal)])
async def test_what_the_server_puts_off_is_delayed_and_what_it_refuses_is_refused(
    imitation: ImitatedPost, status: int, expected: type
) -> None:
    asked(imitation)
    reader, record = await anew(imitation)
    imitation.sandbox.faults = Faults.model_validate({"errors": {"share": 1, "status": status}})
    outcome = await reader.tried(record, status="new", type="feature")
    assert isinstance(outcome, expected)
    assert str(status) in str(getattr(outcome, "message", getattr(outcome, "error", "")))
    imitation.sandbox.faults = Faults()
    await reader.tell(record, status="new", type="feature")
    assert len(imitation.received(1)) == len(ids(imitation)) == 1
    await reader.connector.close()


async def test_a_new_uidvalidity_reads_all_again_and_doubles_nothing(imitation: ImitatedPost) -> None:
    asked(imitation)
    reader, record = await anew(imitation)
    told = await reader.tell(record, status="new", type="feature")
    imitation.write(reply(imitation.received(1)[0], "Thanks\n", sender=imitation.client, to=imitation.hub))
    before = await reader.run()
    for name in ("INBOX", "Sent"):
        imitation.sandbox.folder(imitation.hub, name).reset()
    after = await reader.run()
    assert [(r.id, r.fields) for r in after[REQ]] == [(told.id, told.fields)]
    assert after[COMMENT] == before[COMMENT] != []
    assert not any((await reader.run()).values())
    await reader.connector.close()


async def test_a_broken_connection_is_made_again(post: Post, reader: Reader) -> None:
    asked(post)
    await reader.run()
    reader.connector._mailbox._imap._client.socket().shutdown(2)  # type: ignore[union-attr]
    post.write(mail("Import", sender=post.client, to=post.hub))
    assert [record.fields["title"] for record in (await reader.run())[REQ]] == ["Import"]


async def test_servers_that_are_away_are_down_for_now(post: Post, reader: Reader) -> None:
    asked(post)
    record = await reader.one()
    away = Reader(post.connector(smtp="smtp://127.0.0.1:9"))
    assert isinstance(await away.tried(record, status="new", type="feature"), Delayed)
    assert ids(post) == []
    gone = post.connector(imap="imap://127.0.0.1:9")
    with pytest.raises(ServiceDown, match="cannot be reached"):
        await gone.open()
    await away.connector.close()


async def test_a_wrong_password_is_said_so(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "not this")
    connector = post.connector(auth={"kind": "password", "user": post.hub, "password": {"env": "WRONG"}})
    with pytest.raises(SignInRejected, match="refused the sign-in"):
        await connector.open()
    with pytest.raises(SignInRejected, match="outgoing server refused the sign-in"):
        await connector.describe()
    await connector.close()


async def test_a_mail_that_is_gone_has_no_bytes(post: Post, reader: Reader) -> None:
    await reader.connector.open()
    with pytest.raises(NotFound, match="not in the mailbox any more"):
        _ = [piece async for piece in reader.connector.download("gone@acme.example/2")]
    assert (await reader.connector.fetch(FILE, ["gone@acme.example/2"]))["gone@acme.example/2"] == "moved"


async def test_new_mail_wakes_who_waits_for_it(post: Post, reader: Reader) -> None:
    await reader.connector.open()
    assert not await reader.connector.wait_for_mail(0.05)
    waiting = asyncio.create_task(reader.connector.wait_for_mail(20))
    while not reader.connector._mailbox._lock.locked():  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0)
    await asyncio.to_thread(asked, post)
    assert await waiting
    assert len((await reader.run())[REQ]) == 1


async def test_netease_wants_to_know_who_we_are(imitation: ImitatedPost) -> None:
    imitation.sandbox.post.unsafe_login = True
    connector = imitation.connector()
    assert not any((await Reader(connector).run()).values())
    await connector.close()


async def test_a_folder_for_sent_mail_is_made_where_none_is(imitation: ImitatedPost) -> None:
    imitation.sandbox.folder(imitation.hub, "Sent").special = ""
    asked(imitation)
    reader, record = await anew(imitation, sent="已发送/Hub")
    await reader.tell(record, status="new", type="feature")
    assert len(imitation.sandbox.folder(imitation.hub, "已发送/Hub").messages) == 1
    assert imitation.count("Sent") == 0
    await reader.connector.close()


def by_token(imitation: ImitatedPost, monkeypatch: pytest.MonkeyPatch, tokens: list[str]) -> EmailConnector:
    """A connector that signs in with the tokens that a token server gives one after another."""
    asked_for: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked_for.append(request.content.decode())
        if not tokens:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": tokens.pop(0), "expires_in": 3600})

    monkeypatch.setenv("REFRESH", "refresh-me")
    auth = {
        "kind": "oauth", "user": imitation.hub, "token_url": "https://login.example/token",
        "client_id": "me", "refresh_token": {"env": "REFRESH"}, "scope": "mail",
    }  # fmt: skip
    config = EmailConnector.Config.model_validate({**imitation.table(), "auth": auth})
    network = Network(transport=httpx.MockTransport(serve))
    return EmailConnector(Setup("mail", config, network=network, vault=MemoryVault(), hub_id=HUB_ID))


async def test_oauth_signs_in_to_both_servers_and_renews_a_token_that_is_refused(
    imitation: ImitatedPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = by_token(imitation, monkeypatch, ["stale", imitation.sandbox.bot.token])
    asked(imitation)
    told = await Reader(connector).acknowledged()
    assert told.fields["status"] == "new"
    assert len(imitation.received(1)) == 1
    await connector.close()


async def test_a_refused_grant_stops_the_connection(imitation: ImitatedPost, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = by_token(imitation, monkeypatch, [])
    with pytest.raises(SignInRejected, match="invalid_grant"):
        await connector.open()
    await connector.close()
