"""People of the story at work: each does what they could do in the services themselves, under their own account."""

from hub.demo.acting.jira import AtJira, paragraphs
from hub.demo.acting.mail import AtMail, everything_in, text_of, thread_of
from hub.demo.acting.seen import File, Seen, split
from hub.demo.acting.trello import AtTrello, instant
from hub.demo.acting.zoho import AtZoho

__all__ = [
    "AtJira",
    "AtMail",
    "AtTrello",
    "AtZoho",
    "File",
    "Seen",
    "everything_in",
    "instant",
    "paragraphs",
    "split",
    "text_of",
    "thread_of",
]
