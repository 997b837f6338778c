"""What every page shows besides its text: description, dates, review, disclaimer and crisis lines."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from ketamine_kb.evidence import crisis
from ketamine_kb.evidence.crisis import CrisisLine
from ketamine_kb.project import here

DISCLAIMER = (
    "General information, not medical advice. It cannot replace a talk with someone who knows your health. "
    "Do not start, stop or change a treatment because of this page."
)


@dataclass(frozen=True, slots=True)
class PageStatus:
    """When the evidence of a page was checked, when it is due again, and who has signed."""

    evidence_checked: dt.date
    review_by: dt.date
    reviewers: tuple[str, ...]

    @property
    def overdue(self) -> bool:
        """True when the date of the next review has passed."""
        return self.review_by < today()

    @property
    def review(self) -> str:
        """One sentence on clinical review."""
        late = (
            f" The evidence should have been checked again by {long_date(self.review_by)}: it may be out of date." if self.overdue else ""
        )
        if not self.reviewers:
            return "No clinician has reviewed this page yet." + late
        return "Reviewed by " + ", ".join(self.reviewers) + "." + late


def today() -> dt.date:
    """The day of the build; ``KB_TODAY`` (YYYY-MM-DD) sets another, to see a site as it will look."""
    given = os.environ.get("KB_TODAY")
    return dt.date.fromisoformat(given) if given else dt.date.today()


def long_date(day: dt.date) -> str:
    """A date in words, the same on every system and in every locale."""
    months = "January February March April May June July August September October November December".split()
    return f"{day.day} {months[day.month - 1]} {day.year}"


def status_of(metadata: dict[str, Any]) -> PageStatus | None:
    """The status in a page's front matter as Sphinx keeps it, or None for made pages such as the index."""
    if "evidence_checked" not in metadata:
        return None
    reviewers = metadata.get("clinical_reviewers") or "[]"
    names = json.loads(reviewers) if isinstance(reviewers, str) else reviewers
    return PageStatus(
        dt.date.fromisoformat(str(metadata["evidence_checked"])),
        dt.date.fromisoformat(str(metadata["review_by"])),
        tuple(names),
    )


class PageContext:
    """Adds to every page what the templates show; the crisis lines are read once a build."""

    def __init__(self) -> None:
        self.crisis: dict[str, list[CrisisLine]] = {}

    def load(self, app: Sphinx) -> None:
        """Read the crisis lines."""
        self.crisis = crisis.load(here()).by_country(footer_only=True)

    def add(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
        """Fill the context of one page."""
        metadata = app.env.metadata.get(pagename, {})
        context["kb_disclaimer"] = DISCLAIMER
        context["kb_crisis"] = self.crisis
        status = status_of(metadata)
        # Sphinx's templates do not escape by themselves, and a name is typed by whoever sends a page.
        context["kb_status"] = status and dataclasses.replace(status, reviewers=tuple(Markup.escape(name) for name in status.reviewers))
        context["kb_date"] = long_date
        if "description" in metadata:
            tags = f'<meta name="description" content="{escape(str(metadata["description"]), quote=True)}" />\n'
            context["metatags"] = context.get("metatags", "") + tags


def setup_pages(app: Sphinx) -> None:
    """Register the page context."""
    page_context = PageContext()
    app.connect("builder-inited", page_context.load)
    app.connect("html-page-context", page_context.add)
