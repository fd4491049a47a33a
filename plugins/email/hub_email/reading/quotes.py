"""The newest words of a mail: what its author wrote now, without what was written before.

A quote that stands above new words is what they answer, so of each such quote the last paragraph stays. Where nothing
would be left, all is kept: losing words is worse than showing some twice.
"""

import re

from hub_email.reading import signatures
from hub_email.reading.lines import is_quoted, trimmed
from hub_email.reading.separators import Break, found_at, is_rule

MOST_CHARACTERS, MOST_LINES, MOST_PASSES = 200_000, 5_000, 40
LONGEST_CONTEXT = 10


def newest(text: str) -> str:
    """The newest words of a text in Markdown (or plain); doing it again changes nothing."""
    lines, beyond = _examined(text)
    last = next((line for line in reversed(lines) if line.strip()), "")
    for _ in range(MOST_PASSES):
        shorter = _once(lines)
        if shorter == lines:
            break
        lines = shorter
    if beyond and lines and lines[-1] == last:
        lines = [*lines, *beyond]
    kept = "\n".join(lines).rstrip()
    return kept if kept.strip() else "\n".join(trimmed(text.split("\n"))).rstrip()


def _examined(text: str) -> tuple[list[str], list[str]]:
    """The lines that are searched for quotes, and those beyond the limits: they stay if nothing before them was cut."""
    lines = text.split("\n")
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if count >= MOST_LINES or size > MOST_CHARACTERS:
            return lines[:count], lines[count:]
    return lines, []


def _once(lines: list[str]) -> list[str]:
    lines = _until_earlier_mail(trimmed(lines))
    lines = signatures.without(lines)
    lines = trimmed(_with_context_only(lines))
    ends_drawn = len(lines) > 1 and not lines[-2].strip() and is_rule(lines[-1])
    return _without_rules(lines) if ends_drawn else lines


def _until_earlier_mail(lines: list[str]) -> list[str]:
    """Cut where an earlier mail begins; of an attribution above quoted lines only the attribution goes."""
    kept: list[str] = []
    index = 0
    while index < len(lines):
        found = found_at(lines, index)
        if found is None:
            kept.append(lines[index])
            index += 1
            continue
        kind, count = found
        if kind is Break.EARLIER_MAIL or not _quotes_follow(lines, index + count):
            return _without_rules(kept)
        index += count
    return kept


def _without_rules(lines: list[str]) -> list[str]:
    """Drop lines drawn at the end, which only divided the words from the earlier mail."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_rule(lines[end - 1])):
        end -= 1
    return lines[:end]


def _quotes_follow(lines: list[str], index: int) -> bool:
    return next((is_quoted(line) for line in lines[index:] if line.strip()), False)


def _with_context_only(lines: list[str]) -> list[str]:
    """Drop quoted lines at the end; of those above new words, keep the last paragraph, at most ten lines."""
    kept: list[str] = []
    run: list[str] = []
    for line in lines:
        if is_quoted(line) or (run and not line.strip()):
            run.append(line)
            continue
        if run:
            kept += ["", *_context(run)] if kept and kept[-1].strip() else _context(run)
        run = []
        kept.append(line)
    return kept


def _context(run: list[str]) -> list[str]:
    quoted = [line for line in run if is_quoted(line)]
    while quoted and not _content(quoted[-1]):
        quoted.pop()
    last = next((n + 1 for n in range(len(quoted) - 1, -1, -1) if not _content(quoted[n])), 0)
    return [*quoted[last:][-LONGEST_CONTEXT:], ""]


def _content(line: str) -> str:
    return re.sub(r"[>\s]", "", line)
