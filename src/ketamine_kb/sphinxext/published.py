"""What makes pages findable: canonical links, social cards, sitemap, icons, the page for lost readers, and redirects.

Whatever needs the address of the published site is left out until that address is set; none is invented.
"""

from __future__ import annotations

import json
import posixpath
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from ketamine_kb import settings
from ketamine_kb.checks import addresses
from ketamine_kb.project import Project
from ketamine_kb.settings import Settings
from ketamine_kb.sphinxext import cards
from ketamine_kb.sphinxext.pages import long_date, status_of
from ketamine_kb.sphinxext.report import read_or_warn

#: The page for addresses that lead nowhere, as most hosts look for it.
LOST = "404"
MANIFEST = "manifest.webmanifest"
#: Where the cards lie in the site.
CARDS = "_static/cards"
#: The colour of browser bars, and of the cards.
PAPER = "#0f4c75"
#: Sides of the icons in pixels.
ICONS = {"apple-touch-icon": 180, "icon-192": 192, "icon-512": 512}

_REDIRECT = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={href}">
{canonical}<title>{said}: {title}</title>
</head>
<body>
<main><h1>{said}</h1><p>The page is here: <a href="{href}">{title}</a></p></main>
</body>
</html>
"""


def _configure(app: Sphinx, config: Config) -> None:
    """Take the address of the site from the settings, for Sphinx's own canonical links too."""
    config.kb_site = read_or_warn(lambda: settings.load(Path(app.confdir).parent), Settings()).site
    if config.kb_site:
        config.html_baseurl = config.kb_site + "/"


def _tag(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{escape(content, quote=True)}" />\n'


def _add_head(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Icons for every page; title, description and, once published, address and card for pages with a status."""
    if pagename == LOST:
        return
    pathto = context["pathto"]
    head = (
        f'<link rel="icon" type="image/svg+xml" href="{pathto("_static/favicon.svg", 1)}" />\n'
        f'<link rel="icon" type="image/png" sizes="192x192" href="{pathto("_static/icon-192.png", 1)}" />\n'
        f'<link rel="apple-touch-icon" href="{pathto("_static/apple-touch-icon.png", 1)}" />\n'
        f'<link rel="manifest" href="{pathto(MANIFEST, 1)}" />\n'
        f'<meta name="theme-color" content="{PAPER}" />\n'
    )
    metadata = app.env.metadata.get(pagename, {})
    if status_of(metadata) is not None:
        head += _tag("og:type", "article") + _tag("og:site_name", str(app.config.project))
        head += _tag("og:title", app.env.titles[pagename].astext()) + _tag("og:description", str(metadata.get("description", "")))
        if site := app.config.kb_site:
            head += _tag("og:url", f"{site}/{app.builder.get_target_uri(pagename)}")
            head += _tag("og:image", f"{site}/{CARDS}/{cards.name_of(pagename)}")
            head += _tag("og:image:width", str(cards.WIDTH)) + _tag("og:image:height", str(cards.HEIGHT))
            head += _tag("og:image:alt", f"{app.env.titles[pagename].astext()}. {app.config.project}.")
            head += '<meta name="twitter:card" content="summary_large_image" />\n'
    context["metatags"] = context.get("metatags", "") + head


def _lost(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page for addresses that lead nowhere: it may be shown at any depth, so its links begin at the root of the site."""
    if any((Path(app.confdir) / folder / f"{LOST}.html").is_file() for folder in app.config.templates_path):
        yield LOST, {"kb_root": Settings(site=app.config.kb_site).base}, "404.html"


def sitemap(site: str, pages: list[tuple[str, str]]) -> str:
    """A sitemap as XML.

    :param pages: address inside the site and date of the evidence (YYYY-MM-DD) of each page.
    """
    top = ET.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for address, checked in pages:
        entry = ET.SubElement(top, "url")
        ET.SubElement(entry, "loc").text = f"{site}/{address}"
        ET.SubElement(entry, "lastmod").text = checked
    ET.indent(top, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def manifest(name: str, description: str, language: str) -> str:
    """The web manifest: with it a browser can put the site among its apps, in a window that keeps the address and Back."""
    icons = [{"src": "_static/favicon.svg", "sizes": "any", "type": "image/svg+xml"}]
    icons += [{"src": f"_static/{file}.png", "sizes": f"{side}x{side}", "type": "image/png"} for file, side in ICONS.items()]
    made = {
        "name": name,
        "short_name": name,
        "description": description,
        "lang": language,
        "start_url": "index.html",
        "scope": "./",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": PAPER,
        "icons": icons,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def redirect(old: str, new: str, title: str, language: str, site: str, said: str = "This page has moved") -> str:
    """The page at an old or short address: it leads on without a script, and says where.

    :param old: address inside the site.
    :param new: the same of the page that it leads to.
    :param said: why it leads on.
    :param site: address of the published site, or ``""``.
    """
    href = posixpath.relpath(new, posixpath.dirname(old) or ".")
    canonical = f'<link rel="canonical" href="{escape(f"{site}/{new}")}">\n' if site else ""
    return _REDIRECT.format(said=said, language=escape(language), href=escape(href), canonical=canonical, title=escape(title))


def _write(app: Sphinx, exception: Exception | None) -> None:
    """Write what lies beside the pages."""
    if exception is not None or app.builder.name != "html":
        return
    out, env, site = Path(app.outdir), app.env, app.config.kb_site
    language, project = str(app.config.language), Project(Path(app.confdir).parent)
    uri = app.builder.get_target_uri
    dated = {page: status for page in sorted(env.found_docs) if (status := status_of(env.metadata.get(page, {})))}

    icon = (Path(__file__).parent / "static" / "favicon.svg").read_text(encoding="utf-8")
    for name, side in ICONS.items():
        (out / "_static" / f"{name}.png").write_bytes(cards.icon(icon, side))
    about = str(env.metadata.get(app.config.root_doc, {}).get("description", ""))
    (out / MANIFEST).write_text(manifest(str(app.config.project), about, language), encoding="utf-8", newline="\n")
    moved: dict[str, str] = read_or_warn(lambda: addresses.redirects(project), {})
    short: dict[str, str] = read_or_warn(lambda: addresses.short(project), {})
    leading = [(old, new, "This page has moved") for old, new in moved.items()]
    leading += [(f"{word}/index.html", page, "This is a short address") for word, page in short.items()]
    for old, new, said in leading:
        if new not in env.titles:  # a page of the project that this build leaves out
            continue
        target = out / old
        target.parent.mkdir(parents=True, exist_ok=True)
        text = redirect(old, uri(new), env.titles[new].astext(), language, site, said)
        target.write_text(text, encoding="utf-8", newline="\n")
    robots, listed = out / "robots.txt", out / "sitemap.xml"
    if not site:
        for path in (robots, listed):
            path.unlink(missing_ok=True)
        shutil.rmtree(out / CARDS, ignore_errors=True)
        return
    robots.write_text(f"User-agent: *\nAllow: /\nSitemap: {site}/sitemap.xml\n", encoding="utf-8", newline="\n")
    pages = [(uri(page), status.evidence_checked.isoformat()) for page, status in dated.items()]
    listed.write_text(sitemap(site, pages), encoding="utf-8", newline="\n")
    wanted = [
        cards.Card(page, env.titles[page].astext(), str(app.config.project), f"Evidence checked {long_date(status.evidence_checked)}")
        for page, status in dated.items()
    ]
    cards.write(wanted, out / CARDS, Path(app.doctreedir) / "cards", PAPER)


def setup_published(app: Sphinx) -> None:
    """Register all of it."""
    # Written into every page, so that a change of it writes them again.
    app.add_config_value("kb_site", "", "html", types=frozenset({str}))
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _add_head)
    app.connect("html-collect-pages", _lost)
    app.connect("build-finished", _write)
