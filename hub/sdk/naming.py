"""Settings that name a field of the service, so that `hub check --live` can look whether there is such a field."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel


class _Named(str):
    """A text that was given as the name of a field."""

    __slots__ = ()


FieldName = Annotated[str, AfterValidator(_Named)]
"""The name of a field of the service, as a value or a key of a connector's settings; an empty one names none."""


def named_fields(settings: Any, where: str) -> Iterator[tuple[str, str]]:
    """Where in validated *settings* each field is named, and its name; *where* is where they stand themselves."""
    if isinstance(settings, _Named):
        if settings:
            yield where, str(settings)
    elif isinstance(settings, BaseModel):
        for name in type(settings).model_fields:
            yield from named_fields(getattr(settings, name), f"{where}.{name}")
    elif isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from named_fields(key, f"{where}.{key}")
            yield from named_fields(value, f"{where}.{key}")
    elif isinstance(settings, list | tuple):
        for each in settings:
            yield from named_fields(each, where)
