"""Files that come as `multipart/form-data` (RFC 7578)."""

import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from hub_zoho_crm.sandbox.problems import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form; *filename* is "" for fields that are no files."""

    name: str
    filename: str
    media_type: str
    data: bytes


def read(content_type: str, body: bytes) -> list[Part]:
    """The parts of *body*; 415 if it is no such form."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", "content type is not multipart/form-data")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    return [_part(piece.removeprefix(b"\r\n")) for piece in pieces if not piece.startswith(b"--")]


def _part(piece: bytes) -> Part:
    head, _, data = piece.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode(errors="replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    told = headers.get("content-disposition", "")
    quoted = dict(re.findall(r'(\w+)="([^"]*)"', told))
    wide = re.search(r"filename\*=utf-8''([^;]*)", told, re.IGNORECASE)
    filename = unquote(wide[1]) if wide else quoted.get("filename", "")
    media_type = headers.get("content-type", "application/octet-stream")
    return Part(quoted.get("name", ""), filename.replace("%22", '"'), media_type, data)
