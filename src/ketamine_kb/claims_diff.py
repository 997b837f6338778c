"""``python -m ketamine_kb.claims_diff [BASE]``: what a change makes the site say, and with which evidence.

Both states are read from their sources by the same loader; nothing is built.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ketamine_kb.checks import claims as shown_claims
from ketamine_kb.diagrams import arrows, describe
from ketamine_kb.evidence import load
from ketamine_kb.evidence.model import Claim, Knowledge
from ketamine_kb.messages import Code, Fault, summary
from ketamine_kb.project import Faulty, Project, here

RUN = "nox -s claims-diff -- BASE"
#: Folders that hold what the site says.
PARTS = ("docs", "diagrams", "evidence")
#: Branches that a change is compared with when none is named.
USUAL = ("origin/main", "main", "origin/master", "master")
#: Largest state that is read, in bytes, and longest report in characters (a summary on GitHub ends at 1 MiB).
MOST_BYTES, MOST_CHARACTERS = 200_000_000, 900_000
#: Seconds that git may take.
PATIENCE = 120
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~@])")


@dataclass(frozen=True, slots=True)
class State:
    """What the site says at one commit.

    :param pages: names of the pages and diagrams that show each claim.
    :param lines: the sentence of each line of each diagram, with the claim behind it.
    """

    facts: Knowledge
    pages: dict[str, frozenset[str]]
    lines: dict[str, list[tuple[str, str]]]


@dataclass
class Difference:
    """What one state says and the other does not; every list is in a fixed order."""

    base: str
    added: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    diagram_lines: list[dict[str, str]] = field(default_factory=list)
    trials: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether both states say the same."""
        return not any(value for name, value in asdict(self).items() if name != "base")


def read(project: Project) -> State:
    """What the sources of a project say.

    :raises Faulty: when they cannot be read.
    """
    facts = load.load(project)
    pages = {
        identifier: frozenset(place.rpartition(":")[0] for place in places) for identifier, places in shown_claims.places(project).items()
    }
    lines: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(project.diagrams.glob("*.mmd")):
        diagram = arrows.read(project.read(path), project.relative(path), facts.claims)
        lines[project.relative(path)] = [
            (describe.step(diagram.graph, arrow), arrow.claim.id if arrow.claim else "") for arrow in diagram.arrows
        ]
    return State(facts, pages, lines)


def compare(base: str, old: State, new: State) -> Difference:
    """Everything that differs.

    :param base: the name of the old state.
    """
    result = Difference(base)
    before, after = old.facts.claims, new.facts.claims
    chapter = {key: name for facts in (old.facts, new.facts) for name, keys in facts.chapters.items() for key in keys}
    result.added = [{"chapter": chapter[key], **_claim(after[key])} for key in sorted(after.keys() - before.keys())]
    for key in sorted(before.keys() - after.keys()):
        retired = new.facts.retired.get(key)
        fate = {"reason": retired.reason, "instead": retired.instead} if retired else {"reason": None, "instead": None}
        result.removed.append({"chapter": chapter[key], "id": key, "statement": before[key].statement, "retired": bool(retired), **fate})
    for key in sorted(before.keys() & after.keys()):
        if changes := _changes(before[key], after[key]):
            result.changed.append({"id": key, "changes": changes})
    for name in sorted(old.lines.keys() | new.lines.keys()):
        was, now = old.lines.get(name, []), new.lines.get(name, [])
        for change, mine, others in (("removed", was, now), ("added", now, was)):
            fresh = [item for item in mine if item not in others]
            result.diagram_lines += [{"diagram": name, "change": change, "line": line, "claim": claim} for line, claim in fresh]
    result.trials = _tables(*({item.id: item.model_dump() for item in state.facts.trials} for state in (old, new)))
    result.sources = _tables(*({key: item.model_dump() for key, item in state.facts.sources.items()} for state in (old, new)))
    result.statements = _tables(*({item.id: item.model_dump() for item in state.facts.statements} for state in (old, new)))
    shown_before, shown_after = _by_page(old), _by_page(new)
    for page in sorted(shown_before.keys() | shown_after.keys()):
        was_shown, is_shown = shown_before.get(page, set()), shown_after.get(page, set())
        shows, drops = is_shown - was_shown, was_shown - is_shown
        if shows or drops:
            result.pages.append({"page": page, "shows": sorted(shows), "no_longer_shows": sorted(drops)})
    return result


def _by_page(state: State) -> dict[str, set[str]]:
    pages: dict[str, set[str]] = {}
    for identifier, shown in state.pages.items():
        for page in shown:
            pages.setdefault(page, set()).add(identifier)
    return pages


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "statement": claim.statement,
        "certainty": claim.certainty,
        "shown_in": list(claim.shown_in),
        "evidence": [{"source": item.source, "relation": item.relation, "finding": item.finding} for item in claim.evidence],
    }


def _changes(old: Claim, new: Claim) -> list[dict[str, str]]:
    """Each field that differs, with both values; findings one by one."""
    found = [
        {"field": name, "before": _words(getattr(old, name)), "after": _words(getattr(new, name))}
        for name in ("kind", "statement", "plain", "certainty", "shown_in")
        if getattr(old, name) != getattr(new, name)
    ]
    was, now = [_finding(item) for item in old.evidence], [_finding(item) for item in new.evidence]
    found += [{"field": "finding", "before": words, "after": ""} for words in was if words not in now]
    return found + [{"field": "finding", "before": "", "after": words} for words in now if words not in was]


def _finding(item: Any) -> str:
    return f"{item.source} {item.relation} ({', '.join(item.shown_in)}): {item.finding}"


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _tables(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that came, went or changed, with each value that differs."""
    rows: list[dict[str, Any]] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in old or key not in new:
            rows.append({"id": key, "change": "removed" if key in old else "added", "values": []})
        elif old[key] != new[key]:
            was, now = dict(_flat(old[key])), dict(_flat(new[key]))
            names = [name for name in [*was, *(name for name in now if name not in was)] if was.get(name) != now.get(name)]
            values = [{"value": name, "before": was.get(name, ""), "after": now.get(name, "")} for name in names]
            rows.append({"id": key, "change": "changed", "values": values})
    return rows


def _flat(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """Every value in nested data, by its path; parts of a list by their own name where they have one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name} {key}".strip())
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            named = [str(item[key]) for key in ("name", "id", "of") if item.get(key)] if isinstance(item, dict) else []
            yield from _flat(item, f"{name} {named[0] if named else number}".strip())
    elif value is not None:
        yield name, str(value)


def markdown(diff: Difference) -> str:
    """The difference for people, to stand in a pull request."""
    lines = ["# What this change makes the site say", ""]
    if diff.nothing:
        return "\n".join([*lines, f"Nothing new: claims, diagrams, trials and sources are as at {_safe(diff.base)}.", ""])
    lines += [f"Compared with {_safe(diff.base)}: " + _counts(diff) + ".", ""]
    if diff.added:
        lines += ["## Claims added", ""]
        for claim in diff.added:
            known = f"{claim['chapter']}; {claim['certainty']}; shown in {', '.join(claim['shown_in'])}"
            lines.append(f"- **{_safe(claim['id'])}** ({known}): {_safe(claim['statement'])}")
            lines += [f"  - {_safe(item['source'])} {item['relation']}: {_safe(item['finding'])}" for item in claim["evidence"]]
        lines.append("")
    if diff.changed:
        lines += ["## Claims changed", ""]
        for changed in diff.changed:
            lines.append(f"- **{_safe(changed['id'])}**")
            lines += [f"  - {_change(item['field'], item['before'], item['after'])}" for item in changed["changes"]]
        lines.append("")
    if diff.removed:
        lines += ["## Claims retired or removed", ""]
        for gone in diff.removed:
            fate = "retired" if gone["retired"] else "removed without being retired"
            instead = f" Now: {_safe(gone['instead'])}." if gone["instead"] else ""
            reason = f" Reason: {_safe(gone['reason'])}" if gone["reason"] else ""
            lines.append(f"- **{_safe(gone['id'])}**, {fate}: {_safe(gone['statement'])}{reason}{instead}")
        lines.append("")
    if diff.diagram_lines:
        lines += ["## Lines of diagrams", ""]
        for item in diff.diagram_lines:
            behind = f" ({item['claim']})" if item["claim"] else ""
            lines.append(f"- {_safe(item['diagram'])}, {item['change']}: {_safe(item['line'])}{behind}")
        lines.append("")
    for title, rows in (("Trials", diff.trials), ("Statements of clinics", diff.statements), ("Sources", diff.sources)):
        if rows:
            lines += [f"## {title}", ""]
            for row in rows:
                lines.append(f"- **{_safe(row['id'])}** {row['change']}")
                lines += [f"  - {_change(item['value'], item['before'], item['after'])}" for item in row["values"]]
            lines.append("")
    if diff.pages:
        lines += ["## Pages and diagrams that show other claims", ""]
        for page in diff.pages:
            parts = [f"now shows {', '.join(page['shows'])}"] if page["shows"] else []
            parts += [f"no longer shows {', '.join(page['no_longer_shows'])}"] if page["no_longer_shows"] else []
            lines.append(f"- {_safe(page['page'])}: {'; '.join(parts)}")
        lines.append("")
    text = "\n".join(lines)
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rpartition("\n")[0] + f"\n\nCut here: the whole is in the file that `{RUN} --json FILE` writes.\n"
    return text


def _counts(diff: Difference) -> str:
    counts = [
        (len(diff.added), "claim added", "claims added"),
        (len(diff.changed), "claim changed", "claims changed"),
        (len(diff.removed), "claim retired or removed", "claims retired or removed"),
        (len(diff.diagram_lines), "line of a diagram", "lines of diagrams"),
        (len(diff.trials), "trial", "trials"),
        (len(diff.statements), "statement of clinics", "statements of clinics"),
        (len(diff.sources), "source", "sources"),
    ]
    said = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    return ", ".join(said) or "only which pages show which claims"


def _change(name: str, before: str, after: str) -> str:
    if not before:
        return f"{_safe(name)} added: {_safe(after)}"
    if not after:
        return f"{_safe(name)} taken away: {_safe(before)}"
    return f"{_safe(name)}: {_safe(before)} → {_safe(after)}"


def _safe(text: str) -> str:
    """Text of a contributor, which must not become a link, a picture or a mention in somebody's pull request."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split()))


def base_of(root: Path, named: str) -> tuple[str, str]:
    """The commit to compare with and its name.

    :raises Faulty: when git does not know it.
    """
    if named:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}")
        if commit:
            return commit.decode().strip(), named[:100]
        raise Faulty([_fault(f"git knows no commit {named[:100]!r}", "a branch, tag or commit of this copy")])
    for name in USUAL:
        if commit := _git(root, "merge-base", "HEAD", name):
            return commit.decode().strip(), f"where this branch left {name}"
    raise Faulty([_fault("no branch main to compare with, or this is no git repository", "the name of a commit")])


def unpack(root: Path, commit: str, target: Path) -> Project:
    """The sources at a commit, in a folder of their own; links and special files are left out.

    :raises Faulty: when they are too large or cannot be read.
    """
    there = (_git(root, "ls-tree", "-z", "--name-only", commit) or b"").decode().split("\0")
    parts = [part for part in PARTS if part in there]
    data = _git(root, "archive", "--format=tar", commit, "--", *parts) if parts else None
    if data is None:
        raise Faulty([_fault("no docs, diagrams or evidence at that commit", "a commit of this project")])
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            stream = archive.extractfile(member) if member.isreg() and not path.is_absolute() and ".." not in path.parts else None
            if stream is not None:
                place = target / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(stream.read())
    for part in PARTS:
        (target / part).mkdir(exist_ok=True)
    return Project(target)


def _git(root: Path, *words: str) -> bytes | None:
    """What git says, or None when it fails."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    if len(done.stdout) > MOST_BYTES:
        raise Faulty([_fault(f"more than {MOST_BYTES} bytes at that commit", "a commit of this project")])
    return done.stdout if done.returncode == 0 and done.stdout else None


def _fault(found: str, expected: str) -> Fault:
    return Fault("nox -s claims-diff", 0, 0, Code.CLAIMS_DIFF, found, expected, run=RUN)


def run(project: Project, named: str, json_file: str | None = None) -> int:
    """Print the difference; 0 when both states could be read, 1 when this one has faults, 2 when the other cannot be read."""
    try:
        new = read(project)
    except Faulty as error:
        for item in error.faults:
            print(item, file=sys.stderr)
        print(summary(error.faults), file=sys.stderr)
        return 1
    try:
        commit, name = base_of(project.root, named)
        with tempfile.TemporaryDirectory(prefix="base-") as folder:
            base = unpack(project.root, commit, Path(folder).resolve())
            try:
                old = read(base)
            except Faulty as error:
                found = f"the facts at {name} cannot be read by today's rules ({error.faults[0].found})"
                raise Faulty([_fault(found, "a later commit")]) from error
    except Faulty as error:
        print(error, file=sys.stderr)
        return 2
    diff = compare(name, old, new)
    print(markdown(diff))
    if json_file:
        Path(json_file).write_text(json.dumps(asdict(diff), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def main(arguments: Sequence[str] | None = None, project: Project | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="nox -s claims-diff --", description=__doc__, allow_abbrev=False)
    parser.add_argument("base", nargs="?", default="", help="commit to compare with (default: where this branch left main)")
    parser.add_argument("--json", metavar="FILE", help="also write the difference to this file, for programs")
    given = parser.parse_args(arguments)
    return run(project or here(), given.base, given.json)


if __name__ == "__main__":
    raise SystemExit(main())
