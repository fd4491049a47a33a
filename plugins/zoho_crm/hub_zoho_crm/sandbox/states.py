"""Everything an organisation holds, in one document."""

from collections.abc import Iterable

from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Json
from hub_zoho_crm.sandbox.records import Record
from hub_zoho_crm.sandbox.shapes import Shapes


def everything(org: Org) -> Json:
    """Users, modules with fields, records and deleted ones by module, files, tags and channels."""
    shapes = Shapes(org)
    users = [
        {"id": one.id, "full_name": one.name, "email": one.email, "active": one.active} for one in org.users.values()
    ]
    modules = [
        {"api_name": one.name, "id": one.id, "fields": [shapes.field(one, field) for field in one.fields.values()]}
        for one in org.modules.values()
    ]
    tags = [{**shapes.tag_of_record(one), "module": one.module} for one in org.tags.values()]
    channels = [{**one, "until": shapes.moment(one["until"])} for one in org.channels.values()]
    return {
        "users": users,
        "modules": modules,
        "records": {name: [shapes.record(one) for one in _in_order(org.all(name).values())] for name in org.modules},
        "deleted": {name: [shapes.deleted(one) for one in org.deleted_of(name)] for name in org.modules},
        "attachments": [shapes.attachment(one) for one in org.attachments.values()],
        "tags": tags,
        "channels": channels,
    }


def _in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda one: int(one.id))
