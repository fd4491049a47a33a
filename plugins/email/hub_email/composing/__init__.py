"""Composes the mails that tell a client what became of their requirement.

Pure: the same letter in the same envelope gives the same bytes. Templates and attachments are read, nothing else is.
"""

from hub_email.composing.checking import check
from hub_email.composing.envelope import Envelope, Mailbox, subject_line
from hub_email.composing.ids import check_token, hint, message_id, plus_address, token, token_in
from hub_email.composing.language import language_of
from hub_email.composing.letter import (
    AcknowledgementLetter,
    Change,
    CommentLetter,
    Language,
    Letter,
    OpeningLetter,
    UpdateLetter,
)
from hub_email.composing.mail import Enclosure, compose
from hub_email.composing.rendering import TemplateBroken, Templates
from hub_email.composing.view import MARKER

__all__ = [
    "MARKER",
    "AcknowledgementLetter",
    "Change",
    "CommentLetter",
    "Enclosure",
    "Envelope",
    "Language",
    "Letter",
    "Mailbox",
    "OpeningLetter",
    "TemplateBroken",
    "Templates",
    "UpdateLetter",
    "check",
    "check_token",
    "compose",
    "hint",
    "language_of",
    "message_id",
    "plus_address",
    "subject_line",
    "token",
    "token_in",
]
