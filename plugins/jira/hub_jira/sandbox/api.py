"""The operations of each edition."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.routing import BaseRoute, Route

from hub_jira.sandbox import (
    routes_attachments,
    routes_comments,
    routes_hooks,
    routes_issues,
    routes_links,
    routes_projects,
    routes_properties,
    routes_search,
    routes_users,
)
from hub_jira.sandbox.datacenter import routes_files, routes_people
from hub_jira.sandbox.datacenter import routes_issues as server_issues
from hub_jira.sandbox.datacenter import routes_search as server_search
from hub_jira.sandbox.datacenter.refusals import absent, dead_link
from hub_jira.sandbox.http import SERVER_VERSIONS, VERSIONS, Endpoint
from hub_jira.sandbox.site import Site

_SHARED = (
    routes_search,
    routes_issues,
    routes_comments,
    routes_properties,
    routes_attachments,
    routes_links,
    routes_projects,
    routes_users,
    routes_hooks,
)
_SERVER = (server_search, server_issues, routes_files, routes_people)


def cloud() -> list[Endpoint]:
    """The operations of Cloud."""
    return [endpoint for module in _SHARED for endpoint in module.ENDPOINTS]


def datacenter() -> list[Endpoint]:
    """The operations of Data Center: those of Cloud, each as it is there, and its own."""
    found = {
        (one.method, one.path): replace(one, handler=absent, login=False) if one.cloud_only else one for one in cloud()
    }
    own = {(one.method, one.path): one for module in _SERVER for one in module.ENDPOINTS}
    return list((found | own).values())


def routes(site: Site) -> Sequence[BaseRoute]:
    """The API of the edition of *site*, in every version that it has."""
    endpoints, names = (datacenter(), SERVER_VERSIONS) if site.is_server else (cloud(), VERSIONS)
    first = next(iter(names))
    found: list[BaseRoute] = [
        endpoint.route(site, name) for name in names for endpoint in endpoints if endpoint.is_versioned or name == first
    ]
    if site.is_server:
        methods = ["GET", "POST", "PUT", "DELETE"]
        found.append(Route("/rest/api/3/{rest:path}", dead_link, methods=methods))
    return found
