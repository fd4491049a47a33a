"""Drafts for tests of looking for what was made."""

from collections.abc import Iterable

from hub.sdk.records import Draft


def marked(markers: Iterable[str]) -> list[Draft]:
    """A draft without fields for each of *markers*."""
    return [Draft(marker, {}) for marker in markers]
