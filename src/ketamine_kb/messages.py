"""The closed list of messages an author can see, all in one shape.

``path:line:column: what was found - expected ... - did you mean ... - run: command [code]``

Every check in this project reports through :class:`Fault`; nothing else prints text for authors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum


class Code(Enum):
    """Every message this project can print, and what it means."""

    PAGE_NOT_UTF8 = "page-not-utf8"
    """A source file holds bytes that are not UTF-8 text."""
    FILE_TOO_LARGE = "file-too-large"
    """A source file is larger than the stated limit."""
    FILE_MISSING = "file-missing"
    """A file that the project or a page names does not exist."""
    PATH_OUTSIDE = "path-outside"
    """A page names a file outside the folders it may read from."""
    FRONT_MATTER = "front-matter"
    """The front matter of a page is missing, cannot be read, or has a wrong key or value."""
    CITATION_UNKNOWN = "citation-unknown"
    """A page cites a key that the bibliography does not hold."""
    SOURCE_UNCITED = "source-uncited"
    """The bibliography holds a source that no page cites."""
    BIBLIOGRAPHY = "bibliography"
    """The bibliography cannot be read, or an entry lacks what a reader needs to find the source."""
    PLACEHOLDER = "placeholder-text"
    """Unfinished or filler words stand where a reader would see them."""
    PROMOTION = "promotion"
    """Words that sell a treatment stand where a reader would see them."""
    RAW_HTML = "raw-html"
    """A page contains raw HTML, which print and screen readers cannot be sure of."""
    PLAIN_FENCE = "plain-fence"
    """A code fence looks like a diagram or a doctest but is not one, so it would be shown as source and never run."""
    DOCTEST_NOT_RUN = "doctest-not-run"
    """No doctest was collected, so a green result would mean nothing."""
    DIAGRAM_SYNTAX = "diagram-syntax"
    """Mermaid cannot parse a diagram source."""
    DIAGRAM_ACCESS = "diagram-access"
    """A diagram has no accessible title or description."""
    DIAGRAM_EDGE = "diagram-edge"
    """An edge has no id, no verb, a verb outside the vocabulary, or an arrow form that contradicts its verb."""
    DIAGRAM_NODE = "diagram-node"
    """A node has no label of its own, no known class, or no edge."""
    DIAGRAM_STYLE = "diagram-style"
    """A diagram source sets colours, a theme or a link itself instead of using the palette's classes."""
    DIAGRAM_KIND = "diagram-kind"
    """The diagram is of a kind that has no palette and no text version here."""
    DIAGRAM_SIZE = "diagram-size"
    """A diagram is too wide for the web, too small in print, or has too many nodes or edges."""
    DIAGRAM_GLYPH = "diagram-glyph"
    """A label uses a character that the shipped font does not have."""
    DIAGRAM_OPTION = "diagram-option"
    """The directive was given an option that would make the forms of a diagram disagree."""
    DIAGRAM_UNUSED = "diagram-unused"
    """A diagram source is shown on no page."""
    DIAGRAM_NOTE = "diagram-note"
    """A box does not say its term of the glossary, or names a term or molecule that does not exist."""
    DIAGRAM_RECORD = "diagram-record"
    """The recorded picture of a diagram is missing, stale or damaged."""
    DIAGRAM_TABLE = "diagram-table"
    """A page shows a mechanism without the table of its evidence."""
    PLOT_OPTION = "plot-option"
    """A plot is asked for something it does not know: an outcome, a kind of comparison, a dose, or it names no trial."""
    PLOT_DATA = "plot-data"
    """A plot is asked for data that cannot be drawn, or that must not stand beside each other."""
    PLOT_HARM = "plot-harm"
    """A picture of a benefit has no harm beside it."""
    PRINT_NODE = "print-node"
    """The PDF writer has no rule for something the page contains."""
    PRINT_FAILED = "print-failed"
    """Typst refused the document."""
    HANDOUT_LONG = "handout-long"
    """A handout is longer than its two pages."""
    HANDOUT_OVERDUE = "handout-overdue"
    """A handout, or a claim that it shows, was due for review: nobody should hand it out."""
    HANDOUT_SETTING = "handout-setting"
    """The settings of the handouts name a reader, a region or an address that does not exist."""
    PRINT_STALE = "print-stale"
    """The PDFs handed to the site are not those that were noted when they were printed."""
    PRINT_GLYPH = "print-glyph"
    """A character stands in print that the shipped fonts cannot show."""
    PRINT_PICTURE = "print-picture"
    """A picture cannot be printed: it has no words, no size, or is not a drawing in docs/."""
    PRINT_LINK = "print-link"
    """A link of the book leads to a place that the writer did not set."""
    PRINT_COUNTS = "print-counts"
    """The book holds another number of figures, tables, claims or links than its pages."""
    CRISIS_LINES = "crisis-lines"
    """The crisis lines cannot be read or lack what a person in need must see."""
    CLAIM_DATA = "claim-data"
    """A file of facts has a wrong key or value."""
    CLAIM_AGAIN = "claim-again"
    """Two claims have the same id, or a retired id is used again."""
    CLAIM_SOURCE = "claim-source"
    """A finding names a source that the bibliography does not hold."""
    CLAIM_UNKNOWN = "claim-unknown"
    """A page, diagram or statement names a claim that does not exist."""
    CLAIM_UNCITED = "claim-uncited"
    """A claim is shown on no page and in no diagram."""
    CLAIM_CITATION = "claim-citation"
    """A sentence cites a source of which the claim that it carries has no finding."""
    LEDGER_PAGE = "ledger-page"
    """A chapter of claims has no page in the ledger, two, or another page than its own; or the list of all claims is not on its page."""
    PAGE_WITHOUT_CLAIM = "page-without-claim"
    """A page of a chapter states facts and cites no claim."""
    PAGE_WITHOUT_HARM = "page-without-harm"
    """A page on treatment shows no claim about harm."""
    NO_SUPPORT = "no-support"
    """A claim that is not disputed has no finding that supports it."""
    NOT_ESTABLISHED = "not-established"
    """A claim is called established without the evidence that this word needs."""
    TOO_SURE = "too-sure"
    """A claim is called surer than its disputed evidence allows."""
    NEEDS_HUMAN = "needs-human"
    """A clinical claim is called established or supported without a supporting finding in people."""
    SPECIES_NOT_SHOWN = "species-not-shown"
    """A claim names a species that none of its findings was shown in."""
    SPECIES_DESIGN = "species-design"
    """A finding names a species that does not fit the design of its source."""
    SPECIES_WORDING = "species-wording"
    """A finding in animals or cells is worded as if it were about people."""
    SPECIES_UNNAMED = "species-unnamed"
    """A finding in animals or cells does not name the animal or the preparation in its sentence."""
    CITATION_ALONE = "citation-alone"
    """A claim rests only on sources of which no more than the citation was seen."""
    PROMOTION_ALONE = "promotion-alone"
    """A claim rests only on news or on a manufacturer's word."""
    REVIEW_DATES = "review-dates"
    """The date of the next review is not after the date of the last."""
    REVIEW_OVERDUE = "review-overdue"
    """The date of the next review has passed."""
    FACT_WITHOUT_CLAIM = "fact-without-claim"
    """A sentence of a chapter looks like a fact and carries no claim."""
    HARD_TO_READ = "hard-to-read"
    """The plain section of a page has too long sentences or too long words."""
    STAT_UNKNOWN = "stat-unknown"
    """A request for a number of a trial names a trial, outcome, measure, arm or time point that the data do not have."""
    STAT_WITHHELD = "stat-withheld"
    """A number of a trial is not shown because it cannot be computed, or because it would mislead."""
    STAT_UNLIKE = "stat-unlike"
    """Trials that differ in threshold, people counted or comparator were put beside each other as if they were alike."""
    LINK_DEAD = "link-dead"
    """The server answered that the page does not exist."""
    LINK_MOVED = "link-moved"
    """The page has moved for good to another address."""
    LINK_SOFT = "link-soft-404"
    """The server answers as if all were well, and the page says that it is not there, or is the front page."""
    LINK_RETRACTED = "link-retracted"
    """The page links to a paper that has been retracted."""
    LINK_UNKNOWN = "link-unknown"
    """It could not be told whether the link works: no network, refused, limited or too slow."""
    SOURCE_RETRACTED = "source-retracted"
    """A registry says that a source was retracted, withdrawn or removed."""
    SOURCE_CORRECTED = "source-corrected"
    """A registry says that a source was corrected, or that its publisher is concerned about it."""
    SOURCE_MISMATCH = "source-mismatch"
    """A registry has another title or year under the identifier of a source."""
    SOURCE_NOT_FOUND = "source-not-found"
    """A registry does not know the identifier of a source."""
    SOURCE_UNCHECKED = "source-unchecked"
    """It could not be told how a source stands: no network, refused, limited, too slow or not understood."""
    SETTINGS = "settings"
    """An address in the settings of the project, or in the environment, is not one."""
    READING_PATH = "reading-path"
    """A reading path is empty, or names an audience or a page that does not exist, or a page twice."""
    REDIRECT = "redirect"
    """The list of moved pages cannot be read, or an entry leads nowhere."""
    ADDRESS_GONE = "address-gone"
    """An address that was published answers no longer."""
    SOURCE_STATUS = "source-status"
    """The file with the status of the sources is damaged or cannot be written."""
    SEARCH_WORDS = "search-words"
    """The synonyms of the search cannot be read, say a thing twice, or lead to words that no page has."""
    NOT_ALLOWED = "not-allowed"
    """A page uses what could run a script, read a file from elsewhere or ask another host."""
    NOT_A_SOURCE = "not-a-source"
    """A folder of sources holds a link, or a file that is neither a page nor a picture."""
    FENCE_OPEN = "fence-open"
    """A fence is never closed, or closes where it was not meant to, so that text is swallowed or shown as code."""
    HEADING = "heading"
    """A page has no first-level heading or two, skips a level, has an empty heading, or a line that only looks like one."""
    HEADING_AGAIN = "heading-again"
    """Two headings of a page are alike, and a link names them."""
    IMAGE_ALT = "image-alt"
    """An image has no text for those who cannot see it."""
    IMAGE_MISSING = "image-missing"
    """An image does not exist, cannot be read, or differs in capitals from the file."""
    TABLE_RAGGED = "table-ragged"
    """The rows of a table differ in the number of their cells, or it is not read as a table."""
    MERGE_MARKER = "merge-marker"
    """A marker of an unfinished merge stands in a file."""
    CHARACTER = "character"
    """A character that nobody sees or that changes the order of the text, or letters that were read in a wrong encoding."""
    TAB = "tab"
    """A tab stands where blanks are needed."""
    TOCTREE = "toctree"
    """A page is in no table of contents, in two, or in a circle; or a table of contents names a page that does not exist."""
    GLOSSARY = "glossary"
    """A term of the glossary is twice there, badly indented or without a definition."""
    TARGET_UNKNOWN = "target-unknown"
    """A link or a role names a page, heading, label or term that does not exist."""
    TARGET_AGAIN = "target-again"
    """Two places have the same label, so that a link could mean either."""
    LINK_FORM = "link-form"
    """The address of a link is misspelt, empty or not complete."""
    LINK_WORDS = "link-words"
    """The words of a link are missing or do not say where it leads."""
    ROLE_FORM = "role-form"
    """A role is unknown or not written as one, so that it would be shown as it stands."""
    DIRECTIVE_FORM = "directive-form"
    """A directive is unknown, not written as one, or has a wrong option or content."""
    IDENTIFIER = "identifier"
    """A DOI or PMID in the text is malformed."""
    MATHS = "maths"
    """A formula does not parse, or is written in a way that is not read as one."""
    FOOTNOTE = "footnote"
    """A footnote is not defined, not used or defined twice."""
    HIGHLIGHT = "highlight"
    """A code block names an unknown language or does not read as its own."""
    DOCTEST_FAILED = "doctest-failed"
    """An example of a page gave something else than the page says."""
    COUNTS_DIFFER = "counts-differ"
    """Something that stands in the sources is missing from the output, or is there twice."""
    STOPPED = "stopped"
    """The build could not go on; the log that the message names has the details."""
    UNDERNEATH = "underneath"
    """Sphinx or a library underneath reports something that has no words of its own here."""
    SCAFFOLD = "scaffold"
    """A new claim, page, diagram, source or trial cannot be written as asked, or something for it is missing."""
    CLAIMS_DIFF = "claims-diff"
    """Two states of the facts cannot be compared."""
    LIVE = "live"
    """Live writing cannot start, or Sphinx stopped in the middle of a build."""


#: Places named in one message; more are counted.
MOST_PLACES = 8


#: The command that a fault names unless it is told another.
BUILD = "nox -s html"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, where, and what to do about it.

    :param path: file relative to the project's folder, with forward slashes.
    :param line: line from 1, or 0 when the fault has no line.
    :param column: column from 1, or 0 when unknown.
    :param found: what was found.
    :param expected: what was expected instead.
    :param nearest: the closest valid word, if any.
    :param run: the command to run again.
    :param about: id of the claim that is at fault, so that the places which show it can be named.
    :param shown_at: places, as ``path:line``, that show what is at fault.
    """

    path: str
    line: int
    column: int
    code: Code = field(compare=False)
    found: str
    expected: str
    nearest: str = ""
    run: str = BUILD
    about: str = field(default="", compare=False)
    shown_at: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        where = self.path
        if self.line:
            where += f":{self.line}"
            if self.column:
                where += f":{self.column}"
        parts = [f"{where}: {self.found}", f"expected {self.expected}"]
        if self.nearest:
            parts.append(f"did you mean {self.nearest!r}?")
        if self.shown_at:
            more = f" and {len(self.shown_at) - MOST_PLACES} more" if len(self.shown_at) > MOST_PLACES else ""
            parts.append("shown at " + ", ".join(self.shown_at[:MOST_PLACES]) + more)
        parts.append(f"run: {self.run}")
        return " - ".join(parts) + f" [{self.code.value}]"


def nearest(word: str, known: Iterable[str]) -> str:
    """The closest known word to ``word``, or ``""`` when nothing is close."""
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def summary(faults: Iterable[Fault]) -> str:
    """Closing line with counts per code, for the end of a run."""
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.code.value] = counts.get(fault.code.value, 0) + 1
    total = sum(counts.values())
    listed = ", ".join(f"{code} {number}" for code, number in sorted(counts.items()))
    return f"{total} fault{'' if total == 1 else 's'}: {listed}"


def with_command(faults: Iterable[Fault], run: str) -> list[Fault]:
    """The same faults; those that name the build name the command that was run instead, which is the quicker one to run again."""
    return [replace(fault, run=run) if fault.run == BUILD else fault for fault in faults]
