"""What an organisation has from the start: its people and its modules."""

from hub_zoho_crm.sandbox import catalogue
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.records import User

BOT = User(
    id="554023000000101001",
    name="Hub Integration",
    email="hub@acme.example",
    refresh_token="1000.hub-refresh-token",  # noqa: S106 - of an imitation
    access_token="1000.hub-access-token",  # noqa: S106 - of an imitation
)
ANA = User(
    id="554023000000101011",
    name="Ana Braun",
    email="ana@acme.example",
    refresh_token="1000.ana-refresh-token",  # noqa: S106 - of an imitation
    access_token="1000.ana-access-token",  # noqa: S106 - of an imitation
)
RAVI = User(
    id="554023000000101021",
    name="Ravi Kumar",
    email="ravi@acme.example",
    refresh_token="1000.ravi-refresh-token",  # noqa: S106 - of an imitation
    access_token="1000.ravi-access-token",  # noqa: S106 - of an imitation
    admin=False,
)
GONE = User(id="554023000000101031", name="Former Colleague", email="former@acme.example", active=False, admin=False)
PEOPLE = (BOT, ANA, RAVI, GONE)


def fill(org: Org) -> None:
    """Add the people, and the modules with their fields."""
    org.users = {user.id: user for user in PEOPLE}
    for name, singular, title, fields, checked in catalogue.MODULES:
        custom = name == "Requirements"
        module = org.add_module(name, singular, title, [*fields, *catalogue.KEPT], custom=custom)
        module.checked = checked
