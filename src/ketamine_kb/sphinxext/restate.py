"""What Sphinx, MyST, docutils, bibtex and doctest report, said again in the one shape of :mod:`ketamine_kb.messages`.

Pure functions on words: the handler in :mod:`~ketamine_kb.sphinxext.report` gives them what was logged and what the project knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ketamine_kb.messages import Code, Fault, nearest

#: What a word could have meant: kind of thing to the words that exist. Asked only when a warning needs it.
Known = Callable[[str], Sequence[str]]
#: Longest piece of a foreign message that is quoted.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """One message from below.

    :param pattern: what it looks like; the group ``it`` is the word that is at fault.
    :param found: how we say it, with the groups of the pattern as fields.
    :param among: the kind of thing that the word should have been, for the nearest match.
    """

    pattern: re.Pattern[str]
    code: Code
    found: str
    expected: str
    among: str = ""


def _rule(pattern: str, code: Code, found: str, expected: str, among: str = "") -> Rule:
    return Rule(re.compile(pattern, re.DOTALL), code, found, expected, among)


_Q = r"['\"‘’“”]"
#: The closed list of what is understood. The first that fits is taken.
RULES = (
    # -- links and targets
    _rule(
        r"local id not found in doc " + _Q + r"(?P<doc>.*?)" + _Q + r": " + _Q + r"(?P<it>.*)" + _Q,
        Code.TARGET_UNKNOWN,
        "no heading or label {it!r} on the page {doc}",
        "an anchor of that page",
        "anchor:{doc}",
    ),
    _rule(
        r"'myst' (?:cross-)?reference target not found: " + _Q + r"(?P<it>.*?)" + _Q,
        Code.TARGET_UNKNOWN,
        "a link to {it!r}, which does not exist",
        "a page, a heading or a label",
        "target",
    ),
    _rule(r"undefined label: " + _Q + r"(?P<it>.*?)" + _Q, Code.TARGET_UNKNOWN, "no label {it!r}", "a label of a page", "label"),
    _rule(
        r"Failed to create a cross reference. Any number is not assigned: (?P<it>.*)",
        Code.TARGET_UNKNOWN,
        "no number for {it!r}",
        "the label of a figure or a table with a caption",
        "label",
    ),
    _rule(
        r"Failed to create a cross reference. A title or caption not found: " + _Q + "?(?P<it>[^'\"‘’“”]*)",
        Code.TARGET_UNKNOWN,
        "the label {it!r} has no title",
        "a label before a heading or a caption, or words in the link",
        "label",
    ),
    _rule(r"term not in glossary: " + _Q + r"(?P<it>.*?)" + _Q, Code.TARGET_UNKNOWN, "no term {it!r}", "a term of the glossary", "term"),
    _rule(r"unknown document: " + _Q + r"(?P<it>.*?)" + _Q, Code.TARGET_UNKNOWN, "no page {it!r}", "a page", "page"),
    _rule(r"Could not find document: (?P<it>.*)", Code.TARGET_UNKNOWN, "no page {it!r}", "a page", "page"),
    _rule(
        r"unknown (?:option|keyword): " + _Q + r"(?P<it>.*?)" + _Q, Code.TARGET_UNKNOWN, "no target {it!r}", "a target that exists", "label"
    ),
    _rule(
        r"equation (?:reference )?(?:not found|target not found): (?P<it>.*)",
        Code.TARGET_UNKNOWN,
        "no equation {it!r}",
        "the label of an equation",
    ),
    _rule(
        r"(?P<kind>[\w:]+) reference target not found: (?P<it>.*)",
        Code.TARGET_UNKNOWN,
        "no {kind} target {it!r}",
        "a target that exists",
        "label",
    ),
    _rule(
        r"more than one target found for 'any' cross-reference '?(?P<it>[^':]*)'?.*",
        Code.TARGET_AGAIN,
        "{it!r} could mean several places",
        "a link that names one",
    ),
    _rule(r"Multiple matches for (?P<it>.*)", Code.TARGET_AGAIN, "{it} could mean several places", "a link that names one"),
    _rule(
        r"duplicate label (?:of equation )?(?P<it>.*?), other instance in (?P<other>.*)",
        Code.TARGET_AGAIN,
        "label {it!r} again",
        "one place for each label (the other is in {other})",
    ),
    _rule(
        r"Duplicate (?:explicit|implicit) target name: " + _Q + r"(?P<it>.*?)" + _Q,
        Code.TARGET_AGAIN,
        "label {it!r} again",
        "one place for each label",
    ),
    _rule(
        r"Duplicate reference definition: (?P<it>.*)", Code.TARGET_AGAIN, "the reference [{it}] is defined again", "one definition of each"
    ),
    _rule(r"Duplicate ID: " + _Q + r"(?P<it>.*?)" + _Q, Code.TARGET_AGAIN, "id {it!r} again", "one place for each id"),
    # -- tables of contents
    _rule(
        r"document isn't included in any toctree(?P<it>)",
        Code.TOCTREE,
        "this page is in no table of contents",
        "its name in one {{toctree}}",
    ),
    _rule(
        r"document is referenced in multiple toctrees: \[(?P<all>.*?)\], selecting: (?P<chosen>.*?) <- (?P<it>.*)",
        Code.TOCTREE,
        "this page is in several tables of contents ({all})",
        "one {{toctree}} that names it",
    ),
    _rule(
        r"toctree contains reference to (?:nonexisting|non-existing) document " + _Q + r"(?P<it>.*?)" + _Q,
        Code.TOCTREE,
        "the table of contents names {it!r}, which does not exist",
        "a page",
        "page",
    ),
    _rule(
        r"toctree contains reference to excluded document " + _Q + r"(?P<it>.*?)" + _Q,
        Code.TOCTREE,
        "the table of contents names {it!r}, which is left out of the site",
        "a page",
        "page",
    ),
    _rule(
        r"toctree contains reference to document " + _Q + r"(?P<it>.*?)" + _Q + r" that doesn't have a title.*",
        Code.TOCTREE,
        "the table of contents names {it!r}, which has no title",
        "a page with one first-level heading",
    ),
    _rule(r"duplicated entry found in toctree: (?P<it>.*)", Code.TOCTREE, "{it!r} twice in one table of contents", "each page once"),
    _rule(
        r"circular toctree references detected, ignoring: (?P<it>.*)",
        Code.TOCTREE,
        "a circle of tables of contents: {it}",
        "tables of contents that lead down only",
    ),
    _rule(r"self referenced toctree found.*(?P<it>)", Code.TOCTREE, "the table of contents names its own page", "other pages only"),
    _rule(
        r"toctree glob pattern " + _Q + r"(?P<it>.*?)" + _Q + r" didn't match.*",
        Code.TOCTREE,
        "the pattern {it!r} fits no page",
        "a pattern that fits",
    ),
    # -- images and files
    _rule(
        r"image file not readable: (?P<it>.*)", Code.IMAGE_MISSING, "no image {it}", "a file that exists, with the same capitals", "file"
    ),
    _rule(r"image file (?P<it>\S+) not readable: .*", Code.IMAGE_MISSING, "the image {it} cannot be read", "a picture file"),
    _rule(
        r"(?:Could not|cannot) (?:obtain|find) image.*?(?P<it>[\w./-]+\.\w+).*",
        Code.IMAGE_MISSING,
        "the image {it} cannot be read",
        "a picture file",
    ),
    _rule(
        r"a suitable image for \S+ builder not found: (?P<it>.*)",
        Code.IMAGE_MISSING,
        "no picture {it} that a page can show",
        "an SVG or PNG file",
    ),
    _rule(r"Unknown image format: (?P<it>.*)", Code.IMAGE_MISSING, "an image of an unknown kind, {it}", "an SVG, PNG or JPEG file"),
    _rule(r"download file not readable: (?P<it>.*)", Code.FILE_MISSING, "no file {it} to download", "a file that exists", "file"),
    _rule(
        r"Directive [\"']include[\"']: (?:error reading file|file not found): '?(?P<it>[^':]*).*",
        Code.FILE_MISSING,
        "no file {it} to include",
        "a file that exists",
        "file",
    ),
    _rule(
        r"Include file " + _Q + r"(?P<it>.*?)" + _Q + r" not found or reading it failed",
        Code.FILE_MISSING,
        "no file {it} to include",
        "a file that exists",
        "file",
    ),
    # -- headings
    _rule(
        r"Document headings start at (?P<it>H\d), not H1",
        Code.HEADING,
        "the first heading is of level {it}",
        "a heading of the first level, `# Title`",
    ),
    _rule(
        r"Non-consecutive header level increase; (?P<one>H\d) to (?P<it>H\d)",
        Code.HEADING,
        "a heading {it} right after {one}",
        "levels that go down one at a time",
    ),
    _rule(
        r"(?:Title level inconsistent|Inconsistent title style|Unexpected section title|Unexpected possible title).*(?P<it>)",
        Code.HEADING,
        "a heading where none can stand",
        "headings outside of directives, levels one at a time",
    ),
    # -- roles and directives
    _rule(r"Unknown interpreted text role \"(?P<it>.*?)\".*", Code.ROLE_FORM, "unknown role {{{it}}}", "a role that exists", "role"),
    _rule(r"No role entry for \"(?P<it>.*?)\".*", Code.ROLE_FORM, "unknown role {{{it}}}", "a role that exists", "role"),
    _rule(
        r"Unknown directive type:? " + _Q + r"(?P<it>.*?)" + _Q,
        Code.DIRECTIVE_FORM,
        "unknown directive {{{it}}}",
        "a directive that exists",
        "directive",
    ),
    _rule(
        r"No directive entry for \"(?P<it>.*?)\".*",
        Code.DIRECTIVE_FORM,
        "unknown directive {{{it}}}",
        "a directive that exists",
        "directive",
    ),
    _rule(
        r"'(?P<name>[\w:-]+)': Unknown option keys?: \[?'(?P<it>[^']*)'.*?\(allowed: \[(?P<allowed>.*)\]\)",
        Code.DIRECTIVE_FORM,
        "{{{name}}} has no option :{it}:",
        "one of {allowed}",
        "words:{allowed}",
    ),
    _rule(
        r"'(?P<name>[\w:-]+)': Invalid option value for '(?P<it>[^']*)': (?P<value>.*?): (?P<why>.*)",
        Code.DIRECTIVE_FORM,
        "{{{name}}} cannot take {value} for :{it}: ({why})",
        "a value of the kind it says",
    ),
    _rule(r"Directive '(?P<it>[\w:-]+)': (?P<why>.*)", Code.DIRECTIVE_FORM, "{{{it}}}: {why}", "the directive as the guide writes it"),
    _rule(r"'(?P<it>[\w:-]+)': (?P<why>.*)", Code.DIRECTIVE_FORM, "{{{it}}}: {why}", "the directive as the guide writes it"),
    _rule(
        r"Error parsing content block for the \"(?P<it>list-table)\" directive: (?P<why>.*)",
        Code.TABLE_RAGGED,
        "the table cannot be read: {why}",
        "rows with the same number of cells",
    ),
    _rule(
        r"Error parsing content block for the \"(?P<it>[\w-]+)\" directive: (?P<why>.*)",
        Code.DIRECTIVE_FORM,
        "{{{it}}}: {why}",
        "content that the directive can read",
    ),
    _rule(
        r"Error with (?:CSV data|the data) in \"(?P<it>[\w-]+)\" directive:\s*(?P<why>.*)",
        Code.TABLE_RAGGED,
        "the table cannot be read: {why}",
        "rows with the same number of cells",
    ),
    _rule(
        r"\"(?P<it>[\w-]+)\" widths do not match the number of columns.*",
        Code.TABLE_RAGGED,
        "the widths of {{{it}}} do not fit its columns",
        "as many widths as columns",
    ),
    _rule(
        r"Error in \"(?P<it>[\w:-]+)\" directive:\s*(?P<why>.*)",
        Code.DIRECTIVE_FORM,
        "{{{it}}}: {why}",
        "the directive as the guide writes it",
    ),
    _rule(r"The \"(?P<it>[\w:-]+)\" directive (?P<why>.*)", Code.DIRECTIVE_FORM, "{{{it}}} {why}", "the directive as the guide writes it"),
    _rule(
        r"Problems? with \"?(?P<it>[\w-]+)\"? directive(?: path)?:\s*(?P<why>.*)",
        Code.FILE_MISSING,
        "{{{it}}}: {why}",
        "a file that exists",
    ),
    _rule(
        r"Content block expected for the \"(?P<it>[\w:-]+)\" directive; none found.*",
        Code.DIRECTIVE_FORM,
        "{{{it}}} without content",
        "content between its fences",
    ),
    _rule(
        r"(?:Inline|Explicit|Block quote|Definition list|Bullet list|Enumerated list|Literal block|"
        r"Unexpected indentation|Undefined substitution)(?P<it>).*",
        Code.DIRECTIVE_FORM,
        "reStructuredText that cannot be read: {all}",
        "MyST, or text that is closed as it is opened",
    ),
    # -- glossary
    _rule(
        r"duplicate term description of (?P<it>.*?), other instance in (?P<other>.*)",
        Code.GLOSSARY,
        "the term {it!r} again",
        "each term once (the other is in {other})",
    ),
    _rule(
        r"glossary (?:term|terms|seems|separator)(?P<it>.*)",
        Code.GLOSSARY,
        "the glossary is badly indented: {it}",
        "a term at the margin, then its definition indented by two blanks",
    ),
    # -- citations
    _rule(
        r"could not find bibtex key \"(?P<it>.*?)\"",
        Code.CITATION_UNKNOWN,
        "unknown citation key {it!r}",
        "a key of evidence/references.bib",
        "key",
    ),
    _rule(
        r"duplicate (?:local )?citation for key \"(?P<it>.*?)\"",
        Code.BIBLIOGRAPHY,
        "the bibliography lists {it!r} twice",
        "one bibliography",
    ),
    _rule(r"bibliography data error in .*?: (?P<it>.*)", Code.BIBLIOGRAPHY, "{it}", "valid BibTeX"),
    # -- footnotes, maths, code
    _rule(
        r"Footnote \[(?P<it>.*?)\] is not referenced.*", Code.FOOTNOTE, "the footnote [^{it}] is used nowhere", "a mark [^{it}] in the text"
    ),
    _rule(
        r"Duplicate footnote definition found for label: '(?P<it>.*?)'",
        Code.FOOTNOTE,
        "the footnote [^{it}] is defined again",
        "one definition of each",
    ),
    _rule(
        r"(?:No footnote definition found for label: '|Unknown target name: \")(?P<it>.*?)['\"].*",
        Code.FOOTNOTE,
        "the footnote {it} has no definition",
        "a line [^label]: with its words",
    ),
    _rule(
        r"Pygments lexer name " + _Q + r"(?P<it>.*?)" + _Q + r" is not known",
        Code.HIGHLIGHT,
        "a code block in an unknown language {it!r}",
        "a language, or `text`",
        "language",
    ),
    _rule(
        r"Lexing literal_block (?P<it>.*?) as \"(?P<language>\w+)\" resulted in an error.*",
        Code.HIGHLIGHT,
        "a code block does not read as {language}: {it}",
        "valid {language}, or `text`",
    ),
    # -- files
    _rule(
        r"multiple files found for the document \"(?P<it>.*?)\": (?P<which>.*)",
        Code.TARGET_AGAIN,
        "two files for the page {it!r}: {which}",
        "one file a page",
    ),
    _rule(r"undecodable source characters.*(?P<it>)", Code.PAGE_NOT_UTF8, "bytes that are not UTF-8", "a file saved as UTF-8"),
)
#: What docutils adds to a fault that MyST or Sphinx told in clearer words.
ADDED = re.compile(r"Too many autonumbered footnote references|Duplicate ID: ")
_SUFFIX = re.compile(r"(?:\s*\[(?:docutils|toc|ref|myst|image|bibtex|misc|download|glossary|app|kb|design|mermaid)(?:\.[\w.-]+)?\])+\s*$")
#: docutils repeats the source of the block after an empty line.
_ECHO = re.compile(r"\n\s*\n.*", re.DOTALL)


def restate(path: str, line: int, words: str, known: Known, run: str) -> Fault:
    """The fault that a message from below tells of; one that no rule knows keeps its own words.

    :param path: the file, relative to the project.
    :param line: its line from 1, or 0.
    :param words: the message, without place and type.
    :param run: the command to run again.
    """
    bare = _bare(words)
    for rule in RULES:
        if match := rule.pattern.fullmatch(bare) or rule.pattern.match(bare):
            groups = {name: (value or "").strip().rstrip(".") for name, value in match.groupdict().items()}
            groups.setdefault("all", bare.rstrip("."))
            it = groups["it"]
            near = _nearest(rule.among.format_map(_Braced(groups)), it, known) if rule.among else ""
            return Fault(path, line, 0, rule.code, _short(rule.found.format(**groups)), rule.expected.format(**groups), near, run)
    return Fault(path, line, 0, Code.UNDERNEATH, _short(bare) or "a warning without words", "no warning from below", run=run)


def word_at_fault(words: str) -> str:
    """The word of a message that stands in the source, or ``""``."""
    bare = _bare(words)
    for rule in RULES:
        if match := rule.pattern.match(bare):
            return (match["it"] or "").strip()
    return ""


def _bare(words: str) -> str:
    """The message in one line, without its type and the piece of source behind it."""
    return " ".join(_ECHO.sub("", _SUFFIX.sub("", words)).split())


class _Braced(dict[str, str]):
    """Groups of a pattern, with nothing for one that is missing."""

    def __missing__(self, key: str) -> str:
        return ""


def _nearest(among: str, word: str, known: Known) -> str:
    """The closest word of the kind, in the way the author wrote it: with its folder, ending and anchor."""
    return nearest(word, known(among)) or nearest(word.lower(), known(among))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[:LONGEST].rstrip() + "…"


def place(lines: Sequence[str], line: int, word: str) -> tuple[int, int]:
    """Where ``word`` really stands: on the line that was named, else the nearest line that has it, later ones first.

    :returns: line and column from 1; column 0 when the word is nowhere.
    """
    if not word:
        return line, 0
    having = [number for number, text in enumerate(lines, 1) if word in text]
    if not having:
        return line, 0
    best = min(having, key=lambda number: (number < line, abs(number - line)))
    return best, lines[best - 1].index(word) + 1
