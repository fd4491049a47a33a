"""How Zoho shows things."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_zoho_crm.sandbox.fields import Field, described
from hub_zoho_crm.sandbox.org import Org, full_name
from hub_zoho_crm.sandbox.problems import Json
from hub_zoho_crm.sandbox.records import Attachment, Deleted, Module, Record, Tag
from hub_zoho_crm.sandbox.times import shown

_META: Json = {
    "$currency_symbol": "Rs.",
    "$field_states": None,
    "$review_process": {"approve": False, "reject": False, "resubmit": False},
    "$review": None,
    "$sharing_permission": "full_access",
    "$process_flow": False,
    "$locked_for_me": False,
    "$approval": {"delegate": False, "approve": False, "reject": False, "resubmit": False},
    "$approval_state": "approved",
    "$approved": True,
    "$wizard_connection_path": None,
    "$editable": True,
    "$in_merge": False,
    "$orchestration": False,
    "$pathfinder": False,
    "Locked__s": False,
    "Record_Status__s": "Available",
}
_NOTE_META: Json = {
    "$attachments": None,
    "$editable": True,
    "$is_shared_to_client": False,
    "$sharing_permission": "full_access",
    "$size": None,
    "$state": "save",
    "$voice_note": False,
}


@dataclass(frozen=True)
class Shapes:
    """The shapes of an organisation's API."""

    org: Org

    def moment(self, moment: datetime | None) -> str | None:
        """A time in the zone of the organisation."""
        return shown(moment, self.org.zone) if moment else None

    def user(self, user_id: str | None, *, email: bool = True) -> Json | None:
        """A person as records show them."""
        if not user_id:
            return None
        known = self.org.users.get(user_id)
        name = known.name if known else self.org.names.get(user_id, "")
        found = {"name": name, "id": user_id}
        return found | {"email": known.email} if known and known.email and email else found

    def record(self, record: Record, fields: Collection[str] | None = None) -> Json:
        """A record: all of it, or its id and *fields*."""
        module = self.org.modules[record.module]
        names = [*module.fields, *record.told] if fields is None else fields
        found = {name: self.value(record, name) for name in names if self._has(module, record, name)}
        if fields is None:
            found |= self._meta(module, record)
        if module.fields.get("What_Id") and record.se_module and (fields is None or "What_Id" in fields):
            found["$se_module"] = record.se_module
        return found | {"id": record.id}

    def _has(self, module: Module, record: Record, name: str) -> bool:
        return name in module.fields or name in record.told or name in _META

    def _meta(self, module: Module, record: Record) -> Json:
        if module.name == "Notes":
            return {**_NOTE_META, **record.told}
        return {**_META, "Layout": {"name": "Standard", "id": module.layout}, **record.told}

    def value(self, record: Record, name: str) -> Any:
        """One field of a record."""
        system = self._system(record, name)
        if system is not None:
            return system
        field = self.org.modules[record.module].fields.get(name)
        if field is None or (name in record.told and name not in record.values):
            return record.told.get(name, _META.get(name))
        return self.shown(record, field, record.values.get(name))

    def _system(self, record: Record, name: str) -> Any:
        match name:
            case "Created_By":
                return self.user(record.creator)
            case "Modified_By":
                return self.user(record.modifier)
            case "Created_Time":
                return self.moment(record.created)
            case "Modified_Time":
                return self.moment(record.modified)
            case "Last_Activity_Time":
                return self.moment(record.active or record.modified)
            case "Full_Name":
                return full_name(record)
            case "Expected_Revenue":
                return expected_revenue(record)
        return None

    def shown(self, record: Record, field: Field, value: Any) -> Any:
        """A stored *value* of *field*."""
        if field.kind == "tag":
            return [self.tag_of_record(self.org.tags[one]) for one in value or () if one in self.org.tags]
        if value is None:
            return False if field.kind == "boolean" else [] if field.kind == "multiselectpicklist" else None
        if field.kind == "lookup":
            return self.lookup(record, field, str(value))
        if field.kind == "ownerlookup":
            return self.user(str(value))
        if isinstance(value, datetime):
            return self.moment(value)
        return list(value) if isinstance(value, tuple) else value

    def lookup(self, record: Record, field: Field, target: str) -> Json | None:
        """What a lookup points to; None when that was deleted."""
        module = field.module or record.se_module
        name = self.org.name_of(module, target)
        if name is None:
            return None
        found: Json = {"name": name, "id": target}
        if field.name == "Parent_Id":
            known = self.org.modules.get(module)
            found["module"] = {"api_name": module, "id": known.id if known else ""}
        return found

    def tag_of_record(self, tag: Tag) -> Json:
        """A tag as a record shows it."""
        return {"name": tag.name, "id": tag.id, "color_code": tag.colour}

    def deleted(self, gone: Deleted) -> Json:
        """An entry of the list of deleted records."""
        kept = gone.record is not None
        return {
            "deleted_by": self.user(gone.by, email=False) if kept else None,
            "id": gone.id,
            "display_name": gone.title if kept else None,
            "type": "recycle" if kept else "permanent",
            "created_by": self.user(gone.creator, email=False) if kept else None,
            "deleted_time": self.moment(gone.at),
        }

    def attachment(self, one: Attachment) -> Json:
        """A file of a record."""
        who = self.user(one.owner)
        return {
            "Owner": who,
            "Modified_By": who,
            "Created_By": who,
            "Parent_Id": {"name": self.org.name_of(one.module, one.parent) or "", "id": one.parent},
            "$sharing_permission": "full_access",
            "$attachment_type": 1 if one.link else 0,
            "id": one.id,
            "Modified_Time": self.moment(one.created),
            "Created_Time": self.moment(one.created),
            "File_Name": one.name,
            "Size": str(one.size),
            "$editable": True,
            "$file_id": f"{int(one.id):032x}",
            "$type": "Link URL" if one.link else "Attachment",
            "$se_module": one.module,
            "$state": "save",
            "$link_url": one.link or None,
        }

    def field(self, module: Module, field: Field) -> Json:
        """The description of a field."""
        target = self.org.modules.get(field.module)
        layouts = [{"name": "Standard", "id": module.layout, "api_name": "Standard"}]
        number = [*module.fields].index(field.name) + 1
        found = described(field, number, target.id if target else "", layouts)
        return found | {"associated_module": None, "display_field": field.name == module.title}


def expected_revenue(record: Record) -> float | None:
    """The computed revenue of a deal: its amount, by its probability."""
    amount, probability = record.values.get("Amount"), record.values.get("Probability")
    return None if amount is None or probability is None else float(amount) * float(probability) / 100
