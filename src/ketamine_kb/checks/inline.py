"""What stands inside paragraphs: links, images, roles, marks, identifiers and formulas that are not what the author meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from markdown_it.token import Token

from ketamine_kb.checks import markdown, tokens
from ketamine_kb.checks.tokens import Block
from ketamine_kb.messages import Code, Fault, nearest
from ketamine_kb.project import Project

#: Schemes that a link may have.
SCHEMES = ("https", "http", "mailto", "tel")
#: Link words that say nothing about where the link leads.
_EMPTY_WORDS = frozenset(
    (
        "here|click|click here|click this|click this link|press here|tap here|this|that|it|link|a link|the link|this link|"
        "this page|this site|this website|this article|more|more here|read more|read on|read this|read here|learn more|"
        "find out more|see more|see here|see this|see|view|details|info|more info|more information|go|go here|page|website|"
        "site|url|source|continue|download|follow this link|link here|here you go"
    ).split("|")
)
#: Alternative texts that describe nothing.
_EMPTY_ALT = frozenset(
    "image|picture|photo|figure|fig|graphic|diagram|chart|graph|plot|screenshot|illustration|icon|logo|alt|alt text|alternative text|"
    "description|image description|an image|a picture|a diagram|todo|tbd|none|n/a|untitled|-|.".split("|")
)
_ROLES = "claim|cite(?::[a-z]+)?|stat|term|ref|doc|numref|download|math|eq|abbr|code|sub|sup|any|kbd|index"
#: A role in a text that the parser did not read as one.
_HALF_ROLE = re.compile(r"\{\s*[A-Za-z][\w:+-]*\s*\}\s*`|\{(?:" + _ROLES + r")\}['\"‘’“”(\[<]|:(?:" + _ROLES + r"):`")
_BEFORE_CODE = re.compile(
    r"(?:\{\s*[A-Za-z][\w:+-]*\s*\}\s*|\{(?:"
    + _ROLES
    + r")|\b(?:"
    + _ROLES
    + r")\}|(?<![\w:]):[a-z][\w+-]*(?::[\w+-]+)?:|[\[(](?:"
    + _ROLES
    + r")[\])]|(?:^|(?<=\s))(?:claim|cite:[a-z]))$"
)
_OTHER_MARKS = re.compile(
    r"\[[^\]]*\]\s+\((?:https?:|mailto:|\.{1,2}/|#|[\w./-]+\.(?:md|html|png|svg|jpe?g|gif|webp|pdf))[^)]*\)|\[[^\[\]]*\((?:https?://|mailto:)[^)\s]*\)(?![^\[]*\])|\([^()]+\)\[(?:https?:|www\.|\.{0,2}/|[\w/-]+\.md)[^\]]*\]"
)
_BARE = re.compile(
    r"(?<![\w/.@:-])(?:"
    r"(?P<scheme>(?!https?://)(?:h+t+p*s*|t+p+s?|htt?p?s?|hpt+ps?|https?|htpp?s?|hhtps?|ftp|file|javascript)(?:://|:/|//|;//|:\\\\|\.//)\S+)"
    r"|(?P<slash>https?:///\S+|https?://https?:?/*\S+|https?://\s+\S+))",
    re.IGNORECASE,
)
_PMID = re.compile(r"\bPMIDs?\b[:\s#]*(?P<id>\w*\d\w*(?:[ \u00a0]+\d+\b)*)", re.IGNORECASE)
_DOI = re.compile(
    r"\b(?:doi\b\s*[:=]?\s*(?:https?://(?:dx\.)?doi\.org/)?|https?://(?:dx\.)?doi\.org/)(?P<id>\d\S*(?: /\S+|/ \S+)?|doi:\S+|https?:\S+)",
    re.IGNORECASE,
)
_GOOD_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;:]")
_FORMULA = re.compile(
    r"(?<![\\\w$])\$\$?(?!\s)(?=[^$\n]*(?:\\[a-z]|[\^_=]))[^$\n]+?(?<![\s\\])\$\$?(?!\w)|\\(?:frac|sqrt|sum|int|cdot|times|left|begin)\b"
)
_ESCAPED_FORMULA = re.compile(r"\\\((?=[^\n]*?[\\^_=][^\n]*\\\))[^\n]*?\\\)|\\\[(?=[^\n]*?[\\^_=][^\n]*\\\])[^\n]*?\\\]")


def check(project: Project) -> list[Fault]:
    """Every fault of every page."""
    faults: list[Fault] = []
    for page, text in markdown.read_pages(project):
        faults += page_faults(text, project.relative(page))
    return faults


def page_faults(text: str, name: str) -> Iterator[Fault]:
    """The faults of one page that need no other file."""
    rows = text.split("\n")
    for block in tokens.read(text):
        token = block.token
        if tokens.too_long(block):
            long = f"a paragraph of {len(token.content)} characters"
            expected = f"at most {tokens.LONGEST}, and at most {tokens.MOST_MARKS} marks such as * and ["
            yield Fault(name, block.line, 0, Code.FILE_TOO_LARGE, long, expected)
        elif block.parts:
            for fault in _inline(block, name):
                yield _placed(fault, rows, block.end)
    yield from footnote_faults(text, name)
    for found in tokens.directives(text):
        if found.name in ("image", "figure"):
            alt, line = found.options.get("alt", ("", found.line))
            # One that is not read as an option is told with the other directives.
            if not re.search(r"^:alt\b", found.content, re.MULTILINE) and (reason := _bad_alt(alt, found.argument)):
                yield Fault(
                    name,
                    line,
                    1,
                    Code.IMAGE_ALT,
                    f"{{{found.name}}} {found.argument}: {reason}",
                    "what the image shows, in words, as :alt:",
                )


def footnote_faults(text: str, name: str) -> Iterator[Fault]:
    """Footnotes of one page that are not defined, not used, or defined twice."""
    rows = text.split("\n")
    used: dict[str, int] = {}
    defined: dict[str, int] = {}
    for block in tokens.read(text):
        if block.token.type == "footnote_reference_open":
            label = str(block.token.meta["label"])
            if label in defined:
                found, expected = f"the footnote [^{label}] is defined again", f"one definition of each (first on line {defined[label]})"
                yield Fault(name, block.line, 1, Code.FOOTNOTE, found, expected)
            defined.setdefault(label, block.line)
        for child in block.parts:
            if child.type == "footnote_ref":
                label = str(child.meta["label"])
                mark = f"[^{label}]"
                line = next((number for number in range(block.line, block.end) if mark in rows[number - 1]), block.line)
                used.setdefault(label, line)
    for label, line in used.items():
        if label not in defined:
            column = rows[line - 1].find(f"[^{label}]") + 1
            near = nearest(label, defined)
            yield Fault(
                name, line, column, Code.FOOTNOTE, f"the footnote [^{label}] has no definition", f"a line [^{label}]: with its words", near
            )
    meant = {nearest(label, defined) for label in used if label not in defined}
    for label, line in defined.items():
        if label not in used and label not in meant:
            yield Fault(name, line, 1, Code.FOOTNOTE, f"the footnote [^{label}] is used nowhere", f"a mark [^{label}] in the text")


def _placed(fault: Fault, rows: Sequence[str], end: int) -> Fault:
    """The same fault at the line of its paragraph that holds its words; the parser knows the paragraph only."""
    needle = fault.about
    for number in range(fault.line, max(end, fault.line + 1)):
        if needle and number <= len(rows) and needle in rows[number - 1]:
            return Fault(fault.path, number, rows[number - 1].index(needle) + 1, fault.code, fault.found, fault.expected, fault.nearest)
    return Fault(fault.path, fault.line, 0, fault.code, fault.found, fault.expected, fault.nearest)


def _inline(block: Block, name: str) -> Iterator[Fault]:
    """Faults of one paragraph; ``about`` holds the words to look for in its lines."""

    def fault(code: Code, found: str, expected: str, near: str = "", *, words: str = "", at: int = 0) -> Fault:
        return Fault(name, block.line + at, 0, code, found, expected, near, about=words)

    token, children = block.token, block.parts
    below = depth = 0
    bare = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", " ", token.content, flags=re.DOTALL)
    if match := _ESCAPED_FORMULA.search(bare):
        yield fault(Code.MATHS, f"{match[0][:60]!r}, which is not read as a formula", "{math}`formula`", words=match[0])
    for index, child in enumerate(children):
        if child.type in ("softbreak", "hardbreak"):
            below += 1
        elif child.type == "link_close":
            depth -= 1
        elif child.type == "link_open":
            depth += 1
            before = children[index - 1].content if index else ""
            if re.search(r"!\s+$", before) and re.search(r"\.(?:png|jpe?g|svg|gif|webp)$", str(child.attrGet("href") or "")):
                what = "an image that is read as a link, because of the blank after !"
                yield fault(Code.IMAGE_ALT, what, "![words](file)", words=f"]({child.attrGet('href')}", at=below)
                continue
            end = next((place for place in range(index, len(children)) if children[place].type == "link_close"), len(children))
            inner = children[index + 1 : end]
            yield from _link(str(child.attrGet("href") or ""), inner, child.markup == "autolink", fault, below)
        elif child.type == "image":
            source = str(child.attrGet("src") or "")
            if reason := _bad_alt(child.content, source):
                yield fault(
                    Code.IMAGE_ALT,
                    f"the image {source}: {reason}",
                    "what the image shows, in words, as ![words](file)",
                    words=f"]({source}",
                    at=below,
                )
        elif child.type == "myst_role":
            yield from _role(child, fault, below)
        elif child.type == "text":
            following = children[index + 1] if index + 1 < len(children) else None
            if depth:
                continue
            if (
                following is not None
                and following.type == "softbreak"
                and index + 2 < len(children)
                and children[index + 2].type == "code_inline"
            ) and (match := re.search(r"\{[A-Za-z][\w:+-]*\}\s*$", child.content)):
                what = f"{match[0].strip()!r} at the end of a line, which is not read as a role"
                yield fault(Code.ROLE_FORM, what, "{role}`content` without blanks", words=match[0].strip(), at=below)
                continue
            yield from _text(child.content, following, token.content, fault, below)


def _link(href: str, inner: Sequence[Token], auto: bool, fault: Callable[..., Fault], below: int) -> Iterator[Fault]:
    words = "".join(part.content for part in inner if part.type in ("text", "code_inline", "image", "myst_role")).strip()
    shown = f"]({href}" if href and not auto else (href if auto else f"[{words}]")
    if reason := address_fault(href):
        yield fault(
            Code.LINK_FORM, f"the address {href!r}" if href else f"the link {words!r} without an address", reason, words=shown, at=below
        )
        return
    bare = words.casefold().strip(" .,:;!?…»›>→“”\"'")
    if not words and re.match(r"(?:https?|mailto|tel):", href):
        yield fault(Code.LINK_WORDS, f"a link to {href} without words", "words that say where it leads", words=shown, at=below)
    elif bare in _EMPTY_WORDS and not auto:
        yield fault(Code.LINK_WORDS, f"the link words {words!r}", "words that say where the link leads", words=shown, at=below)


def address_fault(href: str) -> str:
    """What was expected instead of a link's address, or ``""`` when nothing is wrong with its form."""
    low = href.lower()
    if not href.strip() or href.strip() == "#":
        return "an address"
    if href.startswith("//") or "\\" in href:
        return f"https:{href}" if href.startswith("//") else "forward slashes"
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", low)
    if scheme and scheme[1] not in SCHEMES and not low.startswith(("www.",)):
        near = nearest(scheme[1], SCHEMES)
        return f"{near}:" if near else "https: (or mailto: or tel:)"
    if scheme and scheme[1] in ("http", "https"):
        rest = href[len(scheme[0]) :]
        host = re.match(r"//(?:[^/\s@]+@)?([^/\s:?#]+)", rest)
        if not rest.startswith("//") or rest.startswith("///"):
            return f"{scheme[1]}:// with two slashes"
        if not host or not re.fullmatch(r"(?:[\w-]+\.)+[^\W\d][\w-]+|(?:\d{1,3}\.){3}\d{1,3}", host[1]):
            return "a host such as example.org after https://"
        if "://" in rest[2:] and re.match(r"//https?", rest):
            return "one https://"
        return _identifier_fault(href)
    if scheme and scheme[1] == "mailto":
        return "" if re.fullmatch(r"mailto:[^@\s/]+@(?:[\w-]+\.)+\w{2,}(?:\?.*)?", href, re.IGNORECASE) else "mailto:name@example.org"
    if scheme and scheme[1] == "tel":
        return "" if re.fullmatch(r"tel:\+?[\d.() -]{2,}", href) else "tel: and the digits of the number"
    if re.match(r"(?:h*t+p*s*|ttps?|htp+s?)[;:.,]?/{1,3}[\w-]+\.", low):
        return "https://"
    if re.fullmatch(r"[^/\s@:?#]+@(?:[\w-]+\.)+\w{2,}", href):
        return f"mailto:{href}"
    if re.match(r"www\.|(?:[\w-]+\.)+(?:com|org|net|gov|edu|int|info|io|uk|eu|de|fr|nl|ca|au|nz)(?:[/?#]|$)", low):
        return f"https://{href}"
    if re.search(r"\.html?(?:#|$)", low):
        return "the page as a .md file"
    return ""


def _identifier_fault(href: str) -> str:
    """What was expected of an address that holds a DOI or a PMID."""
    doi = re.match(r"https?://(?:dx\.|www\.)?doi\.org/(.*)", href, re.IGNORECASE)
    if doi and not _GOOD_DOI.fullmatch(doi[1].partition("#")[0]):
        return "https://doi.org/10.<registrant>/<suffix>"
    pubmed = re.match(r"https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/([^?#]*)", href, re.IGNORECASE)
    if pubmed and pubmed[1].strip("/") and not re.fullmatch(r"\d{1,8}/?", pubmed[1]):
        return "https://pubmed.ncbi.nlm.nih.gov/<digits>/"
    return ""


def _role(child: Token, fault: Callable[..., Fault], below: int) -> Iterator[Fault]:
    role, content = str(child.meta.get("name", "")), child.content
    if not content.strip():
        yield fault(Code.ROLE_FORM, f"the role {{{role}}} without content", "words between its backticks", words=f"{{{role}}}", at=below)
    titled = re.fullmatch(r"(?s)(.*?)\s*<([^<>]*)>", content)
    if role in ("ref", "doc", "any", "download", "numref") and titled and titled[1].casefold().strip(" .") in _EMPTY_WORDS:
        yield fault(Code.LINK_WORDS, f"the link words {titled[1]!r}", "words that say where the link leads", words=content, at=below)
    if (
        content.count("<") != content.count(">")
        and role in ("ref", "doc", "claim", "term", "download", "numref", "any")
        and ("<" in content)
    ):
        yield fault(Code.ROLE_FORM, f"{{{role}}} with {content!r}", "words <target> with both brackets", words=content, at=below)


def _text(text: str, following: Token | None, raw: str, fault: Callable[..., Fault], below: int) -> Iterator[Fault]:
    """What the parser left as plain text although it was written as something else."""
    code = following is not None and following.type == "code_inline"
    if match := _HALF_ROLE.search(text):
        yield fault(
            Code.ROLE_FORM,
            f"{text[match.start() : match.start() + 50]!r}, a role that is not closed or not read",
            "{role}`content`",
            words=match[0],
            at=below,
        )
        return
    if code and following is not None and (match := _BEFORE_CODE.search(text)) and "`" not in text:
        shown = f"{match[0]}`{following.content}`"
        yield fault(
            Code.ROLE_FORM, f"{shown[:60]!r}, which is not read as a role", "{role}`content` without blanks", words=match[0], at=below
        )
        return
    if "`" in text and "\\`" not in raw:
        yield fault(
            Code.ROLE_FORM,
            f"a backtick that is not closed: {text[max(text.index('`'), 0) :][:40]!r}",
            "a backtick on both sides",
            words=text[text.index("`") :][:20],
            at=below,
        )
        return
    if (match := re.search(r"\]\([^)\s]*|\]\[[^\]]*\]?", text)) and "\\[" not in raw and "\\]" not in raw:
        what = "a link that is not read" if match[0].startswith("](") else "a link whose reference has no definition"
        yield fault(
            Code.LINK_FORM,
            f"{what}: {text[max(match.start() - 30, 0) : match.end() + 20]!r}",
            "[words](address) without blanks in the address",
            words=match[0],
            at=below,
        )
        return
    if match := _OTHER_MARKS.search(text):
        yield fault(
            Code.LINK_FORM,
            f"{match[0][:60]!r}, which is not read as a link",
            "[words](address) without a blank between",
            words=match[0],
            at=below,
        )
    elif match := re.search(r"<(?:www\.[^<>\s]+)>", text):
        yield fault(Code.LINK_FORM, f"{match[0]!r}, which is not read as a link", f"<https://{match[0][1:]}", words=match[0], at=below)
    elif match := _BARE.search(text):
        yield fault(Code.LINK_FORM, f"the address {match[0].rstrip('.,;)')!r}", "https:// and a host", words=match[0], at=below)
    if ("**" in text or "__" in text) and "\\*" not in raw and "\\_" not in raw and (match := re.search(r"\*\*\S?|(?<!\w)__(?=\w)", text)):
        yield fault(
            Code.ROLE_FORM,
            f"marks of bold that are not closed: {text[match.start() :][:40]!r}",
            "** right before and right after the words",
            words=text[match.start() :][:12],
            at=below,
        )
    yield from _identifiers(text, fault, below)
    if match := _FORMULA.search(text):
        yield fault(Code.MATHS, f"{match[0][:60]!r}, which is not read as a formula", "{math}`formula`", words=match[0], at=below)


def _identifiers(text: str, fault: Callable[..., Fault], below: int) -> Iterator[Fault]:
    for match in _PMID.finditer(text):
        given = match["id"]
        parts = given.split()
        # Several in a row are a list; a short piece belongs to the number before it.
        if all(re.fullmatch(r"\d{1,8}", part) for part in parts) and (len(parts) == 1 or all(len(part) > 5 for part in parts)):
            continue
        yield fault(Code.IDENTIFIER, f"PMID {given!r}", "one to eight digits without blanks", words=given, at=below)
    for match in _DOI.finditer(text):
        given = match["id"].rstrip(".,;:)]")
        if not _GOOD_DOI.fullmatch(given):
            yield fault(Code.IDENTIFIER, f"DOI {given!r}", "10.<registrant>/<suffix> without blanks", words=match[0], at=below)


def _bad_alt(alt: str, source: str) -> str:
    bare = alt.strip().strip("\"'").strip()
    low = bare.casefold()
    if not bare:
        return "no alternative text"
    name = source.rpartition("/")[2].casefold()
    if low in _EMPTY_ALT or low in (name, name.rpartition(".")[0]) or re.fullmatch(r"\S+\.(?:png|jpe?g|svg|gif|webp)", low):
        return f"the alternative text {bare!r} says nothing"
    return ""
