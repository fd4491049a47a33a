"""An honest imitation of a mail provider on loopback: SMTP in, IMAP out, for two domains.

Written from the RFCs and what providers document, never from the connector that will use it.
"""

from hub_email.sandbox.sandbox import MailSandbox

__all__ = ["MailSandbox"]
