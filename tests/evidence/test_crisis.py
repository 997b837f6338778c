"""Crisis lines: nothing a person in need must see can be missing, and no text brings the reader down."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import crisis
from ketamine_kb.evidence.crisis import KINDS, OPTIONAL, REQUIRED
from ketamine_kb.messages import Code
from ketamine_kb.project import MAX_SOURCE_BYTES, Faulty, Project

ENTRY = """\
  - country: %s
    name: %s
    kind: crisis
    contact: call 112
    hours: day and night
    official: true
    footer: %s
    seen_at: [https://example.org/112, https://example.org/b]
"""
HEAD = "checked: 2026-11-21\nlines:\n"


def load(folder: Path, text: str) -> crisis.CrisisLines:
    path = folder / "evidence" / "crisis-lines.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return crisis.load(Project(folder))


def entry(country: str = "Somewhere", name: str = "Line", footer: str = "true") -> str:
    return ENTRY % (country, name, footer)


def test_everything_is_read(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEAD + entry() + "    note: Free.\n")
    assert loaded.checked == dt.date(2026, 11, 21)
    seen = ("https://example.org/112", "https://example.org/b")
    expected = crisis.CrisisLine("Somewhere", "Line", "crisis", "call 112", "day and night", True, True, seen, "Free.")
    assert loaded.lines == (expected,)


def test_by_country_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEAD + entry("B", "one") + entry("A", "two", "false") + entry("B", "three", "false") + entry("C", "four"))
    everything = {country: [line.name for line in lines] for country, lines in loaded.by_country().items()}
    assert list(everything.items()) == [("B", ["one", "three"]), ("A", ["two"]), ("C", ["four"])]
    short = {country: [line.name for line in lines] for country, lines in loaded.by_country(footer_only=True).items()}
    assert list(short.items()) == [("B", ["one"]), ("C", ["four"])]


@pytest.mark.parametrize("key", REQUIRED)
def test_every_key_is_asked_for(tmp_path: Path, key: str) -> None:
    kept = [line for line in entry().splitlines() if not line.strip(" -").startswith(f"{key}:")]
    kept[0] = "  - " + kept[0].strip(" -")
    with pytest.raises(Faulty) as caught:
        load(tmp_path, HEAD + "\n".join(kept))
    assert [(fault.line, fault.found) for fault in caught.value.faults] == [(3, f"no {key!r}")]


@pytest.mark.parametrize("key", [key for key in (*REQUIRED, *OPTIONAL) if key not in ("official", "footer", "seen_at")])
@pytest.mark.parametrize("value", ["''", "'  '", "112", "[a]", "null", "true", "2026-01-01"])
def test_text_must_be_text(tmp_path: Path, key: str, value: str) -> None:
    lines = (entry() + "    note: Free.\n").splitlines()
    changed = [line.split(f"{key}:")[0] + f"{key}: {value}" if line.strip(" -").startswith(f"{key}:") else line for line in lines]
    with pytest.raises(Faulty) as caught:
        load(tmp_path, HEAD + "\n".join(changed))
    assert {fault.line for fault in caught.value.faults} == {3}
    assert caught.value.faults[0].found.startswith(f"{key}: ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken(tmp_path: Path, kind: str) -> None:
    assert load(tmp_path, HEAD + entry().replace("kind: crisis", f"kind: {kind}")).lines[0].kind == kind


@pytest.mark.parametrize("value", ["[]", "https://example.org", "[1]", "[ftp://example.org]", "[https://example.org, '']", "{a: b}"])
def test_addresses_must_be_addresses(tmp_path: Path, value: str) -> None:
    text = entry().replace("[https://example.org/112, https://example.org/b]", value)
    with pytest.raises(Faulty, match="no address in seen_at"):
        load(tmp_path, HEAD + text)


def test_faults_of_all_entries_are_told_at_once(tmp_path: Path) -> None:
    text = HEAD + entry() + "\n" + entry().replace("true", "'yes'", 1) + entry().replace("kind: crisis", "kind: x")
    with pytest.raises(Faulty) as caught:
        load(tmp_path, text)
    assert [(fault.line, fault.found) for fault in caught.value.faults] == [(12, "official: 'yes'"), (20, "kind 'x'")]


def test_a_bomb_is_refused_at_once_and_in_few_words(tmp_path: Path) -> None:
    names = "abcdefghijklmnop"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]\n" for before, name in itertools.pairwise(names))
    with pytest.raises(Faulty) as caught:
        load(tmp_path, bomb + HEAD + entry().replace("call 112", "*p"))
    assert len(str(caught.value)) < 200


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        load(tmp_path, "#" * (MAX_SOURCE_BYTES + 1))
    assert [fault.code for fault in caught.value.faults] == [Code.FILE_TOO_LARGE]


def test_the_real_file_is_whole(project: Project) -> None:
    loaded = crisis.load(project)
    countries = loaded.by_country()
    assert all(country == "Other countries" or any(line.kind == "emergency" for line in lines) for country, lines in countries.items())
    assert any(line.kind == "directory" for line in loaded.lines)
    assert [line.name for line in loaded.lines if not any(char.isdigit() for char in line.contact) and line.kind != "directory"] == []
    assert loaded.checked <= dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)


yaml_like = st.lists(
    st.sampled_from(
        [
            *":-[]{}&*!|>'\"#,?\n \t%@",
            "checked: 2026-01-01\n",
            "lines:\n",
            "  - ",
            "kind: ",
            "crisis",
            "2026-99-01",
            "&a ",
            "*a",
            "<<: ",
            "!!bool ",
        ]
    )
    | st.just(entry())
    | st.text(max_size=4),
    max_size=20,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.booleans(), yaml_like)
def test_any_text_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, head: bool, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "crisis"
    folder.mkdir(exist_ok=True)
    text = HEAD * head + text
    try:
        loaded = load(folder, text)
    except Faulty as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert error.faults
        assert all(1 <= fault.line <= lines for fault in error.faults)
    else:
        assert loaded.lines
        assert all(line.contact.strip() and line.seen_at for line in loaded.lines)
