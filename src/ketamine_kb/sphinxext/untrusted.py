"""What a page may not do, whoever wrote it: run a script, read a file from elsewhere, ask another host.

Directives and roles that could are replaced by ones that only say so. What other ways leave in a page (links, pictures, files
to take away) is looked at once each page is read, before Sphinx copies or fetches anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from ketamine_kb import plain_yaml
from ketamine_kb.checks import markdown
from ketamine_kb.checks.sources import KEYS
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import Faulty
from ketamine_kb.sphinxext import report

_TEXT = "text or a table in MyST"
_PICTURE = "a diagram in diagrams/, or a picture with its text"
_HEADING = "a heading without tags"
#: Directives that pages may not use, and what to write instead.
DIRECTIVES = {
    **dict.fromkeys(("include", "literalinclude", "csv-table", "raw", "eval-rst", "code-include"), _TEXT),
    **dict.fromkeys(("role", "default-role", "class", "rst-class", "only", "ifconfig", "header", "footer", "date", "title"), _TEXT),
    **dict.fromkeys(("graphviz", "inheritance-diagram", "digraph", "graph"), _PICTURE),
    "meta": "the keys of the front matter",
    "button-link": "an ordinary link",
    **dict.fromkeys(("restructuredtext-test-directive", "parsed-literal", "highlight"), _TEXT),
}
ROLES = dict.fromkeys(("raw", "restructuredtext-unimplemented-role"), _TEXT)
#: Domains for documenting code; their parsers are not made for text from strangers.
_CODE_DOMAINS = ("c", "cpp", "js", "py", "rst")
_SCHEMES = ("http", "https", "mailto", "tel")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
#: Kinds of files that a browser shows or saves and never runs.
_PICTURES = frozenset(".png .jpg .jpeg .webp .gif .svg".split())
_FILES = frozenset(".bib .csv .cx2 .json .mmd .pdf .yaml".split()) | _PICTURES
#: Largest drawing that is looked through, in bytes.
MAX_DRAWING = 1_000_000
#: What makes a drawing more than a drawing when a browser opens it alone.
_ACTIVE = re.compile(
    r"<\s*(?:\w+:)?(?:script|foreignobject|iframe|embed|object|handler|set|animate)|\son\w+\s*=|javascript:|<!(?:doctype|entity)|<\?xml-stylesheet|@import"
    r"|(?:href|src)\s*=\s*[\"']\s*(?!#|data:image/(?:png|jpeg);)|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)
#: Deepest nesting of a page's parts. Real pages have less than 20; Python's own limit is met at some hundreds.
MAX_DEPTH = 60


class _AnyOption(dict[str, Callable[[str], Any]]):
    """Takes every option, so that the one message is that the directive is not allowed."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Callable[[str], Any]:
        return str


class Refused(SphinxDirective):
    """Stands in for a directive that pages may not use."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        """Say so and show nothing."""
        _refuse(self.env.docname, self.lineno, f"the directive {{{self.name}}}", DIRECTIVES.get(self.name.lower(), _TEXT))
        return []


def refused_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Stands in for a role that pages may not use: says so and shows the text as code."""
    document = inliner.document
    _refuse(document.settings.env.docname, lineno, f"the role {{{name}}}", ROLES.get(name.lower(), _TEXT))
    return [nodes.literal("", text)], []


def _refuse(docname: str, line: int | None, found: str, expected: str, code: Code = Code.NOT_ALLOWED) -> None:
    report.warn(Fault(f"docs/{docname}.md", line or 0, 0, code, found, expected))


def shortened(text: str) -> str:
    """``text`` as one line of a message."""
    plain = re.sub(r"[\x00-\x20\x7f]+", " ", text)
    return repr(plain if len(plain) <= 80 else plain[:77] + "...")


def scheme(address: str) -> str:
    """The scheme of an address as a browser reads it, in small letters; ``"//"`` for another host without one; ``""`` for a place here."""
    # Browsers drop these characters before they look for the scheme.
    bare = re.sub(r"[\x00-\x20\x7f]+", "", address)
    if bare.replace("\\", "/").startswith("//"):
        return "//"
    match = _SCHEME.match(bare)
    return match[1].lower() if match else ""


class RefuseUnsafe(SphinxTransform):
    """Takes out of a page what could run, fetch or read elsewhere, each with a message. Before any collector copies a file."""

    default_priority = 5

    def apply(self, **_: Any) -> None:
        """Look at every part of the page once."""
        if (depth := _depth(self.document)) > MAX_DEPTH:
            self._say(self.document, f"parts inside each other {depth} deep", f"at most {MAX_DEPTH}")
            self.document.clear()
            self.document += nodes.section("", nodes.title("", "Too deep"), ids=["too-deep"], names=[])
            return
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, nodes.image):
                self._image(node)
            elif isinstance(node, addnodes.download_reference):
                self._file(node, str(node.get("reftarget", "")))
            elif isinstance(node, addnodes.toctree):
                self._toctree(node)
            elif isinstance(node, nodes.title | nodes.rubric) and _looks_like_html(node.astext()):
                self._say(node, f"the heading {shortened(node.astext())}", _HEADING)
                node[:] = [nodes.Text("Not shown")]
            elif isinstance(node, nodes.raw | nodes.meta):
                self._say(node, f"a {type(node).__name__} part", _TEXT)
                node.parent.remove(node)
            elif (refuri := node.get("refuri")) is not None and not self._link(node, str(refuri)):
                node.replace_self(nodes.inline("", "", *node.children))

    def _say(self, node: nodes.Node, found: str, expected: str, code: Code = Code.NOT_ALLOWED) -> None:
        at: nodes.Node | None = node
        while at is not None and not getattr(at, "line", None):
            at = at.parent
        _refuse(self.env.docname, getattr(at, "line", None), found, expected, code)

    def _link(self, node: nodes.Node, address: str) -> bool:
        if scheme(address) in ("", *_SCHEMES):
            return True
        self._say(node, f"a link to {shortened(address)}", "a page of this site, or one of " + ", ".join(f"{name}:" for name in _SCHEMES))
        return False

    def _toctree(self, node: addnodes.toctree) -> None:
        for title, _ in node["entries"]:
            if _looks_like_html(str(title or "")):
                self._say(node, f"the heading {shortened(str(title))}", _HEADING)
        plain = [(title, ref) for title, ref in node["entries"] if not _looks_like_html(str(title or ""))]
        node["entries"] = [(title, ref) for title, ref in plain if self._link(node, str(ref))]

    def _image(self, node: nodes.image) -> None:
        address = str(node.get("uri", ""))
        if scheme(address):
            self._say(node, f"a picture from {shortened(address)}", "a picture in docs/")
            node.replace_self(nodes.inline("", str(node.get("alt", ""))))
        elif not self._inside(node, address, _PICTURES):
            node.replace_self(nodes.inline("", str(node.get("alt", ""))))

    def _file(self, node: addnodes.download_reference, target: str) -> None:
        if not (self._link(node, target) if scheme(target) else self._inside(node, target, _FILES)):
            node.replace_self(nodes.inline("", "", *node.children))

    def _inside(self, node: nodes.Node, target: str, kinds: frozenset[str]) -> bool:
        """True when a file of a page lies where pages may read from and is of a kind that a browser never runs."""
        try:
            _, name = self.env.relfn2path(target, self.env.docname)
            path = Path(name).resolve()
        except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, a NUL byte
            self._say(node, f"the file {shortened(target)}", "a name that a file can have")
            return False
        project = report.project_of(self.app)
        if not any(path.is_relative_to(folder.resolve()) for folder in (project.docs, project.diagrams, project.evidence)):
            self._say(node, f"the file {shortened(target)}", "a file in docs/, diagrams/ or evidence/", Code.PATH_OUTSIDE)
            return False
        if PurePosixPath(target).suffix.lower() not in kinds:
            self._say(node, f"the file {shortened(target)}", "a file of the kind " + ", ".join(sorted(kinds)))
            return False
        if path.suffix.lower() == ".svg" and path.is_file() and not is_plain_drawing(path):
            self._say(node, f"the file {shortened(target)}", "a drawing without scripts, links, styles from elsewhere and document types")
            return False
        return True


def is_plain_drawing(path: Path) -> bool:
    """True for an SVG that a browser can open without running, asking or styling anything from elsewhere."""
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_DRAWING else b"<script"
        return not _ACTIVE.search(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def _looks_like_html(heading: str) -> bool:
    """True for a heading that is markup where it is written without escapes, as the theme does in its header (0.24.0)."""
    return re.search(r"<[A-Za-z/!?]", heading) is not None


def _depth(root: nodes.Element) -> int:
    """How deep the parts of a page lie inside each other, without recursion."""
    deepest, stack = 0, [(root, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        stack += [(child, level + 1) for child in node.children if isinstance(child, nodes.Element)]
    return deepest


def keep_front_matter_plain(app: Sphinx, docname: str, source: list[str]) -> None:
    """A page cannot change how it is parsed: front matter with other keys than ours is taken away before MyST reads it."""
    matter = markdown.front_matter(source[0])
    if matter is None:
        return
    try:
        data = plain_yaml.read(matter[0], f"docs/{docname}.md", Code.FRONT_MATTER, first=2).data
    except Faulty as error:
        for fault in error.faults:
            report.warn(fault)
        data = None
    if isinstance(data, dict):
        others = [str(key) for key in data if key not in KEYS]
        if not others:
            return
        _refuse(docname, 1, f"front matter with {shortened(', '.join(others))}", "one of " + ", ".join(KEYS), Code.FRONT_MATTER)
    # As many lines as before, so that later messages name the right one.
    lines = source[0].split("\n")
    source[0] = "\n".join([*[""] * matter[1], *lines[matter[1] :]])


def close_code_domains(app: Sphinx) -> None:
    """No directive or role of a domain for documenting code does anything on a page."""
    for name in _CODE_DOMAINS:
        domain = app.env.domains.get(name)
        if domain is not None:
            # On this one object: the classes belong to Sphinx.
            vars(domain).update(directives=dict.fromkeys(domain.directives, Refused), roles=dict.fromkeys(domain.roles, refused_role))


def setup_untrusted(app: Sphinx) -> None:
    """Put the refusals in place; last, so that nothing set up before replaces them."""
    for name in DIRECTIVES:
        app.add_directive(name, Refused, override=True)
    for name in ROLES:
        app.add_role(name, refused_role, override=True)
    app.add_transform(RefuseUnsafe)
    app.connect("source-read", keep_front_matter_plain, priority=1)
    app.connect("builder-inited", close_code_domains)
