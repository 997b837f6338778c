"""Say a fault through Sphinx's own log, so that ``-W`` counts it."""

from __future__ import annotations

from sphinx.util import logging

from ketamine_kb.messages import Fault

_LOGGER = logging.getLogger("ketamine_kb")


def warn(fault: Fault) -> None:
    """Log one fault as a warning of type ``kb`` whose subtype is its code."""
    _LOGGER.warning("%s", fault, type="kb", subtype=fault.code.value)
