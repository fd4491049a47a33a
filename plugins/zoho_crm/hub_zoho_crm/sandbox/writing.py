"""Rows written one by one: created, updated, upserted, deleted, each with an outcome of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub_zoho_crm.sandbox.checking import Check, as_id
from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Json, Problem, bad_parameter, invalid, invalid_id, missing_key
from hub_zoho_crm.sandbox.records import Module, Record, User
from hub_zoho_crm.sandbox.shapes import Shapes

MOST_TAGS = 10
PROBABILITIES = {
    "Qualification": 10,
    "Needs Analysis": 20,
    "Value Proposition": 40,
    "Identify Decision Makers": 60,
    "Proposal/Price Quote": 75,
    "Negotiation/Review": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
    "Closed Lost to Competition": 0,
}
"""What Zoho sets the probability of a deal to when its stage is set."""


@dataclass
class Writer:
    """A user who writes to one module.

    Args:
        external: Of lookups given by an external field of their target: its name, by lookup.
        unless_modified_since: A record modified after this moment is refused with 412.
        in_process: Whether this is a transition of a blueprint, which may set the field it guards.
    """

    org: Org
    user: User
    module: Module
    external: dict[str, str] = field(default_factory=dict)
    unless_modified_since: datetime | None = None
    in_process: bool = False

    def __post_init__(self) -> None:
        self._told: dict[str, dict[str, Json]] = {}

    def announce(self) -> None:
        """Tell of everything written; once for a request."""
        for operation, affected in self._told.items():
            self.org.tell(self.module, operation, affected)
        self._told = {}

    def create(self, row: Json, path: str) -> Json:
        """The outcome of a new record."""
        try:
            return self._success(self._created(row, path), "record added")
        except Problem as problem:
            return problem.as_json()

    def update(self, record: Record | None, row: Json, path: str) -> Json:
        """The outcome of a changed record; fields that *row* lacks stay."""
        try:
            if record is None:
                raise invalid_id(api_name="id", json_path=f"{path}.id")
            self._updated(record, row, path)
            return self._success(record, "record updated")
        except Problem as problem:
            return problem.as_json()

    def upsert(self, row: Json, path: str, asked: Sequence[str]) -> Json:
        """The outcome of a record that is changed if one like it is there, and else new."""
        found, name = self._twin(row, asked)
        done = self.update(found, row, path) if found else self.create(row, path)
        if done["status"] == "error":
            return done
        return {"duplicate_field": name, "action": "update" if found else "insert", **done}

    def delete(self, record_id: str) -> Json:
        """The outcome of a record put into the recycle bin."""
        record = self.org.find(self.module.name, record_id)
        if not record:
            return invalid("record not deleted", id=record_id).as_json()
        self.org.remove(record, self.user.id)
        self._note("delete", record_id, {})
        return success("record deleted", {"id": record_id})

    def _note(self, operation: str, record_id: str, values: Json) -> None:
        self._told.setdefault(operation, {})[record_id] = values

    def _twin(self, row: Json, asked: Sequence[str]) -> tuple[Record | None, str | None]:
        """The record that *row* is about, by its id or by the fields that tell records apart."""
        if wanted := as_id(row.get("id")):
            return self.org.find(self.module.name, wanted), None
        uniques = [one.name for one in self.module.fields.values() if one.unique]
        for name in [*asked, *uniques] if asked else [*self.module.checked, *uniques]:
            if row.get(name) in (None, ""):
                continue
            if held := self._holder(name, row[name]):
                return held, name
        return None, None

    def _holder(self, name: str, value: Any) -> Record | None:
        if self.module.fields[name].unique:
            return self.org.holder(self.module.name, name, value)
        wanted = str(value).casefold()
        records = self.org.all(self.module.name).values()
        return next((one for one in records if str(one.values.get(name) or "").casefold() == wanted), None)

    def _created(self, row: Json, path: str) -> Record:
        missing = [one for one in self.module.fields.values() if one.mandatory and one.name not in row]
        if missing:
            raise missing_key(missing[0].name, f"{path}.{missing[0].name}")
        now = self.org.now()
        record = Record("", self.module.name, {}, now, now, self.user.id, self.user.id, now)
        se_module = self._se_module(record, row, path)
        values = self._values(row, path, se_module)
        self._refuse_duplicates(record, values, path)
        record.id = self.org.next_id()
        record.se_module = se_module
        record.values = {"Owner": self.user.id, **values}
        if "Case_Number" in self.module.fields:
            record.values["Case_Number"] = f"CASE{len(self.org.all('Cases')) + 1:06d}"
        self.org.save(record)
        self._note("insert", record.id, {})
        return record

    def _updated(self, record: Record, row: Json, path: str) -> None:
        limit = self.unless_modified_since
        if limit and record.modified > limit:
            message = "record updated time has already passed if-unmodified-since time"
            raise Problem(412, "ALREADY_MODIFIED", message, self.stamps(record))
        se_module = self._se_module(record, row, path)
        values = self._values(row, path, se_module)
        self._refuse_outside_process(record, values, path)
        self._refuse_duplicates(record, values, path)
        before = record.values
        record.values = {**before, **values}
        record.told = {name: value for name, value in record.told.items() if name not in values}
        record.se_module = se_module
        record.modified = record.active = self.org.now()
        record.modifier = self.user.id
        self.org.save(record)
        changed = [name for name, value in values.items() if before.get(name) != value]
        shapes = Shapes(self.org)
        self._note("update", record.id, {name: shapes.value(record, name) for name in changed})

    def _se_module(self, record: Record, row: Json, path: str) -> str:
        """The module of the lookup that names it beside: told within the lookup, beside it, or by its record."""
        if "Parent_Id" in self.module.fields:
            return self._parent_module(record, row, path)
        told = row.get("$se_module", record.se_module)
        if row.get("What_Id") and "What_Id" in self.module.fields and not told:
            raise missing_key("$se_module", f"{path}.$se_module")
        if told and told not in self.org.modules:
            raise invalid(api_name="$se_module", json_path=f"{path}.$se_module")
        return str(told)

    def _parent_module(self, record: Record, row: Json, path: str) -> str:
        parent = row.get("Parent_Id")
        inside = parent.get("module") if isinstance(parent, dict) else None
        name = inside.get("api_name") if isinstance(inside, dict) else inside
        told = name or row.get("$se_module") or row.get("se_module") or record.se_module
        if told not in self.org.modules:
            raise missing_key("module", f"{path}.Parent_Id.module")
        return str(told)

    def _values(self, row: Json, path: str, se_module: str) -> Json:
        check = Check(self.org, path, self.external, se_module)
        values = {one.name: check.value(one, row[one.name]) for one in self._written(row)}
        if "Tag" in row:
            values["Tag"] = self._tags(row["Tag"], path)
        if "Stage" in values and "Probability" not in values:
            values["Probability"] = PROBABILITIES.get(values["Stage"])
        if "Closed_Time" in self.module.fields and "Status" in values:
            values["Closed_Time"] = self.org.now() if values["Status"] == "Completed" else None
        return values

    def _written(self, row: Json) -> Iterator[Field]:
        """The fields that *row* sets; what the module has no field for, or keeps itself, Zoho passes over."""
        for name, one in self.module.fields.items():
            if name in row and not one.read_only and one.kind != "tag":
                yield one

    def _tags(self, given: Any, path: str) -> tuple[str, ...] | None:
        if not isinstance(given, list) or not all(isinstance(one, dict) and one.get("name") for one in given):
            raise invalid(expected_data_type="jsonarray", api_name="Tag", json_path=f"{path}.Tag")
        if len(given) > MOST_TAGS:
            raise invalid(maximum_length=MOST_TAGS, api_name="Tag", json_path=f"{path}.Tag")
        tags = [self.org.tag(self.module.name, str(one["name"]), one.get("color_code")) for one in given]
        return tuple(dict.fromkeys(one.id for one in tags)) or None

    def _refuse_outside_process(self, record: Record, values: Json, path: str) -> None:
        process = self.org.blueprints.get(self.module.name)
        if self.in_process or not process or not process.holds(record):
            return
        if values.get(process.field, record.values.get(process.field)) != record.values.get(process.field):
            details = {"api_name": process.field, "json_path": f"{path}.{process.field}"}
            raise Problem(400, "RECORD_IN_BLUEPRINT", "The record is in blue print", details)

    def _refuse_duplicates(self, record: Record, values: Json, path: str) -> None:
        for name, value in values.items():
            if value is None or not self.module.fields[name].unique:
                continue
            held = self.org.holder(self.module.name, name, value)
            if held and held.id != record.id:
                raise self._duplicate(held, name, path)

    def _duplicate(self, held: Record, name: str, path: str) -> Problem:
        owner = Shapes(self.org).user(held.values.get("Owner"))
        module = {"api_name": self.module.name, "id": self.module.id}
        details: Json = {
            "api_name": name,
            "json_path": f"{path}.{name}",
            "id": held.id,
            "duplicate_record": {"id": held.id, "Owner": owner, "module": module},
            "more_records": False,
        }
        return Problem(400, "DUPLICATE_DATA", "duplicate data", details)

    def _success(self, record: Record, message: str) -> Json:
        state = {} if self.module.name == "Notes" else {"$approval_state": "approved"}
        return success(message, self.stamps(record) | state)

    def stamps(self, record: Record) -> Json:
        """When and by whom *record* was made and changed."""
        shapes = Shapes(self.org)
        return {
            "Modified_Time": shapes.moment(record.modified),
            "Modified_By": shapes.user(record.modifier, email=False),
            "Created_Time": shapes.moment(record.created),
            "id": record.id,
            "Created_By": shapes.user(record.creator, email=False),
        }


def success(message: str, details: Json) -> Json:
    """A row that went well."""
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def checked_names(module: Module, asked: Any) -> list[str]:
    """The fields of `duplicate_check_fields`; 400 if the module lacks one."""
    if asked is None:
        return []
    if not isinstance(asked, list) or any(name not in module.fields for name in asked):
        raise bad_parameter("duplicate_check_fields")
    return [str(name) for name in asked]
