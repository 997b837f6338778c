"""Reading files: what is refused, and how the place is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.messages import Code
from ketamine_kb.project import MAX_SOURCE_BYTES, Faulty, Project, here
from tests.conftest import ROOT


def write(folder: Path, data: bytes) -> tuple[Project, Path]:
    path = folder / "docs" / "page.md"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return Project(folder), path


def read(folder: Path, data: bytes) -> str:
    project, path = write(folder, data)
    return project.read(path)


def refused(folder: Path, data: bytes) -> str:
    with pytest.raises(Faulty) as caught:
        read(folder, data)
    assert len(caught.value.faults) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfa\n", "a\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\rb\r", "a\nb\n"),
        (b"a\r\r\nb", "a\n\nb"),
        ("grün\u2028\x0c\u0085".encode(), "grün\u2028\x0c\u0085"),
        (b"a\0b", "a\0b"),
    ],
)
def test_read(tmp_path: Path, data: bytes, text: str) -> None:
    assert read(tmp_path, data) == text


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", "1:1: byte 0xff"),
        (b"one\ntwo \xe9", "2:5: byte 0xe9"),
        (b"one\r\ntwo\xc3", "2:4: byte 0xc3"),
        (b"\xff\xfea\0", "1:1: byte 0xff"),
        (b"\xed\xa0\x80", "1:1: byte 0xed"),
    ],
)
def test_bytes_that_are_not_utf8(tmp_path: Path, data: bytes, place: str) -> None:
    expected = f"docs/page.md:{place} is not UTF-8 - expected a file saved as UTF-8 - run: nox -s html [page-not-utf8]"
    assert refused(tmp_path, data) == expected


def test_largest_file_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"x" * MAX_SOURCE_BYTES)) == MAX_SOURCE_BYTES
    told = "docs/page.md: 2000001 bytes - expected at most 2000000 bytes - run: nox -s html [file-too-large]"
    assert refused(tmp_path, b"x" * (MAX_SOURCE_BYTES + 1)) == told


def test_missing_file_and_folder_in_its_place(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with pytest.raises(Faulty) as caught:
        project.read(tmp_path / "docs" / "no.md")
    expected = "docs/no.md: no such file or directory - expected a file that can be read - run: nox -s html [file-missing]"
    assert str(caught.value) == expected
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(Faulty) as caught:
        project.read(tmp_path / "folder.md")
    assert [fault.code for fault in caught.value.faults] == [Code.FILE_MISSING]


def test_relative(tmp_path: Path) -> None:
    project = Project(tmp_path / "in")
    assert project.relative(tmp_path / "in" / "docs" / ".." / "docs" / "a b.md") == "docs/a b.md"
    assert project.relative(tmp_path / "out" / "secret.md") == "secret.md", "no folder of the machine in a message"


def test_pages_are_sorted_and_drafts_left_out(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a/_draft.md", "c.txt", "B.md"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [path.relative_to(tmp_path / "docs").as_posix() for path in Project(tmp_path).pages()]
    assert found == ["B.md", "a/z.md", "b.md"]


def test_here_is_this_checkout() -> None:
    assert here().root == ROOT
    assert (here().docs / "conf.py").is_file()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    try:
        text = read(folder, data)
    except Faulty as error:
        (fault,) = error.faults
        lines = data.split(b"\n")
        assert fault.code is Code.PAGE_NOT_UTF8
        assert lines[fault.line - 1][fault.column - 1] == int(fault.found[5:9], 16)
        return
    assert "\r" not in text
    assert text.encode() == data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
