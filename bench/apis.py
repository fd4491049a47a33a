"""What a call to Jira Cloud, Trello or Zoho CRM is for, and which of them their APIs make unavoidable.

Facts: developer.atlassian.com/cloud/jira/platform/rest/v3 ("Bulk create issues", "Bulk fetch issues", "Edit issue",
"Transition issue"), developer.atlassian.com/cloud/trello/rest ("Create a new Card", "Batch Requests"),
www.zoho.com/crm/developer/docs/api/v8 ("Insert Records", "Update Records", "Get Records", "Add Tags").
"""

from collections import Counter
from dataclasses import dataclass

V3, V8 = "/rest/api/3", "/crm/v8"


@dataclass(frozen=True)
class Api:
    """What the operations of a service are for; reads that are not named here look up what can be chosen there.

    Args:
        looks: Reads of records.
        reads: Reads that are called by POST.
        seldom: What a run asks only now and then.
    """

    looks: frozenset[str]
    reads: frozenset[str] = frozenset()
    seldom: frozenset[str] = frozenset()

    def is_write(self, call: str) -> bool:
        """Whether a call changes a record."""
        return not call.startswith("GET ") and call not in self.reads | self.seldom

    def writes(self, calls: Counter[str]) -> int:
        """How many of *calls* change a record."""
        return sum(n for call, n in calls.items() if self.is_write(call))

    def regular(self, calls: Counter[str]) -> Counter[str]:
        """Those of *calls* that do not only come now and then."""
        return Counter({call: n for call, n in calls.items() if call not in self.seldom})


_FOUND = frozenset({f"POST {V3}/search/jql", f"POST {V3}/issue/bulkfetch"})
APIS = {
    "jira": Api(_FOUND, reads=_FOUND),
    "trello": Api(frozenset({"GET /1/batch"})),
    "zoho": Api(
        frozenset({f"GET {V8}/{{module_api_name}}"}),
        seldom=frozenset({"POST /oauth/v2/token", f"GET {V8}/{{module_api_name}}/deleted"}),
    ),
}
_WHO = "whose account it is, or where it leads"
WHY = {
    f"POST {V3}/issue/bulk": "50 issues a call",
    f"PUT {V3}/issue/{{issueIdOrKey}}": "an issue a call",
    f"POST {V3}/issue/{{issueIdOrKey}}/transitions": "a status is no field: a transition a call",
    f"POST {V3}/search/jql": "poll: a page of 100 issues",
    f"GET {V3}/myself": _WHO,
    f"GET {V3}/project/{{projectIdOrKey}}": _WHO,
    "POST /1/cards": "a card a call",
    "PUT /1/cards/{id}": "a card a call",
    "POST /1/labels": "a label of the board",
    "GET /1/batch": "ten reads a call: whose account it is and where it leads; poll: what was done on the board since",
    "GET /1/members/{id}": _WHO,
    "GET /1/boards/{id}": _WHO,
    f"GET {V8}/org": _WHO,
    f"GET {V8}/users": _WHO,
    f"POST {V8}/{{module_api_name}}": "100 records a call",
    f"PUT {V8}/{{module_api_name}}": "100 records a call",
    f"PUT {V8}/{{module_api_name}}/{{id}}": "a record a call, refused if it changed; above 10 of them, 100 a call",
    f"GET {V8}/{{module_api_name}}": "poll: a page of 200 records",
    f"GET {V8}/{{module_api_name}}/deleted": "poll: what was deleted, now and then",
    f"POST {V8}/{{module_api_name}}/actions/add_tags": "tags are no field: 100 records a call",
    f"POST {V8}/{{module_api_name}}/actions/remove_tags": "tags are no field: 100 records a call",
}
"""How much a call carries at most, or what it is for."""


def why(call: str) -> str:
    """What a call is for, or how much it carries at most."""
    return WHY.get(call, "what can be chosen there")
