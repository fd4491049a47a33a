"""The subject of a conversation, without what mail clients put before it."""

import re

_WORDS = "re|fw|fwd|aw|wg|sv|vs|vb|vl|tr|rv|rif|r|i|antw|doorst|odp|pd|ynt|enc|res|ref|回复|回覆|答复|答覆|转发|轉發|转寄|轉寄|返信|転送|答|回"
_PREFIX = re.compile(
    rf"\s*(?:{_WORDS})\s*(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\^\d{{1,3}}|\d{{1,3}})?\s*[:：]\s*", re.IGNORECASE
)


def bare(subject: str) -> str:
    """The subject without any number of `Re:`, `AW:`, `Re[2]:`, `回复：`, `转发:` and their like; its spaces evened."""
    rest = subject
    while match := _PREFIX.match(rest):
        rest = rest[match.end() :]
    return " ".join(rest.split())
