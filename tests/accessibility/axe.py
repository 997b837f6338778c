"""axe-core on built pages, with everything opened that a reader can open.

axe sees only what is shown, so each page is looked at as it loads, with its details, popovers and steps opened, and with each
menu or search box of its header opened.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.accessibility.found import Found, pages
from tests.browsing import close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: WCAG 2.0 to 2.2 at A and AA, and what axe calls best practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: Rules that these tags leave out or that axe has not yet called final.
ALSO = ("target-size", "label-content-name-mismatch", "p-as-heading", "table-fake-caption", "td-has-header")
#: Not judged inside pictures (2026-11-21): a link there holds several labels (verb, mark, species) and its name is the sentence with all
#: of them in other places; the rule, which axe still calls experimental, wants them in one piece.
NOT_IN_PICTURES = ("label-content-name-mismatch",)
#: Rules whose answer can depend on the width of the window.
BY_WIDTH = (
    *(
        "aria-hidden-focus",
        "color-contrast",
        "duplicate-id-aria",
        "empty-heading",
        "heading-order",
        "label",
        "landmark-no-duplicate-banner",
    ),
    *("landmark-no-duplicate-main", "landmark-unique", "link-name", "button-name", "nested-interactive", "region"),
    *("scrollable-region-focusable", "skip-link", "target-size"),
)
BY_COLOUR = ("color-contrast", "link-in-text-block")
#: Words that the search page is opened with: one that finds something, one that finds nothing, one with a typing mistake.
SEARCHES = ("ketamine", "zzzzzz", "ketmine")
#: What one element is shown as.
ELEMENT_LENGTH = 140

_OPEN = r"""most => {
  for (const details of [...document.querySelectorAll("details")].slice(0, most ? 5 * most : undefined)) details.open = true;
  let top = document.documentElement.scrollHeight + 50, opened = 0;
  const seen = new Map();
  for (const box of document.querySelectorAll("[popover]")) {
    // A menu that a wide page shows in its place is no popover there.
    if (box.checkVisibility()) continue;
    // Popovers of one kind share their markup: a quick look takes the first ones of each, told apart by what they say in bold: certainty, for, against.
    const kind = box.id.split("-")[0] + [...box.querySelectorAll("strong")].map(part => part.textContent).filter(words => !/\d/.test(words)).join();
    seen.set(kind, (seen.get(kind) || 0) + 1);
    if (most && seen.get(kind) > most) continue;
    box.setAttribute("popover", "manual");
    try { box.showPopover(); } catch (error) { continue; }
    if (box.getBoundingClientRect().height === 0) continue;
    // One below the other, so that none hides another and every colour can be judged.
    for (const [name, value] of [["position", "absolute"], ["inset", "auto"], ["top", `${top}px`], ["left", "0"], ["margin", "0"],
                                 ["max-height", "none"], ["transition", "none"]]) box.style.setProperty(name, value, "important");
    top += box.getBoundingClientRect().height + 10;
    opened += 1;
  }
  return opened;
}"""
_RUN = """async ([context, options]) => {
  const parts = context ? [...document.querySelectorAll(context)].filter(part => part.checkVisibility()) : [];
  const result = await axe.run(parts.length ? { include: parts } : document, options);
  const short = kept => kept.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id, picture: Boolean(document.querySelector(node.target.flat().at(-1))?.closest("svg")), element: `${node.target.flat().join(" ")} ${node.html}`, why: [...node.any, ...node.all, ...node.none].map(check => check.message).join("; "),
  })));
  return { violations: short(result.violations), incomplete: short(result.incomplete) };
}"""
_DARK = """() => {
  for (let at = document.body; at; at = at.parentElement) {
    const parts = getComputedStyle(at).backgroundColor.match(/[\\d.]+/g).map(Number);
    if (parts.length === 3 || parts[3] > 0) return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] < 100;
  }
  return false;
}"""
_SETTLED = """async () => {
  const main = document.querySelector("main");
  for (let before = null, turn = 0; turn < 20 && before !== main.innerText; turn += 1) {
    before = main.innerText;
    await new Promise(done => setTimeout(done, 300));
  }
}"""
_SHOWN = """() => [...document.querySelectorAll("dialog[open], [role=dialog], [role=menu], [role=listbox], details[open], [popover]:popover-open, [aria-expanded=true]")]
  .filter(box => box.checkVisibility() && box.closest("header, nav, dialog, aside, [role=search]")).length"""


@dataclass(frozen=True)
class Look:
    """One way to look at every page.

    :param rules: only these rules, or all of them.
    :param quick: look once at each page, with the first things of each kind opened, and at the menus of a few pages only.
    :param every: look at every page (1), or at every second, third, and so on, and at those whose menus are opened.
    """

    dark: bool
    width: int
    rules: tuple[str, ...] = ()
    quick: bool = False
    every: int = 1

    def __str__(self) -> str:
        return f"{'dark' if self.dark else 'light'} {self.width}"


#: All rules in every combination, for `nox -s a11y`.
ALL = (Look(False, 1280), Look(True, 1280), Look(False, 375), Look(True, 375))
#: For the test suite, which looks at a part of the pages: in dark and on narrow screens only the rules whose answer can change. A run of axe costs by the size of the page,
#: and the header is the same on all of them.
QUICK = (
    Look(False, 1280, quick=True, every=2),
    Look(True, 1280, BY_COLOUR, quick=True, every=6),
    Look(False, 375, BY_WIDTH, quick=True, every=6),
)
#: Popovers of each kind that a quick look opens on one page.
QUICK_POPOVERS = 4
#: Pages whose menus a quick look opens: one of each frame, and none of the large ones.
MENUS_OF = ("index.html", "search.html", "get-help.html", "mechanism/index.html", "brain/neurons.html")


@dataclass
class Audit:
    """What was found, and how much was looked at."""

    found: set[Found] = field(default_factory=set)
    undecided: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    opened: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def options(rules: Sequence[str]) -> dict[str, Any]:
    """The options of one run of axe."""
    if rules:
        return {"runOnly": {"type": "rule", "values": list(rules)}, "resultTypes": ["violations", "incomplete"]}
    enabled = {name: {"enabled": True} for name in ALSO}
    return {"runOnly": {"type": "tag", "values": list(TAGS)}, "rules": enabled, "resultTypes": ["violations", "incomplete"]}


def audit(browser: Browser, site: Path, looks: Iterable[Look], only: Sequence[str] = ()) -> Audit:
    """Look at every page of a site in each of these ways.

    :param only: pages such as ``faq.html``; all when empty.
    """
    result = Audit()
    began = time.monotonic()
    script = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    names = list(only) or pages(site)
    addresses = {name: (site / name).as_uri() for name in names}
    if "search.html" in names:
        addresses |= {f"search.html?q={words}": f"{(site / 'search.html').as_uri()}?q={words}" for words in SEARCHES}
    for look in looks:
        # The page's own policy would refuse the styles that put the popovers apart.
        context = browser.new_context(
            viewport={"width": look.width, "height": 900},
            color_scheme="dark" if look.dark else "light",
            reduced_motion="reduce",
            bypass_csp=True,
        )
        context.add_init_script("window.print = () => {};" + script)
        page = context.new_page()
        for number, (name, address) in enumerate(addresses.items()):
            if number % look.every == 0 or name in MENUS_OF:
                _one(page, name, address, look, result)
        close(context)
    result.seconds = time.monotonic() - began
    return result


def _one(page: Page, name: str, address: str, look: Look, result: Audit) -> None:
    page.goto(address)
    if "?q=" in name:
        page.evaluate(_SETTLED)
    if page.evaluate(_DARK) != look.dark:
        result.found.add(Found(name, "theme", str(look), "body", "the page does not follow the colour scheme of the system"))
    if not look.quick:
        _run(page, name, f"{look}", look, result)
    if not look.quick or name in MENUS_OF:
        for button in page.locator("header button:visible, header summary:visible, [role=banner] button:visible").all():
            _menu(page, name, button, look, result)
    buttons = page.locator("main button:visible:not([popovertarget])")
    for number in range(buttons.count()):
        pressed = buttons.nth(number)
        if pressed.is_visible():
            pressed.click(force=True, timeout=2000)
    opened = page.evaluate(_OPEN, QUICK_POPOVERS if look.quick else 0)
    details = page.locator("details").count()
    result.opened["popovers"] += opened
    result.opened["details"] += details
    if look.quick:
        _run(page, name, f"{look} all opened", look, result)
    elif opened or details or buttons.count():
        _run(page, name, f"{look} all opened", look, result, "[popover], details, .kb-diagram")


def _menu(page: Page, name: str, button: Any, look: Look, result: Audit) -> None:
    """Press a button of the header; when that opens something, look at it and close it again."""
    before = page.evaluate(_SHOWN)
    address = page.url
    if not button.is_visible():
        return
    button.click(timeout=3000)
    if page.evaluate(_SHOWN) > before:
        result.opened["menus"] += 1
        said = " ".join((button.get_attribute("aria-label") or button.inner_text() or "menu").split())
        _run(page, name, f"{look} {said!r} opened", look, result, "dialog[open]" if page.locator("dialog[open]").count() else "header")
        page.keyboard.press("Escape")
        if page.evaluate(_SHOWN) > before and button.is_visible():
            button.click(timeout=3000)
    if page.url != address:
        page.goto(address)


def _run(page: Page, name: str, state: str, look: Look, result: Audit, context: str = "") -> None:
    said = page.evaluate(_RUN, [context or None, options(look.rules)])
    result.runs += 1
    for kind in said["violations"]:
        if kind["picture"] and kind["rule"] in NOT_IN_PICTURES:
            continue
        element = " ".join(str(kind["element"]).split())
        result.found.add(Found(name, f"axe {kind['rule']}", state, element[:ELEMENT_LENGTH], " ".join(str(kind["why"]).split())))
    result.undecided.update(kind["rule"] for kind in said["incomplete"])


def told(result: Audit) -> str:
    """One closing line."""
    opened = ", ".join(f"{number} {kind}" for kind, number in sorted(result.opened.items()))
    undecided = json.dumps(dict(sorted(result.undecided.items())))
    return f"axe: {result.runs} runs in {result.seconds:.0f} s, opened {opened or 'nothing'}; could not tell: {undecided}"
