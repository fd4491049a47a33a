"""Bounces in plain words: qmail, Exim, Exchange, Lotus Notes, Yahoo, QQ, NetEase and many others."""

import re
from dataclasses import dataclass

from hub_email.reading import html
from hub_email.reading.addresses import Address
from hub_email.reading.automatic import is_answer
from hub_email.reading.pieces import Piece

LONGEST_REPORT, MOST_LINES = 60_000, 400

_SYSTEM = re.compile(
    r"(?:mailer-?daemon|post[-_]?master|mail-?(?:delivery|system|daemon|deamon)|microsoftexchange.*|postmast|bounces?|mdaemon|amavisd?|symantec.*"
    r"|.*mailerdaemon.*|mailmaster|ndr|.*bounce.*|.*daemon.*|10000)",
    re.IGNORECASE,
)
_STRICTLY = re.compile(r"mailer-?daemon|post[-_]?master", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|non-?deliver|not deliver|deliver(?:y|ed)?[^\n]{0,40}(?:fail|error|status|problem|delay|report)|fail(?:ed|ure)[^\n]{0,30}(?:deliver|notice|mail)"
    r"|return(?:ed|ing)[^\n]{0,30}(?:mail|message|sender|user)|mail (?:system )?(?:error|failure|problem)|message (?:could )?not|warning: (?:could not send|message)"
    r"|bounced? (?:mail|message|action)|\bbounce\b|permanent error|transient|nondeliverable|can(?:no|')t (?:be )?deliver|not be (?:sent|delivered)"
    r"|退信|退回|投递失败|傳送失敗|无法送达|無法傳遞|未送达|发送失败|未能送达|配信|配達|戻り|エラー|доставлен|unzustellbar|non remis|no se (?:ha )?entreg|mail status report"
    r"|error in|attempted|quarantin|blocked|virus|rejected|\bE\Z|could not|unable",
    re.IGNORECASE,
)
_FAILING = re.compile(
    r"(?:could|can|did|was|were|were)\s*(?:not|n't)[\w\s]{0,20}(?:be\s+)?(?:deliver|reach|sent|send|receiv|accept)|cannot be|undeliver|unable to (?:deliver|relay|connect)|not able to deliver"
    r"|permanent(?:ly)?[\w\s]{0,20}(?:error|fail|reject)|fatal error|failed[\w\s]{0,40}(?:recipient|address|deliver)|deliver\w*[\w\s]{0,30}fail|user unknown|unknown (?:user|recipient|address|local)|no such (?:user|recipient|mailbox|local)"
    r"|mailbox (?:is )?(?:full|unavailable|not found|exceeds)|does(?:n't| not) (?:exist|have)|invalid (?:recipient|mailbox|address|user)|rejected|over quota|quota|exceed|not (?:listed|found|known|recognized|a member)|disabled|not a valid"
    r"|address(?:es)? (?:not|failed|had)|error (?:was|occurred|while)|failure reasons?|delay|still being retried|unrouteable|returned|blocked|refused|\b5\d\d[ -]\d\.\d"
    r"|退信|被退回|无法(?:送达|投递|发送)|不存在|投递失败|退回|拒收|拒绝|無法|未能|届けられ|送信でき|配信でき|宛先|不明|見つかり|доставлен",
    re.IGNORECASE,
)
_COPY_BELOW = re.compile(
    r"^[\s>*#=_.+|-]*(?:(?:this is |included is |below (?:this line )?is |enclosed (?:is|are) )?(?:a |an |the )?(?:copy|header|original|returned|unsent|message header|undelivered)\S*"
    r"[\w\s,()']{0,60}(?:message|mail|header|follows?|below|enclosed|attached)|(?:original|returned|unsent) (?:message|mail|text)|message (?:header|text|contents?)s? (?:follow|is)|below this line|原邮件|原始邮件)"
    r"[^\n]{0,60}$|^(?:received|return-path):\s",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+/=@-])[\w.!#$%&'*+/=^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}")
_INTRODUCED = re.compile(
    r"[\s<>\"'*\[(|-]|mailto:|to:|rcpt:|recipients?:|user:|address:|(?:收件人|无法发送到)[:：]?", re.IGNORECASE
)
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.:/@-])([45]\d\d)(?=[ \-]|\Z)(?!\s*(?:bytes|octets|kb|mb))", re.IGNORECASE)
_TEMPORARY = re.compile(
    r"temporar|transient|delayed|still being|will (?:be )?(?:retry|retried|continue|keep)|not yet been|warning|暂时|稍后",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"permanent|fatal|given up|giving up|gave up|cannot be delivered|could not be delivered|退信", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one recipient."""

    recipient: str
    action: str
    status: str
    diagnostic: str
    permanent: bool


def failing_text(message: Piece, sender: Address | None) -> str | None:
    """The report's own words, if a mail system wrote them and they tell of a failure; else None."""
    if not _from_a_system(message, sender):
        return None
    text = _own_words(message)
    named = message.headers.first("x-failed-recipients") is not None
    subject = message.headers.words("subject") or ""
    strictly = bool(_STRICTLY.search(message.headers.first("from") or ""))
    if _FAILING.search(text):
        telling = bool(_SUBJECT.search(subject)) or _null_path(message) or (strictly and bool(_REPLY.search(text)))
    else:
        telling = strictly and bool(_SUBJECT.search(subject))
    return text if named or telling else None


def _from_a_system(message: Piece, sender: Address | None) -> bool:
    headers = message.headers
    raw_from = headers.first("from") or ""
    local = sender.email.rpartition("@")[0] if sender else raw_from.split("<")[0].strip(' "')
    if headers.first("x-failed-recipients") is not None or _STRICTLY.search(raw_from):
        return True
    if is_answer(headers):
        return False
    automatic = (headers.first("auto-submitted") or "no").lower().startswith("auto-replied")
    if automatic and not _SUBJECT.search(headers.words("subject") or ""):
        return False
    return (
        _null_path(message)
        or bool(_SYSTEM.fullmatch(local))
        or bool(re.search(r"deliver|mail system|postmaster|退信", raw_from, re.IGNORECASE))
    )


def _null_path(message: Piece) -> bool:
    path = message.headers.first("return-path")
    return path is not None and path.strip().lower() in ("", "<>", "<mailer-daemon>")


def _own_words(message: Piece) -> str:
    """The text of the report until the copy of the original begins."""
    texts = []
    for piece in message.walk():
        if piece.media_type == "text/plain":
            texts.append(piece.text[:LONGEST_REPORT])
        elif piece.media_type == "text/html" and not any(text.strip() for text in texts):
            texts.append(html.whole(piece.text[:LONGEST_REPORT]).replace("\\", ""))
    kept: list[str] = []
    for line in "\n".join(texts).split("\n")[:MOST_LINES]:
        if kept and _COPY_BELOW.match(line[:300]):
            if _ADDRESS.search(" ".join(kept)):
                break
            continue
        kept.append(line)
    return "\n".join(kept)


def told(text: str, named: tuple[str, ...], own: set[str]) -> list[Told]:
    """What the words say of each recipient: *named* ones are known, *own* addresses are the sender's, not failing."""
    lines = [line[:1_000] for line in text.split("\n")]
    found = named or _recipients(lines, own)
    return [_told(recipient, lines, alone=len(found) == 1) for recipient in found or ("",)]


def _recipients(lines: list[str], own: set[str]) -> tuple[str, ...]:
    """Addresses in the report; if some stand at the start of a line or after a word that says so, only these."""
    every: dict[str, bool] = {}
    for line in lines:
        for match in _ADDRESS.finditer(line):
            address = match[0].strip("'`.")
            leading = not _INTRODUCED.sub("", line[: match.start()])
            system = re.match(r"(?:postmaster|mailer-daemon|abuse|support|admin|help)@", address, re.IGNORECASE)
            if address not in own and not system and "@" in address:
                every[address] = every.get(address, False) or leading
    if not every:
        alone = (_ADDRESS.match(line.strip(" <\"'")) for line in lines)
        every = {found[0]: True for found in alone if found}
    leading_ones = tuple(address for address, leads in every.items() if leads)
    return leading_ones or tuple(every)[:1]


def _told(recipient: str, lines: list[str], *, alone: bool) -> Told:
    near = lines if alone or not recipient else _lines_about(recipient, lines)
    words = "\n".join(near)
    status = next((code for code in _CODE.findall(words) if code[0] in "45"), "")
    reply = next(iter(_REPLY.findall(words)), "")
    lasting = (status or reply)[:1] == "5" or (not status and not reply and not _TEMPORARY.search(words))
    lasting = lasting or (not status and bool(_LASTING.search("\n".join(lines))) and reply[:1] != "4")
    return Told(recipient, "failed" if lasting else "delayed", status, _diagnostic(recipient, near), lasting)


def _lines_about(recipient: str, lines: list[str]) -> list[str]:
    """From the line that names a recipient to the one that names another."""
    start = next((n for n, line in enumerate(lines) if recipient in line), 0)
    end = start + 1
    while end < len(lines) and end < start + 15:
        named = _ADDRESS.findall(lines[end])
        if named and recipient not in lines[end] and not lines[end].startswith((" " * 3, "\t")):
            break
        end += 1
    return lines[start:end]


def _diagnostic(recipient: str, lines: list[str]) -> str:
    """The line with a reply code, else the first that tells of a failure, else what follows the recipient."""
    for wanted in (_CODE, _REPLY, _FAILING):
        for line in lines:
            if wanted.search(line) and line.strip():
                return " ".join(line.split())
    after = [line for line in lines if line.strip() and recipient not in line]
    return " ".join(after[0].split()) if after else ""
