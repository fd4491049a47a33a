"""Atlassian Document Format (ADF) and Markdown, each from the other.

Jira Cloud keeps rich text as ADF, a JSON tree of nodes with attributes and marks, many of which Markdown cannot
say. `get` shows a document as Markdown, `put` brings edited Markdown back into the document it was shown from and
keeps everything that was not edited.
"""

from hub_jira.adf.lens import get, put
from hub_jira.adf.plain import from_plain, plain

__all__ = ["from_plain", "get", "plain", "put"]
