"""Pictures made at build time: a card for each page, shown where its address is shared, and the icons. Typst sets, Pillow packs."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import astuple, dataclass
from pathlib import Path

import typst
from PIL import Image, ImageColor

FONTS = Path(__file__).resolve().parents[1] / "fonts"
#: Size of a card in pixels: the smallest that is still shown large.
WIDTH, HEIGHT = 600, 315
#: Shades between paper and ink: letters keep smooth edges, and a card is a few kB.
SHADES = 16

_CARDS = """
#let given = json(bytes(sys.inputs.cards))
#set page(width: 600pt, height: 315pt, margin: 40pt, fill: black)
#set text(font: "Inter", fill: white, lang: "en")
#for (number, card) in given.enumerate() {
  if number > 0 { pagebreak() }
  let (title, site, dated) = card
  set par(leading: 0.45em)
  text(size: if title.len() > 75 { 26pt } else { 33pt }, weight: "bold", title)
  v(1fr)
  text(size: 20pt, weight: "semibold", site)
  linebreak()
  text(size: 15pt, dated)
}
"""
_ICON = """
#set page(width: 64pt, height: 64pt, margin: 0pt, fill: none)
#image(bytes(sys.inputs.icon), format: "svg", width: 64pt)
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card of one page says."""

    page: str
    title: str
    site: str
    dated: str


def name_of(page: str) -> str:
    """The file of a page's card."""
    return page.replace("/", "-") + ".png"


def write(cards: list[Card], folder: Path, kept: Path, paper: str) -> int:
    """Write a card for each page into ``folder``; those not drawn before are drawn in one go.

    :param kept: folder of cards drawn before, by digest of what they say.
    :param paper: the colour behind the words, as ``#rrggbb``.
    :returns: the number of cards that had to be drawn.
    """
    for made in (folder, kept):
        made.mkdir(parents=True, exist_ok=True)
    digests = {card: hashlib.sha256(repr((astuple(card)[1:], paper, SHADES, _CARDS)).encode()).hexdigest() for card in cards}
    missing = {digest: card for card, digest in digests.items() if not (kept / digest).is_file()}
    if missing:
        words = json.dumps([astuple(card)[1:] for card in missing.values()], ensure_ascii=False)
        for digest, picture in zip(missing, _pages(_CARDS, {"cards": words}, 72), strict=True):
            (kept / digest).write_bytes(packed(picture, paper))
    for old in {path.name for path in folder.iterdir()} - {name_of(card.page) for card in cards}:
        (folder / old).unlink()
    for card, digest in digests.items():
        (folder / name_of(card.page)).write_bytes((kept / digest).read_bytes())
    return len(missing)


def icon(svg: str, side: int) -> bytes:
    """A picture of 64 by 64 units as PNG of ``side`` pixels."""
    return _pages(_ICON, {"icon": svg}, 72 * side / 64)[0]


def packed(picture: bytes, paper: str) -> bytes:
    """A picture of white words on black as PNG with a palette of few shades between ``paper`` and white."""
    grey = Image.open(io.BytesIO(picture)).convert("L")
    shade = grey.point([round(value * (SHADES - 1) / 255) for value in range(256)])
    made = Image.frombytes("P", shade.size, shade.tobytes())
    red, green, blue = ImageColor.getrgb(paper)[:3]
    steps = [step / (SHADES - 1) for step in range(SHADES)]
    made.putpalette([round(colour + (255 - colour) * step) for step in steps for colour in (red, green, blue)])
    out = io.BytesIO()
    made.save(out, "PNG", bits=4)
    return out.getvalue()


def _pages(source: str, inputs: dict[str, str], ppi: float) -> list[bytes]:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    made = typst.compile(source.encode(), format="png", ppi=ppi, sys_inputs=inputs, font_paths=fonts)
    return made if isinstance(made, list) else [made]
