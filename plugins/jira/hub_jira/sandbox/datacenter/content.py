"""What a new Data Center site holds that a Cloud site does not: people with login names, and epic links."""

from dataclasses import replace

from hub_jira.sandbox.fields import Field, custom_fields, epic_fields
from hub_jira.sandbox.records import Account


def _person(key: str, username: str, name: str, *, zone: str = "UTC", admin: bool = False) -> Account:
    """Someone whose password and token can be told from the login name."""
    email, token, password = (f"{username}{end}" for end in ("@acme.example", "-pat", "-password"))
    return Account(key, name, email, token, time_zone=zone, admin=admin, username=username, password=password)


def accounts() -> list[Account]:
    """The hub's own account, people in several time zones, and one who has left.

    Keys differ from login names, but for accounts made before Jira 8.4, whose first login name is their key for ever.
    """
    return [
        _person("JIRAUSER10000", "hub", "Requirement Hub", admin=True),
        _person("JIRAUSER10101", "ana", "Ana Lima", zone="America/Sao_Paulo"),
        _person("JIRAUSER10102", "li.wei", "李伟", zone="Asia/Shanghai"),
        _person("mnovak", "mia", "Mia Novak", zone="America/New_York"),
        Account("JIRAUSER10104", "Old Colleague", "old@acme.example", active=False, username="ocolleague"),
    ]


def fields() -> list[Field]:
    """The custom fields of a Data Center site."""
    custom = [replace(one, items="string") if one.kind == "sprint" else one for one in custom_fields()]
    return [*epic_fields(), *custom]
