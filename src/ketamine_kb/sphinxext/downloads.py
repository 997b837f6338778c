"""What can be had on paper: the list of PDFs, and beside which pages each is offered.

The PDFs are printed when the pages have been read and before the site is written, by the builders in ``kb_printers``, into the folder
``kb_print``. A site built without them says how they are made.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel import Locale
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from ketamine_kb import manifest
from ketamine_kb.manifest import PrintedFile
from ketamine_kb.messages import Code, Fault
from ketamine_kb.project import here
from ketamine_kb.sphinxext.pages import long_date
from ketamine_kb.sphinxext.report import warn
from ketamine_kb.sphinxext.tables import Rows, table

#: Folder of the PDFs inside the site: an address that stays.
FOLDER = "print"
ABSENT = "The PDFs are not part of this build of the site. They are made by"
ON_THE_WEB = "The list of the PDFs, each with its size and SHA-256, stands on the web page."


class printed_files(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes in lower case
    """Where the list of PDFs stands; what it says is known only when the page is written."""


class PrintedFiles(SphinxDirective):
    """``{printed-files}``: every PDF with paper, pages, size, date of the evidence, language and SHA-256."""

    def run(self) -> list[nodes.Node]:
        """A place for the list."""
        return [printed_files()]


def size_words(count: int) -> str:
    """A number of bytes as readers know it, in units of a thousand."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"


def language_name(tag: str) -> str:
    """The English name of a language tag, without the region."""
    return str(Locale.parse(tag, sep="-").get_language_name("en")) if tag else ""


def day(iso: str) -> str:
    """A date of the notes in words."""
    return long_date(dt.date.fromisoformat(iso)) if iso else ""


def pages_words(count: int) -> str:
    """How many pages; nothing when it was not noted."""
    return f"{count} page{'' if count == 1 else 's'}" if count else ""


class Downloads:
    """The PDFs handed over to one build of the site."""

    def __init__(self) -> None:
        self.files: list[PrintedFile] = []
        self.folder: Path | None = None

    def load(self, app: Sphinx, builder: Builder) -> None:
        """Print what is asked for, and read what was printed; a stale folder is a fault.

        The site has read its pages by now. The printers find them read, so nothing is read twice; and what has changed since the
        last build is known to this process, so no page of the site is forgotten.

        :raises SystemExit: when a printer failed, after it has told why.
        """
        self.files, self.folder = [], None
        if builder.format != "html" or not app.config.kb_print:
            return
        for printer in app.config.kb_printers:
            _print(app, printer)
        self.folder = here().root / app.config.kb_print
        try:
            self.files = manifest.read(self.folder)
        except ValueError as error:
            warn(Fault(app.config.kb_print, 0, 0, Code.PRINT_STALE, str(error), "the PDFs that were just printed", run="nox -s pdf"))

    def write_again(self, app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
        """Pages that show a PDF, which may not be that of the last build."""
        if app.builder.format != "html" or not app.config.kb_print:
            return []
        beside = {page for entry in app.config.kb_handouts.values() for page in entry.get("beside", [])}
        return sorted((beside | {*app.config.kb_handouts, "handouts/index"}) & env.found_docs)

    def add(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
        """Tell the template of one page which handouts belong to it, and their PDFs."""
        context["kb_print"] = [
            {
                "page": docname,
                "title": app.env.titles[docname].astext(),
                "files": [
                    {
                        "address": f"{FOLDER}/{file.file}",
                        "words": ", ".join(word for word in (file.paper, file.kind) if word),
                        "about": ", ".join(word for word in (pages_words(file.pages), size_words(file.bytes)) if word),
                    }
                    for file in self.files
                    if file.page == docname
                ],
                "checked": next((day(file.checked) for file in self.files if file.page == docname), ""),
                "language": next((language_name(file.language) for file in self.files if file.page == docname), ""),
            }
            for docname, entry in app.config.kb_handouts.items()
            if docname in app.env.titles and (pagename == docname or pagename in entry.get("beside", []))
        ]

    def copy(self, app: Sphinx, exception: Exception | None) -> None:
        """Put the PDFs into the site, and nothing else beside them."""
        if app.builder.format != "html" or exception:
            return
        target = Path(app.outdir) / FOLDER
        shutil.rmtree(target, ignore_errors=True)
        if self.folder and self.files:
            target.mkdir()
            for file in self.files:
                shutil.copyfile(self.folder / file.file, target / file.file)


def _print(app: Sphinx, printer: str) -> None:
    """Run one printer on the pages that were just read."""
    # What the command line set for the site holds for its PDFs; Sphinx takes yes and no as numbers there.
    held = {name: int(value) if isinstance(value, bool) else value for name, value in app.config.overrides.items()}
    given = [word for name, value in held.items() for word in ("-D", f"{name}={value}")]
    # A reader's site does not fail because a handout is due for review: it does not offer that handout.
    given += ["-D", "kb_print=", "-D", "kb_handout_overdue=leave-out"]
    command = [sys.executable, "-m", "sphinx", "-q", "-b", printer, "-W", "--keep-going", "-d", str(app.doctreedir), *given]
    sys.stdout.flush()
    done = subprocess.run([*command, str(app.srcdir), str(here().root / app.config.kb_print)], check=False, cwd=here().root)
    if done.returncode:
        # It has told what is wrong; an exception of Sphinx's own would add a traceback.
        raise SystemExit(1)


DOWNLOADS = "kb_downloads"


class ShowPrintedFiles(SphinxPostTransform):
    """Fills in the list: a table and the checksums on the web, a sentence elsewhere."""

    default_priority = 8

    def run(self, **kwargs: Any) -> None:
        """Replace every :class:`printed_files`."""
        for node in list(self.document.findall(printed_files)):
            node.replace_self(self.made())

    def made(self) -> list[nodes.Node]:
        """What stands there in this output."""
        if self.app.builder.format != "html":
            return [nodes.paragraph("", ON_THE_WEB)]
        files = getattr(self.app, DOWNLOADS).files
        if not files:
            return [nodes.paragraph("", ABSENT + " ", nodes.literal("", "nox -s pdf"), nodes.Text("."))]
        rows: Rows = []
        up = "../" * self.env.docname.count("/")
        for file in files:
            # The words of a link say which file it is, also to those who hear the links alone.
            name = ", ".join(word for word in (file.title, file.paper, file.kind) if word)
            link = nodes.reference("", f"{name} (PDF)", refuri=f"{up}{FOLDER}/{file.file}", internal=True)
            about = ", ".join(word for word in (pages_words(file.pages), size_words(file.bytes)) if word)
            words = [about, day(file.checked), language_name(file.language)]
            cells: list[list[nodes.Node]] = [[link]]
            cells += [[nodes.Text(word)] for word in words]
            rows.append(cells)
        head = ["File and paper", "Pages and size", "Evidence checked", "Language"]
        sums = "\n".join(f"{file.sha256}  {file.file}" for file in files)
        block = nodes.literal_block(sums, sums, language="none")
        listed = table("", head, rows, (46, 18, 22, 14))
        # The heading above it is its name: tables are counted when pages are read, and this one is made later.
        listed.remove(next(listed.findall(nodes.title)))
        return [
            listed,
            nodes.paragraph("", "The SHA-256 of each file, to check that what you have is what we made:"),
            block,
        ]


def setup_downloads(app: Sphinx) -> None:
    """Register the directive, the settings and the copying."""
    downloads = Downloads()
    setattr(app, DOWNLOADS, downloads)
    app.add_config_value("kb_handouts", {}, "env", types=frozenset({dict}))
    app.add_config_value("kb_print", "", "html", types=frozenset({str}))
    app.add_config_value("kb_printers", [], "", types=frozenset({list}))
    app.add_node(printed_files)
    app.add_directive("printed-files", PrintedFiles)
    app.add_post_transform(ShowPrintedFiles)
    app.connect("env-updated", downloads.write_again)
    app.connect("write-started", downloads.load)
    app.connect("html-page-context", downloads.add)
    app.connect("build-finished", downloads.copy)
