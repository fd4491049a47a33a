"""Frozen data at the price of plain data."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A dataclass with slots to which nothing is ever assigned, of those that are made by the hundred thousand.

    The type checker sees to that: a dataclass that refuses assignments itself takes five times as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
