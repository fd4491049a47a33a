"""What stands under the words: signatures, what a device or a mail app adds, the footer of a mailing list."""

import re

from hub_email.reading.lines import is_quoted, plain, trimmed

LONGEST_SIGNATURE, LONGEST_LINE = 15, 160

_DELIMITER = re.compile(r"--")
_DASH = re.compile(r"[—–―]{1,40}")
_UNDERLINE = re.compile(r"_{2,80}")
_TAIL = r"(?:\s*[(<\[]?(?:https?|mailto):\S*)?[.。]?"
_DEVICE = re.compile(
    r"(?:"
    r"sent (?:from|via|with|using|by) (?:my |an? |the )?[^.!?,:;]{2,48}"
    r"|(?:get|download|try) (?:outlook|gmail|spark|yahoo mail|bluemail|mail) (?:for|on) [\w ]{2,30}"
    r"|(?:envoyé|expédié) (?:de|depuis|à partir de|avec|via) [^.!?:;]{2,48}"
    r"|obtenez outlook pour [\w ]{2,20}"
    r"|von mein(?:em|er) [^.!?:;]{2,40} gesendet|gesendet (?:von|mit|über) [^.!?:;]{2,48}|outlook für \w+ (?:beziehen|herunterladen)"
    r"|enviado (?:desde|do|de|a partir do) (?:mi |meu )?[^.!?:;]{2,48}|inviato d(?:a|al|alla|al mio) ?[^.!?:;]{2,48}"
    r"|(?:verstuurd|verzonden) (?:vanaf|van|met|via) [^.!?:;]{2,48}|(?:sendt|skickat|lähetetty|wysłane?) (?:fra|från|z|min) ?[^.!?:;]{2,48}"
    r"|отправлено (?:с|из) [^.!?:;]{2,48}"
    r"|(?:发|發|来|來)自(?:我的|于|於)?\s?[^。！？:：，；]{2,30}|(?:从|從|由)(?:我的)?\s?[^。！？:：，；]{2,24}(?:发送|發送|傳送|寄出|发出)"
    r"|(?:获取|下载|取得|獲取)\s?(?:适用于 ?\w+ ?的 ?)?outlook[^。！？:：，；]{0,24}"
    r"|(?:签名|簽名)由\s?[^。！？:：，；]{2,24}\s?(?:定制|生成)"
    r"|(?:iphone|ipad|android)\S{0,12}から送信"
    r")" + _TAIL,
    re.IGNORECASE,
)
_DEVICE_NAMES = re.compile(
    r"iphone|ipad|android|手机|手機|邮箱|郵箱|mail|outlook|客户端|客戶端|华为|小米|huawei|xiaomi|oppo|vivo|荣耀|三星|samsung|网易|腾讯|企业微信|钉钉"
    r"|typeapp|\bapp\b|mobile|phone|blackberry|thunderbird|sparrow|aquamail|\bspark\b|https?:|定制",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:my|mon|ma|meinem|meiner|mi|meu|mijn|min|mio|моего)\b", re.IGNORECASE)
_LIST = re.compile(r"mailing list|/listinfo/|unsubscribe|groups\.google|退订", re.IGNORECASE)


def without(lines: list[str]) -> list[str]:
    """The lines without what stands under the words; a signature in the middle of words is left alone."""
    lines = trimmed(lines)
    while lines:
        shorter = trimmed(_without_delimited(_without_footer(lines)))
        if shorter == lines:
            return lines
        lines = shorter
    return lines


def is_device_line(line: str) -> bool:
    """Whether a line is one that a phone or an app puts under what was written, in any of the usual languages."""
    words = plain(line)
    if len(words) > LONGEST_LINE or not _DEVICE.fullmatch(words):
        return False
    # "Sent from Hamburg" and its like are ordinary words: a device or an app must be named, or called one's own.
    return bool(_DEVICE_NAMES.search(words) or _OWN.search(words))


def _without_footer(lines: list[str]) -> list[str]:
    """Drop device lines at the end; with the card that some Chinese apps draw above theirs."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_device_line(lines[end - 1])):
        end = _above_card(lines, end - 1) if "定制" in lines[end - 1] else end - 1
    return lines[:end]


def _above_card(lines: list[str], end: int) -> int:
    """Where the card begins that stands directly above: adjoining lines, drawn with bars."""
    start = end
    while start and lines[start - 1].strip() and end - start < LONGEST_SIGNATURE:
        start -= 1
    return start if any("|" in line for line in lines[start:end]) else end


def _without_delimited(lines: list[str]) -> list[str]:
    """Drop all from the topmost line that divides words from a signature (RFC 3676 section 4.3 and its cousins)."""
    for index in range(max(0, len(lines) - 60), len(lines)):
        if _divides(lines, index):
            return lines[:index]
    return lines


def _divides(lines: list[str], index: int) -> bool:
    words = plain(lines[index])
    if not words or words[0] not in "-—–―_":
        return False
    below = [line for line in lines[index + 1 :] if line.strip()]
    if any(is_quoted(line) for line in below):
        return False
    if _UNDERLINE.fullmatch(words):
        return 0 < len(below) <= 8 and any(_LIST.search(line[:LONGEST_LINE]) for line in below)
    if _DELIMITER.fullmatch(words):
        return len(below) <= LONGEST_SIGNATURE
    return bool(_DASH.fullmatch(words)) and index > 0 and 0 < len(below) <= 8 and max(map(len, below)) <= 80
