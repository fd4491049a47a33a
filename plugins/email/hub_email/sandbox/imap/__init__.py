"""IMAP4rev1 (RFC 3501) with the extensions that clients ask for: enough of it, and no more than it says it can."""

from hub_email.sandbox.imap.server import ImapServer

__all__ = ["ImapServer"]
