"""Messages for tests of mail."""

import email.policy
from email.message import EmailMessage
from urllib.parse import quote

HUB, ANA, WEI = "hub@example.test", "ana@example.test", "wei.li@acme.example"


def letter(subject: str, sender: str = WEI, to: str = HUB, text: str = "Hello\n") -> EmailMessage:
    """A plain message whose Message-ID follows from its subject; `bytes` of it has the line ends of the wire."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{quote(subject.replace(' ', '.'))}@acme.example>"
    message.set_content(text, cte="8bit")
    return message
