"""Read all facts: every fault with file, line, nearest match; nothing half-read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ketamine_kb import plain_yaml
from ketamine_kb.evidence import bibliography, certainty
from ketamine_kb.evidence.bibliography import Bibliography
from ketamine_kb.evidence.kinetics_data import KineticsFile
from ketamine_kb.evidence.model import Claim, ClaimFile, Knowledge, Retired, Source, Statement, StatementFile
from ketamine_kb.evidence.tables import MoleculeFile, RouteFile
from ketamine_kb.evidence.trial_data import Trial, TrialFile
from ketamine_kb.memory import collector_paused
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.plain_yaml import Document
from ketamine_kb.project import Faulty, Project

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T", TrialFile, MoleculeFile, RouteFile, KineticsFile)
#: The lists of rows in a file of tables, where they are not one list of the file's own name.
ROW_PARTS = {"pharmacokinetics": ("models", "doses", "measured", "course")}
#: More faults of one file than this are cut, with a line that says so: one cause often breaks every entry.
MOST_FAULTS = 50


def load(project: Project) -> Knowledge:
    """Everything the pages may cite.

    :raises Faulty: with every fault of every file.
    """
    with collector_paused():
        return _load(project)


def _load(project: Project) -> Knowledge:
    known = bibliography.load(project)
    sources = {key: _source(key, entry) for key, entry in known.data.entries.items()}
    faults: list[Fault] = []
    claims: dict[str, Claim] = {}
    chapters: dict[str, list[str]] = {}
    retired: dict[str, Retired] = {}
    places: dict[str, str] = {}
    for path in sorted((project.evidence / "claims").glob("*.yaml")):
        shown = project.relative(path)
        try:
            document, file = read(project, path, ClaimFile)
        except Faulty as error:
            faults += error.faults
            continue
        chapters[path.stem] = []
        for index, claim in enumerate(file.claims):
            faults += _claim_faults(claim, sources, known, document, shown, index)
            where = f"{shown}:{document.place(['claims', index, 'id'])[0]}"
            if claim.id in places:
                faults.append(_again(claim.id, places[claim.id], document, shown, ["claims", index, "id"]))
            places.setdefault(claim.id, where)
            claims[claim.id] = claim
            chapters[path.stem].append(claim.id)
        for index, old in enumerate(file.retired):
            where = f"{shown}:{document.place(['retired', index, 'id'])[0]}"
            if old.id in places:
                faults.append(_again(old.id, places[old.id], document, shown, ["retired", index, "id"]))
            places.setdefault(old.id, where)
            retired[old.id] = old
    for old in retired.values():
        if old.instead and old.instead not in claims:
            path_line = places[old.id].rsplit(":", 1)
            found = f"retired {old.id!r} points at {old.instead!r}"
            faults.append(
                Fault(path_line[0], int(path_line[1]), 0, Code.CLAIM_UNKNOWN, found, "a claim that exists", nearest(old.instead, claims))
            )
    # While a file of claims cannot be read, its claims only seem to be missing: do not tell the same fault twice.
    statements = _statements(project, None if faults else claims, faults)
    trial_file = _table(project, "trials", TrialFile, sources, known, faults)
    molecules = _table(project, "molecules", MoleculeFile, sources, known, faults)
    routes = _table(project, "routes", RouteFile, sources, known, faults)
    kinetics = _table(project, "pharmacokinetics", KineticsFile, sources, known, faults)
    if faults:
        raise Faulty(sorted(faults))
    return Knowledge(
        claims=claims,
        chapters=chapters,
        retired=retired,
        sources=sources,
        statements=statements,
        trials=trial_file.trials if trial_file else [],
        molecules=molecules.molecules if molecules else [],
        routes=routes.routes if routes else [],
        common_harms=routes.common_harms if routes else None,
        kinetics=kinetics,
    )


def trials(project: Project) -> list[Trial]:
    """The trials alone, for lessons that compute with them; their sources are checked by :func:`load`.

    :raises Faulty: with the line of each wrong key or value.
    """
    return read(project, project.evidence / "trials.yaml", TrialFile)[1].trials


def read(project: Project, path: Path, model: type[M]) -> tuple[Document, M]:
    """One YAML file as a model, with the places of its values.

    :raises Faulty: with the line of each wrong key or value.
    """
    shown = project.relative(path)
    document = plain_yaml.read(project.read(path), shown, Code.CLAIM_DATA)
    try:
        return document, model.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [replace(_schema_fault(item, document, shown, model), about=_about(item, document)) for item in details[:MOST_FAULTS]]
        if len(details) > MOST_FAULTS:
            faults.append(Fault(shown, 0, 0, Code.CLAIM_DATA, f"{len(details) - MOST_FAULTS} more faults", "the first ones mended"))
        raise Faulty(faults) from error


def _about(item: ErrorDetails, document: Document) -> str:
    """The id of the claim that a fault of form is in, or ``""``."""
    where = item["loc"]
    if len(where) < 2 or where[0] != "claims":
        return ""
    entry = document.data["claims"][where[1]]
    return str(entry.get("id", "")) if isinstance(entry, dict) else ""


def _schema_fault(item: ErrorDetails, document: Document, shown: str, model: type[BaseModel]) -> Fault:
    location = item["loc"]
    line, column = document.place(location)
    name = str(location[-1]) if location else "the file"
    path = ".".join(str(part) for part in location)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        fields = _fields(model, location)
        return Fault(shown, line, column, Code.CLAIM_DATA, f"unknown key {name!r}", "one of " + ", ".join(fields), nearest(name, fields))
    if kind == "missing":
        line, column = document.place(location[:-1])
        return Fault(shown, line, column, Code.CLAIM_DATA, f"no {name!r}", f"every entry to have {name!r}")
    if kind == "impossible":
        line, column = document.place((*location, context["field"]))
        return Fault(shown, line, column, Code.CLAIM_DATA, context["found"], context["expected"])
    value = item.get("input")
    found = f"{path}: {value!r}" if isinstance(value, (str, int, float, bool)) and len(str(value)) < 80 else f"{path}"
    if kind == "literal_error":
        words = [word.strip().strip("'") for word in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]
        return Fault(shown, line, column, Code.CLAIM_DATA, found, "one of " + ", ".join(words), nearest(str(value), words))
    expected = item["msg"][0].lower() + item["msg"][1:]
    return Fault(shown, line, column, Code.CLAIM_DATA, found, expected.removeprefix("input should be ").removeprefix("string should "))


def _fields(model: Any, location: tuple[str | int, ...]) -> list[str]:
    """The keys allowed where ``location`` ends, in a file that holds ``model``."""
    for step in location[:-1]:
        if isinstance(step, str) and isinstance(model, type) and issubclass(model, BaseModel) and step in model.model_fields:
            annotation = model.model_fields[step].annotation
            arguments = [part for part in get_args(annotation) if isinstance(part, type)]
            model = arguments[0] if arguments else annotation
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _again(identifier: str, first: str, document: Document, shown: str, location: list[str | int]) -> Fault:
    line, column = document.place(location)
    return Fault(shown, line, column, Code.CLAIM_AGAIN, f"id {identifier!r} again", f"an id of its own (first at {first})")


def _claim_faults(claim: Claim, sources: dict[str, Source], known: Bibliography, document: Document, shown: str, index: int) -> list[Fault]:
    faults: list[Fault] = []
    for number, item in enumerate(claim.evidence):
        if item.source not in sources:
            line, column = document.place(["claims", index, "evidence", number, "source"])
            found = f"{claim.id}: unknown source {item.source!r}"
            expected = f"a key of {known.path}"
            faults.append(Fault(shown, line, column, Code.CLAIM_SOURCE, found, expected, nearest(item.source, sources), about=claim.id))
    if faults:
        return faults
    for named in certainty.RULES:
        if wrong := named.rule(claim, sources):
            line, column = document.place(["claims", index, named.field])
            faults.append(Fault(shown, line, column, named.code, f"{claim.id}: {wrong[0]}", wrong[1], about=claim.id))
    return faults


def _statements(project: Project, claims: dict[str, Claim] | None, faults: list[Fault]) -> list[Statement]:
    path = project.evidence / "statements.yaml"
    if not path.exists():
        return []
    shown = project.relative(path)
    try:
        document, file = read(project, path, StatementFile)
    except Faulty as error:
        faults += error.faults
        return []
    seen: set[str] = set()
    for index, statement in enumerate(file.statements):
        line, column = document.place(["statements", index, "id"])
        if statement.id in seen:
            faults.append(Fault(shown, line, column, Code.CLAIM_AGAIN, f"statement {statement.id!r} again", "each statement once"))
        seen.add(statement.id)
        if statement.verdict != "not-a-claim" and not statement.claims:
            faults.append(Fault(shown, line, column, Code.CLAIM_DATA, f"{statement.id} has no claim", "the claims that decide it"))
        if claims is None:
            continue
        for number, identifier in enumerate(statement.claims):
            if identifier not in claims:
                at, column = document.place(["statements", index, "claims", number])
                found = f"{statement.id}: unknown claim {identifier!r}"
                faults.append(Fault(shown, at, column, Code.CLAIM_UNKNOWN, found, "a claim that exists", nearest(identifier, claims)))
    return file.statements


def _table(project: Project, name: str, model: type[T], sources: dict[str, Source], known: Bibliography, faults: list[Fault]) -> T | None:
    """The file ``evidence/<name>.yaml``; None where there is none or where it cannot be read."""
    path = project.evidence / f"{name}.yaml"
    if not path.exists():
        return None
    shown = project.relative(path)
    try:
        document, file = read(project, path, model)
    except Faulty as error:
        faults += error.faults
        return None
    for part in ROW_PARTS.get(name, (name,)):
        faults += _row_faults(getattr(file, part), part, sources, known, document, shown)
    if isinstance(file, TrialFile):
        faults += _trial_faults(file, sources, known, document, shown)
    if isinstance(file, RouteFile):
        faults += _key_faults(file.common_harms, "common_harms", ["common_harms"], sources, known, document, shown)
    return file


def _row_faults(
    rows: Sequence[Any], part: str, sources: dict[str, Source], known: Bibliography, document: Document, shown: str
) -> list[Fault]:
    """Ids that stand twice in one part of a file, and keys of sources that do not exist."""
    faults: list[Fault] = []
    places: dict[str, str] = {}
    for index, row in enumerate(rows):
        if row.id in places:
            faults.append(_again(row.id, places[row.id], document, shown, [part, index, "id"]))
        places.setdefault(row.id, f"{shown}:{document.place([part, index, 'id'])[0]}")
        faults += _key_faults(row, row.id, [part, index], sources, known, document, shown)
    return faults


def _trial_faults(file: TrialFile, sources: dict[str, Source], known: Bibliography, document: Document, shown: str) -> list[Fault]:
    """Faults between the trials of a file: names of other trials, and sources of harms."""
    faults: list[Fault] = []
    names = [trial.id for trial in file.trials]
    for index, trial in enumerate(file.trials):
        named = [("harms_in", trial.harms_in)] if trial.harms_in else []
        for field, name in [*named, *(("pools", part) for part in trial.pools)]:
            if name not in names or name == trial.id:
                line, column = document.place(["trials", index, field])
                others = [other for other in names if other != trial.id]
                found = f"{trial.id}: {field} names {name!r}"
                faults.append(Fault(shown, line, column, Code.CLAIM_DATA, found, "the id of another trial", nearest(name, others)))
        for number, harm in enumerate(trial.harms):
            faults += _key_faults(harm, f"{trial.id} {harm.id}", ["trials", index, "harms", number], sources, known, document, shown)
    return faults


def _key_faults(
    row: BaseModel, name: str, location: list[str | int], sources: dict[str, Source], known: Bibliography, document: Document, shown: str
) -> list[Fault]:
    """Faults of the keys of sources in one row of a table."""
    faults: list[Fault] = []
    for field in [name for name in ("source", "also_from", "sources") if name in type(row).model_fields]:
        value = getattr(row, field)
        keys: dict[tuple[str | int, ...], str] = (
            {(): value} if isinstance(value, str) else {(number,): key for number, key in enumerate(value)}
        )
        for step, key in keys.items():
            if key not in sources:
                line, column = document.place([*location, field, *step])
                found = f"{name}: unknown source {key!r}"
                faults.append(Fault(shown, line, column, Code.CLAIM_SOURCE, found, f"a key of {known.path}", nearest(key, sources)))
    for number, key in enumerate(getattr(row, "unlisted", [])):
        if key in sources:
            line, column = document.place([*location, "unlisted", number])
            found = f"{name}: unlisted source {key!r} is in {known.path}"
            faults.append(Fault(shown, line, column, Code.CLAIM_SOURCE, found, "it among the sources"))
    return faults


def _source(key: str, entry: Any) -> Source:
    words, address = bibliography.address(entry)
    fields = entry.fields
    return Source(
        key=key,
        title=fields["title"].replace("{", "").replace("}", "").replace("\\&", "&"),
        issuer=bibliography.issuer(entry),
        year=int(fields["year"]),
        container=(fields.get("journal") or fields.get("howpublished") or fields.get("institution") or "").replace("\\&", "&"),
        design=fields["design"],
        verified=fields["verified"],
        size=int(fields["size"]) if fields.get("size") else None,
        words=words,
        address=address,
    )
