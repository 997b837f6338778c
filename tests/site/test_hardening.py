"""A page from somebody unknown cannot run a script, read other files or reach the network, and is told so in one line each.

The pages below are built by Sphinx alone with the real settings, without the checks of the sources that come first, and Sphinx is
let go on after each message: so what is looked at is what would be published if everything before had failed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from ketamine_kb.checks import untrusted
from ketamine_kb.project import Project
from ketamine_kb.sphinxext.untrusted import is_plain_drawing
from tests import running
from tests.conftest import ROOT, Copy
from tests.matter import MATTER

SECRET = "a-secret-that-no-page-may-show"
HEAD = MATTER + "\n# A page\n\n"
BODY = HEAD.count("\n") + 1
#: Runs Sphinx in a process that cannot reach any network and says when something tried.
OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    print("NETWORK", arguments, file=sys.stderr, flush=True)
    raise OSError("no network in this test")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""
TEXT = "text or a table in MyST"
DRAWING = "a diagram in diagrams/, or a picture with its text"
LINK = "a page of this site, or one of http:, https:, mailto:, tel:"
OUTSIDE = "a file in docs/, diagrams/ or evidence/"


def refused(found: str, expected: str = TEXT, line: int = BODY, code: str = "not-allowed") -> str:
    return f":{line}: {found} - expected {expected} - run: nox -s html [{code}]"


@dataclass(frozen=True)
class Attack:
    """Text of a page and the messages that it must bring, without the page's name.

    :param says: messages of the closed list, all of them.
    :param also: pieces of messages of Sphinx or MyST itself.
    :param head: the front matter and title, when the attack is there.
    """

    body: str
    says: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    head: str = HEAD


def directive(name: str, argument: str = "", content: str = "", expected: str = TEXT, shown: str = "") -> Attack:
    return Attack(f"```{{{name}}} {argument}\n{content}\n```\n", (refused(f"the directive {{{shown or name}}}", expected),))


SCRIPT = "<script>alert(1)</script>"
ATTACKS = {
    # -- scripts
    "html-block": Attack(f"{SCRIPT}\n\n<iframe src=https://evil.example></iframe>\n"),
    "html-inline": Attack("Text <img src=x onerror=alert(1)> and <svg onload=alert(1)>.\n"),
    "html-comment-end": Attack(f"<!-- --> {SCRIPT} <![CDATA[ ]]> {SCRIPT}\n"),
    "raw": directive("raw", "html", SCRIPT),
    "raw-capitals": directive("RAW", "html", SCRIPT),
    "raw-in-a-note": Attack(f"`````{{note}}\n````{{raw}} html\n{SCRIPT}\n````\n`````\n", (refused("the directive {raw}", line=BODY + 1),)),
    "raw-in-a-list": Attack(f"- ```{{raw}} html\n  {SCRIPT}\n  ```\n", (refused("the directive {raw}"),)),
    "raw-of-rst": Attack(f"```{{eval-rst}}\n.. raw:: html\n\n   {SCRIPT}\n```\n", (refused("the directive {raw}", line=BODY + 1),)),
    "raw-role": Attack(f"{{raw}}`{SCRIPT}`\n", (refused("the role {raw}"),)),
    "new-role": Attack(
        f"```{{role}} shown(raw)\n:format: html\n```\n\n{{shown}}`{SCRIPT}`\n",
        (refused("the directive {role}"),),
        ("unknown role {shown}",),
    ),
    "new-role-of-rst": Attack(
        f"```{{eval-rst}}\n.. role:: shown(raw)\n   :format: html\n\n:shown:`{SCRIPT}`\n```\n",
        (refused("the directive {role}", line=BODY + 1),),
        ("unknown role {shown}",),
    ),
    "default-role": directive("default-role", "raw"),
    "heading": Attack(
        "",
        (refused("the heading " + repr("A " + SCRIPT), "a heading without tags", line=BODY - 2),),
        head=HEAD.replace("# A page", f"# A `{SCRIPT}`"),
    ),
    "heading-of-entities": Attack(
        "",
        (refused("the heading 'A <img src=x onerror=alert(1)>'", "a heading without tags", line=BODY - 2),),
        head=HEAD.replace("# A page", "# A &lt;img src=x onerror=alert(1)&gt;"),
    ),
    "description": Attack("", head=HEAD.replace("A page about", f'A \\"page\\" {SCRIPT} about')),
    "reviewer": Attack("", head=HEAD.replace("reviewers: []", f"reviewers: ['{SCRIPT}\"onload=alert(1)']")),
    "classes": Attack(
        "```{note}\n:class: '\"><script>alert(1)</script>'\n:name: '\"><script>alert(2)</script>'\nText.\n```\n\n"
        '```{list-table} "><script>alert(3)</script>\n:class: "x onload=alert(1)"\n\n* - a\n```\n',
        (refused("the heading '\">" + SCRIPT.replace("1", "3") + "'", "a heading without tags", line=BODY + 6),),
    ),
    "code-block": Attack(f'```{{code-block}} html\n:caption: "{SCRIPT}"\n{SCRIPT}\n```\n'),
    "abbreviation": Attack(f'{{abbr}}`x ("{SCRIPT})` {{kbd}}`{SCRIPT}` {{guilabel}}`{SCRIPT}`\n'),
    "formula": Attack(f"{{math}}`x^2 \\text{{{SCRIPT}}}`\n\n```{{math}}\n\\text{{{SCRIPT}}}\n```\n"),
    "drawing": directive("graphviz", "", "digraph {}", DRAWING),
    # -- addresses
    "javascript-link": Attack("[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) <javascript:alert(1)> [c](vbscript:x)\n"),
    "javascript-entity": Attack("[a](&#106;avascript:alert(1)) [b](java&Tab;script:alert(1))\n", also=("which does not exist",)),
    "data-link": Attack("[a](data:text/html,x) [b](data:text/html;base64,PHNjcmlwdD4=)\n"),
    "javascript-in-contents": Attack(
        "```{toctree}\nclick <javascript://%0aalert(1)>\n```\n", (refused("a link to 'javascript://%0aalert(1)'", LINK),)
    ),
    "javascript-on-a-card": Attack(
        "```{card} T\n:link: javascript:alert(1)\n:link-type: url\nText\n```\n", (refused("a link to 'javascript:alert(1)'", LINK),)
    ),
    "javascript-on-a-button": directive("button-link", "javascript:alert(1)", "Press", "an ordinary link"),
    "javascript-of-rst": Attack(
        "```{eval-rst}\n`a <javascript:alert(1)>`__\n```\n", (refused("a link to 'javascript:alert(1)'", LINK, line=BODY + 1),)
    ),
    "other-host-without-scheme": Attack(
        "```{card} T\n:link: //evil.example\n:link-type: url\nText\n```\n", (refused("a link to '//evil.example'", LINK),)
    ),
    "refresh": directive("meta", "", ":http-equiv=refresh: 0;url=https://evil.example", "the keys of the front matter"),
    # -- files
    "include": directive("include", "../secret.txt"),
    "include-absolute": directive("include", "/etc/passwd"),
    "literalinclude": directive("literalinclude", "../secret.txt"),
    "table-of-a-file": directive("csv-table", "t", ":file: ../secret.txt"),
    "include-of-rst": Attack(
        "```{eval-rst}\n.. include:: ../secret.txt\n\n.. literalinclude:: ../secret.txt\n```\n",
        (refused("the directive {include}", line=BODY + 1), refused("the directive {literalinclude}", line=BODY + 3)),
    ),
    "download": Attack("{download}`../secret.txt`\n", (refused("the file '../secret.txt'", OUTSIDE, code="path-outside"),)),
    "link-to-a-file": Attack("[a](../secret.txt)\n", (refused("the file '../secret.txt'", OUTSIDE, code="path-outside"),)),
    "path-link": Attack("[a](path:../secret.txt)\n", (refused("the file '../secret.txt'", OUTSIDE, code="path-outside"),)),
    "project-link": Attack(
        "[a](project:../secret.txt)\n", (refused("a link to 'project:../secret.txt'", LINK),), ("no page 'secret.txt'",)
    ),
    "file-link": Attack("[a](file:///etc/passwd)\n"),
    "picture-outside": Attack("![a](../outside.png)\n", (refused("the file '../outside.png'", OUTSIDE, code="path-outside"),)),
    "pictures-outside": Attack("![a](../outside.*)\n", (refused("the file '../outside.*'", OUTSIDE, code="path-outside"),)),
    "figure-outside": Attack(
        "```{figure} /../outside.png\nWords.\n```\n", (refused("the file '/../outside.png'", OUTSIDE, code="path-outside"),)
    ),
    "picture-of-a-page": Attack(
        "![a](conf.py)\n", (refused("the file 'conf.py'", "a file of the kind .gif, .jpeg, .jpg, .png, .svg, .webp"),)
    ),
    "page-that-runs": Attack(
        "{download}`conf.py`\n",
        (
            refused(
                "the file 'conf.py'", "a file of the kind .bib, .csv, .cx2, .gif, .jpeg, .jpg, .json, .mmd, .pdf, .png, .svg, .webp, .yaml"
            ),
        ),
    ),
    "long-name": Attack("{download}`" + "x" * 5000 + ".csv`\n", also=("expected a file that exists",)),
    # -- other hosts
    "table-of-an-address": directive("csv-table", "t", ":url: https://evil.example/x.csv"),
    "picture-elsewhere": Attack(
        "![a](https://evil.example/x.png)\n", (refused("a picture from 'https://evil.example/x.png'", "a picture in docs/"),)
    ),
    "picture-without-scheme": Attack(
        "![a](//evil.example/x.png)\n", (refused("a picture from '//evil.example/x.png'", "a picture in docs/"),)
    ),
    "picture-in-the-text": Attack(
        "![a](data:image/png;base64,AAAA)\n", (refused("a picture from 'data:image/png;base64,AAAA'", "a picture in docs/"),)
    ),
    "picture-with-a-target": Attack(
        "```{image} https://evil.example/x.png\n:target: javascript:alert(1)\n```\n",
        (refused("a link to 'javascript:alert(1)'", LINK), refused("a picture from 'https://evil.example/x.png'", "a picture in docs/")),
    ),
    # -- the parser itself
    "front-matter-myst": Attack(
        "$x$ {{ y }} <img src=x onerror=alert(1)>\n",
        (
            refused(
                "front matter with 'myst'",
                "one of description, audience, evidence_checked, review_by, clinical_reviewers",
                1,
                "front-matter",
            ),
        ),
        head=HEAD.replace(
            "---\n\n",
            "myst:\n  enable_extensions: [html_image, dollarmath, substitution, html_admonition]\n  disable_syntax: []\n"
            f"  url_schemes: [javascript]\n  substitutions: {{y: '{SCRIPT}'}}\n  html_meta: {{'http-equiv=refresh': '0;url=https://evil.example'}}\n---\n\n",
            1,
        ),
    ),
    "front-matter-broken": Attack(
        "Text.\n",
        (":4:3: found unhashable key - expected valid YAML - run: nox -s html [front-matter]",),
        head=HEAD.replace("audience: [patient]", "audience: [patient]\n? {a: b}\n: c"),
    ),
    "only": directive("only", "html", "Text."),
    "only-expression": directive("only", "(" * 3000, "Text."),
    "code-domain": Attack("```{cpp:function} " + "(" * 3000 + "\n```\n", (refused("the directive {cpp:function}"),)),
    "code-domain-role": Attack(
        "{py:func}`x` {c:expr}`" + "(" * 3000 + "`\n", (refused("the role {py:func}"), refused("the role {c:expr}"))
    ),
    "quotes": Attack(">" * 3000 + " x\n"),
    "lists": Attack("\n".join(" " * (2 * level) + "- a" for level in range(300)) + "\n"),
    "brackets": Attack("[" * 20000 + "\n\n" + "*a **b " * 5000 + "\n"),
}


@dataclass(frozen=True)
class Built:
    """The output of Sphinx on all attacks at once, and what it said."""

    root: Path
    said: str

    @property
    def html(self) -> Path:
        return self.root / "build" / "html"

    def told(self, name: str) -> list[str]:
        """Messages about one page, without its name."""
        lines = [line for line in self.said.splitlines() if f"docs/{name}.md:" in line]
        return [re.sub(r" \[kb\.[\w-]+\]$", "", line.split(f"docs/{name}.md", 1)[1]) for line in lines]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("attacked")
    for part in ("src", "diagrams", "evidence"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", root)
    docs = root / "docs"
    docs.mkdir()
    for path in sorted((ROOT / "docs").iterdir()):
        if path.is_dir() and path.name.startswith("_"):
            shutil.copytree(path, docs / path.name)
        elif path.is_file() and path.suffix != ".md":
            shutil.copy2(path, docs)
    (root / "secret.txt").write_text(SECRET, encoding="utf-8")
    (root / "outside.png").write_text(SECRET, encoding="utf-8")
    (docs / "index.md").write_text(HEAD + "```{toctree}\n" + "\n".join(["clean", *ATTACKS]) + "\n```\n", encoding="utf-8")
    (docs / "clean.md").write_text(HEAD + "Text.\n", encoding="utf-8")
    for name, attack in ATTACKS.items():
        (docs / f"{name}.md").write_text(attack.head + attack.body, encoding="utf-8")
    command = [sys.executable, "-c", OFFLINE, *("-q", "-b", "html", "-W", "--keep-going", "-d", "build/doctrees", "docs", "build/html")]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "NO_COLOR": "1", "PYTHONHASHSEED": "0"}
    done = running.run(command, cwd=root, env=environment)
    assert done.code != 0
    return Built(root, done.said)


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_told_in_exactly_these_words(attacked: Built, name: str) -> None:
    attack = ATTACKS[name]
    told = attacked.told(name)
    others = [line for line in told if any(piece in line for piece in attack.also)]
    assert sorted(line for line in told if line not in others) == sorted(attack.says)
    assert [piece for piece in attack.also if not any(piece in line for line in others)] == []
    assert [line for line in others if not (line.endswith("]") and " - run: " in line)] == []


def test_nothing_ended_in_a_traceback_or_reached_for_the_network(attacked: Built) -> None:
    assert "Traceback" not in attacked.said
    assert "Recursion" not in attacked.said
    assert "NETWORK" not in attacked.said


def test_no_file_from_elsewhere_is_in_the_output(attacked: Built) -> None:
    secrets = (SECRET.encode(), b"root:x:0:0")
    with_secret = [
        path for path in (attacked.root / "build").rglob("*") if path.is_file() and any(word in path.read_bytes() for word in secrets)
    ]
    assert with_secret == []
    assert not (attacked.html / "_images").exists()
    copied = {path.name for path in (attacked.html / "_downloads").rglob("*")}
    assert copied & {"conf.py", "secret.txt", "outside.png", "passwd"} == set()


def scripts(page: BeautifulSoup, name: str) -> list[str]:
    """Every script of a page, with the page's own name taken out."""
    return sorted(
        re.sub(rf"\b{re.escape(name)}\b", "NAME", str(tag)) for tag in page.find_all("script") if tag.get("type") != "application/ld+json"
    )


@pytest.mark.parametrize("name", ["index", *ATTACKS])
def test_no_attack_leaves_anything_that_runs(attacked: Built, name: str) -> None:
    page, clean = (BeautifulSoup((attacked.html / f"{one}.html").read_text(encoding="utf-8"), "html.parser") for one in (name, "clean"))
    assert scripts(page, name) == scripts(clean, "clean")
    assert page.find_all(["iframe", "object", "embed", "base", "frame", "applet"]) == []
    assert [tag for tag in page.find_all("meta") if str(tag.get("http-equiv", "")).lower() == "refresh"] == []
    assert [tag for tag in page.find_all(True) if any(key.lower().startswith("on") for key in tag.attrs)] == []
    article = page.find("article")
    assert isinstance(article, Tag)
    assert article.find_all(["script", "style", "link", "form"]) == []
    for tag in page.find_all(True):
        for key in ("href", "src", "action", "formaction", "poster", "srcset", "xlink:href"):
            address = re.sub(r"[\x00-\x20]", "", str(tag.get(key, "")))
            scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
            assert scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel"), str(tag)
            assert not address.startswith(("//", "\\")), str(tag)
            assert key == "href" or scheme is None, str(tag)


def test_json_ld_cannot_be_closed_by_a_description(attacked: Built) -> None:
    page = (attacked.html / "description.html").read_text(encoding="utf-8")
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


# -- files -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Project:
    """A project of one good page."""
    for folder in ("docs/_static", "docs/_templates", "diagrams", "evidence/claims"):
        (tmp_path / "project" / folder).mkdir(parents=True)
    (tmp_path / "secret.txt").write_text(SECRET, encoding="utf-8")
    (tmp_path / "project/docs/index.md").write_text(HEAD, encoding="utf-8")
    (tmp_path / "project/docs/conf.py").touch()
    (tmp_path / "project/docs/_templates/footer.html").touch()
    return Project(tmp_path / "project")


def told(tree: Project) -> list[str]:
    return [str(fault) for fault in untrusted.check(tree)]


def test_a_good_tree_brings_no_message(tree: Project, project: Project) -> None:
    assert told(tree) == []
    assert told(project) == []


@pytest.mark.parametrize(
    "name", ["docs/page.md", "docs/_static/x.css", "diagrams/x.mmd", "evidence/claims/x.yaml", "docs/folder", "evidence/broken"]
)
def test_links_are_told_and_never_followed(tree: Project, name: str) -> None:
    target = {"folder": "..", "broken": "nowhere"}.get(Path(name).name, "secret.txt")
    (tree.root / name).symlink_to(tree.root.parent / target)
    assert told(tree) == [f"{name}: a link to another place - expected the file itself - run: nox -s html [path-outside]"]


def test_a_loop_of_links_ends(tree: Project) -> None:
    (tree.docs / "loop").symlink_to(tree.docs)
    assert told(tree) == ["docs/loop: a link to another place - expected the file itself - run: nox -s html [path-outside]"]


@pytest.mark.parametrize(
    "name", ["page.rst", "x/page.txt", "evil.html", "_static/evil.html", "_static/evil.XHTML", "locales/en/LC_MESSAGES/x.po"]
)
def test_files_that_would_be_read_or_published_unchecked_are_told(tree: Project, name: str) -> None:
    path = tree.docs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT, encoding="utf-8")
    kind = path.suffix.lower()
    assert told(tree) == [f"docs/{name}: a {kind} file - expected a page in MyST Markdown (.md) - run: nox -s html [not-a-source]"]


@pytest.mark.parametrize("name", ["_page.md", "page.MD", "x/_page.md", "page.markdown"])
def test_pages_that_the_checks_would_not_see_are_told(tree: Project, name: str) -> None:
    path = tree.docs / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD, encoding="utf-8")
    expected = "a name that ends in .md and begins with a letter"
    assert told(tree) == [f"docs/{name}: a page that would never be shown - expected {expected} - run: nox -s html [not-a-source]"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_told_and_not_waited_for(tree: Project) -> None:
    os.mkfifo(tree.docs / "pipe.md")
    assert told(tree) == ["docs/pipe.md: neither a file nor a folder - expected an ordinary file - run: nox -s html [not-a-source]"]


def test_fences_inside_fences_without_end_are_told(tree: Project) -> None:
    (tree.docs / "deep.md").write_text(HEAD + "```{note}\n" * 500, encoding="utf-8")
    line = BODY + untrusted.MAX_FENCES
    message = f"docs/deep.md:{line}: 21 fences inside each other - expected at most 20, each closed - run: nox -s html [not-allowed]"
    assert told(tree) == [message]


def test_the_command_line_stops_at_a_link_and_keeps_the_last_good_output(copy: Copy) -> None:
    kept = copy.path("build/html/index.html")
    kept.parent.mkdir(parents=True)
    kept.write_text("good", encoding="utf-8")
    copy.path("docs/passwords.md").symlink_to("/etc/passwd")
    run = copy.build("html")
    assert run.code == 1
    assert run.said.splitlines() == [
        "docs/passwords.md: a link to another place - expected the file itself - run: nox -s html [path-outside]",
        "1 fault: path-outside 1",
    ]
    assert kept.read_text(encoding="utf-8") == "good"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>x()</script>",
        '<a href="https://evil.example">x</a>',
        '<image href="https://evil.example/x.png"/>',
        '<rect onload="x()"/>',
        "<foreignObject/>",
        "<style>@import 'x'</style>",
        '<rect style="fill:url(https://evil.example/x)"/>',
        "<set attributeName='href' to='javascript:x'/>",
    ],
)
def test_a_drawing_that_could_act_is_refused(tmp_path: Path, inside: str) -> None:
    drawing = tmp_path / "x.svg"
    start = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
    drawing.write_text(f"{start}{inside}</svg>", encoding="utf-8")
    assert not is_plain_drawing(drawing)
    drawing.write_text(f'{start}<g fill="url(#a)"><use href="#b"/><text>on = 1</text></g></svg>', encoding="utf-8")
    assert is_plain_drawing(drawing)
    drawing.write_text(f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{start}</svg>", encoding="utf-8")
    assert not is_plain_drawing(drawing)
