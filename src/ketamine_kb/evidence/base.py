"""The base of all typed facts, and the forms of their ids, keys and sentences."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=90)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-]+$", max_length=90)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=15, max_length=1500)]


class Fact(BaseModel):
    """Base of all models: no unknown keys, no silent conversions, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
