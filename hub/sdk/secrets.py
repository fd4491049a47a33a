"""Secrets in a configuration: named, never written out."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

FOLDER = "folder"
"""By this name the validation context gives the folder (a Path) in which a relative `{ file = … }` begins."""
WITHOUT = "without_secrets"
"""By this name the validation context says that a secret which is not to be found may be left empty."""


class SecretAbsent(ValueError):
    """A secret is named well, and not to be found."""


def read_secret(given: Any, folder: Path | None = None) -> Any:
    """The secret that `{ env = … }`, `{ file = … }` or `{ keyring = "SERVICE/USER" }` names.

    Args:
        folder: Where a relative file begins; the current folder if it is not given.

    Raises:
        SecretAbsent: It is not to be found.
        ValueError: It is written out, or named in another way. Both in words for a person.
    """
    if isinstance(given, SecretStr):
        return given
    if not isinstance(given, dict) or len(given) != 1:
        raise ValueError(
            'a secret is never written here: use { env = "NAME" }, { file = "PATH" } or { keyring = "SERVICE/USER" }'
        )
    ((kind, name),) = given.items()
    match kind, name:
        case "env", str():
            return _from_environment(name)
        case "file", str():
            return _from_file(name, folder or Path())
        case "keyring", str():
            return _from_keyring(name)
    raise ValueError(f"{kind!r} is no place for a secret: use env, file or keyring")


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SecretAbsent(f"the environment variable {name} is not set")
    return value


def _from_file(name: str, folder: Path) -> str:
    file = folder / name
    try:
        file = folder / Path(name).expanduser()
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:  # RuntimeError: nobody has that home
        raise SecretAbsent(f"the secret file {file} cannot be read: {type(error).__name__}") from None
    if not value:
        raise SecretAbsent(f"the secret file {file} is empty")
    return value


def _from_keyring(name: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an optional part
    except ImportError:
        raise SecretAbsent("keyring is not installed: pip install requirement-hub[keyring]") from None
    service, _, user = name.partition("/")
    value = keyring.get_password(service, user)
    if not value:
        raise SecretAbsent(f"the keyring has nothing for {service!r} and {user!r}")
    return value


def _validated(given: Any, info: ValidationInfo) -> Any:
    context = info.context or {}
    try:
        return read_secret(given, context.get(FOLDER))
    except SecretAbsent:
        if context.get(WITHOUT):
            return SecretStr("")
        raise


Secret = Annotated[SecretStr, BeforeValidator(_validated)]
"""A field of a connection's configuration that holds a secret."""
