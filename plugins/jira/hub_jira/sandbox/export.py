"""Which parts of a document are issues, and which documents are no export of issues at all."""

from typing import Any

from hub_jira.sandbox.records import Json


def issues_of(document: Any) -> list[Json]:
    """The issues of a search answer, a queue of a service desk, a list, or of one issue.

    Raises:
        ValueError: In a sentence for a person, if the document is something else.
    """
    if isinstance(document, dict):
        return _of_object(document)
    if isinstance(document, list):
        if document and all(_is_issue(one) for one in document):
            return document
        raise ValueError("This list holds no Jira issues; load a search answer, one issue, or a list of issues.")
    raise ValueError("This is no Jira export; load a search answer, one issue, or a list of issues.")


def _of_object(document: Json) -> list[Json]:
    if _is_issue(document):
        return [document]
    if "comments" in document:
        raise ValueError("This is a page of comments without its issue; load the issue, whose export has them.")
    for part in ("issues", "values"):
        found = document.get(part)
        if isinstance(found, list) and all(_is_issue(one) for one in found) and (found or part == "issues"):
            return found
    if "issues" in document:
        raise ValueError("These issues come without their fields; ask the search for fields=*all and load that answer.")
    raise ValueError("This holds no Jira issues; load a search answer, one issue, or a list of issues.")


def _is_issue(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("fields"), dict) and "-" in str(value.get("key", ""))
