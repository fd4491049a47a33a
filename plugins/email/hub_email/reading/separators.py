"""Where a mail client begins to quote: attributions ("On ... wrote:"), copied header blocks, drawn lines.

Written for what clients of many countries write. Every test looks at a few capped lines, so that no input makes it slow.
"""

import re
from enum import Enum

from hub_email.reading.lines import is_quoted, plain

MOST_JOINED, LONGEST_ATTRIBUTION, LONGEST_BLOCK = 4, 320, 12

MARKER = "##- 请在此行上方回复 / Reply above this line -##"
"""The line that outgoing mails carry above everything that need not be sent back."""


class Break(Enum):
    """What begins at a line: quoted lines that may hold answers, or an earlier mail until the end."""

    ATTRIBUTION = "attribution"
    EARLIER_MAIL = "earlier mail"


_OUR_MARKER = re.compile(r"##-.{3,100}-##")
_RULE = re.compile(r"[-_=*—–─]{3,}")
_DRAWN = re.compile(
    r"[-_=—–─*]{2,}\s*(?:original(?: message| e?-?mail)?|forwarded (?:message|by .{1,60})|replied message|reply message"
    r"|begin forwarded message|原始邮件|原邮件|回复的原邮件|转发的?邮件|转发邮件信息|原始郵件|轉寄(?:的)?郵件|轉寄的訊息|邮件原件|原始信件|原始消息"
    r"|ursprüngliche nachricht|weitergeleitete nachricht|message d['’]origine|message transféré|messaggio originale"
    r"|mensaje original|mensagem original|oorspronkelijk bericht|oprindelig (?:besked|meddelelse)|opprinnelig melding"
    r"|ursprungligt meddelande|alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|исходное сообщение"
    r"|пересылаемое сообщение|původní zpráva|転送メッセージ|元のメッセージ|原文)\s*[:：]?\s*[-_=—–─*]{2,}.{0,40}",
    re.IGNORECASE,
)
_UNDRAWN = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten nachricht|message du)\s*:.{0,40}", re.IGNORECASE
)

_LABELS = {
    "from": "from|von|de|da|van|fra|från|od|от|от кого|lähettäjä|发件人|寄件者|寄件人|发信人|差出人|보낸 사람|发送者",
    "sent": "sent|date|gesendet|datum|envoyé(?: le)?|date d'envoi|inviato|data|verzonden|fecha|enviado(?: el)?|dato|sendt|skickat"
    "|wysłano|отправлено|дата|lähetetty|päivämäärä|发送时间|发送日期|发件时间|日期|时间|寄件日期|寄送日期|送信日時|보낸 날짜|date de",
    "to": "to|an|à|a|aan|para|til|till|do|кому|vastaanottaja|收件人|收件者|收信人|宛先|받는 사람",
    "cc": "cc|copie(?: à)?|kopie|kopi|copia|抄送|抄送人|副本|复制|копия|dw|bcc|密送",
    "subject": "subject|betreff|objet|oggetto|onderwerp|asunto|assunto|emne|ämne|aihe|temat|тема|sujet|主题|主旨|主題|标题|件名|제목|předmět",
    "reply": "reply-to|回复地址|importance|重要性|priority",
}
_LABEL = re.compile(
    r"[\s|>]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + r")\s*(?:[:：]|\|)(?!//).*",
    re.IGNORECASE,
)

_SIGNS = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d{2}\b|\d{4}年|\d{1,2}月\d{1,2}日|\S@\S")
_WROTE = re.compile(
    r"(?:\bwrote|\bwrites|\ba écrit|\bha scritto|\bescribió|\bescreveu|\bschreef|\bskrev|\bnapisał(?:\(a\)|a)?|\bпишет"
    r"|\bнаписал(?:\(а\)|а)?|\bkirjoitti|\bírta|\bnapsal(?:\(a\)|a)?|\byazdı|写道|寫道|写到|来信|來信|のメール|님이 작성)"
    r"\s*(?:[:：]|-{2,}|\Z)\s*-*",
    re.IGNORECASE,
)
_SAID_INSIDE = re.compile(
    r"(?:(?:am|den|op|on)\b|\S{2,4}\.? \d{1,2}\.|\d{1,2}[./-]\d{1,2}\b).{4,120}\b(?:schrieb|schreef|skrev|kirjoitti|írta)\b.{0,160}[:：]",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}|\b20\d{2}\b")
_SENDER_LAST = re.compile(r"\S@[^\s<>@]{1,120}>\s*[:：]\Z")
_START = re.compile(
    r"[-\s]*(?:(?:On|At|Le|Am|Den|El|Il|Em|Op|Dnia|W dniu|In data|Dne|Vào)\b(?=.*\d)|在|於|于|\d|[^\W\d]{2,12}[.,]{0,2} \d|.{0,80}\S@\S)"
)
_ODD_TAIL = re.compile(r"\s*>?\s*[:：]")


def found_at(lines: list[str], index: int) -> tuple[Break, int] | None:
    """What begins at this line, and how many lines announce it; None where nothing does."""
    if is_quoted(lines[index]):
        return None
    words = plain(lines[index])
    if not words:
        return None
    if _OUR_MARKER.fullmatch(words) or _DRAWN.fullmatch(words) or _UNDRAWN.fullmatch(words):
        return Break.EARLIER_MAIL, 1
    if _RULE.fullmatch(words):
        return (Break.EARLIER_MAIL, 1) if _begins_block_below(lines, index) else None
    if _is_block(lines, index):
        return Break.EARLIER_MAIL, 1
    if count := _attribution(lines, index):
        return Break.ATTRIBUTION, count
    return None


def is_rule(line: str) -> bool:
    """Whether a line is only drawn."""
    return bool(_RULE.fullmatch(plain(line)))


def is_attribution(text: str) -> bool:
    """Whether a short text announces a quote: who wrote it and when."""
    words = plain(text)
    if len(words) > LONGEST_ATTRIBUTION or not _SIGNS.search(words):
        return False
    last = None
    for last in _WROTE.finditer(words):  # noqa: B007 - only the last one matters
        pass
    if last and not words[last.end() :].strip(" >:：-"):
        return True
    if words[-1] not in ":：":
        return False
    return bool(_SAID_INSIDE.fullmatch(words) or (_TIME.search(words[:100]) and _SENDER_LAST.search(words)))


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here make an attribution; 0 for none. Clients wrap it over up to four lines."""
    joined = ""
    for count, line in enumerate(lines[index : index + MOST_JOINED], 1):
        if not line.strip() or (is_quoted(line) and not _ODD_TAIL.fullmatch(line)):
            return 0
        joined += " " + line
        if len(joined) > 2 * LONGEST_ATTRIBUTION:
            return 0
        if is_attribution(joined):
            return count if count == 1 or _begins_here(lines[index : index + count]) else 0
    return 0


def _begins_here(lines: list[str]) -> bool:
    """Whether an attribution over several lines begins at the first of them, not at a later one."""
    later = any(re.match(r"[-\s]*(?:On|At|Le|Am|在|於) ?\S*\d|On \w", plain(line)) for line in lines[1:])
    return bool(_START.match(plain(lines[0]))) and not later


def _begins_block_below(lines: list[str], index: int) -> bool:
    below = next((n for n in range(index + 1, min(index + 4, len(lines))) if lines[n].strip()), None)
    if below is None:
        return False
    return bool(_is_block(lines, below) or _UNDRAWN.fullmatch(plain(lines[below])) or _attribution(lines, below))


def _label(line: str) -> str | None:
    match = None if is_quoted(line) else _LABEL.fullmatch(plain(line))
    return match.lastgroup if match else None


def _is_block(lines: list[str], index: int) -> bool:
    """Whether a copied header begins here: three fields or more, with the sender, and the date or the subject.

    `From: Berlin` above `To: Munich` is none: people write that.
    """
    if (first := _label(lines[index])) is None:
        return False
    kinds, strangers = {first}, 0
    for line in lines[index + 1 : index + LONGEST_BLOCK]:
        if not line.strip() or re.fullmatch(r"[\s|:-]+", line):
            continue
        kind = _label(line)
        strangers = 0 if kind else strangers + 1
        kinds |= {kind} if kind else set()
        if strangers > 2 or _is_header(kinds):
            break
    return _is_header(kinds)


def _is_header(kinds: set[str]) -> bool:
    return "from" in kinds and len(kinds) >= 3 and bool(kinds & {"sent", "subject"})
