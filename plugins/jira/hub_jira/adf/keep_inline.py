"""Edited inline content, with the nodes and marks that Markdown has no word for put back where their text still is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hub_jira.adf.alignment import Run, align
from hub_jira.adf.nodes import MARKDOWN_MARKS, Node, attr, kind, marks_of, same
from hub_jira.adf.phrases import Marks, marks_shown, piece_of
from hub_jira.adf.read_inline import InlineReader
from hub_jira.adf.show_inline import show_inline

_WORD = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)


class _Line:
    """Inline nodes as one string, with the node each letter belongs to."""

    def __init__(self, nodes: Sequence[Any]) -> None:
        self.nodes = list(nodes)
        self.owner: list[int] = []
        self.starts: list[int] = []
        parts = []
        for at, node in enumerate(self.nodes):
            piece = piece_of(node)
            text = "\n" if piece.breaks else piece.text
            self.starts.append(len(self.owner))
            self.owner += [at] * len(text)
            parts.append(text)
        self.text = "".join(parts)


def keep_inline(old: Sequence[Any], new: Sequence[Node]) -> list[Node]:
    """*new* with what Markdown could not show of *old* put back."""
    was, now = _Line(old), _Line(new)
    return _Weaver(was, now).woven()


def _matches(old: str, new: str) -> dict[int, int]:
    """For each letter of *new* that was there before, its place in *old*."""
    return {
        run.new_start + step: run.old_start + step
        for run in _runs(old, new)
        if run.kept
        for step in range(run.old_stop - run.old_start)
    }


def _runs(old: str, new: str) -> list[Run]:
    """The two texts aligned by words, in letters."""
    old_words, new_words = _WORD.findall(old), _WORD.findall(new)
    old_at, new_at = _offsets(old_words), _offsets(new_words)
    return [
        Run(run.kept, old_at[run.old_start], old_at[run.old_stop], new_at[run.new_start], new_at[run.new_stop])
        for run in align(old_words, new_words)
    ]


def _offsets(words: list[str]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def _shown_marks(line: _Line) -> list[Marks]:
    """The marks each letter shows: fewer than it has where emphasis could not be written."""
    marks = [marks_shown(line.nodes[owner]) for owner in line.owner]
    if not any(mark.strong or mark.em or mark.strike for mark in marks):
        return marks
    read = InlineReader().pieces(show_inline(line.nodes))
    text = "".join("\n" if piece.breaks else piece.text for piece in read)
    there = [piece.marks for piece in read for _ in range(1 if piece.breaks else len(piece.text))]
    for at, place in _matches(text, line.text).items():
        marks[at] = there[place]
    return marks


class _Weaver:
    """Makes the nodes for one line."""

    def __init__(self, was: _Line, now: _Line) -> None:
        self._was, self._now = was, now
        self._matches: dict[int, int] = {}
        self._sources: list[int | None] = []
        for run in _runs(was.text, now.text):
            self._take(run)
        self._shown = _shown_marks(was)
        self._styles: dict[tuple[int, int | None, bool], Node] = {}

    def woven(self) -> list[Node]:
        out: list[Node] = []
        at = 0
        while at < len(self._now.text):
            back = self._node_back(at)
            if back is not None:
                node, length = back
                out.append(node)
            elif kind(self._now.nodes[self._now.owner[at]]) != "text":
                node, length = self._now.nodes[self._now.owner[at]], 1
                out.append(node)
            else:
                length = 1
                self._add_letter(out, at)
            at += length
        return out

    def _node_back(self, at: int) -> tuple[Node, int] | None:
        """The old node whose whole text begins here, unless its text is gone in part or marked otherwise now."""
        place = self._matches.get(at)
        if place is None:
            return None
        number = self._was.owner[place]
        node = self._was.nodes[number]
        if kind(node) == "text" or self._was.starts[number] != place:
            return None
        piece = piece_of(node)
        length = 1 if piece.breaks else len(piece.text)
        for step in range(length):
            owner = self._now.nodes[self._now.owner[at + step]] if at + step < len(self._now.owner) else None
            if self._matches.get(at + step) != place + step or marks_shown(owner) != piece.marks:
                return None
        return node, length

    def _take(self, run: Run) -> None:
        """Note for each new letter its old place, and the old text node it is, or takes the place of."""
        length = run.new_stop - run.new_start
        if run.kept:
            self._matches.update({run.new_start + step: run.old_start + step for step in range(length)})
            self._sources += [self._text_owner(at) for at in range(run.old_start, run.old_stop)]
            return
        first, last = run.old_start, run.old_stop - 1
        if first > last:  # put in between: it belongs to a node only if it was put into the middle of it
            first, last = last, first
        inside = first >= 0 and last < len(self._was.owner) and self._was.owner[first] == self._was.owner[last]
        self._sources += [self._text_owner(first) if inside else None] * length

    def _text_owner(self, place: int) -> int | None:
        number = self._was.owner[place]
        return number if kind(self._was.nodes[number]) == "text" else None

    def _add_letter(self, out: list[Node], at: int) -> None:
        place = self._matches.get(at)
        new = self._now.nodes[self._now.owner[at]]
        untouched = place is not None and marks_shown(new) == self._shown[place]
        key = (self._now.owner[at], self._sources[at], untouched)
        style = self._styles.get(key)
        if style is None:
            source = None if key[1] is None else self._was.nodes[key[1]]
            style = self._styles[key] = _style_of(source) if untouched and source else _style(source, new)
        letter = self._now.text[at]
        if out and kind(out[-1]) == "text" and _style_of(out[-1]) == style:
            out[-1]["text"] += letter
        else:
            out.append({"type": "text", "text": letter, **style})


def _style_of(node: Node) -> Node:
    return {key: value for key, value in node.items() if key not in {"type", "text"}}


def _style(old: Any, new: Node) -> Node:
    """All of a text node but its text: the marks of *new*, and of *old* those that Markdown does not govern."""
    extra = {key: value for key, value in _style_of(old).items() if key != "marks"} if isinstance(old, dict) else {}
    marks = [mark for mark in marks_of(old) if _stays(mark, old, new)]
    names = {kind(mark) for mark in marks}
    marks += [mark for mark in marks_of(new) if kind(mark) not in names]
    return {**extra, "marks": marks} if marks else extra


def _stays(mark: Any, old: Any, new: Node) -> bool:
    name = kind(mark)
    if name == "link":
        return any(kind(other) == "link" and attr(other, "href") == attr(mark, "href") for other in marks_of(new))
    if name in MARKDOWN_MARKS:
        return any(same(mark, other) for other in marks_of(new))
    has_code = any(kind(other) == "code" for other in marks_of(new))
    return not has_code or name == "annotation" or any(kind(other) == "code" for other in marks_of(old))
