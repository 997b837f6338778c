"""Addresses that exist only once somebody publishes the site: settings, empty until then."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

#: The table in pyproject.toml, and the environment variable that overrides each of its keys.
TABLE = "how-ketamine-works"
VARIABLES = {"repository": "KB_REPOSITORY", "site": "KB_SITE"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Web addresses without a slash at the end; empty where nothing is published."""

    repository: str = ""
    site: str = ""


def load(root: Path | None = None) -> Settings:
    """The settings of the project at ``root`` (this project when None), as overridden from the environment.

    :raises ValueError: when an address does not begin with ``https://``.
    """
    file = (root or Path(__file__).parents[2]) / "pyproject.toml"
    given = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get(TABLE, {}) if file.is_file() else {}
    found = {key: str(os.environ.get(variable, given.get(key, ""))).strip().rstrip("/") for key, variable in VARIABLES.items()}
    for key, address in found.items():
        if address and not address.startswith("https://"):
            raise ValueError(f"{key} is {address!r}; an address begins with https://")
    return Settings(**found)
