"""New objects with every field that today's API always shows; also what fills the gaps of old exports."""

import re
from typing import Any
from urllib.parse import quote

from hub_trello.sandbox.ids import created, instant
from hub_trello.sandbox.validation import COLORS
from hub_trello.sandbox.world import WEB, Json

LABEL_NAMES = dict.fromkeys(sorted(COLORS), "")


def slug(text: str) -> str:
    """The readable end of a web address."""
    return quote(re.sub(r"[^\w]+", "-", text.lower()).strip("-")[:60])


def initials(full_name: str) -> str:
    """`Ana Lima` is `AL`."""
    return "".join(word[0] for word in full_name.split()[:4]).upper()


def member(identifier: str, full_name: str, username: str, **more: Any) -> Json:
    """A member as others see it; `email` is there only for the member itself."""
    return {
        "id": identifier,
        "aaId": None,
        "activityBlocked": False,
        "avatarHash": None,
        "avatarUrl": None,
        "bio": "",
        "bioData": {"emoji": {}},
        "confirmed": True,
        "fullName": full_name,
        "idEnterprise": None,
        "idEnterprisesDeactivated": [],
        "idMemberReferrer": None,
        "idPremOrgsAdmin": [],
        "initials": initials(full_name),
        "memberType": "normal",
        "nonPublic": {},
        "nonPublicAvailable": False,
        "products": [],
        "url": f"{WEB}/{username}",
        "username": username,
        "status": "disconnected",
    } | more


def preferences(**more: Any) -> Json:
    """A board's preferences."""
    return {
        "permissionLevel": "private",
        "hideVotes": False,
        "voting": "disabled",
        "comments": "members",
        "invitations": "members",
        "selfJoin": True,
        "cardCovers": True,
        "isTemplate": False,
        "cardAging": "regular",
        "calendarFeedEnabled": False,
        "background": "blue",
        "backgroundColor": "#0079BF",
        "backgroundImage": None,
        "backgroundImageScaled": None,
        "backgroundTile": False,
        "backgroundBrightness": "dark",
        "backgroundBottomColor": "#0079BF",
        "backgroundTopColor": "#0079BF",
        "canBePublic": True,
        "canBeEnterprise": True,
        "canBeOrg": True,
        "canBePrivate": True,
        "canInvite": True,
    } | more


def board(identifier: str, name: str, short_link: str, **more: Any) -> Json:
    """An open board without members."""
    return {
        "id": identifier,
        "name": name,
        "desc": "",
        "descData": None,
        "closed": False,
        "idMemberCreator": None,
        "idOrganization": None,
        "idEnterprise": None,
        "pinned": False,
        "starred": False,
        "subscribed": False,
        "url": f"{WEB}/b/{short_link}/{slug(name)}",
        "shortUrl": f"{WEB}/b/{short_link}",
        "shortLink": short_link,
        "prefs": preferences(),
        "labelNames": dict(LABEL_NAMES),
        "memberships": [],
        "powerUps": [],
        "idTags": [],
        "datePluginDisable": None,
        "creationMethod": None,
        "templateGallery": None,
        "enterpriseOwned": False,
        "dateLastActivity": instant(created(identifier)),
        "dateLastView": None,
        "limits": board_limits(),
    } | more


def board_limits() -> Json:
    """Limits of a board as they were seen in 2020; `status` is always ok here."""
    return {
        "attachments": {"perBoard": limit(36000), "perCard": limit(1000)},
        "cards": {"openPerBoard": limit(5000), "totalPerBoard": limit(2000000)},
        "checklists": {"perBoard": limit(2000000), "perCard": limit(500)},
        "checkItems": {"perChecklist": limit(200)},
        "customFields": {"perBoard": limit(50)},
        "labels": {"perBoard": limit(1000)},
        "lists": {"openPerBoard": limit(500), "totalPerBoard": limit(3000)},
    }


def limit(disable_at: int) -> Json:
    """One limit, far away."""
    return {"status": "ok", "disableAt": disable_at, "warnAt": disable_at * 9 // 10}


def lst(identifier: str, board_id: str, name: str, pos: float, **more: Any) -> Json:
    """An open list."""
    return {
        "id": identifier,
        "name": name,
        "closed": False,
        "color": None,
        "idBoard": board_id,
        "pos": pos,
        "subscribed": False,
        "softLimit": None,
    } | more


def label(identifier: str, board_id: str, name: str, color: str | None) -> Json:
    """A label."""
    return {"id": identifier, "idBoard": board_id, "name": name, "color": color}


def card(identifier: str, short_link: str, *, board_id: str, list_id: str, short_id: int, **more: Any) -> Json:
    """An open, empty card."""
    return {
        "id": identifier,
        "address": None,
        "attachments": [],
        "cardRole": None,
        "closed": False,
        "coordinates": None,
        "cover": cover(),
        "creationMethod": None,
        "customFieldItems": [],
        "dateLastActivity": instant(created(identifier)),
        "desc": "",
        "due": None,
        "dueComplete": False,
        "dueReminder": None,
        "email": None,
        "idAttachmentCover": None,
        "idBoard": board_id,
        "idChecklists": [],
        "idLabels": [],
        "idList": list_id,
        "idMembers": [],
        "idMembersVoted": [],
        "idShort": short_id,
        "isTemplate": False,
        "locationName": None,
        "manualCoverAttachment": False,
        "mirrorSourceId": None,
        "name": "",
        "pluginData": [],
        "pos": 65535.0,
        "shortLink": short_link,
        "start": None,
        "subscribed": False,
    } | more


def cover() -> Json:
    """No cover."""
    return {
        "idAttachment": None,
        "color": None,
        "idUploadedBackground": None,
        "size": "normal",
        "brightness": "dark",
        "idPlugin": None,
    }


def checklist(identifier: str, card_of: Json, name: str, pos: float) -> Json:
    """A checklist without items."""
    ids = {"idBoard": card_of["idBoard"], "idCard": card_of["id"]}
    return {"id": identifier, "name": name, **ids, "pos": pos, "checkItems": []}


def check_item(identifier: str, checklist_id: str, name: str, pos: float, **more: Any) -> Json:
    """An open item of a checklist."""
    return {
        "id": identifier,
        "name": name,
        "nameData": {"emoji": {}},
        "pos": pos,
        "state": "incomplete",
        "due": None,
        "dueReminder": None,
        "idMember": None,
        "idChecklist": checklist_id,
    } | more


def attachment(identifier: str, member_id: str, name: str, url: str, **more: Any) -> Json:
    """A link; uploads differ in `isUpload`, `bytes`, `mimeType` and `fileName`."""
    return {
        "id": identifier,
        "bytes": None,
        "date": instant(created(identifier)),
        "edgeColor": None,
        "idMember": member_id,
        "isUpload": False,
        "mimeType": "",
        "name": name,
        "previews": [],
        "url": url,
        "pos": 16384.0,
        "fileName": None,
    } | more


def membership(identifier: str, member_id: str, kind: str = "normal") -> Json:
    """A member's tie to a board."""
    return {
        "id": identifier,
        "idMember": member_id,
        "memberType": kind,
        "unconfirmed": False,
        "deactivated": False,
    }
