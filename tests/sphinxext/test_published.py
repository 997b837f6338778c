"""What makes pages findable, on a small site built with and without an address: nothing needs the address that is not set."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from PIL import Image

from ketamine_kb.sphinxext import cards
from ketamine_kb.sphinxext.cards import Card
from ketamine_kb.sphinxext.published import redirect, sitemap
from tests import running
from tests.conftest import ROOT, once

CONF = """
from pathlib import Path
from ketamine_kb.sphinxext import citing, pages, published, reading
project, author, version, language, html_theme = "The <site> & more", "The contributors", "1.2", "en-GB", "basic"
extensions, templates_path, html_static_path = ["myst_parser"], ["_templates"], [str(Path(reading.__file__).parent / "static")]
def setup(app):
    for part in (pages.setup_pages, published.setup_published, reading.setup_reading, citing.setup_citing):
        part(app)
"""
PAGE = """---
description: "A page about {name}, long enough to pass the check of pages & co."
evidence_checked: 2026-01-02
review_by: 2027-01-01
clinical_reviewers: []
---

# {name}: a title with “quotes” & <signs>

Text.
"""
PAGES = ("index", "start", "deep/er/page", "go/patient", "go/family", "go/clinician", "go/student")
SITE = "https://example.org/folder"


def make(folder: Path, site: str) -> running.Run:
    """Write the small site and build it."""
    write(folder)
    return run(folder, site)


def write(folder: Path) -> None:
    docs = folder / "docs"
    for page in PAGES:
        path = docs / f"{page}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        tree = "\n```{toctree}\n" + "\n".join(PAGES[1:]) + "\n```\n" if page == "index" else ""
        tree += "\n```{reading-path} patient\n```\n" if page == "go/patient" else ""
        path.write_text(PAGE.format(name=page) + tree, encoding="utf-8")
    (docs / "conf.py").write_text(CONF, encoding="utf-8")
    readers = ("patient", "family", "clinician", "student")
    steps = "".join(
        f"  {name}:\n    start: go/{name}\n    parts:\n      all:\n        - pages: [start, deep/er/page]\n" for name in readers
    )
    (docs / "reading-paths.yaml").write_text("names:\n  start: Does it work?\npaths:\n" + steps, encoding="utf-8")
    (docs / "redirects.yaml").write_text("old/place.html: deep/er/page\nolder.html: start\n", encoding="utf-8")
    (docs / "short-addresses.yaml").write_text("typed: deep/er/page\n", encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "_templates", docs / "_templates", dirs_exist_ok=True)


def run(folder: Path, site: str, *extra: str, **variables: str) -> running.Run:
    """Build with Sphinx itself."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-d",
        str(folder / "doctrees"),
        *extra,
        str(folder / "docs"),
        str(folder / "out"),
    ]
    environment = {**os.environ, "KB_SITE": site, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", **variables}
    return running.run(command, env=environment, within=120)


def built(tmp_path_factory: pytest.TempPathFactory, name: str, site: str) -> Path:
    def go(target: Path) -> None:
        target.mkdir(parents=True)
        done = make(target, site)
        assert done.code == 0, done.said

    return once(tmp_path_factory, name, go) / "out"


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small site without an address."""
    return built(tmp_path_factory, "small-private", "")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an address."""
    return built(tmp_path_factory, "small-public", SITE)


def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def meta(site: Path, page: str) -> dict[str, str]:
    return {str(tag["property"]): str(tag["content"]) for tag in soup(site, page).find_all("meta", property=True)}


def test_without_an_address_nothing_names_one(private: Path) -> None:
    for page in PAGES:
        tree = soup(private, page)
        assert tree.find("link", rel="canonical") is None
        assert sorted(meta(private, page)) == ["og:description", "og:site_name", "og:title", "og:type"]
    for name in ("sitemap.xml", "robots.txt", "_static/cards"):
        assert not (private / name).exists(), name


def test_with_an_address_every_page_names_its_own(public: Path) -> None:
    for page in PAGES:
        link = soup(public, page).find("link", rel="canonical")
        assert isinstance(link, Tag)
        assert link["href"] == f"{SITE}/{page}.html"
        said = meta(public, page)
        assert said["og:url"] == f"{SITE}/{page}.html"
        assert said["og:title"] == f"{page}: a title with “quotes” & <signs>"
        assert said["og:site_name"] == "The <site> & more"
        assert said["og:image"] == f"{SITE}/_static/cards/{page.replace('/', '-')}.png"


def test_the_sitemap_lists_every_page_with_the_date_of_its_evidence(public: Path) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    top = ET.parse(public / "sitemap.xml").getroot()
    assert [(entry.findtext(f"{space}loc"), entry.findtext(f"{space}lastmod")) for entry in top] == [
        (f"{SITE}/{page}.html", "2026-01-02") for page in sorted(PAGES)
    ]
    assert (public / "robots.txt").read_text(encoding="utf-8") == f"User-agent: *\nAllow: /\nSitemap: {SITE}/sitemap.xml\n"


def test_a_sitemap_escapes() -> None:
    assert "<loc>https://a.example/a&amp;b.html</loc>" in sitemap("https://a.example", [("a&b.html", "2026-01-01")])


def test_every_card_has_its_size_and_is_small(public: Path) -> None:
    found = sorted(path.name for path in (public / "_static" / "cards").iterdir())
    assert found == sorted(cards.name_of(page) for page in PAGES)
    for name in found:
        data = (public / "_static" / "cards" / name).read_bytes()
        picture = Image.open(io.BytesIO(data))
        assert (picture.size, picture.mode) == ((cards.WIDTH, cards.HEIGHT), "P")
        assert len(data) < 12_000


def test_cards_say_what_they_are_given_the_same_each_time_and_are_drawn_once(tmp_path: Path) -> None:
    given = [Card("a/b", "A title", "The site", "Evidence checked 1 January 2026"), Card("c", 'Other "#[x] $y$', "The site", "Never")]
    assert cards.write(given, tmp_path / "one", tmp_path / "kept", "#0f4c75") == 2
    assert cards.write(given, tmp_path / "one", tmp_path / "kept", "#0f4c75") == 0
    assert cards.write(given, tmp_path / "two", tmp_path / "kept-two", "#0f4c75") == 2
    first = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert first["a-b.png"] != first["c.png"]
    changed = [Card("a/b", "Another title", "The site", "Evidence checked 1 January 2026")]
    assert cards.write(changed, tmp_path / "one", tmp_path / "kept", "#0f4c75") == 1
    assert (tmp_path / "one" / "a-b.png").read_bytes() != first["a-b.png"]
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["a-b.png"], "the card of a page that is gone goes too"


@pytest.mark.parametrize("which", ["private", "public"])
def test_icons_and_manifest_can_be_found_from_every_page(which: str, request: pytest.FixtureRequest) -> None:
    site: Path = request.getfixturevalue(which)
    for page in (*PAGES, "search"):
        for link in soup(site, page).select('link[rel="icon"], link[rel="apple-touch-icon"], link[rel="manifest"]'):
            assert (site / page).parent.joinpath(str(link["href"])).resolve().is_file(), (page, link)
    made = json.loads((site / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert (site / made["start_url"]).is_file()
    assert made["name"] == "The <site> & more"
    for icon in made["icons"]:
        path = site / icon["src"]
        if path.suffix == ".png":
            side = int(icon["sizes"].split("x")[0])
            assert Image.open(io.BytesIO(path.read_bytes())).size == (side, side)
        else:
            assert BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find("svg")


@pytest.mark.parametrize(("which", "root"), [("private", ""), ("public", "/folder/")])
def test_a_lost_reader_finds_help_from_any_depth(which: str, root: str, request: pytest.FixtureRequest) -> None:
    site: Path = request.getfixturevalue(which)
    tree = soup(site, "404")
    links = [str(link["href"]) for link in tree.find_all("a")]
    assert f"{root}get-help.html" in links
    assert f"{root}reference/topics.html" in links
    form = tree.find("form")
    assert isinstance(form, Tag)
    assert form["action"] == f"{root}search.html"
    assert "Samaritans" in tree.get_text()
    assert all(link.startswith(root) for link in links)
    assert (tree.find("script"), tree.find(style=True), tree.find("style")) == (None, None, None)
    assert [str(tag["content"]) for tag in tree.select('meta[name="robots"]')] == ["noindex"]
    if root:
        assert urljoin("https://example.org/folder/a/b/c.html", links[0]) == "https://example.org/folder/index.html"


def test_two_builds_are_the_same_bytes(public: Path, tmp_path: Path) -> None:
    write(tmp_path)
    assert run(tmp_path, SITE, "-j", "2", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C").code == 0

    def content(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    one, two = content(public), content(tmp_path / "out")
    assert [name for name in sorted(one.keys() | two.keys()) if one.get(name) != two.get(name)] == []


@pytest.mark.parametrize("which", ["private", "public"])
def test_old_addresses_lead_on_without_a_script(which: str, request: pytest.FixtureRequest) -> None:
    site: Path = request.getfixturevalue(which)
    for old, new in {"old/place": "deep/er/page", "older": "start", "typed/index": "deep/er/page"}.items():
        tree = soup(site, old)
        link = tree.find("a")
        assert isinstance(link, Tag)
        assert (site / old).parent.joinpath(str(link["href"])).resolve() == (site / f"{new}.html").resolve()
        refresh = tree.select_one('meta[http-equiv="refresh"]')
        assert refresh is not None
        assert refresh["content"] == f"0; url={link['href']}"
        canonical = [str(tag["href"]) for tag in tree.select('link[rel="canonical"]')]
        assert canonical == ([f"{SITE}/{new}.html"] if which == "public" else [])
        assert tree.find("script") is None


def test_a_redirect_escapes_titles() -> None:
    assert "<b>" not in redirect("a.html", "b.html", "<b>", "en", "")


def test_a_path_is_printed_with_short_names(private: Path) -> None:
    items = [item.get_text(" ", strip=True) for item in soup(private, "go/patient").select("ol li")]
    assert items == ["Does it work? and deep/er/page"]


def test_a_change_of_the_paths_or_of_the_address_reaches_every_page(tmp_path: Path) -> None:
    assert make(tmp_path, SITE).code == 0
    path = tmp_path / "docs" / "reading-paths.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Does it work?", "New name"), encoding="utf-8")
    assert run(tmp_path, "").code == 0
    assert soup(tmp_path / "out", "deep/er/page").find("link", rel="canonical") is None
    for name in ("sitemap.xml", "robots.txt", "_static/cards"):
        assert not (tmp_path / "out" / name).exists(), name
    assert "New name" in soup(tmp_path / "out", "go/patient").get_text()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("reading-paths.yaml", "start: go/patient", "start: go/nowhere", "docs/reading-paths.yaml:5: unknown page 'go/nowhere' - expected"),
        ("go/patient.md", "path} patient\n", "path} patient\n:part: al\n", "docs/go/patient.md:12: part 'al' - expected one of all"),
        ("go/patient.md", "path} patient\n", "path} patent\n", "docs/go/patient.md:12: path 'patent' - expected one of patient, family"),
    ],
)
def test_a_build_started_without_the_checks_ends_in_words_too(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    write(tmp_path)
    path = tmp_path / "docs" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = run(tmp_path, "")
    assert done.code != 0
    assert message in done.said
    assert "Traceback" not in done.said


def test_a_wrong_address_ends_in_words_too(tmp_path: Path) -> None:
    write(tmp_path)
    done = run(tmp_path, "http://a.example")
    assert done.code != 0
    assert "KB_SITE: site 'http://a.example' - expected an address such as https://example.org/folder, or empty text" in done.said
    assert "Traceback" not in done.said
