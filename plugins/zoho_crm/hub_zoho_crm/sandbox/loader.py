"""Answers of the service taken in: records, notes, files, deleted ones, fields, modules, users, tags."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hub_zoho_crm.sandbox.catalogue import KEPT
from hub_zoho_crm.sandbox.fields import NO_VALUE, Field
from hub_zoho_crm.sandbox.guessing import module_of_fields, module_of_rows
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Json
from hub_zoho_crm.sandbox.records import Attachment, Deleted, Module, Record, User
from hub_zoho_crm.sandbox.taking import moment_of, person, take

TAKEN = "records (data), fields, modules, users or tags"
_SHOWN_ANYWAY = frozenset({"Created_Time", "Modified_Time", "Created_By", "Modified_By", "Last_Activity_Time", "id"})


def load(org: Org, document: Any) -> None:
    """Take an answer in, or a list of answers, or a list of records; a record that is here already is replaced.

    Raises:
        ValueError: Says what could not be taken; of a single answer nothing is taken then.
    """
    if isinstance(document, list):
        _load_list(org, document)
        return
    if not isinstance(document, dict):
        raise ValueError(f"An export is a JSON object with {TAKEN}, not {type(document).__name__}.")  # noqa: TRY004
    if "id" in document:
        document = {"data": [document]}
    names = [name for name in _LOADERS if isinstance(document.get(name), list)]
    if not names:
        found = ", ".join(sorted(map(str, document))) or "nothing"
        raise ValueError(f"This answer holds {found}; what can be loaded is {TAKEN}.")
    for name in sorted(names, key=[*_LOADERS].index):
        _LOADERS[name](org, document, _rows(name, document[name]))


def _load_list(org: Org, documents: list[Any]) -> None:
    if documents and all(isinstance(one, dict) and "id" in one for one in documents):
        load(org, {"data": documents})
        return
    for one in documents:
        load(org, one)


def _rows(name: str, rows: list[Any]) -> list[Json]:
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"'{name}' of this answer is not a list of objects.")
    if any({"code", "status"} <= row.keys() for row in rows):
        raise ValueError(f"'{name}' of this answer tells how a write went; it holds no {name} to load.")
    return rows


def _load_fields(org: Org, document: Json, rows: list[Json]) -> None:
    if not all({"api_name", "data_type"} <= row.keys() for row in rows):
        raise ValueError("'fields' of this answer does not describe fields: they lack 'api_name' or 'data_type'.")
    name = _told_module(document) or module_of_fields(org, rows)
    if not name:
        raise ValueError("Of which module these fields are cannot be told; name it as 'module' beside 'fields'.")
    module = org.add_module(name, name.rstrip("s"), "Name", [_field(row) for row in rows], custom=False)
    for record in org.all(name).values():
        for one in [one for one in record.told if one in module.fields]:
            take(org, record, module.fields[one], record.told.pop(one))
        org.save(record)


def _told_module(document: Json) -> str | None:
    told = document.get("module")
    name = told.get("api_name") if isinstance(told, dict) else told
    return str(name) if name else None


def _field(row: Json) -> Field:
    lookup = row.get("lookup") or {}
    target = lookup.get("module") or {}
    values = [one.get("actual_value") or one.get("display_value") for one in row.get("pick_list_values") or ()]
    operations = row.get("operation_type") or {}
    kept = row["api_name"] in _SHOWN_ANYWAY
    return Field(
        name=str(row["api_name"]),
        label=str(row.get("field_label") or row.get("display_label") or row["api_name"]),
        kind=str(row["data_type"]),
        length=int(row.get("length") or 0),
        values=tuple(str(one) for one in values if one and one != NO_VALUE),
        module=str((target.get("api_name") if isinstance(target, dict) else target) or ""),
        mandatory=bool(row.get("system_mandatory")),
        unique=bool(row.get("unique")),
        external=bool(row.get("external")),
        custom=bool(row.get("custom_field")),
        system=kept or (operations.get("api_create") is False and operations.get("api_update") is False),
        id=str(row.get("id") or ""),
    )


def _load_modules(org: Org, _document: Json, rows: list[Json]) -> None:
    if not all(row.get("api_name") for row in rows):
        raise ValueError("'modules' of this answer does not describe modules: they lack 'api_name'.")
    for row in rows:
        name = str(row["api_name"])
        singular = str(row.get("singular_label") or name)
        custom = row.get("generated_type") == "custom"
        module = org.modules.get(name) or _new_module(org, name, singular, custom=custom)
        module.told = {**row, "id": module.id}


def _new_module(org: Org, name: str, singular: str, *, custom: bool) -> Module:
    title = Field("Name", f"{singular} Name", length=120)
    return org.add_module(name, singular, "Name", [title, *KEPT], custom=custom)


def _load_users(org: Org, _document: Json, rows: list[Json]) -> None:
    if not all(row.get("id") and (row.get("full_name") or row.get("last_name")) for row in rows):
        raise ValueError("'users' of this answer are no users of the organisation: they lack 'id' or a name.")
    for row in rows:
        name = str(row.get("full_name") or row["last_name"])
        profile = (row.get("profile") or {}).get("name")
        active, admin = row.get("status", "active") == "active", profile == "Administrator"
        email = str(row.get("email") or "")
        known = org.users.get(str(row["id"])) or User(str(row["id"]), name, email)
        org.users[known.id] = replace(known, name=name, email=email, active=active, admin=admin, told=row)


def _load_tags(org: Org, document: Json, rows: list[Json]) -> None:
    name = _told_module(document)
    if not name or name not in org.modules:
        raise ValueError("Of which module these tags are cannot be told; name it as 'module' beside 'tags'.")
    for row in rows:
        org.tag(name, str(row.get("name")), row.get("color_code"))


def _load_data(org: Org, document: Json, rows: list[Json]) -> None:
    lacking = [number for number, row in enumerate(rows) if not row.get("id")]
    if lacking:
        raise ValueError(f"Rows {', '.join(map(str, lacking))} of 'data' have no id, so they are no records.")
    for kind, found in _by_kind(rows).items():
        _LOADERS_OF_ROWS[kind](org, document, found)


def _by_kind(rows: Sequence[Json]) -> dict[str, list[Json]]:
    """Rows apart: deleted ones, files, and records; each module that rows name for itself."""
    found: dict[str, list[Json]] = {}
    for row in rows:
        kind = "deleted" if "deleted_time" in row else "files" if "File_Name" in row else "records"
        found.setdefault(kind, []).append(row)
    return found


def _load_records(org: Org, document: Json, rows: list[Json]) -> None:
    name = _told_module(document) or module_of_rows(org, rows)
    if not name:
        keys = ", ".join(sorted({key for row in rows for key in row}))
        raise ValueError(f"Of which module records with {keys} are cannot be told; name it as 'module' beside 'data'.")
    module = org.modules.get(name) or _new_module(org, name, name.rstrip("s"), custom=False)
    records = [_record(org, module, row) for row in rows]
    for record in records:
        org.deleted.pop(record.id, None)
        org.save(record)


def _record(org: Org, module: Module, row: Json) -> Record:
    created = moment_of(row.get("Created_Time")) or org.now()
    creator = person(org, row.get("Created_By") or row.get("Owner"))
    record = Record(
        id=str(row["id"]),
        module=module.name,
        values={},
        created=created,
        modified=moment_of(row.get("Modified_Time")) or created,
        creator=creator,
        modifier=person(org, row.get("Modified_By")) if row.get("Modified_By") else creator,
        active=moment_of(row.get("Last_Activity_Time")),
        se_module=_se_module(org, row),
    )
    for name, value in _kept(row):
        field = module.fields.get(name)
        if field:
            take(org, record, field, value)
        else:
            record.told[name] = value
    return record


def _kept(row: Json) -> Iterator[tuple[str, Any]]:
    """What is stored of a row; columns of queries that are no fields are not."""
    for name, value in row.items():
        if name not in _SHOWN_ANYWAY and name != "$se_module" and re.fullmatch(r"[\w$]+", name):
            yield name, value


def _se_module(org: Org, row: Json) -> str:
    """The module that a note or a task points to."""
    parent = row.get("Parent_Id") or row.get("What_Id")
    inside = parent.get("module") if isinstance(parent, dict) else None
    told = inside.get("api_name") if isinstance(inside, dict) else inside
    target = str(parent.get("id") or "") if isinstance(parent, dict) else ""
    return str(told or row.get("$se_module") or row.get("se_module") or org.module_of(target))


def _load_files(org: Org, _document: Json, rows: list[Json]) -> None:
    lacking = [str(row.get("File_Name")) for row in rows if not (row.get("Parent_Id") or {}).get("id")]
    if lacking:
        raise ValueError(f"Of which records the files {', '.join(lacking)} are is not told: 'Parent_Id' is empty.")
    for row in rows:
        parent = str(row["Parent_Id"]["id"])
        module = str(row.get("$se_module") or org.module_of(parent))
        created = moment_of(row.get("Created_Time")) or org.now()
        size, link = int(row.get("Size") or 0), str(row.get("$link_url") or "")
        owner, name = person(org, row.get("Owner")), str(row["File_Name"])
        one = Attachment(str(row["id"]), parent, module, name, size, created, owner, link=link)
        org.attachments[one.id] = one


def _load_deleted(org: Org, document: Json, rows: list[Json]) -> None:
    name = _told_module(document)
    if not name or name not in org.modules:
        raise ValueError("Of which module these deleted records are cannot be told; name it as 'module' beside 'data'.")
    for row in rows:
        at, number = moment_of(row["deleted_time"]) or org.now(), str(row["id"])
        by, creator = person(org, row.get("deleted_by")), person(org, row.get("created_by"))
        title = str(row.get("display_name") or "")
        values = {org.modules[name].title: title}
        kept = Record(number, name, values, at, at, creator, by) if row.get("type") == "recycle" else None
        org.deleted[number] = Deleted(number, name, title, by, creator, at, kept)


Loader = Callable[[Org, Json, list[Json]], None]
_LOADERS_OF_ROWS: dict[str, Loader] = {"records": _load_records, "files": _load_files, "deleted": _load_deleted}
_LOADERS: dict[str, Loader] = {
    "users": _load_users,
    "modules": _load_modules,
    "fields": _load_fields,
    "tags": _load_tags,
    "data": _load_data,
}
