"""Whether a mail comes from whom it says (RFC 8601), as found by the server that received it.

Anybody may write an Authentication-Results field. Only the topmost one that carries the id of one's own receiving
server is read, and every other is nobody's word.
"""

import re
from dataclasses import dataclass

from hub_email.reading.addresses import addresses
from hub_email.reading.headers import Headers

_RESULT = re.compile(r"([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<!\S)([a-z-]+\.[a-z0-9_-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a sender: `pass`, `fail`, `none` and so on, or empty where nothing was said.

    `dkim` is `pass` only if a passing signature is of the sender's own domain. `trusted` says whether the address in
    From may be believed; `because` tells why, or why not, in a sentence.
    """

    dmarc: str
    spf: str
    dkim: str
    trusted: bool
    because: str


@dataclass(frozen=True, slots=True)
class _Finding:
    method: str
    result: str
    properties: dict[str, str]


def judge(headers: Headers, authserv_id: str) -> Verdict:
    """Read the topmost Authentication-Results of *authserv_id*.

    Trusted is who passed DMARC, or who signed (DKIM) with the domain in From or one above it; and only if there is
    exactly one author. Some servers (Exchange Online) write no id: their field is found by an empty *authserv_id*.
    """
    domains = [author.domain for author in addresses(headers.all("from"))]
    field = next((f for f in headers.all("authentication-results") if _server(f) == authserv_id.strip().lower()), None)
    if field is None:
        return Verdict("", "", "", False, f"No Authentication-Results of {authserv_id or 'the server'} in this mail.")
    findings = _findings(field)
    domain = domains[0] if len(domains) == 1 and len(headers.all("from")) == 1 else ""
    dmarc, spf, dkim = _dmarc(findings, domain), _first(findings, "spf"), _dkim(findings, domain)
    trusted, because = _trust(domain, dmarc, dkim)
    return Verdict(dmarc, spf, dkim, trusted, because)


def _trust(domain: str, dmarc: str, dkim: str) -> tuple[bool, str]:
    if not domain:
        return False, "From does not name exactly one author."
    if dmarc == "pass":
        return True, f"DMARC passed for {domain}."
    if dmarc in ("", "none", "bestguesspass") and dkim == "pass":
        return True, f"A valid signature of {domain}."
    return False, f"Neither DMARC nor a signature vouches for {domain}."


def _segments(field: str) -> list[str]:
    """The field cut at its semicolons, without comments; in quoted strings only harmless characters are left.

    Senders choose what stands in comments and quotes (`smtp.mailfrom="; dmarc=pass"@evil.example`), so neither may
    ever be read as a result. An unclosed one swallows all that follows.
    """
    found, depth, quoted, escaped = [""], 0, False, False
    for letter in field:
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif depth or (letter == "(" and not quoted):
            depth += {"(": 1, ")": -1}.get(letter, 0)
        elif letter == '"':
            quoted = not quoted
        elif quoted:
            found[-1] += letter if letter.isalnum() or letter in ".@-" else "?"
        elif letter == ";":
            found.append("")
        else:
            found[-1] += letter
    return [each.strip() for each in found]


def _server(field: str) -> str:
    """The authserv-id in small letters; empty where the field begins with a result."""
    head = _segments(field)[0]
    return "" if "=" in head or not head else head.split()[0].lower()


def _findings(field: str) -> list[_Finding]:
    found = []
    for segment in _segments(field):
        if match := _RESULT.match(segment):
            properties = {m[1].lower(): m[2].lower() for m in _PROPERTY.finditer(segment[match.end() :])}
            found.append(_Finding(match[1].lower(), match[2].lower(), properties))
    return found


def _first(findings: list[_Finding], method: str) -> str:
    return next((each.result for each in findings if each.method == method), "")


def _dmarc(findings: list[_Finding], domain: str) -> str:
    """The result of DMARC; what passed for another domain than the author's, or is told twice, is no pass."""
    found = [each for each in findings if each.method == "dmarc"]
    if len(found) != 1 or found[0].result != "pass":
        return next((each.result for each in found if each.result != "pass"), "")
    return "pass" if found[0].properties.get("header.from", domain).rpartition("@")[2] == domain else "none"


def _dkim(findings: list[_Finding], domain: str) -> str:
    signed = [each for each in findings if each.method == "dkim"]
    if any(each.result == "pass" and _aligned(_signer(each), domain) for each in signed):
        return "pass"
    others = [each.result for each in signed]
    return "" if not others else next((result for result in others if result != "pass"), "unaligned")


def _signer(finding: _Finding) -> str:
    named = finding.properties.get("header.d") or finding.properties.get("header.i", "")
    return named.rpartition("@")[2]


def _aligned(signer: str, domain: str) -> bool:
    """Whether the signing domain is the author's, or one above it with two labels or more."""
    return bool(domain) and "." in signer and (domain == signer or domain.endswith(f".{signer}"))
