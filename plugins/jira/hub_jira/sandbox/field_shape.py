"""A field as the API describes it to those who want to set it."""

from typing import Any

from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.issue_shape import shown_option
from hub_jira.sandbox.records import Json, Option, Project
from hub_jira.sandbox.shapes import Shapes


def described(shapes: Shapes, project: Project, field: Field, *, required: bool) -> Json:
    """`FieldMetadata`: how a field may be set, with the values to choose from."""
    body: Json = {
        "required": required,
        "schema": field.schema,
        "name": field.name,
        ("fieldId" if shapes.site.is_server else "key"): field.id,
        "hasDefaultValue": field.id in {"priority", "reporter"},
        "operations": field.operations,
    }
    if field.kind in {"user", "users"}:
        body["autoCompleteUrl"] = shapes.link(f"user/search?{'username' if shapes.site.is_server else 'query'}=")
    choices = allowed_values(shapes, project, field)
    return body | ({"allowedValues": choices} if choices is not None else {})


def allowed_values(shapes: Shapes, project: Project, field: Field) -> list[Any] | None:
    """The values to choose from, None for a field without a list of them."""
    site = shapes.site
    match field.kind:
        case "priority":
            return [shapes.priority(one) for one in site.priorities.values()]
        case "resolution":
            return [shapes.resolution(one) for one in site.resolutions.values()]
        case "issuetype":
            return [shapes.type(site.types[one]) for one in project.types]
        case "project":
            return [shapes.project(project)]
        case "version" | "versions":
            return [shapes.project_version(one) for one in site.versions.values() if one.project == project.id]
        case "option" | "options":
            return [shown_option(shapes, one) for one in field.options]
        case "cascade":
            return [_branch(shapes, field, one) for one in field.options if one.parent is None]
        case _:
            return None


def _branch(shapes: Shapes, field: Field, option: Option) -> Json:
    children = [shown_option(shapes, one) for one in field.options if one.parent == option.id]
    return shown_option(shapes, option) | {"children": children}
