"""Addresses that exist only once somebody publishes the site: settings, empty until then."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Faulty, Project, here

#: The table in pyproject.toml, and the environment variable that overrides each of its keys.
TABLE = "how-ketamine-works"
VARIABLES = {"repository": "KB_REPOSITORY", "site": "KB_SITE"}
FILE = "pyproject.toml"
#: Longest address that is taken, in characters.
LONGEST = 200
#: Host, port and folders; no name and password, query or place on a page, because pages are added behind it.
_ADDRESS = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_EXPECTED = "an address such as https://example.org/folder, or empty text"


@dataclass(frozen=True, slots=True)
class Settings:
    """Web addresses without a slash at the end; empty where nothing is published."""

    repository: str = ""
    site: str = ""

    @property
    def base(self) -> str:
        """The path of the site on its host with a slash at both ends, such as ``/folder/``; ``""`` where nothing is published."""
        if not self.site:
            return ""
        _, _, path = self.site.removeprefix("https://").partition("/")
        return f"/{path}/" if path else "/"


def load(root: Path | None = None) -> Settings:
    """The settings of the project at ``root`` (this project when None), as overridden from the environment.

    :raises Faulty: when the table cannot be read, or an address is not one.
    """
    project = Project(root) if root else here()
    text = project.read(project.root / FILE) if (project.root / FILE).is_file() else ""
    try:
        table = tomllib.loads(text).get("tool", {}).get(TABLE, {})
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        found = str(error).split(" (at ")[0].lower()
        raise Faulty([Fault(FILE, line, column, Code.SETTINGS, found, "valid TOML")]) from error
    if not isinstance(table, dict):
        raise Faulty([Fault(FILE, _line(text, TABLE), 0, Code.SETTINGS, f"{TABLE} that is not a table", f"a table [tool.{TABLE}]")])
    faults = [
        Fault(FILE, _line(text, key), 0, Code.SETTINGS, f"unknown key {key!r}", "one of " + ", ".join(VARIABLES), nearest(key, VARIABLES))
        for key in table
        if key not in VARIABLES
    ]
    found_values: dict[str, str] = {}
    for key, variable in VARIABLES.items():
        given = os.environ.get(variable)
        path, line = (variable, 0) if given is not None else (FILE, _line(text, key))
        value = given if given is not None else table.get(key, "")
        address = value.strip().rstrip("/") if isinstance(value, str) else None
        if address is None or len(address) > LONGEST or (address and not _ADDRESS.fullmatch(address)):
            faults.append(Fault(path, line, 0, Code.SETTINGS, f"{key} {str(value)[:LONGEST]!r}", _EXPECTED))
        else:
            found_values[key] = address
    if faults:
        raise Faulty(faults)
    return Settings(**found_values)


def check(project: Project) -> list[Fault]:
    """What is wrong with the settings of a project."""
    try:
        load(project.root)
    except Faulty as error:
        return error.faults
    return []


def _line(text: str, key: str) -> int:
    """The line of a key in the table of settings, or of the table itself; 0 when there is none."""
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines, 1) if line.strip().startswith(f"[tool.{TABLE}")]
    if not heads:
        return 0
    for number, line in enumerate(lines[heads[0] :], heads[0] + 1):
        if line.strip().startswith("["):
            break
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return heads[0]
