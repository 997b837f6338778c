"""Settings: read from the table, overridden from the environment, refused in words when they are not addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketamine_kb import settings
from ketamine_kb.project import Faulty, Project
from ketamine_kb.settings import Settings
from tests.conftest import ROOT

TABLE = '[project]\nname = "x"\n\n[tool.how-ketamine-works]\n'
EXPECTED = "expected an address such as https://example.org/folder, or empty text - run: nox -s html [settings]"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in settings.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def given(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def said(folder: Path) -> list[str]:
    return [str(fault) for fault in settings.check(Project(folder))]


def test_nothing_is_published_until_somebody_says_so() -> None:
    assert settings.load() == settings.load(ROOT) == Settings("", "")


def test_no_file_and_no_table_mean_nothing_published(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == Settings()
    assert settings.load(given(tmp_path, "[tool.other]\n")) == Settings()


def test_a_slash_at_the_end_and_spaces_are_taken_off(tmp_path: Path) -> None:
    folder = given(tmp_path, TABLE + 'repository = "https://example.org/a/b/"\nsite = " https://docs.example.org "\n')
    assert settings.load(folder) == Settings("https://example.org/a/b", "https://docs.example.org")


@pytest.mark.parametrize(("site", "base"), [("", ""), ("https://a.example", "/"), ("https://a.example:8443/b/c", "/b/c/")])
def test_the_base_is_the_folder_on_the_host(site: str, base: str) -> None:
    assert Settings(site=site).base == base


def test_the_environment_overrides_the_table_also_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = given(tmp_path, TABLE + 'site = "https://a.example"\n')
    monkeypatch.setenv("KB_SITE", "https://b.example")
    assert settings.load(folder).site == "https://b.example"
    monkeypatch.setenv("KB_SITE", "")
    assert settings.load(folder).site == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example",
        "a.example",
        "https://",
        "https://a.example?x=1",
        "https://a.example/#top",
        "https://name:word@a.example",
        "https://a.example/<b>",
        "https://a.example/a b",
        "https://a.example/" + "a" * 200,
    ],
)
def test_what_is_not_an_address_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    folder = given(tmp_path, TABLE + f'repository = ""\nsite = "{address}"\n')
    assert said(folder) == [f"pyproject.toml:6: site {address[:200]!r} - {EXPECTED}"]
    monkeypatch.setenv("KB_SITE", address)
    assert said(folder) == [f"KB_SITE: site {address[:200]!r} - {EXPECTED}"]


def test_a_number_is_not_an_address(tmp_path: Path) -> None:
    assert said(given(tmp_path, TABLE + "site = 3\n")) == [f"pyproject.toml:5: site '3' - {EXPECTED}"]


def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    assert said(given(tmp_path, TABLE + 'sites = ""\n')) == [
        "pyproject.toml:5: unknown key 'sites' - expected one of repository, site - did you mean 'site'? - run: nox -s html [settings]"
    ]


def test_a_table_that_is_none(tmp_path: Path) -> None:
    assert said(given(tmp_path, "[tool]\nhow-ketamine-works = 3\n")) == [
        "pyproject.toml: how-ketamine-works that is not a table - expected a table [tool.how-ketamine-works] - run: nox -s html [settings]"
    ]


def test_toml_that_cannot_be_read(tmp_path: Path) -> None:
    assert said(given(tmp_path, TABLE + 'site = "never closed\n')) == [
        "pyproject.toml:5:21: illegal character '\\n' - expected valid TOML - run: nox -s html [settings]"
    ]
    with pytest.raises(Faulty):
        settings.load(tmp_path)
