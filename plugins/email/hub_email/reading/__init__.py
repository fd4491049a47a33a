"""Reading e-mails: pure, without I/O or clock, and without an exception for any bytes.

`read` gives a `Mail`; `part_content` the bytes of one of its attachments.
"""

from hub_email.reading.addresses import Address
from hub_email.reading.attachments import part_content
from hub_email.reading.authentication import Verdict
from hub_email.reading.mail import Bounce, Mail, Part
from hub_email.reading.message import read
from hub_email.reading.quotes import newest
from hub_email.reading.separators import MARKER
from hub_email.reading.subjects import bare as bare_subject

__all__ = ["MARKER", "Address", "Bounce", "Mail", "Part", "Verdict", "bare_subject", "newest", "part_content", "read"]
