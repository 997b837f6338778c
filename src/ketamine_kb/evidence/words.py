"""The words and signs by which readers are told certainty and species, once for pages, pictures, print and exports."""

from __future__ import annotations

from collections.abc import Sequence

#: A sign beside each word, so that certainty is never told by colour alone.
SIGNS = {"established": "✓✓", "supported": "✓", "mixed": "±", "contested": "↔", "hypothesis": "?"}
#: What each word of certainty means.
MEANING = {
    "established": "shown in people by strong evidence, with nothing against it",
    "supported": "shown, with limits; nothing found against it",
    "mixed": "findings differ",
    "contested": "experts and findings disagree",
    "hypothesis": "an idea with early evidence",
}
#: Certainties that a firm line may stand for.
FIRM = ("established", "supported")
#: In whom or what something was shown.
SPECIES = {
    "human": "people",
    "non-human-primate": "monkeys",
    "rodent": "rodents",
    "in-vitro": "cells or receptors in the laboratory",
    "in-silico": "computer models",
}
#: The same in one word, where people are not among them.
SHORT = {"non-human-primate": "monkeys", "rodent": "rodents", "in-vitro": "cells", "in-silico": "models"}
#: How a finding bears on a claim.
RELATIONS = {"supports": "For", "disputes": "Against", "qualifies": "Limits"}


def shown_in(species: Sequence[str]) -> str:
    """In whom or what, in words."""
    return ", ".join(SPECIES[name] for name in species)


def only_in(species: Sequence[str]) -> str:
    """The short words for what was shown, or ``""`` where people are among them."""
    return "" if "human" in species else ", ".join(SHORT[name] for name in species)
