"""Builds that several tests of this folder look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from tests.conftest import once
from tests.sphinxext import builds, test_claims, test_one_source, test_plots, test_stats
from tests.sphinxext.builds import Builds


def together(*parts: Mapping[str, str]) -> dict[str, str]:
    """What several tests add to pages, one below the other."""
    found: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for page, text in part.items():
            found[page].append(text)
    return {page: "\n\n".join(texts) for page, texts in found.items()}


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """The site with more on its pages, made twice, then after each change of one fact."""
    more = together(test_claims.MORE, test_stats.MORE, test_one_source.MORE)
    edits = {**test_one_source.EDITS, **test_stats.EDITS, **test_plots.EDITS, **test_claims.EDITS}
    return Builds(once(tmp_path_factory, "grown", lambda target: builds.make_grown(target, more, edits)))


@pytest.fixture(scope="session")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """One build of pages with mistakes in roles and directives."""
    more = together(test_claims.MISTAKEN, test_stats.MISTAKEN, test_plots.MISTAKEN)
    return Builds(once(tmp_path_factory, "mistaken", lambda target: builds.make_mistaken(target, more)))


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """One print of handouts with more marks, numbers and plots."""
    more = together(test_claims.PRINTED, test_stats.PRINTED, test_plots.PRINTED)
    return Builds(once(tmp_path_factory, "printed", lambda target: builds.make_printed(target, more)))
