"""Where the services' own descriptions differ from the services: one table for each, and whoever listens by them.

An entry is a pattern of the complaint, and the reason why it is no fault of ours. `test_specs` fails on an entry that the
hub's own traffic never needs; `test_independent_clients` does so for those that only clients of others need.
"""

import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Scope

from hub.testing.openapi import OpenApi, Recorder
from plugins.zoho_crm.tests import zoho_spec

SPECS = Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[3] / "shared") / "specs"

JIRA = {
    r'is not a \\?"date-time\\?"': "Jira writes offsets without a colon",
    r"(from|fromString|to|toString): null is not of type": "histories hold null for an empty side",
    r": (429|5\d\d): this status is not described": "any call may be refused for its haste, and any may fail",
}
TRELLO = {
    r"query (filter|limit|before|since|fields|attachments|attachment_fields|actions|memberCreator_fields|member|checklists) is not a": (
        "nested-resource parameters work everywhere, and are described on a few operations only"
    ),
    "path id: .* does not match": "boards and cards are known by their short links too",
    "query (due|start): ": "instants are written with their time, null clears them",
    "query attachments: ": "described as a text that is a truth value, which nothing can be",
    "query fields: ": "a comma list of field names, described as one name or as the whole object",
    "query idMembers: ": "the whole list of ids, described as one id",
    "query idLabels: ": "the whole list of ids, described as one id",
    r'(due|start|date|dateLast\w+): ".*" is not a "date"': "moments come with time and zone",
    "softLimit: null": "null where there is none, as in every export",
    r"labels/\d+: \{": "whole labels, described as ids",
    r": [45]\d\d: this status is not described, only 200": "no failure is described",
}
JIRA_STRANGERS = {
    r"body transition/id: \d+ is not of type": "a client of others gives the id of a transition as a number, which Jira takes",
}
TRELLO_STRANGERS = {
    r"no such operation: GET /1/boards/\w+/cards/$": "py-trello ends the path with a slash",
    r"no such operation: PUT /1/cards/\w+/(name|desc|idList|closed)$": "single fields have addresses of their own",
    "query customFieldItems is not a": "nested-resource parameters work everywhere",
    "POST /cards: query (desc|idCardSource|keepFromSource|urlSource): null": "py-trello sends null for what is not given",
    r"answer (descData|idOrganization|limits): null": "null where there is none",
    r"memberCreator/(avatarHash|avatarUrl): null": "members without a picture",
    r"prefs/(backgroundImage|backgroundImageScaled): null": "boards with a plain colour have no picture",
    r'prefs/background: "': "a plain colour is named, not given by id",
    r'prefs/permissionLevel: "private"': "private boards exist",
}


JIRA_FAMILIES = {
    r"no such operation: GET /_media/": "files come from another host, which the sandbox is as well",
}
TRELLO_FAMILIES = {
    r"query (customFieldItems|customFields|checklist_fields|checkItem\w*) is not a": (
        "nested-resource parameters work everywhere"
    ),
    r"answer (\d+/)?(limits|memberCreator/avatar\w+): null": "null where there is none",
    r"attachments: 200: answer \{.* is not of type \"array\"": "one attachment, described as a list of them",
    r"bytes: \d+ is not of types": "a size is a number, described as text",
}
"""What tasks, comments and files bring."""


class BatchRecorder(Recorder):
    """Holds the reads inside a batch against the description too, and what each was answered with."""

    def _check_request(self, scope: Scope, body: bytes) -> None:
        super()._check_request(scope, body)
        for path, query in _inside(scope):
            self.problems += self._openapi.check_request("GET", path, query, [], b"")

    def _check_answer(self, scope: Scope, answered: Sequence[Message]) -> None:
        super()._check_answer(scope, answered)
        parts = list(_inside(scope))
        body = b"".join(message.get("body", b"") for message in answered)
        if not parts or not answered or answered[0]["status"] != 200:
            return
        for (path, _), part in zip(parts, json.loads(body), strict=True):
            (status, data), *_ = part.items()
            shown = json.dumps(data).encode()
            kind = [("content-type", "application/json" if status == "200" else "text/plain")]
            self.problems += self._openapi.check_answer("GET", path, int(status), kind, shown)


def _inside(scope: Scope) -> list[tuple[str, list[tuple[str, str]]]]:
    """The reads of a batch: path and query; none for any other call."""
    if not scope["path"].endswith("/batch"):
        return []
    asked = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    addresses = (each.partition("?") for each in asked.get("urls", "").split(","))
    return [(f"/1{path}", parse_qsl(query, keep_blank_values=True)) for path, _, query in addresses]


def described(service: str, *, strangers: bool = False, families: bool = False) -> OpenApi | None:
    """A service's own description with its known faults; None where the schemas are not beside the project."""
    return _read(service, strangers, families) if (SPECS / f"{service}.openapi.json").is_file() else None


@functools.cache
def _read(service: str, strangers: bool, families: bool) -> OpenApi:
    own = {"jira": JIRA, "trello": TRELLO}[service]
    foreign = {"jira": JIRA_STRANGERS, "trello": TRELLO_STRANGERS}[service]
    children = {"jira": JIRA_FAMILIES, "trello": TRELLO_FAMILIES}[service]
    allow = {**own, **(foreign if strangers else {}), **(children if families else {})}
    return OpenApi(SPECS / f"{service}.openapi.json", allow=allow, fields_in_body=service == "trello")


def _zoho() -> OpenApi | None:
    """Zoho's description has faults of its own kind; they are told beside its connector."""
    return zoho_spec.described() if zoho_spec.SPEC.is_file() else None


def listening(service: str, app: ASGIApp, *, strangers: bool = False, families: bool = False) -> Recorder | None:
    """*app* with somebody who holds every request and answer against the description; None where there is none."""
    openapi = described(service, strangers=strangers, families=families) if service != "zoho_crm" else _zoho()
    if openapi is None:
        return None
    return BatchRecorder(app, openapi) if service == "trello" else Recorder(app, openapi)
