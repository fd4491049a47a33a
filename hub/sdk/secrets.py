"""Secrets in a configuration: named, never written out."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr


def read_secret(given: Any) -> Any:
    """The secret that `{ env = … }`, `{ file = … }` or `{ keyring = "SERVICE/USER" }` names.

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
    reader = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}.get(kind)
    if reader is None or not isinstance(name, str):
        raise ValueError(f"{kind!r} is no place for a secret: use env, file or keyring")
    return reader(name)


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ValueError(f"the environment variable {name} is not set")
    return value


def _from_file(name: str) -> str:
    try:
        value = Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the secret file {name} cannot be read: {type(error).__name__}") from None
    if not value:
        raise ValueError(f"the secret file {name} is empty")
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


Secret = Annotated[SecretStr, BeforeValidator(read_secret)]
"""A field of a connection's configuration that holds a secret."""
