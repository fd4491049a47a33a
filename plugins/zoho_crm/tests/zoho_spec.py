"""Zoho's own description of its API, made usable, and where it differs from what the service is known to do."""

import functools
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hub.testing.openapi import OpenApi

SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
SPEC = SHARED / "specs" / "zoho_crm.openapi.json"
KNOWN_FAULTS = {
    r"Notes/\{id\}: query (page|per_page|type) is not": "Notes/deleted is a list, taken for a note called deleted",
    r"no such operation: POST /oauth/v2/token": "the accounts server has no description",
    r"Note_(Title|Content): null": "notes without a title or a text have none",
    r": body .* is a required property": "bodies are described by the schemas of answers, every property required",
    r"channel_id: \"\d+\" is not of type \"object\"": "a channel's id is a number, in recorded answers as text",
    r"does not match \"(www|\[a-z0-9\])": "patterns were made from one example: an address, an e-mail",
    r"query (ids|fields|attachmentUrl|module) is required": "one of several ways to call, or left out on purpose",
    r"takes no body but was given one": "files are uploaded as forms, which is told in words only",
    r"(settings|users|modules).* is a required property": "recorded descriptions of fields, modules, people lack these",
    r"(settings|users).*: null is not of type": "recorded descriptions of fields, modules, people hold null there",
    r"time_zone: \"Asia/Kolkata\" is not of types": "recorded people have the name of their zone",
    r"Notes: 200: answer data/\d+: .* is a required property": "a list gives the fields asked for, no others",
    r"Attachments: 200: answer data/\d+: .* is a required property": "a list gives the fields asked for, no others",
    r"DELETE .*Notes.*details: .* is a required property": "recorded answers to a deletion tell the id only",
    r"answer info/(next_page_token|previous_page_token|page_token_expiry): null": "recorded answers hold null",
    r"answer data/\d+/\$(attachments|size): null": "examples of the service's pages hold null",
    r"\"notification_condition\" is a required property": "recorded subscriptions lack it",
    r"blueprint.*: \"\d{18}\" is not of types \"null\", \"integer\"": "ids are texts everywhere else",
    r"answer blueprint: .* is a required property": "the wrapper of the request is used for the answer",
    r"actions/blueprint: 400: ": "properties of every other refusal are required of each",
    r"GET /crm/v8/users/\{user\}: 400": "the refusal is described for the list of users only",
}


@functools.cache
def described() -> OpenApi:
    """The description, with its known faults let pass."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zoho.json"
        path.write_text(json.dumps(widened(json.loads(SPEC.read_text()))))
        return OpenApi(path, allow=KNOWN_FAULTS)


def widened(spec: Any) -> Any:
    """The description, made usable.

    Where it names alternatives, several fit: their properties are optional, and all the same. Where an operation has
    one described answer, for 200, that holds for failures too, while the service's own pages tell of other statuses;
    what some describe for 202, a failed row, is answered with 400.
    """
    if isinstance(spec, list):
        return [widened(one) for one in spec]
    if not isinstance(spec, dict):
        return spec
    found = {{"oneOf": "anyOf"}.get(name, name): widened(one) for name, one in spec.items()}
    answers = found.get("responses")
    if isinstance(answers, dict) and "operationId" in found:
        usual = next(answers[status] for status in ("200", "201") if status in answers)
        failed = answers.get("202", usual)
        others = {"200": usual, "201": usual, "207": usual, "400": failed, "412": failed}
        found["responses"] = {**others, **answers, "204": NOTHING, "304": NOTHING}
    return found


NOTHING = {"description": "without a body"}
