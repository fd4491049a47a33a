"""The connector keeps the promises of every connector, as far as mail can: nobody edits or deletes what was mailed."""

from collections.abc import Mapping
from typing import Any

import pytest
from hub_email.connector import EmailConnector

from hub.sdk import Connector, Kind
from hub.testing import ConnectorConformance
from tests.mail.posts import ImitatedPost, mail


class MailConformance(ConnectorConformance):
    """A client who writes to the imitation."""

    post: ImitatedPost
    person: str | None = "wei.li@acme.example"
    written = 0

    @pytest.fixture(autouse=True)
    def _at_the_post(self, imitation: ImitatedPost) -> None:
        self.post = imitation

    async def make_connector(self) -> Connector:
        return self.post.connector()

    async def bad_connector(self) -> Connector:
        self.post.sandbox.bot.password = "another"
        return self.post.connector()

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        pytest.skip(f"nobody edits a mail: {record}, {sorted(fields)}")

    async def remove(self, record: str) -> None:
        pytest.skip(f"mails are tidied away, and that deletes nothing: {record}")

    def begin(self, subject: str, text: str = "Please.\n") -> str:
        """A client's new mail; its id."""
        self.written += 1
        name = f"mail{self.written}@acme.example"
        message = mail(subject, text, sender=self.post.client, to=self.post.hub, Message_ID=f"<{name}>")
        self.post.write(message)
        return name

    async def make_owner(self) -> str:
        return self.begin("Export")

    def answer(self, text: str, file: tuple[str, bytes] | None = None) -> str:
        """A client's mail in the thread of the owner; its id."""
        self.written += 1
        name = f"mail{self.written}@acme.example"
        headers = {"Message_ID": f"<{name}>", "In_Reply_To": f"<{self.owner}>"}
        message = mail("Re: Export", text, sender=self.post.client, to=self.post.hub, **headers)
        if file:
            message.add_attachment(file[1], maintype="text", subtype="plain", filename=file[0])
        self.post.write(message)
        return name


class TestRequirements(MailConformance):
    """What clients ask for."""

    kind = Kind.REQUIREMENT

    def fields(self, number: int = 1) -> dict[str, Any]:
        return {**super().fields(number), "requester": self.post.client}

    async def add(self, fields: Mapping[str, Any]) -> str:
        return self.begin(fields["title"], fields["description"])

    def refused(self) -> Mapping[str, Any]:
        return {"requester": None}

    def unmapped(self) -> Mapping[str, Any]:
        return pytest.skip("a mail has no other fields")


class TestComments(MailConformance):
    """What is said in threads."""

    kind = Kind.COMMENT

    async def add(self, fields: Mapping[str, Any]) -> str:
        return self.answer(fields["body"])

    def refused(self) -> Mapping[str, Any]:
        return {"parent": "nowhere@acme.example"}


class TestAttachments(MailConformance):
    """What is sent along."""

    kind = Kind.ATTACHMENT

    async def add(self, fields: Mapping[str, Any]) -> str:
        return self.answer("See the file.\n", (fields["name"], self.bytes_of(1))) + "/2"

    def refused(self) -> Mapping[str, Any]:
        return {"parent": "nowhere@acme.example"}


class TestContacts(MailConformance):
    """Who writes."""

    kind = Kind.CONTACT
    person = None  # contacts are gathered from mails: nobody changes one

    async def add(self, fields: Mapping[str, Any]) -> str:
        self.written += 1
        address, name = fields["email"], f"<mail{self.written}@acme.example>"
        message = mail("Hello", sender=f"{fields['name']} <{address}>", to=self.post.hub, Message_ID=name)
        head = b"Authentication-Results: mx.example.test; dmarc=pass header.from=acme.example\r\n"
        self.post.put(head + bytes(message))
        return str(address)

    def refused(self) -> Mapping[str, Any]:
        return {"email": None}


def test_the_connector_is_offered_to_the_hub() -> None:
    assert EmailConnector.name == "email"
    assert set(EmailConnector.kinds) == set(Kind) - {Kind.TASK}
