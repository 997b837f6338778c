"""The base of all typed facts, the forms of their ids, keys, words and numbers, and the fault for data that cannot be true."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=90)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-]+$", max_length=90)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=15, max_length=1500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=600)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Percent = Annotated[Number, Field(ge=0, le=100)]


class Fact(BaseModel):
    """Base of all models: no unknown keys, no silent conversions, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def impossible(field: str, found: str, expected: str) -> PydanticCustomError:
    """A fault for data that cannot be true, shown at ``field``."""
    return PydanticCustomError("impossible", "{found}, expected {expected}", {"field": field, "found": found, "expected": expected})
