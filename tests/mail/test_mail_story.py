"""The client's side over real mail servers: Dovecot and Exim carry what the client and the hub write to each other."""

import email.policy
import hashlib
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from tests.e2e.house import House, house
from tests.e2e.postmen import CLIENT, HUB, RealPostman, plain
from tests.e2e.stories import Everywhere, comment_in_jira, move_issue
from tests.mail.servers import mail_servers

SAID = "Yes, please add CSV as well."
QUOTED = "We have recorded it"
STYLES = {
    "Gmail": f"{SAID}\n\nOn Sun, Nov 22, 2026 at 9:00 AM Hub <{HUB}> wrote:\n\n> {QUOTED}\n> as REQ-1\n",
    "Gmail, wrapped": f"{SAID}\n\nOn Sun, Nov 22, 2026 at 9:00 AM The requirements team <\n{HUB}> wrote:\n\n> {QUOTED}\n",
    "Gmail in Chinese": f"{SAID}\n\nHub <{HUB}> 于2026年11月22日周日 09:00写道：\n\n> {QUOTED}\n",
    "Outlook": f"{SAID}\n\n________________________________\nFrom: Hub <{HUB}>\nSent: Sunday, November 22, 2026 9:00 AM\n"
    f"To: Wei Li <{CLIENT}>\nSubject: Re: Export\n\n{QUOTED}\n",
    "Outlook in Chinese": f"{SAID}\n\n发件人: Hub <{HUB}>\n发送时间: 2026年11月22日 9:00\n收件人: Wei Li <{CLIENT}>\n主题: Re: Export\n\n{QUOTED}\n",
    "Apple": f"{SAID}\n\nSent from my iPhone\n\n> On 22 Nov 2026, at 09:00, Hub <{HUB}> wrote:\n> \n> {QUOTED}\n",
    "QQ": f'{SAID}\n\n\n------------------ 原始邮件 ------------------\n发件人: "Hub" <{HUB}>;\n发送时间: 2026年11月22日(星期日) 上午9:00\n'
    f'收件人: "Wei" <{CLIENT}>;\n主题: Re: Export\n\n{QUOTED}\n',
    "163": f'{SAID}\n\n在 2026-11-22 09:00:00，"Hub" <{HUB}> 写道：\n>{QUOTED}\n',
    "Foxmail": f"{SAID}\n\n\n\nWei Li\n \n发件人： Hub\n发送时间： 2026-11-22 09:00\n收件人： Wei\n主题： Re: Export\n{QUOTED}\n",
    "bottom of the page": f"{SAID}\n\n-----Original Message-----\nFrom: Hub\nSent: Sunday\nTo: Wei\nSubject: Re: Export\n\n{QUOTED}\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    services = {"zoho": ZohoSandbox(), "jira": JiraSandbox(), "trello": TrelloSandbox(upload_limit=250_000_000)}
    with mail_servers() as servers, house(tmp_path, services, RealPostman(servers)) as built:
        os.environ["MAIL_PASSWORD"] = servers.password
        yield built


async def begun(home: House, **more: object) -> tuple[str, EmailMessage]:
    """A client has asked for something: its key, and the acknowledgement in their inbox."""
    home.mail("Export", "We need an export of all orders.", **more)  # type: ignore[arg-type]
    report = await home.sync()
    assert report.outcome == "done", report.problems
    (key,) = home.keys("requirement")
    (heard,) = home.postman.await_mails(1)
    return key, heard


async def test_a_mail_reaches_all_services_and_what_becomes_of_it_reaches_the_client_in_the_thread(home: House) -> None:
    key, heard = await begun(home)
    there = Everywhere(home, key)
    assert there.titles() == {"Export"}
    move_issue(home, key, "Start work")
    comment_in_jira(home, key, "Nobody outside knows")
    home.clock.pass_time(3600)
    assert (await home.sync()).outcome == "done"
    told = home.postman.await_mails(2)[1]
    assert "progress" in plain(told)
    assert str(heard["Message-ID"]) in str(told["References"])
    assert str(told["Subject"]) == str(heard["Subject"])
    assert "Nobody outside" not in plain(told)
    assert (await home.sync()).writes == 0


async def test_an_answer_in_every_style_of_quoting_is_a_clean_comment_everywhere(home: House) -> None:
    key, heard = await begun(home)
    for style, text in STYLES.items():
        home.answer(heard, text)
        assert (await home.sync()).outcome == "done", style
    said = Everywhere(home, key).said()
    for service, comments in said.items():
        assert len(comments) == len(STYLES), service
        for style, comment in zip(STYLES, comments, strict=True):
            words = [line.strip() for line in comment.splitlines() if line.strip()]
            assert words[0].replace("*", "").startswith("Wei Li"), (service, style)
            assert words[1].startswith(SAID), (service, style, comment)
            assert QUOTED not in comment, (service, style)
    assert (await home.sync()).writes == 0
    assert len(home.postman.inbox()) == 1


async def test_a_large_attachment_arrives_once_with_its_hash(home: House) -> None:
    content = os.urandom(12_000_000)
    home.spokes["trello"]["attachment"]["attachment_limit_mb"] = 20
    key, _ = await begun(home, files={"orders 订单.bin": content})
    (attachment,) = home.keys("attachment")
    assert home.fields(attachment)["sha256"] == hashlib.sha256(content).hexdigest()
    for _ in range(2):
        assert (await home.sync()).writes == 0
    for service, files in Everywhere(home, key).files().items():
        assert [size for _, size in files] == [len(content)], service


async def test_what_no_person_wrote_starts_nothing(home: House) -> None:
    _, heard = await begun(home)
    home.mail(
        "Automatic reply: Re: Export", "I am away.", Auto_Submitted="auto-replied", In_Reply_To=str(heard["Message-ID"])
    )
    home.mail("Weekly news", "All that is new.", List_Id="<news.acme.example>", Precedence="list")
    home.postman.post(bounce(heard), "ana@example.test")
    home.postman.post(bytes(heard))
    assert (await home.sync()).outcome == "done"
    assert home.keys("requirement") == ["REQ-1"]
    with home.hub() as hub:
        comments = [hub.detail(each["key"])["fields"] for each in hub.listing("comment")]
    assert [each["audience"] for each in comments] == ["internal"]
    assert "5.1.1" in comments[0]["body"]
    assert len(home.postman.inbox()) == 1


def bounce(about: EmailMessage) -> bytes:
    """What a mail server says of a mail that nobody could be given (RFC 3464)."""
    report = EmailMessage(policy=email.policy.SMTP)
    report["From"], report["To"] = "Mail Delivery System <mailer-daemon@example.test>", HUB
    report["Subject"], report["Message-ID"] = "Undelivered Mail Returned to Sender", "<bounce-1@example.test>"
    report["Auto-Submitted"] = "auto-replied"
    report.make_mixed()
    report.replace_header("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"')
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CLIENT}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about['Message-ID']}\r\n\r\n--b--\r\n"
    )
    head = bytes(report).partition(b"\r\n\r\n")[0].replace(b"multipart/mixed", b"multipart/report")
    return head + b"\r\n\r\n" + body.encode()
