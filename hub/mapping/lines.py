"""What a service does not take in a text: control characters, and line breaks where there is one line."""

import re

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Unicode's categories Cc, Cs, Zl and Zp."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Cc and Cs, but not the line feed and the tab."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")


def one_line(text: str) -> str:
    """*text* with line breaks and control characters made spaces, trimmed."""
    return (text if text.isprintable() else _BREAKS.sub(" ", text)).strip()


def printable(text: str) -> str:
    """*text* without control characters; its line ends are what they were."""
    return _UNSEEN.sub("", text)


def with_unix_ends(text: str) -> str:
    """*text* with a line feed at the end of every line that has another end."""
    return _LINE_ENDS.sub("\n", text) if "\r" in text else text


def plain(text: str) -> str:
    """*text* with Unix line ends and no control characters, trimmed."""
    if text.replace("\n", "").isprintable():  # as most are; three times as quick to tell
        return text.strip()
    return _CONTROLS.sub("", with_unix_ends(text)).strip()
