"""Faults on disk: one line of JSON each while a build runs, and a SARIF 2.1.0 report at its end."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from ketamine_kb import messages
from ketamine_kb.messages import Code, Fault

#: The version and the schema of the report.
SARIF, SCHEMA = "2.1.0", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TOOL = "how-ketamine-works"


def append(path: Path, fault: Fault) -> None:
    """Add one fault to a file of them."""
    data = {name: getattr(fault, name) for name in ("path", "line", "column", "found", "expected", "nearest", "run")}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**data, "code": fault.code.value}, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Fault]:
    """The faults of such a file, in the order of their places; none when there is no file."""
    if not path.exists():
        return []
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    return sorted(Fault(**{**row, "code": Code(row["code"])}) for row in rows)


@cache
def meanings() -> dict[Code, str]:
    """What each code means, as the closed list says it below each name."""
    tree = ast.parse(Path(messages.__file__).read_text(encoding="utf-8"))
    body = next(part.body for part in tree.body if isinstance(part, ast.ClassDef) and part.name == "Code")
    found: dict[Code, str] = {}
    for name, said in pairwise(body):
        if (
            isinstance(name, ast.Assign)
            and isinstance(name.targets[0], ast.Name)
            and isinstance(said, ast.Expr)
            and isinstance(said.value, ast.Constant)
        ):
            found[Code[name.targets[0].id]] = " ".join(str(said.value.value).split())
    return found


def sarif(faults: Iterable[Fault]) -> dict[str, object]:
    """A SARIF log with one run: a rule for each code that occurs, a result for each fault."""
    listed = sorted(faults)
    codes = sorted({fault.code for fault in listed}, key=lambda code: code.value)
    rules = [
        {"id": code.value, "shortDescription": {"text": meanings().get(code, code.value)}, "defaultConfiguration": {"level": "error"}}
        for code in codes
    ]
    results = [
        {
            "ruleId": fault.code.value,
            "ruleIndex": codes.index(fault.code),
            "level": "error",
            "message": {"text": _message(fault)},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": quote(fault.path), "uriBaseId": "%SRCROOT%"}, **_region(fault)}}
            ],
        }
        for fault in listed
    ]
    driver = {"name": TOOL, "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": SARIF,
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def write(path: Path, faults: Sequence[Fault]) -> None:
    """Write the report, whole or not at all; a clean run leaves an empty list of results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(sarif(faults), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)


def annotation(fault: Fault) -> str:
    """The line that makes GitHub Actions show a fault beside the changed line."""

    def value(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")

    place = f"file={value(fault.path)}" + (f",line={fault.line}" if fault.line else "") + (f",col={fault.column}" if fault.column else "")
    words = _message(fault).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error {place},title={value(fault.code.value)}::{words}"


def on_github() -> bool:
    """True in a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _message(fault: Fault) -> str:
    near = f" - did you mean {fault.nearest!r}?" if fault.nearest else ""
    return f"{fault.found} - expected {fault.expected}{near} - run: {fault.run}"


def _region(fault: Fault) -> dict[str, object]:
    if not fault.line:
        return {}
    return {"region": {"startLine": fault.line, **({"startColumn": fault.column} if fault.column else {})}}
