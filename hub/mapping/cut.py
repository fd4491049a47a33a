"""Texts that are longer than a service takes: shown cut there, kept whole here."""

MARK = "…"
CLUES = (40, 200, 1_000)
"""By so many of its last characters it is told where a beginning ends: by more of them, where fewer stand in several places."""


def cut(text: str, limit: int) -> str:
    """*text* if it fits, else its beginning and the mark, *limit* characters in all."""
    return text if len(text) <= limit else text[: limit - len(MARK)].rstrip() + MARK


def is_beginning(shown: str, text: str, limit: int) -> bool:
    """Whether *shown* is a cut text that says nothing else than *text* does."""
    return len(text) > limit and _was_cut(shown, limit) and text.startswith(shown.removesuffix(MARK))


def with_tail(shown: str, text: str, limit: int) -> str:
    """An edited *shown* together with what of *text* had not been shown.

    The tail comes back only where the mark is still there; who removed it gave a whole new text.
    """
    if len(text) <= limit or not _was_cut(shown, limit):
        return shown
    return _continued(shown, text, cut(text, limit))


def with_rest(shown: str, text: str, before: str) -> str:
    """As `with_tail`, where it is known how much was shown *before* the edit: a beginning of *text* with the mark."""
    return _continued(shown, text, before) if _was_cut(shown, len(before)) else shown


def _continued(shown: str, text: str, before: str) -> str:
    """An edited *shown* with what follows in *text* on its last words; on *before*, a beginning of *text*, if they are new.

    The last words tell which beginning was edited: that may be another one than is known, as of a write without an answer.
    """
    said, end = shown.removesuffix(MARK), len(before) - len(MARK)
    for length in CLUES:
        clue = said[-length:]
        if text.endswith(clue, 0, end):
            break
        if text.count(clue) == 1:
            end = text.index(clue) + len(clue)
            break
    return said + text[end:]


def _was_cut(shown: str, limit: int) -> bool:
    return shown.endswith(MARK) and len(shown) > limit // 2
