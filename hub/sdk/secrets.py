"""Secrets in a configuration: named, never written out."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

FOLDER = "folder"
"""By this name the validation context gives the folder (a Path) in which a relative `{ file = … }` begins."""


def read_secret(given: Any, folder: Path | None = None) -> Any:
    """The secret that `{ env = … }`, `{ file = … }` or `{ keyring = "SERVICE/USER" }` names.

    Args:
        folder: Where a relative file begins; the current folder if it is not given.

    Raises:
        ValueError: In words for a person, if it is written out, not set, or named in another way.
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
        raise ValueError(f"the environment variable {name} is not set")
    return value


def _from_file(name: str, folder: Path) -> str:
    file = folder / name
    try:
        file = folder / Path(name).expanduser()
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:  # RuntimeError: nobody has that home
        raise ValueError(f"the secret file {file} cannot be read: {type(error).__name__}") from None
    if not value:
        raise ValueError(f"the secret file {file} is empty")
    return value


def _from_keyring(name: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an optional part
    except ImportError:
        raise ValueError("keyring is not installed: pip install requirement-hub[keyring]") from None
    service, _, user = name.partition("/")
    value = keyring.get_password(service, user)
    if not value:
        raise ValueError(f"the keyring has nothing for {service!r} and {user!r}")
    return value


def _validated(given: Any, info: ValidationInfo) -> Any:
    return read_secret(given, (info.context or {}).get(FOLDER))


Secret = Annotated[SecretStr, BeforeValidator(_validated)]
"""A field of a connection's configuration that holds a secret."""
