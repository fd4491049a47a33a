"""Three-way merge, rules and holds: what follows from what the copies show. Pure: no I/O, no clock, no logging."""

from hub.reconcile.adopting import Adoption, adopt, meet
from hub.reconcile.disclosure import CLIENT_SEES, OPEN, Disclosure
from hub.reconcile.facts import (
    Binding,
    Blocked,
    Contender,
    Event,
    Hold,
    Mappings,
    Observation,
    Reconciliation,
    Unmet,
)
from hub.reconcile.owing import Debt, debt, differs, draft, last_shown, owes, stands_for, unlike
from hub.reconcile.rebasing import remapped, written
from hub.reconcile.reconciling import reconcile
from hub.reconcile.routing import STEERING, Route, Where, steers
from hub.reconcile.rules import Ask, Clash, Rule, Rules, Take, parse_rule

__all__ = [
    "CLIENT_SEES",
    "OPEN",
    "STEERING",
    "Adoption",
    "Ask",
    "Binding",
    "Blocked",
    "Clash",
    "Contender",
    "Debt",
    "Disclosure",
    "Event",
    "Hold",
    "Mappings",
    "Observation",
    "Reconciliation",
    "Route",
    "Rule",
    "Rules",
    "Take",
    "Unmet",
    "Where",
    "adopt",
    "debt",
    "differs",
    "draft",
    "last_shown",
    "meet",
    "owes",
    "parse_rule",
    "reconcile",
    "remapped",
    "stands_for",
    "steers",
    "unlike",
    "written",
]
