"""What a connection's table may say, and what is told of mistakes."""

from typing import Any

import pytest
from hub_email.config import EmailConfig, Server
from hub_email.domains import company_name
from hub_email.sandbox import MailSandbox
from pydantic import ValidationError

GOOD: dict[str, Any] = {
    "plugin": "email",
    "address": "Hub@Example.com",
    "imap": "imaps://imap.example.com",
    "smtp": "smtps://smtp.example.com",
    "auth": {"kind": "password", "user": "hub@example.com", "password": {"env": "MAIL_PASSWORD"}},
}
OAUTH = {"kind": "oauth", "user": "u", "client_id": "c", "refresh_token": {"env": "MAIL_PASSWORD"}}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "secret")


def config(**more: Any) -> EmailConfig:
    return EmailConfig.model_validate({**GOOD, **more})


def test_a_short_table_is_enough() -> None:
    made = config()
    assert (made.address, made.domain, made.own) == ("hub@example.com", "example.com", frozenset({"example.com"}))
    assert made.imap_server == Server("imap.example.com", 993, "tls")
    assert made.smtp_server == Server("smtp.example.com", 465, "tls")
    assert "secret" not in repr(made)


def test_without_tls_from_the_start_it_is_asked_for() -> None:
    made = config(imap="imap://imap.example.com", smtp="smtp://smtp.example.com:2525")
    assert made.imap_server == Server("imap.example.com", 143, "starttls")
    assert made.smtp_server == Server("smtp.example.com", 2525, "starttls")


def test_on_this_computer_nothing_is_encrypted_unless_asked_for() -> None:
    assert config(imap="imap://127.0.0.1:1430").imap_server == Server("127.0.0.1", 1430, "none")
    assert config(imap="imap://[::1]:1430").imap_server == Server("::1", 1430, "none")
    assert config(imap="imap://localhost", imap_tls="starttls").imap_server.tls == "starttls"


def test_what_the_sandbox_says_is_taken_as_it_is() -> None:
    table = {**MailSandbox().connection("http://127.0.0.1"), "imap": "imap://127.0.0.1:1", "smtp": "smtp://127.0.0.1:2"}
    assert EmailConfig.model_validate(table).authserv == "mx.example.test"


def test_addresses_of_public_providers_belong_to_no_company() -> None:
    made = config(address="somebody@gmail.com", public_domains=["Freemail.example"])
    assert made.own == frozenset()
    assert {"gmail.com", "qq.com", "163.com", "outlook.com", "freemail.example"} <= made.public


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"address": "hub"}, "it should look like hub@example.com"),
        ({"imap": "imap.example.com"}, "imap"),
        ({"imap": "imaps://"}, "should look like"),
        ({"imap": "imaps://h:x"}, "should look like"),
        ({"imap": "imaps://u@h"}, "should look like"),
        ({"imap": "imap://mail.example.com", "imap_tls": "none"}, "for everybody to read"),
        ({"smtp": "smtp://mail.example.com", "smtp_tls": "none"}, "write smtps://mail.example.com"),
        ({"auth": {"kind": "password", "user": "u", "password": "plain"}}, "never written here"),
        ({"auth": {**OAUTH, "token_url": "http://login.example/token"}}, "over https only"),
        ({"language": "fr"}, "language"),
        ({"brake": {"mails": 0}}, "brake"),
        ({"folder": "INBOX"}, "folder"),
    ],
)
def test_mistakes_are_told_in_words(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        config(**more)


def test_who_wants_plain_connections_elsewhere_says_so() -> None:
    assert config(imap="imap://mail.lan", imap_tls="none", allow_plain=True).imap_server.tls == "none"


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("acme.example", "Acme"),
        ("mail.acme.com.cn", "Acme"),
        ("acme.co.uk", "Acme"),
        ("blue-sky.de", "Blue Sky"),
        ("xn--fsqu00a.cn", "例子"),
        ("localhost", "Localhost"),
    ],
)
def test_a_company_is_called_by_its_domain_at_first(domain: str, name: str) -> None:
    assert company_name(domain) == name
